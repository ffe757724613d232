"""A reader's uBlock Origin, with EasyList, EasyPrivacy and its own filters on, takes nothing of ours."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from e2e.engines import LISTED_HOST, PLAIN_HOST, launched
from e2e.places import Server, Stranger
from e2e.steps import badge, digest, next_views, report, report_control, seen

pytestmark = pytest.mark.engines(
    "firefox", reason="it is Firefox's of this machine; Chromium takes the old kind no more"
)

ANSWERS = "(address) => fetch(address, { mode: 'no-cors' }).then(() => true, () => false)"


@pytest.fixture(scope="module")
def firefox(launch_browser: Callable[..., Browser]) -> Iterator[Browser]:
    with launch_browser(**launched("firefox", blocker=True)) as found:
        yield found


@pytest.fixture
def page(firefox: Browser, stranger: Stranger) -> Iterator[Page]:
    """A page whose reader's blocker is awake: it stops what is on its lists and nothing else."""
    with firefox.new_context() as context:
        page = context.new_page()
        page.goto(abroad(stranger, stranger.page("<p>Nothing yet.</p>")))
        listed = stranger.plain_url.replace(PLAIN_HOST, LISTED_HOST)
        assert page.evaluate(ANSWERS, stranger.url + "/1")
        assert not page.evaluate(ANSWERS, listed + "/1")
        yield page


def abroad(stranger: Stranger, address: str) -> str:
    """The page on a host of another name than ours: a blocker spares what a site loads from itself."""
    return address.replace(stranger.url, stranger.plain_url)


def test_labels_views_and_reports_pass(page: Page, stranger: Stranger, server: Server):
    texts = (
        f"{stranger.render('Rendered for a careful reader.')}<article data-machine-generated>Made for one.</article>"
        "<ul><li data-machine-generated>A line for one.</ul>"
    )
    with next_views(page) as views:
        page.goto(abroad(stranger, stranger.page(texts)))
    for name in ("machine-generated", "article", "li"):
        expect(badge(page.locator(name))).to_have_text("Machine-generated")
        expect(report_control(page.locator(name))).to_be_visible()
    told = {view["text_sha256"]: view["disclosed"] for view in seen(views.value)}
    assert told[digest("Made for one.")] is True
    receipt = report(page.locator("article"), "Something else")
    page.goto(f"{server.url}/r/{receipt}")
    expect(page.get_by_text("Nobody has decided yet")).to_be_visible()


def test_the_plain_form_and_the_demo_pass(page: Page, stranger: Stranger, server: Server, demo: str):
    page.goto(f"{server.url}/report?site={stranger.site['site']}")
    page.get_by_role("radio", name="Something else").check()
    page.get_by_role("textbox", name="The text").fill("Reported on paper.")
    page.get_by_role("textbox", name="Address of the page").fill("https://newspaper.example/today")
    page.get_by_role("button", name="Send").click()
    expect(page).to_have_url(re.compile(rf"^{server.url}/r/"))
    for path in ("/", "/chat?question=where+is+my+parcel", "/feed"):
        page.goto(demo + path)
        expect(badge(page.locator("machine-generated").first)).to_be_visible()
        expect(report_control(page.locator("machine-generated").first)).to_have_role("button")
