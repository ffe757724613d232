"""Messages to webhooks, to real receivers on this machine that take them, fail, hang, and come back."""

import json
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from standardwebhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from tests.admin.test_queue import LONG
from tests.conftest import SECRET, TEXT, Clock, Desk, Page
from tests.receivers import Behaviour, Receiver, receiving, saying
from widget_server import create_app, serving
from widget_server.delivery.webhooks import poster
from widget_server.rules.events import Event
from widget_server.rules.webhooks import Kind
from widget_server.settings import Settings
from widget_server.storage import connection, sites, webhook_deliveries, webhooks
from widget_server.storage.tables import ALL, Moderator, Report, Webhook, WebhookDelivery, database

HERE = (ip_network("127.0.0.1/32"),)
TAKES = saying("204 No Content")
FAILS = saying("500 Internal Server Error")


@dataclass
class Told:
    """A message as it came: its headers, its body as text, and what that says."""

    headers: dict[str, str]
    body: str

    @property
    def json(self) -> dict:
        return json.loads(self.body)

    @classmethod
    def of(cls, request: bytes) -> "Told":
        head, _, body = request.partition(b"\r\n\r\n")
        rows = [row.split(": ", 1) for row in head.decode().split("\r\n")[1:]]
        return cls({name.lower(): value for name, value in rows}, body.decode())


def told(receiver: Receiver) -> list[Told]:
    return [Told.of(request) for request in receiver.requests]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, private_targets=HERE)


@pytest.fixture
def clock() -> Clock:
    """Receivers look at the real time: a message that was signed at another one is refused."""
    return Clock(datetime.now(UTC))


@pytest.fixture
def listen(app, clock: Clock) -> Callable[..., Webhook]:
    """Adds a webhook."""

    def add(receiver: Receiver | str, *wanted: Event, kind: Kind = Kind.STANDARD, site: str = "") -> Webhook:
        url = receiver if isinstance(receiver, str) else receiver.url
        with connection():
            found = sites.find(site) if site else None
            return webhooks.add(
                url, kind=kind, site=found, wanted=list(wanted), note="", moderator=_moderator(), at=clock()
            )

    return add


def _moderator() -> int | None:
    row = Moderator.select().first()
    return row.id if row else None


@pytest.fixture
def keep_house(app, settings: Settings, clock: Clock) -> Callable[[], int]:
    """One round of the housekeeping: how many messages were taken."""
    return lambda: serving.keep_house(settings, at=clock())["webhooks_sent"]


def secret_of(webhook: Webhook, clock: Clock) -> str:
    with connection():
        return webhooks.secrets_of(webhooks.find(webhook.id), (SECRET,), at=clock())[0]


def log_of(webhook: Webhook) -> list[WebhookDelivery]:
    with connection():
        return webhook_deliveries.page(webhook.id, before=None, size=100)


def test_a_report_is_told_once_signed_and_without_anything_that_the_reader_typed(
    news: Page, listen, keep_house, clock: Clock
) -> None:
    with receiving(TAKES) as receiver:
        webhook = listen(receiver)
        news.report(comment="typed comment", email="reader@reader.example", quote={"exact": "finished in 1889"})
        assert (keep_house(), keep_house()) == (1, 0)
    (message,) = told(receiver)
    verified = Verifier(secret_of(webhook, clock)).verify(message.body, message.headers)
    assert verified["type"] == "case.opened"
    assert verified["data"] == {
        "case": 1,
        "url": "https://widget.example/admin/reports/1",
        "site": news.key,
        "text_sha256": verified["data"]["text_sha256"],
        "state": "open",
        "category": "misinformation",
        "clause": "1.iii",
        "urgent": False,
        "model": "",
        "provider": "",
    }
    assert message.headers["content-type"] == "application/json"
    for typed in ("typed comment", "reader@reader", "1889", TEXT, "story"):
        assert typed not in message.body
    with pytest.raises(WebhookVerificationError):
        Verifier(secret_of(webhook, clock)).verify(message.body.replace("open", "shut"), message.headers)


