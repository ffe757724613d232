"""A text that was withdrawn on one site is offered for withdrawal on the others, and is withdrawn there by a person."""

import json
import re

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.admin.test_queue import LONG
from tests.conftest import SECRET, TEXT, Clock, Desk, Page, seen, signed_in
from widget_server.rules.access import Role, Standing
from widget_server.storage import bulk, connection, sites
from widget_server.storage.tables import Case, Delivery, Likeness, LogEntry, Report, Ruling

NEAR = LONG.replace("Rome", "Milan")
OFFER = "/admin/reports/1/others"


def carry(desk: Desk, *keys: str, where: str = OFFER, message: str = "False there, too.", **form: str) -> TestResponse:
    """Withdraw on these sites what was withdrawn."""
    expected = re.search(r'name="expected" value="(\w+)"', desk.get(where).text)
    return desk.post(
        where, where, **{"site": list(keys), "message": message, "expected": expected and expected[1], **form}
    )


def withdraw_first(news: Page, desk: Desk, text: str = TEXT) -> None:
    news.report(text)
    desk.decide(1, "withdraw", "The tower stands in Paris.")


@pytest.mark.parametrize("path", ["/admin/reports/1", "/admin/reports?decided=1", "/admin/reports/3?decided=1"])
def test_a_withdrawal_is_followed_by_an_offer_that_tells_where_else_the_text_is(
    news: Page, shop: Page, desk: Desk, path: str
) -> None:
    news.report()
    shop.report()
    for _ in range(3):
        shop.view(seen(TEXT))
    news.report("another text that waits")
    desk.decide(1, "withdraw")
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", desk.get(path).text))
    assert "Shop (reported there, seen 3 times since)" in page
    assert "Withdraw there, too" in page
    assert [case.outcome for case in Case.select().order_by(Case.id)] == ["withdrawn", None, None]


@pytest.mark.parametrize(("decision", "offered"), [("withdraw", True), ("dismiss", False)])
def test_who_goes_on_to_the_next_case_is_offered_it_on_that_page(
    news: Page, shop: Page, desk: Desk, decision: str, offered: bool
) -> None:
    news.report()
    news.report("another text that waits")
    desk.post("/admin/reports/next")
    next_one = desk.decide(1, decision, go_on="1").headers["Location"]
    assert next_one.startswith("/admin/reports/2")
    page = desk.get(next_one).text
    assert ("This is the next case." in page, "/admin/reports/1/others" in page) == (offered, offered)
    last = desk.decide(2, "withdraw", go_on="1").headers["Location"]
    assert "/admin/reports/2/others" in desk.get(last).text


@pytest.mark.parametrize("decision", ["dismiss", "relabel"])
def test_nothing_is_offered_for_a_text_that_stays(news: Page, shop: Page, desk: Desk, decision: str) -> None:
    news.report()
    desk.decide(1, decision)
    for path in (
        "/admin/reports/1",
        "/admin/reports?decided=1",
        "/admin/reports?decided=٣",
        "/admin/reports?decided=9",
    ):
        assert "Withdraw there, too" not in desk.get(path).text
    assert desk.get(OFFER).status_code == 409


def test_a_desk_of_one_site_is_offered_nothing(news: Page, desk: Desk) -> None:
    withdraw_first(news, desk)
    assert "Withdraw there, too" not in desk.get("/admin/reports/1").text
    assert "Nothing is left to withdraw" in desk.get(OFFER).text


def test_where_the_text_is_reported_its_case_is_decided_and_its_reporters_answered(
    news: Page, shop: Page, desk: Desk
) -> None:
    withdraw_first(news, desk)
    receipt = shop.report(email="reader@example.org").json["receipt"]
    assert f'value="{shop.key}" checked' in desk.get(OFFER).text
    answer = carry(desk, shop.key)
    assert (answer.status_code, "1 decision holds" in desk.get(answer.headers["Location"]).text) == (303, True)
    told = shop.status(receipt)
    assert (told["state"], told["outcome"], told["message"]) == ("decided", "withdrawn", "False there, too.")
    assert shop.view(seen(TEXT)).json["withdrawn"] == [seen(TEXT)["text_sha256"]]
    assert Delivery.select().where(Delivery.ruling.is_null(False)).count() == 1
    assert Ruling.get(Ruling.case == 2).category == "misinformation"


