"""Who presses 1 has the caller, and is busy: also on a leg that had been given up a moment before."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from helpline.app import Service
from helpline.calls.ringing import LegRef
from helpline.store.tables import Erasure, Leg
from tests.shell import ALIX, BORIS, NOON, SetClock, live_call, live_leg, put_live, rows_of, serving, with_people

MINE = LegRef("call", "mine", 1, ALIX, "fr")
GIVEN_UP = live_leg("mine", state="ended", outcome="lost", carrier_id="CAmine")


@pytest.fixture
def service(either_database_url: str, tmp_path: Path) -> Iterator[Service]:
    """With nobody on the phone."""
    with serving(either_database_url, tmp_path, SetClock()) as service:
        with_people(service.store)
        yield service


def states(service: Service) -> dict[str, str]:
    """Of each leg."""
    return {row["id"]: row["state"] for row in rows_of(service.store, Leg)}


def claim(service: Service) -> None:
    """Alix presses 1 on the leg that was given up, and has the caller."""
    loaded = service.placing.ringing.claim(MINE, NOON)
    assert loaded is not None
    assert loaded.call.claimed_leg == "mine"


def test_who_had_been_given_up_is_busy_with_the_caller(service: Service) -> None:
    """They listened for too long, and nobody else was found meanwhile: no other caller rings them while they talk."""
    put_live(service.store, [live_call()], [GIVEN_UP])
    claim(service)
    assert states(service) == {"mine": "talking"}
    assert service.placing.ringing.busy(NOON) == {ALIX}


def test_a_number_that_is_nobodys_is_busy_too(service: Service) -> None:
    """A coordinators' telephone."""
    put_live(service.store, [live_call()], [GIVEN_UP | {"person": None, "backup": 0}])
    claim(service)
    assert states(service) == {"mine": "talking"}


@pytest.mark.parametrize("carrier_id", [None, "CAbeep"])
def test_their_phone_rings_for_nobody_else(service: Service, carrier_id: str | None) -> None:
    """Another caller's wave rang them as soon as they were free; that caller's other phones go on ringing."""
    state = "ringing" if carrier_id else "wanted"
    beep = live_leg("beep", "another", state=state, carrier_id=carrier_id)
    others = live_leg("other", "another", person=BORIS, state="ringing")
    put_live(service.store, [live_call(), live_call("another")], [GIVEN_UP, beep, others])
    claim(service)
    assert states(service) == {"mine": "talking", "beep": "ended", "other": "ringing"}
    silenced = [row["carrier_id"] for row in rows_of(service.store, Erasure) if row["hangup"]]
    assert silenced == ([carrier_id] if carrier_id else [])


def test_who_talks_to_another_caller_remains_with_them(service: Service) -> None:
    """The row that says so isn't touched, whatever telephone the key came from."""
    talk = live_leg("talk", "another", state="talking")
    put_live(service.store, [live_call(), live_call("another", state="talking", claimed_leg="talk")], [GIVEN_UP, talk])
    claim(service)
    assert states(service) == {"mine": "ended", "talk": "talking"}
