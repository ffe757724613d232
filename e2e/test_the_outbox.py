"""A report that cannot be sent is kept in the browser, and sent once."""

import json
import re
import sqlite3
from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.conftest import NewPage
from e2e.places import Server, Stranger
from e2e.steps import (
    answers_to_reports,
    badge,
    dialog_of,
    find_case,
    next_report,
    report_control,
    select,
    sent_reports,
    sign_in,
)
from e2e.wire import REPORTS, Answer, Sent, Wire, cut_off, login_page, record

OUTBOX = "machine-generated:outbox"


def kept(page: Page) -> int:
    """How many reports wait in the browser."""
    return page.evaluate(f"Object.keys(localStorage).filter((key) => key.startsWith('{OUTBOX}')).length")


def wait_until_sent(page: Page) -> None:
    page.wait_for_function(f"!Object.keys(localStorage).some((key) => key.startsWith('{OUTBOX}'))")


def test_a_report_is_kept_while_the_server_is_away_and_sent_once_when_it_is_back(
    page: Page, marked: Locator, server: Server, wire: Wire, new_page: NewPage
):
    report_control(marked).click()
    dialog = dialog_of(marked)
    dialog.get_by_role("radio", name="Encourages self-harm").check()
    with wire.down():
        dialog.get_by_role("button", name="Send").click()
        expect(dialog).to_have_accessible_name("Your report is kept")
        assert kept(page) == 1
        page.reload()
        assert kept(page) == 1
    with next_report(page):
        page.reload()
    wait_until_sent(page)
    page.reload()
    expect(badge(marked)).to_be_visible()
    assert kept(page) == 0
    assert answers_to_reports(page) == [201]
    desk = new_page()
    sign_in(desk, server)
    case = find_case(desk, server, "kept_while_the_server_is_away")
    expect(case.locator("xpath=..")).to_contain_text("1 report")


def test_a_server_that_cannot_store_says_so_and_the_report_is_sent_when_it_can(
    page: Page, marked: Locator, server: Server
):
    report_control(marked).click()
    dialog = dialog_of(marked)
    dialog.get_by_role("radio", name="Something else").check()
    database = sqlite3.connect(server.database, isolation_level=None)
    database.execute("BEGIN IMMEDIATE")
    try:
        dialog.get_by_role("button", name="Send").click()
        expect(dialog).to_have_accessible_name("Your report is kept")
    finally:
        database.close()
    assert answers_to_reports(page) == [503]
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(dialog).to_have_accessible_name("Thank you, your report has arrived")
    assert answers_to_reports(page) == [503, 201]
    assert kept(page) == 0
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


def bad_gateway(answer: Answer) -> Answer:
    """What a proxy says for a server that it does not hear any more."""
    return replace(answer.saying(b"<h1>Bad gateway</h1>", "text/html"), status=502)


def lost_gateway(answer: Answer) -> Answer:
    """What a gateway says that does not know the way to the server any more."""
    told = b"""{"type": "about:blank", "title": "Not Found", "status": 404, "detail": "No static resource."}"""
    return replace(answer.saying(told, "application/problem+json"), status=404)


def other_guard(answer: Answer) -> Answer:
    """What a guard before the server says, whoever asks."""
    told = b"""{"title": "Forbidden", "errors": [{"status": "403", "detail": "Not from here."}]}"""
    return replace(answer.saying(told, "application/json"), status=403)


@pytest.mark.parametrize("spoil", [cut_off, bad_gateway, login_page, lost_gateway, other_guard])
def test_nobody_is_told_that_a_report_is_taken_back_which_may_have_arrived(
    page: Page, marked: Locator, wire: Wire, spoil: Callable[[Answer], Answer]
):
    dialog = written(marked)
    with wire.spoiled(spoil, on=REPORTS):
        dialog.get_by_role("button", name="Send").click()
        expect(dialog).to_have_accessible_name("Your report is kept")
        expect(dialog.get_by_role("button", name="Take it back")).to_have_count(0)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(dialog).to_have_accessible_name("Thank you, your report has arrived")
    expect(dialog.get_by_role("button", name="Take it back")).to_be_visible()
    assert kept(page) == 0


def test_nobody_is_told_that_a_report_is_taken_back_by_somebody_elses_answer(page: Page, marked: Locator, wire: Wire):
    dialog = written(marked)
    dialog.get_by_role("button", name="Send").click()
    expect(dialog).to_have_accessible_name("Thank you, your report has arrived")
    with wire.spoiled(login_page, on=REPORTS):
        dialog.get_by_role("button", name="Take it back").click()
        expect(dialog.get_by_role("link", name="Follow my report")).to_be_focused()
    expect(dialog).to_have_accessible_name("Thank you, your report has arrived")


