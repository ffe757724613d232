"""What happens to a card, or a publication, in the very moment in which somebody else changes it, on PostgreSQL.

Nothing is lost. Who is to be late is kept from a table that it needs last; the others come meanwhile.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from flask import Flask

from tests.admin.test_beginnings import HATEFUL, LIKE_IT, begin
from tests.admin.test_four_eyes import approving
from tests.admin.test_other_sites import carry, withdraw_first
from tests.admin.test_publications import choose, told
from tests.admin.test_publications import held as publication
from tests.admin.test_queue import LONG
from tests.conftest import TEXT, Clock, Desk, Page, seen
from tests.servers import postgresql_url, until
from widget_server.rules.clocks import HOURS
from widget_server.settings import Settings
from widget_server.storage import bulk, connection, people, withdrawals
from widget_server.storage.tables import Burst, Case, Change, LogEntry, PublicationRow, Ruling

NEAR = LONG.replace("Rome", "Milan")
NEARER = NEAR.replace("Milan", "Turin")
WAITING = "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"

DECISION, REPORT = "log_entry", "attempts"
"""What each needs last."""

TABLE, ROWS = "LOCK TABLE {} IN EXCLUSIVE MODE", "SELECT FROM {} FOR UPDATE"
ONE = 'SELECT FROM "case" WHERE id = {} FOR UPDATE'


class Race:
    """Who was sent off. Each has done its work, or waits for a lock, before the next one goes."""

    def __init__(self, url: str, holder: psycopg.Connection, runners: ThreadPoolExecutor) -> None:
        self.holder = holder
        self._server = psycopg.connect(url, autocommit=True)
        self._runners = runners
        self._sent: list[Future] = []

    def send(self, work: Callable[[], object]) -> None:
        self._sent.append(self._runners.submit(work))
        until(lambda: self._waiting() + sum(one.done() for one in self._sent) == len(self._sent))

    def end(self) -> None:
        for one in self._sent:
            one.result(timeout=30)
        self._server.close()

    def _waiting(self) -> int:
        return self._server.execute(WAITING).fetchone()[0]


@pytest.fixture(scope="session")
def races_servers() -> Iterator[str]:
    with postgresql_url() as url:
        yield url


@pytest.fixture
def servers(request: pytest.FixtureRequest) -> tuple[str, None]:
    """Rows are locked on PostgreSQL only, whatever the rest of this run stores in."""
    return request.getfixturevalue("races_servers"), None


@contextmanager
def held_up(settings: Settings, table: str, *, lock: str = TABLE) -> Iterator[Race]:
    """Until it ends, nobody writes to this table, or to the rows that it has: those pass one after the other."""
    with ThreadPoolExecutor() as runners:
        with psycopg.connect(settings.database_url) as holder:
            holder.execute(lock.format(table))
            race = Race(settings.database_url, holder, runners)
            yield race
        race.end()


def decision(desk: Desk, number: int, decided: str, *, answer: int = 302, **form: str) -> Callable[[], object]:
    """To be decided as the moderator sees the case now."""
    shown = desk.get(f"/admin/reports/{number}").text
    token, version = (shown.split(f'name="{name}"')[1].split('value="')[1].split('"')[0] for name in TOLD)
    form |= {"decision": decided, "message": "Thanks.", "category": "misinformation"}

    def decide() -> None:
        answered = desk.client.post(
            f"/admin/reports/{number}/decision",
            data={"csrf_token": token, "version": version, **form},
            base_url="https://widget.example",
            headers={"Referer": "https://widget.example/"},
        )
        assert answered.status_code == answer, answered.text

    return decide


TOLD = ("csrf_token", "version")


def rulings(number: int) -> list[str]:
    with connection():
        return [ruling.decision for ruling in Ruling.select().where(Ruling.case == number).order_by(Ruling.id)]


def test_a_near_duplicate_of_what_is_just_decided_gets_a_card_of_its_own(
    settings: Settings, news: Page, desk: Desk
) -> None:
    news.report(LONG)
    decide = decision(desk, 1, "dismiss")
    with held_up(settings, DECISION) as race:
        race.send(decide)
        race.send(lambda: news.report(NEAR, category="self_harm"))
    assert (desk.cases(), desk.cases(show="decided")) == ([2], [1])


def test_a_report_that_just_comes_is_due_by_the_hours_that_an_owner_sets_meanwhile(
    settings: Settings, news: Page, desk: Desk
) -> None:
    news.report("another text")
    token = desk.get("/admin/clocks").text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    form = {**{kind: str(given) for kind, given in HOURS.items()}, "misinformation": "1"}
    sent = {"base_url": "https://widget.example", "headers": {"Referer": "https://widget.example/"}}
    answers = []
    with held_up(settings, REPORT) as race:
        race.send(lambda: news.report(LONG, category="misinformation"))
        race.send(lambda: answers.append(desk.client.post("/admin/clocks", data={"csrf_token": token, **form}, **sent)))
    assert [answer.status_code for answer in answers] == [303]
    with connection():
        case = Case.get_by_id(2)
    assert case.due_at - case.reported_since == case.card_due_at - case.reported_since == timedelta(hours=1)


def test_a_text_whose_whole_comes_as_its_card_is_just_decided_waits_alone(
    settings: Settings, news: Page, desk: Desk
) -> None:
    news.report(HATEFUL)
    begin(news, LIKE_IT[:1_000], LIKE_IT)
    decide = decision(desk, 1, "dismiss")
    with held_up(settings, DECISION) as race:
        race.send(decide)
        race.send(lambda: news.report(LIKE_IT))
    assert (desk.cases(), desk.cases(show="decided")) == ([2], [1])


def test_a_report_that_just_came_on_a_node_whose_clock_is_ahead_is_answered(
    settings: Settings, news: Page, desk: Desk, clock: Clock
) -> None:
    news.report(LONG)
    decide, late = decision(desk, 1, "dismiss"), []
    with held_up(settings, REPORT) as race:
        clock.move(seconds=1)
        race.send(lambda: late.append(news.report(LONG).json["receipt"]))
        clock.move(seconds=-1)
        race.send(decide)
    clock.move(minutes=1)
    news.report(LONG)
    assert news.status(late[0])["state"] == "decided"


def test_a_near_duplicate_that_has_just_come_is_left_to_wait_by_a_decision_that_has_not_seen_it(
    settings: Settings, news: Page, desk: Desk
) -> None:
    news.report(LONG)
    decide = decision(desk, 1, "dismiss")
    with held_up(settings, REPORT) as race:
        race.send(lambda: news.report(NEAR))
        race.send(decide)
    assert (desk.cases(), rulings(2)) == ([2], [])


def test_a_near_duplicate_that_is_just_decided_alone_is_not_decided_again_with_its_card(
    settings: Settings, news: Page, desk: Desk, other_desk: Desk
) -> None:
    news.report(LONG)
    news.report(NEAR)
    decide, along = decision(other_desk, 2, "dismiss"), decision(desk, 1, "withdraw", along="2:0")
    with held_up(settings, DECISION) as race:
        race.send(decide)
        race.send(along)
    assert (rulings(1), rulings(2)) == (["withdraw"], ["dismiss"])


def test_an_urgent_report_on_a_near_duplicate_whose_card_is_just_decided_stays_urgent(
    settings: Settings, news: Page, desk: Desk
) -> None:
    news.report(LONG)
    news.report(NEAR)
    news.report("Something else entirely, about shoes.")
    decide = decision(desk, 1, "dismiss")
    with held_up(settings, REPORT) as race:
        race.send(lambda: news.report(NEAR, category="self_harm"))
        race.send(decide)
    with connection():
        case = Case.get_by_id(2)
        assert (case.queue, case.urgent, case.place < 0) == ("waiting", True, True)


def test_a_case_that_just_comes_to_wait_again_is_found_by_later_near_duplicates(
    settings: Settings, news: Page, desk: Desk
) -> None:
    news.report(LONG)
    desk.decide(1, "dismiss")
    with held_up(settings, DECISION) as race:
        race.send(lambda: desk.undo(1))
        race.send(lambda: news.report(NEAR))
    desk.decide(2, "dismiss")
    assert desk.cases() == [1]
    news.report(NEARER)
    assert desk.cases() == [1]


def test_a_case_that_is_just_reported_again_keeps_its_text(
    settings: Settings, news: Page, desk: Desk, clock: Clock
) -> None:
    news.report(LONG)
    desk.decide(1, "dismiss")
    clock.move(days=400)
    before = clock() - timedelta(days=180)

    def purge() -> None:
        with connection():
            withdrawals.purge(before=before)

    with held_up(settings, REPORT) as race:
        race.send(lambda: news.report(LONG))
        race.send(purge)
    with connection():
        assert Case.get().text == LONG
    news.report(NEAR)
    desk.post("/admin/login", "/admin/login", email=desk.email, password="correct horse battery")
    assert desk.cases() == [1]


@pytest.mark.parametrize(("first", "answer", "state"), [("remove", 409, "open"), ("escalate", 302, "escalated")])
def test_no_case_is_handed_to_somebody_who_is_just_removed(
    settings: Settings, news: Page, desk: Desk, other_desk: Desk, clock: Clock, first: str, answer: int, state: str
) -> None:
    news.report(LONG)
    with connection():
        gone, by = people.find(other_desk.email), people.find(desk.email)

    def remove() -> None:
        with connection():
            people.remove(gone, by=by.id, at=clock())

    escalate = decision(desk, 1, "escalate", colleague=str(gone.id), answer=answer)
    with held_up(settings, DECISION) as race:
        for work in (remove, escalate) if first == "remove" else (escalate, remove):
            race.send(work)
    with connection():
        assert (Case.get().state, Case.get().escalated_to) == (state, None)


def test_a_report_that_is_taken_back_twice_at_once_is_taken_back_once(
    app: Flask, settings: Settings, news: Page
) -> None:
    receipt = [news.report(LONG).json["receipt"] for _ in range(12)][-1]
    with connection():
        assert Burst.get().reports == 12
    with held_up(settings, DECISION) as race:
        for _ in range(2):
            race.send(lambda: app.test_client().delete(f"/api/v1/reports/{receipt}"))
    with connection():
        assert Burst.get().reports == 11
        assert LogEntry.select().where(LogEntry.verb == "take report back").count() == 1


def test_a_text_that_is_just_reported_on_another_site_is_one_case_there(
    app: Flask, settings: Settings, news: Page, shop: Page, desk: Desk
) -> None:
    withdraw_first(news, desk)
    with held_up(settings, REPORT) as race:
        race.send(lambda: shop.report(TEXT))
        race.send(lambda: carry(desk, shop.key))
    with connection():
        assert sum(change.cases for change in Change.select()) == Case.select().count() == 2
        assert LogEntry.select().where(LogEntry.verb == "open case").count() == 0


def test_two_who_ask_for_one_text_at_once_are_both_its_authors(app: Flask, news: Page, settings: Settings) -> None:
    def ask(author: str) -> Callable[[], object]:
        body = {"text": TEXT, "author": author}
        return lambda: app.test_client().post("/api/v1/publications", json=body, headers=news.bearer)

    ask("first")()
    with held_up(settings, "publication") as race:
        race.send(ask("one"))
        race.send(ask("two"))
    assert sorted(PublicationRow.get().authors) == ["first", "one", "two"]


def test_with_four_eyes_nobody_approves_what_they_are_just_asking_for(
    settings: Settings, news: Page, desk: Desk, other_desk: Desk, clock: Clock
) -> None:
    choose(news, clock, four_eyes=True)
    number, approve, approve_as_another = publication(news), approving(desk), approving(other_desk)
    with held_up(settings, "publication", lock=ROWS) as race:
        race.send(lambda: publication(news, author=desk.email))
        race.send(lambda: approve(number, TEXT))
    assert told(news, number)["state"] == "held"
    assert approve_as_another(number, TEXT).status_code == 302


def test_who_decides_many_keeps_no_reader_waiting_whose_texts_come_later(
    settings: Settings, news: Page, desk: Desk
) -> None:
    """Both go by the numbers of the cases, so that neither can wait for the other; the queue goes by urgency."""
    news.report(LONG, category="spam")
    news.report(TEXT, category="self_harm")
    news.report(NEAR, category="spam")
    form = desk.many("since=2026-01-01")
    answers: list[int] = []
    with held_up(settings, "1", lock=ONE) as race:
        race.send(lambda: answers.append(desk.decide_many(form).status_code))
        assert news.view(seen(TEXT)).status_code == 200
        assert news.view(seen(NEAR)).status_code == 200
    assert answers == [303]
    assert rulings(1) == rulings(2) == rulings(3) == ["dismiss"]


@pytest.mark.parametrize("undone_by", ["a deadlock", "a lost connection"])
def test_of_many_what_the_database_has_undone_is_decided_again(
    settings: Settings, news: Page, desk: Desk, undone_by: str
) -> None:
    first, second = bulk.CHUNK + 1, bulk.CHUNK + 2
    for number in range(second):
        news.report(f"spam {number}", category="spam")
    form = desk.many("category=spam")
    answers: list[int] = []
    with held_up(settings, str(second), lock=ONE) as race:
        race.send(lambda: answers.append(desk.decide_many(form).status_code))
        if undone_by == "a deadlock":
            race.holder.execute(ONE.format(first))
        else:
            race.holder.execute(WAITING.replace("COUNT(*)", "pg_terminate_backend(pid, 5000)"))
    assert answers == [303]
    assert [rulings(number) for number in range(1, second + 1)] == [["dismiss"]] * second
