"""The gate at the desk: a person reads exactly the text, amends it, confirms the checks, approves or rejects it."""

import html
import re
import time

import pytest
from flask import Flask

from tests.admin.test_compliance import clause
from tests.conftest import TEXT, Clock, Desk, Page
from widget_server.rules.harms import LIMITS
from widget_server.rules.marking import text_sha256
from widget_server.rules.policy import Policy
from widget_server.rules.publishing import CHECKS
from widget_server.storage import certain, connection, policies, publications, sites
from widget_server.storage.tables import LogEntry, PublicationRow


def held(news: Page, text: str = TEXT, **more: object) -> str:
    return news.render(text, audience="public", **more).json["publication"]


def shown(desk: Desk, number: str) -> str:
    """The text of a publication as readers will see it, on its page at the desk."""
    page = desk.get(f"/admin/publications/{number}").text
    return re.search(r'<div class="evidence written" dir="auto">(.*?)</div>\n', page, re.DOTALL)[1]


def choose(page: Page, clock: Clock, **choices: object) -> None:
    """The owner's policy from now on."""
    with connection():
        policies.keep(sites.find(page.key), Policy(**choices), moderator=None, at=clock())


def told(page: Page, number: str) -> dict:
    return page.client.get(f"/api/v1/publications/{number}", headers=page.bearer).json


def sign_in(desk: Desk) -> None:
    """Sessions end before reviews run out."""
    desk.post("/admin/login", "/admin/login", email=desk.email, password="correct horse battery")


def test_a_publication_is_reviewed_once(news: Page, desk: Desk, other_desk: Desk) -> None:
    number = held(news)
    held(news, "Another one")
    assert TEXT in desk.get("/admin/publications").text
    seen = re.search(r'name="seen" value="(\w+)"', other_desk.get(f"/admin/publications/{number}").text)[1]
    assert desk.review(number).status_code == 302
    late = other_desk.review(number, "rejected", "No.", seen=seen)
    assert (late.status_code, "Somebody else has decided" in late.text) == (409, True)
    assert other_desk.review(number, "held").status_code == 422
    assert other_desk.review("none").status_code == 404
    assert PublicationRow.get_by_id(number).state == "approved"


def back(desk: Desk, number: str, *, page: str = "", note: str = "") -> int:
    """Takes back the review that the page shows."""
    path = f"/admin/publications/{number}"
    shown = re.search(r'name="decided" value="([^"]+)"', page or desk.get(path).text)
    return desk.post(f"{path}/back", path, decided=shown[1] if shown else "", back=note).status_code


@pytest.mark.parametrize(("verdict", "note"), [("approved", ""), ("rejected", "Two claims are wrong.")])
def test_a_review_that_was_a_mistake_is_taken_back(news: Page, desk: Desk, verdict: str, note: str) -> None:
    number = held(news)
    desk.review(number, verdict, note)
    approval = news.render(audience="public").json.get("content", "")
    page = {"site": news.key, "texts": [{"text_sha256": text_sha256(TEXT), "content": approval}]}

    def is_shown() -> bool:
        answer = news.client.post("/api/v1/approvals", json=page, headers={"Origin": news.origin})
        return len(answer.json["approved"]) == 1

    assert is_shown() is (verdict == "approved")
    assert back(desk, number, note="I had opened another text.") == 303
    told_now = told(news, number)
    assert (told_now["state"], told_now["may_post"]) == ("held", False)
    step = told_now["history"][-1]
    assert (step["what"], step["by"], step["note"]) == ("taken_back", desk.email, "I had opened another text.")
    assert not is_shown()
    assert "Its review was taken back" in desk.get(f"/admin/publications/{number}").text
    assert LogEntry.select().where(LogEntry.verb == "publication taken back").count() == 1
    desk.review(number)
    assert told(news, number)["may_post"] is True


