"""What leaves: webhooks, mails and files, as moderators see them."""

import json
import re
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_network

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from standardwebhooks import Webhook as Verifier

from tests.conftest import SECRET, Clock, Desk, Page, signed_in
from tests.receivers import receiving, saying
from tests.servers import START_SECONDS, free_port
from widget_server import create_app
from widget_server.delivery import mail
from widget_server.serving import keep_house
from widget_server.settings import Settings
from widget_server.storage import connection, deliveries, webhooks
from widget_server.storage.tables import Delivery, LogEntry, Report, Webhook, WebhookDelivery, database

TAKES = saying("204 No Content")
HERE = (ip_network("127.0.0.1/32"),)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, private_targets=HERE, mail_url="smtp://127.0.0.1:9")


@pytest.fixture
def clock() -> Clock:
    """Receivers look at the real time."""
    return Clock(datetime.now(UTC))


def add(desk: Desk, url: str, **form: object):
    return desk.post("/admin/webhooks", "/admin/webhooks", url=url, **form)


def deed(desk: Desk, number: int, name: str):
    shown = re.search(r'name="generation" value="(\d+)"', desk.get(f"/admin/webhooks/{number}").text)
    generation = {"generation": shown[1]} if shown and name == "rotate" else {}
    return desk.post(f"/admin/webhooks/{number}/{name}", "/admin/webhooks", **generation)


def verbs() -> list[str]:
    return [entry.verb for entry in LogEntry.select().order_by(LogEntry.id)]


def secret_on(page: str) -> str | None:
    found = re.search(r"whsec_[A-Za-z0-9+/=]+", page)
    return found and found[0]


def test_a_webhook_is_added_and_its_secret_shown_once(desk: Desk, news: Page) -> None:
    answer = add(desk, "https://hooks.example/a", note="Our ticket system", site=news.key, events=["case.urgent"])
    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/webhooks/1")
    first, second = (desk.get("/admin/webhooks/1").text for _ in range(2))
    assert len(secret_on(first)) > 40
    assert secret_on(second) is None
    listed = desk.get("/admin/webhooks").text
    for told in ("Our ticket system", "https://hooks.example/a", "News", "case.urgent"):
        assert told in listed
    assert verbs()[-1] == "add webhook"
    assert secret_on(str(list(Webhook.select().tuples()))) is None


def test_a_webhook_that_tells_the_same_as_another_one_is_refused(desk: Desk, news: Page, shop: Page) -> None:
    here, address = {"site": news.key, "events": ["case.urgent", "case.opened"]}, "https://hooks.example/a"
    assert add(desk, address, **here).status_code == 303
    for again in (here, {**here, "events": here["events"][::-1]}, {**here, "note": "Another name"}):
        refused = add(desk, address, **again)
        assert (refused.status_code, "Webhook 1 tells the same there already." in refused.text) == (422, True)
    deed(desk, 1, "pause")
    assert add(desk, address, **here).status_code == 422
    for other in ({}, {"site": news.key}, {**here, "site": shop.key}, {**here, "events": ["case.urgent"]}):
        assert add(desk, address, **other).status_code == 303
    assert add(desk, "https://hooks.example/b", **here).status_code == 303
    assert add(desk, address).status_code == 422
    desk.post("/admin/webhooks/1/remove", "/admin/webhooks")
    assert add(desk, address, **here).status_code == 303


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"url": "ftp://hooks.example"}, "url"),
        ({"url": ""}, "url"),
        ({"url": "https://user:word@hooks.example"}, "url"),
        ({"kind": "carrier pigeon"}, "kind"),
        ({"site": "nobody"}, "site"),
        ({"events": ["case.opened", "case.lost"]}, "events"),
        ({"events": ["webhook.test"]}, "events"),
        ({"note": "x" * 201}, "note"),
    ],
)
def test_what_is_wrong_with_a_new_webhook_is_said_and_nothing_typed_is_lost(desk: Desk, form: dict, field: str) -> None:
    answer = add(desk, **{"url": "https://hooks.example/typed", "note": "typed note", **form})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    if field != "url":
        assert "https://hooks.example/typed" in answer.text
    if field != "note":
        assert "typed note" in answer.text
    assert Webhook.select().count() == 0


