"""Every token and secret there is, forged, replayed, of somebody else, and too old: how many open anything?

`python -m tests.chaos tokens`. Limits do not count here: what refuses is the check, not that it is tried often. What is
right is tried as well: a door that opens for nobody would prove nothing. There are no links that give a new password
(an owner invites again, or the operator sets one), no passkeys, and no webhooks that come in.
"""

import base64
import json
import logging
import random
import re
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from itertools import cycle, islice
from typing import Any

import altcha
from cryptography.fernet import Fernet
from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from werkzeug.test import TestResponse

from e2e.provider import CLIENT, User
from e2e.provider import SECRET as CLIENT_SECRET
from e2e.provider import Provider as Elsewhere
from tests.admin.test_elsewhere import Browser
from tests.admin.test_people import NEW, invited
from tests.admin.test_second import App, halfway, hidden, set_up
from tests.api.test_floods import changed, solved
from tests.chaos.inside import OWNER, Inside, inside
from tests.conftest import SECRET, TEXT, Desk, Page, signed_in
from tests.pages.test_receipts import link
from widget_server.delivery import identity
from widget_server.rendering import tokens
from widget_server.rules import keys, signatures
from widget_server.rules.marking import Disclosure, text_sha256
from widget_server.settings import Provider
from widget_server.storage import connection, people, sites
from widget_server.storage.seals import Kind
from widget_server.storage.tables import LogEntry, Moderator, Report

EACH = 100
RIGHT, FORGED, REPLAYED, FOREIGN, EXPIRED = "right", "forged", "replayed", "foreign", "expired"
WAYS = (FORGED, REPLAYED, FOREIGN, EXPIRED)
HTTPS = "https://widget.example"
COOKIE = "__Host-desk"
PASSWORD = "correct horse battery"
RECEIPT = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
URL_SAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
OTHER_SERVER = "another secret of thirty-two characters"
Tried = Iterator[tuple[str, bool]]
"""What was wrong with it, and whether it opened all the same."""


def run(each: int = EACH) -> dict[str, Any]:
    """How often each kind was tried in each way, and how many of these opened anything."""
    rows = {name: _row(kind, each) for name, kind in KINDS.items()}
    told = {
        name: {
            **{way: row[way]["tried"] for way in WAYS if way in row},
            "right_ones": row[RIGHT]["accepted"],
            "accepted": sum(row[way]["accepted"] for way in WAYS if way in row),
        }
        for name, row in rows.items()
    }
    return {
        "tried": sum(row[way] for row in told.values() for way in WAYS if way in row),
        "accepted": sum(row["accepted"] for row in told.values()),
        "right_ones_refused": sum(not row["right_ones"] for row in told.values()),
        "by_kind": told,
    }


def _row(kind: Callable[..., Tried], each: int) -> dict[str, dict[str, int]]:
    row: dict[str, dict[str, int]] = {}
    with ExitStack() as stack:
        more, there = {"flood_reports": 5} if kind is work else {}, []
        if kind in (state, id_token):
            there.append(stack.enter_context(elsewhere()))
            more["provider"] = Provider(there[0].url, CLIENT, CLIENT_SECRET, "Somewhere else")
        server = stack.enter_context(inside(**more))
        for provider in there:
            provider.now = lambda: server.clock.moment.timestamp()
        for way, opened in kind(server, each, *there):
            told = row.setdefault(way, {"tried": 0, "accepted": 0})
            told["tried"] += 1
            told["accepted"] += opened
    return row


