"""The Jinja filter and block, and `init_app`, as a host application uses them."""

import pytest
from flask import Flask, render_template_string
from jinja2 import Environment
from markupsafe import Markup

from widget_server import init_app, render
from widget_server.host import NotConfigured, _configured
from widget_server.rendering import badge, files, tokens
from widget_server.rules import keys
from widget_server.rules.marking import text_sha256

SECRET = keys.site_secret("s" * 40, site="abc", generation=1)


@pytest.fixture(autouse=True)
def host_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    _configured.clear()
    monkeypatch.setenv("WIDGET_SITE_SECRET", SECRET)
    monkeypatch.setenv("WIDGET_HOST", "https://widget.example/")


def environment() -> Environment:
    return Environment(autoescape=True, extensions=["widget_server.jinja.MachineGenerated"])


def test_the_filter_labels_and_escapes() -> None:
    html = environment().from_string('{{ answer | machine_generated(model="jamba-large") }}').render(answer="1 < 2")
    assert html.startswith('<machine-generated model="jamba-large"')
    assert html.endswith("1 &lt; 2</machine-generated>")


def test_the_block_takes_what_the_template_renders() -> None:
    source = '{% machine_generated model="jamba-large", layout="inline" %}<p>{{ answer }}</p>{% endmachine_generated %}'
    html = environment().from_string(source).render(answer="1 < 2")
    assert 'layout="inline"' in html
    assert html.endswith("<p>1 &lt; 2</p></machine-generated>")


def test_the_block_may_stand_without_arguments() -> None:
    assert "<b>x</b>" in environment().from_string("{% machine_generated %}<b>x</b>{% endmachine_generated %}").render()


def test_a_flask_application_configures_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WIDGET_SITE_SECRET")
    monkeypatch.delenv("WIDGET_HOST")
    app = Flask("host")
    app.config.update(WIDGET_SITE="abc", WIDGET_SITE_SECRET=SECRET, WIDGET_HOST="https://other.example")
    init_app(app)
    with app.app_context():
        assert "https://other.example/report?site=abc" in render_template_string("{{ 'x' | machine_generated }}")


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
    from widget_server import Refused

    monkeypatch.setenv("WIDGET_HOST", "http://127.0.0.1:9")
    with pytest.raises(Refused) as refused:
        render("text", audience="public")
    assert refused.value.clause == "2.i"


def test_every_language_has_every_word() -> None:
    english, report = files.label_words("en"), files.report_words("en")

    def shape(words: object) -> object:
        return {key: shape(value) for key, value in words.items()} if isinstance(words, dict) else ""

    assert len(files.languages()) >= 14
    for lang in files.languages():
        assert shape(files.label_words(lang)) == shape(english), lang
        assert shape(files.report_words(lang)) == shape(report), lang
        assert files.label_words(lang)["dir"] == badge.direction(lang)


@pytest.mark.parametrize(("wanted", "found"), [("de-AT", "de"), ("DE", "de"), ("tlh", "en"), ("", "en"), (None, "en")])
def test_the_nearest_language_is_taken(wanted: str | None, found: str) -> None:
    assert files.language(wanted) == found


def test_the_fallback_for_old_browsers_is_not_part_of_the_text() -> None:
    html = render("text")
    assert '<img slot="no-shadow" alt="AI · Machine-generated: ">text</machine-generated>' in html
    assert isinstance(html, Markup)