def test_a_test_is_sent_at_once_and_the_page_tells_what_was_answered(desk: Desk) -> None:
    with receiving(TAKES) as receiver:
        add(desk, receiver.url)
        secret = secret_on(desk.get("/admin/webhooks/1").text)
        answer = deed(desk, 1, "test")
        assert "The test was taken: it answered 204." in desk.get(answer.headers["Location"]).text
        head, _, body = receiver.requests[0].partition(b"\r\n\r\n")
        headers = dict(row.split(": ", 1) for row in head.decode().split("\r\n")[1:])
        told = Verifier(secret).verify(body, headers)
        assert (told["type"], told["data"]) == (
            "webhook.test",
            {"site": None, "url": "https://widget.example/admin/webhooks"},
        )
        receiver.behave = saying("403 Forbidden")
        answer = deed(desk, 1, "test")
        assert "The test was not taken. It answered 403 Forbidden." in desk.get(answer.headers["Location"]).text
    assert verbs()[-2:] == ["try webhook", "try webhook"]


def test_a_paused_webhook_can_be_tried_too(desk: Desk) -> None:
    with receiving(TAKES) as receiver:
        add(desk, receiver.url)
        deed(desk, 1, "pause")
        assert "Paused" in desk.get("/admin/webhooks").text
        answer = deed(desk, 1, "test")
        assert "The test was taken" in desk.get(answer.headers["Location"]).text
        deed(desk, 1, "resume")
        assert "Paused" not in desk.get("/admin/webhooks").text
    assert verbs()[-4:] == ["add webhook", "pause webhook", "try webhook", "resume webhook"]


def test_a_new_secret_is_shown_once_and_the_page_tells_how_long_the_old_one_holds(desk: Desk) -> None:
    add(desk, "https://hooks.example/a")
    old = secret_on(desk.get("/admin/webhooks/1").text)
    deed(desk, 1, "rotate")
    page = desk.get("/admin/webhooks/1").text
    assert secret_on(page) not in (None, old)
    assert "the one before signs, too, until" in page
    assert secret_on(desk.get("/admin/webhooks/1").text) is None


def test_a_new_secret_that_is_asked_for_twice_is_one_and_the_old_one_goes_on_signing(desk: Desk, clock: Clock) -> None:
    add(desk, "https://hooks.example/a")
    old = secret_on(desk.get("/admin/webhooks/1").text)
    shown = {"generation": 1}
    answers = [desk.post("/admin/webhooks/1/rotate", "/admin/webhooks", **shown).status_code for _ in range(2)]
    assert answers == [303, 409]
    with connection():
        assert old in webhooks.secrets_of(Webhook.get(), (SECRET,), at=clock())


@pytest.mark.parametrize("typed", ["", "-1", "x", "٣", "9" * 30])
def test_a_new_secret_is_asked_for_by_the_one_that_it_follows(desk: Desk, typed: str) -> None:
    add(desk, "https://hooks.example/a")
    assert desk.post("/admin/webhooks/1/rotate", "/admin/webhooks", generation=typed).status_code == 409
    assert desk.get(f"/admin/webhooks/1?tried={typed}").status_code == 200


def test_a_removed_webhook_is_gone_with_what_it_was_told(desk: Desk, news: Page) -> None:
    add(desk, "https://hooks.example/a")
    news.report()
    assert WebhookDelivery.select().count() == 1
    deed(desk, 1, "remove")
    assert (Webhook.select().count(), WebhookDelivery.select().count()) == (0, 0)
    assert desk.get("/admin/webhooks/1").status_code == 404
    assert verbs()[-1] == "remove webhook"


def test_a_later_webhook_has_no_secret_of_one_that_was_removed(desk: Desk) -> None:
    secrets = []
    for _ in range(2):
        number = add(desk, "https://hooks.example/a").headers["Location"].rpartition("/")[2]
        secrets.append(secret_on(desk.get(f"/admin/webhooks/{number}").text))
        deed(desk, int(number), "remove")
    assert secrets[0] != secrets[1]


