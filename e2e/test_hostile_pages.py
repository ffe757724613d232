"""Whatever a page has done to its browser, the labels stand, it hears no error of ours, and a report finds a way.

Each hostile page is a frame; from the page around it, whose browser is whole, they are looked at side by side.
"""

import json

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from e2e.hostilities import PAGES, Hostility
from e2e.places import Stranger
from e2e.steps import badge, next_views, report_control, shows

AT_ONCE = 15
WATCH = """<script>{
    window.heard = [];
    window.opened = [];
    const [say, see] = [heard, opened].map((list) => list.push.bind(list));
    for (const name of ["error", "unhandledrejection"])
        addEventListener(name, (event) => say(`${name}: ${event.message ?? event.reason?.stack ?? event.reason}`));
    window.open = (address) => { see(address); };
}</script>"""
VISIT = """async (pages) => {
    const read = (type, name, node) => Reflect.get(type.prototype, name, node);
    const kinds = { 1: Element, 9: Document, 11: DocumentFragment };
    const kind = (node) => kinds[read(Node, "nodeType", node)].prototype;
    const find = (node, selector) => node && kind(node).querySelector.call(node, selector);
    const all = (node, selector) => [...kind(node).querySelectorAll.call(node, selector)];
    const click = (node) => HTMLElement.prototype.click.call(node);
    const until = async (found, seconds) => {
        for (const end = Date.now() + 1000 * seconds; ;) {
            const result = found();
            if (result || Date.now() > end) return result;
            await new Promise((done) => setTimeout(done, 50));
        }
    };

    const rootOf = (el) => {
        const own = read(Element, "shadowRoot", el), stand = find(el, ":scope>.machine-label");
        return find(own, ".badge") ? own : stand && read(Element, "shadowRoot", stand);
    };
    const part = (el, selector) => find(rootOf(el), selector);
    const stands = (el) => {
        const badge = part(el, ".badge"), range = document.createRange();
        if (!badge) return false;
        range.selectNodeContents(el);
        const { width, height } = Element.prototype.getBoundingClientRect.call(badge);
        return width > 80 && height >= 24 && /machine/i.test(read(Node, "textContent", badge))
            && range.getBoundingClientRect().height > 0;
    };
    const isOurs = (el) => read(Element, "role", part(el, ".report")) === "button";

    const report = async (el, self) => {
        const control = part(el, ".report"), before = self.opened.length;
        const isPlain = () => read(HTMLAnchorElement, "href", control).includes("/report?site=");
        if (!isOurs(el)) return isPlain() ? "other way" : "none";
        click(control);
        const dialog = await until(() => part(el, "dialog") ?? (self.opened.length > before && "form"), 20);
        if (!dialog || dialog === "form") return dialog ? "other way" : "none";
        click(find(dialog, "input[value=other]"));
        click(find(dialog, ".main"));
        const sent = () => find(dialog, "code") ? "dialog" : find(dialog, "footer .wrong a") && "other way";
        const how = await until(sent, 20);
        click(find(dialog, "header button"));
        return how || "none";
    };

    const visit = async ([address, script, patience]) => {
        const frame = Object.assign(document.createElement("iframe"), { src: address, width: 500, height: 300 });
        document.body.append(frame);
        await new Promise((done) => { frame.onload = done; });
        const { contentDocument: page, contentWindow: self } = frame;
        const texts = all(page, "machine-generated,[data-machine-generated]");
        const missing = () => texts.filter((el) => !stands(el)).map((el) => read(Element, "id", el));
        if (script) {
            await until(() => !missing()[0] && texts.every(isOurs), 20);
            self.eval(script);
        }
        await until(() => !missing()[0], patience);
        const reports = [], lacking = missing();
        for (const el of texts) if (stands(el)) reports.push(await report(el, self));
        const heard = Array.prototype.slice.call(self.heard);
        frame.remove();
        return { missing: lacking, reports, heard };
    };
    return Promise.all(pages.map(visit));
}"""


def page_of(stranger: Stranger, hostility: Hostility, *, script: str) -> str:
    path = f"/hostile/{len(stranger.pages)}"
    texts = f"{stranger.render(f'Rendered. {hostility.name}')}<p id=marked data-machine-generated>{hostility.name}</p>"
    head = f"<title>Hostile</title>{WATCH}<script>{script}</script>"
    # The tag comes last: what has a name on the page has it before.
    body = f"{hostility.html}{texts}{stranger.site['script_tag']}"
    stranger.pages[path] = (f'<!doctype html><html lang="en"><meta charset="utf-8">{head}<body>{body}', {})
    return stranger.url + path


@pytest.fixture
def around(context: BrowserContext, stranger: Stranger) -> Page:
    """The page around the frames. What is thrown in them is looked at by the test."""
    page = context.new_page()
    page.goto(stranger.page("", tag=""))
    return page


def differences(page: Page, stranger: Stranger, pages: list[Hostility], *, before: bool) -> list[tuple]:
    """What is otherwise on these pages than the table says."""
    found: list[tuple] = []
    for some in (pages[at : at + AT_ONCE] for at in range(0, len(pages), AT_ONCE)):
        asked = [
            [page_of(stranger, one, script=one.script), "", 20 if one.labels == "all" else 2]
            if before
            else [page_of(stranger, one, script=""), one.script, 0]
            for one in some
        ]
        for one, seen in zip(some, page.evaluate(VISIT, asked), strict=True):
            report = one.report if before else one.later
            wrong = (
                seen["missing"] != (["marked"] if before and one.labels != "all" else []),
                set(seen["reports"]) != {report},
                bool(seen["heard"]) and not one.loud,
            )
            if any(wrong):
                found.append((one.name, seen))
    return found


def test_done_before_the_tag_runs(around: Page, stranger: Stranger):
    assert differences(around, stranger, PAGES, before=True) == []


def test_done_when_the_labels_stand(around: Page, stranger: Stranger):
    later = [one for one in PAGES if one.script and one.later]
    assert differences(around, stranger, later, before=False) == []


IN_AN_ADDRESS = {
    "theme": "dark}.label{display:none!important}x{",
    "audience": "public",
    "report": "off",
    "viewer": "the same for all",
    "undefined": {"gone": "withdraw", "review": "human"},
    "": {"gone": "withdraw", "review": "human"},
    "decided": {"undefined": {"review": "human"}},
    "review": "human",
    "gone": "withdraw",
    "met": True,
}
"""What a link can add to `Object.prototype` of a page that reads its address carelessly (`?__proto__[theme]=…`)."""


@pytest.mark.parametrize("name", IN_AN_ADDRESS)
def test_a_link_that_adds_to_the_pages_objects_takes_no_label_away_and_no_text(
    page: Page, stranger: Stranger, name: str
):
    value = json.dumps(IN_AN_ADDRESS[name])
    script = f"<script>Object.prototype[{json.dumps(name)}] = {value}</script>"
    tag = stranger.site["script_tag"]
    with next_views(page) as views:
        page.goto(stranger.page("<article data-machine-generated>Seen by all.</article>", tag=script + tag))
    marked = page.locator("article")
    expect(badge(marked)).to_have_text("Machine-generated")
    expect(report_control(marked)).to_be_visible()
    assert shows(marked, "Seen by all.")
    assert (views.value.status, views.value.body.get("viewer")) == (200, None)
