"""A web worker that gives a request one of its threads only once the whole of it is there.

gunicorn's own threads wait for what a client sends, and its loop waits for clients to hang up: as many silent clients
as there are threads, and no webhook would be answered any more. Here the loop itself gathers what comes, without
waiting for anybody; whoever takes too long is dropped, and when there are too many, whoever has taken longest.
"""

from __future__ import annotations

import re
import selectors
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from gunicorn.config import Config
from gunicorn.workers.gthread import TConn, ThreadWorker

PATIENCE = 10.0
"""Seconds in which a request must have come, from its connection or its first byte to its last."""
LINGERING = 2.0
"""Seconds for which a connection that we end stays open for the client's side to end too."""
AT_ONCE = 200
"""Connections of a worker whose request isn't there yet. One more, and the oldest is dropped."""
LONGEST_HEAD, LONGEST_BODY = 32_768, 65_536
"""Bytes: twice what the carrier sends at most."""
CHUNK = 65_536
_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"(?i)\r\ncontent-length[ \t]*:[ \t]*0*([0-9]+)[ \t]*(?=\r\n)")
_CHUNKED = re.compile(rb"(?i)\r\ntransfer-encoding[ \t]*:")
_REFUSAL = b"HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
ROOM = 524_288
"""Bytes that the system is asked to keep of what a client hasn't read yet: the longest answer, twice. A thread can
write its answer and go, however slowly it is read."""
_NO_WAITING = struct.pack("ll", 5, 0)
"""Five seconds, as the system takes them: an answer that is longer and isn't read keeps a thread for no more."""


Readable = Callable[["Connection", object], None]


class TooMuchError(ValueError):
    """A request that isn't gathered; the message is the status line that says so."""


def is_whole(data: bytes | bytearray) -> bool:
    """Whether `data` is a request to its last byte, or begins with one. TooMuchError when it never will be.

    Whatever is no HTTP at all is whole once its head ends: the parser refuses it without asking for more.
    """
    end = data.find(_END)
    if end < 0:
        if len(data) > LONGEST_HEAD:
            raise TooMuchError("431 Request Header Fields Too Large")
        return False
    head = data[: end + 2]
    if _CHUNKED.search(head):
        # Neither a carrier nor a browser's form nor a proxy that gathers requests sends one.
        raise TooMuchError("411 Length Required")
    lengths = _LENGTH.findall(head)
    # By its digits first: there may be thousands.
    if any(len(length) > 8 for length in lengths) or (length := max(map(int, lengths), default=0)) > LONGEST_BODY:
        raise TooMuchError("413 Content Too Large")
    return len(data) - end - len(_END) >= length


class Connection(TConn):  # type: ignore[misc] # gunicorn has no types
    """One client's connection, and what has come of its request."""

    def __init__(self, worker: Worker, cfg: Config, sock: socket.socket, client: object, server: object) -> None:
        super().__init__(cfg, sock, client, server)
        self.worker = worker
        self.gathered = bytearray()
        self.until = 0.0
        with suppress(OSError):  # a client that is gone already is noticed when it is read
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, ROOM)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _NO_WAITING)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _NO_WAITING)

    def gather(self) -> bool:
        """Takes what has come; whether that is a whole request.

        Raises BlockingIOError when nothing has, another OSError when nothing more will be of use, and TooMuchError.
        """
        more = self.sock.recv(CHUNK)
        if not more:
            raise ConnectionResetError
        self.gathered += more
        return is_whole(self.gathered)

    def close(self, graceful: bool = False) -> None:
        """Ends it; gracefully: after the client has read the answer, for which nobody waits."""
        if graceful:
            self.worker.linger(self)
        else:
            super().close()


class Worker(ThreadWorker):  # type: ignore[misc] # gunicorn has no types
    """See the module's head. Everything here runs in the loop, one thing after another."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as the worker's
        super().__init__(*args, **kwargs)
        # The oldest first: each stays for the same time.
        self._gathering: dict[Connection, None] = {}
        self._lingering: dict[Connection, None] = {}

    def accept(self, listener: socket.socket) -> None:
        """Somebody connects."""
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        except OSError:
            # No more files may be open: an exception would end the worker.
            self._drop_oldest(0)
            return
        self.nr_conns += 1
        self.enqueue_req(Connection(self, self.cfg, client, address, listener.getsockname()))

    def enqueue_req(self, conn: Connection) -> None:
        """A request may come on this connection."""
        conn.sock.setblocking(False)
        if not self._gather(conn):
            self._hold(self._gathering, conn, PATIENCE, self._on_more)
            self._drop_oldest(AT_ONCE)

    def linger(self, conn: Connection) -> None:
        """Ends a connection once its client has read the answer: unread bytes of theirs would take it away."""
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            conn.close()
            return
        self._hold(self._lingering, conn, LINGERING, self._on_last)
        self._drop_oldest(AT_ONCE)

    def murder_pending(self) -> None:
        """Drops whoever took too long; when the worker is to stop, also those who have sent nothing."""
        super().murder_pending()
        now = time.monotonic()
        for conn in [conn for conn in self._gathering if conn.until <= now or not (self.alive or conn.gathered)]:
            self._drop(self._gathering, conn)
        for conn in [conn for conn in self._lingering if conn.until <= now]:
            self._drop(self._lingering, conn)

    def _on_more(self, conn: Connection, _socket: object) -> None:
        if conn in self._gathering:  # or dropped a moment ago
            self._gather(conn, held=True)

    def _gather(self, conn: Connection, *, held: bool = False) -> bool:
        """Whether that was all: a request is whole, or will never be."""
        try:
            if not conn.gather():
                return False
            then = self._hand_over
        except BlockingIOError:
            return False
        except OSError:
            then = self._close
        except TooMuchError as refusal:
            then = partial(self._refuse, status=str(refusal))
        if held:
            self._release(self._gathering, conn)
        then(conn)
        return True

    def _close(self, conn: Connection) -> None:
        self.nr_conns -= 1
        conn.close()

    def _hand_over(self, conn: Connection) -> None:
        conn.init()
        conn.parser.unreader.unread(bytes(conn.gathered))
        conn.gathered.clear()
        conn.data_ready = True
        super().enqueue_req(conn)

    def _refuse(self, conn: Connection, status: str) -> None:
        self.nr_conns -= 1
        with suppress(OSError):
            conn.sock.send(_REFUSAL % status.encode())
        self.linger(conn)

    def _on_last(self, conn: Connection, _socket: object) -> None:
        if conn not in self._lingering:
            return
        try:
            over = not conn.sock.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError:
            over = True
        if over:
            self._drop(self._lingering, conn)

    def _hold(self, held: dict[Connection, None], conn: Connection, seconds: float, then: Readable) -> None:
        conn.until = time.monotonic() + seconds
        held[conn] = None
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(then, conn))

    def _release(self, held: dict[Connection, None], conn: Connection) -> None:
        del held[conn]
        self.poller.unregister(conn.sock)

    def _drop(self, held: dict[Connection, None], conn: Connection) -> None:
        self._release(held, conn)
        if held is self._gathering:
            self.nr_conns -= 1
        conn.close()

    def _drop_oldest(self, left: int) -> None:
        for held in (self._gathering, self._lingering):
            if len(held) > left:
                self._drop(held, next(iter(held)))