def test_what_may_have_arrived_since_it_was_kept_is_not_taken_back(page: Page, marked: Locator, wire: Wire):
    dialog = written(marked)
    page.context.set_offline(True)
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.get_by_role("button", name="Take it back")).to_be_visible()
    page.context.set_offline(False)
    with wire.spoiled(cut_off, on=REPORTS), next_report(page):
        page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_function("Object.values(localStorage).some((kept) => JSON.parse(kept).tries === 2)")
    dialog.get_by_role("button", name="Take it back").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Your report is kept in this browser and will be sent")
    expect(dialog.get_by_role("button", name="Take it back")).to_have_count(0)
    expect(dialog).to_have_accessible_name("Your report is kept")
    assert kept(page) == 1


@pytest.mark.parametrize("status", [408, 429])
def test_a_report_that_came_too_slowly_or_too_often_is_kept_and_sent_later(
    page: Page, marked: Locator, wire: Wire, status: int
):
    def refused(answer: Answer) -> Answer:
        told = b'{"type": "about:blank", "title": "Not now", "status": 0}'
        return replace(answer.saying(told, "application/problem+json"), status=status)

    dialog = written(marked)
    with wire.spoiled(refused, on=REPORTS):
        dialog.get_by_role("button", name="Send").click()
        expect(dialog).to_have_accessible_name("Your report is kept")
        expect(dialog.get_by_role("button", name="Take it back")).to_be_visible()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(dialog).to_have_accessible_name("Thank you, your report has arrived")
    answers = answers_to_reports(page)
    assert (set(answers), answers[-1]) == ({status, 200}, 200)  # Chromium itself tries a 408 again


def test_what_was_refused_each_time_cannot_have_arrived_and_may_be_taken_back(page: Page, marked: Locator, wire: Wire):
    def refused(answer: Answer) -> Answer:
        if answer.status == 422:
            return answer
        told = b'{"type": "about:blank", "title": "Too Many Requests", "status": 429}'
        return replace(answer.saying(told, "application/problem+json"), status=429)

    marked.evaluate("element => element.dataset.content = 'no token of ours'")
    dialog = written(marked)
    with wire.spoiled(refused, on=REPORTS):
        dialog.get_by_role("button", name="Send").click()
        expect(dialog).to_have_accessible_name("Your report is kept")
        assert answers_to_reports(page) == [422, 429]
        dialog.get_by_role("button", name="Take it back").click()
        expect(dialog.get_by_role("button", name="Send")).to_be_visible()
    assert kept(page) == 0


def written(marked: Locator) -> Locator:
    """The dialog, ready to be sent."""
    report_control(marked).click()
    dialog = dialog_of(marked)
    dialog.get_by_role("radio", name="Something else").check()
    return dialog


def test_nobody_is_told_that_a_report_is_taken_back_which_another_tab_has_sent_unheard(page: Page, marked: Locator):
    dialog = written(marked)
    page.context.set_offline(True)
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.get_by_role("button", name="Take it back")).to_be_visible()
    page.evaluate("localStorage.clear()")  # the other tab has shown the receipt
    page.context.set_offline(False)
    dialog.get_by_role("button", name="Take it back").click()
    expect(dialog.get_by_role("button", name="Take it back")).to_have_count(0)
    expect(dialog).to_have_accessible_name("Your report is kept")


def test_a_report_that_was_kept_while_the_clock_was_ahead_is_sent_when_it_is_right(
    page: Page, marked: Locator, wire: Wire
):
    page.evaluate("Date.now = ((now) => () => now() + 365 * 864e5)(Date.now)")
    dialog = written(marked)
    with wire.down():
        dialog.get_by_role("button", name="Send").click()
        expect(dialog).to_have_accessible_name("Your report is kept")
    with next_report(page):
        page.reload()
    wait_until_sent(page)


def test_a_server_cannot_put_a_report_off_for_longer_than_ten_minutes(page: Page, marked: Locator, wire: Wire):
    def busy(answer: Answer) -> Answer:
        told = answer.saying(b'{"type": "about:blank", "title": "Not now", "status": 429}', "application/problem+json")
        return replace(told, status=429, headers=(*told.headers, ("Retry-After", "31536000")))

    dialog = written(marked)
    with wire.spoiled(busy, on=REPORTS):
        dialog.get_by_role("button", name="Send").click()
        expect(dialog).to_have_accessible_name("Your report is kept")
    after = page.evaluate("Object.values(localStorage).map((kept) => JSON.parse(kept).after - Date.now())")
    assert [0 < ahead <= 600_000 for ahead in after] == [True]


