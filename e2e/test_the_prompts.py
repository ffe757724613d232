"""The registry of prompts at the desk, in a real browser."""

import json

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import NewPage
from e2e.places import Server, Stranger
from e2e.processes import answer_of
from e2e.steps import open_case, sign_in
from e2e.test_accessibility import SCHEMES, assert_clean

ANSWER = (
    "You are the guide of The Lindhaven Post.\nAnswer the question in two short sentences, from these articles "
    "only:\n\n{% for article in articles %}\n[{{ loop.index }}] {{ article.title }}: {{ article.text }}\n{% endfor %}\n"
    "If they do not hold the answer, say so. Never name a person who is not named there.\n\nQuestion: {{ question }}"
)
GREETING = [
    {"role": "system", "content": "Greet {name} in the language {lang}."},
    {"role": "user", "content": "{message}"},
]


def register(stranger: Stranger, name: str, template: object, **more: str) -> dict:
    """A prompt of the site, over the API."""
    headers = {"Authorization": f"Bearer {stranger.site['secret_key']}", "Content-Type": "application/json"}
    body = json.dumps({"name": name, "template": template, **more}).encode()
    return answer_of(f"{stranger.server.url}/api/v1/prompts", body=body, headers=headers)


@pytest.fixture
def prompts(stranger: Stranger) -> Stranger:
    """A site with a prompt in two versions, one that is exempt, and one whose conditions may leave too little."""
    register(stranger, "answer", ANSWER.replace("two short sentences", "one sentence"))
    register(stranger, "answer", ANSWER)
    reason = "Trained on our own greetings."
    register(
        stranger, "greeting", GREETING, custom_model="lindhaven-7b", custom_since="2026-01-15", custom_reason=reason
    )
    register(stranger, "summary", "{% if long %}" + ANSWER + "{% endif %} Sum up: {{ text }}")
    return stranger


@SCHEMES
def test_axe_finds_nothing_on_its_pages(new_page: NewPage, prompts: Stranger, server: Server, scheme: str):
    page = new_page(look=scheme)
    sign_in(page, server)
    page.get_by_role("link", name="Prompts").click()
    for name in ("answer", "greeting", "summary"):
        expect(page.get_by_role("heading", name="Prompts")).to_be_visible()
        assert_clean(page, scheme)
        page.get_by_role("row").filter(has_text=name).last.get_by_role("link").click()
        expect(page.get_by_role("heading", name=name)).to_be_visible()
        assert_clean(page, scheme)
        page.go_back()
    page.goto(f"{server.url}/admin/prompts/{prompts.site['site']}/nothing")
    expect(page.get_by_role("heading", name="Not registered")).to_be_visible()
    assert_clean(page, scheme)


def test_nothing_is_wider_than_a_small_phone(new_page: NewPage, prompts: Stranger, server: Server):
    page = new_page(viewport={"width": 360, "height": 720})
    sign_in(page, server)
    key = prompts.site["site"]
    for path in ("", f"/{key}/answer", f"/{key}/greeting", f"/{key}/answer?version=1", f"/{key}/nothing"):
        page.goto(f"{server.url}/admin/prompts{path}")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide == 0, path


def test_from_a_case_to_the_version_that_made_its_text_and_what_it_changed(
    page: Page, prompts: Stranger, server: Server
):
    text = "The lighthouse of Lindhaven was lit for the first time in 1911."
    token = str(prompts.render(text, prompt="answer@2")).partition('content="')[2].partition('"')[0]
    prompts.report(text, content=token)
    sign_in(page, server)
    open_case(page, server, "lit for the first time")
    page.get_by_role("link", name="answer@2").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Version 2 in use")).to_be_visible()
    expect(page.locator("del")).to_contain_text(["one", "sentence", "Struck through"])
    page.get_by_role("link", name="Version 1").click()
    expect(page.get_by_text("one sentence, from these articles")).to_be_visible()
