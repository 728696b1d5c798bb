import pytest

from helpline.twin import Behaviour, CallHandle, Phone, decline, ignore, silent
from tests.scenarios.conftest import MakeStage
from tests.scenarios.stage import PEOPLE, Stage, entries, order_of_rings, rings, times


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


def test_during_the_whisper(make_stage: MakeStage) -> None:
    """A psychologist hangs up instead of pressing a key: the next one rings without delay."""
    stage = make_stage({"france": [["Alix"], ["Billie"]]})
    stage.phones(Alix=silent(hang_up_after=3))
    call = stage.call(talks=30)
    gone = times(call, "call ends", "Alix")[0]
    assert rings(call)[1][1] - gone < 2.5
    assert call.talked_to == ["Billie"]


def accepted_and_hung_up(make_stage: MakeStage, later: float) -> tuple[Stage, CallHandle]:
    """Alix presses 1 and hangs up `later` seconds after; Billie would take the call."""
    stage = make_stage({"france": [["Alix"], ["Billie"]]})
    stage.phones(Alix=Behaviour(answer="by hand"))
    call = stage.dial(talks=30)
    stage.at(15)
    alix: Phone = next(phone for phone in stage.twin.phones.values() if phone.name == "Alix")
    alix.pick_up()
    stage.at(20)
    alix.press("1")
    stage.at(20 + later)
    alix.hang_up()
    stage.twin.run_until_idle()
    return stage, call


@pytest.mark.parametrize("later", [0.03, 0.07, 0.12, 1.5, 2.7])
def test_between_their_yes_and_the_bridge(make_stage: MakeStage, later: float) -> None:
    """A psychologist accepts and is gone before the caller is connected: the caller waits on, and others are called."""
    stage, call = accepted_and_hung_up(make_stage, later)
    assert call.talked_to == ["Billie"]
    assert stage.says("goodbye") not in call.heard()
    assert stage.counted() == {"answered": 1}
    assert rings(call)[1][1] < 20 + later + 12


def test_the_first_of_them_is_called_again_in_the_end(make_stage: MakeStage) -> None:
    """Whoever lost the call in that second didn't decline it: they are rung once more like everybody."""
    stage = make_stage()
    stage.phones(Alix=[Behaviour(after=3, keys=("1",), script=((8.85, "hang up"),)), Behaviour(keys=("1",))])
    call = stage.call(talks=30)
    assert order_of_rings(call) == ["Alix", "Alix"]
    assert call.talked_to == ["Alix"]


@pytest.mark.parametrize("later", [0.07, 1.5])
def test_a_wait_that_was_never_answered_is_not_counted_as_answered(make_stage: MakeStage, later: float) -> None:
    """A yes that became no conversation counts for nothing: without another psychologist the call is unanswered."""
    stage = make_stage()
    stage.phones(Alix=Behaviour(answer="by hand"))
    call = stage.dial()
    stage.at(15)
    alix = next(phone for phone in stage.twin.phones.values() if phone.name == "Alix")
    alix.pick_up()
    stage.at(20)
    alix.press("1")
    stage.at(20 + later)
    alix.hang_up()
    stage.twin.run_until_idle()
    assert call.talked_to == []
    assert entries(call, "hears")[-1].text == stage.says("goodbye")
    assert stage.says("crisis-france") in call.heard()
    assert stage.counted() == {"unanswered": 1}


def whispered_to_both(make_stage: MakeStage) -> tuple[Stage, CallHandle]:
    """Alix and Billie hear the whisper; Alix presses 1 and is gone before the caller is connected."""
    stage = make_stage({"france": [["Alix", "Billie"], ["Charlie"]]})
    stage.phones(Alix=Behaviour(answer="by hand"), Billie=Behaviour(answer="by hand"), Charlie=ignore())
    call = stage.dial(talks=30)
    stage.at(16)
    alix, billie = (stage.twin.phones[PEOPLE[name].phone] for name in ("Alix", "Billie"))
    alix.pick_up()
    billie.pick_up()
    stage.at(20)
    alix.press("1")
    stage.at(20.15)
    alix.hang_up()
    stage.at(21)
    return stage, call


def test_a_colleague_who_hears_the_whisper_meanwhile_may_take_the_call(make_stage: MakeStage) -> None:
    """Billie presses 1 a second after Alix was lost: she isn't told that it is taken, she gets the caller."""
    stage, call = whispered_to_both(make_stage)
    stage.twin.phones[PEOPLE["Billie"].phone].press("1")
    stage.twin.run_until_idle()
    assert call.talked_to == ["Billie"]
    assert stage.counted() == {"answered": 1}


def test_a_colleague_who_declined_before_is_still_left_alone(make_stage: MakeStage) -> None:
    """Billie had passed: that holds although the caller waits in another queue now."""
    stage = make_stage({"france": [["Billie", "Alix"]]})
    stage.phones(Billie=decline(after=1), Alix=[Behaviour(answer="by hand"), ignore()])
    call = stage.dial()
    stage.at(25)
    alix = stage.twin.phones[PEOPLE["Alix"].phone]
    alix.pick_up()
    stage.at(29)
    alix.press("1")
    stage.at(29.15)
    alix.hang_up()
    stage.twin.run_until_idle()
    assert order_of_rings(call) == ["Billie", "Alix", "Alix", "Alix"]
    assert stage.counted() == {"unanswered": 1}
