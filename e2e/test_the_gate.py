"""A text for many people stays covered until a person at the desk has approved exactly it."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.conftest import NewPage
from e2e.places import STRICT, Server, Stranger
from e2e.processes import answer_of
from e2e.steps import badge, expect_keys, next_views, seen, shows, sign_in
from e2e.test_accessibility import assert_clean
from e2e.test_what_users_write import CARD
from e2e.wire import PATIENCE, Wire
from widget_server import Held, approved

APPROVALS = "/api/v1/approvals"
WAITS = "This text is waiting to be reviewed by a person."
DAY = 86_400_000_000
CHECKS = ("Accuracy", "Plausibility", "Sources", "Harm")

HARM = "BEATEN"
TUCKED_AWAY = {
    "far along a line of code": ("markdown", "```\nGate A\x20" + " " * 150 + f"{HARM}\n```"),
    "far along a line": ("text", "Gate A" + " " * 900 + HARM + "\xa0" * 900 + HARM),
    "far along an indented line": ("html", f"<pre>Gate A{' ' * 400}{HARM}</pre>"),
    "far along a moment": ("html", f"<p>On <time>{'Sunday ' * 40}{HARM}</time>.</p>"),
    "as a moment": ("html", f"<p>On <time datetime='2026-11-29T09:00'>Sunday {HARM}</time>.</p>"),
    "in a wide table": ("markdown", f"|{'a|' * 40}\n|{'-|' * 40}\n|{'Sunday|' * 39}{HARM}|"),
    "deep in lists": ("html", "<ol><li>Sunday" * 20 + f"<p>{HARM} they are"),
    "deep in quotes": ("html", "<blockquote>Sunday" * 45 + f"<p>{HARM} they are"),
    "deep in definitions": ("html", "<dl><dd>Sunday" * 20 + f"<p>{HARM} they are"),
    "where browsers show ruby": ("html", f"<p><ruby>Sunday<rp> {HARM} </rp></ruby> at nine.</p>"),
    "small in ruby": ("html", "<p>Sunday" + "<ruby>a<rt>" * 8 + HARM),
    "small": ("html", f"<p>Sunday{'<small>' * 40}{HARM}{'</small>' * 40}.</p>"),
    "small and raised": ("html", f"<p>Sunday{'<sup>' * 40}{HARM}{'</sup>' * 40}.</p>"),
    "small and lowered": ("html", f"<p>Sunday{'<sub>' * 40}{HARM}{'</sub>' * 40}.</p>"),
    "small in titles": ("html", f"{'<h6><div>' * 20}{HARM}"),
    "as a key": ("html", f"<p>Press <kbd>{HARM}</kbd></p>"),
    "struck out": ("html", f"<p>We are <del>{HARM}</del> open.</p>"),
    "as a folded part": ("html", f"<details><summary>Sunday</summary>{HARM}</details>"),
    "as a hidden part": (
        "html",
        f"<p>Sunday<span hidden style='color: #fff; display: none' class=unseen>{HARM}</span>",
    ),
    "in a dialog": ("html", f"<p>Sunday<dialog>{HARM}</dialog><template>{HARM}</template><noscript>{HARM}</noscript>"),
    "in a text field": ("html", f"<p>Sunday<textarea>{HARM}</textarea>"),
    "as a comment": ("html", f"<p>Sunday<!-- {HARM} --></p>"),
    "as a script": ("html", f"<p>Sunday<script>'{HARM}'</script></p>"),
    "as a style": ("html", f"<p>Sunday<style>/* {HARM} */</style></p>"),
    "in place of a picture": ("markdown", f"Sunday ![{HARM}](https://a.example/b.png)"),
    "in place of a picture, in HTML": ("html", f"<p>Sunday<img src=a.png alt={HARM}></p>"),
    "as a definition that nothing uses": ("markdown", f'Sunday.\n\n[{HARM}]: https://a.example "We"'),
    "as what its language is called": ("markdown", f"Sunday.\n\n```python {HARM}\npass\n```"),
    "as a title of a link": ("markdown", f'[Sunday](https://a.example "{HARM}")'),
    "as a title": ("html", f"<p title='they are {HARM}'>Sunday</p>"),
    "as an address": ("markdown", f"[Sunday](https://a.example/{HARM})"),
}
SEEN = """(root, word) => {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const seen = (text) => {
        const range = document.createRange(), at = text.data.indexOf(word), element = text.parentElement;
        range.setStart(text, at);
        range.setEnd(text, at + word.length);
        if (!element.checkVisibility({visibilityProperty: true, opacityProperty: true})) return false;
        if (parseFloat(getComputedStyle(element).fontSize) < 12) return false;
        for (let box = element; box !== root.parentElement; box = box.parentElement) {
            if (getComputedStyle(box).overflowX === "visible") continue;
            const {left, right, top, bottom} = box.getBoundingClientRect();
            const inside = [...range.getClientRects()].every((word) =>
                word.width > 0 && word.left >= left - 1 && word.right <= right + 1);
            if (!inside) return false;
        }
        return true;
    };
    let found = 0, unseen = 0;
    for (let text = texts.nextNode(); text; text = texts.nextNode())
        if (text.data.includes(word)) seen(text) ? found++ : unseen++;
    return [found, unseen];
}"""


def public(stranger: Stranger) -> str:
    """The tag of a page whose texts are for anybody."""
    return stranger.site["script_tag"].replace(" defer", ' data-audience="public" defer')


def ask(stranger: Stranger, text: str, **more: object) -> dict:
    """What a host's program is told before it posts."""
    headers = {"Authorization": f"Bearer {stranger.site['secret_key']}", "Content-Type": "application/json"}
    body = json.dumps({"text": text, **more}).encode()
    return answer_of(f"{stranger.server.url}/api/v1/publications", body=body, headers=headers)


