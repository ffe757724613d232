"""Inviting, changing roles and removing: what owners do about people."""

import re
from dataclasses import replace

import pytest
from flask import Flask

from tests.conftest import Clock, Desk, Page, held, shown_in, signed_in
from tests.inboxes import Inbox, text
from widget_server.rules.access import OWNER_OF_ALL, Role, Standing
from widget_server.settings import Settings
from widget_server.storage import connection, people, roles, sites
from widget_server.storage.tables import Case, Invitation, LogEntry, Membership, Moderator, SignIn

HTTPS = "https://widget.example"
NEW = "new@news.example"


@pytest.fixture
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    """Mail is set up where a test looks into an inbox."""
    with_mail = "inbox" in request.fixturenames
    return replace(settings, mail_url=request.getfixturevalue("inbox").url) if with_mail else settings


def invited(desk: Desk, email: str = NEW, **form: str) -> str:
    """The path of the link that the invitation shows."""
    answer = desk.post("/admin/people/invitations", "/admin/people", email=email, **(form or {"role": "moderator"}))
    assert answer.status_code == 200, answer.text
    return re.search(r">https://widget.example(/admin/invitation/[^<]+)<", answer.text)[1]


def come(app: Flask, link: str, password: str = "a password of my own") -> Desk:
    browser = Desk(app.test_client(), NEW)
    assert browser.post(link, link, password=password).status_code == 302
    return browser


def standing_of(email: str) -> Standing:
    person = people.find(email)
    return roles.of([person])[person.id]


def test_an_invited_person_comes_in_once_as_what_they_were_invited(app: Flask, desk: Desk, news: Page) -> None:
    link = invited(desk, **{f"site-{news.key}": "moderator"})
    assert "Moderator of News" in desk.client.application.test_client().get(link, base_url=HTTPS).text
    new = come(app, link)
    assert new.get("/admin/reports").status_code == 200
    assert standing_of(NEW) == Standing(on={sites.find(news.key).id: Role.MODERATOR})
    for again in (new, Desk(app.test_client(), NEW)):
        assert again.get(link).status_code == 404
    other = Desk(app.test_client(), NEW)
    assert other.post("/admin/login", "/admin/login", email=NEW, password="a password of my own").status_code == 302
    told = LogEntry.get(LogEntry.verb == "invite").particulars
    assert told == {"roles": f"moderator of {news.key}"}
    verbs = [entry.verb for entry in LogEntry.select().where(LogEntry.subject == NEW).order_by(LogEntry.id)]
    assert verbs == ["invite", "invite to site", "accept invitation", "change role", "sign in", "sign in"]


def test_a_link_is_kept_by_nobody(desk: Desk) -> None:
    token = invited(desk).rpartition("/")[2]
    assert token not in desk.get("/admin/people").text
    assert all(token not in str(value) for value in Invitation.get().__data__.values())


@pytest.mark.parametrize(("days", "status"), [(6.99, 200), (7.01, 404)])
def test_an_invitation_holds_for_a_week(app: Flask, desk: Desk, clock: Clock, days: float, status: int) -> None:
    link = invited(desk)
    clock.move(days=days)
    assert app.test_client().get(link, base_url=HTTPS).status_code == status


def test_an_invitation_is_listed_and_taken_back(app: Flask, desk: Desk) -> None:
    link = invited(desk)
    assert f"Take back the invitation to {NEW}" in desk.get("/admin/people").text
    desk.post("/admin/people/invitations/1/revoke", "/admin/people")
    assert NEW not in desk.get("/admin/people").text
    assert app.test_client().get(link, base_url=HTTPS).status_code == 404


def test_a_newer_invitation_ends_the_one_before(app: Flask, desk: Desk) -> None:
    first, second = invited(desk), invited(desk, role="auditor")
    assert [app.test_client().get(link, base_url=HTTPS).status_code for link in (first, second)] == [404, 200]


