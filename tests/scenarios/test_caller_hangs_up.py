import pytest

from helpline.store.tables import WrapUp
from helpline.twin import Behaviour, CallHandle, accept, ignore
from tests.scenarios.conftest import MakeStage
from tests.scenarios.stage import Stage, entries, order_of_rings, times


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


@pytest.mark.parametrize("seconds", [0.02, 1, 6, 12.2])
def test_in_the_greeting(stage: Stage, seconds: float) -> None:
    """Hanging up before the wait begins rings nobody and is counted as what it is."""
    call = stage.call(hang_up_after=seconds)
    assert order_of_rings(call) == []
    assert stage.counted() == {"left_in_greeting" if seconds > 0.05 else "failed": 1}


@pytest.mark.parametrize("seconds", [12.32, 12.5, 13.2])
def test_before_the_first_phone_has_rung(stage: Stage, seconds: float) -> None:
    """The caller is gone before the carrier has made the first phone ring: it doesn't ring at all."""
    call = stage.call(hang_up_after=seconds)
    assert order_of_rings(call) == []
    assert stage.counted() == {"abandoned": 1}


def test_in_the_queue(make_stage: MakeStage) -> None:
    """Every ringing phone falls silent at once, and none rings after: the next waves are forgotten."""
    stage = make_stage({"france": [["Alix", "Billie"], ["Charlie"]]})
    stage.phones(Alix=ignore(), Billie=ignore(), Charlie=ignore())
    call = stage.call(hang_up_after=25)
    assert order_of_rings(call) == ["Alix", "Billie"]
    assert max(times(call, "call ends", "Alix") + times(call, "call ends", "Billie")) < 25.5
    assert stage.counted() == {"abandoned": 1}


def during_the_whisper(make_stage: MakeStage, keys: str) -> tuple[Stage, CallHandle]:
    """Alix hears the whisper while the caller gives up; then she presses `keys`."""
    stage = make_stage()
    stage.phones(Alix=Behaviour(after=4, keys=(keys,), hesitates=3))
    call = stage.call(hang_up_after=20)
    assert times(call, "picks up", "Alix")[0] < 20
    return stage, call


@pytest.mark.parametrize("keys", ["1", "2", ""])
def test_during_the_whisper(make_stage: MakeStage, keys: str) -> None:
    """The psychologist is told that the caller is no longer waiting, whatever they press; nobody else is called."""
    stage, call = during_the_whisper(make_stage, keys)
    wanted = stage.says("declined" if keys == "2" else "gone")
    assert entries(call, "hears", "Alix")[-1].text == wanted
    assert not times(call, "bridged", "Alix")
    assert stage.counted() == {"abandoned": 1}
    assert order_of_rings(call) == ["Alix"]


@pytest.mark.parametrize("later", [0.0, 0.03, 0.07, 1.0, 2.7])
def test_between_the_psychologists_yes_and_the_bridge(make_stage: MakeStage, later: float) -> None:
    """The caller hangs up in the very seconds in which they are being connected: the psychologist is told.

    Nobody talked, so there is nothing to code and the call counts as abandoned.
    """
    stage = make_stage()
    stage.phones(Alix=Behaviour(answer="by hand"))
    call = stage.dial()
    stage.at(15)
    alix = next(phone for phone in stage.twin.phones.values() if phone.name == "Alix")
    alix.pick_up()
    stage.at(20)
    alix.press("1")
    stage.at(20 + later)
    call.hang_up()
    stage.twin.run_until_idle()
    assert call.talked_to == []
    assert entries(call, "hears", "Alix")[-1].text == stage.says("gone")
    assert order_of_rings(call) == ["Alix"]
    assert stage.counted() == {"abandoned": 1}
    assert stage.rows(WrapUp) == []


def test_while_they_are_talking(stage: Stage) -> None:
    """The ordinary end of a conversation: the psychologist is thanked and reminded to code it."""
    call = stage.call(talks=60)
    assert entries(call, "hears", "Alix")[-1].text == stage.says("thanks")
    assert order_of_rings(call) == ["Alix"]
    assert stage.counted() == {"answered": 1}


def test_while_nobody_answers_the_menu_afterwards(make_stage: MakeStage) -> None:
    """Whoever hangs up after having heard that nobody can is counted as unanswered, not as having given up."""
    stage = make_stage({})
    stage.call(hang_up_after=15)
    assert stage.counted() == {"unanswered": 1}


def test_while_trying_again(make_stage: MakeStage) -> None:
    """Hanging up in the second wait silences the phones of that wait."""
    stage = make_stage()
    stage.phones(Alix=ignore())
    call = stage.dial()
    stage.at(85)
    call.press("1")
    stage.at(95)
    call.hang_up()
    stage.twin.run_until_idle()
    assert times(call, "call ends", "Alix")[-1] < 95.5
    assert stage.counted() == {"abandoned": 1}


def test_the_next_caller_finds_the_phones_free(make_stage: MakeStage) -> None:
    """A caller who gave up leaves nothing behind: seconds later the same phone rings for another."""
    stage = make_stage()
    stage.phones(Alix=[ignore(), accept(talks=None)])
    stage.call(hang_up_after=20)
    call = stage.call(from_="+33199009002", talks=30)
    assert call.talked_to == ["Alix"]
    assert stage.counted() == {"abandoned": 1, "answered": 1}
