"""A case's text beside what stands on its page now: fetched by the server, or pasted by the moderator."""

from dataclasses import dataclass

from flask import render_template, request

from widget_server.delivery import outside
from widget_server.origins import origin
from widget_server.refusal import WrongSetting
from widget_server.rendering import reading
from widget_server.routes.admin import blueprint
from widget_server.routes.admin.case import found
from widget_server.routes.current import now, server
from widget_server.routes.errors import Problem
from widget_server.routes.sessions import moderator
from widget_server.rules import standing
from widget_server.rules.differences import differences
from widget_server.rules.marking import fold, is_whole
from widget_server.rules.stream_safe import cut
from widget_server.storage import cases, log, reported, wholes
from widget_server.storage.tables import Case

LONGEST = 200_000
"""Characters of a pasted page."""
PAGES = 20


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found. `where`: the page's address; empty for pasted words. `now`: None if the text is not there.

    `completes`: it is the whole of a text of which the case had the beginning alone, or nothing; its text from now on.
    """

    where: str
    now: str | None
    completes: bool


@blueprint.get("/reports/<int:number>/compare")
def show_comparison(number: int) -> str:
    return _page(_readable(number))


@blueprint.post("/reports/<int:number>/compare")
def compare(number: int) -> str | tuple[str, int]:
    case, pasted, wanted = _readable(number), request.form.get("pasted", ""), request.form.get("page", "")
    if pasted.strip():
        if len(pasted) > LONGEST:
            wrong = f"Paste {LONGEST:,} characters at most: the part around the text is enough."
            return _page(case, errors={"pasted": [wrong]}), 422
        whole = is_whole(pasted, case.text_sha256)
        there = pasted if whole else _there(case, marked=[], body=pasted)
        return _page(case, looked=_looked(case, "", there))
    if wanted not in _pages(case):
        return _page(case, errors={"page": ["Choose one of the pages that reporters named, or paste its words."]}), 422
    log.write("fetch page", f"case {number}", moderator=moderator().id, at=now(), site=case.site_id)
    try:
        with outside.asked_by(moderator().id):
            read = _fetched(wanted)
    except outside.NotReached as why:
        return _page(case, errors={"page": [f"{why} Open it yourself and paste its words."]}), 502
    there = _there(case, marked=read.marked, body=read.body)
    return _page(case, looked=_looked(case, wanted, there))


def _there(case: Case, *, marked: list[str], body: str) -> str | None:
    """The text itself, by its fingerprint; else what stands in its place, if its words are known."""
    itself = next((one.strip() for one in marked if is_whole(one, case.text_sha256)), None)
    return itself or (standing.now(case.text, marked=marked, body=body) if case.text else None)


def _looked(case: Case, where: str, there: str | None) -> Looked:
    completes = there is not None and wholes.complete(case.id, there, moderator=moderator().id, at=now())
    return Looked(where, there, completes)


def _fetched(address: str) -> reading.Read:
    """What a person reads there. Raises outside.NotReached."""
    answer = outside.request("GET", address, private_allowed=server().settings.private_targets)
    if answer.status >= 400:
        raise outside.NotReached(f"The page answers {answer.status}.")
    return reading.read(answer.body, answer.headers.get("content-type", ""))


def _readable(number: int) -> Case:
    case = found(number)
    if not (case.text or wholes.awaits_text(case)):
        raise Problem(404, "The text of this case is not known: there is nothing to compare.")
    return case


def _pages(case: Case) -> list[str]:
    """The pages of the case's own site that reporters named: no other address is fetched."""
    return [page for page in reported.pages(case, most=PAGES) if _origin(page) in case.site.origins]


def _origin(page: str) -> str:
    scheme, _, rest = page.partition("://")
    try:
        return origin(f"{scheme}://{rest.partition('/')[0].partition('?')[0].partition('#')[0]}", otherwise="")
    except WrongSetting:
        return ""


def _page(case: Case, *, looked: Looked | None = None, errors: dict[str, list[str]] | None = None) -> str:
    there = looked.now if looked else None
    same = there is not None and is_whole(there, case.text_sha256)
    beginning = cases.is_beginning(case)
    if there is not None and beginning and not same:
        there = fold(there)[: len(fold(case.text))]
    before, after = cut(case.text), cut(there or "")
    pieces = [] if there is None else [("same", after)] if same else differences(before, after, alike=fold)
    return render_template(
        "admin/compare.html",
        case=case,
        pages=_pages(case),
        looked=looked,
        same=same,
        beginning=beginning,
        pieces=pieces,
        changed=standing.words_changed(pieces),
        errors=errors or {},
        form=request.form,
    )
