"""A directory for scenarios, and a psychologist who brings a service of it onto the line."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import insert

from helpline.store.directory_tables import DirectoryEntry
from helpline.twin import CALLER, Behaviour, CallHandle, Phone, accept
from tests.scenarios.conftest import MakeStage
from tests.scenarios.stage import PEOPLE, TAKES, Rota, Stage, times

CLOSE, FAR = "+33561910001", "+33199000301"
"""Numbers of services: of one department, and of the whole country."""
NAMES = {CLOSE: "Association de Toulouse", FAR: "Service national"}
ALONE: Rota = {"france": [["Alix"]]}
TWO: Rota = {"france": [["Alix"], ["Billie"]]}
JOINS = accept(after=6, talks=None)
"""Picks up, presses 1, and talks until somebody else hangs up."""


def shelve(stage: Stage, *numbers: str) -> None:
    """Puts services into the directory: the whole country's, unless it is the one close to Toulouse."""
    rows = [
        {
            "key": f"service-{place}",
            "name": NAMES[number],
            "kind": "association",
            "audiences": "doctor",
            "territories": "31" if number == CLOSE else "FR",
            "languages": "fr",
            "phone": number,
            "hours": "24/7",
            "cost": "free",
            "independent": True,
            "connect": True,
            "website": "",
            "source": "tests",
            "verified": "2026-01-01",
        }
        for place, number in enumerate(numbers)
    ]
    with stage.store.durable() as tx:
        tx.execute(insert(DirectoryEntry), rows)


def service(stage: Stage, *behaviours: Behaviour, number: str = FAR) -> Phone:
    """The phone of a service."""
    return stage.twin.phone(number, *behaviours, name="service")


def brings(**changes: object) -> Behaviour:
    """Takes the call, presses * after some seconds, then 3, # and 1: the first service. What follows is silence."""
    return Behaviour(keys=("1", "3", "#", "1"), star_after=20, listens=False).but(**changes)


def staged(make_stage: MakeStage, alix: Behaviour, *services: Behaviour, rota: Rota = ALONE) -> Stage:
    """Alix brings the national service; colleagues take whatever is handed over."""
    stage = make_stage(rota)
    shelve(stage, FAR)
    service(stage, *(services or (JOINS,)))
    stage.phones(Alix=[alix, TAKES])
    return stage


def until(stage: Stage, call: CallHandle, event: str, who: str = CALLER, text: str | None = None, n: int = 1) -> None:
    """Lets time pass until something has happened to somebody `n` times."""
    for _ in range(1200):
        if len(times(call, event, who, text)) >= n:
            return
        stage.twin.run_for(0.25)
    raise AssertionError(f"{who} never {event} {text or ''}")


def answer(stage: Stage, call: CallHandle, prompt: str, key: str) -> None:
    """Alix presses a key when she is asked something."""
    until(stage, call, "hears", "Alix", stage.says(prompt))
    stage.twin.phones[PEOPLE["Alix"].phone].press(key)


def in_the_room(make_stage: MakeStage, alix: Behaviour | None = None, rota: Rota = ALONE) -> tuple[Stage, CallHandle]:
    """All three have met."""
    stage = staged(make_stage, alix or brings(), rota=rota)
    call = stage.dial()
    until(stage, call, "meets", "service", n=2)
    return stage, call


def met(call: CallHandle, who: str = CALLER) -> Sequence[str]:
    """Whom somebody met in a room, in order."""
    return [entry.text for entry in call.transcript if entry.event == "meets" and entry.who == who]
