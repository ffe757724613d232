"""Prompts in JSON: which values are one, what of them is fixed, and where they stand."""

import json

import pytest

from widget_server.rules.json_prompts import find, find_in_lines
from widget_server.rules.marking import fold_space
from widget_server.rules.naming import short
from widget_server.rules.pieces import texts
from widget_server.rules.python_prompts import Found

KIND = {"role": "system", "content": "Be kind."}
ASK = {"role": "user", "content": "{q} and more"}


def told(found: list[Found]) -> list[tuple[str, str]]:
    return [(one.name, fold_space("".join(texts(one.pieces)))) for one in found]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ([KIND, ASK], [("prompt", "Be kind.")]),
        ({"messages": [KIND, ASK], "model": "m"}, [("messages", "Be kind.")]),
        ({"system": "Be brief.", "messages": [ASK]}, [("messages", "Be brief.")]),
        ({"instructions": "Be brief.", "messages": [KIND, ASK]}, [("messages", "Be brief. Be kind.")]),
        ({"system": "Be brief."}, [("system", "Be brief.")]),
        ({"prompt": "Say {x} loudly", "max_tokens": 5}, [("prompt", "Say loudly")]),
        (
            {"a": [{"template": "Say {x} loudly"}, {"prompt": "Be kind."}]},
            [("a.0.template", "Say loudly"), ("a.1.prompt", "Be kind.")],
        ),
        ({"_type": "prompt", "template": "Say {x}", "template_format": "f-string"}, [("prompt", "Say")]),
        ({"qa": {"_type": "prompt", "template": "Say {x}"}}, [("qa", "Say")]),
        ({"prompt": "{% if x %}"}, [("prompt", "")]),
        ({"template": "index.html", "system": "linux", "prompt": ""}, []),
        ({"name": "Say {x} loudly", "version": "1.0"}, []),
        ([], []),
        ("Say {x} loudly", []),
        (7, []),
    ],
)
def test_a_value_is_a_prompt_by_its_shape_or_its_name(value: object, found: list) -> None:
    assert told(find(json.dumps(value))) == found


def test_in_a_file_of_prompts_every_text_is_one() -> None:
    text = json.dumps({"sum": "Sum {x} up", "nested": {"say": ["Say {x}", 3]}, "lang": "en"})
    assert told(find(text, called="my_prompts")) == [("sum", "Sum up"), ("nested.say.0", "Say")]
    assert find(text, called="words") == []


def test_its_place_counts_characters_from_one() -> None:
    text = """{"a": {"文": [1, -2.5e3, true, null, {}, []]},
  "prompt" : "Say \\"{x}\\" é loudly" , "messages":
[{"role":"user","content":""}]}"""
    first, second = find(text)
    assert (first.line, first.column, first.end_line, first.end_column) == (2, 14, 2, 36)
    assert text.split("\n")[1][13:35] == '"Say \\"{x}\\" é loudly"'
    assert (second.line, second.column, second.end_line, second.end_column) == (3, 1, 3, 31)


def test_lines_of_json_are_read_one_by_one() -> None:
    text = json.dumps({"messages": [KIND, ASK]}) + "\n\n" + json.dumps({"prompt": "Say {x} loudly"}) + "\n"
    assert [(one.name, one.line, one.column) for one in find_in_lines(text)] == [("messages", 1, 14), ("prompt", 3, 12)]


@pytest.mark.parametrize(
    "text", ["{", "", '{"prompt": "a b",}', "{'a': 1}", "[" * 100_000, '{"prompt": "a\nb"}', "NaN x"]
)
def test_what_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        find(text)


def test_a_name_is_told_in_three_hundred_characters_at_most() -> None:
    assert short("n" * 300) == "n" * 300
    assert short("n" * 301) == "n" * 299 + "…"
