"""axe-core finds nothing on any page that a reader or a moderator meets; in the dark, nothing in its contrasts."""

import importlib.util
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.conftest import NewPage
from e2e.places import Server, Stranger
from e2e.steps import badge, decide, dialog_of, open_case, report_control, sign_in
from e2e.test_the_looks import contrast

SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])
DARK_OR_LIGHT = '<meta name="color-scheme" content="light dark">'
# Noise and bright light, as in a photograph.
PHOTOGRAPH = (
    "<style>main { background: repeating-conic-gradient(#fff 0 7deg, #123 0 11deg, #e94 0 19deg, #2b5 0 23deg);"
    " padding: 40px; color: #fff }</style>"
)


@cache
def axe_source() -> str:
    """From the package that bundles it; only the file is used."""
    package = importlib.util.find_spec("axe_playwright_python")
    return (Path(package.origin).parent / "axe.min.js").read_text(encoding="utf-8")


RULES = {
    "light": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "dark": ["color-contrast"],
}


def assert_clean(page: Page, scheme: str) -> None:
    page.evaluate(axe_source())
    found = page.evaluate(
        "(rules) => axe.run(document, { runOnly: rules, resultTypes: ['violations'] })", RULES[scheme]
    )
    wrong = [
        (page.url, rule["id"], node["target"], node["failureSummary"])
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
    assert wrong == []


@SCHEMES
def test_the_demo_with_its_labels_open_and_its_dialog(new_page: NewPage, demo: str, scheme: str):
    page = new_page(look=scheme)
    for path in ("/chat?question=where+is+my+parcel", "/feed", "/"):
        page.goto(demo + path)
        marked = page.locator("machine-generated").last
        expect(report_control(marked)).to_have_role("button")
        badge(marked).click()
        assert_clean(page, scheme)
    report_control(marked).click()
    dialog_of(marked).get_by_role("radio", name="Encourages self-harm").check()
    assert_clean(page, scheme)


@SCHEMES
@pytest.mark.parametrize("lang", ["en", "ar"])
def test_the_dialog_in_every_state(new_page: NewPage, stranger: Stranger, scheme: str, lang: str):
    page = new_page(look=scheme)
    body = f'<p data-machine-generated lang="{lang}">In every state, {lang}, {scheme}.</p>'
    page.goto(stranger.page(body, head=DARK_OR_LIGHT))
    marked = page.locator("p")
    expect(marked.locator("[part=label]")).to_have_attribute("lang", lang)
    report_control(marked).click()
    dialog = dialog_of(marked)
    send, undo = dialog.locator("footer button").last, dialog.locator("footer button").first
    expect(dialog).to_have_css("direction", "rtl" if lang == "ar" else "ltr")
    assert_clean(page, scheme)
    dialog.get_by_role("radio").nth(2).check()
    dialog.locator("[value=intimidation]").check()
    expect(dialog.get_by_role("note")).to_be_visible()
    dialog.locator("textarea").fill("A comment" + "\u0301" * 201)
    dialog.get_by_role("checkbox").first.check()
    dialog.get_by_role("checkbox").last.check()
    dialog.locator("[type=email]").fill("reader@news.example")
    assert_clean(page, scheme)
    send.click()
    expect(dialog.locator("textarea")).to_have_attribute("aria-invalid", "true")
    assert_clean(page, scheme)
    dialog.locator("textarea").fill("A comment.")
    page.context.set_offline(True)
    send.click()
    expect(undo).to_be_visible()
    expect(undo).not_to_have_text(send.inner_text())
    assert_clean(page, scheme)
    undo.click()
    expect(dialog.locator("textarea")).to_have_value("A comment.")
    assert_clean(page, scheme)
    page.context.set_offline(False)
    send.click()
    expect(dialog.locator("code")).to_be_visible()
    assert_clean(page, scheme)


def test_the_badge_is_read_before_the_text_and_names_it(page: Page, stranger: Stranger):
    text = "A text to be read out."
    page.goto(stranger.page(f"{stranger.render(text)}<article data-machine-generated>{text}</article>"))
    expect(report_control(page.locator("article"))).to_have_role("button")
    # Without script the server's badge opens by itself: a disclosure, which is a group with a button.
    for marked, shown in (
        (page.locator("machine-generated"), "group: Machine-generated"),
        (page.locator("article"), 'button "Machine-generated"'),
    ):
        expect(marked).to_match_aria_snapshot(
            f"""
            - group "Machine-generated":
              - {shown}
              - button "Report"
              - text: A text to be read out.
            """
        )


def test_whoever_has_only_a_keyboard_reports_takes_back_and_sends_again(page: Page, marked: Locator):
    def to(control: Locator) -> None:
        """Tab, as often as it takes."""
        for _ in range(25):
            page.keyboard.press("Tab")
            if control.evaluate("(el) => el.matches(':focus')"):
                return
        raise AssertionError("not to be reached with Tab")

    dialog = dialog_of(marked)
    to(report_control(marked))
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("heading")).to_be_focused()
    to(dialog.get_by_role("radio").first)
    page.keyboard.press("Space")
    to(dialog.locator("textarea"))
    page.keyboard.type("Only keys?")
    to(dialog.get_by_role("button", name="Send"))
    page.keyboard.press("Enter")
    expect(dialog).to_have_accessible_name("Thank you, your report has arrived")
    to(dialog.get_by_role("button", name="Take it back"))
    page.keyboard.press("Enter")
    expect(dialog).to_have_accessible_name("Your report was taken back and deleted")
    to(dialog.get_by_role("button", name="Send"))
    page.keyboard.press("Enter")
    expect(dialog.locator("code")).to_be_visible()
    to(dialog.get_by_role("link", name="Follow my report"))
    page.keyboard.press("Escape")
    expect(report_control(marked)).to_be_focused()


