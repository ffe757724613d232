"""Signing in elsewhere, at a real provider on this machine that does well, ill, or nothing at all."""

import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit, urlunsplit

import pytest
import requests
from flask import Flask
from werkzeug.test import TestResponse

from e2e.provider import CLIENT, SECRET, User
from e2e.provider import Provider as Elsewhere
from tests.admin.test_people import invited
from tests.admin.test_second import App, set_up, show
from tests.conftest import Clock, Desk
from tests.receivers import receiving
from widget_server.delivery import identity
from widget_server.rules.access import Role, Standing
from widget_server.settings import Provider, Settings
from widget_server.storage import people, roles
from widget_server.storage.tables import LogEntry, Moderator

HTTPS = "https://widget.example"
NEW = "new@news.example"


@pytest.fixture
def elsewhere(clock: Clock) -> Iterator[Elsewhere]:
    found = Elsewhere(now=lambda: clock.moment.timestamp())
    found.users = {"ada": User("sub-ada", "Ada@news.example"), "new": User("sub-new", NEW)}
    found.start()
    yield found
    found.stop()


@pytest.fixture
def settings(settings: Settings, elsewhere: Elsewhere) -> Settings:
    return replace(settings, provider=Provider(elsewhere.url, CLIENT, SECRET, "Somewhere else"))


class Browser(Desk):
    """Somebody's browser, which goes to the provider and comes back."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app.test_client(), "")

    def go(self, query: str = "") -> str:
        """The provider's page."""
        answer = self.get(f"/admin/login/elsewhere{query}")
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def say(self, page: str, who: str) -> str:
        """Tell the provider who one is: the path by which it sends one back."""
        answer = requests.post(page, data={"email": who}, allow_redirects=False, timeout=10)
        assert answer.status_code == 302, answer.text
        target = urlsplit(answer.headers["Location"])
        assert f"{target.scheme}://{target.netloc}" == HTTPS
        return urlunsplit(("", "", *target[2:]))

    def sign_in(self, who: str = "ada", query: str = "") -> TestResponse:
        return self.get(self.say(self.go(query), who))


@pytest.fixture
def guest(app: Flask) -> Browser:
    return Browser(app)


def refused(answer: TestResponse, words: str) -> bool:
    return answer.status_code == 403 and words in answer.text


def test_somebody_comes_in_by_the_provider(guest: Browser, desk: Desk) -> None:
    assert "Sign in with Somewhere else" in guest.get("/admin/login").text
    assert guest.sign_in().headers["Location"] == "/admin/reports"
    assert desk.email in guest.get("/admin/account").text
    assert "rebind" not in {entry.verb for entry in LogEntry.select()}
    assert [entry.verb for entry in LogEntry.select().order_by(LogEntry.id)][-2:] == [
        "bind sign-in elsewhere",
        "sign in",
    ]


def test_one_comes_back_to_where_one_wanted_to_be_and_nowhere_else(guest: Browser, desk: Desk) -> None:
    assert guest.sign_in(query="?next=/admin/log").headers["Location"] == "/admin/log"
    assert guest.sign_in(query="?next=//evil.example").headers["Location"] == "/admin/reports"


def test_the_provider_is_asked_with_a_challenge_a_state_and_a_nonce(guest: Browser, desk: Desk) -> None:
    asked = {name: values[0] for name, values in parse_qs(urlsplit(guest.go("?again=1")).query).items()}
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")
    assert asked["redirect_uri"] == f"{HTTPS}/admin/login/elsewhere/back"
    assert min(len(asked[name]) for name in ("state", "nonce")) >= 32
    assert len(asked["code_challenge"]) == 43


@pytest.mark.parametrize(
    "spoiled",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "somebody-else"},
        {"aud": ["somebody-else", CLIENT]},
        {"aud": [CLIENT, "somebody-else"], "azp": "somebody-else"},
        {"azp": "somebody-else"},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"exp": 1},
        {"exp": None},
        {"iat": None},
        {"iat": 9_999_999_999},
        {"nbf": 9_999_999_999},
        {"sub": None},
        {"sub": 7},
        {"email_verified": False},
        {"email_verified": None},
        {"email_verified": "yes"},
        {"email": None},
        {"email": ["ada@news.example"]},
        {"email": "ａda@news.example"},
    ],
    ids=str,
)
def test_a_token_that_is_not_exactly_right_opens_nothing(
    guest: Browser, desk: Desk, elsewhere: Elsewhere, spoiled: dict
) -> None:
    elsewhere.spoiled = spoiled
    assert guest.sign_in().status_code == 403
    assert guest.get("/admin/reports").status_code == 302
    assert Moderator.get().oidc_subject is None


