"""The caller in the queue: what a tick of the hold loop decides, and what the caller hears meanwhile.

A call's row   waiting -> claimed -> talking -> parted -> waiting | claimed | leaving
               claimed, talking -> waiting (no bridge came of it)
               waiting -> leaving -> left -> waiting (the caller chose to try again)
  waiting   in the queue, psychologists are being rung, wave by wave
  claimed   a psychologist pressed 1; the carrier is bridging them (at most `CLAIM_SECONDS`)
  talking   the carrier announced the bridge
  parted    the bridge ended and the caller is still there: cut off, or being handed over
  leaving   the plan is over; the caller was told to leave the queue
  left      the caller is outside the queue, hearing what follows an unanswered ring
A leg's row    wanted -> placing -> ringing -> screening -> talking -> held -> ended
  held      the bridge ended, or there is none: this psychologist is still on the line, deciding or being thanked

The carrier asks for the next wait document every few seconds, whatever else is lost: that tick is the clock.
`tick` is pure and may be asked any number of times; the shell applies its moves by conditional UPDATEs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ivr_flows.actions import Action, Document, LeaveQueue, Listen, Music, Pause, Say, Sound
from ivr_flows.model import EMERGENCY_KEY, Language

CLAIM_SECONDS = 8
"""A claim that has not become a bridge after this long is released: the carrier's dial waits 5 s."""
BRIDGE_DOUBT_SECONDS = 20
"""A wait document asked for this long after the bridge was announced means that the bridge failed."""
PART_SECONDS = 3
"""How long we wait to learn whether a psychologist whose bridge ended is still on the line."""
CUT_OFF_SILENCE = 5
HELD_SECONDS = 30
"""A psychologist still on the line after a bridge has decided by then, or is gone and the carrier's word of it lost."""
THANKS_SECONDS = 10
"""Longest time from a psychologist's no to the end of their leg: a few words of thanks."""
SCREEN_SECONDS = 30
"""Longest time from pick-up to a key: a second of silence and two whispers of about 13 s with their waits."""
HOLD_MUSIC = 9
HOLD_WORDS_MUSIC = 5
"""Seconds of music, alone or after words; with words, a wait document is never over 15 s."""


class CallState(StrEnum):
    """See the module's head."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    TALKING = "talking"
    PARTED = "parted"
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
    """One psychologist's leg. `until` is the latest instant (UTC seconds) at which it can still be alive."""

    id: str
    wave: int
    state: LegState
    until: int
    current: bool = True
    """Whether it belongs to the present attempt; waves wait for no other."""


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
    all_busy: bool = False


@dataclass(frozen=True, slots=True)
class OpenWave:
    """Ring this wave now."""

    index: int


@dataclass(frozen=True, slots=True)
class LoseLeg:
    """Nothing was heard of this leg in its time: give it up."""

    leg: str


@dataclass(frozen=True, slots=True)
class Release:
    """The claim did not become a bridge: the call waits again."""


@dataclass(frozen=True, slots=True)
class Leave:
    """The plan is over: the caller leaves the queue."""


Move = OpenWave | LoseLeg | Release | Leave

ALIVE = frozenset({LegState.WANTED, LegState.PLACING, LegState.RINGING, LegState.SCREENING})


def tick(call: CallFacts, waves: Sequence[WaveFacts], legs: Sequence[LegFacts], now: int) -> tuple[Move, ...]:
    """What is due at `now` for a call in the queue: nothing, or moves to apply in order."""
    thanked = {leg.id for leg in legs if leg.state is LegState.HELD and leg.id != call.claimed_leg}
    lost = tuple(LoseLeg(leg.id) for leg in legs if (leg.state in ALIVE or leg.id in thanked) and leg.until <= now)
    gone = {move.leg for move in lost}
    there = [leg for leg in legs if leg.current and leg.id not in gone]
    alive = [leg for leg in there if leg.state in ALIVE]
    match call.state:
        case CallState.WAITING:
            return lost + _waves(call, waves, alive, [leg for leg in there if leg.id in thanked], now)
        case CallState.CLAIMED if now - call.claimed_at >= CLAIM_SECONDS:
            return (*lost, Release())
        case CallState.TALKING if now - call.claimed_at >= BRIDGE_DOUBT_SECONDS:
            return (*lost, Release())
        case _:
            return lost