def test_where_nobody_reported_it_the_text_is_withdrawn_ahead_of_time_by_a_case_of_the_desk(
    news: Page, shop: Page, desk: Desk
) -> None:
    withdraw_first(news, desk)
    page = desk.get(OFFER).text
    assert "not reported there" in page
    assert f'value="{shop.key}" checked' not in page
    carry(desk, shop.key)
    assert shop.view(seen(TEXT)).json["withdrawn"] == [seen(TEXT)["text_sha256"]]
    assert shop.render().json["state"] == "withdrawn"
    assert Report.select().where(Report.case == 2).count() == 0
    assert Delivery.select().count() == 0
    opened, ruled = LogEntry.select().where(LogEntry.subject == "case 2").order_by(LogEntry.id)
    assert (opened.verb, opened.particulars, opened.site) == ("open case", {"reported": "by nobody"}, 2)
    assert (ruled.verb, ruled.particulars["before"]) == ("withdraw", "lapsed")
    case = re.sub(r"\s+", " ", desk.get("/admin/reports/2").text)
    assert "Nobody has reported it here." in case
    assert "As the reporter saw it" not in case
    assert "Opened by the desk" in case
    listed = re.search(r'id="case-2".*?</article>', desk.get("/admin/reports?show=decided").text, re.DOTALL)[0]
    assert "From the desk, reported by nobody here" in listed
    assert "False or misleading claim" in listed


def test_its_statement_of_reasons_says_that_the_desk_found_it_by_itself(news: Page, shop: Page, desk: Desk) -> None:
    withdraw_first(news, desk)
    carry(desk, shop.key)
    shop.report()
    (row,) = shop.client.get("/api/v1/decisions.jsonl", headers=shop.bearer).text.splitlines()
    assert '"SOURCE_VOLUNTARY"' in row
    (own,) = news.client.get("/api/v1/decisions.jsonl", headers=news.bearer).text.splitlines()
    assert '"SOURCE_TYPE_OTHER_NOTIFICATION"' in own
    evaluated = desk.get("/admin/exports/evaluation.jsonl").text.splitlines()
    assert [json.loads(row)["site"] for row in evaluated] == [news.key]
    statement = desk.get("/admin/reports/2/statement/2").text
    assert "on the moderators’ own initiative" in statement
    assert "on another site after readers’ reports there" in statement
    assert "Readers’ reports led to it." in desk.get("/admin/reports/1/statement/1").text


def test_a_withdrawal_ahead_of_time_is_taken_back_and_leaves_nothing_that_waits(
    news: Page, shop: Page, desk: Desk
) -> None:
    withdraw_first(news, desk)
    carry(desk, shop.key)
    desk.undo(2)
    assert shop.view(seen(TEXT)).json["withdrawn"] == []
    assert news.view(seen(TEXT)).json["withdrawn"] == [seen(TEXT)["text_sha256"]]
    assert (Case.get_by_id(2).state, desk.cases()) == ("lapsed", [])
    carry(desk, shop.key)
    assert shop.view(seen(TEXT)).json["withdrawn"] == [seen(TEXT)["text_sha256"]]
    assert Case.select().count() == 2


def test_all_that_was_carried_to_other_sites_is_taken_back_together(
    news: Page, shop: Page, desk: Desk, clock: Clock
) -> None:
    with connection():
        third = sites.add("Third", ["https://third.example"], at=clock())
    withdraw_first(news, desk)
    batch = carry(desk, shop.key, third.key).headers["Location"].split("?")[0]
    assert "2 decisions hold" in desk.get(batch).text
    desk.post(f"{batch}/undo", batch)
    assert [case.outcome for case in Case.select().order_by(Case.id)] == ["withdrawn", None, None]


def test_a_report_on_a_text_that_was_withdrawn_ahead_of_time_is_answered_at_once(
    news: Page, shop: Page, desk: Desk
) -> None:
    withdraw_first(news, desk)
    carry(desk, shop.key)
    assert shop.status(shop.report().json["receipt"])["outcome"] == "withdrawn"
    assert "1 report" in desk.get("/admin/reports/2").text


def test_a_report_on_a_text_that_was_withdrawn_ahead_of_time_waits_once_that_is_taken_back(
    news: Page, shop: Page, desk: Desk
) -> None:
    withdraw_first(news, desk)
    batch = carry(desk, shop.key).headers["Location"].split("?")[0]
    receipt = shop.report(category="self_harm").json["receipt"]
    desk.post(f"{batch}/undo", batch)
    assert (shop.status(receipt)["state"], desk.cases()) == ("received", [2])


def test_what_readers_report_after_that_was_first_reported_by_them(
    news: Page, shop: Page, desk: Desk, clock: Clock
) -> None:
    withdraw_first(news, desk)
    batch = carry(desk, shop.key).headers["Location"].split("?")[0]
    desk.post(f"{batch}/undo", batch)
    for _ in range(2):
        clock.move(hours=7)
        case = desk.get("/admin/reports/2").text
    assert re.search(r"Opened by the desk</dt><dd><time[^>]*>2026-11-23 12:00", case)
    shop.report()
    assert re.search(r"First report</dt><dd><time[^>]*>2026-11-24 02:00", desk.get("/admin/reports/2").text)
    desk.decide(2, "withdraw")
    statement = desk.get("/admin/reports/2/statement/3").text
    assert re.search(r"The first report came <time[^>]*>2026-11-24 02:00", statement)
    (row,) = shop.client.get("/api/v1/decisions.jsonl", headers=shop.bearer).text.splitlines()
    assert json.loads(row)["content_date"] == "2026-11-24"


