"""The gate for programs: may this be posted now, and which texts on a page may be uncovered (guideline 2.i)."""

import asyncio
import re
import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from markupsafe import Markup, escape
from werkzeug.serving import make_server

from tests.admin.test_publications import back, choose, sign_in
from tests.conftest import ORIGIN, TEXT, Clock, Desk, Page
from tests.copies import copied
from widget_server import Held, Refused, approved, gated, may_post, render
from widget_server.asking import NotConfigured
from widget_server.rendering import tokens
from widget_server.rules.marking import Disclosure, text_sha256
from widget_server.storage import connection
from widget_server.storage.tables import PublicationRow


def ask(page: Page, text: object = TEXT, **more: object) -> dict:
    answer = page.client.post("/api/v1/publications", json={"text": text, **more}, headers=page.bearer)
    assert answer.status_code == 200, answer.text
    return answer.json


def approvals(page: Page, *texts: tuple[str, str]) -> dict:
    body = {"site": page.key, "texts": [{"text_sha256": text_sha256(text), "content": token} for text, token in texts]}
    answer = page.client.post("/api/v1/approvals", json=body, headers={"Origin": page.origin})
    assert answer.status_code == 200, answer.text
    told = answer.json
    return {**told, "approved": [one["text_sha256"] for one in told["approved"]]}


def test_what_is_about_to_be_posted_is_for_anybody_unless_said_otherwise(news: Page) -> None:
    told = ask(news)
    assert (told["may_post"], told["state"], told["clause"]) == (False, "held", "2.i")
    assert "post" not in told
    assert told["url"].endswith(f"/admin/publications/{told['publication']}")
    assert ask(news)["publication"] == told["publication"]


@pytest.mark.parametrize("few", [{"audience": "one_to_one"}, {"audience": "limited", "audience_size": 100}])
def test_what_few_people_see_may_be_posted_without_a_review(news: Page, few: dict) -> None:
    told = ask(news, **few)
    assert (told["may_post"], told["state"], told["post"]["text"]) == (True, "free", TEXT)


def test_a_text_with_a_moderators_public_note_is_asked_for_like_any_other(news: Page, desk: Desk) -> None:
    news.report()
    desk.decide(1, "relabel", note="It stands in Paris.")
    assert ask(news, audience="one_to_one")["may_post"] is True


def test_an_approved_text_may_be_posted_with_who_reviewed_it_and_until_when(
    news: Page, desk: Desk, clock: Clock
) -> None:
    choose(news, clock, responsible="Grace Example", contact="grace@news.example", review_days=7)
    desk.review(ask(news)["publication"])
    told = ask(news)
    assert (told["may_post"], told["state"], told["reviewed_by"]) == (True, "approved", desk.email)
    assert (told["responsible"], told["contact"]) == ("Grace Example", "grace@news.example")
    assert told["expires_at"].startswith("2026-11-30T12:00")
    assert told["post"]["source"] == told["post"]["text"] == TEXT
    assert ask(news, TEXT + "\u2060")["may_post"] is False
    clock.move(days=7)
    late = ask(news)
    assert (late["may_post"], late["state"]) == (False, "held")
    assert "has run out" in late["detail"]


def test_an_amended_text_is_what_is_to_be_posted(news: Page, desk: Desk) -> None:
    number = ask(news, "*One* thing.", format="markdown")["publication"]
    desk.amend(number, "*Another* thing.")
    desk.review(number)
    post = ask(news, "*One* thing.", format="markdown")["post"]
    assert (post["source"], post["text"].strip(), post["edited"]) == ("*Another* thing.", "Another thing.", True)
    assert "<em>Another</em>" in post["html"]


def test_of_two_texts_that_became_the_same_the_approved_one_tells_whether_it_may_be_posted(
    news: Page, desk: Desk
) -> None:
    rejected, approved = (ask(news, text)["publication"] for text in ("One thing.", "Another thing."))
    for number, verdict in ((rejected, "rejected"), (approved, "approved")):
        desk.amend(number, "The one thing.")
        desk.review(number, verdict, note="See the other one.")
    told = ask(news, "The one thing.")
    assert (told["may_post"], told["publication"]) == (True, approved)


def test_of_a_review_that_was_taken_back_nothing_is_told_any_more(news: Page, desk: Desk) -> None:
    number = ask(news, "One thing.")["publication"]
    desk.review(number, "rejected", note="It names a person.")
    page = f"/admin/publications/{number}"
    decided = re.search(r'name="decided" value="([^"]+)"', desk.get(page).text)[1]
    assert desk.post(f"{page}/back", page, decided=decided, back="A slip.").status_code == 303
    told = news.client.get(f"/api/v1/publications/{number}", headers=news.bearer).json
    assert (told["state"], told["decided_at"], told["note"]) == ("held", None, "")


