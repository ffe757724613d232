"""What the database does not tell, and what goes on when the server's secret is another."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from tests.admin.test_second import App, halfway, set_up, show
from tests.conftest import ORIGIN, SECRET, TEXT, Clock, Desk, Page, signed_in
from tests.inboxes import Inbox, text
from widget_server import create_app, storage
from widget_server.rules import keys
from widget_server.rules.access import OWNER_OF_ALL
from widget_server.rules.declarations import Draft
from widget_server.rules.webhooks import Kind as Webhooks
from widget_server.serving import keep_house
from widget_server.settings import Settings
from widget_server.storage import (
    StorageUnusable,
    connection,
    declarations,
    deliveries,
    invitations,
    months,
    rotation,
    seals,
    sites,
    sources,
    webhooks,
)
from widget_server.storage.seals import CannotOpen, Kind
from widget_server.storage.tables import (
    ALL,
    Declaration,
    LogEntry,
    Month,
    OwnerNotice,
    Report,
    SourceKey,
    Webhook,
    database,
)
from widget_server.storage.tables.base import Table

NEW = "another secret of thirty-two characters, or more"
ADDRESS = "jane.doe@reader.example"
SLACK = "https://hooks.slack.example/services/T000-secret"
SIGNER = "signer@news.example"
HTTPS = "https://widget.example"


def told_by_the_database() -> str:
    return "".join(str(row) for table in ALL for row in table.select().tuples())


def declare(at: datetime, *, site: str = "News") -> None:
    draft = Draft({"news": "We summarise."}, "Summaries.", "Ada Lovelace", "Editor", SIGNER)
    declarations.sign(sites.named(site), draft, seen=None, moderator=None, at=at)


def test_the_database_tells_no_address_of_anybody_who_is_not_at_the_desk(news: Page, clock: Clock) -> None:
    news.report(email=ADDRESS)
    with connection():
        declare(clock())
        kept = told_by_the_database()
        webhooks.add(SLACK, kind=Webhooks.SLACK, site=None, wanted=[], note="", moderator=None, at=clock())
        assert "T000-secret" not in told_by_the_database()
        assert webhooks.address(webhooks.every()[0]) == SLACK
        assert (ADDRESS in kept, SIGNER in kept, "reader.example" in kept) == (False, False, False)
        assert deliveries.address(Report.get()) == ADDRESS
        assert declarations.address(Declaration.get()) == SIGNER


def test_what_was_sealed_as_one_thing_is_not_opened_as_another(app: Flask) -> None:
    sealed = seals.seal(Kind.ADDRESS, ADDRESS)
    assert seals.opened(Kind.ADDRESS, sealed) == ADDRESS
    for kind in Kind:
        if kind is not Kind.ADDRESS:
            with pytest.raises(CannotOpen):
                seals.opened(kind, sealed)


def test_nothing_is_sealed_without_a_secret(app: Flask) -> None:
    seals.use(())
    with pytest.raises(CannotOpen):
        seals.seal(Kind.ADDRESS, ADDRESS)
    seals.use((SECRET,))


@contextmanager
def server(settings: Settings, clock: Clock, *secrets: str) -> Iterator[Flask]:
    """The server as it runs with these secrets, the newest first."""
    app = create_app(replace(settings, secret_key=secrets[0], old_secret_keys=secrets[1:]), now=clock)
    try:
        yield app
    finally:
        app.extensions["widget_server"].writer.close()
        if not database.is_closed():
            database.close()


@contextmanager
def secrets_back() -> Iterator[None]:
    try:
        yield
    finally:
        seals.use((SECRET,))


def page_of(app: Flask, news: Page, *, secret: str | None = None) -> Page:
    return Page(app.test_client(), news.key, secret or news.secret, ORIGIN)


def new_secret_of(news: Page) -> str:
    return keys.site_secret(NEW, site=news.key, generation=1)


def round_of_mails(settings: Settings, inbox: Inbox, clock: Clock, *secrets: str) -> list[str]:
    """The bodies of the mails that go out now."""
    before = len(inbox.messages)
    settings = replace(settings, secret_key=secrets[0], old_secret_keys=secrets[1:], mail_url=inbox.url)
    if not database.is_closed():
        database.close()
    keep_house(settings, at=clock())
    return [text(message) for message in inbox.messages[before:]]


class Installation:
    """Everything that hangs on the server's secret, made under the first one."""

    def __init__(self, app: Flask, news: Page, clock: Clock) -> None:
        self.news = news
        self.desk = signed_in(app, clock, "ada@news.example")
        self.phone, self.codes = set_up(self.desk, clock)
        self.id = "3f2b8a52-6c5e-4a4e-9a55-0d0f6f1f3c11"
        told = news.report(id=self.id, email=ADDRESS).json
        self.receipt, self.status_url = told["receipt"], told["status_url"]
        assert news.view(viewer="reader").status_code == 200
        self.token = news.render("Another text of the machine.").json["content"]
        with connection():
            webhooks.add(
                "https://a.example/", kind=Webhooks.STANDARD, site=None, wanted=[], note="", moderator=1, at=clock()
            )
            declare(clock())
            _, self.invitation = invitations.make(
                "bob@news.example", OWNER_OF_ALL, by=1, server_secret=SECRET, at=clock()
            )
            self.webhook_secret = webhooks.secrets_of(webhooks.every()[0], (SECRET,), at=clock())[0]
        cookie = self.desk.client.get_cookie("__Host-desk", domain="widget.example")
        assert cookie
        self.cookie = cookie.value

    def goes_on(self, app: Flask, clock: Clock, page: Page) -> None:
        """What holds during the overlap and after it."""
        assert page.status(self.receipt)["state"] == "received"
        assert page.view(viewer="reader").status_code == 200
        usage = page.usage()
        assert (usage["unique_viewers"], usage["impressions"] > 1) == (1, True)
        clock.move(seconds=30)
        assert show(halfway(app, self.desk.email), self.phone_code(clock)) == 302

    def phone_code(self, clock: Clock) -> str:
        self.phone.clock = clock
        return App.code(self.phone)

    def session(self, app: Flask) -> int:
        client = app.test_client()
        client.set_cookie("__Host-desk", self.cookie, domain="widget.example")
        return client.get("/admin/reports", base_url=HTTPS).status_code

    def invited(self, app: Flask) -> int:
        return app.test_client().get(f"/admin/invitation/{self.invitation}", base_url=HTTPS).status_code