def test_a_text_that_a_moderator_has_withdrawn_goes_out_in_no_words_and_its_page_says_so(
    news: Page, desk: Desk
) -> None:
    number = held(news)
    desk.amend(number, "In other words.")
    desk.review(number)
    shown = news.render("In other words.", audience="public").json
    assert shown["state"] == "shown"
    assert "does not go out" not in desk.get(f"/admin/publications/{number}").text
    news.report(TEXT)
    desk.decide(1, "withdraw")
    page = desk.get(f"/admin/publications/{number}").text
    assert 'has withdrawn this text in <a href="/admin/reports/1">case 1</a>' in page
    texts = [{"text_sha256": text_sha256("In other words."), "content": shown["content"]}]
    on_a_page = news.client.post(
        "/api/v1/approvals", json={"site": news.key, "texts": texts}, headers={"Origin": news.origin}
    ).json
    asked = {"text": "In other words.", "audience": "public"}
    to_post = news.client.post("/api/v1/publications", json=asked, headers=news.bearer).json
    assert (told(news, number)["may_post"], to_post["may_post"], on_a_page["approved"]) == (False, False, [])
    assert news.render("In other words.", audience="public").json["state"] == "withdrawn"
    desk.undo(1)
    assert told(news, number)["may_post"] is True
    assert news.render("In other words.", audience="public").json["state"] == "shown"


@pytest.mark.parametrize("ask", ["list", "one", "render", "approvals"])
def test_a_request_that_meets_a_clock_that_is_ahead_for_a_moment_ends_no_review(
    news: Page, desk: Desk, clock: Clock, ask: str
) -> None:
    choose(news, clock, review_days=1)
    number = held(news)
    desk.review(number)
    content = news.render(audience="public").json["content"]
    with connection():
        certain.hear(at=clock())
    page = {"site": news.key, "texts": [{"text_sha256": text_sha256(TEXT), "content": content}]}
    doors = {
        "list": lambda: news.client.get("/api/v1/publications", headers=news.bearer),
        "one": lambda: news.client.get(f"/api/v1/publications/{number}", headers=news.bearer),
        "render": lambda: news.render(audience="public"),
        "approvals": lambda: news.client.post("/api/v1/approvals", json=page, headers={"Origin": news.origin}),
    }
    clock.move(days=30)
    answer = doors[ask]()
    assert not any(words in answer.text for words in ('"may_post":true', '"state":"shown"', '"approved":[{'))
    clock.move(days=-30)
    assert told(news, number)["may_post"] is True
    clock.move(days=2)
    with connection():
        certain.hear(at=clock())
    assert told(news, number)["state"] == "held"
    assert told(news, number)["history"][-1]["what"] == "expired"


def test_only_the_review_that_one_sees_is_taken_back(news: Page, desk: Desk, other_desk: Desk) -> None:
    number = held(news)
    assert back(desk, number) == 409
    desk.review(number)
    first = other_desk.get(f"/admin/publications/{number}").text
    assert back(desk, number) == 303
    desk.review(number)
    assert back(other_desk, number, page=first) == 409
    assert PublicationRow.get_by_id(number).state == "approved"


def test_the_page_shows_the_text_its_links_and_what_nobody_sees_in_it(news: Page, desk: Desk) -> None:
    number = held(news, "**Read** [this](https://evil.example/a?b=1&c=2)\u200b now.", format="markdown")
    page = desk.get(f"/admin/publications/{number}").text
    assert "<strong>Read</strong>" in page
    assert "<code>https://evil.example/a?b=1&amp;c=2</code>" in page
    assert ">U+200B ZERO WIDTH SPACE</mark>" in page
    assert "1 character that readers cannot see" in page


INWARD = [
    "/admin/exports/reports.jsonl",
    "exports/reports.jsonl",
    "?show=approved",
    "",
    "//widget.example/admin",
    "https:/admin",
    "https:admin",
    "https://widget.example/admin",
    "HTTPS://WIDGET.example:443?x",
    "https://widget.example./admin",
    "https://widg%65t.example/admin",
    "https://reader@widget.example/admin",
    "https://\uff57idget.example/admin",
    "https:\\\\widget.example/admin",
    "https://a.example\\@widget.example/admin",
    "https://2130706433/admin",
]


