"""What the widget leaves in a stranger's page, and what it reads there: as docs/page.md says, and no more."""

import json

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.places import Stranger
from e2e.steps import badge, dialog_of, next_report, next_views, report, report_control, sent_reports, sent_views
from e2e.test_the_outbox import kept
from e2e.wire import REPORTS, Wire

SECRET = "what the widget has no business with"
TEXT = "A text with a footprint."
MARKED = f'<article data-machine-generated data-model="jamba-large">{TEXT}</article>'
PAGE = (
    f'<title>{SECRET}</title><p id="before">{SECRET}</p>{MARKED}<form><input name="card" value="{SECRET}">'
    f"<textarea>{SECRET}</textarea></form><section data-private='{SECRET}'>{SECRET}</section>"
)
# Before any other script: what the page has, and who reads the words of what is not marked.
WATCH = """
const places = [window, document, history, navigator, Object.prototype, Array.prototype, String.prototype,
    Promise.prototype, Node.prototype, Element.prototype, HTMLElement.prototype, EventTarget.prototype];
const own = () => places.map((place) => Reflect.ownKeys(place).map(String).sort());
const read = [];
const marked = "[data-machine-generated],machine-generated";
const ours = (node) => {
    for (let at = node; at; at = at.parentNode ?? at.host) if (at.matches?.(marked)) return true;
    return !node.isConnected && node !== document; // what it builds
};
for (const [type, names] of [
    [Node, "textContent nodeValue"], [Element, "innerHTML outerHTML"], [HTMLElement, "innerText outerText"],
    [CharacterData, "data"], [HTMLInputElement, "value"], [HTMLTextAreaElement, "value"],
    [Document, "cookie title referrer"],
]) for (const name of names.split(" ")) {
    const found = Object.getOwnPropertyDescriptor(type.prototype, name);
    Object.defineProperty(type.prototype, name, { ...found, get() {
        if (!ours(this)) read.push(`${name} of ${this.nodeName}`);
        return found.get.call(this);
    } });
}
Object.defineProperty(window, "watch", { value: { own, read } });
watch.before = own();
"""
STORED = """() => [localStorage, sessionStorage].map((place) => Object.keys(place).map((key) => key.split(":")[1]))"""


@pytest.fixture
def article(page: Page, stranger: Stranger) -> Locator:
    page.add_init_script(f"{{ {WATCH} }}")
    with next_views(page):
        page.goto(stranger.page(PAGE) + f"?secret={SECRET.replace(' ', '+')}#secret")
    return page.locator("article")


def everything(page: Page, article: Locator) -> None:
    """All that a reader can do with a label."""
    badge(article).click()
    expect(article.locator("[part=about] a")).to_have_text("What is this?")
    badge(article).click()
    report(article, "Something else", comment="It leaves traces.")
    page.keyboard.press("Escape")
    expect(dialog_of(article)).to_be_hidden()


def test_no_global_no_cookie_nothing_kept_and_no_part_of_the_browser_changed(
    page: Page, article: Locator, browser_name: str
):
    everything(page, article)
    before, after = page.evaluate("[watch.before, watch.own()]")
    assert after[1:] == before[1:]
    if browser_name == "chromium":  # Firefox itself adds to a window what is asked for
        assert after[0] == before[0]
    assert page.context.cookies() == []
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert page.evaluate("async () => [(await indexedDB.databases()).length, (await caches.keys()).length]") == [0, 0]
    assert page.evaluate("async () => (await navigator.serviceWorker.getRegistrations()).length") == 0
    assert (
        page.evaluate("[...document.head.querySelectorAll('link,style'), ...document.adoptedStyleSheets].length") == 0
    )


def test_it_reads_the_words_of_marked_texts_only_and_sends_no_others(page: Page, article: Locator):
    everything(page, article)
    assert page.evaluate("watch.read") == []
    sent = [*sent_views(page), *sent_reports(page)]
    assert len(sent) == 2
    for one in sent:
        assert SECRET not in json.dumps(one.body)
        assert one.body["page"] == page.url.split("?")[0]
    assert sent_reports(page)[0].body["text"] == TEXT


def test_the_marked_element_alone_gets_what_the_contract_names(page: Page, article: Locator):
    assert page.locator("#before").evaluate("(el) => [el.attributes.length, Reflect.ownKeys(el).length]") == [1, 0]
    expect(article).to_have_attribute("ai-disclosure", "ai-autonomous")
    assert article.evaluate("(el) => el.getAttributeNames().sort()") == [
        "ai-disclosure",
        "ai-model",
        "data-machine-generated",
        "data-model",
    ]
    assert article.evaluate("(el) => Object.keys(el)") == ["openReport"]


def test_what_it_stores_is_one_draft_then_its_report_too_then_nothing(page: Page, article: Locator, wire: Wire):
    report_control(article).click()
    dialog = dialog_of(article)
    dialog.get_by_role("radio", name="Something else").check()
    assert page.evaluate(STORED) == [[], ["draft"]]
    with wire.down():
        dialog.get_by_role("button", name="Send").click()
        expect(dialog).to_have_accessible_name("Your report is kept")
        assert page.evaluate(STORED) == [["outbox"], ["draft"]]
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(dialog).to_have_accessible_name("Thank you, your report has arrived")
    assert page.evaluate(STORED) == [[], []]


def test_the_outbox_holds_twenty_reports_of_64_kib_and_says_so_of_the_next(page: Page, article: Locator, wire: Wire):
    page.evaluate(
        """() => { for (let at = 0; at < 20; at++) localStorage[`machine-generated:outbox:${at}`] = JSON.stringify(
            { url: "http://127.0.0.1:9/", report: { id: String(at) }, after: Date.now() + 1e9, tries: 9 }); }"""
    )
    report_control(article).click()
    dialog = dialog_of(article)
    dialog.get_by_role("radio", name="Something else").check()
    dialog.locator("textarea").fill("One too many.")
    with wire.down():
        dialog.get_by_role("button", name="Send").click()
        expect(dialog.get_by_role("alert")).to_contain_text("The report was not sent.")
        assert kept(page) == 20
    page.reload()
    page.evaluate("localStorage.clear()")
    report_control(article).click()
    expect(dialog.locator("textarea")).to_have_value("One too many.")


def test_a_report_in_mid_send_outlives_its_page_and_arrives_once(page: Page, article: Locator, wire: Wire):
    report_control(article).click()
    dialog = dialog_of(article)
    dialog.get_by_role("radio", name="Something else").check()
    dialog.locator("textarea").fill("On its way.")
    with wire.slow(on=REPORTS):
        dialog.get_by_role("button", name="Send").press("Enter")
        page.reload()
        assert kept(page) == 1
    report_control(article).click()
    expect(dialog.get_by_role("radio").first).to_be_visible()
    with next_report(page):
        page.evaluate("dispatchEvent(new Event('online'))")
    assert len({sent.body["id"] for sent in sent_reports(page)}) == 1
