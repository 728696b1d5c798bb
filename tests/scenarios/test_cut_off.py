import pytest

from helpline.store.tables import MonthlyCount, WrapUp
from helpline.twin import Behaviour, accept, ignore
from tests.scenarios.conftest import MakeStage
from tests.scenarios.stage import TAKES, Stage, entries, order_of_rings, times


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


DROPS = accept(talks=60)
"""Takes the call, and the connection drops after a minute."""


def test_the_same_psychologist_is_called_back(make_stage: MakeStage) -> None:
    """The psychologist's phone drops: the caller stays on the line and has them back in half a minute."""
    stage = make_stage({"france": [["Alix", "Billie"]]})
    stage.phones(Alix=[DROPS, TAKES], Billie=ignore())
    call = stage.call(talks=100)
    assert call.talked_to == ["Alix", "Alix"]
    assert stage.says("cut-off") in call.heard()
    back = times(call, "bridged")[1] - times(call, "call ends", "Alix")[0]
    assert back < 30


def test_it_is_one_call(make_stage: MakeStage) -> None:
    """Cut off and reconnected: one call, one count, one wrap-up, and the talk is both parts together."""
    stage = make_stage()
    stage.phones(Alix=[DROPS, TAKES])
    stage.call(talks=100)
    assert stage.counted() == {"answered": 1}
    assert sum(row["n"] for row in stage.rows(WrapUp)) == 1
    (month,) = stage.rows(MonthlyCount)
    assert month["n"] == 1
    assert month["talk_seconds"] == pytest.approx(160, abs=8)


def test_the_psychologist_is_told_so(make_stage: MakeStage) -> None:
    """The second whisper says that their conversation was cut off, and not that a new caller waits."""
    stage = make_stage()
    stage.phones(Alix=[DROPS, TAKES])
    call = stage.call(talks=100)
    said = [entry.text for entry in entries(call, "hears", "Alix")]
    assert stage.says("whisper-again", line="Ligne d’écoute France") in said


def test_a_caller_who_was_done_just_hangs_up(stage: Stage) -> None:
    """The psychologist ends the conversation: the caller hears that they may hang up, does, and nobody is rung."""
    stage.phones(Alix=DROPS)
    call = stage.dial()
    stage.at(95)
    assert call.heard()[-1] == stage.says("cut-off")
    call.hang_up()
    stage.twin.run_until_idle()
    assert order_of_rings(call) == ["Alix"]
    assert stage.counted() == {"answered": 1}


def test_colleagues_are_called_when_the_same_one_cant_be_reached(make_stage: MakeStage) -> None:
    """The phone that dropped stays dead: after it has rung alone, the rest of the plan follows."""
    stage = make_stage({"france": [["Alix"], ["Billie"]]})
    stage.phones(Alix=[DROPS, ignore()], Billie=[TAKES])
    call = stage.call(talks=100)
    assert call.talked_to == ["Alix", "Billie"]
    assert stage.counted() == {"answered": 1}


def test_the_same_one_rings_alone_at_first(make_stage: MakeStage) -> None:
    """The call is theirs: colleagues' phones stay silent while the one they talked to is called back."""
    stage = make_stage({"france": [["Alix", "Billie"]]})
    stage.phones(Alix=[DROPS, accept(after=12, talks=None)], Billie=ignore())
    call = stage.call(talks=100)
    assert order_of_rings(call) == ["Alix", "Billie", "Alix"]


def test_nobody_can_be_reached_any_more(make_stage: MakeStage) -> None:
    """Cut off, and then nobody answers: the caller isn't dropped but hears the crisis numbers and may try again."""
    stage = make_stage()
    stage.phones(Alix=[DROPS, ignore()])
    call = stage.call()
    texts = call.heard()
    assert texts[-3:] == [stage.says("crisis-france"), stage.says("unanswered-menu"), stage.says("goodbye")]
    assert stage.counted() == {"answered": 1}


def test_a_caller_may_try_again_after_that(make_stage: MakeStage) -> None:
    """The menu after an unanswered ring-back offers another try, and it works."""
    stage = make_stage()
    stage.phones(Alix=[DROPS, ignore(), ignore(), TAKES])
    call = stage.dial(talks=100)
    stage.twin.run_for(60)
    while stage.says("unanswered-menu") not in call.heard():
        stage.twin.run_for(1)
    call.press("1")
    stage.twin.run_until_idle()
    assert call.talked_to == ["Alix", "Alix"]
    assert stage.counted() == {"answered": 1}


def test_a_second_cut_off_ends_kindly(make_stage: MakeStage) -> None:
    """Once is reconnected; whoever stays on the line a second time is thanked and told they may call at any hour."""
    stage = make_stage()
    stage.phones(Alix=[DROPS, DROPS])
    call = stage.call()
    assert call.talked_to == ["Alix", "Alix"]
    assert call.heard().count(stage.says("cut-off")) == 2
    assert call.heard()[-1] == stage.says("goodbye")
    assert stage.counted() == {"answered": 1}


def test_hanging_up_while_being_called_back(make_stage: MakeStage) -> None:
    """The caller doesn't wait for the ring-back: the phone falls silent, and it stays an answered call."""
    stage = make_stage()
    stage.phones(Alix=[DROPS, ignore()])
    call = stage.dial()
    while stage.rung("Alix") < 2:
        stage.twin.run_for(0.5)
    stage.twin.run_for(3)
    call.hang_up()
    stage.twin.run_until_idle()
    assert times(call, "call ends", "Alix")[-1] < times(call, "hangs up")[0] + 0.5
    assert stage.counted() == {"answered": 1}


def test_the_coordinator_is_cut_off(make_stage: MakeStage) -> None:
    """A backup number drops: the caller stays and everybody on call is tried, the coordinator too."""
    stage = make_stage(france={"backup": ["+33199000190"]})
    stage.phones(Alix=[ignore(), TAKES])
    stage.phone("+33199000190", DROPS)
    call = stage.call(talks=100)
    assert call.talked_to == ["coordinator", "Alix"]
    assert stage.counted() == {"answered": 1}


def test_a_call_may_be_cut_off_in_its_first_second(make_stage: MakeStage) -> None:
    """The line drops as soon as they are connected: the caller is reconnected all the same."""
    stage = make_stage()
    stage.phones(Alix=[Behaviour(keys=("1",), talks=0.2), TAKES])
    call = stage.call(talks=50)
    assert call.talked_to == ["Alix", "Alix"]
    assert stage.counted() == {"answered": 1}