def test_every_event_of_a_case_is_told(news: Page, desk: Desk, other_desk: Desk, listen, keep_house) -> None:
    with receiving(TAKES) as receiver:
        listen(receiver)
        receipt = news.report(category="self_harm").json["receipt"]
        desk.decide(1, "escalate", category="self_harm")
        other_desk.decide(1, "withdraw", "It is gone.", category="violence")
        other_desk.undo(1)
        other_desk.decide(1, "dismiss", "It stays.", category="self_harm")
        news.client.post(f"/api/v1/reports/{receipt}/appeal", json={"comment": "typed appeal"})
        assert keep_house() == 7
    said = [message.json for message in told(receiver)]
    assert [one["type"] for one in said] == [
        "case.opened",
        "case.urgent",
        "case.escalated",
        "case.decided",
        "case.reopened",
        "case.decided",
        "case.appealed",
    ]
    decided, reopened = said[3]["data"], said[4]["data"]
    facts = ("state", "decision", "category", "clause", "message", "ground")
    assert [decided[fact] for fact in facts] == [
        "withdrawn",
        "withdraw",
        "violence",
        "1.iii",
        "It is gone.",
        "guideline",
    ]
    assert (reopened["state"], reopened["decision"]) == ("escalated", "withdraw")
    assert "typed" not in "".join(message.body for message in told(receiver))
    assert "@" not in "".join(message.body for message in told(receiver))


def test_what_is_told_is_what_the_document_of_the_api_promises(news: Page, desk: Desk, listen, keep_house) -> None:
    document = news.client.get("/api/openapi.json").json
    with receiving(TAKES) as receiver:
        listen(receiver)
        receipt = news.report(category="self_harm").json["receipt"]
        desk.decide(1, "dismiss", category="self_harm")
        news.client.post(f"/api/v1/reports/{receipt}/appeal", json={"comment": "No."})
        number = news.render(audience="public").json["publication"]
        desk.review(number, "rejected", "No.")
        desk.post("/admin/webhooks/1/test", "/admin/webhooks")
        keep_house()
    assert len(receiver.requests) == 7
    for message in told(receiver):
        request = document["webhooks"][message.json["type"]]["post"]
        body = request["requestBody"]["content"]["application/json"]["schema"]
        schema = document["components"]["schemas"][body["properties"]["data"]["$ref"].rpartition("/")[2]]
        assert set(body["required"]) == set(message.json)
        assert set(schema["required"]) <= set(message.json["data"]) <= set(schema["properties"])
        assert {parameter["name"] for parameter in request["parameters"]} <= set(message.headers)


def test_a_second_report_is_no_news_but_one_that_makes_the_case_urgent_or_opens_it_again_is(
    news: Page, desk: Desk, listen, keep_house
) -> None:
    def kinds() -> list[str]:
        keep_house()
        kinds = [message.json["type"] for message in told(receiver)]
        receiver.requests.clear()
        return kinds

    with receiving(TAKES) as receiver:
        listen(receiver)
        news.report(category="spam")
        assert kinds() == ["case.opened"]
        news.report(category="spam")
        assert kinds() == []
        news.report(category="violence")
        assert kinds() == ["case.urgent"]
        news.report(category="violence")
        assert kinds() == []
        desk.decide(1, "dismiss", category="violence")
        assert kinds() == ["case.decided"]
        news.report(category="violence")
        assert kinds() == ["case.opened", "case.urgent"]
        desk.decide(1, "withdraw", category="violence")
        kinds()
        news.report(category="self_harm")
        assert kinds() == []


def test_a_case_is_told_as_urgent_as_it_is_itself_whatever_stands_on_its_card(
    news: Page, desk: Desk, listen, keep_house, clock: Clock
) -> None:
    with receiving(TAKES) as receiver:
        listen(receiver)
        news.report(LONG, category="spam")
        news.report(LONG.replace("1889", "1890"), category="violence")
        clock.move(hours=5)
        keep_house()
        news.report(LONG, category="self_harm")
        keep_house()
    assert [(one.json["type"], one.json["data"]["case"], one.json["data"]["urgent"]) for one in told(receiver)] == [
        ("case.opened", 1, False),
        ("case.opened", 2, True),
        ("case.urgent", 2, True),
        ("case.late", 2, True),
        ("case.urgent", 1, True),
        ("case.late", 1, True),
    ]


