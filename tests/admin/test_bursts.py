"""Many reports at once: what the desk tells of them, and what a moderator may do about them."""

import re

import pytest

from tests.admin.test_lists import through
from tests.admin.test_queue import LONG
from tests.conftest import SECRET, TEXT, Clock, Desk, Page
from widget_server.rules.webhooks import Kind
from widget_server.storage import alerts, confirmations, connection, reported, retention, webhooks
from widget_server.storage.bursts import MOST_LOOKED_AT
from widget_server.storage.tables import Burst, Case, LogEntry, Report, SourceKey, Viewer, WebhookDelivery

WORD = r"Word \w+ of [\w ]+\."
OTHER = {"User-Agent": "Mozilla/5.0 (iPhone) Safari/605"}


def flood(page: Page, number: int = 12, *, address: str = "198.51.100.1", **body) -> list[str]:
    """The receipts of so many reports from one address."""
    return [one(page, address=address, **body) for _ in range(number)]


def one(page: Page, *, address: str = "203.0.113.7", headers: dict | None = None, **body) -> str:
    import uuid

    report = {"site": page.key, "id": str(uuid.uuid4()), "category": "misinformation", "text": TEXT}
    answer = page.client.post(
        "/api/v1/reports",
        json={**report, "page": f"{page.origin}/story", **body},
        headers={"Origin": page.origin, **(headers or {})},
        environ_overrides={"REMOTE_ADDR": address},
    )
    assert answer.status_code == 201, answer.text
    return answer.json["receipt"]


def aside(desk: Desk, burst: int = 1, *, case: int = 1, **form: str):
    return desk.post(f"/admin/reports/{case}/bursts/{burst}/aside", f"/admin/reports/{case}", **form)


def back(desk: Desk, burst: int = 1, *, case: int = 1):
    return desk.post(f"/admin/reports/{case}/bursts/{burst}/back", f"/admin/reports/{case}")


def told(desk: Desk, path: str = "/admin/reports") -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", desk.get(path).text))


def test_a_case_that_comes_back_to_the_desk_is_told_and_told_again_when_it_is_late(
    news: Page, desk: Desk, clock: Clock
) -> None:
    with connection():
        webhooks.add(
            "https://hook.example/", kind=Kind.STANDARD, site=None, wanted=[], note="", moderator=None, at=clock()
        )
    reports = [news.report(category="self_harm", email="reader@example.org" if n == 5 else "") for n in range(12)]

    def since() -> list[str]:
        """What was told since the last look, late cases among it."""
        with connection():
            alerts.find_late(at=clock())
            events = [row.event for row in WebhookDelivery.select().order_by(WebhookDelivery.id)]
            WebhookDelivery.delete().execute()
        return events

    assert since() == ["case.opened", "case.urgent"]
    clock.move(hours=1.2)
    assert since() == ["case.late"]
    aside, back = (f"/admin/reports/1/bursts/1/{deed}" for deed in ("aside", "back"))
    assert desk.post(aside, "/admin/reports/1", sure="1").status_code == 303
    assert since() == []
    assert desk.post(back, "/admin/reports/1").status_code == 303
    assert since() == ["case.opened", "case.urgent", "case.late"]
    assert desk.post(aside, "/admin/reports/1", sure="1").status_code == 303
    with connection():
        proof = confirmations.proof_of(Report.get(Report.email != ""), (SECRET,))
    confirmed = news.client.post(f"/r/{reports[5].json['receipt']}/confirm", data={"proof": proof})
    assert confirmed.status_code in (200, 302, 303)
    assert since() == ["case.opened", "case.urgent", "case.late"]


def test_a_thousand_reports_from_one_source_are_one_card_with_one_source(news: Page, desk: Desk) -> None:
    flood(news, 1_000)
    assert desk.cases() == [1]
    for page in (told(desk), told(desk, "/admin/reports/1")):
        assert "1,000 reports from about 1 source" in page
        assert "1,000 reports in 1 minute from about 1 source" in page
    assert Case.get().urgent is False


