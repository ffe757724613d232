"""The second factor: set up, asked for, lost, and required of everybody."""

import re
from dataclasses import replace

import pyotp
import pytest
from flask import Flask

from tests.conftest import SECRET, Clock, Desk, Page, signed_in
from tests.inboxes import Inbox, text
from tests.test_cli import command
from widget_server.rules.access import Role, Standing
from widget_server.serving import keep_house
from widget_server.settings import Settings
from widget_server.storage.tables import LogEntry, Moderator, RecoveryCode, SignIn, database

__all__ = ["command"]

HTTPS = "https://widget.example"
PASSWORD = "correct horse battery"
COOKIE = "__Host-desk"
SETUP = "/admin/account/second"


def hidden(page: str, name: str) -> str:
    return re.search(rf'name="{name}" value="([^"]*)"', page)[1]


class App:
    """What somebody has on their phone."""

    def __init__(self, page: str, clock: Clock) -> None:
        self.secret = re.search(r'<code id="secret">([^<]+)<', page)[1].replace(" ", "")
        self.clock = clock

    def code(self, *, seconds: int = 0) -> str:
        return pyotp.TOTP(self.secret).at(int(self.clock.moment.timestamp()) + seconds)


def set_up(desk: Desk, clock: Clock) -> tuple[App, list[str]]:
    """The app, and the recovery codes. Its code of now is used."""
    page = desk.get(SETUP).text
    app = App(page, clock)
    answer = desk.post(SETUP, SETUP, sealed=hidden(page, "sealed"), code=app.code())
    assert answer.status_code == 200, answer.text
    clock.move(seconds=30)
    return app, re.search(r'<code id="codes"[^>]*>([^<]+)<', answer.text)[1].split()


def halfway(app: Flask, email: str, **form: str) -> Desk:
    """A browser in which the password was right."""
    desk = Desk(app.test_client(), email)
    answer = desk.post("/admin/login", "/admin/login", email=email, password=form.get("password", PASSWORD))
    assert answer.headers["Location"].startswith("/admin/login/second")
    return desk


def show(desk: Desk, code: str) -> int:
    return desk.post("/admin/login/second", "/admin/login/second", code=code).status_code


def test_signing_in_asks_for_the_apps_code(app: Flask, desk: Desk, clock: Clock) -> None:
    phone, _ = set_up(desk, clock)
    again = halfway(app, desk.email)
    assert again.get("/admin/reports").status_code == 302
    assert again.post("/admin/reports/next", "/admin/login/second").status_code == 403
    before = again.client.get_cookie(COOKIE, domain="widget.example").value
    assert show(again, "000000") == 403
    assert show(again, phone.code()) == 302
    assert again.get("/admin/reports").status_code == 200
    thief = app.test_client()
    thief.set_cookie(COOKIE, before, domain="widget.example")
    assert thief.get("/admin/reports", base_url=HTTPS).status_code == 302


def test_after_the_code_one_is_where_one_wanted_to_be(app: Flask, desk: Desk, clock: Clock) -> None:
    phone, _ = set_up(desk, clock)
    again = Desk(app.test_client(), desk.email)
    answer = again.post("/admin/login?next=/admin/log", "/admin/login", email=desk.email, password=PASSWORD)
    then = answer.headers["Location"]
    assert again.post(then, then, code=phone.code()).headers["Location"] == "/admin/log"
    other = halfway(app, desk.email)
    clock.move(seconds=30)
    answer = other.post("/admin/login/second?next=//evil.example", "/admin/login/second", code=phone.code())
    assert answer.headers["Location"] == "/admin/reports"


def test_a_code_opens_once(app: Flask, desk: Desk, clock: Clock) -> None:
    phone, _ = set_up(desk, clock)
    first, second = halfway(app, desk.email), halfway(app, desk.email)
    code = phone.code()
    assert [show(first, code), show(second, code)] == [302, 403]
    assert show(second, phone.code(seconds=-30)) == 403
    assert show(second, phone.code(seconds=30)) == 302


