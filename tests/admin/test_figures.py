"""The desk's figures: how much comes, how much is decided, and how long readers wait."""

import csv
import io
import re

import pytest

from tests.admin.test_bursts import aside, flood
from tests.admin.test_compliance import clause
from tests.admin.test_decisions import LONG, NEAR
from tests.conftest import Clock, Desk, Page
from widget_server.storage import bulk
from widget_server.storage.tables import Case, Ruling


def figures(desk: Desk, **query: object) -> dict[tuple[str, str], str]:
    """The CSV, by what each number is about."""
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    answer = desk.get(f"/admin/figures.csv?{asked}")
    assert answer.status_code == 200, answer.text
    rows = csv.DictReader(io.StringIO(answer.text))
    return {(row["figure"], row["of"]): row["number"] for row in rows}


def sign_in_again(desk: Desk) -> None:
    desk.post("/admin/login", "/admin/login", email=desk.email, password="correct horse battery")


def decided(desk: Desk, clock: Clock, number: int, decision: str = "dismiss", *, seen: float, after: float) -> None:
    """`seen` minutes from now somebody opens the case, `after` minutes later they decide."""
    clock.move(minutes=seen)
    desk.get(f"/admin/reports/{number}")
    clock.move(minutes=after)
    assert desk.decide(number, decision).status_code == 302


def test_reports_and_decisions_are_counted_by_day_category_clause_and_model(
    news: Page, desk: Desk, clock: Clock
) -> None:
    token = news.render("a first text", model="jamba-large").json["content"]
    news.report("a first text", content=token, category="fraud")
    news.report("a first text", category="spam")
    desk.decide(1, "withdraw", category="fraud")
    clock.move(hours=13)
    sign_in_again(desk)
    news.report("a second text", category="self_harm")
    told = figures(desk)
    assert {name: number for name, number in told.items() if " by " in name[0]} == {
        ("reports by day", "2026-11-23"): "2",
        ("decisions by day", "2026-11-23"): "1",
        ("reports by day", "2026-11-24"): "1",
        ("decisions by day", "2026-11-24"): "0",
        ("reports by category", "fraud"): "1",
        ("decisions by category", "fraud"): "1",
        ("reports by category", "spam"): "1",
        ("decisions by category", "spam"): "0",
        ("reports by category", "self_harm"): "1",
        ("decisions by category", "self_harm"): "0",
        ("reports by clause", "1.ii"): "2",
        ("decisions by clause", "1.ii"): "1",
        ("reports by clause", "1.iii"): "1",
        ("decisions by clause", "1.iii"): "0",
        ("reports by model", "jamba-large"): "2",
        ("decisions by model", "jamba-large"): "1",
        ("reports by model", ""): "1",
        ("decisions by model", ""): "0",
    }


def test_one_report_and_one_decision_are_not_told_as_several(news: Page, desk: Desk) -> None:
    news.report("one")
    desk.decide(1, "dismiss")
    page = desk.get("/admin/figures").text
    assert ">1 report<" in page
    assert ">1 decision<" in page
    assert not re.search(r"\b1 (reports|decisions)\b", page)


def test_waits_are_told_by_median_and_nine_of_ten(news: Page, desk: Desk, clock: Clock) -> None:
    for number, (seen, after) in enumerate([(1, 9), (2, 18), (30, 60), (10, 20)], start=1):
        news.report(f"text {number} and {number * 31}")
        decided(desk, clock, number, seen=seen, after=after)
    told = figures(desk)
    assert [told["seconds to first view", kind] for kind in ("counted", "median", "p90")] == ["4", "120", "1800"]
    assert [told["seconds to decision", kind] for kind in ("counted", "median", "p90")] == ["4", "1200", "5400"]
    assert told["seconds to appeal", "counted"] == "0"
    assert ("seconds to appeal", "median") not in told
    page = desk.get("/admin/figures").text
    assert re.search(r"First report to first view</th><td>2 min</td><td>30 min</td><td>4</td>", page)
    assert re.search(r"First report to decision</th><td>20 min</td><td>1 h 30 min</td><td>4</td>", page)
    assert re.search(r"Appeal to its decision</th><td>–</td><td>–</td><td>0</td>", page)


