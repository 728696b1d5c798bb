"""Who is on the phone: callers who wait and wait, callers who talk, psychologists who press 1."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.bench.stage import handed_out
from tests.load.drive import Ask, Party
from tests.load.stage import Stage, waiting_sid

HOLD_EVERY = 10.0
"""Seconds between two hold documents of a caller who waits: a thousand ask a hundred times a second."""
TICK = 2.0
"""The same for a new caller, who sees sooner that somebody takes the call; a real one hears ten seconds of music."""
PICKS_UP, PRESSES, TALKS = 0.5, 0.5, 2.0
MOST_TICKS = 30
_QUEUE = re.compile(rb"<(?:Enqueue|Queue)[^>]*>([0-9a-zA-Z_-]+)<")


@dataclass(slots=True)
class InQueue:
    """A new caller in their queue, and the URL that the carrier plays them at the bridge."""

    sid: str
    announced: str = ""


@dataclass(slots=True)
class World:
    """Which caller waits in which queue, and how many have talked."""

    stage: Stage
    queues: dict[bytes, InQueue] = field(default_factory=dict)
    talked: int = 0
    lost: int = 0
    """Callers who waited a minute in vain."""

    def ask(self, kind: str, url: str, after: float = 0.0, **fields: str) -> Ask:
        """A webhook."""
        return Ask(kind, self.stage.request(url, fields), after)

    def status(self, url: str, **fields: str) -> Ask:
        """A status callback."""
        return Ask("status", self.stage.request(url, fields, b" 204 "))


def waiting(world: World, number: int) -> Party:
    """A caller whose plan is long: the hold loop, for ever."""
    sid, url = waiting_sid(number), world.stage.wait_url(number)
    after = number % 1000 / 1000 * HOLD_EVERY
    while True:
        answer = yield world.ask("hold loop", url, after, CallSid=sid, QueueTime="10")
        url, after = handed_out(answer, "action"), HOLD_EVERY


def calling(world: World, sid: str, line: str) -> Party:
    """A caller who presses nothing, waits, talks, and hangs up."""
    entry, status = world.stage.entry(line)
    answer = yield world.ask("menu", entry, CallSid=sid)
    answer = yield world.ask("ring", handed_out(answer, "action"), 0.5, CallSid=sid, Digits="")
    found = _QUEUE.search(answer)
    assert found is not None, answer
    me = world.queues[found.group(1)] = InQueue(sid)
    after_queue, wait = handed_out(answer, "action"), handed_out(answer, "waitUrl")
    after = 0.0
    for _ in range(MOST_TICKS):
        if me.announced:
            break
        answer = yield world.ask("hold loop", wait, after, CallSid=sid, QueueTime="5")
        wait, after = handed_out(answer, "action"), TICK
    result = "bridged" if me.announced else "hangup"
    world.talked += bool(me.announced)
    world.lost += not me.announced
    if me.announced:
        yield world.ask("bridge", me.announced, CallSid=sid)
    left = {"QueueResult": result, "QueueSid": "QU" + sid[2:], "QueueTime": "5"}
    yield world.ask("end", after_queue, TALKS, CallSid=sid, CallStatus="completed", **left)
    yield world.status(status, CallSid=sid, CallStatus="completed", CallDuration="10")


def answering(world: World, sid: str, asked: Mapping[str, str]) -> Party:
    """A psychologist who picks up, presses 1, talks until the caller hangs up."""
    status = asked["StatusCallback"]
    yield world.status(status, CallSid=sid, CallStatus="ringing")
    answer = yield world.ask("pick-up", asked["Url"], PICKS_UP, CallSid=sid)
    after = 0.0
    if b"<Gather" in answer:
        answer = yield world.ask("claim", handed_out(answer, "action"), PRESSES, CallSid=sid, Digits="1")
    found = _QUEUE.search(answer)
    if found is not None:
        caller = world.queues.pop(found.group(1), None)
        if caller is not None:
            caller.announced = handed_out(answer, "url")
        after = TICK + TALKS
        dialled = "completed" if caller else "no-answer"
        url = handed_out(answer, "action")
        yield world.ask("leg's end", url, after, CallSid=sid, CallStatus="completed", DialCallStatus=dialled)
    yield world.status(status, CallSid=sid, CallStatus="completed", CallDuration="5")
