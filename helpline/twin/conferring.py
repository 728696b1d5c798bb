"""Conferences: rooms in which any number of legs hear each other (Dial > Conference).

A participant waits, hearing what the noun's `waitUrl` answers over and over, until the conference starts: that takes
two, one of whom came with `startConferenceOnEnter`. When somebody leaves who came with `endConferenceOnExit` the room
is closed and each leg goes on with its Dial's action; the next to dial its name finds an empty one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from helpline.twin.bridging import DialResult
from helpline.twin.calls import Call, Goto
from helpline.twin.documents import DocumentFailed
from helpline.twin.interpreter import Interpreter
from helpline.twin.process import Future, Interrupt, Steps
from helpline.twin.verbs import ConferenceNoun, Dial
from helpline.twin.world import World

ALONE_SECONDS = 5.0
"""How long somebody may be alone in a conference that has started before that is a violation."""
QUIET = 1.0
"""Seconds of silence that the carrier puts in the place of a wait document that fails."""


class Begun(Interrupt):
    """The conference started, or was closed, while this leg waited for it."""

    rank = 1


@dataclass(eq=False)
class Participant:
    """One leg in a room, from entering to leaving."""

    call: Call
    room: Room
    noun: ConferenceNoun
    hangup_on_star: bool
    out: Future[str]
    """Why it leaves, once it does without hanging up."""

    def key(self, key: str) -> bool:
        """A key pressed in the room; True when it meant something."""
        if key == "*" and self.hangup_on_star:
            self.room.release(self, "star")
            return True
        return False


@dataclass(eq=False)
class Room:
    """A conference by its name."""

    world: World
    name: str
    participants: list[Participant] = field(default_factory=list)
    started: bool = False

    def enter(self, who: Participant) -> None:
        """Let somebody in; whoever waited hears that it starts with them."""
        self.participants.append(who)
        if self.started:
            for other in self.participants[:-1]:
                _acquaint(other, who)
        self._start()

    def release(self, who: Participant, why: str) -> None:
        """Send somebody on to their Dial's action."""
        who.out.resolve(why)
        if not self.started:
            who.call.interrupt(Begun())

    def leave(self, who: Participant) -> None:
        """Somebody is gone, and with them perhaps the conference."""
        if who not in self.participants:
            return
        self.participants.remove(who)
        if who.noun.end_on_exit or not self.participants:
            self.world.conferences.pop(self.name, None)
            for other in self.participants:
                self.release(other, "the conference ended")
            self.participants.clear()
        self._mind_the_lonely()

    def _start(self) -> None:
        may = any(one.noun.start_on_enter for one in self.participants)
        enough = len(self.participants) > 1 or self.world.rules.lone_starter == "starts"
        if self.started or not (may and enough):
            return
        self.started = True
        for place, one in enumerate(self.participants):
            for other in self.participants[:place]:
                _acquaint(other, one)
            if one is not self.participants[-1]:  # who comes last hasn't begun to wait
                one.call.interrupt(Begun())
        self._mind_the_lonely()

    def _mind_the_lonely(self) -> None:
        if self.started and len(self.participants) == 1:
            (lonely,) = self.participants
            self.world.kernel.after(ALONE_SECONDS, partial(self._still_alone, lonely), daemon=True)

    def _still_alone(self, who: Participant) -> None:
        if self.participants == [who]:
            self.world.violate(who.call.sid, "dial", "", "alone in a conference that has started")


def _acquaint(one: Participant, other: Participant) -> None:
    for here, there in ((one.call, other.call), (other.call, one.call)):
        here.met.add(there.sid)
        here.note("meets", there.party.name)


class Conferring:
    """Performs the Conference noun of Dial."""

    def __init__(self, world: World, interpreter: Interpreter) -> None:
        self._world = world
        self._interpreter = interpreter

    def dial(self, call: Call, verb: Dial, noun: ConferenceNoun, result: DialResult) -> Steps[None]:
        """Be in the room until its end, the star, or the time limit."""
        room = self._world.conferences.setdefault(noun.name, Room(self._world, noun.name))
        me = Participant(call, room, noun, verb.hangup_on_star, Future(self._world.kernel))
        call.room = me
        call.note("enters the conference")
        result.status, result.conference = "answered", True
        why = "gone"
        try:
            room.enter(me)
            if not room.started:
                yield from self._until_begun(call, noun, room, me)
            call.party.on_bridged(call)
            yield from self._world.kernel.wait(me.out, verb.time_limit)
            why = me.out.value or "time limit"
        finally:
            call.room = None
            call.note("leaves the conference", why)
            room.leave(me)

    def _until_begun(self, call: Call, noun: ConferenceNoun, room: Room, me: Participant) -> Steps[None]:
        """The wait documents, over and over."""
        try:
            while True:
                yield from self._wait_document(call, noun)
        except Begun:
            if not room.started and not me.out.done:
                raise  # nobody else throws it

    def _wait_document(self, call: Call, noun: ConferenceNoun) -> Steps[None]:
        if not noun.wait_url:
            yield Future(self._world.kernel)
        began = call.performed
        goto = Goto(noun.wait_url, "room", noun.wait_method)
        try:
            yield from self._interpreter.follow(call, goto, "room")
        except DocumentFailed:
            yield from self._world.kernel.sleep(QUIET)
        else:
            if call.performed == began:
                self._world.violate(call.sid, "room", noun.wait_url, "a conference's wait document takes no time")
                yield from self._world.kernel.sleep(QUIET)
