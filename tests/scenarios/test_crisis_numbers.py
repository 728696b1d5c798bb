import pytest

from helpline.twin import accept, ignore
from ivr_flows.model import Language
from tests.scenarios.conftest import MakeStage
from tests.scenarios.stage import Stage, entries, order_of_rings, times


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


def test_nine_in_the_greeting_speaks_the_crisis_numbers_and_rings_on(stage: Stage) -> None:
    """A caller who presses 9 during the greeting is put through at once and hears the numbers while a phone rings."""
    call = stage.call(keys="9", talks=30)
    assert call.heard()[1] == stage.says("crisis-france")
    assert times(call, "queued")[0] < times(call, "hears", text=stage.says("crisis-france"))[0]
    assert call.talked_to == ["Alix"]


@pytest.mark.parametrize(("keys", "language"), [("9", "fr"), (("2", "9"), "nl"), (("3", "9"), "de")])
def test_nine_on_the_belgian_line_speaks_them_in_the_callers_language(
    make_stage: MakeStage, keys: str | tuple[str, ...], language: Language
) -> None:
    """In the language choice they are spoken in French, afterwards in the language chosen."""
    stage = make_stage({"belgium": [["Dirk", "Greta"]]})
    call = stage.call("belgium", keys, talks=30)
    assert stage.says("crisis-belgium", language) in call.heard()
    assert call.talked_to


def test_nine_in_the_queue_never_costs_the_place(make_stage: MakeStage) -> None:
    """Pressed while waiting: the numbers are spoken at once, the same phones ring on, no new wait begins."""
    stage = make_stage({"france": [["Alix"], ["Billie"]]})
    stage.phones(Alix=accept(after=18, talks=None), Billie=ignore())
    call = stage.dial(talks=30)
    stage.at(16)
    call.press("9")
    stage.twin.run_until_idle()
    assert times(call, "hears", text=stage.says("crisis-france"))[0] < 16.5
    assert len(times(call, "queued")) == 1
    assert order_of_rings(call) == ["Alix"]
    assert call.talked_to == ["Alix"]
    assert stage.wait_bands() == {"20-60": 1}


def test_nine_may_be_pressed_as_often_as_one_likes(make_stage: MakeStage) -> None:
    """Three times in the queue: three times the numbers, and still the same place."""
    stage = make_stage()
    stage.phones(Alix=ignore())
    call = stage.dial(hang_up_after=45)
    for seconds in (13, 23, 33):
        stage.at(seconds)
        call.press("9")
    stage.twin.run_until_idle()
    assert call.heard().count(stage.says("crisis-france")) == 3
    assert len(times(call, "queued")) == 1


def test_another_key_in_the_queue_changes_nothing(make_stage: MakeStage) -> None:
    """Any other key goes unheeded: the wait goes on and the phone is answered."""
    stage = make_stage()
    stage.phones(Alix=accept(after=15, talks=None))
    call = stage.dial(talks=30)
    for seconds, keys in ((14, "5"), (18, "#"), (20, "123")):
        stage.at(seconds)
        call.press(keys)
    stage.twin.run_until_idle()
    assert stage.says("crisis-france") not in call.heard()
    assert call.talked_to == ["Alix"]


def test_nine_after_an_unanswered_call_speaks_them_once_more(make_stage: MakeStage) -> None:
    """In the menu that offers another try, 9 says the numbers again and the offer stands."""
    stage = make_stage({})
    call = stage.call(keys=("", "9"))
    texts = [entry.text for entry in entries(call, "hears")]
    crisis, menu = stage.says("crisis-france"), stage.says("unanswered-menu")
    assert texts.count(crisis) >= 2
    assert texts[-3:] == [crisis, menu, stage.says("goodbye")]
    assert stage.counted() == {"unanswered": 1}
