"""A psychologist is rung for the next caller when their phone is down, and not before: no call beeps into an ear."""

import pytest

from helpline.calls.advancing import OFF_THE_PHONE
from helpline.twin import Behaviour, CallHandle, Outgoing, accept, decline, ignore
from ivr_flows.ringing import THANKS_SECONDS, TICK_SECONDS, LegState
from tests.scenarios.conftest import MakeStage
from tests.scenarios.stage import BACKUP, OTHER_CALLER, TAKES, Stage, entries, order_of_rings, rings, times


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


BURNOUT = "01"
"""The two-digit number of a reason in the shipped list."""


def last_phone_down(stage: Stage, name: str, before: float) -> float:
    """When somebody's phone was put down after a call that began before an instant (seconds of the clock)."""
    return max(leg.ended or 0.0 for leg in stage.twin.legs() if leg.party.name == name and leg.created < before)


def second_caller(stage: Stage, seconds: float) -> CallHandle:
    """Another caller, who dials at this instant and talks for a while."""
    stage.at(seconds)
    call = stage.dial(from_=OTHER_CALLER, talks=20)
    stage.twin.run_until_idle()
    return call


def test_a_psychologist_who_keys_a_reason_is_not_rung(make_stage: MakeStage) -> None:
    """The caller has hung up and is counted; Alix codes the call at her phone: the next caller waits till then."""
    stage = make_stage(france={"keypad_coding": True})
    stage.phones(Alix=[Behaviour(keys=("1", BURNOUT, "1")), TAKES])
    first = stage.dial(talks=60)
    stage.at(60)
    second = second_caller(stage, times(first, "bridged")[0] + 60 - 10)
    assert first.heard("Alix")[-1] == stage.says("code-saved")
    coded = last_phone_down(stage, "Alix", 60)
    rung = second.call.created + rings(second)[0][1]
    assert first.call.ended is not None
    assert second.call.created + times(second, "queued")[0] < coded
    assert first.call.ended < coded <= rung <= coded + TICK_SECONDS + 2
    assert second.talked_to == ["Alix"]


def test_a_psychologist_who_is_thanked_is_not_rung(make_stage: MakeStage) -> None:
    """Alix passes, and her caller hangs up in that moment: a call of the next caller doesn't drown the thanks."""
    stage = make_stage()
    stage.phones(Alix=[decline(after=2), TAKES])
    first = stage.dial()
    while not times(first, "presses", "Alix"):
        stage.twin.run_for(0.1)
    pressed = stage.twin.clock.elapsed()
    stage.dial(from_=OTHER_CALLER, talks=20)
    stage.at(pressed + 0.5)
    first.hang_up()
    stage.twin.run_until_idle()
    assert stage.says("declined") in first.heard("Alix")
    assert stage.rung("Alix") == 2
    assert stage.counted() == {"answered": 1, "abandoned": 1}


@pytest.mark.parametrize("seconds", [0.0, 1.0, 2.5, 5.0])
def test_who_hears_the_whisper_when_the_caller_leaves_is_busy(make_stage: MakeStage, seconds: float) -> None:
    """The caller hangs up while Alix is asked for a key: another caller's call waits until she has heard why."""
    stage = make_stage({"france": [["Alix"], ["Billie"]]})
    stage.phones(Alix=[accept(after=2), TAKES], Billie=ignore())
    other = stage.dial(from_=OTHER_CALLER, talks=20)
    first = stage.dial("france")
    while not entries(first, "picks up", "Alix") and not entries(other, "picks up", "Alix"):
        stage.twin.run_for(0.1)
    stage.twin.run_for(seconds)
    whose = first if entries(first, "picks up", "Alix") else other
    whose.hang_up()
    stage.twin.run_until_idle()
    assert stage.twin.busy_rings == 0
    assert sum(stage.counted().values()) == 2


def word_of(stage: Stage, name: str) -> None:
    """From now on the carrier's word that somebody's phone is down is lost."""
    number = stage.twin.phones[stage.phone(name, TAKES).number].number

    def is_its_end(request: Outgoing) -> bool:
        return "/status/" in request.url and request.params.get("To") == number

    stage.twin.faults.script("drop", when=is_its_end, times=None)


def test_a_lost_word_keeps_nobody_from_the_next_caller_for_long(make_stage: MakeStage) -> None:
    """That Alix has put her phone down is never heard: some minutes later she is rung again all the same."""
    stage = make_stage(france={"backup": []})
    word_of(stage, "Alix")
    first = stage.call(talks=30)
    assert first.talked_to == ["Alix"]
    wait = OFF_THE_PHONE[LegState.TALKING]
    second = second_caller(stage, stage.twin.clock.elapsed() + wait - 60)
    assert second.talked_to == ["Alix"]
    assert second.call.created + rings(second)[0][1] >= (first.call.ended or 0) + wait


def test_thanks_are_short(make_stage: MakeStage) -> None:
    """Whoever passed is busy for some seconds more, even if the end of their call is never heard of."""
    stage = make_stage({"france": [["Alix"], ["Billie"]]})
    word_of(stage, "Alix")
    stage.phones(Alix=decline(after=2), Billie=ignore())
    first = stage.dial(hang_up_after=60)
    while not times(first, "presses", "Alix"):
        stage.twin.run_for(0.1)
    pressed = stage.twin.clock.elapsed()
    stage.phones(Alix=TAKES)
    second = second_caller(stage, pressed)  # who enters the queue 12 s later
    assert THANKS_SECONDS < 12
    assert order_of_rings(second)[0] == "Alix"
    assert second.talked_to == ["Alix"]


SHARED = {"france": {"backup": [BACKUP]}, "belgium": {"backup": [BACKUP]}}


def test_a_backup_of_two_lines_is_one_phone(make_stage: MakeStage) -> None:
    """The coordinator of both lines talks to a French caller: a Belgian one is told where else to turn."""
    stage = make_stage({}, **SHARED)
    first = stage.dial(talks=100)
    stage.at(50)
    second = stage.dial("belgium", "1", from_=OTHER_CALLER)
    stage.twin.run_until_idle()
    assert first.talked_to == ["coordinator"]
    assert stage.rung(BACKUP) == 1
    assert stage.says("crisis-belgium") in second.heard()
    assert stage.counted() == {"answered": 1, "unanswered": 1}


def test_a_backup_of_two_lines_rings_for_one(make_stage: MakeStage) -> None:
    """Two callers in the same seconds, one coordinator for both lines: the phone rings once."""
    stage = make_stage({}, **SHARED)
    stage.phone(BACKUP, ignore())
    stage.dial()
    stage.dial("belgium", "1", from_=OTHER_CALLER)
    stage.twin.run_until_idle()
    assert stage.rung(BACKUP) == 1
    assert stage.counted() == {"unanswered": 2}


def test_a_psychologist_of_two_lines_is_one_person(make_stage: MakeStage) -> None:
    """On call for both lines, talking for one: the other line's caller holds, and gets her when she hangs up."""
    stage = make_stage({"france": [["Alix"]], "belgium": [["Alix"]]})
    first = stage.dial(talks=60)
    stage.at(40)
    second = stage.dial("belgium", "1", from_=OTHER_CALLER, talks=20)
    stage.twin.run_until_idle()
    assert first.talked_to == second.talked_to == ["Alix"]
    assert stage.says("hold-busy", wait="3 minutes") in second.heard()