@pytest.mark.parametrize("amended", [TEXT, "Better."])
def test_a_moderators_word_on_the_label_goes_before_the_approval(news: Page, desk: Desk, amended: str) -> None:
    number = ask(news)["publication"]
    desk.amend(number, amended)
    desk.review(number)
    assert news.render(audience="public").json["disclosure"]["review"] == "human"
    news.report(amended)
    desk.decide(1, "relabel", model="m2", provider="p", review="none")
    shown = news.render(audience="public").json
    assert (shown["state"], shown["disclosure"]["review"], shown["disclosure"]["model"]) == ("shown", "none", "m2")
    assert shown["disclosure"]["header"] == news.render(amended).json["disclosure"]["header"]
    assert tokens.read(shown["content"], [news.secret], now=Clock()()).disclosure.review == "none"


def test_a_rejected_and_a_withdrawn_text_may_not_be_posted(news: Page, desk: Desk) -> None:
    desk.review(ask(news)["publication"], "rejected", "Wrong.")
    told = ask(news)
    assert (told["may_post"], told["state"], told["clause"]) == (False, "rejected", "2.i")
    news.report("Spam.", category="spam")
    desk.decide(1, "withdraw", category="spam")
    assert ask(news, "Spam.", audience="one_to_one")["may_post"] is False


def test_a_publication_tells_all_of_itself(news: Page, desk: Desk) -> None:
    number = ask(news, author="ada@news.example", purpose="entertainment")["publication"]
    desk.review(number, note="Checked.")
    told = news.client.get(f"/api/v1/publications/{number}", headers=news.bearer).json
    assert (told["may_post"], told["authors"], told["note"]) == (True, ["ada@news.example"], "Checked.")
    assert told["checks"] == ["accuracy", "harm", "plausibility", "sources"]
    assert told["approved_sha256"] == told["text_sha256"] == text_sha256(TEXT)


@pytest.mark.parametrize("amended", [TEXT, "Better."])
@pytest.mark.parametrize("reported", [TEXT, "Better."])
def test_a_publication_tells_that_its_text_is_withdrawn(news: Page, desk: Desk, amended: str, reported: str) -> None:
    number = ask(news)["publication"]
    desk.amend(number, amended)
    desk.review(number)
    news.report(reported)
    desk.decide(1, "withdraw")
    ours = reported in (TEXT, amended)
    told = news.client.get(f"/api/v1/publications/{number}", headers=news.bearer).json
    assert (told["may_post"], told["withdrawn"]) == (not ours, ours)
    assert (told.get("detail"), told["approved_sha256"] is None) == (ask(news).get("detail"), ours)
    (listed,) = news.client.get("/api/v1/publications?state=approved", headers=news.bearer).json["publications"]
    assert (listed["withdrawn"], listed["approved_sha256"]) == (told["withdrawn"], told["approved_sha256"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text": " "}, "text"),
        ({"audience": "limited"}, "audience_size"),
        ({"author": "a" * 255}, "author"),
        ({"reviewed_by": "me"}, "reviewed_by"),
        ({"purpose": "credit_decision"}, "purpose"),
    ],
)
def test_a_bad_question_is_refused_by_field(news: Page, change: dict, field: str) -> None:
    answer = news.client.post("/api/v1/publications", json={"text": TEXT, **change}, headers=news.bearer)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


def test_a_page_uncovers_exactly_what_was_approved(news: Page, shop: Page, desk: Desk) -> None:
    number = ask(news)["publication"]
    before = news.render(audience="public").json["content"]
    assert approvals(news, (TEXT, before))["approved"] == []
    desk.review(number)
    token = ask(news)["post"]["content"]
    assert approvals(news, (TEXT, token))["approved"] == [text_sha256(TEXT)]
    unreviewed = news.render().json["content"]
    foreign = shop.render(reviewed_by="The shop").json["content"]
    forged = tokens.sign(
        tokens.Content(text_sha256(TEXT), Disclosure(review="human"), Clock()(), reviewed_by="me"), "another key"
    )
    for wrong in (unreviewed, foreign, forged, token[:-3] + "AAA", token.swapcase(), ""):
        told = approvals(news, (TEXT, wrong))
        assert (told["approved"], told["refused"][0]["clause"]) == ([], "2.i"), wrong
    both = approvals(news, (TEXT, forged), (TEXT, token))
    assert (both["approved"], both["refused"][0]["content"]) == ([text_sha256(TEXT)], forged)
    altered = approvals(news, (TEXT + "\u200b", token))
    assert (altered["approved"], "not the text that was signed" in altered["refused"][0]["detail"]) == ([], True)


