"""What docs/scaling.md reckons with: the simulated day, and the sketch that is not built."""

from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from benchmarks import curves, day, scaling, sketches
from benchmarks.day import Costs, Memory, Node

QUICK = Costs(request=0.001, commit=0.001, item=0, request_cpu=0.001, commit_cpu=0.001)
SLOW = Costs(request=0.001, commit=0.1, item=0, request_cpu=0.001, commit_cpu=0.001)


def test_requests_that_come_while_a_commit_runs_share_the_next_one():
    node = Node(SLOW, places=10)
    for number in range(10):
        node.arrive(number * 0.002, viewer=number)
    node.finish()
    assert node.commits == 2
    assert len(node.waits) == 10


def test_a_request_alone_waits_for_its_own_work_and_commit():
    node = Node(SLOW, places=10)
    node.arrive(5, viewer=1)
    node.finish()
    assert node.waits == [pytest.approx(0.101)]


def test_a_commit_looks_only_for_viewers_who_are_not_remembered():
    node = Node(QUICK, places=10)
    for at, viewer in enumerate([1, 1, 2, 1]):
        node.arrive(at, viewer=viewer)
    node.finish()
    assert (node.commits, node.asked) == (4, 2)


def test_whoever_comes_to_a_taken_place_is_remembered_there():
    memory = Memory(places=1)
    memory.remember([1, 2])
    assert [viewer in memory for viewer in (1, 2)] == [False, True]


def test_a_busier_worker_has_more_page_views_in_a_commit_and_later_answers():
    few, many = (day.busiest(rate, SLOW, number=2_000) for rate in (10, 500))
    assert few[0] < 3 < many[0]
    assert few[1] < many[1]


def test_a_day_is_in_order_and_whoever_came_before_is_not_new():
    coming, before = day.page_views(2_000, seed=1)
    assert all(one.at <= other.at for one, other in pairwise(coming))
    assert 0 < len(before) < 2_000
    assert all(one.new == (one.viewer not in before) for one in coming)


def test_a_viewer_who_is_remembered_everywhere_is_seldom_looked_for():
    assert day.not_remembered(1_000, 1, 2_000) < day.not_remembered(1_000, 8, 20)


@pytest.mark.parametrize("viewers", [100, 1_000, 10_000])
def test_a_sketch_errs_by_a_few_percent(viewers):
    found = sketches.estimate(sketches._hashed(viewers, seed=1))
    assert found == pytest.approx(viewers, rel=0.04)


def test_the_plot_names_each_curve():
    drawn = curves.svg([curves.Curve("exact & small", [(100, 2e3), (1e6, 2e7)])], title="Bytes", across="viewers")
    shown = [text.text for text in ET.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")]
    assert {"Bytes", "viewers", "exact & small", "1 MB", "10⁶"} <= set(shown)


def test_every_table_of_the_page_has_its_place():
    page = scaling.PAGE.read_text()
    for name in ("machine", "memory", "growth", "requests", "carries", "sizes", "day", "sketches", "pays"):
        assert f"<!-- {name} -->\n" in page
