"""The gate for programs that post elsewhere: a bot, a CMS, a scheduled job (guideline 2.i).

Nothing of the block or the function runs before a person has approved exactly the text that it would post.
"""

import asyncio
import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from markupsafe import Markup

from widget_server.asking import Refused, ask, needed
from widget_server.host import settings_here
from widget_server.rendering import answers
from widget_server.rendering.sanitising import Format
from widget_server.rules.publishing import CLAUSE

Function = TypeVar("Function", bound=Callable[..., Any])


class Held(Refused):
    """The text may not be posted now. `state`: held, rejected or withdrawn. `publication`: what to ask about again.

    `url`: where it is reviewed.
    """

    def __init__(self, state: str, publication: str | None, url: str, detail: str) -> None:
        super().__init__(CLAUSE, detail.removesuffix(".").removesuffix(f" (guideline {CLAUSE})"))
        self.state, self.publication, self.url = state, publication, url


@dataclass(frozen=True, slots=True)
class Post:
    """Exactly what may be posted: as it was written, as plain text, and as safe HTML.

    `edited`: a person has changed it. `content`: the token for `data-content` of a page. `publication`: None if so few
    people see the text that nobody has to review it.
    """

    source: str
    text: str
    html: str
    text_sha256: str
    edited: bool
    content: str
    publication: str | None = None
    reviewed_by: str | None = None
    responsible: str | None = None
    expires_at: str | None = None


def may_post(
    text: Any,
    *,
    format: Format = "text",  # noqa: A002 (the public argument's name)
    secret: str | None = None,
    host: str | None = None,
    audience: str = "public",
    **about: Any,
) -> Post:
    """What may be posted of this text, now. Raises Held, and what `widget_server.asking.ask` raises.

    `text`: the text, or a provider's whole answer; Markup is HTML. `about`: model, provider, audience_size, purpose,
    and `author`, who asked for it or wrote it. The first time that a text is asked about, it is handed in for review.
    """
    settings, answer = settings_here(), answers.read(text, format)
    secret = secret or needed("WIDGET_SITE_SECRET", settings)
    host = (host or needed("WIDGET_HOST", settings)).rstrip("/")
    told = ask(
        host,
        secret,
        "publications",
        text=answer.text,
        format=answer.format,
        audience=audience,
        **{
            "model": answer.model,
            "provider": answer.provider,
            **{name: answers.unescaped(value) for name, value in about.items() if value is not None},
        },
    )
    if told.get("may_post") is not True:
        raise Held(
            str(told.get("state", "held")), told.get("publication"), str(told.get("url", "")), str(told.get("detail"))
        )
    more: dict[str, Any] = {
        name: told.get(name) for name in ("publication", "reviewed_by", "responsible", "expires_at")
    }
    return Post(**told["post"], **more)


@contextmanager
def approved(text: Any, **about: Any) -> Iterator[Post]:
    """`with approved(text) as post: send(post.text)`. The block does not begin without an approval: raises Held."""
    yield may_post(text, **about)


def gated(**about: Any) -> Callable[[Function], Function]:
    """A function whose first argument is a text runs only if it is approved, and gets what was approved in its place.

    What comes as Markup is given on as Markup: what the function does with HTML stays safe.

    `@gated(audience="public", model="jamba-large")`
    """

    def guarded(function: Function) -> Function:
        first = next(iter(inspect.signature(function).parameters))

        def let_through(arguments: tuple[Any, ...], named: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
            text = arguments[0] if arguments else named[first]
            post = may_post(text, **about)
            given = Markup(post.html) if hasattr(text, "__html__") else post.source  # noqa: S704 (as our server made it)
            return ((given, *arguments[1:]), named) if arguments else ((), {**named, first: given})

        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def later(*arguments: Any, **named: Any) -> Any:
                given, more = await asyncio.to_thread(let_through, arguments, named)
                return await function(*given, **more)

            return later  # type: ignore[return-value]

        @functools.wraps(function)
        def now(*arguments: Any, **named: Any) -> Any:
            given, more = let_through(arguments, named)
            return function(*given, **more)

        return now  # type: ignore[return-value]

    return guarded
