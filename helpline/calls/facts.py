"""A live call's rows as the pure machines want them, and its ring plan as it is stored."""

from __future__ import annotations

import json
from functools import lru_cache

from helpline.store.live_rows import CallRow, LegRow, Loaded
from ivr_flows.model import as_language
from ivr_flows.ringing import CallFacts, CallState, LegFacts, LegState, WaveFacts
from rota.plan import RingPlan

ANSWER_SECONDS = 10
"""How much longer than asked for the carrier may let a phone ring: its own 5 s, and time for word of it."""
DOUBT_SECONDS = 10
"""How long after a creation that the carrier didn't answer word of its ringing may still come."""
UNPLACED, UNKNOWN = "unplaced", "unknown"
"""Outcomes of a leg: the carrier refused to place it; it didn't answer, so the phone may ring all the same."""
LEFT = "left"
"""Outcome of the leg of a psychologist who left the caller to a service."""
_encode = json.JSONEncoder(separators=(",", ":")).encode


def dump_plan(plan: RingPlan) -> str:
    """The plan as it is stored."""
    return _encode(plan.to_json())


@lru_cache(maxsize=512)
def read_plan(text: str) -> RingPlan:
    """The plan that `dump_plan` wrote."""
    return RingPlan.from_json(json.loads(text))


@lru_cache(maxsize=512)
def wave_facts(text: str) -> tuple[WaveFacts, ...]:
    """What a tick needs of a stored plan."""
    facts = []
    for index, wave in enumerate(read_plan(text).waves):
        kind = wave.match if wave.match != "exact" else ("first" if index == 0 else "second")
        facts.append(
            WaveFacts(wave.seconds, kind, as_language(wave.targets[0].language), announced=wave.announce is not None)
        )
    return tuple(facts)


def call_facts(call: CallRow) -> CallFacts:
    """What a tick needs of a call's row."""
    return CallFacts(
        CallState(call.state),
        call.language,
        call.wave,
        call.wave_at,
        call.claimed_leg,
        call.claimed_at,
        call.parted_at,
        call.ring_backs,
        held=call.held,
        queued_at=call.queued_at,
        until=call.until,
        doubt=call.doubt,
        doubt_at=call.doubt_at,
    )


def _unplaced(leg: LegRow, now: int) -> bool:
    """Refused, or a creation that the carrier never answered and of which nothing was heard for a while."""
    asked_at = leg.until - leg.ring_seconds - ANSWER_SECONDS
    unheard = leg.outcome == UNKNOWN and leg.state is LegState.PLACING and now >= asked_at + DOUBT_SECONDS
    return unheard or leg.outcome == UNPLACED


def rung(loaded: Loaded, now: int) -> frozenset[int]:
    """The people whose phones the carrier rang for the present attempt."""
    legs = [leg for leg in loaded.legs if leg.attempt == loaded.call.attempt]
    return frozenset(leg.person for leg in legs if leg.person is not None and not _unplaced(leg, now))


def any_unplaced(loaded: Loaded, now: int) -> bool:
    """Whether somebody who was to be rung for the present attempt never was, because no call was placed."""
    called = rung(loaded, now)
    legs = [leg for leg in loaded.legs if leg.attempt == loaded.call.attempt and _unplaced(leg, now)]
    return any(leg.person not in called for leg in legs)


def leg_facts(loaded: Loaded, now: int) -> tuple[LegFacts, ...]:
    """What a tick needs of a call's legs."""
    attempt = loaded.call.attempt
    return tuple(
        [
            LegFacts(
                leg.id,
                leg.wave,
                LegState(leg.state),
                leg.until,
                current=leg.attempt == attempt,
                unplaced=_unplaced(leg, now),
                service=leg.service,
                leaving=leg.outcome == LEFT,
            )
            for leg in loaded.legs
        ]
    )
