"""The clock of the service jumps while a call goes on: whatever was waited for is due, and the caller ends well."""

import pytest

from helpline.store.tables import LiveCall, MonthlyCount
from helpline.twin import CallHandle, accept, ignore, silent
from ivr_flows.ringing import LONGEST_AFTER
from tests.scenarios.conftest import MakeStage
from tests.scenarios.stage import OTHER_CALLER, TAKES, Stage, times

pytestmark = pytest.mark.slow  # in `make check`: `make test` has five minutes

HOUR = 3600
JUMPS = [-HOUR, -60, -5, 60, HOUR]
TWO = {"france": [["Alix"], ["Billie"]]}
WAIT = 240.0
"""More seconds than the plans here take."""


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


def jump(stage: Stage, at: float, seconds: float) -> None:
    """The clock is set, in the middle of whatever goes on."""
    stage.at(at)
    stage.twin.clock.jump(seconds)


def ends_well(stage: Stage, call: CallHandle) -> None:
    """The caller has a human, or heard where else to turn, in their time."""
    stage.at(WAIT)
    alternative = times(call, "hears", text=stage.says("crisis-france"))
    assert call.talked_to or alternative
    assert (times(call, "bridged") + alternative)[0] <= WAIT
    stage.twin.run_until_idle()
    assert call.over


@pytest.mark.parametrize("at", [5.0, 13.0, 35.0, 60.0])
@pytest.mark.parametrize("seconds", JUMPS)
def test_a_caller_who_waits_for_deaf_phones_hears_the_alternative(
    make_stage: MakeStage, seconds: float, at: float
) -> None:
    """In the greeting, as the first phone is to ring, in the second wave, in the last."""
    stage = make_stage(TWO)
    stage.phones(Alix=ignore(), Billie=ignore())
    call = stage.dial()
    jump(stage, at, seconds)
    ends_well(stage, call)
    assert stage.counted() == {"unanswered": 1}


@pytest.mark.parametrize("at", [13.0, 16.0, 22.0])
@pytest.mark.parametrize("seconds", JUMPS)
def test_a_caller_whose_call_is_about_to_be_taken_is_not_lost(make_stage: MakeStage, seconds: float, at: float) -> None:
    """While the phone is to ring, rings, is picked up: they talk, or hear where else to turn."""
    stage = make_stage()
    stage.phones(Alix=accept(after=3, talks=None))
    call = stage.dial(talks=30)
    jump(stage, at, seconds)
    ends_well(stage, call)
    assert sum(stage.counted().values()) == 1


def jump_in_the_whisper(make_stage: MakeStage, seconds: float) -> tuple[Stage, CallHandle]:
    """Alix has picked up, and is about to press 1."""
    stage = make_stage()
    call = stage.dial(talks=30)
    while not times(call, "picks up", "Alix"):
        stage.twin.run_for(0.1)
    stage.twin.run_for(0.5)
    stage.twin.clock.jump(seconds)
    ends_well(stage, call)
    return stage, call


@pytest.mark.parametrize("seconds", [-60, -11, -5, 5])
def test_who_has_picked_up_gets_the_caller(make_stage: MakeStage, seconds: float) -> None:
    """Nobody leaves while somebody may press 1."""
    stage, call = jump_in_the_whisper(make_stage, seconds)
    assert call.talked_to == ["Alix"]
    assert stage.counted() == {"answered": 1}


@pytest.mark.parametrize("seconds", [-HOUR, -600, 600, HOUR])
def test_who_has_picked_up_is_told_when_nobody_can_know(make_stage: MakeStage, seconds: float) -> None:
    """A whisper of ten minutes is over: the caller hears where else to turn, the psychologist that they are gone."""
    stage, call = jump_in_the_whisper(make_stage, seconds)
    assert call.talked_to or call.heard("Alix")[-1] == stage.says("gone")


@pytest.mark.parametrize("seconds", JUMPS)
def test_a_talk_goes_on(make_stage: MakeStage, seconds: float) -> None:
    """The clock concerns nobody who talks; how long the talk was is known if the clock went on from there."""
    stage = make_stage()
    call = stage.dial(talks=60)
    jump(stage, 50, seconds)
    ends_well(stage, call)
    assert call.talked_to == ["Alix"]
    assert stage.counted() == {"answered": 1}
    (month,) = stage.rows(MonthlyCount)
    assert month["talk_seconds"] >= 0


def unheard_of(stage: Stage) -> None:
    """All word of the phones is lost."""
    stage.twin.faults.script("drop", kind="status", when=lambda request: "/status/" in request.url, times=None)


@pytest.mark.parametrize("seconds", [-HOUR, -600])
def test_a_phone_that_was_put_down_unheard_holds_nobody_up(make_stage: MakeStage, seconds: float) -> None:
    """Alix picked up, and the clock is set back: the time that she has to press 1 doesn't grow by as much."""
    stage = make_stage()
    unheard_of(stage)
    stage.phones(Alix=silent(hang_up_after=2))
    call = stage.dial()
    while not times(call, "picks up", "Alix"):
        stage.twin.run_for(0.5)
    stage.twin.run_for(1)
    stage.twin.clock.jump(seconds)
    stage.at(20 + LONGEST_AFTER)
    assert times(call, "leaves the queue")
    stage.twin.run_until_idle()


@pytest.mark.parametrize("seconds", [-HOUR, -600])
def test_nobody_stays_busy_because_the_clock_was_set_back(make_stage: MakeStage, seconds: float) -> None:
    """After a call whose end was never heard of: the next caller has the psychologist, not in an hour but now."""
    stage = make_stage()
    unheard_of(stage)
    first = stage.call(talks=20)
    assert first.talked_to == ["Alix"]
    stage.twin.clock.jump(seconds)
    assert stage.call(from_=OTHER_CALLER, talks=20).talked_to == ["Alix"]


@pytest.mark.parametrize("seconds", [-HOUR, -600])
def test_a_caller_may_try_again_after_a_jump(make_stage: MakeStage, seconds: float) -> None:
    """The wait that the jump ended is not their last: 1, and the phones ring."""
    stage = make_stage()
    stage.phones(Alix=[ignore(), TAKES])
    call = stage.dial(talks=20)
    jump(stage, 16, seconds)
    while stage.says("unanswered-menu") not in call.heard():
        stage.twin.run_for(1)
    call.press("1")
    stage.twin.run_until_idle()
    assert call.talked_to == ["Alix"]
    assert stage.rows(LiveCall) == []
