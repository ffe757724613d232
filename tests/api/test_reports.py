"""Reports through the API: what is kept, what the reporter learns, what is refused."""

import re
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import TEXT, Clock, Desk, Page, seen
from widget_server.routes.api.reports import ReportSchema
from widget_server.rules.harms import ADDRESS, HARMS, LIMITS
from widget_server.rules.marking import text_sha256
from widget_server.storage import connection, retention
from widget_server.storage.tables import Case, Report

LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
TYPE_EMAIL = rf"[a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{LABEL}(?:\.{LABEL})*"
"""What browsers ask of an e-mail address (HTML Standard, “valid email address”)."""
LONG = "".join(f"In the year {year} the tower was painted again, and the harbour closed. " for year in range(100))


def test_a_report_is_acknowledged_with_a_receipt_and_a_page(news: Page) -> None:
    answer = news.report()
    assert answer.status_code == 201
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{5}-){3}[0-9A-HJKMNP-TV-Z]{5}", answer.json["receipt"])
    assert answer.json["status_url"] == f"https://widget.example/r/{answer.json['receipt']}"
    assert news.status(answer.json["receipt"])["state"] == "received"


def test_the_same_id_twice_is_one_report_with_one_receipt(news: Page) -> None:
    name = str(uuid.uuid4())
    first, second = news.report(id=name), news.report(id=name)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json == second.json
    assert Report.select().count() == 1


def test_the_same_id_sent_ten_times_at_once_is_one_report(news: Page) -> None:
    names = [str(uuid.uuid4()) for _ in range(5)]

    def send(name: str) -> tuple[str, int, str]:
        answer = Page(news.client.application.test_client(), news.key, news.secret).report(id=name)
        return name, answer.status_code, answer.json.get("receipt")

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(send, names * 10))
    assert {status for _, status, _ in answers} == {200, 201}
    assert len({(name, receipt) for name, _, receipt in answers}) == len(names)
    assert Report.select().count() == len(names)


SAID = {"category": "spam", "comment": "Look\nhere.", "quote": {"exact": "in Rome"}, "email": "ada@reader.example"}


@pytest.mark.parametrize(
    "change",
    [{"text": "another text"}, {"category": "self_harm", "email": ""}, {"comment": ""}, {"quote": {"exact": "in"}}],
    ids=str,
)
def test_what_is_said_otherwise_under_a_known_id_is_not_taken_for_kept(news: Page, change: dict) -> None:
    name = str(uuid.uuid4())
    first, second = news.report(id=name, **SAID), news.report(id=name, **{**SAID, **change})
    assert (second.status_code, list(second.json["errors"])) == (409, ["id"])
    assert (Case.select().count(), Report.select().count()) == (1, 1)
    assert news.report(id=name, **SAID).json == first.json


def test_a_report_sent_again_with_other_spaces_or_without_its_token_has_its_receipt(news: Page) -> None:
    name = str(uuid.uuid4())
    first = news.report(id=name, content=news.render().json["content"], **SAID)
    again = {**SAID, "comment": " Look\r\nhere.", "quote": {"exact": "in\u00a0Rome", "prefix": "stands"}}
    second = news.report(TEXT + "\n", id=name, **again)
    assert (second.status_code, second.json) == (200, first.json)


def test_a_report_sent_again_after_years_has_its_receipt(news: Page, desk: Desk, clock: Clock) -> None:
    name = str(uuid.uuid4())
    first = news.report(id=name, **SAID)
    desk.decide(1, "dismiss")
    clock.move(days=1_000)
    with connection():
        assert retention.purge(days=90, at=clock()) == 1
    assert news.report(id=name, **SAID).json == first.json
    assert news.report(id=name, **{**SAID, "category": "hate"}).status_code == 409


