"""How far the count of viewers is from the number of people, and what makes the difference.

    python -m benchmarks.counting [--people 10000] [--sites 1000] [--seed 7] [--only near rules] [--write]

A month of people (population.py) with all that disturbs a count (assumptions.py), counted by the rules that the server
counts by; one month goes through a whole server as well. Then small sites near the threshold (near.py). `--write` puts
the tables into docs/counting.md and the plot beside it.
"""

import argparse
import sys
from functools import cache

from benchmarks import assumptions, near, pages, timely
from benchmarks.assumptions import EVERY, Effect
from benchmarks.counts import OFFERED, Mode, behind_one_proxy, counted, counted_by_a_server
from benchmarks.pages import DOCS
from benchmarks.plot import Group, percent, svg
from benchmarks.population import Month
from benchmarks.tables import table

MONTHS = 5
ALL = (*OFFERED, Mode.NAMED)
THE_WHOLE_WAY = 300
BUILDINGS = [0.3, 0.4, 0.5, 1.0]
KINDS = {**near.KINDS, "all in one building": near.in_one_building(1.0)}
HARD = ["at work", "everyday, nobody counted twice", *map(near.building, [0.3, 0.4, 0.5])]
"""Small sites whose warning can come too late."""
CALM = [("everyday", Mode.SEEN), ("everyday", Mode.OWN), ("everyday, all within three days", Mode.OWN)]
"""Small sites that can be warned for nothing."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.counting", description=__doc__)
    parser.add_argument("--people", type=int, default=10_000, help="in the month that is taken apart")
    parser.add_argument("--sites", type=int, default=1_000, help="that pass the threshold, of each kind")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", nargs="+", choices=TABLES, help="of the tables")
    parser.add_argument("--write", action="store_true", help="into docs/counting.md and docs/counting.svg")
    wanted = parser.parse_args()
    page = DOCS / "counting.md"
    for name in wanted.only or TABLES:
        found = TABLES[name](wanted)
        print(f"**{name}**\n\n{found}\n")
        if wanted.write:
            pages.write(page, {name: found})
    if wanted.write:
        (DOCS / "counting.svg").write_text(_plot(_causes(wanted.people, wanted.seed), wanted.people))


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
        spread = f"{percent(min(errors))} to {percent(max(errors))}"
        rows.append(f"{name}|{people:,}|{found[0]:,}|{percent(errors[0])}|{spread}")
    return table(f"readers told apart by|people|counted|error|in {MONTHS} such months", rows)


@cache
def _causes(people: int, seed: int) -> dict[str, list[int]]:
    """What each mode counts with nothing that disturbs it, with each cause alone, and with all of them."""
    switched_on = {"nothing": frozenset[Effect](), **{str(cause): frozenset({cause}) for cause in Effect}}
    found = {}
    for name, effects in {**switched_on, "all of these": EVERY}.items():
        _tell(f"a month with: {name}")
        visits = Month(people, seed=seed, effects=effects).visits()
        found[name] = [counted(visits, mode) for mode in OFFERED]
    return dict(sorted(found.items(), key=lambda row: (row[0] == "all of these", row[0] != "nothing", -row[1][0])))


def _table_of_causes(causes: dict[str, list[int]], people: int) -> str:
    rows = [
        "|".join([name, f"{people:,}", *(f"{one:,}|{percent(_error(one, people))}" for one in found)])
        for name, found in causes.items()
    ]
    return table("|".join(["switched on", "people", *(f"{mode}: counted|error" for mode in OFFERED)]), rows)


def _plot(causes: dict[str, list[int]], people: int) -> str:
    alone = [
        (name, _error(found[0], people)) for name, found in causes.items() if name in set(Effect) - {Effect.SIGNED_OUT}
    ]
    whole = [_error(one, people) for one in causes["all of these"]]
    return svg(
        [
            Group("A whole month, readers told apart by", list(zip(map(str, OFFERED), whole, strict=True))),
            Group("By address and browser, one cause alone", alone),
        ],
        title=f"The error of the count in a simulated month of {people:,} people, by mode and by cause",
    )


def _kinds(people: int, seed: int) -> str:
    rows = []
    for name, kind in KINDS.items():
        _tell(f"a month of readers: {name}")
        visits = Month(people, seed=seed, mix=kind.mix, effects=kind.effects).visits()
        rows.append("|".join([name, *(percent(_error(counted(visits, mode), people)) for mode in ALL)]))
    return table("|".join(["readers", *ALL]), rows)


def _server(people: int, seed: int) -> str:
    visits = Month(people, seed=seed).visits()
    rows = []
    for mode in OFFERED:
        _tell(f"{len(visits):,} visits through a server: {mode}")
        rows.append(f"{mode}|{people}|{counted(visits, mode)}|{counted_by_a_server(visits, mode)}")
    return table("readers told apart by|people|counted by the rules|by a server", rows)


@cache
def _small_sites(number: int, seed: int) -> dict[tuple[str, Mode], timely.Figures]:
    found = {}
    buildings = {near.building(share): near.in_one_building(share) for share in BUILDINGS}
    for name, kind in {**near.KINDS, **buildings}.items():
        _tell(f"{number:,} small sites: {name}")
        modes = OFFERED[:2] if name in buildings else OFFERED
        sites = near.sites(number, seed=seed, kind=kind, modes=modes)
        found |= {(name, mode): timely.figures(sites, mode) for mode in modes}
    return found


def _near(small: dict[tuple[str, Mode], timely.Figures]) -> str:
    rows = []
    for (name, mode), found in small.items():
        low, high = found.between
        shares = f"{found.in_time[near.AT_80]:.1%}|**{found.in_time[near.PRESENT]:.1%}**|{low:.1%} to {high:.1%}"
        early = f"{found.days_before:.1f}|{found.needless[near.AT_80]:.0%}|{found.needless[near.PRESENT]:.0%}"
        rows.append(f"{name}|{mode}|{shares}|{found.middle}|{found.low}|{early}")
    heads = "readers|told apart by|in time: at 80 counted|or foreseen|95% interval|counted when 100 had come"
    heads = f"{heads}|99 of 100 sites: at least|days before|under 80, yet warned: at 80 counted|or foreseen"
    return table(heads, rows).replace("%", " %")


def _rules(small: dict[tuple[str, Mode], timely.Figures]) -> str:
    rows = []
    for rule in near.RULES:
        in_time = (f"{small[name, Mode.SEEN].in_time[rule]:.1%}" for name in HARD)
        needless = (f"{small[one].needless[rule]:.0%}" for one in CALM)
        mark = "**" if rule == near.PRESENT else ""
        rows.append("|".join(f"{mark}{cell}{mark}" for cell in (f"{rule}", *in_time, *needless)))
    needless = [f"under 80, yet warned: {name}, {mode}" for name, mode in CALM]
    return table("|".join(["warned at", *HARD, *needless]), rows).replace("%", " %")


def _assumptions() -> str:
    rows = [f"{one.shown}|{one.says}|{one.source}" for one in assumptions.TABLE]
    return table("value|what|from", rows).replace("---:", "---")


def _error(number: int, people: int) -> float:
    return (number - people) / people * 100


def _tell(step: str) -> None:
    """Progress, beside the result."""
    print(step, file=sys.stderr, flush=True)


TABLES = {
    "months": lambda wanted: _months(wanted.people, wanted.seed),
    "causes": lambda wanted: _table_of_causes(_causes(wanted.people, wanted.seed), wanted.people),
    "kinds": lambda wanted: _kinds(wanted.people, wanted.seed),
    "near": lambda wanted: _near(_small_sites(wanted.sites, wanted.seed)),
    "rules": lambda wanted: _rules(_small_sites(wanted.sites, wanted.seed)),
    "server": lambda wanted: _server(min(THE_WHOLE_WAY, wanted.people), wanted.seed),
    "assumptions": lambda wanted: _assumptions(),
}


if __name__ == "__main__":
    main()
