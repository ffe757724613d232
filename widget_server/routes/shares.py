"""What all askers share: nobody takes so much of it that nothing is left for the others."""

from collections import Counter


class Share:
    """How much is taken of something of which there is `most`, and by whom.

    The first half is anybody's; once that is gone, nobody gets more than a quarter. None: who speaks for many others.
    """

    def __init__(self, most: int) -> None:
        self.most, self.taken = most, 0
        self._by: Counter[str] = Counter()

    def has(self, amount: int, who: str | None) -> bool:
        """Whether as much as that is left, for them."""
        after = self.taken + amount
        if after > self.most:
            return False
        return who is None or after <= self.most // 2 or self._by[who] + amount <= self.most // 4

    def take(self, amount: int, who: str | None) -> None:
        """So much is theirs now, whether it was left or not."""
        self.taken += amount
        if who is not None:
            self._by[who] += amount

    def give_back(self, amount: int, who: str | None) -> None:
        self.taken -= amount
        if who is not None:
            self._by[who] -= amount
            if not self._by[who]:
                del self._by[who]