def test_a_publication_is_told_when_it_is_held_and_when_it_is_decided(
    news: Page, desk: Desk, listen, keep_house
) -> None:
    with receiving(TAKES) as receiver:
        listen(receiver)
        number = news.render(audience="public", model="jamba-large").json["publication"]
        news.render(audience="public", model="jamba-large")
        desk.review(number, note="fine")
        assert keep_house() == 2
    held, decided = (message.json for message in told(receiver))
    assert (held["type"], held["data"]["state"], held["data"]["model"]) == ("publication.held", "held", "jamba-large")
    assert (decided["type"], decided["data"]["state"]) == ("publication.decided", "approved")
    assert TEXT not in str(told(receiver))


def test_a_webhook_is_told_what_it_wants_of_its_own_site(
    news: Page, shop: Page, desk: Desk, listen, keep_house
) -> None:
    with receiving(TAKES) as everything, receiving(TAKES) as shops, receiving(TAKES) as urgent:
        listen(everything)
        listen(shops, site=shop.key)
        listen(urgent, Event.CASE_URGENT, Event.CASE_DECIDED)
        news.report("one", category="violence")
        shop.report("two", category="spam")
        keep_house()
    kinds = [
        [(one.json["type"], one.json["data"]["case"]) for one in told(receiver)]
        for receiver in (everything, shops, urgent)
    ]
    assert kinds == [
        [("case.opened", 1), ("case.urgent", 1), ("case.opened", 2)],
        [("case.opened", 2)],
        [("case.urgent", 1)],
    ]
    assert len({one.headers["webhook-id"] for one in told(everything)}) == 3


def test_slack_is_told_a_sentence_with_a_link(news: Page, desk: Desk, listen, keep_house) -> None:
    with receiving(saying("200 OK", b"ok")) as receiver:
        listen(receiver, kind=Kind.SLACK)
        news.report(category="spam")
        keep_house()
    (message,) = told(receiver)
    assert message.json == {
        "text": "<https://widget.example/admin/reports/1|Case 1> on News waits for a moderator: spam, guideline 1.ii."
    }
    assert "webhook-signature" not in message.headers


def test_what_fails_is_tried_again_after_a_while_and_arrives_once(news: Page, listen, keep_house, clock: Clock) -> None:
    with receiving(FAILS) as receiver:
        webhook = listen(receiver)
        news.report()
        assert keep_house() == 0
        (owed,) = log_of(webhook)
        assert (owed.status, owed.failure, owed.attempts) == (500, "It answered 500 Internal Server Error.", 1)
        receiver.behave = TAKES
        assert keep_house() == 0
        clock.move(minutes=2)  # a round that took seconds has put it off for as many more
        assert (keep_house(), keep_house()) == (1, 0)
    first, second = told(receiver)
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert (first.body, first.headers["webhook-timestamp"]) != (second.body, second.headers["webhook-timestamp"])
    (owed,) = log_of(webhook)
    assert (owed.status, owed.failure, owed.due_at, bool(owed.delivered_at)) == (204, "", None, True)


def close(line, _) -> None:
    """Hangs up without a word."""


@pytest.mark.parametrize(
    ("behave", "why"),
    [
        (close, "127.0.0.1 did not give a whole HTTP answer."),
        (lambda line, _: line.sendall(b"noise\r\n\r\n"), "127.0.0.1 did not give a whole HTTP answer."),
        (
            saying("302 Found", b"", "Location: http://127.0.0.2/"),
            "It answered 302 Found: it leads elsewhere, which is not followed.",
        ),
        (saying("404 Not Found"), "It answered 404 Not Found."),
        (saying("299 Fine"), ""),
        (saying("599 Odd"), "It answered 599."),
        (saying("300 Choices"), "It answered 300 Multiple Choices."),
    ],
)
def test_only_an_answer_of_success_counts_and_the_list_says_what_was_answered(
    news: Page, listen, keep_house, behave: Behaviour, why: str
) -> None:
    with receiving(behave) as receiver:
        webhook = listen(receiver)
        news.report()
        assert keep_house() == (not why)
    assert [(owed.failure, bool(owed.delivered_at)) for owed in log_of(webhook)] == [(why, not why)]
    assert len(receiver.requests) == 1


