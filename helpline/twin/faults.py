"""Misbehaviour on demand: scripted for a test of one fault, random (seeded) for a stateful test.

Webhook faults, by name (`seconds` where it says so):

- `connect`      no connection is made; retried as the URL's overrides say
- `lost answer`  delivered and acted upon, but the answer never arrives: a read timeout
- `error`        something in front of the product answers 503; nothing is delivered
- `slow`         the answer takes `seconds` longer
- `delay`        delivered `seconds` late
- `reorder`      delivered only after the leg's next webhook, at most `seconds` late
- `duplicate`    delivered again `seconds` later; that answer is thrown away
- `drop`         never delivered and never missed; a document wanted this way is a connect error

REST faults, by name: `500` and `429` answer so and do nothing; `lost answer` does it and then cuts the
connection; `cut` cuts the connection and does nothing; `hang` answers nothing for `seconds` of real time and does
nothing; `refuse` answers 409, as to a delete while in progress; `queue` keeps a created call queued for `seconds`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

WEBHOOK_FAULTS = ("connect", "lost answer", "error", "slow", "delay", "reorder", "duplicate", "drop")
REST_FAULTS = ("500", "429", "lost answer", "cut", "hang", "refuse", "queue")
_SECONDS = {"slow": 2.0, "delay": 2.0, "reorder": 5.0, "duplicate": 0.3, "hang": 5.0, "queue": 60.0}


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A webhook about to be sent: its kind (`voice`, `gather`, `wait`, `enqueue`, `dial`, `status`, ...)."""

    kind: str
    call_sid: str
    url: str
    params: Mapping[str, str]
    attempt: int


@dataclass(frozen=True, slots=True)
class Incoming:
    """A REST request just received."""

    method: str
    path: str
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Strike:
    """One fault to apply now."""

    name: str
    seconds: float


@dataclass
class _Scripted:
    fault: str
    fits: Callable[[Outgoing], bool]
    times: int | None
    seconds: float


@dataclass
class _ScriptedRest:
    fault: str
    fits: Callable[[Incoming], bool]
    times: int | None
    seconds: float


@dataclass
class Faults:
    """What goes wrong, and how often: `rates` and `rest_rates` give each fault's chance per request, 0 to 1.

    A random fault strikes only the first attempt at a request, so a product that asks for one retry is served.
    """

    rng: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311 - repeatable is the point
    rates: Mapping[str, float] = field(default_factory=dict)
    rest_rates: Mapping[str, float] = field(default_factory=dict)
    struck: list[tuple[str, str]] = field(default_factory=list)
    """Every fault applied so far: its name, and the webhook's kind or the REST method and path."""
    _scripts: list[_Scripted] = field(default_factory=list)
    _rest_scripts: list[_ScriptedRest] = field(default_factory=list)

    def script(
        self,
        fault: str,
        kind: str | None = None,
        when: Callable[[Outgoing], bool] | None = None,
        times: int | None = 1,
        seconds: float | None = None,
    ) -> None:
        """Apply a webhook fault to the next `times` attempts (None: all) of a kind that `when` agrees to."""
        if fault not in WEBHOOK_FAULTS:
            raise ValueError(f"no webhook fault {fault!r}: one of {', '.join(WEBHOOK_FAULTS)}")

        def fits(request: Outgoing) -> bool:
            return (kind is None or request.kind == kind) and (when is None or when(request))

        self._scripts.append(_Scripted(fault, fits, times, _SECONDS.get(fault, 0.0) if seconds is None else seconds))

    def script_rest(
        self,
        fault: str,
        method: str | None = None,
        path: str = "",
        when: Callable[[Incoming], bool] | None = None,
        times: int | None = 1,
        seconds: float | None = None,
    ) -> None:
        """Apply a REST fault to the next `times` requests (None: all) of a method whose path contains `path`."""
        if fault not in REST_FAULTS:
            raise ValueError(f"no REST fault {fault!r}: one of {', '.join(REST_FAULTS)}")

        def fits(request: Incoming) -> bool:
            asked = (method is None or request.method == method) and path in request.path
            return asked and (when is None or when(request))

        length = _SECONDS.get(fault, 0.0) if seconds is None else seconds
        self._rest_scripts.append(_ScriptedRest(fault, fits, times, length))

    def clear(self) -> None:
        """From now on everything works."""
        self._scripts.clear()
        self._rest_scripts.clear()
        self.rates = {}
        self.rest_rates = {}

    def strike(self, request: Outgoing) -> Strike | None:
        """The fault for this attempt, if any; for the webhook sender."""
        for scripted in self._scripts:
            if scripted.times != 0 and scripted.fits(request):
                scripted.times = None if scripted.times is None else scripted.times - 1
                return self._struck(scripted.fault, request.kind, scripted.seconds)
        if request.attempt:
            return None
        name = self._draw(self.rates, WEBHOOK_FAULTS)
        return self._struck(name, request.kind, self._length(name)) if name else None

    def strike_rest(self, request: Incoming) -> Strike | None:
        """The fault for this REST request, if any; for the REST app."""
        for scripted in self._rest_scripts:
            if scripted.times != 0 and scripted.fits(request):
                scripted.times = None if scripted.times is None else scripted.times - 1
                return self._struck(scripted.fault, f"{request.method} {request.path}", scripted.seconds)
        name = self._draw(self.rest_rates, REST_FAULTS)
        return self._struck(name, f"{request.method} {request.path}", self._length(name)) if name else None

    def _struck(self, name: str, where: str, seconds: float) -> Strike:
        self.struck.append((name, where))
        return Strike(name, seconds)

    def _draw(self, rates: Mapping[str, float], names: tuple[str, ...]) -> str:
        if not rates:
            return ""
        drawn = self.rng.random()
        for name in names:
            drawn -= rates.get(name, 0.0)
            if drawn < 0:
                return name
        return ""

    def _length(self, name: str) -> float:
        most = _SECONDS.get(name, 0.0)
        return self.rng.uniform(0.0, 2 * most) if most else 0.0
