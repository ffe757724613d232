"""Guidelines 4 and 5: what generated text may not be used for."""

PROHIBITED = {
    "automated_decision": "4",
    "profiling": "5",
}
"""A purpose's code and the clause that forbids it: deciding about people, and sorting people, by protected traits."""


def prohibited_by(purpose: str | None) -> str | None:
    """The clause that forbids this purpose; None if none does."""
    return PROHIBITED.get(purpose or "")
