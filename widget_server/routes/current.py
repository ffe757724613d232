"""What every handler may ask for: the settings, the time, the writer, and who is asking."""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import current_app, request

from widget_server.settings import Settings
from widget_server.storage.viewers import Impressions
from widget_server.storage.writer import Writer


@dataclass(frozen=True, slots=True)
class Server:
    """What create_app was given, and the writer it started."""

    settings: Settings
    now: Callable[[], datetime]
    writer: Writer[Impressions]


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
    seen = request.remote_addr or "0.0.0.0"  # noqa: S104 (a transport without addresses)
    chain = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    while chain and _trusted(seen):
        nearest = chain.pop()
        try:
            ipaddress.ip_address(nearest)
        except ValueError:
            break
        seen = nearest
    return seen


def _trusted(value: str) -> bool:
    ip = ipaddress.ip_address(value)
    return any(ip in network for network in settings().trusted_proxies if network.version == ip.version)
