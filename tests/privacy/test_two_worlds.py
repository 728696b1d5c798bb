from __future__ import annotations

import json
import logging
import random
import secrets
from functools import partial
from pathlib import Path

import pytest

from helpline.accounts.passwords import Passwords
from helpline.figures import records
from helpline.figures.records import Coding
from helpline.logs import SafeFormatter
from helpline.store.tables import Base
from tests.scenarios.conftest import FRANCE
from tests.scenarios.making import staged
from tests.scenarios.services import FAR, JOINS, brings, met, service, shelve
from tests.scenarios.stage import Stage

WORLDS = ("+33199007381", "anonymous")
"""Two callers as different as can be: one shows a number, the other withholds it."""


def _hex(dice: random.Random, n: int) -> str:
    return dice.randbytes(n).hex()


def _bytes(dice: random.Random, n: int | None = None) -> bytes:
    return dice.randbytes(n or 32)


def left_behind(stage: Stage, from_: str) -> tuple[dict[str, list[dict[str, object]]], list[str]]:
    """All rows, log lines and URLs after a call that was abandoned, one that was coded, and a meeting of three."""
    stage.call(from_=from_, hang_up_after=20)
    stage.call(from_=from_, talks=100)
    records.code(
        stage.store, stage.rehearsal.service.lines["france"], stage.person("Alix"), Coding(reasons=("burnout",))
    )
    shelve(stage, FAR)
    service(stage, JOINS.but(talks=30))
    stage.phones(Alix=brings())
    assert met(stage.call(from_=from_, talks=100))
    rows = {table.__tablename__: stage.rows(table, *table.__table__.c) for table in Base.__subclasses__()}
    return rows, [*map(without_time, stage.log), *(exchange.url for exchange in stage.twin.requests)]


def without_time(record: logging.LogRecord) -> str:
    """A log line but for its time, which is the machine's own and not the carrier's."""
    return json.dumps({**json.loads(SafeFormatter().format(record)), "at": ""})


def draw_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on ids and keys are drawn as they were after the last time this was called."""
    Passwords()  # draws once in a process, and never again
    dice = random.Random(1)
    monkeypatch.setattr(secrets, "token_hex", partial(_hex, dice))
    monkeypatch.setattr(secrets, "token_bytes", partial(_bytes, dice))
    monkeypatch.setattr(secrets, "randbits", dice.getrandbits)


def test_two_callers_leave_the_same_world(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever called, the store and the log hold the same afterwards, to the byte.

    Leg ids, row ids and rounding keys are drawn at random; here both worlds draw the same.
    """
    seen = []
    for number, from_ in enumerate(WORLDS):
        draw_alike(monkeypatch)
        folder = tmp_path / str(number)
        folder.mkdir()
        with staged(f"{sqlite_url}-{number}", folder, FRANCE) as stage:
            seen.append(left_behind(stage, from_))
    assert seen[0] == seen[1]
    assert len(seen[0][1]) > 20
    assert seen[0][0]["pool"]
