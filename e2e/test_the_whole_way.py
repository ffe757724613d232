"""From a stranger's page to the desk and back to the reader."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import NewPage, site_of_a_stranger
from e2e.places import Server, Stranger
from e2e.steps import (
    badge,
    decide,
    expect_kept,
    next_views,
    open_case,
    report,
    report_control,
    select,
    shows,
    sign_in,
    top_of,
)

INVENTED = "It was designed by Galileo Galilei during his second stay in Lindhaven"
MESSAGE = "Thank you. Galileo never came here; the text is gone from every page."


@pytest.fixture(scope="module")
def stranger(server: Server) -> Iterator[Stranger]:
    """A site that nobody has seen yet."""
    with site_of_a_stranger(server, "A new paper") as found:
        yield found


@pytest.fixture(scope="module")
def demo(stranger: Stranger) -> str:
    return stranger.demo_url


def test_the_badge_stands_before_any_script(new_page: NewPage, server: Server, demo: str):
    page = new_page(java_script_enabled=False)
    policy = page.goto(demo + "/plain").headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src http://127.0.0.1:")
    assert "style-src" not in policy
    assert "unsafe" not in policy
    rendered = page.locator("machine-generated")
    expect(badge(rendered)).to_be_visible()
    expect(badge(rendered)).to_have_text("Machine-generated")
    assert badge(rendered).bounding_box()["y"] < top_of(rendered, "The old lighthouse")
    expect(report_control(rendered)).to_have_attribute(
        "href", re.compile(rf"^{server.url}/report\?site=\w+&content=\S{{50}}")
    )


def test_a_reader_reports_and_learns_what_became_of_it(
    page: Page, new_page: NewPage, server: Server, stranger: Stranger, demo: str
):
    with next_views(page):
        page.goto(demo + "/plain")
    assert stranger.usage()["unique_viewers"] == 1
    marked = page.locator("machine-generated")
    expect(badge(marked)).to_have_text("Machine-generated")

    assert shows(marked, "The old lighthouse")
    select(page, marked, INVENTED)
    receipt = report(marked, "False, invented or dangerous")
    with page.expect_popup() as opened:
        marked.get_by_role("link", name="Follow my report").click()
    status = opened.value
    expect(status).to_have_url(f"{server.url}/r/{receipt}")
    expect(status.get_by_text("Nobody has decided yet")).to_be_visible()

    desk = new_page()
    sign_in(desk, server)
    open_case(desk, server, "The old lighthouse")
    expect(desk.get_by_role("mark").first).to_have_text(INVENTED)
    expect(desk.get_by_text("Verified.", exact=True)).to_be_visible()
    status.reload()
    expect(status.get_by_text("In review", exact=True)).to_be_visible()
    decide(desk, "Withdraw", MESSAGE)
    expect_kept(desk)

    page.bring_to_front()
    with next_views(page):
        page.reload()
    expect(marked.get_by_role("note")).to_have_text("This text was withdrawn by a moderator.")
    assert not shows(marked, "The old lighthouse")
    expect(badge(page.locator("article"))).to_be_visible()

    status.reload()
    expect(status.get_by_text("The text was withdrawn", exact=True)).to_be_visible()
    expect(status.get_by_text(MESSAGE)).to_be_visible()

    assert stranger.usage()["unique_viewers"] == 1
    somebody_else = new_page(user_agent="Mozilla/5.0 (somebody else's browser)")
    with next_views(somebody_else):
        somebody_else.goto(demo + "/plain")
    assert stranger.usage()["unique_viewers"] == 2
    assert stranger.usage()["disclosed_share"] == 1
    assert INVENTED not in server.program.log.read_text()
