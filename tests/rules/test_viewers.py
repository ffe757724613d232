"""Who counts, in which month, and from when reports must be possible."""

import hmac
from datetime import UTC, datetime

import pytest

from widget_server.rules.guidelines import strictest
from widget_server.rules.viewers import (
    bounds,
    day_name,
    day_of,
    following,
    is_person,
    month_name,
    month_of,
    page_of,
    seen_from,
    threshold_state,
    viewer_key,
)

AI21 = strictest(["ai21"])


@pytest.mark.parametrize(
    ("viewers", "state"),
    [(0, "below"), (79, "below"), (80, "near"), (99, "near"), (100, "near"), (101, "required"), (102, "required")],
)
def test_the_guideline_asks_from_the_hundred_and_first_viewer(viewers: int, state: str) -> None:
    assert threshold_state(viewers, limits=AI21) == state


@pytest.mark.parametrize(
    ("viewers", "projected", "state"),
    [
        (1, None, "below"),
        (1, 74, "below"),
        (1, 75, "near"),
        (1, 500, "near"),
        (79, 74, "below"),
        (80, 0, "near"),
        (101, 0, "required"),
    ],
)
def test_a_month_that_heads_for_the_warning_is_warned_of_before(viewers: int, projected: int, state: str) -> None:
    assert threshold_state(viewers, limits=AI21, projected=projected) == state


@pytest.mark.parametrize(
    ("moment", "month", "name"),
    [
        (datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC), 202611, "2026-11"),
        (datetime(2026, 12, 1, tzinfo=UTC), 202612, "2026-12"),
        (datetime(2027, 1, 1, tzinfo=UTC), 202701, "2027-01"),
    ],
)
def test_a_month_is_a_calendar_month(moment: datetime, month: int, name: str) -> None:
    assert month_of(moment) == month
    assert month_name(month) == name


@pytest.mark.parametrize(("month", "next_one"), [(202601, 202602), (202611, 202612), (202612, 202701)])
def test_a_month_is_followed_by_the_next(month: int, next_one: int) -> None:
    assert following(month) == next_one


def test_a_month_ends_where_the_next_begins() -> None:
    assert bounds(202611) == (datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
    assert bounds(202612) == (datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("address", "person"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::"),
        ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
    ],
)
def test_a_person_is_seen_from_all_of_ipv4_and_the_64_of_ipv6(address: str, person: str) -> None:
    assert seen_from(address) == person


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/150.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Linux; Android 14; Cubot X50) AppleWebKit/537.36 Chrome/150 Mobile Safari/537.36",
        "",
    ],
)
def test_browsers_are_people(agent: str) -> None:
    assert is_person(user_agent=agent, purpose="")


@pytest.mark.parametrize(
    "bot",
    ["Googlebot/2.1", "AhrefsBot; x", "Baiduspider", "UptimeRobot/2.0", "Mozilla/5.0 (compatible; YandexBot/3.0)"],
)
def test_crawlers_that_say_so_are_not(bot: str) -> None:
    assert not is_person(user_agent=bot, purpose="")


@pytest.mark.parametrize("purpose", ["prefetch", "Prefetch;prerender"])
def test_pages_loaded_ahead_are_not_seen(purpose: str) -> None:
    assert not is_person(user_agent="Mozilla/5.0", purpose=purpose)


def test_a_crawler_says_so_in_the_first_thousand_characters() -> None:
    assert not is_person(user_agent="x" * 996 + " bot", purpose="")
    assert is_person(user_agent="x" * 997 + " bot", purpose="")


def key(month: bytes = b"k", viewer: str | None = None, address: str = "203.0.113.7", browser: str = "Firefox") -> int:
    return viewer_key(month, viewer=viewer, address=address, user_agent=browser)


def test_a_viewer_is_one_number_in_one_month() -> None:
    assert key() == key()
    assert len({key(), key(month=b"l"), key(address="203.0.113.8"), key(browser="Chrome"), key(viewer="x")}) == 5
    assert key(viewer="x") == key(viewer="x", address="198.51.100.1", browser="Chrome")
    assert -(2**63) <= key() < 2**63


def test_a_viewers_number_does_not_change_between_versions() -> None:
    assert key() == -600274173961775394


@pytest.mark.parametrize("length", [1, 32, 64, 65])
def test_a_viewers_number_is_an_hmac_of_who_it_is_under_the_months_key(length: int) -> None:
    digest = hmac.digest(b"k" * length, b'["id", "x"]', "sha256")
    assert key(month=b"k" * length, viewer="x") == int.from_bytes(digest[:8], "big", signed=True)


def test_fields_cannot_be_shifted_into_each_other() -> None:
    assert key(browser="a", address="203.0.113.7") != key(viewer="203.0.113.7a")


ORIGINS = ["https://news.example", "null"]


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("https://news.example/", "https://news.example/"),
        ("https://news.example/story?reader=jane#comments", "https://news.example/story"),
        ("https://news.example/story#top?x", "https://news.example/story"),
        ("https://news.example.evil.example/", ""),
        ("https://news.example@evil.example/", ""),
        ("https://other.example/", ""),
        ("", ""),
        ("https://news.example/" + "x" * 1979, "https://news.example/" + "x" * 1979),
        ("https://news.example/" + "x" * 1980, ""),
        ("https://news.example/" + "ж" * 1000, ""),
    ],
)
def test_a_page_is_one_of_the_sites_without_what_tells_who_reads_it(address: str, page: str) -> None:
    assert page_of(address, origins=ORIGINS) == page


def test_a_day_has_a_name() -> None:
    assert (day_name(20261123), day_name(20270101)) == ("2026-11-23", "2027-01-01")


def test_a_day_is_a_number_that_reads_as_its_date() -> None:
    assert day_of(datetime(2026, 11, 3, 23, 59, tzinfo=UTC)) == 20261103
    assert day_name(day_of(datetime(2026, 1, 31, tzinfo=UTC))) == "2026-01-31"


def test_a_guideline_without_the_number_asks_for_no_report_control() -> None:
    assert threshold_state(1_000_000, limits=strictest(["anthropic"])) == "below"


@pytest.mark.parametrize(("viewers", "state"), [(0, "near"), (1, "required")])
def test_a_guideline_that_asks_for_it_at_once_is_near_from_the_start(viewers: int, state: str) -> None:
    assert threshold_state(viewers, limits=strictest(["openai"])) == state
