"""The way to the guidelines' threshold (2.iii): its steps, and what the report control does on it by itself."""

from enum import StrEnum

from widget_server.rules.guidelines import Limits
from widget_server.rules.policy import Control
from widget_server.rules.viewers import Reporting, ThresholdState, following, threshold_state


class Step(StrEnum):
    """What is told of a month, once each: where it heads, that it is near, that readers must be able to report."""

    PROJECTED = "projected"
    NEAR = "near"
    REQUIRED = "required"


def reached(viewers: int, *, limits: Limits) -> dict[Step, int]:
    """The steps that so many viewers have taken, each with the number of the viewer who took it.

    A guideline that asks from the first viewer on gives no warning before.
    """
    if limits.viewers_unreported is None or limits.warning is None:
        return {}
    steps = {Step.NEAR: limits.warning, Step.REQUIRED: limits.viewers_unreported + 1}
    return {step: number for step, number in steps.items() if 0 < number <= viewers}


def heads_for(viewers: int, projected: int | None, *, limits: Limits) -> bool:
    """Whether a month of which there is nothing to tell yet will bring a warning before its end."""
    below = threshold_state(viewers, limits=limits) is ThresholdState.BELOW
    return below and threshold_state(viewers, limits=limits, projected=projected) is not ThresholdState.BELOW


def control(chosen: Control, *, limits: Limits, required_in: int | None, month: int) -> Reporting:
    """Whether readers see the report control in this month.

    `required_in`: the last month in which it was required. It stays until a full month was below the threshold: all
    of the month that follows. A clock that steps back takes nothing away.
    """
    if chosen is Control.ALWAYS:
        return Reporting.ON
    if limits.viewers_unreported is None or required_in is None:
        return Reporting.OFF
    return Reporting.ON if month <= following(required_in) else Reporting.OFF