def test_in_forced_colours_controls_and_focus_are_seen(new_page: NewPage, stranger: Stranger):
    page = new_page(look="forced colours")
    page.goto(stranger.page("<p data-machine-generated>Few colours.</p>"))
    marked = page.locator("p")
    for control in (badge(marked), report_control(marked)):
        control.focus()
        expect(control).not_to_have_css("outline-style", "none")
    report_control(marked).press("Enter")
    dialog = dialog_of(marked)
    dialog.get_by_role("radio").first.press("Space")
    for control in (dialog.get_by_role("button", name="Send"), dialog.locator("textarea")):
        control.focus()
        expect(control).to_have_css("outline-style", "solid")
        expect(control).to_have_css("border-top-style", "solid")
        words, ground, outline, around = control.evaluate(
            """(el) => {
                const { color, backgroundColor, outlineColor } = getComputedStyle(el);
                return [color, backgroundColor, outlineColor, getComputedStyle(el.closest("dialog")).backgroundColor];
            }"""
        )
        assert contrast(words, ground) >= 7
        assert contrast(outline, around) >= 3


def test_every_target_is_large_enough_for_a_finger(new_page: NewPage, stranger: Stranger):
    page = new_page(viewport={"width": 320, "height": 640})
    page.goto(stranger.page("<article data-machine-generated>For fingers.</article>"))
    marked = page.locator("article")
    report_control(marked).click()
    dialog = dialog_of(marked)
    dialog.get_by_role("radio").first.check()
    assert small_targets(marked) == []
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.locator("code")).to_be_visible()
    assert small_targets(marked) == []


def small_targets(marked: Locator) -> list[str]:
    """What can be pressed and is smaller than 24 pixels (WCAG 2.5.8). A choice is pressed by its words too."""
    return marked.evaluate(
        """(el) => [...el.shadowRoot.querySelectorAll("a, button, textarea, summary, input")].flatMap((control) => {
            const { width, height } = (control.closest(".row") ?? control).getBoundingClientRect();
            return width && Math.min(width, height) < 24 ? [`${control.outerHTML}: ${width} × ${height}`] : [];
        })"""
    )


@SCHEMES
@pytest.mark.parametrize(
    "ground", ["<style>main { background: #fff }</style>", "<style>main { background: #000 }</style>", PHOTOGRAPH]
)
def test_the_badge_is_legible_on_any_ground(new_page: NewPage, stranger: Stranger, scheme: str, ground: str):
    page = new_page(look=scheme)
    body = f"{stranger.render('Rendered.')}<article data-machine-generated>Made.</article>"
    page.goto(stranger.page(body, head=DARK_OR_LIGHT + ground))
    for marked in (page.locator("machine-generated"), page.locator("article")):
        for control in (badge(marked), report_control(marked)):
            expect(control).to_be_visible()
            colours = control.evaluate("(el) => [getComputedStyle(el).color, getComputedStyle(el).backgroundColor]")
            assert colours[1].startswith("rgb(")
            assert contrast(*colours) >= 7


@SCHEMES
def test_the_readers_own_pages(new_page: NewPage, stranger: Stranger, server: Server, scheme: str):
    page = new_page(look=scheme)
    receipt = stranger.report("A text for the reader's pages.")
    for path in (
        "/",
        "/report?site=" + stranger.site["site"],
        "/r/",
        "/about",
        f"/r/{receipt}",
        "/r/nothing",
        "/api/docs",
        "/demo",
    ):
        page.goto(server.url + path)
        assert_clean(page, scheme)


@SCHEMES
def test_the_desk(new_page: NewPage, stranger: Stranger, server: Server, scheme: str):
    page = new_page(look=scheme)
    page.goto(server.url + "/admin/login")
    assert_clean(page, scheme)
    sign_in(page, server)
    words = f"A text for the {scheme} desk."
    stranger.report(words, comment="Please look.", quote={"exact": "text", "prefix": "", "suffix": ""})
    more = ("publications", "sites", "people", "log") if scheme == "light" else ()
    for path in ("reports", "reports/all?claimed=nobody", "viewers", "compliance", *more):
        page.goto(f"{server.url}/admin/{path}")
        assert_clean(page, scheme)
    open_case(page, server, words)
    assert_clean(page, scheme)
    decide(page, "Dismiss", " ")
    expect(page.get_by_text("Write what the reporters are told.").first).to_be_visible()
    assert_clean(page, scheme)
