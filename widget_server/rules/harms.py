"""The report categories: their clause of the guideline, their codes in four taxonomies, and how readers choose them.

The one table that server, dialog and desk share. The words of each category are in `static/widget/words/`.
"""

from dataclasses import dataclass
from typing import Any

LIMITS = {"text": 50_000, "comment": 4_000, "email": 254, "quote": 5_000, "context": 64}
"""The longest accepted field of a report, in Unicode code points."""
ADDRESS = r"([^.@]+[.@])+[^.@]+[.][^.@]{2,}"
"""What an e-mail address has beside what a browser asks of one (`type=email`): no stray dot, a domain that is not a
single name. A pattern that Python and browsers read alike.
"""


@dataclass(frozen=True, slots=True)
class Harm:
    """One category a reader can report.

    `clause`: the guideline's number. `dsa`: the EU Transparency Database's category and keyword (None: it has none).
    `urgent`: goes before all others. `identity`: whether the reporter may be asked who they are (DSA Art. 16.2(c)
    forbids it for child sexual abuse).
    """

    code: str
    clause: str
    dsa: str
    dsa_keyword: str | None
    llama_guard: str | None
    mlcommons: str | None
    bluesky: str
    urgent: bool = False
    identity: bool = True


_SPEECH = "ILLEGAL_OR_HARMFUL_SPEECH"
_VIOLENT = "CYBER_VIOLENCE"
_SCAMS = "SCAMS_AND_FRAUD"
_DATA = "DATA_PROTECTION_AND_PRIVACY_VIOLATIONS"
_TERMS = "OTHER_VIOLATION_TC"

HARMS: dict[str, Harm] = {
    harm.code: harm
    for harm in (
        Harm("hate", "1.i", _SPEECH, "HATE_SPEECH", "S10", "hte", "HarassmentHateSpeech"),
        Harm(
            "gambling",
            "1.i",
            "UNSAFE_AND_PROHIBITED_PRODUCTS",
            "PROHIBITED_PRODUCTS",
            "S2",
            "ncr",
            "RuleProhibitedSales",
        ),
        Harm(
            "child_sexual",
            "1.i",
            "PROTECTION_OF_MINORS",
            "CHILD_SEXUAL_ABUSE_MATERIAL",
            "S4",
            "cse",
            "ChildSafetyCSAM",
            urgent=True,
            identity=False,
        ),
        Harm(
            "intellectual_property",
            "1.i",
            "INTELLECTUAL_PROPERTY_INFRINGEMENTS",
            "COPYRIGHT_INFRINGEMENT",
            "S8",
            "ipv",
            "RuleStolenContent",
        ),
        Harm("harassment", "1.ii", _VIOLENT, "CYBER_HARASSMENT", None, None, "HarassmentTargeted"),
        Harm("victimisation", "1.ii", _VIOLENT, "CYBER_BULLYING_INTIMIDATION", None, None, "HarassmentOther"),
        Harm(
            "intimidation", "1.ii", _VIOLENT, "CYBER_BULLYING_INTIMIDATION", "S1", "vcr", "ViolenceThreats", urgent=True
        ),
        Harm("fraud", "1.ii", _SCAMS, "PHISHING", "S2", "ncr", "MisleadingScam"),
        Harm("spam", "1.ii", _SCAMS, "OTHER", None, None, "MisleadingSpam"),
        Harm(
            "misinformation",
            "1.iii",
            "NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS",
            "MISINFORMATION_DISINFORMATION",
            "S13",
            None,
            "MisleadingMisinformation",
        ),
        Harm("self_harm", "1.iii", "SELF_HARM", "SUICIDE", "S11", "ssh", "ViolenceSelfHarm", urgent=True),
        Harm(
            "violence",
            "1.iii",
            "VIOLENCE",
            "INCITEMENT_VIOLENCE_HATRED",
            "S1",
            "vcr",
            "ViolenceGlorification",
            urgent=True,
        ),
        Harm("bias", "2.iii, 4", _SPEECH, "DISCRIMINATION", "S10", "hte", "HarassmentHateSpeech"),
        Harm("automated_decision", "4", _DATA, "MISSING_PROCESSING_GROUND_FOR_DATA", None, None, "RuleOther"),
        Harm("profiling", "5", _DATA, "MISSING_PROCESSING_GROUND_FOR_DATA", "S7", "prv", "HarassmentDoxxing"),
        Harm("privacy", "2.iii", _DATA, None, "S7", "prv", "HarassmentDoxxing"),
        Harm(
            "dangerous_advice",
            "2.iii",
            "RISK_FOR_PUBLIC_SECURITY",
            "RISK_PUBLIC_HEALTH",
            "S6",
            "spc",
            "MisleadingOther",
        ),
        Harm("invented_facts", "2.iii", _SPEECH, "DEFAMATION", "S5", "dfm", "MisleadingMisinformation"),
        Harm("sexual", "2.iii", _TERMS, "ADULT_SEXUAL_MATERIAL", "S12", "sxc", "SexualUnlabeled"),
        Harm("wrong_label", "2.ii", _TERMS, None, None, None, "MisleadingSyntheticContent"),
        Harm("other", "2.iii", "NOT_SPECIFIED_NOTICE", None, None, None, "Other"),
    )
}

URGENT = tuple(code for code, harm in HARMS.items() if harm.urgent)

WITHHELD = ("child_sexual",)
"""What was reported or decided as this is never handed on, in no file: having it is a crime."""

CHOICES: dict[str, tuple[str, ...]] = {
    "misinformation": ("misinformation", "invented_facts", "dangerous_advice"),
    "hate": ("hate", "bias"),
    "harassment": ("harassment", "victimisation", "intimidation", "privacy"),
    "self_harm": ("self_harm",),
    "violence": ("violence",),
    "sexual": ("sexual", "child_sexual"),
    "fraud": ("fraud", "spam", "gambling", "intellectual_property"),
    "automated_decision": ("automated_decision", "profiling"),
    "wrong_label": ("wrong_label",),
    "other": ("other",),
}
"""What a reader sees first, in order, and the finer categories under each: the first is the choice itself."""


def gravest(named: dict[str, int]) -> str:
    """The category that a case is shown under: an urgent one before all others, then the most named."""
    return max(named, key=lambda code: (HARMS[code].urgent, named[code]), default="other")


def for_widget(*, mail: bool) -> dict[str, Any]:
    """What the report dialog needs to know. `mail`: whether this server can write to a reporter.

    Of an e-mail address, the limit is its pattern.
    """
    return {
        "choices": [list(under) for under in CHOICES.values()],
        "anonymous": [harm.code for harm in HARMS.values() if not harm.identity],
        "limits": {**LIMITS, "email": ADDRESS},
        "mail": mail,
    }
