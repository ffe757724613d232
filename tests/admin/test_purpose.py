"""What a site's texts are for, at the desk: declared, signed, renewed, printed."""

import html
import re
from dataclasses import replace

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.conftest import Clock, Desk, Page, signed_in
from widget_server.rules.access import Role, Standing
from widget_server.settings import Settings
from widget_server.storage.tables import Declaration, LogEntry

SIGNED = {"signed_by": "Ada Lovelace", "role": "Editor in chief", "not_prohibited": "1", "declared": "1"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Where whoever signs can be written to."""
    return replace(settings, mail_url="smtp://127.0.0.1:9")


def sign(desk: Desk, site: Page, *purposes: str, version: str | None = None, **form: str) -> TestResponse:
    """Fills in the form as it stands and sends it."""
    page = f"/admin/sites/{site.key}/purpose"
    shown = re.search(r'name="version" value="(\d+)"', desk.get(page).text)[1]
    return desk.post(page, page, purposes=list(purposes), version=version or shown, **{**SIGNED, **form})


def chosen(page: str) -> list[str]:
    """What is ticked."""
    return re.findall(r'name="purposes" value="(\w+)" checked', page)


def test_a_person_declares_what_the_texts_are_for_and_the_page_shows_it(desk: Desk, news: Page) -> None:
    before = desk.get(f"/admin/sites/{news.key}/purpose").text
    assert "Not declared" in before
    assert chosen(before) == []
    assert sign(desk, news, "customer_support", "translation", words="Answers in our shop.").status_code == 303
    page = desk.get(f"/admin/sites/{news.key}/purpose?kept").text
    assert "Signed." in page
    assert "Holds" in page
    assert "Ada Lovelace, Editor in chief" in page
    assert "2027-11-23" in page
    assert "WIDGET_PURPOSES=customer_support,translation" in page
    assert chosen(page) == ["customer_support", "translation"]
    assert "Answers in our shop.</textarea>" in page
    assert 'name="signed_by" value=""' in page


def test_who_may_not_sign_reads_what_holds_and_is_offered_no_form(
    app: Flask, clock: Clock, desk: Desk, news: Page
) -> None:
    sign(desk, news, "translation")
    auditor = signed_in(app, clock, "aud@news.example", Standing(Role.AUDITOR))
    page = auditor.get(f"/admin/sites/{news.key}/purpose").text
    assert "Ada Lovelace, Editor in chief" in page
    assert "An owner of the site declares and signs." in page
    assert 'name="purposes"' not in page


def test_what_is_prohibited_is_shown_and_has_to_be_confirmed(desk: Desk, news: Page) -> None:
    page = desk.get(f"/admin/sites/{news.key}/purpose").text
    for told in ("Sifting applicants", "Credit", "Insurance", "Benefits", "Race or origin", "Religion", "Politics"):
        assert f"<dt>{told}</dt>" in page
    for left_out in ("not_prohibited", "declared"):
        form = {name: value for name, value in SIGNED.items() if name != left_out}
        path = f"/admin/sites/{news.key}/purpose"
        refused = desk.post(path, path, purposes="news", version="0", **form)
        assert (refused.status_code, "Confirm that" in refused.text) == (422, True)
        assert f'href="#{left_out}"' in refused.text
    assert Declaration.select().count() == 0


@pytest.mark.parametrize(
    ("purposes", "form", "field", "says"),
    [
        ([], {}, "purposes", "Choose at least one"),
        (["profiling"], {}, "purposes", "prohibited by guideline 5"),
        (["horoscopes"], {}, "purposes", "There is no purpose"),
        (["other"], {}, "words", "Say what the something else is"),
        (["news", "legal_information"], {}, "reason-legal_information", "needs a reason"),
        (["news"], {"signed_by": " "}, "signed_by", "Write the name"),
        (["news"], {"role": ""}, "role", "Write what this person is"),
        (["news"], {"email": "nowhere"}, "email", "Must be an e-mail address"),
        (["news"], {"words": "x" * 2001}, "words", "2000 characters"),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_typed_is_lost(
    desk: Desk, news: Page, purposes: list[str], form: dict, field: str, says: str
) -> None:
    missing = {"words": ""} if field == "words" else {}
    typed = {"words": "Typed <b>words</b>", "reason-health_information": "A typed reason", **missing, **form}
    refused = sign(desk, news, *purposes, **typed)
    assert refused.status_code == 422
    assert f'href="#{field}"' in refused.text
    assert f'id="{field}-mistake"' in refused.text
    assert says in html.unescape(refused.text)
    assert chosen(refused.text) == [purpose for purpose in purposes if purpose not in ("profiling", "horoscopes")]
    assert "A typed reason</textarea>" in refused.text
    assert html.escape(typed["words"]) in refused.text
    if "signed_by" not in form:
        assert 'value="Ada Lovelace"' in refused.text
    assert Declaration.select().count() == 0


def test_careful_purposes_carry_their_reason_and_something_else_its_words(desk: Desk, news: Page) -> None:
    reason = "Leaflets; our pharmacist reads each."
    sign(desk, news, "health_information", "other", words="Horoscopes", **{"reason-health_information": reason})
    page = desk.get(f"/admin/sites/{news.key}/purpose").text
    assert f"{reason}</textarea>" in page
    printed = desk.get(f"/admin/sites/{news.key}/purpose/1").text
    assert reason in printed
    assert "Horoscopes" in printed


def test_each_declaration_stays_on_record_and_the_newest_holds(desk: Desk, news: Page, clock: Clock) -> None:
    sign(desk, news, "news")
    clock.move(hours=1)
    sign(desk, news, "translation", signed_by="Grace Hopper", role="Admiral")
    assert [(row.version, row.signed_by) for row in Declaration.select().order_by(Declaration.version)] == [
        (1, "Ada Lovelace"),
        (2, "Grace Hopper"),
    ]
    page = desk.get(f"/admin/sites/{news.key}/purpose").text
    assert chosen(page) == ["translation"]
    assert page.index(f"/admin/sites/{news.key}/purpose/2") < page.index(f"/admin/sites/{news.key}/purpose/1")
    first, second = (desk.get(f"/admin/sites/{news.key}/purpose/{number}").text for number in (1, 2))
    assert ("Replaced" in first, "by declaration 2" in first) == (True, True)
    assert ("Replaced" in second, "Grace Hopper, Admiral" in second) == (False, True)


def test_the_printed_statement_says_what_was_signed_and_what_was_confirmed(desk: Desk, news: Page) -> None:
    sign(desk, news, "customer_support")
    Declaration.update(confirmed=[{"clause": "4", "name": "Then", "meaning": "As it was worded then"}]).execute()
    page = desk.get(f"/admin/sites/{news.key}/purpose/1").text
    for told in ("Customer support", "Ada Lovelace, Editor in chief", "2026-11-23", "News", "As it was worded then"):
        assert told in page
    assert "Sifting applicants" not in page


def test_of_two_who_sign_at_once_the_second_is_told_and_loses_nothing(desk: Desk, other_desk: Desk, news: Page) -> None:
    sign(desk, news, "news")
    clash = sign(other_desk, news, "translation", version="0", signed_by="Bob", words="Mine")
    assert (clash.status_code, "Ada Lovelace has signed another one meanwhile" in clash.text) == (409, True)
    assert (chosen(clash.text), "Mine</textarea>" in clash.text) == (["translation"], True)
    assert 'name="version" value="1"' in clash.text
    assert sign(other_desk, news, "translation", version="1", signed_by="Bob").status_code == 303
    assert Declaration.select().count() == 2


@pytest.mark.parametrize("version", ["", "2", "-1", "x", "9" * 30])
def test_who_signs_has_seen_what_holds(desk: Desk, news: Page, version: str) -> None:
    sign(desk, news, "news")
    path = f"/admin/sites/{news.key}/purpose"
    assert desk.post(path, path, purposes="news", version=version, **SIGNED).status_code == 409


@pytest.mark.parametrize(
    ("days", "told"), [(333, "Holds"), (334, "Renewal due"), (395, "Renewal due"), (396, "Lapsed")]
)
def test_a_year_later_the_desk_asks_for_it_again(desk: Desk, news: Page, clock: Clock, days: int, told: str) -> None:
    sign(desk, news, "news")
    clock.move(days=days)
    desk.post("/admin/login", "/admin/login", email=desk.email, password="correct horse battery")
    for path in (f"/admin/sites/{news.key}/purpose", f"/admin/sites/{news.key}/purpose/1", "/admin/sites"):
        assert f"</svg>{told}</span>" in desk.get(path).text
    page = desk.get(f"/admin/sites/{news.key}/purpose").text
    assert ("Sign it again by" in page, "Its year is over" in page) == (told == "Renewal due", told == "Lapsed")


def test_sites_and_compliance_lead_to_the_declaration(desk: Desk, news: Page, shop: Page) -> None:
    sign(desk, news, "customer_support")
    listed = desk.get("/admin/sites").text
    for site in (news, shop):
        assert f'href="/admin/sites/{site.key}/purpose"' in listed
    assert "customer support" in listed
    assert "Ada Lovelace, Editor in chief" in listed
    told = desk.get(f"/admin/compliance/{news.key}").text
    assert "Customer support" in told
    assert "Ada Lovelace, Editor in chief" in told
    for page in ("/admin/compliance", f"/admin/compliance/{shop.key}"):
        assert f'href="/admin/sites/{shop.key}/purpose"' in desk.get(page).text


def test_the_log_tells_who_had_what_signed(desk: Desk, news: Page) -> None:
    sign(desk, news, "customer_support", words="Own words")
    entry = LogEntry.select().order_by(LogEntry.id.desc()).get()
    assert (entry.verb, entry.subject, entry.moderator.email) == ("declare purpose", f"site {news.key}", desk.email)
    log = desk.get("/admin/log").text
    assert ("customer support" in log, "Ada Lovelace" in log, "Own words" in log) == (True, True, False)


@pytest.mark.parametrize("path", ["nobody/purpose", "nobody/purpose/1", "{}/purpose/1", "{}/purpose/x", "{}/purpose/0"])
def test_what_is_not_there_is_not_found(desk: Desk, news: Page, path: str) -> None:
    assert desk.get(f"/admin/sites/{path.format(news.key)}").status_code == 404


def test_nobody_else_signs(news: Page) -> None:
    assert news.client.get(f"/admin/sites/{news.key}/purpose").status_code == 302
    assert news.client.post(f"/admin/sites/{news.key}/purpose", data=SIGNED).status_code == 400
