"""Searching for words: what others' sites are full of hides nothing from who may not see it."""

import pytest
from flask import Flask

from tests.conftest import Clock, Page, signed_in
from tests.copies import copied
from widget_server.rules.access import Role, Standing
from widget_server.storage import connection
from widget_server.storage.searching import MOST_FOUND
from widget_server.storage.tables import Case, Site


@pytest.mark.parametrize("words", ["zebra", "zeb", "crossing zebra"])
def test_many_reports_on_another_site_hide_none_of_ones_own(
    news: Page, shop: Page, app: Flask, clock: Clock, words: str
) -> None:
    news.report("The zebra crossing was described wrongly.")
    shop.report("A crossing of zebra and horse.")
    with connection():
        site = Site.get(Site.key == news.key).id
        copied(Case, 2, MOST_FOUND, text_sha256="'n' || n")
    mine = signed_in(app, clock, "mod@news.example", Standing(on={site: Role.MODERATOR}))
    assert mine.cases(search=words) == [1]
    assert mine.many(f"search={words}")["shown"].split() == ["1:0"]
    everywhere = signed_in(app, clock, "ada@news.example")
    assert everywhere.cases(search=words, site=news.key) == [1]
    assert 1 not in everywhere.cases(search=words)