def test_appeals_have_their_own_wait_and_outcome(news: Page, desk: Desk, clock: Clock) -> None:
    receipts = [news.report(f"text {number} and {number * 31}").json["receipt"] for number in (1, 2, 3)]
    for number, receipt in enumerate(receipts, start=1):
        desk.decide(number, "dismiss")
        news.client.post(f"/api/v1/reports/{receipt}/appeal", json={"comment": "Look again."})
    decided(desk, clock, 1, "dismiss", seen=1, after=9)
    decided(desk, clock, 2, "withdraw", seen=10, after=10)
    desk.decide(3, "escalate", "")
    decided(desk, clock, 3, "withdraw", seen=10, after=20)
    told = figures(desk)
    assert (told["appeals decided", ""], told["appeals that changed the outcome", ""]) == ("3", "2")
    assert [told["seconds to appeal", kind] for kind in ("counted", "median", "p90")] == ["3", "1800", "3600"]
    assert told["seconds to decision", "counted"] == "3"
    assert re.search(r"Changed on appeal</dt><dd>2 <small>of 3 decided", desk.get("/admin/figures").text)


def test_an_objection_before_the_first_decision_is_no_appeal(news: Page, desk: Desk) -> None:
    receipts = flood(news)
    aside(desk)
    news.client.post(f"/api/v1/reports/{receipts[0]}/appeal", json={"comment": "I am a person. Look at it, please."})
    desk.decide(1, "withdraw")
    told = figures(desk)
    assert (told["appeals decided", ""], told["seconds to appeal", "counted"]) == ("0", "0")
    provisions = news.client.get("/api/v1/compliance", headers=news.bearer).json["provisions"]
    assert [one["evidence"]["appeals_decided"] for one in provisions if "appeals_decided" in one["evidence"]] == [0]


def test_a_decision_is_in_time_until_the_very_moment(news: Page, desk: Desk, clock: Clock) -> None:
    for number in (1, 2):
        news.report(f"text {number} and {number * 31}", category="self_harm")
    decided(desk, clock, 1, seen=20, after=30)
    decided(desk, clock, 2, seen=20, after=30)
    told = figures(desk)
    assert (told["decisions in time", ""], told["decisions with a clock", ""]) == ("1", "2")
    assert re.search(r"Decided in time</dt><dd>50.0 % <small>1 of 2", desk.get("/admin/figures").text)


def test_what_waits_and_what_is_late_leads_to_the_queue(news: Page, desk: Desk, clock: Clock) -> None:
    for number, category in enumerate(["self_harm", "spam", "fraud"]):
        news.report(f"text {number} and {number * 31}", category=category)
    clock.move(hours=2)
    told = figures(desk)
    assert (told["cases that wait now", ""], told["cases that are late now", ""]) == ("3", "1")
    page = desk.get("/admin/figures").text
    assert re.search(r'Late now</dt><dd><a href="/admin/reports\?late=1">1</a>', page)
    assert '<a href="/admin/reports?category=spam">Spam</a>' in page
    assert '<a href="/admin/reports?clause=1.ii">Clause 1.ii</a>' in page


def test_what_was_taken_back_does_not_count(news: Page, desk: Desk) -> None:
    news.report()
    desk.decide(1, "dismiss")
    desk.undo(1)
    told = figures(desk)
    assert told["decisions by category", "misinformation"] == "0"
    assert (told["seconds to decision", "counted"], told["decisions with a clock", ""]) == ("0", "0")
    assert Ruling.select().count() == 1


def test_a_handover_is_no_decision_and_a_second_thought_no_wait(news: Page, desk: Desk) -> None:
    news.report()
    desk.decide(1, "escalate", "")
    desk.decide(1, "dismiss")
    desk.decide(1, "withdraw")
    told = figures(desk)
    assert told["decisions by category", "misinformation"] == "2"
    assert (told["seconds to decision", "counted"], told["decisions with a clock", ""]) == ("1", "1")


