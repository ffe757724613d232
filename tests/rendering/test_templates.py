"""The Jinja filter and block, and `init_app`, as a host application uses them."""

import json
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socketserver import StreamRequestHandler, TCPServer
from typing import Any

import pytest
from flask import Flask, render_template_string
from jinja2 import Environment
from markupsafe import Markup, escape

from widget_server import Refused, asking, init_app, render
from widget_server.host import NotConfigured, _configured
from widget_server.rendering import files, tokens
from widget_server.rules import keys, wording
from widget_server.rules.marking import text_sha256

SECRET = keys.site_secret("s" * 40, site="abc", generation=1)


@pytest.fixture(autouse=True)
def host_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    _configured.clear()
    monkeypatch.setenv("WIDGET_SITE_SECRET", SECRET)
    monkeypatch.setenv("WIDGET_HOST", "https://widget.example/")


def environment() -> Environment:
    return Environment(autoescape=True, extensions=["widget_server.jinja.MachineGenerated"])


def text_of(html: str) -> str:
    """The words of the marked element."""
    return unescape(re.sub("<[^>]*>", "", html.split('slot="no-shadow"')[1].split("/>", 1)[1]))


def test_the_filter_labels_and_escapes() -> None:
    html = environment().from_string('{{ answer | machine_generated(model="jamba-large") }}').render(answer="1 < 2")
    assert html.startswith('<machine-generated model="jamba-large"')
    assert html.endswith("1 &lt; 2</machine-generated>")


def test_the_block_takes_what_the_template_renders() -> None:
    source = '{% machine_generated model="jamba-large", layout="chat" %}<p>{{ answer }}</p>{% endmachine_generated %}'
    html = environment().from_string(source).render(answer="1 < 2")
    assert 'layout="chat"' in html
    assert "<p>1 &lt; 2</p></machine-generated>" in html


def shown(text: str, **about: Any) -> str:
    """What stands in the marked element."""
    return render(text, **about).split("/>", 1)[1].split("</machine-generated>")[0]


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ("<p>One</p><p>two <b>three</b></p>", "One<br>two <b>three</b>"),
        ("One<hr>two<br>three<blockquote>four</blockquote>five", "One<br>two<br>three<br>four<br>five"),
        ("<ul><li>One</li>\n<li>two</li></ul>", "One\n<br>two"),
        ("<table><tbody><tr><td>1</td><td>2</td></tr></tbody></table>", "1<br>2"),
        ('<p title="</p>x">One</p>two', "One<br>two"),
    ],
)
def test_in_a_line_blocks_are_lines_of_the_same_words(html: str, lines: str) -> None:
    assert shown(html, format="html", layout="inline") == lines
    for layout in ("block", "inline"):
        digest = signed_digest(render(html, format="html", layout=layout))
        assert digest == text_sha256(text_of(render(html, format="html", layout=layout)))


def test_links_can_be_left_out_in_every_door() -> None:
    text = "See [this](https://e.example/?a>b) and that."
    without = "<p>See this and that.</p>\n"
    assert shown(text, format="markdown", links=False) == without
    source = '{{ text | machine_generated(format="markdown", links=false) }}'
    assert without in environment().from_string(source).render(text=text)
    assert signed_digest(render(text, format="markdown", links=False)) == signed_digest(render(text, format="markdown"))


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ("Nice.<li lang=de>And<dd>more", 'Nice.<div lang="de">And<div>more</div></div>'),
        ("<ul><li>One</ul><li>two", "<ul><li>One</li></ul><div>two</div>"),
        ("<dl><div><dt>One</div></dl><ol><dd>two</ol>", "<dl><div><dt>One</dt></div></dl><ol><div>two</div></ol>"),
    ],
)
def test_an_item_of_no_list_is_a_block(html: str, kept: str) -> None:
    assert shown(html, format="html") == kept


def test_what_cannot_end_what_is_around_stands_in_nothing_more() -> None:
    for html in (
        render("<p>"),
        render("<b>x</b>", format="html"),
        render("x\n\ny", format="markdown", layout="inline"),
    ):
        assert html.startswith("<machine-generated ")
        assert html.endswith("</machine-generated>")


def test_the_block_may_stand_without_arguments() -> None:
    assert "<b>x</b>" in environment().from_string("{% machine_generated %}<b>x</b>{% endmachine_generated %}").render()