def open_text(desk: Page, server: Server, number: str) -> None:
    desk.goto(f"{server.url}/admin/publications/{number}")
    expect(desk.get_by_role("heading", name="Review")).to_be_visible()


def approve(desk: Page) -> None:
    for check in CHECKS:
        desk.get_by_role("checkbox", name=check).check()
    desk.get_by_role("button", name="Approve").click()


def approve_text(desk: Page, stranger: Stranger, text: str, **more: object) -> str:
    """The token of a text that is approved now."""
    open_text(desk, stranger.server, ask(stranger, text, **more)["publication"])
    approve(desk)
    expect(desk.get_by_text("Your decision on")).to_be_visible()
    return ask(stranger, text)["post"]["content"]


@contextmanager
def chosen(stranger: Stranger, *options: str, later: tuple[str, ...]) -> Iterator[None]:
    """The owner's policy until the block ends, whatever comes of it, and `later`."""
    command = ("site", "policy", stranger.site["site"])
    stranger.server.command(*command, *options)
    try:
        yield
    finally:
        stranger.server.command(*command, *later)


@pytest.fixture
def desk(new_page: NewPage, server: Server) -> Page:
    page = new_page(viewport={"width": 1280, "height": 900})
    sign_in(page, server)
    return page


def notice(marked: Locator) -> Locator:
    return marked.locator("[part=notice]")


def test_a_bots_text_is_held_amended_approved_and_then_shown_as_it_was_approved(
    page: Page, desk: Page, server: Server, stranger: Stranger
):
    text, better = "The *gate* was built in 1889 by Galileo.", "The *gate* was built in 1889."
    post = {"format": "markdown", "audience": "public"}
    held = stranger.page(stranger.render(text, **post))
    page.goto(held)
    marked = page.locator("machine-generated")
    expect(notice(marked)).to_have_text(WAITS)
    assert "Galileo" not in page.content()

    desk.goto(f"{server.url}/admin/publications")
    desk.get_by_role("article").filter(has_text="by Galileo").get_by_role("link").click()
    expect(desk.locator(".written em")).to_have_text("gate")
    assert_clean(desk, "light")
    expect_keys(desk)
    desk.keyboard.press("e")
    desk.get_by_role("textbox", name=re.compile("^The text")).fill(better)
    desk.get_by_role("button", name="Keep the amended text").click()
    expect(desk.locator("del", has_text="Galileo")).to_be_visible()
    expect_keys(desk)
    for key in "1234":
        desk.keyboard.press(key)
    desk.keyboard.press("a")
    expect(desk.get_by_text("Your decision on")).to_be_visible()
    assert_clean(desk, "light")

    page.goto(stranger.page(stranger.render(text, **post)))
    expect(badge(marked)).to_have_text("Machine-generated, reviewed by a person")
    assert shows(marked, "was built in 1889.")
    assert "Galileo" not in page.content()
    badge(marked).click()
    lines = marked.locator("[part=about] > *")
    expect(lines.filter(has_text="Edited by a person")).to_be_visible()
    page.goto(stranger.page(stranger.render(better + "\u200b", **post)))
    expect(notice(marked)).to_have_text(WAITS)
    desk.goto(f"{server.url}/admin/publications")
    desk.get_by_role("article").filter(has_text="built in 1889.").get_by_role("link").click()
    for fold in ("Its words alone", "As it is written"):
        named = desk.locator("details").filter(has_text=fold).locator("mark")
        expect(named.filter(has_text="U+200B ZERO WIDTH SPACE")).to_be_visible()


