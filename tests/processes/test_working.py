"""`helpline work` for real: starts, works, ends."""

import signal

import pytest

from helpline.clock import SystemClock
from helpline.store import erasures
from helpline.store.beats import is_fresh
from helpline.store.tables import Erasure
from helpline.twin import HttpTransport, RealClock, Twin, serve
from helpline.worker import NAME
from tests.processes.conftest import Home
from tests.shell import eventually, rows_of

pytestmark = pytest.mark.slow

DAY = 86_400


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_erases_and_ends(home: Home, number: signal.Signals) -> None:
    """What is due disappears at the carrier without waiting a minute; then it ends when it is asked to."""
    twin = Twin(HttpTransport(), clock=RealClock(), account_sid=home.settings.carrier.account)
    now = int(SystemClock().now())
    with serve(twin.rest) as api, home.store() as store:
        home.configure('api_base_url = ""', f'api_base_url = "{api}"')
        home.configure("sms = false", "sms = true")  # what the demonstration's rota has to tell gets its way
        for line in home.settings.lines.values():
            twin.own(line.outbound_caller_id)
        (home.folder / "secrets" / "auth_token").write_text(twin.auth_token + "\n")
        with store.durable() as tx:
            erasures.erase_later(tx, "CA0123", now - DAY)
            erasures.erase_later(tx, "QU0123", now, "queue")
        with home.run("work") as running:
            eventually(lambda: all(row["erased_at"] for row in rows_of(store, Erasure)))
            eventually(lambda: is_fresh(store, NAME, int(SystemClock().now())))
            assert running.end(number) == 0
    assert home.elsewhere() == set()
    # Of the rota it tells that it has gaps, as the demonstration's has.
    assert [entry for entry in running.log() if entry["level"] != "info" and entry["event"] != "alarm"] == []


def test_a_worker_says_what_is_wrong(home: Home) -> None:
    """In words, and doesn't start."""
    (home.folder / "secrets" / "seal_key").unlink()
    with home.run("work") as running:
        assert running.process.wait(timeout=20) == 1
    assert running.said[-1].startswith("  - seal_key is missing")


def test_a_worker_outlives_its_carrier(home: Home) -> None:
    """Nobody answers there: it is logged, put off, and the other jobs go on."""
    home.configure('api_base_url = ""', 'api_base_url = "http://127.0.0.1:9"')
    now = int(SystemClock().now())
    with home.store() as store:
        with store.durable() as tx:
            erasures.erase_later(tx, "CA0123", now - DAY)
        with home.run("work") as running:
            running.until("erasure.postponed")
            eventually(lambda: is_fresh(store, NAME, int(SystemClock().now())))
            assert running.end() == 0
        assert [row["due_at"] > now for row in rows_of(store, Erasure)] == [True]
    assert "CA0123" not in "\n".join(running.said)
