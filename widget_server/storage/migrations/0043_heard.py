"""A report knows itself which decision its reporter has heard last: the mails are forgotten after a month.

Where they are, that was the one that holds. It must not follow storage/tables.
"""

from peewee import Database

TOLD = """SELECT ruling_id FROM delivery WHERE report_id = report.id AND ruling_id IS NOT NULL
AND delivered_at IS NOT NULL ORDER BY id DESC LIMIT 1"""
FINAL = "{0}.case_id = report.case_id AND {0}.undone_at IS NULL AND {0}.decided_at >= report.received_at"
LEFT = f"""label IS NOT NULL AND outcome <> 'relabelled' AND EXISTS (SELECT 1 FROM ruling AS other
WHERE {FINAL.format("other")} AND other.outcome = 'relabelled' AND other.id < ruling.id)"""  # noqa: S608
HOLDS = f"""SELECT max(id) FROM ruling WHERE {FINAL.format("ruling")} AND outcome IS NOT NULL
AND NOT ({LEFT})"""  # noqa: S608
CHANGES = (
    "ALTER TABLE report ADD COLUMN heard_id INTEGER REFERENCES ruling (id) ON DELETE SET NULL",
    f"UPDATE report SET heard_id = ({TOLD}) WHERE email <> ''",  # noqa: S608
    f"""UPDATE report SET heard_id = ({HOLDS}) WHERE email <> '' AND NOT EXISTS (
    SELECT 1 FROM delivery WHERE report_id = report.id AND ruling_id IS NOT NULL)""",  # noqa: S608
)


def up(migrator: object, db: Database) -> None:
    for change in CHANGES:
        db.execute_sql(change)
