"""Whatever a text's own HTML is, and wherever a template puts it, the parser leaves all of it in its label."""

from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from e2e.places import Stranger
from widget_server.rendering import tokens
from widget_server.rules.marking import text_sha256

PLACES = {
    **{name: f"<{name}>Before {{}} after</{name}>" for name in "div p h2 blockquote span button label pre b".split()},
    "li": "<ul><li>Before {} after</li><li>other</li></ul>",
    "dd": "<dl><dt>term</dt><dd>Before {} after</dd></dl>",
    "dt": "<dl><dt>Before {} after</dt><dd>other</dd></dl>",
    "td": "<table><tr><td>Before {} after</td><td>other</td></tr></table>",
    "th": "<table><tr><th>Before {} after</table>",
    "caption": "<table><caption>Before {} after</caption><tr><td>other</table>",
    "figcaption": "<figure>Before<figcaption>{}</figcaption>after</figure>",
    "summary": "<details open><summary>Before {} after</summary>other</details>",
    "a": '<a href="/post/1">Before {} after</a>',
    "a card that is a link": '<a href="/post/1"><div><div><div>Before {} after</div></div></div></a>',
    "a card of many boxes": f'<a href="/post/1">{"<div>" * 30}Before {{}} after{"</div>" * 30}</a>',
    "a link that nobody closed": '<p><a href="/post/1">Before</p>{} after',
    "a paragraph with a link and more": '<p>Before <b><a href="/post/1"><em>{}</em></a></b> after</p>',
    "an item of a list in a paragraph that nobody closed": "<ul><li><p>Before {} after<li>other</ul>",
    "an item that is a link": '<ul><li><a href="/post/1">Before {} after</a></li><li>other</li></ul>',
    "a ruby": "<ruby>Before {}<rt>after</rt></ruby>",
}
MARKDOWN = {
    "a paragraph": "Nice. And evil words.",
    "a link": "Nice [more](https://e.example/) and evil words.",
    "two links": "[One](https://e.example/) [two](https://e.example/).\n\n[Three](https://e.example/) and more.",
    "lists": "- One\n- two\n  1. three\n\nAnd [four](https://e.example/).",
    "a table": "| a | b |\n|---|---|\n| [c](https://e.example/) | d |\n\nAnd more.",
    "headings, quotes, code": "# One\n\n> two\n\n    three\n\n---\n\n## Four",
}
HTML = {
    "the same in HTML": 'Nice <a href="https://e.example/">more</a> and evil words.',
    "a paragraph in words": "Nice.<p>And evil words.",
    "a rule": "Nice.<hr>And evil words.",
    "a box": "Nice.<div>And evil words.</div>More.",
    **{f"a bare {name}": f"Nice.<{name}>And evil words.</{name}>More." for name in "li dd dt td tr tbody th".split()},
    **{
        f"a bare {name}": f"Nice.<{name}>And evil words.</{name}>More."
        for name in "caption option optgroup summary figcaption rt rp body html head form button select".split()
    },
    "bare items in each other": "One<li>two<dd>three<dt>four<li>five",
    "bare items in inline elements": "<b>One<li>two</b>three<em><dd>four</em>five",
    "bare items in a table": "<table><li>One<td>two<li>three<dd>four</table>five",
    "items behind a list": "<ul><li>One</ul><li>two<dl><dd>three</dl><dd>four",
    "items of the other list": "<ul><dd>One</ul><dl><li>two</dl>",
    "ends of what is around": "Nice.</p></li></dd></a></td></div></machine-generated></button>And evil words.",
    "the end of the label": "Nice.</machine-generated><machine-generated>And evil words.</machine-generated>",
    "links in links": '<a href="https://e.example/">One <a href="https://e.example/">two</a> three',
    "a link around blocks": '<a href="https://e.example/"><p>One<p>two</a>three',
    "what nobody closes": "<b><i><u><small>One<p>two<table><tr><td>three",
    "a table of tables": "<table><tr><td><table><tr><td>One</table>two</table>three",
    "headings in each other": "<h1>One<h2>two</h1>three",
    "a ruby": "<ruby>One<rt>two<rp>three</ruby>four<rt>five",
    "what is foreign": "<svg><p>One</svg><math><mi>two</math>three",
    "a shadow": '<template shadowrootmode="open">One</template>two',
    "angle brackets in attributes": '<p title="</p><li>"><a title="><dd>" href="https://e.example/?<li>">One</a>',
}
TEXTS = [
    *(("markdown", name, text) for name, text in MARKDOWN.items()),
    *(("html", name, text) for name, text in HTML.items()),
    *(("text", name, text) for name, text in {**MARKDOWN, **HTML}.items()),
]
WAYS: list[dict[str, Any]] = [{}, {"layout": "inline"}, {"layout": "chat", "links": False}]
READ = """(pages) => pages.map((html) => {
    const { body } = new DOMParser().parseFromString(html, "text/html");
    const labels = [...body.querySelectorAll("machine-generated")], texts = labels.map((el) => el.textContent);
    const links = labels.some((el) => el.querySelector("a"));
    labels.forEach((el) => el.remove());
    return { texts, links, around: body.textContent.replaceAll(/\\s/g, "") };
})"""
"""What the browser's parser makes of pages: the words in labels, and those around them."""


def signed(stranger: Stranger, html: str) -> str:
    token = html.split('content="')[1].split('"')[0]
    return tokens.read(token, [stranger.site["secret_key"]], now=datetime.now(UTC)).text_sha256


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_text_stays_in_its_label(page: Page, stranger: Stranger, way: dict[str, Any]):
    rendered = [str(stranger.render(text, format=written, **way)) for written, _, text in TEXTS]
    digests = [signed(stranger, html) for html in rendered]
    broken = []
    for name, place in PLACES.items():
        empty, *found = page.evaluate(READ, [f"<!doctype html>{place.format(html)}" for html in ("", *rendered)])
        broken += [
            (name, written, about, one)
            for (written, about, _), digest, one in zip(TEXTS, digests, found, strict=True)
            if [text_sha256(text) for text in one["texts"]] != [digest]
            or one["around"] != empty["around"]
            or (one["links"] and "links" in way)
        ]
    assert broken == []


@pytest.mark.parametrize("place", ["p", "li", "dd", "a card that is a link"])
def test_a_reader_sees_all_of_a_text_under_its_label(page: Page, stranger: Stranger, place: str):
    text = 'Nice <a href="https://e.example/">more</a><li>two<dd>three<p>and evil words.'
    page.goto(stranger.page(PLACES[place].format(stranger.render(text, format="html"))))
    assert page.locator("machine-generated").inner_text().split() == "Nice more two three and evil words.".split()


def test_a_text_in_a_line_leaves_its_paragraph_whole(page: Page, stranger: Stranger):
    text = stranger.render("Two lines\n\nof **Markdown**.", format="markdown", layout="inline")
    page.goto(stranger.page(f"<p>Before {text} after</p>"))
    assert page.locator("main > *").count() == 1
    assert page.locator("machine-generated").inner_text().rstrip().split("\n") == ["Two lines", "of Markdown."]


def test_a_card_that_is_a_link_stays_one_around_a_text_without_links(page: Page, stranger: Stranger):
    text = stranger.render("Nice [more](https://e.example/).\n\nWords.", format="markdown", links=False)
    page.goto(stranger.page(f'<a href="#post">Before {text} after</a>'))
    assert page.locator("main > *").count() == 1
    expect(page.get_by_role("link", name="Before")).to_contain_text("Nice more.")
