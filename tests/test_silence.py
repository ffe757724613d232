"""What the operator's log never holds, however talkative: addresses, secrets, and anything that somebody typed."""

import http.client
import json
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest

from e2e.processes import Program, clean_environment, run
from tests.receivers import receiving, saying
from tests.servers import free_port

ORIGIN = "https://news.example"
TALKATIVE = """
import logging
from widget_server.storage import reports

logging.basicConfig(level=logging.DEBUG)


def crash(report):
    raise ValueError(f"{report.comment} on {report.page} by {report.sender}")


reports.status = crash
if __name__ == "__main__":
    from widget_server.cli import main
    main()
"""
"""The server with everything said that any part of it can say, and with a fault that quotes what was typed."""
TYPED = {
    "text": "The unmistakable-text of a machine.",
    "comment": "unmistakable-comment",
    "email": "unmistakable-reader@mail.example",
    "page": f"{ORIGIN}/unmistakable-page?of=unmistakable-query",
    "quote": {"exact": "unmistakable-text"},
}
ADDRESS = "198.51.100.77"
BROWSER = "Mozilla/5.0 (unmistakable-browser) Firefox/150.0"
PERSON, PASSWORD = "unmistakable-person@desk.example", "unmistakable-password"


@dataclass
class House:
    port: int
    folder: Path
    environment: dict[str, str]
    program: Program
    site: str
    secret: str

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> http.client.HTTPResponse:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        told = {"User-Agent": BROWSER, "X-Forwarded-For": ADDRESS, "Origin": ORIGIN}
        line.request(method, path, body, {**told, **{name.replace("_", "-"): value for name, value in headers.items()}})
        answer = line.getresponse()
        answer.text = answer.read().decode()  # type: ignore[attr-defined]
        return answer

    def send(self, path: str, **body: object) -> http.client.HTTPResponse:
        return self.ask("POST", path, json.dumps({"site": self.site, **body}).encode(), Content_Type="application/json")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    script = tmp_path / "talkative.py"
    script.write_text(TALKATIVE)
    port = free_port()
    refuse = saying("500 unmistakable-answer")
    with receiving(refuse) as hook, receiving(_no_such_reader, silent=True) as post:
        environment = {
            "WIDGET_TRUSTED_PROXIES": "127.0.0.1",
            "WIDGET_WEBHOOK_URL": f"{hook.url}unmistakable-path",
            "WIDGET_PRIVATE_TARGETS": "127.0.0.0/8",
            "WIDGET_MAIL_URL": f"smtp://127.0.0.1:{post.port}?from=desk@news.example",
        }
        program = Program(
            sys.executable, str(script), "run", "--port", str(port), folder=tmp_path, environment=environment,
            alive=[f"http://127.0.0.1:{port}/readyz"],
        )  # fmt: skip
        added = run("site", "add", "News", "--origin", ORIGIN, "--json", folder=tmp_path, environment=environment)
        site = json.loads(added)
        program.start()
        yield House(port, tmp_path, environment, program, site["site"], site["secret_key"])
        program.stop()


def _no_such_reader(line: object, _asked: bytes) -> None:
    """An SMTP server that tells the address back when it refuses it."""
    speak = line.sendall  # type: ignore[attr-defined]
    heard = line.makefile("rb")  # type: ignore[attr-defined]
    speak(b"220 here\r\n")
    for said in heard:
        refused = said.upper().startswith(b"RCPT")
        speak(b"550 5.1.1 " + said.strip() + b" unmistakable-reader\r\n" if refused else b"250 fine\r\n")
        if said.upper().startswith(b"QUIT"):
            return


def test_nothing_that_was_typed_no_address_and_no_secret_is_in_the_log(house: House) -> None:
    view = {"text_sha256": "a" * 64, "disclosed": False, "hidden_by": "size"}
    report = {"id": str(uuid.uuid4()), "category": "misinformation", **TYPED}
    assert house.send("/api/v1/views", views=[view], viewer="unmistakable-viewer", page=TYPED["page"]).status == 200
    assert house.send("/api/v1/views", views=["unmistakable-nonsense"]).status == 422
    kept = house.send("/api/v1/reports", **report)
    assert kept.status == 201, kept.text  # type: ignore[attr-defined]
    receipt = json.loads(kept.text)["receipt"]  # type: ignore[attr-defined]
    assert house.send("/api/v1/reports", **{**report, "email": "unmistakable nonsense"}).status == 422
    assert house.ask("GET", f"/api/v1/reports/{receipt}").status == 500
    assert house.ask("GET", f"/r/{receipt}").status == 500
    for secret in (house.secret, "wsk_unmistakable-secret"):
        house.ask("GET", "/api/v1/usage?month=unmistakable-month", Authorization=f"Bearer {secret}")
    form = house.ask("GET", "/admin/login")
    cookie = form.headers["Set-Cookie"].partition(";")[0]
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form.text)  # type: ignore[attr-defined]
    assert token
    for csrf, status in ((token[1], 403), ("unmistakable-token", 400), *[(token[1], 403)] * 9, (token[1], 429)):
        typed = urlencode({"csrf_token": csrf, "email": PERSON, "password": PASSWORD}).encode()
        kind = "application/x-www-form-urlencoded"
        answer = house.ask("POST", "/admin/login", typed, Content_Type=kind, Cookie=cookie)
        assert answer.status == status, answer.text  # type: ignore[attr-defined]
    purged = subprocess.run(
        [*house.program.command[:2], "purge"], cwd=house.folder, env={**clean_environment(), **house.environment},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    house.program.stop()
    log = house.program.log.read_text() + purged.stdout + purged.stderr
    for told in ("sign-in refused", "unexpected error at", "form without a valid token", "ValueError", "mails_sent"):
        assert told in log
    key = (house.folder / "widget-server.key").read_text().strip()
    for secret in (receipt, ADDRESS, house.secret, key, token[1], cookie.partition("=")[2]):
        assert secret not in log, secret
    assert "unmistakable" not in log, [line for line in log.splitlines() if "unmistakable" in line]
