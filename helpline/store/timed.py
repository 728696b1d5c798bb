"""Connections to PostgreSQL that keep the thread's deadline even when the server is frozen.

No timeout of the server's own can: it isn't told the time. So the client stops waiting and hangs up. When the server
comes to itself it rolls back what wasn't committed; of a commit, or of a statement that is its own transaction, nobody
can know what became.
"""

from __future__ import annotations

import select
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus
from sqlalchemy.exc import DisconnectionError

from helpline.store.deadline import remaining

RV = TypeVar("RV")
MOST_CONNECTING = 32
"""Threads that connect at once; one whose deadline has passed goes on until the driver's own timeout."""
INTERVAL = 0.1
"""Seconds between two looks at signals, as the driver does."""


class TimedConnection(psycopg.Connection[Any]):
    """A connection that is closed by the statement that its deadline cuts off."""

    def wait(self, gen: PQGen[RV], interval: float = INTERVAL, timeout: float | None = None) -> RV:
        """Everything that this connection sends or expects goes through here."""
        left = remaining()
        if left is None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, left if timeout is None else min(left, timeout))
        except psycopg.OperationalError:
            if self.info.transaction_status is TransactionStatus.ACTIVE:
                # Still under way: the answer would be taken for the next statement's. Closing doesn't wait.
                self.close()
            raise


class Connector:
    """Makes connections within the deadline.

    The driver waits two seconds at least, and for a name server as long as that likes. So a thread of its own
    connects; if it is too late it closes what it has got.
    """

    def __init__(self) -> None:
        self._slots = threading.Semaphore(MOST_CONNECTING)

    def connect(self, *arguments: Any, **options: Any) -> TimedConnection:  # noqa: ANN401 - the driver's
        """As `psycopg.connect`. Raises `psycopg.OperationalError` when the deadline passes."""
        left = remaining()
        if left is None:
            return TimedConnection.connect(*arguments, **options)
        if not self._slots.acquire(timeout=left):
            raise psycopg.OperationalError("too many threads are connecting")
        made: Future[TimedConnection] = Future()
        work = (made, lambda: TimedConnection.connect(*arguments, **options))
        threading.Thread(target=self._run, args=work, name="connecting", daemon=True).start()
        try:
            return made.result(remaining())
        except TimeoutError:
            if made.cancel():
                raise psycopg.OperationalError("no connection in time") from None
            return made.result()  # it came at the same moment

    def _run(self, made: Future[TimedConnection], connect: Callable[[], TimedConnection]) -> None:
        try:
            connection = connect()
        except psycopg.Error as error:
            if made.set_running_or_notify_cancel():
                made.set_exception(error)
            return
        finally:
            self._slots.release()
        if made.set_running_or_notify_cancel():
            made.set_result(connection)
        else:
            connection.close()


def check_open(connection: psycopg.Connection[Any]) -> None:
    """Raises `DisconnectionError` when the server has hung up on an idle connection, as after its restart.

    Asks the operating system only. What the server says unasked is mostly its goodbye; otherwise a connection is made
    anew for nothing.
    """
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    if poll.poll(0):
        raise DisconnectionError
