import pytest

from helpline.store.tables import MonthlyCount, WrapUp
from helpline.twin import Behaviour, CallHandle, Exchange, Faults, Outgoing, accept, ignore
from tests.scenarios.conftest import MakeStage
from tests.scenarios.stage import TAKES, Stage, order_of_rings, times


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


TWO = {"france": [["Alix"], ["Billie"]]}


def twice(stage: Stage) -> list[tuple[Exchange, Exchange]]:
    """Each webhook that was delivered twice, with its copy."""
    copies = [exchange for exchange in stage.twin.requests if exchange.fault == "the duplicate"]
    return [
        next((first, copy) for first in stage.twin.requests if first.fault == "duplicate" and first.url == copy.url)
        for copy in copies
    ]


def every(fault: str, kind: str | None = None, seconds: float | None = None) -> Faults:
    """Every webhook of a kind suffers the same fault."""
    faults = Faults()
    faults.script(fault, kind=kind, times=None, seconds=seconds)
    return faults


@pytest.mark.parametrize("line", ["france", "belgium"])
def test_a_repeated_request_before_the_ring_gets_the_same_bytes(make_stage: MakeStage, line: str) -> None:
    """The first webhooks of a call, sent twice each: the same answer to the byte, whatever was asked in between."""
    stage = make_stage({line: [["Billie"]]}, faults=every("duplicate"))
    stage.call(line, keys="1" if line == "belgium" else "", talks=20)
    pairs = [(first, copy) for first, copy in twice(stage) if first.kind in {"voice", "gather"}]
    early = [(first, copy) for first, copy in pairs if first.kind == "voice" or "/caller/" in first.url]
    assert len(early) >= 2
    assert [first.body == copy.body for first, copy in early] == [True] * len(early)


@pytest.mark.parametrize("seconds", [0.0, 0.3, 3.0, 20.0])
def test_every_webhook_comes_twice(make_stage: MakeStage, seconds: float) -> None:
    """Each webhook of the whole call is delivered again later: the call goes as if it hadn't been, and counts once."""
    stage = make_stage(TWO, faults=every("duplicate", seconds=seconds))
    stage.phones(Alix=ignore())
    call = stage.call(talks=60)
    assert call.talked_to == ["Billie"]
    assert order_of_rings(call) == ["Alix", "Billie"]
    assert stage.counted() == {"answered": 1}
    assert [row["n"] for row in stage.rows(WrapUp)] == [1]


@pytest.mark.parametrize("seconds", [0.3, 5.0, 15.0])
def test_every_webhook_of_a_call_nobody_takes_comes_twice(make_stage: MakeStage, seconds: float) -> None:
    """The same for a call that ends unanswered: nobody's phone rings more often than the plan says."""
    stage = make_stage(TWO, faults=every("duplicate", seconds=seconds))
    stage.phones(Alix=ignore(), Billie=ignore())
    call = stage.call()
    assert order_of_rings(call) == ["Alix", "Billie", "Alix", "Billie"]
    assert call.heard()[-1] == stage.says("goodbye")
    assert stage.counted() == {"unanswered": 1}


@pytest.mark.parametrize("seconds", [0.3, 6.0, 15.0])
def test_every_webhook_of_a_cut_off_comes_twice(make_stage: MakeStage, seconds: float) -> None:
    """Cut off, asked to stay, called back: each webhook twice, and still one call with one ring-back."""
    stage = make_stage(faults=every("duplicate", seconds=seconds))
    stage.phones(Alix=[accept(talks=40), TAKES])
    call = stage.call(talks=60)
    assert call.talked_to == ["Alix", "Alix"]
    assert order_of_rings(call) == ["Alix", "Alix"]
    assert stage.counted() == {"answered": 1}


@pytest.mark.parametrize("seconds", [0.3, 6.0, 15.0])
def test_every_webhook_of_a_hand_over_comes_twice(make_stage: MakeStage, seconds: float) -> None:
    """* and then back to the caller, * again and on to a colleague: twice each, and nobody loses the line."""
    stage = make_stage(TWO, faults=every("duplicate", seconds=seconds))
    stage.phones(Alix=Behaviour(keys=("1", "2", "1"), script=((60, "*"), (100, "*"))))
    call = stage.call(talks=70)
    assert call.talked_to == ["Alix", "Alix", "Billie"]
    assert order_of_rings(call) == ["Alix", "Billie"]
    assert stage.counted() == {"answered": 1}
    assert [(row["n"], row["person"]) for row in stage.rows(WrapUp)] == [(1, stage.person("Billie"))]


def test_the_final_status_comes_twice(make_stage: MakeStage) -> None:
    """The carrier says twice that the call is over, the second time five minutes later: counted once."""
    stage = make_stage(faults=every("duplicate", kind="status", seconds=300))
    stage.call(talks=100)
    assert stage.counted() == {"answered": 1}
    (month,) = stage.rows(MonthlyCount)
    assert (month["n"], month["talk_seconds"]) == (1, pytest.approx(100, abs=4))


def about_the_caller(request: Outgoing) -> bool:
    """The caller's next step after the greeting, which begins the wait."""
    return "/caller/" in request.url


