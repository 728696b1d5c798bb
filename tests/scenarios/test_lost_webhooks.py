import pytest

from helpline.twin import Behaviour, Faults, Outgoing, accept, ignore, silent
from tests.scenarios.conftest import MakeStage
from tests.scenarios.stage import TAKES, entries, order_of_rings, times

pytestmark = pytest.mark.slow  # in `make check`: `make test` has five minutes


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


TWO = {"france": [["Alix"], ["Billie"]]}
KINDS = ("voice", "gather", "wait", "enqueue", "dial", "whisper", "redirect", "status")
RETRIED = ("connect", "lost answer", "error")
"""Faults that the one retry we ask for makes good."""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", [*RETRIED, "slow", "delay", "reorder", "duplicate", "drop"])
def test_one_webhook_of_each_kind_meets_a_fault(make_stage: MakeStage, kind: str, fault: str) -> None:
    """A connection fails, an answer is lost, a server stumbles, once: the caller talks to the same psychologist."""
    stage = make_stage(TWO)
    stage.twin.faults.script(fault, kind=kind)
    stage.phones(Alix=ignore())
    call = stage.call(talks=60)
    assert call.talked_to == ["Billie"]
    assert stage.counted() == {"answered": 1}


@pytest.mark.parametrize("fault", ["connect", "lost answer", "error", "delay"])
def test_every_webhook_meets_a_fault_at_first(make_stage: MakeStage, fault: str) -> None:
    """The first attempt at each and every webhook fails: everything is late, and nothing goes wrong."""
    stage = make_stage(TWO)
    stage.twin.faults.script(fault, when=lambda request: request.attempt == 0, times=None)
    stage.phones(Alix=ignore())
    call = stage.call(talks=60)
    assert call.talked_to == ["Billie"]
    assert stage.counted() == {"answered": 1}


def test_no_word_of_any_leg_is_ever_heard(make_stage: MakeStage) -> None:
    """All status callbacks of psychologists' phones are lost: the caller's hold loop alone moves the waves on."""
    stage = make_stage(TWO)
    stage.twin.faults.script("drop", kind="status", when=lambda request: "/status/" in request.url, times=None)
    stage.phones(Alix=ignore(), Billie=accept(after=10, talks=None))
    call = stage.call(talks=60)
    assert call.talked_to == ["Billie"]


def test_nobody_answers_and_no_word_of_it_is_heard(make_stage: MakeStage) -> None:
    """The same when nobody picks up: each phone is given up in its time, rung once more, and the caller told."""
    stage = make_stage(TWO)
    stage.twin.faults.script("drop", kind="status", when=lambda request: "/status/" in request.url, times=None)
    stage.phones(Alix=ignore(), Billie=ignore())
    call = stage.call()
    assert order_of_rings(call) == ["Alix", "Billie", "Alix", "Billie"]
    assert call.heard()[-1] == stage.says("goodbye")
    assert stage.counted() == {"unanswered": 1}


@pytest.mark.parametrize(("talks", "hang_up_after", "outcome"), [(60, None, "answered"), (None, 20, "abandoned")])
def test_the_final_status_never_arrives(
    make_stage: MakeStage, talks: float | None, hang_up_after: float | None, outcome: str
) -> None:
    """The queue's own last word tells that the caller is gone: counted, and nothing left ringing."""
    stage = make_stage()
    stage.twin.faults.script("drop", kind="status", when=lambda request: request.url.endswith("/status"), times=None)
    stage.phones(Alix=TAKES if talks else ignore())
    stage.call(talks=talks, hang_up_after=hang_up_after)
    assert stage.counted() == {outcome: 1}


def final_status(request: Outgoing) -> bool:
    """The caller's call is over."""
    return request.kind == "status" and request.url.endswith("/status")


@pytest.mark.parametrize("seconds", [5.0, 40.0])
def test_the_final_status_arrives_late(make_stage: MakeStage, seconds: float) -> None:
    """The end of a call is told late: meanwhile phones fall silent all the same, and it counts as what it was."""
    stage = make_stage(TWO)
    stage.twin.faults.script("delay", when=final_status, seconds=seconds)
    stage.phones(Alix=ignore(), Billie=ignore())
    call = stage.call(hang_up_after=20)
    assert order_of_rings(call) == ["Alix"]
    assert stage.counted() == {"abandoned": 1}


def test_status_overtakes_status(make_stage: MakeStage) -> None:
    """A psychologist's leg tells in the wrong order that it rings, is answered and has ended: all as usual."""
    stage = make_stage(TWO, faults=Faults())
    stage.twin.faults.script("reorder", kind="status", times=None, seconds=4.0)
    stage.phones(Alix=ignore())
    call = stage.call(talks=60)
    assert call.talked_to == ["Billie"]
    assert stage.counted() == {"answered": 1}


@pytest.mark.parametrize("psychologist", ["hangs up", "talks on"])
def test_the_caller_is_not_told_that_they_are_connected(make_stage: MakeStage, psychologist: str) -> None:
    """The announcement before the bridge is lost for good: they talk, and it is an answered call."""
    stage = make_stage()
    stage.twin.faults.script("connect", kind="whisper", times=2)
    stage.phones(Alix=[accept(talks=30), TAKES] if psychologist == "hangs up" else TAKES)
    call = stage.call(talks=60)
    assert call.talked_to[0] == "Alix"
    assert stage.counted() == {"answered": 1}


def test_a_colleague_hears_that_it_is_taken_long_after(make_stage: MakeStage) -> None:
    """The announcement is lost, and eleven seconds into the talk Billie is let go: that reopens nothing."""
    stage = make_stage({"france": [["Alix", "Billie"], ["Charlie"]]})
    stage.twin.faults.script("connect", kind="whisper", times=2)
    stage.phones(Alix=Behaviour(after=3, keys=("1",)), Billie=silent(after=7))
    call = stage.call(talks=60)
    taken = next(entry.at for entry in entries(call, "hears", "Billie") if entry.text == stage.says("taken"))
    assert taken - times(call, "presses", "Alix")[0] > 8
    assert order_of_rings(call) == ["Alix", "Billie"]
    assert call.talked_to == ["Alix"]
    assert stage.counted() == {"answered": 1}
