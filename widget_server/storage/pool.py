"""Connections to PostgreSQL: kept for whoever works next, looked at before they are handed out, replaced when dead."""

import contextlib
import select
import time
from collections import deque
from typing import Any

from peewee import (
    EXCEPTIONS,
    ExceptionWrapper,
    InterfaceError,
    OperationalError,
    PeeweeException,
    PostgresqlDatabase,
)
from psycopg import Connection, ProgrammingError
from psycopg import Error as DriverError
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import ConnStatus, TransactionStatus

from widget_server.storage import faults

IDLE_SECONDS = 300
"""How long a connection that nobody needs is kept."""

DEFAULTS = {
    "application_name": "widget-server",
    "connect_timeout": "3",
    "keepalives_idle": "3",
    "keepalives_interval": "1",
    "keepalives_count": "3",
    "target_session_attrs": "read-write",
    "tcp_user_timeout": "5000",
}
"""What `WIDGET_DATABASE_URL` may say otherwise. A replica that cannot be written to is no database of ours; a server
that has fallen silent is given up after some seconds."""


class WrongAddress(ValueError):
    """PostgreSQL's library does not understand it. The text says why, without a piece of a password."""


def parameters(url: str) -> dict[str, Any]:
    """What `url` says to PostgreSQL's library, and what it leaves to us. Raises WrongAddress."""
    try:
        said = conninfo_to_dict(url)
    except ProgrammingError as error:
        told = str(error).splitlines()[0]
        unknown = told.startswith("invalid URI query parameter")
        raise WrongAddress(told if unknown else "it is not an address as PostgreSQL writes them") from None
    return {**DEFAULTS, **said}


class Pool(PostgresqlDatabase):
    """Any number of connections: each thread has one while it works, and threads are few."""

    def __init__(self, url: str) -> None:
        self._idle: deque[tuple[float, Connection]] = deque()
        more = parameters(url)
        super().__init__(more.pop("dbname", ""), prefer_psycopg3=True, **more)

    def connect(self, reuse_if_open: bool = False) -> bool:
        """As peewee's, but nobody waits until somebody else's new connection stands: a silent server takes seconds."""
        if not self._state.closed:
            if reuse_if_open:
                return False
            raise OperationalError("Connection already opened.")
        self._state.reset()
        with ExceptionWrapper(EXCEPTIONS):
            connection = self._kept() or self._connect()
        self._state.set_connection(connection)
        if self.server_version is None:
            self._set_server_version(connection)
        return True

    def _kept(self) -> Connection | None:
        """The connection that was given back last, if it still lives."""
        while True:
            try:
                since, connection = self._idle.pop()
            except IndexError:
                return None
            lives = _lives(connection)
            if lives and time.monotonic() - since < IDLE_SECONDS:
                return connection
            connection.close()
            if not lives:
                faults.tell_lost()

    def _close(self, conn: Connection) -> None:
        if conn.closed or conn.pgconn.transaction_status != TransactionStatus.IDLE:
            conn.close()
        else:
            self._idle.append((time.monotonic(), conn))
        self._close_old()

    def _close_old(self) -> None:
        with contextlib.suppress(IndexError):  # another thread was faster
            while time.monotonic() - self._idle[0][0] > IDLE_SECONDS:
                self._idle.popleft()[1].close()

    def close_all(self) -> None:
        """This thread's connection, and all that nobody uses."""
        self.close()
        self._forget()

    def _forget(self) -> None:
        while self._idle:
            self._idle.pop()[1].close()

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        if not self.in_transaction() and not sql.startswith(("SELECT", "(SELECT")):
            faults.kept()
        try:
            return super().execute_sql(sql, params)
        except PeeweeException as error:
            self._drop_if_lost(error)
            raise

    def commit(self) -> None:
        before = faults.kept()
        try:
            super().commit()
        except PeeweeException as error:
            if faults.conflicting(error):
                faults.kept(before)
            self._drop_if_lost(error)
            raise

    def rollback(self) -> None:
        """A connection that is gone has rolled back: what was wrong before is what is told."""
        try:
            super().rollback()
        except (OperationalError, InterfaceError) as error:
            if not faults.lost(error):
                raise

    def _drop_if_lost(self, error: PeeweeException) -> None:
        """Where one connection is lost, the others are: none of them is handed out."""
        if faults.lost(error):
            self._forget()
            faults.tell_lost()


def _lives(connection: Connection) -> bool:
    """Whether its server has not said goodbye: seen without asking it anything. What else it says is taken in."""
    poll = select.poll()
    try:
        poll.register(connection.pgconn.socket, select.POLLIN)
        while poll.poll(0):
            connection.pgconn.consume_input()
    except DriverError:
        return False
    return connection.pgconn.status == ConnStatus.OK
