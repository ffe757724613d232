"""Files for programs: whole, in order, in chunks, and without what must stay here."""

import csv
import io
import json
from datetime import datetime, timedelta

import pytest

from tests.conftest import Clock, Desk, Page
from widget_server.rules.marking import text_sha256
from widget_server.rules.statements import FIELDS
from widget_server.storage import exports
from widget_server.storage.exports import CHUNK, Period
from widget_server.storage.tables import Case, Moderator, Report, Ruling, Site, database

MANY = 20_000


def evaluation(page: Page, query: str = "") -> list[dict]:
    answer = page.client.get(f"/api/v1/evaluation.jsonl{query}", headers=page.bearer)
    assert (answer.status_code, answer.mimetype) == (200, "application/jsonl")
    return [json.loads(line) for line in answer.text.splitlines()]


def decide_many(many: int, moment: datetime) -> None:
    """So many cases, each with a report and its decision, written at once."""
    site, moderator = Site.get().id, Moderator.get().id
    numbers = range(1, many + 1)
    with database.atomic():
        for first in range(0, many, 500):
            some = numbers[first : first + 500]
            Case.insert_many(
                {
                    "id": number,
                    "site": site,
                    "text_sha256": f"{number:064}",
                    "text": f"text {number}",
                    "verified": False,
                    "model": "m",
                    "provider": "p",
                    "review": "none",
                    "state": "withdrawn",
                    "outcome": "withdrawn",
                    "card_urgent": False,
                    "opened_at": moment,
                    "waiting_since": moment,
                    "queue": "decided",
                    "place": number,
                    "category": "spam",
                }
                for number in some
            ).execute()
            Report.insert_many(
                {
                    "site": site,
                    "case": number,
                    "sender": f"{number:064}",
                    "receipt_sha256": f"{number:064}",
                    "category": "spam",
                    "verified": False,
                    "comment": "",
                    "email": "",
                    "page": "",
                    "good_faith": False,
                    "received_at": moment,
                }
                for number in some
            ).execute()
            Ruling.insert_many(
                {
                    "case": number,
                    "decision": "withdraw",
                    "before": "open",
                    "outcome": "withdrawn",
                    "category": "spam",
                    "ground": "guideline",
                    "message": f"Decision {number}",
                    "moderator": moderator,
                    "decided_at": moment,
                }
                for number in some
            ).execute()


