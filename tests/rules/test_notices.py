"""When an owner is written to."""

from datetime import UTC, datetime

import pytest

from widget_server.rules.notices import told_at


def moment(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-23T{clock}").replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("last", "at", "told"),
    [
        (None, "12:03:00", "12:03:00"),
        ("11:53:00", "12:03:00", "12:03:00"),
        ("11:53:00.000001", "12:03:00", "12:10:00"),
        ("12:03:00", "12:03:00.000001", "12:10:00"),
        ("12:03:00", "12:09:59.999999", "12:10:00"),
        ("12:03:00", "12:10:00", "12:20:00"),
        ("12:03:00", "12:12:59", "12:20:00"),
    ],
)
def test_the_first_is_told_at_once_and_the_next_ones_together(last: str | None, at: str, told: str) -> None:
    assert told_at(moment(at), last=moment(last) if last else None) == moment(told)