def test_a_link_that_was_not_made_here_opens_nothing(app: Flask, desk: Desk) -> None:
    link = invited(desk)
    for wrong in (link[:-1], link + "x", "/admin/invitation/abc", "/admin/invitation/abc.def", "/admin/invitation/é.é"):
        answer = app.test_client().get(wrong, base_url=HTTPS)
        assert (answer.status_code, "Ask for a new one." in answer.text) == (404, True), wrong


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"email": "nobody", "role": "owner"}, "is not an e-mail address"),
        ({"email": "a b@news.example", "role": "owner"}, "is not an e-mail address"),
        ({"email": "x" * 255 + "@news.example", "role": "owner"}, "is not an e-mail address"),
        ({"email": "rlo\u202egro.live@news.example", "role": "owner"}, "holds only what can be seen"),
        ({"email": "esc\x1b]0;owned\x07@news.example", "role": "owner"}, "holds only what can be seen"),
        ({"email": "zero\u200bwidth@news.example", "role": "owner"}, "holds only what can be seen"),
        ({"email": "ADA@news.example", "role": "owner"}, "is a moderator already"),
        ({"email": NEW}, "Choose a role"),
        ({"email": NEW, "role": "king"}, "Choose a role"),
        ({"email": NEW, "site-nowhere": "owner"}, "Choose a role"),
    ],
)
def test_an_invitation_that_cannot_be_is_refused_and_nothing_typed_is_lost(desk: Desk, form: dict, told: str) -> None:
    answer = desk.post("/admin/people/invitations", "/admin/people", **form)
    assert (answer.status_code, told in answer.text) == (422, True)
    assert f'value="{form["email"]}"' in answer.text
    assert Invitation.select().count() == 0


def test_a_password_that_is_too_short_leaves_the_invitation_open(app: Flask, desk: Desk) -> None:
    link = invited(desk)
    browser = Desk(app.test_client(), NEW)
    answer = browser.post(link, link, password="short")
    assert (answer.status_code, "10 characters" in answer.text) == (422, True)
    assert browser.post(link, link, password="long enough now").status_code == 302


def test_an_invitation_never_changes_an_account_that_is_there_already(app: Flask, desk: Desk, clock: Clock) -> None:
    link = invited(desk, role="owner")
    people.add(NEW, "a password of before", standing=Standing(Role.AUDITOR), at=clock())
    browser = Desk(app.test_client(), NEW)
    assert browser.post(link, link, password="a password of now").status_code == 422
    assert standing_of(NEW) == Standing(Role.AUDITOR)
    assert people.checked(NEW, "a password of before")


def test_an_invitation_goes_by_mail_where_mail_is_set_up(desk: Desk, inbox: Inbox) -> None:
    link = invited(desk)
    assert (inbox.messages[0]["To"], HTTPS + link in text(inbox.messages[0])) == (NEW, True)
    inbox.refusing = True
    answer = desk.post("/admin/people/invitations", "/admin/people", email="two@news.example", role="auditor")
    assert ("451" in answer.text, "Copy the link and send it yourself" in answer.text) == (True, True)


def test_without_mail_the_link_is_there_to_copy(desk: Desk) -> None:
    answer = desk.post("/admin/people/invitations", "/admin/people", email=NEW, role="auditor")
    assert "WIDGET_MAIL_URL" in answer.text


def test_an_owner_changes_what_somebody_is(desk: Desk, other_desk: Desk, news: Page, shop: Page) -> None:
    here = sites.find(news.key).id
    form = {"role": "auditor", f"site-{news.key}": "moderator", f"site-{shop.key}": "auditor"}
    assert desk.post("/admin/people/2/roles", "/admin/people/2", **form).status_code == 303
    assert standing_of(other_desk.email) == Standing(Role.AUDITOR, {here: Role.MODERATOR})
    assert other_desk.get("/admin/people/2").status_code == 403
    assert "Auditor of all sites; Moderator of News" in desk.get("/admin/people").text
    assert desk.post("/admin/people/2/roles", "/admin/people/2").status_code == 422
    assert desk.get("/admin/people/99").status_code == desk.get("/admin/people/9999999999").status_code == 404


def test_roles_that_another_owner_has_changed_meanwhile_stay(app: Flask, desk: Desk, clock: Clock, news: Page) -> None:
    carol = signed_in(app, clock, "carol@news.example")
    eve = signed_in(app, clock, "eve@news.example")
    path, form = "/admin/people/2", {"role": "moderator", f"site-{news.key}": "owner"}
    stale = held(desk, path)
    assert eve.post(f"{path}/roles", path, role="auditor").status_code == 303
    answer = desk.post(f"{path}/roles", path, **form, shown=stale)
    assert (answer.status_code, "Somebody else has changed these roles" in answer.text) == (409, True)
    assert standing_of(carol.email) == Standing(Role.AUDITOR)
    assert desk.post(f"{path}/roles", path, **form, shown=shown_in(answer)).status_code == 303
    assert desk.post(f"{path}/roles", path, **form, shown=stale).status_code == 303, "twice is as once"


