"""What can be done with a case besides a plain decision: taken back, done to many, merged, noted, printed."""

import json
import re
from pathlib import Path

import pytest
from peewee import SqliteDatabase

from tests.admin.test_queue import LONG
from tests.conftest import TEXT, Clock, Desk, Page, held, seen
from widget_server.storage import searching
from widget_server.storage.tables import Case, Delivery, LogEntry, Note, Reason, Ruling, database

NEAR = LONG.replace("Rome", "Milan")


def test_a_decision_is_taken_back_as_if_it_had_not_been(news: Page, desk: Desk) -> None:
    receipt = news.report(email="reader@example.org").json["receipt"]
    desk.decide(1, "withdraw")
    assert news.view().json["withdrawn"]
    assert desk.undo(1).status_code == 303
    assert news.view().json["withdrawn"] == []
    assert news.status(receipt)["state"] == "in_review"
    assert desk.cases() == [1]
    assert Delivery.select().where(Delivery.ruling.is_null(False)).count() == 0
    assert news.client.get("/api/v1/decisions.jsonl", headers=news.bearer).text == ""
    assert "Taken back" in desk.get("/admin/reports/1").text
    assert LogEntry.select().where(LogEntry.verb == "undo").count() == 1


def test_only_the_decision_that_one_sees_is_taken_back(news: Page, desk: Desk, other_desk: Desk) -> None:
    news.report()
    desk.decide(1, "dismiss")
    stale = re.search(r'name="ruling" value="(\d+)"', desk.get("/admin/reports/1").text)[1]
    other_desk.decide(1, "withdraw", "It is gone.")
    late = desk.undo(1, ruling=stale)
    assert (late.status_code, "Nothing was taken back" in late.text, "It is gone." in late.text) == (409, True, True)
    assert news.view().json["withdrawn"]
    assert other_desk.undo(1).status_code == 303
    assert news.view().json["withdrawn"] == []


def test_two_decisions_are_taken_back_one_after_the_other(news: Page, desk: Desk) -> None:
    news.report()
    for decision in ("dismiss", "withdraw"):
        desk.decide(1, decision)
    for state in ("dismissed", "open"):
        assert "Take the last decision back" in desk.get("/admin/reports/1").text
        assert desk.undo(1).status_code == 303
        assert Case.get().state == state
    assert "Take the last decision back" not in desk.get("/admin/reports/1").text


def test_a_case_that_is_reported_for_something_else_after_its_decision_is_decided_as_that(
    news: Page, desk: Desk
) -> None:
    def offered() -> str:
        chosen = desk.get("/admin/reports/1").text.split('id="category"')[1].split("</select>")[0]
        return re.search(r'value="(\w+)" selected', chosen)[1]

    news.report(category="hate")
    assert offered() == "hate"
    desk.decide(1, "dismiss", category="hate")
    assert offered() == "hate"
    news.report(category="spam")
    assert offered() == "spam"


def test_a_decision_that_was_taken_back_takes_no_earlier_one_with_it(news: Page, desk: Desk) -> None:
    news.report()
    desk.decide(1, "dismiss")
    desk.decide(1, "withdraw")
    mistake = re.search(r'name="ruling" value="(\d+)"', desk.get("/admin/reports/1").text)[1]
    answers = [desk.undo(1, ruling=mistake).status_code for _ in range(2)]
    assert answers == [303, 409]
    assert Case.get_by_id(1).state == "dismissed"
    assert desk.undo(1, ruling="").status_code == 409


def test_what_held_before_a_mistake_holds_again(news: Page, desk: Desk) -> None:
    news.report()
    desk.decide(1, "relabel", model="other-model")
    desk.decide(1, "withdraw")
    desk.undo(1)
    case = Case.get()
    assert (case.state, case.outcome, case.label["model"]) == ("relabelled", "relabelled", "other-model")


