"""What the tests of the shell share: a configuration, secrets, a clock that is set, a database, a service."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine, event, func, insert, select
from twilio.request_validator import RequestValidator

from helpline.app import Service, create_service
from helpline.lines import Line, load_lines
from helpline.settings import Secrets, Settings, parse
from helpline.store.sessions import Store
from helpline.store.tables import Base, Leg, LiveCall, Person, Revision
from tests.tables import make_tables

T = TypeVar("T")

PUBLIC = "https://helpline.example.org"
TOKEN = "the carrier's token of the tests"
# A deadline that no busy disk of a tests' machine passes: at the shipped one of 0.8 s a test failed once in 16,000.
CONFIG = f"""
[service]
public_url = "{PUBLIC}"
database_seconds = 5
[carrier]
account = "AC00000000000000000000000000000000"
[lines.france]
flow = "france"
timezone = "Europe/Paris"
published = "+33826000401"
outbound_caller_id = "+33199000401"
[lines.belgium]
flow = "belgium"
timezone = "Europe/Brussels"
published = "+3280023460"
outbound_caller_id = "+33199000402"
accepted_languages = ["fr", "en"]
period = "quarter"
"""
NOON = int(datetime(2026, 3, 10, 12, 0, tzinfo=UTC).timestamp())
PATIENCE = 60.0
"""Seconds until something must have happened; long, because a busy machine is no fault of ours."""
ALIX, BORIS, CHARLIE = 1, 2, 3
PEOPLE = ((ALIX, "Alix Exemple"), (BORIS, "Boris Exemple"), (CHARLIE, "Charlie Exemple"))


@dataclass
class SetClock:
    """Says what a test told it to."""

    at: float = NOON

    def now(self) -> float:
        """The instant that was set."""
        return self.at


def settings_in(folder: Path, text: str = CONFIG) -> Settings:
    """The tests' settings, as if their file lay in `folder`."""
    return parse(text, "the tests' configuration", folder)


def lines_in(folder: Path, text: str = CONFIG) -> dict[str, Line]:
    """Both shipped lines."""
    return load_lines(settings_in(folder, text))


def some_secrets() -> Secrets:
    """Secrets that are none."""
    return Secrets(
        auth_tokens=(TOKEN,), seal_keys=(b"a seal key of the tests",), link_key=b"a link key", report_secret=b"a secret"
    )


@contextmanager
def opened(url: str) -> Iterator[Store]:
    """A database with this version's tables."""
    store = Store(url)
    try:
        make_tables(store)
        yield store
    finally:
        store.close()


def with_people(store: Store) -> None:
    """Three psychologists, all French."""
    rows = [{"id": key, "name": name, "phone": f"+3319900010{key}", "languages": "fr en"} for key, name in PEOPLE]
    with store.durable() as tx:
        tx.execute(insert(Person), rows)


def live_call(key: str = "call", **values: Any) -> dict[str, Any]:  # noqa: ANN401 - columns of every type
    """The row of a call that waits."""
    return {
        "id": key,
        "line": "france",
        "language": "fr",
        "category": None,
        "step": "ring",
        "state": "waiting",
        "attempt": 1,
        "plan": "{}",
        "wave": 0,
        "wave_at": NOON,
        "entered_at": NOON,
        "queued_at": NOON,
        "claimed_leg": None,
        "waited": None,
        "person": None,
        "heartbeat_at": NOON,
        "carrier_id": f"CA{key}",
    } | values


def live_leg(key: str, call: str = "call", person: int | None = ALIX, **values: Any) -> dict[str, Any]:  # noqa: ANN401
    """The row of a leg that is wanted."""
    return {
        "id": key,
        "call_id": call,
        "line": "france",
        "attempt": 1,
        "wave": 0,
        "person": person,
        "backup": None,
        "language": "fr",
        "ring_seconds": 20,
        "state": "wanted",
        "outcome": None,
        "until": NOON + 60,
        "carrier_id": None,
    } | values


def put_live(store: Store, calls: Iterable[Mapping[str, Any]], legs: Iterable[Mapping[str, Any]] = ()) -> None:
    """Calls in progress, as they stand."""
    with store.live() as tx:
        tx.execute(insert(LiveCall), [dict(call) for call in calls])
        for leg in legs:
            tx.execute(insert(Leg), dict(leg))


def together(works: Sequence[Callable[[], T]]) -> list[T]:
    """What these things answer when they are done at the same moment, each in a thread of its own."""
    gate = threading.Barrier(len(works))

    def run(work: Callable[[], T]) -> T:
        gate.wait(timeout=10)
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works, timeout=30))


def eventually(condition: Callable[[], bool]) -> None:
    """Waits for what another thread or process does."""
    pause = threading.Event()
    for _ in range(int(PATIENCE / 0.05)):
        if condition():
            return
        pause.wait(0.05)
    raise AssertionError(f"still not so after {PATIENCE} s")


def counted(store: Store) -> dict[str, int]:
    """How many rows each table has."""
    with store.read() as connection:
        return {
            name: connection.scalar(select(func.count()).select_from(table)) or 0
            for name, table in Base.metadata.tables.items()
        }


def rows_of(store: Store, table: type[Base]) -> list[dict[str, Any]]:
    """Everything in a table."""
    with store.read() as connection:
        return [dict(row) for row in connection.execute(select(*table.__table__.c)).mappings()]


def revision(store: Store) -> int:
    """How often the rota has been changed."""
    with store.read() as connection:
        return connection.execute(select(Revision.n).where(Revision.name == "rota")).scalar_one()


@contextmanager
def serving(url: str, folder: Path, clock: SetClock) -> Iterator[Service]:
    """A service on a database with this version's tables; no thread runs."""
    text = CONFIG.replace("[service]", f'[service]\ndatabase_url = "{url}"')
    service = create_service(settings_in(folder, text), some_secrets(), clock)
    try:
        make_tables(service.store)
        yield service
    finally:
        service.stop()


def signed(path: str, form: Mapping[str, str], token: str = TOKEN) -> dict[str, str]:
    """The header that the carrier adds, made by the carrier's own library."""
    return {"X-Twilio-Signature": RequestValidator(token).compute_signature(PUBLIC + path, dict(form))}


@contextmanager
def counting() -> Iterator[list[str]]:
    """The statements that are sent to any database meanwhile: at least one, or what is counted isn't what happens."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert sent, "no statement was sent"
