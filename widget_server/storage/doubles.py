"""Forms that are sent twice: by a double click, or again because no answer came."""

from widget_server.storage.tables import Moderator, database


def in_turn(moderator: int | None) -> None:
    """What one person (None: the operator) sends twice is done one after the other: until the transaction ends, what
    comes second finds what the first has kept.
    """
    if moderator and database.for_update:
        Moderator.select(Moderator.id).where(Moderator.id == moderator).for_update("FOR NO KEY UPDATE").execute()
