"""Two who write about sites in one moment, on PostgreSQL: what each was told is kept."""

from flask import Flask

from tests.conftest import Clock
from tests.storage.test_races_for_cards import held_up, races_servers, servers
from widget_server.settings import Settings
from widget_server.storage import connection, sites

__all__ = ["races_servers", "servers"]


def admitted(name: str, origin: str, clock: Clock) -> str:
    """As `site add` on one of several nodes. Gives the site's key."""
    with connection():
        return sites.admit(name, [origin], at=clock()).key


def test_a_site_that_two_nodes_add_at_once_is_one_with_the_origins_of_both(
    app: Flask, settings: Settings, clock: Clock
) -> None:
    added = {"https://a.example", "https://b.example"}
    told: list[str] = []
    with held_up(settings, "site") as race:
        for origin in added:
            race.send(lambda origin=origin: told.append(admitted("News", origin, clock)))
    with connection():
        (site,) = sites.every()
    assert (set(told), set(site.origins)) == ({site.key}, added)


def test_two_nodes_that_add_origins_to_a_site_at_once_both_have_them(
    app: Flask, settings: Settings, clock: Clock
) -> None:
    wanted = ["https://news.example", "https://a.example", "https://b.example"]
    key = admitted("News", wanted[0], clock)
    with held_up(settings, "site") as race:
        for origin in wanted[1:]:
            race.send(lambda origin=origin: admitted("News", origin, clock))
    with connection():
        assert sites.find(key).origins == wanted
