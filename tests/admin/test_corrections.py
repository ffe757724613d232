"""A label that a moderator has corrected outlasts later reports of something else."""

import re

import pytest

from tests.admin.test_publications import sign_in
from tests.admin.test_queue import LONG
from tests.api.test_exports import evaluation
from tests.conftest import TEXT, Clock, Desk, Page, seen
from tests.inboxes import Inbox, text
from tests.storage.test_mail import link
from widget_server.delivery import mail
from widget_server.storage import deliveries
from widget_server.storage.tables import Case

RIGHT = {"model": "right-model", "review": "none", "note": "Nobody has read it."}
NEAR = LONG.replace("Rome", "Milan")


def shown(page: Page, passage: str = TEXT) -> dict:
    """What pages are told of the text."""
    return page.view(seen(passage)).json["decided"][seen(passage)["text_sha256"]]


def corrected(page: Page, desk: Desk, passage: str = TEXT, **more: str) -> str:
    """A text whose label was corrected because of a report; that one's receipt."""
    receipt = page.report(passage, category="wrong_label", **more).json["receipt"]
    assert desk.decide(int(Case.get(text=passage).id), "relabel", "The label was wrong.", **RIGHT).status_code == 302
    return receipt


def appeal(page: Page, receipt: str) -> None:
    answer = page.client.post(f"/api/v1/reports/{receipt}/appeal", json={"comment": "The label was right."})
    assert answer.status_code < 300, answer.text


def outcome(page: Page, receipt: str) -> tuple[str, str]:
    told = page.status(receipt)
    return told["outcome"], told["message"]


def plain(answer: str) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", answer))


@pytest.mark.parametrize("decision", ["dismiss", "fix"])
def test_a_text_that_stays_keeps_its_corrected_label(news: Page, desk: Desk, clock: Clock, decision: str) -> None:
    first = corrected(news, desk)
    before = shown(news)
    clock.move(days=2)
    sign_in(desk)
    second = news.report(category="spam").json["receipt"]
    assert desk.decide(1, decision, "It stays as it is.").status_code == 302
    assert shown(news) == before == {"outcome": "relabelled", "on": "2026-11-23", **RIGHT}
    page = news.render(model="wrong", reviewed_by="the editors").json
    assert (page["disclosure"]["model"], page["disclosure"]["review"]) == ("right-model", "none")
    assert RIGHT["note"] in page["html"]
    assert outcome(news, second) == ("dismissed", "It stays as it is.")
    assert outcome(news, first) == ("relabelled", "The label was wrong.")
    news.report(category="hate")
    desk.decide(1, decision, "Nor does it hate.")
    assert shown(news) == before


def test_whose_report_led_to_the_correction_is_told_of_that_alone(
    news: Page, desk: Desk, inbox: Inbox, clock: Clock
) -> None:
    first = corrected(news, desk, email="first@example.org")
    news.report(category="spam", email="second@example.org")
    desk.decide(1, "dismiss", "It is no advertising.")
    deliveries.send(mail.sender(inbox.url), link, at=clock())
    told = [(one["To"], text(one)) for one in inbox.messages]
    assert len(told) == 4
    assert all(("The label was wrong." in said) == (to == "first@example.org") for to, said in told)
    assert all(("It is no advertising." in said) == (to == "second@example.org") for to, said in told)
    assert outcome(news, first) == ("relabelled", "The label was wrong.")


def test_a_dismissal_that_is_taken_back_leaves_what_was_told_of_the_correction(
    news: Page, desk: Desk, inbox: Inbox, clock: Clock
) -> None:
    corrected(news, desk, email="first@example.org")
    receipt = news.report(category="spam", email="second@example.org").json["receipt"]
    desk.decide(1, "dismiss", "It is no advertising.")
    news.client.delete(f"/api/v1/reports/{receipt}")
    assert desk.undo(1).status_code == 303
    assert shown(news)["model"] == "right-model"
    deliveries.send(mail.sender(inbox.url), link, at=clock())
    assert [one["Subject"] for one in inbox.messages].count("Your report was decided") == 1


