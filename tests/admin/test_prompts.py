"""The registry of prompts at the desk."""

import re

import pytest

from tests.api.test_prompts import LONG, SHORT, SINCE, register
from tests.conftest import TEXT, Clock, Desk, Page
from widget_server.storage import prompts


def test_a_desk_without_prompts_says_how_to_register_one(news: Page, desk: Desk) -> None:
    assert "POST /api/v1/prompts" in desk.get("/admin/prompts").text


def test_the_prompts_in_use_are_listed_by_site(news: Page, shop: Page, desk: Desk) -> None:
    register(news)
    register(news, LONG + " Be kind.")
    register(news, SHORT, name="own", custom_model="acme-7b", custom_since=SINCE)
    register(shop, "{% if x %}" + "x" * 65 + "{% endif %}", name="perhaps")
    page = re.sub(r"\s+", " ", desk.get("/admin/prompts").text)
    for told in (
        "News",
        "Shop",
        "version 2",
        "76 characters",
        f"acme-7b, since {SINCE}",
        "Perhaps too short",
        "0 in every prompt",
    ):
        assert told in page, told
    assert f"/admin/prompts/{news.key}/answer" in page


def test_a_version_shows_its_text_its_count_and_what_it_changed(news: Page, desk: Desk) -> None:
    register(news)
    register(news, LONG.replace("honest", "true") + " <b>")
    page = desk.get(f"/admin/prompts/{news.key}/answer").text
    assert "Version 2" in page
    assert "<del>honest</del><ins>true</ins>" in page
    assert "<ins> &lt;b&gt;</ins>" in page
    assert "67 characters" in page
    first = desk.get(f"/admin/prompts/{news.key}/answer?version=1").text
    assert "What changed" not in first
    assert "Out of use" in first


def test_an_exemption_is_shown_with_its_day_and_reason(news: Page, desk: Desk) -> None:
    register(news, SHORT, custom_model="acme-7b", custom_since=SINCE, custom_reason="Trained on <our> letters.")
    page = desk.get(f"/admin/prompts/{news.key}/answer").text
    for told in ("Custom model acme-7b", f"since {SINCE}", "Trained on &lt;our&gt; letters."):
        assert told in page, told


def test_messages_are_shown_under_their_roles(news: Page, desk: Desk) -> None:
    parts = [{"type": "text", "text": LONG}, {"type": "image_url", "image_url": {}}]
    register(news, [{"role": "system", "content": parts}, {"role": "user", "content": "{q}"}])
    page = desk.get(f"/admin/prompts/{news.key}/answer").text
    assert f"[system]\n{LONG}\n(image_url)\n\n[user]\n{{q}}" in page
    register(news, {"_type": "prompt", "template": LONG}, name="saved")
    assert "&#34;_type&#34;: &#34;prompt&#34;" in desk.get(f"/admin/prompts/{news.key}/saved").text


def test_a_long_list_has_pages(news: Page, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompts, "PAGE", 2)
    for name in "abc":
        register(news, name=name)
    first = desk.get("/admin/prompts").text
    following = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    assert ("/answer", "c</a>" in desk.get(following).text, "c</a>" in first) == ("/answer", True, False)
    assert "First page" in desk.get(following).text


def test_a_prompt_with_many_versions_has_pages_of_them(news: Page, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompts, "PAGE", 2)
    for number in range(3):
        register(news, f"{LONG} {number}")
    first = desk.get(f"/admin/prompts/{news.key}/answer").text
    assert "3 versions" in first
    following = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    listed = [re.findall(r">(Version \d)</a>", page) for page in (first, desk.get(following).text)]
    assert listed == [["Version 3", "Version 2"], ["Version 1"]]
    assert "Newest" in desk.get(following).text


@pytest.mark.parametrize("path", ["nobody/answer", "{key}/answer?version=2", "{key}/answer?version=x", "{key}/unknown"])
def test_what_is_not_there_is_said(news: Page, desk: Desk, path: str) -> None:
    register(news)
    assert desk.get(f"/admin/prompts/{path.format(key=news.key)}").status_code == 404


def test_only_moderators_see_them(news: Page) -> None:
    register(news)
    assert news.client.get("/admin/prompts").status_code == 302
    assert news.client.get(f"/admin/prompts/{news.key}/answer").status_code == 302


def test_a_case_names_the_prompt_that_made_its_text(news: Page, desk: Desk) -> None:
    register(news)
    news.report(content=news.render(prompt="answer").json["content"])
    page = desk.get("/admin/reports/1").text
    assert f'<dt>Prompt</dt><dd><a href="/admin/prompts/{news.key}/answer?version=1">answer@1</a></dd>' in page
    assert desk.get(f"/admin/prompts/{news.key}/answer?version=1").status_code == 200


def test_a_case_says_when_its_prompt_is_not_registered(news: Page, desk: Desk, clock: Clock) -> None:
    from widget_server import render

    there = {"site": news.key, "secret": news.secret, "host": "https://widget.example"}
    marked = str(render(TEXT, prompt="lost@4", now=clock(), **there))
    news.report(content=marked.partition('content="')[2].partition('"')[0])
    page = desk.get("/admin/reports/1").text
    assert f'<a href="/admin/prompts/{news.key}/lost">lost@4</a> (not registered)' in page
    assert "has not registered it" in desk.get(f"/admin/prompts/{news.key}/lost").text


def test_a_case_whose_prompt_nobody_told_names_none(news: Page, desk: Desk) -> None:
    news.report()
    assert "<dt>Prompt</dt>" not in desk.get("/admin/reports/1").text
