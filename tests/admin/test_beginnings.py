"""A text of which only the beginning has come: which one it begins is its reporter's word, until the whole comes."""

from collections.abc import Callable

import pytest

from tests.conftest import TEXT, Desk, Page, seen
from tests.pages.test_reader_pages import form, send
from widget_server.rules.marking import text_sha256
from widget_server.storage.tables import Case

HATEFUL = " ".join(f"hateful{number} words{number} about{number} people{number}" for number in range(60))
LIKE_IT = f"{HATEFUL} and more"
Found = Callable[[Page, Desk, int, str], None]


def begin(page: Page, beginning: str, whole: str, **body: str) -> None:
    assert page.report(beginning, text_sha256=text_sha256(whole), **body).status_code == 201


def sign(page: Page, text: str) -> None:
    """A report by the plain link, which tells which text is meant, and not its words."""
    fields = form(page, content=page.render(text).json["content"])
    assert send(page, {**fields, "category": "misinformation"}).status_code == 303


def reported(page: Page, desk: Desk, number: int, whole: str) -> None:
    assert page.report(whole).status_code == 201


def compared(page: Page, desk: Desk, number: int, whole: str) -> None:
    there = f"/admin/reports/{number}/compare"
    assert "text from now on" in desk.post(there, there, pasted=whole).text


def merge(desk: Desk, number: int, into: int) -> None:
    assert desk.post(f"/admin/reports/{number}/merge", f"/admin/reports/{number}", into=into).status_code == 303


def is_withdrawn(page: Page, text: str) -> bool:
    return text_sha256(text) in page.view(seen(text)).json["withdrawn"]


@pytest.fixture(params=[reported, compared])
def find(request: pytest.FixtureRequest) -> Found:
    """How the whole is found: a reader reports it, or a moderator pastes it."""
    return request.param


def test_what_is_said_to_begin_a_text_leads_it_onto_no_card(news: Page, desk: Desk, find: Found) -> None:
    news.report(HATEFUL)
    begin(news, LIKE_IT, TEXT)
    assert desk.cases() == [1, 2]
    find(news, desk, 2, TEXT)
    assert desk.cases() == [1, 2]
    desk.decide(1, "withdraw", along=True)
    assert (is_withdrawn(news, HATEFUL), is_withdrawn(news, TEXT)) == (True, False)


def test_what_is_said_to_begin_a_text_leads_no_other_one(news: Page, desk: Desk, find: Found) -> None:
    begin(news, LIKE_IT, TEXT)
    receipt = news.report(HATEFUL, category="hate").json["receipt"]
    find(news, desk, 1, TEXT)
    desk.decide(1, "dismiss", along=True)
    assert (desk.cases(), news.status(receipt)["state"]) == ([2], "received")


def test_a_text_leaves_the_card_onto_which_its_beginning_was_put_by_hand(news: Page, desk: Desk, find: Found) -> None:
    news.report(HATEFUL)
    begin(news, LIKE_IT, TEXT, category="self_harm")
    merge(desk, 2, into=1)
    assert (desk.cases(), Case.get_by_id(1).card_urgent) == ([1], True)
    find(news, desk, 2, TEXT)
    assert (desk.cases(), Case.get_by_id(1).card_urgent) == ([2, 1], False)


def test_a_decided_text_leaves_the_card_with_which_its_beginning_was_decided(news: Page, desk: Desk) -> None:
    news.report(HATEFUL)
    begin(news, LIKE_IT, TEXT)
    merge(desk, 2, into=1)
    desk.decide(1, "dismiss", along=True)
    compared(news, desk, 2, TEXT)
    desk.decide(1, "withdraw", along=True)
    assert (is_withdrawn(news, HATEFUL), is_withdrawn(news, TEXT)) == (True, False)


def test_what_was_put_by_hand_onto_the_card_of_a_beginning_leaves_it(news: Page, desk: Desk, find: Found) -> None:
    begin(news, LIKE_IT, TEXT)
    news.report(HATEFUL, category="self_harm")
    merge(desk, 2, into=1)
    assert (desk.cases(), Case.get_by_id(1).card_urgent) == ([1], True)
    find(news, desk, 1, TEXT)
    assert (desk.cases(), Case.get_by_id(1).card_urgent) == ([2, 1], False)


