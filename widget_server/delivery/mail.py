"""Mail through the operator's SMTP server."""

import re
import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import parse_qs, unquote, urlsplit

from widget_server.rules.letters import masked

SECONDS = 10


def sender(url: str, *, seconds: float = SECONDS) -> Callable[[tuple[str, str, str]], str | None]:
    """A function that sends (address, subject, body) and gives None, or in one line, without the address, what failed.

    `url`: smtp://USER:PASSWORD@HOST:PORT?from=ADDRESS, or smtps:// for TLS from the first byte; with smtp:// TLS is
    used when the server offers it.
    """
    parts = urlsplit(url)
    host = parts.hostname or "localhost"
    user = unquote(parts.username or "")
    origin = parse_qs(parts.query).get("from", [user if "@" in user else f"widget-server@{host}"])[0]

    def send(mail: tuple[str, str, str]) -> str | None:
        address, subject, body = mail
        message = EmailMessage(policy=SMTP)
        try:
            message["From"], message["Subject"] = origin, subject
            _address(message, address)
            if any(not str(value).isprintable() for value in message.values()):
                raise ValueError("No header may hold a line end, not even in an encoded word.")
            message["Auto-Submitted"] = "auto-generated"
            message.set_content(body)
            with _connected(parts.scheme, host, parts.port, seconds) as server:
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


def _connected(scheme: str, host: str, port: int | None, seconds: float) -> smtplib.SMTP:
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port or 465, timeout=seconds, context=ssl.create_default_context())
    server = smtplib.SMTP(host, port or 587, timeout=seconds)
    server.ehlo()
    if server.has_extn("starttls"):
        server.starttls(context=ssl.create_default_context())
        server.ehlo()
    return server
