"""What owners hear at once, against a real SMTP server on this machine."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from tests.admin.test_bursts import aside, back, confirm, flood, one
from tests.conftest import Clock, Desk, Page, signed_in
from tests.inboxes import Inbox, text
from widget_server.delivery import mail
from widget_server.rules.access import Role, Standing
from widget_server.rules.declarations import Draft
from widget_server.rules.events import Event
from widget_server.serving import keep_house
from widget_server.settings import Settings
from widget_server.storage import connection, declarations, owners, people, policies, retention, roles, sites
from widget_server.storage.tables import OwnerNotice, database

PUBLIC = "https://widget.example"
LOW = {"path": "/admin/viewers", "clause": "2.iii", "share": 50, "least": 90, "impressions": 1000}


def send(inbox: Inbox, clock: Clock) -> int:
    return owners.send(mail.sender(inbox.url), PUBLIC, at=clock())


def declare(site: Page, clock: Clock, *, email: str = "") -> None:
    draft = Draft({"customer_support": "", "translation": ""}, "", "Ada Lovelace", "Editor", email)
    with connection():
        declarations.sign(sites.find(site.key), draft, seen=None, moderator=None, at=clock())


def reported(news: Page, *texts: str, category: str = "profiling", **more: object) -> None:
    for said in texts:
        assert news.report(said, category=category, **more).status_code == 201


@pytest.mark.parametrize(
    ("category", "told", "clause"),
    [("automated_decision", "decides about a person", "4"), ("profiling", "sorts or profiles people", "5")],
)
def test_owners_hear_at_once_of_a_use_that_is_forbidden(
    news: Page, desk: Desk, other_desk: Desk, inbox: Inbox, clock: Clock, category: str, told: str, clause: str
) -> None:
    declare(news, clock)
    reported(news, "unmistakable text", category=category, comment="unmistakable comment", email="reader@example.org")
    assert send(inbox, clock) == 2
    assert sorted(message["To"] for message in inbox.messages) == [desk.email, other_desk.email]
    first = inbox.messages[0]
    assert first["Subject"] == f"Reported on News: {told}"
    assert f"{PUBLIC}/admin/reports/1" in text(first)
    assert f"guideline {clause}" in text(first)
    assert "Customer support, Translation" in text(first)
    assert "unmistakable" not in text(first)
    assert "reader@example.org" not in text(first)
    assert send(inbox, clock) == 0


def test_they_hear_of_the_first_such_report_on_a_text_only(news: Page, desk: Desk, inbox: Inbox, clock: Clock) -> None:
    reported(news, "a text", category="misinformation")
    assert send(inbox, clock) == 0
    reported(news, "a text")
    assert send(inbox, clock) == 1
    assert "nobody has said yet" in text(inbox.messages[0])
    clock.move(hours=1)
    reported(news, "a text", "a text")
    desk.decide(1, "dismiss", category="profiling")
    reported(news, "a text")
    assert send(inbox, clock) == 0
    reported(news, "a text", category="automated_decision")
    assert send(inbox, clock) == 1


def test_a_report_that_comes_and_goes_writes_no_second_mail(news: Page, desk: Desk, inbox: Inbox, clock: Clock) -> None:
    for _ in range(3):
        receipt = news.report("a text", category="profiling").json["receipt"]
        news.client.delete(f"/api/v1/reports/{receipt}")
        clock.move(hours=1)
    assert send(inbox, clock) == 1


class TestOneThatStandsAside:
    """A report of a forbidden use that came from a burst which was set aside, and so counted for nothing."""

    @pytest.fixture
    def receipt(self, news: Page, desk: Desk, inbox: Inbox, clock: Clock) -> str:
        flood(news)
        assert aside(desk).status_code == 303
        clock.move(minutes=1)
        (receipt,) = flood(news, 1, category="profiling", email="reader@example.org")
        assert (news.status(receipt)["set_aside"], send(inbox, clock)) == (True, 0)
        clock.move(hours=1)
        return receipt

    def test_hides_no_report_that_counts(
        self, news: Page, desk: Desk, receipt: str, inbox: Inbox, clock: Clock
    ) -> None:
        one(news, category="profiling")
        assert send(inbox, clock) == 1
        clock.move(hours=1)
        one(news, category="profiling")
        assert back(desk).status_code == 303
        assert send(inbox, clock) == 0

    def test_is_told_once_it_is_brought_back(
        self, news: Page, desk: Desk, receipt: str, inbox: Inbox, clock: Clock
    ) -> None:
        for _ in range(2):
            assert back(desk).status_code == 303
            assert aside(desk).status_code == 303
            clock.move(hours=1)
        one(news, category="profiling")
        assert [send(inbox, clock), len(inbox.messages)] == [1, 1]
        assert f"{PUBLIC}/admin/reports/1" in text(inbox.messages[0])

    def test_is_told_once_its_reporter_has_it_count(
        self, news: Page, desk: Desk, receipt: str, inbox: Inbox, clock: Clock
    ) -> None:
        confirm(news)
        assert send(inbox, clock) == 1
        news.client.post(f"/api/v1/reports/{receipt}/appeal", json={"comment": "I am one person."})
        assert send(inbox, clock) == 0

    def test_is_told_once_its_reporter_asks_for_a_second_look(
        self, news: Page, desk: Desk, receipt: str, inbox: Inbox, clock: Clock
    ) -> None:
        news.client.post(f"/api/v1/reports/{receipt}/appeal", json={"comment": "I am one person."})
        assert send(inbox, clock) == 1


def test_what_was_told_and_then_set_aside_is_not_told_again(news: Page, desk: Desk, inbox: Inbox, clock: Clock) -> None:
    flood(news, category="profiling")
    assert send(inbox, clock) == 1
    aside(desk)
    clock.move(hours=1)
    one(news, category="profiling")
    back(desk)
    assert send(inbox, clock) == 0


def test_many_at_once_are_one_mail_after_the_first(news: Page, desk: Desk, inbox: Inbox, clock: Clock) -> None:
    reported(news, "the first")
    assert send(inbox, clock) == 1
    clock.move(minutes=1)
    reported(news, *(f"another one {'x' * number}" for number in range(25)))
    assert send(inbox, clock) == 0
    clock.move(minutes=9)
    assert send(inbox, clock) == 1
    gathered = text(inbox.messages[1])
    assert gathered.count("/admin/reports/") == 20
    assert "and 5 more" in gathered
    assert send(inbox, clock) == 0


def test_sites_have_mails_of_their_own(news: Page, shop: Page, desk: Desk, inbox: Inbox, clock: Clock) -> None:
    reported(news, "a text")
    reported(shop, "a text")
    assert send(inbox, clock) == 2
    assert sorted(message["Subject"].split(":")[0] for message in inbox.messages) == [
        "Reported on News",
        "Reported on Shop",
    ]


def test_a_mail_that_fails_is_tried_again_later_and_arrives_once(
    news: Page, desk: Desk, inbox: Inbox, clock: Clock
) -> None:
    reported(news, "a text")
    inbox.refusing = True
    assert send(inbox, clock) == 0
    assert "451" in OwnerNotice.get().failure
    inbox.refusing = False
    assert send(inbox, clock) == 0
    clock.move(minutes=1)
    assert send(inbox, clock) == 1
    assert (OwnerNotice.get().failure, OwnerNotice.get().attempts) == ("", 2)
    assert send(inbox, clock) == 0


def test_a_mail_that_never_works_is_given_up_and_forgotten(news: Page, desk: Desk, clock: Clock) -> None:
    reported(news, "a text")
    deliver = mail.sender("smtp://127.0.0.1:9")
    for _ in range(20):
        owners.send(deliver, PUBLIC, at=clock())
        clock.move(days=1)
    given_up = OwnerNotice.get()
    assert (given_up.attempts, given_up.due_at, bool(given_up.failure)) == (12, None, True)
    clock.move(days=11)
    retention.purge(days=365, at=clock())
    assert OwnerNotice.select().count() == 0


def test_a_notice_that_goes_out_with_failing_ones_has_tries_of_its_own(
    news: Page, desk: Desk, inbox: Inbox, clock: Clock
) -> None:
    inbox.refusing = True
    reported(news, "a text")
    while OwnerNotice.get_by_id(1).attempts < 11:
        send(inbox, clock)
        clock.moment = OwnerNotice.get_by_id(1).due_at
    reported(news, "another text")
    clock.move(hours=1)
    send(inbox, clock)
    assert [(notice.attempts, notice.due_at is None) for notice in OwnerNotice.select().order_by(OwnerNotice.id)] == [
        (12, True),
        (1, False),
    ]
    inbox.refusing = False
    clock.move(hours=1)
    assert send(inbox, clock) == 1


def test_a_mail_that_another_process_is_sending_is_left_to_it(
    news: Page, desk: Desk, inbox: Inbox, clock: Clock
) -> None:
    reported(news, "a text")

    def slow(letter: tuple[str, str, str]) -> str | None:
        assert send(inbox, clock) == 0
        return mail.sender(inbox.url)(letter)

    assert owners.send(slow, PUBLIC, at=clock()) == 1
    assert len(inbox.messages) == 1


def leaves(person: Desk, site: Page, clock: Clock) -> None:
    with connection():
        people.remove(people.find(person.email), by=people.find("ada@news.example").id, at=clock())


def becomes_a_moderator(person: Desk, site: Page, clock: Clock) -> None:
    less = Standing(on={sites.find(site.key).id: Role.MODERATOR})
    with connection():
        roles.change(people.find(person.email), less, by=people.find("ada@news.example").id, at=clock())


def become(person: Desk, clock: Clock, there: dict[str, Role]) -> None:
    with connection():
        standing = Standing(on={sites.find(key).id: role for key, role in there.items()})
        roles.change(people.find(person.email), standing, by=None, at=clock())


@pytest.mark.parametrize("goes", [leaves, becomes_a_moderator])
def test_who_owns_the_site_no_more_gets_nothing_that_was_owed_before(
    news: Page, desk: Desk, other_desk: Desk, inbox: Inbox, clock: Clock, goes
) -> None:
    declare(news, clock)
    reported(news, "a text")
    with connection():
        owners.owe(Event.DISCLOSURE_LOW, LOW, sites=[sites.find(news.key)], at=clock())
        owners.ask_for_renewals(at=clock() + timedelta(days=340))
    assert OwnerNotice.select().where(OwnerNotice.moderator == people.find(other_desk.email)).count() == 3
    goes(other_desk, news, clock)
    clock.move(days=341)
    assert send(inbox, clock) == 3
    assert {message["To"] for message in inbox.messages} == {desk.email}
    assert send(inbox, clock) == 0


@pytest.mark.parametrize("goes", [leaves, becomes_a_moderator])
def test_who_owns_the_site_now_gets_what_an_owner_of_before_did_not(
    app: Flask, news: Page, shop: Page, desk: Desk, inbox: Inbox, clock: Clock, goes
) -> None:
    ada, bob = (signed_in(app, clock, f"{name}@shop.example") for name in ("ada", "bob"))
    become(ada, clock, {shop.key: Role.OWNER})
    become(bob, clock, {shop.key: Role.MODERATOR})
    declare(shop, clock)
    reported(shop, "a text", "another text")
    with connection():
        owners.owe(Event.DISCLOSURE_LOW, LOW, sites=[sites.find(shop.key)], at=clock())
        owners.ask_for_renewals(at=clock() + timedelta(days=340))
    inbox.refusing = True
    send(inbox, clock)
    become(bob, clock, {shop.key: Role.OWNER})
    goes(ada, shop, clock)
    inbox.refusing = False
    clock.move(days=341)
    for _ in range(3):
        send(inbox, clock)
    told = {desk.email: [], bob.email: []}
    for message in inbox.messages:
        told[message["To"]].append(message["Subject"])
    assert sorted(told[bob.email]) == sorted(told[desk.email])
    assert len(told[bob.email]) == 3


def test_what_is_about_an_application_is_told_to_the_new_owner_of_a_site_and_the_old_one_who_keeps_another(
    app: Flask, news: Page, shop: Page, desk: Desk, inbox: Inbox, clock: Clock
) -> None:
    ada, bob = (signed_in(app, clock, f"{name}@shop.example") for name in ("ada", "bob"))
    become(ada, clock, {news.key: Role.OWNER, shop.key: Role.OWNER})
    about = LOW | {"application": "The paper"}
    with connection():
        both = [sites.find(page.key) for page in (news, shop)]
        for site in both:
            policies.keep(site, replace(policies.of(site), application="The paper"), moderator=None, at=clock())
        owners.owe(Event.DISCLOSURE_LOW, about, sites=both, at=clock())
    become(ada, clock, {shop.key: Role.OWNER})
    become(bob, clock, {news.key: Role.OWNER})
    for _ in range(3):
        send(inbox, clock)
    assert sorted(message["To"] for message in inbox.messages) == [desk.email, ada.email, bob.email]


def test_who_guesses_codes_of_somebody_who_is_no_owner_is_told_to_them_until_they_leave(
    news: Page, desk: Desk, other_desk: Desk, inbox: Inbox, clock: Clock
) -> None:
    becomes_a_moderator(other_desk, news, clock)
    with connection():
        owners.owe_warning(people.find(other_desk.email), at=clock())
    assert send(inbox, clock) == 1
    clock.move(hours=2)
    with connection():
        owners.owe_warning(people.find(other_desk.email), at=clock())
    leaves(other_desk, news, clock)
    assert send(inbox, clock) == 0


def test_a_notice_holds_no_address_and_nothing_that_a_reader_typed(news: Page, desk: Desk) -> None:
    reported(news, "unmistakable text", comment="unmistakable comment")
    kept = "".join(str(row) for row in OwnerNotice.select().tuples())
    assert OwnerNotice.select().count() == 1
    assert desk.email not in kept
    assert "unmistakable" not in kept


class TestRenewal:
    """A declaration is asked for again at 11 months and at 12, once each."""

    @pytest.fixture
    def house(self, settings: Settings, inbox: Inbox) -> Settings:
        return replace(settings, mail_url=inbox.url)

    def keep(self, house: Settings, clock: Clock, *, days: float = 0) -> int:
        """What goes out in two rounds: the first finds what time it is, in the second that is certain."""
        clock.move(days=days)
        database.close()
        sent = keep_house(house, at=clock())["mails_sent"]
        clock.move(minutes=5)
        return sent + keep_house(house, at=clock())["mails_sent"]

    def test_owners_and_signer_are_asked_once_at_eleven_months_and_once_at_twelve(
        self, news: Page, desk: Desk, inbox: Inbox, house: Settings, clock: Clock
    ) -> None:
        declare(news, clock, email="signer@news.example")
        assert [self.keep(house, clock, days=days) for days in (0, 333, 1, 1, 29, 1, 1, 30, 200)] == [
            *(0, 0, 2, 0, 0, 2, 0, 0, 0)
        ]
        assert sorted(message["To"] for message in inbox.messages[:2]) == [desk.email, "signer@news.example"]
        first, last = inbox.messages[0], inbox.messages[-1]
        assert first["Subject"] == "What the texts of News are for: sign it again by 2027-11-23"
        assert last["Subject"] == "What the texts of News are for: sign it again"
        for told in ("Ada Lovelace (Editor)", "Customer support, Translation", f"/admin/sites/{news.key}/purpose"):
            assert told in text(first)
        assert "2027-12-23" in text(last)

    def test_a_signer_who_was_removed_from_the_desk_is_not_asked(
        self, news: Page, desk: Desk, other_desk: Desk, inbox: Inbox, house: Settings, clock: Clock
    ) -> None:
        declare(news, clock, email=other_desk.email)
        leaves(other_desk, news, clock)
        self.keep(house, clock, days=334)
        assert [message["To"] for message in inbox.messages] == [desk.email]

    def test_a_signer_who_is_an_owner_gets_one_mail(
        self, news: Page, desk: Desk, inbox: Inbox, house: Settings, clock: Clock
    ) -> None:
        declare(news, clock, email=desk.email.upper())
        assert self.keep(house, clock, days=334) == 1

    def test_a_year_later_both_questions_are_one(
        self, news: Page, desk: Desk, inbox: Inbox, house: Settings, clock: Clock
    ) -> None:
        declare(news, clock)
        assert [self.keep(house, clock, days=days) for days in (365, 1)] == [1, 0]

    def test_whoever_has_signed_again_is_not_asked(
        self, news: Page, desk: Desk, inbox: Inbox, house: Settings, clock: Clock
    ) -> None:
        declare(news, clock)
        inbox.refusing = True
        assert self.keep(house, clock, days=334) == 0
        declare(news, clock)
        inbox.refusing = False
        assert self.keep(house, clock, days=1) == 0
        assert inbox.messages == []
        assert self.keep(house, clock, days=335) == 1

    def test_without_mail_nobody_counts_as_asked(
        self, news: Page, desk: Desk, inbox: Inbox, settings: Settings, house: Settings, clock: Clock
    ) -> None:
        declare(news, clock)
        assert self.keep(settings, clock, days=340) == 0
        assert self.keep(house, clock) == 1

    def test_two_processes_ask_once(self, news: Page, desk: Desk, clock: Clock) -> None:
        declare(news, clock)
        clock.move(days=340)

        def ask() -> None:
            with connection():
                owners.ask_for_renewals(at=clock())

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert OwnerNotice.select().count() == 1


def test_of_two_who_sign_at_once_one_is_told_of_the_other(news: Page, clock: Clock) -> None:
    signed: list[int] = []
    newer: list[str] = []

    def sign(name: str) -> None:
        draft = Draft({"news": ""}, "", name, "Editor")
        with connection():
            try:
                signed.append(
                    declarations.sign(sites.find(news.key), draft, seen=0, moderator=None, at=clock()).version
                )
            except declarations.Newer as clash:
                newer.append(clash.declaration.signed_by)

    threads = [threading.Thread(target=sign, args=[name]) for name in ("Ada", "Grace", "Emmy", "Lise")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (signed, len(newer), len(set(newer))) == ([1], 3, 1)
