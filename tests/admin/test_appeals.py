"""An appeal is decided by another person than the one whose decision it is against, if there is one."""

import re

from flask import Flask
from werkzeug.test import TestResponse

from tests.admin.test_bursts import aside, flood, one, told
from tests.conftest import Clock, Desk, Page, signed_in
from widget_server.rules.moderation import Decision
from widget_server.storage import bulk, connection
from widget_server.storage.rulings import Verdict
from widget_server.storage.tables import Case, LogEntry, Ruling


def appealed(news: Page, desk: Desk, text: str = "a text", *, case: int = 1) -> str:
    """The receipt of a report that this desk has dismissed and its reporter has appealed about."""
    receipt = news.report(text).json["receipt"]
    assert desk.decide(case, "dismiss").status_code == 302
    assert news.client.post(f"/api/v1/reports/{receipt}/appeal", json={"comment": "Look again."}).status_code == 200
    return receipt


def test_who_decided_first_does_not_decide_the_appeal(news: Page, desk: Desk, other_desk: Desk) -> None:
    receipt = appealed(news, desk)
    page = desk.get("/admin/reports/1").text
    assert "another person decides about it" in page
    assert 'value="escalate"' in page
    assert 'value="dismiss"' not in page
    answer = desk.decide(1, "dismiss", "It still stays.")
    assert answer.status_code == 409
    assert "another person decides it" in answer.text
    assert Ruling.select().count() == 1
    assert other_desk.decide(1, "withdraw", "You were right.").status_code == 302
    assert news.status(receipt)["outcome"] == "withdrawn"
    assert replace(other_desk, "dismiss").status_code == 302


def both_appeal(news: Page, desk: Desk, other_desk: Desk, clock: Clock) -> tuple[str, str]:
    """One reporter is against the correction that one has decided, another against what the other has dismissed."""
    first = news.report("a text").json["receipt"]
    desk.decide(1, "relabel")
    clock.move(minutes=1)
    second = news.report("a text").json["receipt"]
    other_desk.decide(1, "dismiss")
    for receipt in (first, second):
        clock.move(minutes=1)
        news.client.post(f"/api/v1/reports/{receipt}/appeal", json={"comment": "Look again."})
    return first, second


def test_of_two_appeals_neither_is_decided_by_whom_it_is_against(
    news: Page, app: Flask, clock: Clock, desk: Desk, other_desk: Desk
) -> None:
    third = signed_in(app, clock, "eve@news.example")
    receipts = both_appeal(news, desk, other_desk, clock)
    for first in (desk, other_desk):
        assert "another person decides about it" in first.get("/admin/reports/1").text
        assert first.post("/admin/reports/next").headers["Location"] == "/admin/reports?done="
        assert first.decide(1, "dismiss").status_code == 409
    assert third.post("/admin/reports/next").headers["Location"] == "/admin/reports/1"
    assert third.decide(1, "withdraw", "You were right.").status_code == 302
    assert {news.status(receipt)["message"] for receipt in receipts} == {"You were right."}
    for first in (desk, other_desk):
        assert "another person has decided about it" in replace(first, "dismiss").text


def test_whose_appeal_is_taken_back_keeps_the_other_from_nobody_else(
    news: Page, app: Flask, clock: Clock, desk: Desk, other_desk: Desk
) -> None:
    signed_in(app, clock, "eve@news.example")
    _, second = both_appeal(news, desk, other_desk, clock)
    news.client.delete(f"/api/v1/reports/{second}")
    assert desk.decide(1, "dismiss").status_code == 409
    assert other_desk.decide(1, "dismiss").status_code == 302


