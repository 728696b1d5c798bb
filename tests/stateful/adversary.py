"""What may go wrong behind the service's back: its database, its process, its code. The twin's faults are the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from helpline.carrier.twiml import Renderer
from helpline.store.sessions import Store
from helpline.twin import Answer, Outgoing, ReadTimedOut
from tests.scenarios.stage import Stage

DOORS = ("read", "single", "live", "durable")
Way = Literal["down", "rolled back", "unknown", "crash", "killed"]
OF_THE_DATABASE: tuple[Way, ...] = ("down", "rolled back", "unknown")
"""Of a database access: `down` it never begins; `rolled back` it fails at its end; `unknown` word of it is lost."""
OF_THE_PROCESS: tuple[Way, ...] = ("crash", "killed")
"""Before a database access or a document: `crash` the code meets what nobody foresaw; `killed` the process dies there
and a fresh one takes over. They strike webhooks only, and never the carrier's last attempt, which is its one retry, or
the first when that came so late that no time is left for another: what follows then is up to its fallback URL.
"""
HELD_UP = ("delay", "reorder")
"""Faults of the twin after which a webhook comes late."""
Where = Callable[[str], bool]


class KilledError(BaseException):
    """The process is gone: nothing of it may catch this."""


class UnforeseenError(Exception):
    """What no handler names."""


class RolledBackError(Exception):
    """On its way to the door."""


@dataclass
class _Strike:
    way: Way
    after: int
    times: int | None
    where: Where


class Adversary:
    """Breaks the database and the process of a `stage`, on command."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.struck_at: list[float] = []
        """When something was broken, in elapsed seconds."""
        self.steps: list[str] = []
        """The webhooks so far, each by `step_of` and its number among those of its name."""
        self._planned: dict[str, Callable[[Outgoing], None]] = {}
        self._strikes: list[_Strike] = []
        self._numbers: Counter[str] = Counter()
        self._path = ""
        self._last_attempt = False
        self._patch = pytest.MonkeyPatch()

    def __enter__(self) -> Adversary:
        """Stands at every door of the database, and between the carrier and the service."""
        for door in DOORS:
            self._patch.setattr(Store, door, self._guarded(getattr(Store, door)))
        self._patch.setattr(Renderer, "render", self._rendering(Renderer.render))
        transport = self.stage.rehearsal.transport
        self._patch.setattr(transport, "send", self._delivering(transport.send))
        self.stage.twin.faults.script("drop", when=self._watch, times=None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Everything works again."""
        self._patch.undo()

    def strike(self, way: Way, *, after: int = 0, times: int | None = 1, where: Where = lambda _path: True) -> None:
        """Spares so many accesses and breaks the next `times` (None: until `relent`).

        `where` is asked with the webhook's path, "" outside of one: there only the database can break.
        """
        self._strikes.append(_Strike(way, after, times, where))

    def at(self, step: str, action: Callable[[Outgoing], None]) -> None:
        """Does something just before the webhook of this name and number is sent, once."""
        self._planned[step] = action

    def relent(self) -> None:
        """From now on everything works."""
        self._strikes.clear()

    def _watch(self, request: Outgoing) -> bool:
        """Sees every webhook before any fault does, and is none itself."""
        if request.attempt == 0:
            name = step_of(request.kind, request.url, request.params)
            self._numbers[name] += 1
            self.steps.append(f"{name} {self._numbers[name]}")
            if action := self._planned.pop(self.steps[-1], None):
                action(request)
        return False

    def _way(self, ways: tuple[Way, ...]) -> Way | None:
        for strike in self._strikes:
            if strike.times == 0 or strike.way not in ways or not strike.where(self._path):
                continue
            if strike.way in OF_THE_PROCESS and (self._last_attempt or not self._path):
                continue
            if strike.after:
                strike.after -= 1
                continue
            strike.times = None if strike.times is None else strike.times - 1
            self.struck_at.append(self.stage.twin.clock.elapsed())
            return strike.way
        return None

    def _break(self) -> None:
        way = self._way(OF_THE_PROCESS)
        if way == "killed":
            raise KilledError
        if way == "crash":
            raise UnforeseenError("simulated")

    def _guarded(
        self, real: Callable[[Store], AbstractContextManager[Connection]]
    ) -> Callable[[Store], AbstractContextManager[Connection]]:
        @contextmanager
        def door(store: Store) -> Iterator[Connection]:
            self._break()
            way = self._way(OF_THE_DATABASE)
            if way == "down":
                raise _broken()
            # The store is not told: its breaker would stay open for real seconds.
            try:
                with real(store) as connection:
                    yield connection
                    if way == "rolled back":
                        raise RolledBackError  # noqa: TRY301 - through the store's own door
            except RolledBackError:
                raise _broken() from None
            if way == "unknown":
                raise _broken()

        return door

    def _rendering(self, real: Callable[..., str]) -> Callable[..., str]:
        def render(*given: Any, **named: Any) -> str:  # noqa: ANN401 - as Renderer.render
            self._break()
            return real(*given, **named)

        return render

    def _delivering(self, real: Callable[..., Answer]) -> Callable[..., Answer]:
        def send(method: str, url: str, form: Any, headers: Any, limits: Any) -> Answer:  # noqa: ANN401 - as Transport
            self._path = urlsplit(url).path
            sent = next((each for each in self.stage.twin.requests[-20:] if each.headers is headers), None)
            self._last_attempt = sent is not None and (sent.attempt > 0 or sent.fault in HELD_UP)
            try:
                return real(method, url, form, headers, limits)
            except KilledError:
                self.stage.rehearsal.service.retelling.unheard.give_up()  # its memory goes with it
                self.stage.replace()
                raise ReadTimedOut("the worker was killed") from None
            finally:
                self._path = ""

        return send


def step_of(kind: str, url: str, params: Mapping[str, str]) -> str:
    """What a webhook is about: `gather caller`, `wait wait`, `voice leg`, `leg ringing`, `call completed`."""
    parts = urlsplit(url).path.split("/")[3:]
    if kind == "status":
        return f"{'leg' if len(parts) > 1 else 'call'} {params['CallStatus']}"
    return f"{kind} {parts[0] if parts else 'line'}"


def _broken() -> OperationalError:
    return OperationalError("simulated", None, Exception("the database is down"))
