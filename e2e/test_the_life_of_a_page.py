"""Whatever a page does to its texts, in whatever order, it shows in the end what a page shows that was loaded so.

Random walks: a page changes its own DOM as applications do, and is then compared with a new one of the same HTML.
"""

import json
import random
import re

import pytest
from playwright.sync_api import Page

from e2e.conftest import NewPage
from e2e.places import Stranger
from e2e.steps import WORDS_AT, sign_in
from e2e.test_the_details import decided_upon

SEEDS, STEPS, BETWEEN = (4,), 30, 6
CONTENT = re.compile(r'content="([^"]+)"')
TALL = {"width": 1000, "height": 5000}
GONE = "Withdrawn wherever it stands."
TEXTS = ["The first of the plain texts.", "The second one, which is plain.", GONE, "A third."]
ELEMENTS = ["article", "div", "p", "span", "li", "blockquote", "machine-generated"]

DEEDS = """
const main = document.querySelector("main"), away = [];
const one = (number) => { const found = main.querySelectorAll("[data-k]"); return found[number % found.length]; };
const place = (number) => {
  const boxes = main.querySelectorAll("section,div.wrap");
  return boxes[number % boxes.length];
};
const put = (el, n) => {
  const box = place(n);
  box.insertBefore(el, box.children[n % (box.children.length + 1)] ?? null);
};
const named = (el, name) => (el.localName === "machine-generated" ? name : "data-" + name);
const turn = (el, name, value) => {
  el.hasAttribute(named(el, name)) ? el.removeAttribute(named(el, name)) : el.setAttribute(named(el, name), value);
};
window.dare = (deed, n, ...more) => { const el = one(n); deeds[el ? deed : "add"](el, n, ...more); };
const words = (el) => [...el.childNodes].find((node) => node.nodeType === 3);
let made = 0;
window.deeds = {
  add(_, n, text, name) {
    const el = document.createElement(name);
    el.dataset.k = ++made;
    if (name !== "machine-generated") el.dataset.machineGenerated = "";
    el.textContent = text;
    put(el, n);
    if (n % 2) deeds.token(el, n, text);
  },
  away(el) { el.remove(); away.push(el); },
  back(_, n) { for (const el of away.splice(n % (away.length || 1), 1)) put(el, n); },
  clone(el) { el.replaceWith(el.cloneNode(true)); },
  data(el, n, text) { const node = words(el); if (node) node.data = text; },
  hide(el) { el.hidden = !el.hidden; },
  inner(el, n, text) { el.innerHTML = `<b>${text}</b>`; },
  innerAgain() { const box = main.querySelector("section"); box.innerHTML = box.innerHTML; },
  innerMore(_, n) { place(n).innerHTML += `<p data-k=${++made} data-machine-generated>Added.</p>`; },
  lang(el, n) { el.lang = ["de", "en", "ar"][n % 3]; },
  layout(el, n) { turn(el, "layout", ["inline", "chat"][n % 2]); },
  less(el) { if (el.lastChild?.nodeType === 3 && el.childNodes.length > 1) el.lastChild.remove(); },
  mark(el) { if (el.localName !== "machine-generated") el.toggleAttribute("data-machine-generated"); },
  more(el, n, text) { el.append(" " + text); },
  move(el, n) { el.remove(); put(el, n); },
  normalize(el) { el.normalize(); },
  remove(el) { el.remove(); },
  review(el) { turn(el, "review", "human"); },
  split(el) { const node = words(el); if (node?.data.length > 4) node.splitText(3); },
  swap() { const box = main.querySelector("section"); [...box.children].reverse().forEach((el) => box.append(el)); },
  text(el, n, text) { el.textContent = text; },
  token(el, n, text) { turn(el, "content", tokens[text] ?? ""); },
  wrap(el) {
    const box = document.createElement("div");
    box.className = "wrap";
    el.before(box);
    box.append(el);
  },
};
"""
LOOK = (
    """() => {
    const words = """
    + WORDS_AT
    + """;
    const marked = "machine-generated[data-k],[data-k][data-machine-generated]";
    const visible = (all) => [...all].filter((one) => one.checkVisibility());
    return visible(document.querySelectorAll(marked)).map((el) => {
        const beside = [...el.children].filter((one) => one.matches(".machine-label")).map((one) => one.shadowRoot);
        const roots = [el.shadowRoot, ...beside];
        const find = (part) => roots.flatMap((root) => visible(root?.querySelectorAll(part) ?? []));
        return {
            k: el.dataset.k, element: el.localName, text: el.textContent,
            labels: find(".badge").map((one) => [one.textContent, one.parentNode.parentNode.lang]),
            notices: find("[part=notice]").map((one) => one.textContent),
            shown: !!words(el, el.textContent.trim().slice(0, 3)),
        };
    });
}"""
)
AS_HTML = """() => {
    const copy = document.querySelector("main").cloneNode(true);
    for (const one of copy.querySelectorAll(".machine-label")) one.remove();
    for (const el of copy.querySelectorAll("*"))
        for (const { name } of [...el.attributes]) if (name.startsWith("ai-")) el.removeAttribute(name);
    return copy.innerHTML;
}"""


@pytest.mark.parametrize("audience", ["", "public"])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_page_that_changed_shows_what_a_new_page_like_it_shows(
    new_page: NewPage, stranger: Stranger, seed: int, audience: str
):
    chance = random.Random(seed)
    desk = new_page()
    sign_in(desk, stranger.server)
    gone = f"{GONE} {seed} {audience}."
    decided_upon(desk, stranger, gone, "Withdraw")
    texts = [gone if text == GONE else text for text in TEXTS]
    walked, fresh = new_page(viewport=TALL), new_page(viewport=TALL)
    walked.clock.install()
    fresh.clock.install()
    tokens = {text: CONTENT.search(stranger.render(text, reviewed_by="Ada"))[1] for text in (*texts[1:], "Added.")}
    tag = stranger.site["script_tag"].replace("<script ", f'<script data-audience="{audience}" ', 1)
    walked.goto(stranger.page("<section></section><section></section>", tag=tag))
    walked.evaluate("(tokens) => { window.tokens = tokens }", tokens)
    walked.evaluate(DEEDS)
    names = walked.evaluate("Object.keys(deeds)")
    done: list = []
    for number in range(STEPS * BETWEEN):
        deed = "add" if number < 8 else chance.choice([*names, "add", "text", "data", "inner"])
        step = [deed, chance.randrange(1000), chance.choice(texts), chance.choice(ELEMENTS)]
        done.append(step)
        walked.evaluate("(step) => dare(...step)", step)
        if chance.random() < 0.3:
            walked.clock.run_for(chance.choice([20, 500, 1500]))
        if number % BETWEEN == BETWEEN - 1 and number > 8:
            compare(walked, fresh, stranger, tag, done)


def compare(walked: Page, fresh: Page, stranger: Stranger, tag: str, done: list) -> None:
    fresh.goto(stranger.page(walked.evaluate(AS_HTML), tag=tag))
    for _ in range(60):
        for page in (walked, fresh):
            page.clock.run_for(1_500)
        found, wanted = walked.evaluate(LOOK), fresh.evaluate(LOOK)
        if found == wanted:
            return
    differ = [(one, other) for one, other in zip(found, wanted, strict=True) if one != other]
    assert not differ, json.dumps([differ, done])
