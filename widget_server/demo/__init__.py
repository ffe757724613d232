"""The demo: somebody else's application on its own origin, with labelled text of the kinds that people meet.

PROMISE: it knows widget-server only by what every host application has: `render`, `init_app`, the Jinja filter and
block, the script tag, and the style's hash for its content security policy.
"""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, render_template, request

from widget_server import init_app, render
from widget_server.rendering.badge import style_hash

MODEL, PROVIDER = "demo-writer", "widget-server demo"
PASSAGES: dict[str, Any] = json.loads((Path(__file__).parent / "passages.json").read_text(encoding="utf-8"))
FEED_STEP = 3
WORD_SECONDS = 0.02
"""A model's pace: the chat's answers come word by word."""


def create_demo(*, host: str, site: str, secret: str) -> Flask:
    """The demo's application. `host`: where the widget comes from; `site` and `secret`: what `site add` printed."""
    app = Flask(__name__)
    app.config.update(WIDGET_HOST=host, WIDGET_SITE=site, WIDGET_SITE_SECRET=secret)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(passages=PASSAGES, by={"model": MODEL, "provider": PROVIDER}, direction=_direction)
    init_app(app)
    app.add_url_rule("/", "article", _article)
    app.add_url_rule("/chat", "chat", _chat)
    app.add_url_rule("/chat/answer", "answer", _answer)
    app.add_url_rule("/feed", "feed", _feed)
    app.add_url_rule("/feed/more", "more", _more)
    app.add_url_rule("/plain", "plain", _plain)
    policies = _policies(host)

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policies.get(request.endpoint or "", policies["article"])
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return app


def _policies(host: str) -> dict[str, str]:
    """What each page allows. Nothing here is loosened for the widget but its host, and its label's one style."""
    typed = "require-trusted-types-for 'script'; trusted-types 'none'"
    own = f"style-src 'self' {style_hash()}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; {typed}"
    scripted = f"default-src 'none'; script-src {host} 'self'; connect-src {host} 'self'; {own}"
    return {
        "article": f"default-src 'none'; script-src {host}; connect-src {host}; {own}",
        "chat": scripted,
        "feed": scripted,
        "plain": f"default-src 'none'; script-src {host}; connect-src {host}; {typed}",
    }


def _article() -> str:
    return render_template("article.html")


def _plain() -> str:
    return render_template("plain.html")


def _chat() -> str:
    """Without script the question comes with the address, and the whole answer with the page."""
    question = request.args.get("question", "").strip()
    found = _answer_to(question) if question else None
    answer = (
        render(found["answer"], model=MODEL, provider=PROVIDER, layout="chat", lang=found["lang"]) if found else None
    )
    return render_template("chat.html", question=question, answer=answer)


def _answer() -> Response:
    """The answer as it is written: plain text in pieces, wholly a machine's, which the header says."""
    found = _answer_to(request.args.get("question", ""))

    def pieces() -> Iterator[str]:
        for piece in re.findall(r"\s*\S+", found["answer"]):
            yield piece
            time.sleep(WORD_SECONDS)

    disclosure = f'mode=machine-generated, model="{MODEL}", provider="{PROVIDER}"'
    headers = {"AI-Disclosure": disclosure, "Content-Language": found["lang"], "Cache-Control": "no-store"}
    return Response(pieces(), content_type="text/plain; charset=utf-8", headers=headers)


def _answer_to(question: str) -> dict[str, str]:
    """The answer whose question shares most words with the one asked."""
    asked = _words(question)
    best = max(PASSAGES["chat"], key=lambda known: len(asked & _words(known["question"])))
    if len(asked & _words(best["question"])) < 2:
        return {"answer": PASSAGES["no_answer"], "lang": "en"}
    return {"answer": best["answer"], "lang": best.get("lang", "en")}


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def _feed() -> str:
    """The first posts come labelled by the server. `shown` asks for more of them where no script adds them."""
    shown = min(request.args.get("shown", FEED_STEP, type=int), len(PASSAGES["feed"]))
    return render_template("feed.html", posts=PASSAGES["feed"][: max(shown, 1)], shown=shown, step=FEED_STEP)


def _more() -> Response:
    """The next posts, for the page's own script to build and mark."""
    after = max(request.args.get("after", 0, type=int), 0)
    posts = PASSAGES["feed"][after : after + FEED_STEP]
    marked = [{**post, "dir": _direction(post["lang"]), "model": MODEL, "provider": PROVIDER} for post in posts]
    return jsonify(posts=marked, last=after + FEED_STEP >= len(PASSAGES["feed"]))


def _direction(lang: str) -> str:
    return "rtl" if lang in ("ar", "he") else "ltr"
