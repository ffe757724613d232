"""What holds for webhooks."""

from datetime import UTC, datetime, timedelta

import pytest

from widget_server.rules.webhooks import OVERLAP, Kind, lost, of_setting, shown

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("failing", "is_lost"),
    [(timedelta(days=5, seconds=-1), False), (timedelta(days=5), True), (timedelta(days=5, seconds=1), True)],
)
def test_a_webhook_that_fails_for_five_days_is_lost(failing: timedelta, is_lost: bool):
    assert lost(NOON - failing, at=NOON) is is_lost


def test_a_replaced_secret_signs_for_a_day_more():
    assert timedelta(hours=24) == OVERLAP


@pytest.mark.parametrize(
    ("setting", "kind", "url"),
    [
        ("https://hooks.example/a", Kind.STANDARD, "https://hooks.example/a"),
        ("slack+https://chat.example/hooks/a", Kind.SLACK, "https://chat.example/hooks/a"),
        ("slack+http://chat.example/slack+x", Kind.SLACK, "http://chat.example/slack+x"),
        ("https://hooks.slack.com/services/T/B/x", Kind.SLACK, "https://hooks.slack.com/services/T/B/x"),
        ("https://hooks.example/slack+x", Kind.STANDARD, "https://hooks.example/slack+x"),
    ],
)
def test_the_setting_tells_the_kind(setting: str, kind: Kind, url: str):
    assert of_setting(setting) == (kind, url)


@pytest.mark.parametrize(
    ("url", "kind", "seen"),
    [
        ("https://hooks.example:8443/a/b", Kind.STANDARD, "https://hooks.example:8443/a/b"),
        ("https://hooks.example/a?token=secret#x", Kind.STANDARD, "https://hooks.example/a?…"),
        ("https://hooks.slack.com/services/T/B/secret", Kind.SLACK, "https://hooks.slack.com/…"),
    ],
)
def test_what_may_be_a_secret_in_an_address_is_not_shown(url: str, kind: Kind, seen: str):
    assert shown(url, kind) == seen
