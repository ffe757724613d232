"""The way of a month to the threshold: kept once, told once, and followed by the report control."""

import re
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from e2e.processes import run
from tests.conftest import BROWSER, TEXT, Clock, Desk, Page, seen
from tests.inboxes import Inbox, text
from widget_server.delivery import mail
from widget_server.rules.policy import Control
from widget_server.serving import keep_house
from widget_server.settings import Settings
from widget_server.storage import (
    applications,
    assessments,
    connection,
    disclosure,
    known,
    months,
    owners,
    policies,
    sites,
    standing,
    thresholds,
    transaction,
    viewers,
    webhooks,
)
from widget_server.storage.tables import Crossing, LogEntry, Month, Tally, Viewer, WebhookDelivery, database


@pytest.fixture
def house(settings: Settings, inbox: Inbox) -> Settings:
    return replace(settings, mail_url=inbox.url)


def choose(page: Page, clock: Clock, **chosen: object) -> None:
    with connection():
        site = sites.find(page.key)
        policies.keep(site, replace(policies.of(site), **chosen), moderator=None, at=clock())
        thresholds.look(site, at=clock())


def see(page: Page, *people: int) -> str:
    """Whether the last of these people sees the report control."""
    for person in people:
        answer = page.view(viewer=f"person-{person}")
    return answer.json["report"]


def steps(page: Page) -> list[tuple[str, int]]:
    rows = Crossing.select().where(Crossing.site == sites.find(page.key).id)
    return [(row.step, row.viewers) for row in rows.order_by(Crossing.at, Crossing.viewers)]


def events(page: Page) -> list[str]:
    rows = WebhookDelivery.select().where(WebhookDelivery.site == sites.find(page.key).id)
    return [row.event for row in rows.order_by(WebhookDelivery.id)]


def look_around(inbox: Inbox, clock: Clock) -> None:
    """What the house does for owners now and then."""
    with connection():
        thresholds.look_at_all(at=clock())
        disclosure.look(at=clock())
        owners.send(mail.sender(inbox.url), "https://widget.example", at=clock())


@pytest.fixture
def listening(app, settings: Settings, clock: Clock) -> None:
    """Somebody elsewhere is told everything."""
    with connection():
        webhooks.from_setting("https://hooks.example/", at=clock())


def test_a_control_that_waits_comes_with_the_101st_viewer_and_is_there_for_all(
    news: Page, desk: Desk, listening: None, inbox: Inbox, house: Settings, clock: Clock
) -> None:
    choose(news, clock, control=Control.WHEN_REQUIRED)
    assert [see(news, person) for person in range(100)] == ["off"] * 100
    clock.moment = clock.moment.replace(hour=17, minute=30)
    assert see(news, 100) == "on"
    assert see(news, 0) == "on"
    assert steps(news) == [("near", 80), ("required", 101)]
    required = Crossing.get(Crossing.step == "required")
    assert f"{required.at:%Y-%m-%d %H:%M}" == "2026-11-23 17:30"
    assert sites.find(news.key).report_since == required.at
    for _ in range(3):
        keep_house(house, at=clock())
    assert [message["Subject"] for message in inbox.messages] == [
        "The report control of News is off",
        "News has 80 viewers in 2026-11, near the threshold",
        "Readers of News must be able to report: viewer 101 in 2026-11",
    ]
    assert "came on 2026-11-23 17:30 UTC" in text(inbox.messages[2])
    assert events(news) == ["report.off", "threshold.near", "report.on", "threshold.required"]
    verbs = [row.verb for row in LogEntry.select().order_by(LogEntry.id)]
    assert [verb for verb in verbs if "report" in verb or "threshold" in verb] == [
        "hide report control",
        "reach threshold",
        "show report control",
        "reach threshold",
    ]


def test_a_control_that_is_always_there_is_told_of_the_step_and_stays(
    news: Page, desk: Desk, listening: None, clock: Clock
) -> None:
    assert see(news, *range(101)) == "on"
    assert events(news) == ["threshold.near", "threshold.required"]


def test_it_goes_off_after_a_full_month_below_and_that_is_told(
    news: Page, desk: Desk, listening: None, inbox: Inbox, clock: Clock
) -> None:
    choose(news, clock, control=Control.WHEN_REQUIRED)
    see(news, *range(101))
    for month, day, shown in ((11, 30, "on"), (12, 1, "on"), (12, 31, "on")):
        clock.moment = clock.moment.replace(month=month, day=day)
        look_around(inbox, clock)
        assert see(news, 0) == shown
    clock.moment = clock.moment.replace(year=2027, month=1, day=1)
    inbox.messages.clear()
    for _ in range(2):
        look_around(inbox, clock)
    assert see(news, 0) == "off"
    assert [message["Subject"] for message in inbox.messages] == ["The report control of News is off"]
    assert events(news)[-2:] == ["threshold.required", "report.off"]


