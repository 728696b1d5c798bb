"""Requests for wait documents that arrive again, late: the caller talks, and nothing may come between."""

import pytest

from helpline.store import live_claims
from helpline.store.tables import Leg, LiveCall
from helpline.twin import CallHandle, Outgoing, accept, ignore
from ivr_flows.ringing import BRIDGE_DOUBT_SECONDS, CLAIM_SECONDS, TICK_SECONDS, CallState, LegState
from tests.scenarios.conftest import MakeStage
from tests.scenarios.stage import Stage, order_of_rings, times


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


TWO = {"france": [["Alix"], ["Billie"]]}


def is_wait(request: Outgoing) -> bool:
    """The hold loop asks for its next document, be it with a key."""
    return "/wait/" in request.url


def copied(
    make_stage: MakeStage, seconds: float, copies: int | None = 1, before: float = 0.0
) -> tuple[Stage, CallHandle]:
    """Billie takes the call after some documents, of which `copies` arrive again so many seconds later."""
    stage = make_stage(TWO)
    stage.phones(Alix=ignore(), Billie=accept(after=8, talks=None))
    call = stage.dial(talks=150)
    stage.at(before)
    stage.twin.faults.script("duplicate", when=is_wait, times=copies, seconds=seconds)
    stage.twin.run_until_idle()
    return stage, call


@pytest.mark.parametrize("before", [12.0, 30.0])
@pytest.mark.parametrize("seconds", [15.0, 30.0, 60.0, 100.0])
def test_one_late_copy_changes_nothing(make_stage: MakeStage, seconds: float, before: float) -> None:
    """Whichever document it was of, and however late: nobody is rung, the talk goes on and is counted as it was."""
    stage, call = copied(make_stage, seconds, before=before)
    assert call.talked_to == ["Billie"]
    assert order_of_rings(call) == ["Alix", "Billie"]
    assert stage.rung("Alix") == 1
    assert stage.counted() == {"answered": 1}


@pytest.mark.parametrize("seconds", [25.0, 40.0, 70.0])
def test_late_copies_of_every_document_change_nothing(make_stage: MakeStage, seconds: float) -> None:
    """One after the other, as they once came."""
    stage, call = copied(make_stage, seconds, copies=None)
    assert call.talked_to == ["Billie"]
    assert order_of_rings(call) == ["Alix", "Billie"]
    assert stage.counted() == {"answered": 1}


def test_a_copy_in_a_talk_leaves_the_row_as_it_is(make_stage: MakeStage) -> None:
    """But for the doubt that it raises, which no second document confirms."""
    stage = make_stage()
    call = stage.dial(talks=100)
    stage.at(13)
    stage.twin.faults.script("duplicate", when=is_wait, seconds=50.0)
    stage.at(60)
    (before,) = stage.rows(LiveCall)
    stage.at(80)
    (after,) = stage.rows(LiveCall)
    assert len([e for e in stage.twin.requests if e.fault == "the duplicate"]) == 1
    assert after["doubt_at"] > before["doubt_at"] == 0
    assert {name for name in before if before[name] != after[name]} <= {"doubt", "doubt_at", "heartbeat_at"}
    stage.twin.run_until_idle()
    assert call.talked_to == ["Alix"]


def is_bridge(request: Outgoing) -> bool:
    """A psychologist's 1: the answer would connect them."""
    return "/leg/" in request.url and request.params.get("Digits") == "1"


def test_a_claim_whose_answer_is_lost_is_found_out(make_stage: MakeStage) -> None:
    """Alix's 1 is claimed, and the carrier never hears what to do: the caller asks on, and Alix is rung once more."""
    stage = make_stage(TWO)
    stage.twin.faults.script("lost answer", kind="gather", when=is_bridge, times=2)
    stage.twin.faults.script("drop", when=lambda request: "/status/" in request.url, times=None)
    stage.phones(Billie=ignore())
    call = stage.dial(talks=20)
    stage.twin.run_until_idle()
    assert call.talked_to == ["Alix"]
    claimed, again = times(call, "presses", "Alix")[0], times(call, "rings", "Alix")[1]
    assert again - claimed <= CLAIM_SECONDS + 3 * TICK_SECONDS


def test_a_bridge_that_was_announced_and_never_made_is_found_out(make_stage: MakeStage) -> None:
    """The row believes that they talk, and the caller is there: they ask twice, and wait again as if never claimed."""
    stage = make_stage(TWO)
    stage.phones(Alix=ignore(), Billie=ignore())
    call = stage.dial()
    stage.at(54)
    (row,) = stage.rows(LiveCall)
    leg = next(leg for leg in stage.rows(Leg) if leg["state"] == LegState.ENDED)
    with stage.store.live() as tx:
        assert live_claims.claim(tx, row["id"], leg["id"], stage.now)
        assert live_claims.bridged(tx, row["id"], leg["id"], leg["person"], stage.now)
    while stage.rows(LiveCall)[0]["state"] == CallState.TALKING:
        stage.twin.run_for(1)
    assert BRIDGE_DOUBT_SECONDS <= stage.twin.clock.elapsed() - 54 <= BRIDGE_DOUBT_SECONDS + 3 * TICK_SECONDS
    (row,) = stage.rows(LiveCall)
    assert (row["state"], row["claimed_leg"], row["waited"]) == (CallState.WAITING, None, None)
    call.hang_up()
    stage.twin.run_until_idle()
    assert stage.counted() == {"abandoned": 1}
