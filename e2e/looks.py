"""Sheets to look at: badge and dialog in many languages, on sites of three kinds, light and dark, wide and narrow.

By itself: `python e2e/looks.py --out FOLDER` (`--langs ar,ja`, `--hosts article`): a PNG for each language and host; in
each row one look: the page with the first badge open, the dialog when it opens, filled in, and sent.
"""

import argparse
import base64
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from e2e.engines import launched
from e2e.places import Server, Stranger
from e2e.steps import badge, dialog_of, report_control

WORDS = Path(__file__).parent.parent / "static" / "widget" / "words"
LANGS = ("en", "de", "fr", "es", "pl", "ru", "el", "ar", "he", "hi", "ja", "zh")
SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
TALL = {"width": 1280, "height": 1500}  # so that the whole form is seen
LOOKS = [(scheme, size) for size in SIZES for scheme in ("light", "dark")]
EDGE = 16
HOSTS = {
    "article": """
        :root { color-scheme: light dark; background: light-dark(#fffdf8, #16150f) }
        body { margin: 16px auto; padding: 0 16px; max-width: 34em; font: 19px/1.6 Georgia, "Noto Serif", serif }
    """,
    "hostile": """
        * { all: unset !important }
        :root { color-scheme: light dark !important; background: light-dark(#e8fff0, #200030) !important }
        * { font: italic 700 40px/0.9 "DejaVu Serif" !important; letter-spacing: 4px !important;
            text-align: justify !important; text-transform: uppercase !important; text-shadow: 2px 2px gold !important;
            word-break: break-all !important }
        head, button, a, summary, details, dialog { display: none !important }
        body, main, div, article, p { display: block !important; padding: 6px !important; overflow: hidden !important }
    """,
    "dashboard": """
        @media (prefers-color-scheme: dark) { :root { color-scheme: dark } }
        body { margin: 0; padding: 8px; background: #0b1020; color: #b9c4dc; font: 12px/1.3 system-ui }
        main { display: grid; grid-template-columns: repeat(auto-fill, minmax(230px, 1fr)); gap: 6px; max-width: 720px }
        main > * { padding: 6px; border: 1px solid #26304d; border-radius: 4px; background: #141b30; overflow: hidden }
        p { margin: 0 }
    """,
}
GRID = """
    body { margin: 0; padding: 8px; background: #777; width: max-content }
    body { display: grid; grid-template-columns: repeat(4, max-content); gap: 8px }
    img { display: block }
"""


def words_of(lang: str) -> dict[str, Any]:
    return json.loads((WORDS / f"{lang}.json").read_text(encoding="utf-8"))


def put(stranger: Stranger, lang: str, host: str, look: str) -> str:
    """The address of a site of this kind. It says what our own words say: those are there in each language."""
    say = words_of(lang)
    one, two, three = say["dialog"]["who_reads"], say["dialog"]["sent_next"], say["dialog"]["kept_next"]
    body = (
        f"<article>{stranger.render(f'{one} {look} {host}', lang=lang)}</article>"
        f'<article data-machine-generated data-review="human" data-model="jamba-large">{two}</article>'
        f'<p>{one} <span data-machine-generated data-layout="inline">{two}</span> {three}</p>'
        f'<div><machine-generated layout="chat" model="jamba-large">{three}</machine-generated></div>'
    )
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>A stranger\'s page</title>'
    path = f"/{lang}/{host}/{look}"
    head += f"{stranger.site['script_tag']}<style>{HOSTS[host]}</style>"
    root = f'<html lang="{lang}" dir="{say["dir"]}">'
    stranger.pages[path] = (f"<!doctype html>{root}<head>{head}</head><body><main>{body}</main></body></html>", {})
    return stranger.url + path


def shot_of(page: Page, part: Locator) -> bytes:
    """This part of the page and a little around it, as far as the window shows it; on a phone all that it shows."""
    box, window = part.bounding_box(), page.viewport_size
    assert box
    assert window
    if window == SIZES["phone"]:
        return page.screenshot()
    left, top = max(box["x"] - EDGE, 0), max(box["y"] - EDGE, 0)
    right, bottom = box["x"] + box["width"] + EDGE, box["y"] + box["height"] + EDGE
    width, height = min(right, window["width"]) - left, min(bottom, window["height"]) - top
    return page.screenshot(clip={"x": left, "y": top, "width": width, "height": height})


def shots(page: Page, say: dict[str, Any]) -> Iterator[bytes]:
    """The page, and the dialog in three states."""
    marked, words = page.locator("machine-generated").first, say["dialog"]
    expect(report_control(marked)).to_have_role("button")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(marked.locator("[part=about] time")).to_be_visible()
    page.wait_for_timeout(300)
    yield shot_of(page, page.locator("main"))
    badge(marked).press("Enter")
    marked.evaluate("(el) => getSelection().selectAllChildren(el)")
    report_control(marked).press("Enter")
    dialog = dialog_of(marked)
    expect(dialog).to_be_visible()
    yield shot_of(page, dialog)
    if page.viewport_size != SIZES["phone"]:
        page.set_viewport_size(TALL)
    dialog.get_by_role("radio", name=words["choices"]["harassment"], exact=True).check()
    dialog.locator("[value=intimidation]").check()
    dialog.locator("textarea").fill(words["title"])
    dialog.get_by_role("checkbox", name=words["illegal"]).check()
    dialog.get_by_role("checkbox", name=words["good_faith"]).check()
    dialog.locator("[type=email]").fill("reader@example.org")
    yield shot_of(page, dialog)
    dialog.get_by_role("button", name=words["send"], exact=True).click()
    expect(dialog.locator("code")).to_be_visible()
    yield shot_of(page, dialog)


@contextmanager
def page_of(browser: Browser, **looks: Any) -> Iterator[Page]:
    context = browser.new_context(**{"reduced_motion": "reduce", **looks})
    yield context.new_page()
    context.close()


def sheet(browser: Browser, stranger: Stranger, lang: str, host: str) -> bytes:
    taken: list[bytes] = []
    for scheme, size in LOOKS:
        with page_of(browser, color_scheme=scheme, viewport=SIZES[size]) as page:
            page.goto(put(stranger, lang, host, f"{scheme}-{size}"))
            taken += shots(page, words_of(lang))
    images = [f'<img src="data:image/png;base64,{base64.b64encode(one).decode()}">' for one in taken]
    with page_of(browser) as page:
        page.set_content(f"<style>{GRID}</style>{''.join(images)}")
        return page.locator("body").screenshot()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--langs", default=",".join(LANGS))
    parser.add_argument("--hosts", default=",".join(HOSTS))
    wanted = parser.parse_args()
    wanted.out.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="looks-") as folder,
        sync_playwright() as playwright,
        Server(Path(folder)) as server,
    ):
        browser = playwright.chromium.launch(**launched("chromium"))
        try:
            stranger = Stranger(server, "A stranger")
            for lang in wanted.langs.split(","):
                for host in wanted.hosts.split(","):
                    file = wanted.out / f"{lang}-{host}.png"
                    file.write_bytes(sheet(browser, stranger, lang, host))
                    print(file, flush=True)
        finally:
            browser.close()


if __name__ == "__main__":
    main()
