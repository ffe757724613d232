"""With data-copy-notice, a copied passage says that a machine wrote it, wherever it is pasted."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from e2e.places import STRICT, Stranger
from e2e.steps import badge
from e2e.test_what_users_write import CARD

PAGE = """
<p id=before>A person wrote this line.</p>
<article data-machine-generated><p id=first>The <b>old</b> lighthouse is <a id=link href="/tower">very tall</a>.</p>
<p id=second>It was lit in 1790.</p><span hidden>not to be copied</span></article>
<p id=between>So did a person this one.</p>
<machine-generated lang=de id=german review=human>Der Turm steht am Hafen.</machine-generated>
<p id=after>And this <span id=inline data-machine-generated data-layout=inline>short answer</span> in a line.</p>
<ul><li id=one data-machine-generated>One</li><li id=two>Two</li></ul>
<p id=field contenteditable data-machine-generated>Write here.</p>
<textarea></textarea>"""
SELECT = """([from, start, to, end]) => {
    const point = (id, at) => {
        const texts = document.createTreeWalker(document.getElementById(id), NodeFilter.SHOW_TEXT), all = [];
        while (texts.nextNode()) all.push(texts.currentNode);
        return at < 0 ? [all.at(-1), all.at(-1).length + 1 + at] : [all[0], at];
    };
    getSelection().setBaseAndExtent(...point(from, start), ...point(to, end));
}"""
READY = """() => new Promise((done, fail) => {
    const end = performance.now() + 20_000;
    const look = () => {
        if (performance.now() > end) return fail(new Error("no notice"));
        const clipboardData = new DataTransfer();
        const event = new ClipboardEvent("copy", { bubbles: true, cancelable: true, clipboardData });
        getSelection().selectAllChildren(german);
        german.dispatchEvent(event);
        event.defaultPrevented ? done() : requestAnimationFrame(look);
    };
    look();
})"""
PASTED = """addEventListener("paste", ({ clipboardData }) => {
    window.pasted = ["text/plain", "text/html"].map((type) => clipboardData.getData(type));
}, true)"""
ENGLISH, GERMAN = " (machine-generated)", " (maschinell erzeugt)"
TOWER = '<a id="link" href="{url}/tower">very tall</a>'


@dataclass
class Pasted:
    """What another place gets, as text and as HTML."""

    text: str
    html: str


Copy = Callable[..., Pasted]


def paste(page: Page) -> Pasted:
    page.evaluate(PASTED)
    page.locator("textarea").press("ControlOrMeta+v")
    text, html = page.wait_for_function("window.pasted").json_value()
    expect(page.locator("textarea")).to_have_value(text.replace("\r\n", "\n"))
    return Pasted(text, html)


@pytest.fixture
def copy(page: Page, stranger: Stranger) -> Copy:
    """Copies from one place to another."""

    def copy(*place: str | int, csp: str | None = None, first: str = "") -> Pasted:
        tag = stranger.site["script_tag"].replace(" defer", " data-copy-notice defer")
        page.goto(stranger.page(PAGE, tag=tag, csp=csp))
        expect(badge(page.locator("#german"))).to_have_text(re.compile("^Maschinell erzeugt"))
        page.evaluate(READY)
        if first:
            page.evaluate(first)
        page.evaluate(SELECT, place)
        selected = page.evaluate("[String(getSelection()), getSelection().anchorOffset]")
        page.keyboard.press("ControlOrMeta+c")
        assert page.evaluate("[String(getSelection()), getSelection().anchorOffset]") == selected
        return paste(page)

    return copy


def said(words: str, disclosure: str = "ai-autonomous") -> str:
    return f'<span ai-disclosure="{disclosure}">{words}</span>'


def test_a_passage_of_a_marked_text_ends_with_the_notice(copy: Copy):
    pasted = copy("second", 3, "second", -7)
    assert pasted.text == "was lit in" + ENGLISH
    assert pasted.html == said("was lit in") + ENGLISH


def test_links_and_formatting_are_kept_and_nothing_hidden_comes_along(copy: Copy, stranger: Stranger):
    pasted = copy("first", 0, "second", -1)
    assert [line for line in pasted.text.split("\n") if line] == [
        "The old lighthouse is very tall.",
        "It was lit in 1790." + ENGLISH,
    ]
    tower = TOWER.format(url=stranger.url)
    first = f'<p id="first">The <b>old</b> lighthouse is {tower}.</p>'
    assert pasted.html == said(f'{first}\n<p id="second">It was lit in 1790.</p>') + ENGLISH


def test_a_part_of_a_link_stays_a_link(copy: Copy, stranger: Stranger):
    pasted = copy("link", 0, "link", 4)
    assert pasted.text == "very" + ENGLISH
    assert pasted.html == said(TOWER.format(url=stranger.url).replace(" tall", "")) + ENGLISH


def test_among_peoples_words_each_machines_passage_has_its_notice_in_its_language(copy: Copy):
    pasted = copy("before", 2, "after", -1)
    assert [line for line in pasted.text.splitlines() if line] == [
        "person wrote this line.",
        "The old lighthouse is very tall.",
        "It was lit in 1790." + ENGLISH,
        "So did a person this one.",
        "Der Turm steht am Hafen." + GERMAN,
        f"And this short answer{ENGLISH} in a line.",
    ]
    assert f"</p></span>{ENGLISH}</article>" in pasted.html
    assert said("Der Turm steht am Hafen.", "ai-assisted") + GERMAN in pasted.html
    assert f'And this <span id="inline" data-layout="inline">{said("short answer")}{ENGLISH}</span> in' in pasted.html
    assert re.findall("data-machine-generated|<machine-generated|<img|hidden", pasted.html) == []


def test_a_list_keeps_its_items(copy: Copy):
    pasted = copy("one", 0, "two", -1)
    assert pasted.text.splitlines() == ["One" + ENGLISH, "Two"]
    assert pasted.html == f'<ul><li id="one">{said("One")}{ENGLISH}</li><li id="two">Two</li></ul>'


def test_what_is_covered_is_not_copied_and_nothing_is_said_of_it(copy: Copy):
    cover = "one.style.visibility = 'hidden'; one.append(document.createElement('img'))"
    pasted = copy("after", 0, "two", -1, first=cover)
    lines = [line.strip() for line in pasted.text.splitlines() if line.strip()]
    assert lines == [f"And this short answer{ENGLISH} in a line.", "Two"]
    assert pasted.html.endswith('<ul><li id="two">Two</li></ul>')


def test_nor_is_what_waits_on_a_card_for_its_review(page: Page, stranger: Stranger):
    card = "<a-card data-machine-generated>Held <b style='visibility: visible'>back.</b></a-card>"
    vouched = stranger.render("Vouched for.", reviewed_by="The editors")
    body = f"<section id=german>{vouched}{card}</section><textarea></textarea>"
    tag = stranger.site["script_tag"].replace(" defer", " data-copy-notice data-audience=public defer")
    page.goto(stranger.page(body, tag=tag, head=CARD))
    expect(page.locator("a-card [part=notice]")).to_be_visible()
    page.evaluate(READY)
    page.keyboard.press("ControlOrMeta+c")
    html = paste(page).html
    assert "Vouched for." in html
    assert re.findall("Held|back", html) == []


def test_a_persons_words_are_copied_as_ever(copy: Copy):
    pasted = copy("before", 0, "before", -1)
    assert pasted.text == "A person wrote this line."
    assert "machine-generated" not in pasted.html


def test_a_selection_that_only_touches_a_marked_text_says_nothing_of_it(copy: Copy):
    assert "machine-generated" not in copy("before", 0, "first", 0).text


def test_it_works_under_the_strictest_policy(copy: Copy, stranger: Stranger):
    pasted = copy("second", 0, "second", 2, csp=STRICT.format(host=stranger.server.url))
    assert (pasted.text, pasted.html) == ("It" + ENGLISH, said("It") + ENGLISH)


def test_what_the_page_itself_puts_on_the_clipboard_stays(copy: Copy):
    own = """document.addEventListener("copy", (event) => {
        event.clipboardData.setData("text/plain", "the page's own");
        event.preventDefault();
    })"""
    assert copy("second", 0, "second", -1, first=own).text == "the page's own"


def test_what_a_reader_writes_is_copied_as_it_is(copy: Copy):
    assert copy("field", 0, "field", 5, first="field.focus()").text == "Write"


def test_without_the_attribute_nothing_is_added(page: Page, stranger: Stranger):
    page.goto(stranger.page(PAGE))
    expect(badge(page.locator("#german"))).to_be_visible()
    page.evaluate(SELECT, ["second", 0, "second", -1])
    page.keyboard.press("ControlOrMeta+c")
    assert paste(page).text == "It was lit in 1790."
