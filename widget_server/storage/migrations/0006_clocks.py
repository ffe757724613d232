"""When cases must be decided, how long readers waited for each decision, and mails to moderators.

Old decisions get the wait that reports, appeals and the log tell of; no clock ran for them, so that none was late.
It must not follow storage/tables.
"""

# ruff: noqa: S608 (every part of these statements stands here)

from peewee import AutoField, BigIntegerField, CharField, Database, ForeignKeyField, IntegerField, Model, TextField

COLUMNS = {
    "case": ["reported_since BIGINT", "appealed_since BIGINT", "due_at BIGINT", "alerted_at BIGINT"],
    "ruling": [
        "reported_since BIGINT",
        "appealed_since BIGINT",
        "viewed_at BIGINT",
        "due_at BIGINT",
        "replaced VARCHAR(16)",
        "site INTEGER NOT NULL DEFAULT 0",
        "model TEXT NOT NULL DEFAULT ''",
    ],
    "report": ["model TEXT NOT NULL DEFAULT ''"],
}
WAITS = "('open', 'escalated', 'appealed')"
SETTLED = '(SELECT max(decided_at) FROM ruling WHERE case_id = "case".id AND outcome IS NOT NULL AND undone_at IS NULL)'
EARLIER = "FROM ruling e WHERE e.case_id = ruling.case_id AND e.id < ruling.id AND e.outcome IS NOT NULL"
LIVING = f'FROM report WHERE case_id = "case".id AND taken_back_at IS NULL AND {{0}} > coalesce({SETTLED}, 0)'
CAUSE = (
    f"FROM report WHERE report.case_id = ruling.case_id AND {{0}} <= ruling.decided_at "
    f"AND {{0}} > coalesce((SELECT max(e.decided_at) {EARLIER} AND e.undone_at IS NULL), 0)"
)
HOUR = 3_600_000_000
HOURS = """CASE WHEN category IN ('child_sexual', 'self_harm') THEN 1
WHEN category IN ('intimidation', 'violence') THEN 4
WHEN category IN ('hate', 'harassment', 'victimisation', 'fraud', 'dangerous_advice') THEN 24
WHEN category IN ('misinformation', 'invented_facts', 'bias', 'privacy', 'profiling', 'automated_decision', 'sexual')
THEN 48 ELSE 72 END"""
REPORTS_END, APPEALS_END = f"reported_since + {HOUR} * ({HOURS})", f"appealed_since + {HOUR} * 72"
FIRST_ON_CARD = '(SELECT min(f.due_at) FROM "case" f WHERE f.leader_id = "case".id)'
FILLED = (
    f"""UPDATE "case" SET reported_since = (SELECT min(received_at) {LIVING.format("received_at")}),
    appealed_since = (SELECT min(appealed_at) {LIVING.format("appealed_at")}) WHERE state IN {WAITS}""",
    f"""UPDATE "case" SET reported_since = waiting_since
    WHERE state IN {WAITS} AND reported_since IS NULL AND appealed_since IS NULL""",
    f"""UPDATE "case" SET due_at = CASE WHEN appealed_since IS NULL THEN {REPORTS_END}
    WHEN reported_since IS NULL OR {APPEALS_END} < {REPORTS_END} THEN {APPEALS_END} ELSE {REPORTS_END} END
    WHERE state IN {WAITS}""",
    f"""UPDATE "case" SET due_at = {FIRST_ON_CARD} WHERE queue = 'waiting' AND due_at > {FIRST_ON_CARD}""",
    f"""UPDATE ruling SET reported_since = (SELECT min(received_at) {CAUSE.format("received_at")}),
    appealed_since = (SELECT min(appealed_at) {CAUSE.format("appealed_at")}) WHERE "before" IN {WAITS}""",
    """UPDATE ruling SET viewed_at = (SELECT min(at) FROM log_entry WHERE subject = 'case ' || ruling.case_id
    AND verb = 'view case' AND at >= coalesce(ruling.reported_since, ruling.appealed_since)
    AND at <= ruling.decided_at)""",
    f"""UPDATE ruling SET replaced = (SELECT e.outcome {EARLIER} AND e.undone_at IS NULL ORDER BY e.id DESC LIMIT 1)""",
    """UPDATE ruling SET site = (SELECT site_id FROM "case" WHERE id = ruling.case_id),
    model = (SELECT model FROM "case" WHERE id = ruling.case_id)""",
    """UPDATE report SET model = (SELECT model FROM "case" WHERE id = report.case_id)""",
)
INDEXES = {
    "case_queue_due_at_alerted_at_place": '"case" (queue, due_at, alerted_at, place)',
    "report_received_at_site_id_category_model": "report (received_at, site_id, category, model)",
}


def up(migrator: object, db: Database) -> None:
    for table, columns in COLUMNS.items():
        for column in columns:
            db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN {column}')
    for statement in FILLED:
        db.execute_sql(statement)
    for name, columns in INDEXES.items():
        db.execute_sql(f"CREATE INDEX {name} ON {columns}")

    class Moderator(Model):
        class Meta:
            database = db
            table_name = "moderator"

    class Ruling(Model):
        class Meta:
            database = db
            table_name = "ruling"

    class Clock(Model):
        kind = CharField(primary_key=True, max_length=32)
        hours = IntegerField()

        class Meta:
            database = db
            table_name = "clock"

    class Alert(Model):
        id = AutoField()
        moderator = ForeignKeyField(Moderator, on_delete="CASCADE")
        ruling = ForeignKeyField(Ruling, on_delete="CASCADE", null=True)
        created_at = BigIntegerField()
        due_at = BigIntegerField(index=True, null=True)
        attempts = IntegerField(default=0)
        delivered_at = BigIntegerField(null=True)
        failure = TextField(default="")

        class Meta:
            database = db
            table_name = "alert"

    db.create_tables([Clock, Alert])