def test_a_text_that_comes_whole_joins_what_was_on_its_own_card_if_it_is_like_it(
    news: Page, desk: Desk, find: Found
) -> None:
    begin(news, LIKE_IT[:1_000], LIKE_IT)
    news.report(HATEFUL)
    merge(desk, 2, into=1)
    find(news, desk, 1, LIKE_IT)
    assert desk.cases() == [2]


@pytest.mark.parametrize(
    ("decision", "listed"), [("escalate", {"state": "escalated"}), ("dismiss", {"show": "decided"})]
)
def test_a_text_that_somebody_has_looked_at_stays_alone_when_its_whole_is_found(
    news: Page, desk: Desk, decision: str, listed: dict[str, str]
) -> None:
    news.report(HATEFUL)
    begin(news, LIKE_IT[:1_000], LIKE_IT)
    desk.decide(2, decision)
    compared(news, desk, 2, LIKE_IT)
    assert desk.cases(**listed) == [2]


def test_nobody_decides_a_text_of_which_they_have_seen_the_beginning_alone(news: Page, desk: Desk, find: Found) -> None:
    begin(news, LIKE_IT, TEXT)
    seen_before = {"version": f"{Case.get().version}"}
    find(news, desk, 1, TEXT)
    assert desk.decide(1, "dismiss", **seen_before).status_code == 409


def test_a_text_that_comes_whole_finds_its_card(news: Page, desk: Desk, find: Found) -> None:
    news.report(HATEFUL)
    begin(news, LIKE_IT[:1_000], LIKE_IT)
    assert desk.cases() == [1, 2]
    find(news, desk, 2, LIKE_IT)
    assert desk.cases() == [1]
    desk.decide(1, "dismiss")
    news.report(f"{LIKE_IT} and more")
    assert desk.cases() == [2]


def test_a_text_that_comes_after_its_signature_finds_its_card(news: Page, desk: Desk) -> None:
    news.report(HATEFUL)
    sign(news, LIKE_IT)
    assert desk.cases() == [1, 2]
    news.report(LIKE_IT)
    assert desk.cases() == [1]


def test_what_a_signature_alone_tells_stays_where_it_was_put_by_hand(news: Page, desk: Desk) -> None:
    news.report(HATEFUL)
    sign(news, TEXT)
    merge(desk, 2, into=1)
    news.report(TEXT)
    assert desk.cases() == [1]


def test_a_text_that_comes_after_its_signature_stays_with_what_was_put_on_its_card(news: Page, desk: Desk) -> None:
    news.report(HATEFUL)
    sign(news, LIKE_IT)
    news.report(TEXT)
    merge(desk, 3, into=2)
    news.report(LIKE_IT)
    assert desk.cases() == [1, 2]


def test_nothing_finds_a_text_that_was_taken_back_before_it_comes_again(news: Page, shop: Page, desk: Desk) -> None:
    shop.report(LIKE_IT)
    receipt = news.report(LIKE_IT).json["receipt"]
    news.client.delete(f"/api/v1/reports/{receipt}")
    begin(news, HATEFUL, LIKE_IT)
    news.report(LIKE_IT)
    assert desk.cases() == [1, 2]


def test_what_is_said_to_begin_a_text_that_the_site_has_signed_keeps_nobody_from_withdrawing_it(
    news: Page, desk: Desk
) -> None:
    sign(news, TEXT)
    begin(news, HATEFUL, TEXT)
    page = desk.get("/admin/reports/1").text
    assert ("hateful7" in page, "Only its beginning." in page, "Verified." in page) == (False, False, True)
    assert desk.decide(1, "withdraw").status_code == 302
    assert is_withdrawn(news, TEXT)


def test_the_words_of_a_text_that_only_its_signature_has_told_are_found(news: Page, desk: Desk, find: Found) -> None:
    sign(news, TEXT)
    begin(news, HATEFUL, TEXT)
    page = desk.get("/admin/reports/1").text
    assert "Find its words on the page" in page
    there = "/admin/reports/1/compare"
    assert "does not stand there" in desk.post(there, there, pasted=HATEFUL).text
    find(news, desk, 1, TEXT)
    page = desk.get("/admin/reports/1").text
    assert (TEXT in page, "Verified." in page, "Find its words" in page) == (True, True, False)


def test_words_that_are_no_longer_kept_are_not_brought_back_by_looking_for_them(news: Page, desk: Desk) -> None:
    sign(news, TEXT)
    desk.decide(1, "dismiss")
    assert desk.get("/admin/reports/1/compare").status_code == 404
