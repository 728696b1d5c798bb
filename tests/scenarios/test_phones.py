import pytest

from helpline.twin import Behaviour, accept, busy, decline, failed, reject, silent, voicemail
from tests.scenarios.conftest import MakeStage
from tests.scenarios.stage import Stage, entries, order_of_rings, rings, times


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


@pytest.mark.parametrize(
    "how",
    [voicemail(after=2), voicemail(), failed(), busy(), reject(), decline(), silent(), silent(hang_up_after=3)],
    ids=[
        "voicemail",
        "late voicemail",
        "wrong number",
        "busy",
        "refused",
        "declined",
        "silence",
        "picked up and hung up",
    ],
)
def test_one_phone_that_doesnt_help_delays_the_caller_and_no_more(make_stage: MakeStage, how: Behaviour) -> None:
    """Whatever one phone does, the next psychologist is called and talks to the caller within a minute."""
    stage = make_stage({"france": [["Alix"], ["Billie"]]})
    stage.phones(Alix=how)
    call = stage.call(talks=30)
    assert call.talked_to == ["Billie"]
    assert call.bridged_at is not None
    assert call.bridged_at < 60
    assert stage.counted() == {"answered": 1}


@pytest.mark.parametrize("how", [failed(), busy(), reject(after=1)], ids=["wrong number", "busy", "refused"])
def test_a_phone_that_cant_be_reached_costs_seconds(make_stage: MakeStage, how: Behaviour) -> None:
    """A wrong number or an engaged line is known at once: the second tier rings without waiting for its turn."""
    stage = make_stage({"france": [["Alix"], ["Billie"]]})
    stage.phones(Alix=how)
    call = stage.call(talks=30)
    second = next(at for name, at in rings(call) if name == "Billie")
    assert second - times(call, "queued")[0] < 5


def test_a_voicemail_hears_the_whisper_and_is_let_go(make_stage: MakeStage) -> None:
    """A machine is asked twice for a key, gets none, and the line hangs up: no caller is ever recorded by it."""
    stage = make_stage({"france": [["Alix"], ["Billie"]]})
    stage.phones(Alix=voicemail(after=2, lasts=60))
    call = stage.call(talks=60)
    said = [entry.text for entry in entries(call, "hears", "Alix")]
    assert said.count(stage.says("whisper-accept")) == 2
    assert said[-1] == stage.says("declined")
    assert not times(call, "bridged", "Alix")
    assert times(call, "call ends", "Alix")[0] - times(call, "picks up", "Alix")[0] < 40


def test_a_psychologist_may_take_their_time(make_stage: MakeStage) -> None:
    """Whoever presses 1 only at the second asking still gets the call, even if the plan is over by then."""
    stage = make_stage()
    slow = Behaviour(after=18, keys=("", "1"))
    stage.phones(Alix=slow)
    call = stage.call(talks=30)
    assert call.talked_to == ["Alix"]


def test_a_key_pressed_before_the_words_counts(make_stage: MakeStage) -> None:
    """Whoever knows the whisper presses 1 in its first second and is connected."""
    stage = make_stage()
    stage.phones(Alix=Behaviour(after=3, keys=("1",), listens=False, hesitates=0.3))
    call = stage.call(talks=30)
    assert call.talked_to == ["Alix"]
    assert call.bridged_at is not None
    assert call.bridged_at - times(call, "picks up", "Alix")[0] < 4


@pytest.mark.parametrize("key", ["5", "0", "#", "*"])
def test_another_key_asks_again(stage: Stage, key: str) -> None:
    """A psychologist who presses neither 1 nor 2 hears the whisper once more, and may still say yes."""
    stage.phones(Alix=Behaviour(keys=(key, "1")))
    call = stage.call(talks=30)
    assert [entry.text for entry in entries(call, "hears", "Alix")].count(stage.says("whisper-accept")) == 2
    assert call.talked_to == ["Alix"]


def test_two_is_thanked(make_stage: MakeStage) -> None:
    """Passing is fine: the psychologist hears that somebody else is called, and so it is."""
    stage = make_stage({"france": [["Alix"], ["Billie"]]})
    stage.phones(Alix=decline())
    call = stage.call(talks=30)
    assert entries(call, "hears", "Alix")[-1].text == stage.says("declined")
    assert order_of_rings(call) == ["Alix", "Billie"]


def test_a_wrong_number_is_found_out_again_and_again(stage: Stage) -> None:
    """A rota whose only number is wrong: each caller is told within seconds, none waits for that phone."""
    stage.phones(Alix=failed())
    for _ in range(2):
        call = stage.call()
        assert call.heard()[-1] == stage.says("goodbye")
        assert times(call, "leaves the queue")[0] - times(call, "queued")[0] < 20
    assert stage.counted() == {"unanswered": 2}


def test_late_but_in_time(make_stage: MakeStage) -> None:
    """A phone picked up in its last second of ringing still gets the caller."""
    stage = make_stage()
    stage.phones(Alix=accept(after=19.5, talks=None))
    call = stage.call(talks=30)
    assert call.talked_to == ["Alix"]
