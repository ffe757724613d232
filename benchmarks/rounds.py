"""What the rounds found, each case on each setup: medians, and ratios of figures from the same round."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One case on one setup. A ratio is taken within each round, so that what slows a whole round does not count."""

    name: str
    rounds: Sequence[dict[str, dict[str, Any]]]
    """Of this setup: figures by name, by case."""

    def middle(self, figure: str) -> float | None:
        found = [one[self.name][figure] for one in self.rounds]
        return None if None in found else median(found)

    def against(self, yardstick: str, figure: str = "per_second") -> float | None:
        pairs = [(one[self.name][figure], one[yardstick][figure]) for one in self.rounds]
        return None if any(None in pair for pair in pairs) else median(mine / its for mine, its in pairs)

    @property
    def refused(self) -> int:
        return sum(one[self.name]["count"] - one[self.name]["accepted"] for one in self.rounds)

    @property
    def texts(self) -> float | None:
        """Texts a second that were said to be seen; None where that is not what is sent."""
        texts = self.rounds[0][self.name]["texts"]
        return texts * self.middle("per_second") if texts else None


def rows(rounds: Sequence[dict[str, Any]], setup: str) -> dict[str, Row]:
    of_setup = [one["http"][setup] for one in rounds]
    return {name: Row(name, of_setup) for name in of_setup[0]}


def setups(rounds: Sequence[dict[str, Any]]) -> list[str]:
    return list(rounds[0]["http"])
