"""What users may write into a page keeps no text from its label, from its cover and from being counted."""

import pytest
from playwright.sync_api import Page, expect

from e2e.places import Stranger
from e2e.steps import badge, digest, next_views, seen, shows

FORM = """<form><input name="querySelectorAll"><p id="inside" data-machine-generated>In a form.</p></form>
<article data-machine-generated>Beside a form.</article>"""


def public(stranger: Stranger) -> str:
    return stranger.site["script_tag"].replace("defer", 'data-audience="public" defer')


def write(page: Page, html: str) -> None:
    page.evaluate("(html) => document.querySelector('main').insertAdjacentHTML('beforeend', html)", html)


def test_fields_that_are_called_like_methods_keep_no_other_text_from_its_label(page: Page, stranger: Stranger):
    page.goto(stranger.page("<p data-machine-generated>It was there before.</p>"))
    expect(badge(page.locator("p"))).to_be_visible()
    with next_views(page) as views:
        write(page, FORM)
    expect(badge(page.locator("#inside"))).to_be_visible()
    assert {view["text_sha256"] for view in seen(views.value)} >= {digest("In a form."), digest("Beside a form.")}


def test_nor_from_its_cover(page: Page, stranger: Stranger):
    page.goto(stranger.page("<p data-machine-generated>It was there before.</p>", tag=public(stranger)))
    held = page.get_by_text("waiting to be reviewed")
    expect(held).to_have_count(1)
    write(page, FORM)
    expect(held).to_have_count(3)
    assert not shows(page.locator("#inside"), "In a form.")
    assert not shows(page.locator("article"), "Beside a form.")


@pytest.mark.parametrize(
    "named", ["<iframe name='hidden'></iframe>", "<form name='hidden'></form>", "<img name='elementFromPoint' alt=''>"]
)
def test_elements_that_are_called_like_parts_of_the_document_hide_no_view(page: Page, stranger: Stranger, named: str):
    with next_views(page) as views:
        page.goto(stranger.page(f"<article data-machine-generated>Named.</article>{named}"))
    assert seen(views.value) == [{"text_sha256": digest("Named."), "disclosed": True}]


@pytest.mark.parametrize("named", ["<b class='machine-label'>bold</b>", "<div class='machine-label'>bold</div>"])
def test_a_class_that_is_called_like_ours_takes_no_label_away(page: Page, stranger: Stranger, named: str):
    with next_views(page) as views:
        page.goto(stranger.page(f"<ul><li data-machine-generated>These words are {named}.</li></ul>"))
    expect(badge(page.locator("li"))).to_be_visible()
    assert len(seen(views.value)) == 1


CARD = """<script>customElements.define("a-card", class extends HTMLElement {
    constructor() {
        super().attachShadow({ mode: "open" }).innerHTML = "<span class=badge>3</span><slot></slot>";
    }
})</script>"""


def test_nor_does_a_badge_of_the_elements_own(page: Page, stranger: Stranger):
    with next_views(page) as views:
        page.goto(stranger.page("<a-card data-machine-generated>On a card.</a-card>", head=CARD))
    expect(badge(page.locator("a-card"))).to_be_visible()
    assert seen(views.value) == [{"text_sha256": digest("On a card."), "disclosed": True}]