def test_an_appeal_against_the_correction_takes_it_back(news: Page, desk: Desk, other_desk: Desk) -> None:
    first = corrected(news, desk)
    second = news.report(category="spam").json["receipt"]
    appeal(news, first)
    assert "taken back, as the appeal against it asks: right-model" in plain(
        other_desk.decide(1, "dismiss", preview="1").text
    )
    other_desk.decide(1, "dismiss", "The label was right.")
    assert shown(news) == {"outcome": "dismissed", "on": "2026-11-23"}
    assert outcome(news, first) == outcome(news, second) == ("dismissed", "The label was right.")


def test_an_appeal_against_the_dismissal_of_something_else_does_not(news: Page, desk: Desk, other_desk: Desk) -> None:
    first = corrected(news, desk)
    second = news.report(category="spam").json["receipt"]
    desk.decide(1, "dismiss", "It is no advertising.")
    appeal(news, second)
    other_desk.decide(1, "dismiss", "It really is none.")
    assert shown(news)["model"] == "right-model"
    assert outcome(news, first) == ("relabelled", "The label was wrong.")
    assert outcome(news, second) == ("dismissed", "It really is none.")
    assert "Changed on appeal 0 of 1 decided" in plain(desk.get("/admin/figures").text)


def test_a_moderator_takes_the_correction_back_by_saying_so(news: Page, desk: Desk) -> None:
    first = corrected(news, desk)
    news.report(category="spam")
    form = desk.get("/admin/reports/1").text
    assert 'name="label_back"' in form
    assert "It stays, too" in form
    preview = plain(desk.decide(1, "dismiss", preview="1", note=RIGHT["note"]).text)
    assert "The corrected label stays: right-model, not reviewed by a person" in preview
    assert "1 reporter reads this" in preview
    assert "Readers see under the badge" not in preview
    preview = plain(desk.decide(1, "dismiss", label_back="1", preview="1").text)
    assert "The corrected label is taken back" in preview
    assert "2 reporters read this" in preview
    desk.decide(1, "dismiss", "The label was right.", label_back="1")
    assert shown(news) == {"outcome": "dismissed", "on": "2026-11-23"}
    assert outcome(news, first) == ("dismissed", "The label was right.")


def test_a_case_at_rest_is_dismissed_to_take_its_correction_back(news: Page, desk: Desk) -> None:
    corrected(news, desk)
    assert "It is taken back: nothing else waits for a decision." in plain(desk.get("/admin/reports/1").text)
    desk.decide(1, "dismiss", "The label was right.")
    assert shown(news) == {"outcome": "dismissed", "on": "2026-11-23"}


def test_what_is_taken_back_leaves_the_correction_as_it_was(news: Page, desk: Desk, clock: Clock) -> None:
    first = corrected(news, desk)
    news.report(category="spam")
    desk.decide(1, "dismiss", "It is no advertising.")
    news.report(category="hate")
    desk.decide(1, "dismiss", "The label was right.", label_back="1")
    assert desk.undo(1).status_code == 303
    assert shown(news)["model"] == "right-model"
    assert outcome(news, first) == ("relabelled", "The label was wrong.")
    desk.decide(1, "dismiss", "It does not hate.")
    assert "The corrected label stays: right-model" in plain(desk.get("/admin/reports/1").text)
    assert desk.undo(1).status_code == 303
    assert (shown(news)["model"], Case.get().state) == ("right-model", "open")


