"""Sets a stage: an empty database with people and a rota, the service on it, the carrier in front of it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from helpline.rehearsal import rehearse
from helpline.settings import Settings
from helpline.shifts.importing import save_people, save_shifts, touch
from helpline.store.sessions import Store
from helpline.twin import Faults
from rota.table import ShiftRow
from tests.scenarios.stage import BACKUP, HOUR, NOON, PEOPLE, SECOND_BACKUP, SECRETS, SHOWN, TAKES, Rota, Stage
from tests.tables import make_tables


def settings_for(database_url: str, folder: Path, lines: Mapping[str, Mapping[str, Any]]) -> Settings:
    """Both shipped lines; `lines` changes or adds keys of a line."""
    settings = _settings(json.dumps(lines, sort_keys=True))
    service = settings.service.model_copy(update={"database_url": database_url})
    return settings.model_copy(update={"service": service, "folder": folder})


@cache
def _settings(changes: str) -> Settings:
    """Checked once for all the scenarios that ask for the same."""
    lines = json.loads(changes)
    france = {
        "flow": "france",
        "timezone": "Europe/Paris",
        "published": "+33826000401",
        "inbound": [SHOWN],
        "outbound_caller_id": SHOWN,
    }
    belgium = {
        "flow": "belgium",
        "timezone": "Europe/Brussels",
        "published": "+3280023460",
        "outbound_caller_id": "+33199000402",
        "accepted_languages": ["fr", "en"],
    }
    data = {
        "service": {"public_url": "https://helpline.example.org", "database_seconds": 5},
        "carrier": {"account": "AC" + "7" * 32},
        "lines": {
            "france": {**france, **lines.get("france", {})},
            "belgium": {**belgium, **lines.get("belgium", {})},
        },
    }
    return Settings.model_validate(data)


def fill(store: Store, rota: Rota, start: int, end: int) -> None:
    """Everybody, and for each line those on call from half a day before `start` to `end`."""
    with store.durable() as tx:
        save_people(tx, list(PEOPLE.values()))
        for line, tiers in rota.items():
            # Who came on first is rung first.
            begins = start - 12 * HOUR
            shifts = [
                ShiftRow(line, tier, name, begins + 60 * place, end)
                for tier, names in enumerate(tiers, 1)
                for place, name in enumerate(names)
            ]
            if shifts:
                save_shifts(tx, shifts)
        touch(tx)


class _Keeper(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.kept: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        """One record."""
        self.kept.append(record)


@contextmanager
def listening() -> Iterator[list[logging.LogRecord]]:
    """Everything that any library of this process logs: from a warning on, unless a test asks for more."""
    keeper = _Keeper()
    logging.getLogger().addHandler(keeper)
    try:
        yield keeper.kept
    finally:
        logging.getLogger().removeHandler(keeper)


@contextmanager
def staged(
    database_url: str,
    folder: Path,
    rota: Rota,
    *,
    start: int = NOON,
    on_call: int = 48 * HOUR,
    faults: Faults | None = None,
    seed: int = 7,
    **lines: Mapping[str, Any],
) -> Iterator[Stage]:
    """A stage on an empty database. Phones nobody spoke of accept calls; `lines` changes a line's settings.

    Those on the rota are on call for the first `on_call` seconds.
    """
    settings = settings_for(database_url, folder, lines)
    store = Store(settings.database_url)
    make_tables(store)
    fill(store, rota, start, start + on_call)
    store.close()
    with listening() as log, rehearse(settings, SECRETS, start, faults=faults, seed=seed) as rehearsal:
        rehearsal.service.standby.refresh(start)
        stage = Stage(rehearsal, settings, SECRETS, log)
        for name in PEOPLE:
            stage.phone(name, TAKES)
        for number in (BACKUP, SECOND_BACKUP):
            stage.phone(number, TAKES)
        yield stage
