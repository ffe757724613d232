"""Three nodes over one PostgreSQL with a replica, and one Redis: what readers see while a part fails.

This folder mirrors none of the server's: it is about several of them. Nothing here needs a right on the machine.
"""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

import pytest

from e2e.processes import answer_of
from e2e.wire import Wire
from tests.nodes.house import CALLS, RENDERINGS, House, Load, assert_kept, fail_over, standing
from tests.nodes.machines import until


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with standing(nodes=3) as house:
        yield house


def test_a_limit_holds_for_all_nodes_together(house: House) -> None:
    def render(number: int) -> int:
        connection = HTTPConnection("127.0.0.1", house.nodes[number % 3].port, timeout=15)
        headers = {"Authorization": f"Bearer {house.secret}", "Content-Type": "application/json"}
        connection.request("POST", "/api/v1/render", json.dumps({"text": "The tower was finished in 1889."}), headers)
        return connection.getresponse().status

    with ThreadPoolExecutor(6) as askers:
        answers = list(askers.map(render, range(3 * RENDERINGS)))
    assert (answers.count(200), answers.count(429)) == (RENDERINGS, 2 * RENDERINGS)


def test_one_person_on_three_nodes_is_one_viewer(house: House) -> None:
    before = house.stored()
    load = Load(house, [node.port for node in house.nodes])
    person = load._view(next(CALLS))
    with ThreadPoolExecutor(6) as readers:
        assert all(readers.map(lambda _: load.send("views", person), range(12)))
    after = house.stored()
    assert (after.viewers - before.viewers, after.impressions - before.impressions) == (1, 12)


def test_a_node_that_is_killed_takes_nothing_acknowledged_with_it(house: House, capsys: pytest.CaptureFixture) -> None:
    before, load = house.stored(), Load(house, [node.port for node in house.nodes])
    with load.running(threads=2):
        load.more()
        house.nodes[0].kill()
        load.more()
        house.nodes[0].start()
        load.more()
    assert_kept(load, before=before)
    tell("a node killed and started again", load, capsys)


def test_a_link_that_is_cut_doubles_nothing(house: House, capsys: pytest.CaptureFixture) -> None:
    wire = Wire(house.nodes[0].port)
    before, load = house.stored(), Load(house, [wire.port, house.nodes[1].port, house.nodes[2].port])
    try:
        with load.running():
            load.more()
            with wire.down():
                load.more()
            load.more()
    finally:
        wire.stop()
    assert_kept(load, before=before)
    tell("a link to one of three nodes cut", load, capsys)


def test_redis_goes_and_comes_back_and_no_reader_notices(house: House) -> None:
    def counted() -> set[str]:
        return {answer_of(f"http://127.0.0.1:{node.port}/readyz")["limits"] for node in house.nodes}

    load = Load(house, [node.port for node in house.nodes])
    with load.running():
        load.more()
        house.redis.kill()
        until(lambda: counted() == {"memory"})
        load.more()
        house.redis.start()
        until(lambda: counted() == {"redis"})
        load.more()
    assert not load.refused
    for node in house.nodes:
        log = node.log.read_text()
        # Once each, and once more for each time that this machine was too busy to answer in half a second.
        assert 1 <= log.count("Redis does not answer") == log.count("Redis answers again") <= 3, log[-2000:]


def test_when_the_replica_is_promoted_nothing_acknowledged_is_lost_or_doubled(
    house: House, capsys: pytest.CaptureFixture
) -> None:
    before, load = house.stored(), Load(house, [node.port for node in house.nodes])
    with load.running():
        load.more()
        fail_over(house)
        load.more(80)
    assert_kept(load, before=before)
    assert load.statuses <= {200, 201, 503}
    tell("fail-over to the replica", load, capsys)


def tell(event: str, load: Load, capsys: pytest.CaptureFixture) -> None:
    with capsys.disabled():
        sent = len(load.answered) + len(load.refused)
        print(f"\n{event}: {len(load.refused)} of {sent} requests refused within {load.seconds_of_refusal:.2f} s")
