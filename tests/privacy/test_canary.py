from __future__ import annotations

import logging
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from helpline.calls.ringing import Ringing
from helpline.figures import records
from helpline.figures.records import Coding
from helpline.jobs import erasing, truncating
from helpline.store.erasures import ERASE_AFTER, KEEP_TOMBSTONE
from helpline.twin import CANARY_CITY, CANARY_NAME, Behaviour, accept, decline, ignore, voicemail
from tests.privacy.traces import hits, quiet, spellings, told_of_callers
from tests.scenarios.conftest import FRANCE, MakeStage
from tests.scenarios.services import JOINS, brings, met
from tests.scenarios.services import staged as brought
from tests.scenarios.stage import BACKUP, Stage
from tests.scenarios.test_database_down import database_down

CANARY = "+33199007381"
NAMES = {"name": CANARY_NAME.encode(), "city": CANARY_CITY.encode()}


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """SQLite in `make test`; PostgreSQL's turn comes in `make check`."""
    return either_database_url


def everything(number: str = CANARY) -> dict[str, bytes]:
    """What must be found nowhere."""
    return {**spellings(number), **NAMES}


def test_the_canary_would_be_found(stage: Stage, tmp_path: Path) -> None:
    """The search finds a number that somebody did write down, so that its silence means something."""
    (tmp_path / "a note").write_text(CANARY)
    assert ("a note", "digits") in hits(stage, tmp_path, everything())


@pytest.mark.parametrize("line", ["france", "belgium"])
def test_a_conversation_leaves_nothing_of_the_caller(make_stage: MakeStage, tmp_path: Path, line: str) -> None:
    """After a call that was answered, coded and reported, its caller's number is nowhere."""
    stage = make_stage({"france": [["Alix"]], "belgium": [["Alix"]]})
    handle = stage.call(line, "2" if line == "belgium" else "", CANARY, talks=100)
    assert handle.talked_to == ["Alix"]
    coded = records.code(
        stage.store, stage.rehearsal.service.lines[line], stage.person("Alix"), Coding(reasons=("burnout",))
    )
    assert coded
    assert hits(stage, tmp_path, everything()) == []


def test_a_meeting_of_three_leaves_nothing(make_stage: MakeStage, tmp_path: Path) -> None:
    """A service is brought onto the line, and goes again: what is asked and told meanwhile names nobody."""
    stage = brought(make_stage, brings(), JOINS.but(talks=30))
    handle = stage.call(from_=CANARY, talks=100)
    assert met(handle) == ["Alix", "service"]
    assert hits(stage, tmp_path, everything()) == []


@pytest.mark.parametrize("seconds", [3, 14, 20, 24])
def test_a_caller_who_hangs_up_leaves_nothing(stage: Stage, tmp_path: Path, seconds: int) -> None:
    """In the greeting, in the queue, during the whisper: whoever hangs up was never here."""
    stage.call(from_=CANARY, hang_up_after=seconds)
    assert hits(stage, tmp_path, everything()) == []


@pytest.mark.parametrize("withheld", ["anonymous", "Restricted", "unavailable", "+266696687", "+7378742833"])
def test_not_even_that_a_number_was_withheld_is_kept(stage: Stage, tmp_path: Path, withheld: str) -> None:
    """However a carrier spells that somebody hides their number: the spelling is nowhere."""
    stage.call(from_=withheld, talks=30)
    stage.call(from_=withheld, hang_up_after=20)
    words = {"withheld": withheld.lstrip("+").encode()}
    found = {where for where, _ in hits(stage, tmp_path, words)}
    english = (".en.html", "datapackage.json")  # "anonymous" is a word
    assert {where for where in found if not where.endswith(english)} == set()


def test_whatever_else_the_network_tells_is_kept_nowhere(make_stage: MakeStage, tmp_path: Path) -> None:
    """Names, cities, tokens, verdicts, and parameters nobody has heard of: dropped before anything can keep them."""
    stage = make_stage(FRANCE, france={"keypad_coding": True})
    stage.phones(Alix=[accept(talks=30), Behaviour(keys=("1", "1"), star_after=30), Behaviour(keys=("1", "01", "1"))])
    stage.call(from_=CANARY)
    stage.call(from_=CANARY, talks=70)
    told = told_of_callers(stage)
    assert len(told) >= 8
    assert hits(stage, tmp_path, told) == []