def test_a_receiver_that_hangs_is_left_and_the_others_are_served_first_from_then_on(
    news: Page, listen, clock: Clock, app
) -> None:
    order: list[str] = []
    post = poster(public_url="https://widget.example", private_allowed=HERE)

    def quick(letter):
        order.append(letter.url)
        return replace(post(letter), failure="It did not answer.") if letter.url == slow.url else post(letter)

    def send() -> int:
        with connection():
            return webhook_deliveries.send(quick, server_secrets=(SECRET,), at=clock())

    with receiving(TAKES) as slow, receiving(TAKES) as fast:
        listen(slow)
        listen(fast)
        for number in range(3):
            news.report(f"text {number}")
        assert send() == 3
        assert order == [slow.url, *[fast.url] * 3]
        order.clear()
        news.report("another text")
        assert send() == 1
        assert order == [fast.url, slow.url]


@pytest.fixture
def round_of(clock: Clock) -> Callable[..., list[str]]:
    """A round of 30 seconds in which some receivers take 9 for each message: whom it told, in this order."""

    def send(*slow: Receiver) -> list[str]:
        passed, order = [0.0], []
        post = poster(public_url="https://widget.example", private_allowed=HERE)

        def slowly(letter):
            order.append(letter.url)
            passed.append(passed[-1] + (9 if letter.url in {one.url for one in slow} else 0.1))
            return post(letter)

        with connection():
            webhook_deliveries.send(
                slowly,
                server_secrets=(SECRET,),
                at=clock(),
                enough=lambda: passed[-1] >= 30,
                seconds=lambda: passed[-1],
            )
        return order

    return send


def test_a_site_whose_receiver_takes_its_time_does_not_hold_up_another_site(
    news: Page, shop: Page, listen, clock: Clock, round_of
) -> None:
    with receiving(TAKES) as slow, receiving(TAKES) as fast:
        listen(slow, site=news.key)
        for number in range(9):
            news.report(f"text {number}")
        listen(fast, site=shop.key)
        for number in range(5):
            shop.report(f"text {number}")
        assert round_of(slow) == [slow.url, *[fast.url] * 5, *[slow.url] * 3]


def test_a_site_with_many_receivers_that_take_their_time_has_no_more_of_a_round(
    news: Page, shop: Page, listen, round_of
) -> None:
    with receiving(TAKES) as one, receiving(TAKES) as two, receiving(TAKES) as three, receiving(TAKES) as fast:
        for slow in (one, two, three):
            listen(slow, site=news.key)
        listen(fast, site=shop.key)
        for number in range(3):
            news.report(f"text {number}")
            shop.report(f"text {number}")
        assert round_of(one, two, three) == [one.url, *[fast.url] * 3, two.url, three.url, one.url]


def test_who_had_no_turn_in_a_round_is_first_in_the_next(news: Page, listen, clock: Clock, round_of) -> None:
    with ExitStack() as open_until_the_end:
        slow = [open_until_the_end.enter_context(receiving(TAKES)) for _ in range(5)]
        for receiver in slow:
            listen(receiver)
        for number in range(3):
            news.report(f"text {number}")
        urls = [receiver.url for receiver in slow]
        assert round_of(*slow) == urls[:4]
        clock.move(minutes=1)
        assert round_of(*slow) == [urls[4], *urls[:3]]


def test_a_receiver_that_hangs_is_cut_off_in_time(news: Page, listen, clock: Clock) -> None:
    with receiving(lambda line, _: line.recv(1)) as receiver:
        webhook = listen(receiver)
        news.report()
        post = poster(public_url="https://widget.example", private_allowed=HERE, seconds=0.3)
        with connection():
            assert webhook_deliveries.send(post, server_secrets=(SECRET,), at=clock()) == 0
    assert [owed.failure for owed in log_of(webhook)] == ["127.0.0.1 did not answer within 0.3 seconds."]


def test_a_round_ends_when_its_time_is_over(news: Page, listen, clock: Clock) -> None:
    with receiving(TAKES) as receiver:
        listen(receiver)
        for number in range(4):
            news.report(f"text {number}")
        post = poster(public_url="https://widget.example", private_allowed=HERE)
        asked = iter([False, False, True])
        with connection():
            assert webhook_deliveries.send(post, server_secrets=(SECRET,), at=clock(), enough=lambda: next(asked)) == 2
            assert webhook_deliveries.send(post, server_secrets=(SECRET,), at=clock()) == 2
    assert len({one.headers["webhook-id"] for one in told(receiver)}) == 4


