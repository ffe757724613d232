"""What a burst is: many reports on one text, at once, from few sources. It is shown, and never acted upon by itself.

A report in a thousand views is much: a text that ten thousand people read in an hour then has ten reports in that hour
and 1.7 in WINDOW; ten in one window come by chance once in 100,000 windows (Poisson), and from ten people. One person
has reason to report one text once, twice after a mistake; a source that does it SEVERAL times is a machine, a crowd
behind one address, or somebody very angry. So only the reports of such sources make a burst: who reports the same text
meanwhile, once, is no part of it and is not set aside with it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=10)
SEVERAL = 3
"""From so many reports of one source on one text within WINDOW on, it is looked at."""
LEAST = 10
"""So many reports of such sources within WINDOW are a burst."""
UNDO = timedelta(hours=24)
"""How long the reports of a burst that were set aside can be brought back together."""


def members(counts: Mapping[int, int]) -> frozenset[int]:
    """The sources that make a burst, or none. `counts`: how many reports on one case each has sent within WINDOW."""
    several = {source: number for source, number in counts.items() if number >= SEVERAL}
    return frozenset(several) if sum(several.values()) >= LEAST else frozenset()


def goes_on(*, ended: datetime, at: datetime) -> bool:
    """Whether a report at this moment may still belong to a burst whose last one came when it `ended`."""
    return at - ended <= WINDOW


def joins_aside(*, from_burst: bool, urgent: bool, ended: datetime, at: datetime) -> bool:
    """Whether a new report stands aside with a burst that a moderator has set aside.

    That is the moderator's decision on what is still running, not ours on what is new: only from one of the burst's own
    sources, only while it goes on, and never a report of urgent harm.
    """
    return from_burst and not urgent and goes_on(ended=ended, at=at)


def undoable(aside: datetime, *, at: datetime) -> bool:
    """Whether what was set aside can still be brought back together."""
    return at - aside <= UNDO
