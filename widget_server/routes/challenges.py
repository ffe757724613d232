"""What a report costs its sender's machine while a site is flooded (rules/floods.py): a challenge of ALTCHA, version 2.

A solution is good for one report of one site, whose id stands in it: sent again with another id it is refused, and with
the same id it is the same report. So nothing needs to be kept about it.
"""

import secrets
from datetime import datetime
from typing import Any

import altcha

from widget_server.routes.current import now, settings
from widget_server.routes.errors import Problem
from widget_server.rules import floods, keys
from widget_server.storage import attempts
from widget_server.storage.tables import Site

ALGORITHM = "SHA-256"


def flooded(site: Site) -> bool:
    """Whether this site is flooded with reports now."""
    return _flooded(attempts.recent(site.id, at=now()))


def demand(site: Site, report: dict[str, Any], *, source: int) -> None:
    """In peace, nothing. To a flooded site a report has to bring a solution: else raises Problem with a challenge.

    One on a signed text as well: its token stands on the page, for everybody to take.
    """
    sent, at = attempts.recent(site.id, at=now()), now()
    if not _flooded(sent) or _solved(site, report, at=at):
        return
    attempts.count(site.id, at=at)
    minute, threshold = floods.minute_of(at), settings().flood_reports
    tries = floods.tries(
        mine=attempts.of_source(site.id, source, at=at),
        rate=sum(sent.get(minute - back, 0) for back in range(floods.SPAN)),
        threshold=threshold,
    )
    raise Problem(
        429,
        "Very many reports are arriving at the moment. Solve the challenge and send the report again with its solution "
        "as “work”, or send it again later.",
        challenge=_challenge(site, report, tries=tries, at=at),
        retry_after=floods.PATIENCE_SECONDS,
    )


def _flooded(sent: dict[int, int]) -> bool:
    return floods.flooded(sent, minute=floods.minute_of(now()), threshold=settings().flood_reports)


def _challenge(site: Site, report: dict[str, Any], *, tries: int, at: datetime) -> dict[str, Any]:
    signing, solving = keys.work_keys(settings().secret_key)
    made = altcha.create_challenge(
        ALGORITHM,
        floods.ROUNDS,
        counter=secrets.randbelow(tries),
        data={**_subject(site, report), "until": int((at + floods.VALID).timestamp())},
        hmac_secret=signing,
        hmac_key_secret=solving,
    )
    return made.to_dict()


def _solved(site: Site, report: dict[str, Any], *, at: datetime) -> bool:
    ways = map(keys.work_keys, settings().secrets)
    if not report["work"] or not any(
        altcha.verify_solution(report["work"], signing, hmac_key_secret=solving).verified for signing, solving in ways
    ):
        return False
    told = altcha.Payload.from_base64(report["work"]).challenge.parameters.data or {}
    until = told.pop("until", 0)
    return until >= at.timestamp() and told == _subject(site, report)


def _subject(site: Site, report: dict[str, Any]) -> dict[str, str]:
    """What a challenge is about. The report's own id is known to its sender alone: its digest stands for it."""
    sender = keys.sender(site=site.key, sender_id=str(report["id"]))
    return {"site": site.key, "report": sender[:32]}