def test_a_message_that_is_never_taken_is_given_up_and_listed_as_failed(
    news: Page, listen, keep_house, clock: Clock
) -> None:
    with receiving(FAILS) as receiver:
        webhook = listen(receiver, Event.CASE_OPENED)
        news.report()
        for _ in range(15):
            keep_house()
            clock.move(hours=7)
        assert len(receiver.requests) == 12
        (owed,) = log_of(webhook)
        assert (owed.attempts, owed.due_at, owed.delivered_at, owed.status) == (12, None, None, 500)


def test_gone_pauses_the_webhook(news: Page, desk: Desk, listen, keep_house) -> None:
    with receiving(saying("410 Gone")) as receiver:
        webhook = listen(receiver)
        news.report("one")
        news.report("two")
        keep_house()
        news.report("three")
        keep_house()
    assert len(receiver.requests) == 1
    assert len(log_of(webhook)) == 2
    with connection():
        assert webhooks.find(webhook.id).paused_why == "It answered 410 Gone: it wants nothing more."
    assert "give up webhook" in desk.get("/admin/log").text


def test_a_webhook_that_fails_for_five_days_is_paused_and_one_that_comes_back_is_not(
    news: Page, desk: Desk, listen, keep_house, clock: Clock
) -> None:
    def day(number: int) -> None:
        news.report(f"text {number}")
        keep_house()
        clock.move(minutes=5)
        keep_house()
        clock.move(days=1)

    with receiving(FAILS) as lost, receiving(FAILS) as back:
        listen(lost)
        listen(back)
        for number in range(3):
            day(number)
        back.behave = TAKES
        for number in range(3, 6):
            day(number)
    with connection():
        first, second = webhooks.every()
    assert (first.paused_why, bool(first.paused_at)) == ("Nothing was taken for five days.", True)
    assert (second.paused_at, second.failing_since) == (None, None)


def test_a_webhook_of_a_quiet_site_is_not_paused_because_one_message_was_given_up_days_ago(
    news: Page, listen, keep_house, clock: Clock
) -> None:
    with receiving(FAILS) as receiver:
        webhook = listen(receiver, Event.CASE_OPENED)
        news.report("one text about cats")
        for _ in range(24):
            keep_house()
            clock.move(hours=3)
        (given_up,) = log_of(webhook)
        assert (given_up.attempts, given_up.due_at) == (12, None)
        clock.move(days=4)
        news.report("another text, about dogs")
        keep_house()
        clock.move(minutes=5)
        receiver.behave = TAKES
        assert keep_house() == 1
    with connection():
        assert webhooks.find(webhook.id).paused_at is None


def test_a_webhook_that_failed_once_is_neither_paused_nor_put_off_by_a_clock_that_is_ahead(
    news: Page, settings: Settings, listen, keep_house, clock: Clock
) -> None:
    with receiving(FAILS) as receiver:
        webhook = listen(receiver, Event.CASE_OPENED)
        news.report("one text about cats")
        keep_house()
        serving.keep_house(settings, at=clock() + timedelta(days=6))
        clock.move(hours=1)
        news.report("another text, about dogs")
        receiver.behave = TAKES
        assert keep_house() == 2
    with connection():
        assert webhooks.find(webhook.id).paused_at is None


def test_two_secrets_sign_for_a_day_after_a_rotation(news: Page, listen, keep_house, clock: Clock) -> None:
    with receiving(TAKES) as receiver:
        webhook = listen(receiver)
        old = secret_of(webhook, clock)
        with connection():
            webhooks.rotate(webhook, generation=webhook.generation, moderator=_moderator(), at=clock())
        new = secret_of(webhook, clock)
        news.report("one")
        keep_house()
        assert new != old
        for secret in (old, new):
            Verifier(secret).verify(told(receiver)[0].body, told(receiver)[0].headers)
    with connection():
        row = webhooks.find(webhook.id)
        before, after = row.overlap_until - timedelta(seconds=1), row.overlap_until
    assert [len(webhooks.secrets_of(row, (SECRET,), at=at)) for at in (before, after)] == [2, 1]


