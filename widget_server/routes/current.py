"""What every handler may ask for: the settings, the time, the writer, and who is asking."""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from wsgiref.types import WSGIEnvironment

from flask import current_app, request

from widget_server.routes.purse import Purse
from widget_server.rules.viewers import seen_from
from widget_server.settings import Network, Settings
from widget_server.storage.apart import Apart
from widget_server.storage.viewers import Impressions
from widget_server.storage.writer import Writer


@dataclass(frozen=True, slots=True)
class Server:
    """What create_app was given, and what it started: the writer, and what is left of limits."""

    settings: Settings
    now: Callable[[], datetime]
    writer: Writer[Impressions] | Apart[Impressions]
    purse: Purse


class Kept(NamedTuple):
    """What has to be stored before it is answered, and what is answered then."""

    item: Impressions
    tell: Callable[[], dict[str, Any]]


def server() -> Server:
    return current_app.extensions["widget_server"]


def now() -> datetime:
    return server().now()


def settings() -> Settings:
    return server().settings


def status_url(receipt: str) -> str:
    """The address of a reporter's page."""
    return f"{settings().public_url}/r/{receipt}"


def address() -> str:
    """Where a request comes from: X-Forwarded-For counts only as far as configured proxies wrote it."""
    return behind(request.remote_addr, request.headers.get("X-Forwarded-For", ""), settings().trusted_proxies)


def asker(environ: WSGIEnvironment, settings: Settings) -> str:
    """Who shares a limit, where no request of Flask's is at hand: as limits.asker."""
    forwarded = environ.get("HTTP_X_FORWARDED_FOR", "")
    return seen_from(behind(environ.get("REMOTE_ADDR"), forwarded, settings.trusted_proxies))


def behind(peer: str | None, forwarded: str, trusted: tuple[Network, ...]) -> str:
    """Where a request comes from, from whom it came to us and its X-Forwarded-For."""
    seen = peer or "0.0.0.0"  # noqa: S104 (a transport without addresses)
    chain = [part.strip() for part in forwarded.split(",") if part.strip()] if trusted else []
    while chain and _trusted(seen, trusted):
        nearest = chain.pop()
        try:
            ipaddress.ip_address(nearest)
        except ValueError:
            break
        seen = nearest
    return seen


def is_proxy(peer: str, settings: Settings) -> bool:
    """Whether somebody's requests are handed on from there by a proxy of the operator's."""
    return _trusted(peer, settings.trusted_proxies)


def _trusted(value: str, trusted: tuple[Network, ...]) -> bool:
    """Whether a proxy of the operator's has this address, also where IPv4 comes in by IPv6 (::ffff:10.0.0.1)."""
    ip = ipaddress.ip_address(value)
    as_ipv4 = getattr(ip, "ipv4_mapped", None) or ip
    return any(one in network for network in trusted for one in (ip, as_ipv4))