def test_what_was_decided_unseen_has_no_first_view(news: Page, desk: Desk, clock: Clock) -> None:
    from widget_server.rules.moderation import Decision
    from widget_server.storage.rulings import Verdict

    news.report()
    bulk.decide({1: 0}, Verdict(Decision.DISMISS, "spam", "guideline", "No."), moderator=1, at=clock())
    told = figures(desk)
    assert (told["seconds to first view", "counted"], told["seconds to decision", "counted"]) == ("0", "1")


def test_a_site_has_its_own_figures(news: Page, shop: Page, desk: Desk) -> None:
    news.report("one")
    shop.report("two", category="fraud")
    desk.decide(2, "dismiss", category="fraud")
    told = figures(desk, site=shop.key)
    assert ("reports by category", "misinformation") not in told
    assert (told["reports by category", "fraud"], told["decisions by category", "fraud"]) == ("1", "1")
    assert told["cases that wait now", ""] == "0"
    assert figures(desk)["cases that wait now", ""] == "1"
    page = desk.get(f"/admin/figures?site={shop.key}").text
    assert f'href="/admin/reports?site={shop.key}&amp;category=fraud"' in page


@pytest.mark.parametrize(("days", "told"), [(7, False), (30, True), (90, True), (364, True)])
def test_a_period_has_its_own_figures(news: Page, desk: Desk, clock: Clock, days: int, told: bool) -> None:
    news.report()
    clock.move(days=29)
    sign_in_again(desk)
    assert (("reports by day", "2026-11-23") in figures(desk, days=days)) is told
    page = desk.get(f"/admin/figures?days={days}").text
    assert ("Nothing in this period" in page) is not told
    assert page.count('<svg class="chart"') == (5 if told else 0)


def test_a_year_is_told_by_the_week(news: Page, desk: Desk) -> None:
    news.report()
    page = desk.get("/admin/figures?days=364").text
    assert '<th scope="row">2026-11-17 to 2026-11-23</th><td>1</td><td>0</td>' in page
    assert page.count('<th scope="row">2') == 52


def test_every_chart_has_a_name_and_a_table(news: Page, desk: Desk) -> None:
    news.report()
    desk.decide(1, "dismiss")
    page = desk.get("/admin/figures").text
    charts = re.findall(
        r'<svg class="chart"[^>]*role="img" aria-labelledby="([\w-]+)">\s*<title id="([\w-]+)">([^<]+)', page
    )
    assert len(charts) == page.count('<svg class="chart"') == 5
    assert all(named == name for named, name, _ in charts)
    assert charts[0][2] == ("Reports from 2026-10-25 to 2026-11-23: 1, the most 1 (2026-11-23)")
    assert charts[2][2] == "1 report, 1 decision"
    assert page.count("<summary>The figures</summary>") == 4
    assert "style=" not in page


@pytest.mark.parametrize(
    ("query", "status", "named"),
    [
        ("days=8", 400, "“days”"),
        ("days=many", 400, "“days”"),
        ("days=" + "9" * 5000, 400, "“days”"),
        ("site=nobody", 404, "no site"),
        ("site=%00", 400, ""),
    ],
)
def test_what_is_not_understood_is_named(desk: Desk, query: str, status: int, named: str) -> None:
    for page in ("figures", "figures.csv"):
        answer = desk.get(f"/admin/{page}?{query}")
        assert answer.status_code == status
        assert named in answer.text


def test_a_models_name_is_no_formula_in_a_spreadsheet(news: Page, desk: Desk) -> None:
    token = news.render("a text", model="=1+1").json["content"]
    news.report("a text", content=token)
    answer = desk.get("/admin/figures.csv")
    assert "reports by model,'=1+1,1" in answer.text
    assert answer.headers["Content-Disposition"] == "attachment; filename=figures-30-days.csv"
    assert '<a href="/admin/reports?model=%3D1%2B1">=1+1</a>' in desk.get("/admin/figures").text


