"""The one number the service ever keeps: sealed, in one row, for as long as it is needed, and nowhere else."""

from __future__ import annotations

import json
import random
import secrets
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from helpline.calls.callback import WANTED_SECONDS, Callbacks
from helpline.jobs import truncating
from helpline.logs import SafeFormatter
from helpline.store.tables import Base, Callback
from helpline.twin import Behaviour, accept, ignore, voicemail
from tests.privacy.test_canary import CANARY, everything
from tests.privacy.test_two_worlds import WORLDS
from tests.privacy.traces import hits, quiet, spellings
from tests.scenarios.callbacks import OWN_NUMBER, Worker, ask, come_on_call, job, keyed, states, telephone
from tests.scenarios.conftest import MakeStage
from tests.scenarios.making import staged
from tests.scenarios.stage import OTHER_CALLER, Stage

pytestmark = pytest.mark.slow  # in `make check`: `make test` has five minutes


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


MAKES = Behaviour(keys=("1",))
KEYED = "0" + CANARY[3:]


@pytest.fixture
def stage(make_stage: MakeStage) -> Stage:
    """Nobody is on call yet, and the worker is well."""
    stage = make_stage({})
    stage.phones(Alix=MAKES)
    Worker(stage)
    return stage


def found(stage: Stage, folder: Path, needles: dict[str, bytes]) -> set[str]:
    """Where any of these was found, but for the documents that go to the carrier."""
    truncating.run(stage.store)
    return {where for where, _ in hits(stage, folder, needles)} - {"answer"}


@pytest.mark.parametrize(
    ("keys", "from_"), [(OWN_NUMBER, CANARY), (keyed(KEYED), OTHER_CALLER)], ids=["the own one", "one that is keyed"]
)
@pytest.mark.parametrize("phone", [accept(talks=60), voicemail(after=6), ignore()], ids=["taken", "voicemail", "no"])
def test_a_number_is_nowhere_in_the_clear(
    stage: Stage, tmp_path: Path, keys: tuple[str, ...], from_: str, phone: Behaviour
) -> None:
    """While it is kept, while it is called and after: in no file, row, log line or URL."""
    ask(stage, keys, from_=from_)
    assert states(stage) == ["wanted"]
    assert found(stage, tmp_path, everything()) == set()
    telephone(stage, phone, number=CANARY)
    come_on_call(stage, "Alix")
    for _ in range(8):
        stage.twin.run_for(15)
        assert found(stage, tmp_path, everything()) == set()
    stage.twin.run_for(2000)
    assert stage.rows(Callback) == []
    assert found(stage, tmp_path, everything()) == set()


def test_only_two_documents_hold_it(stage: Stage) -> None:
    """The carrier is told it where it has to be: once to be read back, digit by digit, and once to be dialled."""
    ask(stage, keyed(KEYED), from_=OTHER_CALLER)
    telephone(stage, accept(talks=60), number=CANARY)
    come_on_call(stage, "Alix")
    stage.twin.run_for(300)
    needles = [*spellings(CANARY).values(), b"0 1, 9 9, 0 0, 7 3, 8 1"]
    holding = [each.url.split("/")[5] for each in stage.twin.requests if any(n in each.body for n in needles)]
    assert holding == ["asking", "calling"]


@pytest.mark.parametrize("how", ["declined", "connected", "expired"])
def test_what_was_sealed_is_gone_too(stage: Stage, tmp_path: Path, how: str) -> None:
    """After the conversation, or a day, or a refusal: not even the sealed number is left in the file or its log."""
    stage.dial(keys=(*OWN_NUMBER[:-1], "2") if how == "declined" else OWN_NUMBER, from_=CANARY)
    stage.twin.run_for(15.8)
    (row,) = stage.rows(Callback)
    sealed = {"sealed": row["sealed"]}
    if stage.store.is_sqlite:
        assert found(stage, tmp_path, sealed) == {"helpline.db"}
    stage.twin.run_for(60)
    if how == "connected":
        telephone(stage, accept(talks=60), number=CANARY)
        come_on_call(stage, "Alix")
        stage.twin.run_for(240)
    elif how == "expired":
        service = stage.rehearsal.service
        uses = service_callbacks(stage)
        uses.tidy(service.lines, stage.now + WANTED_SECONDS)
    assert stage.rows(Callback) == []
    assert found(stage, tmp_path, sealed) == set()


def service_callbacks(stage: Stage) -> Callbacks:
    """The use cases of the service that is running."""
    return job(stage.rehearsal, stage).callbacks


BROKEN = (OperationalError(f"UPDATE {CANARY}", {"n": CANARY}, Exception(CANARY)), ValueError(CANARY))


@pytest.mark.parametrize("method", ["give", "given", "want", "dial", "accept", "over"])
@pytest.mark.parametrize("error", BROKEN, ids=["database", "bug"])
def test_a_crash_leaves_nothing(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, error: Exception
) -> None:
    """A database error or a bug with the number in hand is logged by its kind, never with what was in hand."""

    def broken(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(Callbacks, method, broken)
    stage.dial(keys=keyed(KEYED), from_=CANARY)
    stage.twin.run_for(120)
    telephone(stage, accept(talks=20), number=CANARY)
    come_on_call(stage, "Alix")
    stage.twin.run_for(200)
    errors = quiet(stage)
    stage.log.extend(errors)
    assert errors
    assert found(stage, tmp_path, everything()) == set()
    quiet(stage)
    stage.rehearsal.transport.crashes.clear()


def left_behind(stage: Stage, from_: str) -> tuple[dict[str, list[dict[str, object]]], list[str]]:
    """All rows, log lines and URLs after a call in which a callback was offered and not asked for."""
    Worker(stage)
    ask(stage, (), from_=from_)
    rows = {table.__tablename__: stage.rows(table, *table.__table__.c) for table in Base.__subclasses__()}
    logged = [json.dumps({**json.loads(SafeFormatter().format(record)), "at": ""}) for record in stage.log]
    return rows, [*logged, *(exchange.url for exchange in stage.twin.requests)]


def test_an_offer_that_isnt_taken_leaves_the_same_world(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever heard it: nothing tells one caller from another until they choose the callback by a key."""
    seen = []
    for number, from_ in enumerate(WORLDS):
        dice = random.Random(1)
        monkeypatch.setattr(secrets, "token_hex", lambda n, dice=dice: dice.randbytes(n).hex())
        monkeypatch.setattr(secrets, "token_bytes", dice.randbytes)
        monkeypatch.setattr(secrets, "randbits", dice.getrandbits)
        folder = tmp_path / str(number)
        folder.mkdir()
        with staged(f"{sqlite_url}-{number}", folder, {}) as stage:
            assert stage.says("callback-offer", key="2")
            seen.append(left_behind(stage, from_))
    assert seen[0] == seen[1]
    assert len(seen[0][1]) > 4
