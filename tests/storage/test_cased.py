"""Of a text that nobody has reported the database is not asked, however many cases its site has; and none is missed."""

from collections.abc import Iterator

import pytest

from tests.conftest import TEXT, Clock, Desk, Page, seen
from tests.statements import Asked
from widget_server.rules.marking import text_sha256
from widget_server.storage import cased, connection, known, transaction
from widget_server.storage.changes import opened
from widget_server.storage.tables import Case, Change, database

MANY = 1_500


@pytest.fixture
def busy(news: Page) -> Iterator[Page]:
    """A site with many cases."""
    news.report("the first of them")
    with connection(), transaction():
        for number in range(MANY):
            another(f"text {number}")
    yield news
    known.forget()


def another(text: str, *, number: int | None = None, withdrawn: bool = False) -> None:
    """A case, as another process opens it."""
    case = Case.select().where(Case.text == "the first of them").dicts().get()
    case |= {"text_sha256": text_sha256(text), "text": text} | ({"outcome": "withdrawn"} if withdrawn else {})
    case["decided_at"] = case["opened_at"]
    case.pop("id")
    added = Case.insert(**case, **({"id": number} if number else {})).execute()
    opened(case["site"], added)


def asked_about(asked: Asked, page: Page, *texts: str) -> int:
    """How many statements a view of these texts costs, of which none asks who its viewer is."""
    page.view()
    with asked.counted() as counted:
        told = page.view(*(seen(text) for text in texts)).json
    assert told["withdrawn"] == []
    return counted.statements


def test_a_text_without_a_case_costs_no_statement_on_a_site_with_many(busy: Page, asked: Asked) -> None:
    asked_about(asked, busy, "fresh")
    plain = asked_about(asked, busy, "another fresh one")
    assert plain == asked_about(asked, busy, "one more", "and one more")
    assert not [sql for sql in asked.since(lambda: busy.view(seen("new"))) if '"case"' in sql]
    assert [sql for sql in asked.since(lambda: busy.view(seen("text 7"))) if '"case"' in sql]


def test_a_digest_that_begins_as_another_ones_makes_nobody_ask_about_other_texts(news: Page, asked: Asked) -> None:
    news.report()
    news.view()
    made_up = text_sha256(TEXT)[:16].ljust(64, "0")
    assert news.report("word " * 1_000, text_sha256=made_up).status_code == 201
    for read_anew in (lambda: None, known.forget):
        read_anew()
        news.view(seen("fresh"))
        assert not [sql for sql in asked.since(lambda: news.view(seen("another"))) if '"case"' in sql]


def test_no_render_of_a_fresh_text_asks_about_cases(busy: Page, asked: Asked) -> None:
    busy.render("The first.")
    assert not [sql for sql in asked.since(lambda: busy.render("The second.")) if '"case"' in sql]


def test_a_text_that_another_process_withdraws_is_withdrawn_here(busy: Page, desk: Desk) -> None:
    assert busy.view(seen(TEXT)).json["withdrawn"] == []
    with connection(), transaction():
        another(TEXT, withdrawn=True)
    assert busy.view(seen(TEXT)).json["withdrawn"] == [text_sha256(TEXT)]
    assert busy.render(TEXT).json["state"] == "withdrawn"


def test_a_case_that_is_committed_after_one_with_a_higher_number_is_not_missed(busy: Page) -> None:
    newest = Case.select().order_by(Case.id.desc()).get().id
    with connection(), transaction():
        another("later", number=newest + 50)
    assert busy.view(seen("later"), seen(TEXT)).json["withdrawn"] == []
    with connection(), transaction():
        another(TEXT, number=newest + 20, withdrawn=True)
    assert busy.view(seen(TEXT)).json["withdrawn"] == [text_sha256(TEXT)]


def test_where_cases_were_not_counted_each_text_is_asked_about(busy: Page, clock: Clock) -> None:
    with connection(), transaction():
        another(TEXT, withdrawn=True)
    with connection():
        Change.update(cases=Change.cases - 1, number=Change.number + 1).execute()
    known.forget()
    assert busy.view(seen(TEXT)).json["withdrawn"] == [text_sha256(TEXT)]
    assert cased.of(1, number=0) is None


def test_a_site_with_more_cases_than_are_remembered_is_asked_about_each_text(
    busy: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cased, "MOST", 500)
    known.forget()
    assert busy.view(seen("text 7"), seen(TEXT)).json["withdrawn"] == []
    with connection(), transaction():
        another(TEXT, withdrawn=True)
    assert busy.view(seen(TEXT)).json["withdrawn"] == [text_sha256(TEXT)]
    database.connect(reuse_if_open=True)
    assert cased.of(1, number=0) is None


def test_a_text_that_is_withdrawn_after_the_database_went_back_is_withdrawn_here(
    busy: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known, "EVERY_SECONDS", 0.0)
    assert busy.view(seen(TEXT), seen("text 7")).json["withdrawn"] == []
    lost = [row.id for row in Case.select(Case.id).order_by(Case.id.desc()).limit(3)]
    with connection(), transaction():
        Case.delete().where(Case.id.in_(lost)).execute()
        Change.update(cases=Change.cases - 3, number=Change.number - 3).execute()
    with connection(), transaction():
        another(TEXT, number=lost[-1], withdrawn=True)
    assert busy.view(seen(TEXT)).json["withdrawn"] == [text_sha256(TEXT)]
