"""The steps to the threshold, and what the report control does on them."""

import pytest

from widget_server.rules.guidelines import strictest
from widget_server.rules.policy import Control
from widget_server.rules.threshold import control, heads_for, reached

AI21, OPENAI, ANTHROPIC = (strictest([code]) for code in ("ai21", "openai", "anthropic"))


@pytest.mark.parametrize(
    ("viewers", "steps"),
    [
        (0, {}),
        (79, {}),
        (80, {"near": 80}),
        (81, {"near": 80}),
        (100, {"near": 80}),
        (101, {"near": 80, "required": 101}),
        (5000, {"near": 80, "required": 101}),
    ],
)
def test_a_step_is_taken_by_the_80th_and_by_the_101st_viewer(viewers: int, steps: dict[str, int]) -> None:
    assert reached(viewers, limits=AI21) == steps


def test_a_guideline_that_asks_from_the_first_viewer_on_gives_no_warning_before() -> None:
    assert [reached(viewers, limits=OPENAI) for viewers in (0, 1, 2)] == [{}, {"required": 1}, {"required": 1}]


def test_a_guideline_without_the_number_has_no_steps() -> None:
    assert reached(1_000_000, limits=ANTHROPIC) == {}


@pytest.mark.parametrize(
    ("viewers", "projected", "told"),
    [
        (10, None, False),
        (10, 74, False),
        (10, 75, True),
        (79, 101, True),
        (80, 101, False),  # near is told already
        (101, 300, False),
    ],
)
def test_where_a_month_heads_is_told_while_there_is_nothing_else_to_tell(
    viewers: int, projected: int | None, told: bool
) -> None:
    assert heads_for(viewers, projected, limits=AI21) is told


def test_without_a_number_a_month_heads_for_nothing() -> None:
    assert not heads_for(10, 5000, limits=ANTHROPIC)
    assert not heads_for(0, 5000, limits=OPENAI)


@pytest.mark.parametrize(
    ("required_in", "month", "shown"),
    [
        (None, 202611, "off"),
        (202611, 202611, "on"),
        (202611, 202612, "on"),
        (202611, 202701, "off"),
        (202612, 202701, "on"),
        (202612, 202702, "off"),
        (202611, 202610, "on"),  # the clock stepped back
    ],
)
def test_the_control_stays_until_a_full_month_was_below(required_in: int | None, month: int, shown: str) -> None:
    assert control(Control.WHEN_REQUIRED, limits=AI21, required_in=required_in, month=month) == shown


@pytest.mark.parametrize("required_in", [None, 202501, 202611])
def test_whoever_wants_it_always_has_it_always(required_in: int | None) -> None:
    assert control(Control.ALWAYS, limits=ANTHROPIC, required_in=required_in, month=202611) == "on"


def test_where_no_guideline_asks_for_it_it_is_never_required() -> None:
    assert control(Control.WHEN_REQUIRED, limits=ANTHROPIC, required_in=202611, month=202611) == "off"