def test_who_may_not_decide_any_more_holds_no_case(news: Page, shop: Page, desk: Desk, other_desk: Desk) -> None:
    for page in (news, shop):
        page.report("one")
    for number in ("1", "2"):
        other_desk.post(f"/admin/reports/{number}/claim", f"/admin/reports/{number}")
    desk.post("/admin/people/2/roles", "/admin/people/2", **{f"site-{shop.key}": "moderator"})
    assert [case.claimed_by_id for case in Case.select().order_by(Case.id)] == [None, 2]


def test_somebody_who_is_removed_is_out_at_once_and_the_log_keeps_the_name(
    app: Flask, news: Page, desk: Desk, other_desk: Desk
) -> None:
    for number in range(3):
        news.report(f"text {number} {number * 7919}")
    other_desk.decide(1, "dismiss")
    other_desk.post("/admin/reports/2/claim", "/admin/reports/2")
    desk.decide(3, "escalate", "", colleague="2")
    answer = desk.post("/admin/people/2/remove", "/admin/people/2")
    assert answer.status_code == 303
    assert "is removed and signed out" in desk.get(answer.headers["Location"]).text
    assert other_desk.get("/admin/reports").status_code == 302
    assert SignIn.select().count() == 1
    again = Desk(app.test_client(), "")
    form = {"email": other_desk.email, "password": "correct horse battery"}
    assert again.post("/admin/login", "/admin/login", **form).status_code == 403
    assert [(case.claimed_by_id, case.escalated_to_id) for case in Case.select()] == [(None, None)] * 3
    assert other_desk.email in desk.get("/admin/log").text
    assert other_desk.email in desk.get("/admin/reports/1").text
    assert other_desk.email not in desk.get("/admin/people").text
    assert desk.get("/admin/people/2").status_code == 404


def test_no_case_is_handed_to_somebody_who_was_removed_by_another_process(
    news: Page, desk: Desk, other_desk: Desk
) -> None:
    news.report()
    assert other_desk.email in desk.get("/admin/reports/1").text
    gone = people.find(other_desk.email)
    with connection():  # as another process does, of which this one has not heard yet
        Membership.delete().where(Membership.moderator == gone).execute()
        Moderator.update(removed_at=gone.created_at).where(Moderator.id == gone.id).execute()
    assert other_desk.email in desk.get("/admin/reports/1").text
    answer = desk.decide(1, "escalate", "", colleague=str(gone.id))
    assert answer.status_code == 409
    assert "does not decide on this site any more" in answer.text
    assert (Case.get().state, Case.get().escalated_to) == ("open", None)


def test_somebody_who_was_removed_can_be_invited_again(app: Flask, desk: Desk) -> None:
    come(app, invited(desk, role="owner"))
    desk.post("/admin/people/2/remove", "/admin/people/2")
    new = come(app, invited(desk, role="auditor"), "a new password, too")
    assert (new.get("/admin/reports").status_code, standing_of(NEW)) == (200, Standing(Role.AUDITOR))
    assert people.find(NEW).id == 2


def test_invitations_of_somebody_who_is_removed_end_with_them(app: Flask, desk: Desk, other_desk: Desk) -> None:
    link = invited(other_desk)
    desk.post("/admin/people/2/remove", "/admin/people/2")
    assert app.test_client().get(link, base_url=HTTPS).status_code == 404
    entry = LogEntry.get(LogEntry.verb == "revoke invitation")
    assert (entry.subject, entry.moderator.email) == (NEW, desk.email)


def test_who_is_made_less_comes_back_by_no_invitation_of_before(
    app: Flask, desk: Desk, other_desk: Desk, news: Page
) -> None:
    link = invited(other_desk, role="owner")
    browser = Desk(app.test_client(), NEW)
    assert "password" in browser.get(link).text
    desk.post("/admin/people/2/roles", "/admin/people/2", **{f"site-{news.key}": "owner"})
    assert browser.get(link).status_code == 404
    assert browser.post(link, "/admin/login", password="a password of my own").status_code == 404
    assert people.find(NEW) is None
    entry = LogEntry.get(LogEntry.verb == "revoke invitation")
    assert (entry.subject, entry.moderator.email) == (NEW, desk.email)
    assert NEW not in desk.get("/admin/people").text


