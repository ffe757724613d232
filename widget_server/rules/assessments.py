"""How a site stood in a month, as it is told to programs, kept, shown and signed: plain values only."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from widget_server.rules import guideline, provisions
from widget_server.rules.evidence import ALL, Done, Evidence, Rulings
from widget_server.rules.guideline import Clause, ClauseState
from widget_server.rules.guidelines import GUIDELINES
from widget_server.rules.policy import Policy
from widget_server.rules.provisions import Found
from widget_server.rules.viewers import month_name

WORST_FIRST = (ClauseState.NOT_MET, ClauseState.ATTENTION, ClauseState.MET, ClauseState.NOT_APPLICABLE)
FORM = "widget-server compliance report, version 1"
"""What a report calls itself; its names and their meanings change with the version."""
PERSONAL = ("signed_by",)
"""Of a clause's evidence, what names a person."""


def assessment(policy: Policy, evidence: Evidence) -> dict[str, Any]:
    """What holds for a site by this evidence."""
    rulings = evidence.rulings.get(ALL, Rulings())
    return {
        "month": month_name(evidence.month),
        "guidelines": [
            {
                "code": code,
                "provider": known.provider,
                "name": known.name,
                "version": known.version,
                "source": known.source,
            }
            for code in policy.guidelines
            for known in (GUIDELINES[code],)
        ],
        "clauses": [_clause(found) for found in guideline.assess(policy, evidence)],
        "provisions": [_provision(found) for found in provisions.evidence_of(policy, evidence)],
        "figures": {
            "viewers": evidence.viewers,
            "threshold": guideline.limits_of_viewers(policy, evidence).viewers_unreported,
            "impressions": evidence.impressions,
            "disclosed_share": evidence.disclosed_share,
            "least_disclosed_share": policy.least_disclosed / 100,
            "reports": evidence.reports,
            "decisions": rulings.count,
            "median_seconds": _seconds(rulings.median),
            "p90_seconds": _seconds(rulings.p90),
        },
    }


def without_persons(told: dict[str, Any]) -> dict[str, Any]:
    """The same, to be kept for ever: what was decided and when, not by whom."""
    return told | {
        "clauses": [
            clause
            | {
                "evidence": {name: value for name, value in clause["evidence"].items() if name not in PERSONAL},
                "decided_by": [done | {"who": None} for done in clause["decided_by"]],
            }
            for clause in told["clauses"]
        ]
    }


def states(told: dict[str, Any]) -> dict[str, str]:
    """The state of each clause, by its number."""
    return {clause["clause"]: clause["state"] for clause in told["clauses"]}


def by_state(told: dict[str, Any]) -> dict[str, int]:
    """How many clauses are in each state, the worst first. States that no clause is in are left out."""
    found = list(states(told).values())
    return {str(state): found.count(state) for state in WORST_FIRST if state in found}


def report(
    told: dict[str, Any],
    *,
    site: Mapping[str, Any],
    found_at: datetime,
    made_at: datetime,
    made_by: str,
    server: str,
    log: Mapping[str, Any],
    history: Iterable[dict[str, Any]],
) -> dict[str, Any]:
    """All that an auditor is handed. `found_at`: when it stood so; `log`: its length and its digest.

    `history`: what is kept of other months, the newest first.
    """
    return {
        "report": FORM,
        "site": site,
        "server": server,
        "found_at": found_at.isoformat(timespec="seconds"),
        "made_at": made_at.isoformat(timespec="seconds"),
        "made_by": made_by,
        "log": log,
        "assessment": told,
        "history": [{"month": one["month"], "states": states(one), "figures": one["figures"]} for one in history],
    }


def _seconds(took: timedelta | None) -> int | None:
    return None if took is None else took // timedelta(seconds=1)


def _clause(found: Clause) -> dict[str, Any]:
    return {
        "clause": found.number,
        "guideline": found.guideline,
        "title": found.title,
        "asks": found.asks,
        "state": str(found.state),
        "evidence": found.evidence,
        "next_step": found.next_step,
        "place": found.place and str(found.place),
        "decided_by": [_done(what, done) for what, done in found.people.items()],
    }


def _done(what: str, done: Done) -> dict[str, Any]:
    return {"what": what, "who": done.who or None, "at": done.at.isoformat(timespec="seconds")}


def _provision(found: Found) -> dict[str, Any]:
    one = found.provision
    return {
        "source": one.source,
        "number": one.number,
        "asks": one.asks,
        "here": found.here,
        "state": str(found.shown),
        "evidence": found.evidence,
    }
