"""What a page loads before anybody interacts, in bytes: ours as it is built, the others' as they publish theirs."""

import gzip
import json

import brotli

from widget_server.rendering import files
from widget_server.rules import harms

# Script: minified, gzip -9, brotli 11. Published files of November 2026.
OTHERS = {
    "Fathom-lite tracker (counts)": (2627, 1243, 1011),
    "Giscus client (comments)": (3556, 1552, 1282),
    "Remark42 embed (comments)": (4919, 2092, 1789),
    "Umami (counts)": (4595, 2229, 1963),
    "Plausible (counts)": (6358, 2681, 2355),
    "GoatCounter (counts)": (5670, 3319, 2795),
    "Coral embed (comments)": (62112, 16971, 15223),
    "Isso embed and style (comments)": (73145, 22462, 18546),
    "Matomo (counts)": (59476, 21909, 19064),
    "Sentry with lazy feedback": (138241, 49593, 39562),
    "Hypothesis boot": (264643, 72879, 62979),
}
LATER = {"the badge pressed": ["details.js"], "a badge that is not plainly visible": ["sight.js"]}


def _weights(content: bytes) -> tuple[int, int, int]:
    return len(content), len(gzip.compress(content, 9)), len(brotli.compress(content, quality=11))


def _together(*contents: bytes) -> tuple[int, ...]:
    return tuple(map(sum, zip(*map(_weights, contents), strict=True)))


def _file(name: str) -> bytes:
    return (files.WIDGET / name).read_bytes()


def measure() -> dict[str, tuple[int, ...]]:
    """Raw, gzip and Brotli bytes of what a page or a reader loads."""
    told = json.dumps(harms.for_widget(mail=True), separators=(",", ":")).encode()
    heaviest = max(files.languages(), key=lambda lang: _weights(_file(f"words/{lang}.json"))[2])
    return {
        "**widget-server**, English": _together(_file("widget.js")),
        f"**widget-server**, heaviest language ({heaviest})": _together(
            _file("widget.js"), _file(f"words/{heaviest}.json")
        ),
        **OTHERS,
        "later: the dialog, English": _together(
            _file("parts.js"), _file("report.js"), _file("words/dialog/en.json"), told
        ),
        **{f"later: {when}": _together(*map(_file, ["parts.js", *names])) for when, names in LATER.items()},
    }


def markdown(found: dict[str, tuple[int, ...]]) -> str:
    rows = [f"| {name} | {' | '.join(f'{size:,}' for size in sizes)} |" for name, sizes in found.items()]
    head = ["**What a page loads before anybody interacts**, bytes", "", "| script | minified | gzip 9 | brotli 11 |"]
    return "\n".join([*head, "| --- | ---: | ---: | ---: |", *rows])


if __name__ == "__main__":
    print(markdown(measure()))
