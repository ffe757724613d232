"""How far the count of viewers is from the number of people, and what makes the difference.

    python benchmarks/counting.py [--people 10000] [--sites 1000] [--seed 7] [--write]

A month of people (population.py) with all that disturbs a count (assumptions.py), counted by the rules that the server
counts by; one month goes through a whole server as well. Then small sites near the threshold (near.py). `--write` puts
the tables into docs/counting.md and the plot beside it; a run of the full size takes about ten minutes.
"""

import argparse
import re
import sys
from pathlib import Path
from statistics import fmean

from benchmarks import near
from benchmarks.assumptions import EVERY, Effect
from benchmarks.counts import OFFERED, Mode, behind_one_proxy, counted, counted_by_a_server
from benchmarks.plot import WORDS, Line, svg
from benchmarks.population import Month
from benchmarks.tables import table

DOCS = Path(__file__).resolve().parent.parent / "docs"
MONTHS = 5
SIZES = [10, 30, 100, 300, 1_000, 3_000, 10_000]
ALL = (*OFFERED, Mode.NAMED)
TOGETHER = 10_000
"""People of all months that a point of the plot is the mean of."""
THE_WHOLE_WAY = 300
BUILDING = [0.2, 0.3, 0.4, 0.5, 0.6, 1.0]
KINDS = {**near.KINDS, "all in one building": near.in_one_building(1.0)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python benchmarks/counting.py", description=__doc__)
    parser.add_argument("--people", type=int, default=10_000, help="in the month that is taken apart")
    parser.add_argument("--sites", type=int, default=1_000, help="that pass the threshold, of each kind")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--write", action="store_true", help="into docs/counting.md and docs/counting.svg")
    wanted = parser.parse_args()
    tables = {
        "months": _months(wanted.people, wanted.seed),
        "effects": _effects(wanted.people, wanted.seed),
        "kinds": _kinds(wanted.people, wanted.seed),
        "server": _server(min(THE_WHOLE_WAY, wanted.people), wanted.seed),
        "near": _near(wanted.sites, wanted.seed),
        "building": _building(wanted.sites, wanted.seed),
    }
    for name, found in tables.items():
        print(f"**{name}**\n\n{found}\n")
    if wanted.write:
        page = (DOCS / "counting.md").read_text()
        for name, found in tables.items():
            page = re.sub(rf"(<!-- {name} -->\n).*?(\n<!-- end -->)", rf"\g<1>{found}\g<2>", page, flags=re.DOTALL)
        (DOCS / "counting.md").write_text(page)
        (DOCS / "counting.svg").write_text(_curves(wanted.seed))


def _months(people: int, seed: int) -> str:
    _tell(f"{MONTHS} months of {people:,} people")
    months = [Month(people, seed=seed + number).visits() for number in range(MONTHS)]
    figures = {str(mode): [counted(visits, mode) for visits in months] for mode in OFFERED}
    figures["address and browser, behind an unknown proxy"] = [
        counted(behind_one_proxy(visits), Mode.SEEN) for visits in months
    ]
    rows = []
    for name, found in figures.items():
        errors = [_error(number, people) for number in found]
        rows.append(f"{name}|{people:,}|{found[0]:,}|{errors[0]:+.1f} %|{min(errors):+.1f} to {max(errors):+.1f} %")
    return table(f"readers told apart by|people|counted|error|in {MONTHS} such months", rows)


def _effects(people: int, seed: int) -> str:
    """What each effect adds: the error of the whole month, less the error without it."""
    whole = _errors(people, seed, EVERY)
    found = []
    for effect in Effect:
        _tell(f"a month without: {effect}")
        without = _errors(people, seed, EVERY - {effect})
        found.append((effect, [there - gone for there, gone in zip(whole, without, strict=True)]))
    found.sort(key=lambda row: -row[1][0])
    rows = ["|".join([name, *map(_points, points)]) for name, points in [*found, ("**all together**", whole)]]
    return table("|".join(["points of the error that come from", *OFFERED]), rows)


def _errors(people: int, seed: int, effects: frozenset[Effect]) -> list[float]:
    visits = Month(people, seed=seed, effects=effects).visits()
    return [_error(counted(visits, mode), people) for mode in OFFERED]


def _kinds(people: int, seed: int) -> str:
    rows = []
    for name, kind in KINDS.items():
        _tell(f"a month of readers: {name}")
        visits = Month(people, seed=seed, mix=kind.mix, effects=kind.effects).visits()
        rows.append("|".join([name, *(f"{_error(counted(visits, mode), people):+.1f} %" for mode in ALL)]))
    return table("|".join(["readers", *ALL]), rows)


def _server(people: int, seed: int) -> str:
    visits = Month(people, seed=seed).visits()
    rows = []
    for mode in OFFERED:
        _tell(f"{len(visits):,} visits through a server: {mode}")
        rows.append(f"{mode}|{people}|{counted(visits, mode)}|{counted_by_a_server(visits, mode)}")
    return table("readers told apart by|people|counted by the rules|by a server", rows)


def _near(number: int, seed: int) -> str:
    rows = []
    for name, kind in near.KINDS.items():
        _tell(f"{number:,} small sites: {name}")
        sites = near.sites(number, seed=seed, kind=kind, modes=ALL)
        for mode in ALL:
            early = "|".join(f"{sites.early(mode, foreseeing=foreseeing):.0%}" for foreseeing in (False, True))
            low, middle = sites.counted(mode, share=0.01), sites.counted(mode, share=0.5)
            rows.append(f"{name}|{mode}|{_in_time(sites, mode)}|{middle}|{low}|{sites.days_before(mode):.0f}|{early}")
    heads = "readers|told apart by|in time: at 80 counted|or foreseen|counted with the 101st|99 of 100 sites: at least"
    return table(f"{heads}|days before|under 80, and warned: at 80 counted|or foreseen", rows)


def _building(number: int, seed: int) -> str:
    rows = []
    for share in BUILDING:
        _tell(f"{number:,} small sites: {share:.0%} of the readers in one building")
        sites = near.sites(number, seed=seed, kind=near.in_one_building(share), modes=OFFERED)
        for mode in OFFERED:
            low, middle = sites.counted(mode, share=0.01), sites.counted(mode, share=0.5)
            rows.append(f"{share:.0%}|{mode}|{_in_time(sites, mode)}|{middle}|{low}")
    heads = "readers in one building|told apart by|in time: at 80 counted|or foreseen|counted with the 101st"
    return table(f"{heads}|99 of 100 sites: at least", rows)


def _in_time(sites: near.Sites, mode: Mode) -> str:
    return "|".join(f"{sites.in_time(mode, foreseeing=foreseeing):.1%}" for foreseeing in (False, True))


def _curves(seed: int) -> str:
    everyday, building = (
        [(size, _together(size, seed, KINDS[name])) for size in SIZES] for name in ("everyday", "all in one building")
    )
    lines = [
        ("address and browser", "#ba620a", everyday, Mode.SEEN, "none"),
        ("own ids of half", "#2b7dc6", everyday, Mode.HALF, "8 4"),
        ("own ids of all", "#1f8a4e", everyday, Mode.OWN, "none"),
        ("all readers in one building", "#b2589f", building, Mode.SEEN, "8 4"),
        ("behind an unknown proxy", "#d04a4e", everyday, "proxy", "2 4"),
    ]
    threshold = Line(f"{near.LIMITS.viewers_unreported}: above, reports are required", WORDS, [(size, near.LIMITS.viewers_unreported) for size in SIZES], "1 3")
    return svg(
        [
            threshold,
            *(
                Line(name, colour, [(size, found[figure]) for size, found in points], dashes)
                for name, colour, points, figure, dashes in lines
            ),
        ],
        title="People and what is counted of them in a month, by how the site tells its readers apart",
        across="people",
        upwards="counted",
    )


def _together(size: int, seed: int, kind: near.Kind) -> dict[str, float]:
    """What is counted of so many people: the mean of some months."""
    _tell(f"months of {size:,} people")
    months = [Month(size, seed=f"{seed} {one}", mix=kind.mix).visits() for one in range(TOGETHER // size)]
    figures = {str(mode): fmean(counted(visits, mode) for visits in months) for mode in OFFERED}
    return {**figures, "proxy": fmean(counted(behind_one_proxy(visits), Mode.SEEN) for visits in months)}


def _error(number: int, people: int) -> float:
    return (number - people) / people * 100


def _points(points: float) -> str:
    return f"{points:+.1f}" if round(points, 1) else "0"


def _tell(step: str) -> None:
    """Progress, beside the result."""
    print(step, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
