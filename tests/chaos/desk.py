"""The desk: every form that its pages hold, every list by its address, and the pages that show what was stored."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from tests.chaos.corpora import encodable, sample
from tests.chaos.inside import Inside
from tests.chaos.tally import Tally
from tests.conftest import Desk
from widget_server.storage.tables import LogEntry, Report

HTTPS = "https://widget.example"
NOT_THESE = (
    "/logout",
    "/remove",
    "/roles",
    "/second",
    "/confirm",
    "/sessions/end",
    "/account/password",
    "/claim",
    "/next",
)
"""What would end the visit, or takes nothing that is typed."""
LIKELY = {
    "text": "Words.",
    "textarea": "Words.",
    "email": "bob@news.example",
    "url": "https://127.0.0.1:9/",
    "number": "5",
}
"""What stands in a field that its page leaves empty."""
TYPED = {"text", "search", "email", "url", "textarea", "number", "date", "month", "hidden"}
NAMES = (
    "search site category state queue sort before after since until month show view next kept decided left done lang "
    "receipt proof content q page model tried subject version from to days by"
).split()
PAGES = (
    "reports publications viewers compliance sites prompts webhooks deliveries exports figures figures.csv clocks "
    "people log wishes account reasons login exports/decisions.csv exports/cases.jsonl reports/all"
).split()


class Forms(HTMLParser):
    """The forms of a page that are posted: where each goes, and its fields with their kinds and values."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[dict[str, Any]] = []
        self.links: set[str] = set()
        self._form: dict[str, Any] | None = None
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        told = dict(attributes)
        if tag == "a" and (told.get("href") or "").startswith("/admin"):
            self.links.add(told["href"] or "")
        if tag == "form":
            self._form = {"action": told.get("action"), "fields": {}} if told.get("method") == "post" else None
            if self._form:
                self.found.append(self._form)
        if self._form is not None and (name := told.get("name")):
            kind = {"textarea": "textarea", "select": "select"}.get(tag, told.get("type") or "text")
            if tag in ("input", "textarea", "select", "button"):
                self._field(name, kind, told)
        if tag == "option" and self._form and self._select:
            _, value = self._form["fields"][self._select]
            if "selected" in told or not value:
                self._form["fields"][self._select] = ("select", told.get("value") or "")

    def _field(self, name: str, kind: str, told: dict[str, str | None]) -> None:
        """Of boxes to tick all, of buttons to choose from the one that is chosen, or the first."""
        assert self._form
        fields, value = self._form["fields"], told.get("value") or ""
        self._select = name if kind == "select" else ""
        if kind == "checkbox":
            fields[name] = (kind, [*fields.get(name, (kind, []))[1], value])
        elif kind != "radio" or "checked" in told or name not in fields:
            fields[name] = (kind, value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None


def pages(desk: Desk, *, most: int = 120) -> Iterator[tuple[str, str]]:
    """The pages that links lead to from the desk's first one."""
    waiting, seen = ["/admin/reports", "/admin/reports/1", "/admin/account"], set()
    while waiting and len(seen) < most:
        path = waiting.pop(0)
        plain = urlsplit(path).path
        if plain in seen or plain.endswith((".pdf", ".csv", ".jsonl", ".html", "/logout")):
            continue
        seen.add(plain)
        answer = desk.get(path)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            yield path, answer.text
            waiting += sorted(Forms(answer.text).links)


def stocked(server: Inside) -> None:
    """Something of everything: cases, decisions, held texts, a webhook, a prompt, an invitation."""
    news, desk = server.news, server.desk
    for number in range(1, 6):
        news.report(f"text {number}, like no other: {number * 7919}", comment="Look.")
    desk.decide(2, "dismiss", "It stays.", category="spam")
    news.render("A text for everybody", audience="public")
    hook = {"url": "https://127.0.0.1:9/", "kind": "standard", "events": "case.opened"}
    desk.post("/admin/webhooks", "/admin/webhooks", **hook)
    desk.post("/admin/reasons", "/admin/reasons", decision="dismiss", title="Satire", text="It is satire.")
    desk.post("/admin/filters", "/admin/reports", name="Mine", query="")
    desk.post("/admin/people/invitations", "/admin/people", email="x@news.example", role="auditor")
    template = "You answer readers of a newspaper in plain words: {question}"
    news.client.post(
        "/api/v1/prompts/check", json={"template": template, "variables": ["question"]}, headers=news.bearer
    )


def every_form(server: Inside, tally: Tally, number: int, *, part: int = 0, of: int = 1) -> None:
    """Each form of the desk, filled as its page fills it, with one string in every field that is typed into.

    What is refused leaves no entry in the log: everything that happens leaves one.
    """
    stocked(server)
    desk, known = server.desk, {}
    for path, page in pages(desk):
        for form in Forms(page).found:
            action = form["action"] or path
            if not any(word in action for word in NOT_THESE):
                known.setdefault(re.sub(r"[0-9a-f]{8,}|\d+", "#", action.split("?")[0]), (action, form))
    strings = sample(number)
    for at, (name, (action, form)) in enumerate(sorted(known.items())):
        if at % of != part:
            continue
        typed = [field for field, (kind, _) in form["fields"].items() if kind in TYPED and field != "csrf_token"]
        for turn, text in enumerate(strings if typed else strings[:3]):
            _sent(desk, tally, f"desk: {name}", action, form, typed, turn, text)


def _sent(desk: Desk, tally: Tally, door: str, action: str, form: dict, typed: list[str], turn: int, text: str) -> None:
    """In one field after the other; each fifth time in all that can be seen."""
    kinds = {field: kind for field, (kind, _) in form["fields"].items()}
    values = {field: value or LIKELY.get(kinds[field], "") for field, (_, value) in form["fields"].items()}
    seen = [field for field in typed if kinds[field] != "hidden"]
    hostile = seen if turn % 5 == 4 else typed[turn % len(typed) :][:1] if typed else []
    values |= dict.fromkeys(hostile, encodable(text))
    before = LogEntry.select().count()
    answer = desk.client.post(action, data=values, base_url=HTTPS, headers={"Referer": HTTPS})
    tally.take(door, text, answer)
    if answer.status_code < 400:
        tally.accepted[door] += 1
    elif LogEntry.select().count() != before:
        tally.blame(door, "stored that should not be", f"{answer.status_code} {text!r}")


def every_list(server: Inside, tally: Tally, number: int) -> None:
    """Each list, with a string in a parameter of its address; in turn, so that all of them meet all parameters."""
    stocked(server)
    desk, turn = server.desk, 0
    for text in sample(number):
        typed = encodable(text)[:1000]
        for page in PAGES:
            turn += 1
            asked = {NAMES[turn % len(NAMES)]: typed, NAMES[(turn // len(NAMES)) % len(NAMES)]: typed}
            answer = desk.client.get(f"/admin/{page}", query_string=asked, base_url=HTTPS)
            tally.take("lists by their address", f"{page} {asked}", answer)
    for text in sample(number):
        for path in ("usage", "compliance", "publications", "decisions.csv", "decisions.jsonl", "evaluation.jsonl"):
            turn += 1
            asked = {NAMES[turn % len(NAMES)]: encodable(text)[:1000]}
            answer = server.news.client.get(f"/api/v1/{path}", query_string=asked, headers=server.news.bearer)
            tally.take("the API’s lists by their address", f"{path} {asked}", answer)


def search(server: Inside, tally: Tally, number: int) -> None:
    """The desk's search reads all texts: few cases are kept for it, and the page is not the list's longest."""
    for text in sample(60):
        server.news.report((text or "x").replace("\x00", "").encode("utf-8", "ignore").decode() or "x")
    for text in sample(number):
        answer = server.desk.client.get(
            "/admin/reports", query_string={"search": encodable(text[:200])}, base_url=HTTPS
        )
        tally.take("desk search", text, answer)


def opened(server: Inside, tally: Tally, number: int) -> None:
    """What was stored, as people at the desk and reporters read it."""
    receipts = []
    for text in sample(number):
        answer = server.news.report(text, comment=text[:2000], quote={"exact": text[:500]})
        if answer.status_code == 201:
            receipts.append(answer.json["receipt"])
    for case in range(1, min(Report.select().count(), number) + 1):
        tally.take("cases opened", case, server.desk.get(f"/admin/reports/{case}"))
    for receipt in receipts:
        tally.take("receipts opened", receipt, server.news.client.get(f"/r/{receipt}"))
    for path, page in pages(server.desk, most=40):
        assert page, path
        tally.tried["desk’s pages opened"] += 1


def sign_in(server: Inside, tally: Tally, number: int) -> None:
    desk = Desk(server.app.test_client(), "")
    token = Forms(desk.get("/admin/login").text).found[0]["fields"]["csrf_token"][1]
    for text in sample(number):
        form = {"csrf_token": token, "email": encodable(text), "password": encodable(text)}
        answer = desk.client.post("/admin/login", data=form, base_url=HTTPS, headers={"Referer": HTTPS})
        tally.take("sign-in", text, answer)
        if answer.status_code == 302:
            tally.blame("sign-in", "let in", repr(text))
