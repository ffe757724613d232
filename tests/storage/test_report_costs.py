"""What a report costs, in statements and in the steps of the database's engine: the same, however many there are."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.conftest import Page
from tests.copies import copied
from tests.statements import Asked
from widget_server.rules.likeness import BANDS
from widget_server.storage.tables import Case, Change, Likeness, Report, database

MANY = 5_000
WORDS = "The tower was finished in 1889 and stands in Rome, where it draws six million visitors a year, say its owners"
MOST_STATEMENTS = {"near": 13, "other": 13, "same": 15}


def near(number: int) -> str:
    return f"{number} {WORDS}"


def other(number: int) -> str:
    return " ".join(f"{word}{number}" for word in WORDS.split())


def same(_: int) -> str:
    return WORDS


LIKE = """
INSERT INTO likeness (site, band, case_id, waits)
SELECT l.site, l.band {apart}, c.id, l.waits FROM likeness AS l CROSS JOIN "case" AS c
WHERE l.case_id = {source} AND substr(c.text_sha256, 1, 4) = 'eeee'
"""


def more_near() -> None:
    """On the card of the first, with all bands in common."""
    copied(Case, 2, MANY, text_sha256="'eeee' || n")
    database.execute_sql(LIKE.format(source=2, apart=""))


def more_others() -> None:
    """On cards of their own."""
    copied(Case, 1, MANY, text_sha256="'eeee' || n")
    database.execute_sql(LIKE.format(source=1, apart="+ c.id"))


def more_same() -> None:
    """Of the same source, within the same minute."""
    copied(Report, 3, MANY, sender="'n' || n", receipt_sha256="'n' || n")


@pytest.mark.parametrize(
    ("text", "more"), [(near, more_near), (other, more_others), (same, more_same)], ids=["near", "other", "same"]
)
def test_a_report_costs_the_same_however_many_there_are(
    app: Flask, news: Page, asked: Asked, text: Callable[[int], str], more: Callable[[], None]
) -> None:
    def cost(number: int) -> tuple[int, int]:
        with asked.counted() as counted:
            assert news.report(text(number)).status_code == 201
        return counted.statements, counted.steps

    for number in range(1, 11):
        news.report(text(number))
    before = cost(11)
    database.connect(reuse_if_open=True)
    more()
    Change.update(cases=Case.select().count()).execute()
    database.execute_sql("ANALYZE")
    cost(12)
    statements, steps = cost(13)
    assert max(Case.select().count(), Report.select().count()) > MANY
    locked = text is near and database.for_update  # the card, which nobody may decide meanwhile
    assert statements <= MOST_STATEMENTS[text.__name__] + locked
    assert steps <= before[1] * 1.25 + 4_000 * (text is same)  # of those the newest 200 are looked at
    cards = {near: 1, same: 1, other: MANY + 13}[text]
    assert Likeness.select().where(Likeness.waits).count() == BANDS * cards