DOORS = {
    "filter": "{{ markup | machine_generated }}",
    "filter over what was escaped": "{{ plain | e | machine_generated }}",
    "filter block": "{% filter machine_generated %}INNER{% endfilter %}",
    "set block": "{% set it %}INNER{% endset %}{{ it | machine_generated }}",
    "macro": "{% macro it() %}INNER{% endmacro %}{{ it() | machine_generated }}",
    "block": "{% machine_generated %}INNER{% endmachine_generated %}",
    "block of text": '{% machine_generated format="text" %}INNER{% endmachine_generated %}',
    "block of Markdown": '{% machine_generated format="markdown" %}INNER{% endmachine_generated %}',
    "Markdown": '{{ markup | machine_generated(format="markdown") }}',
}


def signed_digest(html: str) -> str:
    from datetime import UTC, datetime

    return tokens.read(html.split('content="')[1].split('"')[0], [SECRET], now=datetime.now(UTC)).text_sha256


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("words", ['Tom & "Jerry" don\'t <3', "`1 < 2`", "&lt;b&gt;", "<script>alert(1)</script>"])
def test_what_was_escaped_already_is_escaped_once_and_signed_as_its_words(door: str, words: str) -> None:
    source = DOORS[door].replace("INNER", "{{ plain }}")
    html = environment().from_string(source).render(plain=words, markup=escape(words))
    asked: Any = "markdown" if "Markdown" in door else "html" if door == "block" else "text"
    alone = render(escape(words) if asked == "html" else words, format=asked)
    assert text_of(html) == text_of(alone)
    assert signed_digest(html) == signed_digest(alone) == text_sha256(text_of(html))
    if asked != "markdown":
        assert text_of(html) == words
    assert ('format="text"' in html) == (asked == "text")


@pytest.mark.parametrize("door", [door for door in DOORS if "Markdown" not in door and "escaped" not in door])
def test_markup_is_html_that_does_nothing_whatever_it_is_called(door: str) -> None:
    evil = '<p onclick="a()">One <b>word</b> &amp; more.</p><img src="q" onerror="alert(1)"><script>alert(2)</script>'
    html = environment().from_string(DOORS[door].replace("INNER", evil)).render(markup=Markup(evil))
    assert "<p>One <b>word</b> &amp; more.</p></machine-generated>" in html
    assert signed_digest(html) == text_sha256("One word & more.")
    assert 'format="text"' not in html


@pytest.mark.parametrize("format", ["text", "markdown", "html"])
def test_a_text_with_nul_in_it_is_signed_as_the_words_that_a_page_has(format: str) -> None:
    """A page's parser takes U+0000 out, and a request that holds one is refused."""
    for text in ("Evil\0words", Markup("Evil\0words")):
        html = render(text, format=format)
        assert text_of(html).strip() == "Evilwords"
        assert signed_digest(html) == text_sha256("Evilwords")


def test_markup_in_an_answer_is_html_as_well() -> None:
    html = render({"choices": [{"message": {"content": Markup("<i>x</i><script>1</script>")}}]})
    assert "<i>x</i></machine-generated>" in html


def test_names_that_are_markup_are_escaped_once() -> None:
    source = """{{ "x" | machine_generated(model=name | e, provider='"><script>' | safe, lang='"><b>' | safe) }}"""
    html = environment().from_string(source).render(name="A & B")
    assert 'model="A &amp; B"' in html
    assert "<script>" not in html
    assert '"><b>' not in html


def test_a_flask_application_configures_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WIDGET_SITE_SECRET")
    monkeypatch.delenv("WIDGET_HOST")
    app = Flask("host")
    app.config.update(WIDGET_SITE="abc", WIDGET_SITE_SECRET=SECRET, WIDGET_HOST="https://other.example")
    init_app(app)
    with app.app_context():
        assert "https://other.example/report?site=abc" in render_template_string("{{ 'x' | machine_generated }}")


def host_application(site: str) -> Flask:
    app = Flask(site)
    secret = keys.site_secret("s" * 40, site=site, generation=1)
    app.config.update(WIDGET_SITE=site, WIDGET_SITE_SECRET=secret, WIDGET_HOST=f"https://{site}.example")
    init_app(app)
    return app


def test_two_applications_in_one_process_keep_their_own_site() -> None:
    for app in [host_application("one"), host_application("two")]:
        own = f"https://{app.name}.example/report?site={app.name}&amp;"
        with app.app_context():
            assert own in render("text")
        for source in ("{{ 'x' | machine_generated }}", "{% machine_generated %}x{% endmachine_generated %}"):
            assert own in app.jinja_env.from_string(source).render()
            assert own in app.jinja_env.overlay().from_string(source).render()