def test_under_a_new_secret_everything_goes_on_and_what_ends_ends_with_the_old_one(
    app: Flask, news: Page, settings: Settings, inbox: Inbox, clock: Clock
) -> None:
    made = Installation(app, news, clock)
    first_code, second_code = made.codes[:2]
    with secrets_back():
        with server(settings, clock, NEW, SECRET) as overlapping:
            for secret in (news.secret, new_secret_of(news)):
                made.goes_on(overlapping, clock, page_of(overlapping, news, secret=secret))
            page = page_of(overlapping, news)
            assert (made.session(overlapping), made.invited(overlapping)) == (200, 200)
            assert show(halfway(overlapping, made.desk.email), first_code) == 302
            again = page.report(id=made.id, email=ADDRESS)
            assert (again.status_code, again.json["receipt"]) == (200, made.receipt)
            page.report("Another text of the machine.", content=made.token)
            with connection():
                hook = webhooks.every()[0]
                both = webhooks.secrets_of(hook, (NEW, SECRET), at=clock())
                assert (len(both), both[1]) == (2, made.webhook_secret)
                assert Report.get(Report.category == "misinformation", Report.verified).verified
            mails = round_of_mails(settings, inbox, clock, NEW, SECRET)
            assert [made.status_url in mail for mail in mails] == [True]
            assert inbox.messages[-1]["To"] == ADDRESS
            proof = re.search(r"/r/\S+/confirm\?proof=\S+", mails[0])
            assert proof
            asked = overlapping.test_client().get(proof[0], base_url=HTTPS)
            assert asked.status_code == 200
            with connection():
                done = rotation.rotate((NEW, SECRET), at=clock())
                assert done.again == {
                    Kind.ADDRESS: 2, Kind.RECEIPT: 0, Kind.SECOND_FACTOR: 1, Kind.WEBHOOK: 1,
                    Kind.VIEWERS: 1, Kind.SOURCES: 1,
                }  # fmt: skip
                assert not any(done.lost.values())
                assert rotation.pending(at=clock()) == rotation.Pending(1, 1, 1)
                assert not any(rotation.rotate((NEW, SECRET), at=clock()).again.values())
            made.goes_on(overlapping, clock, page)
        with server(settings, clock, NEW) as afterwards:
            page = page_of(afterwards, news, secret=new_secret_of(news))
            made.goes_on(afterwards, clock, page)
            desk = halfway(afterwards, made.desk.email)
            clock.move(seconds=30)
            assert show(desk, made.phone_code(clock)) == 302
            desk.decide(1, "dismiss", "It stays.")
            mails = round_of_mails(settings, inbox, clock, NEW)
            assert [(made.status_url in mail, "It stays." in mail) for mail in mails] == [(True, True)]
            ended = page_of(afterwards, news)
            assert ended.render().status_code == 401
            assert page.render().status_code == 200
            assert (made.session(afterwards), made.invited(afterwards)) == (302, 404)
            assert show(halfway(afterwards, made.desk.email), second_code) == 403


