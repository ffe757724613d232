"""Two who write about sites in one moment, on PostgreSQL: what each was told is kept."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest
from flask import Flask

from tests.conftest import Clock
from tests.storage.test_races_for_cards import DECISION, held_up, races_servers, servers
from widget_server.settings import Settings
from widget_server.storage import connection, policies, sites

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


def typed(settings: Settings, *words: str) -> dict[str, object]:
    """What `site policy` prints that an operator types on another machine."""
    stored = {
        "WIDGET_DATABASE_URL": settings.database_url,
        "WIDGET_SECRET_KEY": settings.secret_key,
        "WIDGET_PUBLIC_URL": settings.public_url,
    }
    command = [sys.executable, "-c", "from widget_server.cli import main; main()", "site", "policy", *words, "--json"]
    return json.loads(subprocess.run(command, env=os.environ | stored, check=True, capture_output=True).stdout)


@pytest.mark.parametrize(("words", "contact"), [([], ""), (["--contact", "ada@news.example"], "ada@news.example")])
def test_what_an_owner_chooses_as_the_policy_is_printed_or_changed_stays(
    app: Flask, settings: Settings, clock: Clock, words: list[str], contact: str
) -> None:
    key = admitted("News", "https://news.example", clock)

    def choose() -> None:
        with connection():
            site = sites.find(key)
            policies.keep(
                site, replace(policies.of(site), four_eyes=True, responsible="Ada"), moderator=None, at=clock()
            )

    printed: list[dict[str, object]] = []
    with held_up(settings, DECISION) as race:
        race.send(choose)
        race.send(lambda: printed.append(typed(settings, key, *words)))
    with connection():
        kept = policies.of(sites.find(key))
    assert (kept.four_eyes, kept.responsible, kept.contact) == (True, "Ada", contact)
    assert [(one["four_eyes"], one["responsible"], one["contact"]) for one in printed] == [(True, "Ada", contact)]
