"""A site's own words, as the widget loads them and as they are rendered."""

import json

import pytest

from tests.conftest import SECRET, TEXT, Clock, Page
from widget_server import render
from widget_server.host import NotConfigured
from widget_server.rendering import files
from widget_server.storage import connection, sites, wording

OWN = {"de": {"label.label": "Von der Rechenmaschine", "label.report": "Anzeigen", "dialog.left.one": "Noch {n}"}}


@pytest.fixture
def worded(news: Page, clock: Clock) -> Page:
    with connection():
        wording.replace(sites.find(news.key), OWN, moderator=None, at=clock())
    return news


def built(path: str) -> object:
    return json.loads((files.WIDGET / "words" / path).read_text())


@pytest.mark.parametrize("path", ["en.json", "fr.json", "dialog/en.json", "dialog/ar.json", "no.json"])
def test_what_a_site_does_not_say_itself_is_what_every_site_says(worded: Page, path: str) -> None:
    assert worded.client.get(f"/words/{worded.key}/{path}").json == built(path)


def test_a_sites_own_words_stand_in_the_place_of_ours(worded: Page, shop: Page) -> None:
    ours = built("de.json")
    assert worded.client.get(f"/words/{worded.key}/de.json").json == [
        "Anzeigen" if text == "Melden" else "Von der Rechenmaschine" if place == 2 else text
        for place, text in enumerate(ours)
    ]
    left = files.words("de")["dialog"]["left"]
    assert worded.client.get(f"/words/{worded.key}/dialog/de.json").json == [
        {**left, "one": "Noch {n}"} if words == left else words for words in built("dialog/de.json")
    ]
    assert shop.client.get(f"/words/{shop.key}/de.json").json == ours


def test_any_page_may_load_them_and_keeps_them_for_minutes(worded: Page) -> None:
    answer = worded.client.get(f"/words/{worded.key}/de.json")
    assert answer.mimetype == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "max-age=300" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers
    again = worded.client.get(f"/words/{worded.key}/de.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.text) == (304, "")


def test_the_etag_follows_the_words(worded: Page, clock: Clock) -> None:
    before = worded.client.get(f"/words/{worded.key}/de.json").headers["ETag"]
    with connection():
        wording.replace(sites.find(worded.key), {"de": {}}, moderator=None, at=clock())
    after = worded.client.get(f"/words/{worded.key}/de.json", headers={"If-None-Match": before})
    assert (after.status_code, after.json) == (200, built("de.json"))


def test_the_words_of_an_unknown_site_are_not_found(news: Page) -> None:
    answer = news.client.get("/words/nobody/de.json")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("folder", ["", "details/", "dialog/"])
def test_a_language_without_words_of_its_own_gets_english(worded: Page, folder: str) -> None:
    own = f"/words/{worded.key}/{folder}"
    assert worded.client.get(own + "tlh.json").json == worded.client.get(own + "en.json").json


def test_the_widgets_own_words_are_english_too_where_there_are_none(news: Page) -> None:
    answer = news.client.get("/widget/current/words/tlh.json")
    assert (answer.status_code, answer.json) == (200, built("en.json"))
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert news.client.get("/widget/0.0.0-none/words/tlh.json").status_code == 404


def test_the_reporters_pages_say_them_too(worded: Page, shop: Page, clock: Clock) -> None:
    with connection():
        own = {"en": {"page.title": "What you told us", "page.form.title": "Tell us"}}
        wording.replace(sites.find(worded.key), own, moderator=None, at=clock())
    receipt, other = worded.report().json["receipt"], shop.report().json["receipt"]
    assert "What you told us" in worded.client.get(f"/r/{receipt}").text
    assert "Tell us" in worded.client.get(f"/report?site={worded.key}").text
    assert "What you told us" not in worded.client.get(f"/r/{other}").text
    assert "What you told us" in worded.client.post(f"/r/{receipt}/delete").text


def test_a_rendered_label_says_them(worded: Page, shop: Page) -> None:
    assert "Von der Rechenmaschine" in worded.render(lang="de-AT").json["html"]
    assert "Von der Rechenmaschine" not in worded.render().json["html"]
    assert "Von der Rechenmaschine" not in shop.render(lang="de").json["html"]


class TestInTheHostsProcess:
    """`render` asks no server: it reads the same file that the owner gave to the server."""

    host = {"secret": SECRET, "host": "https://widget.example", "lang": "de"}  # noqa: RUF012

    def test_render_says_the_words_of_a_file(self, tmp_path, monkeypatch) -> None:
        words = tmp_path / "words.json"
        words.write_text('{"de": {"label": {"report": "Anzeigen"}}}')
        assert ">Anzeigen</a>" in render(TEXT, words=str(words), **self.host)
        assert ">Melden</a>" in render(TEXT, **self.host)
        monkeypatch.setenv("WIDGET_WORDS", str(words))
        assert ">Anzeigen</a>" in render(TEXT, **self.host)
        assert ">Report</a>" in render(TEXT, **{**self.host, "lang": None})

    def test_a_file_that_cannot_be_said_is_named_with_the_word(self, tmp_path) -> None:
        words = tmp_path / "words.json"
        words.write_text('{"de": {"label": {"shout": "Anzeigen"}}}')
        with pytest.raises(NotConfigured, match=r"words.json.*de.*label.shout"):
            render(TEXT, words=str(words), **self.host)
        with pytest.raises(NotConfigured, match=r"missing\.json"):
            render(TEXT, words=str(tmp_path / "missing.json"), **self.host)
