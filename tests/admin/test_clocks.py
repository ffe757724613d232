"""Until when a case is to be decided: at the desk, and by the owner's hours."""

import re
from datetime import datetime, timedelta

import pytest

from tests.admin.test_bursts import aside, flood
from tests.admin.test_queue import LONG
from tests.conftest import Clock, Desk, Page, held, shown_in
from widget_server.rules.clocks import HOURS
from widget_server.storage.clocks import hours
from widget_server.storage.tables import Case, LogEntry, Ruling

OTHER = "Quite another text, about ships, harbours, tides, and what the pilots say of the weather in the spring."


def hours_left(number: int, clock: Clock) -> float:
    """Exact but for the microseconds in which the test looks."""
    return round((due(number) - clock.moment) / timedelta(hours=1), 6)


def card_left(number: int, clock: Clock) -> float:
    """The same of the card that a case leads."""
    return round((Case.get_by_id(number).card_due_at - clock.moment) / timedelta(hours=1), 6)


def later(desk: Desk, clock: Clock, **by: float) -> None:
    """The session has ended meanwhile."""
    clock.move(**by)
    desk.post("/admin/login", "/admin/login", email=desk.email, password="correct horse battery")


def due(number: int) -> datetime:
    return Case.get_by_id(number).due_at


def set_hours(desk: Desk, **hours: object) -> object:
    return desk.post(
        "/admin/clocks", "/admin/clocks", **{kind: str(given) for kind, given in {**HOURS, **hours}.items()}
    )


@pytest.mark.parametrize(("category", "hours"), [("child_sexual", 1), ("violence", 4), ("fraud", 24), ("spam", 72)])
def test_a_case_is_due_by_what_it_is_reported_for(news: Page, clock: Clock, category: str, hours: int) -> None:
    news.report(category=category)
    assert hours_left(1, clock) == hours
    clock.move(minutes=30)
    news.report(category=category)  # the first reader's wait counts
    assert hours_left(1, clock) == hours - 0.5


def test_a_graver_report_brings_the_time_forward(news: Page, clock: Clock) -> None:
    news.report(category="spam")
    clock.move(minutes=30)
    news.report(category="self_harm")
    assert hours_left(1, clock) == 0.5


def test_a_card_and_a_case_tell_the_clock(news: Page, desk: Desk, clock: Clock) -> None:
    news.report(category="violence")
    exactly = "2026-11-23T16:00:00+00:00"
    for moved, told, how in [
        (1, "Due in 2 h 59 min", "in_time"),
        (2, "Due in 59 min", "soon"),
        (3, "Late by 2 h", "late"),
    ]:
        clock.move(hours=moved)
        for page in ("/admin/reports", "/admin/reports/1"):
            shown = desk.get(page).text
            assert re.search(rf'data-state="{how}"><svg.*?</svg>{told}', shown), (page, told)
            assert exactly in shown


def test_what_is_settled_has_no_clock(news: Page, desk: Desk, clock: Clock) -> None:
    news.report(category="fraud")
    desk.decide(1, "dismiss")
    assert due(1) is None
    assert not re.search(r'data-state="(in_time|soon|late)"', desk.get("/admin/reports/1").text)
    clock.move(days=9)
    news.report(category="fraud")
    assert hours_left(1, clock) == 24


def test_a_case_that_its_reporters_leave_has_no_clock(news: Page, clock: Clock) -> None:
    receipt = news.report().json["receipt"]
    news.client.delete(f"/api/v1/reports/{receipt}")
    assert due(1) is None


def test_handing_a_case_on_does_not_begin_its_clock_again(news: Page, desk: Desk, clock: Clock) -> None:
    news.report(category="fraud")
    before = due(1)
    later(desk, clock, hours=20)
    desk.decide(1, "escalate", "")
    assert due(1) == before
    news.report(category="fraud")
    assert due(1) == before


def test_a_handover_that_is_taken_back_leaves_the_case_as_it_was(
    news: Page, desk: Desk, other_desk: Desk, clock: Clock
) -> None:
    news.report("first")
    clock.move(hours=1)
    news.report("second")
    before = due(1)
    colleague = re.search(rf'value="(\d+)"[^>]*>{other_desk.email}', desk.get("/admin/reports/1").text)[1]
    desk.decide(1, "escalate", "", colleague=colleague)
    assert Case.get_by_id(1).escalated_to.email == other_desk.email
    desk.undo(1)
    assert desk.cases() == [1, 2]
    assert due(1) == before
    assert Case.get_by_id(1).escalated_to_id is None