def _waves(
    call: CallFacts, waves: Sequence[WaveFacts], alive: Sequence[LegFacts], thanked: Sequence[LegFacts], now: int
) -> tuple[Move, ...]:
    if 0 <= call.wave < len(waves) and alive and now - call.wave_at < waves[call.wave].seconds:
        return ()
    following = call.wave + 1
    if following < len(waves):
        # Whoever's phone still rings, a moment after its wave, or is still off the hook can't be rung once more.
        busy = [leg for leg in (*alive, *thanked) if leg.wave < len(waves) and waves[leg.wave].kind != "backup"]
        still = bool(busy) and waves[following].kind == "again"
        return () if still else (OpenWave(following),)
    return () if alive else (Leave(),)


def rings_back(call: CallFacts) -> bool:
    """Whether a caller who stayed on the line after the cut-off prompt is rung back for: once a call."""
    return call.ring_backs == 0


def psychologist_there(call: CallFacts, legs: Sequence[LegFacts], now: int) -> bool | None:
    """After a bridge ended: is the psychologist still on the line? None while that can't be known."""
    for leg in legs:
        if leg.id == call.claimed_leg:
            parted_for = now - call.parted_at
            if leg.state is LegState.HELD:
                return parted_for < HELD_SECONDS
            if leg.state is not LegState.ENDED and parted_for < PART_SECONDS:
                return None
    return False


@dataclass(frozen=True, slots=True)
class Wait:
    """Where a caller is in the hold loop. `nth` counts documents, `told` is the wave they were last told of.

    `asked` is whether the cut-off prompt was just played.
    """

    nth: int = 0
    told: int = -1
    asked: bool = False


def hold(
    call: CallFacts,
    waves: Sequence[WaveFacts],
    legs: Sequence[LegFacts],
    now: int,
    crisis: str,
    here: Wait,
    *,
    speak_crisis: bool = False,
) -> Document[Wait]:
    """The wait document: what the caller hears until the next tick. All speech sits inside a Listen."""
    if call.state in {CallState.LEAVING, CallState.LEFT}:
        return (LeaveQueue(),)
    if speak_crisis:
        return (Listen((Say(crisis, call.language),), Wait(here.nth + 1, here.told)),)
    if call.state is CallState.PARTED:
        return (_parted(call, legs, now),)
    said, told = _hold_words(call, waves, here)
    sounds: tuple[Sound, ...] = (Music(HOLD_MUSIC),) if said is None else (said, Music(HOLD_WORDS_MUSIC))
    return (Listen(sounds, Wait(here.nth + 1, told)),)


def _parted(call: CallFacts, legs: Sequence[LegFacts], now: int) -> Action[Wait]:
    match psychologist_there(call, legs, now):
        case True:
            return Listen((Say("one-moment", call.language), Music(3)), Wait())
        case None:
            return Listen((Pause(1),), Wait())
    return Listen((Say("cut-off", call.language),), Wait(asked=True), CUT_OFF_SILENCE)


def _hold_words(call: CallFacts, waves: Sequence[WaveFacts], here: Wait) -> tuple[Say | None, int]:
    """A new wave is announced once; otherwise every other document says, in varied words, what is happening.

    With it comes the wave that the caller has then been told of.
    """
    if call.all_busy and here.nth == 0:
        return Say("hold-busy", call.language), here.told
    if 0 <= call.wave < len(waves) and call.wave != here.told:
        wave = waves[call.wave]
        if wave.announced:
            return Say("hold-accepted", call.language, (("language", f"@language-{wave.language}"),)), call.wave
        if wave.kind in {"second", "backup", "again"}:
            return Say(f"hold-{wave.kind}", call.language), call.wave
    if here.nth % 2 == 1:
        return Say(f"hold-{here.nth // 2 % 4 + 1}", call.language), call.wave
    return None, call.wave


def is_emergency(digits: str) -> bool:
    """Whether the keys pressed in the queue ask for the crisis numbers."""
    return digits == EMERGENCY_KEY
