"""Neither a link to a page nor the signs of its text keep what a moderator has withdrawn before readers' eyes."""

import json

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import NewPage
from e2e.engines import PLAIN_HOST
from e2e.places import Stranger
from e2e.steps import decide, expect_kept, open_case, report, shows, sign_in

PILED = "Evil words e" + "\u0323\u0301" * 101 + " with many marks."
YOUNG = "Evil words \u0628\u0897\u0323 with many marks, the second of Unicode 16."
WITH_NUL = "Evil\0words with many marks."


def withdraw(desk: Page, stranger: Stranger, words: str) -> None:
    sign_in(desk, stranger.server)
    open_case(desk, stranger.server, words)
    decide(desk, "Withdraw", "It is withdrawn.")
    expect_kept(desk)


def expect_withdrawn(page: Page, text: str) -> None:
    expect(page.locator("article [part=notice]")).to_be_visible()
    assert not shows(page.locator("article"), text)


@pytest.mark.parametrize("text", [PILED, YOUNG, WITH_NUL])
def test_whatever_signs_a_text_has_it_is_reported_and_gives_way_to_the_notice(
    new_page: NewPage, stranger: Stranger, text: str
):
    script = f"document.querySelector('article').textContent = {json.dumps(text)}"
    address, reader, desk, next_reader = (
        stranger.page(f"<article data-machine-generated>.</article><script>{script}</script>"),
        new_page(),
        new_page(),
        new_page(),
    )
    reader.goto(address)
    report(reader.locator("article"), "Hate")
    withdraw(desk, stranger, "Evil with many marks")
    next_reader.goto(address)
    expect_withdrawn(next_reader, "with many marks")


def test_links_that_name_a_page_at_length_or_with_a_dot_show_the_notice_too(new_page: NewPage, stranger: Stranger):
    text = "Evil words behind many links."
    address, page = stranger.page(f"<article data-machine-generated>{text}</article>"), new_page()
    path = address.removeprefix(stranger.url)
    long = f"{path}/{'a' * 3000}"
    stranger.pages[long] = stranger.pages[path]
    stranger.report(text)
    withdraw(new_page(), stranger, text)
    for link in (stranger.url + long, stranger.plain_url.replace(PLAIN_HOST, f"{PLAIN_HOST}.") + path):
        page.goto(link)
        expect_withdrawn(page, text)


def test_a_reader_whose_link_names_the_site_with_a_dot_can_report(page: Page, stranger: Stranger):
    text = "Reported where a dot stands behind the name."
    address = stranger.page(f"<article data-machine-generated>{text}</article>")
    page.goto(address.replace(stranger.url, stranger.plain_url.replace(PLAIN_HOST, f"{PLAIN_HOST}.")))
    assert report(page.locator("article"), "Hate")
