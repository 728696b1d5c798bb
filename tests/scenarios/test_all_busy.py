"""Everybody who could take the call is on the phone: the caller is told so, and gets whoever hangs up first."""

from typing import Any

import pytest

from helpline.store.around import FRESH_SECONDS
from helpline.twin import CallHandle, Outgoing, accept, ignore
from ivr_flows.ringing import LONGEST_AFTER, TICK_SECONDS
from tests.scenarios.conftest import MakeStage
from tests.scenarios.stage import BACKUP, OTHER_CALLER, TAKES, Stage, entries, order_of_rings, rings, times


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


HELD = 180
"""Seconds that a caller holds for somebody to be free, unless the line says otherwise."""
THIRD_CALLER, FOURTH_CALLER = "+33199009003", "+33199009004"


def first_talks(make_stage: MakeStage, seconds: float, **how: Any) -> Stage:  # noqa: ANN401 - as `staged`
    """Alix is alone on call and talks to a first caller for so many seconds."""
    stage = make_stage(**how)
    stage.dial(talks=seconds)
    stage.at(30)
    return stage


def told(stage: Stage, minutes: str) -> str:
    """What a held caller hears."""
    return stage.says("hold-busy", wait=minutes)


def test_who_hangs_up_takes_the_next_caller(make_stage: MakeStage) -> None:
    """The only psychologist talks: the second caller hears so, holds, and has her a moment after she has hung up."""
    stage = first_talks(make_stage, 90)
    call = stage.dial(from_=OTHER_CALLER, talks=30)
    stage.twin.run_until_idle()
    heard = [entry.text for entry in entries(call, "hears") if entry.at > times(call, "queued")[0]]
    assert heard[0] == told(stage, "3 minutes")
    assert call.talked_to == ["Alix"]
    free = max(leg.ended or 0 for leg in stage.twin.legs() if leg.party.name == "Alix" and leg.created < 30)
    assert 30 + rings(call)[0][1] - free <= TICK_SECONDS + 1
    assert stage.counted() == {"answered": 2}


def test_nobody_is_said_to_be_called(make_stage: MakeStage) -> None:
    """While a caller holds nobody is rung for them, and nothing of the kind is said."""
    stage = first_talks(make_stage, 600)
    call = stage.call(from_=OTHER_CALLER)
    held = {
        e.text for e in entries(call, "hears") if times(call, "queued")[0] < e.at < times(call, "leaves the queue")[0]
    }
    minutes = {told(stage, wait) for wait in ("3 minutes", "2 minutes")}
    assert minutes <= held
    rest = {told(stage, wait) for wait in ("une minute", *(f"{n} secondes" for n in range(10, 60, 10)))}
    assert held <= minutes | rest | {stage.says("hold-2")}


def test_a_caller_is_held_as_long_as_they_were_told(make_stage: MakeStage) -> None:
    """Nobody hangs up in three minutes: then the numbers they were promised are spoken, and not much later."""
    stage = first_talks(make_stage, 600)
    call = stage.dial(from_=OTHER_CALLER)
    stage.at(300)
    waited = times(call, "leaves the queue")[0] - times(call, "queued")[0]
    assert HELD <= waited <= HELD + TICK_SECONDS
    assert stage.says("crisis-france") in call.heard()
    stage.twin.run_until_idle()
    assert stage.counted() == {"answered": 1, "unanswered": 1}


def test_a_line_says_how_long_its_callers_hold(make_stage: MakeStage) -> None:
    """One minute, where the line wants that."""
    stage = first_talks(make_stage, 600, france={"ringing": {"busy": 60}})
    call = stage.dial(from_=OTHER_CALLER)
    stage.at(200)
    assert told(stage, "une minute") in call.heard()
    waited = times(call, "leaves the queue")[0] - times(call, "queued")[0]
    assert 60 <= waited <= 60 + TICK_SECONDS
    stage.twin.run_until_idle()


def test_a_backup_is_rung_for_who_is_held(make_stage: MakeStage) -> None:
    """The coordinator doesn't answer: the caller holds on, and the psychologist who hangs up is rung."""
    stage = first_talks(make_stage, 110, france={"backup": [BACKUP]})
    stage.phone(BACKUP, ignore())
    call = stage.dial(from_=OTHER_CALLER, talks=30)
    stage.twin.run_until_idle()
    assert order_of_rings(call)[:2] == ["coordinator", "Alix"]
    assert call.talked_to == ["Alix"]


def dial_one_after_the_other(stage: Stage, *numbers: str) -> list[CallHandle]:
    """Callers who come three seconds apart."""
    calls = []
    for number in numbers:
        calls.append(stage.dial(from_=number, talks=20))
        stage.twin.run_for(3)
    return calls


