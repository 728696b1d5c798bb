"""A client that costs little: one kept-alive connection, requests made ready beforehand, answers read whole."""

from __future__ import annotations

import socket
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request as bytes, and the status its answer must have."""

    data: bytes
    expect: bytes = b" 200 "


class Connection:
    """One connection to a server on this machine."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._left = b""

    def ask(self, request: Prepared) -> bytes:
        """The answer's body. AssertionError when the status isn't the expected one."""
        self._socket.sendall(request.data)
        head, _, rest = self._until(b"\r\n\r\n").partition(b"\r\n\r\n")
        status = head.split(b"\r\n", 1)[0]
        assert request.expect in status, (status, rest[:200])
        length = next(
            (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
        )
        while len(rest) < length:
            rest += self._socket.recv(65536)
        return rest

    def _until(self, mark: bytes) -> bytes:
        data = b""
        while mark not in data:
            more = self._socket.recv(65536)
            assert more, "the server closed the connection"
            data += more
        return data

    def close(self) -> None:
        """Closes it."""
        self._socket.close()


def post(path: str, body: bytes, signature: str, expect: bytes = b" 200 ") -> Prepared:
    """A signed form."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"X-Twilio-Signature: {signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return Prepared(head.encode() + body, expect)


def seconds_each(connection: Connection, requests: Sequence[Prepared], before: Callable[[], None]) -> float:
    """The mean time of a request, in seconds, one after another; `before` runs ahead of each and isn't counted."""
    times = []
    for request in requests:
        before()
        began = time.perf_counter()
        connection.ask(request)
        times.append(time.perf_counter() - began)
    return statistics.fmean(times)
