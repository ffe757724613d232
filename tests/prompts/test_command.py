"""`widget-server prompts check`: which files are read, what is told of them, and the exit status for CI."""

import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from widget_server.cli import main
from widget_server.prompts.files import LARGEST

LONG = "Answer the question of the reader in one short and honest sentence. "
SHORT = "Answer {q}"

Check = Callable[..., Result]


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    """Runs the command in a folder that holds these files."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str, files: dict[str, str | bytes] | None = None) -> Result:
        for name, content in (files or {}).items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return CliRunner().invoke(main, ["prompts", "check", *words], catch_exceptions=False)

    return run


def told(result: Result) -> list[str]:
    """What the text says of each prompt: its place and its verdict."""
    return [":".join(line.split(":")[:4]) for line in result.stdout.splitlines() if re.match(r"\S+:\d+:\d+: ", line)]


@pytest.mark.parametrize(
    ("name", "short", "long"),
    [
        ("a.txt", SHORT, LONG + "{q}"),
        ("a.md", SHORT, LONG + "{q}"),
        ("a.prompt", SHORT, LONG + "$q"),
        ("a.jinja", "{{ q }} {x} $y", LONG + "{% if x %}{% endif %}"),
        ("a.jinja2", "{# " + LONG + " #}", LONG),
        ("a.j2", "{% set x = '" + LONG + "' %}", LONG),
        ("a.mustache", "{{! " + LONG + "}}", "{{#x}}{{/x}}" + LONG),
        ("a.hbs", "{{#if x}}{{/if}}", LONG),
        ("a.json", json.dumps({"messages": [{"role": "user", "content": LONG}]}), json.dumps({"prompt": LONG})),
        (
            "a.json",
            json.dumps({"_type": "prompt", "template": SHORT}),
            json.dumps([{"role": "system", "content": LONG}]),
        ),
        ("a.jsonl", json.dumps({"prompt": SHORT}) + "\n", json.dumps({"prompt": LONG}) + "\n"),
        ("a.py", f"PROMPT = '{SHORT}'", f"PROMPT = f'{LONG}{{q}}'"),
        ("A.TXT", SHORT, LONG),
    ],
)
def test_every_kind_of_file_is_read(check: Check, name: str, short: str, long: str) -> None:
    assert check(name, files={name: short}).exit_code == 1
    assert check(name, files={name: long}).exit_code == 0
    assert check(".", files={name: short}).exit_code == 1


@pytest.mark.parametrize(("characters", "status"), [(59, 1), (60, 0), (61, 0)])
def test_sixty_characters_are_enough(check: Check, characters: int, status: int) -> None:
    result = check("a.txt", files={"a.txt": "x" * characters + "{q}\n"})
    assert result.exit_code == status
    assert ("guideline 3" in result.stdout) is (status == 1)


def test_each_prompt_is_told_with_its_place(check: Check) -> None:
    source = f'SYSTEM_PROMPT = """{LONG}"""\n\ndef ask(é, q):\n    x = "é"; client.run(prompt=f"Say {{q}}")\n'
    result = check(
        "app", files={"app/é.py": source, "app/b.txt": "\n\n  Say {x}\nmore\n", "app/c.jinja": "a\n{% if x %}"}
    )
    assert told(result) == ["app/b.txt:3:3: too short", "app/c.jinja:2:1: cannot be read", "app/é.py:4:32: too short"]
    assert "4 prompts in 3 files: 1 holds enough, 1 cannot be read, 2 too short." in result.stdout


def test_folders_of_others_papers_and_what_is_left_out_are_not_read(check: Check) -> None:
    others = [
        ".git/a.txt",
        ".venv/a.txt",
        "node_modules/x/a.txt",
        "__pycache__/a.txt",
        "README.md",
        "requirements-dev.txt",
    ]
    files = dict.fromkeys([*others, "old/a.txt", "a.min.txt"], SHORT) | {
        "prompts/a.txt": LONG,
        "a.png": b"\x89\x00",
    }
    result = check(".", "--exclude", "old", "--exclude", "*.min.txt", files=files)
    assert (result.exit_code, "1 prompt in 1 file: 1 holds enough." in result.stdout) == (0, True)


def test_a_file_that_cannot_be_read_is_named(check: Check) -> None:
    files = {
        "a.txt": b"\xff\xfe",
        "b.py": "x = ",
        "c.json": '{"prompt": "x',
        "d.txt": b"a\x00b",
        "e.json": '{\n // a comment\n "a": 1}',
        "f.yaml": "a: 1",
        "g.txt": "x" * (LARGEST + 1),
        "h.txt": LONG,
        "k.py": "prompt = " + " + ".join(["'a b'"] * 20_000),
    }
    result = check(".", files=files)
    assert result.exit_code == 2
    not_read = dict(re.findall(r"^(\S+): not read: (.*)$", result.stdout, re.MULTILINE))
    assert list(not_read) == ["a.txt", "b.py", "c.json", "d.txt", "k.py"]
    assert "too deeply" in not_read["k.py"]
    assert "UTF-8" in not_read["a.txt"]
    assert "line 1" in not_read["b.py"]
    passed_by = dict(re.findall(r"^(\S+): passed by: (.*)$", result.stdout, re.MULTILINE))
    assert list(passed_by) == ["f.yaml", "g.txt"]
    assert "save it as JSON" in passed_by["f.yaml"]
    assert check("h.txt", "f.yaml").exit_code == 2
    assert check("h.txt", "e.json").exit_code == 2
    assert check(".", files={"i.txt": SHORT}).exit_code == 1


DOUBLED = "\n".join(f"p{number} = p{number - 1} + p{number - 1}" for number in range(1, 40))
MANY = ", ".join(["{'q': 'a'}"] * 20_000)
STRANGE = {
    "doubled.py": ('p0 = "aaaaa"\n' + DOUBLED + "\nprompt = p39", "out of all proportion"),
    "nothing.py": ('p0 = ""\n' + DOUBLED + "\nprompt = p39", "out of all proportion"),
    "messages.py": ("p0 = x\n" + DOUBLED + "\nprompt = p39", "out of all proportion"),
    "either.py": (
        'p0 = "aaaaa"\n' + DOUBLED.replace("+", "if x else") + "\nprompt = p39",
        "out of all proportion",
    ),
    "joined.py": (f"prompt = '{'a' * 90_000}'.join([{'x, ' * 90_000}])", "out of all proportion"),
    "filled.py": (f"prompt = '{'{q}' * 90_000}'.format(q='{'a' * 90_000}')", "more than 1,000,000"),
    "shown.py": (
        f"prompt = FewShotPromptTemplate(example_prompt=PromptTemplate(template='{'a' * 90_000}'), examples=[{MANY}])",
        "more than 1,000,000",
    ),
    "minus.py": ("x = " + "-" * 60_000 + "1", "too deeply"),
    "shown.json": (
        json.dumps(
            {
                "_type": "few_shot",
                "example_prompt": {"_type": "prompt", "template": "a" * 90_000},
                "examples": [{"q": "a"}] * 20_000,
            }
        ),
        "more than 1,000,000",
    ),
    "values.json": (
        json.dumps([{"_type": "prompt", "template": "{q}" * 900, "partial_variables": {"q": "a" * 900}}] * 9),
        "out of all proportion",
    ),
    "values.jsonl": (
        f"{json.dumps({'_type': 'prompt', 'template': '{q}' * 900, 'partial_variables': {'q': 'a' * 900}})}\n" * 9,
        "out of all proportion",
    ),
    "examples.py": (
        f"shape = PromptTemplate(template='{'a' * 900}{{q}}')\nexamples = [{MANY[:900]}]\n"
        + "FewShotPromptTemplate(example_prompt=shape, examples=examples)\n" * 90,
        "out of all proportion",
    ),
}
"""Files that cost nothing to write, and more than anybody has to read."""


@pytest.mark.parametrize("name", STRANGE)
def test_a_strangers_file_costs_what_its_length_costs_and_all_others_are_read(check: Check, name: str) -> None:
    content, why = STRANGE[name]
    result = check(".", files={name: content, "short.txt": SHORT})
    assert re.search(f"^{name}:.*{why}", result.stdout, re.MULTILINE)
    assert "short.txt:1:1: too short" in told(result)


STATED = "# widget-server: custom-model m1 since 2026-11-01"
GROWING: dict[str, Callable[[int], str]] = {
    "percent.py": lambda size: f"prompt = '%{'0' * size}' % x",
    "triple.txt": lambda size: "{{{" + " " * size,
    "spaces.txt": lambda size: f"# widget-server: custom-model x{' ' * size}y",
    "address.py": lambda size: f"prompt = '{'.' * size}é {{x}}'",
    "beside.py": lambda size: f"{STATED}\n\nprompt = 'short {{x}}'\n\n" * (size // 80),
    "line.json": lambda size: json.dumps([{"prompt": "short {x}"}] * size),
}
LONGER: dict[str, Callable[[int], str]] = {
    "fields.py": lambda size: f"prompt = f'{'{a}' * (size // 3)}'",
    "key.json": lambda size: json.dumps(["prompt" * (size // 6) + "!"]),
    "tags.mustache": lambda size: "{{a}}" * (size // 5),
    "chain.py": lambda size: ("x()" + ".a()" * (size // 1_600) + "\n") * 20,
}
"""What is seen to grow only when it is longer."""


def cost_of(check: Check, name: str, content: str) -> float:
    """Processor time, the least of three: what else the machine does costs this thread some, too."""
    costs = []
    for _ in range(3):
        began = time.thread_time()
        check(".", files={name: content})
        costs.append(time.thread_time() - began)
    return min(costs)


@pytest.mark.parametrize("name", LONGER)
def test_a_long_file_that_is_four_times_as_long_costs_about_four_times_as_much(check: Check, name: str) -> None:
    assert cost_of(check, name, LONGER[name](160_000)) < 8 * cost_of(check, name, LONGER[name](40_000))


@pytest.mark.parametrize("name", GROWING)
def test_a_file_that_is_four_times_as_long_costs_about_four_times_as_much(check: Check, name: str) -> None:
    assert cost_of(check, name, GROWING[name](16_000)) < 10 * cost_of(check, name, GROWING[name](4_000))


@pytest.mark.parametrize("file", ["names.json", "names.py"])
def test_the_long_name_of_what_many_prompts_stand_in_is_not_told_with_each(check: Check, file: str) -> None:
    long = "k" * 20_000
    prompts = {f"{number}prompt": "x {a}" for number in range(50)}
    returns = "".join(f"    if a == {number}:\n        return 'x {{a}} {number}'\n" for number in range(50))
    content = json.dumps({long: prompts}) if file == "names.json" else f"def {long}_prompt(a):\n{returns}"
    found = check(".", files={file: content}).stdout
    assert "50 prompts" in found
    assert len(found) < 50 * 1_000


def test_what_has_no_end_is_not_read(check: Check, tmp_path: Path) -> None:
    (tmp_path / "zero.txt").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "pipe.txt")
    result = check(".", files={"short.txt": SHORT})
    assert re.findall(r"^(\S+): passed by: it is no file with an end$", result.stdout, re.MULTILINE) == [
        "pipe.txt",
        "zero.txt",
    ]
    assert check("zero.txt").exit_code == 2


@pytest.mark.parametrize("content", [SHORT, "\xff", "x" * (LARGEST + 1)], ids=["short", "not UTF-8", "large"])
@pytest.mark.parametrize("kind", ["text", "json", "sarif"])
def test_no_name_is_a_command_for_the_log_of_ci(check: Check, kind: str, content: str) -> None:
    names = [
        "a\n::error file=app.py::forged.txt",
        "::error ::forged.txt",
        " ::warning ::forged.txt",
        "##[error]forged.txt",
    ]
    result = check(".", "--format", kind, files={name: content.encode("latin-1") for name in names})
    for line in result.output.splitlines():
        assert not line.lstrip().startswith("::")
        assert "##" not in line
    if kind == "json":
        read = json.loads(result.stdout)
        found = [one["file"] for part in ("prompts", "unreadable", "passed_by") for one in read[part]]
        assert sorted(found) == sorted(names)


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        ([], "PATHS"),
        (["nothing.txt"], "does not exist"),
        (["a.txt", "--format", "xml"], "xml"),
        (["a.txt", "--custom-model", "acme"], "--since"),
        (["a.txt", "--since", "2026-01-01"], "--custom-model"),
        (["a.txt", "--custom-model", "acme", "--since", "soon"], "as a date"),
        (["a.txt", "--custom-model", "acme", "--since", "2999-01-01"], "still to come"),
        (["a.txt", "--custom-model", " ", "--since", "2026-01-01"], "Name the custom model"),
        (["a.txt", "--output", "no/such/folder/x"], "--output"),
        (["a.bin"], "no prompts that can be found here"),
    ],
)
def test_a_wrong_command_ends_with_status_two_and_the_remedy(check: Check, words: list[str], remedy: str) -> None:
    result = check(*words, files={"a.txt": LONG, "a.bin": "x"})
    assert result.exit_code == 2
    assert remedy in result.stderr + result.stdout


def test_a_custom_model_is_exempt_if_the_command_says_which_and_since_when(check: Check) -> None:
    result = check("a.txt", "--custom-model", "acme 7b", "--since", "2026-01-01", files={"a.txt": SHORT})
    assert (result.exit_code, told(result)) == (0, ["a.txt:1:1: exempt"])
    assert "custom model acme 7b since 2026-01-01" in result.stdout


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", "# widget-server: custom-model acme since 2026-01-01\n" + SHORT),
        ("a.md", f"{SHORT}\n<!-- widget-server: custom-model acme since 2026-01-01 -->"),
        ("a.jinja", "{# widget-server: custom-model acme since 2026-01-01 #}{{ q }}\n{{ q }}"),
        ("a.json", '{"_why": "widget-server: custom-model acme since 2026-01-01", "prompt": "Say {q}"}'),
        ("a.py", f'"""A module."""\n# widget-server: custom-model acme since 2026-01-01\nPROMPT = "{SHORT}"'),
        ("a.py", f'PROMPT = "{SHORT}"  # widget-server: custom-model acme since 2026-01-01'),
        ("a.py", f'# widget-server: custom-model acme since 2026-01-01\nx = 1\nPROMPT = "{SHORT}"'),
    ],
)
def test_a_file_may_state_its_exemption(check: Check, name: str, content: str) -> None:
    result = check(name, files={name: content})
    assert (result.exit_code, "1 exempt" in result.stdout) == (0, True)


def test_in_python_an_exemption_is_one_prompts_only(check: Check) -> None:
    lines = ["x = 1", "A_PROMPT = 'Say {x}'  # widget-server: custom-model a since 2026-01-01", "B_PROMPT = 'Tell {x}'"]
    assert told(check("a.py", files={"a.py": "\n".join([*lines[:2], "", lines[2]])})) == [
        "a.py:2:12: exempt",
        "a.py:4:12: too short",
    ]


def test_an_exemption_that_does_not_hold_is_told(check: Check) -> None:
    for said in ("acme", "acme since 2999-01-01", "acme since 2026-99-01"):
        result = check("a.txt", files={"a.txt": f"{SHORT}\n# widget-server: custom-model {said}"})
        assert result.exit_code == 1
        assert re.search("Say it whole|still to come|as a date", result.stdout)
    statement = "# widget-server: custom-model acme\n"
    assert check("a.txt", files={"a.txt": statement + LONG}).exit_code == 0


def test_the_line_of_an_exemption_is_no_part_of_the_prompt(check: Check) -> None:
    result = check(
        "a.txt", files={"a.txt": "# widget-server: custom-model a model with quite a long name indeed\nSay {x}"}
    )
    assert "holds 3 characters" in result.stdout


def test_what_is_perhaps_too_short_fails_only_when_strict(check: Check) -> None:
    files = {"a.jinja": "Say. {% if x %}" + LONG + "{% endif %}", "b.py": "prompt = f'{RULES} {q}'"}
    result = check(".", files=files)
    assert (result.exit_code, told(result)) == (0, ["a.jinja:1:1: perhaps too short", "b.py:1:10: stands elsewhere"])
    assert check("a.jinja", "--strict").exit_code == 1
    assert check("b.py", "--strict").exit_code == 1
    assert check("c.txt", "--strict", files={"c.txt": LONG}).exit_code == 0


def test_programs_read_it_as_json(check: Check) -> None:
    files = {"a.py": "A_PROMPT = 'Say {x}'\nB_PROMPT = f'" + LONG + "{x}{y}'", "b.txt": b"\xff"}
    result = check("a.py", "b.txt", "--format", "json", files=files)
    found = json.loads(result.stdout)
    assert (result.exit_code, found["clause"], found["required_characters"], found["files"]) == (1, "3", 60, 2)
    assert [(one["line"], one["ok"], one["fixed_characters"]) for one in found["prompts"]] == [
        (1, False, 3),
        (2, True, 67),
    ]
    assert found["prompts"][1]["variables"] == ["x", "y"]
    assert found["unreadable"] == [{"file": "b.txt", "why": "it is not in UTF-8"}]
    exempt = check("a.py", "--custom-model", "m", "--since", "2026-01-01", "--format", "json")
    assert json.loads(exempt.stdout)["prompts"][0]["since"] == "2026-01-01"


def test_code_hosts_read_it_as_sarif(check: Check, tmp_path: Path) -> None:
    files = {
        "app/a b.py": "x = 1\nA_PROMPT = 'Say {x}'\n",
        "app/b.jinja": "{# widget-server: custom-model m since 2026-01-01 #}\nSay {{ x }}",
        "app/c.jinja": "Say. {% if x %}" + LONG + "{% endif %}",
        "app/d.txt": LONG,
        "app/e.txt": b"\xff",
        "app/f.yml": "a: 1",
    }
    result = check("app", "--format", "sarif", "--output", "out.sarif", files=files)
    assert result.exit_code == 1
    log = json.loads((tmp_path / "out.sarif").read_text())
    assert (log["version"], log["$schema"].rpartition("/")[2]) == ("2.1.0", "sarif-schema-2.1.0.json")
    run = log["runs"][0]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["guideline-3"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert [(one["ruleId"], one["level"], "suppressions" in one) for one in run["results"]] == [
        ("guideline-3", "error", False),
        ("guideline-3", "error", True),
        ("guideline-3", "warning", False),
    ]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "app/a%20b.py", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 2, "startColumn": 12, "endLine": 2, "endColumn": 21}
    assert run["results"][1]["suppressions"] == [
        {"kind": "inSource", "justification": "custom model m since 2026-01-01"}
    ]
    assert run["invocations"][0]["executionSuccessful"] is False
    assert [one["level"] for one in run["invocations"][0]["toolExecutionNotifications"]] == ["error", "note"]


def test_a_moved_prompt_keeps_its_fingerprint(check: Check) -> None:
    def fingerprint(content: str) -> str:
        log = json.loads(check("a.py", "--format", "sarif", files={"a.py": content}).stdout)
        return log["runs"][0]["results"][0]["partialFingerprints"]["prompt/v1"]

    assert fingerprint("PROMPT = 'Say {x}'") == fingerprint("import os\n\nPROMPT = 'Say {x}'")
    assert fingerprint("PROMPT = 'Say {x}'") != fingerprint("PROMPT = 'Tell {x}'")


def test_it_needs_neither_settings_nor_a_database(check: Check, tmp_path: Path) -> None:
    check("a.txt", files={"a.txt": LONG})
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