def forgeries(token: str, number: int, *, letters: str = URL_SAFE, meaning: Callable[[str], object] = str) -> list[str]:
    """Bits flipped, cut, longer, nothing, the parts of it in another order.

    The last letter before a point or the end is left alone: base64 has bits there that mean nothing. What has the same
    `meaning` is no forgery, but the same written otherwise.
    """
    chance, found = random.Random(token), {"": None, token * 2: None, token[1:]: None, token[::-1]: None}
    found |= dict.fromkeys([token + letters[0], ".".join(reversed(token.split("."))), token[: len(token) // 2]])
    inner = [at for at in range(len(token) - 1) if token[at] in letters and token[at + 1] in letters]
    while len(found) < 2 * number + 10:
        at = chance.choice(inner)
        found[token[:at] + chance.choice(letters) + token[at + 1 :]] = None
        cut = chance.randrange(1, len(token))
        found[token[:cut] + chance.choice(letters) * chance.randrange(2) + token[cut + 1 :]] = None
    return [one for one in found if meaning(one) != meaning(token)][:number]


def content(server: Inside, each: int) -> Tried:
    """The token at a rendered text. It stands on the page: on another text it must prove nothing."""
    news = server.news
    token = news.render().json["content"]

    def opens(token: str) -> bool:
        return news.report(content=token).status_code == 201

    def signed(secret: str, **more: timedelta) -> str:
        moment = server.clock() - more.get("ago", timedelta())
        return tokens.sign(tokens.Content(text_sha256(TEXT), Disclosure("m", "p", "human"), moment), secret)

    yield RIGHT, opens(token)
    strangers = [signed(keys.site_secret(f"{OTHER_SERVER}{n}", site=news.key, generation=1)) for n in range(each // 4)]
    payload = base64.urlsafe_b64encode(json.dumps({"h": text_sha256(TEXT), "t": 2**31}).encode()).decode().rstrip("=")
    unsigned = [payload, payload + ".", f"{payload}.{payload}"]
    for forged in ([one for one in forgeries(token, each) if one] + unsigned)[: each - len(strangers)] + strangers:
        yield FORGED, opens(forged)
    for number in range(each):
        yield (
            FOREIGN,
            opens(
                tokens.sign(tokens.Content(text_sha256(f"{number}"), Disclosure(), server.clock()), server.shop.secret)
            ),
        )
        yield EXPIRED, opens(signed(news.secret, ago=timedelta(days=400, minutes=1 + number)))
        news.report(f"another text, {number}", content=token)
        yield REPLAYED, Report.select().order_by(Report.id.desc()).get().verified


def secret_key(server: Inside, each: int) -> Tried:
    news, shop = server.news, server.shop

    def opens(secret: str) -> bool:
        return news.client.get("/api/v1/usage", headers={"Authorization": f"Bearer {secret}"}).status_code == 200

    yield RIGHT, opens(news.secret)
    strangers = [keys.site_secret(f"{OTHER_SERVER}{n}", site=news.key, generation=1) for n in range(each // 4)]
    for forged in forgeries(news.secret, each - len(strangers)) + strangers:
        yield FORGED, opens(forged)
    proof = shop.secret.split("_", 2)[2]
    for generation in range(each - 1):
        yield FOREIGN, opens(keys.site_secret(SECRET, site=shop.key, generation=generation + 2))
    yield FOREIGN, opens(f"wsk_{news.key}_{proof}")
    for _ in range(each):
        with connection():
            sites.rotate(news.key, at=server.clock())
        server.clock.move(days=8)
        yield EXPIRED, opens(news.secret)
        with connection():
            news.secret = sites.secrets_of(sites.find(news.key), (SECRET,), at=server.clock())[0]


def receipt(server: Inside, each: int) -> Tried:
    news = server.news
    code = news.report().json["receipt"]
    doors = cycle(
        [
            lambda code: news.client.get(f"/api/v1/reports/{code}"),
            lambda code: news.client.get(f"/r/{code}"),
            lambda code: news.client.post(f"/r/{code}/delete"),
            lambda code: news.client.delete(f"/api/v1/reports/{code}"),
            lambda code: news.client.post(f"/r/{code}/forget-address"),
            lambda code: news.client.post(f"/api/v1/reports/{code}/appeal", json={"comment": "x"}),
        ]
    )

    def opens(code: str) -> bool:
        return next(doors)(code).status_code not in (404, 405, 308)

    yield RIGHT, news.client.get(f"/api/v1/reports/{code}").status_code == 200
    for forged in forgeries(code, each, letters=RECEIPT, meaning=keys.receipt_digest):
        yield FORGED, opens(forged or "-")
    for number in range(each):
        stranger = keys.sender(site=news.key, sender_id="1")
        yield FOREIGN, opens(keys.receipt(f"{OTHER_SERVER}{number}", sender=stranger))
        gone = news.report().json["receipt"]
        news.client.delete(f"/api/v1/reports/{gone}")
        yield EXPIRED, opens(gone)


def confirmation(server: Inside, each: int) -> Tried:
    """What the mail to a reporter proves."""
    news = server.news
    for _ in range(2):
        news.report(email="reader@example.org")
    address, theirs = link(news, 1), link(news, 2).split("proof=")[1]
    path, proof = address.split("?proof=")

    def opens(proof: str) -> bool:
        return news.client.post(path, data={"proof": proof}).status_code == 303

    for forged in forgeries(proof, each):
        yield FORGED, opens(forged)
    for number in range(each - 1):
        yield FOREIGN, opens(keys.confirmation(SECRET, sender=f"{number}", email="reader@example.org"))
    yield FOREIGN, opens(theirs)
    yield RIGHT, opens(proof)
    for _ in range(each):
        opens(proof)
        yield REPLAYED, LogEntry.select().where(LogEntry.verb == "confirm address").count() > 1
    news.client.post(path.replace("/confirm", "/forget-address"))
    for _ in range(each):
        yield EXPIRED, opens(proof)


def invitation(server: Inside, each: int) -> Tried:
    desk = server.desk

    def opens(path: str) -> bool:
        return server.app.test_client().get(path, base_url=HTTPS).status_code == 200

    path = invited(desk)
    folder, token = path.rsplit("/", 1)
    yield RIGHT, opens(path)
    for forged in forgeries(token, each):
        yield FORGED, opens(f"{folder}/{forged}")
    for number in range(each):
        yield FOREIGN, opens(f"{folder}/{keys.invitation(OTHER_SERVER, nonce=f'{number}')}")
    browser = Desk(server.app.test_client(), NEW)
    browser.post(path, path, password="a password of my own")
    for _ in range(each):
        yield REPLAYED, opens(path)
    old = invited(desk, "late@news.example")
    server.clock.move(days=7, seconds=1)
    for _ in range(each):
        yield EXPIRED, opens(old)


def session(server: Inside, each: int) -> Tried:
    app, clock = server.app, server.clock

    def opens(cookie: str) -> bool:
        client = app.test_client()
        client.set_cookie(COOKIE, cookie, domain="widget.example")
        return client.get("/admin/reports", base_url=HTTPS).status_code == 200

    def cookie_of(desk: Desk) -> str:
        return desk.client.get_cookie(COOKIE, domain="widget.example").value

    def come_in() -> Desk:
        desk = Desk(app.test_client(), OWNER)
        desk.post("/admin/login", "/admin/login", email=OWNER, password=PASSWORD)
        return desk

    good = cookie_of(come_in())
    yield RIGHT, opens(good)
    for forged in forgeries(good, each):
        yield FORGED, opens(forged)
    inner = app.session_interface.get_signing_serializer(app)
    token = inner.loads(good)["token"]
    strange = URLSafeTimedSerializer(OTHER_SERVER, salt="cookie-session", signer=TimestampSigner)
    for number in range(each):
        unknown = inner.dumps({"token": f"{token[:-1]}{number}"}) if number % 2 else strange.dumps({"token": token})
        yield FOREIGN, opens(str(unknown))
        leaving = come_in()
        left = cookie_of(leaving)
        leaving.post("/admin/logout")
        yield REPLAYED, opens(left)
    with connection():
        old = [come_in() for _ in range(each)]
    clock.move(hours=8, seconds=1)
    for desk in old:
        yield EXPIRED, opens(cookie_of(desk))


def csrf(server: Inside, each: int) -> Tried:
    desk, path = server.desk, "/admin/account/sessions/end"

    def token(of: Desk) -> str:
        return hidden(of.get("/admin/account").text, "csrf_token")

    def opens(token: str | None) -> bool:
        form = {} if token is None else {"csrf_token": token}
        answer = desk.client.post(path, data={**form, "session": "x"}, base_url=HTTPS, headers={"Referer": HTTPS})
        return answer.status_code == 303

    mine = token(desk)
    yield RIGHT, opens(mine)
    for forged in [None, *forgeries(mine, each - 1)]:
        yield FORGED, opens(forged)
    other = signed_in(server.app, server.clock, "bob@news.example")
    for _ in range(each):
        yield FOREIGN, opens(token(other))
    desk.post("/admin/logout")
    desk.post("/admin/login", "/admin/login", email=desk.email, password=PASSWORD)
    for _ in range(each):
        yield EXPIRED, opens(mine)


def code(server: Inside, each: int) -> Tried:
    """The second factor at sign-in."""
    app, clock, desk = server.app, server.clock, server.desk
    phone, _ = set_up(desk, clock)
    theirs, _ = set_up(signed_in(app, clock, "bob@news.example"), clock)
    waiting = halfway(app, desk.email)
    csrf_token = hidden(waiting.get("/admin/login/second").text, "csrf_token")

    def answer(to: Desk, code: str, token: str) -> TestResponse:
        form = {"csrf_token": token, "code": code}
        return to.client.post("/admin/login/second", data=form, base_url=HTTPS, headers={"Referer": HTTPS})

    def opens(code: str) -> bool:
        return answer(waiting, code, csrf_token).status_code == 302

    valid = {phone.code(seconds=seconds) for seconds in (-60, -30, 0, 30, 60)}
    wrong = [f"{number:06}" for number in range(0, 1_000_000, 9973) if f"{number:06}" not in valid]
    for forged in [*wrong[: each - 3], "", phone.code() + "0", phone.code()[:5]][:each]:
        yield FORGED, opens(forged)
    for number in range(each):
        seconds = 30 * (number % 3 - 1)
        yield FOREIGN, theirs.code(seconds=seconds) not in valid and opens(theirs.code(seconds=seconds))
        clock.move(seconds=1)
    for number in range(each):
        clock.move(seconds=30)
        yield EXPIRED, opens(phone.code(seconds=-60 - 30 * number))
        if number % 15 == 0:
            waiting = halfway(app, desk.email)
            csrf_token = hidden(waiting.get("/admin/login/second").text, "csrf_token")
    for number in range(each):
        clock.move(seconds=30)
        used = phone.code()
        first = halfway(app, desk.email)
        came_in = first.post("/admin/login/second", "/admin/login/second", code=used).status_code == 302
        if number == 0:
            yield RIGHT, came_in
        again = halfway(app, desk.email)
        yield REPLAYED, again.post("/admin/login/second", "/admin/login/second", code=used).status_code == 302


def recovery(server: Inside, each: int) -> Tried:
    app, clock, desk = server.app, server.clock, server.desk
    _, codes = set_up(desk, clock)
    _, theirs = set_up(signed_in(app, clock, "bob@news.example"), clock)
    waiting = halfway(app, desk.email)
    csrf_token = hidden(waiting.get("/admin/login/second").text, "csrf_token")

    def opens(code: str) -> bool:
        form = {"csrf_token": csrf_token, "code": code}
        answer = waiting.client.post("/admin/login/second", data=form, base_url=HTTPS, headers={"Referer": HTTPS})
        return answer.status_code == 302

    for forged in forgeries(codes[0], each, letters=RECEIPT, meaning=keys.receipt_digest):
        yield FORGED, opens(forged)
    for foreign in islice(cycle(theirs), each):
        yield FOREIGN, opens(foreign)
    yield RIGHT, opens(codes[0])
    for _ in range(each):
        again = halfway(app, desk.email)
        yield REPLAYED, again.post("/admin/login/second", "/admin/login/second", code=codes[0]).status_code == 302
    desk.post("/admin/account/second/codes", "/admin/account")
    waiting = halfway(app, desk.email)
    csrf_token = hidden(waiting.get("/admin/login/second").text, "csrf_token")
    for old in islice(cycle(codes[1:]), each):
        yield EXPIRED, opens(old)


def step_up(server: Inside, each: int) -> Tried:
    """Showing again who one is, before what cannot be taken back."""
    desk, clock = server.desk, server.clock
    signed_in(server.app, clock, "bob@news.example")
    with connection():
        people.set_password(people.named("bob@news.example"), "another one of Bob's", at=clock())
    clock.move(minutes=16)
    asking = desk.get("/admin/account/second").text
    form = {name: hidden(asking, name) for name in ("csrf_token", "then", "way")}

    def opens(password: str) -> bool:
        more = {"base_url": HTTPS, "headers": {"Referer": HTTPS}}
        return desk.client.post("/admin/confirm", data={**form, "confirm_password": password}, **more).status_code < 400

    for forged in forgeries(PASSWORD, each):
        yield FORGED, opens(forged)
    for _ in range(each):
        yield FOREIGN, opens("another one of Bob's")
        yield EXPIRED, desk.get("/admin/account/second").status_code == 200
    yield RIGHT, opens(PASSWORD)


def proposal(server: Inside, each: int) -> Tried:
    """A second factor's secret, sealed in the form that sets it up."""
    desk, path = server.desk, "/admin/account/second"
    page = desk.get(path).text
    app, sealed, token = App(page, server.clock), hidden(page, "sealed"), hidden(page, "csrf_token")

    def opens(sealed: str) -> bool:
        form = {"csrf_token": token, "sealed": sealed, "code": app.code()}
        return desk.client.post(path, data=form, base_url=HTTPS, headers={"Referer": HTTPS}).status_code == 200

    def sealed_by(secret: str, text: str) -> str:
        return Fernet(keys.seal(secret, Kind.PROPOSAL)).encrypt(text.encode()).decode()

    me = Moderator.get(Moderator.email == desk.email).id
    for forged in forgeries(sealed, each):
        yield FORGED, opens(forged)
    for number in range(each):
        whose = (f"{OTHER_SERVER}{number}", me) if number % 2 else (SECRET, me + 1 + number)
        yield FOREIGN, opens(sealed_by(whose[0], f"{whose[1]} {app.secret}"))
    yield RIGHT, opens(sealed)
    for _ in range(each):
        yield REPLAYED, opens(sealed)


@contextmanager
def elsewhere() -> Iterator[Elsewhere]:
    """A provider on this machine, while it is needed."""
    identity.forget()
    running = Elsewhere(now=time.time)
    running.users = {"ada": User("sub-ada", OWNER)}
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    running.start()
    try:
        yield running
    finally:
        running.stop()
        identity.forget()


def state(server: Inside, each: int, _: Elsewhere) -> Tried:
    """What the browser brings back from a sign-in elsewhere."""

    def comes_in(browser: Browser, back: str) -> bool:
        return browser.get(back).status_code == 302

    guest = Browser(server.app)
    back = guest.say(guest.go(), "ada")
    yield RIGHT, comes_in(guest, back)
    for _ in range(each):
        yield REPLAYED, comes_in(guest, back)
    good = re.search(r"state=([^&]+)", back)[1]
    for forged in forgeries(good, each):
        thief = Browser(server.app)
        own = thief.say(thief.go(), "ada")
        yield FORGED, comes_in(thief, re.sub(r"state=[^&]+", f"state={forged}", own))
    for _ in range(each):
        victim, thief = Browser(server.app), Browser(server.app)
        victim.go()
        yield FOREIGN, comes_in(victim, thief.say(thief.go(), "ada"))
        late = Browser(server.app)
        then = late.say(late.go(), "ada")
        server.clock.move(minutes=10, seconds=1)
        yield EXPIRED, comes_in(late, then)


def id_token(server: Inside, each: int, there: Elsewhere) -> Tried:
    """What the provider says about whoever signed in."""

    def comes_in() -> bool:
        return Browser(server.app).sign_in().status_code == 302

    yield RIGHT, comes_in()
    honest = there.signs
    for there.signs in islice(cycle(["none", "HS256", "another key"]), each):
        yield FORGED, comes_in()
    there.signs = honest
    foreign = [
        {"aud": "somebody-else"},
        {"iss": "https://evil.example"},
        {"aud": [CLIENT, "x"], "azp": "x"},
        {"sub": 7},
    ]
    for there.spoiled in islice(cycle(foreign), each):
        yield FOREIGN, comes_in()
    for there.spoiled in islice(cycle([{"nonce": "of another sign-in"}, {"nonce": None}]), each):
        yield REPLAYED, comes_in()
    for there.spoiled in islice(cycle([{"exp": 1}, {"exp": None}, {"iat": 9_999_999_999}]), each):
        yield EXPIRED, comes_in()


def work(server: Inside, each: int) -> Tried:
    """The solution that a flooded site asks for."""
    news, shop = server.news, server.shop
    for page in (news, shop):
        for number in range(5):
            page.report(f"text {number}")

    def solution(page: Page, name: str) -> str:
        return solved(page.report(id=name).json["challenge"])

    def opens(work: str, name: str | None = None) -> bool:
        return news.report(id=name or str(uuid.uuid4()), work=work).status_code == 201

    name = str(uuid.uuid4())
    good = solution(news, name)
    spoiled = [
        changed(good, cost=1),
        changed(good, data=None),
        changed(good, nonce="00"),
        changed(good, keySignature=""),
    ]
    own = altcha.create_challenge("SHA-256", 1, counter=0, data={}, hmac_secret="x", hmac_key_secret="y")
    for forged in [solved(own.to_dict()), *spoiled, *forgeries(good, each, meaning=_solution)][:each]:
        yield FORGED, opens(forged, name)
    yield RIGHT, opens(good, name)
    for _ in range(each):
        yield REPLAYED, opens(good)
    theirs = solution(shop, foreign := str(uuid.uuid4()))
    late = solution(news, old := str(uuid.uuid4()))
    for _ in range(each):
        yield FOREIGN, opens(theirs, foreign)
    server.clock.move(minutes=5, seconds=1)
    for number in range(5):
        news.report(f"more {number}")
    for _ in range(each):
        yield EXPIRED, opens(late, old)


def _solution(work: str) -> object:
    """What a solution proves: the key that was found, not how many were tried or how long it took."""
    try:
        read = altcha.Payload.from_base64(work)
        return read.challenge.to_dict(), read.solution.derived_key
    except (ValueError, KeyError, TypeError, AttributeError):
        return work


def sender(server: Inside, each: int) -> Tried:
    """The id that makes a report one: of another site's report it tells nothing."""
    name = str(uuid.uuid4())
    mine = server.news.report(id=name).json["receipt"]
    yield RIGHT, server.news.report(id=name).json["receipt"] == mine
    for number in range(each):
        name = str(uuid.UUID(int=number))
        mine = server.news.report(id=name).json["receipt"]
        yield FOREIGN, server.shop.report(id=name).json["receipt"] == mine


def publication(server: Inside, each: int) -> Tried:
    """The number of a text that waits for review, asked for by another site."""
    news, shop = server.news, server.shop
    held = [news.render(f"Text {number}", audience="public").json["publication"] for number in range(each)]

    def opens(number: str, page: Page) -> bool:
        return page.client.get(f"/api/v1/publications/{number}", headers=page.bearer).status_code == 200

    yield RIGHT, opens(held[0], news)
    for number in held:
        yield FOREIGN, opens(number, shop)
    for forged in forgeries(held[0], each):
        yield FORGED, forged not in held and opens(forged or "-", news)


def seal(server: Inside, each: int) -> Tried:
    """The seal under a report for auditors."""
    seed, stranger = keys.report_seed(SECRET), keys.report_seed(OTHER_SERVER)
    key, around = signatures.public_key(seed), {"within": signatures.HTML}
    good = signatures.sealed(b"<p>2.iii: met</p>", seed, **around)
    told = good.rsplit(b"\n", 2)[1]

    def opens(file: bytes) -> bool:
        return signatures.verify(file, key=key).verdict is signatures.Verdict.GENUINE

    yield RIGHT, opens(good)
    signature = re.search(r'"signature":"([^"]+)"', told.decode())[1]
    for forged in forgeries(signature, each):
        yield FORGED, opens(good.replace(signature.encode(), forged.encode()))
    for number in range(each):
        yield FOREIGN, opens(signatures.sealed(b"<p>2.iii: met, %d</p>" % number, stranger, **around))
        yield REPLAYED, opens(b"<p>2.iii: met, %d</p>\n" % number + told)


KINDS: dict[str, Callable[..., Tried]] = {
    "content token": content,
    "secret key (Bearer)": secret_key,
    "receipt (look, take back, forget, appeal)": receipt,
    "confirmation of a mail address": confirmation,
    "invitation": invitation,
    "session cookie": session,
    "CSRF token": csrf,
    "code of the second factor": code,
    "recovery code": recovery,
    "step-up by password": step_up,
    "sealed secret of a second factor": proposal,
    "OIDC state": state,
    "OIDC id_token": id_token,
    "solution of a challenge (ALTCHA)": work,
    "idempotency id of a report": sender,
    "number of a publication": publication,
    "seal of an auditor's report": seal,
}