def test_many_models_are_told_by_the_most_reported(news: Page, desk: Desk) -> None:
    for number in range(15):
        token = news.render(f"text {number} and {number * 31}", model=f"jamba-{number:02d}").json["content"]
        for _ in range(1 + (number == 14)):
            news.report(f"text {number} and {number * 31}", content=token)
    page = desk.get("/admin/figures").text
    assert page.index("jamba-14") < page.index("jamba-00")
    assert "jamba-11" not in page
    assert '<th scope="row">3 others</th><td>3</td><td>0</td>' in page
    assert len([name for name, _ in figures(desk) if name == "reports by model"]) == 15


def test_the_figures_ask_the_database_little(news: Page, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from widget_server.storage.tables import database

    for number in range(5):
        news.report(f"text {number} and {number * 31}")
        desk.decide(number + 1, "dismiss")
    statements: list[str] = []
    real = database.obj.execute_sql

    def counting(sql: str, *arguments: object, **named: object) -> object:
        statements.append(sql)
        return real(sql, *arguments, **named)

    monkeypatch.setattr(database.obj, "execute_sql", counting)
    desk.get("/admin/figures")
    assert len(statements) <= 16, statements


def test_metrics_tell_what_waits_and_what_is_late(news: Page, clock: Clock) -> None:
    for number, category in enumerate(["self_harm", "violence", "spam"]):
        news.report(f"text {number} and {number * 31}", category=category)
    clock.move(hours=2)
    assert {
        "widget_cases_waiting 3.0",
        'widget_cases_waiting_by_urgency{urgent="yes"} 2.0',
        'widget_cases_waiting_by_urgency{urgent="no"} 1.0',
        'widget_cases_late{urgent="yes"} 1.0',
        'widget_cases_late{urgent="no"} 0.0',
    } <= metrics(news)


def test_metrics_count_cases_on_a_card_of_another_one_as_well(news: Page, clock: Clock) -> None:
    text = (
        "A long text about lighthouses and their people, that a machine has written for whoever wants to know more of"
    )
    for lamps in ("old", "older", "oldest"):
        news.report(f"{text} {lamps} lamps.")
    assert Case.select().where(Case.leader.is_null(False)).count() == 2
    clock.move(days=30)
    assert {
        "widget_cases_waiting 3.0",
        'widget_cases_late{urgent="no"} 3.0',
        'widget_cases_late{urgent="yes"} 0.0',
    } <= metrics(news)


def test_a_near_duplicate_that_is_late_and_urgent_is_counted_once_wherever_it_is_counted(
    news: Page, desk: Desk, clock: Clock
) -> None:
    news.report(LONG, category="spam")
    news.report(NEAR, category="self_harm")
    clock.move(hours=2)
    for on_cards in ("of one card", "each on its own"):
        sign_in_again(desk)
        told, evidence = figures(desk), clause(news, "2.iii")["evidence"]
        assert (told["cases that wait now", ""], told["cases that are late now", ""]) == ("2", "1"), on_cards
        assert (evidence["cases_waiting"], evidence["cases_late"]) == (2, 1), on_cards
        assert clause(news, "1.i")["evidence"]["urgent_cases_waiting"] == 1, on_cards
        assert {
            "widget_cases_waiting 2.0",
            'widget_cases_waiting_by_urgency{urgent="yes"} 1.0',
            'widget_cases_waiting_by_urgency{urgent="no"} 1.0',
            'widget_cases_late{urgent="yes"} 1.0',
            'widget_cases_late{urgent="no"} 0.0',
        } <= metrics(news), on_cards
        desk.post("/admin/reports/2/split", "/admin/reports/2")


def test_what_was_decided_with_its_card_waits_no_more(news: Page, desk: Desk) -> None:
    news.report(LONG, category="self_harm")
    news.report(NEAR, category="self_harm")
    desk.decide(1, "dismiss", along=True)
    assert {"widget_cases_waiting 0.0", 'widget_cases_waiting_by_urgency{urgent="yes"} 0.0'} <= metrics(news)
    assert figures(desk)["cases that wait now", ""] == "0"


def metrics(page: Page) -> set[str]:
    return set(page.client.get("/metrics").text.splitlines())
