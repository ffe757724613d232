"""Every marked text is labelled, once, however it comes into the page."""

import re

from playwright.sync_api import Page, expect

from e2e.places import STRICT, Stranger
from e2e.steps import badge, digest, next_views, report_control, seen, sent_views, shows, top_of


def test_both_forms_are_labelled_above_their_text(page: Page, stranger: Stranger):
    page.goto(
        stranger.page(
            '<machine-generated model="jamba-large" provider="AI21">An element of its own.</machine-generated>'
            '<article data-machine-generated data-model="jamba-large" data-provider="AI21"><p>Any other.</p></article>'
        )
    )
    for marked, words in ((page.locator("machine-generated"), "An element"), (page.locator("article"), "Any other")):
        expect(badge(marked)).to_have_text("Machine-generated")
        assert badge(marked).bounding_box()["y"] + 24 <= top_of(marked, words)
        expect(report_control(marked)).to_be_visible()
        expect(marked).to_have_attribute("ai-disclosure", "ai-autonomous")
        expect(marked).to_have_attribute("ai-model", "jamba-large")
        expect(marked).to_have_attribute("ai-provider", "AI21")


def test_the_badge_tells_model_provider_and_review(page: Page, stranger: Stranger):
    page.goto(stranger.page(stranger.render("A text that somebody has read.", reviewed_by="The editors")))
    marked = page.locator("machine-generated")
    expect(badge(marked)).to_have_text("Machine-generated, reviewed by a person")
    expect(marked).to_have_attribute("ai-disclosure", "ai-assisted")
    badge(marked).click()
    for line in ("Model: jamba-large", "Provider: AI21", "Reviewed by a person"):
        expect(marked.get_by_text(line, exact=True)).to_be_visible()
    expect(marked.get_by_role("link", name="What is this?")).to_have_attribute(
        "href", stranger.server.url + "/about?lang=en"
    )


def test_text_that_comes_later_is_labelled(page: Page, stranger: Stranger):
    page.goto(stranger.page("<p>Nothing yet.</p>"))
    page.evaluate(
        """() => {
            const names = ["machine-generated", "section", "aside"];
            const [own, other, late] = names.map((name) => document.createElement(name));
            own.textContent = "Added as an element.";
            other.textContent = "Added inside another.";
            other.dataset.machineGenerated = "";
            late.textContent = "Marked after it was added.";
            const around = document.createElement("div");
            around.append(other);
            document.body.append(own, around, late);
            late.dataset.machineGenerated = "";
        }"""
    )
    for name in ("machine-generated", "section", "aside"):
        expect(badge(page.locator(name))).to_have_text("Machine-generated")
    page.locator("aside").evaluate("(el) => { el.dataset.machineGenerated = 'false' }")
    expect(badge(page.locator("aside"))).to_be_hidden()


def test_of_very_many_texts_at_once_each_gets_its_label(page: Page, stranger: Stranger):
    page.goto(stranger.page("<article data-machine-generated>The first.</article>"))
    expect(badge(page.locator("article"))).to_be_visible()
    at_once = page.evaluate(
        """async () => {
            const all = Array.from({ length: 1200 }, () => document.createElement("article"));
            all.forEach((el, at) => { el.dataset.machineGenerated = "", el.textContent = `Text ${at}.`; });
            document.querySelector("main").append(...all);
            all[600].remove();
            document.querySelector("main").prepend(all[1100]);
            await new Promise(requestAnimationFrame);
            return all.filter((el) => el.shadowRoot).length;
        }"""
    )
    assert at_once >= 500
    articles = page.locator("article")
    expect(articles.get_by_text("Machine-generated", exact=True)).to_have_count(1200)
    assert articles.evaluate_all("(all) => all.every((el) => el.shadowRoot.querySelectorAll('.badge').length === 1)")


def test_a_streamed_answer_has_one_label_from_its_first_word_and_is_counted_once_when_it_stands(page: Page, demo: str):
    page.add_init_script(
        "addEventListener('machine-generated:labelled', ({ target }) => { window.before ??= target.textContent })"
    )
    page.goto(demo + "/chat")
    answer = page.locator("machine-generated")
    with next_views(page) as views:
        page.get_by_role("button", name="Can I give the lamp back?").click()
        expect(badge(answer)).to_have_text("You are chatting with a machine")
        expect(answer).to_contain_text("you keep the lamp.")
    assert page.evaluate("before") == ""
    text = re.sub(r"\s+", " ", answer.evaluate("(el) => el.textContent")).strip()
    assert [view["text_sha256"] for view in seen(views.value)] == [digest(text)]
    assert seen(views.value)[0]["disclosed"] is True
    expect(badge(answer)).to_have_count(1)
    assert len(sent_views(page)) == 1


