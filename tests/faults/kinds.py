"""The kinds of faults, each as something that is done just before a webhook is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from helpline.twin import WEBHOOK_FAULTS, Outgoing
from tests.scenarios.stage import HOUR, Stage
from tests.stateful.adversary import Adversary, Way

Fault = Callable[[Stage, Adversary, Outgoing], None]


def _carrier(name: str) -> Fault:
    """What the carrier or the network does to this webhook's first attempt."""

    def strike(stage: Stage, _adversary: Adversary, request: Outgoing) -> None:
        stage.twin.faults.script(name, when=lambda sent: sent.url == request.url and sent.attempt == 0)

    return strike


def _here(way: Way) -> Fault:
    """What breaks while this webhook is answered, whatever becomes of others."""

    def strike(_stage: Stage, adversary: Adversary, request: Outgoing) -> None:
        path, times = urlsplit(request.url).path, 1 if way in {"crash", "killed"} else None
        adversary.strike(way, times=times, where=lambda at: at == path)

    return strike


def _from_here(way: Way) -> Fault:
    """What breaks now and stays broken until the call is over."""

    def strike(_stage: Stage, adversary: Adversary, _request: Outgoing) -> None:
        adversary.strike(way, times=None)

    return strike


def _rest(name: str, times: int | None) -> Fault:
    """What the carrier's REST API does to the next requests."""

    def strike(stage: Stage, _adversary: Adversary, _request: Outgoing) -> None:
        stage.twin.faults.script_rest(name, times=times)

    return strike


def _jump(seconds: float) -> Fault:
    def strike(stage: Stage, adversary: Adversary, _request: Outgoing) -> None:
        stage.twin.clock.jump(seconds)
        adversary.struck_at.append(stage.twin.clock.elapsed())

    return strike


def _new_key(*, kept: bool) -> Fault:
    def strike(stage: Stage, adversary: Adversary, _request: Outgoing) -> None:
        old, fresh = stage.secrets.seal_keys, b"another seal key of the scenarios"
        adversary.struck_at.append(stage.twin.clock.elapsed())
        stage.replace(secrets=stage.secrets.model_copy(update={"seal_keys": (fresh, *old) if kept else (fresh,)}))

    return strike


def _replaced(stage: Stage, _adversary: Adversary, _request: Outgoing) -> None:
    stage.replace()


QUICK: Mapping[str, Fault] = {
    "the database goes down": _from_here("down"),
    "the worker is killed": _here("killed"),
    "an error nobody foresaw": _here("crash"),
    "no creations any more": _rest("500", None),
    "lost answer": _carrier("lost answer"),
}
"""What strikes each step on both databases: done just before its webhook is sent."""
FIRST = ("the database goes down",)
"""What `make test` has time for."""
THOROUGH: Mapping[str, Fault] = {
    "the database is down for this": _here("down"),
    "the database gives everything up": _from_here("rolled back"),
    "nothing is known of the database": _from_here("unknown"),
    "rolled back": _here("rolled back"),
    "too many requests": _rest("429", None),
    "the carrier's connection is cut": _rest("cut", None),
    "the carrier's answer is lost": _rest("lost answer", 2),
    "the carrier is slow to ring": _rest("queue", 2),
    "the clock is set forth": _jump(HOUR),
    "the clock is set back": _jump(-HOUR),
    "a deploy": _replaced,
    "a new key": _new_key(kept=True),
    "the key is lost": _new_key(kept=False),
    "what became of it isn't known": _here("unknown"),
    **{name: _carrier(name) for name in WEBHOOK_FAULTS if name != "lost answer"},
}
"""The others: they strike each step on SQLite."""
