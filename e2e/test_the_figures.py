"""The desk's figures and clocks in a browser: legible, reached by keyboard, and each a step away from its cases."""

import re
import sqlite3
from contextlib import closing

from playwright.sync_api import Locator, Page, Route, expect

from e2e.conftest import NewPage
from e2e.places import Server, Stranger
from e2e.steps import decide, expect_kept, expect_keys, find_case, open_case, sign_in
from e2e.test_accessibility import SCHEMES, assert_clean
from e2e.wire import PATIENCE

PHONE = {"width": 360, "height": 740}


def make_late(server: Server, words: str) -> None:
    """Two hours are more than a test can wait."""
    with closing(sqlite3.connect(server.database, timeout=PATIENCE)) as database, database:
        earlier = "due_at = due_at - 7200000000, card_due_at = card_due_at - 7200000000"
        database.execute(f'UPDATE "case" SET {earlier} WHERE text = ?', (words,))


def is_wide(page: Page) -> bool:
    """Whether the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth > innerWidth")


@SCHEMES
def test_figures_and_clocks_are_legible_on_desktop_and_phone(
    new_page: NewPage, stranger: Stranger, server: Server, scheme: str
):
    page = new_page(look=scheme)
    sign_in(page, server)
    for number, category in enumerate(("fraud", "hate", "sexual")):
        stranger.report(f"Figure {number} in the {scheme}.", category=category)
    open_case(page, server, f"Figure 0 in the {scheme}")
    decide(page, "Dismiss", "It stays.")
    expect_kept(page)
    for path in ("figures", "figures?days=364", "clocks"):
        for size in (None, PHONE):
            if size:
                page.set_viewport_size(size)
            page.goto(f"{server.url}/admin/{path}")
            for figures in page.get_by_text("The figures", exact=True).all():
                figures.click()
            assert_clean(page, scheme)
            assert not is_wide(page), (path, size)
        page.set_viewport_size({"width": 1280, "height": 800})


def test_a_figure_leads_to_its_cases(page: Page, stranger: Stranger, server: Server):
    stranger.report("A figure that leads to its case.", category="gambling")
    sign_in(page, server)
    page.goto(server.url + "/admin/figures")
    row = page.get_by_role("listitem").filter(has=page.get_by_role("link", name="Gambling or other forbidden goods"))
    expect(row.get_by_role("img", name=re.compile(r"^\d+ reports?, \d+ decisions?$"))).to_be_visible()
    row.get_by_role("link").click()
    expect(page.get_by_role("article").filter(has_text="A figure that leads to its case.")).to_be_visible()


def test_the_figures_are_found_by_keyboard(page: Page, server: Server):
    sign_in(page, server)
    expect_keys(page)
    page.keyboard.press("Control+k")
    page.keyboard.type("go to figures")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Figures")).to_be_visible()


def test_what_is_typed_while_the_commands_are_still_loading_is_meant_for_them(page: Page, server: Server):
    held: list[Route] = []
    page.route("**/palette.js", lambda route: held.append(route))
    sign_in(page, server)
    expect_keys(page)
    with page.expect_request("**/palette.js"):
        page.keyboard.press("Control+k")
    page.keyboard.type("go to figuresx")
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    held[0].continue_()
    expect(page.get_by_role("heading", name="Figures")).to_be_visible()


def test_a_case_that_is_late_says_so(page: Page, stranger: Stranger, server: Server):
    words = "A text that waits too long."
    stranger.report(words, category="self_harm")
    sign_in(page, server)
    find_case(page, server, words)
    expect(page.get_by_text(re.compile(r"^Due in 5\d min"))).to_be_visible()
    make_late(server, words)
    page.reload()
    expect(page.get_by_text("Late by 1 h")).to_be_visible()
    assert_clean(page, "light")
    page.goto(server.url + "/admin/figures")
    page.get_by_role("definition").filter(has=page.locator("[href*='late=1']")).get_by_role("link").click()
    expect(page.get_by_text("Late by 1 h")).to_have_count(1)


def write(field: Locator, number: str) -> None:
    """In Firefox, filling a field of numbers adds to what is there."""
    field.evaluate("(field) => { field.value = '' }")
    field.fill(number)


def test_hours_are_set_and_a_wrong_one_is_named(page: Page, server: Server):
    sign_in(page, server)
    page.get_by_role("link", name="Clocks").click()
    field = page.get_by_label("Spam")
    write(field, "71")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_text("Every case that waits has its new time.")).to_be_visible()
    expect(field).to_have_value("71")
    write(field, "1000")
    page.locator("form.stack").evaluate("(form) => form.noValidate = true")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_role("alert")).to_contain_text("Spam: Write whole hours, from 1 to 720.")
    expect(field).to_have_value("1000")
    assert_clean(page, "light")
