"""The degraded flow at its edges: what else leads to it, and webhooks that come twice, late or never."""

from __future__ import annotations

import pytest

from helpline.calls.ringing import Ringing
from helpline.calls.standby import StandBy
from helpline.store import live_claims, live_legs
from helpline.store.tables import Leg, LiveCall
from helpline.twin import CallHandle, Faults, accept, ignore
from ivr_flows.ringing import CLAIM_SECONDS, LegState
from tests.privacy.traces import quiet
from tests.scenarios.conftest import MakeStage
from tests.scenarios.stage import TAKES, Stage, order_of_rings, times
from tests.scenarios.test_database_down import database_down
from tests.scenarios.test_repeated_webhooks import every

TWO = {"france": [["Alix", "Billie"]]}


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """These hardly depend on it."""
    return either_database_url


@pytest.mark.parametrize("seconds", [0.0, 0.3, 3.0, 20.0])
def test_every_webhook_comes_twice(make_stage: MakeStage, seconds: float) -> None:
    """The call goes as if they hadn't, and is counted once."""
    stage = make_stage(TWO, faults=every("duplicate", seconds=seconds))
    stage.phones(Alix=ignore(), Billie=[accept(talks=20), TAKES])
    call = stage.dial(talks=30)
    with database_down(stage):
        stage.at(40)
    stage.twin.run_until_idle()
    assert order_of_rings(call) == ["Alix", "Billie", "Billie"]
    assert call.talked_to == ["Billie", "Billie"]
    assert stage.counted() == {"answered": 1}


@pytest.mark.parametrize("kind", ["dial", "screen", "gather"])
@pytest.mark.parametrize("fault", ["connect", "lost answer", "slow", "error"])
def test_each_webhook_fails_once(make_stage: MakeStage, kind: str, fault: str) -> None:
    """The carrier asks once more, and the call goes on."""
    faults = Faults()
    stage = make_stage(TWO, faults=faults)
    stage.phones(Alix=ignore())
    call = stage.dial(talks=30)
    stage.at(13)
    faults.script(fault, kind=kind)
    with database_down(stage):
        stage.twin.run_until_idle()
    assert call.talked_to == ["Billie"]


def test_a_screening_that_is_never_answered_connects_nobody(make_stage: MakeStage) -> None:
    """The carrier ends that leg, and the next phone rings."""
    faults = Faults()
    stage = make_stage(TWO, faults=faults)
    faults.script("connect", kind="screen", times=2)
    with database_down(stage):
        assert stage.call(talks=30).talked_to == ["Billie"]


