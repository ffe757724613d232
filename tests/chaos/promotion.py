"""PostgreSQL dies under load and its replica takes over: two nodes, one synchronous replica, as in docs/nodes.md."""

from tests.chaos.kills import outcome
from tests.nodes.house import Load, fail_over, standing


def run() -> dict:
    with standing(nodes=2) as house:
        before, load = house.stored(), Load(house, [node.port for node in house.nodes])
        with load.running():
            load.more()
            fail_over(house)
            load.more(200)
        return {
            **outcome(load, before=before),
            "seconds_of_refusal": load.seconds_of_refusal,
            "statuses": sorted(load.statuses),
        }
