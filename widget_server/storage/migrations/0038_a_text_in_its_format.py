"""The same words in another format are another text: its source would say something else."""

from peewee import Database


def up(migrator: object, db: Database) -> None:
    db.execute_sql("DROP INDEX publicationrow_site_id_html_sha256")
    db.execute_sql(
        "CREATE UNIQUE INDEX publication_site_id_html_sha256_format ON publication (site_id, html_sha256, format)"
    )
