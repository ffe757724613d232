"""Redis is killed and started again under load: limits fall back to each process's memory and come back."""

from statistics import median

from tests.chaos.lone import Readers, on_sqlite
from tests.nodes.machines import Redis, until
from tests.servers import _folder

ROUNDS, READERS = 5, 4


def run(rounds: int = ROUNDS) -> dict:
    with _folder() as folder:
        redis = Redis(folder)
        redis.start()
        try:
            with on_sqlite(WIDGET_REDIS_URL=redis.url) as lone:
                readers, before = Readers(lone, [lone.node.port]), lone.stored()

                def counted_by(where: str) -> bool:
                    return lone.node.readiness()[1].get("limits") == where

                gone, back = [], []
                with readers.running(READERS):
                    for _ in range(rounds):
                        readers.more()
                        redis.kill()
                        gone.append(until(lambda: counted_by("memory")))
                        readers.more()
                        redis.start()
                        back.append(until(lambda: counted_by("redis")))
                after, log = lone.stored(), lone.log()
                return {
                    "kills": rounds,
                    "requests": len(readers.answered) + len(readers.refused),
                    "refused": len(readers.refused),
                    "slowest_seconds": readers.slowest,
                    "memory_after_median": median(gone),
                    "memory_after_most": max(gone),
                    "redis_after_median": median(back),
                    "redis_after_most": max(back),
                    "told_gone": log.count("Redis does not answer"),
                    "told_back": log.count("Redis answers again"),
                    "views_lost": max(0, sum(readers.views) - (after.impressions - before.impressions)),
                }
        finally:
            redis.kill()
