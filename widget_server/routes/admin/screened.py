"""What the operator's screen says of a text, beside the text."""

from dataclasses import dataclass
from datetime import datetime

from widget_server.rendering import files
from widget_server.routes.current import settings
from widget_server.rules import screening
from widget_server.rules.publishing import Publication
from widget_server.storage import screenings
from widget_server.storage.tables import Case, PublicationRow, Screening


@dataclass(frozen=True, slots=True)
class Hint:
    """In words, what a screen said, that it decides nothing, and when it looked."""

    said: str
    caution: str
    at: datetime | None


def hints_of(publications: list[PublicationRow]) -> dict[str, Hint]:
    """By the ids of the publications; none, where no screen is to look and none has."""
    found = screenings.of(publications)
    waiting = {row.id for row in publications if settings().screen and row.state == Publication.HELD}
    return {
        row.id: _hint(found.get(row.id), held=row.state == Publication.HELD)
        for row in publications
        if row.id in waiting or (row.id in found and found[row.id].attempts)
    }


def hint_on(case: Case) -> Hint | None:
    """What was found in a case's text, if it was held on its site and looked at. Only while a screen is set up."""
    if settings().screen is None:
        return None
    found = screenings.of_text(case.site_id, case.text_sha256)
    return _hint(found, held=False) if found else None


def _hint(row: Screening | None, *, held: bool) -> Hint:
    screen = settings().screen
    words = files.words(files.FALLBACK)["dialog"]["categories"]
    said = screening.sentence(
        row.model if row and row.model else screen.model if screen else "",
        None if row is None or row.found is None else screening.kept(row.found),
        row.failure if row else "",
        again=bool(row and row.due_at and screen and held),
        words=words,
    )
    return Hint(said, screening.HINT if row and row.screened_at else "", row.screened_at if row else None)
