"""Limits in a Redis Cluster of three masters, one of which dies, and in one Redis that goes and comes back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from limits import parse
from limits.strategies import FixedWindowRateLimiter

from tests.nodes.machines import Redis, RedisCluster, until
from tests.servers import _folder, free_port
from widget_server.routes import counts

ASKERS = [f"203.0.113.{number}" for number in range(40)]
TWICE = parse("2/hour")


class Counter:
    """What one process counts by."""

    def __init__(self, url: str) -> None:
        self.storage = counts.Shared(at=url)
        self.hits = FixedWindowRateLimiter(self.storage)

    def passes(self, asker: str, route: str = "reports") -> bool:
        return self.hits.hit(TWICE, asker, route)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with _folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def cluster(folder: Path) -> Iterator[RedisCluster]:
    cluster = RedisCluster(folder)
    yield cluster
    cluster.stop()


def test_every_key_is_counted_once_for_two_processes_wherever_it_lies(cluster: RedisCluster) -> None:
    """A limit is one key and each command names one: none needs a hash tag to find its neighbour."""
    one, other = Counter(cluster.url), Counter(cluster.url)
    passed = {asker: [one.passes(asker), other.passes(asker), one.passes(asker)] for asker in ASKERS}
    assert passed == {asker: [True, True, False] for asker in ASKERS}
    kept = [node.ask("DBSIZE") for node in cluster.nodes[:3]]
    assert (sum(kept), all(kept)) == (len(ASKERS), True)


def test_a_master_s_replica_goes_on_counting_and_without_one_each_process_does(
    cluster: RedisCluster, capsys: pytest.CaptureFixture
) -> None:
    one, other = Counter(cluster.url), Counter(cluster.url)
    assert all(one.passes(asker, "appeals") for asker in ASKERS)
    cluster.nodes[0].ask("WAIT", "1", "1000")
    cluster.nodes[0].kill()
    assert all(isinstance(one.passes(asker, "views"), bool) for asker in ASKERS)
    took = until(lambda: cluster.replica.ask("ROLE")[0] == b"master")
    until(one.storage.check)
    until(other.storage.check)
    took += until(lambda: not any(counter.storage.away for counter in (one, other)))
    passed = {asker: [other.passes(asker, "appeals"), one.passes(asker, "appeals")] for asker in ASKERS}
    assert passed == {asker: [True, False] for asker in ASKERS}
    cluster.nodes[1].kill()
    until(lambda: one.passes("mary", "slots that nobody has") in (True, False) and one.storage.away)
    assert [one.passes("eve"), one.passes("eve"), one.passes("eve")] == [True, True, False]
    with capsys.disabled():
        print(f"\nRedis Cluster: the replica counts after {took:.1f} s")


def test_while_redis_is_away_each_process_counts_for_itself_and_asks_once_a_second(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    redis = Redis(folder)
    redis.start()
    one, other = Counter(redis.url), Counter(redis.url.replace("redis", "valkey", 1))
    assert [one.passes("ada"), other.passes("ada"), one.passes("ada")] == [True, True, False]
    redis.kill()
    assert [one.passes("ada"), one.passes("ada"), one.passes("ada")] == [True, True, False]
    assert other.passes("ada")
    assert (one.storage.away, one.storage.check()) == (True, False)
    redis.start()
    until(lambda: one.passes("bob") is not None and not one.storage.away)
    until(other.storage.check)
    assert [one.passes("eve"), other.passes("eve"), one.passes("eve")] == [True, True, False]
    redis.kill()
    told = [record.message.split(" (")[0] for record in caplog.records]
    assert told.count("Redis does not answer") == 2
    assert told.count("Redis answers again: limits are counted for all nodes together") == 2


def test_sentinels_tell_where_redis_is(folder: Path) -> None:
    redis = Redis(folder)
    redis.start()
    port = free_port()
    (folder / "sentinel.conf").write_text(f"port {port}\nsentinel monitor widget 127.0.0.1 {redis.port} 1\n")
    sentinel = Redis(folder, port=port)
    sentinel.command = [sentinel.command[0], folder / "sentinel.conf", "--sentinel"]
    sentinel.start()
    one, other = (Counter(f"redis+sentinel://127.0.0.1:{port}/widget") for _ in range(2))
    try:
        assert [one.passes("ada"), other.passes("ada"), one.passes("ada")] == [True, True, False]
        assert (redis.ask("DBSIZE"), one.storage.away) == (1, False)
    finally:
        sentinel.kill()
        redis.kill()


def test_a_redis_that_is_away_at_the_start_stops_nobody() -> None:
    counter = Counter("redis+cluster://127.0.0.1:9,127.0.0.1:10")
    assert [counter.passes("ada") for _ in range(3)] == [True, True, False]
    assert counter.storage.away