@pytest.mark.parametrize("signs", ["none", "HS256", "another key"])
def test_a_token_that_the_provider_has_not_signed_opens_nothing(
    guest: Browser, desk: Desk, elsewhere: Elsewhere, signs: str
) -> None:
    elsewhere.signs = signs
    assert refused(guest.sign_in(), "is not valid")
    assert guest.get("/admin/reports").status_code == 302


@pytest.mark.parametrize(("seconds", "status"), [(359, 302), (361, 403)])
def test_a_token_holds_as_long_as_it_says_and_a_minute_more_for_clocks_that_differ(
    guest: Browser, desk: Desk, elsewhere: Elsewhere, clock: Clock, seconds: int, status: int
) -> None:
    elsewhere.now = lambda: clock.moment.timestamp() - seconds
    assert guest.sign_in().status_code == status


def test_a_key_that_the_provider_has_changed_is_looked_up_again(
    guest: Browser, desk: Desk, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert guest.sign_in().status_code == 302
    elsewhere.new_key()
    assert guest.sign_in().status_code == 403  # the keys were read a moment ago
    monkeypatch.setattr("widget_server.delivery.identity.AGAIN_SECONDS", 0)
    assert guest.sign_in().status_code == 302


def test_nobody_unknown_comes_in(guest: Browser, desk: Desk, elsewhere: Elsewhere) -> None:
    assert refused(guest.sign_in("new"), f"Somewhere else knows you as {NEW}, but nobody here does.")
    assert Moderator.select().count() == 1


def test_the_log_tells_why_somebody_was_refused_and_not_who(
    guest: Browser, desk: Desk, elsewhere: Elsewhere, caplog: pytest.LogCaptureFixture
) -> None:
    assert guest.sign_in("new").status_code == 403
    elsewhere.users["new"].email = f"{NEW}\nforged line"
    assert refused(guest.sign_in("new"), "names an e-mail address that cannot be one")
    told = [record.getMessage() for record in caplog.records if record.name == "widget_server"]
    assert told == [
        "sign-in elsewhere refused: unknown_account",
        "sign-in elsewhere refused: bad_address",
    ]


def test_somebody_who_is_invited_comes_in_as_what_they_were_invited(guest: Browser, desk: Desk) -> None:
    link = invited(desk, role="auditor")
    assert "Or sign in with Somewhere else" in guest.get(link).text
    assert guest.sign_in("new").status_code == 302
    person = people.find(NEW)
    assert (roles.of([person])[person.id], person.password_hash) == (Standing(Role.AUDITOR), "")
    assert guest.get(link).status_code == 404
    again = Desk(guest.client.application.test_client(), NEW)
    assert again.post("/admin/login", "/admin/login", email=NEW, password="").status_code == 403


def test_only_the_same_person_there_comes_in_again_until_an_owner_forgets_it(
    guest: Browser, app: Flask, desk: Desk, elsewhere: Elsewhere
) -> None:
    assert guest.sign_in().status_code == 302
    elsewhere.users["ada"].sub = "another"
    assert refused(Browser(app).sign_in(), "belongs to somebody else at Somewhere else than before")
    assert "only the same person there" in desk.get("/admin/people/1").text
    assert desk.post("/admin/people/1/elsewhere/forget", "/admin/people/1").status_code == 303
    assert Browser(app).sign_in().status_code == 302


def test_one_person_there_is_never_two_here(
    app: Flask, guest: Browser, desk: Desk, other_desk: Desk, elsewhere: Elsewhere
) -> None:
    assert guest.sign_in().status_code == 302
    for email in (other_desk.email, NEW):
        elsewhere.users["ada"].email = email
        invited(desk) if email == NEW else None
        assert Browser(app).sign_in().status_code == 403
    assert people.find(NEW) is None


def test_somebody_who_was_removed_does_not_come_in(
    app: Flask, desk: Desk, other_desk: Desk, elsewhere: Elsewhere
) -> None:
    elsewhere.users["bob"] = User("sub-bob", other_desk.email)
    assert Browser(app).sign_in("bob").status_code == 302
    desk.post("/admin/people/2/remove", "/admin/people/2")
    assert Browser(app).sign_in("bob").status_code == 403


def test_an_answer_is_taken_once_and_only_in_the_browser_that_asked(app: Flask, guest: Browser, desk: Desk) -> None:
    back = guest.say(guest.go(), "ada")
    assert refused(Browser(app).get(back), "not begun in this browser")
    assert guest.get(back).status_code == 302
    assert refused(guest.get(back), "not begun in this browser")
    stranger = Browser(app)
    stranger.go()
    assert refused(stranger.get(back), "does not belong to the sign-in that was begun")
    assert refused(stranger.get(back), "not begun in this browser")


def test_a_code_of_another_sign_in_is_not_taken(app: Flask, guest: Browser, desk: Desk) -> None:
    """Whoever slips their own code under somebody's state is stopped by the challenge."""
    theirs = parse_qs(urlsplit(Browser(app).say(guest.go(), "ada")).query)["code"][0]
    own = guest.say(guest.go(), "ada")
    assert refused(guest.get(re.sub("code=[^&]*", f"code={theirs}", own)), "did not confirm the sign-in")


@pytest.mark.parametrize(
    "answer", ["", "?error=access_denied&state={state}", "?state={state}", "?code=x", "?code=x&state=é"]
)
def test_an_answer_without_what_is_needed_is_refused(guest: Browser, desk: Desk, answer: str) -> None:
    state = parse_qs(urlsplit(guest.go()).query)["state"][0]
    assert guest.get("/admin/login/elsewhere/back" + answer.format(state=state)).status_code == 403


def test_a_refusal_at_the_provider_is_told(guest: Browser, desk: Desk) -> None:
    assert refused(guest.sign_in("nobody it knows"), "Somewhere else did not sign you in.")


def test_an_answer_in_the_name_of_another_provider_is_refused(guest: Browser, desk: Desk) -> None:
    back = guest.say(guest.go(), "ada")
    assert refused(guest.get(f"{back}&iss=https://evil.example"), "is not from Somewhere else")


def test_a_sign_in_that_took_too_long_begins_again(guest: Browser, desk: Desk, clock: Clock) -> None:
    back = guest.say(guest.go(), "ada")
    clock.move(minutes=10.1)
    assert refused(guest.get(back), "took too long")


def test_an_address_that_is_told_only_when_asked(guest: Browser, app: Flask, desk: Desk, elsewhere: Elsewhere) -> None:
    elsewhere.tells_later = True
    assert guest.sign_in().status_code == 302
    elsewhere.spoiled = {"email_verified": False}
    assert Browser(app).sign_in().status_code == 403
    elsewhere.spoiled = {}
    elsewhere.users["ada"].verified = False
    assert Browser(app).sign_in().status_code == 403


def test_a_provider_that_does_not_answer_is_told_and_passwords_still_open(
    guest: Browser, desk: Desk, elsewhere: Elsewhere
) -> None:
    elsewhere.stop()
    assert refused(guest.get("/admin/login/elsewhere"), "does not answer")
    form = {"email": desk.email, "password": "correct horse battery"}
    assert guest.post("/admin/login", "/admin/login", **form).status_code == 302


def test_a_provider_whose_answer_never_ends_is_left(
    app: Flask, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "LONGEST", 0.3)
    elsewhere.stop()
    ends = threading.Event()

    def trickle(line: socket.socket, _: bytes) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n")
        while not ends.wait(0.05):
            line.sendall(b" ")

    with receiving(trickle, port=urlsplit(elsewhere.url).port or 0) as receiver:
        for _ in range(identity.MOST_ASKING + 2):
            assert refused(Browser(app).get("/admin/login/elsewhere"), "does not answer")
        ends.set()
    assert len(receiver.requests) == identity.MOST_ASKING  # nobody waits for what the others wait for


def test_a_provider_under_another_name_is_refused(guest: Browser, desk: Desk, elsewhere: Elsewhere) -> None:
    elsewhere.issuer = "https://evil.example"
    assert refused(guest.get("/admin/login/elsewhere"), "by another name")


def test_whoever_has_a_second_factor_shows_it_here_too(guest: Browser, desk: Desk, clock: Clock) -> None:
    phone, _ = set_up(desk, clock)
    assert isinstance(phone, App)
    assert guest.sign_in().headers["Location"].startswith("/admin/login/second")
    assert guest.get("/admin/reports").status_code == 302
    assert show(guest, phone.code()) == 302
    assert guest.get("/admin/reports").status_code == 200


def test_who_has_no_password_shows_who_they_are_at_the_provider(guest: Browser, desk: Desk, clock: Clock) -> None:
    invited(desk, role="owner")
    guest.sign_in("new")
    clock.move(minutes=16)
    asked = guest.post("/admin/people/1/remove", "/admin/people/1")
    assert (asked.status_code, "Show it at Somewhere else" in asked.text) == (403, True)
    assert "again=1" in re.search(r'href="(/admin/login/elsewhere[^"]*)"', asked.text)[1]
    guest.sign_in("new", "?again=1")
    assert guest.post("/admin/people/1/remove", "/admin/people/1").status_code == 303


@pytest.fixture
def new_owner(guest: Browser, desk: Desk, elsewhere: Elsewhere, clock: Clock) -> Browser:
    """Somebody without a password, in a browser that they left open two hours ago, there and here."""
    elsewhere.since = clock.moment.timestamp()
    invited(desk, role="owner")
    guest.sign_in("new")
    clock.move(hours=2)
    return guest


def has_shown(browser: Browser) -> bool:
    """Whether this browser may do what only people may who have just shown who they are."""
    return browser.get("/admin/account/second").status_code == 200


def test_who_was_asked_nothing_there_has_not_shown_who_they_are(new_owner: Browser) -> None:
    assert new_owner.sign_in("new").status_code == 302
    assert not has_shown(new_owner)


def test_who_strikes_out_that_they_are_to_be_asked_again_has_shown_nothing(new_owner: Browser) -> None:
    page = re.sub("&(prompt=login|max_age=0)", "", new_owner.go("?again=1"))
    answer = new_owner.get(new_owner.say(page, "new"))
    assert refused(answer, "Somewhere else does not tell that you have shown it just now who you are")
    assert not has_shown(new_owner)


def test_the_moment_that_the_provider_has_signed_is_believed_within_what_clocks_differ(
    new_owner: Browser, elsewhere: Elsewhere, clock: Clock
) -> None:
    for seconds, shown in ((0, True), (59, True), (-14 * 60, True), (61, False), (-16 * 60, False)):
        clock.move(minutes=20)
        elsewhere.spoiled = {"auth_time": int(clock.moment.timestamp()) + seconds}
        assert (seconds, new_owner.sign_in("new", "?again=1").status_code) == (seconds, 302 if shown else 403)
        assert (seconds, has_shown(new_owner)) == (seconds, shown)


def test_what_is_no_moment_is_none(new_owner: Browser, elsewhere: Elsewhere, clock: Clock) -> None:
    now = int(clock.moment.timestamp())
    for told in (None, True, str(now), [now], now * 1000, 10**30, -(10**30), 0, float("nan")):
        elsewhere.spoiled = {"auth_time": told}
        assert (told, new_owner.sign_in("new", "?again=1").status_code) == (told, 403)
        assert new_owner.sign_in("new").status_code == 302
        assert (told, has_shown(new_owner)) == (told, False)


def test_what_is_told_beside_the_signed_token_is_no_proof(
    new_owner: Browser, elsewhere: Elsewhere, clock: Clock
) -> None:
    elsewhere.tells_later, elsewhere.spoiled_later = True, {"auth_time": int(clock.moment.timestamp())}
    elsewhere.spoiled = {"auth_time": None}
    assert new_owner.sign_in("new", "?again=1").status_code == 403
    assert not has_shown(new_owner)


def test_who_comes_by_an_invitation_may_set_a_password_at_once_whatever_the_provider_tells(
    guest: Browser, desk: Desk, elsewhere: Elsewhere
) -> None:
    """As with the invitation's own form: else nobody could, where a provider tells nothing."""
    elsewhere.spoiled = {"auth_time": None}
    invited(desk, role="owner")
    guest.sign_in("new")
    form = {"path": "/admin/account/password", "token_from": "/admin/account", "new": "a password at last"}
    assert guest.post(**form).status_code == 303


def test_a_password_is_asked_for_after_a_sign_in_elsewhere_that_showed_nothing(
    guest: Browser, desk: Desk, elsewhere: Elsewhere, clock: Clock
) -> None:
    elsewhere.since = clock.moment.timestamp() - 3600
    guest.sign_in()
    asked = guest.post("/admin/people/second", "/admin/account", required="")
    assert (asked.status_code, "Your password" in asked.text) == (403, True)


def test_who_has_no_password_sets_one(guest: Browser, desk: Desk, app: Flask, clock: Clock) -> None:
    invited(desk, role="owner")
    guest.sign_in("new")
    form = {"path": "/admin/account/password", "token_from": "/admin/account", "new": "a password at last"}
    assert guest.post(**form).status_code == 303
    again = Desk(app.test_client(), NEW)
    assert again.post("/admin/login", "/admin/login", email=NEW, password="a password at last").status_code == 302
