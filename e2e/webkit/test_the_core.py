"""The core path in WebKit: the label, the view, the report, the withdrawal."""

import re

import pytest
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from e2e.places import MODERATORS, STRICT, Server, Stranger
from e2e.processes import answer_of
from e2e.steps import WORDS_AT, digest, next_report, next_views, seen, sent_views
from e2e.webkit.reader import Reader
from e2e.wire import Wire

pytestmark = pytest.mark.engines("webkit", reason="Playwright cannot drive Debian's WebKit")

EARS = """<script>
window.wrong = [];
for (const name of ["error", "unhandledrejection"])
    addEventListener(name, (event) => wrong.push(name + " " + (event.message ?? event.reason)));
</script>"""
VIOLATIONS = """(() => {
    const found = new ReportingObserver(() => {}, { buffered: true, types: ["csp-violation"] });
    found.observe();
    return found.takeRecords().map((record) => JSON.stringify(record.body));
})()"""


def top_of(reader: Reader, marked: WebElement, words: str) -> float:
    return reader.evaluate(f"({WORDS_AT})(...arguments)[1]", marked, words)


def stands(reader: Reader, marked: WebElement, words: str) -> bool:
    return reader.evaluate(f"({WORDS_AT})(...arguments)", marked, words) is not None


def test_both_forms_are_labelled_above_their_text_and_nothing_is_thrown(reader: Reader, stranger: Stranger):
    own = "<machine-generated>An element of its own.</machine-generated>"
    other = "<article data-machine-generated><p>Any other.</p></article>"
    reader.goto(stranger.page(own + other, head=EARS))
    for name, words in (("machine-generated", "An element"), ("article", "Any other")):
        marked = reader.find(name)
        badge = reader.reads("Machine-generated", "[part=badge]", marked)
        assert badge.rect["y"] + 24 <= top_of(reader, marked, words)
        assert reader.reads("Report", "[part=report]", marked)
    assert reader.evaluate("wrong") == []


def test_the_strictest_policy_shows_label_style_and_dialog_and_no_violation(reader: Reader, stranger: Stranger):
    strict = {"tag": stranger.site["integrity_tag"], "csp": STRICT.format(host=stranger.server.url)}
    reader.goto(stranger.page("<article data-machine-generated>Strict.</article>", **strict))
    marked = reader.find("article")
    badge = reader.reads("Machine-generated", "[part=badge]", marked)
    assert badge.value_of_css_property("border-top-left-radius") == "12px"
    reader.in_label(marked, "[part=report]").click()
    assert reader.in_label(marked, "dialog[open]").value_of_css_property("border-top-left-radius") == "16px"
    assert reader.evaluate(VIOLATIONS) == []


def test_what_render_gives_is_labelled_without_any_script_of_ours(reader: Reader, stranger: Stranger):
    reader.goto(stranger.page(stranger.render("Before any script."), tag=""))
    marked = reader.find("machine-generated")
    badge = reader.reads("Machine-generated", "[part=badge]", marked)
    assert badge.rect["y"] + 24 <= top_of(reader, marked, "Before any script.")
    link = reader.in_label(marked, "[part=report]").get_attribute("href")
    assert re.match(rf"{stranger.server.url}/report\?site=\w+&content=\S{{50}}", link)


def test_text_that_comes_later_is_labelled(reader: Reader, stranger: Stranger):
    reader.goto(stranger.page("<section></section>", head=EARS))
    reader.evaluate("document.querySelector('section').innerHTML = '<p data-machine-generated>Replaced.</p>'")
    assert reader.reads("Machine-generated", "[part=badge]", reader.find("p"))
    reader.evaluate("document.querySelector('main').append(document.querySelector('p').cloneNode(true))")
    assert reader.reads("Machine-generated", "[part=badge]", reader.find("main > p"))
    assert reader.evaluate("wrong") == []


def test_a_streamed_answer_has_one_label_and_is_counted_once_when_it_stands(reader: Reader, demo: str):
    reader.goto(demo + "/chat")
    with next_views(reader) as views:
        reader.reads("Can I give the lamp back?", "button").click()
        answer = reader.find("machine-generated")
        assert reader.reads("You are chatting with a machine", "[part=badge]", answer)
        reader.waits(lambda: "you keep the lamp." in answer.text)
    text = re.sub(r"\s+", " ", reader.evaluate("arguments[0].textContent", answer)).strip()
    assert seen(views.value) == [{"text_sha256": digest(text), "disclosed": True}]
    assert len(sent_views(reader)) == 1


