"""The report dialog on a stranger's page."""

import re

from playwright.sync_api import Locator, Page, expect

from e2e.conftest import NewPage
from e2e.places import Server, Stranger
from e2e.steps import (
    badge,
    decide,
    dialog_of,
    digest,
    expect_kept,
    next_report,
    next_views,
    open_case,
    report,
    report_control,
    seen,
    select,
    sent_reports,
    shows,
    sign_in,
)


def test_the_receipt_can_be_copied_and_leads_to_the_readers_own_page(page: Page, marked: Locator, server: Server):
    receipt = report(marked, "Something else", comment="It has nothing to do with the page.")
    dialog = dialog_of(marked)
    expect(dialog).to_have_accessible_name("Thank you, your report has arrived")
    dialog.get_by_role("button", name="Copy").click()
    expect(dialog.get_by_role("button", name="Copied")).to_be_visible()
    expect(dialog.get_by_role("link", name="Follow my report")).to_have_attribute("href", f"{server.url}/r/{receipt}")
    page.keyboard.press("Escape")
    page.evaluate("document.body.append(document.createElement('textarea'))")
    page.locator("textarea").press("ControlOrMeta+v")
    expect(page.locator("textarea")).to_have_value(receipt)


def test_the_dialog_is_worked_by_keyboard_alone_and_gives_the_focus_back(page: Page, marked: Locator):
    page.keyboard.press("Tab")
    expect(badge(marked)).to_be_focused()
    page.keyboard.press("Tab")
    expect(report_control(marked)).to_be_focused()
    page.keyboard.press("Space")
    dialog = dialog_of(marked)
    expect(dialog).to_have_accessible_name("Report this text")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(report_control(marked)).to_be_focused()
    page.keyboard.press("Enter")
    dialog.get_by_role("radio").first.focus()
    page.keyboard.press("ArrowDown")
    expect(dialog.get_by_role("radio", name="Hateful or unfair to a group of people")).to_be_checked()
    for _ in range(20):
        if dialog.get_by_role("button", name="Send").evaluate("(el) => el.matches(':focus')"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("status").locator("code")).to_be_visible()
    expect(dialog.get_by_role("heading")).to_be_focused()
    page.keyboard.press("Escape")
    expect(report_control(marked)).to_be_focused()


def test_the_selected_passage_can_be_taken_out_of_the_report(page: Page, marked: Locator):
    select(page, marked, "It has two sentences.")
    report_control(marked).click()
    dialog = dialog_of(marked)
    dialog.get_by_role("radio", name="Something else").check()
    expect(dialog.get_by_text("It has two sentences.", exact=True)).to_be_visible()
    dialog.get_by_role("button", name="Remove the passage").click()
    with next_report(page) as sent:
        dialog.get_by_role("button", name="Send").click()
    assert "quote" not in sent.value.body


def test_the_selected_passage_goes_with_what_stands_around_it(page: Page, marked: Locator):
    select(page, marked, "It has two sentences")
    with next_report(page) as sent:
        report(marked, "Something else")
    quote = sent.value.body["quote"]
    assert (quote["exact"], quote["suffix"]) == ("It has two sentences", ".")
    assert quote["prefix"].endswith("goes_with_what_stands_around_it. ")


def test_not_liking_a_text_helps_the_reader_and_sends_nothing(page: Page, marked: Locator):
    report_control(marked).click()
    dialog = dialog_of(marked)
    dialog.get_by_role("radio", name="I just don’t like it").check()
    expect(dialog.get_by_text("Nothing is sent to the moderators")).to_be_visible()
    dialog.get_by_role("button", name="Close").last.click()
    expect(dialog).to_be_hidden()
    assert sent_reports(page) == []
    assert page.evaluate("localStorage.length") == 0


def test_who_reports_the_abuse_of_a_child_is_never_asked_who_they_are(marked: Locator):
    report_control(marked).click()
    dialog = dialog_of(marked)
    dialog.get_by_role("radio", name="Sexual content", exact=True).first.check()
    dialog.get_by_role("checkbox", name="I think this is against the law").check()
    expect(dialog.get_by_label("E-mail")).to_be_visible()
    dialog.get_by_role("radio", name="Sexual content about a child").check()
    expect(dialog.get_by_label("E-mail")).to_be_hidden()
    expect(dialog.get_by_role("note")).to_contain_text("We do not ask who you are")


