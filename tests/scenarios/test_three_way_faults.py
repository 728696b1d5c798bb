"""A service is brought onto the line, and something goes wrong: nobody is alone, and the caller is with somebody."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from helpline.calls.placing import Placing
from helpline.calls.vault import Vault
from helpline.store.tables import Leg, LiveCall
from helpline.twin import Outgoing
from ivr_flows.ringing import HELD_SECONDS, MEET_SECONDS, LegState
from tests.scenarios.conftest import MakeStage
from tests.scenarios.making import staged as made
from tests.scenarios.services import (
    FAR,
    JOINS,
    NAMES,
    TWO,
    answer,
    brings,
    met,
    service,
    shelve,
    staged,
    until,
)
from tests.scenarios.stage import PEOPLE, SECRETS, TAKES, Stage, times
from tests.stateful import promises
from tests.stateful.adversary import Adversary, Way


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


ALIX = PEOPLE["Alix"].phone
REPLACED = SECRETS.model_copy(update={"seal_keys": (b"another seal key of the scenarios",)})


def about(*purposes: str) -> Callable[[Outgoing], bool]:
    """Whether a webhook's URL is for one of these purposes."""

    def fits(request: Outgoing) -> bool:
        return any(f"/{purpose}/" in request.url for purpose in purposes)

    return fits


def chosen(request: Outgoing) -> bool:
    """The key that has the first service called."""
    return "/bring/" in request.url and request.params.get("Digits") == "1"


def into_the_room(request: Outgoing) -> bool:
    """What a psychologist's leg asks by itself on its way into the room."""
    return "/bring/" in request.url and request.kind == "redirect"


def is_status(request: Outgoing) -> bool:
    """Word of what became of a leg."""
    return "/status/" in request.url


# --- repeated, late, lost


@pytest.mark.parametrize("seconds", [0.3, 4.0, 20.0])
def test_every_webhook_comes_twice(make_stage: MakeStage, seconds: float) -> None:
    """The second a moment later, or long after: they meet, part, and are left together as if it hadn't."""
    stage = staged(make_stage, brings())
    fits = about("leg", "bring", "service", "met", "room", "lobby", "bridge", "caller", "wait")
    stage.twin.faults.script("duplicate", when=fits, times=None, seconds=seconds)
    call = stage.dial()
    until(stage, call, "meets", "service", n=2)
    stage.twin.run_for(30)
    stage.twin.phones[ALIX].press("*")
    answer(stage, call, "service-part", "1")
    until(stage, call, "bridged", "service")
    stage.twin.run_for(30)
    assert call.talked_to == ["Alix", "service"]
    call.hang_up()
    stage.twin.run_until_idle()
    assert stage.counted() == {"answered": 1}


def test_a_choice_that_comes_again_much_later_rings_nobody(make_stage: MakeStage) -> None:
    """The service has left, and the two are talking: a copy of the key that chose it changes nothing."""
    stage = staged(make_stage, brings())
    stage.twin.faults.script("duplicate", when=chosen, seconds=90.0)
    call = stage.dial()
    until(stage, call, "meets", "service", n=2)
    stage.twin.phones[FAR].hang_up()
    until(stage, call, "bridged", n=2)
    stage.twin.run_for(90)
    assert stage.twin.phones[FAR].rung == 1
    assert call.talked_to == ["Alix", "Alix"]
    call.hang_up()
    stage.twin.run_until_idle()


def test_no_word_of_any_leg_is_ever_heard(make_stage: MakeStage) -> None:
    """The documents alone lead all three together, and apart again."""
    stage = staged(make_stage, brings())
    stage.twin.faults.script("drop", when=is_status, times=None)
    call = stage.dial()
    until(stage, call, "meets", "service", n=2)
    stage.twin.phones[ALIX].hang_up()
    until(stage, call, "bridged", "service")
    assert stage.says("cut-off") not in call.heard()
    call.hang_up()
    stage.twin.run_until_idle()
    assert stage.counted() == {"answered": 1}


# --- alone in a room


def alone(make_stage: MakeStage) -> Stage:
    """The psychologist's leg dies on its way into the room, unheard: the caller enters it, and nobody comes."""
    stage = staged(make_stage, brings())
    stage.twin.faults.script("drop", when=is_status, times=None)
    stage.twin.faults.script("lost answer", when=into_the_room, times=2)
    return stage


