"""Addresses of people and webhooks, and the keys of running months and days, are sealed under the server's secret.

It must not follow storage/tables.
"""

import hashlib
import hmac
from collections.abc import Callable

from peewee import Database, SqliteDatabase

from widget_server.storage import seals
from widget_server.storage.seals import Kind

AT_ONCE = 500


def up(migrator: object, db: Database) -> None:
    db.execute_sql("ALTER TABLE report ADD COLUMN receipt TEXT")
    if not isinstance(db, SqliteDatabase):
        for table in ("report", "declaration"):
            db.execute_sql(f"ALTER TABLE {table} ALTER COLUMN email TYPE TEXT")
    seal(db, "report", "email", Kind.ADDRESS)
    seal(db, "declaration", "email", Kind.ADDRESS)
    seal(db, "webhook", "url", Kind.WEBHOOK)
    seal_keys(db, "month", "site, month", lambda half: seals.seal_key(Kind.VIEWERS, whole(b"month key", half)))
    seal_keys(db, "source_key", "site, day", lambda half: seals.seal_key(Kind.SOURCES, whole(b"day key", half)))


def seal(db: Database, table: str, column: str, kind: Kind) -> None:
    last, sign = 0, db.param
    query = f"SELECT id, {column} FROM {table} WHERE id > {sign} AND {column} <> '' ORDER BY id LIMIT {AT_ONCE}"  # noqa: S608
    while rows := db.execute_sql(query, (last,)).fetchall():
        for number, plain in rows:
            sealed = seals.seal(kind, plain)
            db.execute_sql(f"UPDATE {table} SET {column} = {sign} WHERE id = {sign}", (sealed, number))  # noqa: S608
        last = rows[-1][0]


def seal_keys(db: Database, table: str, columns: str, sealed: Callable[[bytes], bytes]) -> None:
    sign = db.param
    where = " AND ".join(f"{column} = {sign}" for column in columns.split(", "))
    rows = db.execute_sql(f"SELECT {columns}, key FROM {table} WHERE key IS NOT NULL").fetchall()  # noqa: S608
    for *found, half in rows:
        db.execute_sql(f"UPDATE {table} SET key = {sign} WHERE {where}", (sealed(bytes(half)), *found))  # noqa: S608


def whole(name: bytes, half: bytes) -> bytes:
    """A key as it was made so far: of the server's secret and the half that was stored.

    Who upgrades and changes the secret at once gives both: the oldest, the last that is named, has made it.
    """
    return hmac.digest(seals.oldest().encode(), name + half, hashlib.sha256)
