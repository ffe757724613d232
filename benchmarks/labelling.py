"""What labels cost the main thread: 1,000 texts against as many plain shadow roots, in the same run and browser.

Time of the processor, not of the clock, and the least of all rounds: what else the machine does has little say.

By itself: `python benchmarks/labelling.py` (`--rounds 5`, `--json FILE`).
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from benchmarks.tables import table
from e2e.engines import launched
from e2e.places import Server, Stranger
from e2e.steps import badge

ROUNDS = 7
TEXTS = 1000
NOTHING = "<div>, nothing"
PLAIN = "<div>, plain shadow root"
SAYING = "<div>, plain shadow root with the same words"
DRESSED = "<div>, plain shadow root with a label's style sheet"
UNSEEN = "<div>, a label's nodes, none of them rendered"
NODES = "<div>, a label's nodes without its script"
ARTICLE = "<article data-machine-generated>"
FORMS = {
    NOTHING: "div()",
    PLAIN: "rooted(div())",
    SAYING: "saying(div())",
    DRESSED: "dressed(rooted(div()))",
    UNSEEN: "unseen(alike(div()))",
    NODES: "alike(div())",
    ARTICLE: "marked('article', { 'data-machine-generated': '' })",
    "<machine-generated>": "marked('machine-generated', {})",
    "<article>, model": "marked('article', { 'data-machine-generated': '', 'data-model': 'jamba-large' })",
    "<li data-machine-generated>": "marked('li', { 'data-machine-generated': '' })",
}
INSERT = f"""() => new Promise((done) => {{
    const tasks = [];
    new PerformanceObserver((list) => tasks.push(...list.getEntries())).observe({{ type: "longtask" }});
    const div = (name = "div") => {{
        const el = document.createElement(name);
        el.textContent = "A machine wrote this sentence, and then a second one.";
        return el;
    }};
    const rooted = (el) => (el.attachShadow({{ mode: "open" }}).append(document.createElement("slot")), el);
    const saying = (el) => {{
        const link = document.createElement("a");
        link.append("Report");
        rooted(el).shadowRoot.prepend("Machine-generated ", link);
        return el;
    }};
    const {{ shadowRoot: first }} = document.querySelector("article");
    const dressed = (el) => {{
        el.shadowRoot.adoptedStyleSheets = first.adoptedStyleSheets;
        return el;
    }};
    const alike = (el) => {{
        el.attachShadow({{ mode: "open" }}).append(first.querySelector(".group").cloneNode(true));
        return dressed(el);
    }};
    const unseen = (el) => {{
        el.shadowRoot.querySelector(".label").style.contentVisibility = "hidden";
        return el;
    }};
    const marked = (name, attributes) => {{
        const el = div(name);
        for (const at in attributes) el.setAttribute(at, attributes[at]);
        return el;
    }};
    const all = document.createDocumentFragment();
    for (let made = 0; made < {TEXTS}; made++) all.append(FORM);
    const last = all.lastChild;
    document.querySelector("main").append(all);
    const end = () => {{
        if (last.localName !== "div" && !last.openReport) setTimeout(end, 20);
        else requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 200)));
    }};
    requestAnimationFrame(end);
    setTimeout(() => {{ window.tasks = tasks; }}, 100);
}})"""
PARTS = {"script": "ScriptDuration", "style": "RecalcStyleDuration", "layout": "LayoutDuration", "all": "TaskDuration"}


@contextmanager
def a_page(browser: Browser, stranger: Stranger) -> Iterator[Page]:
    """A page that has loaded the widget and come to rest, as a page is to which texts are added."""
    page = browser.new_page()
    page.goto(stranger.page("<article data-machine-generated>The first.</article>"))
    expect(badge(page.locator("article"))).to_be_visible()
    page.wait_for_timeout(1200)
    yield page
    page.close()


def measured(page: Page, form: str) -> dict[str, float]:
    """Milliseconds of the main thread, from the insertion until after the frame in which the last has its label."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = _metrics(session)
    page.evaluate(INSERT.replace("FORM", FORMS[form]))
    after = _metrics(session)
    found = {name: (after[metric] - before[metric]) * 1000 for name, metric in PARTS.items()}
    found["work"] = found["script"] + found["style"] + found["layout"]
    found["longest"] = max(
        (task["duration"] for task in page.evaluate("tasks.map((task) => task.toJSON())")), default=0
    )
    return found


def _metrics(session: Any) -> dict[str, float]:
    return {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}


def requests_of_a_page_view(browser: Browser, stranger: Stranger) -> list[str]:
    """What a view of a page with three texts asks of the widget's host, beside the widget itself."""
    asked: list[str] = []
    page = browser.new_page()
    page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    page.goto(stranger.page("<article data-machine-generated>A text.</article>" * 3))
    expect(badge(page.locator("article")).first).to_be_visible()
    page.wait_for_timeout(4000)
    page.close()
    ours = [one.replace(stranger.server.url, "") for one in asked if stranger.server.url in one]
    return [one for one in ours if not one.endswith("widget.js")]


