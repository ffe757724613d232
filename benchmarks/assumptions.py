"""What the simulated month of benchmarks/counting.py takes for granted: who reads, where, how often, in which browser.

Every assumption is a constant here (and in browsers.py), with where it comes from; “reasoned” is said where nobody has
published a figure. Change one, run it again, and see what depends on it.
"""

from dataclasses import dataclass
from enum import StrEnum

DAYS = 30.0

HOUSEHOLD_SIZES = {1: 33.6, 2: 31.9, 3: 15.6, 4: 13.1, 5: 5.8}
"""Percent of households in the EU by how many live there (Eurostat, “Household composition statistics”, 2017)."""
READS_TOO = 0.15
"""Chance that somebody who lives with a reader reads the same site in that month. Reasoned: they tell each other."""
SAME_DEVICE = 0.1
"""Chance that a second reader of a household uses the first one's device. Reasoned: the family's computer or tablet."""

IPV6_AT_HOME = 0.45
"""Of homes. Google measured 50 % of its users, APNIC 42 % (blog.apnic.net, 2026-04-28, “Google hits 50% IPv6”)."""
FALLS_BACK = 0.05
"""Of the visits from a home with IPv6, that come over its IPv4: browsers try both (RFC 8305). Reasoned."""
RENUMBERED_DAILY = 0.05
"""Of homes. Some providers give a new address every 24 hours (Padmanabhan et al., “Reasons dynamic addresses change”,
IMC 2016: 20 of 929 networks renumber on a schedule). Which share of homes that is, is reasoned."""
MOVES_A_MONTH = 0.3
"""New addresses a month of every other home, after its router or line was down. With the daily ones, three homes of
ten have more than one address in a month; Comscore saw four of ten machines (“The myth of static IP”, 2008), and in
Mishra et al., “Don't count me out” (WWW 2020), 87 % of people kept some address for longer than a month."""

NAT_ADDRESSES = 256
"""Addresses behind which all of a provider's customers reach this site. A /24, as few as the Internet routes by
themselves: large sites see more, so this counts too few people rather than too many."""
CARRIERS = 3
"""Mobile networks of a country that matter, each with addresses of its own."""
NAT_AT_HOME = 0.15
"""Of homes without IPv6, that share their provider's addresses with strangers. Richter et al., “A multi-perspective
analysis of carrier-grade NAT deployment” (IMC 2016): of fixed networks about so many, of mobile ones nearly all."""
IPV6_ON_PHONES = 0.5
"""Of phones on their carrier's network. Each has a /64 of its own then (RFC 7066), new whenever it attaches."""
KEEPS_ADDRESS = 0.3
"""Chance that a phone has not attached anew since its last visit, and still has the address. Reasoned."""

SECOND_DEVICE = 0.35
"""Of people, who read the site on a second device of theirs, a phone beside a computer. Reasoned."""
SECOND_DEVICE_VISITS = 0.3
"""Of their visits, that come from it. Reasoned."""

MANAGED_AT_WORK = 0.8
"""Of people who read at work, who do it in the browser that their employer gives everybody. Reasoned."""

RETURNS = 1.3
"""The tail of visits a month: k or more with the chance k^-1.3. Six of ten people come once, one of twenty ten times or
more. Reasoned: on every site few people make most visits."""
MOST_VISITS = 60

SILENT_BOTS = 0.02
"""Programs in real browsers that do not say so, for each person; each an address of its own. Half of all requests of
the web are automated (Imperva, 2025), but few run scripts and stay until a text was in sight. Reasoned, and low: more
of them would make the warning come earlier."""
CRAWLER_VISITS = 1.0
"""Visits of crawlers that say so, for each person. Reasoned: they only have to be kept out."""
LOADED_AHEAD = 0.3
"""Pages loaded in case somebody opens them, who did not, for each person. Reasoned: they only have to be kept out."""
NO_SCRIPT = 0.02
"""Of people, whose browser runs no scripts or blocks the widget: they see the label that `render` wrote, and nobody
hears of it. About 2 % have switched scripts off, as web analytics have long reported."""

SIGNED_IN_HALF = 0.5
"""Of people, who have an account, in the mode that is named after it."""
SIGNED_OUT = 0.1
"""Of the visits of people with an account, before they sign in or after the session ended. Reasoned."""


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
    """What kind of readers a site has."""

    at_work: float = 0.3
    """Of people, who read at work or school, too."""
    work_visits: float = 0.5
    """Of their visits, that they make there; all, where nobody reads in two places."""
    colleagues: float = 0.5
    """Chance that one who reads at work works where an earlier reader does, so that places grow as firms do: many small
    ones, few large (Simon 1955; Axtell 2001). Readers for each place, on average: 1 / (1 - colleagues)."""
    phones: float = 0.6
    """Of people, whose first device is a phone: 60 % and more of page views come from phones (StatCounter, 2024–26)."""
    under_way: float = 0.25
    """Of a phone's visits, that come over its carrier's network. In the USA 77 to 88 % of the time in use away from
    home is on Wi-Fi (Opensignal, 2024); elsewhere less."""
    returns: float = RETURNS
    newcomers: float = 0.3
    """Of people, who find the site during the month, at any moment of it. The others know it from its first day."""


EVERYDAY = Mix()
