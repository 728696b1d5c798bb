"""The caller in the queue: what a tick of the hold loop decides; `holding.py` says what the caller hears meanwhile.

A call's row   waiting -> claimed -> talking -> parted -> waiting | claimed | leaving
               claimed, talking -> waiting (no bridge came of it)
               waiting -> leaving -> left -> waiting (the caller chose to try again)
               parted -> meeting -> parted (whoever leaves the room ends it) -> claimed, also by the service
  waiting   in the queue, psychologists are being rung, wave by wave
  claimed   a psychologist pressed 1; the carrier is bridging them (at most `CLAIM_SECONDS`)
  talking   the carrier announced the bridge
  parted    the bridge ended and the caller is still there: cut off, or being handed over
  meeting   a service accepted, called by a psychologist who had parted from the caller: first the psychologist enters a
            room, then the caller, then the service (`bringing.py`)
  leaving   the plan is over; the caller was told to leave the queue
  left      the caller is outside the queue, hearing what follows an unanswered ring
A leg's row    wanted -> placing -> ringing -> screening -> talking -> held -> ended
  held      the bridge ended, or there is none: this psychologist is still on the line, deciding or being thanked

The carrier asks for the next wait document every few seconds, whatever else is lost: that tick is the clock.
`tick` is pure and may be asked any number of times; the shell applies its moves by conditional UPDATEs.

Nobody waits for ever: `until` bounds each wait, and with it what a line promises its callers (`LONGEST_AFTER`). Where
everybody is on the phone already the call is `held`, and planned anew as people hang up. No wave waits for a phone that
the carrier doesn't ring (`unplaced`): the plan is soon over, and there are other ways to ring. An instant that lies in
the future was written before the clock was set back: whatever was waited for is due.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ivr_flows.model import Language

CLAIM_SECONDS = 8
"""A claim that has not become a bridge after this long is released: the carrier's dial waits 5 s."""
BRIDGE_DOUBT_SECONDS = 20
"""A wait document asked for this long after the claim makes us doubt that the bridge was made, announced as it is."""
DOUBT_SECONDS = 3
"""How much later the next document must be asked for to be sure: one request alone may be a late copy."""
DOUBTED = 1001
"""How far the numbers of documents jump after one that raised a doubt: only who was played it asks for such a number,
and the answer to a copy is played to nobody. (Words come every eighth document: one more than a multiple of that.)"""
SKEW_SECONDS = 10
"""How far the clocks of two nodes may differ, or one be set back, before that counts as a jump."""
PART_SECONDS = 3
"""How long we wait to learn whether a psychologist whose bridge ended is still on the line."""
CUT_OFF_SILENCE = 5
"""Seconds of silence after the question whether they were cut off that mean yes."""
HELD_SECONDS = 30
"""A psychologist still on the line after a bridge has decided by then, or is gone and the carrier's word of it lost."""
THANKS_SECONDS = 10
"""Longest time from a psychologist's no to the end of their leg: a few words of thanks."""
SCREEN_SECONDS = 30
"""Longest time from pick-up to a key: a second of silence and two whispers of about 13 s with their waits."""
MEET_SECONDS = 15
"""After a service accepted, a psychologist who hasn't entered the room by then won't."""
TICK_SECONDS = 15
"""A wait document is never longer, with words."""
LONGEST_LEG = 240
"""Seconds: no leg is given longer to be alive; one that claims to be was written before the clock was set back."""
LONGEST_AFTER = TICK_SECONDS + SCREEN_SECONDS + CLAIM_SECONDS + TICK_SECONDS
"""How long after `until` a caller who isn't talking has left the queue: the tick that notices, somebody who had just
picked up, a claim that comes to nothing, and the tick that notices that."""


class CallState(StrEnum):
    """See the module's head."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    TALKING = "talking"
    PARTED = "parted"
    MEETING = "meeting"
    LEAVING = "leaving"
    LEFT = "left"


class LegState(StrEnum):
    """See the module's head."""

    WANTED = "wanted"
    PLACING = "placing"
    RINGING = "ringing"
    SCREENING = "screening"
    TALKING = "talking"
    HELD = "held"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class WaveFacts:
    """One wave of the ring plan: its length in seconds, what it is for, the language it will be held in."""

    seconds: int
    kind: str
    """`first`, `second`, `accepted`, `backup` or `again`."""
    language: Language
    announced: bool = False
    """Whether the caller is told of the language."""