@pytest.mark.parametrize(("minutes", "status"), [(9.9, 302), (10.1, 403)])
def test_the_code_is_shown_within_ten_minutes(
    app: Flask, desk: Desk, clock: Clock, minutes: float, status: int
) -> None:
    phone, _ = set_up(desk, clock)
    again = halfway(app, desk.email)
    form = {"csrf_token": hidden(again.get("/admin/login/second").text, "csrf_token")}
    clock.move(minutes=minutes)
    form["code"] = phone.code()
    answer = again.client.post("/admin/login/second", data=form, base_url=HTTPS, headers={"Referer": HTTPS})
    assert answer.status_code == status


def test_guessing_codes_is_stopped(app: Flask, desk: Desk, clock: Clock) -> None:
    phone, _ = set_up(desk, clock)
    again = halfway(app, desk.email)
    assert [show(again, f"{number:06}") for number in range(21)] == [403] * 20 + [429]
    another = halfway(app, desk.email)
    assert show(another, phone.code()) == 429


def test_a_browser_is_known_only_after_the_code(app: Flask, desk: Desk, clock: Clock) -> None:
    phone, _ = set_up(desk, clock)
    again = halfway(app, desk.email)
    assert again.client.get_cookie("__Host-known", domain="widget.example") is None
    assert show(again, phone.code()) == 302
    assert again.client.get_cookie("__Host-known", domain="widget.example") is not None


def test_who_knows_the_password_and_guesses_codes_does_not_keep_the_owner_out(
    app: Flask, desk: Desk, clock: Clock
) -> None:
    phone, _ = set_up(desk, clock)
    answers = []
    for place in range(3):
        thief = halfway(app, desk.email)
        for number in range(20):
            thief.client.environ_base["REMOTE_ADDR"] = f"198.51.100.{place}"
            answers.append(show(thief, f"{number:06}"))
    assert answers == [403] * 50 + [429] * 10
    assert show(halfway(app, desk.email), phone.code()) == 429
    desk.post("/admin/logout")
    desk.post("/admin/login", "/admin/login", email=desk.email, password=PASSWORD)
    assert [show(desk, f"{number:06}") for number in range(19)] == [403] * 19
    assert show(desk, phone.code()) == 302
    clock.move(seconds=30)
    desk.post("/admin/login", "/admin/login", email=desk.email, password=PASSWORD)
    assert [show(desk, f"{number:06}") for number in range(2)] == [403, 429], "it is no better place to guess"


def test_of_many_wrong_codes_their_owner_hears_once_by_mail(
    app: Flask, news: Page, desk: Desk, clock: Clock, inbox: Inbox, settings: Settings
) -> None:
    set_up(desk, clock)
    again, mailing = halfway(app, desk.email), replace(settings, mail_url=inbox.url)
    for number in range(9):
        show(again, f"{number:06}")
    assert keep_house(mailing, at=clock())["mails_sent"] == 0
    for number in range(9, 15):
        show(again, f"{number:06}")
    assert keep_house(mailing, at=clock())["mails_sent"] == 1
    message = inbox.messages[0]
    assert (message["To"], message["Subject"]) == (desk.email, "Somebody has your password")
    assert f"{HTTPS}/admin/account" in text(message)
    assert LogEntry.select().where(LogEntry.verb == "guess codes").count() == 1


def test_each_recovery_code_opens_once(app: Flask, desk: Desk, clock: Clock) -> None:
    _, codes = set_up(desk, clock)
    assert (len(set(codes)), len(codes)) == (10, 10)
    assert show(halfway(app, desk.email), codes[3].lower().replace("-", " ")) == 302
    assert show(halfway(app, desk.email), codes[3]) == 403
    assert show(halfway(app, desk.email), codes[4]) == 302
    assert "8 codes are left" in desk.get(SETUP).text
    left = [entry.particulars for entry in LogEntry.select().where(LogEntry.verb == "use recovery code")]
    assert left == [{"left": 9}, {"left": 8}]