MARKS = "e" + "\u0301" * 201
"""What people stack for fun, and more than the server takes."""


def change_what_is_kept(page: Page, fields: dict) -> None:
    """As if it had been kept under other rules than the server has now."""
    page.evaluate(
        """fields => { for (const [key, item] of Object.entries(localStorage)) {
            const kept = JSON.parse(item);
            localStorage[key] = JSON.stringify({ ...kept, report: { ...kept.report, ...fields }, after: 0 });
        } }""",
        fields,
    )


@pytest.mark.parametrize("refused", ["reader@gmail", ".reader@example.org", "reader@example.o"])
def test_an_address_that_the_server_would_refuse_is_not_kept(page: Page, marked: Locator, wire: Wire, refused: str):
    dialog = written(marked)
    dialog.get_by_role("checkbox", name="I think this is against the law").check()
    dialog.get_by_role("checkbox", name=re.compile("good faith")).check()
    dialog.get_by_label("E-mail").fill(refused)
    with wire.down():
        dialog.get_by_role("button", name="Send").click()
        expect(dialog.get_by_label("E-mail")).to_be_focused()
        assert kept(page) == 0
        dialog.get_by_label("E-mail").press("ControlOrMeta+a")
        dialog.get_by_label("E-mail").press_sequentially("reader@example.org")
        dialog.get_by_role("button", name="Send").click()
        expect(dialog).to_have_accessible_name("Your report is kept")
    assert kept(page) == 1


@pytest.mark.parametrize(
    "refused", [{"email": "reader@gmail"}, {"comment": MARKS}, {"quote": {"exact": ""}, "lang": "?"}]
)
def test_a_kept_report_arrives_without_what_the_server_refuses_of_it(
    page: Page, marked: Locator, wire: Wire, refused: dict
):
    dialog = written(marked)
    with wire.down():
        dialog.get_by_role("button", name="Send").click()
        expect(dialog).to_have_accessible_name("Your report is kept")
        change_what_is_kept(page, refused)
    page.reload()
    wait_until_sent(page)
    assert answers_to_reports(page) == [422, 201]
    assert not refused.keys() & sent_reports(page)[-1].body.keys()
    report_control(marked).click()
    expect(dialog).to_have_accessible_name("Thank you, your report has arrived")


def test_a_report_whose_dialog_is_closed_before_the_answer_arrives_without_what_is_refused(
    page: Page, marked: Locator, wire: Wire
):
    dialog = written(marked)
    dialog.get_by_role("textbox", name=re.compile("moderators know")).fill(MARKS)
    with wire.slow(on=REPORTS):
        dialog.get_by_role("button", name="Send").click()
        dialog.press("Escape")
        expect(dialog).to_have_count(0)
    wait_until_sent(page)
    assert answers_to_reports(page) == [422, 201]
    report_control(marked).click()
    expect(dialog).to_have_accessible_name("Thank you, your report has arrived")


def test_who_opens_the_dialog_again_is_told_why_a_kept_report_was_refused(page: Page, marked: Locator, wire: Wire):
    dialog = written(marked)
    with wire.down():
        dialog.get_by_role("button", name="Send").click()
        expect(dialog).to_have_accessible_name("Your report is kept")
        change_what_is_kept(page, {"category": "given up"})
    page.reload()
    wait_until_sent(page)
    report_control(marked).click()
    expect(dialog.get_by_role("alert")).to_contain_text("The report was not sent. Must be one of")
    dialog.get_by_role("radio", name="Something else").check()
    dialog.get_by_role("button", name="Send").click()
    expect(dialog).to_have_accessible_name("Thank you, your report has arrived")


def test_what_is_refused_of_a_kept_report_is_said_at_its_field_to_a_reader_who_is_still_there(
    page: Page, marked: Locator, wire: Wire
):
    dialog = written(marked)
    comment = dialog.get_by_role("textbox", name=re.compile("moderators know"))
    comment.fill(MARKS)
    with wire.down():
        dialog.get_by_role("button", name="Send").click()
        expect(dialog).to_have_accessible_name("Your report is kept")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(comment).to_have_accessible_description(re.compile("combining marks"))
    expect(comment).to_have_value(MARKS)
    assert answers_to_reports(page) == [422]


@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_a_gateway_says_in_place_of_the_server_ends_no_report(
    page: Page, marked: Locator, wire: Wire, status: int
):
    def gateway(answer: Answer) -> Answer:
        told = {"type": "about:blank", "title": "Not Found", "status": status, "detail": "No static resource."}
        return replace(answer.saying(json.dumps(told).encode(), "application/problem+json"), status=status)

    dialog = written(marked)
    with wire.spoiled(gateway, on=REPORTS):
        dialog.get_by_role("button", name="Send").click()
        expect(dialog).to_have_accessible_name("Your report is kept")
    page.reload()


