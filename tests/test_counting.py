"""The simulated month of benchmarks/counting.py is honest: without what disturbs a count, the count is right."""

import pytest

from benchmarks import counts, near
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


def test_a_small_site_with_its_own_ids_is_always_warned_in_time():
    found = near.sites(10, seed=1, kind=near.KINDS["everyday"], modes=[Mode.OWN])
    assert len(found.passing) == 10
    assert [found.in_time(Mode.OWN, foreseeing=foreseeing) for foreseeing in (False, True)] == [1.0, 1.0]
    assert found.counted(Mode.OWN, share=0.5) in range(95, 102)


def test_a_site_whose_readers_sit_in_one_building_is_not():
    found = near.sites(10, seed=1, kind=near.in_one_building(1.0), modes=[Mode.SEEN])
    assert found.in_time(Mode.SEEN, foreseeing=True) < 0.5
    assert found.counted(Mode.SEEN, share=0.5) < 50