def test_a_preview_tells_what_will_happen_and_does_nothing(news: Page, shop: Page, desk: Desk) -> None:
    withdraw_first(news, desk)
    page = carry(desk, shop.key, preview="1")
    assert page.status_code == 200
    assert "a case is opened by the desk" in re.sub(r"\s+", " ", page.text).lower()
    assert Case.select().count() == 1


@pytest.mark.parametrize(
    ("form", "status", "told"),
    [
        ({"site": []}, 422, "Choose a site, or a near-duplicate."),
        ({"message": "  "}, 422, "Write why"),
        ({"message": "x" * 4001}, 422, "Write why"),
        ({"expected": "0"}, 409, "Something happened on the other sites meanwhile."),
        ({"site": ["unknown"]}, 422, "Choose a site"),
        ({"alike": "99"}, 409, "Something happened"),
    ],
)
def test_a_form_that_does_not_fit_changes_nothing(
    news: Page, shop: Page, desk: Desk, form: dict, status: int, told: str
) -> None:
    withdraw_first(news, desk)
    answer = carry(desk, shop.key, **form)
    assert (answer.status_code, told in answer.text) == (status, True)
    assert Case.select().count() == 1


def test_what_somebody_decided_there_meanwhile_is_looked_at_first(
    news: Page, shop: Page, desk: Desk, other_desk: Desk
) -> None:
    news.report()
    shop.report()
    desk.decide(1, "withdraw")
    shown = re.search(r'name="expected" value="(\w+)"', desk.get(OFFER).text)[1]
    other_desk.decide(2, "dismiss", "It is satire there.")
    assert carry(desk, shop.key, expected=shown).status_code == 409
    assert Case.get_by_id(2).outcome == "dismissed"
    assert "dismissed there" in desk.get(OFFER).text
    assert carry(desk, shop.key).status_code == 303
    assert Case.get_by_id(2).outcome == "withdrawn"


def test_a_case_that_a_colleague_holds_there_is_left(news: Page, shop: Page, desk: Desk, other_desk: Desk) -> None:
    withdraw_first(news, desk)
    shop.report()
    other_desk.post("/admin/reports/2/claim", "/admin/reports/2")
    assert "left=1" in carry(desk, shop.key).headers["Location"]
    assert Case.get_by_id(2).outcome is None


def test_near_duplicates_there_are_marked_as_such_and_withdrawn_only_if_chosen(
    news: Page, shop: Page, desk: Desk
) -> None:
    withdraw_first(news, desk, LONG)
    shop.report(NEAR)
    page = desk.get(OFFER).text
    assert "Near-duplicates: other words, nearly the same" in page
    assert 'name="alike" value="2"' in page
    assert 'name="alike" value="2" checked' not in page
    assert "1 near-duplicate reported there" in desk.get("/admin/reports/1").text
    carry(desk, shop.key)
    assert [case.outcome for case in Case.select().order_by(Case.id)] == ["withdrawn", None, "withdrawn"]
    carry(desk, alike="2")
    assert Case.get_by_id(2).outcome == "withdrawn"
    assert "Nothing is left to withdraw" in desk.get(OFFER).text


def test_a_text_that_a_site_was_to_publish_is_named_as_such(news: Page, shop: Page, desk: Desk) -> None:
    withdraw_first(news, desk)
    shop.render(audience="public")
    assert "not reported there, submitted there for many readers" in desk.get(OFFER).text


def test_so_is_one_that_a_person_there_has_made_of_another(news: Page, shop: Page, desk: Desk) -> None:
    withdraw_first(news, desk)
    number = shop.render(TEXT.replace("Rome", "Berlin"), audience="public").json["publication"]
    desk.amend(number, TEXT)
    assert "not reported there, submitted there for many readers" in desk.get(OFFER).text


def test_many_withdrawn_at_once_are_offered_together(news: Page, shop: Page, desk: Desk) -> None:
    for text in ("one that is spam", "another that is spam", "a third one of the kind"):
        news.report(text, category="spam")
    shop.report("one that is spam", category="spam")
    form = desk.many(f"category=spam&site={news.key}")
    batch = desk.decide_many(form, decision="withdraw").headers["Location"].split("?")[0]
    page = re.sub(r"<[^>]*>|\s+", " ", desk.get(batch).text)
    assert re.sub(" +", " ", "Shop (1 reported there, not seen since; 2 not reported there)") in re.sub(" +", " ", page)
    answer = carry(desk, shop.key, where=f"{batch}/others", message="Spam here, too.")
    assert "3 decisions hold" in desk.get(answer.headers["Location"]).text
    assert Case.select().where(Case.outcome == "withdrawn").count() == 6
    assert "Withdraw there, too" not in desk.get(batch).text


