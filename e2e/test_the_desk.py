"""What moderators do, and what happens when two of them, or a moderator and a reader, do it at once."""

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, Route, expect

from e2e.conftest import NewPage
from e2e.places import MODERATORS, Server, Stranger
from e2e.steps import (
    badge,
    decide,
    expect_found,
    expect_kept,
    expect_keys,
    find_case,
    next_views,
    open_case,
    search,
    sign_in,
)


@pytest.fixture
def desk(page: Page, server: Server) -> Page:
    """Anna, signed in."""
    sign_in(page, server)
    return page


def test_without_signing_in_nothing_of_the_desk_is_shown(page: Page, server: Server):
    for path in ("reports", "reports/1", "log", "people"):
        page.goto(f"{server.url}/admin/{path}")
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_label("E-mail").fill("anna@desk.example")
    page.get_by_label("Password").fill("not Anna's password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    assert server.url + "/admin/login" in page.url


def test_of_two_moderators_who_decide_at_once_the_second_reads_what_the_first_decided(
    desk: Page, new_page: NewPage, server: Server, stranger: Stranger
):
    stranger.report("A text that two moderators read at once.")
    other = new_page()
    sign_in(other, server, "ben@desk.example")
    for page in (desk, other):
        open_case(page, server, "two moderators read")
    decide(desk, "Withdraw", "It is gone.")
    expect_kept(desk)
    with other.expect_response(lambda answer: answer.url.endswith("/decision")) as answer:
        decide(other, "Dismiss", "I see no harm in it.")
    assert answer.value.status == 409
    expect(other.get_by_role("heading", name="What anna@desk.example decided")).to_be_visible()
    expect(other.get_by_text("It is gone.")).to_be_visible()
    expect(other.get_by_text("I see no harm in it.")).to_be_visible()
    other.get_by_role("link", name="Look at the case as it is now").click()
    expect(other.get_by_role("heading", name="Earlier decisions")).to_be_visible()


def test_the_queue_and_a_case_are_worked_by_keyboard(desk: Page, server: Server, stranger: Stranger):
    receipt = stranger.report("A text that is decided without a mouse.")
    desk.goto(server.url + "/admin/reports")
    expect_keys(desk)
    desk.keyboard.press("/")
    expect(desk.get_by_role("searchbox")).to_be_focused()
    desk.keyboard.type("without a mouse")
    desk.keyboard.press("Enter")
    expect_found(desk, "without a mouse")
    expect(desk.get_by_role("article")).to_have_count(1)
    expect_keys(desk)
    desk.keyboard.press("j")
    expect(desk.get_by_role("link", name=re.compile(r"^Case \d+"))).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", name="Decide")).to_be_visible()
    expect_keys(desk)
    desk.keyboard.press("d")
    expect(desk.get_by_role("radio", name=re.compile("^Dismiss"))).to_be_checked()
    message = desk.get_by_role("textbox", name=re.compile("^Message"))
    expect(message).to_have_value(re.compile("does not break the guideline"))
    desk.keyboard.press("w")
    expect(message).to_have_value(re.compile("was withdrawn from every page"))
    desk.keyboard.press("Control+Enter")
    expect_kept(desk)
    desk.goto(f"{server.url}/r/{receipt}")
    expect(desk.get_by_text("The text was withdrawn", exact=True)).to_be_visible()


# Presses a key while the page is still being read: as soon as its body begins.
PRESS_EARLY = """new MutationObserver((_, eye) => {
  if (!document.body) return;
  eye.disconnect();
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "d", bubbles: true }));
}).observe(document, { childList: true, subtree: true })"""


@pytest.mark.parametrize("early", [False, True], ids=["when it stands", "while it is read"])
def test_a_key_pressed_before_the_pages_scripts_have_come_is_not_lost(
    desk: Page, server: Server, stranger: Stranger, early: bool
):
    stranger.report(f"A text of somebody who types fast, {early}.")
    open_case(desk, server, f"who types fast, {early}")
    if early:
        desk.add_init_script(PRESS_EARLY)
    held: list[Route] = []
    for script in ("copy", "decision"):
        desk.route(f"**/{script}.js", lambda route: held.append(route))
    with desk.expect_request("**/copy.js"), desk.expect_request("**/decision.js"):
        desk.goto(desk.url, wait_until="commit")
    expect(desk.get_by_role("heading", name="Decide")).to_be_visible()
    if not early:
        desk.keyboard.press("d")
    expect(desk.get_by_role("radio", name=re.compile("^Dismiss"))).to_be_checked()
    message = desk.get_by_role("textbox", name=re.compile("^Message"))
    expect(message).to_have_value("")
    for route in held:
        route.continue_()
    expect(message).to_have_value(re.compile("does not break the guideline"))


@dataclass
class Keyboard:
    """Hands that touch nothing else, and how often they strike. A chord counts as its keys."""

    page: Page
    struck: int = 0

    def press(self, keys: str) -> None:
        self.struck += len(keys.split("+"))
        self.page.keyboard.press(keys)

    def type(self, words: str) -> None:
        self.struck += len(words)
        self.page.keyboard.type(words)


def test_ten_cases_are_decided_by_three_keys_each_from_sign_in_on(page: Page, server: Server, stranger: Stranger):
    for number in range(10):
        stranger.report(f"Text {number} of ten, the {'abcdefghij'[number] * 9} of them, without a mouse.")
    keyboard = Keyboard(page)
    page.goto(server.url + "/admin/login")
    page.get_by_label("E-mail").focus()
    keyboard.type("anna@desk.example")
    keyboard.press("Tab")
    keyboard.type(MODERATORS["anna@desk.example"])
    keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Reports")).to_be_visible()
    expect_keys(page)
    keyboard.press("r")
    before = keyboard.struck
    decided = set()
    for number in range(10):
        heading = page.get_by_role("heading", level=1, name=re.compile(r"^Case \d+$"))
        expect(heading).to_be_visible()
        expect_keys(page)
        here = page.url
        decided.add(here)
        keyboard.press("dw"[number % 2])
        expect(page.get_by_role("textbox", name=re.compile("^Message"))).not_to_have_value("")
        with page.expect_navigation(url=lambda address, here=here: address != here):
            keyboard.press("Control+Enter")
    assert len(decided) == 10
    assert (keyboard.struck - before) / 10 <= 3


def test_the_palette_finds_every_command_by_its_words(desk: Page, server: Server, stranger: Stranger):
    stranger.report("A text that is found by the palette.")
    open_case(desk, server, "found by the palette")
    number = desk.url.partition("reports/")[2].partition("?")[0]
    expect_keys(desk)
    desk.keyboard.press("Control+k")
    palette = desk.get_by_role("dialog", name="Commands")
    options = palette.get_by_role("option")
    for key, name in (
        ("d", "Dismiss"),
        ("w", "Withdraw"),
        ("v", "As it stands on the page now"),
        ("c", "Category and clause"),
    ):
        expect(options.filter(has_text=name).filter(has_text=key).first).to_be_visible()
    desk.keyboard.type("mend it")
    expect(options).to_have_count(1)
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("radio", name=re.compile("^Stays, but mend it"))).to_be_checked()
    expect(palette).to_have_count(0)
    desk.keyboard.press("?")
    desk.keyboard.type("go to people")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", name="People")).to_be_visible()
    expect_keys(desk)
    desk.keyboard.press("Control+k")
    for typed in (number, f"case #{number}", f"Case {number}"):
        palette.get_by_role("combobox").fill(typed)
        expect(options).to_have_text([f"Open case {number}"])
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", level=1, name=f"Case {number}")).to_be_visible()


