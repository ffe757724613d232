"""The addresses by which accounts are known, and whose stand in somebody's name."""

import re

import unicodedata2 as unicodedata

from widget_server.rules import stream_safe

LONGEST_ADDRESS = 254

# In the outline of a name. It begins with a letter, a digit or “_”; what may be legal in it but is never seen, ends it.
_ADDRESS = re.compile(r"(?<![a_])([a_][a_m.+&'-]*)@(?=(a(?:[a_m.-]*[am])?))")


def account(email: str) -> str:
    """The form in which addresses are compared, so that no variant is a second account.

    What is longer than any address is cut, and stays too long to be one.
    """
    return stream_safe.normal("NFKC", stream_safe.cut(email[: LONGEST_ADDRESS + 1])).strip().casefold()


def named_in(name: str) -> set[str]:
    """Who is meant by “Lovelace, Ada <ada@news.example>”: every address in it, and what is written as a whole.

    As accounts are compared. Whoever is named beside another counts, too: better one person too many is kept from
    approving a text than the one who wrote it is not.
    """
    written = account(name)
    outline = "".join(map(_outlined, written))
    found = {written[slice(*at.span(1))] + "@" + written[slice(*at.span(2))] for at in _ADDRESS.finditer(outline)}
    whole = {word for word in re.split(r"[\s<>]+", written) if "@" in word}  # accounts may have odd addresses
    return {written, *found, *whole} - {""}


def is_same_person(one: str, other: str) -> bool:
    """Whether two names are of one person: by an address that is in both, or else as written."""
    return not named_in(one).isdisjoint(named_in(other))


def _outlined(character: str) -> str:
    """What a character is to an address: a letter, a mark on one, itself, or nothing."""
    if character.isalnum():
        return "a"
    if unicodedata.category(character).startswith("M"):
        return "m"
    return character if character.isascii() else " "