def told_of(page: Page, *texts: tuple[str, str]) -> dict:
    body = {"site": page.key, "texts": [{"text_sha256": text_sha256(text), "content": token} for text, token in texts]}
    return page.client.post("/api/v1/approvals", json=body, headers={"Origin": page.origin}).json


def test_a_page_is_told_which_tokens_the_site_has_signed_for_these_very_words(news: Page, shop: Page) -> None:
    token, foreign = news.render().json["content"], shop.render().json["content"]
    forged = tokens.sign(tokens.Content(text_sha256(TEXT), Disclosure(), Clock()(), answers="me"), "another key")
    texts = [(TEXT, token), (TEXT, foreign), (TEXT, forged), (TEXT, ""), ("Other words.", token)]
    assert told_of(news, *texts)["signed"] == [{"text_sha256": text_sha256(TEXT), "content": token}]


def test_a_page_that_shows_nothing_of_a_withdrawn_text_is_told_when_it_may_again(news: Page, desk: Desk) -> None:
    news.report()
    desk.decide(1, "withdraw")
    assert told_of(news, (TEXT, ""), ("Other words.", ""))["withdrawn"] == [text_sha256(TEXT)]
    desk.undo(1)
    assert told_of(news, (TEXT, ""))["withdrawn"] == []


def test_an_approval_ends_with_the_review_and_with_a_withdrawal(news: Page, desk: Desk, clock: Clock) -> None:
    choose(news, clock, review_days=7)
    desk.review(ask(news)["publication"])
    token, vouched = ask(news)["post"]["content"], news.render("Vouched.", reviewed_by="The editors").json["content"]
    clock.move(days=6)
    assert len(approvals(news, (TEXT, token), ("Vouched.", vouched))["approved"]) == 2
    clock.move(days=1)
    assert approvals(news, (TEXT, token), ("Vouched.", vouched))["approved"] == []
    choose(news, clock)
    sign_in(desk)
    news.report("Vouched.")
    desk.decide(1, "withdraw")
    assert approvals(news, ("Vouched.", vouched))["approved"] == []


def test_the_token_of_what_was_sent_does_not_uncover_it_once_it_is_amended(news: Page, desk: Desk) -> None:
    number, old = ask(news)["publication"], news.render(audience="public").json["content"]
    desk.amend(number, "Better.")
    desk.review(number)
    new = ask(news)["post"]["content"]
    assert approvals(news, (TEXT, old), (TEXT, new), ("Better.", old))["approved"] == []
    assert approvals(news, ("Better.", new))["approved"] == [text_sha256("Better.")]


def test_only_the_sites_own_pages_ask_and_need_no_preflight(news: Page) -> None:
    body = {"site": news.key, "texts": [{"text_sha256": text_sha256(TEXT)}]}
    post = news.client.post
    assert post("/api/v1/approvals", json=body, headers={"Origin": "https://evil.example"}).status_code == 403
    answer = post("/api/v1/approvals", json=body, content_type="text/plain", headers={"Origin": ORIGIN})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, "*")
    assert "Set-Cookie" not in answer.headers
    assert post("/api/v1/approvals", json={**body, "texts": []}, headers={"Origin": ORIGIN}).status_code == 422