def test_a_report_that_is_sent_again_after_the_old_secret_was_dropped_is_the_same_report(
    app: Flask, news: Page, settings: Settings, clock: Clock
) -> None:
    unheard, written = "8d6c2b1e-4f43-4a7e-8a50-1be0dd1fd0a1", "3f2b8a52-6c5e-4a4e-9a55-0d0f6f1f3c11"
    news.report(id=unheard)
    first = news.report(id=written, email=ADDRESS).json["receipt"]
    with secrets_back():
        with server(settings, clock, NEW, SECRET) as overlapping:
            with connection():
                rotation.rotate((NEW, SECRET), at=clock())
            assert page_of(overlapping, news).report(id=unheard).status_code == 200
        with server(settings, clock, NEW) as afterwards:
            page = page_of(afterwards, news)
            again = page.report(id=unheard)
            assert (again.status_code, page.status(again.json["receipt"])["state"]) == (200, "received")
            assert page.report(id=unheard).json == again.json
            again = page.report(id=written, email=ADDRESS)
            assert (again.status_code, again.json["receipt"]) == (200, first)
            with connection():
                assert Report.select().count() == 2


def test_whoever_drops_the_old_secret_too_early_is_told_and_nothing_is_lost(
    app: Flask, news: Page, settings: Settings, clock: Clock
) -> None:
    news.report(email=ADDRESS)
    with secrets_back():
        for wrong in ((NEW,), (NEW, "and one that has never been here, quite long")):
            with pytest.raises(StorageUnusable, match="WIDGET_OLD_SECRET_KEYS"), server(settings, clock, *wrong):
                pass
        with server(settings, clock, NEW, SECRET), connection():
            assert deliveries.address(Report.get()) == ADDRESS


GONE = "a secret that no server has any more, quite long"


def another_process_sealed(table: type[Table], kind: Kind) -> None:
    """The newest site's, under a secret that this one does not know."""
    with connection():
        newest = table.select().order_by(table.site.desc()).get()
        key = seals.opened_key(kind, bytes(newest.key))
        seals.use((GONE,))
        table.update(key=seals.seal_key(kind, key)).where(table.site == newest.site).execute()
        seals.use((SECRET,))
    sources.forget()
    months.forget()


