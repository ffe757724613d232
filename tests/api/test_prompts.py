"""Prompts over HTTP: measured, registered in versions, and told by the texts that are made of them."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from werkzeug.test import TestResponse

from tests.conftest import TEXT, Clock, Desk, Page
from tests.statements import asking
from widget_server import render
from widget_server.routes.api.prompts import prompts as registry
from widget_server.storage.tables import Case, LogEntry, PromptTemplate

LONG = "Answer the question of the reader in one short and honest sentence. {question}"
SHORT = "Answer {question}"
SINCE = "2026-11-01"


def measure(page: Page, template: object, **more: object) -> TestResponse:
    return page.client.post("/api/v1/prompts/check", json={"template": template, **more}, headers=page.bearer)


def register(page: Page, template: object = LONG, *, name: str = "answer", **more: object) -> TestResponse:
    body = {"name": name, "template": template, **more}
    return page.client.post("/api/v1/prompts", json=body, headers=page.bearer)


def ask(page: Page, path: str) -> TestResponse:
    return page.client.get(f"/api/v1/prompts{path}", headers=page.bearer)


def clause_three(page: Page) -> dict:
    told = page.client.get("/api/v1/compliance", headers=page.bearer).json["clauses"]
    return next(one for one in told if one["clause"] == "3")


def test_a_syntax_and_values_may_be_stated(news: Page) -> None:
    assert measure(news, "{a} and $b", syntax="dollar").json["fixed_characters"] == len("{a} and")
    found = measure(news, "{rules} {q}", variables=["q"], values={"rules": "r" * 60}).json
    assert (found["ok"], found["fixed_characters"]) == (True, 60)


def test_what_there_is_to_say_beyond_the_count_is_said(news: Page) -> None:
    perhaps = measure(news, "Go. {% if x %}" + "y" * 60 + "{% endif %}").json
    assert (perhaps["ok"], perhaps["fixed_characters"], perhaps["always_characters"]) == (True, 64, 3)
    broken = measure(news, LONG + "{more").json
    assert (broken["ok"], broken["clause"]) == (False, "3")
    assert "not closed" in broken["problem"]


def test_parts_of_messages_and_langchains_prompts_are_measured(news: Page) -> None:
    parts = [{"type": "text", "text": "Look: "}, {"type": "image_url", "image_url": {"url": "https://a.example"}}]
    assert measure(news, [{"role": "system", "content": parts}]).json["fixed_characters"] == len("Look:")
    saved = {"_type": "prompt", "template": "Say {x} and {{y}}", "template_format": "f-string"}
    assert measure(news, saved).json["fixed_characters"] == len("Say and {y}")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"template": 7}, "template"),
        ({"template": {"a": 1}}, "template"),
        ({"template": []}, "template"),
        ({"template": [{"role": "user", "content": 7}]}, "template.0.content"),
        ({"template": [{"role": "user", "content": ["x"]}]}, "template.0.content"),
        ({"template": [{"role": "user", "content": "x" * 50_001}]}, "template.0.content"),
        ({"syntax": "perl"}, "syntax"),
        ({"values": "x"}, "values"),
        ({"values": {"a": 1}}, "values.a.value"),
        ({"values": {"q": "x"}, "variables": ["q"]}, "values.q"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_bad_check_is_refused_by_field(news: Page, change: dict, field: str) -> None:
    answer = measure(news, **{"template": "Say {q}", **change})
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


@pytest.mark.parametrize(
    "template",
    [
        {"_type": "prompt", "template": 5},
        {"_type": "few_shot", "examples": [5, {"a": None}], "example_prompt": 7},
        {"_type": "few_shot", "prefix": [1], "example_separator": None},
        {"lc": 1, "id": [["x"]], "kwargs": "no"},
        {"lc": 1, "id": ["ChatPromptTemplate"], "kwargs": {"messages": [7, None, {"role": []}, ["a"], "b"]}},
        {"lc": 1, "id": ["SystemMessage"], "kwargs": {"content": {"a": [1]}}},
        {"lc": 1, "id": ["ChatPromptTemplate"], "kwargs": {"messages": "text"}},
        {
            "lc": 1,
            "id": ["PromptTemplate"],
            "kwargs": {"template": "x", "partial_variables": [1], "template_format": {}},
        },
        [{"role": "\u0130", "content": [{}, {"text": 7}, {"text": None}]}],
    ],
)
def test_a_strange_prompt_of_langchains_is_measured_or_refused(news: Page, template: object) -> None:
    found = measure(news, template)
    assert (found.status_code, found.json["ok"], found.json["clause"]) == (200, False, "3")


def test_a_prompt_is_registered_and_read(news: Page, clock: Clock) -> None:
    made = register(news)
    assert made.status_code == 201
    assert (made.json["prompt"], made.json["version"], made.json["fixed_characters"]) == ("answer@1", 1, 67)
    assert (made.json["variables"], made.json["required_characters"]) == (["question"], 60)
    assert ask(news, "/answer").json == {
        **made.json,
        "template": LONG,
        "versions": [{"version": 1, "created_at": made.json["created_at"], "retired_at": None}],
    }
    assert ask(news, "/answer/1").json["template"] == LONG
    assert [row["prompt"] for row in ask(news, "").json["prompts"]] == ["answer@1"]


def test_lists_tell_of_prompts_without_reading_their_templates(news: Page, desk: Desk) -> None:
    for number in range(3):
        register(news, f"{LONG} {number}")
    with asking() as asked:
        for path in ("/api/v1/prompts", "/api/v1/compliance", "/api/v1/prompts/answer"):
            assert news.client.get(path, headers=news.bearer).status_code == 200
        for path in ("/admin/prompts", f"/admin/prompts/{news.key}/answer"):
            assert desk.get(path).status_code == 200
    whole = [values[-1] for sql, values in asked.last.items() if '"template"' in sql]
    assert {*whole} == {1}, "one row at a time"


def test_the_newest_versions_of_a_prompt_are_listed_and_each_is_found_by_its_number(
    news: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "PAGE", 2)
    for number in range(3):
        register(news, f"{LONG} {number}")
    assert [row["version"] for row in ask(news, "/answer").json["versions"]] == [3, 2]
    assert ask(news, "/answer/1").json["template"] == f"{LONG} 0"


def test_the_same_text_again_is_the_same_version_and_another_one_the_next(news: Page) -> None:
    assert (register(news).status_code, register(news).status_code) == (201, 200)
    second = register(news, LONG + " Be kind.")
    assert (second.status_code, second.json["version"]) == (201, 2)
    assert ask(news, "/answer/1").json["retired_at"]
    assert register(news, LONG, syntax="format").json["version"] == 3
    back = register(news)
    assert (back.status_code, back.json["version"], back.json["retired_at"]) == (200, 1, None)
    assert ask(news, "/answer").json["version"] == 1
    assert [row["version"] for row in ask(news, "/answer").json["versions"] if row["retired_at"] is None] == [1]
    assert [row["version"] for row in ask(news, "").json["prompts"]] == [1]


def test_messages_are_registered_as_they_are(news: Page) -> None:
    messages = [{"role": "system", "content": LONG}, {"role": "user", "content": "{q}"}]
    assert register(news, messages).status_code == 201
    assert ask(news, "/answer").json["template"] == messages
    assert register(news, messages).status_code == 200


@pytest.mark.parametrize("template", [SHORT, "{question}", LONG + "{more", [{"role": "user", "content": LONG}]])
def test_a_prompt_that_is_too_short_is_refused_with_its_clause(news: Page, template: object) -> None:
    refused = register(news, template)
    assert (refused.status_code, refused.json["clause"], list(refused.json["errors"])) == (422, "3", ["template"])
    assert "(guideline 3)" in refused.json["detail"]
    assert PromptTemplate.select().count() == 0


@pytest.mark.parametrize(("characters", "status"), [(59, 422), (60, 201), (61, 201)])
def test_sixty_characters_are_enough_to_register(news: Page, characters: int, status: int) -> None:
    assert register(news, "ж" * characters + "{q}").status_code == status


def test_a_custom_models_prompt_is_registered_with_model_day_and_reason(news: Page) -> None:
    stated = {"custom_model": "acme-7b", "custom_since": SINCE, "custom_reason": "Trained on our own letters."}
    made = register(news, SHORT, **stated)
    assert made.status_code == 201
    assert {name: made.json[name] for name in stated} == stated
    moved = register(news, SHORT, **{**stated, "custom_since": "2026-10-01"})
    assert (moved.status_code, moved.json["version"], moved.json["custom_since"]) == (200, 1, "2026-10-01")
    assert register(news, SHORT).status_code == 422


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"custom_model": "acme"}, "custom_since"),
        ({"custom_since": SINCE}, "custom_model"),
        ({"custom_model": "acme", "custom_since": "last year"}, "custom_since"),
        ({"custom_model": "acme", "custom_since": "2026-11-24"}, "custom_since"),
        ({"custom_model": " ", "custom_since": SINCE}, "custom_model"),
        ({"custom_model": True, "custom_since": SINCE}, "custom_model"),
        ({"custom_model": "x" * 201, "custom_since": SINCE}, "custom_model"),
        ({"name": ""}, "name"),
        ({"name": "a b"}, "name"),
        ({"name": "answer@2"}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": 7}, "name"),
        ({"syntax": "perl"}, "syntax"),
        ({"version": 3}, "version"),
    ],
)
def test_a_bad_registration_is_refused_by_field(news: Page, change: dict, field: str) -> None:
    answer = news.client.post(
        "/api/v1/prompts", json={"name": "answer", "template": SHORT, **change}, headers=news.bearer
    )
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert PromptTemplate.select().count() == 0


def test_prompts_are_each_sites_own(news: Page, shop: Page) -> None:
    register(news)
    assert ask(shop, "/answer").status_code == 404
    assert ask(shop, "").json == {"prompts": [], "next": None}
    assert register(shop, LONG + "!").json["version"] == 1


@pytest.mark.parametrize(
    "path", ["/answer", "/answer/2", "/answer/0", "/answer/x", "/answer/-1", "/a%20b", "/answer/99999999999"]
)
def test_an_unknown_prompt_is_not_there(news: Page, path: str) -> None:
    register(news, name="other")
    assert ask(news, path).status_code == 404


def test_prompts_are_listed_page_by_page(news: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "PAGE", 3)
    for name in ("d", "a", "g", "b", "f", "c", "e"):
        register(news, name=name)
    read, after = [], ""
    while after is not None:
        page = ask(news, f"?after={after}" if after else "").json
        read += [row["name"] for row in page["prompts"]]
        after = page["next"]
    assert read == list("abcdefg")
    assert ask(news, "?after=a%20b").status_code == 422


def test_a_prompt_is_taken_out_of_use(news: Page) -> None:
    register(news)
    assert news.client.delete("/api/v1/prompts/answer", headers=news.bearer).status_code == 204
    assert news.client.delete("/api/v1/prompts/answer", headers=news.bearer).status_code == 204
    assert news.client.delete("/api/v1/prompts/other", headers=news.bearer).status_code == 404
    assert ask(news, "").json["prompts"] == []
    assert ask(news, "/answer").json["retired_at"]
    refused = news.render(prompt="answer")
    assert (refused.status_code, "in use" in refused.json["detail"]) == (422, True)
    assert news.render(prompt="answer@1").status_code == 200
    assert register(news).json["retired_at"] is None


def test_programs_that_register_at_once_get_versions_one_after_the_other(news: Page) -> None:
    barrier = threading.Barrier(4)

    def one(number: int) -> int:
        barrier.wait()
        return register(news, LONG + str(number)).json["version"]

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(one, range(4))) == [1, 2, 3, 4]
    assert len(ask(news, "").json["prompts"]) == 1


@pytest.mark.parametrize(
    ("path", "method"), [("", "post"), ("", "get"), ("/answer", "get"), ("/answer", "delete"), ("/answer/1", "get")]
)
def test_only_the_secret_key_opens_the_registry(news: Page, path: str, method: str) -> None:
    register(news)
    answer = getattr(news.client, method)(f"/api/v1/prompts{path}")
    assert answer.status_code == 401


def test_the_log_tells_what_was_registered_and_not_its_words(news: Page) -> None:
    register(news)
    register(news)
    register(news, LONG + "!")
    register(news)
    news.client.delete("/api/v1/prompts/answer", headers=news.bearer)
    told = [(entry.verb, entry.particulars["prompt"]) for entry in LogEntry.select().order_by(LogEntry.id)]
    assert {entry.subject for entry in LogEntry.select()} == {f"site {news.key}"}
    assert told == [
        ("register prompt", "answer@1"),
        ("register prompt", "answer@2"),
        ("register prompt", "answer@1"),
        ("retire prompt", "answer"),
    ]


def test_a_text_tells_which_version_of_a_prompt_made_it(news: Page) -> None:
    register(news)
    for named, kept in (("answer", "answer@1"), ("answer@1", "answer@1")):
        text = f"{TEXT} {named}"
        news.report(text, content=news.render(text, prompt=named).json["content"])
        assert Case.select().order_by(Case.id.desc()).get().prompt == kept


@pytest.mark.parametrize("named", ["other", "answer@2", "a b", 7])
def test_a_rendering_that_names_an_unknown_prompt_is_refused_by_field(news: Page, named: object) -> None:
    register(news)
    answer = news.render(prompt=named)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["prompt"])


@pytest.mark.parametrize(
    "template",
    [
        LONG + "{more",
        LONG + "{% if x %}",
        LONG + "{{#items}}",
        "{question}",
        "{a}{a}{b{c}}{{ d }}$e",
        "é" * 29 + "e\u0301" * 15 + "{q}",
        "👨‍👩‍👧‍👦" * 8 + "{q}",
        "ב" * 59,
        [{"role": "user", "content": LONG}],
    ],
)
def test_a_rendering_whose_prompt_is_short_or_cannot_be_read_is_refused_with_its_clause(
    news: Page, template: object
) -> None:
    answer = news.render(prompt_template=template)
    assert (answer.status_code, answer.json["clause"], list(answer.json["errors"])) == (422, "3", ["prompt_template"])
    assert measure(news, template).json["ok"] is False
    assert news.render(prompt_template=template, custom_model=True).status_code == 200


def test_in_python_a_rendering_keeps_what_it_is_told(news: Page, clock: Clock) -> None:
    where = {"site": news.key, "secret": news.secret, "host": "https://widget.example", "now": clock()}
    content = str(render(TEXT, prompt="never-registered@7", **where)).partition('content="')[2].partition('"')[0]
    news.report(content=content)
    assert Case.get().prompt == "never-registered@7"
    with pytest.raises(ValueError, match="Must be a name"):
        render(TEXT, prompt="not a name", **where)


def test_a_prompt_is_evidence_only_of_the_text_that_was_signed(news: Page) -> None:
    register(news)
    content = news.render(prompt="answer").json["content"]
    news.report("Some other words that nobody has signed.", content=content)
    assert Case.get().prompt == ""
    news.report(TEXT)
    assert Case.get(Case.id == 2).prompt == ""
    news.report(TEXT, content=content)
    assert Case.get(Case.id == 2).prompt == "answer@1"


def test_the_registry_is_evidence_of_clause_three(news: Page) -> None:
    assert clause_three(news)["state"] == "attention"
    register(news, "x" * 70, name="long")
    register(news, "x" * 61, name="shorter")
    register(news, SHORT, name="own", custom_model="acme", custom_since=SINCE)
    assert clause_three(news)["state"] == "met"
    assert clause_three(news)["evidence"] == {
        "required_characters": 60,
        "registered_prompts": 3,
        "shortest_prompt": 61,
        "perhaps_too_short": 0,
        "exempt_prompts": {"own": f"acme since {SINCE}"},
        "last_registered_on": "2026-11-23",
    }
    register(news, "{% if x %}" + "x" * 65 + "{% endif %}", name="shorter")
    assert (clause_three(news)["state"], clause_three(news)["evidence"]["perhaps_too_short"]) == ("attention", 1)
    assert clause_three(news)["evidence"]["shortest_prompt"] == 65


def test_a_version_that_is_put_into_use_again_was_registered_last_on_that_day(news: Page, clock: Clock) -> None:
    def last(template: str) -> str:
        register(news, template)
        return clause_three(news)["evidence"]["last_registered_on"]

    assert last("x" * 70) == "2026-11-23"
    clock.move(days=10)
    assert last("y" * 70) == "2026-12-03"
    clock.move(days=5)
    assert [last("x" * 70), last("x" * 70)] == ["2026-12-08", "2026-12-08"]
    clock.move(days=1)
    assert last("x" * 70) == "2026-12-08"


def test_where_all_prompts_are_for_custom_models_clause_three_does_not_apply_however_many_there_are(
    news: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("widget_server.storage.prompts.PAGE", 2)
    for number in range(3):
        register(news, SHORT, name=f"own-{number}", custom_model="acme", custom_since=SINCE)
    assert clause_three(news)["state"] == "not applicable"
    register(news, "x" * 70, name="another")
    assert clause_three(news)["state"] == "met"
