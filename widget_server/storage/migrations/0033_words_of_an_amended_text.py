"""Of a text that a person has amended its words are kept, too; what a screen said was about those before.

It must not follow storage/tables.
"""

from peewee import Database

STATEMENTS = (
    "ALTER TABLE publication ADD COLUMN amended_text TEXT",
    "UPDATE publication SET amended_text = amended WHERE amended IS NOT NULL",
    "DELETE FROM screening WHERE publication_id IN (SELECT id FROM publication WHERE amended IS NOT NULL)",
)


def up(migrator: object, db: Database) -> None:
    for statement in STATEMENTS:
        db.execute_sql(statement)
