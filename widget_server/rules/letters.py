"""What is written to a reporter who left an address: plain text, in the language of the text if we have words in it."""

from enum import StrEnum

FALLBACK = "en"


class About(StrEnum):
    """What a letter tells. Answered: the receipt of a report on a text that is decided already."""

    RECEIPT = "receipt"
    ANSWERED = "answered"
    DECISION = "decision"
    APPEAL = "appeal"
    APPEAL_DECIDED = "appeal_decided"


SUBJECTS = {
    "en": {
        About.RECEIPT: "Your report was received",
        About.ANSWERED: "Your report was received, and is decided already",
        About.DECISION: "Your report was decided",
        About.APPEAL: "Your request for a second look was received",
        About.APPEAL_DECIDED: "Your report was looked at again and decided",
    }
}
OUTCOMES = {
    "en": {
        "dismissed": "The text stays. No clause of the guideline was found to be broken.",
        "withdrawn": "The text was withdrawn.",
        "relabelled": "The text's label was corrected.",
    }
}
BODIES = {
    "en": {
        About.RECEIPT: (
            "Thank you. Your report on a machine-generated text was received and a person will look at it.",
            "See what became of it, or take it back:\n{address}",
            "{confirm}",
        ),
        About.ANSWERED: (
            "Thank you. Your report on a machine-generated text was received. A person has decided about it already.",
            "{outcome}",
            "The moderator's message:\n{message}",
            "Nothing was decided automatically. If you disagree, you can appeal here:\n{address}",
            "{confirm}",
        ),
        About.DECISION: (
            "{outcome}",
            "The moderator's message:\n{message}",
            "It was decided by a person, not automatically. If you disagree, you can appeal here:\n{address}",
        ),
        About.APPEAL: (
            "You asked for a second look at your report. Another person than the first takes it, if there is one.",
            "See what becomes of it, or take your report back:\n{address}",
        ),
        About.APPEAL_DECIDED: (
            "{outcome}",
            "The moderator's message:\n{message}",
            "That is the answer to your request for a second look, by a person. It stays here:\n{address}",
        ),
    }
}
CONFIRM = {
    "en": (
        "If you want to, confirm that this address is yours: moderators see confirmed reports first. Open this page "
        "and press the button on it:\n{address}"
    )
}


def letter(
    about: About, *, lang: str, address: str, confirm: str = "", outcome: str = "", message: str = ""
) -> tuple[str, str]:
    """Subject and body. `address`: the report's page; `confirm`: the page that confirms the reporter's address."""
    lang = lang if lang in SUBJECTS else FALLBACK
    values = {
        "address": address,
        "confirm": CONFIRM[lang].replace("{address}", confirm) if confirm else "",
        "outcome": OUTCOMES[lang].get(outcome, ""),
        "message": message,
    }
    parts = [part.format_map(values) for part in BODIES[lang][about]]
    return SUBJECTS[lang][about], "\n\n".join(part for part in parts if part) + "\n"


def masked(address: str) -> str:
    """Enough to tell two addresses apart, too little to write to one: reader@news.example is r…@n….example."""
    name, _, domain = address.rpartition("@")
    host, _, ending = domain.rpartition(".")
    if not name or not host:
        return "…" if address else ""
    return f"{name[:1]}…@{host[:1]}….{ending}"
