"""The prompts of files and folders: templates, chat messages in JSON, sources in Python."""

import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatch
from pathlib import Path

from widget_server.rules import exemptions, json_prompts, prompts, python_prompts, templates
from widget_server.rules.exemptions import Exemption, Statement
from widget_server.rules.naming import Found
from widget_server.rules.pieces import Unreadable
from widget_server.rules.prompts import PromptCheck, Verdict

LARGEST = 1_000_000
"""Bytes of a file; what is larger is no prompt that anybody wrote."""
TOO_LARGE = f"it is larger than {LARGEST:,} bytes"
SYNTAXES = {
    ".txt": "any",
    ".md": "any",
    ".prompt": "any",
    ".jinja": "jinja",
    ".jinja2": "jinja",
    ".j2": "jinja",
    ".mustache": "mustache",
    ".hbs": "mustache",
    ".handlebars": "mustache",
}
"""Files that are one template each, and in which syntax."""
KINDS = (*SYNTAXES, ".json", ".jsonl", ".py")
_FOLDERS = {"node_modules", "venv", "__pycache__", "site-packages", "dist", "build"}
"""Folders that hold other people's files, beside those that begin with a dot."""
_PAPERS = re.compile(
    r"(README|CHANGELOG|CHANGES|CONTRIBUTING|LICEN[CS]E|NOTICE|SECURITY|AUTHORS|CODE_OF_CONDUCT)\b.*"
    r"|(requirements|constraints)\b.*\.txt|robots\.txt|CMakeLists\.txt",
    re.I,
)
"""What every project has beside its prompts."""
_PROMPTS_IN_JSON = re.compile(r'"(?=\w*?(?:prompt|template|messages|instructions|system|role|_type))\w*+"\s*+:', re.I)


def in_a_line(said: str) -> str:
    """As text for a log of CI, in which a line can be a command: names of files and prompts are anybody's.

    “::” at its beginning is one for GitHub, “##[” and “##vso[” are some anywhere.
    """
    plain = "".join(one if one.isprintable() else repr(one)[1:-1] for one in said).replace("##", r"#\x23")
    return f"./{plain}" if plain.lstrip().startswith("::") else plain


@dataclass(frozen=True, slots=True)
class Finding:
    """A prompt in a file, measured. `stated`: what the file (`in_source`) or the operator says of a custom model."""

    path: Path
    found: Found
    check: PromptCheck
    stated: Exemption | None = None
    in_source: bool = False
    why_not: str = ""

    @property
    def verdict(self) -> Verdict:
        return prompts.verdict(self.check, elsewhere=self.found.elsewhere)

    @property
    def detail(self) -> str:
        if self.verdict is Verdict.EXEMPT:
            return f"{self.stated}."
        if self.verdict is Verdict.ELSEWHERE:
            return (
                f"{self.check.fixed_characters} of its characters stand here; {', '.join(self.found.elsewhere)} "
                f"cannot be seen from here. Check it there, or while it runs: require_prompt, prompt_checked."
            )
        if self.verdict is Verdict.UNREADABLE:
            return f"{self.found.problem.rstrip('.')}. {self.why_not}".rstrip()
        return f"{self.check.detail} {self.why_not}".rstrip()

    def __str__(self) -> str:
        place = f"{self.path.as_posix()}:{self.found.line}:{self.found.column}"
        clause = f" (guideline {prompts.CLAUSE})" if self.verdict.fails else ""
        return in_a_line(f"{place}: {self.verdict}: {self.found.name}: {self.detail}{clause}")


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that cannot be read, and why."""

    path: Path
    why: str

    def __str__(self) -> str:
        return self.told("not read")

    def told(self, what: str) -> str:
        return in_a_line(f"{self.path.as_posix()}: {what}: {self.why}")


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in how many files. `passed_by`: files that were left alone, though they may hold prompts."""

    findings: tuple[Finding, ...]
    unreadable: tuple[Unread, ...]
    passed_by: tuple[Unread, ...]
    files: int


def _unseen(paths: list[Path]) -> Iterable[Path]:
    return paths


def read(
    paths: Iterable[Path],
    *,
    today: date,
    exclude: Iterable[str] = (),
    exemption: Exemption | None = None,
    progress: Callable[[list[Path]], Iterable[Path]] = _unseen,
) -> Reading:
    """The prompts of files and folders. `exemption` holds for all of them; `progress` is told which file is next."""
    findings: list[Finding] = []
    unreadable: list[Unread] = []
    passed_by: list[Unread] = []
    given = list(dict.fromkeys(paths))
    walked = list(dict.fromkeys(file for path in given for file in _files(path, list(exclude))))
    for file in progress(walked):
        why = _passed_by(file)
        if why:
            (unreadable if file in given else passed_by).append(Unread(file, why))
            continue
        try:
            findings += _findings(file, today=today, exemption=exemption, named=file in given)
        except (OSError, ValueError, SyntaxError, RecursionError, MemoryError) as error:
            unreadable.append(Unread(file, _reason(error)))
    return Reading(tuple(findings), tuple(unreadable), tuple(passed_by), len(walked))


