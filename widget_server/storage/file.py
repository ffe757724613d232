"""SQLite's file, whose disk may be full."""

from peewee import SqliteDatabase


class File(SqliteDatabase):
    def rollback(self) -> None:
        """SQLite has rolled back by itself where its disk was full or broken: what was wrong before is what is told."""
        if self.connection().in_transaction:
            super().rollback()