def test_a_slack_address_is_a_secret_and_is_not_shown(desk: Desk) -> None:
    add(desk, "https://hooks.slack.com/services/T0/B0/unmistakable", kind="slack")
    for path in ("/admin/webhooks", "/admin/webhooks/1", "/admin/log"):
        page = desk.get(path).text
        assert "https://hooks.slack.com/…" in page
        assert "unmistakable" not in page
    assert secret_on(desk.get("/admin/webhooks/1").text) is None


def test_the_list_of_messages_tells_what_became_of_each_and_sends_again(
    desk: Desk, news: Page, settings: Settings, clock: Clock
) -> None:
    with receiving(saying("500 Internal Server Error")) as receiver:
        add(desk, receiver.url)
        news.report()
        keep_house(settings, at=clock())
        page = desk.get("/admin/webhooks/1").text
        for told in ("case.opened", "/admin/reports/1", "Trying again", "It answered 500", "Failing", "Next try"):
            assert told in page
        receiver.behave = TAKES
        assert desk.post("/admin/webhooks/1/again/1", "/admin/webhooks/1").status_code == 303
        keep_house(settings, at=clock())
        assert "Sent" in desk.get("/admin/webhooks/1").text
        desk.post("/admin/webhooks/1/again/1", "/admin/webhooks/1")
        keep_house(settings, at=clock())
    ids = [re.search(rb"webhook-id: (\S+)", request)[1] for request in receiver.requests]
    assert (len(ids), len(set(ids))) == (3, 1)
    assert verbs()[-1] == "send again"


def test_a_long_list_of_messages_has_pages(desk: Desk, news: Page) -> None:
    add(desk, "https://hooks.example/a")
    for number in range(51):
        news.report(f"text {number}")
    first = desk.get("/admin/webhooks/1").text
    older = re.search(r'rel="next" href="([^"]+)"', first)[1]
    assert (first.count("<code>case.opened"), desk.get(older).text.count("<code>case.opened")) == (50, 1)


def test_what_the_server_paused_is_said(desk: Desk, news: Page, settings: Settings, clock: Clock) -> None:
    with receiving(saying("410 Gone")) as receiver:
        add(desk, receiver.url)
        news.report()
        keep_house(settings, at=clock())
    for path in ("/admin/webhooks", "/admin/webhooks/1"):
        assert "Paused by the server. It answered 410 Gone" in desk.get(path).text
    log = desk.get("/admin/log").text
    assert "give up webhook" in log
    assert "the server" in log