def decided_after_a_handover(news: Page, desk: Desk, other_desk: Desk, clock: Clock) -> Case:
    """The case as it was handed to the other desk. Since it was decided there, it was opened again, and left."""
    news.report()
    colleague = re.search(rf'value="(\d+)"[^>]*>{other_desk.email}', desk.get("/admin/reports/1").text)[1]
    desk.decide(1, "escalate", "", colleague=colleague)
    handed = Case.get()
    clock.move(hours=1)
    other_desk.decide(1, "dismiss")
    clock.move(hours=5)
    news.client.delete(f"/api/v1/reports/{news.report().json['receipt']}")
    return handed


def test_a_decision_that_is_taken_back_leaves_the_case_to_whom_and_since_when_it_was(
    news: Page, desk: Desk, other_desk: Desk, clock: Clock
) -> None:
    handed = decided_after_a_handover(news, desk, other_desk, clock)
    desk.undo(1)
    case = Case.get()
    assert (case.state, case.escalated_to, case.waiting_since) == (
        "escalated",
        handed.escalated_to,
        handed.waiting_since,
    )


def test_a_case_that_was_left_to_somebody_who_is_gone_is_anybodys_again(
    news: Page, desk: Desk, other_desk: Desk, clock: Clock
) -> None:
    decided_after_a_handover(news, desk, other_desk, clock)
    later(desk, clock)
    assert desk.post("/admin/people/2/remove", "/admin/people/2").status_code == 303
    desk.undo(1)
    assert (Case.get().state, Case.get().escalated_to) == ("escalated", None)


def test_an_appeal_waits_since_it_came_once_a_decision_about_it_is_taken_back(
    news: Page, desk: Desk, other_desk: Desk, clock: Clock
) -> None:
    receipt = news.report().json["receipt"]
    desk.decide(1, "dismiss")
    news.client.post(f"/api/v1/reports/{receipt}/appeal", json={"comment": "Look again."})
    since = Case.get().waiting_since
    clock.move(hours=1)
    other_desk.decide(1, "dismiss")
    clock.move(hours=5)
    news.client.delete(f"/api/v1/reports/{news.report().json['receipt']}")
    other_desk.undo(1)
    assert (Case.get().state, Case.get().waiting_since) == ("appealed", since)


def test_a_decision_that_is_taken_back_leaves_the_clock_running(news: Page, desk: Desk) -> None:
    news.report()
    before = due(1)
    desk.decide(1, "dismiss")
    desk.undo(1)
    assert due(1) == before


def test_an_appeal_has_a_clock_of_its_own(news: Page, desk: Desk, clock: Clock) -> None:
    receipt = news.report(category="fraud").json["receipt"]
    desk.decide(1, "dismiss")
    later(desk, clock, days=2)
    news.client.post(f"/api/v1/reports/{receipt}/appeal", json={"comment": "Look again."})
    assert hours_left(1, clock) == 72
    clock.move(hours=1)
    news.report(category="fraud")  # whoever reports now waits no longer than others
    assert hours_left(1, clock) == 24
    desk.decide(1, "withdraw")
    assert due(1) is None


def test_an_appeal_that_is_left_alone_keeps_its_own_time(news: Page, desk: Desk, clock: Clock) -> None:
    first = news.report(category="fraud").json["receipt"]
    desk.decide(1, "dismiss")
    later(desk, clock, days=60)
    second = news.report(category="fraud").json["receipt"]
    clock.move(hours=1)
    news.client.post(f"/api/v1/reports/{first}/appeal", json={"comment": "Look again."})
    assert hours_left(1, clock) == 23
    news.client.delete(f"/api/v1/reports/{second}")
    assert hours_left(1, clock) == 72
    clock.move(hours=1)
    news.report(category="fraud")
    assert hours_left(1, clock) == 24


def test_a_report_that_is_left_alone_keeps_its_own_time(news: Page, desk: Desk, clock: Clock) -> None:
    first = news.report(category="spam").json["receipt"]
    desk.decide(1, "dismiss")
    news.client.post(f"/api/v1/reports/{first}/appeal", json={"comment": "Look again."})
    clock.move(hours=10)
    graver = news.report(category="violence").json["receipt"]
    news.report(category="spam")
    assert hours_left(1, clock) == 4
    news.client.delete(f"/api/v1/reports/{first}")
    assert (hours_left(1, clock), Case.get().state) == (4, "open")
    clock.move(hours=1)
    news.client.delete(f"/api/v1/reports/{graver}")
    assert hours_left(1, clock) == 71


def test_a_decision_taken_back_leaves_the_time_of_those_whose_reports_are_left(
    news: Page, desk: Desk, clock: Clock
) -> None:
    graver = news.report(category="violence").json["receipt"]
    clock.move(hours=1)
    news.report(category="spam")
    desk.decide(1, "dismiss")
    news.client.delete(f"/api/v1/reports/{graver}")
    desk.undo(1)
    assert (hours_left(1, clock), Case.get().category, Case.get().urgent) == (72, "spam", False)


