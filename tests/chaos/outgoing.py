"""What leaves the server: mail, webhooks, exported and printed files; and what the operator types."""

import csv
import io
import json
import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any

import pypdfium2
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from click.testing import CliRunner

from tests.chaos.corpora import encodable, sample, texts
from tests.chaos.inside import Inside
from tests.chaos.tally import Tally
from tests.conftest import SECRET
from tests.servers import free_port
from widget_server.cli import main
from widget_server.delivery import mail, webhooks
from widget_server.rules import events, letters
from widget_server.rules.events import Event
from widget_server.rules.letters import About
from widget_server.rules.webhooks import Kind
from widget_server.storage import deliveries, outbox, reports
from widget_server.storage.tables import Case, Ruling
from widget_server.storage.webhook_deliveries import Letter

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
OUGHT = {"from", "to", "subject", "auto-submitted", "content-type", "content-transfer-encoding", "mime-version"}
OUGHT |= {"x-peer", "x-mailfrom", "x-rcptto"}
FORMULA = ("=", "+", "-", "@", "\t", "\r")
LINKED = re.compile(r"<(?!https://widget\.example/admin/[^|<>]*\|[^<>|]*>)")
"""In Slack's way of writing, a link or a call to everybody that is not ours."""


class Inbox:
    """Takes every mail, and tells to whom each went."""

    def __init__(self) -> None:
        self.taken: list[tuple[list[str], bytes]] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.taken.append((list(envelope.rcpt_tos), envelope.content))
        return "250 OK"


def mails(server: Inside, tally: Tally, number: int) -> None:
    """A string as subject and in the body: it becomes no header, no recipient, no part; or the mail is not sent."""
    inbox, port = Inbox(), free_port()
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        send = mail.sender(f"smtp://127.0.0.1:{port}?from=desk@news.example")
        for text in sample(number):
            for door, letter in (
                ("mail: subject", ("reader@example.org", text, "x")),
                ("mail: body", ("reader@example.org", "x", text)),
                ("mail: decision", ("reader@example.org", *_decision(text))),
                ("mail: address", (text, "x", "x")),
            ):
                inbox.taken.clear()
                failure = send(letter)
                tally.check(door, _proper(inbox, failure, letter, anybody=door == "mail: address"), "unsound", text)
        _decided(server, tally, inbox, send, min(number, 60))
    finally:
        controller.stop()


def _decision(text: str) -> tuple[str, str]:
    outcome = {"lang": "en", "address": "https://widget.example/r/A", "confirm": "", "outcome": "withdrawn"}
    return letters.letter(About.DECISION, message=text, **outcome)


def _proper(inbox: Inbox, failure: str | None, letter: tuple[str, str, str], *, anybody: bool) -> bool:
    if failure is not None:
        return not inbox.taken and "\n" not in failure
    (recipients, content), *more = inbox.taken
    message = message_from_bytes(content, policy=policy.default)
    named = {name.lower() for name in message}
    return (
        not more
        and named <= OUGHT
        and not message.is_multipart()
        and message.get_content_type() == "text/plain"
        and len(recipients) == 1
        and (anybody or recipients == [letter[0]])
    )