@pytest.mark.parametrize(("hours", "status"), [(24, 303), (24.01, 409)])
def test_a_decision_is_taken_back_within_a_day(news: Page, desk: Desk, clock: Clock, hours: float, status: int) -> None:
    news.report()
    desk.decide(1, "dismiss")
    Ruling.update(decided_at=clock()).execute()
    for _ in range(4):
        clock.move(hours=hours / 4)
        desk.get("/admin/reports")
    clock.moment = Ruling.get().decided_at
    clock.move(hours=hours)
    clock.move(milliseconds=-1)
    assert desk.undo(1).status_code == status


def test_a_decision_that_something_followed_is_not_taken_back(news: Page, desk: Desk) -> None:
    news.report()
    desk.decide(1, "dismiss")
    news.report(category="hate")
    answer = desk.undo(1)
    assert answer.status_code == 409
    assert "something has happened" in answer.text
    assert desk.post("/admin/reports/99/undo", "/admin/reports/1").status_code == 404


def test_a_decision_taken_back_leaves_nothing_to_decide_where_no_report_is_left(news: Page, desk: Desk) -> None:
    receipt = news.report().json["receipt"]
    desk.decide(1, "withdraw")
    news.client.delete(f"/api/v1/reports/{receipt}")
    assert news.view().json["withdrawn"]
    assert desk.undo(1).status_code == 303
    assert news.view().json["withdrawn"] == []
    assert (desk.cases(), Case.get().state, Case.get().due_at) == ([], "lapsed", None)


@pytest.mark.parametrize("before", ["dismiss", "relabel", None])
def test_a_withdrawal_taken_back_leaves_the_reports_that_came_since_at_the_desk(
    news: Page, desk: Desk, clock: Clock, before: str | None
) -> None:
    first = news.report().json["receipt"]
    if before:
        desk.decide(1, before)
    else:
        news.client.delete(f"/api/v1/reports/{first}")
    assert desk.cases() == []
    desk.decide(1, "withdraw")
    clock.move(minutes=5)
    second = news.report(category="self_harm").json["receipt"]
    came = clock.moment
    assert news.status(second)["outcome"] == "withdrawn"
    clock.move(minutes=5)
    assert desk.undo(1).status_code == 303
    case = Case.get()
    assert (desk.cases(), case.state, case.urgent) == ([1], "open", True)
    assert case.waiting_since <= came < case.due_at
    assert news.status(second)["state"] == "received"
    if before:
        assert news.status(first)["state"] == "decided"


def test_a_decision_taken_back_leaves_the_case_to_the_colleague_it_was_handed_to(
    news: Page, desk: Desk, other_desk: Desk
) -> None:
    news.report()
    colleague = re.search(rf'value="(\d+)"[^>]*>{other_desk.email}', desk.get("/admin/reports/1").text)[1]
    desk.decide(1, "escalate", "", colleague=colleague)
    desk.decide(1, "dismiss")
    desk.undo(1)
    assert desk.post("/admin/reports/next").headers["Location"] == "/admin/reports?done="
    assert other_desk.post("/admin/reports/next").headers["Location"] == "/admin/reports/1"
    other_desk.decide(1, "dismiss")
    news.report()
    assert desk.post("/admin/reports/next").headers["Location"] == "/admin/reports/1"


def test_near_duplicates_stand_on_one_card_and_are_decided_together(news: Page, desk: Desk) -> None:
    first = news.report(LONG).json["receipt"]
    second = news.report(NEAR, category="self_harm").json["receipt"]
    news.report("Something else entirely, about shoes.")
    assert desk.cases() == [1, 3]  # now urgent, as the most urgent on its card
    page = desk.get("/admin/reports/1").text
    assert "1 near-duplicate on this card" in page
    assert desk.decide(1, "withdraw", "Both are wrong.", along=True).status_code == 302
    for receipt in (first, second):
        assert news.status(receipt)["message"] == "Both are wrong."
    assert len(news.view(seen(LONG), seen(NEAR)).json["withdrawn"]) == 2
    desk.undo(1)
    assert news.view(seen(LONG), seen(NEAR)).json["withdrawn"] == []
    assert desk.cases() == [1, 3]


