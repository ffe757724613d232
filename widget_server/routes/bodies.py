"""A request's body: read strictly, once, into what a schema promises."""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes

import msgspec
from flask import Request, g, request
from marshmallow import Schema, ValidationError
from werkzeug.formparser import FormDataParser

from widget_server.routes.errors import Problem
from widget_server.rules.stream_safe import REMEDY, is_stream_safe

LONGEST = 64 * 1024
LONGEST_FORM = 4 * LONGEST
ROOMY = "/admin/", "/report"
"""Where forms may be as long as LONGEST_FORM."""
REFUSED = "widget_server.refused"
"""Why a request's body was not read to its end: a Problem in the WSGI environment."""
MOST_ERRORS = 100
"""Fields of one body of which it is told what is wrong: whoever mends these is told of the next."""
MOST_FIELDS = 5000
"""Of a form, or in an address."""
LONGEST_NAME = 100
LONGEST_KIND = 256
"""Characters of a Content-Type. Whoever reads a form makes patterns of its boundary, which has 70 at most, and keeps
them.
"""
UNFIT = "Must not hold NUL or half of a surrogate pair."
WRITTEN_ELSEWHERE = frozenset({"text", "quote", "pasted", "viewer", "page"})
"""Fields in which marks may be piled up: whoever sends them cannot mend what somebody else wrote."""
DEEPEST = 20
MOST_DIGITS = 18

Told = TypeVar("Told")
_UNFIT = re.compile("[\x00\ud800-\udfff]")


