"""How often somebody may ask."""

from flask import Flask
from flask_limiter import Limiter

from widget_server.routes.current import address, settings
from widget_server.rules.viewers import seen_from


def asker() -> str:
    """Who shares a limit: an IPv4 address, or the /64 of IPv6."""
    return seen_from(address())


limiter = Limiter(asker, in_memory_fallback_enabled=True, strategy="fixed-window")


def views() -> str:
    return settings().limit_views


def reports() -> str:
    return settings().limit_reports


def render() -> str:
    return settings().limit_render


def sign_in() -> str:
    return settings().limit_sign_in


def init(app: Flask) -> None:
    app.config["RATELIMIT_STORAGE_URI"] = app.extensions["widget_server"].settings.redis_url or "memory://"
    limiter.init_app(app)