def test_a_card_is_due_with_the_first_case_on_it(news: Page, desk: Desk, clock: Clock) -> None:
    news.report(LONG, category="spam")
    news.report(LONG.replace("six million", "seven million"), category="self_harm")
    assert Case.get_by_id(2).leader_id == 1
    assert card_left(1, clock) == card_left(2, clock) == 1
    assert (hours_left(1, clock), Case.get_by_id(1).urgent) == (72, False)
    news.report(LONG, category="spam")
    assert card_left(1, clock) == 1
    set_hours(desk, self_harm=2, spam=50)
    assert card_left(1, clock) == card_left(2, clock) == 2
    assert hours_left(1, clock) == 50


@pytest.mark.parametrize("how", ["taken back", "decided", "split", "merged", "appealed", "set aside", "eased"])
def test_a_card_is_urgent_and_due_as_what_is_left_on_it(news: Page, desk: Desk, clock: Clock, how: str) -> None:
    near = LONG.replace("six million", "seven million")
    news.report(LONG, category="spam")
    news.report(OTHER, category="spam")
    clock.move(minutes=1)
    receipts = flood(news, text=near, category="self_harm")
    assert (desk.cases(), card_left(1, clock)) == ([1, 2], 1)
    if how == "taken back":
        for receipt in receipts:
            news.client.delete(f"/api/v1/reports/{receipt}")
    elif how == "decided":
        desk.decide(3, "dismiss")
    elif how in ("split", "merged"):
        desk.post(f"/admin/reports/3/{how[:5].rstrip('d')}", "/admin/reports/3", into="2")
    elif how == "set aside":
        aside(desk, case=3, sure="1")
    elif how == "eased":
        news.report(near, category="spam")
        for receipt in receipts:
            news.client.delete(f"/api/v1/reports/{receipt}")
    else:
        desk.decide(3, "dismiss")
        news.report(near, category="self_harm")
        desk.post("/admin/reports/3/merge", "/admin/reports/3", into="1")
        assert Case.get_by_id(1).card_urgent
        news.client.post(f"/api/v1/reports/{receipts[0]}/appeal", json={"comment": "Look again."})
    assert Case.get_by_id(1).card_urgent is False
    assert card_left(1, clock) == round(72 - 1 / 60, 6)


def test_a_merged_card_eases_as_its_cases_leave(news: Page, desk: Desk, clock: Clock) -> None:
    news.report(OTHER, category="spam")
    news.report(LONG, category="spam")
    news.report(LONG.replace("six million", "seven million"), category="self_harm")
    desk.post("/admin/reports/2/merge", "/admin/reports/2", into="1")
    assert [case.leader_id for case in Case.select().order_by(Case.id)] == [None, 1, 1]
    assert [card_left(number, clock) for number in (1, 2, 3)] == [1, 72, 1]
    desk.post("/admin/reports/3/split", "/admin/reports/3")
    assert [card_left(number, clock) for number in (1, 2, 3)] == [72, 72, 1]
    assert desk.cases() == [3, 1]


def test_a_card_is_due_later_when_what_hurried_it_may_wait_longer(news: Page, desk: Desk, clock: Clock) -> None:
    news.report(LONG, category="spam")
    news.report(LONG.replace("six million", "seven million"), category="self_harm")
    set_hours(desk, self_harm=24)
    assert [card_left(number, clock) for number in (1, 2)] == [24, 24]


def test_a_card_is_due_later_when_what_hurried_it_is_graver_and_may_wait_longer(
    news: Page, desk: Desk, clock: Clock
) -> None:
    set_hours(desk, violence=200, gambling=5)
    near = LONG.replace("six million", "seven million")
    news.report(LONG, category="wrong_label")
    news.report(near, category="gambling")
    assert [card_left(number, clock) for number in (1, 2)] == [5, 5]
    news.report(near, category="violence")
    assert [card_left(number, clock) for number in (1, 2)] == [72, 200]


def test_a_decision_is_in_time_by_its_own_clock_whatever_stands_on_its_card(
    news: Page, desk: Desk, clock: Clock
) -> None:
    news.report(LONG, category="spam")
    news.report(LONG.replace("six million", "seven million"), category="self_harm")
    clock.move(hours=2)
    desk.decide(1, "dismiss", category="spam")
    ruling = Ruling.get()
    assert ruling.due_at == ruling.reported_since + timedelta(hours=72) > ruling.decided_at


