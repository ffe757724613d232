"""What is too late in an outbox is found by its age, and decisions by their site.

It must not follow storage/tables.
"""

from peewee import Database


def up(migrator: object, db: Database) -> None:
    for table in ("delivery", "alert", "owner_notice"):
        db.execute_sql(f"CREATE INDEX {table}_created_at ON {table} (created_at)")
    db.execute_sql("CREATE INDEX ruling_site_category_decided_at ON ruling (site, category, decided_at)")
