"""What was typed is not lost, what was sent can be taken back, and the dialog holds wherever it stands."""

import json
import re
from datetime import UTC, datetime, timedelta
from urllib.error import HTTPError

import pytest
from playwright.sync_api import Frame, Locator, Page, expect

from e2e.conftest import NewPage
from e2e.places import Server, Stranger
from e2e.processes import answer_of
from e2e.steps import (
    answers_to_reports,
    badge,
    dialog_of,
    find_case,
    next_report,
    report,
    report_control,
    search,
    select,
    sent_by,
    sent_reports,
    sign_in,
)
from e2e.wire import REPORTS, Wire, other_json, record

STILL_HERE = "What you wrote before is still here."
STORED = "JSON.stringify({ ...localStorage, ...sessionStorage })"


def comment_of(dialog: Locator) -> Locator:
    return dialog.locator("textarea")


def undo_of(dialog: Locator) -> Locator:
    return dialog.get_by_role("button", name="Take it back")


def write(marked: Locator, *, choice: str = "Something else", comment: str = "") -> Locator:
    """The dialog with a choice and a comment, not sent."""
    report_control(marked).click()
    dialog = dialog_of(marked)
    dialog.get_by_role("radio", name=choice).first.check()
    comment_of(dialog).fill(comment)
    return dialog


def is_gone(server: Server, receipt: str) -> bool:
    try:
        answer_of(f"{server.url}{REPORTS}/{receipt}")
    except HTTPError as error:
        return error.code == 404
    return False


def test_a_draft_survives_a_reload_but_not_the_e_mail_address(page: Page, marked: Locator):
    dialog = write(marked, choice="Insults, threatens", comment="She named my street.")
    dialog.get_by_role("radio", name="Threatens someone").check()
    illegal = dialog.get_by_role("checkbox", name="I think this is against the law")
    illegal.check()
    dialog.get_by_label("E-mail").fill("reader@example.org")
    assert "reader@" not in page.evaluate(STORED)
    page.reload()
    report_control(marked).click()
    expect(dialog.get_by_role("status").filter(has_text=STILL_HERE)).to_be_visible()
    expect(dialog.get_by_role("heading")).to_be_focused()
    expect(dialog.get_by_role("radio", name="Insults, threatens")).to_be_checked()
    expect(dialog.get_by_role("radio", name="Threatens someone")).to_be_checked()
    expect(dialog.get_by_role("note")).to_contain_text("Keep a copy of the threat")
    expect(comment_of(dialog)).to_have_value("She named my street.")
    expect(illegal).not_to_be_checked()
    expect(dialog.get_by_label("E-mail")).to_have_value("")
    with next_report(page) as sent:
        dialog.get_by_role("button", name="Send").click()
    assert (sent.value.body["category"], sent.value.body["comment"]) == ("intimidation", "She named my street.")
    expect(dialog.locator("code")).to_be_visible()
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


def test_a_draft_is_of_one_text_in_one_tab_for_a_day(page: Page, stranger: Stranger):
    page.goto(stranger.page("<p data-machine-generated>The text Aa.</p><div data-machine-generated>The text BB.</div>"))
    first, second = page.locator("p"), page.locator("main > div")
    dialog = write(first, comment="About the first.")
    page.keyboard.press("Escape")
    report_control(second).click()
    expect(comment_of(dialog_of(second))).to_have_value("")
    expect(page.get_by_text(STILL_HERE)).to_be_hidden()
    page.keyboard.press("Escape")
    other_tab = page.context.new_page()
    other_tab.goto(page.url)
    report_control(other_tab.locator("p")).click()
    expect(comment_of(dialog_of(other_tab.locator("p")))).to_have_value("")
    other_tab.close()
    page.evaluate(
        """() => {
            const [key] = Object.keys(sessionStorage), draft = JSON.parse(sessionStorage[key]);
            sessionStorage[key] = JSON.stringify({ ...draft, at: draft.at - 24 * 3600 * 1000 });
        }"""
    )
    page.reload()
    report_control(first).click()
    expect(dialog).to_have_accessible_name("Report this text")
    expect(comment_of(dialog)).to_have_value("")