def test_twenty_thousand_rows_are_read_in_chunks_while_they_are_sent(
    news: Page, desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide_many(MANY, clock())
    read: list[int] = []
    real = exports._chunks

    def counting(query, number):
        for rows in real(query, number):
            read.append(len(rows))
            yield rows

    monkeypatch.setattr(exports, "_chunks", counting)
    for file in ("decisions.csv", "decisions.jsonl", "evaluation.jsonl"):
        read.clear()
        answer = news.client.get(f"/api/v1/{file}", headers=news.bearer, buffered=False)
        lines = answer.iter_encoded()
        if file.endswith(".csv"):
            assert next(lines).decode().strip() == ",".join(FIELDS)
        first = next(lines)
        assert sum(read) == CHUNK
        assert b"1" in first
        assert 1 + sum(1 for _ in lines) == sum(read) == MANY
        assert max(read) == CHUNK
        answer.close()
    read.clear()
    assert news.client.head("/api/v1/decisions.csv", headers=news.bearer).data == b""
    assert read == []


def test_rows_that_come_or_go_while_a_file_is_read_neither_repeat_nor_hide_others(
    news: Page, desk: Desk, clock: Clock
) -> None:
    decide_many(2 * CHUNK + 1, clock())
    rows = exports.cases(Period())
    seen = [next(rows)["case"] for _ in range(CHUNK + 1)]
    Case.delete().where(Case.id == CHUNK - 50).execute()
    seen += [row["case"] for row in rows]
    assert seen == list(range(1, 2 * CHUNK + 2))


def test_the_evaluation_set_has_texts_about_which_readers_were_right(news: Page, desk: Desk, clock: Clock) -> None:
    decisions = ["withdraw", "relabel", "fix", "dismiss"]
    for decision in decisions:
        news.report(f"text of {decision}", category="hate", quote={"exact": f"of {decision}"}, lang="en-GB")
    for number, decision in enumerate(decisions, start=1):
        news.report(f"text of {decision}", category="spam", quote={"exact": f"of {decision}"})
        news.report(f"text of {decision}", category="spam", quote={"exact": "text"})
        desk.decide(number, decision, category="hate", model="jamba-large", provider="AI21")
    news.report("text that waits")
    rows = evaluation(news)
    assert [row["text"] for row in rows] == ["text of withdraw", "text of relabel", "text of fix"]
    decided = rows[0].pop("decided_at")
    assert decided.startswith("2026-11-23T12:00")
    assert rows[0] == {
        "case": 1,
        "site": news.key,
        "text": "text of withdraw",
        "text_sha256": text_sha256("text of withdraw"),
        "model": "",
        "provider": "",
        "review": "none",
        "lang": "en",
        "verified": False,
        "category": "hate",
        "clause": "1.i",
        "llama_guard": "S10",
        "mlcommons": "hte",
        "decision": "withdraw",
        "ground": "guideline",
        "quotes": ["of withdraw", "text"],
    }


def test_what_was_taken_back_or_decided_otherwise_later_is_not_in_it(news: Page, desk: Desk) -> None:
    for number in range(1, 4):
        news.report(f"text {number}")
        desk.decide(number, "withdraw")
    desk.undo(1)
    desk.decide(2, "dismiss", "On second thought: it stays.")
    assert [row["case"] for row in evaluation(news)] == [3]


def test_a_text_that_was_reported_or_decided_as_child_sexual_abuse_is_in_no_file(news: Page, desk: Desk) -> None:
    quote = {"exact": "unmistakable"}
    news.report("unmistakable one", category="child_sexual", quote=quote)
    desk.decide(1, "withdraw", category="sexual")
    news.report("unmistakable two", category="sexual", quote=quote)
    desk.decide(2, "withdraw", category="child_sexual")
    desk.decide(2, "relabel", category="sexual")
    receipt = news.report("unmistakable three", category="child_sexual", quote=quote).json["receipt"]
    news.report("unmistakable three", category="self_harm", quote=quote)
    news.report("unmistakable three", category="self_harm", quote=quote)
    news.client.delete(f"/api/v1/reports/{receipt}")
    desk.decide(3, "withdraw", category="self_harm")
    assert evaluation(news) == []
    for file in ("decisions", "cases", "reports", "evaluation"):
        assert "unmistakable" not in desk.get(f"/admin/exports/{file}.jsonl").text
    assert len(desk.get("/admin/exports/cases.jsonl").text.splitlines()) == 3


@pytest.mark.parametrize("decided_as", ["child_sexual", "spam"])
def test_nor_is_it_in_a_file_of_another_site_on_which_it_was_called_something_else(
    news: Page, shop: Page, desk: Desk, decided_as: str
) -> None:
    news.report("unmistakable", category="spam" if decided_as == "child_sexual" else "child_sexual")
    shop.report("unmistakable", category="spam", quote={"exact": "unmistakable"})
    shop.report("another text", category="spam", quote={"exact": "another"})
    for number, category in ((1, decided_as), (2, "spam"), (3, "spam")):
        desk.decide(number, "withdraw", category=category)
    assert [row["text"] for row in evaluation(shop)] == ["another text"]
    for file in ("decisions", "cases", "reports", "evaluation"):
        assert "unmistakable" not in desk.get(f"/admin/exports/{file}.jsonl").text
    assert [json.loads(row)["text"] for row in desk.get("/admin/exports/cases.jsonl").text.splitlines()] == [
        None,
        None,
        "another text",
    ]


def test_a_text_that_was_forgotten_is_not_in_it(news: Page, desk: Desk) -> None:
    receipt = news.report().json["receipt"]
    desk.decide(1, "withdraw")
    assert len(evaluation(news)) == 1
    news.client.delete(f"/api/v1/reports/{receipt}")
    assert evaluation(news) == []


def test_it_is_of_one_site_and_one_period(news: Page, shop: Page, desk: Desk, clock: Clock) -> None:
    for number, page in enumerate([news, shop, news], start=1):
        page.report(f"text {number}")
        desk.decide(number, "withdraw")
        clock.move(hours=7)
    assert [row["case"] for row in evaluation(shop)] == [2]
    assert [row["case"] for row in evaluation(news, "?since=2026-11-24")] == [3]
    assert [row["case"] for row in evaluation(news, "?until=2026-11-24")] == [1]
    assert news.client.get("/api/v1/evaluation.jsonl").status_code == 401
    bad = news.client.get("/api/v1/evaluation.jsonl?since=soon", headers=news.bearer)
    assert (bad.status_code, list(bad.json["errors"])) == (422, ["since"])


def test_a_period_begins_with_its_first_moment_and_ends_before_its_last(news: Page, desk: Desk, clock: Clock) -> None:
    news.report()
    desk.decide(1, "withdraw")
    decided = Ruling.get().decided_at
    blink = timedelta(microseconds=1)

    def found(since, until) -> int:
        return len(list(exports.decisions(Period(None, since, until))))

    assert (found(decided, decided + blink), found(decided + blink, None), found(None, decided)) == (1, 0, 0)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_no_cell_is_a_formula(news: Page, desk: Desk, start: str) -> None:
    news.report()
    desk.decide(1, "withdraw", f"{start}HYPERLINK(1)")
    text = news.client.get("/api/v1/decisions.csv", headers=news.bearer).data.decode()
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["decision_facts"] == f"'{start}HYPERLINK(1)"


def decided_with(message: str, news: Page, desk: Desk) -> str:
    news.report()
    desk.decide(1, "withdraw", message)
    return news.client.get("/api/v1/decisions.csv", headers=news.bearer).data.decode()


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", '"=', '""@'])
@pytest.mark.parametrize("separator", [";", "\t", "|", "\n", ";;"])
def test_nor_is_one_where_lines_are_split_at_another_sign(news: Page, desk: Desk, separator: str, sign: str) -> None:
    said = f"Thank you;{separator}{sign}cmd|' /C calc'!A0{separator}{sign}1;it stays"
    text = decided_with(said, news, desk)
    for delimiter in ";\t|":
        cells = [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) for cell in row]
        assert not [cell for cell in cells if cell.lstrip('"').startswith(("=", "+", "-", "@", "＝"))]
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["decision_facts"].replace("'", "") == said.replace("'", "")


@pytest.mark.parametrize(
    "said", ["At 5-6; a+b, c=d, -5,=x; see @desk | a = b", 'One line.\nAnother – with dashes; and "quotes".']
)
def test_what_can_begin_no_cell_stays_as_it_was_written(news: Page, desk: Desk, said: str) -> None:
    (row,) = csv.DictReader(io.StringIO(decided_with(said, news, desk), newline=""))
    assert row["decision_facts"] == said
