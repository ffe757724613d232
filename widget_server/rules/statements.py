"""A decision as a statement of reasons (DSA Art. 17), in the field names of the EU Transparency Database."""

from datetime import datetime

from widget_server.rules.harms import HARMS
from widget_server.rules.moderation import State

FIELDS = (
    "puid",
    "decision_visibility",
    "decision_visibility_other",
    "decision_ground",
    "illegal_content_legal_ground",
    "illegal_content_explanation",
    "incompatible_content_ground",
    "incompatible_content_explanation",
    "content_type",
    "category",
    "category_specification",
    "category_specification_other",
    "content_language",
    "content_date",
    "application_date",
    "decision_facts",
    "source_type",
    "automated_detection",
    "automated_decision",
)
_VISIBILITY = {
    State.WITHDRAWN: "DECISION_VISIBILITY_CONTENT_DISABLED",
    State.RELABELLED: "DECISION_VISIBILITY_CONTENT_LABELLED",
    State.DISMISSED: "DECISION_VISIBILITY_OTHER",
}


_OTHER = {"DECISION_VISIBILITY_OTHER": "None: the content stays as it is", "KEYWORD_OTHER": "Spam"}
"""What the database asks to be told in words where no value of its own fits."""
_LANGUAGE_LETTERS = 2


def statement(
    *,
    outcome: str,
    category: str,
    ground: str,
    message: str,
    puid: str,
    opened: datetime,
    decided: datetime,
    lang: str = "",
) -> dict[str, str]:
    """One row of the export. `ground` is "law" or "guideline"; `message` is what the reporters were told, and names
    the law where that is the ground. `lang`: the content's language.
    """
    harm = HARMS[category]
    illegal = ground == "law"
    explanation = message[:2000]
    clause = f"Guideline {harm.clause}"
    visibility, keyword = _VISIBILITY[State(outcome)], f"KEYWORD_{harm.dsa_keyword}" if harm.dsa_keyword else ""
    return {
        "puid": puid,
        "decision_visibility": visibility,
        "decision_visibility_other": _OTHER.get(visibility, ""),
        "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT" if illegal else "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "illegal_content_legal_ground": message[:500] if illegal else "",
        "illegal_content_explanation": explanation if illegal else "",
        "incompatible_content_ground": "" if illegal else clause,
        "incompatible_content_explanation": "" if illegal else explanation,
        "content_type": "CONTENT_TYPE_TEXT",
        "category": f"STATEMENT_CATEGORY_{harm.dsa}",
        "category_specification": keyword,
        "category_specification_other": _OTHER.get(keyword, ""),
        "content_language": lang.upper() if len(lang) == _LANGUAGE_LETTERS else "",
        "content_date": opened.strftime("%Y-%m-%d"),
        "application_date": decided.strftime("%Y-%m-%d"),
        "decision_facts": message[:5000],
        "source_type": "SOURCE_ARTICLE_16" if illegal else "SOURCE_TYPE_OTHER_NOTIFICATION",
        "automated_detection": "No",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
    }
