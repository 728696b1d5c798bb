import pytest
from sqlalchemy import insert
from twilio.base.exceptions import TwilioException

from helpline.carrier.rest import CarrierApi
from helpline.jobs import erasing
from helpline.jobs.erasing import AGAIN_SECONDS
from helpline.store.tables import Erasure
from helpline.twin import Behaviour, accept, decline, ignore, voicemail
from tests.scenarios.conftest import MakeStage
from tests.scenarios.stage import CALLER_NUMBER, SHOWN, TAKES, Stage


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


MINUTE, DAY = 60, 86_400
SIXTEEN = 16 * MINUTE


def erase(stage: Stage) -> int:
    """The minute's erasing, with the carrier's own library against the carrier's API; how many it confirmed."""
    return erasing.run(stage.store, CarrierApi(stage.rehearsal.service.settings.carrier, stage.secrets), stage.now)


def erase_for(stage: Stage, seconds: float) -> None:
    """Lets time pass with the jobs running every minute: what isn't counted yet is not erased."""
    until = stage.twin.clock.elapsed() + seconds
    while stage.twin.clock.elapsed() < until:
        stage.twin.run_for(MINUTE)
        stage.rehearsal.count()
        erase(stage)


def kept_at_the_carrier(stage: Stage) -> tuple[int, int]:
    """How many calls and queues the carrier still knows."""
    return len(stage.twin.calls), len(stage.twin.queues)


def has_events(stage: Stage, carrier_id: str) -> bool:
    """Whether the carrier still shows what was asked and answered in a call."""
    client = CarrierApi(stage.rehearsal.service.settings.carrier, stage.secrets)._client
    if carrier_id in stage.twin.calls:
        return bool(client.calls(carrier_id).events.list())
    with pytest.raises(TwilioException, match="404"):
        client.calls(carrier_id).events.list()
    return False


def a_call_with_everything(make_stage: MakeStage) -> Stage:
    """A call that met a voicemail, a no, a cut-off and a hand-over before it ended."""
    stage = make_stage({"france": [["Alix", "Billie"], ["Charlie"]]})
    stage.phones(
        Alix=voicemail(after=2),
        Billie=decline(),
        Charlie=[accept(talks=30), Behaviour(keys=("1", "1"), star_after=30)],
    )
    stage.dial(talks=60, hang_up_after=220)
    stage.twin.run_until_idle()
    assert len(stage.twin.legs()) > 4
    return stage


def test_sixteen_minutes_after_the_end_the_carrier_has_forgotten(make_stage: MakeStage) -> None:
    """The caller's call, every psychologist's leg and every queue are deleted, with all that was said on the wire."""
    stage = a_call_with_everything(make_stage)
    sids = [leg.sid for leg in stage.twin.legs()]
    erase_for(stage, SIXTEEN + 2 * MINUTE)
    assert kept_at_the_carrier(stage) == (0, 0)
    assert [sid for sid in sids if has_events(stage, sid)] == []


def test_not_before_its_events_are_written(stage: Stage) -> None:
    """Erased too early, what the carrier writes a quarter of an hour later would stay: so not a minute before 16."""
    call = stage.call(talks=30)
    ended = call.call.ended
    assert ended is not None
    for seconds, kept in ((15 * MINUTE + 5, True), (SIXTEEN - 5, True), (SIXTEEN + 5, False)):
        stage.at(ended + seconds)
        erase(stage)
        assert has_events(stage, call.sid) is kept


def test_each_leg_counts_from_its_own_end(make_stage: MakeStage) -> None:
    """A psychologist who codes for a minute after the caller has left: that leg is erased a minute later."""
    stage = make_stage(france={"keypad_coding": True})
    stage.phones(Alix=Behaviour(keys=("1", "77", "", "78", ""), hesitates=7))
    call = stage.call(talks=30)
    caller, alix = call.legs()
    assert alix.ended is not None
    assert caller.ended is not None
    assert alix.ended - caller.ended > 20
    due = {row["carrier_id"]: row["due_at"] for row in stage.rows(Erasure)}
    assert due[alix.sid] - stage.now == pytest.approx(SIXTEEN, abs=2)
    assert due[caller.sid] < due[alix.sid] - 20


