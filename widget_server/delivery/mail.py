"""Mail through the operator's SMTP server."""

import ipaddress
import logging
import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from widget_server.delivery.time_limit import TimeLimit
from widget_server.rules.letters import masked

SECONDS = 10
"""For one answer of the mail server."""
LONGEST = 25
"""Seconds for a whole mail. What is claimed for a minute (rules/retries.py) may be begun half a minute later
(serving.py): when another node may have it, this one has long given it up.
"""
NO_TLS = "the mail server offers no TLS (STARTTLS). Use smtps://, or allow it with tls=no in WIDGET_MAIL_URL"
log = logging.getLogger("widget_server")


def sender(
    url: str, *, seconds: float = SECONDS, longest: float = LONGEST
) -> Callable[[tuple[str, str, str]], str | None]:
    """A function that sends (address, subject, body) and gives None, or in one line, without the address, what failed.

    `url`: smtp://USER:PASSWORD@HOST:PORT?from=ADDRESS, or smtps:// for TLS from the first byte; with smtp:// TLS is
    begun (STARTTLS). A server that offers none gets mail only on this machine or in a private network, without a user;
    any server with &tls=no, or ?tls=no.
    """
    parts = urlsplit(url)
    host = parts.hostname or "localhost"
    user = unquote(parts.username or "")
    asked = parse_qs(parts.query)
    origin = asked.get("from", [user if "@" in user else f"widget-server@{host}"])[0]
    plain = asked.get("tls") == ["no"]

    def send(mail: tuple[str, str, str]) -> str | None:
        address, subject, body = mail
        message, limit = EmailMessage(policy=SMTP), TimeLimit(longest)
        try:
            message["From"], message["Subject"] = origin, subject
            _address(message, address)
            if any(not str(value).isprintable() for value in message.values()):
                raise ValueError("No header may hold a line end, not even in an encoded word.")
            message["Auto-Submitted"] = "auto-generated"
            message.set_content(body)
            with _connected(parts.scheme, host, parts.port, seconds, limit) as server:
                if not (plain or _is_safe(server, user)):
                    log.warning("no mail goes out: %s", NO_TLS)
                    raise smtplib.SMTPNotSupportedError(NO_TLS)
                if user:
                    server.login(user, unquote(parts.password or ""))
                server.send_message(message)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            told = f"{type(error).__name__}: {error}".splitlines()[0]
            return re.sub(re.escape(address), masked(address), told, flags=re.IGNORECASE)[:200]
        return None

    return send


def _address(message: EmailMessage, address: str) -> None:
    """Raises ValueError for what is no address, or several."""
    try:
        message["To"] = address
    except Exception as error:  # noqa: BLE001 (of “a@[” Python's own reading of addresses raises AttributeError)
        raise ValueError(f"No mail goes to this address ({type(error).__name__}).") from None
    if len(message["To"].addresses) != 1:
        raise ValueError("No mail goes to several addresses at once.")


def _is_safe(server: smtplib.SMTP, user: str) -> bool:
    """Whether nobody on the way reads along: neither mails, in which links are, nor the password."""
    sock = server.sock
    return isinstance(sock, ssl.SSLSocket) or (sock is not None and not user and is_near(sock.getpeername()[0]))


def is_near(address: str) -> bool:
    """Whether this is the address of this machine, or one of a private network."""
    found = ipaddress.ip_address(address)
    return found.is_loopback or found.is_private


class _Over(smtplib.SMTP):
    """SMTP on a connection that there is already."""

    def __init__(self, line: socket.socket, host: str, *, seconds: float) -> None:
        self._line = line
        super().__init__(host, timeout=seconds)

    def __exit__(self, *raised: Any) -> None:
        """What a server has taken is sent, and what it has refused is refused, whatever it says to QUIT."""
        with suppress(smtplib.SMTPResponseException):
            super().__exit__(*raised)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._line


@contextmanager
def _connected(scheme: str, host: str, port: int | None, seconds: float, limit: TimeLimit) -> Iterator[smtplib.SMTP]:
    """A greeting is within the limit, too: it may have any number of lines."""
    context, secure = ssl.create_default_context(), scheme == "smtps"
    with socket.create_connection((host, port or (465 if secure else 587)), timeout=seconds) as plain, limit.on(plain):
        line = context.wrap_socket(plain, server_hostname=host) if secure else plain
        with line, _Over(line, host, seconds=seconds) as server:
            server.ehlo()
            if not secure and server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
            yield server
