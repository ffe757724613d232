"""How a browser and its place are told."""

import pytest

from widget_server.rules.browsers import in_words, network

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0", "Firefox on Linux"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/150.0.0.0 Safari/537.36", "Chrome on Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} Chrome/150.0 Safari/537.36 Edg/150.0", "Edge on Windows"),
        (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) {WEBKIT} Version/20.0 Safari/605.1.15", "Safari on a Mac"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 20_0 like Mac OS X) CriOS/150.0 Mobile Safari/604.1",
            "Chrome on an iPhone",
        ),
        (f"Mozilla/5.0 (Linux; Android 16) {WEBKIT} Chrome/150.0 Mobile Safari/537.36", "Chrome on Android"),
        (f"Mozilla/5.0 (Linux; Android 16) {WEBKIT} SamsungBrowser/30 Chrome/150.0", "Samsung Internet on Android"),
        ("curl/8.0", "An unknown browser"),
        ("", "An unknown browser"),
    ],
)
def test_a_browser_is_told_in_plain_words(user_agent: str, words: str) -> None:
    assert in_words(user_agent) == words


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
    ],
)
def test_an_address_is_told_by_its_neighbourhood(address: str, told: str) -> None:
    assert network(address) == told