def measure(rounds: int = ROUNDS) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, sync_playwright() as playwright:
        server = Server(Path(folder))
        server.program.start()
        browser = playwright.chromium.launch(**launched("chromium"))
        try:
            stranger = Stranger(server, "Bench")
            found: dict[str, list[dict[str, float]]] = {form: [] for form in FORMS}
            for number in range(rounds):
                print(f"labelling, round {number + 1} of {rounds}", file=sys.stderr, flush=True)
                for form, figures in found.items():
                    with a_page(browser, stranger) as page:
                        figures.append(measured(page, form))
            return {"forms": found, "requests": requests_of_a_page_view(browser, stranger)}
        finally:
            browser.close()
            server.program.stop()
            server.wire.stop()


def markdown(found: dict[str, Any]) -> str:
    least = {
        form: {part: min(one[part] for one in rounds) for part in rounds[0]} for form, rounds in found["forms"].items()
    }
    against = {"root": PLAIN, "words": SAYING, "nodes": NODES}
    columns = ["script", "style", "layout", "together", *(f"× {name}" for name in against)]
    columns += ["with paint", *(f"× {name}" for name in against), "long task"]
    rows = [f"| {TEXTS:,} of | {' | '.join(columns)} |", "| --- |" + " ---: |" * len(columns)]
    for form, times in least.items():
        cells = [f"{times[part]:.1f}" for part in ("script", "style", "layout")]
        for part in ("work", "all"):
            cells += [f"{times[part]:.1f}", *(f"{times[part] / least[other][part]:.2f}" for other in against.values())]
        cells.append(f"{times['longest']:.0f}" if times["longest"] else "none")
        rows.append(f"| `{form}` | {' | '.join(cells)} |")
    work, paint = (least[ARTICLE][part] - least[NOTHING][part] for part in ("work", "all"))
    rounds = len(found["forms"][ARTICLE])
    title = (
        f"**Labels on {TEXTS:,} texts added at once**, ms of processor time of Chromium's main thread until the second "
        f"frame after the last has its label; the least of {rounds} interleaved rounds"
    )
    alone = (
        f"× root, words, nodes: against the rows of a plain shadow root, of one with the same words, and of a label's "
        f"nodes. Less what the page does itself, {TEXTS:,} labels take {work:.0f} ms of script, style and layout, "
        f"{paint:.0f} ms with all else."
    )
    asked = "; ".join(found["requests"])
    return "\n".join(
        [
            title,
            "",
            *rows,
            "",
            alone,
            f"Beside the script, a page view with three texts in sight asks our host for: {asked}.",
        ]
    )


# Script, style and layout; the same with paint and all else; ms before and after.
TRIED = [
    (
        "nothing is asked of a text that was never in view when the observer first tells so; whether it is still "
        "marked is looked at when it is written again|69 → 66|111 → 103|kept"
    ),
    (
        "500 at once, the others after the next frame: the longest task 73 → 53|66 → 78|103 → 121|kept: no task "
        "holds the page up; the page is laid out twice for it"
    ),
    "250 at once: the longest task 52|65 → 86|103 → 131|no: the page is laid out four times",
    "all that came together are observed in one go, in place of a timer for each|103 → 87|155 → 126|kept",
    (
        "objects of the widget's own from one empty prototype, in place of taking each one's away|94 → 90|134 → 129|"
        "no: pages that add `get` to `Object.prototype` would have no labels"
    ),
    "three listeners for all labels at the document in place of three a label|67 → 66|no better|no: 60 bytes",
    "the report control's address in what is cloned|no better|no better|no",
    "without observing what is in view|72 → 70|113 → 102|no: views are counted by it",
    "without the event `labelled`|72 → 65|113 → 102|no: pages hear it",
    "a label's nodes without `content-visibility: auto`|46 → 128|85 → 206|no",
    (
        "… without `isolation`, custom properties, `all: initial`, flex, the group, `:host()` rules, `:has()`, `auto` "
        "in the intrinsic size: each by itself|46 → 45 at best|no better|no, but for `:has()`: loaded with the details"
    ),
    "… without the span for the details|49 → 46|89 → 88|no: pages style it",
    (
        "… the words alone in one plain block, until the text is near|45 → 37|86 → 59|no: neither AI mark nor report "
        "control in print, for the keyboard and in a screen reader's lists, and it is 1.7 × root before any script"
    ),
]


def tried() -> str:
    head = (
        "What was tried to make that less, beside one another on a machine that did other work: the steps are what "
        "counts, not the figures. A label's style sheet alone on a plain root is some 1.4 times such a root, and so is "
        "a line of words: labels at 1.5 times are to be had only where texts out of view have none."
    )
    return f"{head}\n\n{table('step|together|with paint|kept?', TRIED, words=1)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the raw figures there")
    wanted = parser.parse_args()
    found = measure(wanted.rounds)
    print(markdown(found))
    if wanted.json:
        wanted.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
