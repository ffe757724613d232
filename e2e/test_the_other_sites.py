"""What is withdrawn on one site is offered for the owner's other sites; and what a screen says of held texts."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.conftest import NewPage
from e2e.places import Server, Stranger
from e2e.processes import answer_of
from e2e.steps import badge, decide, expect_kept, expect_keys, next_views, open_case, sign_in
from e2e.test_accessibility import SCHEMES, assert_clean
from tests.screens import KEY, MODEL, ScreenServer, screening
from tests.servers import until

NOTICE = "This text was withdrawn by a moderator."
PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def shop(server: Server) -> Iterator[Stranger]:
    """Another site of the same owner."""
    found = Stranger(server, "The stranger's shop")
    yield found
    found.http.shutdown()


@pytest.fixture(scope="module")
def screen() -> Iterator[ScreenServer]:
    with screening() as found:
        found.sees["vermin"] = {"scores": {"hate": 0.9134, "harassment": 0.42}}
        yield found


@pytest.fixture(scope="module")
def screened(tmp_path_factory: pytest.TempPathFactory, screen: ScreenServer) -> Iterator[Server]:
    """A server whose operator has set up a screen."""
    own = {"URL": screen.url, "KIND": "moderations", "MODEL": MODEL, "KEY": KEY}
    settings = {f"WIDGET_SCREEN_{name}": value for name, value in own.items()}
    with Server(tmp_path_factory.mktemp("screened"), **settings) as found:
        yield found


def stands_on(page: Page, site: Stranger, text: str) -> Locator:
    """A text on a page of a site, as a reader sees it."""
    with next_views(page):
        page.goto(site.page(f"<article data-machine-generated>{text}</article>"))
    return page.locator("article")


def look_again(page: Page) -> None:
    with next_views(page):
        page.reload()


def test_a_text_is_withdrawn_on_the_other_site_by_the_same_moderator_and_brought_back(
    page: Page, new_page: NewPage, server: Server, stranger: Stranger, shop: Stranger
):
    text = "The tower in both of our papers was finished in 1989."
    reader = new_page()
    marked = stands_on(reader, shop, text)
    expect(badge(marked)).to_be_visible()
    stranger.report(text)
    sign_in(page, server)
    open_case(page, server, "both of our papers")
    decide(page, "Withdraw", "It was finished in 1889.")
    expect_kept(page)
    expect(page.get_by_text("The same text is or may appear on other sites of yours")).to_be_visible()
    expect_keys(page)
    page.keyboard.press("a")
    expect(page.get_by_role("heading", name="The same text on other sites")).to_be_visible()
    look_again(reader)
    expect(badge(marked)).to_be_visible()
    there = page.get_by_role("checkbox", name=re.compile("The stranger's shop"))
    expect(there).not_to_be_checked()
    there.check()
    expect_keys(page)
    page.keyboard.press("p")
    expect(page.get_by_role("heading", name="What will happen")).to_be_visible()
    expect(page.get_by_text("nobody reported it there, nobody is answered")).to_be_visible()
    expect_keys(page)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("1 decision holds")).to_be_visible()
    expect_keys(page)
    look_again(reader)
    expect(marked.get_by_role("note")).to_have_text(NOTICE)
    page.keyboard.press("z")
    expect(page.get_by_text("Taken back")).to_be_visible()
    look_again(reader)
    expect(badge(marked)).to_be_visible()
    expect(marked.get_by_role("note")).to_have_count(0)


@SCHEMES
def test_the_offer_can_be_read_by_everybody_and_on_a_phone(
    new_page: NewPage, server: Server, stranger: Stranger, shop: Stranger, scheme: str
):
    page = new_page(look=scheme)
    words = " ".join(f"{scheme}{number}" for number in range(60))
    text = f"A long text of the {scheme} kind that stands on two sites, {words}."
    stranger.report(text)
    sign_in(page, server)
    open_case(page, server, f"the {scheme} kind that stands {scheme}7")
    decide(page, "Withdraw", "It is wrong.")
    expect_kept(page)
    shop.report(text)
    shop.report(text.replace(f"{scheme}7 ", "other "))
    page.reload()
    assert_clean(page, scheme)
    page.get_by_role("link", name=re.compile("^Withdraw there, too")).click()
    expect(page.get_by_text("reported there, not seen since; 1 near-duplicate")).to_be_visible()
    assert_clean(page, scheme)
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("checkbox", name=re.compile("near-duplicate, not seen")).check()
    page.get_by_role("button", name=re.compile("^Withdraw there")).click()
    expect(page.get_by_text("2 decisions hold")).to_be_visible()
    assert_clean(page, scheme)


@SCHEMES
def test_what_a_screen_found_stands_beside_the_text_and_a_person_decides(
    new_page: NewPage, screened: Server, scheme: str
):
    site = Stranger(screened, f"A paper in the {scheme}")
    for text in (f"People of the valley are vermin. ({scheme})", f"The library opens at nine. ({scheme})"):
        render(site, text)
    screened.command("purge")
    page = new_page(look=scheme)
    sign_in(page, screened)
    looked_at = page.get_by_role("article").filter(has_text="A screen (screen-1) found").filter(has_text=f"({scheme})")

    def both() -> bool:
        """The server may have been about to ask the screen by itself."""
        page.goto(f"{screened.url}/admin/publications")
        return looked_at.count() == 2

    until(both)
    card = page.get_by_role("article").filter(has_text=f"vermin. ({scheme})")
    expect(card).to_contain_text("A screen (screen-1) found: Hate against a group of people (“hate”, score 0.91)")
    expect(card).to_contain_text("This is a machine’s hint and decides nothing: a person does.")
    clear = page.get_by_role("article").filter(has_text=f"opens at nine. ({scheme})")
    expect(clear).to_contain_text("A screen (screen-1) found nothing in this text.")
    assert_clean(page, scheme)
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    card.get_by_role("link").click()
    expect(page.get_by_role("heading", name="What a screen says")).to_be_visible()
    for check in ("Accuracy", "Plausibility", "Sources", "Harm"):
        page.get_by_role("checkbox", name=check).check()
    page.get_by_role("button", name="Approve").click()
    expect(card).to_have_count(0)
    assert Path(screened.program.log).read_text().count(KEY) == 0
    site.http.shutdown()


def render(site: Stranger, text: str) -> None:
    """Held, as a text for anybody."""
    body = json.dumps({"text": text, "audience": "public"}).encode()
    headers = {"Authorization": f"Bearer {site.site['secret_key']}", "Content-Type": "application/json"}
    assert answer_of(f"{site.server.url}/api/v1/render", body=body, headers=headers)["state"] == "held"
