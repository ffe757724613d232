"""POST /render, prompts, publications: what a host in any language gets."""

import hashlib
import html as entities
import json
import re
import time
from pathlib import Path

import pytest
from markupsafe import Markup

from tests.conftest import SECRET, TEXT, Clock, Desk, Page, seen
from widget_server import Refused, render
from widget_server.rendering.badge import style_hash
from widget_server.storage import sites
from widget_server.storage.tables import Case, PublicationRow

CASES = Path(__file__).resolve().parents[3] / "shared" / "cases"


def test_a_text_comes_back_labelled_signed_and_hashed(news: Page) -> None:
    answer = news.render(model="jamba-large", provider="AI21").json
    assert (answer["state"], answer["text_sha256"]) == ("shown", seen(TEXT)["text_sha256"])
    assert 'ai-disclosure="ai-autonomous" ai-model="jamba-large" ai-provider="AI21"' in answer["html"]
    assert '<template shadowrootmode="open">' in answer["html"]
    assert "Machine-generated" in answer["html"]
    assert f'content="{answer["content"]}"' in answer["html"]
    assert answer["disclosure"]["header"] == 'mode=machine-generated, model="jamba-large", provider="AI21"'
    assert answer["disclosure"]["json_ld"]["cssSelector"] == f'machine-generated[content="{answer["content"]}"]'
    assert "publication" not in answer


def test_the_report_link_works_without_script(news: Page) -> None:
    answer = news.render().json
    link = entities.unescape(re.search(r'part="report" href="([^"]+)"', answer["html"])[1])
    assert link == f"https://widget.example/report?site={news.key}&content={answer['content']}"


def test_python_and_http_render_the_same(news: Page, clock: Clock) -> None:
    theirs = news.render(model="jamba-large", provider="AI21", lang="de", layout="inline").json["html"]
    ours = render(
        TEXT,
        model="jamba-large",
        provider="AI21",
        lang="de",
        layout="inline",
        site=news.key,
        secret=news.secret,
        host="https://widget.example",
        now=clock(),
    )
    assert isinstance(ours, Markup)
    assert ours == theirs


def test_a_models_name_of_any_length_leaves_the_token_and_the_header_short(news: Page, clock: Clock) -> None:
    long = {"model": "模" * 10_000, "choices": [{"index": 0, "message": {"content": TEXT}}]}
    answer = news.render(long)
    token = answer.json["content"]
    assert (answer.status_code, answer.json["disclosure"]["model"]) == (200, "模" * 200)
    assert len(news.render(long, headers={"Accept": "text/html"}).headers["AI-Disclosure"]) < 300
    assert news.view({**seen(TEXT), "content": token}).status_code == 200
    assert (news.report(content=token).status_code, Case.get().verified) == (201, True)
    arguments = {"site": news.key, "secret": news.secret, "host": "https://widget.example", "now": clock()}
    assert token in render(long, **arguments) == render(TEXT, model=long["model"], **arguments)


def test_the_fragment_alone_carries_the_disclosure_header(news: Page) -> None:
    answer = news.render(model="jamba-large", headers={"Accept": "text/html"})
    assert answer.mimetype == "text/html"
    assert answer.text.startswith("<machine-generated")
    assert answer.headers["AI-Disclosure"] == 'mode=machine-generated, model="jamba-large"'


def test_a_review_by_a_person_is_told_in_every_layer(news: Page) -> None:
    answer = news.render(reviewed_by="News desk").json
    assert 'review="human"' in answer["html"]
    assert 'ai-disclosure="ai-assisted"' in answer["html"]
    assert "Machine-generated, reviewed by a person" in answer["html"]
    assert answer["disclosure"]["header"] == "mode=ai-originated"


def test_the_style_is_the_one_whose_hash_is_published(news: Page) -> None:
    style = re.search(r"<style>(.*?)</style>", news.render().json["html"], re.DOTALL)[1]
    import base64

    assert style_hash() == f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"


def test_the_label_speaks_the_texts_language(news: Page) -> None:
    html = news.render(lang="ar-EG").json["html"]
    assert 'lang="ar" dir="rtl"' in html
    assert "Machine-generated" not in html


