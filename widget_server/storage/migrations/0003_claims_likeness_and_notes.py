"""The queue's lists, claims, near-duplicates, notes, and undone decisions. It must not follow storage/tables.py."""

from peewee import (
    AutoField,
    BigIntegerField,
    CharField,
    CompositeKey,
    Database,
    ForeignKeyField,
    IntegerField,
    Model,
    SqliteDatabase,
    TextField,
)

COLUMNS = {
    "moderator": ["wishes TEXT"],
    "case": [
        "decided_at BIGINT",
        "queue VARCHAR(16) NOT NULL DEFAULT ''",
        "place BIGINT NOT NULL DEFAULT 0",
        "category VARCHAR(32) NOT NULL DEFAULT 'other'",
        "lang VARCHAR(16) NOT NULL DEFAULT ''",
        "seen BIGINT NOT NULL DEFAULT 0",
        'leader_id INTEGER REFERENCES "case" (id) ON DELETE SET NULL',
        "claimed_by_id INTEGER REFERENCES moderator (id) ON DELETE SET NULL",
        "claimed_until BIGINT",
        "escalated_to_id INTEGER REFERENCES moderator (id) ON DELETE SET NULL",
    ],
    "ruling": [
        "batch VARCHAR(32)",
        "undone_at BIGINT",
        "undone_by_id INTEGER REFERENCES moderator (id) ON DELETE RESTRICT",
    ],
}
INDEXES = {
    "case_queue_place_id": '"case" (queue, place, id)',
    "case_queue_site_id_place_id": '"case" (queue, site_id, place, id)',
    "case_queue_category_place_id": '"case" (queue, category, place, id)',
    "case_queue_model_place_id": '"case" (queue, model, place, id)',
    "case_queue_lang_place_id": '"case" (queue, lang, place, id)',
    "case_text_sha256": '"case" (text_sha256)',
    "case_leader_id": '"case" (leader_id)',
    "case_claimed_by_id": '"case" (claimed_by_id)',
    "report_site_id_page": "report (site_id, page)",
    "ruling_batch": "ruling (batch)",
    "log_entry_subject": "log_entry (subject)",
}
MILLENNIUM = 365_242 * 86_400 * 1_000_000
DECIDED = '(SELECT max(decided_at) FROM ruling WHERE ruling.case_id = "case".id AND outcome IS NOT NULL)'
WAITS = "state IN ('open', 'escalated', 'appealed')"
GRAVE = "CASE WHEN category IN ('child_sexual', 'self_harm', 'intimidation', 'violence') THEN 0 ELSE 1 END"
FILLED = f"""
UPDATE "case" SET
  decided_at = {DECIDED},
  queue = CASE WHEN {WAITS} THEN 'waiting' WHEN state = 'lapsed' THEN 'lapsed' ELSE 'decided' END,
  place = CASE WHEN {WAITS} THEN waiting_since - CASE WHEN urgent THEN {MILLENNIUM} ELSE 0 END
    ELSE -coalesce({DECIDED}, waiting_since) END,
  category = coalesce(
    (SELECT category FROM report WHERE report.case_id = "case".id ORDER BY {GRAVE}, id LIMIT 1), 'other')
"""  # noqa: S608
SEARCH_SQLITE = (
    (
        "CREATE VIRTUAL TABLE case_words USING fts5 (text, content='case', content_rowid='id', detail='none', "
        "tokenize='unicode61 remove_diacritics 2')"
    ),
    (
        'CREATE TRIGGER case_words_insert AFTER INSERT ON "case" BEGIN '
        "INSERT INTO case_words (rowid, text) VALUES (new.id, new.text); END"
    ),
    (
        'CREATE TRIGGER case_words_delete AFTER DELETE ON "case" BEGIN '
        "INSERT INTO case_words (case_words, rowid, text) VALUES ('delete', old.id, old.text); END"
    ),
    (
        'CREATE TRIGGER case_words_update AFTER UPDATE OF text ON "case" BEGIN '
        "INSERT INTO case_words (case_words, rowid, text) VALUES ('delete', old.id, old.text); "
        "INSERT INTO case_words (rowid, text) VALUES (new.id, new.text); END"
    ),
    "INSERT INTO case_words (case_words) VALUES ('rebuild')",
)
SEARCH_POSTGRESQL = ("""CREATE INDEX case_words ON "case" USING gin (to_tsvector('simple', text))""",)


def up(migrator: object, db: Database) -> None:
    for table, columns in COLUMNS.items():
        for column in columns:
            db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN {column}')
    db.execute_sql("DROP INDEX case_state_urgent_waiting_since_id")
    db.execute_sql(FILLED)
    for name, columns in INDEXES.items():
        db.execute_sql(f"CREATE INDEX {name} ON {columns}")

    class Case(Model):
        class Meta:
            database = db
            table_name = "case"

    class Moderator(Model):
        class Meta:
            database = db
            table_name = "moderator"

    class Likeness(Model):
        site = IntegerField()
        band = BigIntegerField()
        case = ForeignKeyField(Case, on_delete="CASCADE")

        class Meta:
            database = db
            table_name = "likeness"
            primary_key = CompositeKey("site", "band", "case")

    class Note(Model):
        id = AutoField()
        case = ForeignKeyField(Case, on_delete="CASCADE")
        moderator = ForeignKeyField(Moderator, on_delete="RESTRICT", index=False)
        text = TextField()
        written_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "note"

    class Reason(Model):
        id = AutoField()
        decision = CharField(max_length=16)
        title = CharField(max_length=80)
        text = TextField()

        class Meta:
            database = db
            table_name = "reason"

    class SavedFilter(Model):
        id = AutoField()
        moderator = ForeignKeyField(Moderator, on_delete="CASCADE", index=False)
        name = CharField(max_length=80)
        query = TextField()

        class Meta:
            database = db
            table_name = "saved_filter"
            indexes = ((("moderator", "name"), True),)

    class Exposure(Model):
        moderator = ForeignKeyField(Moderator, on_delete="CASCADE", index=False)
        day = IntegerField()
        texts = IntegerField()

        class Meta:
            database = db
            table_name = "exposure"
            primary_key = CompositeKey("moderator", "day")

    db.create_tables([Likeness, Note, Reason, SavedFilter, Exposure])
    for statement in SEARCH_SQLITE if isinstance(db, SqliteDatabase) else SEARCH_POSTGRESQL:
        db.execute_sql(statement)
