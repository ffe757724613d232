"""While a site is flooded with reports, the dialog does some work before its own is taken; its reader only waits."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import NewPage, site_of_a_stranger
from e2e.places import Server, Stranger
from e2e.steps import answers_to_reports, dialog_of, report, report_control, sign_in
from e2e.test_accessibility import assert_clean
from e2e.test_the_outbox import kept

MANY = 12
WORK = "**/work.js"
# The outbox hears it only when it is loaded, which a page does not tell.
ONLINE_UNTIL_SENT = """() => {
    dispatchEvent(new Event("online"));
    return Object.keys(localStorage).every((key) => !key.startsWith("machine-generated:outbox"));
}"""


@pytest.fixture(scope="module")
def flooded_server(tmp_path_factory: pytest.TempPathFactory, browser_name: str) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp(f"flooded-{browser_name}"), WIDGET_FLOOD_REPORTS=str(MANY)) as found:
        yield found


@pytest.fixture
def quiet(flooded_server: Server, request: pytest.FixtureRequest) -> Iterator[Stranger]:
    """A site on which nobody has reported anything yet."""
    with site_of_a_stranger(flooded_server, request.node.name) as found:
        yield found


@pytest.fixture
def flooded(quiet: Stranger) -> Stranger:
    """A site on which one source has just reported one text many times."""
    for _ in range(MANY):
        quiet.report("A text that somebody is angry about.")
    return quiet


def marked(page: Page, stranger: Stranger, *, plain: bool = False):
    address = stranger.page("<article data-machine-generated>A text to be reported by a reader.</article>")
    page.goto(address.replace(stranger.url, stranger.plain_url) if plain else address)
    return page.locator("article")


def test_in_peace_nothing_of_it_is_loaded_or_asked(page: Page, quiet: Stranger):
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    assert report(marked(page, quiet), "Something else")
    assert answers_to_reports(page) == [201]
    assert not [url for url in loaded if "work" in url]


def test_under_a_flood_the_reader_sees_nothing_but_the_receipt(page: Page, flooded: Stranger):
    text = marked(page, flooded)
    assert report(text, "Something else")
    expect(dialog_of(text)).to_have_accessible_name("Thank you, your report has arrived")
    assert answers_to_reports(page) == [429, 201]
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


def test_over_plain_http_as_well(page: Page, flooded: Stranger):
    assert report(marked(page, flooded, plain=True), "Something else")
    assert answers_to_reports(page) == [429, 201]


@pytest.mark.engines("chromium", reason="the one engine whose driver can hold a module back that a page imports")
def test_a_page_that_is_left_while_it_works_keeps_the_report_and_sends_it_once(page: Page, flooded: Stranger):
    text = marked(page, flooded)
    page.route(WORK, lambda route: None)  # never comes
    report_control(text).click()
    dialog_of(text).get_by_role("radio", name="Something else").check()
    with page.expect_request(WORK):
        dialog_of(text).get_by_role("button", name="Send").click()
    assert kept(page) == 1
    page.unroute(WORK)
    page.reload()
    assert kept(page) == 1
    expect(report_control(page.locator("article"))).to_have_role("button")
    page.wait_for_function(ONLINE_UNTIL_SENT, polling=1000)
    answers = answers_to_reports(page)
    assert answers[0] == 429
    assert answers.count(201) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_desk_tells_the_burst_sets_it_aside_and_brings_it_back(new_page: NewPage, flooded: Stranger, scheme: str):
    desk = new_page(look=scheme)
    sign_in(desk, flooded.server)
    card = desk.get_by_role("article").filter(has_text=f"{MANY} reports in 1 minute from about 1 source").first
    expect(card).to_be_visible()
    assert_clean(desk, scheme)
    card.get_by_role("link").first.click()
    burst = desk.get_by_role("region", name="Many reports at once")
    assert_clean(desk, scheme)
    burst.get_by_role("button", name="Set aside all of this burst").click()
    expect(burst).to_contain_text("Set aside")
    expect(desk.get_by_text("counts no more")).to_be_visible()
    assert_clean(desk, scheme)
    burst.get_by_role("button", name="Bring them back").click()
    expect(burst.get_by_role("button", name="Set aside all of this burst")).to_be_visible()
