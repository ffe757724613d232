"""Every endpoint of the desk, for everybody: what a role may do, on its own site and on another's."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.admin.test_bursts import aside, back, confirm, flood
from tests.admin.test_other_sites import carry
from tests.conftest import Clock, Desk, Page, signed_in
from widget_server.rules.access import VERBS, Role, Standing
from widget_server.rules.clocks import HOURS
from widget_server.storage import connection, sites
from widget_server.storage.tables import Case, Delivery, LogEntry, Membership

HTTPS = "https://widget.example"
SPAM = {"category": "spam", "decision": "dismiss", "message": "It stays.", "version": "0"}
REASON = {"decision": "dismiss", "title": "Satire", "text": "It is satire."}
WISHES = {"mask": "all", "pause_after": "5"}
CLOCKS = dict.fromkeys(HOURS, "24")
WEBHOOK = {"url": "https://127.0.0.1:9/", "kind": "standard"}
MANY = {"category": "spam", "as_category": "spam", "decision": "dismiss", "message": "No.", "shown": "10:0"}

REJECTION = {"verdict": "rejected", "note": "Wrong.", "seen": "{seen}"}

WHO = ("an owner", "a moderator", "an auditor", "a moderator of another site", "nobody signed in")
TABLE: dict[tuple[str, str], tuple[dict[str, str], tuple[int, int, int, int, int]]] = {
    ("GET", "/admin/login"): ({}, (200, 200, 200, 200, 200)),
    ("GET", "/admin/"): ({}, (302, 302, 302, 302, 302)),
    ("GET", "/admin/reports"): ({}, (200, 200, 200, 200, 302)),
    ("GET", "/admin/reports/<1>"): ({}, (200, 200, 200, 404, 302)),
    ("GET", "/admin/reports/<2>/statement/<1>"): ({}, (200, 200, 200, 404, 302)),
    ("GET", "/admin/reports/<1>/said/<spam>"): ({}, (200, 200, 200, 404, 302)),
    ("POST", "/admin/reports/<1>/addresses/<9>"): ({}, (404, 404, 403, 404, 403)),
    ("GET", "/admin/reports/<1>/compare"): ({}, (200, 200, 200, 404, 302)),
    ("POST", "/admin/reports/<1>/compare"): ({"pasted": "Words."}, (200, 200, 403, 404, 403)),
    ("POST", "/admin/reports/<3>/claim"): ({}, (303, 303, 403, 404, 403)),
    ("POST", "/admin/reports/<3>/take-over"): ({}, (303, 403, 403, 403, 403)),
    ("POST", "/admin/reports/<3>/release"): ({}, (303, 303, 403, 404, 403)),
    ("POST", "/admin/reports/<4>/decision"): (SPAM, (302, 302, 403, 404, 403)),
    ("POST", "/admin/reports/<2>/undo"): ({"ruling": "{ruling}"}, (303, 303, 403, 404, 403)),
    ("POST", "/admin/reports/<5>/bursts/<9>/aside"): ({}, (409, 409, 403, 404, 403)),
    ("POST", "/admin/reports/<5>/bursts/<9>/back"): ({}, (409, 409, 403, 404, 403)),
    ("POST", "/admin/reports/<5>/notes"): ({"text": "Look."}, (303, 303, 403, 404, 403)),
    ("POST", "/admin/reports/<5>/merge"): ({"into": "6"}, (303, 303, 403, 404, 403)),
    ("POST", "/admin/reports/<5>/split"): ({}, (303, 303, 403, 404, 403)),
    ("POST", "/admin/reports/<7>/not-me"): ({}, (303, 303, 403, 404, 403)),
    ("POST", "/admin/reports/next"): ({"go_on": "1"}, (303, 303, 403, 303, 403)),
    ("GET", "/admin/reports/all"): ({"site": "{site}", "category": "spam"}, (200, 200, 403, 200, 302)),
    ("POST", "/admin/reports/all"): (MANY, (303, 303, 403, 303, 403)),
    ("GET", "/admin/batches/<batch>"): ({}, (200, 200, 200, 200, 302)),
    ("POST", "/admin/batches/<batch>/undo"): ({}, (303, 303, 403, 303, 403)),
    ("GET", "/admin/reports/<8>/others"): ({}, (409, 409, 403, 404, 302)),
    ("POST", "/admin/reports/<8>/others"): ({"site": "{site}"}, (409, 409, 403, 404, 403)),
    ("GET", "/admin/batches/<batch>/others"): ({}, (409, 409, 403, 409, 302)),
    ("POST", "/admin/batches/<batch>/others"): ({"site": "{site}"}, (409, 409, 403, 409, 403)),
    ("POST", "/admin/filters"): ({"name": "Mine", "query": ""}, (302, 302, 302, 302, 403)),
    ("POST", "/admin/filters/<1>/forget"): ({}, (302, 302, 302, 302, 403)),
    ("GET", "/admin/publications"): ({}, (200, 200, 200, 200, 302)),
    ("GET", "/admin/publications/<publication>"): ({}, (200, 200, 200, 404, 302)),
    ("POST", "/admin/publications/<publication>/text"): ({"source": "A", "seen": ""}, (409, 409, 403, 404, 403)),
    ("POST", "/admin/publications/<publication>/back"): ({"decided": ""}, (409, 409, 403, 404, 403)),
    ("POST", "/admin/publications/<publication>"): (REJECTION, (302, 302, 403, 404, 403)),
    ("GET", "/admin/viewers"): ({}, (200, 200, 200, 200, 302)),
    ("GET", "/admin/compliance"): ({}, (200, 200, 200, 200, 302)),
    ("GET", "/admin/compliance/<site>"): ({}, (200, 200, 200, 404, 302)),
    ("GET", "/admin/compliance/<site>.<html>"): ({}, (200, 200, 200, 404, 302)),
    ("GET", "/admin/sites"): ({}, (200, 200, 200, 200, 302)),
    ("GET", "/admin/sites/<site>/purpose"): ({}, (200, 200, 200, 404, 302)),
    ("POST", "/admin/sites/<site>/purpose"): ({}, (422, 403, 403, 403, 403)),
    ("GET", "/admin/sites/<site>/purpose/<9>"): ({}, (404, 404, 404, 404, 302)),
    ("GET", "/admin/sites/<site>/policy"): ({}, (200, 200, 200, 404, 302)),
    ("POST", "/admin/sites/<site>/policy"): ({}, (422, 403, 403, 403, 403)),
    ("GET", "/admin/sites/<site>/words"): ({}, (200, 200, 200, 404, 302)),
    ("POST", "/admin/sites/<site>/words"): ({"lang": "en"}, (302, 403, 403, 403, 403)),
    ("GET", "/admin/reasons"): ({}, (200, 200, 200, 200, 302)),
    ("POST", "/admin/reasons"): (REASON, (303, 403, 403, 403, 403)),
    ("POST", "/admin/reasons/<1>"): (REASON, (303, 403, 403, 403, 403)),
    ("GET", "/admin/wishes"): ({}, (200, 200, 200, 200, 302)),
    ("POST", "/admin/wishes"): (WISHES, (303, 303, 303, 303, 403)),
    ("GET", "/admin/prompts"): ({}, (200, 200, 200, 200, 302)),
    ("GET", "/admin/prompts/<site>/<none>"): ({}, (404, 404, 404, 404, 302)),
    ("GET", "/admin/webhooks"): ({}, (200, 403, 403, 403, 302)),
    ("POST", "/admin/webhooks"): (WEBHOOK, (303, 403, 403, 403, 403)),
    ("GET", "/admin/webhooks/<1>"): ({}, (200, 403, 403, 403, 302)),
    ("POST", "/admin/webhooks/<1>/test"): ({}, (303, 403, 403, 403, 403)),
    ("POST", "/admin/webhooks/<1>/<pause>"): ({}, (303, 403, 403, 403, 403)),
    ("POST", "/admin/webhooks/<1>/again/<9>"): ({}, (404, 403, 403, 403, 403)),
    ("POST", "/admin/webhooks/<1>/remove"): ({}, (303, 403, 403, 403, 403)),
    ("GET", "/admin/deliveries"): ({}, (200, 200, 200, 200, 302)),
    ("POST", "/admin/deliveries/<9>/again"): ({}, (404, 404, 403, 404, 403)),
    ("GET", "/admin/exports"): ({}, (200, 200, 200, 200, 302)),
    ("GET", "/admin/exports/<cases.jsonl>"): ({}, (200, 200, 200, 200, 302)),
    ("GET", "/admin/figures"): ({}, (200, 200, 200, 200, 302)),
    ("GET", "/admin/figures.csv"): ({}, (200, 200, 200, 200, 302)),
    ("GET", "/admin/clocks"): ({}, (200, 200, 200, 200, 302)),
    ("POST", "/admin/clocks"): (CLOCKS, (303, 403, 403, 403, 403)),
    ("GET", "/admin/login/elsewhere"): ({}, (404, 404, 404, 404, 404)),
    ("GET", "/admin/login/elsewhere/back"): ({}, (404, 404, 404, 404, 404)),
    ("POST", "/admin/people/<2>/elsewhere/forget"): ({}, (303, 403, 403, 403, 403)),
    ("GET", "/admin/account"): ({}, (200, 200, 200, 200, 302)),
    ("POST", "/admin/account/password"): ({"old": "x", "new": "x"}, (403, 403, 403, 403, 403)),
    ("POST", "/admin/account/sessions/end"): ({}, (303, 303, 303, 303, 403)),
    ("POST", "/admin/confirm"): ({"confirm_password": "x"}, (403, 403, 403, 403, 403)),
    ("GET", "/admin/login/second"): ({}, (302, 302, 302, 302, 302)),
    ("POST", "/admin/login/second"): ({"code": "123456"}, (403, 403, 403, 403, 403)),
    ("GET", "/admin/account/second"): ({}, (200, 200, 200, 200, 302)),
    ("POST", "/admin/account/second"): ({}, (303, 303, 303, 303, 403)),
    ("POST", "/admin/account/second/codes"): ({}, (303, 303, 303, 303, 403)),
    ("POST", "/admin/account/second/off"): ({}, (303, 303, 303, 303, 403)),
    ("POST", "/admin/people/<2>/second/reset"): ({}, (303, 403, 403, 403, 403)),
    ("POST", "/admin/people/second"): ({}, (303, 403, 403, 403, 403)),
    ("GET", "/admin/people"): ({}, (200, 200, 200, 200, 302)),
    ("GET", "/admin/people/<2>"): ({}, (200, 403, 403, 403, 302)),
    ("POST", "/admin/people/<2>/roles"): ({"role": "owner"}, (303, 403, 403, 403, 403)),
    ("POST", "/admin/people/<2>/sessions/end"): ({}, (303, 403, 403, 403, 403)),
    ("POST", "/admin/people/<1>/remove"): ({}, (303, 403, 403, 403, 403)),
    ("POST", "/admin/people/invitations"): ({"email": "x@news.example", "role": "owner"}, (200, 403, 403, 403, 403)),
    ("POST", "/admin/people/invitations/<1>/revoke"): ({}, (303, 403, 403, 403, 403)),
    ("GET", "/admin/invitation/<none>"): ({}, (404, 404, 404, 404, 404)),
    ("POST", "/admin/invitation/<none>"): ({}, (404, 404, 404, 404, 404)),
    ("GET", "/admin/log"): ({}, (200, 200, 200, 200, 302)),
    ("POST", "/admin/logout"): ({}, (302, 302, 302, 302, 403)),
    ("POST", "/admin/login"): ({"email": "nobody@news.example", "password": "x"}, (403, 403, 403, 403, 403)),
}
"""Method, path, form, and what each of WHO gets. A new endpoint is one more line. Where it changes a case, that is
one of its own: see `house`."""


def plain(path: str) -> str:
    """A path without what varies in it."""
    return re.sub(r"<[^>]*>", "<>", path)


@pytest.fixture
def house(news: Page, desk: Desk) -> dict[str, str]:
    """Ten cases on a site, one of them decided, one decided in a batch, and a text that waits for a review."""
    for number in range(1, 9):
        news.report(f"text {number}, which is like no other: {number * 7919}")
    desk.decide(2, "dismiss", "It stays.", category="spam")
    news.report("one that is spam", category="spam")
    batch = desk.decide_many(desk.many("category=spam")).headers["Location"]
    news.report("another that is spam", category="spam")
    desk.post("/admin/reasons", "/admin/reasons", **REASON)
    held = news.render(audience="public").json["publication"]
    seen = re.search(r'name="seen" value="(\w+)"', desk.get(f"/admin/publications/{held}").text)[1]
    ruling = re.search(r'name="ruling" value="(\w+)"', desk.get("/admin/reports/2").text)[1]
    batch = re.search(r"batches/(\w+)", batch)[1]
    return {"site": news.key, "batch": batch, "publication": held, "seen": seen, "ruling": ruling}


def standings(news: Page, shop: Page) -> dict[str, Standing | None]:
    here, there = (sites.find(page.key).id for page in (news, shop))
    found = (
        Standing(Role.OWNER),
        Standing(on={here: Role.MODERATOR}),
        Standing(on={here: Role.AUDITOR}),
        Standing(on={there: Role.MODERATOR}),
        None,
    )
    return dict(zip(WHO, found, strict=True))


def asked(browser: FlaskClient, method: str, path: str, form: dict[str, str], known: dict[str, str]) -> int:
    address = re.sub(r"<([\w.]+)>", lambda found: known.get(found[1], found[1]), path)
    sent = {name: value.format(**known) for name, value in form.items()}
    if method == "GET":
        return browser.get(address, query_string=sent, base_url=HTTPS).status_code
    page = browser.get("/admin/wishes", base_url=HTTPS, follow_redirects=True).text
    sent["csrf_token"] = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
    return browser.post(address, data=sent, base_url=HTTPS, headers={"Referer": HTTPS}).status_code


@pytest.mark.parametrize("who", WHO)
def test_everybody_may_do_what_the_table_says_and_nothing_else(
    app: Flask, clock: Clock, news: Page, shop: Page, house: dict[str, str], who: str
) -> None:
    standing, place = standings(news, shop)[who], WHO.index(who)
    browser = signed_in(app, clock, "somebody@news.example", standing).client if standing else app.test_client()
    found = {key: asked(browser, *key, form, house) for key, (form, _) in TABLE.items()}
    assert found == {key: statuses[place] for key, (_, statuses) in TABLE.items()}


def test_the_table_has_a_line_for_every_endpoint(app: Flask) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("admin.")]
    there = {(method, plain(rule.rule)) for rule in rules for method in rule.methods - {"OPTIONS", "HEAD"}}
    assert there == {(method, plain(path)) for method, path in TABLE}


def test_every_endpoint_of_the_desk_is_a_verb(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.startswith("/admin")}
    assert endpoints == {f"admin.{name}" for name in VERBS}


def test_an_endpoint_that_is_no_verb_is_refused_to_everybody(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(VERBS, "show_log")
    assert desk.get("/admin/log").status_code == 403


@pytest.fixture
def other(app: Flask, clock: Clock, shop: Page) -> Desk:
    """A moderator of the shop, and of nothing else."""
    return signed_in(app, clock, "sho@shop.example", Standing(on={sites.find(shop.key).id: Role.MODERATOR}))


@pytest.fixture
def auditor(app: Flask, clock: Clock) -> Desk:
    """An auditor of all sites."""
    return signed_in(app, clock, "aud@news.example", Standing(Role.AUDITOR))


def test_the_lists_hold_nothing_of_another_site(news: Page, shop: Page, desk: Desk, other: Desk) -> None:
    news.report("a towering text", category="fraud")
    news.render("A text that News holds.", audience="public")
    news.view({"text_sha256": "a" * 64, "disclosed": False, "hidden_by": "size"})
    desk.decide(1, "escalate", "")
    shop.report("a text about a towering shoe")
    assert other.cases() == other.cases(search="towering") == [2]
    assert other.cases(site=news.key) == []
    told = ("News", news.key, "text that News holds", "case 1")
    for path in ("reports", "publications", "viewers", "compliance", "sites", "log", "reports?search=towering"):
        page = other.get(f"/admin/{path}").text
        assert [words for words in told if words in page] == [], path
    for path, counts in {"reports": ["1", "0", "0"], "publications": ["0", "0", "0"]}.items():
        assert re.findall(r'class="number">([^<]*)<', other.get(f"/admin/{path}").text) == counts


def test_nobody_is_handed_a_case_of_another_site(news: Page, shop: Page, other: Desk) -> None:
    news.report("one", category="self_harm")
    assert other.post("/admin/reports/next").headers["Location"].startswith("/admin/reports?")
    shop.report("two")
    assert other.post("/admin/reports/next").headers["Location"] == "/admin/reports/2"


def test_many_at_once_are_decided_and_taken_back_on_ones_own_sites_only(
    news: Page, shop: Page, desk: Desk, other: Desk
) -> None:
    for page in (news, shop):
        page.report("spam", category="spam")
    assert "Decide 1 case alike" in other.get("/admin/reports/all?category=spam").text
    form = desk.many("category=spam")
    assert "1 case was left" in other.get(other.decide_many(form, decision="withdraw").headers["Location"]).text
    assert [case.state for case in Case.select().order_by(Case.site)] == ["open", "withdrawn"]
    other.undo(2)
    form = desk.many("category=spam")
    batch = desk.decide_many(form, decision="withdraw").headers["Location"].split("?")[0]
    assert "1 decision holds" in other.get(batch).text
    other.post(f"{batch}/undo", batch)
    assert [case.state for case in Case.select().order_by(Case.site)] == ["withdrawn", "open"]


def test_what_was_decided_on_another_site_is_not_shown_beside_a_case(
    news: Page, shop: Page, desk: Desk, other: Desk
) -> None:
    news.report()
    desk.decide(1, "withdraw")
    shop.report()
    assert "the same text" in desk.get("/admin/reports/2").text
    assert "the same text" not in other.get("/admin/reports/2").text


def test_a_case_of_another_site_cannot_be_merged_into_ones_own(news: Page, shop: Page, other: Desk) -> None:
    news.report("one")
    shop.report("two")
    assert other.post("/admin/reports/2/merge", "/admin/reports/2", into="1").status_code == 404


def test_the_log_tells_of_ones_own_sites_and_of_oneself(news: Page, shop: Page, desk: Desk, other: Desk) -> None:
    news.report()
    shop.report()
    for number in (1, 2):
        desk.decide(number, "dismiss")
    subjects = {entry.subject for entry in LogEntry.select()}
    told = re.sub(r"<header.*?</header>", "", other.get("/admin/log").text, flags=re.DOTALL)
    assert {subject for subject in subjects if subject in told} == {"case 2", other.email, desk.email}
    assert desk.email in told.split("case 2")[0]  # who decided it, not that they signed in
    assert told.count("sign in") == 1
    assert "dismiss" not in other.get("/admin/log?subject=case 1").text


def test_the_owner_of_a_site_sees_in_the_log_what_is_done_there_and_who_takes_its_files(
    app: Flask, clock: Clock, news: Page, shop: Page, desk: Desk, auditor: Desk
) -> None:
    def logged(person: Desk) -> list[str]:
        """By verb and subject, the first first."""
        told = re.findall(r"<td><b>([^<]+)</b></td>\s*<td>(?:<a[^>]*>)?([^<]+)<", person.get("/admin/log").text)
        return [f"{verb} {subject}" for verb, subject in reversed(told)]

    of_news, of_shop = (
        signed_in(app, clock, f"own@{page.key}.example", Standing(on={sites.find(page.key).id: Role.OWNER}))
        for page in (news, shop)
    )
    before = len(logged(of_news)), len(logged(of_shop))
    flood(news, email="reader@reader.example")
    aside(desk)
    back(desk)
    receipt = confirm(news)
    news.client.delete(f"/api/v1/reports/{receipt}/email")
    Delivery.update(due_at=None, attempts=12, failure="refused").execute()
    mail = Delivery.select(Delivery.id).order_by(Delivery.id).first().id
    desk.post(f"/admin/deliveries/{mail}/again", "/admin/deliveries")
    assert desk.decide(1, "withdraw").status_code == 302
    carry(desk, shop.key)
    auditor.get("/admin/exports/reports.jsonl")
    auditor.get(f"/admin/exports/cases.jsonl?site={shop.key}")
    assert [told for told in logged(of_news)[before[0] :] if not told.startswith("view")] == [
        "set burst aside case 1",
        "bring burst back case 1",
        "confirm address case 1",
        "forget address case 1",
        f"send mail again mail {mail}",
        "withdraw case 1",
        "withdraw on other sites case 1",
        "export reports.jsonl",
    ]
    assert logged(of_shop)[before[1] :] == [
        "open case case 2",
        "withdraw case 2",
        "export reports.jsonl",
        "export cases.jsonl",
    ]
    assert all(page.key in auditor.get("/admin/log").text for page in (news, shop))


def test_people_see_whom_they_work_with(news: Page, app: Flask, clock: Clock, desk: Desk, other: Desk) -> None:
    signed_in(app, clock, "newsonly@news.example", Standing(on={sites.find(news.key).id: Role.MODERATOR}))
    seen = other.get("/admin/people").text
    assert (desk.email in seen, other.email in seen, "newsonly" in seen) == (True, True, False)
    assert "Moderator of News" in desk.get("/admin/people").text


def test_a_case_is_escalated_to_somebody_who_may_decide_it(
    news: Page, desk: Desk, other: Desk, auditor: Desk, other_desk: Desk
) -> None:
    news.report()
    page = desk.get("/admin/reports/1").text
    assert [email in page for email in (other_desk.email, other.email, auditor.email)] == [True, False, False]
    wrong = str(Membership.get(Membership.role == "auditor").moderator_id)
    answer = desk.decide(1, "escalate", "typed", colleague=wrong)
    assert (answer.status_code, "typed" in answer.text) == (422, True)


def test_an_auditor_sees_everything_and_touches_nothing(news: Page, desk: Desk, auditor: Desk) -> None:
    receipt = news.report().json["receipt"]
    desk.post("/admin/reasons", "/admin/reasons", **REASON)
    number = news.render(audience="public").json["publication"]
    assert number in desk.get("/admin/publications").text
    for path in ("reports", "reports/1", "publications", "reasons"):
        page = auditor.get(f"/admin/{path}").text
        forms = re.findall(r'<form[^>]*method="post"[^>]*action="([^"]*)"', page)
        assert forms == ["/admin/logout"], path
    assert ">Keep<" not in auditor.get(f"/admin/sites/{news.key}/words").text
    assert "It is satire." in auditor.get("/admin/reasons").text
    assert "Its moderators decide them." in auditor.get("/admin/reports/1").text
    assert (news.status(receipt)["state"], Case.get().viewed_at) == ("received", None)
    desk.get("/admin/reports/1")
    assert news.status(receipt)["state"] == "in_review"


def test_who_decides_on_one_site_and_looks_on_at_another_is_told_so(
    app: Flask, clock: Clock, news: Page, shop: Page, caplog: pytest.LogCaptureFixture
) -> None:
    here, there = (sites.find(page.key).id for page in (news, shop))
    both = signed_in(app, clock, "both@news.example", Standing(on={here: Role.AUDITOR, there: Role.MODERATOR}))
    news.report("one")
    shop.report("two")
    assert both.cases() == [1, 2]
    assert both.decide(1, "dismiss").status_code == 403
    assert "has no right to decide" in caplog.text
    assert both.post("/admin/reports/1/claim").status_code == 403
    assert both.decide(2, "dismiss").status_code == 302


def test_a_role_on_some_sites_does_not_reach_a_site_that_comes_later(app: Flask, clock: Clock, other: Desk) -> None:
    with connection():
        later = sites.add("Later", ["https://later.example"], at=clock())
    assert later.key not in other.get("/admin/sites").text


def test_who_has_no_role_comes_in_and_is_told_whom_to_ask(app: Flask, clock: Clock) -> None:
    nobody = signed_in(app, clock, "new@news.example", Standing())
    answer = nobody.get("/admin/reports")
    assert (answer.status_code, "An owner can give it to you." in answer.text) == (403, True)
    assert nobody.get("/admin/wishes").status_code == 200