@pytest.mark.parametrize("spoil", [lost_gateway, other_guard])
def test_what_somebody_else_refuses_on_the_way_stays_kept_and_is_sent_when_the_server_is_there(
    page: Page, marked: Locator, wire: Wire, spoil: Callable[[Answer], Answer]
):
    dialog = written(marked)
    with wire.down():
        dialog.get_by_role("button", name="Send").click()
        expect(dialog).to_have_accessible_name("Your report is kept")
        change_what_is_kept(page, {})
    with wire.spoiled(spoil, on=REPORTS), next_report(page):
        page.reload()
    page.wait_for_function("Object.values(localStorage).some((kept) => JSON.parse(kept).tries === 2)")
    page.evaluate("dispatchEvent(new Event('online'))")
    wait_until_sent(page)
    report_control(marked).click()
    expect(dialog).to_have_accessible_name("Thank you, your report has arrived")


def test_who_loads_the_page_again_while_it_is_sent_and_sends_the_same_has_sent_one_report(
    page: Page, marked: Locator, wire: Wire
):
    dialog = written(marked)
    with wire.slow(on=REPORTS):
        dialog.get_by_role("button", name="Send").click()
        page.reload()
        report_control(marked).click()
        expect(dialog.get_by_role("radio", name="Something else")).to_be_checked()
    dialog.get_by_role("button", name="Send").click()
    expect(dialog).to_have_accessible_name("Thank you, your report has arrived")
    wait_until_sent(page)
    assert len({sent.body["id"] for sent in sent_reports(page)}) == 1


def test_who_is_told_in_another_tab_that_a_kept_report_was_refused_finds_there_what_they_wrote(
    page: Page, marked: Locator, wire: Wire
):
    select(page, marked, "It has two sentences")
    dialog = written(marked)
    dialog.get_by_role("textbox", name=re.compile("moderators know")).fill("Half an hour of work.")
    with wire.down():
        dialog.get_by_role("button", name="Send").click()
        expect(dialog).to_have_accessible_name("Your report is kept")
        change_what_is_kept(page, {"page": "nowhere"})
    tab = page.context.new_page()
    tab.goto(page.url)
    page.close()
    wait_until_sent(tab)
    there = tab.locator("article")
    report_control(there).click()
    dialog = dialog_of(there)
    expect(dialog.get_by_role("alert")).to_contain_text("The report was not sent. Must be the http(s) address")
    expect(dialog.get_by_role("radio", name="Something else")).to_be_checked()
    expect(dialog.get_by_role("textbox", name=re.compile("moderators know"))).to_have_value("Half an hour of work.")
    expect(dialog.get_by_text("It has two sentences", exact=True)).to_be_visible()
    with next_report(tab) as sent:
        dialog.get_by_role("button", name="Send").click()
    expect(dialog).to_have_accessible_name("Thank you, your report has arrived")
    assert (sent.value.body["comment"], sent.value.body["quote"]["exact"]) == (
        "Half an hour of work.",
        "It has two sentences",
    )


def test_the_same_text_reported_to_two_sites_of_one_origin_is_two_reports(
    page: Page, marked: Locator, stranger: Stranger, server: Server, wire: Wire, request: pytest.FixtureRequest
):
    """What was typed is still there on the page of the other site, whose moderators are others."""
    words = marked.text_content()
    other = server.add_site(f"The magazine of {request.node.name}", stranger.url)
    with wire.cut(lambda: True, on=REPORTS):
        written(marked).get_by_role("button", name="Send").click()
        expect(dialog_of(marked)).to_have_accessible_name("Your report is kept")
        page.goto(stranger.page(f"<article data-machine-generated>{words}</article>", tag=other["script_tag"]))
        report_control(marked).click()
        dialog_of(marked).get_by_role("button", name="Send").click()
        expect(dialog_of(marked)).to_have_accessible_name("Your report is kept")
        assert kept(page) == 2
    page.evaluate("dispatchEvent(new Event('online'))")
    wait_until_sent(page)

    def both(sent: list[Sent]) -> list[str]:
        arrived = [one.body for one in sent if (one.path, one.status) == (REPORTS, 201)]
        sites = sorted(report["site"] for report in arrived if report["text"] == words)
        return sites if len(sites) > 1 else []

    assert record.until(both) == sorted([stranger.site["site"], other["site"]])
