"""Who knows an old password, or was removed, comes in by nothing that was under way in that very moment.

On PostgreSQL: what the operator or an owner does waits for its place in the log, and the others come meanwhile.
"""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.admin.test_elsewhere import Browser, elsewhere, guest, settings
from tests.admin.test_other_sites import OFFER
from tests.admin.test_second import PASSWORD, App, halfway, hidden, set_up
from tests.conftest import Clock, Desk, Page
from tests.storage.test_races_for_cards import DECISION, held_up, races_servers, servers
from widget_server.rules.access import Role, Standing
from widget_server.settings import Settings
from widget_server.storage import connection, people, second
from widget_server.storage.tables import Case, LogEntry, Moderator, Note, Reason, Webhook

__all__ = ["elsewhere", "guest", "races_servers", "servers", "settings"]

NEW = "a wholly new secret 9921"
CHOSEN = "what the thief has chosen"
MOVED = (302, 303)
Work = Callable[[], object]


def reset(desk: Desk, clock: Clock) -> Work:
    """The operator gives the account a new password."""

    def work() -> None:
        with connection():
            people.set_password(people.find(desk.email), NEW, at=clock())

    return work


def remove(desk: Desk, by: Desk, clock: Clock) -> Work:
    def work() -> None:
        with connection():
            people.remove(people.find(desk.email), by=people.find(by.email).id, at=clock())

    return work


def sending(desk: Desk, path: str, token_from: str, into: list[TestResponse], **form: str) -> Work:
    """A form that was opened before."""
    token = hidden(desk.get(token_from).text, "csrf_token")
    headers = {"Referer": "https://widget.example/"}
    sent = {"data": {"csrf_token": token, **form}, "base_url": "https://widget.example", "headers": headers}
    return lambda: into.append(desk.client.post(path, **sent))


def signing_in(app: Flask, email: str, into: list[TestResponse]) -> tuple[Desk, Work]:
    thief = Desk(app.test_client(), email)
    return thief, sending(thief, "/admin/login", "/admin/login", into, email=email, password=PASSWORD)


def showing_a_code(app: Flask, desk: Desk, clock: Clock) -> tuple[Desk, list[TestResponse], Work]:
    """A thief with the password and the phone, who has still to show its code."""
    phone, _ = set_up(desk, clock)
    thief, answers = halfway(app, desk.email), list[TestResponse]()
    path = "/admin/login/second"
    return thief, answers, sending(thief, path, path, answers, code=phone.code())


def opens(app: Flask, email: str, password: str) -> bool:
    browser = Desk(app.test_client(), email)
    return browser.post("/admin/login", "/admin/login", email=email, password=password).status_code in MOVED


def is_in(desk: Desk) -> bool:
    return desk.get("/admin/account").status_code == 200


def verbs(email: str) -> list[str]:
    with connection():
        return [one.verb for one in LogEntry.select().where(LogEntry.subject == email).order_by(LogEntry.id)]


def test_the_old_password_opens_nothing_that_outlives_its_reset(
    app: Flask, settings: Settings, desk: Desk, clock: Clock
) -> None:
    answers: list[TestResponse] = []
    thief, sign_in = signing_in(app, desk.email, answers)
    with held_up(settings, DECISION) as race:
        race.send(reset(desk, clock))
        race.send(sign_in)
    assert answers[0].status_code == 409
    assert "Sign in, then do it again" in answers[0].text
    assert not is_in(thief)
    assert verbs(desk.email)[-1] == "set password"
    assert opens(app, desk.email, NEW)


def test_a_session_that_was_just_begun_ends_with_the_reset(
    app: Flask, settings: Settings, desk: Desk, clock: Clock
) -> None:
    answers: list[TestResponse] = []
    thief, sign_in = signing_in(app, desk.email, answers)
    with held_up(settings, DECISION) as race:
        race.send(sign_in)
        race.send(reset(desk, clock))
    assert answers[0].status_code == 302
    assert not is_in(thief)


def test_a_password_that_is_changed_by_the_old_one_does_not_undo_its_reset(
    app: Flask, settings: Settings, desk: Desk, clock: Clock
) -> None:
    answers: list[TestResponse] = []
    path = "/admin/account/password"
    change = sending(desk, path, "/admin/account", answers, old=PASSWORD, new=CHOSEN)
    with held_up(settings, DECISION) as race:
        race.send(reset(desk, clock))
        race.send(change)
    assert answers[0].status_code == 409
    assert [opens(app, desk.email, password) for password in (PASSWORD, CHOSEN, NEW)] == [False, False, True]


def test_of_two_passwords_that_one_session_chooses_at_once_the_first_holds(
    app: Flask, settings: Settings, desk: Desk
) -> None:
    answers: list[TestResponse] = []
    path = "/admin/account/password"
    changes = [sending(desk, path, "/admin/account", answers, old=PASSWORD, new=new) for new in (NEW, CHOSEN)]
    with held_up(settings, DECISION) as race:
        for change in changes:
            race.send(change)
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    assert [opens(app, desk.email, password) for password in (NEW, CHOSEN)] == [True, False]


def test_nobody_comes_in_who_is_just_removed_nor_by_that_when_they_are_invited_again(
    app: Flask, settings: Settings, desk: Desk, other_desk: Desk, clock: Clock
) -> None:
    answers: list[TestResponse] = []
    thief, sign_in = signing_in(app, other_desk.email, answers)
    with held_up(settings, DECISION) as race:
        race.send(remove(other_desk, desk, clock))
        race.send(sign_in)
    assert answers[0].status_code == 409
    with connection():
        people.add(other_desk.email, NEW, standing=Standing(Role.MODERATOR), at=clock())
    assert not is_in(thief)
    assert verbs(other_desk.email)[-2:] == ["remove person", "add moderator"]