@pytest.mark.parametrize("kept", [None, "3f2b8a52-6c5e-4a4e-9a55-0d0f6f1f3c11", 7, "short"])
def test_a_draft_of_an_older_version_can_be_sent(page: Page, marked: Locator, kept: object):
    dialog = write(marked, comment="From before.")
    page.evaluate(
        """(id) => {
            const [key] = Object.keys(sessionStorage), { id: _, ...draft } = JSON.parse(sessionStorage[key]);
            sessionStorage[key] = JSON.stringify(id === null ? draft : { ...draft, id });
        }""",
        kept,
    )
    page.reload()
    report_control(marked).click()
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.locator("code")).to_be_visible()
    assert [sent.body["comment"] for sent in sent_reports(page)] == ["From before."]


PASSAGE = "It has two sentences"


@pytest.mark.parametrize(
    ("passage", "words", "answers"),
    [(PASSAGE, "The first.", [201, 200]), (PASSAGE, "And more.", [201, 201]), ("two", "The first.", [201, 201])],
)
def test_while_a_report_is_on_its_way_the_same_again_is_one_and_other_words_or_another_passage_are_another(
    page: Page, marked: Locator, wire: Wire, passage: str, words: str, answers: list[int]
):
    select(page, marked, PASSAGE)
    dialog = write(marked, comment="The first.")
    with wire.slow(on=REPORTS):
        dialog.get_by_role("button", name="Send").click()
        record.until(lambda sent: sent_by(page, REPORTS, sent))
        page.keyboard.press("Escape")
        select(page, marked, passage)
        report_control(marked).click()
        expect(comment_of(dialog)).to_have_value("The first.")
        comment_of(dialog).fill(words)
        dialog.get_by_role("button", name="Send").click()
        record.until(lambda sent: sent_by(page, REPORTS, sent)[1:])
    expect(dialog.locator("code")).to_be_visible()
    assert answers_to_reports(page) == answers
    last = sent_reports(page)[-1].body
    assert (last["quote"]["exact"], last["comment"]) == (passage, words)


@pytest.mark.parametrize("passage", ["", PASSAGE])
def test_who_loads_the_page_again_while_a_report_is_sent_and_sends_the_same_again_has_sent_one(
    page: Page, marked: Locator, wire: Wire, passage: str
):
    if passage:
        select(page, marked, passage)
    dialog = write(marked, comment="A careful comment.")
    with wire.slow(on=REPORTS):
        dialog.get_by_role("button", name="Send").click()
        record.until(lambda sent: sent_by(page, REPORTS, sent))
        page.reload()
        report_control(marked).click()
        expect(comment_of(dialog)).to_have_value("A careful comment.")
        expect(dialog.get_by_text(PASSAGE, exact=True)).to_be_visible(visible=bool(passage))
        dialog.get_by_role("button", name="Send").click()
        record.until(lambda sent: sent_by(page, REPORTS, sent)[1:])
    expect(dialog.locator("code")).to_be_visible()
    first, second = (sent.body for sent in sent_reports(page))
    assert first == second
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


def test_a_report_that_was_kept_when_its_page_was_left_can_be_seen_there_and_is_not_sent_twice(
    page: Page, marked: Locator, wire: Wire
):
    dialog = write(marked, comment="Once.")
    with wire.down():
        dialog.get_by_role("button", name="Send").click()
        expect(dialog).to_have_accessible_name("Your report is kept")
        page.reload()
        report_control(marked).click()
        expect(comment_of(dialog)).to_have_value("Once.")
    with next_report(page):
        page.evaluate("dispatchEvent(new Event('online'))")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.locator("code")).to_be_visible()
    assert len({sent.body["id"] for sent in sent_reports(page)}) == 1


