"""The door for applications written in Python: `render`, the Jinja filter, and `init_app`.

A rendering touches no database and no network, except for a text that many people may see unreviewed: then the server
is asked whether exactly this text has been approved (guideline 2.i).
"""

import os
import sys
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from widget_server.asking import NotConfigured, Refused, ask, needed, unanswered
from widget_server.rendering import answers, badge, files, tokens, wording
from widget_server.rendering.badge import Layout
from widget_server.rendering.sanitising import Format, sanitise
from widget_server.rules import keys, prompts, purposes, registry
from widget_server.rules.guidelines import AI21, GUIDELINES, Limits, strictest
from widget_server.rules.marking import Disclosure, short, text_sha256
from widget_server.rules.publishing import Audience, needs_review
from widget_server.rules.wording import Own

SETTINGS = ("WIDGET_SITE", "WIDGET_SITE_SECRET", "WIDGET_HOST", "WIDGET_WORDS", "WIDGET_PURPOSES", "WIDGET_GUIDELINES")
EXTENSION = "widget_server.host"
_configured: dict[str, str] = {}
"""What the last `init_app` found: for renderings outside any application."""


def render(
    text: Any,
    *,
    model: str | None = None,
    provider: str | None = None,
    format: Format = "text",  # noqa: A002 (the public argument's name)
    layout: Layout = "block",
    links: bool = True,
    lang: str | None = None,
    audience: str = "one_to_one",
    audience_size: int | None = None,
    reviewed_by: str = "",
    author: str = "",
    purpose: str | None = None,
    prompt_template: str | list[dict[str, str]] | None = None,
    custom_model: bool = False,
    prompt: str | None = None,
    site: str | None = None,
    secret: str | None = None,
    host: str | None = None,
    words: str | None = None,
    now: datetime | None = None,
    _settings: Mapping[str, str] | None = None,
) -> Markup:
    """A text that a machine wrote, labelled and safe to put into a page.

    `text` is the text itself or a provider's whole answer (see `rendering.answers`), which then also tells model and
    provider; what is Markup already is HTML, and is sanitised as such. With `layout="inline"` its blocks are lines, as
    within a paragraph of the page; with `links=False` its links are their words, as within a link of the page.
    `reviewed_by` names the team of which a person has reviewed this text now. `author`: who asked for it or wrote it,
    and with four eyes does not approve it. `site`, `secret` and `host` come from `init_app` of the application that
    renders, or from the environment (WIDGET_SITE, WIDGET_SITE_SECRET, WIDGET_HOST), unless given; so does `words`
    (WIDGET_WORDS), the path of a file of own words such as
    `widget-server site words` takes, which is read once. `purpose` is what the text is for: a prohibited one
    is refused, and so is one that WIDGET_PURPOSES leaves out, if it is set: what the site declared, commas between.
    WIDGET_GUIDELINES names the guidelines that the site follows, commas between, if it is not AI21's alone.

    Raises Refused where the guideline forbids the rendering, answers.UnknownShape for an answer without text,
    NotConfigured without a secret key and host, with words that cannot be said, or when the widget host does not accept
    the key, ValueError for what the widget host finds wrong with the arguments.
    """
    settings = settings_here() if _settings is None else _settings
    secret = secret or needed("WIDGET_SITE_SECRET", settings)
    host = (host or needed("WIDGET_HOST", settings)).rstrip("/")
    site = site or keys.site_of(secret) or settings.get("WIDGET_SITE") or os.environ.get("WIDGET_SITE", "")
    answer, lang = answers.read(text, format), answers.unescaped(lang)
    disclosure = Disclosure(
        model=answer.model if model is None else short(answers.unescaped(model)),
        provider=answer.provider if provider is None else short(answers.unescaped(provider)),
        review="human" if reviewed_by else "none",
    )
    if purpose or prompt_template is not None:
        permit(
            prompt_template=prompt_template,
            custom_model=custom_model,
            purpose=purpose,
            declared=_declared(settings) if purpose else None,
            remedy=f"It is declared at {host}/admin/sites/{site}/purpose and repeated in WIDGET_PURPOSES.",
        )
    made_by = str(registry.reference(prompt)) if prompt else ""
    many_or_careful = audience != Audience.ONE_TO_ONE or purpose
    if (
        many_or_careful
        and not reviewed_by
        and needs_review(
            Audience(audience), audience_size, purpose=purposes.code_of(purpose or ""), limits=_limits(settings)
        )
    ):
        return _ask_server(
            host,
            secret,
            text=answer.text,
            format=answer.format,
            model=disclosure.model,
            provider=disclosure.provider,
            layout=layout,
            audience=audience,
            **({} if links else {"links": False}),
            **({"lang": lang} if lang else {}),
            **({"prompt": made_by} if made_by else {}),
            **({"audience_size": audience_size} if audience_size is not None else {}),
            **({"purpose": purpose} if purpose else {}),
            **({"author": author} if author else {}),
        )
    words = words or settings.get("WIDGET_WORDS") or os.environ.get("WIDGET_WORDS")
    passage = sanitise(answer.text, answer.format)
    content = tokens.Content(
        text_sha256(passage.text), disclosure, now or datetime.now(UTC), reviewed_by=reviewed_by, prompt=made_by
    )
    return badge.labelled(
        passage.html,
        disclosure,
        host=host,
        site=site,
        content=tokens.sign(content, secret),
        layout=layout,
        lang=lang,
        preformatted=answer.format == "text",
        links=links,
        own=_own_words(words).get(files.language(lang), ()) if words else (),
        day=content.signed_at.date(),
    )