def test_the_oldest_caller_comes_first(make_stage: MakeStage) -> None:
    """Three hold for one psychologist: she talks to each in the order in which they came."""
    stage = first_talks(make_stage, 60)
    calls = dial_one_after_the_other(stage, OTHER_CALLER, THIRD_CALLER, FOURTH_CALLER)
    stage.twin.run_until_idle()
    assert [call.talked_to for call in calls] == [["Alix"]] * 3
    bridged = [30 + 3 * place + times(call, "bridged")[0] for place, call in enumerate(calls)]
    assert bridged == sorted(bridged)
    assert stage.counted() == {"answered": 4}


@pytest.mark.parametrize("seconds", range(0, 16, 3))
def test_a_new_caller_doesnt_overtake(make_stage: MakeStage, seconds: int) -> None:
    """Alix hangs up, and before the caller who holds has asked again a new one comes: she is kept for the first."""
    stage = first_talks(make_stage, 90)
    held = stage.dial(from_=OTHER_CALLER, talks=30)
    # The greeting lasts 12 s: the new caller is to enter the queue about when Alix is free.
    stage.at(95 + seconds)
    new = stage.dial(from_=THIRD_CALLER, talks=30)
    stage.twin.run_until_idle()
    assert held.talked_to == new.talked_to == ["Alix"]
    assert 30 + times(held, "bridged")[0] < 95 + seconds + times(new, "bridged")[0]


def test_a_new_caller_gets_whom_nobody_waits_for(make_stage: MakeStage) -> None:
    """A caller in Dutch holds for Dirk: one in French isn't kept from Billie, who speaks no Dutch."""
    stage = make_stage({"belgium": [["Dirk", "Billie"]]}, belgium={"accepted_languages": []})
    stage.phones(Dirk=accept(talks=60), Billie=TAKES)
    stage.dial("belgium", "2", talks=None)
    stage.at(40)
    held = stage.dial("belgium", "2", from_=OTHER_CALLER, talks=20)
    stage.at(45)
    french = stage.dial("belgium", "1", from_=THIRD_CALLER, talks=10)
    stage.at(80)
    assert french.talked_to == ["Billie"]
    assert not held.talked_to
    for call in stage.twin.phones.values():
        call.hang_up()
    stage.twin.run_until_idle()


def without_a_word(stage: Stage, call: CallHandle) -> None:
    """The caller hangs up, and nothing that the carrier says of it arrives."""

    def is_its_end(request: Outgoing) -> bool:
        return request.call_sid == call.sid and request.params.get("CallStatus") == "completed"

    stage.twin.faults.script("drop", when=is_its_end, times=None)
    call.hang_up()


def test_a_caller_who_hung_up_unheard_keeps_nobody_back(make_stage: MakeStage) -> None:
    """Word of their end was lost: a minute later whoever holds after them has the psychologist."""
    stage = first_talks(make_stage, 90)
    gone, held = dial_one_after_the_other(stage, OTHER_CALLER, THIRD_CALLER)
    stage.at(100)
    without_a_word(stage, gone)
    stage.twin.run_until_idle()
    assert gone.talked_to == []
    assert held.talked_to == ["Alix"]
    assert 33 + rings(held)[0][1] <= 100 + FRESH_SECONDS + TICK_SECONDS + 1
    assert order_of_rings(gone) == []


def test_who_tries_again_is_told_anew(make_stage: MakeStage) -> None:
    """After the numbers the caller presses 1: held once more, with the whole time."""
    stage = first_talks(make_stage, 500)
    call = stage.dial(from_=OTHER_CALLER, talks=20)
    while stage.says("unanswered-menu") not in call.heard():
        stage.twin.run_for(1)
    call.press("1")
    stage.twin.run_until_idle()
    assert call.heard().count(told(stage, "3 minutes")) >= 2
    left = times(call, "leaves the queue", text="leave")
    assert times(call, "queued")[1] > left[0]


@pytest.mark.parametrize("seconds", [-3600, 3600])
def test_a_clock_that_jumps_holds_nobody_for_an_hour(make_stage: MakeStage, seconds: int) -> None:
    """Nothing else would move them on: whoever holds is let go to the spoken alternative."""
    stage = first_talks(make_stage, 600)
    call = stage.dial(from_=OTHER_CALLER)
    stage.at(90)
    stage.twin.clock.jump(seconds)
    stage.at(90 + LONGEST_AFTER)
    assert times(call, "leaves the queue")
    stage.at(90 + LONGEST_AFTER + 20)
    assert stage.says("crisis-france") in call.heard()
    stage.twin.run_until_idle()