def test_a_report_that_was_taken_back_stays_so_when_it_is_sent_again(news: Page, desk: Desk) -> None:
    name = str(uuid.uuid4())
    first = news.report(id=name, **SAID)
    news.client.delete(f"/api/v1/reports/{first.json['receipt']}")
    assert (news.report(id=name, **SAID).json, desk.cases()) == (first.json, [])
    assert news.report("another text", id=name).status_code == 409


def test_the_database_alone_opens_no_receipt(news: Page) -> None:
    name = str(uuid.uuid4())
    receipt = news.report(id=name).json["receipt"]
    kept = str(Report.select().tuples()[0])
    assert name not in kept
    assert receipt not in kept
    assert receipt.replace("-", "") not in kept


def test_a_text_that_only_its_reporter_saw_goes_with_the_report(news: Page) -> None:
    receipt = news.report("my private text").json["receipt"]
    news.client.delete(f"/api/v1/reports/{receipt}")
    assert Case.get().text == ""


def test_reports_on_one_text_are_one_case(news: Page) -> None:
    news.report()
    news.report("  " + TEXT.replace(" ", "\u00a0\n"))
    assert Case.select().count() == 1


def test_the_same_text_on_two_sites_is_two_cases(news: Page, shop: Page) -> None:
    news.report()
    shop.report()
    assert Case.select().count() == 2


def test_a_report_that_matches_its_token_is_verified(news: Page) -> None:
    token = news.render(model="jamba-large", provider="AI21").json["content"]
    news.report(content=token)
    case = Case.get()
    assert (case.verified, case.model, case.provider) == (True, "jamba-large", "AI21")


def test_a_text_that_its_token_does_not_match_is_kept_as_the_reporter_saw_it(news: Page) -> None:
    token = news.render(model="jamba-large").json["content"]
    news.report(TEXT + "!", content=token)
    assert Case.get().verified is False


def test_signed_evidence_replaces_what_was_only_seen(news: Page) -> None:
    news.report()
    news.report(content=news.render(model="jamba-large").json["content"])
    assert (Case.get().verified, Case.get().model) == (True, "jamba-large")


def test_a_text_too_long_for_a_report_is_withdrawn_as_a_whole(news: Page, desk: Desk) -> None:
    whole = LONG * 20
    receipts = [
        news.report(whole[:cut], text_sha256=text_sha256(whole)).json["receipt"] for cut in (LIMITS["text"], 9_000)
    ]
    assert [(len(case.text), case.verified) for case in Case.select()] == [(LIMITS["text"], False)]
    page = desk.get("/admin/reports/1").text
    assert "Only its beginning." in page
    assert text_sha256(whole) in page
    assert desk.decide(1, "withdraw").status_code == 409
    desk.post("/admin/reports/1/compare", "/admin/reports/1/compare", pasted=f" {whole}\n")
    assert "Only its beginning." not in desk.get("/admin/reports/1").text
    desk.decide(1, "withdraw")
    assert [news.status(receipt)["outcome"] for receipt in receipts] == ["withdrawn"] * 2
    assert news.view(seen(whole)).json["withdrawn"] == [text_sha256(whole)]


def test_a_beginning_that_somebody_has_made_up_changes_no_page(news: Page, desk: Desk) -> None:
    harmless = "The tower was painted in the spring, and the harbour is open to visitors on Sundays."
    news.report("Drink bleach. " * 100, text_sha256=text_sha256(harmless))
    for decision in ("withdraw", "relabel"):
        assert desk.decide(1, decision).status_code == 409
        assert f'value="{decision}"' not in desk.get("/admin/reports/1").text
    assert news.view(seen(harmless)).json["withdrawn"] == []
    news.report(harmless, category="spam")
    assert Case.get().text == harmless
    assert desk.decide(1, "dismiss").status_code == 302


