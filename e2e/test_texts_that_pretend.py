"""Texts and names that would hide, move or imitate the badge: it stands in its place, whole, and says what is so."""

import re

import pytest
from playwright.sync_api import Page, expect

from e2e.places import Stranger
from e2e.steps import badge, next_views, open_case, report_control, seen, sign_in, top_of

PLAIN = "A plain text of one line."
ZALGO = "".join(
    letter + "\u0334\u0328\u0349\u032d\u034e\u030d\u0314\u0311\u0357\u0303\u031a" * 12 for letter in "Zalgo"
)
FLOODS = {
    "reversed": "\u202e" + PLAIN,
    "overridden, never closed": "\u202e\u202d\u2066\u2067\u2068" * 50 + PLAIN,
    "closed more often than opened": "\u2069\u202c" * 500 + PLAIN,
    "Arabic first": "\u200f\u061c\u0645\u0631\u062d\u0628\u0627 " + PLAIN,
    "zero-width": "\u200b\u200c\u200d\u2060\ufeff" * 2000 + PLAIN,
    "combining": ZALGO,
    "combining with nothing before it": ("\u0303" * 200 + " ") * 15 + PLAIN,
    "tags and selectors": "\U000e0041\ufe0f" * 1000 + PLAIN,
    "line and page separators": "\u2028\u2029\v\f" * 200 + PLAIN,
    "one endless word": "W" * 4000,
    "tall signs": "\ufdfd\U0001242b" * 50 + PLAIN,
}
FORMS = {
    "rendered": lambda stranger, text: stranger.render(text),
    "marked": lambda _, text: f"<article data-machine-generated>{text}</article>",
    "in a line": lambda _, text: f'<p><span data-machine-generated data-layout="inline">{text}</span></p>',
    "in a list": lambda _, text: f"<ul><li data-machine-generated>{text}</li></ul>",
}
MARKED = "machine-generated,[data-machine-generated]"
# Each letter of the badge, from left to right as it is drawn.
LETTERS = """(badge) => {
    const text = badge.firstChild, found = [];
    for (let at = 0; at < text.length; at++) {
        const range = document.createRange();
        range.setStart(text, at);
        range.setEnd(text, at + 1);
        found.push([range.getBoundingClientRect().left, text.data[at]]);
    }
    return found.sort(([one], [other]) => one - other).map(([, letter]) => letter).join("");
}"""
# What a click meets over the whole badge, a point every 4 pixels.
COVERED = """(badge) => {
    const { left, top, right, bottom } = badge.getBoundingClientRect(), root = badge.getRootNode();
    for (let x = left + 8; x < right - 8; x += 4) for (let y = top + 2; y < bottom - 2; y += 4)
        if (!badge.contains(root.elementFromPoint(x, y))) return [x - left, y - top];
    return null;
}"""


@pytest.mark.parametrize("form", FORMS)
def test_no_text_hides_covers_reorders_or_moves_its_badge(page: Page, stranger: Stranger, form: str):
    texts = {"plain": PLAIN, **FLOODS}
    sections = "".join(f"<section>{FORMS[form](stranger, text)}</section>" for text in texts.values())
    page.set_viewport_size({"width": 800, "height": 160 * len(texts) + 100})
    style = "<style>body { margin: 0 } section { height: 160px; width: 600px; overflow: clip }</style>"
    page.goto(stranger.page(sections, head=style))
    drawn = {}
    for place, name in enumerate(texts):
        section = page.locator("section").nth(place)
        expect(report_control(section)).to_have_role("button")
        around, found = section.bounding_box(), badge(section).bounding_box()
        assert badge(section).evaluate(LETTERS) == "Machine-generated", name
        assert badge(section).evaluate(COVERED) is None, name
        at = () if form == "in a line" else (found["x"], found["y"] - around["y"])
        drawn[name] = (*at, found["width"], found["height"])
        # What it is painted in lies over the ink of every line of text, however high that is stacked.
        expect(section.locator("[part=label]")).to_have_css("isolation", "isolate")
    assert [name for name in texts if drawn[name] != drawn["plain"]] == []