def test_queues_go_at_once(stage: Stage) -> None:
    """An empty queue is of no use to anybody: gone with the next minute's job."""
    stage.call(talks=30)
    assert len(stage.twin.queues) == 1
    erase(stage)
    assert len(stage.twin.queues) == 0


@pytest.mark.parametrize("hang_up_after", [5, 20, None])
def test_calls_without_a_conversation_are_erased_too(stage: Stage, hang_up_after: float | None) -> None:
    """Left in the greeting, given up in the queue, unanswered: nothing of them stays at the carrier either."""
    stage.phones(Alix=ignore())
    stage.call(hang_up_after=hang_up_after)
    erase_for(stage, SIXTEEN + 2 * MINUTE)
    assert kept_at_the_carrier(stage) == (0, 0)


@pytest.mark.parametrize("fault", ["refuse", "500", "429", "cut", "lost answer"])
def test_a_refused_erasure_is_tried_again(stage: Stage, fault: str) -> None:
    """The carrier won't delete at first: asked again five minutes later, until it has."""
    stage.call(talks=30)
    stage.twin.faults.script_rest(fault, "DELETE", "/Calls/", times=2)
    erase_for(stage, SIXTEEN + MINUTE)
    assert len(stage.twin.calls) > 0 or fault == "lost answer"
    erase_for(stage, 6 * MINUTE)
    assert kept_at_the_carrier(stage) == (0, 0)


def test_a_call_still_going_on_is_erased_when_it_is_over(make_stage: MakeStage) -> None:
    """A leg of a forgotten call is still in progress: the carrier refuses, and is asked again until it ends."""
    stage = make_stage()
    stage.phones(Alix=TAKES)
    stage.dial(talks=1500)
    stage.at(60)
    (talking,) = [leg for leg in stage.twin.legs() if leg.direction == "outbound-api"]
    with stage.store.durable() as tx:
        row = {"carrier_id": talking.sid, "kind": "call", "hangup": False, "due_at": 0}
        tx.execute(insert(Erasure), row)
    assert erase(stage) == 0
    assert not talking.over
    stage.twin.run_until_idle()
    erase_for(stage, SIXTEEN + 2 * MINUTE)
    assert kept_at_the_carrier(stage) == (0, 0)


@pytest.mark.parametrize("from_", [CALLER_NUMBER, "+33199000101"], ids=["caller", "psychologist"])
def test_a_text_message_is_erased_whoever_wrote(stage: Stage, from_: str) -> None:
    """While the message is on its way the carrier refuses, and is asked again; then it has nothing of it."""
    stage.twin.text(from_, SHOWN, "1")
    (message,) = stage.twin.messages.values()
    with stage.store.durable() as tx:
        tx.execute(insert(Erasure), {"carrier_id": "SM" + 32 * "0", "kind": "text", "hangup": False, "due_at": 0})
    stage.twin.run_for(1)
    message.status = "receiving"
    erase_for(stage, 2 * MINUTE)
    assert message.sid in stage.twin.messages
    message.status = "received"
    erase_for(stage, AGAIN_SECONDS)
    assert message.sid not in stage.twin.messages
    assert [sent.direction for sent in stage.twin.messages.values() if sent.direction == "inbound"] == []
    assert all(row["erased_at"] for row in stage.rows(Erasure))
    assert stage.twin.violations == []


def test_a_day_later_nothing_is_left_here_either(make_stage: MakeStage) -> None:
    """The tombstones by which calls count once go 24 hours after the carrier has confirmed."""
    stage = a_call_with_everything(make_stage)
    erase_for(stage, SIXTEEN + 2 * MINUTE)
    stage.twin.clock.jump(DAY - 5 * MINUTE)
    erase(stage)
    assert stage.rows(Erasure) != []
    stage.twin.clock.jump(6 * MINUTE)
    erase(stage)
    assert stage.rows(Erasure) == []


def test_erasing_twice_is_no_error(stage: Stage) -> None:
    """Somebody deleted it at the carrier's console before: that is what we wanted."""
    stage.call(talks=30)
    stage.twin.calls.clear()  # type: ignore[attr-defined] # the carrier's own memory
    erase_for(stage, SIXTEEN + 2 * MINUTE)
    assert all(row["erased_at"] for row in stage.rows(Erasure))
