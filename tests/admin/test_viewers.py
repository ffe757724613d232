"""The page of viewers, and the tags that follow the policy."""

import re
from dataclasses import replace
from datetime import UTC, datetime

from flask import Flask

from tests.conftest import Clock, Desk, Page, seen, signed_in
from widget_server.rules.policy import Control
from widget_server.storage import connection, policies, sites, thresholds


def shown(desk: Desk) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", desk.get("/admin/viewers").text))


def choose(page: Page, clock: Clock, **chosen: object) -> None:
    with connection():
        site = sites.find(page.key)
        policies.keep(site, replace(policies.of(site), **chosen), moderator=None, at=clock())
        thresholds.look(site, at=clock())


def test_it_tells_when_the_threshold_was_reached_and_since_when_readers_can_report(
    news: Page, desk: Desk, clock: Clock
) -> None:
    assert "Nobody has seen a labelled text" in shown(desk)
    choose(news, clock, control=Control.WHEN_REQUIRED)
    assert "off; it comes with viewer 101" in shown(desk)
    for person in range(101):
        news.view(viewer=f"person-{person}")
    told = shown(desk)
    assert "since viewer 101 came on 2026-11-23 12:00 UTC" in told
    assert "there since 2026-11-23 12:00 UTC , because it is required" in told
    assert "Readers must be able to report" in told
    assert "if new ones keep coming" in told
    assert "100.0 % of 101 viewers could see the badge of the first text" in told


def test_it_tells_what_hides_the_badge_and_where(news: Page, desk: Desk, clock: Clock) -> None:
    news.view(seen("a"), {**seen("b", disclosed=False), "hidden_by": "covered"})
    news.view(seen("a"), page="https://news.example/fine")
    told = shown(desk)
    assert "https://news.example/story Covered by something else 1 2 50.0 %" in told
    assert told.index("/story") < told.index("/fine")
    assert "warned below 95 %" in told


def test_a_share_is_the_same_here_and_on_the_compliance_page(news: Page, desk: Desk) -> None:
    for viewed in range(46):
        news.view(seen(f"text {viewed}", disclosed=viewed >= 3))
    told = shown(desk)
    assert "lowest 93.4 %" in told
    assert "46 93.4 %" in told
    assert "93.5" not in desk.get("/admin/viewers").text
    assert "93.4 %" in desk.get(f"/admin/compliance/{news.key}").text


def test_it_tells_with_whom_a_site_counts(news: Page, shop: Page, desk: Desk, clock: Clock) -> None:
    for page in (news, shop):
        choose(page, clock, application="The paper")
    news.view(viewer="a")
    shop.view(viewer="b")
    assert "1 viewer; 2 with the application “The paper” (News, Shop)" in shown(desk)


def test_the_tag_of_a_control_that_waits_says_so(news: Page, desk: Desk, clock: Clock) -> None:
    waits = "data-report=&#34;when-required&#34;"
    assert waits not in desk.get("/admin/sites").text
    choose(news, clock, control=Control.WHEN_REQUIRED)
    assert desk.get("/admin/sites").text.count(waits) == 2


def test_a_month_that_a_clock_ahead_has_opened_doubles_no_other(app: Flask, news: Page, clock: Clock) -> None:
    clock.moment = datetime(2026, 11, 30, 23, 58, tzinfo=UTC)
    desk = signed_in(app, clock, "eve@news.example")
    for minutes, address in ((0, "203.0.113.1"), (5, "203.0.113.2"), (-4, "203.0.113.3")):
        clock.move(minutes=minutes)
        news.view(address=address)
    months = re.findall(r'<th scope="row">(\d{4}-\d\d)[ <]', desk.get("/admin/viewers").text)
    assert sorted(months) == ["2026-11", "2026-12"]
