"""A slow and hostile network: readers in five tabs of one site report through the dialog; each report arrives once.

Connections end before, amid and after the answer, other people's answers come in its place, the server or the whole
network is away; pages are loaded again and tabs closed while something is being sent. Counted where it must have come.
"""

import json
import re
import sqlite3
import statistics
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from e2e.engines import launched
from e2e.places import Server, Stranger
from e2e.wire import REPORTS, Answer, Wire, cut_off, login_page, other_json, record

REPORTS_SENT, TABS = 500, 5
PATIENCE = 170
A_WHILE = (0.8, 2.2)
TROUBLES = ("flaky", "garbage", "slow", "down", "offline", "mixed")

# A reader at the texts of this tab, one after the other; what was done is known after a reload, as a person knows it.
READER = """async ({ tab, count }) => {
    const KEY = `reader:${tab}`, pause = (ms) => new Promise((done) => setTimeout(done, ms));
    const until = async (found) => {
        for (let tries = 0; tries < 160; tries++) {
            const result = found();
            if (result) return result;
            await pause(25);
        }
        throw Error("in vain");
    };
    const known = () => JSON.parse(localStorage[KEY] ?? '{"at":0}');
    const now = (known) => { localStorage[KEY] = JSON.stringify(known); };
    const report = async (at) => {
        const el = document.querySelector(`#text-${at}`), root = el.shadowRoot;
        el.openReport();
        const dialog = await until(() => root.querySelector("dialog:modal"));
        const find = (part) => dialog.querySelector(part), comment = find("textarea");
        if (find("code") || known().pressed && !comment.value) return dialog.close(); // it has arrived, or is kept
        if (!comment.value) {
            find("input[value=other]").click();
            comment.value = `Report ${tab}-${at}, pressed at ${Date.now()}.`;
            comment.dispatchEvent(new Event("input", { bubbles: true }));
        }
        for (;;) {
            now({ at, pressed: true });
            find(".main").click();
            await until(() => !find(".main").disabled);
            if (!dialog.contains(comment)) return dialog.close();
            now({ at }); // it says that it was not sent
            await pause(200);
        }
    };
    try {
        for (let { at } = known(); at < count; ) {
            await until(() => document.querySelector(`#text-${at}`)?.openReport);
            await report(at);
            now({ at: ++at });
        }
        window.reader = "done";
    } catch (error) { window.reader = `${error}`; }
}"""
STATE = """(tab) => [window.reader ?? "reads", JSON.parse(localStorage[`reader:${tab}`] ?? '{"at":0}').at]"""
WAITING = "Object.keys(localStorage).filter((key) => key.startsWith('machine-generated:outbox:')).length"


class Weather:
    """How the wire is now. `met`: how often it did what to a report."""

    def __init__(self, wire: Wire, chance: Random) -> None:
        self.wire, self.chance, self.kind = wire, chance, "calm"
        self.met: Counter[str] = Counter()

    def cuts(self) -> bool:
        """Whether this connection ends before anything has come to the server."""
        if self.kind in ("flaky", "mixed") and self.chance.random() < 0.25:
            self.met["cut before"] += 1
            return True
        return False

    def spoil(self, answer: Answer) -> Answer:
        drawn = self.chance.random()
        if self.kind in ("flaky", "mixed") and drawn < 0.4:
            self.met["cut after" if drawn < 0.2 else "cut amid"] += 1
            if drawn < 0.2:
                raise ConnectionAbortedError
            return cut_off(answer)
        if self.kind in ("garbage", "mixed") and drawn < 0.8:
            self.met["other people's answer"] += 1
            return self.chance.choice([login_page, other_json, bad_gateway])(answer)
        if self.kind == "slow":
            self.met["slow"] += 1
            time.sleep(2 * drawn)  # the weather itself, not a wait for something
        return answer

    def turn(self, kind: str, tabs: "Tabs") -> None:
        before, self.kind = self.kind, kind
        if before == "down":
            self.wire.start()
        if before == "offline":
            tabs.context.set_offline(False)
        if before in ("down", "offline"):
            tabs.hear_that_they_are_online()
        if kind == "down":
            self.wire.stop()
        if kind == "offline":
            tabs.context.set_offline(True)


def bad_gateway(answer: Answer) -> Answer:
    return replace(answer.saying(b"<h1>502 Bad Gateway</h1>", "text/html"), status=502)