def test_where_all_are_appealed_against_one_of_them_looks_again_and_says_so(
    news: Page, clock: Clock, desk: Desk, other_desk: Desk
) -> None:
    both_appeal(news, desk, other_desk, clock)
    assert "<b>your own</b> decision" in desk.get("/admin/reports/1").text
    assert desk.post("/admin/reports/next").headers["Location"] == "/admin/reports/1"
    assert desk.decide(1, "dismiss", "It still stays.").status_code == 302
    assert "The same person decided again" in told(desk, "/admin/reports/1/statement/3")
    last = LogEntry.select().where(LogEntry.verb == "dismiss").order_by(LogEntry.id.desc()).first()
    assert last.particulars["appeal"] == "nobody else to decide"


def test_the_next_case_that_is_handed_out_is_not_ones_own_appealed_one(
    news: Page, desk: Desk, other_desk: Desk
) -> None:
    appealed(news, desk)
    assert desk.post("/admin/reports/next").headers["Location"] == "/admin/reports?done="
    assert other_desk.post("/admin/reports/next").headers["Location"] == "/admin/reports/1"


def test_many_at_once_leave_out_what_another_person_decides(news: Page, desk: Desk, other_desk: Desk) -> None:
    appealed(news, desk, "one text")
    news.report("quite another text, of its own")
    answer = desk.decide_many(desk.many("category=misinformation"), decision="withdraw")
    assert "left=1" in answer.headers["Location"]
    assert [case.state for case in Case.select().order_by(Case.id)] == ["appealed", "withdrawn"]


def test_an_appeal_is_handed_to_a_colleague_and_not_back_to_the_first(
    news: Page, app: Flask, clock: Clock, desk: Desk, other_desk: Desk
) -> None:
    appealed(news, desk)
    page = desk.get("/admin/reports/1").text
    colleague = re.search(rf'value="(\d+)"[^>]*>{other_desk.email}', page)[1]
    first = re.search(rf'value="(\d+)"[^>]*>{desk.email}', other_desk.get("/admin/reports/1").text)[1]
    answer = other_desk.decide(1, "escalate", "", colleague=first)
    assert answer.status_code == 409
    assert "own decision" in answer.text
    assert desk.decide(1, "escalate", "", colleague=colleague).status_code == 302
    assert desk.decide(1, "dismiss").status_code == 409
    assert other_desk.post("/admin/reports/next").headers["Location"] == "/admin/reports/1"
    assert other_desk.decide(1, "dismiss").status_code == 302


def test_whoever_works_alone_looks_again_and_says_so(news: Page, desk: Desk) -> None:
    receipt = appealed(news, desk)
    assert "nobody else works at this desk" in told(desk, "/admin/reports/1")
    assert desk.post("/admin/reports/next").headers["Location"] == "/admin/reports/1"
    assert desk.decide(1, "dismiss", "It still stays.").status_code == 302
    assert news.status(receipt)["message"] == "It still stays."
    first, second = (told(desk, f"/admin/reports/1/statement/{number}") for number in (1, 2))
    assert "The same person decided again" in second
    assert "The same person" not in first
    last = LogEntry.select().where(LogEntry.verb == "dismiss").order_by(LogEntry.id.desc()).first()
    assert last.particulars["appeal"] == "nobody else to decide"


def test_a_statement_says_who_looks_again_on_this_desk(news: Page, app: Flask, clock: Clock, desk: Desk) -> None:
    news.report()
    desk.decide(1, "dismiss")
    statement = "/admin/reports/1/statement/1"
    assert "the same person then looks at it again, because nobody else works at this desk" in told(desk, statement)
    signed_in(app, clock, "bob@news.example")
    assert "; another person then looks at it." in told(desk, statement)


def test_a_decision_under_appeal_is_not_offered_to_be_taken_back(news: Page, desk: Desk) -> None:
    news.report()
    receipt = appealed(news, desk, "quite another text, of its own", case=2)
    assert "/undo" not in desk.get("/admin/reports/2").text
    assert desk.undo(2).status_code == 409
    desk.decide(1, "dismiss")
    assert "/undo" in desk.get("/admin/reports/1").text
    assert news.status(receipt)["state"] == "appealed"


