"""What two people change in one form at the same time: neither undoes what the other did without seeing it."""

from collections.abc import Mapping
from typing import Any


class Contested(Exception):
    """Both have changed the same. `typed`: the form, with what only others have changed; `now`: what holds; `names`:
    of what both have changed.
    """

    def __init__(self, typed: dict[str, Any], now: Mapping[str, Any], names: list[str]) -> None:
        super().__init__("changed by somebody else meanwhile")
        self.typed, self.now, self.names = typed, now, names


def met(typed: Mapping[str, Any], *, shown: Mapping[str, Any] | None, now: Mapping[str, Any]) -> dict[str, Any]:
    """What holds after somebody has typed this over what was shown, while others made it what it is now: of each name
    what was changed. None is the same as no such name; `shown` None: what is typed holds as a whole.

    Raises Contested.
    """
    if shown is None:
        return dict(typed)
    mine = {name for name in (*typed, *shown) if typed.get(name) != shown.get(name)}
    met = {name: (typed if name in mine else now).get(name) for name in sorted({*typed, *now})}
    kept = {name: value for name, value in met.items() if value is not None}
    if both := [name for name in sorted(mine) if now.get(name) not in (shown.get(name), typed.get(name))]:
        raise Contested(kept, now, both)
    return kept
