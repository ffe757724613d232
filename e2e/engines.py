"""The browsers: which program, started how."""

import os
import subprocess
from pathlib import Path
from typing import Any

PLAIN_HOST = "newspaper.test"
LISTED_HOST = "www.google-analytics.com"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--host-resolver-rules=MAP {PLAIN_HOST} 127.0.0.1,MAP {PLAIN_HOST}. 127.0.0.1",
]
PREFERENCES = {
    # Names that are this machine.
    "network.dns.localDomains": f"{PLAIN_HOST},{PLAIN_HOST}.,{LISTED_HOST}",
    "network.dns.disableIPv6": True,
    # Not a word about the icon that a strict page does not let it load.
    "browser.chrome.site_icons": False,
    # Only what a test brings along: not the machine's own add-ons.
    "extensions.enabledScopes": 1,
}
# The machine's add-ons are taken from where its packages put them, and work without being asked for.
BLOCKER = {"extensions.enabledScopes": 9, "extensions.autoDisableScopes": 0, "xpinstall.signatures.required": False}
# What a reader prefers to see. Over BiDi, Firefox hears of it only by a preference.
LOOKS = {
    "light": ({"color_scheme": "light"}, {"layout.css.prefers-color-scheme.content-override": 1}),
    "dark": ({"color_scheme": "dark"}, {"layout.css.prefers-color-scheme.content-override": 0}),
    "forced colours": ({"forced_colors": "active"}, {"browser.display.document_color_use": 2}),
}


def program(engine: str) -> str:
    """What `make test` found; `.ci/browser` looks for one where a test is run by itself."""
    if path := os.environ.get(engine.upper()):
        return path
    find = Path(__file__).parent.parent / ".ci" / "browser"
    return subprocess.run([find, engine], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def launched(engine: str, look: str = "light", *, name: str | None = None, blocker: bool = False) -> dict[str, Any]:
    """With what Playwright starts it."""
    if engine == "firefox":
        preferences = {**PREFERENCES, **LOOKS[look][1], **(BLOCKER if blocker else {})}
        if name:
            preferences["general.useragent.override"] = name
        return {"channel": "moz-firefox", "executable_path": program(engine), "firefox_user_prefs": preferences}
    return {"executable_path": program(engine), "args": FLAGS}