def test_a_bot_does_not_go_on_before_somebody_has_approved(desk: Page, server: Server, stranger: Stranger):
    sent, keys = [], {"secret": stranger.site["secret_key"], "host": server.url}

    def post() -> None:
        with approved("Posted by a bot.", **keys) as text:
            sent.append(text.text)

    with pytest.raises(Held) as held:
        post()
    assert (held.value.clause, sent) == ("2.i", [])
    desk.goto(held.value.url)
    approve(desk)
    expect(desk.get_by_text("Your decision on")).to_be_visible()
    post()
    assert sent == ["Posted by a bot."]


def test_a_text_is_rejected_with_a_reason(desk: Page, server: Server, stranger: Stranger):
    open_text(desk, server, ask(stranger, "To be rejected.")["publication"])
    desk.get_by_role("button", name="Reject").click()
    expect(desk.get_by_role("alert")).to_contain_text("Say why it is rejected")
    assert_clean(desk, "light")
    desk.get_by_role("textbox", name="Note").fill("It is wrong.")
    desk.get_by_role("button", name="Reject").click()
    expect(desk.get_by_text("Your decision on")).to_be_visible()
    assert ask(stranger, "To be rejected.")["state"] == "rejected"


def test_with_four_eyes_the_author_is_told_that_somebody_else_approves(desk: Page, server: Server, stranger: Stranger):
    with chosen(stranger, "--four-eyes", later=("--two-eyes",)):
        number = ask(stranger, "By Anna herself.", author="anna@desk.example")["publication"]
        open_text(desk, server, number)
        expect(desk.get_by_role("note")).to_contain_text("another person has to approve it")
        expect(desk.get_by_role("button", name="Approve")).to_be_disabled()
        desk.goto(server.url + "/admin/account")
        desk.get_by_role("button", name="Sign out").first.click()
        expect(desk.get_by_role("heading", name="Sign in")).to_be_visible()
        sign_in(desk, server, "ben@desk.example")
        open_text(desk, server, number)
        approve(desk)
        expect(desk.get_by_text("Your decision on")).to_be_visible()


def test_a_review_runs_out_and_the_page_covers_the_text_again(
    page: Page, desk: Page, server: Server, stranger: Stranger
):
    text = "A text of last week."
    token = approve_text(desk, stranger, text)
    who = ("--responsible", "Grace Example", "--contact", "grace@paper.example")
    nobody = ("--responsible", "", "--contact", "")
    with chosen(stranger, "--review-days", "7", *who, later=("--review-days", "0", *nobody)):
        body = f'<p data-machine-generated data-content="{token}">{text}</p>'
        marked = page.locator("p")
        page.goto(stranger.page(body, tag=public(stranger)))
        expect(marked.locator("slot:not([name])")).to_have_count(1)
        with closing(sqlite3.connect(server.database, timeout=PATIENCE)) as database, database:
            database.execute("UPDATE publication SET decided_at = decided_at - ? WHERE text = ?", (7 * DAY, text))
        page.reload()
        expect(notice(marked)).to_have_text(WAITS)
        assert not shows(marked, text)
        open_text(desk, server, ask(stranger, text)["publication"])
        expect(desk.get_by_text("Its review has run out")).to_be_visible()
        approve(desk)
        expect(desk.get_by_text("Your decision on")).to_be_visible()
        again = ask(stranger, text)["post"]["content"]
        page.goto(stranger.page(body.replace(token, again), tag=public(stranger)))
        expect(notice(marked)).to_have_count(0)
        badge(marked).click()
        expect(marked.locator("[part=about]")).to_contain_text("Responsible: Grace Example (grace@paper.example)")