@pytest.mark.parametrize("news_of_it", ["another comes", "one is reported as worse"])
def test_what_nobody_has_seen_of_a_card_is_not_decided_along(news: Page, desk: Desk, news_of_it: str) -> None:
    news.report(LONG)
    news.report(NEAR)
    shown = desk.get("/admin/reports/1").text
    version, along = (re.search(rf'name="{name}"[^>]*value="([\d: ]+)"', shown)[1] for name in ("version", "along"))
    text = LONG.replace("Rome", "Turin") if news_of_it == "another comes" else NEAR
    news.report(text, category="self_harm", comment="Look at this one.")
    form = {"decision": "dismiss", "message": "No.", "category": "spam", "version": version, "along": along}
    assert desk.post("/admin/reports/1/decision", "/admin/reports/1", **form).status_code == 302
    assert desk.cases() == ([3] if news_of_it == "another comes" else [2])


def test_a_near_duplicate_that_is_not_decided_along_gets_its_own_card(news: Page, desk: Desk) -> None:
    news.report(LONG)
    news.report(NEAR)
    news.report(LONG.replace("Rome", "Turin"))
    desk.decide(1, "dismiss")
    assert desk.cases() == [2]
    assert "1 near-duplicate on this card" in desk.get("/admin/reports/2").text


def test_what_near_duplicates_are_reported_as_stands_beside_them(news: Page, desk: Desk) -> None:
    news.report(LONG, category="spam")
    news.report(NEAR, category="self_harm")
    beside = desk.get("/admin/reports/1").text.split('id="followers-title"')[1].split("</section>")[0]
    assert "Encourages self-harm or suicide" in beside


def test_a_near_duplicate_decided_alone_leaves_the_card(news: Page, desk: Desk) -> None:
    news.report(LONG)
    news.report(NEAR)
    assert "near-duplicate: it stands on the card of" in desk.get("/admin/reports/2").text
    desk.decide(2, "withdraw")
    assert desk.cases() == [1]
    assert desk.cases(show="decided") == [2]
    assert "near-duplicates on this card" not in desk.get("/admin/reports/1").text


def test_an_urgent_report_on_a_near_duplicate_hurries_its_card(news: Page, desk: Desk) -> None:
    news.report("Something else entirely, about shoes.")
    news.report(LONG)
    news.report(NEAR)
    assert desk.cases() == [1, 2]
    news.report(NEAR, category="self_harm")
    assert desk.cases() == [2, 1]
    assert Case.get_by_id(2).card_due_at == Case.get_by_id(3).due_at


def test_cards_are_merged_and_split_by_hand(news: Page, desk: Desk, shop: Page) -> None:
    news.report("One text.")
    news.report("Quite another one.")
    shop.report("A text of another site.")
    assert desk.post("/admin/reports/2/merge", "/admin/reports/2", into="1").status_code == 303
    assert desk.cases() == [1, 3]
    for into in ("3", "2", "1"):
        assert desk.post(f"/admin/reports/{into}/merge", "/admin/reports/1", into=into).status_code == 409
    for into in ("99", "x", ""):
        assert desk.post("/admin/reports/1/merge", "/admin/reports/1", into=into).status_code in (404, 422)
    assert desk.post("/admin/reports/2/split", "/admin/reports/2").status_code == 303
    assert desk.cases() == [1, 2, 3]
    assert desk.post("/admin/reports/2/split", "/admin/reports/2").status_code == 409


def test_the_last_report_taken_back_frees_the_near_duplicates(news: Page, desk: Desk) -> None:
    receipt = news.report(LONG).json["receipt"]
    news.report(NEAR)
    news.client.delete(f"/api/v1/reports/{receipt}")
    assert desk.cases() == [2]


def test_an_appeal_or_a_new_report_brings_a_decided_near_duplicate_back_on_its_own(news: Page, desk: Desk) -> None:
    news.report(LONG)
    receipt = news.report(NEAR).json["receipt"]
    desk.decide(1, "dismiss", along=True)
    news.client.post(f"/api/v1/reports/{receipt}/appeal", json={"comment": "Look again."})
    assert desk.cases() == [2]
    desk.decide(2, "dismiss")
    news.report(NEAR, category="hate")
    assert desk.cases() == [2]


