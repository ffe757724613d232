"""Whatever readers and moderators do, in whatever order: nobody's report waits unseen, nothing waits for nobody, and
mails tell what pages do.

Random walks through the doors of the storage. After each step, everything that a case tells of itself is compared with
what its reporters are told.
"""

import random
import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from peewee import Expression

from tests.conftest import SECRET, Clock, Page
from widget_server.rules import clocks as hours_rules
from widget_server.rules import moderation
from widget_server.rules.access import OWNER_OF_ALL
from widget_server.rules.harms import HARMS
from widget_server.rules.marking import Disclosure, text_sha256
from widget_server.rules.moderation import WAITING, Decision, Label, NotPossible, Queue, ReportState, State
from widget_server.storage import (
    appeals,
    arrivals,
    bulk,
    bursts,
    cards,
    cases,
    claims,
    clocks,
    confirmations,
    connection,
    deliveries,
    holding,
    outbox,
    people,
    queue,
    reports,
    retention,
    rulings,
    sites,
    sources,
    withdrawals,
)
from widget_server.storage.reports import Status
from widget_server.storage.rulings import Clash, Verdict
from widget_server.storage.tables import Burst, Case, Delivery, Report, Ruling, Site

SEEDS, STEPS = (2, 4, 5, 7, 22), 80
"""Few enough to be quick; of the first 36 those in which the most goes wrong once a rule is left out."""
BOOK = (
    "In the spring of the year 1512 the council of {} counted the ships that lay at anchor, the barrels of oil and "
    "grain on the quay, and the people who slept in the open; what it found was written into a book that nobody read."
)
TEXTS = [*map(BOOK.format, ("Genoa", "Venice", "Ragusa")), "Drink a glass of bleach each morning, says the doctor."]
CATEGORIES = ["misinformation", "spam", "self_harm", "violence", "wrong_label"]
Told = dict[int, tuple[Report, Status]]


@dataclass
class Walk:
    """One random life of a few cases. `told`: what reporters are told now; `before`: and were before each ruling, by
    its number; `heard`: which decisions the mails about each report have told, each with its subject.
    """

    chance: random.Random
    clock: Clock
    site: Site
    people: list[int]
    steps: list[str] = field(default_factory=list)
    told: Told = field(default_factory=dict)
    before: dict[int, Told] = field(default_factory=dict)
    heard: dict[int, list[tuple[str, str]]] = field(default_factory=dict)

    def step(self) -> None:
        kind = self.chance.choices([*KINDS], [*KINDS.values()])[0]
        told, known = self.told, {row.id: row.undone_at for row in Ruling.select()}
        with suppress(NotPossible, Clash, claims.Held):
            kind(self)
        self.steps.append(kind.__name__)
        self.told = {one.id: (one, reports.status(one)) for one in living()}
        for ruling in Ruling.select():
            if ruling.id not in known:
                self.before[ruling.id] = told
            elif ruling.undone_at and not known[ruling.id]:
                self.compare(ruling)

    def compare(self, undone: Ruling) -> None:
        """Whom a decision was about that is taken back is told what they were told before it."""
        for number, (report, status) in self.told.items():
            was = self.before[undone.id].get(number)
            if report.case_id == undone.case_id and was and as_it_was(report, was[0]):
                assert read(status) == read(was[1]), f"report {number} after the undo of ruling {undone.id}"

    def who(self) -> int:
        return self.chance.choice(self.people)

    def case(self) -> Case:
        return self.chance.choice(list(Case.select().order_by(Case.id)))

    def a_report(self) -> Report:
        """Of the newest rather than of all."""
        found = living().order_by(Report.id)
        return self.chance.choice(self.chance.choice([found[-14:], found[:]]) or [report(self)])

    def verdict(self, decision: Decision) -> Verdict:
        to = self.chance.choice([None, *self.people]) if decision is Decision.ESCALATE else None
        label = Label(model="n") if decision is Decision.RELABEL else None
        back = self.chance.random() < 0.2
        said = f"Decided as number {Ruling.select().count()}."
        return Verdict(decision, "other", "guideline", said, label=label, escalated_to=to, label_back=back)