def test_starting_over_forgets_what_was_typed(page: Page, marked: Locator):
    dialog = write(marked, comment="Never mind.")
    page.keyboard.press("Escape")
    report_control(marked).click()
    dialog.get_by_role("button", name="Start over").click()
    expect(dialog.get_by_role("heading")).to_be_focused()
    expect(dialog.get_by_role("radio", checked=True)).to_have_count(0)
    assert page.evaluate("sessionStorage.length") == 0
    expect(page.get_by_text(STILL_HERE)).to_be_hidden()
    dialog.get_by_role("radio", name="Something else").check()
    expect(comment_of(dialog)).to_have_value("")


def test_a_report_is_taken_back_within_ten_seconds_and_can_be_corrected_and_sent_anew(
    page: Page, marked: Locator, server: Server
):
    page.evaluate(
        "addEventListener('machine-generated:reported', ({ detail }) => document.body.append(detail.receipt))"
    )
    receipt = report(marked, "Something else", comment="With a mitsake.")
    dialog = dialog_of(marked)
    expect(page.locator("body")).to_contain_text(receipt)
    expect(undo_of(dialog)).to_have_text(re.compile(r"(10|\b[1-9])s"))
    expect(undo_of(dialog)).to_have_accessible_name("Take it back")
    undo_of(dialog).click()
    expect(dialog).to_have_accessible_name("Your report was taken back and deleted")
    expect(dialog.get_by_role("status").filter(has_text="What you wrote is still here")).to_be_visible()
    expect(dialog.get_by_role("heading")).to_be_focused()
    assert is_gone(server, receipt)
    expect(comment_of(dialog)).to_have_value("With a mitsake.")
    comment_of(dialog).fill("Without one.")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.locator("code")).to_be_visible()
    first, second = (sent.body for sent in sent_reports(page))
    assert first["id"] != second["id"]
    assert second["comment"] == "Without one."
    assert not is_gone(server, dialog.locator("code").inner_text())


def test_after_ten_seconds_a_report_is_taken_back_on_the_page_of_its_receipt(page: Page, marked: Locator):
    report(marked, "Something else")
    dialog = dialog_of(marked)
    undo_of(dialog).focus()
    expect(undo_of(dialog)).to_be_hidden()
    expect(dialog.get_by_role("heading")).to_be_focused()
    expect(dialog.get_by_role("link", name="Follow my report")).to_be_visible()


def test_while_the_server_is_away_taking_back_leads_to_the_page_of_the_receipt(page: Page, marked: Locator, wire: Wire):
    report(marked, "Something else")
    dialog = dialog_of(marked)
    with wire.down():
        undo_of(dialog).click()
        expect(dialog.get_by_role("link", name="Follow my report")).to_be_focused()
        expect(dialog).to_have_accessible_name("Thank you, your report has arrived")
        expect(dialog.get_by_role("alert")).to_contain_text("A person will read it. With this code you can")
        expect(undo_of(dialog)).to_be_hidden()


def test_a_kept_report_can_be_taken_back_before_it_is_sent(page: Page, marked: Locator):
    dialog = write(marked, comment="Not in anger.")
    page.context.set_offline(True)
    dialog.get_by_role("button", name="Send").click()
    expect(dialog).to_have_accessible_name("Your report is kept")
    undo_of(dialog).click()
    expect(dialog).to_have_accessible_name("Your report was taken back and deleted")
    assert "outbox" not in page.evaluate(STORED)
    page.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    with next_report(page) as sent:
        dialog.get_by_role("button", name="Send").click()
    expect(dialog.locator("code")).to_be_visible()
    assert sent_reports(page) == [sent.value]


def test_a_kept_report_that_another_tab_has_sent_can_still_be_taken_back(
    page: Page, marked: Locator, server: Server, wire: Wire
):
    dialog, other_tab = write(marked), page.context.new_page()
    with next_report(page):
        with wire.down():
            dialog.get_by_role("button", name="Send").click()
            expect(dialog).to_have_accessible_name("Your report is kept")
        other_tab.goto(page.url)
    expect(dialog).to_have_accessible_name("Thank you, your report has arrived")
    receipt = dialog.locator("code").inner_text()
    undo_of(dialog).click()
    expect(dialog).to_have_accessible_name("Your report was taken back and deleted")
    assert is_gone(server, receipt)
    assert page.evaluate("localStorage.length") == 0


