"""What laws and app stores ask, mapped to the evidence there is of it. It shows evidence, and judges nobody.

EU AI Act: Regulation (EU) 2024/1689, Art. 50, which applies since 2026-08-02. DSA: Regulation (EU) 2022/2065.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from widget_server.rules.evidence import ALL, Evidence, Rulings
from widget_server.rules.guideline import waits
from widget_server.rules.policy import Policy


class Shown(StrEnum):
    """How much evidence there is. Never whether a law is kept."""

    SHOWN = "evidence"
    IN_PART = "gaps"
    NOTHING = "nothing yet"


@dataclass(frozen=True, slots=True)
class Provision:
    """One rule of a law or a provider. `asks`: in our words. `here`: what there is about it in this product, where that
    depends on the installation, in this one.
    """

    source: str
    number: str
    asks: str
    here: str | Callable[[Evidence], str]
    judged: Callable[[Policy, Evidence], tuple[Shown, dict[str, Any]]]


def _where_mail_goes(here: str, otherwise: str) -> Callable[[Evidence], str]:
    return lambda evidence: here if evidence.mails else otherwise


def _where_several_decide(here: str, otherwise: str) -> Callable[[Evidence], str]:
    return lambda evidence: here if evidence.deciders > 1 else otherwise


def _seen(policy: Policy, evidence: Evidence) -> tuple[Shown, dict[str, Any]]:
    share = evidence.disclosed_share
    figures = {"impressions": evidence.impressions, "disclosed_share": share}
    if share is None:
        return Shown.NOTHING, figures
    return Shown.SHOWN if share >= policy.least_disclosed / 100 else Shown.IN_PART, figures


def _distinct(policy: Policy, evidence: Evidence) -> tuple[Shown, dict[str, Any]]:
    shown, figures = _seen(policy, evidence)
    figures["pages_hiding_the_badge"] = evidence.pages_hiding_the_badge
    return Shown.IN_PART if shown is Shown.SHOWN and evidence.pages_hiding_the_badge else shown, figures


def _marked(_policy: Policy, evidence: Evidence) -> tuple[Shown, dict[str, Any]]:
    return Shown.SHOWN if evidence.impressions else Shown.NOTHING, {"impressions": evidence.impressions}


def _public(policy: Policy, evidence: Evidence) -> tuple[Shown, dict[str, Any]]:
    shown, figures = _seen(policy, evidence)
    figures |= {"approved": evidence.approved, "responsible_named": bool(policy.responsible)}
    reviewed = evidence.approved and policy.responsible and not evidence.held
    return Shown.SHOWN if reviewed and shown is Shown.NOTHING else shown, figures


def _flagging(policy: Policy, evidence: Evidence) -> tuple[Shown, dict[str, Any]]:
    figures = {"report_control": policy.control, "reports_this_month": evidence.reports}
    return Shown.SHOWN if evidence.impressions or evidence.reports else Shown.NOTHING, figures


def _notices(_policy: Policy, evidence: Evidence) -> tuple[Shown, dict[str, Any]]:
    figures = {"reports_this_month": evidence.reports, "good_faith_reports": evidence.good_faith}
    return Shown.SHOWN if evidence.reports else Shown.NOTHING, figures


def _receipts(_policy: Policy, evidence: Evidence) -> tuple[Shown, dict[str, Any]]:
    return Shown.SHOWN if evidence.reports else Shown.NOTHING, {"reports_this_month": evidence.reports}


def _decided(_policy: Policy, evidence: Evidence) -> tuple[Shown, dict[str, Any]]:
    rulings = evidence.rulings.get(ALL, Rulings())
    figures = {"decisions_this_month": rulings.count, "cases_waiting": evidence.waiting} | waits(rulings)
    if evidence.late:
        return Shown.IN_PART, figures | {"cases_late": evidence.late}
    return Shown.SHOWN if rulings.count else Shown.NOTHING, figures


def _diligent(policy: Policy, evidence: Evidence) -> tuple[Shown, dict[str, Any]]:
    shown, figures = _decided(policy, evidence)
    rulings = evidence.rulings.get(ALL, Rulings())
    figures |= {"appeals_decided": evidence.appeals, "appeals_that_changed_it": evidence.reversed}
    late = rulings.in_time < rulings.clocked
    return Shown.IN_PART if late and shown is Shown.SHOWN else shown, figures


def _reasons(_policy: Policy, evidence: Evidence) -> tuple[Shown, dict[str, Any]]:
    return Shown.SHOWN if evidence.restricted else Shown.NOTHING, {"texts_restricted": evidence.restricted}


def _reviewed(_policy: Policy, evidence: Evidence) -> tuple[Shown, dict[str, Any]]:
    figures = {"held": evidence.held, "approved": evidence.approved, "rejected": evidence.rejected}
    if evidence.held:
        return Shown.IN_PART, figures
    return Shown.SHOWN if evidence.approved or evidence.rejected else Shown.NOTHING, figures


_BY_PEOPLE = "A person makes each decision, none is automated; each category has its clock"
_AI, _DSA, _PLAY, _OPENAI = "EU AI Act", "DSA", "Google Play", "OpenAI"
PROVISIONS: tuple[Provision, ...] = (
    Provision(
        _AI,
        "Art. 50(1)",
        "People who deal with a machine are told so, unless it is plain anyway.",
        "The badge at each text, and the words of the chat layout; counted: the views on which it was visible.",
        _seen,
    ),
    Provision(
        _AI,
        "Art. 50(2)",
        "What a machine generates carries a mark that programs can read.",
        "Each labelled text carries the attributes ai-disclosure, ai-model, ai-provider; header and JSON-LD on demand.",
        _marked,
    ),
    Provision(
        _AI,
        "Art. 50(4)",
        "Who publishes generated text on matters of public interest discloses it, but where a person has reviewed it "
        "and somebody is responsible for publishing it.",
        "The badge, and the gate: what a person reviewed, and the name of who is responsible.",
        _public,
    ),
    Provision(
        _AI,
        "Art. 50(5)",
        "All this is told clearly and distinctly, when somebody meets the text first, and accessibly.",
        "The badge stands before the text, without any action; counted: where something hid it.",
        _distinct,
    ),
    Provision(
        _DSA,
        "Art. 16(1)",
        "Anybody can easily give notice, electronically, of what they take for illegal.",
        "The report control at each text, without an account, and a form that needs no script.",
        _flagging,
    ),
    Provision(
        _DSA,
        "Art. 16(2)",
        "A notice can say why, exactly where, from whom, and that it is given in good faith.",
        "The dialog has each of these; for the sexual abuse of children it asks for no name.",
        _notices,
    ),
    Provision(
        _DSA,
        "Art. 16(4)",
        "Who left an address hears without delay that the notice has come.",
        _where_mail_goes(
            "Each report has its receipt at once, and by mail where an address was left.",
            "Each report has its receipt at once, on the reporter’s screen. This server sends no mail.",
        ),
        _receipts,
    ),
    Provision(
        _DSA,
        "Art. 16(5)",
        "They hear without delay what was decided, and how they can object.",
        _where_mail_goes(
            "The reporter’s page tells it, and a mail where an address was left; on the page they can disagree once.",
            "The reporter’s page tells it, and there they can disagree once. This server sends no mail.",
        ),
        _decided,
    ),
    Provision(
        _DSA,
        "Art. 16(6)",
        "Notices are decided in time, with care, not arbitrarily; automated means are named.",
        _where_several_decide(
            f"{_BY_PEOPLE}; another one decides an appeal.",
            f"{_BY_PEOPLE}. No second person decides on this site: whoever decided looks at an appeal again.",
        ),
        _diligent,
    ),
    Provision(
        _DSA,
        "Art. 17(1)",
        "Who is affected by a restriction hears the reasons clearly.",
        "A statement of reasons for each decision that takes a text back or changes its label.",
        _reasons,
    ),
    Provision(
        _DSA,
        "Art. 17(3)",
        "The reasons name what was done, the facts, automated means, the ground and the ways to object.",
        "The statement has these, in the fields of the EU’s Transparency Database; exports carry them.",
        _reasons,
    ),
    Provision(
        _PLAY,
        "AI-generated content",
        "In the app, without leaving it, users can flag what offends them, and that informs moderation.",
        "The dialog opens in place; each report comes to the moderators’ queue.",
        _flagging,
    ),
    Provision(
        _OPENAI,
        "Human in the loop",
        "Where it can be done, a person reviews what a model writes before it is used.",
        "The gate holds a text for many people until a person has reviewed exactly that text.",
        _reviewed,
    ),
    Provision(
        _OPENAI,
        "Report issues",
        "Users can easily report a problem; a person watches and answers as is fit.",
        "The report control, the queue with its clocks, and an answer to each reporter.",
        _decided,
    ),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A provision, and what there is of it."""

    provision: Provision
    here: str
    shown: Shown
    evidence: dict[str, Any]


def evidence_of(policy: Policy, evidence: Evidence) -> list[Found]:
    """Each provision with its evidence, in the order of the table."""
    return [
        Found(one, one.here if isinstance(one.here, str) else one.here(evidence), *one.judged(policy, evidence))
        for one in PROVISIONS
    ]
