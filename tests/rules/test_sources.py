"""From where reports come, as a number that means nothing a week later."""

from datetime import UTC, datetime

import pytest

from widget_server.rules.sources import about, first_day_kept, source
from widget_server.rules.viewers import viewer_key


def of(day: bytes = b"k", address: str = "203.0.113.7", browser: str = "Firefox") -> int:
    return source(day, address=address, user_agent=browser)


def test_a_source_is_one_number_on_one_day() -> None:
    assert of() == of()
    assert len({of(), of(day=b"l"), of(address="203.0.113.8"), of(browser="Chrome")}) == 4
    assert -(2**63) <= of() < 2**63
    assert of(address="2001:db8::1") == of(address="2001:db8::ffff")
    assert of(address="2001:db8::1") != of(address="2001:db8:0:1::1")


def test_a_source_is_no_viewer_even_under_the_same_key() -> None:
    assert of() != viewer_key(b"k", viewer=None, address="203.0.113.7", user_agent="Firefox")


def test_a_sources_number_does_not_change_between_versions() -> None:
    assert of() == -5695413285849377552


def test_address_and_browser_cannot_be_shifted_into_each_other() -> None:
    assert of(address="203.0.113.1", browser="1x") != of(address="203.0.113.11", browser="x")


@pytest.mark.parametrize(
    ("moment", "first"),
    [(datetime(2026, 11, 30, 23, 59, tzinfo=UTC), 20261123), (datetime(2026, 12, 1, tzinfo=UTC), 20261124)],
)
def test_a_days_sources_mean_something_for_seven_days_more(moment: datetime, first: int) -> None:
    assert first_day_kept(moment) == first


@pytest.mark.parametrize(
    ("reports", "known", "past", "told"),
    [(0, 0, 0, 0), (1, 0, 0, 1), (5, 0, 0, 1), (12, 3, 0, 3), (12, 3, 2, 5), (4, 3, 2, 4), (5, 3, 2, 5)],
)
def test_about_how_many_sources_there_are(reports: int, known: int, past: int, told: int) -> None:
    assert about(reports=reports, known=known, past=past) == told
