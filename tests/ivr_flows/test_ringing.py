from dataclasses import replace

import pytest

from ivr_flows.ringing import (
    ALIVE,
    BRIDGE_DOUBT_SECONDS,
    CLAIM_SECONDS,
    HELD_SECONDS,
    PART_SECONDS,
    CallFacts,
    CallState,
    Leave,
    LegFacts,
    LegState,
    LoseLeg,
    Move,
    OpenWave,
    Release,
    WaveFacts,
    is_emergency,
    psychologist_there,
    rings_back,
    tick,
)

NOW = 1_800_000_000
WAVES = (WaveFacts(20, "first", "fr"), WaveFacts(25, "backup", "fr"), WaveFacts(25, "again", "fr"))
WAITING = CallFacts(CallState.WAITING, "fr", wave=0, wave_at=NOW)
BACKUP = replace(WAITING, wave=1)
LAST = replace(WAITING, wave=2)
CLAIMED = replace(WAITING, state=CallState.CLAIMED, claimed_leg="ana", claimed_at=NOW)
TALKING = replace(CLAIMED, state=CallState.TALKING)
PARTED = replace(CLAIMED, state=CallState.PARTED, parted_at=NOW)


def leg(state: LegState = LegState.RINGING, until: int = NOW + 60, *, wave: int = 0, current: bool = True) -> LegFacts:
    """Ana's leg, by default of the first wave."""
    return LegFacts("ana", wave, state, until, current)


def due(call: CallFacts, *legs: LegFacts, after: int = 0) -> tuple[Move, ...]:
    """What is due `after` so many seconds."""
    return tick(call, WAVES, legs, NOW + after)


# --- waves


def test_the_first_wave_opens_at_once() -> None:
    """A call that has just entered the queue has no wave open yet, and waits for no phone."""
    assert due(replace(WAITING, wave=-1, wave_at=0)) == (OpenWave(0),)
    assert due(replace(WAITING, wave=-1), leg()) == (OpenWave(0),)


def test_an_empty_plan_is_over_at_once() -> None:
    """With nobody to ring, a caller isn't kept waiting for nothing."""
    assert tick(replace(WAITING, wave=-1), (), (), NOW) == (Leave(),)


def test_nothing_is_due_while_a_wave_rings() -> None:
    """Its phones have the wave's seconds."""
    assert due(WAITING, leg(), after=19) == ()


def test_the_next_wave_opens_when_the_time_of_this_one_is_over() -> None:
    """Phones of the wave before ring on."""
    assert due(WAITING, leg(), after=20) == (OpenWave(1),)


def test_the_next_wave_opens_early_when_nobody_is_left_to_wait_for() -> None:
    """Everybody declined: no caller waits for a clock."""
    assert due(WAITING, leg(LegState.ENDED), after=3) == (OpenWave(1),)


def test_no_wave_waits_for_a_leg_of_an_earlier_attempt() -> None:
    """A caller who tries again is not held up by a phone of the time before."""
    assert due(WAITING, leg(LegState.SCREENING, current=False), after=3) == (OpenWave(1),)


@pytest.mark.parametrize("state", sorted(ALIVE))
def test_nobody_is_rung_again_whose_phone_is_not_silent(state: LegState) -> None:
    """A phone starts a moment after its wave, and may still ring when the wave's time is over."""
    assert due(BACKUP, leg(state), after=30) == ()


@pytest.mark.parametrize("other", [leg(LegState.ENDED), leg(wave=1), leg(current=False)])
def test_the_last_wave_opens_when_everybody_s_phone_is_silent(other: LegFacts) -> None:
    """A backup's phone may ring on: backups aren't rung again."""
    assert due(BACKUP, other, after=30) == (OpenWave(2),)


def test_only_one_wave_opens_at_a_time() -> None:
    """Even after an hour without a tick, every wave gets its seconds."""
    assert due(replace(WAITING, wave=-1), after=3600) == (OpenWave(0),)


@pytest.mark.parametrize("state", sorted(ALIVE))
def test_nobody_leaves_while_a_phone_of_the_last_wave_may_be_answered(state: LegState) -> None:
    """Wanted, being placed, ringing or picked up: somebody may still press 1."""
    assert due(LAST, leg(state), after=59) == ()


def test_the_caller_leaves_when_the_last_phone_is_silent() -> None:
    """The plan is over, whether or not the last wave's time is."""
    assert due(LAST, leg(LegState.ENDED), after=3) == (Leave(),)


def test_a_plan_that_became_shorter_is_over() -> None:
    """A wave number beyond the plan is no reason to fail."""
    assert due(replace(WAITING, wave=7)) == (Leave(),)


# --- lost legs


