"""Under a new secret of the server: what is sealed is sealed again, and what still hangs on the old one is told.

Nobody has to stop for it: what somebody else writes meanwhile is left as they wrote it.
"""

import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from peewee import Expression, Field, fn

from widget_server.rules.access import INVITED_FOR
from widget_server.rules.keys import Secrets, receipt, receipt_digest
from widget_server.storage import StorageUnusable, deliveries, empty_log, log, months, reports, seals, sources
from widget_server.storage.seals import CannotOpen, Kind
from widget_server.storage.tables import (
    Declaration,
    Invitation,
    Moderator,
    Month,
    RecoveryCode,
    Report,
    SourceKey,
    Webhook,
    database,
)
from widget_server.storage.tables.base import Table

AT_ONCE = 200
LOOKED_AT = 100
"""Reports that are enough to tell whose secret it is."""
KEY_BYTES = 32
SEALED = (
    (Kind.ADDRESS, Report.email),
    (Kind.RECEIPT, Report.receipt),
    (Kind.ADDRESS, Declaration.email),
    (Kind.SECOND_FACTOR, Moderator.totp_secret),
    (Kind.WEBHOOK, Webhook.url),
    (Kind.VIEWERS, Month.key),
    (Kind.SOURCES, SourceKey.key),
)
ANOTHER = (
    "The database was used with another WIDGET_SECRET_KEY: set that one, or name it in WIDGET_OLD_SECRET_KEYS. If it "
    "is lost, `widget-server keys rotate --lost` gives up what it alone opens."
)


@dataclass
class Rotated:
    """How many were sealed again, of each kind; of how many that is impossible, as their secret is not known."""

    again: dict[str, int] = field(default_factory=lambda: dict.fromkeys((kind for kind, _ in SEALED), 0))
    lost: dict[str, int] = field(default_factory=lambda: dict.fromkeys((kind for kind, _ in SEALED), 0))


@dataclass(frozen=True)
class Pending:
    """What ends with the old secret: invitations that were not accepted yet, people with recovery codes, and reporters
    who were asked to confirm their address and have not done so.
    """

    invitations: int
    people_with_codes: int
    unconfirmed: int


def check() -> None:
    """Raises StorageUnusable if the server's secrets are not those that this database was used with."""
    newest = Report.select(Report.id).order_by(Report.id.desc()).limit(LOOKED_AT)
    email = Report.select(Report.email).where(Report.id.in_(newest), Report.email != "").limit(1).scalar()
    webhook = Webhook.select(Webhook.url).limit(1).scalar()
    try:
        for kind, column in ((Kind.VIEWERS, Month.key), (Kind.SOURCES, SourceKey.key)):
            for (key,) in column.model.select(column).where(column.is_null(False)).tuples():
                seals.opened_key(kind, bytes(key))
        if email:
            seals.opened(Kind.ADDRESS, email)
        if webhook:
            seals.opened(Kind.WEBHOOK, webhook)
    except CannotOpen:
        raise StorageUnusable(ANOTHER) from None