def test_new_recovery_codes_end_the_old_ones(app: Flask, desk: Desk, clock: Clock) -> None:
    _, old = set_up(desk, clock)
    page = desk.post("/admin/account/second/codes", SETUP).text
    new = re.search(r'<code id="codes"[^>]*>([^<]+)<', page)[1].split()
    assert set(new).isdisjoint(old)
    assert show(halfway(app, desk.email), old[0]) == 403
    assert show(halfway(app, desk.email), new[0]) == 302


def test_neither_secret_nor_codes_can_be_read_in_the_database(desk: Desk, clock: Clock) -> None:
    phone, codes = set_up(desk, clock)
    kept = [
        str(cell)
        for table in (Moderator, RecoveryCode, SignIn, LogEntry)
        for row in table.select().tuples()
        for cell in row
    ]
    for told in (phone.secret, *codes):
        assert not [cell for cell in kept if told in cell]


def test_a_wrong_code_at_the_set_up_shows_the_same_picture_again(desk: Desk, clock: Clock) -> None:
    page = desk.get(SETUP).text
    phone, sealed = App(page, clock), hidden(page, "sealed")
    wrong = desk.post(SETUP, SETUP, sealed=sealed, code="000000")
    assert (wrong.status_code, "not the code that the app shows" in wrong.text) == (403, True)
    assert (App(wrong.text, clock).secret, hidden(wrong.text, "sealed")) == (phone.secret, sealed)
    assert desk.post(SETUP, SETUP, sealed=sealed, code=phone.code()).status_code == 200


def test_a_secret_that_was_not_made_here_is_not_taken(desk: Desk) -> None:
    own = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    for sealed in (own, "", "é"):
        assert desk.post(SETUP, SETUP, sealed=sealed, code=pyotp.TOTP(own).now()).status_code == 303
    assert Moderator.get().totp_secret is None


def test_the_desk_opens_nobody_elses_secret(desk: Desk, other_desk: Desk, clock: Clock) -> None:
    proposed = hidden(desk.get(SETUP).text, "sealed")
    set_up(desk, clock)
    kept = Moderator.get(Moderator.email == desk.email).totp_secret
    for sealed in (proposed, kept):
        answer = other_desk.post(SETUP, SETUP, sealed=sealed, code="000000")
        assert (answer.status_code, answer.headers.get("Location")) == (303, SETUP)


def test_the_picture_breaks_no_policy(desk: Desk) -> None:
    page = desk.get(SETUP)
    picture = re.search(r"<svg[^>]*class=\"qr\".*?</svg>", page.text, re.DOTALL)[0]
    assert "style" not in picture
    assert "'unsafe-inline'" not in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["", "/codes", "/off"])
def test_the_second_factor_is_changed_only_by_who_has_just_come_in(desk: Desk, clock: Clock, path: str) -> None:
    clock.move(minutes=16)
    answer = desk.post(SETUP + path, "/admin/account")
    assert (answer.status_code, "Is it you?" in answer.text) == (403, True)


def test_who_has_a_second_factor_shows_it_again_not_the_password(desk: Desk, clock: Clock) -> None:
    phone, codes = set_up(desk, clock)
    clock.move(minutes=16)
    asked = desk.post("/admin/account/second/off", "/admin/account")
    assert "A code of your app" in asked.text
    form = {"then": "/admin/account/second/off", "way": "POST"}
    assert desk.post("/admin/confirm", "/admin/account", **form, confirm_password=PASSWORD).status_code == 403
    assert desk.post("/admin/confirm", "/admin/account", **form, confirm_code=phone.code()).status_code == 307
    clock.move(minutes=16)
    assert desk.post("/admin/confirm", "/admin/account", **form, confirm_code=codes[0]).status_code == 307


