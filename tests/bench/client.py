"""A client that costs little: requests made ready beforehand, a connection for each, answers read whole."""

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


@dataclass(frozen=True, slots=True)
class Client:
    """Asks a server on this machine; the server ends each connection with its answer."""

    port: int

    def ask(self, request: Prepared) -> bytes:
        """The answer's body. AssertionError when the status isn't the expected one."""
        answer = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.sendall(request.data)
            while more := connection.recv(65536):
                answer += more
        head, end, body = answer.partition(b"\r\n\r\n")
        status = head.split(b"\r\n", 1)[0]
        assert request.expect in status, (status, body[:200])
        assert end, "half an answer"
        return body


def post(path: str, body: bytes, signature: str, expect: bytes = b" 200 ") -> Prepared:
    """A signed form."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"X-Twilio-Signature: {signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return Prepared(head.encode() + body, expect)


def seconds_each(client: Client, requests: Sequence[Prepared], before: Callable[[], None]) -> float:
    """The mean time of a request, in seconds, one after another; `before` runs ahead of each and isn't counted."""
    times = []
    for request in requests:
        before()
        began = time.perf_counter()
        client.ask(request)
        times.append(time.perf_counter() - began)
    return statistics.fmean(times)
