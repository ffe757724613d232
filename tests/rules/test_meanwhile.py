"""Two people change one form."""

from typing import Any

import pytest

from widget_server.rules.meanwhile import Contested, met

SHOWN = {"hours": 4, "name": "News"}


@pytest.mark.parametrize(
    ("typed", "now", "kept"),
    [
        ({"hours": 4, "name": "News"}, SHOWN, SHOWN),
        ({"hours": 2, "name": "News"}, {"hours": 4, "name": "Shop"}, {"hours": 2, "name": "Shop"}),
        ({"hours": 4}, {"hours": 4, "name": "News", "more": True}, {"hours": 4, "more": True}),
        ({"hours": 4, "name": "News", "more": True}, {"name": "News"}, {"name": "News", "more": True}),
        ({"hours": 2, "name": "News"}, {"hours": 2, "name": "News"}, {"hours": 2, "name": "News"}),
        ({"hours": 4}, {"hours": 4}, {"hours": 4}),
    ],
)
def test_each_keeps_what_they_alone_have_changed(typed: dict, now: dict, kept: dict) -> None:
    assert met(typed, shown=SHOWN, now=now) == kept


@pytest.mark.parametrize(
    ("typed", "now", "names"),
    [
        ({"hours": 2, "name": "News"}, {"hours": 3, "name": "News"}, ["hours"]),
        ({"hours": 2, "name": "News"}, {"name": "News"}, ["hours"]),
        ({"name": "News"}, {"hours": 3, "name": "News"}, ["hours"]),
        ({"hours": 2, "name": "Shop"}, {"hours": 3, "name": "Forum"}, ["hours", "name"]),
    ],
)
def test_what_both_have_changed_is_kept_for_neither(typed: dict, now: dict, names: list[str]) -> None:
    with pytest.raises(Contested) as refusal:
        met(typed, shown=SHOWN, now={**now, "more": True})
    assert (refusal.value.names, refusal.value.now) == (names, {**now, "more": True})
    assert refusal.value.typed == {**typed, "more": True}


def test_a_form_that_does_not_tell_what_it_held_is_kept_as_a_whole() -> None:
    typed: dict[str, Any] = {"hours": 2}
    assert met(typed, shown=None, now=SHOWN) == typed
