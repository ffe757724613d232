"""Guessing at an account: nobody gets in by it, and nobody is kept out by it."""

import re
import threading
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.admin.test_people import NEW, invited
from tests.conftest import Clock, Desk, Page
from widget_server import create_app
from widget_server.routes.limits import limiter
from widget_server.settings import Settings
from widget_server.storage import hashing

HTTPS = "https://widget.example"
PASSWORD = "correct horse battery"


def tries(client: FlaskClient, email: str, password: str, *, address: str, token: str = "") -> TestResponse:
    """A sign-in from this address."""
    asked = {"base_url": HTTPS, "environ_overrides": {"REMOTE_ADDR": address}}
    form = {"csrf_token": token or token_of(client), "email": email, "password": password}
    return client.post("/admin/login", data=form, headers={"Referer": HTTPS}, **asked)


def token_of(client: FlaskClient) -> str:
    page = client.get("/admin/login", base_url=HTTPS).text
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]


def guesses(app: Flask, email: str, number: int, *, addresses: int) -> list[int]:
    """Wrong passwords from that many addresses in turn; what each was answered."""
    client = app.test_client()
    token = token_of(client)
    places = [f"198.51.{one // 250}.{one % 250}" for one in range(addresses)]
    return [
        tries(client, email, f"guess {one}", address=places[one % addresses], token=token).status_code
        for one in range(number)
    ]


def test_of_many_guesses_from_many_addresses_few_are_looked_at(app: Flask, desk: Desk) -> None:
    answers = guesses(app, desk.email, 400, addresses=40)
    assert {*answers} == {403, 429}
    assert answers.count(403) == 100 + 2 * 40
    assert answers[-40:] == [429] * 40


def test_while_an_account_is_guessed_at_its_owner_comes_in_from_a_new_address(app: Flask, desk: Desk) -> None:
    guesses(app, desk.email, 150, addresses=50)
    new = app.test_client()
    assert tries(new, desk.email, "mistyped", address="203.0.113.9").status_code == 403
    assert tries(new, desk.email, PASSWORD, address="203.0.113.9").status_code == 302


def test_a_browser_of_the_owners_is_kept_out_by_no_number_of_guesses(app: Flask, desk: Desk) -> None:
    guesses(app, desk.email, 1100, addresses=500)
    stranger, known = app.test_client(), desk.client
    assert tries(stranger, desk.email, PASSWORD, address="203.0.113.9").status_code == 429
    desk.post("/admin/logout")
    assert [tries(known, desk.email, "mistyped", address="198.51.0.7").status_code for _ in range(3)] == [403] * 3
    assert tries(known, desk.email, PASSWORD, address="198.51.0.7").status_code == 302


def test_a_known_browser_is_no_better_place_to_guess(app: Flask, desk: Desk) -> None:
    for address in ("198.51.100.1", "198.51.100.2"):
        answers = [tries(desk.client, desk.email, f"guess {one}", address=address).status_code for one in range(20)]
    assert answers == [429] * 20


def test_a_browser_is_known_to_one_account_only_and_for_half_a_year(
    app: Flask, desk: Desk, other_desk: Desk, clock: Clock
) -> None:
    guesses(app, desk.email, 150, addresses=150)
    assert [tries(other_desk.client, desk.email, "x", address="203.0.113.9").status_code for _ in range(3)] == [
        403, 403, 429,
    ]  # fmt: skip
    clock.move(days=181)
    assert [tries(desk.client, desk.email, "x", address="203.0.113.10").status_code for _ in range(3)] == [
        403, 403, 429,
    ]  # fmt: skip


