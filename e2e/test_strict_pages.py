"""The label is right where pages are strict, old, hostile by accident, narrow, or printed."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.hosts.applications import complaints, script
from e2e.places import Stranger
from e2e.steps import badge, dialog_of, report, report_control

BOTH_FORMS = (
    '<machine-generated model="jamba-large">An element of its own.</machine-generated>'
    '<article data-machine-generated="">Any other.</article>'
)
WITHOUT_ROOT = '<ul><li data-machine-generated="">In a list.</li></ul>'
TEXTS = BOTH_FORMS + WITHOUT_ROOT
MARKED = "machine-generated, [data-machine-generated]"


def put(stranger: Stranger, html: str, kind: str = "text/html; charset=utf-8") -> str:
    """The address of a page that is exactly this."""
    path = f"/exactly/{len(stranger.pages)}"
    stranger.pages[path] = (html, {"Content-Type": kind})
    return stranger.url + path


def expect_labelled(page: Page, count: int = 3) -> None:
    """All of them, once, in full size, and where a click reaches them."""
    expect(page.locator(MARKED)).to_have_count(count)
    for marked in page.locator(MARKED).all():
        expect(badge(marked)).to_have_count(1)
        for control in (badge(marked), report_control(marked)):
            control.click(trial=True)
            assert control.bounding_box()["height"] >= 24
            assert control.bounding_box()["width"] >= 40


@pytest.fixture
def said(page: Page, stranger: Stranger) -> list[str]:
    return complaints(page, stranger)


def test_in_the_hosts_own_modal_dialog(page: Page, stranger: Stranger, said: list[str]):
    page.goto(stranger.page(f"<dialog>{TEXTS}<button>Close</button></dialog>"))
    page.locator("dialog").evaluate("(el) => el.showModal()")
    expect_labelled(page)
    assert report(page.locator("article"), "False")
    assert said == []


def test_in_a_focus_lock(page: Page, stranger: Stranger, said: list[str]):
    address = stranger.page(
        f'<a href="#">Outside</a><div id="locked"><button>First</button>{TEXTS}<button>Last</button></div>'
        + script(stranger, "focus-trap")
    )
    page.goto(address)
    expect_labelled(page)
    expect(page.get_by_role("button", name="First")).to_be_focused()
    assert report(page.locator("article"), "False")
    page.keyboard.press("Escape")
    expect(dialog_of(page.locator("article"))).to_be_hidden()
    assert said == []


def test_in_a_sandboxed_frame(page: Page, stranger: Stranger):
    inner = stranger.page(TEXTS)
    page.goto(
        stranger.page(f'<iframe sandbox="allow-scripts" src="{inner}" width="600" height="400"></iframe>', tag="")
    )
    frame = page.frame_locator("iframe")
    for name in ("machine-generated", "article", "li"):
        expect(badge(frame.locator(name))).to_have_count(1)
        expect(badge(frame.locator(name))).to_be_visible()


@pytest.mark.parametrize(
    "rule",
    [
        "*{all:unset!important}",
        "button,summary,details,a,div,span{display:none!important}",
        "*{visibility:hidden!important}article,li,machine-generated{visibility:visible!important}",
        "*{margin:0!important;line-height:0!important;font-size:0!important;overflow:hidden!important}",
        "*,::before,::after{position:absolute!important;left:-9999px!important}html,body,main,ul,article,li,machine-generated{position:static!important}",
        "div:empty{display:none!important}",
    ],
)
def test_under_a_reset_that_reaches_everything(page: Page, stranger: Stranger, rule: str):
    page.goto(stranger.page(f"<h1>News</h1>{TEXTS}", head=f"<style>{rule}</style>"))
    expect_labelled(page)


def test_on_a_page_of_1998(page: Page, stranger: Stranger, said: list[str]):
    tag = stranger.site["script_tag"]
    page.goto(
        put(
            stranger,
            f'<HTML><HEAD><TITLE>My page</TITLE>{tag}</HEAD><BODY BGCOLOR="#FFFFCC" TEXT=navy>'
            "<CENTER><FONT SIZE=7 COLOR=red>Welcome!</FONT></CENTER>"
            "<TABLE BORDER=1 WIDTH=100%><TR><TD WIDTH=30%><FONT FACE=Arial SIZE=2>Menu</FONT>"
            "<TD DATA-MACHINE-GENERATED><FONT COLOR=green>In a table.</FONT></TABLE>"
            "<FONT DATA-MACHINE-GENERATED SIZE=5>In a font.</FONT><P DATA-MACHINE-GENERATED>In a paragraph.</P>"
            "<MACHINE-GENERATED MODEL=jamba-large>An element of its own.</MACHINE-GENERATED></BODY></HTML>",
        )
    )
    assert page.evaluate("document.compatMode") == "BackCompat"
    expect_labelled(page, 4)
    assert report(page.locator("td[data-machine-generated]"), "False")
    assert said == []


def test_on_a_page_that_is_xhtml(page: Page, stranger: Stranger, said: list[str]):
    tag = stranger.site["script_tag"].replace(" defer>", ' defer="defer">')
    page.goto(
        put(
            stranger,
            '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml" lang="en">'
            f"<head><title>A page</title>{tag}</head><body>{TEXTS}</body></html>",
            "application/xhtml+xml; charset=utf-8",
        )
    )
    assert page.evaluate("document.contentType") == "application/xhtml+xml"
    expect_labelled(page)
    assert report(page.locator("article"), "False")
    assert said == []


def width(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth")


@pytest.mark.parametrize("lang", ["en", "de", "ar"])
def test_magnified_four_times_nothing_reaches_over_the_side(
    new_page: Callable[..., Page], stranger: Stranger, lang: str
):
    page = new_page(viewport={"width": 320, "height": 256})
    page.goto(
        stranger.page(
            '<meta name="viewport" content="width=device-width">'
            f'{TEXTS}<p>Words and <span data-machine-generated data-layout="inline" data-review="human">more</span></p>'
            '<article data-machine-generated id="last" data-review="human" data-model="a-model-with-a-very-long-name">'
            "Read.</article>",
            lang=lang,
            head="<style>body{margin:8px}</style>",
        )
    )
    expect(badge(page.locator("#last"))).to_be_visible()
    assert width(page) <= 320
    badge(page.locator("#last")).click()
    expect(page.locator("#last").locator(".about")).to_be_visible()
    assert width(page) <= 320
    report_control(page.locator("#last")).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert width(page) <= 320


@pytest.mark.engines("chromium", reason="the one engine that can be told to lay a page out for paper")
def test_on_paper_the_badge_stands_and_the_report_control_does_not(page: Page, stranger: Stranger):
    page.goto(stranger.page(TEXTS))
    expect_labelled(page)
    page.emulate_media(media="print")
    for marked in page.locator(MARKED).all():
        expect(badge(marked)).to_be_visible()
        expect(report_control(marked)).to_be_hidden()


@pytest.mark.parametrize(
    ("csp", "fix"),
    [
        ("default-src 'none'; script-src {host}", "connect-src {host}"),
        pytest.param(
            "default-src 'none'; script-src {host}/widget.js; connect-src {host}",
            "script-src {host}",
            marks=pytest.mark.engines("chromium", reason="Firefox tells a page nothing of a module that it blocks"),
        ),
        ("default-src 'self'; script-src {host}; connect-src 'self'", "connect-src {host}"),
    ],
)
def test_what_a_policy_lacks_is_named_once(page: Page, stranger: Stranger, csp: str, fix: str):
    host = stranger.server.url
    named: list[str] = []
    page.on("console", lambda message: named.append(message.text) if message.text.startswith("machine-gen") else None)
    with page.expect_console_message(lambda message: message.text in named):
        page.goto(stranger.page(TEXTS, csp=csp.format(host=host), lang="de"))
        expect_blocked(page.locator("article"))
    assert [line for line in named if fix.format(host=host) in line] == named
    assert len(named) == 1


def expect_blocked(marked: Locator) -> None:
    """The label stands in English or its own language; a report opens the plain form in a window of its own."""
    expect(badge(marked)).to_have_text(re.compile("^(Machine-generated|Maschinell erzeugt)$"))
    with marked.page.expect_popup() as form:
        report_control(marked).click()
    expect(form.value).to_have_url(re.compile("/report"))
    form.value.close()
