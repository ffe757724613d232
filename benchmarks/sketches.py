"""Would a sketch (HyperLogLog) do for the number of viewers? How far off it is, and what it takes.

    python -m benchmarks.sketches

For up to 100,000 viewers numbers are hashed and put in, one by one. Beyond, what each register holds is drawn from the
distribution that it has then, whatever their number; at 100,000 both ways are done, to compare.
"""

import hashlib
import json
import math
import random
import sys
import time
from itertools import count
from statistics import fmean

BITS = 14
REGISTERS = 1 << BITS
BYTES = REGISTERS * 6 // 8
"""A register holds a number up to 50: 6 bits."""
TRIES, HASHED = 30, (100, 1_000, 10_000, 100_000)
DRAWN = (100_000, 1_000_000, 10_000_000, 100_000_000)


def main() -> None:
    print(json.dumps(measure(), indent=2))


def measure() -> list[dict[str, float]]:
    """For each number of viewers: how far off, in percent, in the middle (root mean square) and at most."""
    chance = random.Random(7)
    rows = []
    for way, sizes in (("hashed", HASHED), ("drawn", DRAWN)):
        for viewers in sizes:
            _tell(f"sketches of {viewers:,} viewers, {way}")
            made = (_hashed(viewers, number) if way == "hashed" else _drawn(viewers, chance) for number in range(TRIES))
            errors = [(estimate(registers) - viewers) / viewers * 100 for registers in made]
            middle, most = math.sqrt(fmean(error**2 for error in errors)), max(map(abs, errors))
            rows.append({"viewers": viewers, "way": way, "error": middle, "most": most, "bytes": BYTES})
    return rows


def estimate(registers: list[int]) -> float:
    """Flajolet and others, 2007: the harmonic mean, and by the empty registers while many are empty."""
    raw = 0.7213 / (1 + 1.079 / REGISTERS) * REGISTERS**2 / sum(2.0**-one for one in registers)
    empty = registers.count(0)
    return REGISTERS * math.log(REGISTERS / empty) if empty and raw <= 2.5 * REGISTERS else raw


def _hashed(viewers: int, seed: int) -> list[int]:
    registers = [0] * REGISTERS
    for number in range(viewers):
        digest = int.from_bytes(hashlib.blake2b(b"%d %d" % (seed, number), digest_size=8).digest())
        place, rest = digest >> (64 - BITS), digest & ((1 << (64 - BITS)) - 1)
        registers[place] = max(registers[place], 64 - BITS - rest.bit_length() + 1)
    return registers


def _drawn(viewers: int, chance: random.Random) -> list[int]:
    """Each register: the highest of about viewers / REGISTERS numbers of which each is k or less but for 2 ** -k."""
    expected = viewers / REGISTERS
    up_to = [math.exp(-expected * 2.0**-k) for k in range(64 - BITS + 1)]
    return [_first(up_to, chance.random()) for _ in range(REGISTERS)]


def _first(up_to: list[float], drawn: float) -> int:
    return next(k for k in count() if k == len(up_to) - 1 or drawn <= up_to[k])


def _tell(step: str) -> None:
    """Progress, beside the result."""
    print(f"{time.strftime('%H:%M:%S')} {step}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
