import socket
from collections.abc import Callable

import pytest
import requests

from tests.conftest import NetworkBlockedError

FAR = ("192.0.2.1", 80)  # kept for documentation: nobody is there, even if a test got through


def _connect_ex() -> int:
    with socket.socket() as sock:
        return sock.connect_ex(FAR)


def _send_a_datagram() -> int:
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        return sock.sendto(b"", FAR)


WAYS_OUT: dict[str, Callable[[], object]] = {
    "connect by address": lambda: socket.create_connection(FAR, timeout=1),
    "connect by name": lambda: socket.create_connection(("example.org", 80), timeout=1),
    "connect without exception": _connect_ex,
    "send a datagram": _send_a_datagram,
    "look up a name": lambda: socket.getaddrinfo("example.org", 80),
    "look up a name the old way": lambda: socket.gethostbyname("example.org"),
    "request a page": lambda: requests.get("http://192.0.2.1/", timeout=1),
}


@pytest.mark.parametrize("way", WAYS_OUT)
def test_a_test_cannot_leave_this_machine(way: str) -> None:
    """Connecting, sending or looking up a name elsewhere fails at once and says why."""
    with pytest.raises(NetworkBlockedError, match="tests reach this machine only"):
        WAYS_OUT[way]()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_test_reaches_this_machine(host: str) -> None:
    """Servers on the loopback address can be called by address and by name."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection((host, server.getsockname()[1]), timeout=5),
    ):
        pass


def test_processes_on_this_machine_may_talk() -> None:
    """A pair of local sockets is no network."""
    one, other = socket.socketpair()
    with one, other:
        one.sendall(b"x")
        assert other.recv(1) == b"x"
