"""A declaration of purpose: what it must say, who signs it, and how long it holds. Guidelines 4 and 5."""

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from widget_server.rules.purposes import OTHER, PURPOSES, prohibited

HOLDS_MONTHS = 12
ASKED_AFTER_MONTHS = 11
GRACE = timedelta(days=30)
"""For so long after its year a declaration waits for its renewal before it counts as lapsed."""

LONGEST = {"signed_by": 200, "role": 200, "email": 254, "words": 2_000, "reason": 1_000}
"""The longest accepted field, in Unicode code points."""

_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class DeclarationState(StrEnum):
    CURRENT = "current"
    RENEWAL_DUE = "renewal due"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Draft:
    """A declaration as somebody filled it in. `purposes`: codes, each with the reason that a careful one needs.

    `words`: in their own words what the texts are, and who reads them. `email`: where the signer is asked to renew.
    """

    purposes: Mapping[str, str]
    words: str
    signed_by: str
    role: str
    email: str = ""


@dataclass(frozen=True, slots=True)
class Declared:
    """What holds for a site: the purposes' codes, who signed, and how it stands today."""

    purposes: tuple[str, ...]
    signed_by: str
    role: str
    signed_on: date
    state: DeclarationState

    @property
    def due_on(self) -> date:
        return due_on(self.signed_on)


def due_on(signed_on: date) -> date:
    """The day on which the year is over."""
    return _months_after(signed_on, HOLDS_MONTHS)


def declaration_state(signed_on: date, today: date) -> DeclarationState:
    """How a declaration stands: renewal is due from 11 months on; lapsed when a year and the grace are over."""
    if today < _months_after(signed_on, ASKED_AFTER_MONTHS):
        return DeclarationState.CURRENT
    if today <= due_on(signed_on) + GRACE:
        return DeclarationState.RENEWAL_DUE
    return DeclarationState.LAPSED


def reminders(signed_on: date, today: date) -> int:
    """How often somebody has to have been asked to renew by today: from 11 months on, and again from 12 on."""
    return sum(today >= _months_after(signed_on, months) for months in (ASKED_AFTER_MONTHS, HOLDS_MONTHS))


def mistakes(draft: Draft) -> dict[str, str]:
    """For each field that does not fit, why, and the remedy. Reasons are fields such as “reason-legal_information”."""
    texts = {"words": draft.words, "signed_by": draft.signed_by, "role": draft.role, "email": draft.email}
    needed = {
        "words": "Say what the something else is." if OTHER in draft.purposes else "",
        "signed_by": "Write the name of the person who signs.",
        "role": "Write what this person is in your house, such as “editor in chief”.",
        "email": "",
    }
    found = {name: _unfit(text, LONGEST[name]) if text.strip() else needed[name] for name, text in texts.items()}
    found["purposes"] = _purposes(draft.purposes)
    address = draft.email.strip()
    if address and not (re.fullmatch(r"[^@\s]+@[^@\s]+", address) and address.isprintable()):
        found["email"] = "Must be an e-mail address, or left out."
    for code, reason in draft.purposes.items():
        wrong = _unfit(reason, LONGEST["reason"])
        if code in PURPOSES and PURPOSES[code].careful and not reason.strip():
            wrong = (
                f"“{PURPOSES[code].name}” needs a reason: why a machine writes it, and who with knowledge checks it."
            )
        found[f"reason-{code}"] = wrong
    return {name: why for name, why in found.items() if why}


def _purposes(chosen: Mapping[str, str]) -> str:
    if not chosen:
        return "Choose at least one purpose."
    for code in chosen:
        if refused := prohibited(code):
            return f"“{code}” is prohibited by guideline {refused.clause}: {refused.meaning}"
        if code not in PURPOSES:
            return f"There is no purpose “{code}”. There are: {', '.join(PURPOSES)}."
    return ""


def _unfit(text: str, longest: int) -> str:
    if _UNFIT.search(text):
        return "Must be valid Unicode, without control characters."
    return f"May have {longest} characters." if len(text) > longest else ""


def _months_after(day: date, months: int) -> date:
    """The same day of the month, or the month's last where it has no such day."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, month + 1, min(day.day, monthrange(years, month + 1)[1]))
