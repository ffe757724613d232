"""Where a request comes from, behind proxies and without."""

import ipaddress
from dataclasses import replace

import pytest

from tests.conftest import Page
from widget_server.settings import Settings


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A server behind two proxies of the operator's."""
    networks = (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("192.0.2.1"))
    return replace(settings, trusted_proxies=networks, limit_views="20/minute")


def count(news: Page, chains: list[str], *, through: str) -> int:
    for chain in chains:
        news.view(address=through, headers={"X-Forwarded-For": chain})
    return news.usage()["unique_viewers"]


def test_a_trusted_proxy_tells_who_the_viewers_are(news: Page) -> None:
    assert count(news, ["203.0.113.1", "203.0.113.2"], through="10.0.0.1") == 2


def test_a_server_that_listens_at_ipv6_knows_a_trusted_proxy_of_ipv4(news: Page) -> None:
    chains = ["203.0.113.1", "203.0.113.2", "198.51.100.1, ::ffff:203.0.113.2, ::ffff:10.0.0.2"]
    assert count(news, chains, through="::ffff:10.0.0.1") == 2


@pytest.mark.parametrize("peer", ["2002:a00:1::1", "64:ff9b::a00:1"])
def test_an_address_from_which_one_is_led_to_a_proxy_is_not_the_proxy(news: Page, peer: str) -> None:
    """Whoever may send from 6to4 or through NAT64 chooses what is embedded there."""
    assert count(news, ["203.0.113.1", "203.0.113.2"], through=peer) == 1


def test_a_proxy_that_is_not_trusted_is_the_viewer(news: Page) -> None:
    assert count(news, ["203.0.113.1", "203.0.113.2"], through="198.51.100.1") == 1


def test_only_what_trusted_proxies_wrote_counts(news: Page) -> None:
    forged = ["1.1.1.1, 203.0.113.1, 192.0.2.1", "2.2.2.2, 203.0.113.1, 192.0.2.1", "203.0.113.1"]
    assert count(news, forged, through="10.0.0.1") == 1


def test_a_chain_that_is_no_address_falls_back_to_the_nearest_one_known(news: Page) -> None:
    assert count(news, ["unknown", "<script>", ""], through="10.0.0.1") == 1


def test_one_household_shares_one_limit_through_the_proxy(news: Page) -> None:
    answers = [
        news.view(address="10.0.0.1", headers={"X-Forwarded-For": f"2001:db8:1:2::{number:x}"}).status_code
        for number in range(21)
    ]
    assert answers == [200] * 20 + [429]
    assert news.view(address="10.0.0.1", headers={"X-Forwarded-For": "2001:db8:1:3::1"}).status_code == 200
