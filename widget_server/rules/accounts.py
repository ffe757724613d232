"""The addresses by which accounts are known, and whose stand in somebody's name."""

import re

import unicodedata2 as unicodedata

from widget_server.rules import stream_safe

LONGEST_ADDRESS = 254

# In the outline of a name. An address begins with a letter, a digit or “_”; what is hardly ever seen in one ends it.
_ADDRESS = re.compile(r"(?<![a_])([a_][a_m.+&'-]*)@(?=(a(?:[a_m.-]*[am])?))")
_BEGUN = re.compile(r"[a_][a_m.+&'-]*\Z")
_GOES_ON = re.compile(r"[a_m.-]*[am]")


def account(email: str) -> str:
    """The form in which addresses are compared, so that no variant is a second account.

    What is longer than any address is cut, and stays too long to be one.
    """
    return stream_safe.normal("NFKC", stream_safe.cut(email[: LONGEST_ADDRESS + 1])).strip().casefold()


def is_named_in(address: str, name: str) -> bool:
    """Whether whoever has this account is meant by a name such as “Lovelace, Ada <ada@news.example>”.

    The address stands in it, and is no part of a longer one. Whatever signs accounts have in their addresses, and
    whoever is named beside another: better one person too many is kept from approving a text than the one who wrote it
    is not.
    """
    written = account(name)
    outline = "".join(map(_outlined, written))
    stands = (at.span(1) for at in re.finditer(f"(?=({re.escape(account(address))}))", written))
    return any(not _BEGUN.search(outline[:start]) and not _GOES_ON.match(outline, end) for start, end in stands)


def is_same_person(one: str, other: str) -> bool:
    """Whether two names are of one person: by an address that is in both, or else as written."""
    named = [(address, other) for address in _addresses(one)] + [(address, one) for address in _addresses(other)]
    return account(one) == account(other) != "" or any(is_named_in(address, name) for address, name in named)


def _addresses(name: str) -> set[str]:
    """What may be an address in a name: also odd ones, in brackets or in a list."""
    written = account(name)
    outline = "".join(map(_outlined, written))
    found = {written[slice(*at.span(1))] + "@" + written[slice(*at.span(2))] for at in _ADDRESS.finditer(outline)}
    whole = {word.strip(".") for signs in (r"\s<>", r"\s<>()[\],;:") for word in re.split(f"[{signs}]+", written)}
    return found | {word for word in whole if "@" in word}


def _outlined(character: str) -> str:
    """What a character is to an address: a letter, a mark on one, itself, or nothing."""
    if character.isalnum():
        return "a"
    if unicodedata.category(character).startswith("M"):
        return "m"
    return character if character.isascii() else " "