def permit(
    *,
    prompt_template: str | list[dict[str, str]] | None,
    custom_model: bool,
    purpose: str | None,
    declared: Collection[str] | None,
    remedy: str,
) -> None:
    """Raises Refused where the guideline forbids the prompt (3) or the purpose (4, 5).

    `declared`: what the site's texts are for; None: nobody has said. `remedy`: how something else is declared.
    """
    if prompt_template is not None:
        found = prompts.check(prompt_template, custom_model=custom_model)
        if not found.ok:
            raise Refused(prompts.CLAUSE, found.detail)
    if refused := purposes.refusal(purpose, declared):
        clause, why = refused
        raise Refused(clause, why if purposes.prohibited(purpose) else f"{why} {remedy}")


def init_app(app: Any) -> None:
    """Give a Flask application the filter and the block.

    WIDGET_SITE, WIDGET_SITE_SECRET and WIDGET_HOST are read from its config, and stay its own.
    """
    settings = {name: app.config[name] for name in SETTINGS if app.config.get(name)}
    app.extensions[EXTENSION] = settings
    app.jinja_env.add_extension("widget_server.jinja.MachineGenerated")
    app.jinja_env.machine_generated = settings
    _configured.clear()
    _configured.update(settings)


def settings_here() -> Mapping[str, str]:
    """Those of the Flask application that is at work in this thread. Flask is not loaded for it."""
    flask: Any = sys.modules.get("flask")
    if flask and flask.has_app_context():
        return flask.current_app.extensions.get(EXTENSION, _configured)
    return _configured


def _declared(settings: Mapping[str, str]) -> Collection[str] | None:
    said = settings.get("WIDGET_PURPOSES") or os.environ.get("WIDGET_PURPOSES")
    if not said:
        return None
    codes = {purposes.code_of(one) for one in said.split(",")} - {""}
    if wrong := sorted(codes - purposes.PURPOSES.keys()):
        raise NotConfigured(
            f"WIDGET_PURPOSES: “{wrong[0]}” cannot be declared. Copy the line that the page of the declaration shows."
        )
    return codes


def _limits(settings: Mapping[str, str]) -> Limits:
    return _strictest(settings.get("WIDGET_GUIDELINES") or os.environ.get("WIDGET_GUIDELINES") or AI21.code)


@cache
def _strictest(said: str) -> Limits:
    codes = [code.strip() for code in said.split(",") if code.strip()]
    if unknown := [code for code in codes if code not in GUIDELINES]:
        raise NotConfigured(f"WIDGET_GUIDELINES: there is no “{unknown[0]}”. There are: {', '.join(GUIDELINES)}.")
    return strictest(codes)


@cache
def _own_words(path: str) -> dict[str, Own]:
    try:
        read = wording.read(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NotConfigured(f"WIDGET_WORDS: {path} cannot be used: {error}") from None
    return {lang: tuple(texts.items()) for lang, texts in read.items()}


def _ask_server(host: str, secret: str, **arguments: Any) -> Markup:
    html = ask(host, secret, "render", **arguments).get("html")
    if not isinstance(html, str):
        raise unanswered(f"{host} answered with something else.")
    return Markup(html)  # noqa: S704 (made by our own server's render)