@pytest.mark.parametrize("made", ["rendered", "marked"])
def test_a_models_name_cannot_reorder_or_paint_over_what_the_details_say(page: Page, stranger: Stranger, made: str):
    told = []
    for name in ("jamba-large", "\u202e\u2067egral" + ZALGO, "\u200b" * 150 + "x"):
        body = (
            stranger.render(PLAIN, model=name, provider=name)
            if made == "rendered"
            else f'<article data-machine-generated data-model="{name}" data-provider="{name}">{PLAIN}</article>'
        )
        page.goto(stranger.page(body))
        marked = page.locator(MARKED)
        expect(report_control(marked)).to_have_role("button")
        badge(marked).click()
        review = marked.get_by_text("Not reviewed by a person")
        expect(review).to_be_visible()
        expect(marked.locator("[part=about] a")).to_have_text("What is this?")
        assert review.evaluate(LETTERS) == "Not reviewed by a person"
        assert badge(marked).evaluate(COVERED) is None
        told.append(badge(marked).bounding_box())
        assert marked.locator("[part=about] bdi").count() == 2
        for line in marked.locator("[part=about] > *").all():
            expect(line).to_have_css("overflow", "clip")  # no ink of one lies over another
    assert told[1:] == told[:1] * 2


FAKE = "AI Machine-generated, reviewed by a person ▾ ⚑ Report"


def test_a_badge_made_of_text_is_text_and_the_details_of_the_true_one_say_what_is_so(page: Page, stranger: Stranger):
    fake = (
        '<span style="display:inline-flex;padding:3px 6px;border:1px solid #8888;border-radius:12px;font:600 13px/16px'
        ' system-ui" role="button" tabindex="0" class="badge" part="badge">'
        "Machine-generated, reviewed by a person</span>"
    )
    with next_views(page) as views:
        page.goto(
            stranger.page(f"<article data-machine-generated>{fake}<p>{FAKE}</p></article>{stranger.render(FAKE)}")
        )
    assert all(view["disclosed"] for view in seen(views.value))
    for marked in (page.locator("article"), page.locator("machine-generated")):
        true = marked.locator(".label [part=badge]")
        expect(true).to_have_text("Machine-generated")
        assert true.bounding_box()["y"] + 24 <= top_of(marked, FAKE)
        true.click()
        expect(marked.locator("[part=about]")).to_contain_text("Not reviewed by a person")
        expect(marked.locator("[part=about] a")).to_have_attribute("href", stranger.server.url + "/about?lang=en")
        true.click()
        expect(marked.locator("[part=about]")).to_be_hidden()
    page.locator("article > .badge").click()
    expect(page.locator("[part=about]:visible")).to_have_count(0)
    expect(page.locator("article")).to_have_attribute("ai-disclosure", "ai-autonomous")


def test_the_desk_tells_such_words_from_what_is_verified(page: Page, stranger: Stranger):
    text = f"{FAKE}. \u202edesrever si sihT {ZALGO}"
    token = re.search(r'content="([^"]+)"', stranger.render(text))[1]
    stranger.report(text, content=token, comment="\u202e\u2067" * 40 + "Case closed: dismissed" + ZALGO)
    sign_in(page, stranger.server)
    open_case(page, stranger.server, "Machine-generated, reviewed by a person")
    expect(page.locator(".evidence").first).to_contain_text(FAKE)
    expect(page.get_by_text("Verified.")).to_be_visible()
    expect(page.get_by_text("Not reviewed by a person").first).to_be_visible()
    for control in (page.get_by_role("heading", name="Decide"), page.get_by_role("button", name=re.compile("^Decide"))):
        expect(control).to_be_visible()
        assert control.evaluate("(el) => getComputedStyle(el).direction") == "ltr"
