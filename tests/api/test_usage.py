"""What the owner's programs read of a month: viewers, the threshold, days and pages."""

from dataclasses import replace

from tests.conftest import Clock, Page, seen
from widget_server.rules.policy import Control
from widget_server.storage import connection, policies, sites, thresholds


def choose(page: Page, clock: Clock, **chosen: object) -> None:
    with connection():
        site = sites.find(page.key)
        policies.keep(site, replace(policies.of(site), **chosen), moderator=None, at=clock())
        thresholds.look(site, at=clock())


def test_first_views_are_counted_apart(news: Page, clock: Clock) -> None:
    assert (news.usage()["first_views"], news.usage()["first_views_disclosed_share"]) == (0, None)
    news.view(seen("one", disclosed=False), seen("two"), viewer="a")
    news.view(seen("one"), viewer="a")
    for viewer in "bcd":
        news.view(seen("one"), seen("two", disclosed=False), viewer=viewer)
    told = news.usage()
    assert (told["first_views"], told["first_views_disclosed_share"], told["disclosed_share"]) == (4, 0.75, 0.5555)
    clock.move(days=10)
    news.view(seen("one"), viewer="a")
    assert (news.usage("2026-12")["first_views"], news.usage("2026-12")["first_views_disclosed_share"]) == (1, 1)


def test_days_and_pages_tell_their_share_the_worst_page_first(news: Page, clock: Clock) -> None:
    story, feed = "https://news.example/story", "https://news.example/feed"
    news.view(*[seen(str(number)) for number in range(8)], page=f"{story}?reader=jane", viewer="a")
    clock.move(days=1)
    covered = {**seen("x", disclosed=False), "hidden_by": "covered"}
    news.view(seen("a"), covered, covered, {**covered, "hidden_by": "size"}, page=feed, viewer="b")
    news.view(seen("a"), covered, page=story, viewer="a")
    assert news.usage()["days"] == [
        {"day": "2026-11-23", "impressions": 8, "disclosed_share": 1.0, "new_viewers": 1},
        {"day": "2026-11-24", "impressions": 6, "disclosed_share": 0.3333, "new_viewers": 1},
    ]
    assert news.usage()["pages"] == [
        {"page": feed, "impressions": 4, "disclosed_share": 0.25, "hidden_by": {"covered": 2, "size": 1}},
        {"page": story, "impressions": 10, "disclosed_share": 0.9, "hidden_by": {"covered": 1}},
    ]
    assert news.usage("2026-12")["pages"] == []


def test_the_threshold_is_told_with_its_steps_and_the_control(news: Page, clock: Clock) -> None:
    choose(news, clock, control=Control.WHEN_REQUIRED)
    before = news.usage()
    assert [before[name] for name in ("control", "report", "report_since", "crossings", "application")] == [
        "when_required",
        "off",
        None,
        [],
        None,
    ]
    for person in range(101):
        news.view(viewer=f"person-{person}")
    told = news.usage()
    assert (told["threshold_state"], told["report"], told["report_since"]) == (
        "required",
        "on",
        "2026-11-23T12:00:00+00:00",
    )
    assert told["crossings"] == [
        {"step": "near", "at": "2026-11-23T12:00:00+00:00", "viewers": 80, "application": ""},
        {"step": "required", "at": "2026-11-23T12:00:00+00:00", "viewers": 101, "application": ""},
    ]
    assert told["projected_viewers"] > 101
    clock.move(days=10)
    assert (news.usage("2026-11")["crossings"], news.usage("2026-11")["projected_viewers"]) == (told["crossings"], None)
    assert news.usage("2026-12")["crossings"] == []


def test_a_month_that_is_over_is_told_with_the_control_of_then(news: Page, clock: Clock) -> None:
    def control(month: str) -> tuple[str, str, str | None]:
        told = news.usage(month)
        return told["control"], told["report"], told["report_since"]

    news.view(viewer="a")
    began = news.usage()["report_since"]
    clock.move(days=10)
    choose(news, clock, control=Control.WHEN_REQUIRED)
    news.view(viewer="a")
    assert control("2026-12") == ("when_required", "off", None)
    assert control("2026-11") == ("always", "on", began)
    clock.move(days=30)
    choose(news, clock, control=Control.ALWAYS)
    news.view(viewer="a")
    assert control("2026-12") == ("when_required", "off", None)
    assert control("2027-01")[:2] == ("always", "on")
    assert control("2026-11") == ("always", "on", began)


def test_an_application_is_told_with_its_viewers_and_without_the_names_of_its_sites(
    news: Page, shop: Page, clock: Clock
) -> None:
    for page in (news, shop):
        choose(page, clock, application="The paper")
    news.view(viewer="a")
    shop.view(viewer="b")
    assert news.usage()["application"] == {"name": "The paper", "sites": 2, "unique_viewers": 2}
    assert "Shop" not in str(news.usage())
    assert news.usage()["unique_viewers"] == 1
