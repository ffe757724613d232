"""What is known of a text holds for exactly that text, and not for what the page writes in its place."""

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from e2e.conftest import NewPage
from e2e.places import Stranger
from e2e.steps import badge, decide, digest, expect_kept, next_views, open_case, seen, sent_views, shows, sign_in
from e2e.test_what_users_write import CARD
from e2e.wire import record

BLINK = """(el) => setInterval(() => {
    const caret = el.querySelector("b");
    if (caret) caret.remove(); else el.append(document.createElement("b"));
}, 300)"""


@pytest.fixture
def desk(new_page: NewPage, stranger: Stranger) -> Page:
    found = new_page()
    sign_in(found, stranger.server)
    return found


def withdraw(desk: Page, stranger: Stranger, text: str) -> None:
    stranger.report(text)
    open_case(desk, stranger.server, text)
    decide(desk, "Withdraw", "It is withdrawn.")
    expect_kept(desk)


def notice(marked: Locator) -> Locator:
    return marked.locator("[part=notice]")


def write(marked: Locator, text: str) -> None:
    marked.evaluate("(el, text) => { el.textContent = text }", text)


def test_a_good_text_in_the_place_of_a_withdrawn_one_is_shown_and_counted(page: Page, desk: Page, stranger: Stranger):
    bad, good = "A bad text.", "A good text."
    withdraw(desk, stranger, bad)
    page.goto(stranger.page(f"<article data-machine-generated>{bad}</article>"))
    marked = page.locator("article")
    expect(notice(marked)).to_be_visible()
    with next_views(page) as views:
        write(marked, good)
    assert seen(views.value) == [{"text_sha256": digest(good), "disclosed": True}]
    expect(notice(marked)).not_to_be_visible()
    assert shows(marked, good)
    expect(badge(marked)).to_be_visible()
    write(marked, bad)
    expect(notice(marked)).to_be_visible()


COVER = "<div style='position: fixed; inset: 0 0 auto; height: 200px; background: white'>Its badge is covered.</div>"


@pytest.mark.parametrize("first", ["bad", "good"])
def test_a_text_that_comes_while_the_one_before_it_is_looked_at_is_asked_about_by_itself(
    page: Page, desk: Page, stranger: Stranger, first: str
):
    texts = {"bad": f"A bad text, the {first} one first.", "good": f"A good text, the {first} one first."}
    before, after = (texts[name] for name in ([*texts] if first == "bad" else [*reversed(texts)]))
    withdraw(desk, stranger, texts["bad"])
    held: list[Route] = []
    page.route("**/parts.js", lambda route: route.continue_() if held else held.append(route))
    marked = page.locator("article")
    with page.expect_request("**/parts.js"):
        page.goto(stranger.page(f"<article data-machine-generated>{before}</article>{COVER}"))
    write(marked, after)
    for route in held:
        route.continue_()
    record.until(lambda _: {view["text_sha256"] for sent in sent_views(page) for view in seen(sent)} >= {digest(after)})
    expect(notice(marked)).to_have_count(1 if after == texts["bad"] else 0)
    assert shows(marked, after) == (after == texts["good"])


@pytest.mark.parametrize("element", ["article data-machine-generated", "machine-generated"])
def test_a_wrapper_without_a_box_of_its_own_is_counted_and_withdrawn(
    page: Page, desk: Page, stranger: Stranger, element: str
):
    name, text = element.split()[0], f"Without a box of its own: {element}."
    withdraw(desk, stranger, text)
    with next_views(page) as views:
        page.goto(stranger.page(f'<div><{element} style="display: contents">{text}</{name}></div>'))
    assert seen(views.value) == [{"text_sha256": digest(text), "disclosed": True}]
    expect(notice(page.locator(name))).to_be_visible()


def test_a_withdrawn_text_asks_for_no_place_beside_its_notice(page: Page, desk: Page, stranger: Stranger):
    text = "It asks for a place."
    withdraw(desk, stranger, text)
    page.goto(stranger.page(f"<article data-machine-generated>{text}</article>"))
    marked = page.locator("article")
    expect(notice(marked)).to_be_visible()
    name = marked.locator("slot").get_attribute("name")
    page.goto(stranger.page(f'<article data-machine-generated>It asks <b slot="{name}">for a place.</b></article>'))
    expect(notice(marked)).to_be_visible()
    assert not shows(marked, "for a place.")


