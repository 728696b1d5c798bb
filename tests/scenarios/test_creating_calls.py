import itertools

import pytest

from helpline.twin import Behaviour, Faults, ignore
from tests.scenarios.conftest import MakeStage
from tests.scenarios.stage import (
    BACKUP,
    OTHER_CALLER,
    PEOPLE,
    SECOND_BACKUP,
    TAKES,
    Stage,
    order_of_rings,
    rings,
    times,
)


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


TWO = {"france": [["Alix"], ["Billie"]]}


def created(stage: Stage) -> list[float]:
    """When the carrier was asked to create each leg, in seconds of the clock."""
    return [leg.created for leg in stage.twin.legs() if leg.direction == "outbound-api"]


@pytest.mark.parametrize("fault", ["500", "429"])
def test_the_carrier_refuses_one_creation(make_stage: MakeStage, fault: str) -> None:
    """The first phone can't be rung: the second rings at once, and the first is tried again at the end."""
    stage = make_stage(TWO)
    stage.twin.faults.script_rest(fault, "POST", "/Calls.json")
    stage.phones(Billie=ignore())
    call = stage.call(talks=30)
    assert order_of_rings(call)[:2] == ["Billie", "Alix"]
    assert rings(call)[0][1] - times(call, "queued")[0] < 4
    assert call.talked_to == ["Alix"]


@pytest.mark.parametrize("fault", ["500", "429"])
def test_the_carrier_refuses_every_creation(make_stage: MakeStage, fault: str) -> None:
    """Nobody can be rung by our calls: the caller soon leaves the queue, and the carrier dials itself."""
    stage = make_stage(TWO)
    stage.twin.faults.script_rest(fault, "POST", "/Calls.json", times=None)
    call = stage.call(talks=30)
    assert times(call, "leaves the queue")[0] - times(call, "queued")[0] < 20
    assert order_of_rings(call) == ["Alix"]
    assert call.talked_to == ["Alix"]
    assert stage.counted() == {"answered": 1}


def test_a_creation_whose_answer_is_lost_rings_once(make_stage: MakeStage) -> None:
    """The carrier created the call and we never heard so: the phone that rings is recognised, and no other is rung."""
    stage = make_stage()
    stage.twin.faults.script_rest("lost answer", "POST", "/Calls.json")
    call = stage.call(talks=30)
    assert len(created(stage)) == 1
    assert call.talked_to == ["Alix"]
    assert stage.counted() == {"answered": 1}


def test_a_creation_whose_answer_is_lost_and_nobody_answers(make_stage: MakeStage) -> None:
    """The same, and the phone rings out: rung once more at the end, never two calls to one phone at once."""
    stage = make_stage()
    stage.twin.faults.script_rest("lost answer", "POST", "/Calls.json")
    stage.phones(Alix=ignore())
    call = stage.call()
    assert order_of_rings(call) == ["Alix", "Alix"]
    assert stage.counted() == {"unanswered": 1}


def test_a_creation_that_never_arrived(make_stage: MakeStage) -> None:
    """The connection broke before the carrier did anything: the phone isn't rung again until its time is up."""
    stage = make_stage(TWO)
    stage.twin.faults.script_rest("cut", "POST", "/Calls.json")
    stage.phones(Alix=TAKES, Billie=ignore())
    call = stage.call(talks=30)
    assert order_of_rings(call) == ["Billie", "Billie", "Alix"]
    assert rings(call)[0][1] - times(call, "queued")[0] < 25
    assert call.talked_to == ["Alix"]


def test_a_carrier_that_doesnt_answer_at_all(make_stage: MakeStage) -> None:
    """The carrier hangs: we wait no longer than our own limit, and the next psychologist is rung."""
    stage = make_stage(TWO)
    stage.rehearsal.service.placing.api._client.http_client.timeout = 0.1  # type: ignore[attr-defined] # the real one
    stage.twin.faults.script_rest("hang", "POST", "/Calls.json", seconds=0.3)
    call = stage.call(talks=30)
    assert call.talked_to == ["Billie"]
    assert stage.counted() == {"answered": 1}


@pytest.mark.parametrize("seconds", [12.45, 12.9, 13.2])
def test_a_call_created_unknown_to_us_for_a_caller_who_left(make_stage: MakeStage, seconds: float) -> None:
    """We never heard that it was created, and the caller is gone: at its first ring it is silenced."""
    stage = make_stage()
    stage.twin.faults.script_rest("lost answer", "POST", "/Calls.json")
    stage.phones(Alix=ignore())
    call = stage.call(hang_up_after=seconds)
    (leg,) = [leg for leg in stage.twin.legs() if leg.direction == "outbound-api"]
    assert (leg.ended or 0) - leg.created < 2.5
    assert leg.status == "canceled"
    assert call.talked_to == []


