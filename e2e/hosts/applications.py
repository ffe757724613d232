"""Applications of strangers, with the libraries that they use, and what a page of theirs is held to."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from playwright.sync_api import Page

from e2e.places import Stranger

FOLDER = Path(__file__).parent
MADE = FOLDER / "node_modules" / ".hosts"
STREAMS = "text/vnd.turbo-stream.html; charset=utf-8"
STRICT = (
    "default-src 'none'; script-src 'self' {host}; connect-src 'self' {host}; "
    "require-trusted-types-for 'script'; trusted-types {types}"
)


@dataclass(frozen=True)
class Library:
    """What a host must add to the strictest page so that the library itself can run there."""

    package: str
    types: str = "'none'"
    head: str = ""
    style: str = ""
    why: str = "nothing"


_HTMX_2 = """<meta name="htmx-config" content='{"includeIndicatorStyles":false}'>"""
_DEFAULT = "it gives strings to `innerHTML` or `DOMParser`: a `default` policy of the host"
LIBRARIES = {
    "react": Library("react"),
    "vue": Library("vue", types="vue", why="its policy `vue`"),
    "svelte": Library("svelte", types="svelte-trusted-html", why="its policy `svelte-trusted-html`"),
    "htmx": Library("htmx.org", types="htmx", why="a policy that the host hands it (`initSecurity`)"),
    "htmx-2": Library("htmx-2", types="default", head=_HTMX_2, why=f"{_DEFAULT}; `includeIndicatorStyles: false`"),
    "turbo": Library(
        "@hotwired/turbo",
        types="default",
        # What it fetches ahead, it calls off with an error of its own when the click is faster.
        head='<meta name="csp-nonce" content="turbo"><meta name="turbo-prefetch" content="false">',
        style="; style-src 'nonce-turbo'",
        why=f"{_DEFAULT}; a nonce for the `<style>` that it always inserts",
    ),
    "inner-html": Library("", types="inner-html", why="a policy of the host's own"),
}


def version(package: str) -> str:
    """Which one the tests run with."""
    locked = json.loads((FOLDER / "package-lock.json").read_text())
    return locked["packages"][f"node_modules/{package}"]["version"]


@cache
def make() -> dict[str, dict[str, str]]:
    """Installs and bundles the libraries; what each host's server sends, by page."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    for command in ([FOLDER.parent.parent / ".ci" / "node", "e2e/hosts"], ["node", FOLDER / "build.js"]):
        subprocess.run(command, check=True, env=environment)
    return json.loads((MADE / "pages.json").read_text())


def script(stranger: Stranger, name: str) -> str:
    """The tag with which a stranger's page loads one of the bundles."""
    make()
    address = f"/scripts/{name}.js"
    stranger.pages[address] = ((MADE / f"{name}.js").read_text(), {"Content-Type": "text/javascript"})
    return f'<script src="{address}" defer></script>'


def complaints(page: Page, stranger: Stranger) -> list[str]:
    """What the console says against the page, from now on."""
    said: list[str] = []
    stranger.pages["/favicon.ico"] = (" ", {})
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    return said


@dataclass(frozen=True)
class Host:
    """One application under one address. `types`: other Trusted Types policies than it needs."""

    stranger: Stranger
    name: str
    strict: bool
    types: str = ""

    @property
    def _folder(self) -> str:
        return f"/{self.name}-{self.strict}-{bool(self.types)}"

    def address(self, scene: str) -> str:
        return f"{self.stranger.url}{self._folder}/{scene}"

    def open(self) -> "Host":
        """Puts its pages on the stranger's origin."""
        library, stranger = LIBRARIES[self.name], self.stranger
        tag = stranger.site["integrity_tag" if self.strict else "script_tag"]
        watch = script(stranger, "watch").replace(" defer", "")
        head = (
            f'<meta charset="utf-8"><title>{self.name}</title>{library.head}{watch}{tag}{script(stranger, self.name)}'
        )
        policy = STRICT.format(host=stranger.server.url, types=self.types or library.types) + library.style
        for scene, body in make()[self.name].items():
            headers = {"Content-Security-Policy": policy} if self.strict else {}
            if "-" in scene:
                answer = body
                headers["Content-Type"] = STREAMS if body.startswith("<turbo-stream") else "text/html; charset=utf-8"
            else:
                answer = f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>'
            stranger.pages[f"{self._folder}/{scene}"] = (answer, headers)
        return self
