"""The carrier takes no calls of ours: no caller waits for phones that can't ring."""

import pytest

from helpline.store.tables import Leg, LiveCall
from helpline.twin import ignore
from ivr_flows.ringing import TICK_SECONDS
from tests.scenarios.conftest import MakeStage
from tests.scenarios.stage import PEOPLE, TAKES, Stage, order_of_rings, times


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


TWO = {"france": [["Alix"], ["Billie"]]}
DOWN = ["500", "429"]


def refuse(stage: Stage, fault: str, who: str = "", times: int | None = None) -> None:
    """The carrier refuses to create calls, all of them or those to one person."""
    number = PEOPLE[who].phone if who else ""
    stage.twin.faults.script_rest(
        fault, "POST", "/Calls.json", when=lambda request: number in {"", request.params.get("To")}, times=times
    )


def outcomes(stage: Stage) -> list[str]:
    """What became of the legs of calls in progress."""
    return [row["outcome"] for row in stage.rows(Leg)]


@pytest.mark.parametrize("fault", DOWN)
def test_a_caller_for_whom_nobody_can_be_rung_leaves_the_queue(make_stage: MakeStage, fault: str) -> None:
    """At the next document: no wave is waited out when none of its phones can be rung."""
    stage = make_stage(TWO)
    refuse(stage, fault)
    call = stage.dial(hang_up_after=30)
    stage.at(24)
    assert times(call, "leaves the queue")[0] - times(call, "queued")[0] <= TICK_SECONDS
    (row,) = stage.rows(LiveCall)
    assert row["state"] == "left"
    assert set(outcomes(stage)) == {"unplaced"}
    stage.twin.run_until_idle()


@pytest.mark.parametrize("fault", DOWN)
def test_one_refusal_among_several_is_no_outage(make_stage: MakeStage, fault: str) -> None:
    """Alix's phone can't be rung, Billie's can: the caller stays in the queue, and Billie takes the call."""
    stage = make_stage({"france": [["Alix", "Billie"]]})
    refuse(stage, fault, "Alix")
    call = stage.call(talks=20)
    assert order_of_rings(call) == ["Billie"]
    assert call.talked_to == ["Billie"]
    assert len(times(call, "queued")) == 1


@pytest.mark.parametrize("fault", DOWN)
def test_a_phone_that_rings_is_not_left_for_one_that_cant(make_stage: MakeStage, fault: str) -> None:
    """Alix's phone rings on when Billie's can't be rung: it is hers to answer."""
    stage = make_stage(TWO)
    refuse(stage, fault, "Billie")
    stage.phones(Alix=TAKES.but(after=32))
    call = stage.call(talks=20)
    assert order_of_rings(call) == ["Alix"]
    assert call.talked_to == ["Alix"]
    assert not times(call, "leaves the queue", text="leave")


def test_a_number_that_the_carrier_refuses_is_no_outage(make_stage: MakeStage) -> None:
    """A wrong number in the rota says nothing about the carrier: the waves go on."""
    stage = make_stage(TWO)
    refuse(stage, "refuse", "Alix")
    call = stage.call(talks=20)
    assert order_of_rings(call) == ["Billie"]
    assert call.talked_to == ["Billie"]
    assert not times(call, "leaves the queue", text="leave")


@pytest.mark.parametrize("fault", DOWN)
def test_the_outage_begins_in_the_second_wave(make_stage: MakeStage, fault: str) -> None:
    """Alix hasn't answered, and nobody else can be rung: the caller leaves then, and not at the plan's end."""
    stage = make_stage({"france": [["Alix"], ["Billie"], ["Charlie"]]})
    stage.phones(Alix=ignore())
    call = stage.dial()
    stage.at(20)
    refuse(stage, fault)
    while not times(call, "leaves the queue"):
        stage.twin.run_for(1)
    silent = times(call, "call ends", "Alix")[0]
    assert times(call, "leaves the queue")[0] <= silent + TICK_SECONDS
    assert (stage.rung("Billie"), stage.rung("Charlie")) == (0, 0)
    call.hang_up()
    stage.twin.run_until_idle()


def test_a_creation_in_doubt_is_waited_for(make_stage: MakeStage) -> None:
    """The connection broke: the phone may ring all the same, so its wave waits for some seconds before the next."""
    stage = make_stage(TWO)
    refuse(stage, "cut", "Alix", times=1)
    call = stage.call(talks=20)
    assert order_of_rings(call) == ["Billie"]
    assert 10 <= times(call, "rings", "Billie")[0] - times(call, "queued")[0] < 20
    assert stage.twin.busy_rings == 0


def test_nobody_is_rung_twice_at_once(make_stage: MakeStage) -> None:
    """The answers are lost, the phones ring: whoever rings already is not rung by the carrier's own dialling too."""
    stage = make_stage(TWO)
    refuse(stage, "lost answer")
    stage.phones(Alix=ignore(), Billie=ignore())
    call = stage.dial()
    stage.twin.run_until_idle()
    assert call.over
    assert stage.twin.busy_rings == 0
