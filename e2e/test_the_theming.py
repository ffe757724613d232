"""The page that shows an owner how the label is given another look."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import NewPage
from e2e.places import Server, Stranger
from e2e.steps import badge, dialog_of, report_control
from e2e.test_accessibility import assert_clean
from e2e.test_the_looks import contrast

MANIFEST = Path(__file__).parent.parent / "static" / "widget" / "custom-elements.json"
ELEMENT = json.loads(MANIFEST.read_text())["modules"][0]["declarations"][0]
EXAMPLES = ["light", "dark", "brand", "parts", "photograph", "inline", "chat", "turned"]
COLOURS = "(el) => [getComputedStyle(el).color, getComputedStyle(el).backgroundColor]"
PARTS = "(el) => [...el.shadowRoot.querySelectorAll('[part]')].flatMap((node) => [...node.part])"


@pytest.mark.parametrize("look", ["light", "dark"])
def test_every_example_is_a_real_label_that_can_be_read(new_page: NewPage, server: Server, look: str):
    page = new_page(look=look)
    page.goto(server.url + "/theming")
    for name in EXAMPLES:
        marked = page.locator(f"#{name} machine-generated")
        marked.scroll_into_view_if_needed()
        expect(badge(marked)).to_be_visible()
        assert contrast(*badge(marked).evaluate(COLOURS)) >= 7
    assert_clean(page, look)


def test_what_stands_beside_an_example_is_what_makes_it(page: Page, server: Server):
    page.goto(server.url + "/theming")
    marked = page.locator("#brand machine-generated")
    expect(page.locator("#brand-style")).to_contain_text("--machine-generated-gap: 12px;")
    expect(marked.locator("[part=label]")).to_have_css("margin-bottom", "12px")
    expect(page.locator("#parts-style")).to_contain_text("::part(badge) {\n  border-radius: 4px;")
    expect(badge(page.locator("#parts machine-generated"))).to_have_css("border-radius", "4px")
    expect(page.locator("#chat-html")).to_contain_text('<machine-generated layout="chat"')
    expect(badge(page.locator("#chat machine-generated"))).to_have_text("You are chatting with a machine")
    expect(page.locator("#turned [part=label]")).to_have_css("direction", "rtl")


def test_an_owners_colours_reach_details_and_dialog(page: Page, server: Server):
    page.goto(server.url + "/theming")
    marked = page.locator("#brand machine-generated")
    badge(marked).click()
    expect(marked.locator("[part=about]")).to_have_css("background-color", "rgb(253, 243, 231)")
    report_control(marked).click()
    expect(dialog_of(marked)).to_have_css("background-color", "rgb(253, 243, 231)")


def test_it_is_as_wide_as_a_small_phone(new_page: NewPage, server: Server):
    page = new_page(viewport={"width": 320, "height": 640})
    page.goto(server.url + "/theming")
    expect(badge(page.locator("#light machine-generated"))).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_manifest_names_parts_that_are_there_however_the_label_was_made(page: Page, stranger: Stranger):
    parts = {each["name"] for each in ELEMENT["cssParts"]}
    page.goto(
        stranger.page(f"<div>{stranger.render('Rendered.')}</div><p><machine-generated>Made.</machine-generated></p>")
    )
    for marked in (page.locator("div machine-generated"), page.locator("p machine-generated")):
        badge(marked).click()
        expect(marked.locator("[part=about]")).to_be_visible()
        report_control(marked).click()
        expect(dialog_of(marked)).to_be_visible()
        assert set(marked.evaluate(PARTS)) >= parts - {"notice"}
        page.keyboard.press("Escape")
        expect(dialog_of(marked)).to_have_count(0)
    for name in (each["name"] for each in ELEMENT["members"]):
        assert marked.evaluate("(el, name) => typeof el[name]", name) == "function"