def test_a_withdrawn_text_is_hidden_in_a_shadow_root_of_the_pages_own(page: Page, desk: Page, stranger: Stranger):
    text, better = "Withdrawn from a card.", "Written on a card."
    withdraw(desk, stranger, text)
    page.goto(stranger.page(f"<a-card data-machine-generated>{text}</a-card>", head=CARD))
    marked = page.locator("a-card")
    expect(notice(marked)).to_be_visible()
    expect(badge(marked)).to_be_visible()
    assert not shows(marked, text)
    write(marked, better)
    expect(notice(marked)).to_have_count(0)
    assert shows(marked, better)


ADD = "(el, words) => { for (const word of words.split(' ')) el.innerHTML += ` ${word}`; }"


def labels(marked: Locator) -> Locator:
    return marked.locator(".machine-label")


def test_a_list_item_that_is_written_by_innerhtml_keeps_one_label_and_is_withdrawn_no_longer_than_its_text_stands(
    page: Page, desk: Page, stranger: Stranger
):
    text, more = "Withdrawn from a list.", "And now quite another text."
    withdraw(desk, stranger, text)
    page.goto(stranger.page(f"<ul><li data-machine-generated>{text}</ul>"))
    marked = page.locator("li")
    expect(notice(marked)).to_be_visible()
    assert not shows(marked, text)
    marked.evaluate(ADD, more)
    expect(notice(marked)).to_have_count(0)
    expect(badge(marked)).to_be_visible()
    assert shows(marked, more)
    marked.evaluate("(el) => { for (let at = 0; at < 20; at++) el.innerHTML += '!'; }")
    expect(badge(marked)).to_be_visible()
    expect(labels(marked)).to_have_count(1)


def test_a_copy_of_a_withdrawn_row_shows_what_is_written_into_it(page: Page, desk: Page, stranger: Stranger):
    text, other = "Withdrawn from a row.", "In the row that was copied from it."
    withdraw(desk, stranger, text)
    page.goto(stranger.page(f"<table><tr><td data-machine-generated>{text}</table>"))
    row = page.locator("tr")
    expect(notice(row)).to_be_visible()
    row.evaluate(
        """(row, other) => {
            const copy = row.cloneNode(true), cell = copy.querySelector("td");
            [...cell.childNodes].filter((node) => node instanceof Text).forEach((node) => { node.data = other; });
            row.after(copy);
        }""",
        other,
    )
    copied = page.locator("td").nth(1)
    expect(badge(copied)).to_be_visible()
    assert shows(copied, other)
    expect(labels(copied)).to_have_count(1)
    assert not shows(page.locator("td").first, text)


def test_a_text_with_a_blinking_caret_is_counted(page: Page, stranger: Stranger):
    with next_views(page) as views:
        page.goto(stranger.page("<article data-machine-generated>It blinks.</article>"))
        page.locator("article").evaluate(BLINK)
    assert seen(views.value) == [{"text_sha256": digest("It blinks."), "disclosed": True}]


LATER = "Date.now = ((now) => () => now() + 600_000)(Date.now)"
AGAIN = {
    "in another route and back": "main.innerHTML = ''; main.innerHTML = html",
    "in a tab that was away": "document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))",
}


@pytest.mark.parametrize("again", AGAIN)
def test_a_text_that_is_seen_again_later_is_asked_about_again(page: Page, desk: Page, stranger: Stranger, again: str):
    text = f"Withdrawn after it was seen {again}."
    with next_views(page):
        page.goto(stranger.page(f"<article data-machine-generated>{text}</article>"))
    withdraw(desk, stranger, text)
    script = "() => { const main = document.querySelector('main'), html = main.textContent; %s }"
    html = f"`<article data-machine-generated>{text}</article>`"
    page.evaluate(LATER)
    page.evaluate(script.replace("main.textContent", html) % AGAIN[again])
    expect(notice(page.locator("article"))).to_be_visible()
    assert len(sent_views(page)) == 2
