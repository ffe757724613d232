"""In the applications of others every text has its label, and exactly one, whatever they do to their pages."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from e2e.hosts.applications import LIBRARIES, Host, complaints
from e2e.places import Stranger
from e2e.steps import badge

TOKENS = " ".join(f"w{number}" for number in range(2000))


@pytest.fixture(scope="module", autouse=True)
def engine(browser: Browser, record_testsuite_property: Callable[[str, object], None]) -> None:
    """For docs/matrix.md."""
    record_testsuite_property("engine", browser.version)


@pytest.fixture(scope="session", params=["plain", "strict"])
def strict(request: pytest.FixtureRequest) -> bool:
    return request.param == "strict"


@pytest.fixture(scope="session", params=list(LIBRARIES))
def host(request: pytest.FixtureRequest, stranger: Stranger, strict: bool) -> Host:
    return Host(stranger, request.param, strict).open()


@pytest.fixture
def watched(page: Page, stranger: Stranger) -> Iterator[Page]:
    """The test ends with a look at everything that is promised to a host."""
    said = complaints(page, stranger)
    yield page
    assert page.evaluate("watch.found()") == []
    assert said == []


def ids(numbers: list[int]) -> list[str]:
    return [f"{kind}{number}" for kind in "alm" for number in numbers]


def test_a_keyed_list_is_put_in_order_shortened_and_rewritten(watched: Page, host: Host):
    page = watched
    page.goto(host.address("list"))
    expect(badge(page.locator("#a12"))).to_be_visible()
    shuffled = [12, 10, 8, 6, 4, 2, 11, 9, 7, 5, 3, 1]
    for button, expected in (
        ("Shuffle", shuffled),
        ("Remove", shuffled[1:]),
        ("Add", [12, *shuffled[1:]]),
        ("Edit", [12, *shuffled[1:]]),
    ):
        page.get_by_role("button", name=button, exact=True).click()
        expect(page.locator("article")).to_have_count(len(expected))
        expect(page.locator("article").first).to_have_id(f"a{expected[0]}")
        assert page.evaluate("watch.ids()") == ids(expected)
    for kind in "alm":
        expect(page.locator(f"#{kind}7")).to_contain_text("Text 7, edition 2.")
        expect(badge(page.locator(f"#{kind}7"))).to_have_text("Machine-generated")


def test_an_answer_comes_in_two_thousand_tokens(watched: Page, host: Host):
    page = watched
    page.goto(host.address("stream"))
    expect(badge(page.locator("#answer"))).to_be_attached()
    page.get_by_role("button", name="Stream").click()
    for place in ("#answer", "#item"):
        expect(page.locator(place)).to_contain_text("w1999", timeout=30_000)
        assert page.locator(place).evaluate("(el) => el.textContent.trim()") == TOKENS
    expect(badge(page.locator("#answer"))).to_have_text("You are chatting with a machine")


def test_a_feed_is_scrolled_to_a_thousand_texts(watched: Page, host: Host):
    page = watched
    page.goto(host.address("feed"))
    expect(badge(page.locator("#a1"))).to_be_visible()
    while (shown := page.locator("article").count()) < 1000:
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        expect(page.locator("article")).not_to_have_count(shown)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(badge(page.locator("#a1000"))).to_be_in_viewport()


def test_a_reader_goes_from_page_to_page_and_back(watched: Page, host: Host):
    page = watched
    page.goto(host.address("route"))
    for go, number in (("other", 2), ("route", 1), ("list", 12), ("other", 2), (None, 12), (None, 1), (None, 2)):
        page.get_by_role("link", name=go).click() if go else page.go_back()
        expect(badge(page.locator(f"#a{number}"))).to_be_visible()
        expect(page.locator("article")).to_have_count(12 if number == 12 else 1)
        # Turbo shows a page it kept while it asks for it anew; who goes on meanwhile hears a rejection of its own.
        expect(page.locator("html")).not_to_have_attribute("aria-busy", "true")


@pytest.mark.parametrize("name", [name for name, library in LIBRARIES.items() if library.types != "'none'"])
def test_a_library_that_a_page_is_too_strict_for_says_so_itself_and_the_labels_stand(
    new_context: Callable[..., BrowserContext], stranger: Stranger, name: str
):
    page = new_context().new_page()
    said = complaints(page, stranger)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(Host(stranger, name, strict=True, types="'none'").open().address("route"))
    expect(badge(page.locator("#a1"))).to_be_visible()
    page.get_by_role("link", name="other").click()
    expect(badge(page.locator("article"))).to_be_visible()
    assert any(re.search("trusted", line, re.IGNORECASE) for line in said)
    assert not [line for line in said if "machine-generated" in line]