def test_the_statement_of_another_persons_decision_does_not_say_so(news: Page, desk: Desk, other_desk: Desk) -> None:
    appealed(news, desk)
    other_desk.decide(1, "dismiss")
    assert "The same person" not in told(desk, "/admin/reports/1/statement/2")


def test_taking_the_second_decision_back_leaves_the_appeal_to_others_as_before(
    news: Page, desk: Desk, other_desk: Desk
) -> None:
    appealed(news, desk)
    other_desk.decide(1, "dismiss")
    other_desk.undo(1)
    assert Case.get().state == "appealed"
    assert desk.decide(1, "dismiss").status_code == 409
    assert other_desk.decide(1, "dismiss").status_code == 302


def test_who_is_appealed_against_does_not_take_the_decision_about_it_back(
    news: Page, desk: Desk, other_desk: Desk
) -> None:
    receipt = appealed(news, desk)
    other_desk.decide(1, "withdraw", "You were right.")
    assert "/undo" not in desk.get("/admin/reports/1").text
    answer = desk.undo(1)
    assert answer.status_code == 409
    assert "another person decides it" in answer.text
    assert news.status(receipt)["outcome"] == "withdrawn"
    assert "/undo" in other_desk.get("/admin/reports/1").text


def test_who_is_appealed_against_does_not_take_it_from_a_colleague(news: Page, desk: Desk, other_desk: Desk) -> None:
    appealed(news, desk)
    other_desk.decide(1, "escalate", "")
    assert desk.undo(1).status_code == 409
    assert Case.get().state == "escalated"


def replace(desk: Desk, decision: str) -> TestResponse:
    """Though the page offers it no more."""
    return desk.decide(1, decision, version=str(Case.get().version))


def test_who_is_appealed_against_does_not_replace_the_decision_about_it(
    news: Page, desk: Desk, other_desk: Desk
) -> None:
    receipt = appealed(news, desk)
    other_desk.decide(1, "withdraw", "You were right.")
    page = desk.get("/admin/reports/1").text
    assert "another person has decided about it" in page
    assert "decision-form" not in page
    answer = replace(desk, "dismiss")
    assert answer.status_code == 409
    assert "another person has decided about it" in answer.text
    assert news.status(receipt)["outcome"] == "withdrawn"
    assert "decision-form" in other_desk.get("/admin/reports/1").text
    assert other_desk.decide(1, "relabel", "With a note.").status_code == 302


def test_nor_once_that_was_replaced_by_whose_it_was_nor_takes_that_back(
    news: Page, desk: Desk, other_desk: Desk
) -> None:
    receipt = appealed(news, desk)
    other_desk.decide(1, "withdraw", "You were right.")
    other_desk.decide(1, "relabel", "With a note.")
    assert "/undo" not in desk.get("/admin/reports/1").text
    assert desk.undo(1).status_code == 409
    assert replace(desk, "dismiss").status_code == 409
    assert news.status(receipt)["outcome"] == "relabelled"
    other_desk.undo(1)
    assert replace(desk, "dismiss").status_code == 409
    assert news.status(receipt)["outcome"] == "withdrawn"


def test_nor_after_the_case_was_opened_again_and_left(news: Page, desk: Desk, other_desk: Desk) -> None:
    appealed(news, desk)
    other_desk.decide(1, "dismiss")
    news.client.delete(f"/api/v1/reports/{news.report('a text').json['receipt']}")
    assert Case.get().state == "dismissed"
    assert "another person has decided about it" in replace(desk, "withdraw").text


def test_nor_with_many_at_once_nor_along_with_a_near_duplicate(news: Page, desk: Desk, other_desk: Desk) -> None:
    appealed(news, desk, "one text")
    news.report("quite another text, of its own")
    other_desk.post("/admin/reports/1/merge", "/admin/reports/1", into="2")
    other_desk.decide(2, "dismiss", along=True)
    desk.decide(2, "withdraw", along=True)
    assert [case.state for case in Case.select().order_by(Case.id)] == ["dismissed", "withdrawn"]
    with connection():
        verdict, case = Verdict(Decision.WITHDRAW, "misinformation", "guideline", "Gone."), Case.get_by_id(1)
        assert bulk.decide({1: case.version}, verdict, moderator=1, at=Case.get_by_id(2).decided_at).left == 1


