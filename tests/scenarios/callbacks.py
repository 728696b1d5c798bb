"""What scenarios of a callback share: a worker that is well, somebody who asks, and who comes on call."""

from __future__ import annotations

from typing import Any

from helpline.jobs import calling_back
from helpline.rehearsal import Rehearsal
from helpline.shifts.importing import save_shifts, touch
from helpline.store.beats import beat
from helpline.store.tables import Callback, CallbackCount
from helpline.twin import Behaviour, CallHandle, Phone
from rota.table import ShiftRow
from tests.scenarios.stage import CALLER_NUMBER, HOUR, Stage

OWN_NUMBER = ("", "2", "1", "1", "1")
"""Keys of a caller whom nobody answers: through the greeting, the callback, this number, right, agreed."""
HELLO = "callback-hello"


def keyed(*numbers: str, then: tuple[str, ...] = ("1", "1")) -> tuple[str, ...]:
    """Keys of a caller who gives these numbers, each corrected by the next."""
    given = [key for number in numbers for key in (f"{number}#", "2")][:-1]
    return ("", "2", "2", *given, *then)


class Worker:
    """The job worker, as far as callbacks go: it says that it is well, and runs their job every ten seconds."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.alive = True
        self._run()
        stage.twin.every(calling_back.EVERY, self._run)

    def _run(self) -> None:
        if self.alive:
            beat(self._stage.store, "work", self._stage.now)
            job(self._stage.rehearsal, self._stage).run()


def job(rehearsal: Rehearsal, stage: Stage) -> calling_back.CallingBack:
    """The job of the service that is running."""
    service = rehearsal.service
    return calling_back.make(
        service.settings, stage.secrets, service.store, service.clock, service.placing.api, service.lines
    )


def ask(
    stage: Stage,
    keys: tuple[str, ...] = OWN_NUMBER,
    line: str = "france",
    from_: str = CALLER_NUMBER,
    **how: Any,  # noqa: ANN401 - as Twin.dial
) -> CallHandle:
    """Somebody calls while nobody is on call, and asks to be called back."""
    handle = stage.dial(line, keys, from_, **how)
    stage.twin.run_for(120)
    assert handle.over
    return handle


def come_on_call(stage: Stage, *names: str, line: str = "france") -> None:
    """From now on these people are on call, rung in this order."""
    rows = [
        ShiftRow(line, 1, name, stage.now - HOUR + place, stage.now + 48 * HOUR) for place, name in enumerate(names)
    ]
    with stage.store.durable() as tx:
        save_shifts(tx, rows)
        touch(tx)


def telephone(stage: Stage, *behaviours: Behaviour, number: str = CALLER_NUMBER) -> Phone:
    """The phone of the person who asked, and how it is answered when it rings."""
    return stage.twin.phone(number, *behaviours, name="home")


def states(stage: Stage) -> list[str]:
    """The state of every callback there is."""
    return sorted(row["state"] for row in stage.rows(Callback))


def outcomes(stage: Stage) -> dict[str, int]:
    """How many callbacks were wanted, connected, expired."""
    return {row["outcome"]: row["n"] for row in stage.rows(CallbackCount)}


def heard_at(stage: Stage, who: str) -> list[str]:
    """Everything somebody's phone said, in all calls."""
    legs = stage.twin.legs()
    return [entry.text for leg in legs for entry in leg.entries if entry.who == who and entry.event == "hears"]
