"""Whose sender is killed with the last attempt is not lost: it gets one more, and no other after that."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.conftest import Clock, Desk, Page
from widget_server.rules.events import Event
from widget_server.rules.retries import MOST_ATTEMPTS
from widget_server.rules.webhooks import Kind
from widget_server.storage import alerts, connection, deliveries, owners, screenings, webhook_deliveries, webhooks
from widget_server.storage.screenings import Looked
from widget_server.storage.tables import Alert, Delivery, OwnerNotice, Screening, WebhookDelivery
from widget_server.storage.webhook_deliveries import Sent

PUBLIC = "https://widget.example"
SECRETS = ("a secret of thirty-two characters, or more",)


class Killed(BaseException):
    """As when the machine loses its power."""


Outgoing = Callable[[str], int]
"""Tries what is due, where the one that it goes to does this: "works", "fails" or "kills"."""


def does(what: str, works: object, fails: object) -> Callable[[object], object]:
    def answer(_: object) -> object:
        if what == "kills":
            raise Killed
        return works if what == "works" else fails

    return answer


def to_reporters(clock: Clock) -> Outgoing:
    return lambda what: deliveries.send(does(what, None, "451"), lambda _: PUBLIC, at=clock())


def to_moderators(clock: Clock) -> Outgoing:
    return lambda what: alerts.send(does(what, None, "451"), PUBLIC, at=clock())


def to_owners(clock: Clock) -> Outgoing:
    return lambda what: owners.send(does(what, None, "451"), PUBLIC, at=clock())


def to_webhooks(clock: Clock) -> Outgoing:
    post = Sent(204, None), Sent(500, "It answered 500.")
    return lambda what: webhook_deliveries.send(does(what, *post), server_secrets=SECRETS, at=clock())


def to_a_screen(clock: Clock) -> Outgoing:
    look = Looked([]), Looked(None, "It is away.")
    return lambda what: screenings.send(does(what, *look), model="screen-1", at=clock())


@pytest.mark.parametrize(
    ("door", "table"),
    [
        (to_reporters, Delivery),
        (to_moderators, Alert),
        (to_owners, OwnerNotice),
        (to_webhooks, WebhookDelivery),
        (to_a_screen, Screening),
    ],
)
@pytest.mark.parametrize(("then", "taken"), [("works", 1), ("fails", 0), ("kills", 0)])
def test_what_was_being_sent_for_the_last_time_when_its_sender_died_gets_one_more_attempt(
    app: Flask, news: Page, desk: Desk, clock: Clock, door: Callable, table: type, then: str, taken: int
) -> None:
    with connection():
        wanted = [Event.CASE_OPENED]
        webhooks.add(
            "https://hook.example/", kind=Kind.STANDARD, site=None, wanted=wanted, note="", moderator=1, at=clock()
        )
    news.report(category="profiling", email="reader@example.org")
    news.render("a text", audience="public")
    clock.move(days=3)
    with connection():
        alerts.find_late(at=clock())
        send = door(clock)
        for _ in range(MOST_ATTEMPTS - 1):
            assert send("fails") == 0
            clock.move(hours=18)
        with pytest.raises(Killed):
            send("kills")
        assert send("works") == 0
        clock.move(hours=18)
        if then == "kills":
            with pytest.raises(Killed):
                send(then)
        else:
            assert send(then) == taken
        clock.move(days=2)
        assert send("works") == 0
        (row,) = table.select()
    assert (row.attempts, row.due_at) == (MOST_ATTEMPTS + 1, None)