def test_a_near_duplicates_decision_taken_back_alone_gives_it_a_card_of_its_own(news: Page, desk: Desk) -> None:
    news.report(LONG)
    news.report(NEAR)
    desk.decide(1, "dismiss", along=True)
    assert desk.undo(2).status_code == 303
    assert desk.cases() == [2]
    news.report(LONG.replace("Rome", "Turin"))
    assert desk.cases() == [2]
    assert "1 near-duplicate on this card" in desk.get("/admin/reports/2").text


def test_moderators_leave_notes_that_no_reporter_sees(news: Page, desk: Desk, other_desk: Desk) -> None:
    receipt = news.report().json["receipt"]
    assert desk.post("/admin/reports/1/notes", "/admin/reports/1", text="Ask the editors.").status_code == 303
    assert "Ask the editors." in other_desk.get("/admin/reports/1").text
    assert "Ask the editors." not in news.client.get(f"/r/{receipt}").text
    assert "Ask the editors." not in desk.get("/admin/log").text
    for wrong in ("  ", "x" * 4001):
        assert desk.post("/admin/reports/1/notes", "/admin/reports/1", text=wrong).status_code == 422
    assert Note.select().count() == 1


def test_a_note_that_is_sent_twice_is_told_once(news: Page, desk: Desk, other_desk: Desk, clock: Clock) -> None:
    def write(who: Desk, text: str = "Ask the editors.") -> int:
        assert who.post("/admin/reports/1/notes", "/admin/reports/1", text=text).status_code == 303
        return Note.select().count()

    news.report()
    assert [write(desk), write(desk)] == [1, 1]
    assert LogEntry.select().where(LogEntry.verb == "write note").count() == 1
    assert [write(other_desk), write(desk, "They were asked.")] == [2, 3]
    clock.move(seconds=61)
    assert write(desk) == 4


def test_usual_words_that_are_sent_twice_are_offered_once(desk: Desk) -> None:
    words = {"decision": "dismiss", "title": "Satire", "text": "This is satire."}
    for more, there in (({}, 1), ({}, 1), ({"decision": "fix"}, 2), ({"title": "Irony"}, 3), ({"text": "It is."}, 4)):
        assert desk.post("/admin/reasons", "/admin/reasons", **{**words, **more}).status_code == 303
        assert Reason.select().count() == there


def test_a_public_note_stands_under_the_badge(news: Page, desk: Desk) -> None:
    news.report()
    desk.decide(1, "relabel", model="", note="The tower stands in Paris.")
    assert news.view().json["decided"][seen(TEXT)["text_sha256"]]["note"] == "The tower stands in Paris."


def label_form(desk: Desk, number: int) -> dict[str, str]:
    """The fields of the label as a moderator finds them."""
    shown = desk.get(f"/admin/reports/{number}").text
    chosen = re.search(r'<option value="(\w*)" selected', shown.split('id="review"')[1].split("</select>")[0])
    typed = dict(re.findall(r'<input id="(model|provider|note)"[^>]* value="([^"]*)"', shown))
    return {**typed, "review": chosen[1] if chosen else ""}


def correct(desk: Desk, number: int, *, along: bool = False, **changed: str) -> None:
    assert desk.decide(number, "relabel", along=along, **{**label_form(desk, number), **changed}).status_code == 302


def rendered(page: Page, text: str, **label: str) -> tuple[str, str, str]:
    told = page.render(text, **label).json["disclosure"]
    return told["model"], told["provider"], told["review"]


def test_what_nobody_corrected_of_a_label_stays_as_the_page_says_it(news: Page, desk: Desk) -> None:
    news.report()
    assert "<dt>Label</dt><dd>not said</dd>" in desk.get("/admin/reports/1").text
    correct(desk, 1, note="It stands in Paris.")
    assert rendered(news, TEXT, model="jamba-large", provider="AI21") == ("jamba-large", "AI21", "none")
    correct(desk, 1, review="none")
    assert rendered(news, TEXT, model="jamba-large", reviewed_by="the editors") == ("jamba-large", "", "none")
    assert news.view().json["decided"][seen(TEXT)["text_sha256"]] == {
        "outcome": "relabelled",
        "on": "2026-11-23",
        "note": "It stands in Paris.",
        "review": "none",
    }


