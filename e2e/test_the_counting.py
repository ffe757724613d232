"""What is seen is counted once, by whoever sees it, and nothing is kept in their browser."""

import json
from pathlib import Path

from playwright.sync_api import Page, expect

from e2e.conftest import NewPage
from e2e.places import Stranger
from e2e.steps import digest, next_views, seen, sent_views
from e2e.wire import VIEWS, Sent, Wire, login_page, record

VECTORS = Path(__file__).parent.parent / "tests" / "vectors" / "text_sha256.json"


def test_the_browser_computes_the_hash_of_every_shared_vector(new_page: NewPage, stranger: Stranger):
    vectors = json.loads(VECTORS.read_text(encoding="utf-8"))
    expected = {vector["text_sha256"] for vector in vectors if vector["normalised"]}
    page = new_page(viewport={"width": 1000, "height": 6000})
    page.goto(stranger.page("", head="<style>[data-machine-generated] { height: 60px; overflow: hidden }</style>"))
    page.evaluate(
        """(vectors) => {
            for (const { html, text } of vectors) {
                const marked = document.createElement("div");
                if (html === undefined) marked.textContent = text; else marked.innerHTML = html;
                marked.dataset.machineGenerated = "";
                document.body.append(marked);
            }
        }""",
        vectors,
    )

    def told(sent: list[Sent]) -> set[str]:
        return {view["text_sha256"] for one in sent for view in seen(one)}

    record.until(lambda sent: told(sent) >= expected)
    assert told(sent_views(page)) == expected
    assert max(len(seen(one)) for one in sent_views(page)) <= 100


def test_what_is_seen_is_told_once_and_only_if_it_was_seen(page: Page, stranger: Stranger):
    far = '<div style="height: 9000px"></div><article data-machine-generated>Far below.</article>'
    near = '<machine-generated model="jamba-large" provider="AI21">Near.</machine-generated>'
    twice = "<section data-machine-generated>Near.</section>"
    with next_views(page) as views:
        page.goto(stranger.page(near + twice + far) + "?secret=1#part")
    assert seen(views.value) == [{"text_sha256": digest("Near."), "disclosed": True}]
    assert views.value.body["page"].endswith("/" + str(len(stranger.pages)))
    with next_views(page) as views:
        page.locator("article").scroll_into_view_if_needed()
    assert seen(views.value) == [{"text_sha256": digest("Far below."), "disclosed": True}]


def test_a_badge_that_the_page_hides_is_counted_as_not_disclosed(page: Page, stranger: Stranger):
    hidden = "<style>[data-machine-generated]::part(badge) { opacity: 0 }</style>"
    with next_views(page) as views:
        page.goto(stranger.page("<article data-machine-generated>A hidden badge.</article>", head=hidden))
    assert [view["disclosed"] for view in seen(views.value)] == [False]


def test_people_are_counted_by_the_pages_own_id_where_it_gives_one(new_page: NewPage, stranger: Stranger):
    before = stranger.usage()["unique_viewers"]
    tag = stranger.site["script_tag"].replace("defer", 'data-viewer="{}" defer')
    one, again, two = (new_page() for _ in range(3))
    with next_views(one), next_views(again), next_views(two):
        for page, viewer in ((one, "reader-1"), (again, "reader-1"), (two, "reader-2")):
            page.goto(stranger.page("<article data-machine-generated>Signed in.</article>", tag=tag.format(viewer)))
    assert stranger.usage()["unique_viewers"] == before + 2


def test_a_page_that_names_nobody_sends_no_viewer(page: Page, stranger: Stranger):
    tag = stranger.site["script_tag"].replace("defer", 'data-viewer="" defer')
    with next_views(page) as views:
        page.goto(stranger.page("<article data-machine-generated>Signed out.</article>", tag=tag))
    assert views.value.status == 200
    assert not views.value.body.get("viewer")


def test_two_tags_on_one_page_make_one_label_and_one_count(page: Page, stranger: Stranger):
    tag = stranger.site["script_tag"]
    address = stranger.page("<article data-machine-generated>Tagged twice.</article>", tag=tag + tag)
    with next_views(page) as views:
        page.goto(address)
    assert len(seen(views.value)) == 1
    expect(page.locator("article [part=label]")).to_have_count(1)
    with next_views(page):
        page.goto(stranger.page("<article data-machine-generated>The page after it.</article>"))
    assert [sent.body["page"] for sent in record.all].count(address) == 1


def test_a_page_over_plain_http_is_served_as_well(page: Page, stranger: Stranger):
    address = stranger.page("<article data-machine-generated>Without a secure context.</article>")
    with next_views(page) as views:
        page.goto(address.replace(stranger.url, stranger.plain_url))
    assert page.evaluate("crypto.subtle === undefined")
    assert seen(views.value)[0]["text_sha256"] == digest("Without a secure context.")


def test_nothing_is_kept_in_the_readers_browser(page: Page, stranger: Stranger, demo: str):
    for address in (stranger.page("<article data-machine-generated>Nothing is kept.</article>"), demo + "/"):
        with next_views(page):
            page.goto(address)
        assert page.context.cookies() == []
        assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
        assert page.evaluate("indexedDB.databases()") == []


def test_a_view_that_somebody_else_has_answered_is_sent_again(page: Page, stranger: Stranger, wire: Wire):
    with wire.spoiled(login_page, on=VIEWS), next_views(page) as lost:
        page.goto(stranger.page("<article data-machine-generated>Read in a café.</article>"))
    with next_views(page) as views:
        page.evaluate(
            "setInterval(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })), 100)"
        )
    assert seen(views.value) == seen(lost.value)


CLOSED = """<style>
.closed .accordion { height: 0; overflow: hidden }
.closed .menu { visibility: hidden }
.closed .fading { opacity: 0 }
.carousel { width: 400px; overflow: hidden; display: flex }
.carousel > * { flex: 0 0 400px }
main:not(.closed) .picture { display: none }
</style>"""
BOXES = """
<div class="accordion"><p data-machine-generated>In an accordion.</p></div>
<div class="menu"><p data-machine-generated>In a menu.</p></div>
<div class="fading"><p data-machine-generated>On a slide that fades in.</p></div>
<div class="carousel"><div class="picture">A picture</div><p data-machine-generated>Beside a picture.</p></div>
<script>document.querySelector("main").className = "closed"</script>"""


def test_a_text_that_nobody_can_see_yet_is_counted_once_it_is_seen(page: Page, stranger: Stranger):
    texts = ["In an accordion.", "In a menu.", "On a slide that fades in.", "Beside a picture."]
    page.goto(stranger.page(BOXES, head=CLOSED))
    for number in range(4):  # each takes as long as it takes to be counted
        with next_views(page):
            page.evaluate(
                "(words) => { const seen = document.createElement('p'); seen.dataset.machineGenerated = '';"
                " seen.textContent = words; document.querySelector('main').prepend(seen) }",
                f"Text {number} is seen.",
            )
    counted = [view["text_sha256"] for sent in sent_views(page) for view in seen(sent)]
    assert not {digest(text) for text in texts} & {*counted}
    page.evaluate("document.querySelector('main').className = ''")

    def told(_: list[Sent]) -> dict[str, bool]:
        found = {view["text_sha256"]: view["disclosed"] for sent in sent_views(page) for view in seen(sent)}
        return {text: found[digest(text)] for text in texts} if {*map(digest, texts)} <= {*found} else {}

    assert record.until(told) == dict.fromkeys(texts, True)
