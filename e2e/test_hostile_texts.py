"""Markup that wants to run, on every page that shows it, in a browser that was told to ignore our policies."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from e2e.conftest import NewPage, site_of_a_stranger
from e2e.places import Server, Stranger
from e2e.processes import answer_of
from e2e.steps import sign_in
from tests.chaos.corpora import texts
from tests.chaos.desk import Forms

PROBE = """
window.__ran = [];
for (const name of ["alert", "confirm", "prompt", "print", "open"])
    window[name] = (...told) => { window.__ran.push(`${name} ${told}`); };
"""
MOST = 300


def payloads() -> list[str]:
    """Spread over the corpora; those of ours say __ran() where others say alert()."""
    fit = [text for text in texts() if "\x00" not in text and text.isprintable() and 0 < len(text.strip()) < 900]
    return [text.replace("__ran()", "alert(1)") for text in fit[:: max(1, len(fit) // MOST)]]


def batched(found: list[str], size: int) -> Iterator[list[str]]:
    return (found[at : at + size] for at in range(0, len(found), size))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """One of its own: what is typed at its desk would stand in other tests' way."""
    with Server(tmp_path) as found:
        yield found


@pytest.fixture
def stranger(server: Server) -> Iterator[Stranger]:
    with site_of_a_stranger(server, "A paper full of traps") as found:
        yield found


@pytest.fixture
def armed(new_page: NewPage) -> Page:
    page = new_page(bypass_csp=True)
    page.context.add_init_script(PROBE)
    return page


def ran(page: Page) -> list[str]:
    return [told for frame in page.frames for told in frame.evaluate("window.__ran ?? []")]


def disturbed(page: Page) -> list[str]:
    """What ran when the page was loaded, and when everything on it was hovered, focused and toggled."""
    page.evaluate(
        """() => {
            for (const each of document.querySelectorAll("main *"))
                for (const kind of ["mouseover", "focus", "toggle", "animationstart", "error", "load", "pointerenter"])
                    each.dispatchEvent(new Event(kind));
        }"""
    )
    return ran(page)


def typed(page: Page, server: Server, path: str, action: str, **fields: str) -> None:
    """One form of a page of the desk, filled and sent as the page would."""
    found = Forms(page.request.get(server.url + path).text()).found
    form = next(form for form in found if (form["action"] or path).split("?")[0].endswith(action))
    values = {name: value for name, (_, value) in form["fields"].items()} | fields
    page.request.post(server.url + (form["action"] or path), form=values, max_redirects=0)


def typed_at_the_desk(page: Page, server: Server, site: str, cases: list[int], some: list[str]) -> list[str]:
    """Ten payloads in every field of the desk that takes words; the pages that show these."""
    said = "\n".join(some)
    for case in cases:
        at = f"/admin/reports/{case}"
        typed(page, server, at, "/notes", text=said[:2000])
        typed(page, server, at, "/decision", decision="withdraw", category="misinformation", message=said[:1000])
    for text in some:
        typed(page, server, "/admin/reasons", "/reasons", decision="dismiss", title=text[:80], text=text)
    purpose = f"/admin/sites/{site}/purpose"
    signed = {
        "purposes": "translation",
        "reason-translation": said[:200],
        "words": said[:500],
        "signed_by": some[0][:80],
    }
    typed(page, server, purpose, "/purpose", **signed, role=some[1][:80], not_prohibited="1", declared="1")
    typed(page, server, f"/admin/sites/{site}/words", "/words", badge=some[2][:60], lang="en")
    kept = ["/admin/reasons", "/admin/reports", purpose, f"{purpose}/1", f"/admin/sites/{site}/words"]
    printed = [f"/admin/compliance/{site}", f"/admin/compliance/{site}.html", "/admin/log", "/admin/deliveries"]
    statements = [f"/admin/reports/{case}/statement/{at}" for at, case in enumerate(cases, 1)]
    return [path for path in (*kept, *printed, *statements) if is_shown(page, server.url + path)]


def is_shown(page: Page, address: str) -> bool:
    """Whether a browser shows what is there, and does not save it."""
    answer = page.request.get(address)
    return answer.status == 200 and "attachment" not in answer.headers.get("content-disposition", "")


@pytest.mark.engines("chromium", reason="the one engine that can be told to ignore a page's policy")
def test_no_script_of_a_text_runs_on_any_page(armed: Page, server: Server, stranger: Stranger):
    armed.goto(stranger.page("<img src=x onerror=alert(1)>"))
    armed.wait_for_function("window.__ran.length === 1")  # the probe sees what runs

    found = payloads()
    receipts = [
        stranger.report("\n".join(some), comment="\n".join(some)[:2000], quote={"exact": some[0][:500]})
        for some in batched(found, 10)
    ]
    bearer = {"Authorization": f"Bearer {stranger.site['secret_key']}", "Content-Type": "application/json"}
    held = [
        answer_of(
            f"{server.url}/api/v1/render",
            body=json.dumps({"text": "\n\n".join(some), "format": kind, "audience": "public"}).encode(),
            headers=bearer,
        )["publication"]
        for kind in ("html", "markdown")
        for some in batched(found, 60)
    ]
    rendered = [stranger.render(text, format=kind) for kind in ("text", "html", "markdown") for text in found]
    shown = [stranger.page("".join(some)) for some in batched(rendered, 150)]

    sign_in(armed, server)
    armed.goto(f"{server.url}/admin/reports")
    newest = armed.locator('a[href^="/admin/reports/"]').evaluate_all(
        "links => links.map(link => Number(link.pathname.split('/').pop())).filter(Number.isInteger)"
    )
    cases = sorted(set(newest))
    desk = typed_at_the_desk(armed, server, stranger.site["site"], cases[:3], found[:10])
    pages = {
        **dict.fromkeys(shown, 150),
        **dict.fromkeys((f"{server.url}/r/{receipt}" for receipt in receipts), 10),
        **dict.fromkeys((f"{server.url}/admin/reports/{number}" for number in cases), 10),
        **dict.fromkeys((f"{server.url}/admin/publications/{number}" for number in held), 60),
        **dict.fromkeys((f"{server.url}{path}" for path in desk), 10),
        f"{server.url}/admin/publications": 60,
    }
    places = 0
    for address, held_there in pages.items():
        answer = armed.goto(address)
        assert answer
        assert answer.status == 200, address
        assert disturbed(armed) == [], address
        places += min(held_there, len(found))
    print(f"{len(found)} payloads, {places} times on {len(pages)} pages; scripts that ran: 0")
    assert len(found) >= 15