def test_nobody_comes_in_elsewhere_who_is_just_removed(
    app: Flask, settings: Settings, desk: Desk, other_desk: Desk, clock: Clock, guest: Browser
) -> None:
    guest.sign_in()
    again, answers = Browser(app), []
    back = again.say(again.go(), "ada")
    with held_up(settings, DECISION) as race:
        race.send(remove(desk, other_desk, clock))
        race.send(lambda: answers.append(again.get(back)))
    assert answers[0].status_code == 409
    assert not is_in(again)


def test_who_is_just_removed_is_not_bound_to_somebody_elsewhere(
    app: Flask, settings: Settings, desk: Desk, other_desk: Desk, clock: Clock, guest: Browser
) -> None:
    back = guest.say(guest.go(), "ada")
    with held_up(settings, DECISION) as race:
        race.send(remove(desk, other_desk, clock))
        race.send(lambda: guest.get(back))
    with connection():
        assert Moderator.get(Moderator.email == desk.email).oidc_subject is None


def test_a_code_that_is_shown_after_the_old_password_opens_nothing_after_its_reset(
    app: Flask, settings: Settings, desk: Desk, clock: Clock
) -> None:
    _, answers, code = showing_a_code(app, desk, clock)
    with held_up(settings, DECISION) as race:
        race.send(reset(desk, clock))
        race.send(code)
    assert answers[0].status_code == 409
    assert verbs(desk.email)[-1] == "set password"


def test_a_code_of_the_app_that_is_just_given_up_opens_nothing(
    app: Flask, settings: Settings, desk: Desk, clock: Clock
) -> None:
    thief, answers, code = showing_a_code(app, desk, clock)

    def give_up() -> None:
        with connection():
            second.reset(people.find(desk.email), by=None, at=clock())

    with held_up(settings, DECISION) as race:
        race.send(give_up)
        race.send(code)
    assert answers[0].status_code in (403, 409)
    assert not is_in(thief)


@pytest.mark.parametrize("what", ["set up", "renew", "off"])
def test_a_session_that_just_ends_leaves_no_second_factor_of_its_own(
    settings: Settings, desk: Desk, clock: Clock, what: str
) -> None:
    if what == "set up":
        page = desk.get("/admin/account/second").text
        path, form = "/admin/account/second", {"sealed": hidden(page, "sealed"), "code": App(page, clock).code()}
    else:
        set_up(desk, clock)
        path, form = {"renew": "/admin/account/second/codes", "off": "/admin/account/second/off"}[what], {}
    with connection():
        before = second.codes_left(people.find(desk.email)), people.find(desk.email).totp_secret
    answers: list[TestResponse] = []
    act = sending(desk, path, "/admin/account/second", answers, **form)
    with held_up(settings, DECISION) as race:
        race.send(reset(desk, clock))
        race.send(act)
    assert answers[0].status_code == 409
    assert not re.search('id="codes"', answers[0].text)
    with connection():
        assert (second.codes_left(people.find(desk.email)), people.find(desk.email).totp_secret) == before


@pytest.mark.parametrize("what", ["decide many", "undo many", "withdraw elsewhere"])
def test_who_is_just_removed_decides_no_more_of_many(
    settings: Settings, news: Page, shop: Page, desk: Desk, other_desk: Desk, clock: Clock, what: str
) -> None:
    answers: list[TestResponse] = []
    news.report("One thing, about shoes.")
    if what == "decide many":
        form = desk.many("category=misinformation")
        form.pop("csrf_token", None)
        work = sending(desk, "/admin/reports/all", "/admin/reports", answers, **form)
    elif what == "undo many":
        batch = desk.decide_many(desk.many("category=misinformation")).headers["Location"].split("?")[0]
        work = sending(desk, f"{batch}/undo", "/admin/reports", answers)
    else:
        desk.decide(1, "withdraw")
        shop.report("One thing, about shoes.")
        expected = hidden(desk.get(OFFER).text, "expected")
        work = sending(desk, OFFER, OFFER, answers, site=shop.key, message="There, too.", expected=expected)
    with connection():
        before = [(case.state, case.version) for case in Case.select().order_by(Case.id)]
    with held_up(settings, DECISION) as race:
        race.send(remove(desk, other_desk, clock))
        race.send(work)
    assert answers[0].status_code == 303
    with connection():
        assert [(case.state, case.version) for case in Case.select().order_by(Case.id)] == before


@pytest.mark.parametrize(
    ("path", "form", "answered", "kept"),
    [
        ("/admin/reports/1/notes", {"text": "Ask the editors."}, [303, 303], Note),
        ("/admin/reasons", {"decision": "dismiss", "title": "Satire", "text": "This is satire."}, [303, 303], Reason),
        ("/admin/webhooks", {"url": "https://hooks.example/a"}, [303, 422], Webhook),
    ],
)
def test_a_form_that_is_sent_twice_in_one_moment_adds_one(
    settings: Settings, app: Flask, news: Page, desk: Desk, path: str, form: dict, answered: list[int], kept: type
) -> None:
    news.report()
    answers: list[TestResponse] = []
    send = sending(desk, path, "/admin/reports/1" if "reports" in path else path, answers, **form)
    with held_up(settings, DECISION) as race:
        race.send(send)
        race.send(send)
    assert sorted(one.status_code for one in answers) == answered
    with connection():
        assert kept.select().count() == 1
