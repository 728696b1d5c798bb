"""Queues: callers wait in them (Enqueue) and are taken from their front (Dial > Queue).

A member is `waiting`, then either leaves by itself or is *taken* by one dialling leg. A taken member's own process
plays the `Queue url` and then makes the bridge, or tells the dialler that its caller is gone.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field

from helpline.twin.bridging import Bridge, DialResult
from helpline.twin.calls import Call, Goto, HungUp, Redirected
from helpline.twin.documents import DocumentFailed
from helpline.twin.interpreter import Interpreter, Outcome, Stop, then
from helpline.twin.params import call_params
from helpline.twin.process import Future, Interrupt, Steps
from helpline.twin.verbs import Dial, Enqueue, QueueNoun, Verb
from helpline.twin.webhooks import Webhook, Webhooks
from helpline.twin.world import World

HOLD_MUSIC = "the carrier's own hold music"


class Taken(Interrupt):
    """A dialling leg took this member from the queue."""

    rank = 1


class DiallerGone(Interrupt):
    """The leg that took this member hung up before the bridge."""

    rank = 1


@dataclass(eq=False)
class Member:
    """A caller in a queue, from joining to the bridge."""

    call: Call
    since: float
    verdict: Future[Bridge | None]
    """The bridge, or None when the caller is gone."""
    left: float | None = None
    dialler: Call | None = None
    dial: Dial | None = None
    noun: QueueNoun | None = None
    dialler_gone: bool = False


@dataclass(eq=False)
class Queue:
    """A named queue; persists until deleted."""

    world: World
    sid: str
    name: str
    max_size: int
    created: float
    members: list[Member] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    """Seconds each caller that is no longer here spent in it."""
    joined: Future[None] = field(init=False)

    def __post_init__(self) -> None:
        self.joined = Future(self.world.kernel)

    @property
    def average_wait(self) -> int:
        """Whole seconds, of those who have left it."""
        return round(sum(self.waits) / len(self.waits)) if self.waits else 0

    def join(self, call: Call) -> Member:
        """Put a call at the end; legs waiting for one are told."""
        member = Member(call, self.world.elapsed(), Future(self.world.kernel))
        self.members.append(member)
        joined, self.joined = self.joined, Future(self.world.kernel)
        joined.resolve(None)
        return member

    def drop(self, member: Member) -> None:
        """Take a member out, if still in."""
        if member in self.members:
            self.members.remove(member)
            member.left = self.world.elapsed()
            self.waits.append(self.world.elapsed() - member.since)


class Queueing:
    """Performs Enqueue, and the Queue noun of Dial."""

    def __init__(self, world: World, interpreter: Interpreter, webhooks: Webhooks) -> None:
        self._world = world
        self._interpreter = interpreter
        self._webhooks = webhooks

    def open(self, name: str) -> Queue:
        """The queue of that name, made when there is none."""
        queue = self._world.queues.get(name)
        if queue is None:
            world = self._world
            queue = Queue(world, world.new_sid("QU"), name, world.rules.queue_size, world.now())
            world.queues[name] = queue
        return queue

    # -- the caller's side ---------------------------------------------------------------------------------------

    def enqueue(self, call: Call, verb: Verb) -> Steps[Outcome]:
        """Wait in the queue; what follows is the action's document or the next verb."""
        assert isinstance(verb, Enqueue)  # noqa: S101 - registered for this verb
        queue = self.open(verb.name)
        if len(queue.members) >= queue.max_size:
            return then(verb.action, verb.method, "enqueue", {"QueueResult": "queue-full"})
        member = queue.join(call)
        call.queue_name = verb.name
        call.note("queued")
        result = "error"
        try:
            result = yield from self._stay(call, verb, queue, member)
        except HungUp:
            result = "bridged" if _bridged(member) else "hangup"
            self._last_words(call, verb, queue, member, result, "completed")
            raise
        except Redirected:
            result = "redirected-from-bridged" if _bridged(member) else "redirected"
            self._last_words(call, verb, queue, member, result, call.status)
            raise
        finally:
            queue.drop(member)
            member.verdict.resolve(None)
            call.queue_name = ""
        if result == "hangup":
            self._last_words(call, verb, queue, member, result, "completed")
            return Stop.HANGUP
        call.note("leaves the queue", result)
        return then(verb.action, verb.method, "enqueue", self._result(queue, member, result))

    def _stay(self, call: Call, verb: Enqueue, queue: Queue, member: Member) -> Steps[str]:
        """Until the caller leaves, hangs up in TwiML, or a bridge has ended; the QueueResult."""
        try:
            try:
                return (yield from self._wait_loop(call, verb, queue, member))
            except DocumentFailed:
                if self._world.rules.wait_failure == "fallback":
                    raise
                return "error"
        except Taken:
            queue.drop(member)
            try:
                yield from self._meet(call, queue, member)
            except DiallerGone:
                return self._world.rules.dialler_gone
            return "bridged"

    def _wait_loop(self, call: Call, verb: Enqueue, queue: Queue, member: Member) -> Steps[str]:
        if not verb.wait_url:
            call.note("hears audio", HOLD_MUSIC)
            yield Future(self._world.kernel)
        idle = 0
        while True:
            params = self._wait_params(queue, member)
            spent = call.performed
            stop = yield from self._interpreter.follow(
                call, Goto(verb.wait_url, "wait", verb.wait_method, params), "wait"
            )
            if stop is Stop.LEAVE:
                return "leave"
            if stop is Stop.HANGUP:
                return "hangup"
            idle = idle + 1 if call.performed == spent else 0
            if idle >= self._world.rules.empty_waits:
                self._world.violate(call.sid, "wait", verb.wait_url, f"{idle} wait documents in a row take no time")
                raise DocumentFailed(12200, verb.wait_url, "empty wait documents")

    def _meet(self, call: Call, queue: Queue, member: Member) -> Steps[None]:
        """Hear the `Queue url`, then be bridged until it ends."""
        assert member.dialler is not None and member.dial is not None and member.noun is not None  # noqa: S101, PT018
        noun = member.noun
        if noun.url:
            params = self._queue_params(queue, member) | {"DequeingCallSid": member.dialler.sid}
            with contextlib.suppress(DocumentFailed):  # the announcement is lost then, the caller isn't
                yield from self._interpreter.follow(call, Goto(noun.url, "whisper", noun.method, params), "whisper")
        if member.dialler_gone:
            raise DiallerGone
        bridge = Bridge(self._world, member.dialler, call, member.dial.hangup_on_star)
        member.verdict.resolve(bridge)
        yield from bridge.hold(call)

    def _wait_params(self, queue: Queue, member: Member) -> dict[str, str]:
        return self._queue_params(queue, member) | {
            "QueuePosition": str(queue.members.index(member) + 1),
            "AvgQueueTime": str(queue.average_wait),
            "CurrentQueueSize": str(len(queue.members)),
            "MaxQueueSize": str(queue.max_size),
        }

    def _queue_params(self, queue: Queue, member: Member) -> dict[str, str]:
        until = self._world.elapsed() if member.left is None else member.left
        return {"QueueSid": queue.sid, "QueueTime": str(int(until - member.since))}

    def _result(self, queue: Queue, member: Member, result: str) -> dict[str, str]:
        return self._queue_params(queue, member) | {"QueueResult": result}

    def _last_words(self, call: Call, verb: Enqueue, queue: Queue, member: Member, result: str, status: str) -> None:
        """Request the action aside: the call itself is already elsewhere."""
        call.note("leaves the queue", result)
        gone = status == "completed"
        if verb.action and (self._world.rules.action_after_hangup or not gone):
            params = call_params(call, status) | self._result(queue, member, result)
            self._webhooks.notify(call, Webhook("enqueue", verb.action, verb.method, params))

    # -- the dialling side ---------------------------------------------------------------------------------------

    def dial(self, call: Call, verb: Dial, noun: QueueNoun, result: DialResult) -> Steps[None]:
        """Take the queue's front and talk, or wait for one; `result` tells how far it came at any moment."""
        queue = self._world.queues.get(noun.name)
        if queue is None and self._world.rules.missing_queue == "failed":
            result.status = "failed"
            return
        queue = queue or self.open(noun.name)
        deadline = self._world.elapsed() + verb.timeout
        while True:
            if queue.members:
                member = queue.members[0]
                bridge = yield from self._take(call, verb, noun, queue, member)
                if bridge is not None:
                    result.joined(bridge, member.call, self._world.rules.queue_dial_status)
                    yield from bridge.hold(call, verb.time_limit)
                    return
            came = bool(queue.members)
            if not came:
                came = yield from self._world.kernel.wait(queue.joined, deadline - self._world.elapsed())
            if not came:
                result.status = "no-answer"
                return

    def _take(self, call: Call, verb: Dial, noun: QueueNoun, queue: Queue, member: Member) -> Steps[Bridge | None]:
        queue.drop(member)
        member.dialler, member.dial, member.noun = call, verb, noun
        member.call.interrupt(Taken())
        try:
            yield member.verdict
        except Interrupt:
            member.dialler_gone = True
            if member.verdict.value is not None:
                member.verdict.value.end("hangup")
            else:
                member.call.interrupt(DiallerGone())
            raise
        return member.verdict.value


def _bridged(member: Member) -> bool:
    return member.verdict.done and member.verdict.value is not None