@pytest.mark.parametrize("behaviour", [ignore(), decline(), voicemail()], ids=["ignored", "declined", "voicemail"])
def test_an_unanswered_call_leaves_nothing(make_stage: MakeStage, tmp_path: Path, behaviour: Behaviour) -> None:
    """Nobody answered, the coordinator neither: nothing remembers who asked."""
    stage = make_stage(FRANCE, france={"backup": [BACKUP]})
    stage.phones(Alix=behaviour)
    stage.phone(BACKUP, behaviour)
    stage.call(from_=CANARY)
    assert stage.counted() == {"unanswered": 1}
    assert hits(stage, tmp_path, everything()) == []


@pytest.mark.parametrize("behaviour", [accept(talks=None), voicemail()], ids=["answered", "voicemail"])
def test_a_call_without_a_database_leaves_nothing(make_stage: MakeStage, tmp_path: Path, behaviour: Behaviour) -> None:
    """The carrier alone puts them through: neither its documents nor the standby file tell of the caller."""
    stage = make_stage(FRANCE, france={"backup": [BACKUP]})
    stage.phones(Alix=behaviour)
    with database_down(stage):
        handle = stage.call(from_=CANARY, talks=30)
    assert len(handle.talked_to) == 1
    assert (tmp_path / "run" / "standby").exists()
    assert hits(stage, tmp_path, everything()) == []


@pytest.mark.parametrize("fault", ["none", "500", "cut", "lost answer"])
def test_asking_the_carrier_leaves_nothing(
    stage: Stage, tmp_path: Path, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    """The carrier's list names the caller of every call: whatever breaks while it is read, the number goes nowhere."""
    caplog.set_level(logging.DEBUG)
    stage.twin.faults.script("drop", kind="status", times=None)
    if fault != "none":
        stage.twin.faults.script_rest(fault, "GET", "/Calls", times=3)
    stage.call(from_=CANARY, hang_up_after=3)
    stage.call(from_=CANARY, talks=30)
    assert stage.counted() == {"left_in_greeting": 1, "answered": 1}
    assert hits(stage, tmp_path, everything()) == []


@pytest.mark.parametrize("method", ["enter", "look", "claim"])
def test_a_crash_leaves_nothing(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    """A database error or a bug in the middle of a call is logged by its kind, never with what was in hand."""
    for error in (OperationalError(f"SELECT {CANARY}", {"From": CANARY}, Exception(CANARY)), ValueError(CANARY)):
        with monkeypatch.context() as patch:

            def broken(*_: object, error: Exception = error, **__: object) -> None:
                raise error

            patch.setattr(Ringing, method, broken)
            handle = stage.call(from_=CANARY, hang_up_after=60)
        errors = quiet(stage)
        stage.log.extend(errors)
        assert errors
        assert handle.over
        assert hits(stage, tmp_path, everything()) == []
        quiet(stage)
    stage.call(from_=CANARY, talks=10)  # the service is well again, and ends whatever was left


def test_after_erasure_the_carrier_is_forgotten_too(stage: Stage, tmp_path: Path) -> None:
    """A day after the carrier confirmed, not even its own name for the call is kept."""
    handle = stage.call(from_=CANARY, talks=30)
    api = stage.rehearsal.service.placing.api
    sids = {leg.sid: leg.sid.encode() for leg in handle.legs()}
    assert hits(stage, tmp_path, sids) != []
    stage.twin.run_for(ERASE_AFTER + 60)
    erasing.run(stage.store, api, stage.now)  # type: ignore[arg-type] # the placer's API is the whole one
    stage.twin.run_for(KEEP_TOMBSTONE + 60)
    erasing.run(stage.store, api, stage.now)  # type: ignore[arg-type] # the same
    truncating.run(stage.store)
    assert [where for where, _ in hits(stage, tmp_path, sids) if where not in {"answer", "url"}] == []
    assert stage.twin.calls == {}