def test_sources_are_counted_by_address_and_browser(news: Page, desk: Desk) -> None:
    for address in ("203.0.113.1", "203.0.113.2", "2001:db8::1", "2001:db8::2"):
        one(news, address=address)
        one(news, address=address)
    one(news, address="203.0.113.1", headers=OTHER)
    assert "9 reports from about 4 sources" in told(desk)
    assert Burst.select().count() == 0


def test_a_source_says_nothing_across_sites_nor_after_a_week_and_how_many_they_were_stays(
    news: Page, shop: Page, desk: Desk, clock: Clock
) -> None:
    one(news)
    one(news, address="203.0.113.8")
    one(shop)
    numbers = [report.source for report in Report.select().order_by(Report.id)]
    assert len(set(numbers)) == 3
    assert not {row.key for row in Viewer.select()} & set(numbers)
    clock.move(days=7)
    retention.purge(days=365, at=clock())
    assert Report.select().where(Report.source.is_null()).count() == 0
    clock.move(days=1)
    retention.purge(days=365, at=clock())
    assert Report.select().where(Report.source.is_null(False)).count() == SourceKey.select().count() == 0
    one(news)
    assert Case.get_by_id(1).sources == 3
    assert "3 reports from about 3 sources" in told(signed_again(desk))


def signed_again(desk: Desk) -> Desk:
    desk.post("/admin/login", "/admin/login", email=desk.email, password="correct horse battery")
    return desk


def test_a_report_that_is_older_than_the_newest_of_a_burst_is_part_of_it(news: Page, desk: Desk, clock: Clock) -> None:
    flood(news, MOST_LOOKED_AT + 1)
    clock.move(seconds=-1)
    one(news, address="198.51.100.1")
    assert Burst.get().reports == Report.select().where(Report.burst.is_null(False)).count() == MOST_LOOKED_AT + 2


def test_no_report_is_hidden_or_pushed_back_by_how_many_there_are(news: Page, desk: Desk, clock: Clock) -> None:
    one(news, text="an honest report")
    clock.move(minutes=1)
    flood(news, 30)
    assert desk.cases() == [1, 2]
    assert Case.get_by_id(2).state == "open"
    assert Report.select().where(Report.aside_at.is_null(False)).count() == 0


def test_a_burst_is_told_in_words_and_who_reports_once_is_no_part_of_it(news: Page, desk: Desk, clock: Clock) -> None:
    for _ in range(10):
        one(news, address="198.51.100.1")
        one(news, address="198.51.100.2")
        clock.move(seconds=30)
    one(news, address="203.0.113.7", comment="It is in Paris.")
    assert "20 reports in 5 minutes from about 2 sources" in told(desk)
    assert "20 reports in 5 minutes from about 2 sources" in told(desk, "/admin/reports/1")
    assert aside(desk).status_code == 303
    assert desk.cases() == [1]
    page = told(desk)
    assert "1 report " in page
    assert "from about 2 sources , set aside" in page or "from about 2 sources, set aside" in page
    case = told(desk, "/admin/reports/1")
    assert "Set aside counts no more × 20" in case
    assert "It is in Paris." in case


def test_every_report_that_is_set_aside_can_be_read(news: Page, desk: Desk) -> None:
    said = {f"Word {number} of mine." for number in range(reported.PAGE + 5)}
    for each in sorted(said):
        one(news, address="198.51.100.1", comment=each)
    one(news, comment="Word of another one.")
    assert aside(desk).status_code == 303
    pages = through(
        desk, re.search(r'href="(/admin/reports/1/said/aside)"', desk.get("/admin/reports/1").text)[1], WORD
    )
    assert [len(page) for page in pages] == [reported.PAGE, 5]
    assert {word for page in pages for word in page} == said
    assert back(desk).status_code == 303
    assert "There is none." in desk.get("/admin/reports/1/said/aside").text