def test_whoever_works_alone_replaces_their_own_decision_about_an_appeal(news: Page, desk: Desk) -> None:
    receipt = appealed(news, desk)
    desk.decide(1, "dismiss")
    assert "decision-form" in desk.get("/admin/reports/1").text
    assert desk.decide(1, "withdraw", "You were right.").status_code == 302
    assert news.status(receipt)["outcome"] == "withdrawn"
    assert desk.undo(1).status_code == 303


def test_a_decision_that_nobody_has_appealed_against_is_anybodys_to_replace(
    news: Page, desk: Desk, other_desk: Desk
) -> None:
    receipt = appealed(news, desk)
    other_desk.decide(1, "dismiss")
    news.report("a text")
    desk.decide(1, "relabel")
    assert desk.decide(1, "withdraw").status_code == 302
    assert other_desk.decide(1, "dismiss").status_code == 302
    assert news.status(receipt)["outcome"] == "dismissed"


def test_who_handed_the_appeal_against_them_on_takes_that_back(news: Page, desk: Desk, other_desk: Desk) -> None:
    appealed(news, desk)
    desk.decide(1, "escalate", "")
    assert desk.undo(1).status_code == 303
    assert Case.get().state == "appealed"


def test_many_that_are_taken_back_at_once_leave_out_appeals_against_oneself(
    news: Page, desk: Desk, other_desk: Desk
) -> None:
    appealed(news, desk, "one text")
    news.report("quite another text, of its own")
    answer = other_desk.decide_many(other_desk.many("category=misinformation"), decision="withdraw")
    batch = answer.headers["Location"].split("?")[0]
    assert "left=1" in desk.post(f"{batch}/undo", batch).headers["Location"]
    assert [case.state for case in Case.select().order_by(Case.id)] == ["withdrawn", "open"]


def test_an_appeal_against_oneself_is_not_taken_back_along_with_a_near_duplicate(
    news: Page, desk: Desk, other_desk: Desk
) -> None:
    appealed(news, desk, "one text")
    news.report("quite another text, of its own")
    other_desk.post("/admin/reports/1/merge", "/admin/reports/1", into="2")
    other_desk.decide(2, "withdraw", along=True)
    assert [case.state for case in Case.select().order_by(Case.id)] == ["withdrawn", "withdrawn"]
    assert desk.undo(2).status_code == 303
    assert [case.state for case in Case.select().order_by(Case.id)] == ["withdrawn", "open"]


def test_an_appeal_does_not_push_back_what_waits_already(news: Page, desk: Desk, clock: Clock) -> None:
    receipt = news.report("one text").json["receipt"]
    desk.decide(1, "dismiss")
    news.report("one text")
    clock.move(minutes=1)
    news.report("quite another text, of its own")
    clock.move(minutes=1)
    news.client.post(f"/api/v1/reports/{receipt}/appeal", json={"comment": "Look again."})
    first, second = desk.cases()
    assert first == 1 < second


def test_a_new_report_after_the_appeal_is_anybodys(news: Page, desk: Desk, other_desk: Desk) -> None:
    appealed(news, desk)
    other_desk.decide(1, "dismiss")
    news.report("a text")
    assert desk.decide(1, "withdraw").status_code == 302


def test_an_appeal_on_the_card_of_a_near_duplicate_is_not_decided_along(
    news: Page, desk: Desk, other_desk: Desk
) -> None:
    appealed(news, desk, "one text")
    news.report("quite another text, of its own")
    desk.post("/admin/reports/1/merge", "/admin/reports/1", into="2")
    assert Case.get_by_id(1).leader_id == 2
    desk.decide(2, "withdraw", along=True)
    assert [case.state for case in Case.select().order_by(Case.id)] == ["appealed", "withdrawn"]
    assert desk.cases() == [1]