def test_only_sites_on_which_one_decides_are_offered(
    app: Flask, clock: Clock, news: Page, shop: Page, desk: Desk
) -> None:
    with connection():
        third = sites.add("Third", ["https://third.example"], at=clock())
    here, there = sites.find(news.key).id, sites.find(shop.key).id
    roles = {here: Role.MODERATOR, there: Role.AUDITOR, third.id: Role.MODERATOR}
    some = signed_in(app, clock, "some@news.example", Standing(on=roles))
    one = signed_in(app, clock, "one@news.example", Standing(on={here: Role.MODERATOR}))
    withdraw_first(news, some)
    page = some.get(OFFER).text
    assert (f'value="{third.key}"' in page, f'value="{shop.key}"' in page) == (True, False)
    assert carry(some, shop.key).status_code == 422
    assert carry(some, shop.key, third.key).status_code == 409
    assert "Nothing is left to withdraw" in one.get(OFFER).text
    assert carry(one, shop.key, expected="0").status_code == 409
    assert Case.select().count() == 1
    auditor = signed_in(app, clock, "aud@news.example", Standing(Role.AUDITOR))
    assert (
        "Withdraw there, too" not in auditor.get("/admin/reports/1").text + auditor.get("/admin/reports?decided=1").text
    )


def test_words_that_only_a_reporter_saw_leave_the_other_sites_with_the_report(
    news: Page, shop: Page, desk: Desk
) -> None:
    receipt = news.report(LONG).json["receipt"]
    desk.decide(1, "withdraw")
    carry(desk, shop.key)
    assert Case.get_by_id(2).text == LONG
    news.client.delete(f"/api/v1/reports/{receipt}")
    assert [case.text for case in Case.select()] == ["", ""]
    assert Likeness.select().count() == 0
    assert "The words of this text are not kept here" in desk.get("/admin/reports/2").text
    assert shop.view(seen(LONG)).json["withdrawn"] == [seen(LONG)["text_sha256"]]


def test_a_signed_text_keeps_its_words_on_the_other_sites_until_they_are_forgotten(
    news: Page, shop: Page, desk: Desk
) -> None:
    token = news.render(LONG).json["content"]
    assert SECRET not in token
    news.report(LONG, content=token)
    desk.decide(1, "withdraw")
    carry(desk, shop.key)
    case = Case.get_by_id(2)
    assert (case.text, case.verified) == (LONG, False)


def test_a_copy_keeps_its_text_until_the_last_report_of_it_on_any_site_is_taken_back(
    news: Page, shop: Page, desk: Desk, clock: Clock
) -> None:
    with connection():
        third = sites.add("Third", ["https://third.example"], at=clock())
    receipts = [page.report().json["receipt"] for page in (news, shop)]
    desk.decide(1, "withdraw", "The tower stands in Paris.")
    carry(desk, third.key)
    assert texts() == {1: TEXT, 2: TEXT, 3: TEXT}
    news.client.delete(f"/api/v1/reports/{receipts[0]}")
    assert texts() == {1: "", 2: TEXT, 3: TEXT}
    news.client.delete(f"/api/v1/reports/{receipts[1]}")
    assert texts() == {1: "", 2: "", 3: ""}


def texts() -> dict[int, str]:
    return dict(Case.select(Case.id, Case.text).tuples())


def test_what_was_withdrawn_there_before_an_error_is_told_and_can_be_taken_back(
    news: Page, shop: Page, desk: Desk
) -> None:
    texts = [f"spam {number}" for number in range(bulk.CHUNK + 2)]
    for page in (news, shop):
        for text in texts:
            page.report(text, category="spam")
    form = desk.many(f"category=spam&site={news.key}")
    batch = desk.decide_many(form, decision="withdraw").headers["Location"].split("?")[0]
    last = Case.select().order_by(Case.id.desc()).get()
    Case.update(state="spoiled").where(Case.id == last.id).execute()
    answer = carry(desk, shop.key, where=f"{batch}/others")
    assert (answer.status_code, "50 of 52 cases are decided." in answer.text) == (500, True)
    there = re.search(r'href="(/admin/batches/\w+)"', answer.text)[1]
    assert there != batch
    assert "50 decisions hold" in desk.get(there).text
    entry = LogEntry.get(LogEntry.verb == "withdraw on other sites")
    assert (entry.particulars["decided"], entry.particulars["batch"]) == (50, there.split("/")[-1])
    assert desk.post(f"{there}/undo", there).status_code == 303
    assert Case.select().where(Case.outcome == "withdrawn").count() == 52