def test_a_case_that_has_nothing_but_a_burst_waits_no_more_until_that_is_brought_back(
    news: Page, desk: Desk, clock: Clock
) -> None:
    flood(news, category="hate")
    before = Case.get()
    desk.post("/admin/reports/1/claim", "/admin/reports/1")
    assert aside(desk).status_code == 303
    assert (desk.cases(), desk.cases(show="lapsed")) == ([], [1])
    clock.move(hours=23)
    signed_again(desk)
    assert back(desk).status_code == 303
    after = Case.get()
    assert desk.cases() == [1]
    assert (after.state, after.place, after.category, after.sources) == (before.state, before.place, "hate", 1)
    log = [(entry.verb, entry.particulars) for entry in LogEntry.select().where(LogEntry.verb.contains("burst"))]
    assert log == [
        ("set burst aside", {"burst": 1, "reports": 12}),
        ("bring burst back", {"burst": 1, "reports": 12}),
    ]


def test_a_case_that_was_handed_on_waits_for_the_same_colleague_as_long_as_before(
    news: Page, desk: Desk, other_desk: Desk, clock: Clock
) -> None:
    flood(news)
    before = Case.get()
    colleague = re.search(rf'value="(\d+)"[^>]*>{other_desk.email}', desk.get("/admin/reports/1").text)[1]
    desk.decide(1, "escalate", "", colleague=colleague)
    aside(desk)
    clock.move(hours=1)
    back(desk)
    after = Case.get()
    assert (after.state, after.due_at, str(after.escalated_to_id)) == ("escalated", before.due_at, colleague)
    aside(desk)
    one(news, address="203.0.113.8")
    assert (Case.get().state, Case.get().escalated_to) == ("open", None)


@pytest.mark.parametrize("how", ["brought back", "confirmed"])
def test_a_near_duplicate_that_counts_again_after_its_card_was_decided_gets_one_of_its_own(
    news: Page, desk: Desk, how: str
) -> None:
    news.report(LONG)
    near = LONG.replace("Rome", "Milan")
    flood(news, 1, text=near, email="reader@mail.example")
    flood(news, 11, text=near)
    assert aside(desk, case=2).status_code == 303
    assert desk.decide(1, "dismiss").status_code == 302
    if how == "confirmed":
        confirm(news)
    else:
        assert back(desk, case=2).status_code == 303
    assert desk.cases() == [2]


def test_a_burst_is_brought_back_within_a_day_only(news: Page, desk: Desk, clock: Clock) -> None:
    flood(news)
    aside(desk)
    clock.move(hours=24, seconds=1)
    signed_again(desk)
    assert "Bring them back" not in desk.get("/admin/reports/1").text
    assert back(desk).status_code == 409


def test_a_case_that_was_decided_before_stands_as_it_was_decided(news: Page, desk: Desk, clock: Clock) -> None:
    one(news)
    desk.decide(1, "dismiss")
    clock.move(hours=1)
    flood(news, category="hate")
    assert desk.cases() == [1]
    aside(desk)
    assert (Case.get().state, desk.cases(), desk.cases(show="decided")) == ("dismissed", [], [1])
    back(desk)
    assert (Case.get().state, desk.cases()) == ("open", [1])


def test_a_burst_that_was_decided_meanwhile_is_not_opened_again(news: Page, desk: Desk) -> None:
    flood(news)
    aside(desk)
    desk.decide(1, "withdraw")
    back(desk)
    assert Case.get().state == "withdrawn"


def test_a_burst_brought_back_after_the_decision_was_taken_back_is_to_be_decided(news: Page, desk: Desk) -> None:
    flood(news)
    desk.decide(1, "withdraw")
    aside(desk)
    desk.undo(1)
    assert (desk.cases(), Case.get().state) == ([], "lapsed")
    back(desk)
    assert (desk.cases(), Case.get().state) == ([1], "open")
    assert news.view().json["withdrawn"] == []