def test_a_report_is_sent_once_when_many_tabs_are_online_again(page: Page, marked: Locator, wire: Wire):
    tabs = [page, page.context.new_page(), page.context.new_page()]
    dialog = write(marked)
    with wire.down():
        dialog.get_by_role("button", name="Send").click()
        expect(dialog).to_have_accessible_name("Your report is kept")
    with wire.slow(on=REPORTS):
        for tab in tabs[1:]:
            tab.goto(page.url)
        for tab in tabs:
            tab.evaluate("dispatchEvent(new Event('online'))")
    expect(dialog).to_have_accessible_name("Thank you, your report has arrived")
    for tab in tabs[1:]:
        tab.reload()
        expect(badge(tab.locator("article"))).to_be_visible()
    assert answers_to_reports(page) == [201]


def test_who_left_before_it_was_sent_finds_the_receipt_at_the_text(page: Page, stranger: Stranger, wire: Wire):
    text = "<article data-machine-generated>A text that is reported from a train.</article>"
    page.goto(stranger.page(text))
    marked = page.locator("article")
    dialog = write(marked, comment="In a tunnel.")
    with wire.down():
        dialog.get_by_role("button", name="Send").click()
        expect(dialog).to_have_accessible_name("Your report is kept")
    page.add_init_script(
        "addEventListener('machine-generated:reported', ({ target }) => document.title = target.localName)"
    )
    elsewhere = stranger.page(f"<p data-machine-generated>Another text.</p>{text}")
    page.goto(elsewhere)
    expect(page).to_have_title("article")
    assert "In a tunnel." not in page.evaluate(STORED)
    page.reload()
    report_control(marked).click()
    expect(dialog).to_have_accessible_name("Thank you, your report has arrived")
    expect(dialog.get_by_role("link", name="Follow my report")).to_be_visible()
    page.keyboard.press("Escape")
    report_control(marked).click()
    expect(dialog).to_have_accessible_name("Report this text")
    assert page.evaluate("localStorage.length") == 0


def test_an_answer_that_is_not_ours_is_no_receipt(page: Page, marked: Locator, wire: Wire):
    dialog = write(marked)
    with wire.spoiled(other_json, on=REPORTS):
        dialog.get_by_role("button", name="Send").click()
        expect(dialog).to_have_accessible_name("Your report is kept")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(dialog.locator("code")).to_be_visible()


@pytest.mark.parametrize(
    ("lang", "typed", "words"),
    [
        ("en", 1, "3,999 characters left"),
        ("en", 3999, "1 character left"),
        ("de", 12, "3.988 Zeichen"),
        ("ar", 3998, "حرفان"),
    ],
)
def test_the_characters_left_are_told_in_the_grammar_of_the_language(
    page: Page, stranger: Stranger, lang: str, typed: int, words: str
):
    page.goto(stranger.page("<p data-machine-generated>A text.</p>", lang=lang))
    marked = page.locator("p")
    expect(marked.locator("[part=label]")).to_have_attribute("lang", lang)
    report_control(marked).click()
    dialog_of(marked).get_by_role("radio").first.check()
    comment = dialog_of(marked).locator("textarea")
    comment.fill("🙂" * typed)
    expect(comment).to_have_accessible_description(re.compile(words))


def test_a_comment_that_is_too_long_is_not_sent_and_not_cut(page: Page, marked: Locator):
    dialog = write(marked, comment="x" * 4001)
    dialog.get_by_role("button", name="Send").click()
    expect(comment_of(dialog)).to_be_focused()
    expect(dialog.get_by_text("-1 character left")).to_be_visible()
    assert sent_reports(page) == []


def sandboxed(page: Page, stranger: Stranger, tag: str) -> Frame:
    inner = stranger.page("<article data-machine-generated>A text in a sandbox.</article>", tag=tag)
    page.goto(stranger.page(f'<iframe sandbox="allow-scripts" src="{inner}" width=600 height=600></iframe>'))
    return page.locator("iframe").element_handle().content_frame()


