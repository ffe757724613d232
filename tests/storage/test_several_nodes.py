"""Several nodes keep house at once, on one PostgreSQL: nothing is sent twice, and nothing counted twice."""

import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from tests.conftest import Clock, Desk, Page, signed_in
from tests.inboxes import Inbox
from tests.receivers import receiving, saying
from tests.servers import postgresql_url
from widget_server import storage
from widget_server.rules.webhooks import Kind
from widget_server.serving import keep_house
from widget_server.settings import Settings
from widget_server.storage import connection, deliveries, webhooks
from widget_server.storage.tables import Case, Delivery, Report, SourceKey

MAILS = 200
NODE = """
import sys
from datetime import datetime
from ipaddress import ip_network
from widget_server import serving, storage
from widget_server.settings import Settings
database, mail, secret, moment = sys.argv[1:]
storage.use_secrets((secret,))
storage.connect(database)
settings = Settings(
    secret_key=secret, database_url=database, mail_url=mail, private_targets=(ip_network("127.0.0.0/8"),)
)
print("ready", flush=True)
sys.stdin.readline()
for _ in range(int(sys.stdin.readline())):
    print(serving.keep_house(settings, at=datetime.fromisoformat(moment)), flush=True)
"""


@pytest.fixture(scope="session")
def nodes_servers():
    with postgresql_url() as url:
        yield url


@pytest.fixture
def servers(request: pytest.FixtureRequest) -> tuple[str, None]:
    """Several nodes have a PostgreSQL between them, whatever the rest of this run stores in."""
    return request.getfixturevalue("nodes_servers"), None


def keep_house_at_once(settings: Settings, inbox: Inbox, clock: Clock, *, rounds: int) -> None:
    words = [settings.database_url, inbox.url, settings.secret_key, clock().isoformat()]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    nodes = [subprocess.Popen([sys.executable, "-c", NODE, *words], **pipes) for _ in range(2)]
    for node in nodes:
        assert node.stdout.readline() == "ready\n"
    for node in nodes:
        node.stdin.write(f"go\n{rounds}\n")
        node.stdin.flush()
    for node in nodes:
        node.communicate(timeout=60)
        assert node.returncode == 0


def test_two_nodes_send_each_mail_and_each_message_once(
    app: Flask, news: Page, inbox: Inbox, settings: Settings, clock: Clock
) -> None:
    signed_in(app, clock, "ada@news.example")
    with receiving(saying("204 No Content")) as receiver:
        with connection():
            webhooks.add(receiver.url, kind=Kind.STANDARD, site=None, wanted=[], note="", moderator=1, at=clock())
        for number in range(MAILS):
            news.report(f"text {number}", email=f"reader{number}@mail.example")
        keep_house_at_once(settings, inbox, clock, rounds=8)
        told = Counter(
            row.split(b":")[1].strip()
            for one in receiver.requests
            for row in one.lower().split(b"\r\n")
            if row.startswith(b"webhook-id:")
        )
    assert Counter(message["To"] for message in inbox.messages) == {
        f"reader{number}@mail.example": 1 for number in range(MAILS)
    }
    assert set(told.values()) == {1}
    assert len(told) >= MAILS


def test_what_a_dead_sender_had_claimed_is_sent_after_a_minute(
    news: Page, inbox: Inbox, settings: Settings, clock: Clock
) -> None:
    news.report(email="reader@mail.example")
    house = replace(settings, mail_url=inbox.url)
    began = clock()

    class Killed(BaseException):
        """As when the machine loses its power."""

    def die(_: object) -> None:
        raise Killed

    with connection(), pytest.raises(Killed):
        deliveries.send(die, lambda _: "", at=began)
    assert keep_house(house, at=began + timedelta(seconds=59))["mails_sent"] == 0
    assert keep_house(house, at=began + timedelta(seconds=60))["mails_sent"] == 1
    with connection():
        assert [row.attempts for row in Delivery.select()] == [2]


def test_what_is_decided_waits_for_no_node_that_keeps_house(news: Page, desk: Desk) -> None:
    news.report()
    with ThreadPoolExecutor() as others, connection(), storage.alone():
        assert others.submit(desk.decide, 1, "dismiss").result(timeout=20).status_code == 302


def test_two_nodes_forget_where_reports_came_from_once(
    news: Page, inbox: Inbox, settings: Settings, clock: Clock
) -> None:
    for number in range(30):
        for source in range(3):
            news.client.environ_base["REMOTE_ADDR"] = f"203.0.113.{source}"
            news.report(f"text {number}")
    with connection():
        assert Report.select().where(Report.source.is_null(False)).count() == 90
    clock.move(days=9)
    for _ in range(2):
        keep_house_at_once(settings, inbox, clock, rounds=1)
        clock.move(minutes=5)
    with connection():
        assert {case.sources_past for case in Case.select()} == {3}
        assert SourceKey.select().count() == 0
