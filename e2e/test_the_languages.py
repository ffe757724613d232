"""Label and dialog keep the habits of each language: its colon, its direction, where its lines may break."""

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.conftest import NewPage
from e2e.places import Stranger
from e2e.steps import badge, dialog_of, report_control, select

PHONE = {"width": 390, "height": 844}
PLACE = """(el, words) => {
    const range = document.createRange(), start = el.firstChild.data.indexOf(words);
    range.setStart(el.firstChild, start);
    range.setEnd(el.firstChild, start + words.length);
    return range.getBoundingClientRect().left;
}"""


def dialog_in(page: Page, stranger: Stranger, lang: str, text: str) -> Locator:
    """The dialog on this text, whose label speaks that language."""
    page.goto(stranger.page(f'<p data-machine-generated data-lang="{lang}">{text}</p>'))
    marked = page.locator("p")
    expect(marked.locator("[part=label]")).to_have_attribute("lang", lang)
    report_control(marked).click()
    expect(dialog_of(marked)).to_be_visible()
    return dialog_of(marked)


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", "Model: jamba-large"),
        ("fr", "Modèle\N{NO-BREAK SPACE}: jamba-large"),
        ("ja", "モデル：jamba-large"),
        ("zh", "模型：jamba-large"),
    ],
)
def test_between_a_name_and_what_it_names_stands_the_languages_own_colon(
    page: Page, new_page: NewPage, stranger: Stranger, lang: str, words: str
):
    rendered = stranger.render("Rendered.", lang=lang)
    made = f'<p data-machine-generated data-model="jamba-large" lang="{lang}">Made.</p>'
    plain = new_page(java_script_enabled=False)
    for reader in (page, plain):
        reader.goto(stranger.page(f"{rendered}{made}"))
    for marked in (page.locator("machine-generated"), page.locator("p"), plain.locator("machine-generated")):
        badge(marked).click()
        expect(marked.locator("[part=about] > *").first).to_have_text(words)


def test_what_a_reader_writes_or_quotes_runs_in_its_own_direction(page: Page, stranger: Stranger):
    page.goto(stranger.page('<p data-machine-generated lang="ar"><span lang="en">Is it so?</span> نعم.</p>'))
    marked = page.locator("main > p")
    expect(marked.locator("[part=label]")).to_have_attribute("lang", "ar")
    select(page, marked, "Is it so?")
    report_control(marked).click()
    dialog = dialog_of(marked)
    dialog.get_by_role("radio").first.check()
    quoted = dialog.locator("blockquote")
    assert quoted.evaluate(PLACE, "?") > quoted.evaluate(PLACE, "so")
    comment = dialog.locator("textarea")
    expect(comment).to_have_css("direction", "rtl")
    expect(comment).to_have_css("unicode-bidi", "plaintext")


def test_what_is_ticked_stands_apart_from_what_is_ticked_below_it(page: Page, stranger: Stranger):
    dialog = dialog_in(page, stranger, "en", "Ticked.")
    dialog.get_by_role("radio").first.check()
    rows = [dialog.get_by_role("checkbox").nth(number).locator("xpath=..") for number in (0, 1)]
    for row in rows:
        row.click()
    above, below = (row.bounding_box() for row in rows)
    comment = dialog.locator("textarea").bounding_box()
    assert above["y"] - (comment["y"] + comment["height"]) >= 4
    assert below["y"] - (above["y"] + above["height"]) >= 4


def test_a_japanese_title_breaks_between_its_sentences(new_page: NewPage, stranger: Stranger):
    page = new_page(viewport=PHONE)
    dialog = dialog_in(page, stranger, "ja", "見出し。")
    dialog.get_by_role("radio").first.check()
    dialog.get_by_role("button", name="送信").click()
    title = dialog.get_by_role("heading", name="ありがとうございます。報告が届きました")
    expect(title).to_be_visible()
    lines = title.evaluate(
        """(title) => {
            const range = document.createRange(), words = title.firstChild, start = words.data.indexOf("届きました");
            range.setStart(words, start);
            range.setEnd(words, start + 5);
            return new Set([...range.getClientRects()].map(({ top }) => top)).size;
        }"""
    )
    assert lines == 1
