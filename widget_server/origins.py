"""Addresses as people type them, read strictly: an origin, and the hosts of a server."""

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

import unicodedata2 as unicodedata

from widget_server.refusal import WrongSetting

ANYWHERE = "null"
ANYWHERE_MEANS = (
    "“null” is what sandboxed frames send, on every website: with it, anybody’s page can count views and send reports "
    "for this site."
)
DEFAULT_PORTS = {"http": 80, "https": 443}
_DOTTED = re.compile(r"\A(https?://[^/?#]*[^/?#.])\.(?=[:/?#]|\Z)")


def split_url(value: str, *, otherwise: str) -> SplitResult:
    """The parts of an address whose host and port can be read. Raises WrongSetting with the text `otherwise`.

    Python's own message is not told: it may quote a piece of a password.
    """
    try:
        parts = urlsplit(value)
        _ = parts.hostname, parts.port
    except ValueError:
        raise WrongSetting(otherwise) from None
    return parts


def origin(value: str, *, otherwise: str) -> str:
    """Scheme, host and port as browsers send them in `Origin`. Raises WrongSetting with the text `otherwise`."""
    parts = split_url(value, otherwise=otherwise)
    host = _as_browsers_write(parts.hostname or "")
    more = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in DEFAULT_PORTS or host is None or more or not value.isprintable():
        raise WrongSetting(otherwise)
    port = "" if parts.port in (None, DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def undotted(address: str) -> str:
    """An address or origin without the dot that a link may put behind the host: DNS knows both as one name."""
    return _DOTTED.sub(r"\1", address)


def several(value: str, *, otherwise: str) -> SplitResult:
    """The parts of an address that may name several hosts, separated by commas. Raises WrongSetting."""
    try:
        parts = urlsplit(value)
    except ValueError:
        raise WrongSetting(otherwise) from None
    for host in parts.netloc.rpartition("@")[2].split(","):
        if not split_url(f"//{host}", otherwise=otherwise).hostname:
            raise WrongSetting(otherwise)
    return parts


def _as_browsers_write(host: str) -> str | None:
    """A host in ASCII; None if it is none. Python's own codec would make another name of straße.example."""
    if ":" in host:
        return _ip(ipaddress.IPv6Address, host, "[{}]")
    labels = unicodedata.normalize("NFKC", host).lower().replace("。", ".").split(".")
    written = [
        label if label.isascii() or not label.isprintable() else "xn--" + label.encode("punycode").decode()
        for label in labels
    ]
    ascii_host = ".".join(written)
    if not re.fullmatch(r"([a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}\.?", ascii_host):
        return None
    if ascii_host.rstrip(".").rpartition(".")[2].isdigit():
        return _ip(ipaddress.IPv4Address, ascii_host, "{}")
    return ascii_host.removesuffix(".")


def _ip(kind: type[ipaddress.IPv4Address | ipaddress.IPv6Address], host: str, form: str) -> str | None:
    try:
        return None if "%" in host else form.format(kind(host))
    except ValueError:
        return None