def test_two_housekeepers_at_once_send_each_message_once(news: Page, listen, settings: Settings, clock: Clock) -> None:
    with receiving(TAKES) as receiver:
        webhook = listen(receiver)
        for number in range(30):
            news.report(f"text number {number}")
        together, sent = threading.Barrier(2), []

        def work() -> None:
            together.wait(10)
            sent.append(serving.keep_house(settings, at=clock())["webhooks_sent"])

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert sum(sent) == 30
    assert len(receiver.requests) == len({one.headers["webhook-id"] for one in told(receiver)}) == 30
    assert all(owed.delivered_at for owed in log_of(webhook))


def test_an_event_is_owed_only_if_what_it_tells_is_kept(news: Page, listen) -> None:
    webhook = listen("http://127.0.0.1:9/")
    database.execute_sql("ALTER TABLE delivery RENAME TO delivery_gone")
    try:
        assert news.report(email="reader@reader.example").status_code == 503
    finally:
        database.execute_sql("ALTER TABLE delivery_gone RENAME TO delivery")
    assert log_of(webhook) == []
    assert news.report(email="reader@reader.example").status_code == 201
    assert len(log_of(webhook)) == 1


def test_a_webhook_that_is_paused_while_a_round_runs_gets_no_more_of_it(news: Page, listen, clock: Clock) -> None:
    post = poster(public_url="https://widget.example", private_allowed=HERE)

    def paused_then(letter):
        sent = post(letter)
        webhooks.pause(webhook, moderator=_moderator(), at=clock())
        return sent

    with receiving(TAKES) as receiver:
        webhook = listen(receiver)
        for number in range(3):
            news.report(f"text {number}")
        with connection():
            assert webhook_deliveries.send(paused_then, server_secrets=(SECRET,), at=clock()) == 1
    assert len(receiver.requests) == 1


def test_a_paused_webhook_is_told_nothing_and_gets_what_it_was_owed_when_it_goes_on(
    news: Page, listen, keep_house, clock: Clock
) -> None:
    with receiving(TAKES) as receiver:
        webhook = listen(receiver)
        news.report("before")
        with connection():
            webhooks.pause(webhook, moderator=_moderator(), at=clock())
        news.report("meanwhile")
        assert keep_house() == 0
        with connection():
            webhooks.resume(webhook, moderator=_moderator(), at=clock())
        news.report("after")
        assert keep_house() == 2
    assert [one.json["data"]["case"] for one in told(receiver)] == [1, 3]


def test_what_is_owed_outlives_the_retention_time_and_what_was_told_does_not(
    news: Page, listen, settings: Settings, clock: Clock
) -> None:
    house = replace(settings, retention_days=1)
    with receiving(TAKES) as receiver:
        taking, paused, refusing = (listen(url) for url in (receiver, f"{receiver.url}paused", "http://127.0.0.1:9/"))
        news.report()
        with connection():
            webhooks.pause(paused, moderator=_moderator(), at=clock())
        for _ in range(2):
            serving.keep_house(house, at=clock())
            clock.move(days=1)
        serving.keep_house(house, at=clock())
        kept = [{one.event for one in log_of(webhook)} for webhook in (taking, paused, refusing)]
        assert [Event.CASE_OPENED in events for events in kept] == [False, True, True]
        with connection():
            webhooks.resume(paused, moderator=_moderator(), at=clock())
        assert serving.keep_house(house, at=clock())["webhooks_sent"] == 1


def test_what_leads_into_our_own_network_is_not_told(news: Page, listen, clock: Clock, settings: Settings) -> None:
    with receiving(TAKES) as receiver:
        webhook = listen(receiver)
        news.report()
        assert serving.keep_house(replace(settings, private_targets=()), at=clock())["webhooks_sent"] == 0
    assert receiver.requests == []
    assert "WIDGET_PRIVATE_TARGETS" in log_of(webhook)[0].failure


def start(settings: Settings, clock: Clock, url: str | None) -> None:
    create_app(replace(settings, webhook_url=url), now=clock).extensions["widget_server"].writer.close()