def test_a_correction_holds_until_it_is_corrected_or_taken_back(news: Page, desk: Desk) -> None:
    news.report(content=news.render(model="jamba-large", provider="AI21").json["content"])
    correct(desk, 1, model="jamba-mini", note="So it was.")
    assert "jamba-mini, with the note: So it was." in desk.get("/admin/reports/1").text
    correct(desk, 1, provider="AI21 Labs")
    assert rendered(news, TEXT, model="jamba-large") == ("jamba-mini", "AI21 Labs", "none")
    correct(desk, 1, model="", note="")
    assert rendered(news, TEXT, model="jamba-large") == ("jamba-large", "AI21 Labs", "none")
    assert Case.get().label == {"provider": "AI21 Labs"}
    nothing = desk.decide(1, "relabel", **{**label_form(desk, 1), "provider": ""})
    assert (nothing.status_code, "Fill in what is wrong" in nothing.text) == (422, True)


def test_only_what_is_corrected_goes_along_to_what_is_on_the_card(news: Page, desk: Desk) -> None:
    other = LONG.replace("Rome", "Milan")
    mine, theirs = {"model": "jamba-large", "provider": "AI21"}, {"model": "claude", "provider": "Anthropic"}
    news.report(LONG, content=news.render(LONG, **mine).json["content"])
    correct(desk, 1, model="jamba-mini")
    news.report(LONG)
    news.report(other, content=news.render(other, **theirs).json["content"])
    correct(desk, 1, review="human", along=True)
    assert rendered(news, LONG, **mine) == ("jamba-mini", "AI21", "human")
    assert rendered(news, other, **theirs) == ("claude", "Anthropic", "human")


def test_a_text_that_breaks_no_clause_goes_back_to_the_generators_team(news: Page, desk: Desk) -> None:
    receipt = news.report().json["receipt"]
    desk.decide(1, "fix", "We asked them.")
    assert (news.status(receipt)["outcome"], Ruling.get().decision) == ("dismissed", "fix")
    assert "asked to mend it" in desk.get("/admin/reports/1").text


def test_a_preview_tells_what_will_happen_and_decides_nothing(news: Page, desk: Desk) -> None:
    news.report(email="reader@example.org")
    shown = desk.decide(1, "withdraw", "We took it back.", preview="1")
    assert shown.status_code == 200
    assert "What will happen" in shown.text
    assert "1 reporter reads this" in shown.text
    assert Ruling.select().count() == 0


def test_the_owner_has_words_of_their_own_for_decisions(news: Page, desk: Desk) -> None:
    news.report()
    page = "/admin/reasons"
    words = {"decision": "dismiss", "title": "Satire", "text": "This is satire, and marked as such."}
    assert desk.post(page, page, **words).status_code == 303
    assert "This is satire" in desk.get("/admin/reports/1").text
    changed = {"title": "Satire", "text": "It is satire."}
    assert desk.post(f"{page}/1", page, **changed).status_code == 303
    assert "It is satire." in desk.get("/admin/reports/1").text
    assert desk.post(f"{page}/1", page, title="", text="").status_code == 422
    assert desk.post(page, page, **{**words, "text": ""}).status_code == 422
    assert desk.post(page, page, **{**words, "decision": "escalate"}).status_code == 422
    assert desk.post(f"{page}/1", page, remove="1").status_code == 303
    assert "It is satire." not in desk.get("/admin/reports/1").text
    assert desk.post(f"{page}/1", page, **changed).status_code == 404


