"""The operator's settings: one frozen object, read from the environment once, refused early."""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from dotenv import dotenv_values
from limits import parse_many

from widget_server import key_file
from widget_server.origins import origin, several, split_url
from widget_server.refusal import WrongSetting

REDIS = ("redis", "rediss", "redis+unix", "valkey")
SEVERAL_REDIS = ("redis+cluster", "rediss+cluster", "redis+sentinel", "valkey+cluster", "valkey+sentinel")
LOOPBACK = ("127.0.0.1", "::1", "localhost")
SCREENS = ("moderations", "guard")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Provider:
    """Where people may sign in instead (OpenID Connect), and what it is called on the button."""

    issuer: str
    client_id: str
    client_secret: str
    name: str


@dataclass(frozen=True)
class Screen:
    """A server that looks at held texts before a person does: where it is, how it is asked, and for which model."""

    url: str
    kind: str
    model: str
    key: str = field(default="", repr=False)


@dataclass(frozen=True)
class Settings:
    """What the operator decides.

    `database_connections`: how many requests of a process hold a connection to PostgreSQL at once.
    `old_secret_keys`: what `secret_key` has taken the place of; it still opens what it made.
    `limit_words`: how many bytes of long reports, and of prompts, an address may have stored (rules/floods.py).
    `flood_reports`: with so many reports on a site within five minutes, each costs its sender some work; 0: never.
    `private_targets`: addresses that are not public and may be written to all the same, by a webhook for example.
    `demo_url`: where the demo's stranger's page stands, when it runs.
    """

    secret_key: str = field(repr=False)
    database_url: str = "sqlite:///widget-server.sqlite3"
    database_connections: int = 20
    redis_url: str | None = None
    public_url: str = "http://127.0.0.1:8000"
    trusted_proxies: tuple[Network, ...] = ()
    private_targets: tuple[Network, ...] = ()
    mail_url: str | None = None
    webhook_url: str | None = None
    retention_days: int = 365
    limit_views: str = "600/minute"
    limit_reports: str = "30/minute"
    limit_render: str = "6000/minute"
    limit_sign_in: str = "10/minute"
    limit_words: str = "4000000/hour"
    flood_reports: int = 60
    demo_url: str | None = None
    provider: Provider | None = None
    screen: Screen | None = None
    old_secret_keys: tuple[str, ...] = field(default=(), repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """All that open what is sealed and signed, the newest first."""
        return (self.secret_key, *self.old_secret_keys)

    @property
    def reached_from_elsewhere(self) -> bool:
        """Whether WIDGET_PUBLIC_URL leads readers here, and not to their own machine."""
        return urlsplit(self.public_url).hostname not in LOOPBACK

    @property
    def mails(self) -> bool:
        """Whether this server writes to anybody."""
        return self.mail_url is not None

    @property
    def https(self) -> bool:
        return self.public_url.startswith("https:")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], *, folder: Path, make_secret: bool = True) -> "Settings":
        """Read the settings named WIDGET_…; a `.env` in `folder` fills in what the environment leaves open.

        Without WIDGET_SECRET_KEY one is made and kept in `folder`; without `make_secret` it may be empty. Raises
        WrongSetting.
        """
        values = _values(environment, folder)

        def setting(name: str, default: str = "") -> str:
            return values.get(f"WIDGET_{name}", "").strip() or default

        private_targets = _networks("PRIVATE_TARGETS", setting("PRIVATE_TARGETS"))
        secret_key, *replaced = key_file.secrets_here(setting("SECRET_KEY"), folder, make=make_secret)
        return cls(
            secret_key=secret_key,
            old_secret_keys=tuple(dict.fromkeys([*replaced, *key_file.old_secrets(setting("OLD_SECRET_KEYS"))])),
            database_url=_database_url(setting("DATABASE_URL", cls.database_url), folder),
            database_connections=_connections(setting("DATABASE_CONNECTIONS", str(cls.database_connections))),
            redis_url=_redis(setting("REDIS_URL")),
            public_url=_origin("PUBLIC_URL", setting("PUBLIC_URL", cls.public_url)),
            trusted_proxies=_networks("TRUSTED_PROXIES", setting("TRUSTED_PROXIES")),
            private_targets=private_targets,
            mail_url=_mail(setting("MAIL_URL")),
            webhook_url=_webhook(setting("WEBHOOK_URL")),
            retention_days=_days(setting("RETENTION_DAYS", str(cls.retention_days))),
            limit_views=_limit("LIMIT_VIEWS", setting("LIMIT_VIEWS", cls.limit_views)),
            limit_reports=_limit("LIMIT_REPORTS", setting("LIMIT_REPORTS", cls.limit_reports)),
            limit_render=_limit("LIMIT_RENDER", setting("LIMIT_RENDER", cls.limit_render)),
            limit_sign_in=_limit("LIMIT_SIGN_IN", setting("LIMIT_SIGN_IN", cls.limit_sign_in)),
            limit_words=_limit("LIMIT_WORDS", setting("LIMIT_WORDS", cls.limit_words)),
            flood_reports=_reports(setting("FLOOD_REPORTS", str(cls.flood_reports))),
            demo_url=_origin("DEMO_URL", setting("DEMO_URL")) if setting("DEMO_URL") else None,
            provider=_provider(*(setting(f"OIDC_{name}") for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET", "NAME"))),
            screen=_screen(
                private_targets, {name: setting(f"SCREEN_{name}") for name in ("URL", "KIND", "MODEL", "KEY")}
            ),
        )


def here(*, make_secret: bool = True) -> Settings:
    """The settings of this process, from its environment and working folder."""
    return Settings.from_environment(os.environ, folder=Path.cwd(), make_secret=make_secret)


def setting_here(name: str) -> str:
    """A setting of this process as it was written; empty if it is not."""
    return _values(os.environ, Path.cwd()).get(f"WIDGET_{name}", "").strip()


def _values(environment: Mapping[str, str], folder: Path) -> dict[str, str]:
    """What is empty in the environment is left open there."""
    return {**_env_file(folder / ".env"), **{name: value for name, value in environment.items() if value.strip()}}


def _env_file(file: Path) -> dict[str, str]:
    try:
        return {name: value for name, value in dotenv_values(file).items() if value is not None}
    except UnicodeDecodeError:
        raise WrongSetting(f"{file.name} is not UTF-8 text: save it as UTF-8.") from None
    except OSError as error:
        raise WrongSetting(f"{file.name} cannot be read ({error.strerror}).") from None


def _database_url(value: str, folder: Path) -> str:
    if value.startswith("sqlite:"):
        path = value.removeprefix("sqlite:///")
        if not path or path == value or path == ":memory:":
            raise WrongSetting(
                "WIDGET_DATABASE_URL names no file: write sqlite:///NAME.sqlite3 (or sqlite:////absolute/path)."
            )
        return f"sqlite:///{folder / path}"
    otherwise = (
        "WIDGET_DATABASE_URL must be sqlite:///FILE or postgresql://USER:PASSWORD@HOST[:PORT][,HOST…]/DATABASE[?…]."
    )
    parts = several(value, otherwise=otherwise)
    if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
        raise WrongSetting(otherwise)
    return value


def _redis(value: str) -> str | None:
    scheme = value.partition("://")[0]
    if scheme not in SEVERAL_REDIS:
        return _url("REDIS_URL", value, {*REDIS})
    service = "/SERVICE" if scheme.endswith("sentinel") else ""
    otherwise = f"WIDGET_REDIS_URL must name the nodes: {scheme}://HOST:PORT,HOST:PORT{service}."
    parts = several(value, otherwise=otherwise)
    hosts = parts.netloc.rpartition("@")[2].split(",")
    if not all(urlsplit(f"//{host}").port for host in hosts) or (service and not parts.path.strip("/")):
        raise WrongSetting(otherwise)
    return value


def _url(name: str, value: str, schemes: set[str]) -> str | None:
    if not value:
        return None
    starts = ", ".join(sorted(scheme + "://" for scheme in schemes))
    otherwise = f"WIDGET_{name} must start with one of {starts} and name a host, and a port only as a number."
    parts = split_url(value, otherwise=otherwise)
    if parts.scheme not in schemes or not (parts.hostname or parts.scheme == "redis+unix"):
        raise WrongSetting(otherwise)
    return value


def _mail(value: str) -> str | None:
    url = _url("MAIL_URL", value, {"smtp", "smtps"})
    tls = parse_qs(urlsplit(value).query, keep_blank_values=True).get("tls")
    if url and tls not in (None, ["no"]):
        raise WrongSetting("WIDGET_MAIL_URL may say tls=no, for a server that has no TLS; otherwise leave tls out.")
    return url


def _webhook(value: str) -> str | None:
    url = _url("WEBHOOK_URL", value, {"http", "https", "slack+http", "slack+https"})
    if url and "@" in urlsplit(url).netloc:
        raise WrongSetting("WIDGET_WEBHOOK_URL must not hold a name or a password: messages are signed instead.")
    return url


def _origin(name: str, value: str) -> str:
    return origin(value, otherwise=f"WIDGET_{name} must be http(s)://HOST[:PORT] without a path.")


def _provider(issuer: str, client_id: str, client_secret: str, name: str) -> Provider | None:
    given = {"ISSUER": issuer, "CLIENT_ID": client_id, "CLIENT_SECRET": client_secret}
    if not any(given.values()):
        return None
    if not all(given.values()):
        missing, there = (f"WIDGET_OIDC_{next(n for n in given if bool(given[n]) is full)}" for full in (False, True))
        raise WrongSetting(f"{missing} is missing: it belongs to {there}.")
    otherwise = "WIDGET_OIDC_ISSUER must be the https address by which your provider calls itself, without a query."
    parts = split_url(issuer, otherwise=otherwise)
    secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not secure or not parts.hostname or parts.query or parts.fragment or "@" in parts.netloc:
        raise WrongSetting(otherwise)
    return Provider(issuer, client_id, client_secret, name or parts.hostname)


def _screen(private: tuple[Network, ...], given: Mapping[str, str]) -> Screen | None:
    if not any(given.values()):
        return None
    if missing := [name for name in ("URL", "KIND", "MODEL") if not given[name]]:
        there = next(name for name in given if given[name])
        raise WrongSetting(f"WIDGET_SCREEN_{missing[0]} is missing: it belongs to WIDGET_SCREEN_{there}.")
    url, kind, model, key = given.values()
    if kind not in SCREENS:
        raise WrongSetting(f"WIDGET_SCREEN_KIND must be one of {', '.join(SCREENS)}.")
    if not model.isprintable():
        raise WrongSetting("WIDGET_SCREEN_MODEL must be the name of a model, in one line.")
    if not all("!" <= character <= "~" for character in key):
        raise WrongSetting("WIDGET_SCREEN_KEY must be one word of visible ASCII characters.")
    return Screen(_screen_url(url, private), kind, model, key)


def _screen_url(value: str, private: tuple[Network, ...]) -> str:
    """The address before /v1; https, but for places that the operator allows."""
    otherwise = "WIDGET_SCREEN_URL must be https://HOST[:PORT], without a name, a password or a query."
    parts = split_url(value, otherwise=otherwise)
    plain = parts.query or parts.fragment or "@" in parts.netloc or not value.isprintable() or " " in value
    if parts.scheme not in ("http", "https") or not parts.hostname or plain:
        raise WrongSetting(otherwise)
    try:
        address = ipaddress.ip_address(parts.hostname)
    except ValueError:
        allowed, public = bool(private), True
    else:
        allowed, public = any(address in network for network in private), address.is_global
    if not allowed and (parts.scheme == "http" or not public):
        raise WrongSetting(
            "WIDGET_SCREEN_URL must be https://…, or an address of your own that WIDGET_PRIVATE_TARGETS allows."
        )
    return value.rstrip("/").removesuffix("/v1")


def _networks(name: str, value: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(part.strip()) for part in value.split(",") if part.strip())
    except ValueError as error:
        raise WrongSetting(f"WIDGET_{name} must be addresses or networks separated by commas: {error}.") from None


def _days(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= 36500:
        raise WrongSetting("WIDGET_RETENTION_DAYS must be a number of days from 1 to 36500.")
    return int(value)


def _connections(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= 1000:
        raise WrongSetting("WIDGET_DATABASE_CONNECTIONS must be a number from 1 to 1000.")
    return int(value)


def _reports(value: str) -> int:
    if not value.isascii() or not value.isdigit() or int(value) > 1_000_000:
        raise WrongSetting("WIDGET_FLOOD_REPORTS must be a number of reports within five minutes, or 0 for never.")
    return int(value)


def _limit(name: str, value: str) -> str:
    try:
        parse_many(value)
    except ValueError:
        raise WrongSetting(f"WIDGET_{name} must look like 600/minute.") from None
    return value
