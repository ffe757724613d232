"""The simulated month of benchmarks/counting.py is honest: without what disturbs a count, the count is right."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from benchmarks import assumptions, counting, counts, near, plot, timely
from benchmarks.assumptions import EVERY, Effect
from benchmarks.counts import OFFERED, Mode
from benchmarks.population import Month
from tests.conftest import Clock, Page

NOTHING: frozenset[Effect] = frozenset()


def people(visits) -> int:
    return len({visit.person for visit in visits} - {None})


@pytest.mark.parametrize("mode", OFFERED)
def test_with_every_effect_switched_off_the_count_is_the_number_of_people(mode: Mode):
    visits = Month(500, seed=1, effects=NOTHING).visits()
    assert (people(visits), counts.counted(visits, mode)) == (500, 500)


def test_with_the_hosts_own_ids_only_a_browser_without_scripts_is_missing():
    visits = Month(500, seed=1, effects=EVERY - {Effect.NO_SCRIPT}).visits()
    assert counts.counted(visits, Mode.OWN) == 500
    silent = {visit.person for visit in Month(500, seed=1).visits() if not visit.sent}
    assert counts.counted(Month(500, seed=1).visits(), Mode.OWN) == 500 - len(silent) < 500


@pytest.mark.parametrize(
    ("effect", "differs"),
    [
        (Effect.DEVICES, 1),
        (Effect.PLACES, 1),
        (Effect.CARRIER, 1),
        (Effect.MOVES, 1),
        (Effect.PROTOCOLS, 1),
        (Effect.UPDATES, 1),
        (Effect.BOTS, 1),
        (Effect.HOUSEHOLDS, -1),
        (Effect.OFFICES, -1),
        (Effect.NAT, -1),
        (Effect.NO_SCRIPT, -1),
        (Effect.CRAWLERS, 0),
        (Effect.AHEAD, 0),
    ],
)
def test_each_effect_alone_moves_the_count_its_own_way(effect: Effect, differs: int):
    found = counts.counted(Month(1000, seed=1, effects=frozenset({effect})).visits(), Mode.SEEN)
    assert (found > 1000) - (found < 1000) == differs


def test_who_is_not_always_signed_in_is_counted_once_more():
    signed_in = Month(500, seed=1, effects=NOTHING).visits()
    at_times = Month(500, seed=1, effects=frozenset({Effect.SIGNED_OUT})).visits()
    assert counts.counted(signed_in, Mode.HALF) == 500 < counts.counted(at_times, Mode.HALF)


def test_the_same_seed_gives_the_same_month_and_another_one_another():
    one, same, other = (Month(50, seed=seed).visits() for seed in (1, 1, 2))
    assert one == same != other


@pytest.mark.parametrize("mode", OFFERED)
def test_the_rules_alone_and_a_whole_server_count_the_same(news: Page, clock: Clock, mode: Mode):
    visits = Month(30, seed=1).visits()
    for visit in visits:
        if counts.arrives(visit, mode):
            clock.moment = counts.moment(visit)
            assert counts.send(news.client, news.key, visit, mode) == 200
    assert news.usage("2026-11")["unique_viewers"] == counts.counted(visits, mode) > 0


def small_sites(kind: near.Kind, mode: Mode) -> tuple[list[near.Site], timely.Figures]:
    found = near.sites(10, seed=1, kind=kind, modes=[mode])
    return found, timely.figures(found, mode)


def test_a_small_site_with_its_own_ids_is_always_warned_in_time():
    sites, figures = small_sites(near.KINDS["everyday"], Mode.OWN)
    assert sum(site.passed is not None for site in sites) == 10
    assert figures.in_time[near.AT_80] == figures.in_time[near.PRESENT] == 1
    assert figures.needless[near.AT_80] == 0
    assert figures.middle in range(95, 101)
    assert figures.days_before > 0


def test_a_site_whose_readers_sit_in_one_building_is_not():
    _, figures = small_sites(near.in_one_building(1.0), Mode.SEEN)
    assert figures.in_time[near.PRESENT] < 0.5
    assert figures.low <= figures.middle < 50


def test_whoever_warns_earlier_is_in_time_as_often_or_more_often():
    _, figures = small_sites(near.KINDS["at work"], Mode.SEEN)
    shares = [figures.in_time[near.Warned(80, foreseen)] for foreseen in (None, 80, 70, 60)]
    assert shares == sorted(shares)
    low, high = figures.between
    assert 0 <= low <= figures.in_time[near.PRESENT] <= high <= 1


def test_the_rule_with_which_others_are_compared_is_the_products_own():
    sites, _ = small_sites(near.KINDS["at work"], Mode.SEEN)
    watches = [site.watches[Mode.SEEN] for site in sites]
    assert [watch.warned(near.PRESENT) for watch in watches] == [watch.foreseen is not None for watch in watches]
    assert {watch.warned(near.AT_80) for watch in watches} == {True, False}


def test_every_assumption_says_where_it_comes_from():
    assert len(assumptions.TABLE) > 30
    assert all(one.shown and one.says and one.source for one in assumptions.TABLE)


def test_the_plot_names_each_bar_with_its_error_and_runs_nothing():
    drawn = plot.svg([plot.Group("Modes", [("one <id>", 12.34), ("none", 0.01), ("few", -3)])], title="Errors")
    assert [part in drawn for part in ("one &lt;id&gt;", "+12.3 %", ">0<", "−3.0 %")] == [True] * 4
    assert drawn.count('class="high"') == 2
    assert "script" not in drawn
    assert ET.fromstring(drawn).tag.endswith("svg")


def test_the_command_prints_its_tables(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.argv", ["counting", "--people", "20", "--sites", "1"])
    counting.main()
    printed = capsys.readouterr().out
    assert re.findall(r"^\*\*(\w+)\*\*$", printed, re.MULTILINE) == [
        "months",
        "causes",
        "kinds",
        "near",
        "rules",
        "server",
        "assumptions",
    ]
    assert "| nothing | 20 | 20 | 0 | 20 | 0 | 20 | 0 |" in printed
    page = Path("docs/counting.md").read_text()
    assert all(f"<!-- {name} -->" in page for name in re.findall(r"^\*\*(\w+)\*\*$", printed, re.MULTILINE))
