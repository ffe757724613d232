"""What a site's texts are for: declared and signed by keyboard, on a phone, in the light and in the dark."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.conftest import NewPage
from e2e.places import Server
from e2e.steps import sign_in
from e2e.test_accessibility import SCHEMES, assert_clean
from e2e.test_the_looks import OVERFLOW


@pytest.fixture
def site(server: Server, request: pytest.FixtureRequest) -> str:
    """The key of a new site, for which nobody has declared anything."""
    return server.add_site(f"The harbour of {request.node.name}", "https://harbour.example")["site"]


def reach(page: Page, control: Locator) -> None:
    """Tab, as often as it takes."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if control.evaluate("(el) => el.matches(':focus')"):
            return
    raise AssertionError("not to be reached with Tab")


def test_whoever_has_only_a_keyboard_declares_and_signs(page: Page, server: Server, site: str):
    sign_in(page, server)
    page.goto(f"{server.url}/admin/sites/{site}/purpose")
    expect(page.get_by_text("Not declared")).to_be_visible()
    reason = page.get_by_label("Why a machine writes it").first
    for purpose in ("Customer support", "Health"):
        reach(page, page.get_by_role("checkbox", name=re.compile(f"^{purpose}")))
        page.keyboard.press("Space")
    reach(page, reason)
    page.keyboard.type("Leaflets that our pharmacist reads.")
    reach(page, page.get_by_role("checkbox", name="The texts of this site are made for nothing of this list."))
    page.keyboard.press("Space")
    for field, typed in {"Name": "Ada Lovelace", "Role": "Editor in chief"}.items():
        reach(page, page.get_by_role("textbox", name=field, exact=True))
        page.keyboard.type(typed)
    reach(page, page.get_by_role("checkbox", name=re.compile("^I declare that this is true")))
    page.keyboard.press("Space")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").first).to_have_text("Signed.")
    expect(page.get_by_text("Customer support, Health").first).to_be_visible()
    page.get_by_role("link", name="The declaration, to print").click()
    expect(page.get_by_role("heading", name="Declaration of purpose")).to_be_visible()
    expect(page.get_by_text("Leaflets that our pharmacist reads.")).to_be_visible()


def test_a_reason_is_asked_for_where_it_is_needed(page: Page, server: Server, site: str):
    sign_in(page, server)
    page.goto(f"{server.url}/admin/sites/{site}/purpose")
    reasons = page.get_by_label("Why a machine writes it")
    expect(reasons.filter(visible=True)).to_have_count(0)
    page.get_by_role("checkbox", name=re.compile("^Law")).check()
    expect(reasons.filter(visible=True)).to_have_count(1)


@SCHEMES
def test_axe_finds_nothing_in_any_state(new_page: NewPage, server: Server, site: str, scheme: str):
    page = new_page(look=scheme)
    sign_in(page, server)
    for path in ("purpose", "purpose?kept"):
        page.goto(f"{server.url}/admin/sites/{site}/{path}")
        page.get_by_role("checkbox", name=re.compile("^Health")).check()
        assert_clean(page, scheme)
    page.evaluate("for (const el of document.querySelectorAll('[required]')) el.required = false")
    page.get_by_role("button", name="Sign", exact=False).last.click()
    expect(page.get_by_role("alert")).to_contain_text("needs a reason")
    assert_clean(page, scheme)
    server.command("site", "declare", site, "--purpose", "news", "--signed-by", "Ada Lovelace", "--role", "Editor")
    for path in ("purpose", "purpose/1"):
        page.goto(f"{server.url}/admin/sites/{site}/{path}")
        assert_clean(page, scheme)
    for path in ("sites", "compliance"):
        page.goto(f"{server.url}/admin/{path}")
        assert_clean(page, scheme)


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_nothing_is_wider_than_the_page(new_page: NewPage, server: Server, site: str, width: int):
    page = new_page(viewport={"width": width, "height": 800})
    sign_in(page, server)
    signed = ("--purpose", "news", "--signed-by", "A" * 200, "--role", "B" * 200)
    server.command("site", "declare", site, *signed)
    for path in (f"sites/{site}/purpose", f"sites/{site}/purpose/1", "sites", "compliance"):
        page.goto(f"{server.url}/admin/{path}")
        assert page.evaluate(OVERFLOW) <= 0, path
