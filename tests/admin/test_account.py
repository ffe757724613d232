"""One's own account: where one is signed in, the password, and showing again who one is."""

import re

import pytest
from flask import Flask

from tests.conftest import Clock, Desk, Page
from widget_server.storage import people
from widget_server.storage.tables import LogEntry, Moderator, SignIn

HTTPS = "https://widget.example"
PASSWORD = "correct horse battery"
PHONE = "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Mobile Safari/537.36"
COOKIE = "__Host-desk"


def on_a_phone(app: Flask, email: str) -> Desk:
    """The same person, signed in in another browser."""
    client = app.test_client()
    client.environ_base |= {"HTTP_USER_AGENT": PHONE, "REMOTE_ADDR": "2001:db8:1:2::7"}
    desk = Desk(client, email)
    assert desk.post("/admin/login", "/admin/login", email=email, password=PASSWORD).status_code == 302
    return desk


def cookie_of(desk: Desk) -> str:
    return desk.client.get_cookie(COOKIE, domain="widget.example").value


def handles(page: str) -> list[str]:
    return re.findall(r'name="session" value="([^"]+)"', page)


def test_one_sees_where_one_is_signed_in_and_nobody_sees_the_whole_address(app: Flask, desk: Desk) -> None:
    on_a_phone(app, desk.email)
    page = desk.get("/admin/account").text
    for told in ("Chrome on Android", "2001:db8:1::/48", "127.0.0.0/24", "this one"):
        assert told in page
    assert "2001:db8:1:2" not in page
    assert len(handles(page)) == 1
    assert {row.network for row in SignIn.select()} == {"127.0.0.0/24", "2001:db8:1::/48"}


def test_one_ends_one_session_or_all_others(app: Flask, desk: Desk) -> None:
    phones = [on_a_phone(app, desk.email) for _ in range(3)]
    first = handles(desk.get("/admin/account").text)[-1]
    desk.post("/admin/account/sessions/end", "/admin/account", session=first)
    assert sorted(phone.get("/admin/account").status_code for phone in phones) == [200, 200, 302]
    desk.post("/admin/account/sessions/end", "/admin/account")
    assert [phone.get("/admin/account").status_code for phone in phones] == [302] * 3
    assert desk.get("/admin/account").status_code == 200
    ends = LogEntry.select().where(LogEntry.verb == "end sessions").order_by(LogEntry.id)
    assert [entry.particulars for entry in ends] == [{"sessions": 1}, {"sessions": 2}]


def test_nobody_ends_anothers_session_from_their_own_account(desk: Desk, other_desk: Desk) -> None:
    theirs = SignIn.get(SignIn.moderator == people.find(other_desk.email)).token_sha256[:16]
    desk.post("/admin/account/sessions/end", "/admin/account", session=theirs)
    desk.post("/admin/account/sessions/end", "/admin/account", session="")
    assert other_desk.get("/admin/account").status_code == 200


def test_a_new_password_needs_the_old_one_and_ends_all_other_sessions(app: Flask, desk: Desk) -> None:
    phone, before = on_a_phone(app, desk.email), cookie_of(desk)
    change = {"path": "/admin/account/password", "token_from": "/admin/account"}
    wrong = desk.post(**change, old="not it", new="another password of mine")
    assert (wrong.status_code, "not your password as it is now" in wrong.text) == (403, True)
    short = desk.post(**change, old=PASSWORD, new="short")
    assert (short.status_code, "10 characters" in short.text) == (422, True)
    assert phone.get("/admin/account").status_code == 200
    assert desk.post(**change, old=PASSWORD, new="another password of mine").status_code == 303
    assert phone.get("/admin/account").status_code == 302
    assert desk.get("/admin/account").status_code == 200
    assert cookie_of(desk) != before
    thief = app.test_client()
    thief.set_cookie(COOKIE, before, domain="widget.example")
    assert thief.get("/admin/account", base_url=HTTPS).status_code == 302
    again = Desk(app.test_client(), desk.email)
    assert again.post("/admin/login", "/admin/login", email=desk.email, password=PASSWORD).status_code == 403


def test_guessing_the_old_password_in_a_stolen_session_is_stopped(desk: Desk) -> None:
    answers = [
        desk.post("/admin/account/password", "/admin/account", old=f"guess {number}", new="another password of mine")
        for number in range(21)
    ]
    assert [answer.status_code for answer in answers] == [403] * 20 + [429]


@pytest.mark.parametrize(("minutes", "status"), [(14.9, 303), (15.1, 403)])
def test_what_cannot_be_taken_back_needs_a_fresh_sign_in(
    desk: Desk, other_desk: Desk, clock: Clock, minutes: float, status: int
) -> None:
    clock.move(minutes=minutes)
    answer = desk.post("/admin/people/2/remove", "/admin/people/2")
    assert (answer.status_code, "Is it you?" in answer.text) == (status, status == 403)
    assert (Moderator.get_by_id(2).removed_at is None) is (status == 403)


def test_who_shows_again_who_they_are_loses_nothing_that_they_typed(desk: Desk, clock: Clock) -> None:
    clock.move(minutes=16)
    form = {"email": "new@news.example", "role": "moderator"}
    asked = desk.post("/admin/people/invitations", "/admin/people", **form)
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', asked.text))
    assert {name: hidden[name] for name in form} == form
    assert (hidden["then"], hidden["way"]) == ("/admin/people/invitations", "POST")
    before = cookie_of(desk)
    hidden.pop("csrf_token")
    wrong = desk.post("/admin/confirm", "/admin/people", **{**hidden, "confirm_password": "not it"})
    assert (wrong.status_code, "This is not your password." in wrong.text) == (403, True)
    assert 'value="new@news.example"' in wrong.text
    right = desk.post("/admin/confirm", "/admin/people", **{**hidden, "confirm_password": PASSWORD})
    assert (right.status_code, right.headers["Location"]) == (307, "/admin/people/invitations")
    assert cookie_of(desk) != before
    assert desk.post("/admin/people/invitations", "/admin/people", **form).status_code == 200


def test_whoever_is_asked_on_the_way_to_a_page_goes_on_to_it(desk: Desk, clock: Clock) -> None:
    clock.move(minutes=16)
    asked = desk.get("/admin/account/second")
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', asked.text))
    assert (asked.status_code, hidden["then"], hidden["way"]) == (403, "/admin/account/second", "GET")
    form = {"then": hidden["then"], "way": "GET", "confirm_password": PASSWORD}
    answer = desk.post("/admin/confirm", "/admin/people", **form)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/account/second")
    assert desk.get("/admin/account/second").status_code == 200


@pytest.mark.parametrize("then", ["https://evil.example/", "//evil.example", "/report", ""])
def test_showing_who_one_is_never_leads_elsewhere(desk: Desk, then: str) -> None:
    form = {"then": then, "way": "POST", "confirm_password": PASSWORD}
    assert desk.post("/admin/confirm", "/admin/people", **form).headers["Location"] == "/admin/reports"


def test_guessing_a_password_in_a_stolen_session_is_stopped(desk: Desk) -> None:
    answers = [desk.post("/admin/confirm", "/admin/people", confirm_password=f"guess {n}") for n in range(21)]
    assert [answer.status_code for answer in answers] == [403] * 20 + [429]


def test_the_last_sign_in_is_told(news: Page, desk: Desk, other_desk: Desk, clock: Clock) -> None:
    clock.move(hours=3)
    assert "3 h" in desk.get("/admin/people").text
    assert Moderator.get(Moderator.email == other_desk.email).signed_in_at is not None
