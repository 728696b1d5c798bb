"""Clients of `helpline serve` that are silent, slow or half gone: webhooks are answered all the same."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlencode

import pytest
import requests

from helpline.carrier.signature import Signature
from helpline.settings import read_secrets
from helpline.store.tables import Erasure, HourlyCount, LiveCall
from tests.processes.conftest import Home, Running, free_port
from tests.processes.test_serving import serving
from tests.shell import PATIENCE, rows_of

pytestmark = pytest.mark.slow

CLIENTS = 100
QUICK = 2.0
"""Seconds, and a hundred times what a webhook takes: one that waits for a silent client takes five at least."""
HEAD = b"POST /voice/france HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"


def whole(port: int, *, version: bytes = b"1.1") -> bytes:
    """A request that is answered."""
    return b"GET /health/live HTTP/%s\r\nHost: 127.0.0.1:%d\r\n\r\n" % (version, port)


SENT: dict[str, Callable[[int], bytes]] = {
    "nothing": lambda _: b"",
    "one byte": lambda _: b"P",
    "half a head": lambda _: HEAD,
    "a head without its body": lambda _: HEAD + b"Content-Length: 50\r\n\r\nCallSid=",
    "a request, and nothing more": whole,
    "a request, and half of the next": lambda port: whole(port) + HEAD,
    "a request whose answer ends the connection": lambda port: whole(port, version=b"1.0"),
    "no HTTP": lambda _: b"\x16\x03\x01\r\n\r\n",
    "a body of unknown length": lambda _: HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    "a body that is too long": lambda _: HEAD + b"Content-Length: 99999999\r\n\r\n",
    "a head without an end": lambda _: HEAD + b"X: " + b"x" * 40_000,
    "music that it doesn't read": lambda port: whole(port).replace(b"/health/live", b"/audio/15.wav") * 3,
}


REFUSED = {
    "a body of unknown length": b"411",
    "a body that is too long": b"413",
    "a head without an end": b"431",
    "no HTTP": b"400",
}


@contextmanager
def clients(port: int, sends: bytes, number: int = CLIENTS) -> Iterator[list[socket.socket]]:
    """So many connections on which this is sent, and then nothing."""
    with ExitStack() as stack:
        found = []
        for _ in range(number):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE))
            client.sendall(sends)
            found.append(client)
        yield found


class Webhooks:
    """The carrier, on a new connection each time."""

    def __init__(self, home: Home, port: int) -> None:
        self._sign = Signature(read_secrets(home.folder).auth_tokens).sign
        self._url = f"http://127.0.0.1:{port}/voice/france"
        self._n = 0

    def arrive(self, from_: str = "", call: str = "") -> str:
        """The answer to a call's first webhook, quick or at the carrier's one retry. Without `call` it is a new one."""
        self._n += 1
        form = {"CallSid": call or f"CA{self._n}", "From": from_, "CallStatus": "ringing"}
        try:
            answer = self._ask(form)
        except requests.ReadTimeout:  # the tests beside this one have the processor, too
            answer = self._ask(form)
        assert answer.status_code == 200
        return answer.text

    def _ask(self, form: dict[str, str]) -> requests.Response:
        return requests.post(
            self._url,
            data=urlencode(form),
            headers={
                "X-Twilio-Signature": self._sign(self._url, form.items()),
                "Content-Type": "application/x-www-form-urlencoded",
            },
            timeout=QUICK,
        )


@contextmanager
def served(home: Home) -> Iterator[tuple[int, Webhooks, Running]]:
    """A server of two workers, and the carrier."""
    port = free_port()
    with serving(home, port) as running:
        yield port, Webhooks(home, port), running


def test_silent_clients_hold_up_no_webhook(home: Home) -> None:
    """A hundred of most kinds, whatever they sent before they fell silent; the server still ends when asked to."""
    home.configure("line_calls = 40", "line_calls = 0")
    with served(home) as (port, webhooks, running):
        for what, sends in SENT.items():
            with clients(port, sends(port), 30 if "music" in what else CLIENTS):
                assert ["<Gather" in webhooks.arrive() for _ in range(10)] == [True] * 10, what
        with clients(port, HEAD):
            assert running.end() == 0
    assert [entry for entry in running.log() if entry["level"] == "critical"] == []


def test_there_is_always_room_for_another_client(home: Home) -> None:
    """As many as two workers could ever hold, and more: those who have been silent longest make room."""
    with served(home) as (port, webhooks, _), clients(port, HEAD, 900) as silent:
        assert "<Gather" in webhooks.arrive()
        silent[0].settimeout(QUICK)
        assert silent[0].recv(10) == b""


def test_a_slow_client_is_answered(home: Home) -> None:
    """A request that comes in pieces, byte by byte if need be, is a request."""
    with served(home) as (port, _, _), clients(port, b"", 1) as (client,):
        for byte in whole(port):
            client.sendall(bytes([byte]))
        assert client.recv(4096).startswith(b"HTTP/1.1 200 OK")


def test_each_answer_ends_its_connection(home: Home) -> None:
    """None that a client keeps can die with a server: what comes in one packet with a request isn't answered."""
    with served(home) as (port, _, _), clients(port, whole(port) * 3 + HEAD, 1) as (client,):
        said = b""
        while more := client.recv(4096):
            said += more
        assert said.count(b"HTTP/1.1 200 OK") == said.count(b"Connection: close") == 1
        assert said.endswith(b"}\n")


def test_a_client_that_takes_too_long_is_dropped(home: Home) -> None:
    """Ten seconds for a request: then its connection ends, and it hears nothing."""
    with served(home) as (port, _, _), clients(port, HEAD, 1) as (client,):
        assert client.recv(10) == b""


def test_what_is_no_request_is_refused_in_words(home: Home) -> None:
    """At once, and the connection ends."""
    with served(home) as (port, _, _):
        for what, answer in REFUSED.items():
            with clients(port, SENT[what](port), 1) as (client,):
                said = b""
                while more := client.recv(4096):
                    said += more
                assert said.startswith(b"HTTP/1.1 " + answer), what


def test_workers_count_calls_together(home: Home) -> None:
    """Whichever worker a call comes to, and whichever worker is replaced: six from one telephone, no more."""
    with served(home) as (_, webhooks, running):
        taken = sum("<Gather" in webhooks.arrive("+33199009001") for _ in range(12))
        assert taken in {6, 7}
        first = webhooks.arrive("+33199009001", "CA-again")
        running.process.send_signal(signal.SIGHUP)
        running.until("Booting worker", 4)
        running.until("Worker exiting", 2)
        assert webhooks.arrive("+33199009001", "CA-again") == first
        assert "<Gather" not in webhooks.arrive("+33199009001")
        assert "<Gather" in webhooks.arrive("+33199009002")


def test_an_unsigned_flood_writes_nothing(home: Home) -> None:
    """A thousand unsigned webhooks: 403 each, no row, no line of log, and the next signed one is answered."""
    with served(home) as (port, webhooks, running), requests.Session() as session:
        before, said = written(home), len(running.said)
        for n in range(1000):
            form = {"CallSid": f"CA{n}", "From": "+33199009001"}
            answer = session.post(f"http://127.0.0.1:{port}/voice/france", data=form, timeout=QUICK)
            assert answer.status_code == 403
        assert len(running.said) == said
        assert written(home) == before
        assert "<Gather" in webhooks.arrive("+33199009001")


def written(home: Home) -> list[object]:
    """What a call writes."""
    with home.store() as store:
        return [rows_of(store, table) for table in (HourlyCount, LiveCall, Erasure)]