def ghost(make_stage: MakeStage, fault: str, seconds: float) -> tuple[Stage, CallHandle]:
    """The webhook that begins the wait arrives only after the caller has hung up."""
    stage = make_stage()
    stage.twin.faults.script(fault, kind="gather", when=about_the_caller, seconds=seconds)
    return stage, stage.call(hang_up_after=14)


@pytest.mark.parametrize(("fault", "seconds"), [("duplicate", 5.0), ("duplicate", 400.0), ("delay", 5.0)])
def test_a_call_that_is_over_rings_nobody(make_stage: MakeStage, fault: str, seconds: float) -> None:
    """A copy that arrives after the caller is gone doesn't bring the call back: no phone rings for a ghost."""
    stage, call = ghost(make_stage, fault, seconds)
    rung_after = [at for name, at in [(leg.party.name, leg.created) for leg in stage.twin.legs()][1:] if at > 14.1]
    assert rung_after == []
    assert sum(stage.counted().values()) == 1
    assert call.over


def late_yes(request: Outgoing) -> bool:
    """A psychologist's 1."""
    return "/leg/" in request.url and request.params.get("Digits") == "1"


@pytest.mark.parametrize("seconds", [5.0, 63.0, 80.0, 130.0])
def test_a_late_copy_of_a_yes_changes_nothing(make_stage: MakeStage, seconds: float) -> None:
    """Alix's 1 arrives again while they talk, while the caller is asked to stay, while she is called back."""
    stage = make_stage(TWO)
    stage.twin.faults.script("duplicate", kind="gather", when=late_yes, seconds=seconds)
    stage.phones(Alix=[accept(talks=60), accept(after=8, talks=None)])
    call = stage.call(talks=90)
    assert call.talked_to == ["Alix", "Alix"]
    assert order_of_rings(call) == ["Alix", "Alix"]
    assert stage.says("whisper-again", line="Ligne d’écoute France") in call.heard("Alix")
    assert stage.counted() == {"answered": 1}


@pytest.mark.parametrize("seconds", [8.65, 12.0, 30.0])
def test_a_late_copy_of_a_bridges_end_changes_nothing(make_stage: MakeStage, seconds: float) -> None:
    """Alix pressed * and went back to the caller: word of the first talk's end, told again, doesn't end the second."""
    stage = make_stage(TWO)
    stage.twin.faults.script("duplicate", kind="dial", seconds=seconds)
    stage.phones(Alix=Behaviour(keys=("1", "2"), star_after=30))
    call = stage.call(talks=60)
    assert call.talked_to == ["Alix", "Alix"]
    assert order_of_rings(call) == ["Alix"]
    assert stage.counted() == {"answered": 1}
    assert times(call, "call ends", "Alix")


@pytest.mark.parametrize("seconds", [8.65, 20.0])
def test_after_such_a_copy_a_drop_is_still_a_drop(make_stage: MakeStage, seconds: float) -> None:
    """The same, and then Alix's phone drops: that is no hand-over, she is the first to be called back."""
    stage = make_stage(TWO)
    stage.twin.faults.script("duplicate", kind="dial", seconds=seconds)
    stage.phones(Alix=[Behaviour(keys=("1", "2"), star_after=30, hang_up_after=90), TAKES])
    call = stage.call(talks=80)
    assert call.talked_to == ["Alix", "Alix", "Alix"]
    assert stage.counted() == {"answered": 1}


def chose_to_go_back(request: Outgoing) -> bool:
    """A psychologist's 2 after *."""
    return "/leg/" in request.url and request.params.get("Digits") == "2"


def test_a_late_copy_of_going_back_doesnt_undo_a_hand_over(make_stage: MakeStage) -> None:
    """Alix went back once; when she presses * again, the old 2 arrives again: her 1 counts, a colleague is called."""
    stage = make_stage(TWO)
    stage.twin.faults.script("duplicate", kind="gather", when=chose_to_go_back, seconds=35.0)
    stage.phones(Alix=Behaviour(keys=("1", "2", "1"), script=((60, "*"), (100, "*"))))
    call = stage.call(talks=70)
    copy = next(e.at for e in stage.twin.requests if e.fault == "the duplicate") - stage.start
    star, choice = times(call, "presses", "Alix")[-2:]
    assert star < copy < choice
    assert call.talked_to == ["Alix", "Alix", "Billie"]
    assert order_of_rings(call) == ["Alix", "Billie"]


def test_a_late_copy_of_staying_doesnt_end_a_hand_over(make_stage: MakeStage) -> None:
    """Cut off and called back, Alix hands over: word that the caller had stayed, told again, doesn't let them go."""
    stage = make_stage(TWO)
    stage.phones(Alix=[accept(talks=40), Behaviour(keys=("1", "1"), star_after=30)])
    call = stage.dial(talks=60)
    stage.at(70)
    assert call.heard()[-1] == stage.says("cut-off")
    stage.twin.faults.script("duplicate", when=lambda request: "/wait/" in request.url, seconds=49.5)
    stage.twin.run_until_idle()
    copy = next(e.at for e in stage.twin.requests if e.fault == "the duplicate") - stage.start
    star, choice = times(call, "presses", "Alix")[-2:]
    assert star < copy < choice
    assert call.talked_to == ["Alix", "Alix", "Billie"]
    assert stage.counted() == {"answered": 1}
