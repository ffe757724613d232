"""Fields that several schemas share."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from marshmallow import Schema, ValidationError, fields, post_load, validate

from widget_server.origins import undotted
from widget_server.rules import marking, stream_safe
from widget_server.rules.harms import ADDRESS, LIMITS

SHA256 = validate.Regexp(r"\A[0-9a-f]{64}\Z", error="Must be 64 lower-case hexadecimal digits.")
LONGEST_ADDRESS = 2000
"""Bytes: an index holds the page."""
LONGEST_LABEL = marking.LONGEST_LABEL
_USER = re.compile(r"\A(https?://)[^/?#]*@")
NO_EMAIL = "Must be an e-mail address, or left out."


def bounded(longest: int, *, required: bool = False, least: int = 0, **options: Any) -> fields.String:
    """A text of bounded length, in Unicode code points."""
    if not required:
        options.setdefault("load_default", "")
    return fields.String(required=required, validate=validate.Length(min=least or None, max=longest), **options)


def visible(value: str) -> None:
    """A text that holds more than white space."""
    if not marking.fold(value):
        raise ValidationError("Must not be empty.")


def email_or_nothing(value: str) -> None:
    """An e-mail address, or nothing. No name in quotes, which has very many spellings, and no machine's number."""
    if 0 < len(value) <= LIMITS["email"]:
        if value.startswith('"') or value.endswith("]") or not re.fullmatch(ADDRESS, value):
            raise ValidationError(NO_EMAIL)
        validate.Email(error=NO_EMAIL)(value)


class Few(fields.List):
    """A list that is not looked into before it is known to be as long as it may be."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if isinstance(value, list):
            self._validate(value)
        return super()._deserialize(value, attr, data, **kwargs)


class StrictBoolean(fields.Boolean):
    """true or false, nothing that stands for them."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class WebAddress(fields.String):
    """The address of a page, http or https."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        address = super()._deserialize(value, attr, data, **kwargs)
        try:
            parts = urlsplit(address if len(address.encode()) <= LONGEST_ADDRESS else "")
            fit = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
            fit = fit and stream_safe.is_stream_safe(address)
        except ValueError:
            fit = False
        if not fit or any(ord(character) <= 32 for character in address):
            raise ValidationError(f"Must be the http(s) address of a page, {LONGEST_ADDRESS} bytes at most.")
        return address


class PageAddress(WebAddress):
    """The address of the page that a text stands in, however a link to it names the host and who comes.

    One that a page has made itself (blob:) holds that page's host.
    """

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        address = undotted(_USER.sub(r"\1", value.removeprefix("blob:"))) if isinstance(value, str) else value
        return super()._deserialize(address, attr, data, **kwargs)


class SparePage(PageAddress):
    """As of a page; none for what is no such address, or too long: any link to a page could make it so."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        try:
            return super()._deserialize(value, attr, data, **kwargs)
        except ValidationError:
            if isinstance(value, str):
                return ""
            raise


class SpareWord(fields.String):
    """One of these words; none for what is none of them."""

    def __init__(self, words: Iterable[str], **options: Any) -> None:
        self.words = frozenset(words)
        super().__init__(load_default="", **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        word = super()._deserialize(value, attr, data, **kwargs)
        return word if word in self.words else ""


class QuoteSchema(Schema):
    """A passage of the text that the reader selected, with what stands before and after it."""

    exact = bounded(LIMITS["quote"], required=True, least=1)
    prefix = bounded(LIMITS["context"])
    suffix = bounded(LIMITS["context"])

    @post_load
    def cut(self, quote: dict[str, str], **_: Any) -> dict[str, str]:
        return {name: stream_safe.cut(words) for name, words in quote.items()}
