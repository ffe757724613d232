"""The label is legible and in its place on every page, whatever the page does."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.conftest import NewPage
from e2e.engines import LOOKS
from e2e.places import STRICT, Stranger
from e2e.steps import badge, next_views, report_control

# A scroll bar takes its part of the phone where it has one.
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LABEL = """(el) => {
    const parts = [];
    const walk = (node) => {
        const { height } = node.getBoundingClientRect();
        parts.push([node.getAttribute("part") || node.getAttribute("class") || "", Math.round(height)]);
        for (const inner of node.children) if (!inner.matches(".about")) walk(inner);
    };
    for (const node of el.shadowRoot.children) if (!node.matches("style")) walk(node);
    return parts;
}"""


def test_a_label_from_the_server_and_one_from_the_script_are_built_alike(page: Page, stranger: Stranger):
    made = '<machine-generated model="jamba-large" provider="AI21">Alike.</machine-generated>'
    page.goto(stranger.page(f"<div id=rendered>{stranger.render('Alike.')}</div><div id=made>{made}</div>"))
    rendered, made = page.locator("#rendered machine-generated"), page.locator("#made machine-generated")
    expect(badge(made)).to_be_visible()
    assert rendered.evaluate(LABEL) == made.evaluate(LABEL)
    assert badge(rendered).bounding_box()["width"] == pytest.approx(badge(made).bounding_box()["width"], abs=1)
    for marked in (rendered, made):
        badge(marked).click()
        expect(marked.locator("[part=about] a")).to_have_text("What is this?")
    lines = "(el) => [...el.shadowRoot.querySelectorAll('.about>:not(:has(time))')].map((line) => line.textContent)"
    assert rendered.evaluate(lines) == made.evaluate(lines)


def test_the_script_moves_nothing_that_stood_before_it(page: Page, new_page: NewPage, demo: str):
    before = new_page(java_script_enabled=False)
    before.goto(demo + "/")
    with next_views(page):
        page.goto(demo + "/")
    for place in range(6):
        was, now = before.locator("machine-generated").nth(place), page.locator("machine-generated").nth(place)
        assert now.bounding_box() == was.bounding_box()
        assert badge(now).bounding_box() == badge(was).bounding_box()


def test_the_strictest_policy_shows_the_label_and_its_style_and_no_violation(page: Page, stranger: Stranger):
    body = "<machine-generated>Strict.</machine-generated><article data-machine-generated>And this.</article>"
    violations = []
    page.on("console", lambda message: violations.append(message.text) if message.type == "error" else None)
    with next_views(page):
        page.goto(stranger.page(body, csp=STRICT.format(host=stranger.server.url)))
    for marked in (page.locator("machine-generated"), page.locator("article")):
        expect(badge(marked)).to_have_css("border-radius", "12px")
    report_control(page.locator("article")).click()
    expect(page.get_by_role("dialog")).to_have_css("border-radius", "16px")
    assert violations == []


def test_a_page_that_hides_links_and_blows_up_fonts_leaves_the_label_alone(page: Page, stranger: Stranger):
    body = "<article data-machine-generated>Loud surroundings.</article>"
    hidden = "a, button, details, summary { display: none !important }"
    loud = f"<style>* {{ font-size: 40px !important; line-height: 3 !important }} {hidden}</style>"
    page.goto(stranger.page(body))
    expect(badge(page.locator("article"))).to_be_visible()
    box = badge(page.locator("article")).bounding_box()
    page.goto(stranger.page(body, head=loud))
    expect(report_control(page.locator("article"))).to_be_visible()
    loud_box = badge(page.locator("article")).bounding_box()
    assert (loud_box["width"], loud_box["height"]) == (box["width"], box["height"])
    assert box["height"] >= 24


def test_right_to_left_text_has_a_label_that_runs_the_same_way(page: Page, stranger: Stranger):
    rendered = stranger.render("نص كتبته آلة.", lang="ar")
    made = "<p data-machine-generated>טקסט שכתבה מכונה.</p>"
    page.goto(stranger.page(f'<div dir="rtl" lang="ar">{rendered}</div><div dir="rtl" lang="he">{made}</div>'))
    for marked, lang in ((page.locator("machine-generated"), "ar"), (page.locator("p"), "he")):
        label = marked.locator("[part=label]")
        expect(label).to_have_attribute("lang", lang)
        expect(label).to_have_css("direction", "rtl")
        box, whole = badge(marked).bounding_box(), marked.bounding_box()
        assert box["x"] + box["width"] == pytest.approx(whole["x"] + whole["width"], abs=1)
        assert report_control(marked).bounding_box()["x"] < box["x"]


def test_the_tag_chooses_language_and_theme_for_all_labels(page: Page, stranger: Stranger):
    tag = stranger.site["script_tag"].replace("defer", 'data-lang="fr" data-theme="dark" defer')
    page.goto(stranger.page('<article data-machine-generated lang="de">Ein Text.</article>', tag=tag))
    expect(page.locator("article [part=label]")).to_have_attribute("lang", "fr")
    expect(page.locator("article [part=label]")).to_have_css("color-scheme", "dark")
    ground = badge(page.locator("article")).evaluate("(el) => getComputedStyle(el).backgroundColor")
    assert contrast(ground, "rgb(255, 255, 255)") > 7


@pytest.mark.parametrize("look", LOOKS)
def test_the_badge_stands_out_in_every_colour_scheme(new_page: NewPage, stranger: Stranger, look: str):
    page = new_page(look=look)
    page.goto(
        stranger.page(
            f"{stranger.render('Rendered.')}<article data-machine-generated>Made.</article>",
            head='<meta name="color-scheme" content="light dark">',
        )
    )
    for marked in (page.locator("machine-generated"), page.locator("article")):
        expect(badge(marked)).to_be_visible()
        colours = badge(marked).evaluate("(el) => [getComputedStyle(el).color, getComputedStyle(el).backgroundColor]")
        assert contrast(*colours) >= 7


def contrast(one: str, other: str) -> float:
    """WCAG's contrast of two colours as a browser writes them: rgb(…)."""

    def luminance(colour: str) -> float:
        shares = [int(number) / 255 for number in re.findall(r"\d+", colour)[:3]]
        red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("path", ["/", "/chat?question=Where+is+my+parcel", "/feed", "/plain"])