@pytest.mark.parametrize("format", ["text", "markdown", "html"])
def test_scripts_never_pass(news: Page, format: str) -> None:
    hostile = '<img src=x onerror=alert(1)><script>alert(2)</script><a href="javascript:alert(3)">x</a> words'
    html = news.render(hostile, format=format).json["html"]
    inside = html.split("</template>")[1]
    assert "<script" not in inside
    assert "<img src" not in inside
    assert '<a href="javascript' not in inside


def cost(news: Page, text: str, format: str = "markdown") -> float:
    """The least CPU time of a few renderings."""
    costs = []
    for _ in range(3):
        began = time.thread_time()
        assert news.render(text, format=format).status_code == 200
        costs.append(time.thread_time() - began)
    return min(costs)


def test_markdown_costs_what_its_length_costs(news: Page) -> None:
    lines = "a\n" * 4000
    assert cost(news, ">" * 20 + lines) < 2.5 * cost(news, ">" * 4 + lines)
    table = "|a" * 100 + "\n" + "|-" * 100 + "\n" + "|\n" * 1000
    assert cost(news, table) < 5 * cost(news, lines)
    assert cost(news, (table + "\n") * 8) < 12 * cost(news, table)


@pytest.mark.parametrize(
    "pieces", ["<div>{}", "<dl><dd>{}", "<ul><li>{}", "<pre>{}", "<b>{}", "<i title={}><p>", "<a><div>{}</a>"]
)
def test_html_costs_what_its_length_costs(news: Page, pieces: str) -> None:
    deep = "".join(pieces.format(number) for number in range(40_000 // len(pieces)))
    assert cost(news, deep[:40_000], "html") < 3 * cost(news, ("<p><b>a</b>" * 4000)[:40_000], "html")


def test_what_html_nests_too_deeply_is_shown_as_its_words(news: Page) -> None:
    def inside(depth: int) -> str:
        return (
            news.render("<p>a<script>if</script> &lt;" + "<b>" * depth + "b</b>", format="html")
            .json["html"]
            .split("</template>")[1]
        )

    assert "<b><b>b</b>" in inside(50)
    assert "a &lt;b</machine-generated>" in inside(51)
    reopened = "<p>" + "".join(f"<i title={number}>" for number in range(40)) + "<p>x" * 5000
    assert len(news.render(reopened, format="html").json["html"]) < 2 * len(reopened)
    lines = "<ul>" + "<li>one<p>two<br>" * 1000 + "</ul>" + "<b>bold</b>" * 1000
    assert news.render(lines, format="html").json["html"].count("<li>") == 1000


def numbered(piece: str, times: int) -> str:
    return "".join(piece.format(number) for number in range(times))


PARAGRAPHS = "<p>x" * 4000


@pytest.mark.parametrize(
    "bomb",
    [
        numbered("<div><b title={}></div>", 900) + PARAGRAPHS,
        numbered("<b title={}>", 45) + PARAGRAPHS,
        numbered("<b title={}><table><td></b></table>", 700) + PARAGRAPHS,
        "<svg><style>" + numbered("<b title={}>", 1500) + "</style></svg>" + PARAGRAPHS,
        "<svg>" + numbered("<b title={}><style><!--</style></b>--></style>", 400) + "</svg>" + PARAGRAPHS,
        "<noscript>" + numbered("<b title={}>", 1500) + "</noscript>" + PARAGRAPHS,
        "<div/>" * 4000,
        "<rt>" * 4000,
    ],
    ids=["reopened", "fewer", "tables", "drawing", "comment", "noscript", "self-closed", "ruby"],
)
def test_html_of_which_a_parser_would_make_millions_of_elements_is_shown_as_its_words(news: Page, bomb: str) -> None:
    html = news.render("<i>a</i>" + bomb, format="html").json["html"].split("</template>")[1]
    assert "/>a" in html
    assert not set(re.findall("<[a-z]+", html)) - {"<img"}


@pytest.mark.parametrize(
    ("honest", "tag", "times"),
    [
        ('<p>Some <b>bold</b> words, <a href="https://a.example">a link</a>, <em>and more</em>.</p>' * 400, "<a ", 400),
        ("<table>" + "<tr><td><b>bold</b><td><i>more</i>" * 800 + "</table>", "<b>", 800),
        ("<p><b>See</b></p><svg>" + '<path d="M0 0"/>' * 200 + "</svg><p>after</p>", "<p>", 2),
        ("<ruby>a<rt>b</ruby>" * 900, "<ruby>", 900),
    ],
    ids=["links", "table", "drawing", "ruby"],
)
def test_long_html_as_people_write_it_keeps_its_structure(news: Page, honest: str, tag: str, times: int) -> None:
    assert news.render(honest, format="html").json["html"].split("</template>")[1].count(tag) == times


@pytest.mark.parametrize(
    "text",
    [
        ">" * 50 + "the end",
        "> - " * 30 + "the end",
        "\n".join("  " * level + f"- {level}" for level in range(30)) + " the end",
        "1. 2) " * 20 + "the end",
        "|a" * 100 + "\n" + "|-" * 100 + "\n" + "|\n" * 100 + "|the end",
    ],
)
def test_what_markdown_nests_too_deeply_is_shown_as_it_is_written(news: Page, text: str) -> None:
    html = news.render(text, format="markdown").json["html"]
    assert "the end" in html
    assert len(html) < 30 * len(text) + 5000


def test_quotes_and_lists_and_tables_may_be_as_deep_as_people_write_them(news: Page) -> None:
    lists = "\n".join("  " * level + f"- {level}" for level in range(7))
    assert news.render(lists, format="markdown").json["html"].count("<ul>") == 7
    assert news.render("> > > > a", format="markdown").json["html"].count("<blockquote>") == 4
    table = "|a|b|c|\n|-|-|-|\n" + "|a|\n" * 500
    assert news.render(table, format="markdown").json["html"].count("<td>") == 1500
    assert news.render(table + "|a|\n", format="markdown").json["html"].count("<td>") == 0


def test_markdown_becomes_structure(news: Page) -> None:
    html = news.render("# Title\n\n- one\n- **two**\n\n[link](https://a.example)", format="markdown").json["html"]
    assert "<h1>Title</h1>" in html
    assert "<strong>two</strong>" in html
    assert 'rel="noopener noreferrer nofollow"' in html


def test_the_label_cannot_be_broken_out_of(news: Page) -> None:
    html = news.render(model='"><script>alert(1)</script>', provider="</template>").json["html"]
    assert "<script>" not in html
    assert html.count("</template>") == 1


@pytest.mark.parametrize("audience", [{"audience": "public"}, {"audience": "limited", "audience_size": 101}])
def test_a_text_for_many_people_is_held_until_a_person_approves_exactly_it(
    news: Page, desk: Desk, audience: dict
) -> None:
    held = news.render(**audience).json
    assert (held["state"], TEXT in held["html"]) == ("held", False)
    again = news.render(**audience).json
    assert again["publication"] == held["publication"]
    answer = desk.review(held["publication"], note="Checked.")
    assert answer.status_code == 302
    shown = news.render(**audience).json
    assert (shown["state"], shown["disclosure"]["review"], TEXT in shown["html"]) == ("shown", "human", True)
    assert news.render(TEXT + "\u200b", **audience).json["state"] == "held"
    listed = news.client.get("/api/v1/publications?state=approved", headers=news.bearer).json["publications"]
    assert [row["id"] for row in listed] == [held["publication"]]


@pytest.mark.parametrize("audience", [{}, {"audience": "one_to_one"}, {"audience": "limited", "audience_size": 100}])
def test_a_text_for_few_people_needs_no_review(news: Page, audience: dict) -> None:
    assert news.render(**audience).json["state"] == "shown"
    assert PublicationRow.select().count() == 0


def test_a_rejected_text_is_not_shown(news: Page, desk: Desk) -> None:
    held = news.render(audience="public").json["publication"]
    desk.review(held, "rejected", "Wrong.")
    assert news.render(audience="public").json["state"] == "withdrawn"
    second = desk.client.post(
        f"/admin/publications/{held}", data={"verdict": "approved"}, base_url="https://widget.example"
    )
    assert second.status_code in (400, 409)


def test_a_publication_of_another_site_is_not_there(news: Page, shop: Page) -> None:
    number = news.render(audience="public").json["publication"]
    assert news.client.get(f"/api/v1/publications/{number}", headers=shop.bearer).status_code == 404
    assert shop.client.get("/api/v1/publications", headers=shop.bearer).json == {"publications": [], "next": None}


def test_publications_are_read_page_by_page(news: Page) -> None:
    made = [news.render(f"Text {number}", audience="public").json["publication"] for number in range(60)]
    read, after = [], ""
    while True:
        query = {"state": "held", **({"after": after} if after else {})}
        answer = news.client.get("/api/v1/publications", query_string=query, headers=news.bearer).json
        read += [row["id"] for row in answer["publications"]]
        if not answer["next"]:
            break
        after = answer["next"]
    assert sorted(read) == sorted(made)
    assert len(read) == len(made)


def test_a_program_goes_on_reading_after_a_publication_by_its_id(news: Page, shop: Page) -> None:
    for number in range(3):
        news.render(f"Text {number}", audience="public")

    def listed(page: Page, after: str = "") -> list[str] | int:
        answer = news.client.get(f"/api/v1/publications{after}", headers=page.bearer)
        return [row["id"] for row in answer.json["publications"]] if answer.status_code == 200 else answer.status_code

    first, *others = listed(news)
    assert listed(news, f"?after={first}") == others
    assert (listed(shop, f"?after={first}"), listed(news, "?after=1_x")) == (404, 404)


def test_a_withdrawn_text_is_refused(news: Page, desk: Desk) -> None:
    news.report()
    desk.decide(1, "withdraw")
    answer = news.render().json
    assert (answer["state"], TEXT in answer["html"]) == ("withdrawn", False)
    assert 'part="notice"' in answer["html"]


def test_a_corrected_label_is_rendered(news: Page, desk: Desk) -> None:
    news.report(category="wrong_label")
    desk.decide(1, "relabel", model="right-model", provider="Right", review="none")
    assert 'ai-model="right-model"' in news.render(model="wrong-model").json["html"]


def test_a_moderators_public_note_is_rendered_among_the_labels_details(news: Page, desk: Desk) -> None:
    news.report()
    desk.decide(1, "relabel", note="It <stands> in Paris.")
    told = "<bdi>It &lt;stands&gt; in Paris.</bdi>"
    assert told in news.render(model="jamba-large").json["html"].split("</template>")[0]
    held = news.render(audience="public").json
    assert (held["state"], told in held["html"]) == ("held", False)
    desk.review(held["publication"])
    assert told in news.render(audience="public").json["html"]
    assert told not in news.render("Another text.").json["html"]


@pytest.mark.parametrize(("characters", "status"), [(59, 422), (60, 200), (61, 200)])
def test_a_prompt_needs_sixty_fixed_characters(news: Page, characters: int, status: int) -> None:
    answer = news.render(prompt_template="x" * characters + " {question}")
    assert answer.status_code == status
    if status == 422:
        assert (answer.json["clause"], list(answer.json["errors"])) == ("3", ["prompt_template"])
    assert news.render(prompt_template="{question}", custom_model=True).status_code == 200


@pytest.mark.parametrize(("purpose", "clause"), [("automated_decision", "4"), ("profiling", "5")])
def test_a_prohibited_purpose_is_refused_with_its_clause(news: Page, purpose: str, clause: str) -> None:
    answer = news.render(purpose=purpose)
    assert (answer.status_code, answer.json["clause"]) == (422, clause)


def test_a_prompt_can_be_measured_alone(news: Page) -> None:
    def measure(template: object, **more: object) -> dict:
        body = {"template": template, "variables": ["q"], **more}
        return news.client.post("/api/v1/prompts/check", json=body, headers=news.bearer).json

    assert measure("Answer {q}") == {
        "ok": False,
        "fixed_characters": 6,
        "fixed_words": 1,
        "required_characters": 60,
        "clause": "3",
    }
    messages = [{"role": "system", "content": "y" * 60}, {"role": "user", "content": "z" * 100}]
    assert (measure(messages)["ok"], measure(messages)["fixed_characters"]) == (True, 60)
    assert measure("{q}", custom_model=True)["ok"] is True


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": " \n"}, "text"),
        ({"text": None}, "text"),
        ({"text": 7}, "text"),
        ({"text": {"choices": []}}, "text"),
        ({"text": "a\x00"}, "text"),
        ({"text": "\udfff"}, "text"),
        ({"text": "x" * 50_001}, "text"),
        ({"format": "rtf"}, "format"),
        ({"layout": "popup"}, "layout"),
        ({"lang": "not a language"}, "lang"),
        ({"audience": "everyone"}, "audience"),
        ({"audience": "limited"}, "audience_size"),
        ({"audience": "limited", "audience_size": 0}, "audience_size"),
        ({"audience": "limited", "audience_size": "7"}, "audience_size"),
        ({"model": "x" * 201}, "model"),
        ({"model": ["jamba"]}, "model"),
        ({"custom_model": "no"}, "custom_model"),
        ({"prompt_template": []}, "prompt_template"),
        ({"prompt_template": [{"role": "user"}]}, "prompt_template.0.content"),
        ({"reviewed_by": 1}, "reviewed_by"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_bad_rendering_is_refused_by_field(news: Page, change: dict, field: str) -> None:
    answer = news.render(**{"text": TEXT, **change})
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic abc", "Bearer wsk_x_y", "Bearer wsk_{key}_AAAA"])
def test_only_the_sites_own_secret_key_opens_the_api(news: Page, header: str) -> None:
    answer = news.render(headers={"Authorization": header.replace("{key}", news.key)})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_a_rotated_secret_key_holds_for_seven_days(news: Page, clock: Clock) -> None:
    token = news.render().json["content"]
    sites.rotate(news.key, at=clock())
    assert news.render().status_code == 200
    assert news.report(content=token).status_code == 201
    clock.move(days=7)
    assert news.render().status_code == 401
    site = sites.find(news.key)
    news.secret = sites.secrets_of(site, (SECRET,), at=clock())[0]
    assert news.render().status_code == 200
    assert news.report(content=token).status_code == 422


def test_python_refuses_what_the_guideline_forbids() -> None:
    with pytest.raises(Refused) as refused:
        render(TEXT, prompt_template="Say {x}", secret="wsk_a_b", host="https://widget.example")
    assert refused.value.clause == "3"
    with pytest.raises(Refused) as refused:
        render(TEXT, purpose="profiling", secret="wsk_a_b", host="https://widget.example")
    assert refused.value.clause == "5"


def test_no_markup_of_the_shared_corpus_breaks_out(news: Page) -> None:
    """Executed nowhere here: e2e/ asserts that in a browser. This one asserts what must not be in the HTML at all."""
    file = CASES / "html-payloads.json"
    corpus = (
        json.loads(file.read_text())
        if file.exists()
        else {"own": ["<svg onload=alert(1)>", "<math><mi//xlink:href='data:x'>"]}
    )
    payloads = [payload for group in corpus.values() for payload in group]
    from widget_server.rendering.sanitising import sanitise

    for payload in payloads:
        safe = sanitise(payload, "html").html
        tags = set(re.findall(r"<([a-zA-Z][^\s/>]*)", safe))
        assert not tags & {
            "script",
            "style",
            "svg",
            "math",
            "iframe",
            "object",
            "embed",
            "form",
            "input",
            "img",
            "link",
            "meta",
            "base",
            "template",
        }
        attributes = re.findall(r"<[a-zA-Z][^\s/>]*((?:\s+[^\s=>]+=\"[^\"]*\")*)", safe)
        assert not any(re.search(r"\s(on\w+|style|id|class|name|src|srcset)=", found) for found in attributes)
        once = sanitise(str(safe), "html").html
        assert re.sub(r"[\r\n]", "", once) == re.sub(r"[\r\n]", "", safe)