def _decided(server: Inside, tally: Tally, inbox: Inbox, send: Any, number: int) -> None:
    """Through the product: a moderator's words reach a reporter as words, and the desk's exports hold no formula."""
    for at, text in enumerate(sample(number), 1):
        decided(server, f"text {at}: {at * 7919}", encodable(text), email="reader@example.org")
    inbox.taken.clear()
    for _ in range(1 + 2 * number // outbox.AT_ONCE):
        deliveries.send(
            send, lambda one: f"https://widget.example/r/{reports.receipt_of(one, SECRET)}", at=server.clock()
        )
        server.clock.move(hours=1)
    for recipients, content in inbox.taken:
        headers = {name.lower() for name in message_from_bytes(content)}
        tally.check(
            "mail: to reporters", recipients == ["reader@example.org"] and headers <= OUGHT, "unsound", content[:200]
        )


def hooks(server: Inside, tally: Tally, number: int) -> None:
    """A string in every word of an event: JSON stays JSON, no header breaks, Slack sees no link of theirs."""
    for text in sample(number) if number < len(texts()) else texts():
        case = events.about_case(
            number=1, text_sha256="0" * 64, state="open", category="hate", urgent=False, model=text, provider=text
        )
        case |= {"decision": text}
        for kind in (Kind.STANDARD, Kind.SLACK):
            letter = Letter(
                "https://hook.example", kind, ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",), "msg_1",
                Event.CASE_DECIDED, case, NOW, NOW, "key", text,
            )  # fmt: skip
            body, headers = webhooks._written(letter, "https://widget.example")
            told = json.loads(body)
            good = not any("\n" in value or "\r" in value for value in headers.values())
            if kind is Kind.SLACK:
                good &= list(told) == ["text"] and not LINKED.search(told["text"])
            else:
                good &= set(told) == {"type", "timestamp", "data"} and told["data"]["model"] == text
            tally.check(f"webhooks: {kind}", good, "injected", text)


def exports(server: Inside, tally: Tally, number: int) -> None:
    """Every exported file after hostile reports and decisions: no cell is a formula, no line is two."""
    desk = server.desk
    for at, text in enumerate(sample(number), 1):
        decided(server, f"{encodable(text)[:3000]} {at}", encodable(text))
    for path in ("decisions", "figures"):
        address = f"/admin/{path}.csv" if path == "figures" else f"/admin/exports/{path}.csv"
        rows = csv.reader(io.StringIO(desk.get(address).text))
        for row in list(rows)[1:]:
            for cell in row:
                tally.check("CSV cells", not cell.startswith(FORMULA) or _number(cell), "formula", cell)
    for file in ("decisions", "cases", "reports", "evaluation"):
        for line in desk.get(f"/admin/exports/{file}.jsonl").get_data().split(b"\n"):
            if line:
                tally.check("JSONL lines", isinstance(json.loads(line), dict), "no JSON", line[:100])


def decided(server: Inside, text: str, said: str, **more: str) -> str | None:
    """A report whose comment, and whose decision's message, is `said`: its receipt, if it was taken."""
    answer = server.news.report(text, **{"comment": said.replace("\x00", "")[:2000], **more})
    if answer.status_code != 201:
        return None
    case = Case.select().order_by(Case.id.desc()).get()
    server.desk.decide(case.id, "withdraw", message=said[:900])
    server.desk.decide(case.id, "withdraw", message="Thank you.")  # where the words were refused
    return answer.json["receipt"]


def _number(cell: str) -> bool:
    return re.fullmatch(r"[-+]?\d+(\.\d+)?", cell) is not None


def printed(server: Inside, tally: Tally, number: int) -> None:
    """The compliance report as PDF and as page, with a string where a person signs; statements of reasons; receipts."""
    news, desk = server.news, server.desk
    page = f"/admin/sites/{news.key}/purpose"
    for at, text in enumerate(sample(number), 1):
        typed = encodable(text)
        signed = {
            "signed_by": typed[:100],
            "role": typed[:100],
            "words": typed[:400],
            "reason-translation": typed[:200],
        }
        signed |= {"purposes": "translation", "not_prohibited": "1", "declared": "1", "email": "ada@news.example"}
        answer = desk.post(page, page, **signed, version=str(tally.accepted["signed purposes"]))
        tally.take("signed purposes", text, answer)
        tally.accepted["signed purposes"] += answer.status_code == 303
        if receipt := decided(server, f"{typed[:3000]} {at}", typed):
            ruling = Ruling.select().order_by(Ruling.id.desc()).get()
            statement = desk.get(f"/admin/reports/{ruling.case_id}/statement/{ruling.id}")
            tally.take("statements of reasons", text, statement)
            tally.take("receipts after a decision", text, news.client.get(f"/r/{receipt}"))
        if at % 8 == 0:
            tally.take("compliance page", text, desk.get(f"/admin/compliance/{news.key}.html"))
            answer = desk.get(f"/admin/compliance/{news.key}.pdf")
            tally.take("compliance PDF", text, answer)
            if answer.status_code == 200 and not len(pypdfium2.PdfDocument(answer.data)):
                tally.blame("compliance PDF", "cannot be read", repr(text))


def typed_names(server: Inside, tally: Tally, number: int) -> None:
    """What an operator types at the command line ends in a result or in one clear line, never in a traceback."""
    environment = {"WIDGET_DATABASE_URL": server.app.extensions["widget_server"].settings.database_url}
    environment |= {"WIDGET_SECRET_KEY": SECRET, "WIDGET_PUBLIC_URL": "https://widget.example"}
    for text in sample(number):
        typed = encodable(text).replace("\x00", "")[:4000]
        for words in (
            ("site", "add", typed, "--origin", "https://x.example"),
            ("site", "add", "X", "--origin", typed),
            ("site", "rotate", typed),
            ("moderator", "add", typed, "--password-stdin"),
            ("moderator", "add", "x@news.example", "--site", typed, "--password-stdin"),
            ("moderator", "password", typed, "--password-stdin"),
        ):
            done = CliRunner().invoke(main, [word if word else "-" for word in words], input="a b c\n", env=environment)
            good = done.exception is None or isinstance(done.exception, SystemExit)
            tally.check(f"command: {' '.join(words[:2])}", good, "traceback", f"{words} {done.exception!r}")