def test_a_report_takes_three_clicks_and_gives_a_receipt(reader: Reader, stranger: Stranger, server: Server):
    reader.goto(stranger.page("<article data-machine-generated>It is so. The moon is of cheese. Amen.</article>"))
    marked = reader.find("article")
    reader.reads("Report", "[part=report]", marked)
    reader.drags_over(marked, "The moon is of cheese")
    with next_report(reader) as sent:
        reader.in_label(marked, "[part=report]").click()
        reader.reads("False, invented or dangerous", "dialog label", marked).click()
        reader.reads("Send", "dialog button", marked).click()
    receipt = reader.in_label(marked, "dialog [role=status] code").text
    assert sent.value.body["quote"]["exact"] == "The moon is of cheese"
    assert sent.value.body["category"] == "misinformation"
    assert answer_of(f"{server.url}/api/v1/reports/{receipt}")["state"] == "received"


def test_a_view_is_counted_as_disclosed(reader: Reader, stranger: Stranger):
    with next_views(reader) as views:
        reader.goto(stranger.page("<article data-machine-generated>Seen with WebKit.</article>"))
    assert seen(views.value) == [{"text_sha256": digest("Seen with WebKit."), "disclosed": True}]
    assert views.value.status == 200
    assert stranger.usage()["disclosed_share"] == 1


def test_a_withdrawn_text_is_replaced_by_a_notice(reader: Reader, stranger: Stranger, server: Server):
    text = "A text that does not stay."
    stranger.report(text)
    email, password = next(iter(MODERATORS.items()))
    reader.goto(server.url + "/admin/login")
    reader.find("[name=email]").send_keys(email)
    reader.find("[name=password]").send_keys(password + Keys.ENTER)
    assert reader.reads("Reports", "h1")
    reader.goto(server.url + "/admin/reports")
    reader.find("input[type=search]").send_keys("does not stay" + Keys.ENTER)
    reader.waits(lambda: "does" in reader.url)
    reader.reads("Case", "article a").click()
    reader.find(".keys [data-key=w]")
    reader.find("body").send_keys("w")
    reader.find("textarea[name=message]").send_keys(Keys.CONTROL + Keys.ENTER)
    assert reader.reads("Your decision on", "body")
    with next_views(reader):
        reader.goto(stranger.page(f"<article data-machine-generated>{text}</article>"))
    marked = reader.find("article")
    assert reader.reads("This text was withdrawn by a moderator.", "[part=notice]", marked)
    assert not stands(reader, marked, text)


def test_while_the_server_is_away_the_labels_stand_and_a_report_is_kept(reader: Reader, stranger: Stranger, wire: Wire):
    made = "<article data-machine-generated>And this.</article>"
    reader.goto(stranger.page(f"{stranger.render('It stands by itself.')}{made}", head=EARS))
    marked = reader.find("article")
    reader.reads("Report", "[part=report]", marked).click()
    reader.reads("Something else", "dialog label", marked).click()
    with wire.down():
        reader.reads("Send", "dialog button", marked).click()
        assert reader.reads("Your report is kept", "dialog h2", marked)
        reader.goto(reader.url)
        assert reader.reads("Machine-generated", "[part=badge]", reader.find("machine-generated"))
        assert stands(reader, reader.find("machine-generated"), "It stands by itself.")
        assert reader.evaluate("wrong") == []
    with next_report(reader) as sent:
        reader.goto(reader.url)
    assert sent.value.status == 201


def test_right_to_left_text_has_a_label_that_runs_the_same_way(reader: Reader, stranger: Stranger):
    rendered = stranger.render("نص كتبته آلة.", lang="ar")
    made = "<p data-machine-generated>טקסט שכתבה מכונה.</p>"
    reader.goto(stranger.page(f'<div dir="rtl" lang="ar">{rendered}</div><div dir="rtl" lang="he">{made}</div>'))
    for name, lang in (("machine-generated", "ar"), ("p", "he")):
        marked = reader.find(name)
        label = reader.in_label(marked, f"[part=label][lang={lang}]")
        assert label.value_of_css_property("direction") == "rtl"
        badge, whole = reader.in_label(marked, "[part=badge]").rect, marked.rect
        assert badge["x"] + badge["width"] == pytest.approx(whole["x"] + whole["width"], abs=1)
        assert reader.in_label(marked, "[part=report]").rect["x"] < badge["x"]
