"""A short ride through what `make chaos` does with 500 reports: each arrives exactly once."""

from playwright.sync_api import Browser

from e2e.places import Server, Stranger
from tests.chaos import network

TROUBLES = ("mixed", "slow", "down")  # the ones that a driver of each engine can bring about


def test_each_of_25_reports_arrives_exactly_once(browser: Browser, server: Server, stranger: Stranger):
    came = network.through(browser, server, stranger, reports=25, tabs=5, troubles=TROUBLES, seed=3)
    assert (came["reports"], came["lost"], came["doubled"]) == (25, 0, 0)
    assert came["requests"] >= 25
