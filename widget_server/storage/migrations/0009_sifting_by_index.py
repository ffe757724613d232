"""An index with all that the queue's filters look at. It must not follow storage/tables."""

from peewee import Database

COLUMNS = "queue, place, id, state, category, model, lang, site_id, opened_at, claimed_by_id, claimed_until"
NAME = "case_queue_place_id_state_category_model_lang_site_id_op_2861c81"


def up(migrator: object, db: Database) -> None:
    db.execute_sql(f'CREATE INDEX {NAME} ON "case" ({COLUMNS})')