def test_the_beginning_of_a_signed_text_is_no_evidence_and_its_whole_is(news: Page, desk: Desk) -> None:
    whole = (LONG * 5).strip()
    token = news.render(whole, model="jamba-large").json["content"]
    news.report(whole[:2_000], text_sha256=text_sha256(whole), content=token)
    case = Case.get()
    assert (case.verified, case.model, len(case.text)) == (False, "jamba-large", 2_000)
    news.report(whole, content=token)
    case = Case.get()
    assert (case.verified, case.text, case.version) == (True, whole, 1)
    assert "Only its beginning." not in desk.get("/admin/reports/1").text
    news.report(whole[:2_000], text_sha256=text_sha256(whole))
    assert Case.get().text == whole


def test_what_is_signed_of_another_text_says_nothing_of_this_one(news: Page) -> None:
    another = news.render("Another text.", model="jamba-large").json["content"]
    assert news.report(content=another).status_code == 201
    assert (Case.get().verified, Case.get().model) == (False, "")


def test_a_text_that_came_whole_is_evidence_whatever_digest_is_told_beside(news: Page) -> None:
    token = news.render().json["content"]
    assert news.report(content=token, text_sha256=text_sha256(TEXT)).status_code == 201
    assert (Case.get().verified, Case.get().text) == (True, TEXT)


@pytest.mark.parametrize(("characters", "status"), [(999, 422), (1_000, 201)])
def test_a_text_that_is_short_enough_comes_whole(news: Page, characters: int, status: int) -> None:
    answer = news.report("x" * characters, text_sha256=text_sha256("x" * 60_000))
    assert answer.status_code == status
    assert list(answer.json.get("errors", [])) == (["text_sha256"] if status == 422 else [])


def test_who_reports_a_signed_text_does_not_lay_it_out(news: Page, desk: Desk) -> None:
    """Its identity knows nothing of white space, so that they choose it all."""
    first, rest = TEXT.split(" in Rome,")
    spread = "\n" * 9000 + first + "\n" * 9000 + " in Rome," + "\u3000" * 900 + rest
    news.report(spread, content=news.render(TEXT).json["content"], comment="Look:" + "\n" * 1000 + "it lies.")
    page = desk.get("/admin/reports/1").text
    assert "Verified." in page
    assert f">{first}\n\n in Rome,{24 * chr(0x3000)}{rest.lstrip()}<" in page
    assert "Look:\n\nit lies." in page
    assert Case.get().text_sha256 == text_sha256(TEXT)


def test_a_list_shows_the_words_of_a_text(news: Page, desk: Desk) -> None:
    news.report((24 * " ").join(TEXT.split()))
    for page in ("/admin/reports", "/admin/reports/all?category=misinformation"):
        assert TEXT in desk.get(page).text


def test_a_foreign_sites_token_is_refused(news: Page, shop: Page) -> None:
    answer = news.report(content=shop.render().json["content"])
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["content"])
    assert Report.select().count() == 0


def test_a_token_older_than_four_hundred_days_is_refused(news: Page, clock: Clock) -> None:
    token = news.render().json["content"]
    clock.move(days=400, seconds=-1)
    assert news.report(content=token).status_code == 201
    clock.move(seconds=1)
    answer = news.report(content=token)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["content"])


def test_the_reporter_learns_the_decision_and_its_message(news: Page, desk: Desk) -> None:
    receipt = news.report().json["receipt"]
    desk.get("/admin/reports/1")
    assert news.status(receipt)["state"] == "in_review"
    desk.decide(1, "withdraw", "You were right, it stands in Paris.")
    told = news.status(receipt)
    assert (told["state"], told["outcome"], told["message"]) == (
        "decided",
        "withdrawn",
        "You were right, it stands in Paris.",
    )
    assert told["automated"] is False


def test_a_receipt_is_found_however_it_is_typed(news: Page) -> None:
    receipt = news.report().json["receipt"]
    assert news.status(receipt.lower().replace("-", " "))["state"] == "received"
    assert news.status(receipt.replace("0", "O").replace("1", "l"))["state"] == "received"