def test_in_a_sandbox_that_the_site_does_not_name_the_reader_learns_that_nothing_was_sent(
    page: Page, stranger: Stranger
):
    frame = sandboxed(page, stranger, stranger.site["script_tag"])
    marked = frame.locator("article")
    dialog = write(marked)
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.get_by_role("alert")).to_contain_text("The report was not sent.")
    form = dialog.get_by_role("link", name="Open the report form")
    expect(form).to_have_attribute("href", report_control(marked).get_attribute("href"))
    expect(form).to_have_attribute("target", "_blank")


def test_in_a_sandbox_that_the_site_names_a_report_arrives_and_can_be_taken_back(
    page: Page, stranger: Stranger, server: Server
):
    site = server.add_site("A sandbox", "null")
    marked = sandboxed(page, stranger, site["script_tag"]).locator("article")
    receipt = report(marked, "Something else")
    undo_of(dialog_of(marked)).click()
    expect(dialog_of(marked)).to_have_accessible_name("Your report was taken back and deleted")
    assert is_gone(server, receipt)


def test_in_a_sandbox_a_report_that_cannot_be_kept_is_not_said_to_be_kept(
    page: Page, stranger: Stranger, server: Server, wire: Wire
):
    site = server.add_site("Another sandbox", "null")
    dialog = write(sandboxed(page, stranger, site["script_tag"]).locator("article"), comment="Still here.")
    with wire.down():
        dialog.get_by_role("button", name="Send").click()
        expect(dialog.get_by_role("alert")).to_contain_text("The report was not sent.")
    expect(comment_of(dialog)).to_have_value("Still here.")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.locator("code")).to_be_visible()


def test_a_report_from_within_a_document_without_an_address_names_the_page_around_it(
    page: Page, stranger: Stranger, server: Server
):
    site = server.add_site("A document in an attribute", "null")
    inner = f"<!doctype html>{site['script_tag']}<p data-machine-generated>A text without an address.</p>"
    page.goto(stranger.page("<iframe sandbox='allow-scripts' width=600 height=600></iframe>"))
    page.locator("iframe").evaluate("(el, html) => el.srcdoc = html", inner)
    with next_report(page):
        report(page.frame_locator("iframe").locator("p"), "Something else")


def test_a_report_from_a_page_that_another_one_has_made_arrives(page: Page, stranger: Stranger):
    page.goto(stranger.page(""))
    made = f"<!doctype html>{stranger.site['script_tag']}<p data-machine-generated>A text on a page that was made.</p>"
    with page.expect_popup() as popup:
        page.evaluate("made => { open(URL.createObjectURL(new Blob([made], { type: 'text/html' }))); }", made)
    report(popup.value.locator("p"), "Something else")


def test_inside_the_pages_own_dialog_ours_has_the_focus_and_escape_closes_only_ours(page: Page, stranger: Stranger):
    page.goto(stranger.page("<dialog id=own><button>Own</button><p data-machine-generated>Inside.</p></dialog>"))
    page.evaluate("own.showModal()")
    marked = page.locator("p")
    report_control(marked).click()
    dialog = dialog_of(marked).last
    expect(dialog.get_by_role("heading")).to_be_focused()
    dialog.get_by_role("radio", name="Something else").check()
    page.keyboard.press("Escape")
    expect(dialog.get_by_role("heading")).to_be_hidden()
    page.wait_for_function("own.open && own.contains(document.activeElement)")


def test_a_text_that_is_not_shown_opens_the_plain_form_and_does_not_lock_the_page(page: Page, stranger: Stranger):
    page.goto(
        stranger.page("<p data-machine-generated>Shown.</p><div hidden><h3 data-machine-generated>Not.</h3></div>")
    )
    expect(badge(page.locator("p"))).to_be_visible()
    with page.expect_popup() as form:
        page.locator("h3").evaluate("(el) => { el.openReport(); }")
    expect(form.value.get_by_role("heading", name="Report a machine-generated text")).to_be_visible()
    badge(page.locator("p")).click()