def test_a_caller_alone_in_a_room_is_fetched_out(make_stage: MakeStage) -> None:
    """After some seconds, and is left to the service, which waits to be let in."""
    stage = alone(make_stage)
    call = stage.dial()
    until(stage, call, "bridged", "service")
    (entered,) = times(call, "enters the conference")
    assert times(call, "leaves the conference")[0] - entered < 15
    assert call.talked_to == ["Alix", "service"]
    call.hang_up()
    stage.twin.run_until_idle()
    assert stage.counted() == {"answered": 1}


def test_a_caller_who_cant_be_fetched_at_first(make_stage: MakeStage) -> None:
    """The carrier's API is down: they hear music, and are fetched as soon as it is back."""
    stage = alone(make_stage)
    stage.twin.faults.script_rest("500", "POST", "/Calls/", times=5)
    call = stage.dial()
    until(stage, call, "bridged", "service")
    assert call.talked_to == ["Alix", "service"]
    assert 15 < times(call, "leaves the conference")[0] - times(call, "enters the conference")[0] < 40
    call.hang_up()
    stage.twin.run_until_idle()


def test_a_psychologist_alone_in_a_room_is_fetched_out(make_stage: MakeStage) -> None:
    """The caller hung up on the way: they are thanked like after any call, and so is the service."""
    stage = staged(make_stage, brings())
    call = stage.dial()
    until(stage, call, "enters the conference", "Alix")
    call.hang_up()
    stage.twin.run_until_idle()
    assert call.heard("Alix")[-1] == stage.says("thanks")
    assert call.heard("service")[-1] == stage.says("service-over")
    assert met(call) == []
    assert stage.counted() == {"answered": 1}


def test_a_carrier_that_starts_a_conference_with_one(make_stage: MakeStage) -> None:
    """In silence instead of with the wait document: the psychologist is alone for a moment only."""
    stage = staged(make_stage, brings())
    world = stage.twin._world
    world.rules = replace(world.rules, lone_starter="starts")
    call = stage.dial()
    until(stage, call, "meets", "service", n=2)
    call.hang_up()
    stage.twin.run_until_idle()
    assert stage.counted() == {"answered": 1}


# --- the psychologist is gone, and nobody says so


def test_the_psychologist_is_gone_before_they_met(make_stage: MakeStage) -> None:
    """They hung up as the service accepted, and no word of it came: the service has the caller after a while."""
    stage = staged(make_stage, brings())
    stage.twin.faults.script("drop", when=is_status, times=None)
    call = stage.dial()
    until(stage, call, "hears", "Alix", stage.says("service-accepted"))
    stage.twin.phones[ALIX].hang_up()
    until(stage, call, "bridged", "service")
    gone = times(call, "hangs up", "Alix")[0]
    assert times(call, "bridged", "service")[0] - gone < MEET_SECONDS + HELD_SECONDS + 15
    assert call.talked_to == ["Alix", "service"]
    call.hang_up()
    stage.twin.run_until_idle()


def test_the_psychologist_hangs_up_as_they_are_told(make_stage: MakeStage) -> None:
    """With word of it: the service has the caller within seconds."""
    stage = staged(make_stage, brings())
    call = stage.dial()
    until(stage, call, "hears", "Alix", stage.says("service-accepted"))
    stage.twin.phones[ALIX].hang_up()
    until(stage, call, "bridged", "service")
    assert times(call, "bridged", "service")[0] - times(call, "hangs up", "Alix")[0] < 15
    call.hang_up()
    stage.twin.run_until_idle()


def test_the_psychologist_is_gone_while_it_rings(make_stage: MakeStage) -> None:
    """Unheard: the caller is asked whether they were cut off, and has a colleague; the service's phone falls silent."""
    stage = staged(make_stage, brings(), JOINS.but(answer="rings out"), rota=TWO)
    stage.twin.faults.script("drop", when=is_status, times=None)
    call = stage.dial(talks=60)
    until(stage, call, "rings", "service")
    stage.twin.phones[ALIX].hang_up()
    stage.twin.run_until_idle()
    assert stage.says("cut-off") in call.heard()
    assert call.talked_to[0] == "Alix"
    assert len(call.talked_to) == 2
    assert stage.counted() == {"answered": 1}


# --- what can't be read