def test_an_appeal_that_is_taken_back_stands_between_nobody_and_a_new_report(
    news: Page, desk: Desk, other_desk: Desk
) -> None:
    news.client.delete(f"/api/v1/reports/{appealed(news, desk)}")
    news.report("a text")
    assert desk.decide(1, "dismiss").status_code == 302


def test_an_appeal_that_is_taken_back_leaves_what_else_waits_to_anybody(
    news: Page, desk: Desk, other_desk: Desk
) -> None:
    receipt = appealed(news, desk)
    news.report("a text")
    assert desk.decide(1, "dismiss").status_code == 409
    news.client.delete(f"/api/v1/reports/{receipt}")
    assert Case.get().state == "open"
    assert desk.decide(1, "dismiss").status_code == 302


def test_a_report_that_a_withdrawal_has_answered_does_not_keep_the_case_at_the_desk(
    news: Page, desk: Desk, other_desk: Desk, clock: Clock
) -> None:
    receipt = news.report("a text").json["receipt"]
    desk.decide(1, "withdraw")
    other = news.report("a text").json["receipt"]
    clock.move(hours=1)
    assert news.status(other)["state"] == "decided"
    news.client.post(f"/api/v1/reports/{receipt}/appeal", json={"comment": "It was funny."})
    assert (desk.cases(), news.status(other)["state"]) == ([1], "decided")
    news.client.delete(f"/api/v1/reports/{receipt}")
    assert (desk.cases(), Case.get().state) == ([], "withdrawn")


def behind(clock: Clock) -> None:
    """What is asked now was asked before what has just been stored, or of a node whose clock is behind."""
    clock.move(seconds=-2)


def test_an_appeal_that_waited_while_the_case_was_decided_again_is_still_to_be_decided(
    news: Page, desk: Desk, other_desk: Desk, clock: Clock
) -> None:
    receipt = news.report("a text").json["receipt"]
    desk.decide(1, "dismiss")
    second = news.report("a text").json["receipt"]
    desk.decide(1, "dismiss")
    behind(clock)
    news.client.post(f"/api/v1/reports/{receipt}/appeal", json={"comment": "Look again."})
    assert news.status(receipt)["state"] == "appealed"
    clock.move(minutes=1)
    news.client.delete(f"/api/v1/reports/{second}")
    assert other_desk.cases() == [1]
    behind(clock)
    clock.move(minutes=-1)
    other_desk.decide(1, "dismiss", "It stays.")
    assert news.status(receipt)["message"] == "It stays."


def test_a_report_that_waited_while_the_case_was_decided_is_still_to_be_decided(
    news: Page, desk: Desk, clock: Clock
) -> None:
    news.report("a text")
    desk.decide(1, "dismiss")
    behind(clock)
    receipt = news.report("a text", comment="It is new.").json["receipt"]
    clock.move(minutes=1)
    third = news.report("a text").json["receipt"]
    news.client.delete(f"/api/v1/reports/{third}")
    assert desk.cases() == [1]
    assert news.status(receipt)["state"] == "received"


def test_a_decision_that_waited_while_more_came_answers_all_of_it(
    news: Page, desk: Desk, other_desk: Desk, clock: Clock
) -> None:
    first = news.report("a text").json["receipt"]
    clock.move(seconds=1)
    second = news.report("a text").json["receipt"]
    behind(clock)
    desk.decide(1, "dismiss", "It stays.")
    clock.move(minutes=1)
    news.report("a text")
    assert [news.status(one)["state"] for one in (first, second)] == ["decided", "decided"]
    for receipt in (first, second):
        clock.move(seconds=1)
        news.client.post(f"/api/v1/reports/{receipt}/appeal", json={"comment": "Look again."})
    behind(clock)
    other_desk.decide(1, "dismiss", "It stays, indeed.")
    clock.move(minutes=1)
    news.report("a text")
    assert [news.status(one)["message"] for one in (first, second)] == ["It stays, indeed."] * 2
    assert [news.status(one)["state"] for one in (first, second)] == ["decided", "decided"]