def test_a_days_key_that_cannot_be_opened_is_replaced_and_told_once_and_reports_are_taken(
    news: Page, caplog: pytest.LogCaptureFixture
) -> None:
    news.report()
    another_process_sealed(SourceKey, Kind.SOURCES)
    assert [news.report("Another text.").status_code, news.report("A third text.").status_code] == [201, 201]
    sources.forget()
    assert news.report("A fourth text.").status_code == 201
    assert [line for line in caplog.messages if "another WIDGET_SECRET_KEY" in line][1:] == []
    assert "another WIDGET_SECRET_KEY" in caplog.text


def test_while_a_months_key_cannot_be_opened_views_are_asked_to_come_again(
    news: Page, caplog: pytest.LogCaptureFixture
) -> None:
    news.view(viewer="reader")
    another_process_sealed(Month, Kind.VIEWERS)
    refused = news.view(viewer="reader")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "10")
    assert "name that one in WIDGET_OLD_SECRET_KEYS" in caplog.text
    assert "unexpected error" not in caplog.text


@pytest.mark.parametrize(("table", "kind"), [(Month, Kind.VIEWERS), (SourceKey, Kind.SOURCES)])
def test_the_server_does_not_start_while_the_key_of_any_site_cannot_be_opened(
    app: Flask, news: Page, shop: Page, settings: Settings, clock: Clock, table: type[Table], kind: Kind
) -> None:
    for site in (news, shop):
        site.view(viewer="reader")
        site.report()
    another_process_sealed(table, kind)
    with secrets_back():
        with pytest.raises(StorageUnusable, match="WIDGET_OLD_SECRET_KEYS"), server(settings, clock, SECRET):
            pass
        with server(settings, clock, SECRET, GONE):
            pass


def test_a_declaration_that_cannot_be_opened_does_not_keep_others_from_being_asked_for(
    news: Page, shop: Page, desk: Desk, settings: Settings, inbox: Inbox, clock: Clock
) -> None:
    with connection():
        declare(clock())
        seals.use((GONE,))
        Declaration.update(email=seals.seal(Kind.ADDRESS, SIGNER)).execute()
        seals.use((SECRET,))
        declare(clock(), site="Shop")
    clock.move(days=340)
    for _ in range(2):
        round_of_mails(settings, inbox, clock, SECRET)
        clock.move(minutes=5)
    told = [(message["To"], "Shop" in message["Subject"]) for message in inbox.messages]
    assert sorted(told) == sorted([(desk.email, False), (desk.email, True), (SIGNER, True)])


def test_what_was_sealed_under_a_lost_secret_is_given_up_when_the_operator_says_so(
    app: Flask, news: Page, settings: Settings, inbox: Inbox, clock: Clock
) -> None:
    made = Installation(app, news, clock)
    with secrets_back():
        with connection():
            seals.use((NEW,))
            found = rotation.rotate((NEW,), at=clock())
            assert found.lost == {
                Kind.ADDRESS: 2, Kind.RECEIPT: 0, Kind.SECOND_FACTOR: 1, Kind.WEBHOOK: 1,
                Kind.VIEWERS: 1, Kind.SOURCES: 1,
            }  # fmt: skip
            rotation.rotate((NEW,), give_up=True, at=clock())
            assert [Report.get().email, Declaration.get().email, webhooks.every()] == ["", "", []]
        with server(settings, clock, NEW) as lost:
            page = page_of(lost, news, secret=new_secret_of(news))
            assert page.status(made.receipt)["state"] == "received"
            assert page.view(viewer="reader").status_code == 200
            assert round_of_mails(settings, inbox, clock, NEW) == []
            assert show(halfway(lost, made.desk.email), made.phone_code(clock)) == 403


