"""The README's pictures, taken from the real server and demo: `make screenshots` writes them to docs/screenshots/."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from e2e.engines import launched
from e2e.places import Server, Stranger
from e2e.steps import badge, dialog_of, find_case, open_case, report, report_control, select, sign_in

FOLDER = Path(__file__).parent.parent / "docs" / "screenshots"
INVENTED = "It was designed by Galileo Galilei during his second stay in Lindhaven"
DESKTOP, PHONE = {"width": 1120, "height": 760}, {"width": 360, "height": 720}
LARGEST = 200 * 1024


@contextmanager
def page_of(browser: Browser, **looks: object) -> Iterator[Page]:
    context = browser.new_context(**{"viewport": DESKTOP, "color_scheme": "light", "reduced_motion": "reduce", **looks})
    yield context.new_page()
    context.close()


def take(page: Page, name: str) -> None:
    file = FOLDER / f"{name}.png"
    page.screenshot(path=file)
    size = file.stat().st_size
    print(f"{file.name:<24}{size:>8,} bytes")
    if size > LARGEST:
        raise SystemExit(f"{file.name} has more than {LARGEST:,} bytes")


def ready(page: Page, address: str) -> None:
    page.goto(address)
    expect(report_control(page.locator("machine-generated").first)).to_have_role("button")


def pages_of_the_demo(browser: Browser, demo: str) -> None:
    for name, looks in {"article": {}, "dark": {"color_scheme": "dark"}, "phone": {"viewport": PHONE}}.items():
        with page_of(browser, **looks) as page:
            ready(page, demo + "/")
            take(page, name)
    with page_of(browser, java_script_enabled=False) as page:
        page.goto(demo + "/")
        badge(page.locator("machine-generated").first).click()
        take(page, "no-script")
    with page_of(browser) as page:
        page.goto(demo + "/chat")
        page.get_by_role("button", name="Can I give the lamp back?").click()
        expect(page.locator("machine-generated")).to_contain_text("and you keep the lamp.")
        take(page, "chat")
    with page_of(browser) as page:
        ready(page, demo + "/feed")
        page.locator("[lang=ar]").first.scroll_into_view_if_needed()
        expect(page.locator(".post")).to_have_count(6)
        page.locator(".post").nth(1).evaluate("(el) => scrollTo(0, el.offsetTop - 40)")
        take(page, "feed")


def a_report_and_the_desk(browser: Browser, stranger: Stranger, demo: str) -> None:
    with page_of(browser) as page:
        ready(page, demo + "/")
        wrong = page.locator("section[aria-labelledby=lighthouse] machine-generated")
        select(page, wrong, INVENTED)
        report_control(wrong).click()
        dialog_of(wrong).get_by_role("radio", name="False, invented or dangerous").check()
        take(page, "dialog")
        page.keyboard.press("Escape")
        report(wrong, "False, invented or dangerous", comment="Galileo never left Italy.")
        take(page, "receipt")
        page.goto(dialog_of(wrong).get_by_role("link", name="Follow my report").get_attribute("href"))
        take(page, "status")
        ready(page, demo + "/")
        report(page.locator("section[aria-labelledby=cold] machine-generated"), "False, invented or dangerous")
    with page_of(browser, viewport=PHONE) as page:
        ready(page, demo + "/feed")
        report_control(page.locator("[lang=ar] machine-generated")).click()
        dialog = dialog_of(page.locator("[lang=ar] machine-generated"))
        dialog.get_by_role("radio").nth(1).check()
        take(page, "phone-dialog")
    for words, category in (
        ("This lamp cures headaches within a week.", "fraud"),
        ("You should be afraid of what comes next.", "intimidation"),
    ):
        stranger.report(words, category=category)
    stranger.report("This lamp cures headaches within a week.", category="dangerous_advice")
    with page_of(browser) as page:
        sign_in(page, stranger.server)
        take(page, "desk")
        open_case(page, stranger.server, "The old lighthouse")
        take(page, "case")
        page.set_viewport_size(PHONE)
        find_case(page, stranger.server, "cures headaches")
        take(page, "phone-desk")


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright, Server(Path(folder)) as server:
        stranger = Stranger(server, "The Lindhaven Post")
        demo = stranger.demo()
        demo.start()
        browser = playwright.chromium.launch(**launched("chromium"))
        try:
            pages_of_the_demo(browser, stranger.demo_url)
            a_report_and_the_desk(browser, stranger, stranger.demo_url)
        finally:
            browser.close()
            demo.stop()


if __name__ == "__main__":
    main()