def test_a_new_password_is_no_way_around_it(desk: Desk, clock: Clock) -> None:
    phone, _ = set_up(desk, clock)
    clock.move(minutes=16)
    change = {"old": PASSWORD, "new": "another password of mine"}
    asked = desk.post("/admin/account/password", "/admin/account", **change)
    assert (asked.status_code, "A code of your app" in asked.text) == (403, True)
    assert desk.post("/admin/account/second/off", SETUP).status_code == 403
    form = {"then": "/admin/account/password", "way": "POST", "confirm_code": phone.code(), **change}
    assert desk.post("/admin/confirm", "/admin/account", **form).status_code == 307
    assert desk.post("/admin/account/password", "/admin/account", **change).status_code == 303


def test_one_goes_without_it_again(app: Flask, desk: Desk, clock: Clock) -> None:
    set_up(desk, clock)
    assert desk.post("/admin/account/second/off", SETUP).status_code == 303
    again = Desk(app.test_client(), desk.email)
    answer = again.post("/admin/login", "/admin/login", email=desk.email, password=PASSWORD)
    assert answer.headers["Location"] == "/admin/reports"
    assert RecoveryCode.select().count() == 0


def test_where_it_is_required_everybody_is_led_to_it(app: Flask, desk: Desk, other_desk: Desk, clock: Clock) -> None:
    set_up(desk, clock)
    assert desk.post("/admin/people/second", "/admin/people", required="1").status_code == 303
    assert other_desk.get("/admin/reports").headers["Location"] == SETUP
    assert "Everybody at this desk needs one." in other_desk.get(SETUP).text
    assert other_desk.post("/admin/reports/next", "/admin/account").status_code == 403
    set_up(other_desk, clock)
    assert other_desk.get("/admin/reports").status_code == 200
    assert other_desk.post("/admin/account/second/off", SETUP).status_code == 409
    new = signed_in(app, clock, "new@news.example", Standing(Role.AUDITOR))
    assert new.get("/admin/log").headers["Location"] == SETUP
    assert desk.post("/admin/people/second", "/admin/people").status_code == 303
    assert new.get("/admin/log").status_code == 200


def test_an_owner_resets_the_second_factor_of_who_has_lost_it(
    app: Flask, desk: Desk, other_desk: Desk, clock: Clock
) -> None:
    set_up(other_desk, clock)
    assert desk.post("/admin/people/2/second/reset", "/admin/people/2").status_code == 303
    again = Desk(app.test_client(), other_desk.email)
    form = {"email": other_desk.email, "password": PASSWORD}
    assert again.post("/admin/login", "/admin/login", **form).headers["Location"] == "/admin/reports"
    entry = LogEntry.select().where(LogEntry.verb == "reset second factor").get()
    assert (entry.subject, entry.moderator.email) == (other_desk.email, desk.email)


def test_the_operator_resets_it_too(
    app: Flask, desk: Desk, clock: Clock, command, settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(desk, clock)
    database.close()
    monkeypatch.setenv("WIDGET_SECRET_KEY", SECRET)
    told = command("moderator", "reset-second", "ADA@news.example", WIDGET_DATABASE_URL=settings.database_url)
    assert (told.returncode, "without a second factor" in told.stdout) == (0, True), told.stderr
    with database.connection_context():
        assert Moderator.get().totp_secret is None
    unknown = command("moderator", "reset-second", "eve@news.example", WIDGET_DATABASE_URL=settings.database_url)
    assert (unknown.returncode, "eve@news.example" in unknown.stderr) == (2, True)


def test_a_secret_under_another_key_opens_nothing_but_a_reset_helps(desk: Desk, app: Flask, clock: Clock) -> None:
    phone, _ = set_up(desk, clock)
    Moderator.update(totp_secret="gAAAAA-not-ours").execute()
    assert show(halfway(app, desk.email), phone.code()) == 403