def test_a_mail_whose_address_cannot_be_opened_waits_and_says_why(
    app: Flask, news: Page, inbox: Inbox, settings: Settings, clock: Clock
) -> None:
    news.report(email=ADDRESS)
    with connection():
        declare(clock())
        OwnerNotice.insert(
            site=sites.find(news.key).id, declaration=Declaration.get(), created_at=clock(), due_at=clock()
        ).execute()
    with secrets_back():
        seals.use((NEW,))
        assert round_of_mails(settings, inbox, clock, NEW) == []
        with connection():
            for outbox in (deliveries.Delivery, OwnerNotice):
                assert "another WIDGET_SECRET_KEY" in outbox.get().failure
    clock.move(minutes=5)
    assert len(round_of_mails(settings, inbox, clock, SECRET)) == 2


def test_a_viewer_keeps_their_number_when_a_months_key_is_sealed_again(app: Flask, news: Page, clock: Clock) -> None:
    news.view(viewer="reader")
    news.report()
    with connection(), secrets_back():
        before = months.running_month(sites.find(news.key).id, at=clock())
        sealed = bytes(Month.get().key), bytes(SourceKey.get().key)
        seals.use((NEW, SECRET))
        rotation.rotate((NEW, SECRET), at=clock())
        seals.use((NEW,))
        assert months.running_month(sites.find(news.key).id, at=clock()) == before
        assert sealed[0] != bytes(Month.get().key)
        assert sealed[1] != bytes(SourceKey.get().key)


class TestOnSqlite:
    """A file can be searched for what should not be in it."""

    @pytest.fixture
    def servers(self) -> None:
        return None

    def test_neither_the_file_nor_its_log_ever_holds_an_address(self, news: Page, settings: Settings) -> None:
        news.report(email=ADDRESS)
        assert not found_in(settings, ADDRESS)

    def test_after_a_rotation_nothing_of_the_old_seal_is_left(
        self, news: Page, settings: Settings, clock: Clock
    ) -> None:
        news.report(email=ADDRESS)
        with connection(), secrets_back():
            sealed = Report.get().email
            storage.empty_log()
            assert found_in(settings, sealed)
            seals.use((NEW, SECRET))
            rotation.rotate((NEW, SECRET), at=clock())
            assert not found_in(settings, sealed)


def found_in(settings: Settings, words: str) -> bool:
    file = Path(settings.database_url.removeprefix("sqlite:///"))
    return any(words.encode() in part.read_bytes() for part in file.parent.glob(f"{file.name}*"))


def test_what_cannot_be_opened_is_said_at_the_desk_and_can_be_paused_and_removed(desk: Desk, news: Page) -> None:
    news.report(email=ADDRESS)
    desk.post("/admin/webhooks", "/admin/webhooks", url=SLACK, kind="slack")
    with connection():
        seals.use((GONE,))
        Report.update(email=seals.seal(Kind.ADDRESS, ADDRESS)).execute()
        Webhook.update(url=seals.seal(Kind.WEBHOOK, SLACK)).execute()
        seals.use((SECRET,))
    for path in ("/admin/deliveries", "/admin/webhooks", "/admin/webhooks/1"):
        page = desk.get(path)
        assert (page.status_code, seals.UNOPENED in page.text) == (200, True), path
    for deed in ("pause", "remove"):
        assert desk.post(f"/admin/webhooks/1/{deed}", "/admin/webhooks").status_code == 303
    with connection():
        assert webhooks.every() == []
        assert [entry.particulars["to"] for entry in LogEntry.select() if "to" in entry.particulars][1:] == [
            seals.UNOPENED
        ] * 2


def test_the_desk_shows_no_more_of_an_address_than_before(desk: Desk, news: Page) -> None:
    news.report(TEXT, email=ADDRESS)
    page = desk.get("/admin/deliveries").text
    assert ("j…@r….example" in page, ADDRESS in page, Report.get().email in page) == (True, False, False)