@pytest.mark.parametrize("method", ["enter", "look"])
def test_something_nobody_foresaw(stage: Stage, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    """A bug where the caller is to be put through, or waits: the carrier alone puts them through."""
    stage.phones(Alix=[accept(after=8, talks=None), TAKES] if method == "look" else TAKES)
    call = stage.dial(talks=30)
    monkeypatch.setattr(Ringing, method, lambda *_: 1 / 0)
    stage.twin.run_until_idle()
    assert {record.getMessage() for record in quiet(stage)} == {"voice.failed"}
    assert call.talked_to == ["Alix"]


def test_something_nobody_foresaw_there_too(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The least is a human voice and the crisis numbers."""
    monkeypatch.setattr(Ringing, "enter", lambda *_: 1 / 0)
    monkeypatch.setattr(StandBy, "begin", lambda *_, **__: 1 / 0)
    call = stage.call()
    assert {record.getMessage() for record in quiet(stage)} == {"voice.failed"}
    assert call.heard()[1:] == [stage.says("trouble"), stage.says("crisis-france")]


def test_a_bug_in_the_middle(make_stage: MakeStage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next phone can't be rung: an apology and the crisis numbers, never an error tone."""
    stage = make_stage(TWO)
    stage.phones(Alix=ignore())
    monkeypatch.setattr(StandBy, "step", lambda *_: 1 / 0)
    with database_down(stage):
        call = stage.dial()
        stage.at(44)
    stage.twin.run_until_idle()
    assert {record.getMessage() for record in quiet(stage)} == {"voice.failed"}
    assert call.heard()[2:] == [stage.says("trouble"), stage.says("crisis-france")]
    assert not times(call, "error tone", "line")


def out_of_queue(stage: Stage, call: CallHandle, result: str) -> str:
    """What follows when the carrier says that the caller is out of their first queue."""
    queued = next(exchange for exchange in stage.twin.requests if b"<Enqueue" in exchange.body)
    path = queued.body.decode().partition('action="')[2].partition("#")[0]
    path = path.removeprefix(stage.settings.service.public_url)
    form = {"CallSid": call.sid, "CallStatus": "in-progress", "QueueResult": result, "QueueTime": "4"}
    client = stage.rehearsal.service.web.test_client()
    return client.post(path, data=form, headers={"X-Twilio-Signature": stage.signature(path, form)}).text


@pytest.mark.parametrize("result", ["error", "system-error", "queue-full", "redirected", "redirected-from-bridged"])
def test_a_queue_that_fails(stage: Stage, result: str) -> None:
    """The caller is put through by the carrier alone, and is never queued again."""
    stage.phones(Alix=ignore())
    call = stage.dial(hang_up_after=30)
    stage.at(16)
    answer = out_of_queue(stage, call, result)
    assert "<Dial" in answer
    assert "<Enqueue" not in answer
    assert stage.says("degraded") in answer
    stage.twin.run_until_idle()


@pytest.fixture
def told_to_leave(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> CallHandle:
    """A bug answers one wait document: the caller leaves the queue, and the word of it takes some seconds."""
    stage.phones(Alix=accept(after=7, talks=None))
    call = stage.dial(talks=30)
    stage.at(22)
    stage.twin.faults.script("delay", kind="enqueue", seconds=5)
    with monkeypatch.context() as patch:
        patch.setattr(Ringing, "look", lambda *_: 1 / 0)
        stage.at(23)
    quiet(stage)
    return call


def test_somebody_says_yes_to_a_caller_who_was_told_to_leave(stage: Stage, told_to_leave: CallHandle) -> None:
    """Nobody has spoken to them yet, and no goodbye is said: they go back to where the psychologist looks for them."""
    stage.twin.run_until_idle()
    assert told_to_leave.talked_to == ["Alix"]
    assert order_of_rings(told_to_leave) == ["Alix"]
    assert stage.says("goodbye") not in told_to_leave.heard()
    assert stage.counted() == {"answered": 1}


def taken(stage: Stage, *, seconds: int, announced: bool) -> CallHandle:
    """A caller of whom the rows say that Alix said yes so long ago, though they are told to leave the queue."""
    stage.phones(Alix=ignore(), Billie=[ignore(), accept(talks=None)])
    call = stage.dial(talks=30)
    stage.at(20)
    (row,), leg = stage.rows(LiveCall), stage.rows(Leg, Leg.person.asc())[0]
    with stage.store.live() as tx:
        assert live_claims.claim(tx, row["id"], leg["id"], stage.now - seconds)
        assert live_legs.move_leg(tx, leg["id"], (LegState.RINGING,), LegState.TALKING)
        assert not announced or live_claims.bridged(tx, row["id"], leg["id"], leg["person"], stage.now)
    return call


@pytest.mark.parametrize("announced", [False, True])
def test_a_yes_is_looked_for_in_the_same_queue(make_stage: MakeStage, *, announced: bool) -> None:
    """However often the carrier asks, the row stays as it is: a late copy ends no talk."""
    stage = make_stage(TWO)
    call = taken(stage, seconds=1, announced=announced)
    before = stage.rows(LiveCall), stage.rows(Leg)
    answers = {out_of_queue(stage, call, "leave") for _ in range(2)}
    assert [("<Enqueue" in answer, "<Say" in answer) for answer in answers] == [(True, False)]
    assert (stage.rows(LiveCall), stage.rows(Leg)) == before
    stage.twin.run_until_idle()


@pytest.mark.parametrize("announced", [False, True])
def test_a_yes_that_nothing_came_of_sends_nobody_away(make_stage: MakeStage, *, announced: bool) -> None:
    """The carrier's dial has given up: the others are rung, by the carrier alone. Asked again, we say no goodbye."""
    stage = make_stage(TWO)
    call = taken(stage, seconds=CLAIM_SECONDS, announced=announced)
    answer = out_of_queue(stage, call, "leave")
    assert "<Dial" in answer
    assert stage.says("degraded") in answer
    assert stage.says("goodbye") not in out_of_queue(stage, call, "leave")
    stage.twin.run_until_idle()
