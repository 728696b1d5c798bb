"""A folder with three people and some shifts, for commands that run at a set time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from helpline.cli import rota_shared
from helpline.lines import load_lines
from helpline.settings import load
from helpline.shifts.editing import Desk
from helpline.store.sessions import Store
from rota.staff import Limits
from tests.shell import NOON, SetClock, with_people


@contextmanager
def desk_in(folder: Path) -> Iterator[Desk]:
    """The desk of a folder that `helpline init` made, with Alix, Boris and Charlie."""
    settings = load(folder / "config.toml")
    store = Store(settings.database_url)
    try:
        with_people(store)
        yield Desk(store, load_lines(settings), Limits())
    finally:
        store.close()


def set_clock(monkeypatch: pytest.MonkeyPatch, now: float = NOON) -> None:
    """Commands run at `now`."""
    monkeypatch.setattr(rota_shared, "SystemClock", lambda: SetClock(now))
