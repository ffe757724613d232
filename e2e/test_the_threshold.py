"""A hundred and one people, each with a browser context of their own: with the last of them comes the control."""

import re
from collections.abc import Iterator
from email.message import Message

import pytest
from playwright.sync_api import Browser, Page, expect

from e2e.conftest import NewPage
from e2e.places import MODERATORS, Server, Stranger
from e2e.steps import badge, next_views, report_control, sign_in
from e2e.test_accessibility import SCHEMES, assert_clean
from e2e.test_the_looks import OVERFLOW
from e2e.wire import VIEWS, Sent, record
from tests.inboxes import Inbox, inbox, text
from tests.servers import until

__all__ = ["inbox"]

AT_ONCE = 20
OPEN_ALL = "for (const el of document.querySelectorAll('details')) el.open = true"
FLASHES = """new MutationObserver(() => {
    const control = document.querySelector("article")?.shadowRoot?.querySelector("[part=report]");
    if (control?.checkVisibility()) window.flashed = true;
}).observe(document, { subtree: true, childList: true, attributes: true });"""


@pytest.fixture
def posting(inbox: Inbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that writes mails."""
    with Server(tmp_path_factory.mktemp("posting"), WIDGET_MAIL_URL=inbox.url) as found:
        yield found


@pytest.fixture
def waiting(posting: Server) -> Iterator[Stranger]:
    """A site whose control waits until it is required."""
    found = Stranger(posting, "The closed beta")
    posting.command("site", "policy", found.site["site"], "--control", "when_required")
    found.site = posting.add_site(found.name, found.url)
    yield found
    found.http.shutdown()


def come(browser: Browser, address: str, people: range) -> None:
    """Each of these people opens the page in a browser context of their own, and stays until they are counted."""
    before = len(record.all)
    contexts = [browser.new_context(user_agent=f"Mozilla/5.0 (reader {person})") for person in people]
    for context in contexts:
        context.new_page().goto(address)

    def all_counted(sent: list[Sent]) -> bool:
        views = [one for one in sent if (one.path, one.status) == (VIEWS, 200)]
        return sum(one.body["page"] == address for one in views) >= len(people)

    record.until(all_counted, before)
    for context in contexts:
        context.close()


@pytest.mark.engines("chromium", reason="in Firefox a context cannot have a name of its own")
def test_the_control_comes_with_the_101st_person_and_that_is_mailed_once(
    browser: Browser, page: Page, new_page: NewPage, posting: Server, waiting: Stranger, inbox: Inbox
):
    assert 'data-report="when-required"' in waiting.site["script_tag"]
    address = waiting.page("<article data-machine-generated>A text of a closed beta.</article>")
    for first in range(0, 99, AT_ONCE):
        come(browser, address, range(first, min(first + AT_ONCE, 99)))

    page.add_init_script(FLASHES)
    with next_views(page):
        page.goto(address)
    expect(badge(page.locator("article"))).to_be_visible()
    expect(report_control(page.locator("article"))).to_be_hidden()
    assert page.evaluate("window.flashed") is None
    assert (waiting.usage()["unique_viewers"], waiting.usage()["report"]) == (100, "off")

    last = new_page(user_agent="Mozilla/5.0 (the 101st reader)")
    last.goto(address)
    expect(badge(last.locator("article"))).to_be_visible()
    expect(report_control(last.locator("article"))).to_be_visible()
    report_control(last.locator("article")).click()
    expect(last.get_by_role("dialog")).to_be_visible()

    with next_views(page):
        page.reload()
    expect(report_control(page.locator("article"))).to_be_visible()
    usage = waiting.usage()
    assert (usage["unique_viewers"], usage["threshold_state"], usage["report"]) == (101, "required", "on")
    (required,) = [crossing for crossing in usage["crossings"] if crossing["step"] == "required"]

    def told() -> list[Message]:
        return [message for message in inbox.messages if "must be able to report" in message["Subject"]]

    for _ in range(2):
        posting.command("purge")
        until(lambda: len(told()) >= len(MODERATORS))  # the server may be about to send them by itself
    assert sorted(message["To"] for message in told()) == sorted(MODERATORS)
    hour = required["at"][:16].replace("T", " ") + " UTC"
    assert hour in text(told()[0])

    desk = new_page(timezone_id="UTC")
    sign_in(desk, posting)
    desk.goto(f"{posting.url}/admin/viewers")
    card = desk.get_by_role("region", name="The closed beta")
    expect(card.get_by_text(re.compile("since viewer 101 came on"))).to_be_visible()
    expect(card.locator(f"time[datetime='{required['at']}']")).to_have_count(2)
    expect(card.get_by_text("Readers must be able to report")).to_be_visible()


def test_a_control_that_waits_is_hidden_from_the_start(page: Page, stranger: Stranger):
    tag = stranger.site["script_tag"].replace(" defer", ' data-report="when-required" defer')
    page.add_init_script(FLASHES)
    address = stranger.page("<article data-machine-generated>It waits for the server.</article>", tag=tag)
    with stranger.server.wire.slow(on=VIEWS):
        page.goto(address)
        expect(badge(page.locator("article"))).to_be_visible()
        expect(report_control(page.locator("article"))).to_be_hidden()
        assert page.evaluate("window.flashed") is None
    expect(report_control(page.locator("article"))).to_be_visible()


@SCHEMES
def test_axe_finds_nothing_on_the_page_of_viewers(new_page: NewPage, server: Server, stranger: Stranger, scheme: str):
    page = new_page(look=scheme)
    hidden = "<style>[data-machine-generated]::part(badge) { opacity: 0 }</style>"
    with next_views(page):
        page.goto(stranger.page("<article data-machine-generated>A hidden badge.</article>", head=hidden))
    sign_in(page, server)
    page.goto(f"{server.url}/admin/viewers")
    page.evaluate(OPEN_ALL)
    assert_clean(page, scheme)


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_the_page_of_viewers_is_not_wider_than_the_window(
    new_page: NewPage, server: Server, stranger: Stranger, width: int
):
    page = new_page(viewport={"width": width, "height": 800})
    with next_views(page):
        page.goto(stranger.page("<article data-machine-generated>A page to be listed.</article>"))
    sign_in(page, server)
    page.goto(f"{server.url}/admin/viewers")
    page.evaluate(OPEN_ALL)
    assert page.evaluate(OVERFLOW) <= 0
