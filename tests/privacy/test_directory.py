"""What somebody keys who looks for help, and whom they are put through to, is kept nowhere but in their sealed URL."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helpline.jobs import truncating
from helpline.store.tables import Base
from helpline.twin import Behaviour, ignore
from ivr_flows import directory
from tests.privacy.test_canary import CANARY, everything
from tests.privacy.test_two_worlds import draw_alike, without_time
from tests.privacy.traces import hits, quiet, spellings
from tests.scenarios.conftest import FRANCE, MakeStage
from tests.scenarios.directory import LISTED, list_entries, telephone
from tests.scenarios.making import staged
from tests.scenarios.stage import Stage

pytestmark = pytest.mark.slow  # in `make check`: `make test` has five minutes

KEYED = "319900738"
"""No place, and nothing else either: it is asked for again."""
THROUGH = ("3", f"{KEYED}#", "31#", "1")
THEIRS = frozenset({"answer", "helpline.db", "directory_entries", "directory_edits"})
"""Where the directory itself is, and the documents that read it out."""


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


@pytest.fixture
def stage(make_stage: MakeStage) -> Stage:
    """The French line with Alix on call, and a directory."""
    stage = make_stage()
    list_entries(stage)
    return stage


def needles() -> dict[str, bytes]:
    """What tells of the caller."""
    return {**everything(), "keyed": KEYED.encode()}


@pytest.mark.parametrize("phone", [Behaviour(), ignore()], ids=["talks", "no answer"])
def test_nothing_keyed_is_kept(stage: Stage, tmp_path: Path, phone: Behaviour) -> None:
    """In no file, row, log line, URL or document; and of whom they were put through to no log line, URL or count."""
    telephone(stage, "toulouse", phone)
    stage.call(keys=THROUGH, from_=CANARY, talks=30)
    assert [leg.to for leg in stage.twin.legs()].count(LISTED["toulouse"].phone) == 1
    stage.rehearsal.settle()
    truncating.run(stage.store)
    assert hits(stage, tmp_path, needles()) == []
    chosen = {**spellings(LISTED["toulouse"].phone), "key": b"toulouse", "place": b"Haute-Garonne"}
    assert {where for where, _ in hits(stage, tmp_path, chosen)} <= THEIRS


@pytest.mark.parametrize("method", ["step", "begin"])
def test_a_crash_leaves_nothing(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    """A bug with what was keyed in hand is logged by its kind alone."""

    def broken(*given: object) -> None:
        raise ValueError(f"{given} {KEYED}")

    monkeypatch.setattr(directory, method, broken)
    stage.call(keys=THROUGH, from_=CANARY, talks=30)
    errors = quiet(stage)
    stage.log.extend(errors)
    assert errors
    assert hits(stage, tmp_path, needles()) == []
    quiet(stage)


WORLDS = (("+33199007381", "31#", "1"), ("anonymous", "75#", "2"))
"""Who calls, where they are, and whom they are put through to."""


@pytest.mark.parametrize("first", ["", "3"], ids=["after the ring", "before it"])
def test_two_callers_leave_the_same_world(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    """Whoever called from wherever and talked to whom: the store and the log hold the same afterwards, to the byte."""
    seen = []
    for number, (from_, place, choice) in enumerate(WORLDS):
        draw_alike(monkeypatch)
        folder = tmp_path / str(number)
        folder.mkdir()
        with staged(f"{sqlite_url}-{number}", folder, FRANCE if first else {}) as stage:
            list_entries(stage)
            for key in ("toulouse", "paris", "france"):
                telephone(stage, key, Behaviour())
            keys = (first, place, choice) if first else ("", "3", place, choice)
            call = stage.call(keys=keys, from_=from_, talks=60)
            assert call.talked_to == [{"1": "toulouse", "2": "france"}[choice]]
            stage.counted()
            rows = {table.__tablename__: stage.rows(table, *table.__table__.c) for table in Base.__subclasses__()}
            seen.append((json.dumps(rows, default=repr), [*map(without_time, stage.log)]))
    assert seen[0] == seen[1]
    assert "hourly_counts" in seen[0][0]