@dataclass(frozen=True, slots=True)
class LegFacts:
    """A psychologist's leg, or a service's. `until` is the latest instant (UTC seconds) at which it can be alive."""

    id: str
    wave: int
    state: LegState
    until: int
    current: bool = True
    """Whether it belongs to the present attempt; waves wait for no other."""
    unplaced: bool = False
    """Whether the carrier wouldn't even place it, as far as can be known."""
    service: bool = False
    """Whether it is the leg of a service that a psychologist called; waves know nothing of it."""
    leaving: bool = False
    """Whether this psychologist has left the caller to a service."""


@dataclass(frozen=True, slots=True)
class CallFacts:
    """The call's row, as far as a tick needs it. Instants are UTC seconds; `wave` is -1 before the first."""

    state: CallState
    language: Language
    wave: int
    wave_at: int
    claimed_leg: str | None = None
    claimed_at: int = 0
    parted_at: int = 0
    ring_backs: int = 0
    held: bool = False
    """Whether everybody who could take the call was on the phone when it was last planned."""
    queued_at: int = 0
    until: int = 0
    """When this wait is over, come what may; 0 where that isn't known."""
    doubt: int = 0
    doubt_at: int = 0
    """The number of the document that made us doubt this claim, and when it was asked for; 0 where none has."""


@dataclass(frozen=True, slots=True)
class OpenWave:
    """Ring this wave now."""

    index: int


@dataclass(frozen=True, slots=True)
class LoseLeg:
    """Nothing was heard of this leg in its time: give it up."""

    leg: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """The caller asks for document `nth` when they should be talking."""

    nth: int


@dataclass(frozen=True, slots=True)
class Release:
    """The claim did not become a bridge: the call waits again."""


@dataclass(frozen=True, slots=True)
class Replan:
    """Somebody may be free by now: plan anew."""


@dataclass(frozen=True, slots=True)
class Leave:
    """The plan is over: the caller leaves the queue."""


@dataclass(frozen=True, slots=True)
class Unmeet:
    """The psychologist never came to the room: the caller is where they parted."""


Move = OpenWave | LoseLeg | Doubt | Release | Replan | Leave | Unmeet

ALIVE = frozenset({LegState.WANTED, LegState.PLACING, LegState.RINGING, LegState.SCREENING})


def tick(
    call: CallFacts, waves: Sequence[WaveFacts], legs: Sequence[LegFacts], now: int, asked: int | None = None
) -> tuple[Move, ...]:
    """What is due at `now` for a call in the queue: nothing, or moves to apply in order.

    `asked` is the number of the wait document that the caller asks for, None when it is somebody else who asks.
    """
    thanked = {leg.id for leg in legs if leg.state is LegState.HELD and leg.id != call.claimed_leg}
    lost = tuple(LoseLeg(leg.id) for leg in legs if (leg.state in ALIVE or leg.id in thanked) and _lost(leg, now))
    gone = {move.leg for move in lost}
    there = [leg for leg in legs if leg.current and leg.id not in gone]
    alive = [leg for leg in there if leg.state in ALIVE]
    match call.state:
        case CallState.WAITING if _too_long(call, now):
            return lost + _give_up(alive)
        case CallState.WAITING:
            # No wave waits for a phone that the carrier doesn't ring.
            ringing = [leg for leg in alive if not leg.unplaced]
            return lost + _waves(call, waves, ringing, [leg for leg in there if leg.id in thanked], now)
        case CallState.CLAIMED if _elapsed(call.claimed_at, now) >= CLAIM_SECONDS:
            return lost + _doubt(call, now, asked)
        case CallState.TALKING if _elapsed(call.claimed_at, now) >= BRIDGE_DOUBT_SECONDS:
            return lost + _doubt(call, now, asked)
        case CallState.MEETING if _elapsed(call.claimed_at, now) >= MEET_SECONDS and not in_the_room(call, legs):
            return (*lost, Unmeet())
        case _:
            return lost