def test_nothing_is_wider_than_a_small_phone(new_page: NewPage, demo: str, path: str):
    page = new_page(viewport={"width": 320, "height": 640})
    page.goto(demo + path)
    expect(report_control(page.locator("machine-generated").first)).to_have_role("button")
    assert page.evaluate(OVERFLOW) == 0
    badge(page.locator("machine-generated").first).click()
    assert page.evaluate(OVERFLOW) == 0


NARROW = "<style>main > * { width: 220px; margin: 0; padding: 6px; overflow: hidden; background: gold }</style>"
MAKERS = {"rendered": "{rendered}", "made": '<article data-machine-generated data-model="{model}">Made.</article>'}


def narrow(page: Page, stranger: Stranger, maker: str, *, lang: str = "en") -> Locator:
    """A labelled text in a card that is too narrow for badge and report control side by side."""
    model = "a-model-whose-name-has-no-end-and-no-space"
    body = MAKERS[maker].format(rendered=stranger.render("Rendered.", model=model, lang=lang), model=model)
    direction = "rtl" if lang == "ar" else "ltr"
    page.goto(stranger.page(f'<div lang="{lang}" dir="{direction}">{body}</div>', head=NARROW))
    marked = page.locator("main > div > *")
    expect(report_control(marked)).to_have_role("button")
    return marked


@pytest.mark.parametrize("maker", MAKERS)
def test_in_a_narrow_card_the_report_control_gives_way_and_the_badge_stays_in_one_line(
    page: Page, stranger: Stranger, maker: str
):
    marked = narrow(page, stranger, maker)
    box, below = badge(marked).bounding_box(), report_control(marked).bounding_box()
    assert box["height"] == 24
    assert below["y"] >= box["y"] + 24
    assert below["x"] == box["x"]


@pytest.mark.parametrize("lang", ["en", "ar"])
@pytest.mark.parametrize("maker", MAKERS)
def test_in_a_narrow_card_what_the_badge_tells_is_not_cut_off(page: Page, stranger: Stranger, maker: str, lang: str):
    marked = narrow(page, stranger, maker, lang=lang)
    badge(marked).click()
    expect(marked.get_by_role("link")).to_be_visible()
    expect(marked.locator("[part=about]")).to_be_in_viewport(ratio=1)  # placed by now
    card, told = page.locator("main > div").bounding_box(), marked.locator("[part=about]").bounding_box()
    assert card["x"] <= told["x"]
    assert told["x"] + told["width"] <= card["x"] + card["width"]


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_what_a_badge_at_the_end_of_a_line_tells_makes_no_page_wider(
    new_page: NewPage, stranger: Stranger, direction: str
):
    page = new_page(viewport={"width": 390, "height": 640})
    lang = "ar" if direction == "rtl" else "en"
    inline = '<span data-machine-generated data-layout="inline" data-model="a-model-with-a-long-name">Here.</span>'
    body = f'<p dir="{direction}" lang="{lang}">Some words {"" if lang == "en" else "and some more "}{inline}</p>'
    page.goto(stranger.page(f'<meta name="viewport" content="width=device-width">{body}'))
    marked = page.locator("span")
    expect(marked.locator("[part=label]")).to_have_attribute("lang", lang)
    badge(marked).click()
    expect(marked.get_by_role("link")).to_be_visible()
    told = marked.locator("[part=about]").bounding_box()
    assert told["x"] >= 0
    assert told["x"] + told["width"] <= 390
    assert page.evaluate(OVERFLOW) == 0


@pytest.mark.parametrize("tag", ["", ' data-theme="auto"'])
def test_without_a_theme_the_label_is_as_light_or_dark_as_the_page(page: Page, stranger: Stranger, tag: str):
    script = stranger.site["script_tag"].replace(" defer", f"{tag} defer")
    dark = "<style>:root { color-scheme: dark }</style>"
    page.goto(stranger.page("<article data-machine-generated>A dark page.</article>", tag=script, head=dark))
    expect(page.locator("article [part=label]")).to_have_css("color-scheme", "dark")
