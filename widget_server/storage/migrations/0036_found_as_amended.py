"""A publication is found by the words that it shows, also where a person has amended them."""

from peewee import Database


def up(migrator: object, db: Database) -> None:
    db.execute_sql(
        "CREATE INDEX publication_asked_sha256 ON publication "
        "(COALESCE(amended_text_sha256, text_sha256), site_id, created_at, id)"
    )