def test_a_known_browser_stays_known_under_a_new_secret(desk: Desk, settings: Settings, clock: Clock) -> None:
    cookie = desk.client.get_cookie("__Host-known", domain="widget.example").value
    later = create_app(replace(settings, secret_key="b" * 40, old_secret_keys=(settings.secret_key,)), now=clock)
    limiter.reset()
    guesses(later, desk.email, 120, addresses=120)
    browser = later.test_client()
    browser.set_cookie("__Host-known", cookie, domain="widget.example")
    assert [tries(browser, desk.email, "x", address="203.0.113.9").status_code for _ in range(3)] == [403] * 3
    later.extensions["widget_server"].writer.close()


def test_a_cookie_that_we_have_not_signed_says_nothing(app: Flask, desk: Desk) -> None:
    guesses(app, desk.email, 120, addresses=120)
    client = app.test_client()
    for number, forged in enumerate(["", "x", "W10.x", "bnVsbA.AAAA", "\u00e9", "." * 4000]):
        client.set_cookie("__Host-known", forged, domain="widget.example")
        answers = [tries(client, desk.email, "x", address=f"203.0.113.{number}").status_code for _ in range(3)]
        assert answers == [403, 403, 429], forged


def test_the_cookie_of_a_known_browser_is_safe_and_opens_nothing(app: Flask, desk: Desk) -> None:
    answer = tries(app.test_client(), desk.email, PASSWORD, address="203.0.113.9")
    cookie = next(value for value in answer.headers.getlist("Set-Cookie") if value.startswith("__Host-known="))
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=15552000"))
    assert desk.email not in cookie
    thief = app.test_client()
    thief.set_cookie("__Host-known", cookie.partition("=")[2].partition(";")[0], domain="widget.example")
    assert thief.get("/admin/reports", base_url=HTTPS).status_code == 302


def test_passwords_beyond_what_the_machine_hashes_in_time_are_asked_to_come_back(
    app: Flask, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hashing, "PATIENCE_SECONDS", 0)
    for name in ("_turns", "_places"):
        monkeypatch.setattr(hashing, name, threading.BoundedSemaphore(1))
        with getattr(hashing, name):
            answer = tries(app.test_client(), desk.email, PASSWORD, address="203.0.113.9")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
        assert "Try again soon" in answer.text
    assert tries(app.test_client(), desk.email, PASSWORD, address="203.0.113.9").status_code == 302


def test_a_weak_password_is_refused_wherever_one_is_chosen(app: Flask, desk: Desk, news: Page, clock: Clock) -> None:
    """At an invitation and on the account's page; `tests/test_cli.py` tries the command line."""
    link = invited(desk)
    browser = Desk(app.test_client(), NEW)
    for weak in ("password123", "News-news.example", "newnew@news.example", "widget-server!"):
        answer = browser.post(link, link, password=weak)
        assert (answer.status_code, "Take four words" in answer.text) == (422, True), weak
        own = desk.post("/admin/account/password", "/admin/account", old=PASSWORD, new=weak)
        assert (own.status_code, "Take four words" in own.text) == (422, True), weak
    assert browser.post(link, link, password="four words of no relation").status_code == 302


EXPORT = "/admin/exports/reports.jsonl"


@pytest.mark.parametrize(
    "target",
    [
        *("/admin/log%0d%0aX:%20y", "/admin/%09log", "http://[", "/admin%5c"),
        *(EXPORT, f"{EXPORT}?site=1", "/admin//exports/reports.jsonl", "/admin/%2565xports/reports.jsonl"),
        *("/admin/prompts/../exports/reports.jsonl", "/admin/prompts/a/%252e%252e/%252e%252e/exports/reports.jsonl"),
        "/admin/login/elsewhere",
    ],
)
def test_after_signing_in_one_is_led_only_to_pages_of_the_desk_that_leave_nothing_behind(
    app: Flask, desk: Desk, target: str
) -> None:
    """Another website may have written the link to the page on which one signs in."""
    browser = Desk(app.test_client(), desk.email)
    way = f"/admin/login?next={target}"
    answer = browser.post(way, "/admin/login", email=desk.email, password=PASSWORD)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/reports")