def test_a_decided_report_can_be_appealed_once(news: Page, desk: Desk) -> None:
    receipt = news.report().json["receipt"]
    appeal = f"/api/v1/reports/{receipt}/appeal"
    assert news.client.post(appeal, json={"comment": "Look again."}).status_code == 409
    desk.decide(1, "dismiss")
    assert news.client.post(appeal, json={"comment": "Look again."}).json["state"] == "appealed"
    assert desk.cases() == [1]
    assert news.client.post(appeal, json={"comment": "And again."}).status_code == 409
    desk.decide(1, "withdraw", "On a second look: yes.")
    told = news.status(receipt)
    assert (told["state"], told["outcome"], told["can_appeal"]) == ("decided", "withdrawn", False)


def test_an_appeal_against_a_withdrawal_leaves_the_text_withdrawn_until_decided(news: Page, desk: Desk) -> None:
    receipt = news.report().json["receipt"]
    desk.decide(1, "withdraw")
    news.client.post(f"/api/v1/reports/{receipt}/appeal", json={"comment": "I did not want that."})
    assert news.view().json["withdrawn"]
    desk.decide(1, "dismiss")
    assert news.view().json["withdrawn"] == []


def test_a_report_on_a_dismissed_text_opens_its_case_again(news: Page, desk: Desk) -> None:
    first = news.report().json["receipt"]
    desk.decide(1, "dismiss", "It is fine.")
    assert desk.cases() == []
    second = news.report().json["receipt"]
    assert desk.cases() == [1]
    assert (news.status(first)["state"], news.status(second)["state"]) == ("decided", "received")


def test_a_report_on_a_withdrawn_text_is_answered_at_once(news: Page, desk: Desk) -> None:
    news.report()
    desk.decide(1, "withdraw", "Gone.")
    receipt = news.report().json["receipt"]
    assert (news.status(receipt)["state"], news.status(receipt)["message"]) == ("decided", "Gone.")
    assert desk.cases() == []


def test_a_report_taken_back_leaves_nothing_personal(news: Page, desk: Desk, settings, tmp_path) -> None:
    words = {"comment": "unmistakable-comment", "email": "unmistakable@reader.example"}
    receipt = news.report(quote={"exact": "unmistakable-quote"}, **words).json["receipt"]
    assert news.client.delete(f"/api/v1/reports/{receipt}").status_code == 204
    assert news.client.get(f"/api/v1/reports/{receipt}").status_code == 404
    assert desk.cases() == []
    from widget_server.storage.tables import ALL

    kept = "".join(str(row) for table in ALL for row in table.select().tuples())
    assert "unmistakable" not in kept


def test_a_case_stays_at_the_desk_while_another_reader_reports_it(news: Page, desk: Desk) -> None:
    receipt = news.report().json["receipt"]
    news.report()
    news.client.delete(f"/api/v1/reports/{receipt}")
    assert desk.cases() == [1]


@pytest.mark.parametrize("category", sorted(HARMS))
def test_every_category_is_accepted(news: Page, category: str) -> None:
    assert news.report(category=category).status_code == 201


def test_a_reporter_of_child_sexual_abuse_is_never_identified(news: Page) -> None:
    answer = news.report(category="child_sexual", email="reader@example.org")
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["email"])
    assert news.report(category="child_sexual").status_code == 201


