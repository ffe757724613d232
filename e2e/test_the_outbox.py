"""A report that cannot be sent is kept in the browser, and sent once."""

import sqlite3

from playwright.sync_api import Locator, Page, expect

from e2e.conftest import NewPage
from e2e.places import Server
from e2e.steps import answers_to_reports, badge, dialog_of, find_case, next_report, report_control, sign_in
from e2e.wire import Wire

OUTBOX = "machine-generated:outbox"


def kept(page: Page) -> int:
    """How many reports wait in the browser."""
    return page.evaluate(f"Object.keys(localStorage).filter((key) => key.startsWith('{OUTBOX}')).length")


def test_a_report_is_kept_while_the_server_is_away_and_sent_once_when_it_is_back(
    page: Page, marked: Locator, server: Server, wire: Wire, new_page: NewPage
):
    report_control(marked).click()
    dialog = dialog_of(marked)
    dialog.get_by_role("radio", name="Encourages self-harm").check()
    with wire.down():
        dialog.get_by_role("button", name="Send").click()
        expect(dialog).to_have_accessible_name("Your report is kept")
        assert kept(page) == 1
        page.reload()
        assert kept(page) == 1
    with next_report(page):
        page.reload()
    page.wait_for_function(f"!Object.keys(localStorage).some((key) => key.startsWith('{OUTBOX}'))")
    page.reload()
    expect(badge(marked)).to_be_visible()
    assert kept(page) == 0
    assert answers_to_reports(page) == [201]
    desk = new_page()
    sign_in(desk, server)
    case = find_case(desk, server, "kept_while_the_server_is_away")
    expect(case.locator("xpath=..")).to_contain_text("1 report")


def test_a_server_that_cannot_store_says_so_and_the_report_is_sent_when_it_can(
    page: Page, marked: Locator, server: Server
):
    report_control(marked).click()
    dialog = dialog_of(marked)
    dialog.get_by_role("radio", name="Something else").check()
    database = sqlite3.connect(server.database, isolation_level=None)
    database.execute("BEGIN IMMEDIATE")
    try:
        dialog.get_by_role("button", name="Send").click()
        expect(dialog).to_have_accessible_name("Your report is kept")
    finally:
        database.close()
    assert answers_to_reports(page) == [503]
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(dialog).to_have_accessible_name("Thank you, your report has arrived")
    assert answers_to_reports(page) == [503, 201]
    assert kept(page) == 0
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
