import pytest

from helpline.twin import ignore
from tests.scenarios.conftest import MakeStage
from tests.scenarios.stage import TAKES, Stage, order_of_rings, times


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


@pytest.mark.parametrize("key", ["1", "5", "0", "*", "#"])
def test_any_key_in_the_greeting_only_shortens_it(stage: Stage, key: str) -> None:
    """Whoever can't wait for the end of the greeting presses anything, and a phone rings at once."""
    call = stage.call(keys=key, talks=30)
    assert call.talked_to == ["Alix"]
    assert call.first_ring is not None
    assert call.first_ring < 4


@pytest.mark.parametrize("key", ["0", "5", "*"])
def test_an_unknown_language_key_is_told_and_the_choice_repeated(make_stage: MakeStage, key: str) -> None:
    """On the Belgian line a key that offers nothing: "that key isn't one of the choices", and the offers again."""
    stage = make_stage({"belgium": [["Dirk"]]})
    call = stage.call("belgium", (key, "2"), talks=30)
    assert stage.says("not-understood") in call.heard()
    assert call.talked_to == ["Dirk"]
    assert stage.says("greeting-belgium", "nl") in call.heard()


def test_unknown_keys_twice_lead_on_in_french(make_stage: MakeStage) -> None:
    """Whoever presses wrong keys twice isn't asked a third time: they go on as if they had pressed nothing."""
    stage = make_stage({"belgium": [["Billie"]]})
    call = stage.call("belgium", ("7", "7"), talks=30)
    assert call.heard().count(stage.says("not-understood")) == 1
    assert stage.says("greeting-belgium") in call.heard()
    assert call.talked_to == ["Billie"]


def test_one_after_an_unanswered_call_tries_again(stage: Stage) -> None:
    """The caller presses 1 in the menu: everybody is rung once more, and this time somebody answers."""
    stage.phones(Alix=[ignore(), ignore(), TAKES])
    call = stage.dial(talks=30)
    stage.at(85)
    assert stage.says("unanswered-menu") in call.heard()
    call.press("1")
    stage.twin.run_until_idle()
    assert order_of_rings(call) == ["Alix", "Alix", "Alix"]
    assert call.talked_to == ["Alix"]
    assert stage.counted() == {"answered": 1}


def test_a_caller_may_try_again_and_again(stage: Stage) -> None:
    """Nobody answers, twice over: each time the numbers, the offer, and in the end a goodbye. It is one call."""
    stage.phones(Alix=ignore())
    call = stage.dial()
    stage.at(85)
    call.press("1")
    stage.twin.run_until_idle()
    assert call.heard().count(stage.says("unanswered-menu")) == 2
    assert call.heard().count(stage.says("crisis-france")) == 2
    assert call.heard()[-1] == stage.says("goodbye")
    assert stage.counted() == {"unanswered": 1}


def test_an_unknown_key_in_that_menu_repeats_it_once(make_stage: MakeStage) -> None:
    """A wrong key after an unanswered call is told, and the offer made again before the goodbye."""
    stage = make_stage({})
    call = stage.dial()
    for seconds in (28, 36):
        stage.at(seconds)
        call.press("5")
    stage.twin.run_until_idle()
    assert call.heard().count(stage.says("unanswered-menu")) == 2
    assert call.heard().count(stage.says("not-understood")) == 1
    assert call.heard()[-1] == stage.says("goodbye")


def test_silence_in_that_menu_ends_kindly(make_stage: MakeStage) -> None:
    """Whoever presses nothing is thanked, told they may call at any hour, and the line hangs up."""
    stage = make_stage({})
    call = stage.call()
    assert call.heard()[-1] == stage.says("goodbye")
    assert times(call, "hangs up", "line")