class TestOfSomebodyWhoLeaves:
    """What they had added is told nothing more of what they may not read any more."""

    @pytest.fixture(autouse=True)
    def added(self, desk: Desk, other_desk: Desk, news: Page, shop: Page) -> None:
        add(desk, "https://hooks.example/stays")
        add(other_desk, "https://hooks.example/all")
        add(other_desk, "https://hooks.example/news", site=news.key)
        add(other_desk, "https://hooks.example/shop", site=shop.key)

    def told_of(self, page: Page, clock: Clock) -> set[int]:
        """The webhooks that are owed what happens now on a site."""
        before = WebhookDelivery.select().count()
        page.report(f"at {clock.moment}")
        return {row.webhook_id for row in WebhookDelivery.select().order_by(WebhookDelivery.id).offset(before)}

    def test_all_that_a_removed_person_has_added_is_paused_and_said(
        self, news: Page, shop: Page, desk: Desk, clock: Clock
    ) -> None:
        assert self.told_of(news, clock) == {1, 2, 3}
        answer = desk.post("/admin/people/2/remove", "/admin/people/2")
        assert "Paused: 3 webhooks that they had added" in desk.get(answer.headers["Location"]).text
        clock.move(minutes=1)
        assert (self.told_of(news, clock), self.told_of(shop, clock)) == ({1}, {1})
        paused = [entry for entry in LogEntry.select() if entry.verb == "pause webhook"]
        assert [(one.subject, one.moderator.email) for one in paused] == [
            (f"webhook {number}", desk.email) for number in (2, 3, 4)
        ]

    def test_who_keeps_a_role_on_a_site_keeps_its_webhook(
        self, news: Page, shop: Page, desk: Desk, clock: Clock
    ) -> None:
        answer = desk.post("/admin/people/2/roles", "/admin/people/2", **{f"site-{shop.key}": "auditor"})
        assert "Paused: 2 webhooks that they had added" in desk.get(answer.headers["Location"]).text
        assert (self.told_of(news, clock), self.told_of(shop, clock)) == ({1}, {1, 4})
        answer = desk.post("/admin/people/2/roles", "/admin/people/2", **{f"site-{shop.key}": "moderator"})
        assert "Paused" not in desk.get(answer.headers["Location"]).text
        answer = desk.post("/admin/people/2/roles", "/admin/people/2", **{f"site-{news.key}": "moderator"})
        assert "Paused: 1 webhook that they had added" in desk.get(answer.headers["Location"]).text

    def test_who_switches_it_on_again_answers_for_it(
        self, app: Flask, news: Page, desk: Desk, other_desk: Desk, clock: Clock
    ) -> None:
        deed(other_desk, 3, "pause")
        desk.post("/admin/people/2/remove", "/admin/people/2")
        page = desk.get("/admin/webhooks/3").text
        assert f"{other_desk.email}, who had added it, has no role there any more" in page
        deed(desk, 3, "resume")
        assert self.told_of(news, clock) == {1, 3}
        third = signed_in(app, clock, "third@news.example")
        third.post("/admin/people/1/remove", "/admin/people/1")
        clock.move(minutes=1)
        assert self.told_of(news, clock) == set()

    def test_a_pause_between_changes_nothing_about_whose_it_is(self, news: Page, desk: Desk, clock: Clock) -> None:
        deed(desk, 3, "pause")
        deed(desk, 3, "resume")
        desk.post("/admin/people/2/remove", "/admin/people/2")
        assert self.told_of(news, clock) == {1}


@pytest.mark.parametrize(
    "path",
    [
        "/admin/webhooks/2/test",
        "/admin/webhooks/2/pause",
        "/admin/webhooks/2/remove",
        "/admin/webhooks/99999999999999999999/test",
        "/admin/webhooks/1/again/1",
        "/admin/webhooks/1/again/99999999999999999999",
        "/admin/webhooks/2/again/1",
        "/admin/webhooks/1/explode",
        "/admin/deliveries/1/again",
        "/admin/deliveries/99999999999999999999/again",
        "/admin/filters/99999999999999999999/forget",
        "/admin/people/invitations/99999999999999999999/revoke",
        "/admin/reasons/99999999999999999999",
        "/admin/reports/1/bursts/99999999999999999999/aside",
    ],
)
def test_what_is_not_there_cannot_be_changed(desk: Desk, path: str) -> None:
    add(desk, "https://hooks.example/a")
    assert desk.post(path, "/admin/webhooks").status_code == 404


@pytest.mark.parametrize("path", ["/admin/webhooks/1", "/admin/deliveries"])
@pytest.mark.parametrize("before", ["x", "-1", "9999999999", "1²"])
def test_a_page_begins_at_a_number(desk: Desk, path: str, before: str) -> None:
    add(desk, "https://hooks.example/a")
    assert desk.get(f"{path}?before={before}").status_code == 400