def test_the_text_as_it_stands_now_is_compared_with_the_text_as_reported(
    desk: Page, server: Server, stranger: Stranger
):
    stranger.report("The lighthouse was lit in 1774 and stands in Lindhaven.")
    open_case(desk, server, "lighthouse was lit")
    desk.get_by_role("link", name=re.compile("^As it stands")).click()
    desk.get_by_role("textbox", name=re.compile("^Words of the page")).fill(
        "Home. The lighthouse was lit in 1874 and stands in Lindhaven. Imprint"
    )
    desk.get_by_role("button", name="Compare", exact=True).click()
    expect(desk.get_by_role("heading", name="1 word differs")).to_be_focused()
    expect(desk.locator("del").first).to_have_text("1774")
    expect(desk.locator("ins").first).to_have_text("1874")


def test_the_desk_works_without_script(new_page: NewPage, server: Server, stranger: Stranger):
    receipt = stranger.report(
        "A text that is decided without script.",
        quote={"exact": "decided", "prefix": "text that is ", "suffix": " without"},
    )
    page = new_page(java_script_enabled=False)
    sign_in(page, server)
    open_case(page, server, "decided without script")
    expect(page.get_by_role("mark").first).to_have_text("decided")
    page.get_by_role("radio", name=re.compile("^Dismiss")).check()
    page.get_by_role("button", name=re.compile("^Decide")).click()
    expect(page.get_by_text("Write what the reporters are told.").first).to_be_visible()
    decide(page, "Dismiss", "We find nothing wrong with it.")
    expect_kept(page)
    page.goto(f"{server.url}/r/{receipt}")
    expect(page.get_by_text("We find nothing wrong with it.")).to_be_visible()