def _files(path: Path, exclude: list[str]) -> Iterator[Path]:
    """The file itself, or what in a folder may hold prompts."""
    if not path.is_dir():
        yield path
        return
    try:
        inside = sorted(path.iterdir())
    except PermissionError:
        yield path
        return
    for one in inside:
        if any(fnmatch(part, pattern) for pattern in exclude for part in (one.name, one.as_posix())):
            continue
        if one.is_dir():
            if not (one.name.startswith(".") or one.name in _FOLDERS or one.is_symlink()):
                yield from _files(one, exclude)
        elif one.suffix.lower() in (*KINDS, ".yaml", ".yml") and not _PAPERS.fullmatch(one.name):
            yield one


def _passed_by(file: Path) -> str:
    suffix = file.suffix.lower()
    if suffix in (".yaml", ".yml"):
        return "there is no reader for YAML here; save it as JSON"
    if suffix not in KINDS and not file.is_dir():
        return f"files of this kind hold no prompts that can be found here, but {', '.join(KINDS)} do"
    if file.exists() and not (file.is_file() or file.is_dir()):
        return "it is no file with an end"
    return TOO_LARGE if file.is_file() and file.stat().st_size > LARGEST else ""


def _findings(file: Path, *, today: date, exemption: Exemption | None, named: bool) -> Iterator[Finding]:
    with file.open("rb") as opened:
        content = opened.read(LARGEST + 1)
    if len(content) > LARGEST:  # than its size said
        raise ValueError(TOO_LARGE)
    text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig").read()
    if "\x00" in text:
        raise ValueError("it is not a text")
    beside = _beside(exemptions.stated(text, today=today), file, text)
    for found in _prompts(file, text, named=named):
        stated = beside(found)
        holds = exemption or next((one.exemption for one in stated if one.exemption), None)
        check = prompts.measure(found.pieces, custom_model=bool(holds), problem=found.problem)
        why_not = "" if check.ok else next((one.why_not for one in stated), "")
        yield Finding(file, found, check, holds, in_source=exemption is None, why_not=why_not)


def _prompts(file: Path, text: str, *, named: bool) -> list[Found]:
    suffix = file.suffix.lower()
    if suffix == ".py":
        return python_prompts.find(text)
    if suffix in SYNTAXES:
        return [_whole(exemptions.without(text), SYNTAXES[suffix])]
    if not named and not _PROMPTS_IN_JSON.search(text) and "prompt" not in file.stem.lower():
        return []
    return (json_prompts.find_in_lines if suffix == ".jsonl" else json_prompts.find)(text, called=file.stem)


def _whole(text: str, syntax: str) -> Found:
    """A file that is one template: it stands from its first word to its last."""
    start, end = len(text) - len(text.lstrip()), len(text.rstrip())
    place = Found("prompt", *_position(text, min(start, end)), *_position(text, end), ())
    try:
        return replace(place, pieces=templates.read(text, syntax))
    except Unreadable as error:
        at = (error.line, max(error.column, 1)) if error.line else (place.line, place.column)
        return replace(
            place,
            line=at[0],
            column=at[1],
            end_line=at[0],
            end_column=at[1],
            pieces=templates.measured(text),
            problem=error.why,
        )


def _position(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _beside(statements: list[Statement], file: Path, text: str) -> Callable[[Found], list[Statement]]:
    """What is stated for a prompt: a statement holds for the file; in Python, for the prompt beside it, but above all
    code.
    """
    if file.suffix.lower() != ".py":
        every = _deciding(statements)
        return lambda _: every
    body = python_prompts.parsed(text).body if statements else []
    above = _deciding([one for one in statements if body and one.line < body[0].lineno])
    at = {one.line: one for one in statements}
    return lambda found: [
        *above,
        *(at[line] for line in dict.fromkeys((found.line - 1, found.line, found.end_line)) if line in at),
    ]


def _deciding(statements: list[Statement]) -> list[Statement]:
    """The first, which tells why it does not hold, and the first that does: no other changes anything."""
    return [*statements[:1], *[one for one in statements if one.exemption][:1]]


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "it is not in UTF-8"
    if isinstance(error, SyntaxError):
        return f"it is not Python: {error.msg}, line {error.lineno}"
    if isinstance(error, RecursionError | MemoryError):  # the latter is how Python's own parser says so
        return "it is nested too deeply"
    return (error.strerror or str(error)).lower() if isinstance(error, OSError) else str(error)
