"""The server's secret: in the environment, or in a file of its own that is made when there is none."""

import os
import re
import secrets
import tempfile
from itertools import pairwise
from pathlib import Path

from widget_server import ownership
from widget_server.refusal import WrongSetting

KEY_FILE = "widget-server.key"
SHORTEST = 32
FEWEST_TURNS = 12
"""Pairs of neighbours that differ and follow no sequence: what is made by chance has twenty of them or more."""
TRIED_FIRST = re.compile(
    "change|me|replace|this|your|please|here|secret|key|password|passwort|default|example|test|dev|development|insecure"
    "|production|widget|server|random|string|long|qwerty|qwertyuiop|asdf|asdfghjkl|zxcvbnm|hunter2|letmein|admin|root"
)


def secrets_here(value: str, folder: Path, *, make: bool) -> list[str]:
    """The server's secret, and those that it has taken the place of in its file.

    If there is none, it is made or, without `make`, empty. Raises WrongSetting.
    """
    if value:
        remedy = "use 32 random characters or more, or leave it out and one is made"
        if is_guessed(_long("WIDGET_SECRET_KEY", value, remedy)):
            remedy = f"{remedy}; while it is in use, name it in WIDGET_OLD_SECRET_KEYS"
            raise WrongSetting(f"WIDGET_SECRET_KEY is too weak, for it is soon guessed: {remedy}.")
        return [value]
    file, made = folder / KEY_FILE, new_secret()
    if not make and not file.exists():
        return [""]
    try:
        _write(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), file, [made])
        ownership.give(file, like=folder)
    except FileExistsError:
        kept = _lines(file)
        if not kept or any(len(secret) < SHORTEST for secret in kept):
            raise WrongSetting(
                f"{file.name} holds no key: restore it from your backup, or set WIDGET_SECRET_KEY."
            ) from None
        if is_guessed(kept[0]):
            raise WrongSetting(
                f"The first line of {file.name} is soon guessed: put 32 random characters or more above it."
            ) from None
        return kept
    except OSError as error:
        raise WrongSetting(
            f"WIDGET_SECRET_KEY is not set and {file.name} cannot be written here ({error.strerror}): "
            "set the one or allow the other."
        ) from None
    return [made]


def new_secret() -> str:
    return secrets.token_urlsafe(48)


def put_first(secret: str, folder: Path) -> None:
    """The file of the server's secret has this one above those that it had. Raises WrongSetting."""
    file = folder / KEY_FILE
    try:
        lines = [secret, *_lines(file)]
        descriptor, name = tempfile.mkstemp(prefix=f"{file.name}.", suffix=".new", dir=folder)
        _write(descriptor, Path(name), lines)
        ownership.give(Path(name), like=file)
        Path(name).replace(file)
    except OSError as error:
        raise WrongSetting(f"{file.name} cannot be written here ({error.strerror}): nothing was changed.") from None


def _write(descriptor: int, file: Path, lines: list[str]) -> None:
    """All of it, on the disk, or there is no such file."""
    try:
        with os.fdopen(descriptor, "w") as stream:
            stream.write("\n".join(lines) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
    except OSError:
        file.unlink()
        raise


def _lines(file: Path) -> list[str]:
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise WrongSetting(f"{file.name} cannot be read here ({error.strerror}): allow it.") from None
    return [line.strip() for line in text.splitlines() if line.strip()]


def old_secrets(value: str) -> list[str]:
    """Secrets that it had before, as WIDGET_OLD_SECRET_KEYS names them: also weak ones, which others replace.

    Raises WrongSetting.
    """
    given = [part for part in re.split(r"[\s,]+", value) if part]
    return [
        _long("WIDGET_OLD_SECRET_KEYS", one, "write the secrets as they were, separated by commas") for one in given
    ]


def is_guessed(secret: str) -> bool:
    """Whether a secret is made of words that are tried first, of few characters, of repetitions or sequences.

    Whoever has one site's key can try them as fast as machines hash.
    """
    left = TRIED_FIRST.sub("", secret.lower())
    turns = {(one, other) for one, other in pairwise(left) if abs(ord(one) - ord(other)) > 1}
    return len(turns) < FEWEST_TURNS


def _long(name: str, value: str, remedy: str) -> str:
    if len(value) < SHORTEST:
        raise WrongSetting(f"{name} is too weak: {remedy}.")
    return value