def test_the_owners_hours_hold_for_all_that_waits_and_all_that_comes(news: Page, desk: Desk, clock: Clock) -> None:
    receipts = [news.report(text, category="fraud").json["receipt"] for text in ("one", "two", "three")]
    for number in (2, 3):
        desk.decide(number, "dismiss")
    for receipt in receipts[1:]:
        news.client.post(f"/api/v1/reports/{receipt}/appeal", json={"comment": "Look again."})
    news.report(OTHER, category="hate")
    news.report("three", category="fraud")
    assert set_hours(desk, fraud=10, appeal=5).status_code == 303
    assert [hours_left(number, clock) for number in (1, 2, 3, 4)] == [10, 5, 5, 24]
    news.report("five", category="fraud")
    five = Case.get(Case.text == "five").id
    assert hours_left(five, clock) == 10
    assert set_hours(desk, fraud=3, appeal=5).status_code == 303
    assert [hours_left(number, clock) for number in (1, 2, 3, five)] == [3, 5, 3, 3]
    assert (
        'name="fraud" type="number" inputmode="numeric" min="1" max="720" step="1" required value="3"'
        in desk.get("/admin/clocks").text
    )


def test_who_sets_the_clocks_is_written_down(desk: Desk) -> None:
    set_hours(desk, fraud=10, appeal=100)
    set_hours(desk, fraud=10, appeal=100)  # nothing new
    (entry,) = LogEntry.select().where(LogEntry.verb == "set clocks")
    assert entry.moderator.email == desk.email
    assert entry.particulars == {"fraud": "24 h → 10 h", "appeal": "72 h → 100 h"}


def test_hours_that_another_owner_has_set_meanwhile_stay(desk: Desk, other_desk: Desk) -> None:
    stale = held(desk, "/admin/clocks")
    set_hours(other_desk, violence=2, fraud=20)
    assert set_hours(desk, spam=100, shown=stale).status_code == 303
    assert (hours()["violence"], hours()["spam"]) == (2, 100)
    answer = set_hours(desk, violence=2, spam=100, fraud=30, hate=20, shown=stale)
    assert answer.status_code == 409
    assert "now it is: 20. Keep again" in answer.text
    assert (hours()["fraud"], hours()["hate"]) == (20, HOURS["hate"])
    again = {"violence": 2, "spam": 100, "fraud": 30, "hate": 20, "shown": shown_in(answer)}
    assert set_hours(desk, **again).status_code == 303
    assert (hours()["violence"], hours()["fraud"], hours()["hate"]) == (2, 30, 20)


@pytest.mark.parametrize("wrong", ["0", "721", "1.5", "", "many", "-3", "9" * 5000])
def test_hours_that_cannot_be_are_refused_and_what_was_typed_stays(news: Page, desk: Desk, wrong: str) -> None:
    answer = set_hours(desk, fraud=wrong, spam=100)
    assert answer.status_code == 422
    assert 'href="#fraud">Scam or fraud</a>: <span lang="en" dir="ltr">Write whole hours, from 1 to 720.' in answer.text
    assert f'required value="{wrong}"' in answer.text
    assert 'required value="100"' in answer.text
    assert 'value="24"' in desk.get("/admin/clocks").text


@pytest.mark.parametrize("edge", [1, 720])
def test_hours_at_the_edge_are_kept(news: Page, desk: Desk, clock: Clock, edge: int) -> None:
    assert set_hours(desk, other=edge).status_code == 303
    news.report(category="other")
    assert hours_left(1, clock) == edge


def test_the_queue_shows_what_is_late(news: Page, desk: Desk, clock: Clock) -> None:
    news.report("old", category="spam")
    news.report("threat", category="intimidation")
    clock.move(hours=5)
    news.report("new threat", category="intimidation")
    assert desk.cases(late="1") == [2]
    assert desk.cases(late="1", category="spam") == []
    later(desk, clock, hours=68)
    assert desk.cases(late="1") == [2, 3, 1]
    assert desk.get("/admin/reports?late=maybe").status_code == 400


def test_a_decision_keeps_how_long_readers_waited_for_it(news: Page, desk: Desk, clock: Clock) -> None:
    began = clock.moment
    receipt = news.report(category="violence").json["receipt"]
    clock.move(hours=1)
    desk.get("/admin/reports/1")
    clock.move(hours=1)
    desk.decide(1, "dismiss")
    clock.move(hours=1)
    news.client.post(f"/api/v1/reports/{receipt}/appeal", json={"comment": "Look again."})
    clock.move(hours=1)
    desk.decide(1, "withdraw")
    desk.decide(1, "relabel")
    first, second, third = Ruling.select().order_by(Ruling.id)

    def hours(*moments: datetime | None) -> list[int | None]:
        return [moment and round((moment - began) / timedelta(hours=1)) for moment in moments]

    assert hours(first.reported_since, first.appealed_since, first.viewed_at, first.due_at) == [0, None, 1, 4]
    assert hours(second.reported_since, second.appealed_since, second.viewed_at, second.due_at) == [None, 3, 4, 75]
    assert (first.replaced, second.replaced, third.replaced) == (None, "dismissed", "withdrawn")
    assert hours(third.reported_since, third.appealed_since, third.due_at) == [None, None, None]
