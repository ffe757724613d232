"""Neither a link to a page nor the signs of its text keep what a moderator has withdrawn before readers' eyes."""

import json

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import NewPage
from e2e.engines import PLAIN_HOST
from e2e.places import Stranger
from e2e.steps import decide, expect_kept, next_views, open_case, report, seen, shows, sign_in
from widget_server.rules.marking import text_sha256

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


LIST = "<ul><li data-machine-generated data-content={token}></ul>"


def test_an_approved_text_that_a_list_item_is_given_word_by_word_is_shown(new_page: NewPage, stranger: Stranger):
    text, page = "Approved word by word.", new_page()
    token = stranger.render(text, reviewed_by="The editors").split('content="')[1].split('"')[0]
    tag = stranger.site["script_tag"].replace("defer", 'data-audience="public" defer')
    page.goto(stranger.page(LIST.format(token=token), tag=tag))
    marked = page.locator("li")
    expect(marked.locator("[part=notice]")).to_be_visible()
    marked.evaluate(
        """async (el, words) => {
            for (const word of words) el.innerHTML += word, await new Promise(requestAnimationFrame);
        }""",
        [f"{word} " for word in text.split()],
    )
    expect(marked.locator("[part=notice]")).to_have_count(0)
    assert shows(marked, text)
    expect(marked.locator(".machine-label")).to_have_count(1)


MEASURE = """async (marks) => {
    const text = "e" + marks.repeat(40_000), began = performance.now();
    text.normalize();
    const alone = performance.now() - began;
    let longest = 0, last = performance.now();
    const beat = setInterval(() => {
        longest = Math.max(longest, performance.now() - last);
        last = performance.now();
    }, 5);
    const marked = document.createElement("article"), unseen = document.createElement("span");
    unseen.style.display = "none";
    unseen.append(text);
    marked.dataset.machineGenerated = "";
    marked.append("Seen words. ", unseen);
    await new Promise((done) => {
        marked.addEventListener("machine-generated:viewed", done);
        document.querySelector("main").append(marked);
    });
    clearInterval(beat);
    return [longest, alone];
}"""


def test_marks_out_of_order_by_the_ten_thousand_hold_no_page_up_and_hide_no_text(page: Page, stranger: Stranger):
    marks = "\u0301\u0323"
    page.goto(stranger.page(""))
    with next_views(page) as views:
        longest, alone = page.evaluate(MEASURE, marks)
    assert alone < 1000 or longest < alone / 2  # in Firefox, to normalise them takes no long time
    assert seen(views.value)[0]["text_sha256"] == text_sha256("Seen words. e" + marks * 40_000)