def in_the_room(call: CallFacts, legs: Sequence[LegFacts]) -> bool:
    """Whether the psychologist has entered the room in which they meet: only then does the caller leave the queue."""
    return any(leg.id == call.claimed_leg and leg.state is LegState.TALKING for leg in legs)


def _elapsed(since: int, now: int) -> int:
    """Seconds from `since` to `now`; very many where the clock has been set back meanwhile."""
    return now - since if now - since >= -SKEW_SECONDS else LONGEST_LEG * 1000


def _lost(leg: LegFacts, now: int) -> bool:
    return leg.until <= now or leg.until - now > LONGEST_LEG


def _too_long(call: CallFacts, now: int) -> bool:
    return call.until > 0 and _elapsed(call.queued_at, now) >= call.until - call.queued_at


def _give_up(alive: Sequence[LegFacts]) -> tuple[Move, ...]:
    """The caller leaves; who has picked up already may still press 1, no other phone goes on ringing."""
    ringing = tuple(LoseLeg(leg.id) for leg in alive if leg.state is not LegState.SCREENING)
    return ringing if len(ringing) < len(alive) else (*ringing, Leave())


def _doubt(call: CallFacts, now: int, asked: int | None) -> tuple[Move, ...]:
    """Whoever asks for wait documents isn't talking, unless the requests are late copies.

    So only who asks for the number that the doubted document led to is believed.
    """
    if asked is None or (call.doubt_at and asked == call.doubt):
        return ()
    if call.doubt_at and asked == call.doubt + DOUBTED:
        return (Release(),) if _elapsed(call.doubt_at, now) >= DOUBT_SECONDS else ()
    return (Doubt(asked),)


def following(call: CallFacts, nth: int) -> int:
    """The number of the wait document after the `nth`."""
    return nth + (DOUBTED if call.doubt_at and nth == call.doubt else 1)


def _waves(
    call: CallFacts, waves: Sequence[WaveFacts], alive: Sequence[LegFacts], thanked: Sequence[LegFacts], now: int
) -> tuple[Move, ...]:
    if 0 <= call.wave < len(waves) and alive and _elapsed(call.wave_at, now) < waves[call.wave].seconds:
        return ()
    following = call.wave + 1
    if following < len(waves):
        # Whoever's phone still rings, a moment after its wave, or is still off the hook can't be rung once more.
        busy = [leg for leg in (*alive, *thanked) if leg.wave < len(waves) and waves[leg.wave].kind != "backup"]
        still = bool(busy) and waves[following].kind == "again"
        return () if still else (OpenWave(following),)
    if alive:
        return ()
    return (Replan(),) if call.held else (Leave(),)


def rings_back(call: CallFacts) -> bool:
    """Whether a caller who stayed on the line after the cut-off prompt is rung back for: once a call."""
    return call.ring_backs == 0


def is_looked_for(call: CallFacts, now: int) -> bool:
    """Whether somebody has just said yes and may still be dialling the caller's queue."""
    return call.state in {CallState.CLAIMED, CallState.TALKING} and _elapsed(call.claimed_at, now) < CLAIM_SECONDS


def psychologist_there(call: CallFacts, legs: Sequence[LegFacts], now: int) -> bool | None:
    """After a bridge ended: is whoever had the caller still on the line? None while that can't be known."""
    for leg in legs:
        if leg.id == call.claimed_leg and not leg.leaving:
            parted_for = _elapsed(call.parted_at, now)
            if leg.state is LegState.HELD:
                return parted_for < HELD_SECONDS
            if leg.state is not LegState.ENDED and parted_for < PART_SECONDS:
                return None
    return False


def service_there(call: CallFacts, legs: Sequence[LegFacts], now: int) -> bool | None:
    """After a room was left: is the service still on the line, and not yet with the caller? None as above."""
    for leg in legs:
        if leg.service and leg.id != call.claimed_leg:
            if leg.state is LegState.HELD:
                return True
            if leg.state is LegState.TALKING and _elapsed(call.parted_at, now) < PART_SECONDS:
                return None
    return False


def somebody_there(call: CallFacts, legs: Sequence[LegFacts], now: int) -> bool | None:
    """Is anybody on the line who will take the caller from the queue, or has to decide? None as above."""
    there = psychologist_there(call, legs, now)
    return service_there(call, legs, now) if there is False else there