def test_a_month_over_the_threshold_keeps_it_for_the_next(news: Page, clock: Clock) -> None:
    choose(news, clock, control=Control.WHEN_REQUIRED)
    see(news, *range(101))
    clock.moment = clock.moment.replace(month=12, day=2)
    assert see(news, *range(101)) == "on"
    clock.moment = clock.moment.replace(year=2027, month=1, day=31)
    with connection():
        thresholds.look_at_all(at=clock())
    assert see(news, 0) == "on"
    assert steps(news) == [("near", 80), ("required", 101)] * 2


def test_a_clock_that_steps_back_takes_nothing_away(news: Page, clock: Clock) -> None:
    choose(news, clock, control=Control.WHEN_REQUIRED)
    see(news, *range(101))
    clock.move(days=-40)
    with connection():
        thresholds.look_at_all(at=clock())
    assert see(news, 0) == "on"
    assert steps(news) == [("near", 80), ("required", 101)]


def test_whoever_chooses_to_wait_when_it_is_required_already_keeps_it(
    news: Page, listening: None, clock: Clock
) -> None:
    see(news, *range(101))
    choose(news, clock, control=Control.WHEN_REQUIRED)
    assert see(news, 0) == "on"
    assert "report.off" not in events(news)
    choose(news, clock, guidelines=("anthropic",))
    assert see(news, 0) == "off"
    assert events(news)[-1] == "report.off"
    choose(news, clock, control=Control.ALWAYS)
    assert see(news, 0) == "on"
    assert events(news)[-1] == "report.on"


def test_a_stricter_guideline_is_followed_at_once(news: Page, listening: None, clock: Clock) -> None:
    choose(news, clock, control=Control.WHEN_REQUIRED)
    see(news, 0)
    choose(news, clock, guidelines=("ai21", "openai"))
    assert see(news, 0) == "on"
    assert steps(news) == [("required", 1)]


def test_a_month_that_was_over_before_steps_were_kept_counts(news: Page, clock: Clock) -> None:
    see(news, *range(101))
    clock.moment = clock.moment.replace(month=12, day=3)
    see(news, 0)
    Crossing.delete().execute()
    choose(news, clock, control=Control.WHEN_REQUIRED)
    assert see(news, 0) == "on"