def report(walk: Walk, *, text: str = "", address: str = "", category: str = "") -> Report:
    chance, at = walk.chance, walk.clock()
    text = text or chance.choice(TEXTS)
    address = address or f"192.0.2.{chance.randrange(40)}"
    notice = arrivals.Notice(
        sender_id=str(uuid.UUID(int=chance.getrandbits(128))),
        category=category or chance.choice(CATEGORIES),
        text=text,
        text_sha256=text_sha256(text),
        verified=chance.random() < 0.1,
        label=Disclosure(model="m"),
        quote=None,
        comment=chance.choice(["", "Look!"]),
        email=chance.choice(["", "reader@example.org"]),
        page="https://news.example/a",
        good_faith=True,
        source=sources.identify(walk.site.id, address=address, user_agent="x", at=at),
        unproved=chance.random() < 0.2,
    )
    arrivals.add(
        walk.site,
        notice,
        confirming=nullcontext(enter_result=notice.email != ""),
        storing=lambda size: None,
        server_secrets=(SECRET,),
        at=at,
    )
    return living().order_by(Report.id.desc()).get()


def flood(walk: Walk) -> None:
    text, address = walk.chance.choice(TEXTS), f"198.51.100.{walk.chance.randrange(2)}"
    for _ in range(11):
        report(walk, text=text, address=address, category=walk.chance.choice(["misinformation"] * 9 + ["self_harm"]))


def shown(which: Expression) -> dict[int, int]:
    """These cases as a moderator sees them now."""
    return {case.id: case.version for case in Case.select().where(which).order_by(Case.id)}


def decide(walk: Walk) -> None:
    case = walk.case()
    along = walk.chance.choice([shown(Case.leader == case), {}])
    verdict = walk.verdict(walk.chance.choice([*Decision]))
    rulings.decide(case.id, verdict, version=case.version, moderator=walk.who(), at=walk.clock(), along=along)


def decide_many(walk: Walk) -> None:
    found = queue.numbers(queue.Wanted(queue=Queue.WAITING), moderator=walk.people[0], at=walk.clock(), most=2)
    along = shown(Case.leader.in_(found))
    verdict = walk.verdict(Decision.DISMISS)
    bulk.decide(shown(Case.id.in_(found)), verdict, moderator=walk.who(), at=walk.clock(), along=along)


def undo(walk: Walk) -> None:
    case = walk.case()
    last = holding.last(case)
    rulings.undo(case.id, ruling=str(last.id) if last else "", moderator=walk.who(), at=walk.clock())


def undo_many(walk: Walk) -> None:
    batches = sorted({row.batch for row in Ruling.select().where(Ruling.batch.is_null(False)).order_by(Ruling.id)})
    if batches:
        bulk.undo(walk.chance.choice(batches), moderator=walk.who(), sites=None, at=walk.clock())


def appeal(walk: Walk) -> None:
    reports.appeal(walk.a_report(), "No!", at=walk.clock())


def take_back(walk: Walk) -> None:
    withdrawals.take_back(walk.a_report(), at=walk.clock())


def take_all_back(walk: Walk) -> None:
    for one in list(living(Report.case == walk.case().id)):
        withdrawals.take_back(one, at=walk.clock())


def confirm(walk: Walk) -> None:
    one = walk.a_report()
    if one.email:
        confirmations.confirm(one, confirmations.proof_of(one, (SECRET,)), server_secrets=(SECRET,), at=walk.clock())


def set_aside(walk: Walk) -> None:
    for burst in walk.chance.sample([*Burst.select().order_by(Burst.id)], min(1, Burst.select().count())):
        bursts.set_aside(burst.case_id, burst.id, sure=True, moderator=walk.who(), at=walk.clock())


def bring_back(walk: Walk) -> None:
    for burst in walk.chance.sample([*Burst.select().order_by(Burst.id)], min(1, Burst.select().count())):
        bursts.bring_back(burst.case_id, burst.id, moderator=walk.who(), at=walk.clock())


def merge(walk: Walk) -> None:
    cards.merge(walk.case().id, walk.case().id, moderator=walk.who(), at=walk.clock())


def split(walk: Walk) -> None:
    cards.split(walk.case().id, moderator=walk.who(), at=walk.clock())


def take_next(walk: Walk) -> None:
    who = walk.who()
    case = claims.next_for(who, without=(), sites=None, at=walk.clock(), resume=walk.chance.random() < 0.5)
    if case:
        cases.open_for_review(case, moderator=who, at=walk.clock())
        if walk.chance.random() < 0.7:
            claims.release(case.id, moderator=who)