@pytest.mark.parametrize("character", ["x", "😀", "e\u0301", "ש"])
def test_limits_count_code_points(news: Page, character: str) -> None:
    longest = (character * LIMITS["comment"])[: LIMITS["comment"]]
    assert news.report(comment=longest).status_code == 201
    answer = news.report(comment=longest + "x")
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["comment"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"site": "nobody"}, "site"),
        ({"site": None}, "site"),
        ({"id": "7"}, "id"),
        ({"id": None}, "id"),
        ({"category": "dislike"}, "category"),
        ({"category": ["hate"]}, "category"),
        ({"text": ""}, "text"),
        ({"text": " \u2003\n"}, "text"),
        ({"text": 7}, "text"),
        ({"text": "a\x00b"}, "text"),
        ({"text": "a\ud800b"}, "text"),
        ({"text": "x" * (LIMITS["text"] + 1)}, "text"),
        ({"comment": "\ud83d"}, "comment"),
        ({"comment": {"$ne": ""}}, "comment"),
        ({"email": "reader"}, "email"),
        ({"email": "a@b.example\nBcc: c@d.example"}, "email"),
        ({"email": '"a\\b"@c.example'}, "email"),
        ({"email": "a@[192.0.2.1]"}, "email"),
        ({"email": "reader@localhost"}, "email"),
        ({"page": "javascript:alert(1)"}, "page"),
        ({"page": "/story"}, "page"),
        ({"page": "about:srcdoc"}, "page"),
        ({"page": "blob:about:blank"}, "page"),
        ({"page": "https://news.example/" + "x" * 2000}, "page"),
        ({"content": "forged"}, "content"),
        ({"content": 5}, "content"),
        ({"quote": {"exact": ""}}, "quote.exact"),
        ({"quote": {"prefix": "only"}}, "quote.exact"),
        ({"quote": "passage"}, "quote"),
        ({"quote": {"exact": "a", "suffix": "x" * 65}}, "quote.suffix"),
        ({"good_faith": "yes"}, "good_faith"),
        ({"good_faith": 1}, "good_faith"),
        ({"state": "decided"}, "state"),
        ({"text_sha256": "F" * 64}, "text_sha256"),
    ],
)
def test_a_bad_report_is_refused_by_field_and_nothing_is_kept(news: Page, change: dict, field: str) -> None:
    answer = news.report(**change)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert Report.select().count() == Case.select().count() == 0


@given(
    st.from_regex(TYPE_EMAIL, fullmatch=True)
    .filter(re.compile(ADDRESS).fullmatch)
    .filter(lambda address: len(address) <= LIMITS["email"])
)
def test_what_the_dialog_takes_as_an_address_the_server_takes(address: str) -> None:
    assert "email" not in ReportSchema().validate({"email": address})


def test_a_page_that_another_one_has_made_is_reported_and_viewed(news: Page) -> None:
    made = f"blob:{news.origin}/0e4e6ba5-7a4c-4bd2-a0e2-3b2d1f6f0c11"
    assert news.report(page=made).status_code == 201
    assert Report.get().page == made.removeprefix("blob:")
    assert news.view(page=made).status_code == 200


def test_a_page_is_the_same_however_the_readers_link_named_the_site(news: Page, desk: Desk) -> None:
    page = "https://reader:secret@news.example./story.://x@y./"
    assert news.report(page=page, headers={"Origin": f"{news.origin}."}).status_code == 201
    assert Report.get().page == f"{news.origin}/story.://x@y./"
    assert f"{news.origin}/story.://x@y./" in desk.get("/admin/reports/1/compare").text


@pytest.mark.parametrize("missing", ["site", "id", "category", "text", "page"])
def test_a_missing_field_is_named(news: Page, missing: str) -> None:
    body = {"site": news.key, "id": str(uuid.uuid4()), "category": "hate", "text": TEXT, "page": news.origin}
    del body[missing]
    answer = news.client.post("/api/v1/reports", json=body, headers={"Origin": news.origin})
    assert (answer.status_code, list(answer.json["errors"])) == (422, [missing])


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
def test_a_page_that_is_not_the_sites_cannot_report(news: Page, origin: str) -> None:
    answer = news.report(headers={"Origin": origin})
    assert (answer.status_code, list(answer.json["errors"])) == (403, ["Origin"])
    assert Report.select().count() == 0


@pytest.mark.parametrize("receipt", ["XXXXX-XXXXX-XXXXX-XXXXX", "1", "../../etc/passwd", "x" * 500])
def test_an_unknown_receipt_is_not_found(news: Page, receipt: str) -> None:
    assert news.client.get(f"/api/v1/reports/{receipt}").status_code == 404
    assert news.client.delete(f"/api/v1/reports/{receipt}").status_code == 404