def test_a_call_created_unknown_to_us_when_another_has_accepted(make_stage: MakeStage) -> None:
    """The same when a colleague took the call meanwhile: the phone is silenced at its first ring."""
    stage = make_stage({"france": [["Alix", "Billie"]]})
    billie = PEOPLE["Billie"].phone
    stage.twin.faults.script_rest(
        "lost answer", "POST", "/Calls.json", when=lambda request: request.params.get("To") == billie
    )
    stage.phones(Alix=Behaviour(after=0.2, keys=("1",), listens=False, hesitates=0.2), Billie=ignore())
    call = stage.call(talks=60)
    assert call.talked_to == ["Alix"]
    assert times(call, "call ends", "Billie")[0] - times(call, "rings", "Billie")[0] < 0.5


@pytest.mark.parametrize("end", ["accepted", "hung up"])
def test_calls_the_carrier_has_queued_are_cancelled(make_stage: MakeStage, end: str) -> None:
    """The carrier is slow and keeps created calls in its own queue: when the wait is over none of them rings later."""
    stage = make_stage({"france": [["Alix", "Billie", "Charlie"]]})
    later = {PEOPLE["Billie"].phone, PEOPLE["Charlie"].phone}
    stage.twin.faults.script_rest(
        "queue", "POST", "/Calls.json", seconds=300.0, times=2, when=lambda request: request.params.get("To") in later
    )
    stage.phones(Alix=TAKES if end == "accepted" else ignore())
    call = stage.call(talks=30, hang_up_after=None if end == "accepted" else 20)
    assert order_of_rings(call) == ["Alix"]
    assert (stage.rung("Billie"), stage.rung("Charlie")) == (0, 0)


def test_one_creation_a_second(make_stage: MakeStage) -> None:
    """Six phones of two callers: the carrier is asked for one call a second and never for two."""
    stage = make_stage({"france": [["Alix", "Billie", "Charlie"]], "belgium": [["Dirk", "Greta", "Emma"]]})
    stage.phones(Alix=ignore(), Billie=ignore(), Charlie=ignore(), Dirk=ignore(), Greta=ignore(), Emma=ignore())
    stage.dial(hang_up_after=40)
    stage.dial("belgium", "1", from_=OTHER_CALLER, hang_up_after=40)
    stage.twin.run_until_idle()
    asked = created(stage)
    assert len(asked) >= 5
    assert min(after - before for before, after in itertools.pairwise(asked)) >= 1


def test_a_clock_set_back_stops_no_creation(make_stage: MakeStage) -> None:
    """The clock jumps back an hour in the middle of a wave: the second phone rings a second later all the same."""
    stage = make_stage({"france": [["Alix", "Billie"]]})
    stage.phones(Alix=ignore(), Billie=TAKES)
    call = stage.dial(talks=30)
    stage.at(12.8)
    stage.twin.clock.jump(-3600)
    stage.at(30)
    assert "Billie" in order_of_rings(call)
    stage.twin.run_until_idle()


@pytest.mark.parametrize("left", [(), (BACKUP,)])
def test_a_number_that_is_configured_no_more(make_stage: MakeStage, left: tuple[str, ...]) -> None:
    """The plan that a caller waits with names it: nobody rings, the plan goes on, and so do all others' creations."""
    stage = make_stage({"france": [["Alix"]]}, france={"backup": [BACKUP, SECOND_BACKUP]})
    stage.phones(Alix=[ignore(), TAKES])
    for number in (BACKUP, SECOND_BACKUP):
        stage.phone(number, ignore())
    call = stage.dial(talks=30)
    stage.at(20)
    line = stage.settings.lines["france"].model_copy(update={"backup": left})
    stage.replace(stage.settings.model_copy(update={"lines": {**stage.settings.lines, "france": line}}))
    stage.twin.run_until_idle()
    assert call.talked_to == ["Alix"]
    assert stage.rung(SECOND_BACKUP) == 0


@pytest.mark.parametrize("fault", ["500", "429", "cut", "lost answer"])
def test_silencing_a_phone_fails_once(make_stage: MakeStage, fault: str) -> None:
    """The carrier stumbles when told to let a phone fall silent: it is told again within a second or two."""
    stage = make_stage({"france": [["Alix", "Billie"]]}, faults=Faults())
    stage.twin.faults.script_rest(fault, "POST", "/Calls/CA")
    stage.phones(Billie=ignore())
    call = stage.call(talks=30)
    assert call.bridged_at is not None
    assert times(call, "call ends", "Billie")[0] - times(call, "presses", "Alix")[0] < 3


def test_a_leg_is_never_placed_by_two_placers(make_stage: MakeStage) -> None:
    """A placer that was slow finds its leg taken by another process, and leaves it alone."""
    stage = make_stage({"france": [["Alix", "Billie"]]})
    stage.phones(Alix=ignore(), Billie=ignore())
    stage.dial(hang_up_after=30)
    stage.at(12.8)
    placing = stage.rehearsal.service.placing
    (leg,) = stage.wanted()
    now_ms = int(stage.twin.clock.now() * 1000)
    assert placing._lease(leg, now_ms + 1000) is None
    assert placing._lease(leg, now_ms + 5000) is not None
    stage.twin.run_until_idle()
