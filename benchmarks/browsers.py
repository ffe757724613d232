"""The browsers of a simulated month, with the strings that they really send, and when those change."""

from dataclasses import dataclass
from random import Random

from benchmarks.assumptions import assume

LATE = assume(
    10.0, "days at most until a browser takes a new version", "reasoned: a week’s rollout, and a restart", shown="10"
)


@dataclass(frozen=True, slots=True)
class Browser:
    """`agent` has the version in it, the rest of the string is frozen: Chrome names neither the phone nor the system's
    version since 2023 (chromium.org/updates/ua-reduction). `every`: days between versions."""

    agent: str
    version: int
    every: float

    def sends(self, at: float, *, late: float, released: float) -> str:
        """The string at a moment of the month. `released`: how long before the month the last version came out."""
        return self.agent.format(self.version + int((at - late + released) // self.every))


@dataclass(frozen=True, slots=True)
class Device:
    """One person's browser, always as late with updates as it is."""

    browser: Browser
    late: float


WINDOWS, MAC = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
LINUX, ANDROID = "Mozilla/5.0 (X11; Linux x86_64)", "Mozilla/5.0 (Linux; Android 10; K)"
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{0}.0.0.0"
CHROMIUM = assume(
    14.0,
    "days between versions of Chrome and Edge (Firefox 28, Safari 45)",
    "every two weeks since Chrome 153 of 2026-09-08 (Google’s announcement, 2026-03)",
    shown="14",
)

DESKTOP = assume(
    {
        Browser(f"{WINDOWS} {WEBKIT} Safari/537.36", 156, CHROMIUM): 50,
        Browser(f"{WINDOWS} {WEBKIT} Safari/537.36 Edg/{{0}}.0.0.0", 156, CHROMIUM): 12,
        Browser(f"{MAC} {WEBKIT} Safari/537.36", 156, CHROMIUM): 12,
        Browser(f"{MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.{{0}} Safari/605.1.15", 4, 45): 10,
        Browser("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0", 156, 28): 6,
        Browser(f"{WINDOWS} {WEBKIT} Safari/537.36 OPR/{{0}}.0.0.0", 156, 28): 4,
        Browser(f"{LINUX} {WEBKIT} Safari/537.36", 156, CHROMIUM): 4,
        Browser("Mozilla/5.0 (X11; Linux x86_64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0", 156, 28): 2,
    },
    "of computers run Chrome, Edge, Safari, Firefox, Opera, by system",
    "StatCounter, desktop, 2023–26, rounded",
    shown="66, 12, 10, 8, 4 %",
)

PHONE = assume(
    {
        Browser(f"{ANDROID} {WEBKIT} Mobile Safari/537.36", 156, CHROMIUM): 64,
        Browser(
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
            " Version/26.{0} Mobile/15E148 Safari/604.1",
            4,
            45,
        ): 26,
        Browser(f"{ANDROID} SamsungBrowser/{{0}}.0 Chrome/150.0.0.0 Mobile Safari/537.36", 30, 60): 5,
        Browser("Mozilla/5.0 (Android 15; Mobile; rv:{0}.0) Gecko/{0}.0 Firefox/{0}.0", 156, 28): 3,
        Browser(f"{ANDROID} {WEBKIT} Mobile Safari/537.36 OPR/90.0.0.0", 150, CHROMIUM): 2,
    },
    "of phones run Chrome, Safari, Samsung’s browser, Firefox, Opera",
    "StatCounter, mobile, 2024–26, rounded",
    shown="64, 26, 5, 3, 2 %",
)

MANAGED = Browser(
    f"{WINDOWS} {WEBKIT} Safari/537.36 Edg/{{0}}.0.0.0",
    156,
    assume(
        56.0,
        "days between versions of an employer’s browser, everybody’s updated at once",
        "“extended stable”",
        shown="56",
    ),
)

CRAWLERS = [
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
]


def pick(browsers: dict[Browser, int], chance: Random) -> Device:
    """Somebody's browser, by what share of all it has."""
    return Device(chance.choices(list(browsers), list(browsers.values()))[0], LATE * chance.random())


def releases(chance: Random) -> dict[Browser, float]:
    """How long before the month each browser's last version came out."""
    return {browser: browser.every * chance.random() for browser in [*DESKTOP, *PHONE, MANAGED]}