def test_a_feed_that_grows_is_labelled_in_the_language_of_each_post(page: Page, demo: str):
    page.goto(demo + "/feed")
    for lang, words in {"en": "Machine-generated", "de": "Maschinell erzeugt"}.items():
        expect(badge(page.locator(f".post[lang={lang}] machine-generated"))).to_have_text(words)
    more = page.get_by_role("link", name="Show more")
    for shown in (6, 9, 12):
        if more.count():
            more.scroll_into_view_if_needed()
        expect(page.locator(".post").nth(shown - 1)).to_be_attached()
    for post in page.locator("article.post").all():
        expect(badge(post)).to_have_count(1)
        expect(post.locator("[part=label]")).to_have_attribute("lang", post.get_attribute("lang"))
    expect(more).to_have_count(0)


def test_moved_cloned_and_parsed_again_a_text_keeps_exactly_one_label(page: Page, stranger: Stranger):
    page.goto(stranger.page(f'<div id="here">{stranger.render("Rendered, then moved.")}</div><div id="there"></div>'))
    marked = page.locator("machine-generated")
    expect(report_control(marked)).to_have_role("button")
    page.evaluate("there.append(here.firstChild)")
    expect(badge(page.locator("#there machine-generated"))).to_have_count(1)
    page.evaluate("here.append(there.firstChild.cloneNode(true))")
    expect(badge(page.locator("#here machine-generated"))).to_have_count(1)
    page.evaluate("there.innerHTML += '<p>as some libraries do</p>'")
    expect(badge(page.locator("#there machine-generated"))).to_have_count(1)
    expect(page.locator("#there machine-generated")).to_have_text(re.compile("Rendered, then moved"))
    assert shows(page.locator("#there machine-generated"), "Rendered, then moved.")


def test_elements_that_carry_no_shadow_root_get_their_label_inside(page: Page, stranger: Stranger):
    texts = (
        "<ul><li data-machine-generated>In a list</ul><table><td data-machine-generated>In a table</table>"
        "<pre data-machine-generated>In a block</pre>"
    )
    with next_views(page) as views:
        page.goto(stranger.page(texts))
    for name, words in {"li": "In a list", "td": "In a table", "pre": "In a block"}.items():
        marked = page.locator(name)
        expect(badge(marked)).to_have_count(1)
        assert badge(marked).bounding_box()["y"] < top_of(marked, words)
        assert marked.evaluate("(el) => el.textContent") == words
        assert digest(words) in [view["text_sha256"] for view in seen(views.value)]


def test_the_tag_with_integrity_loads_the_same_widget(page: Page, stranger: Stranger):
    tag = stranger.site["integrity_tag"]
    assert re.search(r'src="\S+/widget/\d\S+/widget.js" integrity="sha384-', tag)
    page.goto(
        stranger.page(
            "<article data-machine-generated>Pinned.</article>", tag=tag, csp=STRICT.format(host=stranger.server.url)
        )
    )
    expect(badge(page.locator("article"))).to_have_text("Machine-generated")
    report_control(page.locator("article")).click()
    expect(page.get_by_role("dialog", name="Report this text")).to_be_visible()


def test_events_tell_the_page_what_happens(page: Page, stranger: Stranger):
    page.add_init_script(
        """window.told = [];
        const hear = ({ type, target, detail }) => told.push([type, target.localName, detail]);
        for (const name of ["labelled", "viewed", "withdrawn"]) addEventListener("machine-generated:" + name, hear);"""
    )
    with next_views(page):
        page.goto(stranger.page("<article data-machine-generated>Eventful.</article>"))
    assert page.evaluate("told") == [
        ["machine-generated:labelled", "article", None],
        ["machine-generated:viewed", "article", {"disclosed": True, "hiddenBy": ""}],
    ]
    page.locator("article").evaluate("(el) => el.openReport()")
    expect(page.get_by_role("dialog")).to_be_visible()
