"""The badge, when pressed, tells which machine, when, and what became of the text; pressed again, it tells no more."""

import base64
import json
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.conftest import NewPage
from e2e.places import STRICT, Server, Stranger
from e2e.steps import badge, decide, expect_kept, next_views, open_case, report_control, shows, sign_in, top_of
from e2e.wire import login_page

SIGNED = datetime(2026, 3, 9, 12, tzinfo=UTC)
LONG = " It goes on and on, so that its token is packed." * 20


def about(marked: Locator) -> Locator:
    return marked.locator("[part=about]")


def lines(marked: Locator) -> Locator:
    return about(marked).locator("> *")


def in_english(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


def today_or_tomorrow() -> str:
    """In a pattern: what begins before midnight may end after it."""
    today = datetime.now(UTC).date()
    return f"({in_english(today)}|{in_english(today + timedelta(days=1))})"


def of_a_server(stranger: Stranger, text: str, **more: object) -> str:
    return stranger.render(text, now=SIGNED, **more)


def of_the_script(stranger: Stranger, text: str, *, review: str = "none", **more: object) -> str:
    rendered = stranger.render(text, now=SIGNED, **more)
    token = re.search(r'content="([^"]+)"', rendered)[1]
    return (
        f'<article data-machine-generated data-model="jamba-large" data-provider="AI21" data-content="{token}" '
        f'data-review="{review}">{text}</article>'
    )


MAKERS = pytest.mark.parametrize("made", [of_a_server, of_the_script])


def marked_on(page: Page) -> Locator:
    found = page.locator("main > :first-child")
    expect(found.locator("[part=report]")).to_have_role("button")
    return found


@MAKERS
def test_the_badge_tells_model_provider_day_and_review(page: Page, stranger: Stranger, made):
    page.goto(stranger.page(made(stranger, "A short text.")))
    marked = marked_on(page)
    badge(marked).click()
    expect(about(marked).locator("time")).to_have_attribute("datetime", "2026-03-09")
    expect(about(marked).locator("time")).to_have_text("March 9, 2026")
    expect(lines(marked)).to_have_text(
        [
            "Model: jamba-large",
            "Provider: AI21",
            "Generated on March 9, 2026",
            "Not reviewed by a person",
            "What is this?",
        ]
    )
    expect(about(marked).get_by_role("link")).to_have_attribute("href", stranger.server.url + "/about?lang=en")


def test_it_does_so_under_the_strictest_policy(page: Page, stranger: Stranger):
    page.goto(stranger.page(of_the_script(stranger, "Strict."), csp=STRICT.format(host=stranger.server.url)))
    marked = marked_on(page)
    badge(marked).click()
    expect(about(marked).locator("time")).to_have_text("March 9, 2026")
    expect(about(marked)).to_have_css("border-radius", "8px")


@MAKERS
def test_it_speaks_the_language_of_the_text(page: Page, stranger: Stranger, made):
    page.goto(stranger.page(made(stranger, "Ein Text." + LONG), lang="de"))
    marked = marked_on(page)
    if made is of_a_server:
        marked.evaluate("(el) => { el.lang = 'de' }")
    expect(badge(marked)).to_have_text("Maschinell erzeugt")
    badge(marked).click()
    expect(about(marked).locator("time")).to_have_text("9. März 2026")
    expect(lines(marked)).to_have_count(5)
    expect(lines(marked).nth(3)).to_have_text("Nicht von einem Menschen geprüft")
    expect(lines(marked).nth(4)).to_have_text("Was ist das?")


def test_without_script_the_same_facts_stand_there(new_page: NewPage, stranger: Stranger):
    page = new_page(java_script_enabled=False)
    page.goto(stranger.page(of_a_server(stranger, "A text without any script.", reviewed_by="The editors")))
    marked = page.locator("machine-generated")
    badge(marked).press("Enter")
    expect(about(marked)).to_be_visible()
    expect(lines(marked)).to_have_text(
        [
            "Model: jamba-large",
            "Provider: AI21",
            "Generated on 2026-03-09",
            "Reviewed by a person",
            "What is this?",
        ]
    )


@MAKERS
def test_it_opens_and_closes_by_keyboard_and_gives_the_focus_back(page: Page, stranger: Stranger, made):
    page.goto(stranger.page(f"{made(stranger, 'By keyboard.')}<dialog><button>Theirs</button></dialog>"))
    marked = marked_on(page)
    for key in ("Enter", "Space"):
        badge(marked).focus()
        page.keyboard.press(key)
        expect(about(marked).locator("time")).to_have_text("March 9, 2026")
        page.keyboard.press("Tab")
        expect(about(marked).get_by_role("link")).to_be_focused()
        page.keyboard.press("Escape")
        expect(about(marked)).to_be_hidden()
        expect(badge(marked)).to_be_focused()
    page.keyboard.press("Enter")
    expect(about(marked)).to_be_visible()
    page.keyboard.press("Enter")
    expect(about(marked)).to_be_hidden()


def test_escape_closes_the_details_before_what_the_text_stands_in(page: Page, stranger: Stranger):
    page.goto(stranger.page("<dialog><p data-machine-generated>In a dialog of the page.</p></dialog>"))
    page.locator("dialog").evaluate("(dialog) => dialog.showModal()")
    marked = page.locator("dialog p")
    badge(marked).click()
    expect(about(marked)).to_be_visible()
    expect(badge(marked)).to_be_focused()
    page.keyboard.press("Escape")
    expect(about(marked)).to_be_hidden()
    expect(page.locator("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()


@MAKERS
def test_they_stay_until_they_are_closed_and_cover_nothing(page: Page, stranger: Stranger, made):
    text = "What they push down stays legible."
    page.goto(stranger.page(made(stranger, text)))
    marked = marked_on(page)
    badge(marked).click()
    expect(about(marked).get_by_role("link")).to_have_text("What is this?")
    expect(badge(marked)).to_have_css("outline-style", "none")
    box = about(marked).bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.move(600, 500)
    page.mouse.click(600, 500)
    expect(about(marked)).to_be_visible()
    assert box["y"] >= badge(marked).bounding_box()["y"] + badge(marked).bounding_box()["height"]
    assert top_of(marked, text) > box["y"] + box["height"]
    assert about(marked).get_by_role("link").bounding_box()["height"] >= 24


@pytest.mark.engines("chromium", reason="only its driver can touch")
def test_a_touch_opens_and_closes_them(new_page: NewPage, stranger: Stranger):
    page = new_page(has_touch=True, viewport={"width": 360, "height": 640})
    page.goto(stranger.page(of_the_script(stranger, "On a phone.")))
    marked = marked_on(page)
    badge(marked).tap()
    expect(about(marked)).to_be_visible()
    badge(marked).tap()
    expect(about(marked)).to_be_hidden()


@MAKERS
def test_assistive_technology_hears_whether_they_are_open(page: Page, stranger: Stranger, made):
    page.goto(stranger.page(made(stranger, "Heard.")))
    marked = marked_on(page)
    states = "(el) => el.matches('summary') ? el.parentNode.open : el.ariaExpanded === 'true'"
    assert badge(marked).evaluate(states) is False
    badge(marked).click()
    expect(about(marked)).to_be_visible()
    assert badge(marked).evaluate(states) is True


def test_what_changes_while_they_are_open_is_told(page: Page, stranger: Stranger):
    page.goto(stranger.page(of_the_script(stranger, "It changes.")))
    marked = marked_on(page)
    badge(marked).click()
    expect(about(marked)).to_contain_text("Not reviewed by a person")
    marked.evaluate("(el) => Object.assign(el.dataset, { model: 'jamba-mini', review: 'human' })")
    expect(about(marked)).to_contain_text("Model: jamba-mini")
    expect(lines(marked).nth(3)).to_have_text("Reviewed by a person")
    marked.evaluate("(el) => { delete el.dataset.provider; delete el.dataset.content }")
    expect(about(marked)).not_to_contain_text("AI21")
    expect(lines(marked)).to_have_text(["Model: jamba-mini", "Reviewed by a person", "What is this?"])


@MAKERS
def test_without_the_words_model_and_provider_are_told_all_the_same(
    page: Page, server: Server, stranger: Stranger, made
):
    page.goto(stranger.page(made(stranger, "The words are not to be had.")))
    marked = marked_on(page)
    with server.wire.spoiled(login_page, on="/widget/current/words/"):
        badge(marked).click()
        expect(about(marked)).to_contain_text("jamba-large")
        expect(about(marked)).to_contain_text("AI21")
        expect(about(marked).get_by_role("link")).to_be_visible()


def token_of(claims: dict[str, object]) -> str:
    """A token that nobody has signed."""
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=") + ".x"


def test_who_answers_for_a_text_is_told_of_what_the_site_has_signed_and_of_exactly_these_words(
    page: Page, stranger: Stranger
):
    desk, words = "Example Fact Desk (desk@news.example)", "Signed by the site."
    true = of_the_script(stranger, words)
    forged = token_of({"t": int(SIGNED.timestamp()), "e": 1, "w": desk})
    page.goto(
        stranger.page(
            f"{true}<p data-machine-generated data-provider=Example data-content={forged}>Written by a reader.</p>"
            + true.replace("article", "section").replace(words, "Other words with a token that was copied.")
        )
    )
    for name, day in {"article": 1, "p": 0, "section": 0}.items():
        marked = page.locator(f"main > {name}")
        expect(report_control(marked)).to_have_role("button")
        badge(marked).click()
        expect(lines(marked).last).to_have_text("What is this?")
        expect(about(marked).locator("time")).to_have_count(day)
    for claim in (desk, "Edited by a person"):
        expect(page.get_by_text(claim)).to_have_count(0)


def decided_upon(desk: Page, stranger: Stranger, text: str, decision: str) -> None:
    stranger.report(text)
    open_case(desk, stranger.server, text)
    if decision == "Correct the label":
        desk.get_by_role("radio", name=re.compile("^Correct the label")).check()
        desk.get_by_label("Model", exact=True).fill("jamba-corrected")
        desk.locator("select[name=review]").select_option("none")
    decide(desk, decision, "A moderator has looked at it.")
    expect_kept(desk)


@MAKERS
def test_earlier_decisions_on_the_text_are_told(page: Page, new_page: NewPage, stranger: Stranger, made):
    day = today_or_tomorrow()
    desk = new_page()
    sign_in(desk, stranger.server)
    told = {
        "Correct the label": re.compile(f"^A moderator corrected this label on {day}$"),
        "Dismiss": re.compile(f"^A moderator looked at this text on {day}: it stays$"),
    }
    for decision, words in told.items():
        text = f"{decision}, in the case of {made.__name__.replace('_', ' ')}."
        decided_upon(desk, stranger, text, decision)
        with next_views(page):
            page.goto(stranger.page(made(stranger, text)))
        marked = marked_on(page)
        badge(marked).click()
        model = "jamba-corrected" if decision == "Correct the label" else "jamba-large"
        expect(lines(marked).first).to_have_text(f"Model: {model}")
        expect(about(marked).locator("> :nth-last-child(2)")).to_have_text(words)
        expect(lines(marked).last).to_have_text("What is this?")


def test_a_corrected_label_is_the_badges_too_but_not_of_the_text_that_comes_next(
    page: Page, new_page: NewPage, stranger: Stranger
):
    text = "Nobody has read this one."
    desk = new_page()
    sign_in(desk, stranger.server)
    decided_upon(desk, stranger, text, "Correct the label")
    page.goto(stranger.page(of_the_script(stranger, text, review="human")))
    marked = marked_on(page)
    expect(marked).to_have_attribute("ai-model", "jamba-corrected")
    expect(marked).to_have_attribute("ai-disclosure", "ai-autonomous")
    expect(badge(marked)).to_have_text("Machine-generated")
    marked.evaluate("(el) => { el.lastChild.data = 'Somebody has read this one.' }")
    expect(badge(marked)).to_have_text("Machine-generated, reviewed by a person")
    expect(marked).to_have_attribute("ai-model", "jamba-large")


def test_a_withdrawn_text_has_a_notice_in_its_language(page: Page, new_page: NewPage, stranger: Stranger):
    text = "Dieser Text wird zurückgezogen."
    desk = new_page()
    sign_in(desk, stranger.server)
    decided_upon(desk, stranger, text, "Withdraw")
    with next_views(page):
        page.goto(stranger.page(f"<p data-machine-generated>{text}</p>", lang="de"))
    marked = page.locator("main > p")
    expect(marked.locator("[part=notice]")).to_have_attribute("lang", "de")
    assert not shows(marked, text)


@pytest.mark.parametrize("element", ["li", "td"])
def test_a_withdrawn_text_is_hidden_where_it_cannot_be_taken_away_and_nothing_of_the_pages_is_removed(
    page: Page, new_page: NewPage, stranger: Stranger, element: str
):
    around = {"li": "<ul>{}</ul>", "td": "<table><tr>{}</tr></table>"}[element]
    style = "<style>.visible { visibility: visible !important }</style>"
    text, part = f"Withdrawn, in a {element}.", f"in a {element}."
    desk = new_page()
    sign_in(desk, stranger.server)
    decided_upon(desk, stranger, text, "Withdraw")
    words = f'<b class="visible">Withdrawn,</b> {part}'
    with next_views(page):
        page.goto(stranger.page(around.format(f"<{element} data-machine-generated>{words}</{element}>"), head=style))
    marked = page.locator(element)
    expect(marked.locator("[part=notice]")).to_be_visible()
    expect(badge(marked)).to_be_visible()
    assert not shows(marked, "Withdrawn,")
    assert not shows(marked, part)
    assert marked.evaluate("(el) => el.textContent") == text
    assert marked.evaluate("(el) => el.getAttribute('style')") is None

    marked.evaluate("(el, words) => { el.innerHTML = words }", words)
    page.evaluate("() => new Promise(requestAnimationFrame)")
    expect(marked.locator("[part=notice]")).to_be_visible()
    assert not shows(marked, "Withdrawn,")
    assert not shows(marked, part)

    marked.evaluate("(el) => el.removeChild(el.querySelector('b'))")
    marked.evaluate("(el) => { el.lastChild.data = 'Another text.' }")
    expect(marked.locator("[part=notice]")).to_have_count(0)
    assert shows(marked, "Another text.")
    expect(badge(marked)).to_be_visible()
