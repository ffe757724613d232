"""Roles, invitations, sessions, second factors, and the log as a chain. It must not follow storage/tables."""

import hashlib
import json

from peewee import (
    BigIntegerField,
    BooleanField,
    CharField,
    CompositeKey,
    Database,
    ForeignKeyField,
    Model,
    SqliteDatabase,
    TextField,
)

COLUMNS = {
    "log_entry": ["site INTEGER", "previous VARCHAR(64) NOT NULL DEFAULT ''", "digest VARCHAR(64) NOT NULL DEFAULT ''"],
    "moderator": [
        "signed_in_at BIGINT",
        "removed_at BIGINT",
        "totp_secret TEXT",
        "totp_step BIGINT",
        "oidc_subject VARCHAR(1024)",
    ],
    "sign_in": [
        "confirmed_at BIGINT NOT NULL DEFAULT 0",
        "browser VARCHAR(80) NOT NULL DEFAULT 'An unknown browser'",
        "network VARCHAR(64) NOT NULL DEFAULT ''",
        "stage VARCHAR(16) NOT NULL DEFAULT 'whole'",
    ],
}
INDEXES = {"log_entry_site": "log_entry (site)"}
SIGNED_IN = (
    "UPDATE moderator SET signed_in_at = (SELECT max(at) FROM log_entry "
    "WHERE log_entry.moderator_id = moderator.id AND verb = 'sign in')"
)
OWNERS = "INSERT INTO membership (moderator_id, site_id, role) SELECT id, NULL, 'owner' FROM moderator"
SITES_OF_ENTRIES = {
    "case": 'SELECT site_id FROM "case" WHERE "case".id = CAST(substr(subject, 6) AS INTEGER)',
    "site": "SELECT id FROM site WHERE key = substr(subject, 6)",
    "publication": "SELECT site_id FROM publication WHERE publication.id = substr(subject, 13)",
}
"""Where the site stands that an entry of the log is about."""
BEGINNING = "0" * 64
AT_ONCE = 1000
LOCK = 7_236_401_156
STAYS_SQLITE = tuple(
    f"CREATE TRIGGER log_entry_{change.lower()} BEFORE {change} ON log_entry "
    "BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
    for change in ("UPDATE", "DELETE")
)
STAYS_POSTGRESQL = (
    """
    CREATE FUNCTION log_entry_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'the log is append-only';
    END $$
    """,
    """
    CREATE TRIGGER log_entry_stays BEFORE UPDATE OR DELETE ON log_entry
        FOR EACH ROW EXECUTE FUNCTION log_entry_stays()
    """,
    # Whoever asks for the newest entry is alone with it until the end of the transaction: each statement of such a
    # function sees what was committed when it begins, so the entry is read after the lock was got.
    f"""
    CREATE FUNCTION log_newest(OUT id INTEGER, OUT digest VARCHAR) LANGUAGE plpgsql VOLATILE AS $$ BEGIN
        PERFORM pg_advisory_xact_lock({LOCK});
        SELECT e.id, e.digest INTO id, digest FROM log_entry AS e ORDER BY e.id DESC LIMIT 1;
        IF NOT FOUND THEN id := 0; digest := '{BEGINNING}'; END IF;
    END $$
    """,  # noqa: S608
)


def up(migrator: object, db: Database) -> None:
    class Site(Model):
        class Meta:
            database = db
            table_name = "site"

    class Moderator(Model):
        class Meta:
            database = db
            table_name = "moderator"

    class Membership(Model):
        moderator = ForeignKeyField(Moderator, on_delete="CASCADE", index=False)
        site = ForeignKeyField(Site, null=True, on_delete="CASCADE", index=False)
        role = CharField(max_length=16)

        class Meta:
            database = db
            table_name = "membership"
            indexes = ((("moderator", "site"), True),)

    class Invitation(Model):
        email = CharField(unique=True, max_length=254)
        token_sha256 = CharField(unique=True, max_length=64)
        roles = TextField()
        invited_by = ForeignKeyField(Moderator, on_delete="CASCADE", index=False)
        created_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "invitation"

    class RecoveryCode(Model):
        moderator = ForeignKeyField(Moderator, on_delete="CASCADE", index=False)
        code = CharField(max_length=64)

        class Meta:
            database = db
            table_name = "recovery_code"
            primary_key = CompositeKey("moderator", "code")

    class HouseRule(Model):
        name = CharField(primary_key=True, max_length=32)
        holds = BooleanField()

        class Meta:
            database = db
            table_name = "house_rule"

    db.create_tables([Membership, Invitation, RecoveryCode, HouseRule])
    db.execute_sql("CREATE UNIQUE INDEX membership_everywhere ON membership (moderator_id) WHERE site_id IS NULL")
    db.execute_sql(OWNERS)
    for table, columns in COLUMNS.items():
        for column in columns:
            db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN {column}')
    for name, columns in INDEXES.items():
        db.execute_sql(f"CREATE INDEX {name} ON {columns}")
    db.execute_sql("CREATE UNIQUE INDEX moderator_oidc_subject ON moderator (oidc_subject)")
    db.execute_sql(SIGNED_IN)
    for kind, found in SITES_OF_ENTRIES.items():
        start = f"substr(subject, 1, {len(kind) + 1}) = '{kind} '"
        db.execute_sql(f"UPDATE log_entry SET site = ({found}) WHERE {start}")  # noqa: S608
    chain(db)
    db.execute_sql("CREATE UNIQUE INDEX log_entry_previous ON log_entry (previous)")
    for statement in STAYS_SQLITE if isinstance(db, SqliteDatabase) else STAYS_POSTGRESQL:
        db.execute_sql(statement)


def chain(db: Database) -> None:
    """Give every entry that is there its digest."""
    sign = "?" if isinstance(db, SqliteDatabase) else "%s"
    columns = "id, at, moderator_id, verb, subject, particulars, site"
    read = f"SELECT {columns} FROM log_entry WHERE id > {sign} ORDER BY id LIMIT {AT_ONCE}"  # noqa: S608
    write = f"UPDATE log_entry SET previous = {sign}, digest = {sign} WHERE id = {sign}"  # noqa: S608
    number, previous = 0, BEGINNING
    while rows := list(db.execute_sql(read, (number,))):
        for number, at, moderator, verb, subject, particulars, site in rows:
            parts = [previous, number, at, moderator, verb, subject, json.loads(particulars), site]
            text = json.dumps(parts, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
            digest = hashlib.sha256(text.encode()).hexdigest()
            db.execute_sql(write, (previous, digest, number))
            previous = digest