def rotate(
    server_secrets: Secrets,
    *,
    give_up: bool = False,
    at: datetime,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Rotated:
    """Seal everything under the first of the secrets. `give_up`: forget what none of them opens.

    `progress` is told reports looked at and in all.
    """
    done = Rotated()
    for number, total in _keep_receipts(server_secrets):
        progress(number, total)
    for kind, column in SEALED:
        _seal_again(kind, column, done, give_up=give_up)
    if any(done.again.values()) or give_up:
        log.write("rotate secret", "server", moderator=None, at=at, again=sum(done.again.values()))
    months.forget()
    sources.forget()
    empty_log()
    return done


def pending(*, at: datetime) -> Pending:
    """What would end if the old secret was dropped now."""
    unconfirmed = Report.select().where(Report.email != "", Report.confirmed_at.is_null())
    return Pending(
        invitations=Invitation.select().where(Invitation.created_at > at - INVITED_FOR).count(),
        people_with_codes=RecoveryCode.select(fn.COUNT(RecoveryCode.moderator.distinct())).scalar(),
        unconfirmed=unconfirmed.count(),
    )


def opened() -> tuple[int, Counter[Kind]]:
    """How many seals there are in all, and of each kind those that none of the secrets opens."""
    lost: Counter[Kind] = Counter()
    number = 0
    for kind, column in SEALED:
        for (sealed,) in column.model.select(column).where(_filled(kind, column)).tuples().iterator():
            number += 1
            lost[kind] += seals.shown(kind, _text(sealed)) == seals.UNOPENED
    return number, +lost


def _text(sealed: str | bytes) -> str:
    return sealed if isinstance(sealed, str) else bytes(sealed).decode(errors="replace")


def _keep_receipts(server_secrets: Secrets) -> Iterator[tuple[int, int]]:
    """The receipt of a report can be derived under the secret of its time alone: whoever gets mail needs it later."""
    wanted = (Report.email != "") & Report.receipt.is_null()
    last, done, total = 0, 0, Report.select().where(wanted).count()
    while rows := list(Report.select().where(wanted, Report.id > last).order_by(Report.id).limit(AT_ONCE)):
        with database.atomic():
            for row in rows:
                if receipt_digest(receipt(server_secrets[0], sender=row.sender)) != row.receipt_sha256:
                    _keep_receipt(row, server_secrets)
        last, done = rows[-1].id, done + len(rows)
        yield done, max(total, done)


def _keep_receipt(row: Report, server_secrets: Secrets) -> None:
    try:
        kept = seals.seal(Kind.RECEIPT, reports.receipt_of(row, server_secrets))
    except CannotOpen:
        return  # its page is still found by whoever has the receipt
    Report.update(receipt=kept).where(Report.id == row.id, Report.email == row.email).execute()


def _seal_again(kind: Kind, column: Field, done: Rotated, *, give_up: bool) -> None:
    table = column.model
    keys = table._meta.get_primary_keys()  # noqa: SLF001
    numbers = list(table.select(*keys).where(_filled(kind, column)).order_by(*keys).tuples())
    for start in range(0, len(numbers), AT_ONCE):
        with database.atomic():
            for number in numbers[start : start + AT_ONCE]:
                _one_again(kind, column, table, dict(zip(keys, number, strict=True)), done, give_up=give_up)


def _filled(kind: Kind, column: Field) -> Expression:
    return column.is_null(False) if column.null or kind in (Kind.VIEWERS, Kind.SOURCES) else column != ""


def _one_again(
    kind: Kind, column: Field, table: type[Table], number: dict[Field, Any], done: Rotated, *, give_up: bool
) -> None:
    this = [key == value for key, value in number.items()]
    sealed = table.select(column).where(*this).scalar()
    if not sealed:
        return
    text = _text(sealed)
    if seals.is_newest(kind, text):
        return
    try:
        new = seals.seal(kind, seals.opened(kind, text))
    except CannotOpen:
        done.lost[kind] += 1
        if give_up:
            _give_up(kind, column, table, number)
        return
    stored = new if isinstance(sealed, str) else new.encode()
    done.again[kind] += table.update({column: stored}).where(*this, column == sealed).execute()


def _give_up(kind: Kind, column: Field, table: type[Table], number: dict[Field, Any]) -> None:
    """Addresses are forgotten with what is owed to them, keys made anew. A second factor stays: it keeps others out."""
    this = [key == value for key, value in number.items()]
    if kind in (Kind.VIEWERS, Kind.SOURCES):
        table.update({column: seals.seal_key(kind, secrets.token_bytes(KEY_BYTES))}).where(*this).execute()
    elif kind is Kind.WEBHOOK:
        table.delete().where(*this).execute()
    elif kind is not Kind.SECOND_FACTOR:
        table.update({column: None if column.null else ""}).where(*this).execute()
        if column is Report.email:
            deliveries.forget(Report.get(*this))
