"""Texts that were withdrawn on one site, on the others: what is known of them there, and their withdrawal."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from peewee import fn

from widget_server.rules import moderation
from widget_server.rules.moderation import Decision, Queue, State
from widget_server.rules.publishing import Publication
from widget_server.storage import bulk, cases, changes, digests, holding, kin, log, publications, ready, roles, sites
from widget_server.storage.bulk import Done
from widget_server.storage.rulings import Verdict
from widget_server.storage.tables import Case, PublicationRow, Report, Ruling, Site

MOST_COMPARED = 50
"""Of so many withdrawn texts near-duplicates are looked for: each costs."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What could be withdrawn on another site; nothing of it is withdrawn there yet.

    `same`: the cases that these texts have there. `ahead`: those texts that have none, by their cases elsewhere; of
    them, `submitted` were submitted there for publication. `alike`: cases of near-duplicates.
    """

    site: Site
    same: list[Case]
    ahead: list[Case]
    submitted: int
    alike: list[Case]

    @property
    def texts(self) -> int:
        return len(self.same) + len(self.ahead)

    @property
    def reported(self) -> int:
        return sum(case.reported for case in self.same)

    @property
    def unreported(self) -> int:
        return self.texts - self.reported

    @property
    def seen(self) -> int:
        """Views of the reported texts there, each since its first report."""
        return sum(case.seen for case in self.same)


def withdrawn(case: Case) -> tuple[list[Case], Ruling | None]:
    """The case and the decision that has withdrawn its text, if that is so and holds."""
    ruling = holding.last(case, final=True) if case.outcome == State.WITHDRAWN else None
    return ([case], ruling) if ruling else ([], None)


def withdrawn_together(batch: str, *, only: list[int] | None) -> tuple[list[Case], Ruling | None]:
    """The cases on the sites `only` (None: any) whose texts a batch has withdrawn, one a text, and a decision of it."""
    query = Ruling.select(Ruling, Case).join(Case).order_by(Case.id)
    query = query.where(Ruling.batch == batch, Ruling.undone_at.is_null(), Ruling.outcome == State.WITHDRAWN)
    rows = list(query.where(Case.outcome == State.WITHDRAWN, True if only is None else Case.site.in_(only)))
    return list({row.case.text_sha256: row.case for row in rows}.values()), rows[0] if rows else None


def offers(texts: list[Case], *, only: list[int] | None) -> list[Offer]:
    """For each of the sites `only` (None: all) what of these texts is not withdrawn there.

    First the sites on which they are reported, then those on which near-duplicates are, then those that were to
    publish them, then the others, by name.
    """
    if not texts:
        return []
    every = sites.every(only)
    digests = {case.text_sha256: case for case in texts}
    known, submitted = _known(list(digests), every), _submitted(list(digests), every)
    alike = _alike(texts, every)
    found = []
    for site in every:
        there = known[site.id]
        ahead = [case for digest, case in digests.items() if digest not in there]
        same = [case for case in there.values() if case.outcome != State.WITHDRAWN]
        if ahead or same or alike[site.id]:
            awaited = sum(case.text_sha256 in submitted[site.id] for case in ahead)
            found.append(Offer(site, same, ahead, awaited, alike[site.id]))
    return sorted(found, key=lambda one: (not one.reported, not one.alike, not one.submitted))


def withdraw(
    chosen: list[Offer],
    numbers: list[int],
    verdict: Verdict,
    *,
    said_of: str,
    first_on: Iterable[Site],
    moderator: int,
    at: datetime,
) -> Done:
    """Withdraw the texts of these offers on their sites, and the near-duplicates with these numbers.

    Each has its own ruling. `said_of`: the subject under which the log tells it: where, on `first_on`, the texts were
    withdrawn first. Raises bulk.Stopped.
    """
    batch, first_on = uuid.uuid4().hex, list(first_on)
    verdict = replace(verdict, decision=Decision.WITHDRAW, batch=batch, label=None, escalated_to=None)
    work: list[int | tuple[int, Case]] = [*numbers]
    for offer in chosen:
        work += [case.id for case in offer.same]
        work += [(offer.site.id, case) for case in offer.ahead]

    def withdraw_some(some: Sequence[int | tuple[int, Case]]) -> int:
        still = roles.deciding_on(moderator)
        cases.lock_cards(one for one in some if isinstance(one, int))
        for one in some:
            if not isinstance(one, int) and still is not None and one[0] not in still:
                continue
            number = one if isinstance(one, int) else _opened(*one, verdict, moderator=moderator, at=at)
            case = cases.locked(Case.id == number)
            if case and bulk.is_on(case, still):
                bulk.decide_one(case, verdict, along={}, moderator=moderator, at=at)
        decided = bulk.size(batch, sites=None)
        told = {"decided": decided, "of": len(work), "batch": batch}
        log.write_for_each(first_on, "withdraw on other sites", said_of, moderator=moderator, at=at, **told)
        return decided

    decided = bulk.in_chunks(work, withdraw_some, batch=batch, of=len(work))
    return Done(batch=batch, decided=decided, left=len(work) - decided)


def _opened(site: int, text: Case, verdict: Verdict, *, moderator: int, at: datetime) -> int:
    """The number of the case of a text that nobody has reported on this site. Nobody waits for it to be decided."""
    case = Case(
        site=site,
        text_sha256=text.text_sha256,
        text=text.text,
        verified=False,
        model=text.model,
        provider=text.provider,
        review=text.review,
        state=State.LAPSED,
        queue=Queue.LAPSED,
        place=moderation.place(Queue.LAPSED, urgent=False, since=at),
        category=verdict.category,
        lang=text.lang,
        card_urgent=False,
        opened_at=at,
        waiting_since=at,
    )
    if not ready.insert(case, once=True):
        return Case.get(Case.site == site, Case.text_sha256 == text.text_sha256).id
    kin.note(case)
    changes.opened(site, case.id)
    digests.note(case, case.text)
    log.write("open case", f"case {case.id}", moderator=moderator, at=at, site=site, reported="by nobody")
    return case.id


def _known(digests: list[str], every: list[Site]) -> dict[int, dict[str, Case]]:
    found: dict[int, dict[str, Case]] = defaultdict(dict)
    rows = Case.select(Case, _is_reported()).where(Case.text_sha256.in_(digests), Case.site.in_(every))
    for row in rows.order_by(Case.id):
        found[row.site_id][row.text_sha256] = row
    return found


def _submitted(digests: list[str], every: list[Site]) -> dict[int, set[str]]:
    """Which of the texts each site has submitted for publication; a rejected one is no more shown."""
    found: dict[int, set[str]] = defaultdict(set)
    rows = PublicationRow.select().where(
        PublicationRow.site.in_(every), publications.shows(digests), PublicationRow.state != Publication.REJECTED
    )
    for row in rows:
        found[row.site_id].add(row.asked_sha256)
    return found


def _alike(texts: list[Case], every: list[Site]) -> dict[int, list[Case]]:
    """On each site, the cases of near-duplicates that are not withdrawn."""
    digests = {case.text_sha256 for case in texts}
    places = {site.id for site in every}
    found: dict[int, dict[int, Case]] = defaultdict(dict)
    for text in [case for case in texts if case.text][:MOST_COMPARED]:
        for _, case in kin.similar(text, on=places - {text.site_id}):
            if case.outcome != State.WITHDRAWN and case.text_sha256 not in digests:
                found[case.site_id][case.id] = case
    return defaultdict(list, {site: list(cases.values()) for site, cases in found.items()})


def _is_reported() -> object:
    return fn.EXISTS(Report.select(Report.id).where(Report.case == Case.id)).alias("reported")
