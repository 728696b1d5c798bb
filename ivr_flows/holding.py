"""What the caller in the queue hears until the next tick: wait documents, each a few seconds long.

All speech sits inside a Listen, so that no key is lost. What is said is true: nobody "is being called" who isn't.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ivr_flows.actions import Action, Document, LeaveQueue, Listen, Music, Pause, Say, Sound
from ivr_flows.model import EMERGENCY_KEY
from ivr_flows.ringing import (
    CUT_OFF_SILENCE,
    CallFacts,
    CallState,
    LegFacts,
    WaveFacts,
    following,
    in_the_room,
    somebody_there,
)

HOLD_MUSIC = 9
HOLD_WORDS_MUSIC = 5
BRIDGING_MUSIC = 3
MOMENT_MUSIC = 2
"""Seconds of music: alone, after words, while a psychologist is being connected, while one has a service called."""
MOMENTS = 4
"""Every how many documents a caller hears words while a psychologist decides, or has a service called."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Where a caller is in the hold loop. `nth` counts documents, `told` is the wave they were last told of.

    `asked` is whether the cut-off prompt was just played. After a bridge `told` counts down from -1, a document each.
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
    nth = following(call, here.nth)
    if speak_crisis:
        return (Listen((Say(crisis, call.language),), Wait(nth, here.told)),)
    if call.state is CallState.PARTED:
        return (_parted(call, legs, now, here),)
    if call.state is CallState.MEETING:
        return (_meeting(call, legs, here),)
    if call.state in {CallState.CLAIMED, CallState.TALKING}:
        return (Listen((Music(BRIDGING_MUSIC),), Wait(nth, here.told)),)
    said, told = _hold_words(call, waves, here, now)
    sounds: tuple[Sound, ...] = (Music(HOLD_MUSIC),) if said is None else (said, Music(HOLD_WORDS_MUSIC))
    return (Listen(sounds, Wait(nth, told)),)


def _parted(call: CallFacts, legs: Sequence[LegFacts], now: int, here: Wait) -> Action[Wait]:
    match somebody_there(call, legs, now):
        case True:
            return _moment(call, here)
        case None:
            return Listen((Pause(1),), Wait())
    return Listen((Say("cut-off", call.language),), Wait(asked=True), CUT_OFF_SILENCE)


def _meeting(call: CallFacts, legs: Sequence[LegFacts], here: Wait) -> Action[Wait]:
    """Whom they will meet is said once, in the queue: nothing keeps them from the room once the psychologist is there.

    Documents after a bridge all have number 0, but for those after this one.
    """
    if here.nth == 0:
        return Listen((Say("connecting-service", call.language),), Wait(1))
    if in_the_room(call, legs):
        return LeaveQueue()
    return Listen((Music(MOMENT_MUSIC),), Wait(1))


def _moment(call: CallFacts, here: Wait) -> Action[Wait]:
    """One moment, please; then music, and now and then that they aren't forgotten."""
    moment = -1 - min(-1, here.told)
    music = Music(MOMENT_MUSIC)
    if moment % MOMENTS:
        return Listen((music,), Wait(told=-2 - moment))
    said = Say("one-moment" if moment == 0 else "moment-more", call.language)
    return Listen((said, music), Wait(told=-2 - moment))


def _hold_words(call: CallFacts, waves: Sequence[WaveFacts], here: Wait, now: int) -> tuple[Say | None, int]:
    """A new wave is announced once; otherwise every other document says, in varied words, what is happening.

    With it comes the wave that the caller has then been told of.
    """
    if call.held and here.nth == 0:
        return _held_words(call, here, now), here.told
    if 0 <= call.wave < len(waves) and call.wave != here.told:
        wave = waves[call.wave]
        if wave.announced:
            return Say("hold-accepted", call.language, (("language", f"@language-{wave.language}"),)), call.wave
        if wave.kind in {"second", "backup", "again"}:
            return Say(f"hold-{wave.kind}", call.language), call.wave
    if call.held:
        return _held_words(call, here, now), call.wave
    if here.nth % 2 == 1:
        return Say(f"hold-{here.nth // 2 % 4 + 1}", call.language), call.wave
    return None, call.wave


def _held_words(call: CallFacts, here: Wait, now: int) -> Say | None:
    """Nobody is being called, so nothing is said of it: that all are on the phone, and until when the caller holds."""
    match here.nth % 4:
        case 0:
            left = max(10, call.until - now)
            step = 10 if left < 60 else 60
            return Say("hold-busy", call.language, (("wait", f"@wait:{-(-left // step) * step}"),))
        case 2:
            return Say("hold-2", call.language)
    return None


def is_emergency(digits: str) -> bool:
    """Whether the keys pressed in the queue ask for the crisis numbers."""
    return digits == EMERGENCY_KEY
