"""How people come to the desk: by an invitation, with a second factor, or by a sign-in elsewhere."""

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing

import pyotp
import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import NewPage
from e2e.places import Server
from e2e.provider import Provider, User
from e2e.steps import sign_in
from e2e.test_accessibility import SCHEMES, assert_clean
from e2e.wire import PATIENCE

PASSWORD = "a long password of one's own"


def account(server: Server, email: str, *words: str) -> str:
    """A new person at the desk."""
    server.command("moderator", "add", email, *words, "--password-stdin", typed=PASSWORD + "\n")
    return email


def come_in(page: Page, server: Server, email: str) -> None:
    page.goto(server.url + "/admin/login")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: not url.endswith("/admin/login"))


def go_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def invitation(page: Page, server: Server, email: str) -> str:
    """The link that an owner copies."""
    page.goto(server.url + "/admin/people")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("On all sites").select_option(label="Auditor: looks on")
    page.get_by_role("button", name="Invite", exact=True).click()
    expect(page.get_by_role("heading", name=f"{email} is invited")).to_be_visible()
    return page.locator("#link").inner_text()


def grow_old(server: Server) -> None:
    """All sign-ins were a while ago."""
    with closing(sqlite3.connect(server.database, timeout=PATIENCE)) as database, database:
        database.execute("UPDATE sign_in SET confirmed_at = 0")


def set_up_second(page: Page, server: Server) -> tuple[pyotp.TOTP, str]:
    """The app, and the code of it that has been used."""
    page.goto(server.url + "/admin/account/second")
    expect(page.get_by_role("img", name="QR code for your app").locator("svg")).to_be_visible()
    page.get_by_text("It cannot be scanned").click()
    app = pyotp.TOTP(page.locator("#secret").inner_text().replace(" ", ""))
    code = app.now()
    page.get_by_label("Six digits").fill(code)
    page.get_by_role("button", name="Set it up").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    return app, code


def test_an_invited_person_comes_in_by_the_link_once(page: Page, new_page: NewPage, server: Server):
    sign_in(page, server)
    link = invitation(page, server, "new@desk.example")
    new = new_page()
    new.goto(link)
    expect(new.get_by_text("Your role: Auditor of all sites.")).to_be_visible()
    new.get_by_label("Choose a password").fill(PASSWORD)
    new.get_by_role("button", name="Come in").click()
    expect(new.get_by_role("heading", name="Reports")).to_be_visible()
    expect(new.get_by_role("button", name="Start reviewing")).to_have_count(0)
    new.goto(link)
    expect(new.get_by_text("This link does not hold any more")).to_be_visible()
    page.goto(server.url + "/admin/people")
    page.get_by_role("link", name="new@desk.example").click()
    page.get_by_text("What happens, and how").click()
    page.get_by_role("button", name="Remove new@desk.example").click()
    expect(page.get_by_text("is removed and signed out")).to_be_visible()
    new.goto(server.url + "/admin/reports")
    expect(new.get_by_role("heading", name="Sign in")).to_be_visible()


def test_whoever_is_asked_again_who_they_are_goes_on_where_they_were(page: Page, server: Server):
    sign_in(page, server)
    page.goto(server.url + "/admin/people")
    grow_old(server)
    page.get_by_label("E-mail").fill("later@desk.example")
    page.get_by_label("On all sites").select_option(label="Owner: does everything")
    page.get_by_role("button", name="Invite", exact=True).click()
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    page.get_by_label("Your password").fill("not it")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert")).to_have_text("This is not your password.")
    page.get_by_label("Your password").fill("a long password of Anna's")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="later@desk.example is invited")).to_be_visible()


def test_somebody_signs_in_with_the_code_of_an_app(page: Page, server: Server):
    email = account(server, "two@desk.example")
    come_in(page, server, email)
    app, used = set_up_second(page, server)
    go_out(page)
    come_in(page, server, email)
    code = page.get_by_label("A code of your app, or a recovery code")
    expect(code).to_be_focused()
    code.fill(used)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("not the code that the app shows now")
    code.fill(app.at(time.time() + 30))  # the next one, in an app whose clock is ahead: each holds once
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Reports")).to_be_visible()


@pytest.fixture
def provider() -> Iterator[Provider]:
    found = Provider(users={"Anna": User("anna", "anna@desk.example"), "Eve": User("eve", "eve@desk.example")})
    found.start()
    yield found
    found.stop()


@pytest.fixture
def with_provider(tmp_path, provider: Provider) -> Iterator[Server]:
    """A server whose people may sign in elsewhere."""
    with Server(tmp_path, **provider.settings()) as found:
        yield found


@pytest.mark.engines("chromium", reason="a server of its own; all else is done between two servers")
def test_somebody_signs_in_elsewhere(page: Page, new_page: NewPage, with_provider: Server):
    def go(browser: Page, who: str) -> None:
        browser.goto(with_provider.url + "/admin/log")
        browser.get_by_role("link", name="Sign in with Somewhere else").click()
        browser.get_by_label("Who are you?").fill(who)
        browser.get_by_role("button", name="Yes, it is me").click()

    go(page, "Anna")
    expect(page.get_by_role("heading", name="Log")).to_be_visible()
    expect(page.get_by_role("link", name="anna@desk.example").first).to_be_visible()
    expect(page).to_have_url(re.compile("^" + re.escape(with_provider.url) + "/admin/log$"))
    stranger = new_page()
    go(stranger, "Eve")
    expect(stranger.get_by_role("alert")).to_contain_text("nobody here does")
    expect(stranger.get_by_role("heading", name="Sign in")).to_be_visible()


@SCHEMES
def test_the_pages_about_people_have_no_barriers(new_page: NewPage, server: Server, scheme: str, browser_name: str):
    email = account(server, f"{scheme}-{browser_name}@desk.example", "--role", "owner")
    page = new_page(look=scheme)
    come_in(page, server, email)
    for path in ("people", "people/1", "account", "account/second", "log"):
        page.goto(f"{server.url}/admin/{path}")
        assert_clean(page, scheme)
    link = invitation(page, server, f"invited-{email}")
    assert_clean(page, scheme)
    invited = new_page(look=scheme)
    invited.goto(link)
    assert_clean(invited, scheme)
    set_up_second(page, server)
    assert_clean(page, scheme)
    for path in ("account", "account/second"):
        page.goto(f"{server.url}/admin/{path}")
        assert_clean(page, scheme)
    grow_old(server)
    page.get_by_role("button", name="Make ten new ones").click()
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    assert_clean(page, scheme)
    go_out(page)
    come_in(page, server, email)
    expect(page.get_by_role("heading", name="Your code")).to_be_visible()
    assert_clean(page, scheme)


@pytest.mark.parametrize("path", ["people", "people/1", "account", "account/second"])
def test_the_pages_about_people_fit_a_small_phone(new_page: NewPage, server: Server, path: str):
    page = new_page(viewport={"width": 360, "height": 720})
    sign_in(page, server)
    page.goto(f"{server.url}/admin/{path}")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
