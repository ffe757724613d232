"""Sources of reports, bursts, confirmed addresses, and whose decision is appealed. It must not follow storage/tables.

Where older reports came from is not known: each stands for a source of its own, which says nothing against any.
"""

from peewee import (
    AutoField,
    BigIntegerField,
    BlobField,
    CharField,
    CompositeKey,
    Database,
    ForeignKeyField,
    IntegerField,
    Model,
)

COLUMNS = {
    "case": [
        "appealed_from_id INTEGER REFERENCES moderator (id) ON DELETE SET NULL",
        "sources INTEGER NOT NULL DEFAULT 0",
        "sources_past INTEGER NOT NULL DEFAULT 0",
        "confirmed INTEGER NOT NULL DEFAULT 0",
        "unproved BOOLEAN NOT NULL DEFAULT FALSE",
    ],
    "report": [
        "source BIGINT",
        "burst_id INTEGER REFERENCES burst (id) ON DELETE SET NULL",
        "aside_at BIGINT",
        "confirmed_at BIGINT",
        "unproved BOOLEAN NOT NULL DEFAULT FALSE",
        "appeal_against_id INTEGER REFERENCES ruling (id) ON DELETE SET NULL",
    ],
    "delivery": ["about VARCHAR(16) NOT NULL DEFAULT 'receipt'"],
}
INDEXES = {
    "report_source_case_id": "report (source, case_id)",
    "report_case_id_received_at": "report (case_id, received_at)",
    "report_burst_id": "report (burst_id)",
}
LIVING = '(SELECT count(*) FROM report WHERE report.case_id = "case".id AND taken_back_at IS NULL)'
FINAL = "outcome IS NOT NULL AND undone_at IS NULL"
FILLED = (
    f'UPDATE "case" SET sources = {LIVING}, sources_past = {LIVING}',  # noqa: S608
    f"""UPDATE report SET appeal_against_id = (SELECT max(id) FROM ruling WHERE ruling.case_id = report.case_id
    AND {FINAL} AND decided_at <= report.appealed_at) WHERE appealed_at IS NOT NULL""",  # noqa: S608
    f"""UPDATE "case" SET appealed_from_id = (SELECT moderator_id FROM ruling WHERE ruling.case_id = "case".id
    AND {FINAL} ORDER BY id DESC LIMIT 1) WHERE state = 'appealed'""",  # noqa: S608
    "UPDATE delivery SET about = 'decision' WHERE ruling_id IS NOT NULL",
)


def up(migrator: object, db: Database) -> None:
    class Case(Model):
        class Meta:
            database = db
            table_name = "case"

    class Moderator(Model):
        class Meta:
            database = db
            table_name = "moderator"

    class SourceKey(Model):
        site = IntegerField()
        day = IntegerField()
        key = BlobField()

        class Meta:
            database = db
            table_name = "source_key"
            primary_key = CompositeKey("site", "day")

    class Burst(Model):
        id = AutoField()
        case = ForeignKeyField(Case, on_delete="CASCADE")
        began_at = BigIntegerField()
        ended_at = BigIntegerField()
        reports = IntegerField()
        sources = IntegerField()
        aside_at = BigIntegerField(null=True)
        aside_by = ForeignKeyField(Moderator, on_delete="RESTRICT", null=True, index=False)
        before = CharField(max_length=16, null=True)

        class Meta:
            database = db
            table_name = "burst"

    class Attempts(Model):
        site = IntegerField()
        minute = IntegerField()
        number = IntegerField()

        class Meta:
            database = db
            table_name = "attempts"
            primary_key = CompositeKey("site", "minute")

    db.create_tables([SourceKey, Burst, Attempts])
    for table, columns in COLUMNS.items():
        for column in columns:
            db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN {column}')
    for name, columns in INDEXES.items():
        db.execute_sql(f"CREATE INDEX {name} ON {columns}")
    for statement in FILLED:
        db.execute_sql(statement)
