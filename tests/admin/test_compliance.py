"""The compliance page: each clause with its evidence, month by month, and reports that an auditor can check."""

import html
import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import pypdfium2
import pytest
from flask import Flask

from tests.conftest import SECRET, Clock, Desk, Page, seen, signed_in
from widget_server.rules import keys, signatures
from widget_server.rules.access import Role, Standing
from widget_server.rules.signatures import Verdict
from widget_server.serving import keep_house
from widget_server.settings import Settings
from widget_server.storage import assessments, retention, sites
from widget_server.storage.tables import Assessment, LogEntry, Site

KEY = signatures.public_key(keys.report_seed(SECRET))
NAMES = {
    "markup": "<script>alert(1)</script> & “News” --> ",
    "right to left": "שלום חדשות",
    "turned around": "News\u202egnp.exe",
    "letters that no font has": "新闻 😀",
}


def words(page: str) -> str:
    """What a page says, without its marks."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<style.*?</style>", "", page, flags=re.S))).split())


def printed(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())
    finally:
        document.close()


def told(page: Page, month: str = "") -> dict:
    answer = page.client.get(f"/api/v1/compliance{'?month=' + month if month else ''}", headers=page.bearer)
    assert answer.status_code == 200, answer.text
    return answer.json


def clause(page: Page, number: str, month: str = "") -> dict:
    return next(one for one in told(page, month)["clauses"] if one["clause"] == number)


def export(desk: Desk, page: Page, kind: str, **query: str) -> bytes:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    answer = desk.get(f"/admin/compliance/{page.key}.{kind}?{asked}")
    assert answer.status_code == 200, answer.text
    return answer.data


def test_a_clause_tells_who_decided_when_and_how_long_it_took(news: Page, desk: Desk, clock: Clock) -> None:
    news.report("one", category="hate")
    news.report("two", category="hate")
    clock.move(hours=2)
    desk.decide(1, "withdraw", category="hate")
    clock.move(hours=30)
    signed_in_again(desk)
    desk.decide(2, "dismiss", category="hate")
    found = clause(news, "1.i")
    assert found["evidence"] == {
        "decided_by_category": {"hate": 2},
        "urgent_cases_waiting": 0,
        "decisions_this_month": 2,
        "median_seconds": 2 * 3600,
        "p90_seconds": 32 * 3600,
        "decisions_in_time": 1,
        "decisions_with_clock": 2,
        "first_decision_on": "2026-11-23",
        "last_decision_on": "2026-11-24",
    }
    assert found["decided_by"] == [{"what": "Last decision", "who": desk.email, "at": "2026-11-24T20:00:00+00:00"}]
    page = words(desk.get(f"/admin/compliance/{news.key}").text)
    for line in ("Half of them within 2 h", "Nine of ten within 32 h", "Decided in time 1 of 2", desk.email):
        assert line in page


def test_reviews_and_late_cases_are_told_with_their_days(news: Page, desk: Desk, clock: Clock) -> None:
    number = news.render(audience="public").json["publication"]
    held = clause(news, "2.i")
    assert (held["state"], held["evidence"]["held_since"], held["place"]) == ("attention", "2026-11-23", "publications")
    desk.review(number)
    assert [done["who"] for done in clause(news, "2.i")["decided_by"]] == [desk.email]
    news.report("late", category="hate")
    clock.move(hours=25)
    signed_in_again(desk)
    late = clause(news, "2.iii")
    assert (late["evidence"]["cases_late"], late["evidence"]["waiting_since"]) == (1, "2026-11-23")
    assert (late["next_step"], late["place"]) == ("Decide the cases that are late.", "late")
    assert f'href="/admin/reports?site={news.key}&amp;late=1"' in desk.get(f"/admin/compliance/{news.key}").text


def test_the_overview_has_the_site_with_the_most_to_do_first(news: Page, shop: Page, desk: Desk) -> None:
    for path in (f"/admin/sites/{news.key}/purpose",):
        form = {"version": "0", "purposes": "customer_support", "words": "Help.", "signed_by": "Ada", "role": "Owner"}
        desk.post(path, path, **form, confirmed="1")
    overview = desk.get("/admin/compliance").text
    assert overview.count(">Declare what this site’s texts are for.<") in (2, 4)
    assert "2 not met" in words(overview)


def test_a_month_that_is_over_stays_when_its_raw_data_are_gone(
    news: Page, desk: Desk, clock: Clock, settings: Settings
) -> None:
    for number in range(3):
        news.view(seen("a"), viewer=str(number))
    news.view(seen("b", disclosed=False), viewer="0")
    news.report("one", category="fraud")
    desk.decide(1, "withdraw", category="fraud")
    before = told(news)
    clock.moment = datetime(2026, 12, 1, 0, 1, tzinfo=UTC)
    for _ in range(2):
        keep_house(settings, at=clock())
        clock.move(minutes=5)
    clock.move(days=800)
    retention.purge(days=1, at=clock())
    kept = told(news, "2026-11")
    assert kept["at"].startswith("2026-12-01T00:01:00")
    assert kept["figures"] == before["figures"] == kept["figures"] | {"viewers": 3, "disclosed_share": 0.75}
    assert [one["state"] for one in kept["clauses"]] == [one["state"] for one in before["clauses"]]
    assert told(news)["months"] == ["2029-02", "2026-11"]
    assert desk.email not in json.dumps(Assessment.get().told)
    again = signed_in_again(desk)
    page = words(again.get(f"/admin/compliance/{news.key}?month=2026-11").text)
    assert "found on 2026-12-01 00:01 UTC and kept since" in page
    assert f"/admin/compliance/{news.key}?month=2026-11" in again.get(f"/admin/compliance/{news.key}").text
    assert "75.0 %" in printed(export(again, news, "pdf", month="2026-11"))


def signed_in_again(desk: Desk) -> Desk:
    desk.post("/admin/login", "/admin/login", email=desk.email, password="correct horse battery")
    return desk


def test_a_month_is_kept_once_and_as_it_ended(news: Page, clock: Clock, settings: Settings) -> None:
    clock.moment = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)
    assert assessments.close_month(mails=False, at=clock()) == 1
    clock.moment = datetime(2027, 1, 1, 0, 0, 5, tzinfo=UTC)
    assert assessments.close_month(mails=False, at=clock()) == 0  # views of the year before may still come
    clock.move(seconds=6)
    assert assessments.close_month(mails=False, at=clock()) == 1
    news.report("later", category="self_harm")
    assert assessments.close_month(mails=False, at=clock()) == 0
    assert told(news)["months"] == ["2027-01", "2026-12", "2026-11"]
    assert clause(news, "1.iii", "2026-12")["state"] == "met"


def test_a_site_has_no_history_from_before_it_was_there(news: Page, clock: Clock) -> None:
    assert assessments.close_month(mails=False, at=clock()) == 0
    for month in ("2026-10", "2025-11"):
        assert news.client.get(f"/api/v1/compliance?month={month}", headers=news.bearer).status_code == 404
    assert told(news, "2026-11") == told(news) | {"at": told(news, "2026-11")["at"]}


@pytest.mark.parametrize("month", ["2026-10", "x", "2026-1", "²026-10", "2026-13"])
def test_a_month_of_which_nothing_is_kept_is_not_found(news: Page, desk: Desk, month: str) -> None:
    for path in (news.key, f"{news.key}.html", f"{news.key}.pdf"):
        assert desk.get(f"/admin/compliance/{path}?month={month}").status_code == 404


def test_a_report_holds_what_an_auditor_asks_for(news: Page, desk: Desk) -> None:
    news.report("one", category="fraud")
    desk.decide(1, "withdraw", category="fraud")
    digest = LogEntry.select().order_by(LogEntry.id.desc()).get().digest
    page, paper = words(export(desk, news, "html").decode()), printed(export(desk, news, "pdf"))
    for line in (
        "Compliance report of News",
        news.key,
        "2026-11, as it stood on 2026-11-23 12:00 UTC",
        f"by {desk.email}",
        "AI21: Responsible use, as of 2026-11",
        "https://widget.example",
        "2.iii",
        "The report control is shown",
        "Art. 50(4)",
        "Art. 17(3)",
        "Google Play",
        "It shows evidence; it is no promise of compliance.",
        KEY,
    ):
        assert line in page, line
        assert line in paper, line
    assert digest in page
    log = [entry for entry in LogEntry.select() if entry.verb == "export report"]
    assert [(entry.particulars["kind"], entry.moderator.email) for entry in log] == [
        ("html", desk.email),
        ("pdf", desk.email),
    ]


@pytest.mark.parametrize("kind", ["html", "pdf"])
def test_a_report_is_checked_without_the_servers_secret(news: Page, desk: Desk, kind: str) -> None:
    file = export(desk, news, kind)
    assert signatures.verify(file, key=KEY).verdict is Verdict.GENUINE
    assert news.client.get("/api/v1/report-key").json == {"kty": "OKP", "crv": "Ed25519", "use": "sig", "x": KEY}
    changed = file.replace(b"attention", b"met", 1) if kind == "html" else file.replace(b"stream", b"strebm", 1)
    assert changed != file
    assert signatures.verify(changed, key=KEY).verdict is Verdict.CHANGED
    stranger = signatures.public_key(keys.report_seed("another server"))
    assert signatures.verify(file, key=stranger).verdict is Verdict.STRANGE
    assert signatures.verify(file[: file.rstrip().rindex(b"\n") + 1]).verdict is Verdict.UNSEALED


def test_the_evidence_in_a_report_is_signed_on_its_own(news: Page, desk: Desk) -> None:
    page = export(desk, news, "html").decode()
    evidence = html.unescape(re.search(r'<pre id="evidence"[^>]*>(.*?)</pre>', page, re.S)[1])
    signature = re.search(r"Ed25519 <code>([\w-]+)</code>", page)[1]
    assert signatures.is_signed(KEY, evidence.encode(), signature)
    assert not signatures.is_signed(KEY, evidence.replace("attention", "met").encode(), signature)
    report = json.loads(evidence)
    assert signatures.canonical(report) == evidence.encode()
    assert report["report"] == "widget-server compliance report, version 1"
    assert [one["clause"] for one in report["assessment"]["clauses"]][:2] == ["1.i", "1.ii"]
    document = pypdfium2.PdfDocument(export(desk, news, "pdf"))
    attached = document.get_attachment(0)
    assert (attached.get_name(), json.loads(bytes(attached.get_data()))["site"]["key"]) == ("evidence.json", news.key)
    document.close()


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_no_name_of_a_site_breaks_a_report_or_vanishes_from_it(news: Page, desk: Desk, name: str) -> None:
    Site.update(name=name).execute()
    for path in ("", f"/{news.key}"):
        page = desk.get(f"/admin/compliance{path}").text
        assert "<script>alert" not in page
        assert words(html.escape(name)) in words(page)
    file = export(desk, news, "html")
    assert b"<script" not in file
    assert signatures.verify(file, key=KEY).verdict is Verdict.GENUINE
    paper = export(desk, news, "pdf")
    assert signatures.verify(paper, key=KEY).verdict is Verdict.GENUINE
    told = {
        NAMES["turned around"]: "News[U+202E]gnp.exe",
        NAMES["letters that no font has"]: "[U+65B0][U+95FB] [U+1F600]",
    }.get(name, name)
    text = printed(paper)
    assert [word for word in told.split() if word not in text] == []  # in the order in which they stand on paper


def test_a_report_loads_nothing_and_runs_nothing(news: Page, desk: Desk) -> None:
    page = export(desk, news, "html").decode()
    assert (
        re.findall(r"<(?:script|link|img|iframe|object|embed|form|base)\b|url\(|@import|\bon\w+=| src=| href=", page)
        == []
    )
    answer = desk.get(f"/admin/compliance/{news.key}.html")
    assert answer.headers["Content-Disposition"] == f"attachment; filename=compliance-{news.key}-2026-11.html"
    assert answer.headers["Cache-Control"] == "no-store"


def test_who_may_see_one_site_sees_it_alone(app: Flask, clock: Clock, news: Page, shop: Page) -> None:
    here = sites.find(shop.key).id
    auditor = signed_in(app, clock, "aud@shop.example", Standing(on={here: Role.AUDITOR}))
    assert "News" not in auditor.get("/admin/compliance").text
    for path in (news.key, f"{news.key}.pdf", f"{news.key}.html"):
        assert auditor.get(f"/admin/compliance/{path}").status_code == 404
    assert auditor.get(f"/admin/compliance/{shop.key}.pdf").status_code == 200


class TestWhatDependsOnTheInstallation:
    @pytest.fixture(params=[None, "smtp://127.0.0.1:9"], ids=["without mail", "with mail"])
    def settings(self, settings: Settings, request: pytest.FixtureRequest) -> Settings:
        return replace(settings, mail_url=request.param)

    def test_page_and_signed_reports_say_what_is_done_here(
        self, settings: Settings, app: Flask, clock: Clock, news: Page, desk: Desk
    ) -> None:
        def say(there: str, missing: str) -> None:
            reports = [words(export(desk, news, "html").decode()), printed(export(desk, news, "pdf"))]
            for page in [words(desk.get(f"/admin/compliance/{news.key}").text), str(told(news)), *reports]:
                assert there in page
                assert missing not in page
                assert ("mail where an address was left" in page) is settings.mails
                assert ("This server sends no mail" in page) is not settings.mails

        alone, several = "looks at an appeal again", "another one decides an appeal"
        say(alone, several)
        signed_in(app, clock, "bob@news.example")
        say(several, alone)


class TestAUseThatNoTextMayHave:
    """Clauses 4 and 5: a case waits for them as long as a report of that use does."""

    @staticmethod
    def waits(page: Page) -> tuple[int, str]:
        found = clause(page, "5")
        return found["evidence"]["cases_waiting"], found["place"]

    def test_what_was_looked_at_waits_no_more_though_the_text_is_reported_for_something_else(
        self, news: Page, desk: Desk, clock: Clock
    ) -> None:
        news.report(category="profiling")
        assert self.waits(news) == (1, "purpose")
        desk.decide(1, "dismiss", category="profiling")
        clock.move(hours=1)
        news.report(category="misinformation", comment="The year is wrong.")
        assert self.waits(news) == (0, "purpose")
        news.report(category="profiling", comment="It guesses who is ill.")
        assert self.waits(news) == (1, "purpose")

    def test_it_waits_again_once_its_reporter_disagrees(self, news: Page, desk: Desk, clock: Clock) -> None:
        receipt = news.report(category="profiling").json["receipt"]
        for decision in ("dismiss", "withdraw"):
            desk.decide(1, decision, category="profiling")
            clock.move(minutes=5)
            news.report(category="profiling", comment=f"After {decision}.")
            assert self.waits(news)[0] == (decision == "dismiss")
        news.client.post(f"/api/v1/reports/{receipt}/appeal", json={"comment": "Look again."})
        assert self.waits(news)[0] == 1

    def test_it_waits_while_a_colleague_is_to_decide(self, news: Page, desk: Desk, other_desk: Desk) -> None:
        news.report(category="profiling")
        desk.decide(1, "escalate", "", category="profiling")
        assert self.waits(news)[0] == 1