class TestAnApplication:
    """Two sites whose owner says that they are one."""

    @pytest.fixture(autouse=True)
    def application(self, news: Page, shop: Page, clock: Clock) -> None:
        for page in (news, shop):
            choose(page, clock, application="The paper", control=Control.WHEN_REQUIRED)

    def test_their_viewers_count_together_and_each_site_keeps_its_own_number(
        self, news: Page, shop: Page, desk: Desk, inbox: Inbox, house: Settings, clock: Clock
    ) -> None:
        see(news, *range(60))
        assert see(shop, *range(40, 100)) == "off"
        assert see(shop, 100) == "on"
        assert see(news, 0) == "on"
        assert (news.usage()["unique_viewers"], shop.usage()["unique_viewers"]) == (60, 61)
        assert steps(news) == steps(shop) == [("near", 80), ("required", 101)]
        assert {row.application for row in Crossing.select()} == {"The paper"}
        found = standing.of(sites.find(news.key), at=clock())
        assert (found.viewers, found.state, sorted(one.name for one in found.together)) == (
            101,
            "required",
            ["News", "Shop"],
        )
        keep_house(house, at=clock())
        subjects = [message["Subject"] for message in inbox.messages]
        assert len([subject for subject in subjects if "must be able to report" in subject]) == 1
        assert "the other sites of “The paper”" in text(inbox.messages[-1])

    def test_address_and_browser_are_one_person_on_both(self, news: Page, shop: Page, clock: Clock) -> None:
        news.view()
        shop.view()
        shop.view(browser=BROWSER.replace("150", "151"))
        assert standing.of(sites.find(shop.key), at=clock()).viewers == 2

    def test_the_strictest_guideline_of_them_is_what_each_is_judged_by_and_kept_by(
        self, news: Page, shop: Page, clock: Clock
    ) -> None:
        choose(shop, clock, guidelines=("openai",))
        see(news, *range(30))

        def told(month: str) -> list[object]:
            found = news.client.get(f"/api/v1/compliance?month={month}", headers=news.bearer).json
            clause = next(one for one in found["clauses"] if one["clause"] == "2.iii")
            evidence = clause["evidence"]
            return [clause["state"], evidence["threshold"], evidence["threshold_state"], found["figures"]["threshold"]]

        usage = news.usage()
        assert [usage["threshold"], usage["threshold_state"]] == [0, "required"]
        assert told("2026-11") == ["met", 0, "required", 0]
        clock.moment = clock.moment.replace(month=12, day=1)
        choose(shop, clock, guidelines=("ai21",))
        with connection():
            months.close_months(at=clock())
            assessments.close_month(mails=False, at=clock())
        assert told("2026-11") == ["met", 0, "required", 0]

    def test_at_the_months_end_its_key_and_numbers_are_destroyed(self, news: Page, shop: Page, clock: Clock) -> None:
        news.view(viewer="a")
        shop.view(viewer="b")
        november = sites.find(news.key)
        clock.move(days=31)
        with connection():
            assert months.close_months(at=clock()) == 3
            assert Viewer.select().count() == 0
            assert [bool(row.key) for row in Month.select()] == [False] * 3
            assert standing.of(november, at=clock(), month=202611).viewers == 2

    def test_a_month_that_is_over_is_told_by_what_was_chosen_when_it_ended(
        self, news: Page, shop: Page, settings: Settings, clock: Clock
    ) -> None:
        see(news, *range(70))
        see(shop, *range(70, 140))
        clock.moment = clock.moment.replace(month=12, day=1, hour=0, minute=0, second=5)
        choose(news, clock, application="", guidelines=("openai",))
        see(news, 0)
        for _ in range(3):
            keep_house(settings, at=clock())
            clock.move(minutes=5)
        choose(shop, clock, application="Another")
        november = news.usage("2026-11")
        assert (november["threshold_state"], november["threshold"]) == ("required", 100)
        assert november["application"] == {"name": "The paper", "sites": 2, "unique_viewers": 140}
        assert shop.usage("2026-11")["application"]["name"] == "The paper"
        assert news.usage("2026-12")["application"] is None
        kept = news.client.get("/api/v1/compliance?month=2026-11", headers=news.bearer).json
        assert (kept["figures"]["viewers"], [one["code"] for one in kept["guidelines"]]) == (140, ["ai21"])

    def test_a_month_that_is_over_but_not_closed_is_none_in_which_a_site_joins_others(
        self, news: Page, shop: Page, settings: Settings, clock: Clock
    ) -> None:
        for page in (news, shop):
            see(page, *range(60))
        clock.moment = clock.moment.replace(month=12, day=1, hour=0, minute=1)
        see(news, *range(5))
        choose(news, clock, application="Another")
        assert (viewers_together(shop), shop.usage("2026-11")["threshold_state"]) == (60, "below")
        for _ in range(3):
            keep_house(settings, at=clock())
            clock.move(minutes=5)
        kept = shop.client.get("/api/v1/compliance?month=2026-11", headers=shop.bearer).json
        assert kept["figures"]["viewers"] == viewers_together(shop) == 60
        assert viewers_together(news, "2026-12") == 5

    def test_whoever_came_before_it_had_its_name_counts_at_least_on_his_site(self, news: Page, clock: Clock) -> None:
        choose(news, clock, application="")
        see(news, *range(100))
        choose(news, clock, application="Another")
        assert standing.of(sites.find(news.key), at=clock()).viewers == 100
        assert see(news, 100) == "on"

    def test_who_came_before_they_counted_together_counts_besides_in_that_month(
        self, news: Page, shop: Page, clock: Clock
    ) -> None:
        """Too high rather than too low, and never higher than all sites' readers together; exact from the next on."""
        for page in (news, shop):
            choose(page, clock, application="")
        see(news, *range(40))
        see(shop, *range(100, 140))
        for page in (news, shop):
            choose(page, clock, application="The paper")
        assert viewers_together(news) == viewers_together(shop) == 80
        assert steps(news) == steps(shop) == [("near", 80)]
        see(news, *range(10), *range(40, 50))
        assert see(shop, *range(140, 150)) == "off"
        assert viewers_together(news) == 100
        assert news.usage()["projected_viewers"] >= 100
        assert see(shop, 150) == "on"
        assert steps(news)[-1] == ("required", 101)
        choose(news, clock, application="")
        choose(news, clock, application="The paper")
        assert viewers_together(shop) == 101
        clock.moment = clock.moment.replace(month=12)
        see(news, 1, 2)
        see(shop, 2, 3)
        assert (viewers_together(shop, "2026-11"), viewers_together(shop, "2026-12")) == (101, 3)

    @pytest.mark.parametrize("query", [{}, {"unusual": "1"}])
    def test_who_comes_before_this_process_knows_that_another_one_has_joined_the_site_counts_together_with_others(
        self,
        news: Page,
        shop: Page,
        clock: Clock,
        settings: Settings,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        query: dict,
    ) -> None:
        monkeypatch.setattr(known, "EVERY_SECONDS", 60)
        choose(news, clock, application="")
        see(shop, *range(20))
        see(news, *range(20, 30))
        another_process_chooses(news, "The paper", settings, tmp_path)
        assert [came(news, person, query) for person in (30, 31, 32, 0)] == [200] * 4
        assert viewers_together(shop) == 33
        another_process_chooses(news, "", settings, tmp_path)
        assert [came(news, person, query) for person in (33, 34)] == [200] * 2
        assert (news.usage()["unique_viewers"], viewers_together(shop)) == (16, 23)

    @pytest.mark.parametrize("before", [0, 10])
    def test_who_comes_while_the_site_joins_counts_together_with_others_also_as_the_first_of_the_month(
        self, news: Page, shop: Page, clock: Clock, monkeypatch: pytest.MonkeyPatch, before: int
    ) -> None:
        monkeypatch.setattr(known, "EVERY_SECONDS", 60)
        choose(news, clock, application="")
        see(shop, *range(20))
        for _ in range(2):
            news.view(browser="Googlebot")  # who is nobody, but makes the site known
        for person in range(before):
            see(news, 20 + person)
        joins, is_through = threading.Event(), threading.Event()

        def join() -> None:
            with connection(), transaction():
                site = sites.find(news.key)
                policies.keep(site, replace(policies.of(site), application="The paper"), moderator=None, at=clock())
                joins.set()
                is_through.wait(0.5)  # it is not, while this is not committed

        joining = threading.Thread(target=join)
        joining.start()
        joins.wait(10)
        see(news, 30)
        is_through.set()
        joining.join()
        assert viewers_together(shop) == 20 + before + 1


