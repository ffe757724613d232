"""The words of every language, as the browser that will say them understands them."""

import json
from pathlib import Path

from playwright.sync_api import Page

WORDS = Path(__file__).parent.parent / "static" / "widget" / "words"
CATEGORIES = "(lang) => [...new Intl.PluralRules(lang).resolvedOptions().pluralCategories].sort()"


def test_every_language_has_a_form_for_each_of_its_plurals(page: Page):
    spoken = [json.loads(file.read_text()) for file in sorted(WORDS.glob("*.json"))]
    assert len(spoken) >= 40
    for words in spoken:
        known = page.evaluate(CATEGORIES, words["lang"])
        assert sorted(words["dialog"]["left"]) == known, words["lang"]