def test_a_taken_back_report_leaves_the_desk(page: Page, marked: Locator, server: Server, new_page: NewPage):
    page.clock.install()
    page.clock.pause_at(datetime.now(UTC) + timedelta(minutes=1))  # the desk may take longer than ten seconds
    report(marked, "Something else")
    desk = new_page()
    sign_in(desk, server)
    find_case(desk, server, "a_taken_back_report_leaves")
    undo_of(dialog_of(marked)).click()
    expect(dialog_of(marked)).to_have_accessible_name("Your report was taken back and deleted")
    desk.goto(f"{server.url}/admin/reports?show=waiting")
    search(desk, "a_taken_back_report_leaves")
    expect(desk.get_by_role("link", name=re.compile(r"^Case \d+"))).to_have_count(0)


def test_nothing_of_a_draft_is_trusted_that_somebody_else_wrote(page: Page, marked: Locator):
    write(marked, comment="Mine.")
    [key] = page.evaluate("Object.keys(sessionStorage)")
    for left in (
        '{"category": 1}',
        "[null]",
        "no JSON",
        json.dumps({"category": "]", "comment": {}, "at": 9e15}),
    ):
        page.evaluate("([key, left]) => sessionStorage.setItem(key, left)", [key, left])
        page.evaluate("(left) => localStorage.setItem('machine-generated:outbox:x', left)", left)
        page.reload()
        report_control(marked).click()
        expect(dialog_of(marked)).to_have_accessible_name("Report this text")
        page.keyboard.press("Escape")


def test_a_page_that_writes_a_list_item_anew_does_not_close_the_dialog_in_it(page: Page, stranger: Stranger):
    page.goto(stranger.page("<ul><li data-machine-generated>An answer that is still</li></ul>"))
    marked = page.locator("li")
    dialog = write(marked)
    dialog.get_by_role("checkbox", name="I think this is against the law").check()
    dialog.get_by_role("checkbox", name=re.compile("good faith")).check()
    dialog.get_by_label("E-mail").fill("reader@example.org")
    comment_of(dialog).press_sequentially("Half of ")
    marked.evaluate("(el) => { el.innerHTML = 'An answer that is still being written.' }")
    page.evaluate("() => new Promise(requestAnimationFrame)")
    page.keyboard.type("what I have to say.")
    expect(comment_of(dialog)).to_have_value("Half of what I have to say.")
    expect(dialog.get_by_label("E-mail")).to_have_value("reader@example.org")
    with next_report(page) as sent:
        dialog.get_by_role("button", name="Send").click()
    assert sent.value.body["text"] == "An answer that is still"
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    marked.evaluate("(el) => { el.innerHTML = 'An answer that is done.' }")
    expect(dialog).to_have_count(0)


MOVES = {
    "in its list": "(el) => el.parentNode.prepend(el)",
    "with what it stands in": "(el) => { const list = el.parentNode; list.parentNode.append(list); }",
    "with a card that it is within": "(el) => { const card = el.getRootNode().host; card.parentNode.prepend(card); }",
    "out and in again": "(el) => { const list = el.parentNode; el.remove(); setTimeout(() => list.append(el), 100); }",
}
FEED = """<h2>A feed</h2><div id=card></div><div><p>Another.</p><machine-generated>In a feed.</machine-generated></div>
<script>
const list = document.querySelector("div + div");
if (location.hash === "#card") card.attachShadow({ mode: "open" }).append(list);
</script>"""


@pytest.mark.parametrize("move", MOVES)
def test_a_page_that_moves_the_text_closes_no_dialog_and_takes_no_receipt(
    page: Page, stranger: Stranger, wire: Wire, move: str
):
    page.goto(stranger.page(FEED) + ("#card" if "card" in move else ""))
    marked = page.locator("machine-generated")
    dialog = write(marked, comment="Half of ")
    marked.evaluate(MOVES[move])
    expect(dialog).to_be_visible()
    expect(comment_of(dialog)).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.type("it.")
    with wire.slow(on=REPORTS):
        dialog.get_by_role("button", name="Send").click()
        record.until(lambda sent: sent_by(page, REPORTS, sent))
        marked.evaluate(MOVES[move])
        expect(dialog).to_be_visible()
    expect(dialog).to_have_accessible_name("Thank you, your report has arrived")
    assert [sent.body["comment"] for sent in sent_reports(page)] == ["Half of it."]