def test_near_duplicates_decided_along_keep_their_own_corrected_labels(news: Page, desk: Desk) -> None:
    corrected(news, desk, LONG)
    corrected(news, desk, NEAR)
    for passage in (LONG, NEAR):
        news.report(passage, category="spam")
    desk.post("/admin/reports/2/merge", "/admin/reports/2", into="1")
    page = plain(desk.get("/admin/reports/1").text)
    assert "Of case 2: right-model" in page
    preview = plain(desk.decide(1, "dismiss", along=True, preview="1").text)
    assert "The corrected label of case 2 stays" in preview
    desk.decide(1, "dismiss", "It is no advertising.", along=True)
    assert shown(news, LONG)["model"] == shown(news, NEAR)["model"] == "right-model"
    for passage in (LONG, NEAR):
        news.report(passage, category="hate")
    desk.post("/admin/reports/2/merge", "/admin/reports/2", into="1")
    desk.decide(1, "dismiss", "It does not hate.", along=True, label_back="1")
    assert shown(news, LONG)["outcome"] == shown(news, NEAR)["outcome"] == "dismissed"


def test_many_that_are_dismissed_alike_keep_their_corrected_labels(news: Page, desk: Desk, other_desk: Desk) -> None:
    first, second = "Buy these shoes at once.", "This cures everything."
    corrected(news, desk, first)
    receipt = corrected(news, desk, second)
    for passage in (first, second):
        news.report(passage, category="spam", lang="en")
    page = plain(other_desk.get("/admin/reports/all?lang=en").text)
    assert "2 labels stay as corrected" in page
    assert page.count("Label corrected: right-model") == 2
    appeal(news, receipt)
    page = plain(other_desk.get("/admin/reports/all?lang=en").text)
    assert "1 label stays as corrected" in page
    assert "1 label is taken back: a reporter appeals against the correction (case 2)" in page
    other_desk.decide_many(other_desk.many("lang=en"))
    assert shown(news, first)["model"] == "right-model"
    assert shown(news, second)["outcome"] == "dismissed"
    news.report(first, category="spam", lang="en")
    other_desk.decide_many(other_desk.many("lang=en"), label_back="1")
    assert shown(news, first)["outcome"] == "dismissed"


def test_who_corrected_a_label_does_not_decide_again_what_others_decided_on_the_appeal_against_it(
    news: Page, desk: Desk, other_desk: Desk
) -> None:
    first = corrected(news, desk)
    news.report(category="spam")
    other_desk.decide(1, "dismiss", "It is no advertising.")
    appeal(news, first)
    other_desk.decide(1, "dismiss", "The label was right.")
    assert "another person has decided about it" in desk.get("/admin/reports/1").text
    other_desk.undo(1)
    assert "another person decides about it" in desk.get("/admin/reports/1").text
    assert "decision-form" in other_desk.get("/admin/reports/1").text


def test_a_correction_that_stands_stays_in_the_evaluation_set(news: Page, desk: Desk) -> None:
    corrected(news, desk)
    news.report(category="spam")
    desk.decide(1, "dismiss", "It is no advertising.")
    assert [(row["case"], row["decision"]) for row in evaluation(news)] == [(1, "relabel")]
    desk.decide(1, "dismiss", "The label was right.", label_back="1")
    assert evaluation(news) == []


def test_the_statement_of_reasons_says_that_the_label_stays_corrected(news: Page, desk: Desk) -> None:
    corrected(news, desk)
    news.report(category="spam")
    desk.decide(1, "dismiss", "It is no advertising.")
    assert "as it is, with the label that was corrected before" in desk.get("/admin/reports/1/statement/2").text


def test_a_near_duplicate_that_waits_for_nobody_is_not_decided_along_nor_told_of(news: Page, desk: Desk) -> None:
    news.report(LONG)
    corrected(news, desk, NEAR)
    receipt = news.report(NEAR, category="spam").json["receipt"]
    desk.post("/admin/reports/2/merge", "/admin/reports/2", into="1")
    assert "Of case 2: right-model" in plain(desk.get("/admin/reports/1").text)
    news.client.delete(f"/api/v1/reports/{receipt}")
    assert "Of case 2: right-model" not in plain(desk.get("/admin/reports/1").text)