@pytest.mark.parametrize("state", sorted(ALIVE))
def test_a_leg_is_lost_when_its_time_is_over(state: LegState) -> None:
    """At the instant `until`, and not a second before."""
    assert due(WAITING, leg(state, NOW + 10), after=9) == ()
    assert LoseLeg("ana") in due(WAITING, leg(state, NOW + 10), after=10)


@pytest.mark.parametrize("state", sorted(set(LegState) - ALIVE))
def test_a_leg_that_talks_or_has_ended_is_never_lost(state: LegState) -> None:
    """A talk may last as long as it needs."""
    assert LoseLeg("ana") not in due(TALKING, leg(state, NOW), after=3600)


def test_a_lost_leg_holds_nobody_up() -> None:
    """In the same tick the waves go on without it."""
    assert due(LAST, leg(until=NOW + 5), after=5) == (LoseLeg("ana"), Leave())


def test_a_leg_of_an_earlier_attempt_is_lost_too() -> None:
    """Its person is busy for as long as it counts as alive."""
    assert LoseLeg("ana") in due(WAITING, leg(until=NOW, current=False))


@pytest.mark.parametrize("state", CallState)
def test_legs_are_lost_in_every_state_of_the_call(state: CallState) -> None:
    """A phone that was forgotten is given up, whatever became of the call."""
    assert due(replace(CLAIMED, state=state), leg(until=NOW))[0] == LoseLeg("ana")


# --- claims


def test_a_claim_has_the_time_of_a_dial() -> None:
    """While the carrier connects, nothing else is tried."""
    assert due(CLAIMED, leg(LegState.TALKING), after=CLAIM_SECONDS - 1) == ()


def test_a_claim_without_a_bridge_is_released() -> None:
    """The psychologist's phone dropped as they pressed 1: the call waits again."""
    assert due(CLAIMED, leg(LegState.TALKING), after=CLAIM_SECONDS) == (Release(),)


def test_a_caller_seen_in_the_queue_just_after_the_bridge_is_let_be() -> None:
    """A wait document may be asked for as the bridge is being made."""
    assert due(TALKING, leg(LegState.TALKING), after=BRIDGE_DOUBT_SECONDS - 1) == ()


def test_a_caller_seen_in_the_queue_long_after_the_bridge_waits_again() -> None:
    """Who talks asks for no wait document: the bridge that was announced never was."""
    assert due(TALKING, leg(LegState.TALKING), after=BRIDGE_DOUBT_SECONDS) == (Release(),)


@pytest.mark.parametrize("state", [CallState.PARTED, CallState.LEAVING, CallState.LEFT])
def test_no_wave_opens_for_a_call_that_does_not_wait(state: CallState) -> None:
    """Nobody is rung for a caller who is leaving, gone, or between two talks."""
    assert due(replace(CLAIMED, state=state), after=3600) == ()


# --- after a bridge


def test_a_psychologist_who_is_held_is_there() -> None:
    """They pressed `*`, or the caller's line dropped and came back."""
    assert psychologist_there(PARTED, [leg(LegState.HELD)], NOW + HELD_SECONDS - 1) is True


def test_a_psychologist_held_for_ever_is_gone() -> None:
    """The carrier's word that they hung up was lost: the caller doesn't wait for it."""
    assert psychologist_there(PARTED, [leg(LegState.HELD)], NOW + HELD_SECONDS) is False


def test_a_psychologist_whose_leg_ended_is_gone() -> None:
    """Known at once."""
    assert psychologist_there(PARTED, [leg(LegState.ENDED)], NOW) is False


def test_for_a_moment_nobody_knows_whether_the_psychologist_is_there() -> None:
    """The caller's side of a bridge may end before the psychologist's."""
    assert psychologist_there(PARTED, [leg(LegState.TALKING)], NOW + PART_SECONDS - 1) is None
    assert psychologist_there(PARTED, [leg(LegState.TALKING)], NOW + PART_SECONDS) is False


@pytest.mark.parametrize("claimed", [None, "bob"])
def test_nobody_is_there_whose_leg_is_unknown(claimed: str | None) -> None:
    """A leg that doesn't hold the call says nothing about who does."""
    assert psychologist_there(replace(PARTED, claimed_leg=claimed), [leg(LegState.HELD)], NOW) is False


def test_a_caller_who_was_cut_off_is_rung_back_once() -> None:
    """The second time they are let go kindly: no caller goes round for ever."""
    assert rings_back(PARTED)
    assert not rings_back(replace(PARTED, ring_backs=1))


@pytest.mark.parametrize(("keys", "asked"), [("9", True), ("", False), ("1", False), ("99", False), ("*", False)])
def test_key_9_in_the_queue_asks_for_the_crisis_numbers(keys: str, asked: bool) -> None:
    """No other key does."""
    assert is_emergency(keys) is asked