def test_the_receipt_of_a_text_that_is_away_when_it_comes_is_shown_when_the_text_is_back(
    page: Page, stranger: Stranger, wire: Wire
):
    page.goto(stranger.page("<article data-machine-generated>An answer in a list.</article>"))
    marked = page.locator("article")
    dialog = write(marked)
    with wire.slow(on=REPORTS):
        dialog.get_by_role("button", name="Send").click()
        record.until(lambda sent: sent_by(page, REPORTS, sent))
        page.evaluate("() => { window.away = document.querySelector('article'); away.remove(); }")
    page.wait_for_function("Object.keys(localStorage).some((key) => key.startsWith('machine-generated:receipt:'))")
    page.evaluate("document.querySelector('main').append(away)")
    expect(dialog.locator("code")).to_be_visible()
    page.reload()
    report_control(marked).click()
    expect(dialog.locator("code")).to_be_visible()


def test_a_text_that_the_page_puts_out_of_sight_does_not_lock_the_page(page: Page, stranger: Stranger):
    page.goto(stranger.page("<div hidden></div><article data-machine-generated>A text.</article><button>Own</button>"))
    marked = page.locator("article")
    dialog = write(marked, comment="Still here.")
    marked.evaluate("(el) => document.querySelector('[hidden]').append(el)")
    page.get_by_role("button", name="Own").click()
    marked.evaluate("(el) => document.querySelector('main').append(el)")
    report_control(marked).click()
    expect(comment_of(dialog)).to_have_value("Still here.")


CARDS = {
    "a link": '<a href="#elsewhere"><p data-machine-generated>A text.</p></a>',
    "a label": "<label><input type=checkbox><span data-machine-generated>A text.</span></label>",
    "a summary": "<details open><summary><span data-machine-generated>A text.</span></summary>More.</details>",
}


@pytest.mark.parametrize("card", CARDS)
def test_what_is_done_in_the_dialog_does_nothing_to_what_the_text_stands_in(page: Page, stranger: Stranger, card: str):
    page.goto(stranger.page(CARDS[card]))
    marked = page.locator("[data-machine-generated]")
    report_control(marked).click()
    dialog = dialog_of(marked)
    page.evaluate(
        """() => {
            window.heard = [];
            for (const type of ["click", "pointerdown", "mousedown", "beforeinput", "input", "keydown"])
                addEventListener(type, () => heard.push(type));
        }"""
    )
    dialog.get_by_role("heading").click()
    dialog.get_by_text("The moderators of this site read").click()
    dialog.get_by_text("Something else").click()
    dialog.get_by_role("radio", name="Scam, spam").check()
    dialog.locator("label", has_text="Encourages self-harm").click(position={"x": 5, "y": 5})
    expect(dialog.get_by_role("radio", name="Encourages self-harm")).to_be_checked()
    dialog.get_by_role("radio", name="Scam, spam").check()
    dialog.get_by_text("What should the moderators know?").click()
    expect(comment_of(dialog)).to_be_focused()
    dialog.get_by_text("I think this is against the law").click()
    dialog.get_by_text("good faith").click()
    dialog.get_by_label("E-mail").click()
    comment_of(dialog).click()
    comment_of(dialog).press_sequentially("Words.")
    expect(dialog.get_by_role("radio", name="Scam, spam")).to_be_checked()
    expect(comment_of(dialog)).to_have_value("Words.")
    expect(dialog).to_be_visible()
    assert page.evaluate("[location.hash, !!document.querySelector('main :checked'), heard]") == ["", False, []]
    assert page.locator("details:not([open])").count() == 0
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.locator("code")).to_be_visible()