@pytest.mark.parametrize(
    ("who", "event"),
    [("service", "rings"), ("service", "presses"), ("Alix", "enters the conference"), ("service", "meets")],
)
def test_the_key_is_lost(make_stage: MakeStage, who: str, event: str) -> None:
    """Nobody's place can be read any more: the caller is rung for, the others are told that it is over."""
    stage = staged(make_stage, brings(), rota=TWO)
    call = stage.dial(talks=90)
    until(stage, call, event, who)
    stage.replace(secrets=REPLACED)
    if event == "meets":
        stage.twin.phones[ALIX].press("*")
    stage.twin.run_until_idle()
    assert call.talked_to[0] == "Alix"
    assert len(call.talked_to) > 1 or "service" in met(call)
    assert stage.counted() == {"answered": 1}


def test_the_number_of_a_service_cant_be_read(make_stage: MakeStage) -> None:
    """Its row was written under a key that is gone: it isn't rung, and the psychologist is told."""
    stage = staged(make_stage, brings())
    call = stage.dial()
    until(stage, call, "hears", "Alix", stage.says("service-ask"))
    stage.rehearsal.service = replace(
        stage.rehearsal.service,
        placing=replace(stage.rehearsal.service.placing, vault=Vault([b"another seal key of the scenarios"])),
    )
    until(stage, call, "hears", "Alix", stage.says("service-not-there"))
    assert stage.twin.phones[FAR].rung == 0
    call.hang_up()
    stage.twin.run_until_idle()


# --- the database


def test_what_is_wanted_is_known_sealed_only(make_stage: MakeStage) -> None:
    """Before it is dialled the number is in the row, and nobody can read it there."""
    stage = staged(make_stage, brings())
    stage.twin.faults.script_rest("500", "POST", "/Calls.json", when=lambda sent: sent.params.get("To") == FAR)
    call = stage.dial()
    until(stage, call, "hears", "Alix", stage.says("service-not-there"))
    rows = stage.rows(Leg) + stage.rows(LiveCall)
    assert FAR not in repr(rows)
    assert FAR[1:].encode() not in repr(rows).encode()
    call.hang_up()
    stage.twin.run_until_idle()


def wanted(stage: Stage) -> dict[str, object]:
    """The row of the service's leg."""
    (leg,) = [row for row in stage.rows(Leg) if row["attempt"] == 0]
    return leg


@pytest.mark.parametrize("how", ["in vain", "handed over"])
def test_a_number_that_is_never_dialled_isnt_kept(
    make_stage: MakeStage, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """It is in the row as long as its leg is wanted, so that nobody can read it, and goes with the wish."""
    stage = staged(make_stage, brings(), rota=TWO)
    call = stage.dial()
    until(stage, call, "hears", "Alix", stage.says("service-ask"))
    monkeypatch.setattr(Placing, "run_once", lambda _: None)
    until(stage, call, "hears", "Alix", stage.says("service-calling", name=NAMES[FAR]))
    leg = wanted(stage)
    assert leg["state"] == LegState.WANTED
    assert leg["sealed"] is not None
    assert FAR not in repr(stage.rows(Leg))
    if how == "handed over":
        stage.twin.phones[ALIX].hang_up()
        stage.twin.run_for(5)
    else:
        until(stage, call, "hears", "Alix", stage.says("service-not-there"))
    assert (wanted(stage)["state"], wanted(stage)["sealed"]) == (LegState.ENDED, None)
    monkeypatch.undo()
    call.hang_up()
    stage.twin.run_until_idle()


@pytest.mark.parametrize("fault", ["down", "crash"])
@pytest.mark.parametrize("who", ["Alix", "caller", "service"])
def test_the_database_is_down_in_the_room(who: str, fault: Way, sqlite_url: str, tmp_path: Path) -> None:
    """Whoever leaves first, everybody hears a voice, and the caller is put through to a psychologist, or has left."""
    with made(sqlite_url, tmp_path, TWO) as stage, Adversary(stage) as adversary:
        shelve(stage, FAR)
        service(stage, JOINS)
        stage.phones(Alix=[brings(), TAKES])
        call = stage.dial(talks=60)
        until(stage, call, "meets", "service", n=2)
        adversary.strike(fault, times=None)
        (call if who == "caller" else stage.twin.phones[ALIX if who == "Alix" else FAR]).hang_up()
        stage.twin.run_until_idle()
        adversary.relent()
        stage.twin.run_for(60)
        stage.twin.clock.jump(10_800)
        stage.rehearsal.settle()
        promises.check_callers(stage, [call], late=30)
        promises.check_rows(stage)
