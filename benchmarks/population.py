"""A month of people who read one site, as the site's server sees them: when, from which address, in which browser."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from benchmarks import assumptions as given
from benchmarks.assumptions import DAYS, EVERY, EVERYDAY, Effect, Mix
from benchmarks.browsers import CRAWLERS, DESKTOP, MANAGED, PHONE, Device, pick, releases


@dataclass(frozen=True, slots=True)
class Visit:
    """A page view with a text in sight, `at` days into the month.

    `person` is None for machines. `account`: the host knows who it is. `sent`: the browser tells the server of it.
    """

    at: float
    person: int | None
    address: str
    user_agent: str
    purpose: str = ""
    account: bool = False
    sent: bool = True


@dataclass(frozen=True, slots=True)
class Home:
    """Where the readers of a household come from. `moves`: when it gets a new address."""

    number: int
    ipv6: bool
    behind_nat: bool
    moves: list[float]


@dataclass(frozen=True, slots=True)
class Person:
    """`office`: the first reader who works there; None for people who do not read at work."""

    number: int
    home: Home
    first_device: Device
    second_device: Device | None
    office: int | None
    work_device: Device
    carrier: int
    ipv6_on_phone: bool
    account: bool
    sends: bool


class Month:
    """One month of a site. Chance decides the same for a person whichever effects are there."""

    def __init__(
        self, people: int, *, seed: int | str, mix: Mix = EVERYDAY, effects: frozenset[Effect] = EVERY
    ) -> None:
        self.people, self.seed, self.mix, self.effects = people, seed, mix, effects
        self._released = releases(Random(f"{seed} releases"))
        self._owners: dict[tuple[object, ...], int] = {}

    def visits(self) -> list[Visit]:
        """In order of time. Each person comes at least once."""
        found = [visit for person, chance in self._population() for visit in self._visits(person, chance)]
        return sorted([*found, *self._machines(Random(f"{self.seed} machines"))], key=lambda visit: visit.at)

    def _population(self) -> Iterator[tuple[Person, Random]]:
        first: Person | None = None
        others = 0
        workers: list[int] = []
        for number in range(self.people):
            chance = Random(f"{self.seed} {number}")
            if first is None or others == 0:
                others = _others_at_home(chance)
                first = self._person(number, chance, None, workers)
                yield first, chance
            else:
                others -= 1
                yield self._person(number, chance, first, workers), chance

    def _person(self, number: int, chance: Random, first: Person | None, workers: list[int]) -> Person:
        """`first`: the one of the household who has come before; `workers`: where each before them works."""
        home = Home(
            number,
            chance.random() < given.IPV6_AT_HOME,
            chance.random() < given.NAT_AT_HOME,
            _moves(chance),
        )
        own, other = (PHONE, DESKTOP) if chance.random() < self.mix.phones else (DESKTOP, PHONE)
        device, second, has_second = pick(own, chance), pick(other, chance), chance.random() < given.SECOND_DEVICE
        shares_device = chance.random() < given.SAME_DEVICE
        if first and self._is(Effect.HOUSEHOLDS):
            home = first.home
            device = first.first_device if shares_device else device
        return Person(
            number=number,
            home=home,
            first_device=device,
            second_device=second if has_second else None,
            office=self._office(number, chance, workers),
            work_device=Device(MANAGED, 0.0) if chance.random() < given.MANAGED_AT_WORK else pick(DESKTOP, chance),
            carrier=chance.randrange(given.CARRIERS),
            ipv6_on_phone=chance.random() < given.IPV6_ON_PHONES,
            account=chance.random() < given.SIGNED_IN_HALF,
            sends=chance.random() >= given.NO_SCRIPT or not self._is(Effect.NO_SCRIPT),
        )

    def _office(self, number: int, chance: Random, workers: list[int]) -> int | None:
        works, joins, whom = chance.random(), chance.random(), chance.random()
        if works >= self.mix.at_work:
            return None
        workers.append(workers[int(whom * len(workers))] if workers and joins < self.mix.colleagues else number)
        return workers[-1]

    def _visits(self, person: Person, chance: Random) -> Iterator[Visit]:
        count = min(given.MOST_VISITS, int((1 - chance.random()) ** (-1 / self.mix.returns)))
        since = DAYS * chance.random() if chance.random() < self.mix.newcomers else 0.0
        attached = 0
        for day in sorted(since + (DAYS - since) * chance.random() for _ in range(count)):
            at = day * self.mix.within
            place, which, network, keeps, protocol, session = (chance.random() for _ in range(6))
            interface = chance.getrandbits(64)
            attached += keeps >= given.KEEPS_ADDRESS
            if person.office is not None and (place < self.mix.work_visits or not self._is(Effect.PLACES)):
                device, address = person.work_device, self._at_work(person)
            else:
                device = person.first_device
                if person.second_device and which < given.SECOND_DEVICE_VISITS and self._is(Effect.DEVICES):
                    device = person.second_device
                if device.browser in PHONE and network < self.mix.under_way and self._is(Effect.CARRIER):
                    address = self._under_way(person, attached, interface)
                else:
                    address = self._at_home(person.home, at, protocol, interface)
            yield Visit(
                at=at,
                person=person.number,
                address=address,
                user_agent=self._agent(device, at),
                account=person.account and (session >= given.SIGNED_OUT or not self._is(Effect.SIGNED_OUT)),
                sent=person.sends,
            )

    def _at_work(self, person: Person) -> str:
        return self._ipv4("office", person.office if self._is(Effect.OFFICES) else ("of", person.number))

    def _under_way(self, person: Person, attached: int, interface: int) -> str:
        if person.ipv6_on_phone:
            return self._ipv6("phone", person.number, attached, interface=interface)
        if self._is(Effect.NAT):
            return self._ipv4("carrier", person.carrier, _spread(person.number, attached))
        return self._ipv4("phone", person.number, attached)

    def _at_home(self, home: Home, at: float, protocol: float, interface: int) -> str:
        lease = sum(moment <= at for moment in home.moves) if self._is(Effect.MOVES) else 0
        if home.ipv6 and (protocol >= given.FALLS_BACK or not self._is(Effect.PROTOCOLS)):
            return self._ipv6("home", home.number, lease, interface=interface)
        if home.behind_nat and not home.ipv6 and self._is(Effect.NAT):
            return self._ipv4("provider", _spread(home.number, lease))
        return self._ipv4("home", home.number, lease)

    def _agent(self, device: Device, at: float) -> str:
        moment = at if self._is(Effect.UPDATES) else 0.0
        return device.browser.sends(moment, late=device.late, released=self._released[device.browser])

    def _machines(self, chance: Random) -> Iterator[Visit]:
        """Crawlers that say so, pages loaded ahead, and bots that look like people."""
        crawlers, ahead, silent = (
            round(share * self.people) if self._is(effect) else 0
            for share, effect in (
                (given.CRAWLER_VISITS, Effect.CRAWLERS),
                (given.LOADED_AHEAD, Effect.AHEAD),
                (given.SILENT_BOTS, Effect.BOTS),
            )
        )
        for number in range(crawlers):
            agent = chance.choice(CRAWLERS)
            yield Visit(DAYS * chance.random(), None, self._ipv4("crawler", number % 50), agent)
        for number in range(ahead + silent):
            at, device = DAYS * chance.random(), pick(PHONE if number < ahead else DESKTOP, chance)
            purpose = "prefetch;prerender" if number < ahead else ""
            yield Visit(at, None, self._ipv4("machine", number), self._agent(device, at), purpose)

    def _is(self, effect: Effect) -> bool:
        return effect in self.effects

    def _ipv4(self, *owner: object) -> str:
        number = self._number(owner)
        return f"11.{number >> 16}.{number >> 8 & 0xFF}.{number & 0xFF}"

    def _ipv6(self, *owner: object, interface: int) -> str:
        """An address in the owner's /64. `interface`: the half that privacy extensions change (RFC 8981)."""
        number = self._number(owner)
        return f"2a00:0:{number >> 16:x}:{number & 0xFFFF:x}:{interface >> 48:x}:{interface >> 32 & 0xFFFF:x}::"

    def _number(self, owner: tuple[object, ...]) -> int:
        return self._owners.setdefault(owner, len(self._owners))


def _others_at_home(chance: Random) -> int:
    """How many people who live with a reader read the site, too."""
    sizes = list(given.HOUSEHOLD_SIZES)
    size = chance.choices(sizes, [people * given.HOUSEHOLD_SIZES[people] for people in sizes])[0]
    return sum(chance.random() < given.READS_TOO for _ in range(size - 1))


def _moves(chance: Random) -> list[float]:
    if chance.random() < given.RENUMBERED_DAILY:
        hour = chance.random()
        return [day + hour for day in range(int(DAYS))]
    moves, at = [], chance.expovariate(given.MOVES_A_MONTH / DAYS)
    while at < DAYS:
        moves.append(at)
        at += chance.expovariate(given.MOVES_A_MONTH / DAYS)
    return moves


def _spread(*numbers: int) -> int:
    """One of a provider's shared addresses, the same for the same numbers."""
    return Random(f"{numbers}").randrange(given.NAT_ADDRESSES)