def test_without_a_mail_server_an_address_is_asked_only_of_who_says_that_it_is_against_the_law(
    new_page: NewPage, marked: Locator, page: Page, server: Server
):
    report_control(marked).click()
    dialog = dialog_of(marked)
    dialog.get_by_role("radio", name="Scam, spam").check()
    illegal, address = (
        dialog.get_by_role("checkbox", name="I think this is against the law"),
        dialog.get_by_label("E-mail"),
    )
    expect(address).to_be_hidden()
    illegal.check()
    expect(address).to_have_accessible_name(re.compile("So that the moderators can ask you"))
    address.fill("reader@example.org")
    illegal.uncheck()
    expect(address).to_be_hidden()
    with next_report(page) as sent:
        dialog.get_by_role("button", name="Send").click()
    assert "email" not in sent.value.body
    dialog.get_by_role("button", name="Take it back").click()
    illegal.check()
    dialog.get_by_role("checkbox", name=re.compile("good faith")).check()
    with next_report(page) as sent:
        dialog.get_by_role("button", name="Send").click()
    assert sent.value.body["email"] == "reader@example.org"
    desk = new_page()
    sign_in(desk, server)
    open_case(desk, server, "only of who says that it is against the law")
    desk.get_by_role("button", name="See the address").click()
    expect(desk.get_by_text("reader@example.org", exact=True)).to_be_visible()
    expect(desk.get_by_role("link", name="Write to them")).to_have_attribute("href", "mailto:reader%40example.org")


def test_good_faith_is_asked_only_of_who_says_that_it_is_against_the_law(page: Page, marked: Locator):
    report_control(marked).click()
    dialog = dialog_of(marked)
    dialog.get_by_role("radio", name="Scam, spam").check()
    faith = dialog.get_by_role("checkbox", name=re.compile("good faith"))
    expect(faith).to_be_hidden()
    dialog.get_by_role("checkbox", name="I think this is against the law").check()
    faith.check()
    with next_report(page) as sent:
        dialog.get_by_role("button", name="Send").click()
    assert sent.value.body["good_faith"] is True
    assert sent.value.body["category"] == "fraud"


def test_what_is_hidden_stops_neither_send_nor_close(page: Page, marked: Locator):
    report_control(marked).click()
    dialog = dialog_of(marked)
    dialog.get_by_role("radio", name="Sexual content", exact=True).first.check()
    dialog.get_by_role("checkbox", name="I think this is against the law").check()
    dialog.get_by_role("checkbox", name=re.compile("good faith")).check()
    dialog.get_by_label("E-mail").fill("no address")
    dialog.get_by_role("radio", name="I just don’t like it").check()
    dialog.get_by_role("button", name="Close").last.click()
    expect(dialog).to_be_hidden()
    report_control(marked).click()
    dialog.get_by_role("radio", name="Sexual content", exact=True).first.check()
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.get_by_label("E-mail")).to_be_focused()
    dialog.get_by_role("group", name="Sexual content").get_by_role("radio", name="about a child").check()
    dialog.get_by_role("checkbox", name="I think this is against the law").uncheck()
    expect(dialog.get_by_role("checkbox", name=re.compile("good faith"))).to_be_hidden()
    with next_report(page) as sent:
        dialog.get_by_role("button", name="Send").click()
    expect(dialog.get_by_role("status").locator("code")).to_be_visible()
    assert sent.value.body["category"] == "child_sexual"
    assert not {"email", "good_faith"} & set(sent.value.body)


def test_urgent_help_is_announced(marked: Locator):
    report_control(marked).click()
    dialog = dialog_of(marked)
    dialog.get_by_role("radio", name="Encourages self-harm").check()
    expect(dialog.get_by_role("status").get_by_role("note")).to_contain_text("You are not alone")


def test_a_long_text_is_cut_only_to_what_the_server_takes(page: Page, stranger: Stranger):
    for text, whole in (("字" * 21_000, True), ("字" * 30_000, False)):
        page.goto(stranger.page(f"<article data-machine-generated>{text}</article>"))
        with next_report(page) as sent:
            report(page.locator("article"), "Something else")
        assert (sent.value.body["text"] == text) is whole
        assert whole or 0 <= 64_000 - len(sent.value.bytes) < 12
        assert sent.value.body.get("text_sha256") == (None if whole else digest(text))


def test_a_text_that_is_too_long_for_a_report_is_withdrawn_as_a_whole(
    page: Page, stranger: Stranger, server: Server, new_page: NewPage
):
    page.goto(stranger.page(f"<article data-machine-generated>{'The ship lay long in port. ' * 2_500}</article>"))
    report(page.locator("article"), "Something else")
    desk = new_page()
    sign_in(desk, server)
    open_case(desk, server, "long in port")
    expect(desk.get_by_text("Only its beginning.")).to_be_visible()
    expect(desk.get_by_role("radio", name=re.compile("^Withdraw"))).to_have_count(0)
    desk.get_by_role("link", name="As it stands on the page now").click()
    desk.get_by_label("Words of the page").fill("The ship lay long in port. " * 2_500)
    desk.get_by_role("button", name="Compare", exact=True).click()
    desk.get_by_role("link", name=re.compile(r"^Case \d+")).click()
    decide(desk, "Withdraw", "Gone.")
    expect_kept(desk)
    with next_views(page):
        page.reload()
    expect(page.locator("article").get_by_role("note")).to_have_text("This text was withdrawn by a moderator.")


