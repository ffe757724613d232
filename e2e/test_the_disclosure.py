"""Whether the badge was really visible is measured for each view, and told to the page and to the owner."""

import pytest
from playwright.sync_api import Page, expect

from e2e.places import Stranger
from e2e.steps import badge, next_views, seen

TEXT = '<article data-machine-generated id="text" style="margin:40px;background:white">Was its label seen?</article>'
LISTEN = """document.addEventListener("machine-generated:viewed", (event) => {
    window.seen = event.detail;
    document.body.dataset.viewed = "";
});"""
OVER = "position:fixed;top:0;left:0;width:100%;height:300px;"

HIDDEN = {
    "display": ("#text::part(label){display:none}", ""),
    "opacity": ("main{opacity:.1}", ""),
    "size": ("#text::part(badge){width:4px;height:4px;overflow:hidden;padding:0}", ""),
    "clip": ("#text{clip-path:inset(36px 0 0)}", ""),
    "covered": ("", f'<div style="{OVER}background:gold">A banner</div>'),
    "colour": ("#text::part(badge){color:#fefefe;background:#fff}", ""),
    "off_screen": ("#text{position:relative}#text::part(label){position:absolute;left:-5000px}", ""),
}
SEEN = {
    "colours that are mixed": (
        "#text::part(badge){color:color-mix(in srgb,white 95%,blue);background:color-mix(in srgb,navy 90%,black)}",
        "",
    ),
    "as it comes": ("", ""),
    "in the site's colours": ("#text::part(badge){color:white;background:rebeccapurple}", ""),
    "slightly faded": ("main{opacity:.7}", ""),
    "in an ink that is slightly translucent": ("#text::part(badge){color:rgb(0 0 0/.8);background:#fff}", ""),
    "under a veil in another notation": ("", f'<div style="{OVER}background:oklch(0 0 0/.05)"></div>'),
    "turned": ("#text{transform:rotate(2deg)}", ""),
    "under a link over the whole card": ("", f'<a href="/elsewhere" style="{OVER}"></a>'),
    "under a veil that lets all through": ("", f'<div style="{OVER}background:#0001;pointer-events:none"></div>'),
    "on a page that gives its buttons no display": ("button,summary,details,a,span{display:none!important}", ""),
    "on a page that resets everything": ("*{all:unset!important}", ""),
}


def viewed(page: Page, stranger: Stranger, css: str, more: str) -> dict:
    """What the text's event tells on a page with this style, and with this beside the text."""
    page.add_init_script(LISTEN)
    page.goto(stranger.page(TEXT + more, head=f"<style>{css}</style>"))
    expect(page.locator("body[data-viewed]")).to_be_attached()
    return page.evaluate("seen")


@pytest.mark.parametrize("why", HIDDEN)
def test_a_badge_that_cannot_be_seen_is_told_with_what_hides_it(page: Page, stranger: Stranger, why: str):
    assert viewed(page, stranger, *HIDDEN[why]) == {"disclosed": False, "hiddenBy": why}


@pytest.mark.parametrize(
    "ink",
    [
        "transparent",
        "rgb(0 0 0 / 2%)",
        "rgb(200 200 200 / 40%)",
        "color-mix(in srgb, black 2%, transparent)",
        "oklch(0 0 0 / 2%)",
        "oklch(0 0 0 / none)",
    ],
)
def test_a_badge_in_an_ink_that_lets_its_ground_through_is_not_disclosed(page: Page, stranger: Stranger, ink: str):
    colours = "".join(f"--machine-generated-{name}:{ink};" for name in ("color", "accent", "border"))
    css = f"#text{{{colours}--machine-generated-background:white}}"
    assert viewed(page, stranger, css, "") == {"disclosed": False, "hiddenBy": "colour"}


@pytest.mark.parametrize("how", SEEN)
def test_a_badge_that_can_be_seen_is_not_said_to_be_hidden(page: Page, stranger: Stranger, how: str):
    assert viewed(page, stranger, *SEEN[how]) == {"disclosed": True, "hiddenBy": ""}


@pytest.mark.parametrize(
    ("css", "told"),
    [
        ("", {"disclosed": True, "hiddenBy": ""}),
        ("#text::part(badge){background:transparent}", {"disclosed": True, "hiddenBy": ""}),
        ("#text::part(badge){color:transparent;background:#fff}", {"disclosed": False, "hiddenBy": "colour"}),
    ],
)
def test_a_badge_that_leaves_the_view_before_its_text_counts_was_seen_if_it_can_be_read(
    page: Page, stranger: Stranger, css: str, told: dict
):
    # Some frames with it in view, and far less than the second after which the text counts.
    page.add_init_script(
        "document.addEventListener('machine-generated:labelled', () => setTimeout(() => scrollTo(0, 2000), 500))"
    )
    assert viewed(page, stranger, f"#text{{height:5000px}}{css}", "") == told


def test_what_covers_the_page_for_a_moment_hides_nothing(page: Page, stranger: Stranger):
    page.add_init_script(LISTEN)
    # Half a second after the text counts: the page's own clock says when, also on a slow machine.
    page.add_init_script(
        "document.addEventListener('machine-generated:labelled', () => setTimeout(() => banner.remove(), 1500))"
    )
    page.goto(stranger.page(f'{TEXT}<div id="banner" style="{OVER}background:gold">Cookies?</div>'))
    expect(page.locator("body[data-viewed]")).to_be_attached()
    assert page.evaluate("seen") == {"disclosed": True, "hiddenBy": ""}


def test_the_owner_reads_on_which_page_the_badge_was_hidden_and_by_what(page: Page, stranger: Stranger):
    address = stranger.page(TEXT + HIDDEN["covered"][1])
    with next_views(page) as views:
        page.goto(address + "?from=mail#text")
    assert seen(views.value)[0]["hidden_by"] == "covered"
    listed = [line for line in stranger.usage()["undisclosed_pages"] if line["page"] == address]
    assert [(line["hidden_by"], line["views"]) for line in listed] == [("covered", 1)]


def test_the_badge_stays_readable_where_the_page_styles_every_element(page: Page, stranger: Stranger):
    page.goto(
        stranger.page(
            f"{TEXT}<ul><li data-machine-generated>In a list</li></ul>", head="<style>*{all:unset!important}</style>"
        )
    )
    for marked in (page.locator("#text"), page.locator("li")):
        expect(badge(marked)).to_be_visible()
        expect(badge(marked)).to_have_css("font-size", "13px")
        expect(badge(marked)).to_have_css("font-weight", "600")
