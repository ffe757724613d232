"""Whether there is room for what is written: a full disk can be read from, and refuses the rest."""

import secrets
import threading

from peewee import PeeweeException

from widget_server.storage import faults
from widget_server.storage.tables import Reason, database

TRIED_BYTES = 64 * 1024
"""More than finds place by chance where little is left."""

_missed = threading.Event()


def note(error: PeeweeException) -> None:
    """The database refused something: it is remembered if there was no room for it."""
    if faults.no_room(error):
        _missed.set()


def found() -> bool:
    """Once something was refused, this is found out by writing, and taking back, something of some size."""
    if not _missed.is_set():
        return True
    try:
        with database.atomic():
            Reason.create(decision="", title="", text=secrets.token_hex(TRIED_BYTES // 2)).delete_instance()
    except PeeweeException:
        return False
    _missed.clear()
    return True