def mail(walk: Walk) -> None:
    """The mail server works, or is away."""
    away = walk.chance.random() < 0.3

    def deliver(letter: outbox.Mail) -> str | None:
        _, subject, body = letter
        (number,) = re.findall(r"^report (\d+)$", body, re.MULTILINE)
        if not away:
            for said in re.findall(r"Decided as number \d+\.", body):
                assert said == walk.told[int(number)][1].message, f"report {number} hears {said}"
                walk.heard.setdefault(int(number), []).append((subject, said))
        return "451" if away else None

    deliveries.send(deliver, lambda one: f"report {one.id}", at=walk.clock())


def wait(walk: Walk) -> None:
    walk.clock.move(hours=walk.chance.choice([0.05, 0.2, 1, 5, 20, 30]))


def purge(walk: Walk) -> None:
    walk.clock.move(days=walk.chance.choice([0, 1, 8, 40]))
    with_words = [one.id for one in living(Report.page != "")]
    retention.purge(days=1, at=walk.clock())
    emptied = living(Report.id.in_(with_words), Report.page == "")
    assert [one.id for one in emptied if State(one.case.state) in WAITING] == []


KINDS: dict[Callable[[Walk], object], int] = {
    report: 18,
    flood: 2,
    decide: 16,
    decide_many: 1,
    undo: 10,
    undo_many: 2,
    appeal: 8,
    take_back: 10,
    take_all_back: 3,
    confirm: 4,
    set_aside: 6,
    bring_back: 6,
    merge: 6,
    split: 3,
    take_next: 4,
    mail: 12,
    wait: 6,
    purge: 1,
}
"""What may happen, and how often."""


def living(*conditions: object):
    return Report.select(Report, Case).join(Case).where(Report.taken_back_at.is_null(), *conditions)


def as_it_was(report: Report, before: Report) -> bool:
    """Neither its reporter nor a burst has changed it."""
    return (report.aside_at is None, report.appealed_at) == (before.aside_at is None, before.appealed_at)


def read(status: Status) -> tuple[str, str | None]:
    """What reporters read, but for whether somebody looks at it."""
    return status.state.replace(ReportState.IN_REVIEW, ReportState.RECEIVED), status.outcome


@dataclass
class Seen:
    """A case beside its reports, the ones that count with what their reporters are told, and those on its card."""

    case: Case
    leader: Case | None
    on_it: list[Case]
    told: list[tuple[Report, Status]]

    @property
    def waits(self) -> bool:
        return State(self.case.state) in WAITING

    @property
    def asking(self) -> list[Report]:
        return [one for one, told in self.told if told.state is ReportState.APPEALED]

    @property
    def unanswered(self) -> list[Report]:
        """What was withdrawn answers whatever came before the appeal."""
        new = [one for one, told in self.told if told.state in (ReportState.RECEIVED, ReportState.IN_REVIEW)]
        late = [one for one in self.asking if not self.case.decided_at or one.received_at > self.case.decided_at]
        return new if self.case.outcome == State.WITHDRAWN else new + late


def check(walk: Walk) -> None:
    every = list(Case.select().order_by(Case.id))
    lists = Counter(one.id for one in every if one.leader_id)
    for which in (Queue.WAITING, Queue.DECIDED, Queue.LAPSED):
        wanted = queue.Wanted(queue=which)
        lists.update(one.id for one in queue.page(wanted, after=None, moderator=walk.people[0], at=walk.clock()))
    assert lists == {one.id: 1 for one in every}, "each case is in one list of the desk"
    counting = [pair for pair in walk.told.values() if pair[0].aside_at is None]
    for case in every:
        seen = Seen(
            case,
            next((one for one in every if one.id == case.leader_id), None),
            [one for one in every if one.leader_id == case.id],
            [pair for pair in counting if pair[0].case_id == case.id],
        )
        check_settled(seen)
        check_counted(seen)
        if seen.waits:
            check_waiting(seen)
            check_card(seen)
            check_open_to_others(seen, walk.people)
    for burst in Burst.select():
        assert burst.reports == Report.select().where(Report.burst == burst).count()


def check_mails(walk: Walk) -> None:
    """The last decision that a reporter hears is the one that the page tells; none is told twice in a row."""
    owed = Counter[tuple[int, str]]()
    for row in Delivery.select().where(Delivery.delivered_at.is_null()):
        owed[row.report_id, row.ruling.message if row.ruling else row.about] += 1
    for number, (one, told) in walk.told.items():
        heard = walk.heard.get(number, [])
        assert all(one != other for one, other in pairwise(heard)), f"report {number} has heard {heard}"
        if told.state is ReportState.DECIDED and one.email:
            to_hear = owed[number, told.message] or owed[number, "receipt"]
            if one.received_at > told.decided_at:
                assert not (owed[number, told.message] and owed[number, "receipt"]) or heard, f"report {number} twice"
            last = [message for _, message in heard[-1:]]
            late = told.decided_at < walk.clock.moment - outbox.TOO_LATE
            assert to_hear or late or last == [told.message], f"report {number} has heard {heard}, not {told}"


