import json
import os
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.demo.conftest import demo_command, demo_process

pytestmark = pytest.mark.slow
PROMPTLY = 5
"""Seconds in which the demonstration ends."""


def _ask(port: int, path: str, posted: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
    data = None if posted is None else json.dumps(posted).encode()
    request = Request(f"http://localhost:{port}{path}", data, {"Content-Type": "application/json"})
    with urlopen(request, timeout=60) as answer:  # noqa: S310 - ours
        return json.loads(answer.read())


def _wait(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=PROMPTLY)
    return process.returncode, out, err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_demonstration_starts_in_an_empty_folder_and_ends_cleanly(
    tmp_path: Path, port: int, number: signal.Signals
) -> None:
    """It says one address and three personal links, answers there, and ends at once and in silence."""
    with demo_process(port, tmp_path / "demo") as (process, said):
        assert said.count(f"open http://localhost:{port}\n") == 1
        assert said.count(f"http://localhost:{port}/me/") == 3
        with urlopen(f"http://localhost:{port}/", timeout=60) as answer:
            assert b"Donn\xc3\xa9es de d\xc3\xa9monstration" in answer.read()
        process.send_signal(number)
        code, out, err = _wait(process)
    assert (code, err) == (0, "")
    assert "the demonstration is over" in out
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


def test_it_ends_while_phones_ring_and_pages_wait(folder: Path, port: int) -> None:
    """In the middle of a call, with pages that wait for news, it ends as fast, and without a complaint."""
    with demo_process(port, folder) as (process, _):
        _ask(port, "/demo/dial", {"line": "france"})
        state = _ask(port, "/demo/state")
        while not any(phone["state"] == "ringing" for phone in state["phones"]):
            state = _ask(port, f"/demo/state?version={state['version']}")
        with socket.create_connection(("127.0.0.1", port)) as waiting:
            waiting.sendall(f"GET /demo/state?version={state['version']} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            process.send_signal(signal.SIGINT)
            assert _wait(process)[::2] == (0, "")


def test_a_call_cut_by_the_end_keeps_nobody_busy(folder: Path, port: int) -> None:
    """Started again on the same folder, everybody can be rung."""
    for _ in range(2):
        with demo_process(port, folder) as (process, _):
            _ask(port, "/demo/dial", {"line": "france"})
            state = _ask(port, "/demo/state")
            while not any(phone["state"] == "ringing" for phone in state["phones"][:3]):
                state = _ask(port, f"/demo/state?version={state['version']}")
            process.send_signal(signal.SIGTERM)
            assert _wait(process)[::2] == (0, "")


def test_a_port_that_is_taken_is_said_in_a_sentence(folder: Path, port: int) -> None:
    """Somebody else has the port: one sentence with the remedy, and exit code 1."""
    with socket.create_server(("127.0.0.1", port)):
        done = subprocess.run(demo_command(port, folder), capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 1
    assert done.stderr == f"helpline: port {port} is taken; choose another: make demo PORT={port + 1}\n"
    assert done.stdout == ""


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path, port: int) -> None:
    """A folder that holds other files isn't filled with a demonstration."""
    (tmp_path / "letter.txt").write_text("dear")
    done = subprocess.run(demo_command(port, tmp_path), capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 1
    assert "holds something else than a demonstration" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_an_interrupted_start_leaves_nothing_half_made(tmp_path: Path, port: int) -> None:
    """Ctrl-C while the demonstration is being made: the next start makes it anew."""
    command = demo_command(port, tmp_path / "demo")
    with subprocess.Popen(command, cwd=tmp_path, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("making the demonstration")
        os.kill(process.pid, signal.SIGINT)
        _wait(process)
    assert not (tmp_path / "demo" / "config.toml").exists() or list((tmp_path / "demo").glob("*.sqlite3"))
    with demo_process(port, tmp_path / "demo") as (process, said):
        assert f"open http://localhost:{port}" in said
        process.send_signal(signal.SIGINT)
        assert _wait(process)[::2] == (0, "")
