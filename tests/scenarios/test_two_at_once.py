from helpline.twin import Behaviour, CallHandle, accept, decline, ignore
from tests.scenarios.conftest import MakeStage
from tests.scenarios.stage import BACKUP, OTHER_CALLER, Stage, entries, times

AT_ONCE = Behaviour(answer="by hand")


def pick_up_together(make_stage: MakeStage) -> tuple[Stage, CallHandle]:
    """Alix and Billie have both picked up and hear the whisper."""
    stage = make_stage({"france": [["Alix", "Billie"]]})
    stage.phones(Alix=AT_ONCE, Billie=AT_ONCE)
    call = stage.dial(talks=30)
    stage.at(16)
    for phone in stage.twin.phones.values():
        phone.pick_up()
    stage.at(20)
    return stage, call


def press_one(stage: Stage, name: str) -> None:
    """Somebody presses 1 now."""
    next(phone for phone in stage.twin.phones.values() if phone.name == name).press("1")


def test_two_press_one_in_the_same_instant(make_stage: MakeStage) -> None:
    """Two psychologists accept at the same moment: one talks, the other is thanked, and nobody hears both."""
    stage, call = pick_up_together(make_stage)
    press_one(stage, "Alix")
    press_one(stage, "Billie")
    stage.twin.run_until_idle()
    assert len(call.talked_to) == 1
    (loser,) = {"Alix", "Billie"} - set(call.talked_to)
    assert entries(call, "hears", loser)[-1].text == stage.says("taken")
    assert not times(call, "bridged", loser)
    assert stage.counted() == {"answered": 1}


def test_one_accepts_while_another_listens(make_stage: MakeStage) -> None:
    """Whoever has picked up is never cut: they hear that a colleague has taken the call when they decide."""
    stage, call = pick_up_together(make_stage)
    press_one(stage, "Alix")
    stage.at(23)
    press_one(stage, "Billie")
    stage.twin.run_until_idle()
    assert call.talked_to == ["Alix"]
    assert entries(call, "hears", "Billie")[-1].text == stage.says("taken")


def test_one_accepts_and_another_stays_silent(make_stage: MakeStage) -> None:
    """The other says nothing: they too hear that the call is taken, instead of being asked a second time."""
    stage, call = pick_up_together(make_stage)
    press_one(stage, "Alix")
    stage.twin.run_until_idle()
    said = [entry.text for entry in entries(call, "hears", "Billie")]
    assert said.count(stage.says("whisper-accept")) == 1
    assert said[-1] == stage.says("taken")


def test_phones_still_ringing_fall_silent_at_once(make_stage: MakeStage) -> None:
    """The moment somebody accepts, no other phone rings on."""
    stage = make_stage({"france": [["Alix", "Billie", "Charlie"]]})
    stage.phones(Alix=accept(after=5, talks=None), Billie=ignore(), Charlie=ignore())
    call = stage.call(talks=30)
    accepted = times(call, "presses", "Alix")[0]
    assert [times(call, "call ends", name)[0] - accepted < 1 for name in ("Billie", "Charlie")] == [True, True]


def test_whoever_picks_up_a_moment_too_late_is_told(make_stage: MakeStage) -> None:
    """Billie picks up in the very second in which Alix accepts: she isn't cut, she hears why."""
    stage = make_stage({"france": [["Alix", "Billie"]]})
    stage.phones(Alix=AT_ONCE, Billie=AT_ONCE)
    call = stage.dial(talks=30)
    stage.at(16)
    alix, billie = (phone for phone in stage.twin.phones.values() if phone.name in {"Alix", "Billie"})
    alix.pick_up()
    stage.at(20)
    billie.pick_up()
    alix.press("1")
    stage.twin.run_until_idle()
    assert call.talked_to == ["Alix"]
    assert entries(call, "hears", "Billie")[-1].text == stage.says("taken")


def test_a_second_caller_never_rings_a_ringing_phone(make_stage: MakeStage) -> None:
    """Two callers in the same minute, two psychologists: no phone gets two calls at once, both callers are served."""
    stage = make_stage({"france": [["Alix", "Billie"]]})
    stage.phones(Alix=[ignore(), ignore(), accept(talks=None)], Billie=accept(after=12, talks=None))
    first = stage.dial(talks=20)
    stage.at(14)
    second = stage.dial(from_=OTHER_CALLER, talks=20)
    stage.twin.run_until_idle()
    assert first.talked_to == ["Billie"]
    assert stage.twin.busy_rings == 0
    assert len(times(second, "hears")) > 1


def test_a_psychologist_who_declined_one_caller_may_take_the_next(make_stage: MakeStage) -> None:
    """Passing concerns one caller only."""
    stage = make_stage()
    stage.phones(Alix=[decline(), accept(talks=None)])
    assert stage.call().talked_to == []
    assert stage.call(from_=OTHER_CALLER, talks=30).talked_to == ["Alix"]
    assert stage.counted() == {"answered": 1, "unanswered": 1}


def test_somebody_being_thanked_is_not_rung_for_another(make_stage: MakeStage) -> None:
    """Alix has passed and still hears the thanks when a second caller comes: her phone gets no second call."""
    stage = make_stage({"france": [["Alix"], ["Billie"], ["Charlie"]]})
    stage.phones(Alix=decline(), Billie=[ignore(), accept(talks=None)])
    first = stage.dial(talks=20)
    stage.at(12)
    second = stage.dial(from_=OTHER_CALLER, talks=20)
    stage.twin.run_until_idle()
    queued = 12 + times(second, "queued")[0]
    assert times(first, "presses", "Alix")[0] < queued < times(first, "call ends", "Alix")[0]
    assert stage.rung("Alix") == 1
    assert second.talked_to == ["Charlie"]
    assert stage.counted() == {"answered": 2}


def test_a_coordinator_who_talks_is_not_rung_for_another(make_stage: MakeStage) -> None:
    """Backup numbers are somebody's phone too: the second caller hears the spoken alternative, and no beep is heard."""
    stage = make_stage({}, france={"backup": [BACKUP]})
    first = stage.dial(talks=100)
    stage.at(40)
    second = stage.dial(from_=OTHER_CALLER)
    stage.twin.run_until_idle()
    assert first.talked_to == ["coordinator"]
    assert stage.rung(BACKUP) == 1
    assert stage.says("crisis-france") in second.heard()
    assert stage.counted() == {"answered": 1, "unanswered": 1}