def test_outside_any_application_the_last_one_configured_counts() -> None:
    host_application("one")
    host_application("two")
    assert "https://two.example/report?site=two&amp;" in render("text")
    with Flask("unconfigured").app_context():
        assert "https://two.example/report?site=two&amp;" in render("text")


def test_what_an_application_leaves_open_comes_from_the_environment_not_from_another_application() -> None:
    open_app = Flask("open")
    init_app(open_app)
    host_application("one")
    template = open_app.jinja_env.from_string("{{ 'x' | machine_generated }}")
    assert "https://widget.example/report?site=abc&amp;" in template.render()


def test_a_constant_text_is_signed_when_it_is_rendered_not_when_its_template_is_compiled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    template = environment().from_string("{{ 'x' | machine_generated }}")
    monkeypatch.setenv("WIDGET_HOST", "https://moved.example")
    assert "https://moved.example/report" in template.render()


@pytest.mark.parametrize("missing", ["WIDGET_SITE_SECRET", "WIDGET_HOST"])
def test_what_is_not_configured_is_named(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.delenv(missing)
    with pytest.raises(NotConfigured, match=missing):
        render("text")


def test_the_site_is_read_from_the_secret_key() -> None:
    assert "report?site=abc&amp;" in render("text")


def test_the_token_says_what_the_site_signed() -> None:
    from datetime import UTC, datetime

    now = datetime(2026, 11, 23, tzinfo=UTC)
    html = render({"choices": [{"message": {"content": "Hello."}}], "model": "jamba-mini"}, reviewed_by="Desk", now=now)
    token = html.split('content="')[1].split('"')[0]
    content = tokens.read(token, [SECRET], now=now)
    assert (content.text_sha256, content.reviewed_by, content.signed_at) == (text_sha256("Hello."), "Desk", now)
    assert (content.disclosure.model, content.disclosure.provider, content.disclosure.review) == (
        "jamba-mini",
        "AI21",
        "human",
    )


@pytest.mark.parametrize("token", ["", ".", "a.b.c", "eyJoIjoieCJ9.AAAA", "x" * 5000])
def test_a_forged_token_is_refused(token: str) -> None:
    from datetime import UTC, datetime

    with pytest.raises(tokens.BadToken):
        tokens.read(token, [SECRET], now=datetime.now(UTC))


def test_rendering_touches_no_network_and_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    render("warm")

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a rendering went outside")

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("builtins.open", refuse)
    assert "text" in render("text")


def test_a_public_text_is_not_shown_when_the_server_cannot_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIDGET_HOST", "http://127.0.0.1:9")
    with pytest.raises(Refused) as refused:
        render("text", audience="public")
    assert refused.value.clause == "2.i"


@contextmanager
def listening(server: TCPServer) -> Iterator[str]:
    """The address of a server that runs in a thread of its own."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def answering(status: int, body: str, kind: str = "application/problem+json") -> Iterator[str]:
    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with listening(HTTPServer(("127.0.0.1", 0), Answer)) as address:
        yield address


@contextmanager
def saying(raw: bytes, *, then_hang: bool = False) -> Iterator[str]:
    """A server that reads what it is asked, writes these bytes, and hangs up, or does not."""
    over = threading.Event()

    class Say(StreamRequestHandler):
        def handle(self) -> None:
            length = 0
            while (line := self.rfile.readline().lower()) not in (b"\r\n", b""):
                length = int(line.split(b":")[1]) if line.startswith(b"content-length") else length
            self.rfile.read(length)
            self.wfile.write(raw)
            self.wfile.flush()
            if then_hang:
                over.wait(10)

    with listening(TCPServer(("127.0.0.1", 0), Say)) as address:
        try:
            yield address
        finally:
            over.set()


def test_what_the_server_approved_is_shown() -> None:
    with answering(200, json.dumps({"html": "<machine-generated>"}), "application/json") as address:
        assert render("text", audience="public", host=address) == Markup("<machine-generated>")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, "<!doctype html><title>Welcome</title>"),
        (200, ""),
        (200, "[1]"),
        (200, "[" * 100_000),
        (200, '{"html": 5}'),
        (404, "<!doctype html><title>Not found</title>"),
        (422, "<!doctype html><title>Unprocessable</title>"),
        (429, '{"detail": "Too many requests."}'),
        (500, "<h1>Internal Server Error</h1>"),
        (502, ""),
        (503, '{"detail": "The server cannot store anything."}'),
    ],
)
def test_a_public_text_is_not_shown_when_the_server_does_not_say_that_it_is_approved(status: int, body: str) -> None:
    with answering(status, body) as address, pytest.raises(Refused, match="cannot be asked now: try again") as refused:
        render("text", audience="public", host=address)
    assert refused.value.clause == "2.i"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"220 mail.example ESMTP\r\n",
        b"\x00\xff" * 50 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{",
        b"HTTP/1.1 503 Busy\r\nContent-Length: 900\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
    ],
    ids=["silence", "mail", "noise", "cut", "cut error", "bad chunk", "long line"],
)
def test_a_public_text_is_not_shown_when_the_answer_is_not_http(raw: bytes) -> None:
    with saying(raw) as address, pytest.raises(Refused) as refused:
        render("text", audience="public", host=address)
    assert refused.value.clause == "2.i"


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"])
def test_a_public_text_is_not_shown_when_the_server_hangs(monkeypatch: pytest.MonkeyPatch, said: bytes) -> None:
    monkeypatch.setattr(asking, "SERVER_SECONDS", 0.2)
    with saying(said, then_hang=True) as address, pytest.raises(Refused) as refused:
        render("text", audience="public", host=address)
    assert refused.value.clause == "2.i"


def test_a_secret_key_that_the_server_does_not_accept_is_named() -> None:
    with answering(401, "<h1>Unauthorized</h1>") as address, pytest.raises(NotConfigured, match="key is not accepted"):
        render("text", audience="public", host=address)


def test_what_the_guideline_refuses_is_told_with_its_clause() -> None:
    problem = json.dumps({"detail": "Say more. (guideline 3)", "clause": "3"})
    with answering(422, problem) as address, pytest.raises(Refused) as refused:
        render("text", audience="public", host=address)
    assert (refused.value.clause, str(refused.value)) == ("3", "Say more. (guideline 3)")


def test_arguments_that_the_server_does_not_understand_are_the_callers_mistake() -> None:
    problem = json.dumps({"detail": "Some fields are not as expected.", "errors": {"lang": ["Must be a tag."]}})
    with answering(422, problem) as address, pytest.raises(ValueError, match=r"not as expected.*lang.*Must be a tag"):
        render("text", audience="public", host=address)


def test_every_language_has_every_word_with_its_placeholders() -> None:
    def shape(words: dict) -> dict[str, set[str]]:
        """Each word's placeholders by its name. Which plural forms there are is the language's own matter."""
        return {
            key: set(re.findall(r"{.*?}", text))
            for key, text in wording.ours(words).items()
            if not key.startswith("dialog.left.")
        }

    assert len(files.languages()) >= 40
    for lang in files.languages():
        words = files.words(lang)
        assert shape(words) == shape(files.words("en")), lang
        assert list(words["dialog"]) == list(files.words("en")["dialog"]), f"{lang}: the dialog's words go as a list"
        assert "{n}" in words["dialog"]["left"]["other"], lang
        assert all(text.strip() for text in wording.ours(words).values()), lang
        assert words["dir"] == ("rtl" if words["lang"] in {"ar", "fa", "he", "ur"} else "ltr")


@pytest.mark.parametrize(("wanted", "found"), [("de-AT", "de"), ("DE", "de"), ("tlh", "en"), ("", "en"), (None, "en")])
def test_the_nearest_language_is_taken(wanted: str | None, found: str) -> None:
    assert files.language(wanted) == found


def test_the_fallback_for_old_browsers_is_not_part_of_the_text() -> None:
    html = render("text")
    assert '<img slot="no-shadow" alt="AI · Machine-generated: " />text</machine-generated>' in html
    assert isinstance(html, Markup)


def test_the_secret_key_follows_no_redirect() -> None:
    approved = json.dumps({"html": "<machine-generated>"})
    with answering(200, approved, "application/json") as elsewhere:
        moved = f"HTTP/1.1 302 Found\r\nLocation: {elsewhere}/\r\nContent-Length: 0\r\n\r\n".encode()
        with saying(moved) as address, pytest.raises(Refused, match="answered 302"):
            render("text", audience="public", host=address)


def test_a_rendering_touches_neither_disk_nor_network() -> None:
    """Whatever Python tells its auditors: files, sockets, databases, processes, modules."""
    render("warm", model="jamba-large", layout="chat", lang="de")
    seen: list[str] = []
    listening = True

    def audit(event: str, _: object) -> None:
        if listening:
            seen.append(event)

    sys.addaudithook(audit)  # for the rest of the process: there is no way to take it off
    here = render("1 < 2\n\nand more", model="jamba-large", layout="chat", lang="de")
    heard = [*seen]
    Path(__file__).open().close()
    listening = False
    assert "1 &lt; 2" in here
    assert heard == []
    assert seen[:1] == ["open"]