def test_usual_words_that_another_owner_has_changed_meanwhile_stay(desk: Desk, other_desk: Desk) -> None:
    page, words = "/admin/reasons", {"title": "Satire", "text": "This is satire."}
    desk.post(page, page, decision="dismiss", **words)
    stale = held(desk, page)
    assert other_desk.post(f"{page}/1", page, **{**words, "title": "Jokes"}).status_code == 303
    assert desk.post(f"{page}/1", page, **{**words, "text": "It is satire."}, shown=stale).status_code == 303
    assert json.loads(held(desk, page)) == {"title": "Jokes", "text": "It is satire."}
    assert desk.post(f"{page}/1", page, **{**words, "title": "Wit"}, shown=stale).status_code == 409


def test_a_decision_has_a_statement_of_reasons(news: Page, desk: Desk) -> None:
    news.report(category="fraud")
    desk.decide(1, "withdraw", "It sells what does not exist.", category="fraud", ground="guideline")
    statement = desk.get("/admin/reports/1/statement/1").text
    for told in (
        "Statement of reasons",
        "clause 1.ii",
        "It sells what does not exist.",
        "A person decided",
        "can appeal",
    ):
        assert told in statement
    assert desk.get("/admin/reports/1/statement/9").status_code == 404


def test_a_models_name_cannot_turn_the_words_of_a_statement_round(news: Page, desk: Desk) -> None:
    news.report(content=news.render(model="\u202elarge").json["content"])
    desk.decide(1, "dismiss", "It is as it should be.")
    assert "written by <bdi>\u202elarge</bdi>" in desk.get("/admin/reports/1/statement/1").text


def test_earlier_decisions_on_the_same_text_page_and_model_are_at_hand(news: Page, shop: Page, desk: Desk) -> None:
    shop.report()
    desk.decide(1, "withdraw")
    token = news.render("Another text.", model="jamba-large").json["content"]
    news.report("Another text.", content=token, page="https://news.example/other")
    desk.decide(2, "dismiss")
    news.report("A third text, on the same page.", page="https://news.example/other")
    news.report(page="https://news.example/first")
    assert "on the same page" in desk.get("/admin/reports/3").text
    assert "the same text" in desk.get("/admin/reports/4").text
    token = news.render("Yet another.", model="jamba-large").json["content"]
    news.report("Yet another.", content=token, page="https://news.example/third")
    assert "by the same model" in desk.get("/admin/reports/5").text


def test_no_word_of_a_text_that_was_taken_back_stays_in_the_search(news: Page, desk: Desk) -> None:
    receipt = news.report("An unmistakable xylophonist.").json["receipt"]
    assert desk.cases(search="xylophonist") == [1]
    news.client.delete(f"/api/v1/reports/{receipt}")
    assert desk.cases(show="lapsed", search="xylophonist") == []
    searching.forget_words()  # as each round does
    if isinstance(database.obj, SqliteDatabase):
        database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        assert b"xylophonist" not in Path(database.obj.database).read_bytes()


def test_the_log_of_one_case_is_read_alone(news: Page, desk: Desk) -> None:
    news.report("one")
    news.report("two")
    desk.decide(1, "dismiss")
    desk.decide(2, "withdraw")
    log = desk.get("/admin/log?subject=case 2").text
    assert "withdraw" in log
    assert "dismiss" not in log


def test_a_settled_case_does_not_hurry_the_card_that_it_is_merged_with(news: Page, desk: Desk) -> None:
    news.report("One text.", category="self_harm")
    desk.decide(1, "withdraw")
    news.report("Quite another one.", category="spam")
    due = Case.get_by_id(2).card_due_at
    desk.post("/admin/reports/1/merge", "/admin/reports/1", into="2")
    assert "1 near-duplicate on this card" in desk.get("/admin/reports/2").text
    assert (Case.get_by_id(2).card_urgent, Case.get_by_id(2).card_due_at) == (False, due)


def test_a_card_is_no_more_urgent_once_the_near_duplicate_that_was_is_decided(news: Page, desk: Desk) -> None:
    news.report(LONG, category="spam")
    news.report(NEAR, category="self_harm")
    assert Case.get_by_id(1).card_urgent
    desk.decide(2, "withdraw", along=True)
    assert not Case.get_by_id(1).card_urgent