class Forms(FormDataParser):
    """What was typed, as its field counts it: a browser sends each end of a line as two characters."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        stream, form, files = super().parse(*args, **kwargs)
        return stream, self.cls((name, text.replace("\r\n", "\n")) for name, text in form.items(multi=True)), files


class Asked(Request):
    form_data_parser_class = Forms


def most(path: str) -> int:
    """Bytes that a body may have at this address."""
    return LONGEST_FORM if path.startswith(ROOMY) else LONGEST


def load(schema: Schema, *, plain: bool = False) -> Any:
    """The JSON body as `schema` promises it. `plain`: it may come as text/plain, so that a browser needs no preflight.

    Raises Problem: 413 too long, 415 not JSON, 400 not well-formed or beyond our bounds, 422 with the fields named.
    """
    return checked(schema, read(_body(plain=plain)))


def read(body: bytes) -> dict[str, Any]:
    """The JSON object that this is. Raises Problem, as `load` does."""
    value = _parsed(body)
    if not isinstance(value, dict):
        raise Problem(400, "The body must be a JSON object: {…}.")
    if unfit := _few(path for path, text in _texts(value) if _is_unfit(text)):
        raise Problem(422, "Some text is not valid Unicode.", errors={path: [UNFIT] for path in unfit})
    if piled := _few(path for path, text in _texts(value) if _is_piled(path, text)):
        errors = {path: [REMEDY] for path in piled}
        raise Problem(422, "Some text has too many combining marks in a row.", errors=errors)
    return value


def _few(each: Iterable[Told]) -> list[Told]:
    return list(islice(each, MOST_ERRORS))


def read_strings(body: bytes) -> dict[str, str] | None:
    """As `read`, several times as fast, where the object holds nothing but strings; None where `read` has to look."""
    try:
        found = _strings.decode(body)
    except (ValueError, RecursionError):
        return None
    # As many quotation marks as when it is written again, and none of them in disguise: no key stood twice.
    plain = b"\\u0022" not in body and body.count(b'"') == _writer.encode(found).count(b'"')
    usual = plain and not any(map(_is_unfit, [*found, *found.values()])) and all(map(is_stream_safe, found.values()))
    return found if usual else None


def _is_piled(path: str, text: str) -> bool:
    return path.partition(".")[0] not in WRITTEN_ELSEWHERE and not is_stream_safe(text)


def _is_unfit(text: str) -> bool:
    return "\x00" in text if text.isascii() else _UNFIT.search(text) is not None


def refuse_unfit() -> None:
    """No text of ours holds NUL, and not every database takes it. Raises Problem: 404 in a path, 400 in a field.

    415 where it is told at length what a body is, 422 where marks are piled up (rules/stream_safe.py). A field that
    comes in parts may also lack its name.
    """
    if refused := request.environ.get(REFUSED):
        raise refused
    request.max_content_length = most(request.path)
    if "\x00" in request.path:
        raise Problem(404, "There is nothing here.")
    if len(request.headers.get("Content-Type", "")) > LONGEST_KIND:
        raise Problem(415, f"The Content-Type may have {LONGEST_KIND} characters at most.")
    _refuse_broken(request.query_string)
    fields: list[tuple[str | None, str]] = [*request.args.items(multi=True)]
    if request.url_rule and not request.path.startswith("/api/"):
        if request.mimetype == "application/x-www-form-urlencoded":
            _refuse_broken(request.get_data())
        fields += request.form.items(multi=True)
    for name, text in fields:
        if name is None:
            raise Problem(400, "Every field needs a name.")
        if "\x00" in name or "\x00" in text:
            raise Problem(400, "No field may hold NUL.")
        if _is_piled(name, text):
            raise Problem(422, f"The field “{name[:50]}” is not accepted. {REMEDY}", errors={name: [REMEDY]})


def _refuse_broken(fields: bytes) -> None:
    """Fields as they are written in an address. Raises Problem 400.

    Before they are taken apart: there, each byte that is no UTF-8 costs a hundred times what it costs here.
    """
    if fields.count(b"&") >= MOST_FIELDS:
        raise Problem(400, f"There may be {MOST_FIELDS} fields at most.")
    try:
        unquote_to_bytes(fields).decode()
    except UnicodeDecodeError:
        raise Problem(400, "The fields are not valid UTF-8. Send them as UTF-8, percent-encoded.") from None


def checked(schema: Schema, value: Any) -> Any:
    """`value` as `schema` promises it. Raises Problem 422 with the fields named."""
    try:
        return schema.load(value)
    except ValidationError as error:
        errors = dict(_few(_flat(error.normalized_messages())))
        raise Problem(422, "Some fields are missing or not as expected.", errors=errors) from None


def _body(*, plain: bool) -> bytes:
    kind = request.mimetype
    if kind != "application/json" and not (plain and kind == "text/plain"):
        raise Problem(415, "Send the body as Content-Type: application/json.")
    if request.mimetype_params.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise Problem(415, "Send the body as UTF-8.")
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise Problem(415, "Send the body without Content-Encoding.")
    if (request.content_length or 0) > LONGEST:
        raise Problem(413, f"The body may have {LONGEST} bytes at most.")
    body = _read()
    if len(body) > LONGEST:
        raise Problem(413, f"The body may have {LONGEST} bytes at most.")
    return body


def _parsed(body: bytes) -> Any:
    try:
        value = _decoder.decode(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise Problem(400, "The body is not valid UTF-8.") from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        raise Problem(400, f"The body is not JSON that we accept: {_without_content(error)}.") from None
    if _depth(value) > DEEPEST:
        raise _too_deep()
    return value


def _too_deep() -> Problem:
    return Problem(400, f"The JSON is nested too deeply: {DEEPEST} levels at most.")


def _without_content(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at line {error.lineno}, column {error.colno}"
    return str(error)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    if any(_UNFIT.search(key) for key in found):
        raise ValueError("a key is not valid Unicode")
    return found


def _integer(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"a number has more than {MOST_DIGITS} digits")
    return int(digits)


def _decimal(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise ValueError("a number is too large")
    return number


def _constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


_strings = msgspec.json.Decoder(dict[str, str])
_writer = msgspec.json.Encoder()
_decoder = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_decimal, parse_constant=_constant
)


def _depth(value: Any) -> int:
    level, nested = 0, [value]
    while nested:
        level += 1
        nested = [
            inner
            for outer in nested
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return level


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, _inside(path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _texts(inner, f"{path}.{place}")


def _flat(messages: dict[Any, Any], path: str = "") -> Iterator[tuple[str, list[str]]]:
    """{"views": {0: {"disclosed": […]}}} → ("views.0.disclosed", […])."""
    for key, found in messages.items():
        here = path if key == "_schema" else _inside(path, str(key))
        if isinstance(found, dict):
            yield from _flat(found, here)
        else:
            yield here, [str(message) for message in found]


def _inside(path: str, name: str) -> str:
    """A name may be as long as a body."""
    return f"{path}.{name[:LONGEST_NAME]}" if path else name[:LONGEST_NAME]


def _read() -> bytes:
    """Once: a request that is done again has the same body."""
    if "body" not in g:
        g.body = request.stream.read(LONGEST + 1)
    return g.body