def test_a_page_covers_what_has_no_valid_approval_and_uncovers_what_has(
    page: Page, desk: Page, stranger: Stranger, server: Server
):
    text = "Approved for anybody."
    token = approve_text(desk, stranger, text)
    vouched = re.search(r'content="([^"]+)"', stranger.render("Vouched for.", reviewed_by="The editors"))[1]
    foreign = Stranger(server, "Somebody else's paper")
    theirs = re.search(r'content="([^"]+)"', foreign.render("Vouched for.", reviewed_by="Other editors"))[1]
    foreign.http.shutdown()
    tokens = {
        "good": (text, token),
        "vouched": ("Vouched for.", vouched),
        "none": (text, ""),
        "forged": (text, token[:-4] + "AAAA"),
        "foreign": ("Vouched for.", theirs),
        "altered": (text + "\u200b", token),
        "other": ("Another text.", token),
    }
    body = "".join(
        f'<p id="{name}" data-machine-generated data-content="{token}">{words}</p>'
        for name, (words, token) in tokens.items()
    )
    with next_views(page) as views:
        page.goto(stranger.page(body, tag=public(stranger), csp=STRICT.format(host=server.url)))
    for name, (words, _) in tokens.items():
        marked = page.locator(f"#{name}")
        expect(notice(marked)).to_have_count(0 if name in ("good", "vouched") else 1)
        assert shows(marked, words) is (name in ("good", "vouched")), name
        assert words in marked.evaluate("(el) => el.textContent")
        expect(badge(marked)).to_be_visible()
    assert len(seen(views.value)) == 2


def test_a_text_that_changes_is_covered_at_once(page: Page, desk: Page, stranger: Stranger):
    text = "Approved, then changed."
    token = approve_text(desk, stranger, text)
    page.goto(stranger.page(f'<p data-machine-generated data-content="{token}">{text}</p>', tag=public(stranger)))
    marked = page.locator("p")
    expect(marked.locator("slot:not([name])")).to_have_count(1)
    covered = marked.evaluate(
        """(el) => new Promise((answer) => {
            el.firstChild.data += "\\u200b";
            requestAnimationFrame(() => answer(!!el.shadowRoot.querySelector("slot[name]")));
        })"""
    )
    assert covered
    expect(notice(marked)).to_have_text(WAITS)
    marked.evaluate("(el) => { el.firstChild.data = el.firstChild.data.slice(0, -1) }")
    expect(notice(marked)).to_have_count(0)
    assert shows(marked, text)


@pytest.mark.parametrize("element", ["li", "td"])
def test_what_cannot_carry_a_shadow_root_is_covered_where_it_stands(
    page: Page, desk: Page, stranger: Stranger, element: str
):
    around = {"li": "<ul>{}</ul>", "td": "<table><tr>{}</tr></table>"}[element]
    style = "<style>.visible { visibility: visible !important }</style>"
    text = f"Approved in a <b style='visibility: visible'>{element}</b><i class='visible'>.</i>"
    token = approve_text(desk, stranger, f"Approved in a {element}.")
    body = "".join(f'<{element} data-machine-generated data-content="{one}">{text}</{element}>' for one in (token, ""))
    page.goto(stranger.page(around.format(body), tag=public(stranger), head=style))
    good, bad = page.locator(element).first, page.locator(element).last
    expect(notice(bad)).to_have_text(WAITS)
    expect(notice(bad)).to_be_visible()
    expect(bad.locator("b")).to_have_css("visibility", "hidden")
    expect(bad.locator("i")).to_have_css("visibility", "hidden")
    expect(badge(bad)).to_be_visible()
    expect(notice(good)).to_have_count(0)
    expect(good.locator("b")).to_have_css("visibility", "visible")
    assert bad.evaluate("(el) => el.getAttribute('style')") is None
    assert bad.evaluate("(el) => el.textContent").endswith(f"{element}.")
    page.evaluate("(name) => document.querySelectorAll(name).forEach((el) => el.parentNode.append(el))", element)
    page.evaluate("() => new Promise(requestAnimationFrame)")
    assert shows(good, "Approved in a")
    assert not shows(bad, "Approved in a")
    expect(badge(good)).to_be_visible()


