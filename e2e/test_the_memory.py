"""A page may add and remove labelled texts without end: what is gone leaves nothing behind."""

import pytest
from playwright.sync_api import CDPSession, Page, expect

from e2e.places import Stranger
from e2e.steps import badge

CYCLES, AT_ONCE = 10_000, 50
FEW = 1000

FORMS = {
    "attribute": "<article data-machine-generated data-model='jamba-large'></article>",
    "element": "<machine-generated model='jamba-large'></machine-generated>",
    "list item": "<li data-machine-generated></li>",
}
ADD_AND_REMOVE = """async ([html, cycles, atOnce]) => {
    const place = document.querySelector("#place"), { content } = document.createElement("template");
    content.append(document.createRange().createContextualFragment(html));
    for (let done = 0; done < cycles; done += atOnce) {
        const added = Array.from({ length: atOnce }, () => content.firstChild.cloneNode());
        for (const el of added) el.textContent = "A machine wrote this.";
        place.append(...added);
        await new Promise(requestAnimationFrame);
        if (!added.every((el) => el.shadowRoot ?? el.querySelector(".machine-label"))) throw Error("no label");
        place.replaceChildren();
    }
    await new Promise((later) => setTimeout(later, 1500)); // until what waits for a text to be seen is over
}"""


@pytest.fixture
def memory(page: Page) -> CDPSession:
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    session.send("HeapProfiler.enable")
    return session


def kept(memory: CDPSession) -> dict[str, float]:
    """What is still there when all that can go has gone."""
    for _ in range(3):
        memory.send("HeapProfiler.collectGarbage")
    found = {one["name"]: one["value"] for one in memory.send("Performance.getMetrics")["metrics"]}
    return {name: found[name] for name in ("Nodes", "JSEventListeners", "JSHeapUsedSize")}


@pytest.mark.engines("chromium", reason="the one engine whose heap can be read")
@pytest.mark.parametrize("form", FORMS)
def test_ten_thousand_texts_that_came_and_went_leave_no_trace(
    page: Page, stranger: Stranger, memory: CDPSession, form: str
):
    page.goto(stranger.page('<article data-machine-generated>A text that stays.</article><ul id="place"></ul>'))
    expect(badge(page.locator("article"))).to_be_visible()
    page.evaluate(ADD_AND_REMOVE, [FORMS[form], FEW, AT_ONCE])
    before = kept(memory)
    page.evaluate(ADD_AND_REMOVE, [FORMS[form], CYCLES, AT_ONCE])
    after = kept(memory)
    assert after["JSHeapUsedSize"] == pytest.approx(before["JSHeapUsedSize"], rel=0.05)
    assert after["Nodes"] == pytest.approx(before["Nodes"], rel=0.05)
    assert after["JSEventListeners"] == pytest.approx(before["JSEventListeners"], rel=0.05)


MANY = 300
ADD_AT_ONCE = """async (many) => {
    const text = () => Object.assign(document.createElement("p"), { textContent: "A machine wrote this." });
    const added = Array.from({ length: many }, text);
    added.forEach((el) => el.setAttribute("data-machine-generated", ""));
    document.querySelector("#place").append(...added);
    while (!added.at(-1).shadowRoot?.querySelector(".badge")) await new Promise(requestAnimationFrame);
    await new Promise((later) => setTimeout(later, 100));
}"""


@pytest.mark.engines("chromium", reason="the one engine that tells how often it computes styles")
def test_many_texts_that_come_at_once_are_styled_together(page: Page, stranger: Stranger, memory: CDPSession):
    def styled() -> float:
        found = {one["name"]: one["value"] for one in memory.send("Performance.getMetrics")["metrics"]}
        return found["RecalcStyleCount"]

    page.goto(stranger.page('<article data-machine-generated>A text that stays.</article><div id="place"></div>'))
    expect(badge(page.locator("article"))).to_be_visible()
    before = styled()
    page.evaluate(ADD_AT_ONCE, MANY)
    assert styled() - before < MANY / 4


def test_a_page_that_breaks_what_the_widget_asks_for_hears_nothing_of_it(page: Page, stranger: Stranger):
    broken = "<script>window.getComputedStyle = () => { throw new Error('broken'); };</script>"
    page.goto(stranger.page(f"{broken}<article data-machine-generated>A text that stays.</article>"))
    expect(badge(page.locator("article"))).to_be_visible()
    page.wait_for_function("document.querySelector('article').openReport")