def test_an_honest_report_after_it_brings_the_case_back_with_its_own_place_and_numbers(
    news: Page, desk: Desk, clock: Clock
) -> None:
    flood(news, category="hate")
    aside(desk)
    clock.move(minutes=1)
    one(news, category="fraud")
    case = Case.get()
    assert (case.state, case.category, case.sources, desk.cases()) == ("open", "fraud", 1, [1])
    assert "1 report " in told(desk)
    back(desk)
    assert "13 reports from about 2 sources" in told(desk)


def test_what_comes_from_a_bursts_own_sources_while_it_goes_on_stands_aside_with_it(
    news: Page, desk: Desk, clock: Clock
) -> None:
    flood(news)
    aside(desk)
    clock.move(minutes=9)
    flood(news, 3)
    assert (desk.cases(), Burst.get().reports) == ([], 15)
    clock.move(minutes=10, seconds=1)
    flood(news, 1)
    assert desk.cases() == [1]


def test_urgent_harm_is_never_set_aside_without_a_second_word_and_never_by_itself(
    news: Page, desk: Desk, clock: Clock
) -> None:
    flood(news)
    one(news, address="198.51.100.1", category="self_harm")
    assert Case.get().urgent
    assert "I have read the text" in desk.get("/admin/reports/1").text
    answer = aside(desk)
    assert answer.status_code == 422
    assert "urgent harm" in answer.text
    assert Report.select().where(Report.aside_at.is_null(False)).count() == 0
    assert aside(desk, sure="1").status_code == 303
    assert (desk.cases(), Case.get().urgent) == ([], True)
    one(news, address="198.51.100.1", category="self_harm")
    assert (desk.cases(), Case.get().state) == ([1], "open")


def test_urgency_goes_with_the_reports_that_claimed_it(news: Page, desk: Desk) -> None:
    one(news, category="fraud")
    flood(news, category="violence")
    assert (Case.get().urgent, Case.get().category) == (True, "violence")
    aside(desk, sure="1")
    assert (Case.get().urgent, Case.get().category) == (False, "fraud")
    assert Case.get().place > 0


def test_nobody_sets_aside_what_a_colleague_has_taken(news: Page, desk: Desk, other_desk: Desk) -> None:
    flood(news)
    desk.post("/admin/reports/1/claim", "/admin/reports/1")
    answer = other_desk.post("/admin/reports/1/bursts/1/aside")
    assert answer.status_code == 409
    assert desk.email in answer.text
    assert aside(desk).status_code == 303
    assert aside(desk).status_code == 409


@pytest.mark.parametrize(("case", "burst", "status"), [(1, 2, 409), (2, 1, 404)])
def test_a_burst_that_is_not_there_is_not_set_aside(news: Page, desk: Desk, case: int, burst: int, status: int) -> None:
    flood(news)
    assert desk.post(f"/admin/reports/{case}/bursts/{burst}/aside").status_code == status


def test_whoever_decides_what_has_changed_since_is_told(news: Page, desk: Desk, other_desk: Desk) -> None:
    one(news)
    flood(news)
    version = re.search(r'name="version"[^>]*value="(\d+)"', desk.get("/admin/reports/1").text)[1]
    other_desk.post("/admin/reports/1/bursts/1/aside")
    assert desk.decide(1, "dismiss", version=version).status_code == 409


def test_only_confirmed_reports_can_be_asked_for(news: Page, desk: Desk) -> None:
    one(news)
    one(news, text="another text", email="reader@example.org")
    confirm(news)
    assert desk.cases(confirmed="yes") == [2]
    assert "1 confirmed" in told(desk)
    assert desk.get("/admin/reports?confirmed=maybe").status_code == 400


def confirm(page: Page, number: int = -1) -> str:
    """The reporter of the newest report with an address follows the link in the mail, and presses the button there."""
    from tests.conftest import SECRET
    from widget_server.storage import confirmations, connection, reports

    with connection():
        report = list(Report.select().where(Report.email != "").order_by(Report.id))[number]
        receipt, proof = reports.receipt_of(report, (SECRET,)), confirmations.proof_of(report, (SECRET,))
    assert page.client.post(f"/r/{receipt}/confirm", data={"proof": proof}).status_code == 303
    return receipt