@dataclass
class Tabs:
    """The tabs of one reader's browser, each with texts of its own on one site."""

    context: BrowserContext
    addresses: list[str]
    count: int
    open: dict[int, Page] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)
    met: Counter[str] = field(default_factory=Counter)

    def read(self, tab: int, *, again: bool = False) -> None:
        """Opens this tab, or loads it again, and lets its reader go on where they were."""
        page = self.open.setdefault(tab, None) or self.context.new_page()
        self.open[tab] = page
        if again:
            page.reload()
        else:
            page.goto(self.addresses[tab])
        page.evaluate(f"(told) => {{ window.open = () => {{}}; ({READER})(told); }}", {"tab": tab, "count": self.count})

    def close(self, tab: int) -> None:
        self.open.pop(tab).close()

    def look(self) -> None:
        """Who is done, and whom only another load of the page helps."""
        for tab, page in list(self.open.items()):
            reader, at = page.evaluate(STATE, tab)
            if at >= self.count:
                self.done.add(tab)
            elif reader != "reads":
                self.read(tab, again=True)

    def hear_that_they_are_online(self) -> None:
        for page in self.open.values():
            page.evaluate("dispatchEvent(new Event('online'))")


def through(
    browser: Browser,
    server: Server,
    stranger: Stranger,
    *,
    reports: int,
    tabs: int,
    troubles: tuple[str, ...],
    seed: int,
) -> dict[str, Any]:
    """So many reports in so many tabs through these troubles; what has come of them, in figures."""
    chance, each, began = Random(seed), reports // tabs, time.monotonic()
    weather, before = Weather(server.wire, chance), len(record.all)
    with ExitStack() as closed:
        context = browser.new_context()
        closed.callback(context.close)
        closed.enter_context(server.wire.spoiled(weather.spoil, on=REPORTS))
        closed.enter_context(server.wire.cut(weather.cuts, on=REPORTS))
        found = Tabs(context, [stranger.page(texts(tab, each)) for tab in range(tabs)], each)
        for tab in range(tabs):
            found.read(tab)
        while len(found.done) < tabs:
            if time.monotonic() - began > PATIENCE:
                raise AssertionError(f"not all sent within {PATIENCE} s: {sorted(found.done)}")
            weather.turn(chance.choice(troubles) if weather.kind == "calm" else "calm", found)
            spend(found, weather, seconds=chance.uniform(*A_WHILE))
        weather.turn("calm", found)
        settle(found)
    came = committed(server.database, found.addresses)
    arrived, late = {number for number, _ in came}, sorted(seconds for _, seconds in came)
    return {
        "reports": each * tabs,
        "tabs": tabs,
        "lost": each * tabs - len(arrived),
        "doubled": len(came) - len(arrived),
        "requests": sum(sent.path == REPORTS for sent in record.all[before:]),
        "met": dict(sorted((weather.met + found.met).items())),
        "median_seconds": round(statistics.median(late), 2),
        "longest_seconds": round(late[-1], 1),
        "took_seconds": round(time.monotonic() - began, 1),
    }


def texts(tab: int, count: int) -> str:
    return "".join(f"<p id=text-{at} data-machine-generated>Text {at} of tab {tab}.</p>" for at in range(count))


def spend(tabs: Tabs, weather: Weather, *, seconds: float) -> None:
    """A while of this weather. In it, a page may be loaded again, or its tab closed and opened, in mid-send."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and len(tabs.done) < len(tabs.addresses):
        next(iter(tabs.open.values())).wait_for_timeout(100)
        if weather.kind == "offline":
            continue  # nothing can be loaded
        tabs.look()
        drawn, tab = weather.chance.random(), weather.chance.choice(list(tabs.open))
        if tab in tabs.done or drawn > 0.15:
            continue
        if drawn > 0.05:
            tabs.met["loaded again"] += 1
            tabs.read(tab, again=True)
        else:
            tabs.met["closed and opened"] += 1
            tabs.close(tab)
            tabs.read(tab)


def settle(tabs: Tabs) -> None:
    """The network is well again: what waits in the browser goes."""
    page = next(iter(tabs.open.values()))
    end = time.monotonic() + 30
    while page.evaluate(WAITING):
        if time.monotonic() > end:
            raise AssertionError("the outbox does not empty")
        tabs.hear_that_they_are_online()
        page.wait_for_timeout(500)


def committed(database: Path, pages: list[str]) -> list[tuple[str, float]]:
    """Each report that the server has from these pages: its number, and how long after it was sent it had come."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        places = ",".join("?" * len(pages))
        rows = connection.execute(f"SELECT comment, received_at FROM report WHERE page IN ({places})", pages).fetchall()
    found = [(re.findall(r"[\d-]+", comment), received) for comment, received in rows]
    return [(number, received / 1e6 - int(pressed) / 1e3) for (number, pressed), received in found]


def run() -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder, sync_playwright() as playwright, ExitStack() as closed:
        server = closed.enter_context(Server(Path(folder)))
        browser = playwright.chromium.launch(**launched("chromium"))
        closed.callback(browser.close)
        stranger = Stranger(server, "A reader on a train")
        return through(browser, server, stranger, reports=REPORTS_SENT, tabs=TABS, troubles=TROUBLES, seed=7)


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
