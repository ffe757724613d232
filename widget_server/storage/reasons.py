"""The usual words of each decision's message, as the owner wants them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from widget_server.rules.meanwhile import met
from widget_server.rules.moderation import Decision
from widget_server.storage import doubles, log
from widget_server.storage.fresh import Fresh
from widget_server.storage.tables import Reason, database

FIRST = {
    Decision.DISMISS: "We looked at this text and found that it does not break the guideline. It stays as it is.",
    Decision.WITHDRAW: "You were right: this text breaks the guideline. It was withdrawn from every page.",
    Decision.RELABEL: "You were right: the label of this text was not correct. We corrected it.",
    Decision.FIX: "This text breaks no clause of the guideline, but it should be better. "
    "We have asked those who run the generator to mend it.",
}
"""What is said until the owner has other words for a decision."""


def every() -> list[Reason]:
    return list(Reason.select().order_by(Reason.decision, Reason.id))


_known: Fresh[dict[str, list[tuple[str, str]]]] = Fresh()
forget = _known.forget


def by_decision() -> dict[str, list[tuple[str, str]]]:
    """For each decision its reasons (title, text), in order; ours where the owner has none."""
    return _known.get(None, _by_decision)


def _by_decision() -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for row in every():
        found.setdefault(row.decision, []).append((row.title, row.text))
    return {**{str(decision): [("Usual words", text)] for decision, text in FIRST.items()}, **found}


def add(decision: Decision, title: str, text: str, *, moderator: int, at: datetime) -> None:
    """Have these words offered, too. Those that there are already are not added again."""
    with database.atomic():
        doubles.in_turn(moderator)
        if Reason.select().where(Reason.decision == decision, Reason.title == title, Reason.text == text).exists():
            return
        row = Reason.create(decision=decision, title=title, text=text)
        log.write("add reason", f"reason {row.id}", moderator=moderator, at=at, decision=decision)
    forget()


def change(
    number: int, title: str, text: str, *, moderator: int, at: datetime, shown: Mapping[str, Any] | None = None
) -> bool:
    """Give a reason other words. False if there is no such reason.

    `shown`: its words that whoever changes them had in view. Raises Contested.
    """
    with database.atomic():
        query = Reason.select().where(Reason.id == number)
        row = (query.for_update() if database.for_update else query).first()
        if row:
            words = met({"title": title, "text": text}, shown=shown, now={"title": row.title, "text": row.text})
            Reason.update(words).where(Reason.id == number).execute()
            log.write("change reason", f"reason {number}", moderator=moderator, at=at)
    forget()
    return row is not None


def remove(number: int, *, moderator: int, at: datetime) -> None:
    with database.atomic():
        if Reason.delete().where(Reason.id == number).execute():
            log.write("remove reason", f"reason {number}", moderator=moderator, at=at)
    forget()
