"""The reporter's page: on paper, and where an address is confirmed or forgotten."""

import re
import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import NewPage
from e2e.places import Server, Stranger
from e2e.test_accessibility import assert_clean
from widget_server.rules import keys


@pytest.mark.engines("chromium", reason="the others print to no file")
@pytest.mark.parametrize("lang", ["en", "ar"])
def test_a_receipt_is_one_sheet_with_all_that_is_needed_to_come_back(
    page: Page, server: Server, stranger: Stranger, lang: str
):
    receipt = stranger.report(f"A text to keep a receipt of, {lang}.", category="fraud", email="reader@example.org")
    page.goto(f"{server.url}/r/{receipt}?lang={lang}")
    expect(page.locator("img")).to_be_hidden()
    expect(page.locator("[data-print]")).to_be_visible()
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 1
    page.emulate_media(media="print")
    expect(page.locator("img")).to_be_visible()
    page.wait_for_function("[...document.images].every((img) => img.complete && img.naturalWidth > 0)")
    expect(page.get_by_text(f"{server.url}/r/{receipt}")).to_be_visible()
    expect(page.locator("#receipt")).to_have_text(receipt)
    for hidden in page.locator("form, button, summary").all():
        expect(hidden).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_address_is_confirmed_by_a_button_and_forgotten_by_another(
    new_page: NewPage, server: Server, stranger: Stranger, scheme: str
):
    page = new_page(look=scheme)
    receipt = stranger.report(f"A text to confirm an address for, {scheme}.", email="reader@example.org")
    with closing(sqlite3.connect(server.database)) as database:
        (sender,) = database.execute("SELECT sender FROM report ORDER BY id DESC LIMIT 1").fetchone()
    secret = (server.folder / "widget-server.key").read_text().strip()
    proof = keys.confirmation(secret, sender=sender, email="reader@example.org")
    page.goto(f"{server.url}/r/{receipt}/confirm?proof={proof}")
    assert_clean(page, scheme)
    page.get_by_role("button", name="Confirm my e-mail address").click()
    expect(page.get_by_text("Your e-mail address is confirmed.")).to_be_visible()
    assert_clean(page, scheme)
    page.get_by_text("Delete only my e-mail address").first.click()
    page.get_by_role("button", name="Delete only my e-mail address").click()
    expect(page.get_by_text("Your e-mail address is deleted. Your report stays.")).to_be_visible()
    page.goto(f"{server.url}/r/{receipt}/confirm?proof={proof}")
    page.get_by_role("button", name="Confirm my e-mail address").click()
    expect(page.get_by_role("alert")).to_have_text("This link is not valid.")
    assert_clean(page, scheme)