@pytest.mark.parametrize("address", INWARD)
def test_no_link_of_a_text_leads_into_the_desk_and_its_address_is_told(news: Page, desk: Desk, address: str) -> None:
    number = held(news, f'Read <a href="{address}">the <b>sources</b></a> first.', format="html")
    read = shown(desk, number)
    assert "<a" not in read
    assert re.search(r"Read the <b>sources</b> <code dir=\"ltr\">[^<]*</code> first\.", read)
    assert html.unescape(re.search(r"<code[^>]*>([^<]*)</code>", read)[1]) == address


@pytest.mark.parametrize("address", ["https://a.example", "http://b.a.example:8080/x?y#z", "mailto:a@a.example"])
def test_links_to_elsewhere_can_be_tried(news: Page, desk: Desk, address: str) -> None:
    assert f'<a href="{address}" rel=' in shown(desk, held(news, f"[Read]({address})", format="markdown"))


def test_links_in_each_other_are_told_apart(news: Page, desk: Desk) -> None:
    inner = '<table><tr><td><a href="/b">in</a></td></tr></table>'
    number = held(news, f'<a href="https://a.example">out {inner} out</a> <a href="/c">last</a>', format="html")
    read = shown(desk, number)
    assert (read.count("<a "), read.count("</a>")) == (1, 1)
    assert re.findall(r"(\w+) <code dir=\"ltr\">([^<]*)</code>", read) == [("in", "/b"), ("last", "/c")]


def test_the_links_of_a_held_text_belong_to_what_is_approved(news: Page, desk: Desk) -> None:
    def render(address: str) -> dict:
        return news.render(f'<a href="{address}">Click</a> here', format="html", audience="public").json

    desk.review(render("https://good.example")["publication"])
    assert render("https://good.example")["state"] == "shown"
    assert render("https://evil.example")["state"] == "held"


def test_an_approved_text_is_known_on_a_page_by_its_words_and_the_desk_says_that_links_are_not(
    news: Page, desk: Desk
) -> None:
    written = '<a href="https://{}.example">Click</a> here'
    number = held(news, written.format("good"), format="html")
    assert "the site answers for where links lead there" in desk.get(f"/admin/publications/{number}").text
    desk.review(number)
    shown = news.render(written.format("good"), format="html", audience="public").json
    body = {"site": news.key, "texts": [{"text_sha256": text_sha256("Click here"), "content": shown["content"]}]}
    answer = news.client.post("/api/v1/approvals", json=body, headers={"Origin": news.origin})
    assert len(answer.json["approved"]) == 1
    assert news.render(written.format("evil"), format="html", audience="public").json["state"] == "held"
    news.report("Click here", content=shown["content"])
    case = desk.get("/admin/reports/1").text
    assert "exactly the words that it labelled" in case
    assert "Where links in it led is not signed." in case


@pytest.mark.parametrize("missing", CHECKS)
def test_every_check_is_confirmed_before_a_text_is_approved(news: Page, desk: Desk, missing: str) -> None:
    number = held(news)
    answer = desk.review(number, checks=[name for name in CHECKS if name != missing])
    assert (answer.status_code, f"{missing} (guideline 2.i)" in answer.text) == (422, True)
    assert told(news, number)["state"] == "held"


def test_a_rejection_says_why(news: Page, desk: Desk) -> None:
    number = held(news)
    assert desk.review(number, "rejected", "  ").status_code == 422
    assert desk.review(number, "rejected", "It is in Paris.").status_code == 302
    assert (told(news, number)["state"], told(news, number)["note"]) == ("rejected", "It is in Paris.")


def test_an_amended_text_takes_the_place_of_what_was_sent(news: Page, desk: Desk) -> None:
    number = held(news)
    better = TEXT.replace("Rome", "Paris")
    assert desk.amend(number, better).status_code == 303
    page = desk.get(f"/admin/publications/{number}").text
    assert ("<del>Rome</del>" in page, "<ins>Paris</ins>" in page) == (True, True)
    assert news.render(audience="public").json["state"] == "held"
    desk.review(number)
    for text in (TEXT, better):
        shown = news.render(text, audience="public").json
        assert (shown["state"], shown["edited"], shown["publication"]) == ("shown", True, number)
        assert shown["text_sha256"] == text_sha256(better)
        assert ("Paris" in shown["html"], "Rome" in shown["html"]) == (True, False)
        assert "Edited by a person" in shown["html"]
        assert shown["disclosure"]["review"] == "human"
    assert news.render(better + "\u200b", audience="public").json["state"] == "held"


