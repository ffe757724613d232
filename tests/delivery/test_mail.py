"""Mail goes to its server under TLS, or not at all."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from dataclasses import replace as changed

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.conftest import Desk
from tests.servers import START_SECONDS, free_port
from widget_server.delivery.mail import is_near
from widget_server.settings import Settings


@dataclass
class Struck:
    """A mail server whose offer of TLS somebody on the way has struck out, and all that it got in clear."""

    port: int = field(default_factory=free_port)
    got: list[bytes] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.got.append(envelope.content)
        return "250 OK"

    def authenticate(self, *asked: object) -> AuthResult:
        assert isinstance(asked[-1], LoginPassword)
        self.got.append(asked[-1].password)
        return AuthResult(success=True)


@pytest.fixture
def struck() -> Iterator[Struck]:
    handler = Struck()
    controller = Controller(
        handler,
        hostname="127.0.0.1",
        port=handler.port,
        ready_timeout=START_SECONDS,
        authenticator=handler.authenticate,
        auth_require_tls=False,
    )
    controller.start()
    yield handler
    controller.stop()


@pytest.fixture
def settings(settings: Settings, struck: Struck, request: pytest.FixtureRequest) -> Settings:
    return changed(settings, mail_url=request.param.format(port=struck.port))


def invites(desk: Desk) -> str:
    form = {"email": "new@news.example", "role": "auditor"}
    return desk.post("/admin/people/invitations", "/admin/people", **form).text


@pytest.mark.parametrize("settings", ["smtp://desk:hunter2@127.0.0.1:{port}?from=a@b.example"], indirect=True)
def test_where_tls_is_struck_out_nothing_goes_out_in_clear(
    desk: Desk, struck: Struck, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert "offers no TLS (STARTTLS)" in invites(desk)
    assert struck.got == []
    assert "no mail goes out: the mail server offers no TLS" in caplog.text


@pytest.mark.parametrize("settings", ["smtp://desk:hunter2@127.0.0.1:{port}?from=a@b.example&tls=no"], indirect=True)
def test_the_operator_may_allow_it(desk: Desk, struck: Struck) -> None:
    assert "STARTTLS" not in invites(desk)
    assert (struck.got[0], b"/admin/invitation/" in struck.got[1]) == (b"hunter2", True)


@pytest.mark.parametrize("settings", ["smtp://127.0.0.1:{port}?from=a@b.example"], indirect=True)
def test_a_server_on_this_machine_that_asks_for_no_password_needs_none(desk: Desk, struck: Struck) -> None:
    assert "STARTTLS" not in invites(desk)
    assert len(struck.got) == 1


@pytest.mark.parametrize(
    ("address", "near"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("10.1.2.3", True),
        ("fd00::25", True),
        ("8.8.8.8", False),
        ("2606:4700::1111", False),
        ("100.64.0.1", False),
    ],
)
def test_only_what_is_near_does_without(address: str, near: bool) -> None:
    assert is_near(address) is near
