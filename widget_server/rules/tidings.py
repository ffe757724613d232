"""What the owners of a site are written about its viewers: each event as a subject and a body.

And what is written to somebody whose password another seems to know.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from widget_server.rules.events import Event

Letter = tuple[str, str]
CODES_GUESSED = "codes.guessed"


def letter(event: Event, about: dict[str, Any], *, site: str, page: str) -> Letter:
    """`about`: what the event tells. `site`: its name; `page`: where its viewers are shown."""
    subject, body = _LETTERS[event](about, site)
    return subject, f"{body}\n\n{page}\n"


def codes_guessed(*, at: datetime, account: str) -> Letter:
    """`account`: the address of the page on which the password is changed."""
    body = (
        f"Somebody signed in with your password and then gave many wrong codes, the last at {at:%Y-%m-%d %H:%M} UTC. "
        "They did not come in. If it was you, you need do nothing.\n\n"
        f"If not, somebody has your password. Change it now, and wherever else you use it:\n{account}\n"
    )
    return "Somebody has your password", body


def _whose(about: dict[str, Any], site: str) -> str:
    application = about.get("application")
    return f"{site} and the other sites of “{application}”" if application else site


def _asked(about: dict[str, Any]) -> str:
    threshold, clause = about["threshold"], about["clause"]
    return f"With more than {threshold} viewers in a month, readers must be able to report (guideline {clause})."


def _control(about: dict[str, Any]) -> str:
    if about["report"] == "on":
        return "Readers see the report control."
    return f"The report control is off, as you chose. It comes by itself with viewer {about['threshold'] + 1}."


def _projected(about: dict[str, Any], site: str) -> Letter:
    viewers, month = about["viewers"], about["month"]
    body = (
        f"If new viewers keep coming as they do now, {_whose(about, site)} will have {viewers} at the end of {month}. "
        f"{_asked(about)} {_control(about)}"
    )
    return f"{site} heads for {viewers} viewers in {month}", body


def _near(about: dict[str, Any], site: str) -> Letter:
    viewers = about["viewers"]
    body = (
        f"Viewer {viewers} of {_whose(about, site)} came on {about['at']}. {_asked(about)} People who share an address "
        f"and a browser count as one, so there may be more. {_control(about)}"
    )
    return f"{site} has {viewers} viewers in {about['month']}, near the threshold", body


def _required(about: dict[str, Any], site: str) -> Letter:
    viewers = about["viewers"]
    body = (
        f"Viewer {viewers} of {_whose(about, site)} came on {about['at']}. {_asked(about)}\n\n"
        "The report control is on, and stays on until a full month was below. See that somebody looks at the reports "
        "and answers them."
    )
    return f"Readers of {site} must be able to report: viewer {viewers} in {about['month']}", body


def _off(about: dict[str, Any], site: str) -> Letter:
    threshold = about["threshold"]
    back = "Its guidelines name no number of viewers from which it must be there."
    if threshold is not None:
        back = (
            f"Neither this month nor the one before had more than {threshold} viewers. It comes back by itself with "
            f"viewer {threshold + 1} of a month."
        )
    body = (
        f"Since {about['at']} readers of {site} do not see the report control: its policy shows it only while the "
        f"guideline requires it. {back} The labels stay, and so does the plain link "
        "to the form where scripts are blocked."
    )
    return f"The report control of {site} is off", body


def _low(about: dict[str, Any], site: str) -> Letter:
    share, least = about["share"], about["least"]
    body = (
        f"On {share} % of {about['impressions']:,} views of the last seven days readers of {site} could see the badge "
        f"(guideline {about['clause']}). You asked to hear of less than {least} %. The page tells where it was hidden, "
        "and by what. You hear of it again once it was better and gets worse."
    )
    return f"Too few readers of {site} can see the badge: {share} %", body


_LETTERS: dict[Event, Callable[[dict[str, Any], str], Letter]] = {
    Event.THRESHOLD_PROJECTED: _projected,
    Event.THRESHOLD_NEAR: _near,
    Event.THRESHOLD_REQUIRED: _required,
    Event.REPORT_OFF: _off,
    Event.DISCLOSURE_LOW: _low,
}