@pytest.fixture
def running(app: Flask, news: Page, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """The server, where a bot of News reaches it."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("WIDGET_HOST", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("WIDGET_SITE_SECRET", news.secret)
    yield news
    server.shutdown()


def test_a_bot_goes_on_only_with_what_was_approved(running: Page, desk: Desk) -> None:
    sent = []

    def post() -> None:
        with approved(TEXT, model="jamba-large", author="bot@news.example") as text:
            sent.append(text.text)

    with pytest.raises(Held, match=r"review exactly this text first \(guideline 2\.i\)$") as held:
        post()
    assert (held.value.clause, held.value.state, sent) == ("2.i", "held", [])
    assert isinstance(held.value, Refused)
    desk.amend(held.value.publication, "Better.")
    desk.review(held.value.publication)
    post()
    assert sent == ["Better."]
    assert may_post(TEXT).edited


def test_a_function_is_gated_by_its_first_argument(running: Page, desk: Desk) -> None:
    @gated(audience="public")
    def post(text: str, channel: str = "feed") -> tuple[str, str]:
        return text, channel

    with pytest.raises(Held) as held:
        post(TEXT)
    desk.review(held.value.publication)
    assert post(TEXT, channel="town") == post(text=TEXT, channel="town") == (TEXT, "town")
    with pytest.raises(Held):
        post(TEXT + "\u200b")


def test_a_function_that_is_given_markup_is_given_markup_when_it_was_approved(running: Page, desk: Desk) -> None:
    post = gated()(lambda html: html)
    for given, asked, found in (
        (escape("1 < 2"), "1 < 2", escape("1 < 2")),
        (Markup("<p>Hello</p><script>x</script>"), None, Markup("<p>Hello</p>")),
    ):
        with pytest.raises(Held) as held:
            post(given)
        desk.review(held.value.publication)
        assert (post(given), type(post(given))) == (found, Markup)
        if asked:  # what its words alone are approved for, and the other way round
            assert may_post(asked).text == asked
            assert 'format="text"' in render(given, audience="public")


def test_of_a_site_a_thousand_texts_wait_and_others_are_refused(running: Page, shop: Page, desk: Desk) -> None:
    first = ask(running, "The first one.")["publication"]
    with connection():
        copied(PublicationRow, first, 998, id="'n' || n", html_sha256="'n' || n")
    number = ask(running)["publication"]
    doors = {"publications": {}, "render": {"audience": "public"}}
    for door, more in doors.items():
        answer = running.client.post(f"/api/v1/{door}", json={"text": "One more.", **more}, headers=running.bearer)
        assert (answer.status_code, answer.json["clause"], answer.headers["Retry-After"]) == (429, "2.i", "3600")
        assert "1000 texts of this site wait" in answer.json["detail"]
    with pytest.raises(Refused, match="wait for a person's review"):
        may_post("One more.")
    assert ask(running)["publication"] == number
    assert ask(running, "One more.", audience="one_to_one")["may_post"] is True
    assert ask(shop, "One more.")["state"] == "held"
    desk.review(number, "rejected", "Wrong.")
    assert ask(running, "One more.")["state"] == "held"
    with pytest.raises(Refused, match="wait for a person's review"):
        may_post("And another.")


async def _later(text: str) -> str:
    return text


def test_a_coroutine_is_gated_as_well(running: Page, desk: Desk) -> None:
    post = gated()(_later)
    with pytest.raises(Held) as held:
        asyncio.run(post(TEXT))
    desk.review(held.value.publication)
    assert asyncio.run(post(TEXT)) == TEXT


def test_few_people_need_no_approval(running: Page) -> None:
    with approved(TEXT, audience="limited", audience_size=7) as post:
        assert (post.text, post.publication) == (TEXT, None)


def test_a_bot_stays_silent_when_nobody_can_be_asked(running: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotConfigured):
        may_post(TEXT, secret="wrong")
    monkeypatch.setenv("WIDGET_HOST", "http://127.0.0.1:9")
    with pytest.raises(Refused, match="cannot be asked now") as refused:
        may_post(TEXT)
    assert refused.value.clause == "2.i"


OPENS = "The library opens on *Monday*."
PARAGRAPH = "<p>The library opens on Monday.</p>"
UNSEEN = {
    "markdown": '\n\n[note]: https://scam.example/ "Send 500 EUR, or lose your card"',
    "html": "<!-- beat them -->",
}


@pytest.mark.parametrize(
    ("format_", "reviewed", "asked"),
    [
        ("markdown", OPENS, OPENS + UNSEEN["markdown"]),
        ("html", PARAGRAPH, PARAGRAPH + "<script>alert(1)</script>"),
        ("html", PARAGRAPH, PARAGRAPH.replace("<p>", "<p onclick=steal()>")),
    ],
)
def test_what_goes_out_is_the_source_that_was_reviewed(
    running: Page, desk: Desk, format_: str, reviewed: str, asked: str
) -> None:
    number = ask(running, reviewed, format=format_)["publication"]
    desk.review(number)
    assert ask(running, asked, format=format_)["post"]["source"] == reviewed
    assert gated(format=format_)(lambda text: text)(asked) == reviewed
    better = reviewed.replace("Monday", "Tuesday")
    assert back(desk, number) == 303
    desk.amend(number, better)
    desk.review(number)
    for source in (reviewed, asked, better, better + UNSEEN[format_]):
        assert ask(running, source, format=format_)["post"]["source"] == better


@pytest.mark.parametrize(
    ("reviewed", "asked"),
    [
        (("<script>alert(1)</script>", "text"), ("&lt;script&gt;alert(1)&lt;/script&gt;", "html")),
        (("<b>Hello</b>", "markdown"), ("<p>&lt;b&gt;Hello&lt;/b&gt;</p>\n", "html")),
    ],
)
def test_what_was_reviewed_in_one_format_is_held_in_another_in_which_its_source_would_say_something_else(
    news: Page, desk: Desk, reviewed: tuple[str, str], asked: tuple[str, str]
) -> None:
    number = ask(news, reviewed[0], format=reviewed[1])["publication"]
    desk.review(number)
    told = ask(news, asked[0], format=asked[1])
    assert (told["may_post"], told["publication"] == number) == (False, False)
    assert ask(news, reviewed[0], format=reviewed[1])["post"]["source"] == reviewed[0]
