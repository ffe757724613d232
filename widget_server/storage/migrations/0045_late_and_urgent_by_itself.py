"""A case is urgent and due by what is reported of it; what else stands on its card hurries the card.

It must not follow storage/tables.
"""

from peewee import Database

from widget_server.rules.clocks import APPEAL, HOURS

HOUR = 3_600_000_000
LATER = """
UPDATE "case" SET due_at = CASE WHEN appealed_since IS NULL THEN {reports}
WHEN reported_since IS NULL OR {appeals} < {reports} THEN {appeals} ELSE {reports} END
WHERE leads AND due_at IS NOT NULL AND category = {sign}
"""


def up(migrator: object, db: Database) -> None:
    db.execute_sql('ALTER TABLE "case" RENAME COLUMN urgent TO card_urgent')
    db.execute_sql('ALTER TABLE "case" ADD COLUMN card_due_at BIGINT')
    db.execute_sql("DROP INDEX case_queue_due_at_alerted_at_place")
    db.execute_sql('UPDATE "case" SET card_due_at = due_at WHERE due_at IS NOT NULL')
    hours = {**HOURS, **dict(db.execute_sql("SELECT kind, hours FROM clock").fetchall())}
    appeals = f"appealed_since + {hours.pop(APPEAL) * HOUR}"
    for category, number in hours.items():
        reports = f"reported_since + {number * HOUR}"
        db.execute_sql(LATER.format(reports=reports, appeals=appeals, sign=db.param), (category,))
    db.execute_sql('CREATE INDEX case_queue_due_at_alerted_at_category ON "case" (queue, due_at, alerted_at, category)')
    db.execute_sql('CREATE INDEX case_queue_card_due_at_place ON "case" (queue, card_due_at, place)')