def test_an_appeal_brings_the_case_back_to_another_moderator(
    desk: Page, new_page: NewPage, server: Server, stranger: Stranger
):
    receipt = stranger.report("A text whose reporter does not give up.")
    open_case(desk, server, "does not give up")
    decide(desk, "Dismiss", "It stays.")
    expect_kept(desk)
    reader = new_page()
    reader.goto(f"{server.url}/r/{receipt}")
    reader.get_by_role("textbox", name="Why should it be decided again?").fill("You overlooked the last line.")
    reader.get_by_role("button", name="Send").click()
    expect(reader.get_by_text("Under second review", exact=True)).to_be_visible()
    open_case(desk, server, "does not give up")
    expect(desk.get_by_text("You overlooked the last line.")).to_be_visible()
    expect(desk.get_by_role("radio", name=re.compile("^Withdraw"))).to_have_count(0)
    other = new_page()
    sign_in(other, server, "ben@desk.example")
    open_case(other, server, "does not give up")
    decide(other, "Withdraw", "You were right.")
    expect_kept(other)
    reader.reload()
    expect(reader.get_by_text("The text was withdrawn", exact=True)).to_be_visible()
    expect(reader.get_by_text("You were right.")).to_be_visible()
    expect(reader.get_by_role("button", name="Send")).to_have_count(0)


def test_a_report_that_is_taken_back_leaves_the_desk_with_all_that_was_written(
    desk: Page, new_page: NewPage, server: Server, stranger: Stranger
):
    receipt = stranger.report(
        "A text that was reported by mistake.", comment="My private reason.", email="reader@example.org"
    )
    find_case(desk, server, "reported by mistake")
    reader = new_page()
    reader.goto(f"{server.url}/r/{receipt}")
    reader.get_by_text("Delete my report").first.click()
    reader.get_by_role("button", name="Delete my report").click()
    expect(reader.get_by_text("Your report and your data are deleted.")).to_be_visible()
    reader.goto(f"{server.url}/r/{receipt}")
    expect(reader.get_by_text("There is no report with this receipt.")).to_be_visible()
    desk.goto(f"{server.url}/admin/reports?show=lapsed")
    desk.get_by_role("link", name="Case").last.click()
    expect(desk.get_by_role("heading", name="The text")).to_be_visible()
    expect(desk.get_by_text("reported by mistake")).to_have_count(0)
    expect(desk.get_by_text("Its reporters took all their reports back.")).to_be_visible()
    expect(desk.get_by_text("My private reason.")).to_have_count(0)


def test_reports_on_one_text_are_one_case_and_the_urgent_one_comes_first_and_masked(
    desk: Page, server: Server, stranger: Stranger
):
    for category in ("spam", "spam", "fraud"):
        stranger.report("Something that three readers reported.", category=category)
    stranger.report("Something that cannot wait at all.", category="self_harm")
    expect(find_case(desk, server, "three readers").locator("xpath=..")).to_contain_text("3 reports")
    search(desk, "Something that")
    expect(desk.get_by_role("article")).to_have_count(2)
    first = desk.get_by_role("article").first
    expect(first).to_contain_text("Urgent")
    expect(first.get_by_text("Something that cannot wait at all.")).to_be_hidden()
    first.get_by_text("Show the text").click()
    expect(first.get_by_text("Something that cannot wait at all.")).to_be_visible()


def test_a_corrected_label_reaches_the_page(desk: Page, new_page: NewPage, server: Server, stranger: Stranger):
    text = "A text with another model's name on it."
    address = stranger.page(f'<article data-machine-generated data-model="wrong-model">{text}</article>')
    stranger.report(text, category="wrong_label")
    open_case(desk, server, "another model's name")
    desk.get_by_role("radio", name=re.compile("^Correct the label")).check()
    desk.get_by_role("textbox", name="Model").fill("jamba-large")
    desk.get_by_role("textbox", name="Provider").fill("AI21")
    decide(desk, "Correct the label", "Now it is right.")
    expect_kept(desk)
    page = new_page()
    with next_views(page):
        page.goto(address)
    badge(page.locator("article")).click()
    expect(page.locator("article").get_by_text("Model: jamba-large")).to_be_visible()
    expect(page.locator("article").get_by_text("Provider: AI21")).to_be_visible()
    stranger.report(text, category="spam")
    open_case(desk, server, "another model's name")
    expect(desk.get_by_text("It stays, too")).to_be_hidden()
    decide(desk, "Dismiss", "It is no advertising.")
    expect_kept(desk)
    with next_views(page):
        page.reload()
    badge(page.locator("article")).click()
    expect(page.locator("article").get_by_text("Model: jamba-large")).to_be_visible()
    expect(page.locator("article").get_by_text("A moderator corrected this label")).to_be_visible()


def test_who_did_what_is_in_the_log(desk: Page, server: Server, stranger: Stranger):
    stranger.report("A text for the log.")
    open_case(desk, server, "for the log")
    number = re.search(r"\d+", desk.get_by_role("heading", level=1).inner_text())[0]
    decide(desk, "Escalate", "")
    expect_kept(desk)
    desk.goto(server.url + "/admin/log")
    entry = (
        desk.get_by_role("row")
        .filter(has_text=re.compile(rf"[Cc]ase {number}\b"))
        .filter(has_text=re.compile("escalate", re.IGNORECASE))
    )
    expect(entry.first).to_contain_text("anna@desk.example")