class TestOfTheSettings:
    """The webhook that the operator names."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, webhook_url="https://hooks.example/operator")

    def test_it_is_listed_as_such_and_stays(self, desk: Desk) -> None:
        assert "from the settings" in desk.get("/admin/webhooks").text
        assert secret_on(desk.get("/admin/webhooks/1").text) is None
        assert deed(desk, 1, "remove").status_code == 409
        assert deed(desk, 1, "pause").status_code == 303
        assert Webhook.select().count() == 1

    def test_it_is_told_about_all_sites(self, news: Page, shop: Page, app: Flask) -> None:
        news.report()
        shop.report()
        assert WebhookDelivery.select().count() == 2


def test_the_mails_are_listed_without_the_address(desk: Desk, news: Page, clock: Clock) -> None:
    news.report(email="reader@mail.reader.example")
    desk.decide(1, "dismiss", "It stays.")
    with connection():
        deliveries.send(mail.sender("smtp://127.0.0.1:9"), lambda _: "https://widget.example/r/x", at=clock())
    page = desk.get("/admin/deliveries").text
    for told in ("r…@m….example", "Receipt", "Decision", "/admin/reports/1", "Trying again", "refused", "Next try"):
        assert told in page
    assert "reader@" not in page


def owed(about: str = "receipt") -> int:
    return Delivery.select().where(Delivery.about == about).count()


def test_an_address_that_anybody_may_have_typed_gets_three_receipts_an_hour(news: Page, desk: Desk) -> None:
    receipts = [
        news.report(f"text {number} {number * 7919}", email=email).json["receipt"]
        for number, email in enumerate(
            ["victim@mail.example", "Vic.tim@Mail.example", "victim+a@mail.example", "victim@ｍail.example"]
        )
    ]
    assert owed() == 3
    told = [news.client.get(f"/r/{receipt}?sent=").text for receipt in receipts[2:]]
    assert ["No e-mail confirms this report. We write to you when it is decided." in page for page in told] == [
        False,
        True,
    ]
    news.report("another", email="reader@mail.example")
    assert owed() == 4
    for number in range(1, 5):
        desk.decide(number, "dismiss")
    assert owed("decision") == 4, "who is told of the decision asked for it"


def test_the_same_report_sent_again_uses_up_no_receipt(news: Page) -> None:
    again = str(uuid.uuid4())
    for _ in range(4):
        news.report("one", id=again, email="reader@mail.example")
    news.report("another", email="reader@mail.example")
    assert owed() == 2


class TestOnSqlite:
    @pytest.fixture
    def servers(self) -> None:
        return None

    def test_a_report_that_could_not_be_kept_uses_up_no_receipt(self, news: Page) -> None:
        again = str(uuid.uuid4())
        database.execute_sql("PRAGMA query_only = 1")
        assert {news.report("one", id=again, email="reader@mail.example").status_code for _ in range(4)} == {503}
        database.execute_sql("PRAGMA query_only = 0")
        assert news.report("one", id=again, email="reader@mail.example").status_code == 201
        assert owed() == 1


def test_what_came_past_the_proof_of_work_is_not_confirmed_by_mail(news: Page, app: Flask, settings: Settings) -> None:
    form = {"site": news.key, "category": "other", "page": "https://news.example/", "email": "reader@mail.example"}
    first = {"id": str(uuid.uuid4()), "text": "one"}
    flooded = create_app(replace(settings, flood_reports=1), now=app.extensions["widget_server"].now)
    answers = [
        flooded.test_client().post("/report", data={**form, **each})
        for each in (first, {"id": str(uuid.uuid4()), "text": "two"})
    ]
    flooded.extensions["widget_server"].writer.close()
    assert [answer.status_code for answer in answers] == [303, 303]
    assert [report.unproved for report in Report.select().order_by(Report.id)] == [False, True]
    assert [row.report_id for row in Delivery.select()] == [1]
    page = news.client.get(answers[1].headers["Location"]).text
    assert "is read after the others" in page
    assert "No e-mail confirms this report." in page
    assert "the link in our mail" not in page


def test_decisions_go_out_before_receipts(desk: Desk, news: Page, clock: Clock) -> None:
    for number in range(3):
        news.report(f"text {number} {number * 7919}", email=f"reader{number}@mail.example")
    desk.decide(3, "dismiss", "It stays.")
    subjects: list[str] = []
    with connection():
        deliveries.send(lambda letter: subjects.append(letter[1]), lambda _: "https://widget.example/r/x", at=clock())
    assert subjects == [
        "Your report was decided",
        *["Your report was received"] * 2,
        "Your report was received, and is decided already",
    ]


def test_a_mail_that_failed_is_sent_again_when_a_moderator_says_so(desk: Desk, news: Page, clock: Clock) -> None:
    news.report(email="reader@reader.example")
    assert "Waits" in desk.get("/admin/deliveries").text
    assert desk.post("/admin/deliveries/1/again", "/admin/deliveries").status_code == 404
    Delivery.update(due_at=None, attempts=12, failure="refused").execute()
    assert "Failed" in desk.get("/admin/deliveries").text
    assert desk.post("/admin/deliveries/1/again", "/admin/deliveries").status_code == 303
    sent = []
    with connection():
        deliveries.send(lambda letter: sent.append(letter), lambda _: "", at=clock())
    assert len(sent) == 1
    assert "Sent" in desk.get("/admin/deliveries").text
    assert desk.post("/admin/deliveries/1/again", "/admin/deliveries").status_code == 404
    assert verbs()[-1] == "send mail again"


class Strict:
    """A mail server that knows nobody, and says so with the address."""

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        return f"550 nobody here is {address.upper()}"


def test_a_server_that_repeats_the_address_in_its_refusal_does_not_show_it() -> None:
    controller = Controller(Strict(), hostname="127.0.0.1", port=free_port(), ready_timeout=START_SECONDS)
    controller.start()
    try:
        letter = ("reader@reader.example", "subject", "body")
        why = mail.sender(f"smtp://127.0.0.1:{controller.port}?from=desk@news.example")(letter)
    finally:
        controller.stop()
    assert "nobody here is r…@r….example" in why
    assert "reader@" not in why.lower()


def kept(answer) -> list[dict]:
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def test_the_desk_hands_out_files_and_keeps_who_took_them(desk: Desk, news: Page, shop: Page) -> None:
    news.report("one", comment="words of a reader", email="reader@reader.example", quote={"exact": "one"})
    shop.report("two", category="spam")
    desk.decide(1, "withdraw", "It is gone.")
    desk.decide(2, "dismiss", "It stays.", category="spam")
    page = desk.get("/admin/exports").text
    for file in ("decisions.csv", "decisions.jsonl", "cases.jsonl", "reports.jsonl", "evaluation.jsonl"):
        assert f'formaction="/admin/exports/{file}"' in page
    assert len(kept(desk.get("/admin/exports/decisions.jsonl"))) == 2
    assert len(desk.get("/admin/exports/decisions.csv?since=&until=&site=").text.splitlines()) == 3
    assert [row["case"] for row in kept(desk.get(f"/admin/exports/cases.jsonl?site={shop.key}"))] == [2]
    reports = desk.get("/admin/exports/reports.jsonl")
    assert [(row["comment"], row["quote"]) for row in kept(reports)] == [
        ("words of a reader", {"exact": "one", "prefix": "", "suffix": ""}),
        ("", None),
    ]
    assert "reader@" not in reports.text
    assert Report.get_by_id(1).receipt_sha256 not in reports.text
    assert Report.get_by_id(1).sender not in reports.text
    assert [row["text"] for row in kept(desk.get("/admin/exports/evaluation.jsonl"))] == ["one"]
    assert verbs().count("export") == 4 * 2 + 1
    assert "cases.jsonl" in desk.get("/admin/log").text


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("since=yesterday&until=2026-11-24", "since"),
        ("since=2026-11-24&until=2026-13-01", "until"),
        ("site=nobody&since=2026-11-24", "site"),
    ],
)
def test_what_is_wrong_with_a_wish_for_a_file_is_said_and_nothing_typed_is_lost(desk: Desk, query, field) -> None:
    answer = desk.get(f"/admin/exports/cases.jsonl?{query}")
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert 'value="2026-11-24"' in answer.text
    assert verbs()[-1] == "sign in"


def test_there_is_no_other_file(desk: Desk) -> None:
    for file in ("people.jsonl", "cases.csv", "evaluation.csv", "decisions", "decisions.csv.jsonl"):
        assert desk.get(f"/admin/exports/{file}").status_code == 404


def test_no_file_without_a_session(app: Flask) -> None:
    for path in ("webhooks", "deliveries", "exports", "exports/reports.jsonl"):
        answer = app.test_client().get(f"/admin/{path}", base_url="https://widget.example")
        assert (answer.status_code, "/admin/login" in answer.headers["Location"]) == (302, True)
