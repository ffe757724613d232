"""A moderator's word reaches every page, also where a browser makes another digest of the text than the server does."""

import hashlib

import pytest

from tests.admin.test_beginnings import HATEFUL, begin, compared
from tests.admin.test_other_sites import carry
from tests.conftest import TEXT, Clock, Desk, Page
from tests.statements import Asked
from widget_server.rendering import tokens
from widget_server.rendering.tokens import Content
from widget_server.rules import marking
from widget_server.rules.marking import Disclosure
from widget_server.storage import connection, known
from widget_server.storage.tables import Case, Change, OtherDigest

PEPET = "Evil words \u0628\u0897\u0323 with a mark of Unicode 16."
TODHRI = "Evil words \U000105d2\u0307 that Unicode 16 composes."
GARAY = "Evil words \u0628\u1acf\u0323 with a mark of Unicode 17."
NUL = "Evil\ufffdwords"
COMPUTED = [
    (PEPET, PEPET),
    (PEPET, PEPET.replace("\u0897\u0323", "\u0323\u0897")),
    (TODHRI, TODHRI),
    (TODHRI, TODHRI.replace("\U000105d2\u0307", "\U000105c9")),
    (GARAY, GARAY),
    (GARAY, GARAY.replace("\u1acf\u0323", "\u0323\u1acf")),
    (NUL, NUL),
    (NUL, "Evil\0words"),
    (f"{NUL} {PEPET}", f"Evil\0words {PEPET}"),
]
"""A text as it is reported, and a form in which some browser's `normalize("NFC")` leaves it on its page."""
BOTH = pytest.mark.parametrize(("text", "form"), COMPUTED)


def computed(form: str) -> dict:
    """What a browser sends of a view."""
    return {"text_sha256": hashlib.sha256(form.encode()).hexdigest(), "disclosed": True}


def withdrawn(page: Page, form: str) -> bool:
    view = computed(form)
    return page.view(view).json["withdrawn"] == [view["text_sha256"]]


@BOTH
def test_a_withdrawn_text_is_withdrawn_in_every_browser(news: Page, desk: Desk, text: str, form: str) -> None:
    assert not withdrawn(news, form)
    assert news.report(text).status_code == 201
    assert not withdrawn(news, form)
    desk.decide(1, "withdraw")
    assert withdrawn(news, form)
    known.forget()
    assert withdrawn(news, form)
    desk.undo(1)
    assert not withdrawn(news, form)


@BOTH
def test_a_corrected_label_comes_to_every_browser(news: Page, desk: Desk, text: str, form: str) -> None:
    news.report(text)
    desk.decide(1, "relabel", model="other")
    view = computed(form)
    assert news.view(view).json["decided"][view["text_sha256"]]["model"] == "other"


@BOTH
def test_whichever_digest_is_named_it_is_one_case(news: Page, desk: Desk, text: str, form: str) -> None:
    news.report(text)
    digest = computed(form)["text_sha256"]
    assert news.report(text, text_sha256=digest, category="hate").status_code == 201
    assert desk.cases() == [1]


@BOTH
def test_it_is_withdrawn_on_another_site_that_never_heard_of_it(
    news: Page, shop: Page, desk: Desk, text: str, form: str
) -> None:
    news.report(text)
    desk.decide(1, "withdraw")
    carry(desk, shop.key)
    assert withdrawn(shop, form)


def test_a_text_on_its_page_in_a_form_of_its_own_is_found_once_somebody_has_reported_it_there(
    news: Page, desk: Desk
) -> None:
    """Of texts that are the same to us each can be another one to a browser of Unicode 15."""
    here = PEPET.replace("\u0628\u0897\u0323", "\u0628\u0323\u0897")
    news.report(here)
    desk.decide(1, "withdraw")
    assert not withdrawn(news, PEPET)
    news.report(PEPET)
    assert withdrawn(news, PEPET)
    assert Case.select().count() == 1