def test_an_invitation_holds_only_while_its_inviter_may_still_give_it(app: Flask, desk: Desk, other_desk: Desk) -> None:
    link = invited(other_desk)
    roles.give(people.find(other_desk.email), Standing(Role.AUDITOR))
    browser = Desk(app.test_client(), NEW)
    assert browser.get(link).status_code == 404
    assert browser.post(link, "/admin/login", password="a password of my own").status_code == 404


def test_the_last_owner_is_neither_removed_nor_made_less(desk: Desk, other_desk: Desk, news: Page) -> None:
    assert desk.post("/admin/people/2/roles", "/admin/people/2", role="moderator").status_code == 303
    for path, form in (("remove", {}), ("roles", {"role": "moderator", f"site-{news.key}": "owner"})):
        answer = desk.post(f"/admin/people/1/{path}", "/admin/people/1", **form)
        assert (answer.status_code, "There must be an owner of all sites" in answer.text) == (409, True)
    assert standing_of(desk.email) == OWNER_OF_ALL
    desk.post("/admin/people/2/roles", "/admin/people/2", role="owner")
    assert desk.post("/admin/people/1/roles", "/admin/people/1", role="auditor").status_code == 303
    assert desk.get("/admin/people/2").status_code == 403


def test_an_owner_ends_the_sessions_of_others(desk: Desk, other_desk: Desk) -> None:
    assert "Firefox" not in desk.get("/admin/people/2").text
    desk.post("/admin/people/2/sessions/end", "/admin/people/2")
    assert other_desk.get("/admin/reports").status_code == 302
    desk.post("/admin/people/1/sessions/end", "/admin/people/1")
    assert desk.get("/admin/reports").status_code == 200
    entry = LogEntry.select().where(LogEntry.verb == "end sessions").get()
    assert (entry.moderator.email, entry.subject) == (desk.email, other_desk.email)


def test_an_older_page_revokes_no_invitation_but_the_one_that_it_shows(desk: Desk, other_desk: Desk) -> None:
    invite = {"path": "/admin/people/invitations", "page": "/admin/people", "role": "auditor"}
    other_desk.post(**invite, email="first@news.example")
    stale = re.search(r'action="([^"]+/revoke)"', desk.get("/admin/people").text)[1]
    other_desk.post(stale, "/admin/people")
    other_desk.post(**invite, email="second@news.example")
    desk.post(stale, "/admin/people")
    assert "second@news.example" in desk.get("/admin/people").text


def test_a_sites_owner_reads_who_is_given_a_role_there_and_nothing_of_other_sites(
    app: Flask, desk: Desk, clock: Clock, news: Page, shop: Page
) -> None:
    here, there = (sites.find(page.key).id for page in (news, shop))
    owner = signed_in(app, clock, "owner@shop.example", Standing(on={there: Role.OWNER}))
    link = invited(desk, **{f"site-{news.key}": "owner", f"site-{shop.key}": "auditor"})
    come(app, link)
    number = people.find(NEW).id
    path = f"/admin/people/{number}"
    desk.post(f"{path}/roles", path, **{f"site-{news.key}": "auditor", f"site-{shop.key}": "owner"})
    desk.post(f"{path}/roles", path, **{f"site-{news.key}": "owner", f"site-{shop.key}": "owner"})
    desk.post(f"{path}/roles", path, role="moderator")
    desk.post(f"{path}/remove", path)
    told = [
        (entry.verb, entry.particulars["role"])
        for entry in LogEntry.select().where(LogEntry.subject == NEW, LogEntry.site == there).order_by(LogEntry.id)
    ]
    assert told == [
        ("invite to site", "auditor"),
        *[("change role", role) for role in ("auditor", "owner", "moderator", "none")],
    ]
    shown = owner.get("/admin/log").text
    assert (NEW in shown, "role: owner" in shown, news.key in shown) == (True, True, False)
    assert LogEntry.select().where(LogEntry.subject == NEW, LogEntry.site == here).count() == 6