def another_process_chooses(page: Page, application: str, settings: Settings, folder: Path) -> None:
    here = {"WIDGET_DATABASE_URL": settings.database_url, "WIDGET_SECRET_KEY": settings.secret_key}
    run("site", "policy", page.key, "--application", application, folder=folder, environment=here)


def came(page: Page, person: int, query: dict) -> int:
    said = {"site": page.key, "viewer": f"person-{person}", "views": [seen(TEXT)]}
    headers = {"Origin": page.origin, "User-Agent": BROWSER}
    return page.client.post("/api/v1/views", json=said, headers=headers, query_string=query).status_code


def viewers_together(page: Page, month: str = "2026-11") -> int:
    return page.usage(month)["application"]["unique_viewers"]


def test_where_a_month_heads_is_told_once(news: Page, desk: Desk, listening: None, inbox: Inbox, clock: Clock) -> None:
    clock.moment = clock.moment.replace(day=1)
    for day in range(10):
        see(news, *range(day * 5, day * 5 + 5))
        clock.move(days=1)
    for _ in range(3):
        look_around(inbox, clock)
        clock.move(days=1)
    assert [message["Subject"] for message in inbox.messages] == ["News heads for 141 viewers in 2026-11"]
    assert steps(news) == [("projected", 141)]
    assert events(news) == ["threshold.projected"]
    assert standing.of(sites.find(news.key), at=clock()).projected < 141


def impressions(page: Page, clock: Clock, *people: int) -> list[viewers.Impressions]:
    site = sites.find(page.key)
    found = []
    for person in people:
        who = viewers.identify(
            [site.id, applications.number_of(site)],
            viewer=f"person-{person}",
            address="203.0.113.7",
            user_agent="",
            at=clock(),
        )
        found.append(viewers.Impressions(site.id, who[0].month, clock(), who, 1, 1, page=f"{page.origin}/story"))
    return found


def test_in_one_commit_the_moment_is_that_of_the_101st(news: Page, clock: Clock) -> None:
    batch = []
    with connection():
        for person in range(150):
            clock.move(minutes=1)
            batch += impressions(news, clock, person)
        with transaction():
            viewers.keep(batch)
    assert [(row.step, row.at) for row in Crossing.select().order_by(Crossing.at)] == [
        ("near", batch[79].at),
        ("required", batch[100].at),
    ]