def test_a_confirmed_report_stands_first_and_is_not_set_aside(news: Page, desk: Desk) -> None:
    one(news, address="198.51.100.1", email="reader@example.org", comment="the confirmed one")
    flood(news, comment="the raw one")
    confirm(news)
    page = desk.get("/admin/reports/1").text
    assert page.index("the confirmed one") < page.index("the raw one")
    assert "Confirmed address" in page
    aside(desk)
    assert desk.cases() == [1]
    assert Report.select().where(Report.aside_at.is_null(False)).count() == 12


def test_who_confirms_an_address_is_brought_back_with_the_case(news: Page, desk: Desk, clock: Clock) -> None:
    one(news, address="198.51.100.1", email="reader@example.org")
    clock.move(minutes=1)
    flood(news)
    aside(desk)
    assert desk.cases() == []
    receipt = confirm(news)
    assert desk.cases() == [1]
    assert Report.select().where(Report.aside_at.is_null(False)).count() == 12
    assert "set_aside" not in news.status(receipt)
    assert news.status(receipt)["confirmed"] is True


def test_who_asks_for_a_second_look_is_brought_back_and_can_appeal_against_the_decision_as_well(
    news: Page, desk: Desk
) -> None:
    receipts = flood(news)
    assert news.status(receipts[0])["can_appeal"] is False
    aside(desk)
    told = news.status(receipts[0])
    assert (told["state"], told["set_aside"], told["can_appeal"]) == ("received", True, True)
    appeal = f"/api/v1/reports/{receipts[0]}/appeal"
    assert news.client.post(appeal, json={"comment": "I am one person."}).json["state"] == "appealed"
    assert desk.cases() == [1]
    assert "I am one person." in desk.get("/admin/reports/1").text
    assert news.client.post(appeal, json={"comment": "Again."}).status_code == 409
    desk.decide(1, "dismiss", "It stays.")
    told = news.status(receipts[0])
    assert (told["state"], told["message"], told["can_appeal"]) == ("decided", "It stays.", True)
    assert news.client.post(appeal, json={"comment": "No."}).json["state"] == "appealed"
    assert "2026-11-23 12:00 UTC: I am one person.\n\nNo.<" in desk.get("/admin/reports/1").text
    desk.decide(1, "dismiss", "It stays.")
    assert news.status(receipts[0])["can_appeal"] is False


def test_taking_a_report_back_takes_its_source_from_the_number(news: Page, desk: Desk) -> None:
    receipt = one(news)
    one(news, address="203.0.113.8")
    assert Case.get().sources == 2
    news.client.delete(f"/api/v1/reports/{receipt}")
    assert Case.get().sources == 1


def test_a_report_set_aside_and_taken_back_leaves_no_text_that_only_its_reporters_saw(news: Page, desk: Desk) -> None:
    receipts = flood(news)
    aside(desk)
    for receipt in receipts[1:]:
        news.client.delete(f"/api/v1/reports/{receipt}")
    assert Case.get().text == TEXT
    news.client.delete(f"/api/v1/reports/{receipts[0]}")
    assert Case.get().text == ""


def test_the_decision_reaches_those_whose_report_stands_aside(news: Page, desk: Desk) -> None:
    receipts = flood(news)
    one(news)
    aside(desk)
    desk.decide(1, "withdraw", "It is gone.")
    told = news.status(receipts[0])
    assert (told["state"], told["message"]) == ("decided", "It is gone.")
    assert "set_aside" not in told


def test_a_burst_that_is_brought_back_after_its_decision_opens_no_case(news: Page, desk: Desk, clock: Clock) -> None:
    flood(news)
    desk.decide(1, "dismiss")
    clock.move(minutes=1)
    fresh = one(news)
    aside(desk)
    news.client.delete(f"/api/v1/reports/{fresh}")
    assert desk.cases() == []
    assert back(desk).status_code == 303
    assert (desk.cases(), Case.get().state) == ([], "dismissed")