def test_what_the_server_refuses_is_said_at_its_field_and_nothing_typed_is_lost(marked: Locator):
    report_control(marked).click()
    dialog = dialog_of(marked)
    dialog.get_by_role("radio", name="Something else").check()
    comment = dialog.get_by_role("textbox", name=re.compile("moderators know"))
    said = "What I had to say: e" + "\u0301" * 201
    comment.fill(said)
    dialog.get_by_role("checkbox", name="I think this is against the law").check()
    dialog.get_by_role("checkbox", name=re.compile("good faith")).check()
    dialog.get_by_label("E-mail").fill("reader@example.org")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.get_by_text("more than 200 combining marks")).to_be_visible()
    expect(comment).to_have_accessible_description(re.compile("more than 200 combining marks"))
    expect(comment).to_have_attribute("aria-invalid", "true")
    expect(comment).to_have_value(said)
    expect(dialog.get_by_label("E-mail")).to_have_value("reader@example.org")
    comment.fill("What I had to say.")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.get_by_role("status").locator("code")).to_be_visible()


def test_a_text_that_was_withdrawn_elsewhere_is_replaced_at_its_next_view(
    page: Page, stranger: Stranger, server: Server, new_page: NewPage
):
    text = "A text that is on two pages of the site."
    page.goto(stranger.page(f"<section data-machine-generated>{text}</section>"))
    report(page.locator("section"), "Scam, spam")
    desk = new_page()
    sign_in(desk, server)
    open_case(desk, server, "on two pages")
    desk.get_by_role("radio", name=re.compile("^Withdraw")).check()
    desk.get_by_role("textbox", name=re.compile("^Message")).fill("Gone.")
    desk.get_by_role("button", name=re.compile("^Decide")).click()
    expect_kept(desk)
    page.add_init_script(
        "addEventListener('machine-generated:withdrawn', (event) => document.title = event.target.localName)"
    )
    with next_views(page) as views:
        page.goto(
            stranger.page(
                f"<ul><li data-machine-generated>{text}</li></ul><machine-generated>{text}</machine-generated>"
                "<p data-machine-generated>Another one.</p>"
            )
        )
    assert len(seen(views.value)) == 2
    expect(page.locator("machine-generated").get_by_role("note")).to_have_text(
        "This text was withdrawn by a moderator."
    )
    expect(page.locator("li").get_by_role("note")).to_be_visible()
    assert not shows(page.locator("machine-generated"), text)
    assert not shows(page.locator("li"), text)
    assert shows(page.locator("p"), "Another one.")
    expect(page).to_have_title(re.compile("machine-generated|li"))


def test_the_dialog_fits_a_small_phone_and_runs_right_to_left(new_page: NewPage, stranger: Stranger):
    page = new_page(viewport={"width": 320, "height": 560}, has_touch=True)
    page.goto(
        stranger.page(
            '<p data-machine-generated lang="ar">نص كتبته آلة، وهو قصير.</p>',
            lang="ar",
            head='<meta name="viewport" content="width=device-width">',
        )
    )
    marked = page.locator("p")
    report_control(marked).click()
    dialog = dialog_of(marked)
    expect(dialog).to_have_css("direction", "rtl")
    dialog.get_by_role("radio").first.check()
    box, send = dialog.bounding_box(), dialog.locator("button").last.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 320
    assert send["y"] + send["height"] <= 560
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    for control in dialog.locator("button, label.row").all():
        if control.is_visible():
            assert control.bounding_box()["height"] >= 24


def test_over_plain_http_a_report_arrives_as_well(page: Page, stranger: Stranger):
    address = stranger.page("<article data-machine-generated>Reported without a secure context.</article>")
    page.goto(address.replace(stranger.url, stranger.plain_url))
    assert report(page.locator("article"), "Something else")


def test_a_report_carries_the_token_of_the_text_that_it_is_about_whatever_the_page_writes_meanwhile(
    page: Page, stranger: Stranger
):
    first, second = (
        (words, re.search(r'content="([^"]+)"', stranger.render(words, model=model))[1])
        for words, model in (("The first answer.", "jamba-large"), ("The second answer.", "other-model"))
    )
    page.goto(stranger.page(f'<article data-machine-generated data-content="{first[1]}">{first[0]}</article>'))
    marked = page.locator("article")
    report_control(marked).click()
    dialog_of(marked).get_by_role("radio", name="Something else").check()
    marked.evaluate("(el, [text, token]) => { el.dataset.content = token; el.textContent = text }", second)
    with next_report(page) as sent:
        dialog_of(marked).get_by_role("button", name="Send").click()
    assert (sent.value.body["text"], sent.value.body["content"]) == first
