"""Which passwords may guard an account: not those that are tried first."""

import re
from collections.abc import Iterable

SHORTEST, LONGEST = 10, 1000
POWER = 9
"""Of ten, how many guesses a password has to stand: at a hundred a second, which Argon2 allows a core, four months."""
JUDGED = 20
"""So many characters are judged: looking for patterns in more of them takes seconds."""
SHORTEST_WORD = 3
OURS = ("widget-server", "machine-generated", "moderator", "desk")
WEAK = (
    "This password is among the first that are tried: it is a common one, follows a pattern, or is made of the words "
    "of this desk. Take four words that have nothing to do with each other, or let a password manager make one."
)


def refusal(password: str, *, about: Iterable[str]) -> str | None:
    """Why this is not taken, and the remedy; None: it is. `about`: addresses and names that people here know."""
    if len(password) < SHORTEST:
        return f"The password needs {SHORTEST} characters or more."
    if len(password) > LONGEST:
        return f"The password may have {LONGEST} characters at most."
    from zxcvbn import zxcvbn  # its words take 12 MiB, and most processes never judge a password

    left = without(words([*OURS, *about]), password.casefold())[:JUDGED]
    return None if left.strip() and int(zxcvbn(left)["guesses_log10"]) >= POWER else WEAK


def words(texts: Iterable[str]) -> list[str]:
    """The texts and the words in them, the longest first: “ada@news.example”, “example”, “news”, “ada”."""
    found = {part for text in texts for part in (text.casefold(), *re.split(r"[\W_]+", text.casefold()))}
    return sorted((word for word in found if len(word) >= SHORTEST_WORD), key=lambda word: (-len(word), word))


def without(known: Iterable[str], password: str) -> str:
    """What is left of a password for somebody who tries these words first."""
    for word in known:
        password = password.replace(word, "")
    return password
