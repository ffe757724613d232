"""The words of the widget as a site says them: ours, and its own in their place."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from widget_server.rendering import files
from widget_server.rules import harms, wording
from widget_server.rules.wording import Own


class Unfit(ValueError):
    """Own words that cannot be said. The text names the first of them, and the remedy, in one line."""


def languages() -> list[str]:
    """The languages that we have words in, each by its one name."""
    return sorted({files.words(lang)["lang"] for lang in files.languages()})


@lru_cache(maxsize=1024)
def merged(lang: str, own: Own) -> dict[str, Any]:
    """The words of a language with `own` in the place of ours. Own words of a name that is no more are left out."""
    words = files.words(lang)
    return _with(words, {key: text for key, text in own if key in wording.ours(words)}) if own else words


def _with(words: Mapping[str, Any], own: Mapping[str, str], path: str = "") -> dict[str, Any]:
    return {
        name: _with(value, own, f"{path}{name}.") if isinstance(value, Mapping) else own.get(path + name, value)
        for name, value in words.items()
    }


def left(words: Mapping[str, Any], thousands: int) -> str:
    """That so many characters are left, of whole thousands. Other numbers have other plurals, which scripts know."""
    told: Mapping[str, str] = words["dialog"]["left"]
    return told[_OF_THOUSANDS.get(words["lang"], "other")].replace("{n}", str(thousands))


_OF_THOUSANDS = {"fil": "one", "lv": "zero", "pl": "many", "ru": "many", "uk": "many"}


def served(words: Mapping[str, Any]) -> dict[str, Any]:
    """What the widget loads, by folder: the label's words with the page; those of details and dialog when opened.

    Lists in the order of `dialog_keys`, of the choices, and of the finer codes under them, say no name twice.
    """
    head = {"lang": words["lang"], "dir": words["dir"]}
    dialog = dict(words["dialog"])
    dialog["choices"] = [dialog["choices"][code] for code in (*harms.CHOICES, "dislike")]
    dialog["categories"] = [
        dialog["categories"][code] for under in harms.CHOICES.values() if under[1:] for code in under
    ]
    return {
        "": [*head.values(), *words["label"].values()],
        "details": {**head, **words["details"], "held": words["page"]["held"]},
        "dialog": [*head.values(), *dialog.values()],
    }


def dialog_keys(words: Mapping[str, Any]) -> list[str]:
    """What stands where in the dialog's list."""
    return ["lang", "dir", *words["dialog"]]


def read(text: str) -> dict[str, dict[str, str]]:
    """Own words by language and key, from JSON {"de": {"label": {"report": "…"}}}. Raises Unfit."""
    try:
        told = json.loads(text)
        own = {lang: wording.flat(words) for lang, words in told.items()}
    except (ValueError, AttributeError, RecursionError):
        raise Unfit('Not JSON such as {"en": {"label": {"report": "Flag"}}}.') from None
    for lang, texts in own.items():
        if lang not in languages():
            raise Unfit(f"{lang!r}: no such language. We have words in {', '.join(languages())}.")
        for key, why in wording.mistakes(texts, wording.ours(files.words(lang))).items():
            raise Unfit(f"{lang}.{key!r}: {why}")
    return own


def written(own: Mapping[str, Mapping[str, str]]) -> str:
    """Own words as the JSON that `read` takes."""
    return json.dumps({lang: _tree(texts) for lang, texts in own.items()}, ensure_ascii=False, indent=2)


def _tree(texts: Mapping[str, str]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for key, text in texts.items():
        *way, name = key.split(".")
        place = tree
        for step in way:
            place = place.setdefault(step, {})
        place[name] = text
    return tree
