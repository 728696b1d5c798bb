"""The degraded flow at its edges: what else leads to it, and webhooks that come twice, late or never."""

from __future__ import annotations

import pytest

from helpline.calls.ringing import Ringing
from helpline.calls.standby import StandBy
from helpline.twin import Faults, accept, ignore
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


@pytest.mark.parametrize("result", ["error", "system-error", "queue-full", "redirected", "redirected-from-bridged"])
def test_a_queue_that_fails(stage: Stage, result: str) -> None:
    """The caller is put through by the carrier alone, and is never queued again."""
    stage.phones(Alix=ignore())
    call = stage.dial(hang_up_after=30)
    stage.at(16)
    queued = next(exchange for exchange in stage.twin.requests if b"<Enqueue" in exchange.body)
    path = queued.body.decode().partition('action="')[2].partition("#")[0]
    path = path.removeprefix(stage.settings.service.public_url)
    form = {"CallSid": call.sid, "CallStatus": "in-progress", "QueueResult": result, "QueueTime": "4"}
    client = stage.rehearsal.service.web.test_client()
    answer = client.post(path, data=form, headers={"X-Twilio-Signature": stage.signature(path, form)})
    assert "<Dial" in answer.text
    assert "<Enqueue" not in answer.text
    assert stage.says("degraded") in answer.text
    stage.twin.run_until_idle()
