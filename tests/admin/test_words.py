"""A site's own words at the desk."""

import html
import re

import pytest

from tests.conftest import Desk, Page, held
from widget_server.storage.tables import LogEntry


def own(desk: Desk, news: Page, lang: str) -> dict[str, str]:
    """What the form holds in a language."""
    page = desk.get(f"/admin/sites/{news.key}/words?lang={lang}").text
    fields = re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>([^<]*)</textarea>', page)
    return {key: html.unescape(text) for key, text in fields if text}


def keep(desk: Desk, news: Page, **form: str):
    return desk.post(f"/admin/sites/{news.key}/words", f"/admin/sites/{news.key}/words", **form)


def test_words_are_kept_by_language_shown_and_taken_away_again(desk: Desk, news: Page) -> None:
    said = {"label.report": "Flag", "page.form.title": "“Tell” <us>"}
    assert keep(desk, news, lang="en", **said).status_code == 302
    assert keep(desk, news, lang="de", **{"label.report": "Anzeigen"}).status_code == 302
    assert (own(desk, news, "en"), own(desk, news, "de"), own(desk, news, "fr")) == (
        said,
        {"label.report": "Anzeigen"},
        {},
    )
    listed = desk.get("/admin/sites").text
    assert "data-words" in html.unescape(re.search(rf'id="tag-{news.key}"[^>]*>([^<]*)<', listed)[1])
    assert "en (2)" in listed
    keep(desk, news, lang="en", **{"label.report": "  "})
    keep(desk, news, lang="de")
    assert own(desk, news, "en") == own(desk, news, "de") == {}
    assert "data-words" not in html.unescape(
        re.search(rf'id="tag-{news.key}"[^>]*>([^<]*)<', desk.get("/admin/sites").text)[1]
    )


def test_ours_stand_beside(desk: Desk, news: Page) -> None:
    page = desk.get(f"/admin/sites/{news.key}/words?lang=ar").text
    assert re.search(r'<p class="hint" id="label.report-ours" lang="ar" dir="rtl">[^<]+</p>', page)


def test_words_that_do_not_fit_are_named_and_nothing_typed_is_lost(desk: Desk, news: Page) -> None:
    answer = keep(
        desk, news, lang="en", **{"label.report": "x" * 201, "details.generated_on": "No day", "label.label": "Ours"}
    )
    assert answer.status_code == 422
    assert "200 characters" in answer.text
    assert "Must hold {date}" in answer.text
    assert "No day</textarea>" in answer.text
    assert own(desk, news, "en") == {}


def test_words_that_somebody_else_has_written_meanwhile_stay(desk: Desk, other_desk: Desk, news: Page) -> None:
    keep(desk, news, lang="en", **{"label.report": "Flag", "dialog.send": "Off it goes"})
    stale = held(desk, f"/admin/sites/{news.key}/words?lang=en")
    keep(other_desk, news, lang="en", **{"label.report": "Flag it", "dialog.close": "Done"})
    as_shown = {"label.report": "Flag", "dialog.send": "Off it goes"}
    assert keep(desk, news, lang="en", shown=stale, **as_shown, **{"dialog.why": "What is it?"}).status_code == 302
    found = {"label.report": "Flag it", "dialog.close": "Done", "dialog.why": "What is it?"}
    assert own(desk, news, "en") == found
    answer = keep(desk, news, lang="en", shown=stale, **{**as_shown, "label.report": "Tell"})
    assert answer.status_code == 409
    assert "now it is: Flag it. Keep again" in answer.text
    assert own(desk, news, "en") == found


def test_the_log_tells_who_changed_words_of_which_language(desk: Desk, news: Page) -> None:
    keep(desk, news, lang="de", **{"label.report": "Anzeigen"})
    entry = LogEntry.select().order_by(LogEntry.id.desc()).get()
    assert (entry.verb, entry.subject, entry.moderator.email) == ("set words", f"site {news.key}", desk.email)
    assert "Anzeigen" not in desk.get("/admin/log").text


def test_an_unknown_site_has_no_words(desk: Desk) -> None:
    assert desk.get("/admin/sites/nobody/words").status_code == 404


def test_nobody_else_changes_words(news: Page) -> None:
    assert news.client.get(f"/admin/sites/{news.key}/words").status_code == 302
    assert news.client.post(f"/admin/sites/{news.key}/words", data={"label.report": "Flag"}).status_code == 400


@pytest.mark.parametrize("told", ["Covered by something else", "https://news.example/story"])
def test_the_desk_tells_which_pages_hide_the_badge(desk: Desk, news: Page, told: str) -> None:
    assert "visible badges first" not in desk.get("/admin/viewers").text
    news.view(
        {"text_sha256": "a" * 64, "disclosed": False, "hidden_by": "covered"}, page="https://news.example/story?x"
    )
    page = desk.get("/admin/viewers").text
    assert "visible badges first" in page
    assert told in page
    assert "story?x" not in page
