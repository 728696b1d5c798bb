import pytest

from helpline.store.tables import WrapUp
from helpline.twin import Behaviour, CallHandle, accept, ignore
from tests.scenarios.conftest import MakeStage
from tests.scenarios.stage import TAKES, Stage, entries, order_of_rings, times


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


TWO = {"france": [["Alix"], ["Billie"]]}
STARS = Behaviour(keys=("1",), star_after=60)
"""Takes the call and presses * after a minute, then nothing more."""


def presses_star_and(key: str, **changes: object) -> Behaviour:
    """Takes the call, presses * after a minute, and answers the choice with a key."""
    return STARS.but(keys=("1", key), **changes)


def handed_over(make_stage: MakeStage, how: Behaviour) -> tuple[Stage, CallHandle]:
    """Alix takes the call and hands it over in some way; Billie is there to take it."""
    stage = make_stage(TWO)
    stage.phones(Alix=how)
    return stage, stage.call(talks=100)


@pytest.mark.parametrize(
    "how",
    [presses_star_and("1"), STARS, presses_star_and("5"), STARS.but(hang_up_after=75)],
    ids=["colleague", "silence", "another key", "hung up"],
)
def test_a_star_hands_the_caller_to_a_colleague(make_stage: MakeStage, how: Behaviour) -> None:
    """After * the key 1, any other but 2, silence and hanging up all mean the same: a colleague is called."""
    stage, call = handed_over(make_stage, how)
    assert call.talked_to == ["Alix", "Billie"]
    assert stage.counted() == {"answered": 1}


def test_the_caller_hears_one_moment_and_never_the_choice(make_stage: MakeStage) -> None:
    """While psychologist and line settle it, the caller hears "one moment, please", not that they were cut off."""
    stage, call = handed_over(make_stage, presses_star_and("1"))
    assert stage.says("one-moment") in call.heard()
    assert stage.says("cut-off") not in call.heard()
    assert stage.says("handover-choice") in call.heard("Alix")
    assert call.heard("Alix")[-1] == stage.says("handover-done")


def test_the_colleague_is_told_that_it_is_handed_over(make_stage: MakeStage) -> None:
    """The whisper says who comes: a caller whom a colleague has spoken to."""
    stage, call = handed_over(make_stage, presses_star_and("1"))
    whisper = stage.says("whisper-handover", line="Ligne d’écoute France", language=stage.says("language-fr"))
    assert whisper in call.heard("Billie")


def test_whoever_handed_over_is_not_called_for_it_again(make_stage: MakeStage) -> None:
    """The colleague doesn't answer at first: nobody calls back the one who passed the caller on."""
    stage = make_stage(TWO)
    stage.phones(Alix=presses_star_and("1"), Billie=[ignore(), TAKES])
    call = stage.call(talks=100)
    assert order_of_rings(call).count("Alix") == 1
    assert call.talked_to == ["Alix", "Billie"]


def test_whoever_handed_over_may_take_the_next_call(make_stage: MakeStage) -> None:
    """It holds for this call only."""
    stage, _ = handed_over(make_stage, presses_star_and("1"))
    stage.phones(Alix=TAKES, Billie=ignore())
    assert stage.call(talks=30).talked_to == ["Alix"]


def test_two_goes_back_to_the_caller(make_stage: MakeStage) -> None:
    """* by mistake, or to think for a moment: 2 and they talk on; nobody else is rung."""
    stage = make_stage(TWO)
    stage.phones(Alix=presses_star_and("2"))
    call = stage.call(talks=100)
    assert call.talked_to == ["Alix", "Alix"]
    assert order_of_rings(call) == ["Alix"]
    assert stage.counted() == {"answered": 1}


def test_a_talk_resumed_may_still_be_cut_off(make_stage: MakeStage) -> None:
    """After going back the connection drops: the caller is called back like anybody else."""
    stage = make_stage()
    stage.phones(Alix=[presses_star_and("2", hang_up_after=120), TAKES])
    call = stage.call(talks=100)
    assert call.talked_to == ["Alix", "Alix", "Alix"]
    assert stage.says("cut-off") in call.heard()


def test_a_talk_resumed_may_be_handed_over_after_all(make_stage: MakeStage) -> None:
    """Back to the caller first, and * once more later: now it goes to the colleague."""
    stage = make_stage(TWO)
    stage.phones(Alix=Behaviour(keys=("1", "2", "1"), script=((60, "*"), (100, "*"))))
    call = stage.call(talks=100)
    assert call.talked_to == ["Alix", "Alix", "Billie"]
    assert stage.counted() == {"answered": 1}


def test_nobody_is_there_to_take_over(make_stage: MakeStage) -> None:
    """No colleague answers: the caller isn't dropped, but hears the crisis numbers and may try again."""
    stage = make_stage(TWO)
    stage.phones(Alix=presses_star_and("1"), Billie=ignore())
    call = stage.call()
    assert call.heard()[-3:] == [stage.says("crisis-france"), stage.says("unanswered-menu"), stage.says("goodbye")]
    assert stage.counted() == {"answered": 1}


def test_alone_on_call_there_is_nobody_to_hand_over_to(stage: Stage) -> None:
    """The only psychologist presses *: the caller hears the spoken alternative at once."""
    stage.phones(Alix=presses_star_and("1"))
    call = stage.call()
    assert stage.says("crisis-france") in call.heard()
    assert times(call, "hears", text=stage.says("crisis-france"))[0] - times(call, "presses", "Alix")[-1] < 15


def test_the_last_to_talk_codes_the_call(make_stage: MakeStage) -> None:
    """One call, one wrap-up: it waits on the page of the colleague who talked last."""
    stage, _ = handed_over(make_stage, presses_star_and("1"))
    billie = stage.person("Billie")
    assert [(row["person"], row["n"]) for row in stage.rows(WrapUp)] == [(billie, 1)]


def test_a_hand_over_nobody_took_is_coded_by_whoever_talked(make_stage: MakeStage) -> None:
    """Nobody took over: it stays with the psychologist who had the caller."""
    stage = make_stage(TWO)
    stage.phones(Alix=presses_star_and("1"), Billie=ignore())
    stage.call()
    assert [row["person"] for row in stage.rows(WrapUp)] == [stage.person("Alix")]


@pytest.mark.parametrize("seconds", [1.5, 4, 7])
def test_the_caller_hangs_up_during_the_hand_over(make_stage: MakeStage, seconds: float) -> None:
    """The caller is gone while the psychologist chooses: they are thanked, and no colleague is rung."""
    stage = make_stage(TWO)
    stage.phones(Alix=STARS)
    call = stage.dial()
    while not times(call, "presses", "Alix", "*"):
        stage.twin.run_for(0.5)
    stage.twin.run_for(seconds)
    call.hang_up()
    stage.twin.run_until_idle()
    assert order_of_rings(call) == ["Alix"]
    assert stage.counted() == {"answered": 1}
    assert entries(call, "hears", "Alix")[-1].text in {stage.says("thanks"), stage.says("handover-done")}


def test_a_star_of_the_callers_does_nothing(make_stage: MakeStage) -> None:
    """Only the psychologist's * hands over: the caller's is a sound and no more."""
    stage = make_stage(TWO)
    stage.phones(Alix=accept(talks=None))
    call = stage.dial(talks=60)
    stage.at(50)
    call.press("*")
    stage.twin.run_until_idle()
    assert call.talked_to == ["Alix"]