def test_a_text_that_is_amended_back_was_never_amended(news: Page, desk: Desk) -> None:
    number = held(news)
    desk.amend(number, TEXT + " Yes.")
    desk.amend(number, TEXT)
    desk.review(number)
    assert "edited" not in news.render(audience="public").json


def test_nobody_approves_a_text_that_was_amended_under_their_eyes(news: Page, desk: Desk, other_desk: Desk) -> None:
    number = held(news)
    seen = re.search(r'name="seen" value="(\w+)"', desk.get(f"/admin/publications/{number}").text)[1]
    other_desk.amend(number, "Something else.")
    answer = desk.review(number, seen=seen)
    assert (answer.status_code, "Something else." in answer.text) == (409, True)
    assert desk.amend(number, "A third thing.", seen=seen).status_code == 409
    assert told(news, number)["state"] == "held"


def test_what_was_typed_about_a_text_that_somebody_else_decides_meanwhile_is_not_lost(
    news: Page, desk: Desk, other_desk: Desk
) -> None:
    number = held(news)
    seen = re.search(r'name="seen" value="(\w+)"', desk.get(f"/admin/publications/{number}").text)[1]
    other_desk.review(number)
    better = "The tower stands in <Paris>.\nIt took an hour to say so."
    amended = desk.amend(number, better, seen=seen)
    assert (amended.status_code, html.escape(better) in amended.text) == (409, True)
    rejected = desk.review(number, "rejected", "It stands in Paris.", seen=seen)
    assert (rejected.status_code, "It stands in Paris." in rejected.text) == (409, True)
    assert "<dt>Decision</dt><dd>Rejected</dd>" in rejected.text
    assert "What you were about to send" not in desk.get(f"/admin/publications/{number}").text
    stale = re.search(r'name="decided" value="([^"]+)"', desk.get(f"/admin/publications/{number}").text)[1]
    assert back(other_desk, number) == 303
    late = desk.post(
        f"/admin/publications/{number}/back", "/admin/publications", decided=stale, back="A mistake of mine."
    )
    assert (late.status_code, "A mistake of mine." in late.text) == (409, True)


