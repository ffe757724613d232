"""What the simulated month of benchmarks/counting.py takes for granted: who reads, where, how often, in which browser.

One table, printed into docs/counting.md: each row says what it means and where it comes from, or that nobody has
published a figure and it is reasoned. Change one, run it again, and see what depends on it.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

REASONED = "reasoned"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Assumption:
    """`shown`: the value as people read it."""

    shown: str
    says: str
    source: str


TABLE: list[Assumption] = []
"""Those of browsers.py and near.py, too."""


def assume(value: T, says: str, source: str = REASONED, *, shown: str = "") -> T:
    """The value, which stands in the table from now on."""
    percent = isinstance(value, float) and value <= 1
    TABLE.append(Assumption(shown or (f"{value:.0%}".replace("%", " %") if percent else f"{value}"), says, source))
    return value


DAYS = 30.0

HOUSEHOLD_SIZES = assume(
    {1: 33.6, 2: 31.9, 3: 15.6, 4: 13.1, 5: 5.8},
    "of households have one, two, three, four, five or more people",
    "Eurostat, “Household composition statistics”, EU 2017",
    shown="33.6, 31.9, 15.6, 13.1, 5.8 %",
)
READS_TOO = assume(
    0.15, "of those who live with a reader read the same site that month", "reasoned: they tell each other"
)
SAME_DEVICE = assume(
    0.1, "of second readers of a household use the first one’s device", "reasoned: the family’s tablet"
)

IPV6_AT_HOME = assume(
    0.45,
    "of homes have IPv6",
    "between Google’s 50 % and APNIC’s 42 % of users (“Google hits 50% IPv6”, blog.apnic.net, 2026-04-28)",
)
FALLS_BACK = assume(
    0.05, "of visits from a home with IPv6 come over its IPv4", "reasoned; browsers try both (RFC 8305)"
)
RENUMBERED_DAILY = assume(
    0.05,
    "of homes get a new address each day",
    "reasoned; 20 networks of 929 do so on a schedule, mostly by the day (Padmanabhan et al., “Reasons dynamic"
    " addresses change”, IMC 2016)",
)
MOVES_A_MONTH = assume(
    0.3,
    "new addresses a month of every other home, after its router or line was down",
    "reasoned; 87 % of people keep some address for over a month (Mishra et al., “Don’t count me out”, WWW 2020)",
    shown="0.3",
)

NAT_ADDRESSES = assume(
    256,
    "addresses behind which all of a provider’s customers reach the site",
    "reasoned: as few as the Internet routes by themselves; more of them would count more people",
)
CARRIERS = assume(3, "mobile networks, each with addresses of its own")
NAT_AT_HOME = assume(
    0.15,
    "of homes without IPv6 share their provider’s addresses with strangers",
    "reasoned; of fixed networks about so many do it, of mobile ones nearly all (Richter et al., “A multi-perspective"
    " analysis of carrier-grade NAT deployment”, IMC 2016)",
)
IPV6_ON_PHONES = assume(
    0.5, "of phones have IPv6 under way: a /64 of their own, new whenever they attach", "reasoned; RFC 7066"
)
KEEPS_ADDRESS = assume(0.3, "of a phone’s visits find it on the address of the visit before")

SECOND_DEVICE = assume(0.35, "of people read on a second device of theirs, a phone beside a computer")
SECOND_DEVICE_VISITS = assume(0.3, "of their visits come from it")

MANAGED_AT_WORK = assume(0.8, "of those who read at work use the one browser that their employer gives everybody")

RETURNS = assume(
    1.3,
    "is the tail of visits: k or more in a month make k to the power of minus so much of all people, so that six of ten"
    " come once and one of twenty ten times or more",
    "reasoned: on every site few people make most visits",
)
MOST_VISITS = assume(60, "visits a month at most")

SILENT_BOTS = assume(
    0.02,
    "programs for each person look like a person, each from an address of its own",
    "reasoned, and low: half of all requests are automated (Imperva, 2025), but few run scripts and stay",
)
CRAWLER_VISITS = assume(1.0, "visit of crawlers that say so, for each person", shown="1")
LOADED_AHEAD = assume(
    0.3, "pages for each person are loaded ahead in case somebody opens them, who does not", shown="0.3"
)
NO_SCRIPT = assume(
    0.02, "of people run no scripts or block the widget", "reasoned; web analytics long report about 2 %"
)

SIGNED_IN_HALF = assume(0.5, "of people have an account, where half have one", "by definition")
SIGNED_OUT = assume(0.1, "of the visits of people with an account come while they are not signed in")


class Effect(StrEnum):
    """What makes the count differ from the number of people."""

    DEVICES = "a second device of one’s own"
    PLACES = "a second place: at work and at home"
    CARRIER = "phones under way: a new address each time"
    MOVES = "a home gets a new address"
    PROTOCOLS = "IPv4 and IPv6 of one home"
    UPDATES = "the browser is updated"
    BOTS = "bots that do not say so"
    SIGNED_OUT = "account holders not signed in at times"
    HOUSEHOLDS = "households behind one address"
    OFFICES = "offices behind one address"
    NAT = "providers’ shared addresses"
    NO_SCRIPT = "browsers without scripts"
    CRAWLERS = "crawlers that say so"
    AHEAD = "pages loaded ahead"


EVERY = frozenset(Effect)


@dataclass(frozen=True, slots=True)
class Mix:
    """What kind of readers a site has. `work_visits`: all, where nobody reads in two places. `colleagues`: places grow
    as firms do, many small ones and few large (Simon 1955); readers for each place are 1 / (1 - colleagues) on average.
    """

    at_work: float = assume(0.3, "of people read at work or school")
    work_visits: float = assume(0.5, "of their visits are made there")
    colleagues: float = assume(
        0.5,
        "of those who read at work work where an earlier reader does: two for each place, and few large places",
        "reasoned, after how firms grow (Axtell, Science 2001)",
    )
    phones: float = assume(
        0.6, "of people have a phone as their first device", "StatCounter: about so much of page views, 2024–26"
    )
    under_way: float = assume(
        0.25,
        "of a phone’s visits come over its carrier’s network",
        "reasoned; in the USA 77 to 88 % of the time in use away from home is on Wi-Fi (Opensignal, 2024-10-31)",
    )
    returns: float = RETURNS
    newcomers: float = assume(0.3, "of people find the site during the month, the others know it from its first day")
    within: float = 1.0
    """The part of the month in which all of this happens."""


EVERYDAY = Mix()