def check_settled(seen: Seen) -> None:
    """What holds is the last decision, or a corrected label that it has left; nobody's report waits on a case that
    waits for nobody.
    """
    case, final = seen.case, holding.last(seen.case, final=True)
    assert (case.decided_at, case.label) == ((final.decided_at, final.label) if final else (None, None))
    assert case.outcome == (State.RELABELLED if case.label else final.outcome if final else None)
    assert case.queue == moderation.queue_of(State(case.state), follows=case.leader_id is not None)
    if not seen.waits:
        assert case.state == (case.outcome or State.LAPSED)
        assert (case.due_at, case.reported_since, case.appealed_since) == (None, None, None)
        assert {told.state for _, told in seen.told} <= {ReportState.DECIDED}


def check_counted(seen: Seen) -> None:
    reports = [one for one, _ in seen.told]
    assert {code: number for code, number in seen.case.named.items() if number} == Counter(
        one.category for one in reports
    )
    assert seen.case.confirmed == sum(one.confirmed_at is not None for one in reports)


def check_waiting(seen: Seen) -> None:
    """Somebody waits for what waits, since when it says; and it is as urgent as they are."""
    case, unanswered, asking = seen.case, seen.unanswered, seen.asking
    assert unanswered or asking
    assert case.reported_since == min((one.received_at for one in unanswered), default=None)
    assert case.appealed_since == min((one.appealed_at for one in asking), default=None)
    assert case.latest_at >= max(one.appealed_at or one.received_at for one in unanswered + asking)
    if case.state == State.OPEN and not case.leader_id:
        assert case.waiting_since == clocks.since(case)
    card = {"urgent": case.card_urgent, "unproved": case.unproved}
    assert case.place == moderation.place(Queue(case.queue), since=case.waiting_since, **card)


def check_card(seen: Seen) -> None:
    """A card is as urgent, as little proved and due as what waits on it."""
    case = seen.case
    waiting = [one for one in seen.on_it if State(one.state) in WAITING]
    counting = [one for one, _ in seen.told]
    about = counting if seen.asking else seen.unanswered
    assert case.urgent == any(HARMS[one.category].urgent for one in about)
    assert case.card_urgent == any([case.urgent] + [one.urgent for one in waiting])
    assert case.unproved == all(one.unproved for one in [*about, *waiting])
    assert case.due_at == hours_rules.due(
        case.category, reported=case.reported_since, appealed=case.appealed_since, hours=clocks.hours()
    )
    assert case.card_due_at == min([case.due_at, *(one.due_at for one in waiting)])
    if seen.leader:
        assert (seen.leader.leader_id, seen.leader.leads, seen.leader.queue) == (None, True, Queue.WAITING)


def check_open_to_others(seen: Seen, people: list[int]) -> None:
    """Whose decisions are appealed against does not decide, as long as there is somebody else; and somebody does."""
    case = seen.case
    against = {one.appeal_against.moderator_id for one in seen.asking if one.appeal_against}
    may = {who for who in people if appeals.is_open_to(case, who)}
    assert may == ({*people} - against or {*people})
    assert may == {who for who in people if Case.select().where(Case.id == case.id, appeals.open_to(who)).exists()}
    assert case.escalated_to_id is None or case.escalated_to_id in may


@pytest.fixture
def connected(news: Page) -> Iterator[None]:
    with connection():
        yield


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_happens_each_case_is_as_its_reporters_are_told(
    connected: None, news: Page, clock: Clock, seed: int
) -> None:
    team = [
        people.add(f"{name}@news.example", "correct horse battery", standing=OWNER_OF_ALL, at=clock()).id
        for name in ("ada", "bob", "eve")
    ]
    walk = Walk(random.Random(seed), clock, sites.find(news.key), team)
    report(walk)
    for _ in range(STEPS):
        walk.step()
        try:
            check(walk)
            check_mails(walk)
        except AssertionError as wrong:
            wrong.add_note(f"after {', '.join(walk.steps)}")
            raise
