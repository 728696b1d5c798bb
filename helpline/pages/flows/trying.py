"""Dial a line on the twin: choose who answers and which keys are pressed, and read what everybody hears."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from helpline.calls.promise import promise
from helpline.errors import HelplineError
from helpline.lines import Line
from helpline.pages.flows.listing import READERS, card, spell
from helpline.pages.flows.retold import Row, retell
from helpline.pages.routes import Route
from helpline.pages.site import Site, Visit
from helpline.pages.texts import Say
from helpline.trial.values import KEYS, MOST_KEYS, SITUATIONS, Situation, Trial

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

NAMED = {
    "answered": "try-answered",
    "second": "try-second",
    "busy": "try-busy",
    "nobody": "try-nobody",
    "database": "try-database",
}


@dataclass(frozen=True, slots=True)
class Result:
    """What became of the call, for reading. `kept`: whether the wait was as promised, None without a promise."""

    ending: str
    kind: str
    waited: str
    promised: str
    kept: bool | None
    rung: int
    cut: bool
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Trying:
    """One call at a time in each process: those who really call come first."""

    _one: threading.Lock = field(default_factory=threading.Lock)

    def show(self, visit: Visit, line: str) -> ResponseReturnValue:
        """The form."""
        return _page(visit, visit.site.line(line))

    def dial(self, visit: Visit, line: str) -> ResponseReturnValue:
        """Dials, and shows the conversation. Nothing is changed by it, so that there is nowhere to lead on to."""
        from helpline.trial import running  # noqa: PLC0415 - it assembles a whole service, these pages included

        found, say = visit.site.line(line), visit.say
        keys = " ".join(visit.field("keys").split())
        situation = next((each for each in SITUATIONS if each == visit.field("situation")), None)
        wrong = faults(say, keys, situation)
        if wrong or situation is None:
            return _page(visit, found, 400, keys=keys, situation=situation or "", wrong=wrong)
        if not self._one.acquire(blocking=False):
            return _page(visit, found, 409, keys=keys, situation=situation, trouble=say("try-one-at-a-time"))
        try:
            # In a thread of its own it has no deadline of this page's, and its logs can be told from ours.
            with ThreadPoolExecutor(1) as alone:
                trial = alone.submit(running.run_trial, visit.site.settings, found, keys, situation, visit.now).result()
        except (HelplineError, OSError, RuntimeError, SQLAlchemyError):
            return _page(visit, found, 503, keys=keys, situation=situation, trouble=say("try-failed"))
        finally:
            self._one.release()
        result = read(say, found, situation, trial)
        return _page(visit, found, keys=keys, situation=situation, result=result)


def routes(_site: Site) -> tuple[Route, ...]:
    """`/flows/<line>/try`."""
    trying = Trying()
    return (
        Route("/flows/<line>/try", "flow_try", trying.show, READERS),
        Route("/flows/<line>/try", "flow_try_dial", trying.dial, READERS, "POST"),
    )


def faults(say: Say, keys: str, situation: Situation | None) -> dict[str, str]:
    """Field -> what is wrong with it."""
    wrong = {} if situation else {"situation": say("try-wrong-situation")}
    if len(keys.replace(" ", "")) > MOST_KEYS or set(keys) - {*KEYS, " "}:
        wrong["keys"] = say("try-wrong-keys", most=MOST_KEYS)
    return wrong


def read(say: Say, line: Line, situation: Situation, trial: Trial) -> Result:
    """The result in words."""
    ending, kind = _ending(trial)
    kept = promise(line)
    # While the database is down phones ring one after the other: the promise is not made for that.
    most = {"busy": kept.seconds_busy, "database": None}.get(situation, kept.seconds)
    waited = trial.waited
    return Result(
        say(ending),
        kind,
        spell(waited) if waited is not None else "",
        spell(most) if most is not None else "",
        None if most is None or waited is None else waited <= most,
        trial.rung,
        not trial.over,
        tuple(retell(trial.moments, say)),
    )


def _ending(trial: Trial) -> tuple[str, str]:
    if trial.human is not None:
        return "try-ended-human", "done"
    if trial.others is not None:
        return "try-ended-others", "warn"
    return "try-ended-neither", "fault"


def _page(  # noqa: PLR0913 - what was typed, what is wrong, and what came of it
    visit: Visit,
    line: Line,
    status: int = 200,
    *,
    keys: str = "",
    situation: str = SITUATIONS[0],
    wrong: Mapping[str, str] | None = None,
    trouble: str = "",
    result: Result | None = None,
) -> ResponseReturnValue:
    return visit.page(
        "flows/try.html",
        status,
        card=card(visit, line),
        situations=[(each, visit.say(NAMED[each])) for each in SITUATIONS],
        keys=keys,
        situation=situation,
        wrong=wrong or {},
        trouble=trouble,
        result=result,
    )
