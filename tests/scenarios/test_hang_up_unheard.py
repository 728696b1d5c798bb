"""A caller hangs up while the database is down: neither the queue's word of it nor the call's can be written."""

from typing import Any

import pytest

from helpline.jobs.sweeping import SILENT_SECONDS
from helpline.store.tables import Erasure, LiveCall, MonthlyCount, WrapUp
from helpline.twin import accept, ignore
from tests.scenarios.conftest import MakeStage
from tests.scenarios.stage import BACKUP, SECOND_BACKUP, TAKES, Stage
from tests.scenarios.test_database_down import database_down

EVERYONE = {"france": [["Alix", "Billie"], ["Charlie"]]}
SOON = 3.0
"""Seconds after the database is back by which phones have fallen silent."""


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


def hung_up_unheard(stage: Stage, at: float, *, down: float = 2.0) -> float:
    """The caller leaves `at` so many seconds, and for `down` more the database answers nothing; when it is back."""
    call = stage.dial(hang_up_after=at)
    stage.at(at - 0.2)
    with database_down(stage):
        stage.at(at + down)
    assert call.over
    return at + down


def ringing(stage: Stage) -> list[float]:
    """Until when each phone rang that nobody picked up, in elapsed seconds: all of them are silent now."""
    stage.twin.run_until_idle()
    legs = [leg for leg in stage.twin.legs() if leg.direction == "outbound-api" and leg.answered is None]
    assert all(leg.over for leg in legs)
    return [leg.ended or 0.0 for leg in legs]


def tombstones(stage: Stage) -> list[dict[str, Any]]:
    """What is kept of callers' calls that are over."""
    callers = {leg.sid for leg in stage.twin.legs() if leg.direction == "inbound"}
    return [row for row in stage.rows(Erasure) if row["carrier_id"] in callers]


@pytest.mark.parametrize("at", [20, 34])
def test_the_phones_that_ring_fall_silent(make_stage: MakeStage, at: float) -> None:
    """As soon as the database is back, and the call is counted for what it was without asking the carrier."""
    stage = make_stage(EVERYONE)
    stage.phones(Alix=ignore(), Billie=ignore(), Charlie=ignore())
    back = hung_up_unheard(stage, at)
    stage.at(back + SOON)
    assert stage.rows(LiveCall) == []
    assert max(ringing(stage)) <= back + SOON
    assert stage.counted() == {"abandoned": 1}


def test_nobody_else_is_rung(make_stage: MakeStage) -> None:
    """A phone that rings out opens the next wave, but not for a caller who is known to have left."""
    stage = make_stage(EVERYONE)
    stage.phones(Alix=ignore(), Billie=ignore(), Charlie=ignore())
    back = hung_up_unheard(stage, 20)
    stage.at(back + 120)
    assert [stage.rung(name) for name in ("Alix", "Billie", "Charlie")] == [1, 1, 0]


def test_a_phone_that_was_about_to_be_rung_never_is(make_stage: MakeStage) -> None:
    """Its leg was wanted when the database went: the caller's end is written before any leg is created."""
    stage = make_stage(EVERYONE)
    stage.phones(Alix=ignore(), Billie=ignore())
    back = hung_up_unheard(stage, 12.8)
    assert stage.wanted()
    stage.at(back + 60)
    assert [stage.rung(name) for name in ("Alix", "Billie")] == [1, 0]
    assert max(ringing(stage)) <= back + SOON
    assert stage.counted() == {"abandoned": 1}


@pytest.mark.parametrize("backups", [[BACKUP], [BACKUP, SECOND_BACKUP]])
def test_who_presses_1_is_not_called_again(make_stage: MakeStage, backups: list[str]) -> None:
    """They find nobody in the queue, which is no reason to ring anybody anew for a caller who has left."""
    stage = make_stage(france={"backup": backups})
    stage.phones(Alix=accept(after=5, talks=None))
    back = hung_up_unheard(stage, 20)
    stage.at(back + 120)
    assert stage.rung("Alix") == 1
    assert [stage.rung(number) for number in backups] == [0] * len(backups)
    assert stage.counted() == {"abandoned": 1}


def test_a_coordinator_who_presses_1_is_not_called_again(make_stage: MakeStage) -> None:
    """The same for the numbers that are rung when nobody is on the rota, each of them once."""
    stage = make_stage({"france": [[]]}, france={"backup": [BACKUP, SECOND_BACKUP]})
    stage.phone(BACKUP, accept(after=5, talks=None))
    stage.phone(SECOND_BACKUP, accept(after=5, talks=None))
    back = hung_up_unheard(stage, 20)
    stage.at(back + 120)
    assert [stage.rung(number) for number in (BACKUP, SECOND_BACKUP)] == [1, 1]
    assert stage.counted() == {"abandoned": 1}


def test_a_conversation_is_counted_to_its_end(make_stage: MakeStage) -> None:
    """It ended when that was told, not when it could be written, and somebody has it to code."""
    stage = make_stage()
    stage.phones(Alix=TAKES)
    back = hung_up_unheard(stage, 50, down=40)
    stage.at(back + SOON)
    assert stage.rows(LiveCall) == []
    assert stage.counted() == {"answered": 1}
    (month,) = stage.rows(MonthlyCount)
    assert month["talk_seconds"] == pytest.approx(50 - 24, abs=3)
    assert len(stage.rows(WrapUp)) == 1


def test_whoever_asked_the_carrier_was_first(make_stage: MakeStage) -> None:
    """The sweeper has counted the call when its end is told at last: that changes nothing any more."""
    stage = make_stage(EVERYONE)
    stage.phones(Alix=ignore(), Billie=ignore(), Charlie=ignore())
    back = hung_up_unheard(stage, 20, down=SILENT_SECONDS + 40)
    stage.rehearsal.count()
    assert stage.rows(LiveCall) == []
    before = tombstones(stage)
    stage.at(back + SOON)
    assert not stage.rehearsal.service.retelling.unheard
    assert tombstones(stage) == before
    assert stage.counted() == {"abandoned": 1}


def test_a_process_that_stops_writes_what_it_heard(make_stage: MakeStage) -> None:
    """A new version takes over as soon as the database is back: the old one tries once more before it goes."""
    stage = make_stage(EVERYONE)
    stage.phones(Alix=ignore(), Billie=ignore())
    back = hung_up_unheard(stage, 20)
    stage.replace()
    assert stage.rows(LiveCall) == []
    assert max(ringing(stage)) <= back + SOON
    assert stage.counted() == {"abandoned": 1}


def test_a_process_that_stops_while_the_database_is_down(make_stage: MakeStage) -> None:
    """It stops all the same, and the sweeper counts the call."""
    stage = make_stage()
    stage.phones(Alix=TAKES)
    call = stage.dial(hang_up_after=50)
    stage.at(49)
    with database_down(stage):
        stage.at(52)
        stage.replace()
    stage.twin.run_until_idle()
    assert call.over
    assert stage.counted() == {"answered": 1}
