"""What an address that somebody typed leads to: read strictly, resolved once, and checked."""

import socket
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

from urllib3.exceptions import HTTPError
from urllib3.util import Url, parse_url

from widget_server.rules import addresses
from widget_server.rules.addresses import Network

PORTS = {"http": 80, "https": 443}
Found = list[tuple[Any, ...]]
"""What getaddrinfo gives."""
Resolver = Callable[..., Found]


class NotReached(Exception):
    """There is no answer, or none that can be used. The text says why in one line, and names no more than the host."""


def parsed(url: str) -> Url:
    """The parts of an http(s) address. Raises NotReached."""
    if not url.isprintable() or " " in url or "\\" in url:
        raise NotReached("This is not the address of a server: http(s)://HOST[:PORT]/PATH.")
    try:
        target = parse_url(url)
    except (HTTPError, ValueError):
        target = Url()
    if target.scheme not in PORTS or not target.host:
        raise NotReached("This is not the address of a server: http(s)://HOST[:PORT]/PATH.")
    if target.auth is not None:
        raise NotReached(f"The address at {target.host} must not hold a name or a password.")
    return target


def port(target: Url) -> int:
    return PORTS[target.scheme or ""] if target.port is None else target.port


def resolved(target: Url, resolve: Resolver) -> Found:
    """The addresses of its host; none, where nobody knows it."""
    try:
        return resolve((target.host or "").strip("[]"), port(target), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []


def check(found: Found, target: Url, allowed: tuple[Network, ...]) -> None:
    """Raises NotReached unless every address is public, or in a network that the operator allows."""
    if not found:
        raise NotReached(f"{target.host} is not known: no address was found for it.")
    for *_, place in found:
        address = ip_address(place[0])
        if not addresses.public(address) and not addresses.within(address, allowed):
            raise NotReached(
                f"{target.host} is not on the internet but in a network of its own, and is not asked. "
                "The operator can allow it with WIDGET_PRIVATE_TARGETS."
            )
