"""Whether a text may be shown to those it is for, as it stands now, and which text that is."""

from dataclasses import dataclass, replace
from datetime import datetime

from widget_server.rendering.badge import Notice
from widget_server.rendering.sanitising import Format, Passage, sanitise
from widget_server.routes.errors import Problem
from widget_server.rules import publishing
from widget_server.rules.marking import Disclosure, text_sha256
from widget_server.rules.moderation import State
from widget_server.rules.publishing import Audience, Publication, needs_review, who_answers
from widget_server.rules.purposes import code_of
from widget_server.storage import publications
from widget_server.storage.known import Known
from widget_server.storage.publications import Submission, Wording
from widget_server.storage.tables import PublicationRow

PATIENCE_SECONDS = 3600
"""When to ask again where no more texts are taken in: people review them."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A text, how it is written, and whom it is for. `reviewed_by`: the host says that a person has reviewed it."""

    source: str
    format: Format
    audience: Audience
    audience_size: int | None
    purpose: str = ""
    author: str = ""
    reviewed_by: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """The text that may be shown, or what stands in its place; its label; the publication that decides, if any.

    `note`: a moderator's public word about the text that is shown.
    """

    passage: Passage
    text_sha256: str
    disclosure: Disclosure
    notice: Notice | None = None
    publication: PublicationRow | None = None
    note: str = ""

    @property
    def edited(self) -> bool:
        """Whether a person has changed the text that is shown."""
        return self.notice is None and self.publication is not None and self.publication.amended is not None

    @property
    def answers(self) -> str:
        """Who answers for the text that is shown."""
        shown = self.publication if self.notice is None else None
        return who_answers(shown.responsible, shown.contact) if shown else ""


def standing(known: Known, asked: Asked, disclosure: Disclosure, *, at: datetime) -> Standing:
    passage = sanitise(asked.source, asked.format)
    site, found = known.site, _labelled(known, passage, disclosure)
    if found.notice or asked.reviewed_by or not _needs_review(known, asked):
        return found
    try:
        publication = publications.submit(site, _submission(asked, found), at=at)
    except publications.NoRoom:
        raise Problem(429, publishing.NO_ROOM, clause=publishing.CLAUSE, retry_after=PATIENCE_SECONDS) from None
    if publication.state != Publication.APPROVED:
        notice: Notice = "held" if publication.state == Publication.HELD else "withdrawn"
        return replace(found, notice=notice, publication=publication, note="")
    if publication.amended is not None:
        passage = sanitise(publication.asked_source, publication.format)
    found = _labelled(known, passage, replace(disclosure, review="human"))
    if found.notice or withdrawn_by(known, publication):
        return replace(found, notice="withdrawn", note="")
    return replace(found, publication=publication)


def withdrawn_by(known: Known, row: PublicationRow) -> int | None:
    """The case in which a moderator has withdrawn this text, as it was sent or as it was amended."""
    reported = known.texts((row.text_sha256, row.asked_sha256))
    return next((text.case for text in reported.values() if text.outcome is State.WITHDRAWN), None)


def wording_of(passage: Passage) -> Wording:
    return Wording(text_sha256(passage.text), passage.html_sha256)


def _needs_review(known: Known, asked: Asked) -> bool:
    limits = known.policy.limits
    return needs_review(asked.audience, asked.audience_size, purpose=code_of(asked.purpose), limits=limits)


def _labelled(known: Known, passage: Passage, disclosure: Disclosure) -> Standing:
    """A moderator's word on exactly this text goes before everything."""
    digest = text_sha256(passage.text)
    text = known.texts([digest]).get(digest)
    label = dict(text.decided.label) if text and text.decided else {}
    note = label.pop("note", "")
    withdrawn = text is not None and text.outcome is State.WITHDRAWN
    notice: Notice | None = "withdrawn" if withdrawn else None
    return Standing(passage, digest, replace(disclosure, **label), notice=notice, note=note)


def _submission(asked: Asked, found: Standing) -> Submission:
    return Submission(
        source=asked.source,
        format=asked.format,
        text=found.passage.text,
        wording=wording_of(found.passage),
        model=found.disclosure.model,
        provider=found.disclosure.provider,
        audience=asked.audience,
        audience_size=asked.audience_size,
        purpose=asked.purpose,
        author=asked.author,
    )
