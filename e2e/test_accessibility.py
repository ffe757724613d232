"""axe-core finds nothing on any page that a reader or a moderator meets; in the dark, nothing in its contrasts."""

import importlib.util
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from e2e.places import Server, Stranger
from e2e.steps import badge, decide, dialog_of, open_case, report_control, sign_in

SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])


@cache
def axe_source() -> str:
    """From the package that bundles it; only the file is used."""
    package = importlib.util.find_spec("axe_playwright_python")
    return (Path(package.origin).parent / "axe.min.js").read_text(encoding="utf-8")


RULES = {
    "light": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "dark": ["color-contrast"],
}


def assert_clean(page: Page, scheme: str) -> None:
    page.evaluate(axe_source())
    found = page.evaluate(
        "(rules) => axe.run(document, { runOnly: rules, resultTypes: ['violations'] })", RULES[scheme]
    )
    wrong = [
        (page.url, rule["id"], node["target"], node["failureSummary"])
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
    assert wrong == []


@SCHEMES
def test_the_demo_with_its_labels_open_and_its_dialog(browser: Browser, demo: str, scheme: str):
    page = browser.new_context(color_scheme=scheme).new_page()
    for path in ("/chat?question=where+is+my+parcel", "/feed", "/"):
        page.goto(demo + path)
        marked = page.locator("machine-generated").last
        expect(report_control(marked)).to_have_role("button")
        badge(marked).click()
        assert_clean(page, scheme)
    report_control(marked).click()
    dialog_of(marked).get_by_role("radio", name="Encourages self-harm").check()
    assert_clean(page, scheme)


@SCHEMES
def test_the_readers_own_pages(browser: Browser, stranger: Stranger, server: Server, scheme: str):
    page = browser.new_context(color_scheme=scheme).new_page()
    receipt = stranger.report("A text for the reader's pages.")
    for path in (
        "/",
        "/report?site=" + stranger.site["site"],
        "/r/",
        f"/r/{receipt}",
        "/r/nothing",
        "/api/docs",
        "/demo",
    ):
        page.goto(server.url + path)
        assert_clean(page, scheme)


@SCHEMES
def test_the_desk(browser: Browser, stranger: Stranger, server: Server, scheme: str):
    page = browser.new_context(color_scheme=scheme).new_page()
    page.goto(server.url + "/admin/login")
    assert_clean(page, scheme)
    sign_in(page, server)
    words = f"A text for the {scheme} desk."
    stranger.report(words, comment="Please look.", quote={"exact": "text", "prefix": "", "suffix": ""})
    more = ("publications", "sites", "people", "log") if scheme == "light" else ()
    for path in ("reports", "viewers", "compliance", *more):
        page.goto(f"{server.url}/admin/{path}")
        assert_clean(page, scheme)
    open_case(page, server, words)
    assert_clean(page, scheme)
    decide(page, "Dismiss", " ")
    expect(page.get_by_text("Write what the reporters are told.").first).to_be_visible()
    assert_clean(page, scheme)
