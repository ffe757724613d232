"""A real SMTP server on this machine that works, fails and comes back."""

from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers import START_SECONDS, free_port


class Inbox:
    """What an SMTP server took, and whether it takes anything now."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.refusing = False
        self.farewell = "221 Bye"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.refusing:
            return "451 try again later"
        self.messages.append(message_from_bytes(envelope.content))
        return "250 OK"

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return self.farewell


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    handler = Inbox()
    port = free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port, ready_timeout=START_SECONDS)
    controller.start()
    handler.url = f"smtp://127.0.0.1:{port}?from=desk@news.example"
    yield handler
    controller.stop()


def text(message: Message) -> str:
    return message.get_payload(decode=True).decode()