def test_a_viewer_already_seen_costs_no_statement_and_a_step_taken_neither(
    news: Page, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    see(news, *range(102))
    asked: list[str] = []
    plainly = type(database.obj).execute_sql

    def execute(self: object, sql: str, *parameters: object, **more: object) -> object:
        asked.append(sql)
        return plainly(self, sql, *parameters, **more)

    batches = [impressions(news, clock, person) for person in (7, 500, 501)]
    monkeypatch.setattr(type(database.obj), "execute_sql", execute)
    cost = []
    with connection():
        for batch in batches:
            with transaction():
                asked.clear()
                viewers.keep(batch)
                cost.append([found[1] for sql in asked if (found := re.search('(?:INTO|FROM) "(\\w+)"', sql))])
    new = ["viewer", "month", "site", "tally", "page_tally"]
    assert cost == [["tally", "page_tally"], new, new]


def test_of_two_who_come_at_once_one_is_the_101st(news: Page, desk: Desk, clock: Clock) -> None:
    see(news, *range(99))
    batches = [impressions(news, clock, person) for person in (99, 100)]
    first_is_in, second_is_through = threading.Event(), threading.Event()

    def first() -> None:
        with connection(), transaction():
            viewers.keep(batches[0])
            first_is_in.set()
            second_is_through.wait(0.5)  # it is not, while this one is not committed

    def second() -> None:
        first_is_in.wait(10)
        with connection(), transaction():
            viewers.keep(batches[1])
            second_is_through.set()

    threads = [threading.Thread(target=work) for work in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert steps(news) == [("near", 80), ("required", 101)]


PROCESS = """
import sys
from widget_server import create_app
from widget_server.settings import Settings
_, url, key, first = sys.argv
app = create_app(Settings(secret_key="a secret of thirty-two characters, or more", database_url=url,
    public_url="https://widget.example"))
for person in range(int(first), int(first) + 60):
    body = {"site": key, "views": [{"text_sha256": "a" * 64, "disclosed": True}], "viewer": f"person-{person}"}
    answer = app.test_client().post("/api/v1/views", json=body, headers={"Origin": "https://news.example"})
    assert answer.status_code == 200, answer.text
"""


def test_two_processes_tell_of_it_once(
    news: Page, desk: Desk, settings: Settings, inbox: Inbox, house: Settings, clock: Clock
) -> None:
    started = [
        subprocess.Popen([sys.executable, "-c", PROCESS, settings.database_url, news.key, str(first)])
        for first in (0, 60)
    ]
    assert [process.wait(60) for process in started] == [0, 0]
    assert [step for step, _ in steps(news)] == ["near", "required"]
    assert sum(row.viewers for row in Tally.select()) == 120
    keep_house(house, at=Crossing.get(Crossing.step == "required").at)
    assert len([one for one in inbox.messages if "must be able to report" in one["Subject"]]) == 1


class TestDisclosure:
    """Too few readers can see the badge."""

    def views(self, news: Page, disclosed: int, hidden: int) -> None:
        for shown, number in ((True, disclosed), (False, hidden)):
            if number:
                news.view(*[{"text_sha256": "a" * 64, "disclosed": shown}] * number)

    def test_it_is_told_once_until_it_was_better(
        self, news: Page, desk: Desk, listening: None, inbox: Inbox, clock: Clock
    ) -> None:
        self.views(news, 90, 9)
        look_around(inbox, clock)
        assert inbox.messages == []
        self.views(news, 0, 1)
        for _ in range(2):
            look_around(inbox, clock)
        assert [message["Subject"] for message in inbox.messages] == [
            "Too few readers of News can see the badge: 90.0 %"
        ]
        clock.move(days=6)
        self.views(news, 99, 0)
        look_around(inbox, clock)
        assert len(inbox.messages) == 1
        clock.move(days=1)
        self.views(news, 1, 0)
        look_around(inbox, clock)
        self.views(news, 0, 10)
        look_around(inbox, clock)
        assert [message["Subject"] for message in inbox.messages[1:]] == [
            "Too few readers of News can see the badge: 90.9 %"
        ]
        assert events(news) == ["disclosure.low", "disclosure.low"]

    def test_the_owners_bound_holds(self, news: Page, inbox: Inbox, clock: Clock, listening: None) -> None:
        choose(news, clock, least_disclosed=90)
        self.views(news, 90, 10)
        look_around(inbox, clock)
        assert events(news) == []
        choose(news, clock, least_disclosed=91)
        look_around(inbox, clock)
        assert events(news) == ["disclosure.low"]