@pytest.mark.parametrize("note", [4_000, 4_001])
def test_what_is_too_long_is_told_and_not_lost(news: Page, desk: Desk, note: int) -> None:
    number = held(news)
    long = ("x" * 79 + "\n") * (LIMITS["text"] // 80)
    assert desk.amend(number, long.replace("\n", "\r\n")).status_code == 303
    refused = desk.amend(number, long + "!")
    assert (refused.status_code, "x\n!</textarea>" in refused.text) == (422, True)
    answer = desk.review(number, "rejected", "x" * note)
    assert (answer.status_code, "x" * note in answer.text) == ((302, False) if note == 4_000 else (422, True))
    desk.review(number)
    shown = re.search(r'name="decided" value="([^"]+)"', desk.get(f"/admin/publications/{number}").text)[1]
    page = f"/admin/publications/{number}/back"
    answer = desk.post(page, "/admin/publications", decided=shown, back="y" * note)
    assert (answer.status_code, "y" * note in answer.text) == ((303, False) if note == 4_000 else (422, True))


@pytest.mark.parametrize("empty", ["", " \n", "<script>x</script>"])
def test_a_text_without_words_is_no_amendment(news: Page, desk: Desk, empty: str) -> None:
    number = held(news, "<p>Words.</p>", format="html")
    assert desk.amend(number, empty).status_code == 422


def test_with_four_eyes_whoever_asked_for_a_text_does_not_approve_it(
    news: Page, desk: Desk, other_desk: Desk, clock: Clock
) -> None:
    choose(news, clock, four_eyes=True)
    number = held(news, author="Ada <ADA@news.example>")
    refused = desk.review(number)
    assert (refused.status_code, "You asked for this text" in refused.text, "2.i" in refused.text) == (422, True, True)
    assert desk.review(number, "rejected", "I take it back.").status_code == 302
    other = held(news, "Another one", author="ada@news.example")
    held(news, "Another one", author="bob@news.example")
    assert (desk.review(other).status_code, other_desk.review(other).status_code) == (422, 422)


def test_with_four_eyes_whoever_amended_a_text_does_not_approve_it(
    news: Page, desk: Desk, other_desk: Desk, clock: Clock
) -> None:
    choose(news, clock, four_eyes=True)
    number = held(news)
    desk.amend(number, "One.")
    other_desk.amend(number, "Two.")
    assert "You amended this text" in desk.review(number).text
    assert (desk.review(number).status_code, other_desk.review(number).status_code) == (422, 422)
    choose(news, clock)
    assert desk.review(number).status_code == 302


def test_with_four_eyes_a_host_does_not_vouch_for_its_own_author(news: Page, clock: Clock) -> None:
    own = {"audience": "public", "author": "ada@news.example", "reviewed_by": "Ada <ada@news.example>"}
    assert news.render(**own).json["state"] == "shown"
    choose(news, clock, four_eyes=True)
    refused = news.render(**own)
    assert (refused.status_code, refused.json["clause"]) == (422, "2.i")
    assert news.render(**{**own, "reviewed_by": "The editors"}).json["state"] == "shown"


def test_whoever_works_at_the_desk_is_an_author_of_what_they_ask_for_however_many_did_before(
    news: Page, desk: Desk, clock: Clock
) -> None:
    for number in range(20):
        held(news, author=f"reader {number}")
    held(news, author="one more reader")
    number = held(news, author=f"Ada <{desk.email}>")
    assert told(news, number)["authors"] == [*(f"reader {number}" for number in range(20)), f"Ada <{desk.email}>"]
    choose(news, clock, four_eyes=True)
    assert "another person has to approve it" in desk.review(number).text


def test_a_review_runs_out_when_the_owner_says(news: Page, desk: Desk, clock: Clock) -> None:
    choose(news, clock, review_days=30)
    number = held(news)
    desk.review(number)
    clock.move(days=29, hours=23)
    assert news.render(audience="public").json["state"] == "shown"
    clock.move(hours=1)
    assert news.render(audience="public").json["state"] == "held"
    sign_in(desk)
    assert "Its review has run out" in desk.get(f"/admin/publications/{number}").text
    assert [step["what"] for step in told(news, number)["history"]] == ["submitted", "approved", "expired"]
    desk.review(number)
    assert news.render(audience="public").json["state"] == "shown"


@pytest.mark.parametrize("door", ["program", "person"])
def test_nothing_is_left_out_of_a_list_when_the_last_one_of_a_page_is_held_again_meanwhile(
    news: Page, desk: Desk, clock: Clock, door: str
) -> None:
    made = []
    for number in range(publications.PAGE + 3):
        clock.move(seconds=1)
        made.append(held(news, f"Text {number}."))

    def read(after: str | None) -> tuple[list[str], str | None]:
        if door == "program":
            query = {"state": "held"} | ({"after": after} if after else {})
            answer = news.client.get("/api/v1/publications", query_string=query, headers=news.bearer).json
            return [row["id"] for row in answer["publications"]], answer["next"]
        page = desk.get(after or "/admin/publications").text
        further = re.search(r'rel="next" href="([^"]+)"', page)
        return re.findall(r'href="/admin/publications/([0-9a-f]{24})"', page), further and html.unescape(further[1])

    first, after = read(None)
    assert first == made[: publications.PAGE]
    desk.review(first[-1], "rejected", "Not this one.")
    assert back(desk, first[-1]) == 303
    assert read(after) == ([*made[publications.PAGE :], first[-1]], None)


def test_what_has_run_out_is_in_the_list_of_what_is_held(news: Page, desk: Desk, clock: Clock) -> None:
    desk.review(held(news))
    choose(news, clock, review_days=1)
    clock.move(days=2)
    sign_in(desk)
    assert TEXT in desk.get("/admin/publications").text
    assert LogEntry.select().where(LogEntry.verb == "publication expired").count() == 1
    assert TEXT not in desk.get("/admin/publications?show=approved").text


@pytest.mark.parametrize("how", ["run out", "taken back"])
def test_a_text_that_is_held_again_waits_from_then_on(news: Page, desk: Desk, clock: Clock, how: str) -> None:
    first = held(news)
    desk.review(first)
    clock.move(days=29)
    second = held(news, "Another text.")
    clock.move(days=2)
    sign_in(desk)
    if how == "taken back":
        back(desk, first, note="I had opened another text.")
    else:
        choose(news, clock, review_days=30)
    clock.move(minutes=5)
    page = desk.get("/admin/publications").text
    assert re.findall(r'id="publication-(\w+)"', page) == [second, first]
    waits = "5 min" if how == "taken back" else "under 1 min"
    assert re.findall(r'Waits\s+<b class="ago">(.+?)</b>', page) == ["2 days", waits]
    assert f"{waits}</b>" in desk.get(f"/admin/publications/{first}").text
    listed = news.client.get("/api/v1/publications?state=held", headers=news.bearer).json["publications"]
    assert [one["id"] for one in listed] == [second, first]
    desk.review(second)
    assert clause(news, "2.i")["evidence"]["held_since"] == clock().date().isoformat()


def test_readers_are_told_who_answers_for_a_text_as_it_was_when_it_was_approved(
    news: Page, desk: Desk, clock: Clock
) -> None:
    choose(news, clock, responsible="Grace Example", contact="grace@news.example")
    desk.review(held(news))
    choose(news, clock, responsible="Somebody else")
    html = news.render(audience="public").json["html"]
    assert "Responsible: <bdi>Grace Example (grace@news.example)</bdi>" in html
    assert "Responsible" not in news.render("Nobody has to review this.").json["html"]


def test_what_happened_stands_in_the_history_and_in_the_log(news: Page, desk: Desk) -> None:
    number = held(news)
    desk.amend(number, "Better.")
    desk.review(number, note="Checked.")
    assert [(step["what"], step["by"]) for step in told(news, number)["history"]] == [
        ("submitted", None),
        ("amended", desk.email),
        ("approved", desk.email),
    ]
    verbs = [entry.verb for entry in LogEntry.select().order_by(LogEntry.id) if "publication" in entry.subject]
    assert verbs == ["publication amended", "publication approved"]
    page = desk.get(f"/admin/publications/{number}").text
    assert "Checked." in page
    assert "button class=" not in page.split("review-title")[1]  # nothing is left to decide


def test_a_text_of_an_older_version_can_be_amended_and_reviewed(news: Page, desk: Desk, app: Flask) -> None:
    number = held(news)
    with connection():
        PublicationRow.update(authors=[], checks=[], purpose="").execute()
    assert desk.amend(number, "Better.").status_code == 303
    assert desk.review(number).status_code == 302


def test_a_list_of_marked_up_texts_costs_no_more_than_one_of_plain_texts(news: Page, desk: Desk) -> None:
    def cost() -> float:
        costs = []
        for _ in range(3):
            began = time.thread_time()
            assert desk.get("/admin/publications").status_code == 200
            costs.append(time.thread_time() - began)
        return min(costs)

    for number in range(5):
        held(news, f"{number} " + "a *b*\n" * 5000)
    plain = cost()
    for row in range(5):
        held(news, f"{row} " + "a *b*\n" * 5000, format="markdown")
    assert cost() < 6 * plain


def test_the_list_shows_the_first_words_of_a_text_as_it_was_amended(news: Page, desk: Desk) -> None:
    number = held(news, "The *first* text", format="markdown")
    assert "The first text" in desk.get("/admin/publications").text
    desk.amend(number, "The **second** text")
    assert "The second text" in desk.get("/admin/publications").text


@pytest.mark.parametrize("sent", [TEXT, TEXT.replace("Rome", "Berlin")], ids=["as it was sent", "as it was amended"])
def test_the_case_of_a_text_leads_to_its_publication(news: Page, desk: Desk, sent: str) -> None:
    number, other = held(news, sent), held(news, "Another text")
    if sent != TEXT:
        desk.amend(number, TEXT)
    desk.review(number)
    news.report(TEXT)
    page = desk.get("/admin/reports/1").text
    assert (f"/admin/publications/{number}" in page, f"/admin/publications/{other}" in page) == (True, False)
    assert re.search(rf"Approved</a> by {re.escape(desk.email)}", page)


WRITTEN = "<p>The fair opens on Sunday.</p>"
HIDDEN = WRITTEN + "<!-- beat them -->"


def test_what_readers_do_not_see_of_a_text_can_be_amended_and_nobody_approves_it_unseen(
    news: Page, desk: Desk, other_desk: Desk
) -> None:
    number = held(news, HIDDEN, format="html")
    seen = re.search(r'name="seen" value="(\w+)"', desk.get(f"/admin/publications/{number}").text)[1]
    other_desk.amend(number, WRITTEN)
    assert "<del>&lt;!-- beat them --&gt;</del>" in desk.get(f"/admin/publications/{number}").text
    assert desk.review(number, seen=seen).status_code == 409
    desk.review(number)
    answer = news.client.post("/api/v1/publications", json={"text": HIDDEN, "format": "html"}, headers=news.bearer)
    assert (answer.json["post"]["source"], answer.json["post"]["edited"]) == (WRITTEN, True)


def test_keeping_a_text_as_it_is_amends_nothing_whatever_ends_its_lines(news: Page, desk: Desk) -> None:
    number = held(news, "One.\r\nTwo.")
    desk.amend(number, "One.\r\nTwo.")
    assert PublicationRow.get_by_id(number).amended is None


@pytest.mark.parametrize(
    ("written_as", "text", "more"),
    [
        ("text", "We *open*.", []),
        ("markdown", "We _open_ at **nine**.", []),
        ("markdown", "We open&#8203; now.", ["alone", "written"]),
        ("markdown", "We ~~never~~ open.", ["alone"]),
        ("markdown", "We open. ![beaten](https://a.example)", ["written"]),
        ("markdown", "We open.\n\n[💣]: /", ["written"]),
        ("markdown", "Now we do.\n\n[We]: now", ["written"]),
        ("html", "We are 10<sup>5</sup>.", ["alone", "written"]),
        ("html", "<bdo dir=rtl>nepo eW</bdo>", ["alone", "written"]),
        ("html", "<table><tfoot><tr><td>not<tbody><tr><td>open</table>", ["alone", "written"]),
    ],
)
def test_where_words_and_source_of_a_text_say_something_else_they_are_open_beside_it(
    news: Page, desk: Desk, written_as: str, text: str, more: list[str]
) -> None:
    page = desk.get(f"/admin/publications/{held(news, text, format=written_as)}").text
    folds = re.findall(r'<details class="fold"( open)?>\s*<summary><b>(?:Its words|As it is) (\w+)', page)
    assert [name for is_open, name in folds if is_open] == more


def test_titles_and_addresses_of_a_text_are_named_with_what_nobody_sees_in_them(news: Page, desk: Desk) -> None:
    text = '<a href="https://a.example/\u202egro" title="Beat\u200b them">Here</a>'
    page = desk.get(f"/admin/publications/{held(news, text, format='html')}").text
    assert re.search(r"Beat<mark [^>]*>U\+200B ZERO WIDTH SPACE</mark>\u200b them</li>", page)
    assert "U+202E RIGHT-TO-LEFT OVERRIDE" in page.split("Where its links lead")[1].split("</ul>")[0]


def test_words_that_readers_do_not_see_are_marked(news: Page, desk: Desk) -> None:
    number = held(news, "<p>We open.</p><!-- beat them -->", format="html")
    page = desk.get(f"/admin/publications/{number}").text
    assert "2 words that readers do not see" in page
    assert re.findall(r"do not see this\">(\w+)</mark>", page) == ["beat", "them"]