def test_a_decision_that_waited_answers_those_that_stand_aside_too(news: Page, desk: Desk, clock: Clock) -> None:
    news.report()
    flood(news)
    aside(desk)
    clock.move(seconds=1)
    late = one(news, address="198.51.100.1")
    assert news.status(late)["set_aside"]
    behind(clock)
    desk.decide(1, "dismiss", "It stays.")
    clock.move(minutes=1)
    news.report()
    assert news.status(late)["state"] == "decided"


def test_an_appeal_is_not_left_to_the_colleague_whose_decision_it_is_against(
    news: Page, desk: Desk, other_desk: Desk
) -> None:
    receipt = news.report().json["receipt"]
    other_desk.decide(1, "dismiss")
    news.report()
    colleague = re.search(rf'value="(\d+)"[^>]*>{other_desk.email}', desk.get("/admin/reports/1").text)[1]
    desk.decide(1, "escalate", "", colleague=colleague)
    news.client.post(f"/api/v1/reports/{receipt}/appeal", json={"comment": "Look again."})
    assert desk.post("/admin/reports/next").headers["Location"] == "/admin/reports/1"


def test_an_appeal_is_as_urgent_as_what_was_reported(news: Page, desk: Desk) -> None:
    receipt = news.report(category="self_harm").json["receipt"]
    desk.decide(1, "dismiss")
    news.report(category="spam")
    desk.decide(1, "dismiss")
    news.client.post(f"/api/v1/reports/{receipt}/appeal", json={"comment": "Look again."})
    assert Case.get().urgent


def test_an_appeal_stays_urgent_whatever_else_is_reported_and_taken_back(news: Page, desk: Desk) -> None:
    receipt = news.report(category="self_harm").json["receipt"]
    desk.decide(1, "dismiss")
    news.client.post(f"/api/v1/reports/{receipt}/appeal", json={"comment": "Look again."})
    news.report(category="spam")
    assert Case.get().urgent
    news.client.delete(f"/api/v1/reports/{news.report(category='spam').json['receipt']}")
    assert Case.get().urgent


def test_a_second_report_on_a_case_that_is_open_again_makes_it_no_graver(news: Page, desk: Desk) -> None:
    news.report(category="self_harm")
    desk.decide(1, "dismiss")
    news.report(category="spam")
    before = Case.get()
    news.report(category="spam")
    assert (Case.get().category, Case.get().due_at) == (before.category, before.due_at)


def test_who_disagrees_with_being_set_aside_appeals_against_no_decision_that_could_change(
    news: Page, desk: Desk, other_desk: Desk
) -> None:
    first = flood(news)[0]
    aside(desk)
    news.client.post(f"/api/v1/reports/{first}/appeal", json={"comment": "I am one person."})
    desk.decide(1, "dismiss")
    assert of_appeals(news, desk) == (0, 0)
    news.client.post(f"/api/v1/reports/{first}/appeal", json={"comment": "Look again."})
    other_desk.decide(1, "withdraw", "You were right.")
    assert of_appeals(news, desk) == (1, 1)


def of_appeals(page: Page, desk: Desk) -> tuple[int, int]:
    """How many were decided, and how many of them changed the outcome; the figures of the desk say the same."""
    provisions = page.client.get("/api/v1/compliance", headers=page.bearer).json["provisions"]
    found = next(one["evidence"] for one in provisions if "appeals_decided" in one["evidence"])
    told = found["appeals_decided"], found["appeals_that_changed_it"]
    rows = dict(row.split(",,") for row in desk.get("/admin/figures.csv").text.splitlines() if ",," in row)
    assert told == (int(rows["appeals decided"]), int(rows["appeals that changed the outcome"]))
    return told