def test_no_text_asks_for_the_place_beside_its_cover(page: Page, stranger: Stranger):
    page.goto(stranger.page("<article data-machine-generated>Covered.</article>", tag=public(stranger)))
    expect(notice(page.locator("article"))).to_have_text(WAITS)
    words = f'<p slot="{page.locator("article slot").get_attribute("name")}">Unreviewed.</p>'
    inner = words.replace("<p", "<div data-machine-generated").replace("Unreviewed.</p", f"{words}</div")
    ways = {
        "machine-generated": f"<machine-generated>{words}</machine-generated>",
        "article": f"<article data-machine-generated>{words}</article>",
        "section": f"<section data-machine-generated>{inner}</section>",
        "li": f'<ul><li data-machine-generated><div class="machine-label">{words}</div></li></ul>',
    }
    page.goto(stranger.page("".join(ways.values()), tag=public(stranger)))
    for name in ways:
        marked = page.locator(name)
        expect(notice(marked).first).to_have_text(WAITS)
        assert not shows(marked, "Unreviewed."), name


def test_what_has_a_shadow_root_of_its_own_is_covered_until_it_is_approved(page: Page, desk: Page, stranger: Stranger):
    text = "Approved on a card."
    token = approve_text(desk, stranger, text)
    words = "Approved <b style='visibility: visible; display: block'>on a card</b>."
    body = "".join(f'<a-card data-machine-generated data-content="{one}">{words}</a-card>' for one in (token, ""))
    page.goto(stranger.page(body, tag=public(stranger), head=CARD))
    good, bad = page.locator("a-card").first, page.locator("a-card").last
    expect(notice(bad)).to_be_visible()
    expect(badge(bad)).to_be_visible()
    assert not shows(bad, "Approved")
    assert not shows(bad, "on a card")
    expect(badge(good)).to_be_visible()
    expect(notice(good)).to_have_count(0)
    assert shows(good, "Approved")
    assert shows(good, "on a card")


@pytest.mark.parametrize("element", ["li", "a-card"])
def test_a_text_whose_label_waits_for_the_page_to_settle_waits_unseen(page: Page, stranger: Stranger, element: str):
    page.route("**/slow.png", lambda _: None)
    text = f"<{element} data-machine-generated>It waits.</{element}>"
    body = f"<article data-machine-generated>The first.</article>{text}<img src='/slow.png'>"
    page.goto(stranger.page(body, tag=public(stranger), head=CARD), wait_until="domcontentloaded")
    expect(notice(page.locator("article"))).to_be_visible()
    assert not shows(page.locator(element), "It waits.")
    expect(badge(page.locator(element))).to_have_count(0)


def test_while_the_server_cannot_be_asked_everything_stays_covered(
    page: Page, desk: Page, stranger: Stranger, wire: Wire
):
    text = "Approved, but nobody says so."
    token = approve_text(desk, stranger, text)
    page.route(f"**{APPROVALS}", lambda route: route.abort())
    page.goto(stranger.page(f'<p data-machine-generated data-content="{token}">{text}</p>', tag=public(stranger)))
    marked = page.locator("p")
    expect(notice(marked)).to_have_text(WAITS)
    assert not shows(marked, text)


def test_the_placeholder_speaks_the_language_of_the_text(page: Page, stranger: Stranger):
    page.goto(stranger.page("<p data-machine-generated>Ein Text.</p>", tag=public(stranger), lang="de"))
    expect(notice(page.locator("p"))).to_have_attribute("lang", "de")
    expect(notice(page.locator("p"))).to_have_text("Dieser Text wartet darauf, dass ein Mensch ihn prüft.")


def test_whoever_reviews_a_text_sees_all_that_goes_out_wherever_it_is_tucked_away(
    desk: Page, server: Server, stranger: Stranger
):
    missed = {}
    for day, (place, (written_as, text)) in enumerate(TUCKED_AWAY.items()):
        text = text.replace("Sunday", f"day {day}")  # of texts with the same words and links there is one publication
        post = ask(stranger, text, format=written_as, audience="one_to_one")["post"]
        open_text(desk, server, ask(stranger, text, format=written_as)["publication"])
        views = [desk.locator(".evidence").first]
        for form, fold in (("text", "Its words alone"), ("source", "As it is written")):
            views += desk.locator("details[open]").filter(has_text=fold).locator(".evidence").all()
            told = [view.evaluate(SEEN, HARM) for view in views]
            if HARM in post[form] and not any(found and not lost for found, lost in told):
                missed[place] = [*missed.get(place, []), form]
    assert not missed
