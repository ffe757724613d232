"""A report and a page of a list cost the same, however much there is: cases count what is named, indexes find.

It must not follow storage/tables.
"""

from peewee import Database, SqliteDatabase

OBJECT = {True: "json_group_object(category, number)", False: "json_object_agg(category, number)::text"}
NAMED = """
UPDATE "case" SET named = (
    SELECT {object} FROM (
        SELECT category, COUNT(*) AS number FROM report
        WHERE report.case_id = "case".id AND taken_back_at IS NULL AND aside_at IS NULL GROUP BY category
    ) AS counted
) WHERE EXISTS (
    SELECT 1 FROM report WHERE report.case_id = "case".id AND taken_back_at IS NULL AND aside_at IS NULL
)
"""
OVER = (
    "report_site_id_page",
    "report_case_id",
    "case_leader_id",
    "publicationrow_state_created_at",
    "log_entry_site",
    "log_entry_subject",
)
"""Each begins one of the following."""
INDEXES = (
    ("report", ("case_id", "category", "id")),
    ("report", ("site_id", "page", "id")),
    ("report", ("site_id", "received_at")),
    ("ruling", ("site", "decided_at")),
    ("site", ("name", "id")),
    ("tally", ("day",)),
    ("case", ("leader_id", "place", "id")),
    ("case", ("site_id", "id")),
    ("publication", ("state", "created_at", "id")),
    ("publication", ("site_id", "state", "created_at", "id")),
    ("publication", ("site_id", "created_at", "id")),
    ("publication", ("site_id", "state", "decided_at")),
    ("publication", ("site_id", "decided_at")),
    ("webhook_delivery", ("webhook_id", "id")),
    ("webhook_delivery", ("webhook_id", "due_at")),
    ("log_entry", ("site", "id")),
    ("log_entry", ("subject", "id")),
    ("log_entry", ("moderator_id", "id")),
)
WHERE = (
    "CREATE INDEX likeness_waits ON likeness (site, band, case_id) WHERE waits",
    "CREATE INDEX case_of_which_a_text_may_go ON \"case\" (waiting_since) WHERE NOT verified AND text <> ''",
    "CREATE INDEX report_of_which_words_may_go ON report (received_at) WHERE page <> '' OR appeal IS NOT NULL",
)
CASES = (
    "ALTER TABLE change ADD COLUMN cases BIGINT NOT NULL DEFAULT 0",
    "INSERT INTO change (site, number) SELECT id, 0 FROM site WHERE id NOT IN (SELECT site FROM change)",
    'UPDATE change SET cases = (SELECT COUNT(*) FROM "case" WHERE site_id = change.site)',
)
"""How many cases each site has."""


def up(migrator: object, db: Database) -> None:
    lite = isinstance(db, SqliteDatabase)
    no, yes = ("0", "1") if lite else ("FALSE", "TRUE")
    db.execute_sql("ALTER TABLE \"case\" ADD COLUMN named TEXT NOT NULL DEFAULT '{}'")
    db.execute_sql(NAMED.format(object=OBJECT[lite]))
    db.execute_sql(f"ALTER TABLE likeness ADD COLUMN waits BOOLEAN NOT NULL DEFAULT {no}")
    waiting = "SELECT id FROM \"case\" WHERE queue = 'waiting'"
    db.execute_sql(f"UPDATE likeness SET waits = {yes} WHERE case_id IN ({waiting})")  # noqa: S608
    for statement in (*WHERE, *CASES):
        db.execute_sql(statement)
    for name in OVER:
        db.execute_sql(f"DROP INDEX {name}")
    for table, columns in INDEXES:
        db.execute_sql(f'CREATE INDEX {table}_{"_".join(columns)} ON "{table}" ({", ".join(columns)})')