@BOTH
def test_a_text_that_comes_whole_after_its_beginning_is_withdrawn_in_every_browser(
    news: Page, desk: Desk, text: str, form: str
) -> None:
    whole = f"{HATEFUL} {text}"
    begin(news, HATEFUL, f"{HATEFUL} {form}")
    compared(news, desk, 1, whole)
    desk.decide(1, "withdraw")
    assert withdrawn(news, f"{HATEFUL} {form}")
    assert all(withdrawn(news, f"{HATEFUL} {other}") for reported, other in COMPUTED if reported == text)


@BOTH
def test_nobody_withdraws_a_text_by_naming_its_digest_with_another_one(
    news: Page, desk: Desk, text: str, form: str
) -> None:
    digest = computed(form)["text_sha256"]
    assert news.report(TEXT, text_sha256=digest).status_code == 422
    assert news.report(HATEFUL, text_sha256=digest).status_code == 201
    news.report(HATEFUL)
    assert OtherDigest.select().count() == 0
    for case in desk.cases():
        desk.decide(case, "withdraw", along=True)
    assert not withdrawn(news, form)
    assert withdrawn(news, HATEFUL)


@BOTH
def test_nobody_brings_a_withdrawn_text_back_by_naming_its_digest_with_another_one(
    news: Page, desk: Desk, text: str, form: str
) -> None:
    news.report(text)
    desk.decide(1, "withdraw")
    news.report(HATEFUL, text_sha256=computed(form)["text_sha256"])
    for case in desk.cases():
        desk.decide(case, "dismiss")
    known.forget()
    assert withdrawn(news, form)


@BOTH
def test_what_a_site_has_signed_under_an_older_unicode_is_signed(
    news: Page, desk: Desk, clock: Clock, text: str, form: str
) -> None:
    said = Content(computed(form)["text_sha256"], Disclosure(model="jamba"), clock())
    assert news.report(text, content=tokens.sign(said, news.secret)).status_code == 201
    assert Case.get().verified


def test_a_view_of_it_costs_what_another_one_costs(news: Page, desk: Desk, asked: Asked) -> None:
    for text in (PEPET, TEXT):
        news.report(text)
    news.view()
    costs = []
    for view in (computed(TEXT), computed(PEPET)):
        known.forget()
        with asked.counted() as first:
            news.view(view)
        with asked.counted() as again:
            news.view(view)
        costs.append((first.statements, again.statements))
    assert costs[0] == costs[1]
    assert not [sql for sql in asked.since(lambda: news.view(computed(PEPET))) if "digest" in sql]
    assert not [sql for sql in asked.since(lambda: news.view(computed("fresh"))) if "digest" in sql]


def test_a_report_of_another_text_costs_no_statement_for_it(news: Page, asked: Asked) -> None:
    assert not [sql for sql in asked.since(news.report) if "digest" in sql]


def test_every_digest_is_counted_so_that_each_process_knows_whether_it_has_read_all(news: Page) -> None:
    for text in (TEXT, PEPET, NUL):
        news.report(text)
        news.report(text)
    with connection():
        assert Change.get().cases == 3 + OtherDigest.select().count() == 5


def test_a_long_text_that_is_withdrawn_in_one_case_is_let_stand_in_no_other(news: Page, desk: Desk) -> None:
    text = "A long tale that goes on. " * 2100 + "a\ufffd b"
    own = marking.text_sha256(text)
    (other,) = set(marking.digests(text)) - {own}
    for digest in (own, other):
        assert news.report(text[:45_000].strip(), text_sha256=digest).status_code == 201
    for number in (1, 2):
        desk.post(f"/admin/reports/{number}/compare", f"/admin/reports/{number}/compare", pasted=text)
    desk.decide(1, "withdraw")
    desk.decide(2, "dismiss")
    for digest in (own, other):
        assert news.view({"text_sha256": digest, "disclosed": True}).json["withdrawn"] == [digest], digest == own
