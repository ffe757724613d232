"""A report that cannot be sent is kept in the browser, and sent once."""

import sqlite3

from playwright.sync_api import Browser, Locator, Page, expect

from e2e.places import Server
from e2e.steps import badge, dialog_of, find_case, report_control, sent_reports, sign_in

OUTBOX = "machine-generated:outbox"


def kept(page: Page) -> int:
    """How many reports wait in the browser."""
    return page.evaluate(f"JSON.parse(localStorage.getItem('{OUTBOX}') ?? '[]').length")


def test_a_report_is_kept_while_the_server_is_away_and_sent_once_when_it_is_back(
    page: Page, marked: Locator, server: Server, browser: Browser
):
    report_control(marked).click()
    dialog = dialog_of(marked)
    dialog.get_by_role("radio", name="Encourages self-harm").check()
    server.program.stop()
    try:
        dialog.get_by_role("button", name="Send").click()
        expect(dialog).to_have_accessible_name("Your report is kept")
        assert kept(page) == 1
        page.reload()
        assert kept(page) == 1
    finally:
        server.program.start()
    statuses = sent_reports(page)
    with page.expect_response(lambda answer: answer.url.endswith("/api/v1/reports") and answer.ok, timeout=20_000):
        page.reload()
    page.reload()
    expect(badge(marked)).to_be_visible()
    assert kept(page) == 0
    assert statuses == [201]
    desk = browser.new_context().new_page()
    sign_in(desk, server)
    case = find_case(desk, server, "kept_while_the_server_is_away")
    expect(case.locator("xpath=..")).to_contain_text("1 report")


def test_a_server_that_cannot_store_says_so_and_the_report_is_sent_when_it_can(
    page: Page, marked: Locator, server: Server
):
    statuses = sent_reports(page)
    report_control(marked).click()
    dialog = dialog_of(marked)
    dialog.get_by_role("radio", name="Something else").check()
    database = sqlite3.connect(server.database, isolation_level=None)
    database.execute("BEGIN IMMEDIATE")
    try:
        dialog.get_by_role("button", name="Send").click()
        expect(dialog).to_have_accessible_name("Your report is kept", timeout=10_000)
    finally:
        database.close()
    assert statuses == [503]
    page.context.set_offline(True)
    page.context.set_offline(False)
    expect(dialog).to_have_accessible_name("Thank you, your report has arrived", timeout=10_000)
    assert statuses == [503, 201]
    assert kept(page) == 0
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