def test_the_webhook_of_the_settings_is_there_changed_and_paused_with_the_setting(
    app, news: Page, settings: Settings, clock: Clock
) -> None:
    def started(url: str | None) -> list[tuple[str, str]]:
        start(settings, clock, url)
        with connection():
            return [(webhook.kind, webhooks.address(webhook)) for webhook in webhooks.every() if not webhook.paused_at]

    assert started("https://hooks.example/a") == [("standard", "https://hooks.example/a")]
    assert started("https://hooks.example/a") == [("standard", "https://hooks.example/a")]
    with connection():
        assert webhooks.secrets_of(webhooks.every()[0], (SECRET,), at=clock()) == [webhooks.secret_of_setting(SECRET)]
    news.report()
    assert started("slack+https://chat.example/b") == [("slack", "https://chat.example/b")]
    with connection():
        assert WebhookDelivery.select().count() == 1
    assert started(None) == []
    news.report("another text")
    with connection():
        assert WebhookDelivery.select().count() == 1


def test_a_start_without_the_setting_takes_neither_what_is_owed_nor_the_secret(
    app, news: Page, settings: Settings, clock: Clock
) -> None:
    start(settings, clock, "https://hooks.example/a")
    with connection():
        webhook = webhooks.every()[0]
        webhooks.rotate(webhook, generation=webhook.generation, moderator=None, at=clock())
        clock.move(days=3)
        (secret,) = webhooks.secrets_of(webhooks.every()[0], (SECRET,), at=clock())
    news.report()
    for url in (None, None, "https://hooks.example/a"):
        start(settings, clock, url)
    with connection():
        (webhook,) = webhooks.every()
        assert (webhook.paused_at, webhook.paused_why) == (None, "")
        assert webhooks.secrets_of(webhook, (SECRET,), at=clock()) == [secret]
        assert WebhookDelivery.select().count() == 1


def test_who_has_paused_the_webhook_of_the_settings_finds_it_paused_after_a_start_without_them(
    app, settings: Settings, clock: Clock
) -> None:
    start(settings, clock, "https://hooks.example/a")
    with connection():
        webhooks.pause(webhooks.every()[0], moderator=None, at=clock())
    for url in (None, "https://hooks.example/a"):
        start(settings, clock, url)
    with connection():
        assert webhooks.every()[0].paused_at


def test_once_the_settings_name_it_no_more_it_can_be_removed_at_the_desk(
    app, desk: Desk, settings: Settings, clock: Clock
) -> None:
    with connection():
        number = webhooks.from_setting("https://hooks.example/a", at=clock()).id
        webhooks.from_setting(None, at=clock())
    page = f"/admin/webhooks/{number}"
    assert "The server was started without WIDGET_WEBHOOK_URL" in desk.get(page).text
    assert desk.post(f"{page}/remove", page).status_code == 303
    with connection():
        assert webhooks.every() == []


def test_what_webhooks_were_told_is_forgotten_after_the_retention_time(
    news: Page, listen, keep_house, clock: Clock
) -> None:
    with receiving(TAKES) as receiver:
        webhook = listen(receiver, Event.CASE_OPENED)
        news.report()
        assert keep_house() == 1
    clock.move(days=364)
    keep_house()
    assert len(log_of(webhook)) == 1
    clock.move(days=2)
    keep_house()
    clock.move(minutes=5)
    keep_house()
    assert log_of(webhook) == []


def test_a_report_that_is_taken_back_has_left_nothing_in_what_webhooks_were_told(news: Page, listen) -> None:
    listen("http://127.0.0.1:9/")
    words = {
        "comment": "unmistakable-comment",
        "email": "unmistakable@reader.example",
        "quote": {"exact": "unmistakable-quote"},
        "page": "https://news.example/unmistakable-page",
    }
    receipt = news.report("unmistakable text", **words).json["receipt"]
    owed = "".join(str(row) for row in WebhookDelivery.select().tuples())
    assert "unmistakable" not in owed
    assert receipt not in owed
    news.client.delete(f"/api/v1/reports/{receipt}")
    rest = "".join(str(row) for table in ALL for row in table.select().tuples())
    assert "unmistakable" not in rest
    assert Report.select().count() == 1


def test_an_event_that_only_a_newer_server_knows_holds_up_nothing_else(
    news: Page, desk: Desk, listen, settings: Settings, clock: Clock
) -> None:
    with receiving(TAKES) as receiver:
        listen(receiver)
        news.report()
        with connection():
            WebhookDelivery.update(event="case.of_a_newer_server").execute()
        clock.move(days=40)
        done = serving.keep_house(settings, at=clock())
    assert (done["webhooks_sent"], done["cases_late"]) == (0, 1)
