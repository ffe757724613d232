"""What leaves the server, as a moderator sees to it: a webhook from its first to its last day, mails, and files."""

import json
import re

import pytest
from playwright.sync_api import Page, expect
from standardwebhooks import Webhook

from e2e.conftest import NewPage
from e2e.places import Server, Stranger
from e2e.steps import expect_keys, sign_in
from e2e.test_accessibility import SCHEMES, assert_clean
from e2e.test_the_looks import OVERFLOW
from tests.receivers import Receiver, receiving, saying

pytestmark = pytest.mark.engines("chromium", reason="forms and tables without anything of an engine's own")


def add(page: Page, server: Server, url: str, name: str, *events: str) -> str:
    """Adds a webhook by keyboard. Gives its secret."""
    page.goto(server.url + "/admin/webhooks")
    expect_keys(page)
    page.get_by_label("Address").focus()
    page.keyboard.type(url)
    page.get_by_label("Name").focus()
    page.keyboard.type(name)
    for event in events:
        page.get_by_role("checkbox", name=event).focus()
        page.keyboard.press("Space")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    return page.locator("#secret").inner_text()


def last(receiver: Receiver) -> tuple[dict[str, str], str]:
    """Headers and body of the last message."""
    head, _, body = receiver.requests[-1].partition(b"\r\n\r\n")
    return dict(row.split(": ", 1) for row in head.decode().split("\r\n")[1:]), body.decode()


def test_a_webhook_is_added_tried_failing_sent_again_paused_and_removed(page: Page, server: Server, stranger: Stranger):
    sign_in(page, server)
    with receiving(saying("500 Internal Server Error")) as receiver:
        secret = add(page, server, receiver.url, "Tickets", "case.urgent")
        expect_keys(page)
        page.keyboard.press("t")
        expect(page.get_by_role("alert")).to_contain_text("The test was not taken. It answered 500")
        receiver.behave = saying("204 No Content")
        page.get_by_role("button", name=re.compile("Send a test")).click()
        expect(page.get_by_text("The test was taken: it answered 204.")).to_be_visible()
        expect(page.locator("#secret")).to_have_count(0)
        headers, body = last(receiver)
        assert Webhook(secret).verify(body, headers)["type"] == "webhook.test"
        stranger.report("An urgent text for the webhook.", category="self_harm")
        page.reload()
        told = page.get_by_role("row").filter(has_text="case.urgent")
        expect(told).to_contain_text(re.compile("Waits|Sent"))
        page.get_by_role("button", name="Pause").click()
        expect(page.get_by_text("Paused", exact=True)).to_be_visible()
        page.get_by_role("button", name="Go on").click()
        page.get_by_text("Remove …").click()
        page.get_by_role("button", name="Remove for good").click()
    expect(page.get_by_role("heading", name="Webhooks")).to_be_visible()
    expect(page.get_by_role("link", name="Tickets")).to_have_count(0)


@SCHEMES
def test_what_leaves_is_legible_for_everybody(new_page: NewPage, server: Server, stranger: Stranger, scheme: str):
    page = new_page(look=scheme)
    sign_in(page, server)
    with receiving(saying("500 Internal Server Error")) as receiver:
        add(page, server, receiver.url, f"For the {scheme} look")
        assert_clean(page, scheme)
        page.get_by_role("button", name=re.compile("Send a test")).click()
        expect(page.get_by_role("alert")).to_be_visible()
        page.get_by_text("Remove …").click()
        assert_clean(page, scheme)
        stranger.report(f"A text with an address, {scheme}.", email="reader@reader.example")
        for path in ("webhooks", "deliveries", "exports", "exports/cases.jsonl?since=soon"):
            page.goto(f"{server.url}/admin/{path}")
            assert_clean(page, scheme)
        page.goto(server.url + "/admin/webhooks")
        page.get_by_label("Address").fill("https://user:word@hooks.example/")
        page.get_by_role("button", name="Add").click()
        expect(page.get_by_label("Address")).to_have_attribute("aria-invalid", "true")
        assert_clean(page, scheme)


def test_on_a_small_phone_nothing_is_cut_off(new_page: NewPage, server: Server):
    page = new_page(viewport={"width": 360, "height": 720})
    sign_in(page, server)
    add(page, server, "http://127.0.0.1:9/" + "a-long-path/" * 20, "A name " + "that-does-not-end-" * 8)
    for path in (page.url.removeprefix(server.url + "/admin/"), "webhooks", "deliveries", "exports"):
        page.goto(f"{server.url}/admin/{path}")
        assert page.evaluate(OVERFLOW) == 0


def test_a_file_is_taken_for_a_site_and_a_period(page: Page, server: Server, stranger: Stranger):
    stranger.report("A text for the file.")
    sign_in(page, server)
    page.goto(server.url + "/admin/exports")
    page.get_by_label("Site").select_option(stranger.site["site"])
    page.get_by_label("From").fill("2020-01-01")
    with page.expect_download() as download:
        page.get_by_role("button", name="Cases as JSON Lines").click()
    assert download.value.suggested_filename == "cases.jsonl"
    rows = [json.loads(line) for line in download.value.path().read_text().splitlines()]
    assert "A text for the file." in {row["text"] for row in rows}
    assert {row["site"] for row in rows} == {stranger.site["site"]}


def test_the_rooms_of_what_leaves_are_commands(page: Page, server: Server):
    sign_in(page, server)
    page.goto(server.url + "/admin/webhooks")
    expect_keys(page)
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Command").fill("go to mails")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Mails")).to_be_visible()
