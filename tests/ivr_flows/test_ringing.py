from dataclasses import replace

import pytest

from ivr_flows.ringing import (
    ALIVE,
    BRIDGE_DOUBT_SECONDS,
    CLAIM_SECONDS,
    DOUBT_SECONDS,
    HELD_SECONDS,
    LONGEST_LEG,
    PART_SECONDS,
    SKEW_SECONDS,
    THANKS_SECONDS,
    CallFacts,
    CallState,
    Doubt,
    Leave,
    LegFacts,
    LegState,
    LoseLeg,
    Move,
    OpenWave,
    Release,
    Replan,
    WaveFacts,
    following,
    is_looked_for,
    psychologist_there,
    rings_back,
    tick,
)

NOW = 1_800_000_000
HOUR = 3600
WAVES = (WaveFacts(20, "first", "fr"), WaveFacts(25, "backup", "fr"), WaveFacts(25, "again", "fr"))
WAITING = CallFacts(CallState.WAITING, "fr", wave=0, wave_at=NOW, queued_at=NOW, until=NOW + 2 * HOUR)
BACKUP = replace(WAITING, wave=1)
LAST = replace(WAITING, wave=2)
HELD = replace(WAITING, wave=-1, held=True, until=NOW + 180)
CLAIMED = replace(WAITING, state=CallState.CLAIMED, claimed_leg="ana", claimed_at=NOW)
TALKING = replace(CLAIMED, state=CallState.TALKING)
PARTED = replace(CLAIMED, state=CallState.PARTED, parted_at=NOW)


def leg(
    state: LegState = LegState.RINGING,
    until: int = NOW + 60,
    *,
    wave: int = 0,
    current: bool = True,
    unplaced: bool = False,
) -> LegFacts:
    """Ana's leg, by default of the first wave."""
    return LegFacts("ana", wave, state, until, current, unplaced)


def due(call: CallFacts, *legs: LegFacts, after: int = 0, asked: int | None = None) -> tuple[Move, ...]:
    """What is due `after` so many seconds; `asked` is the number of the document that the caller asks for."""
    return tick(call, WAVES, legs, NOW + after, asked)


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


# --- everybody is busy


def test_somebody_who_waits_for_the_next_free_is_planned_anew() -> None:
    """At each tick: nobody is rung, so nothing else moves them on."""
    assert tick(HELD, (), (), NOW + 179) == (Replan(),)


def test_somebody_held_whom_a_backup_may_answer_is_not() -> None:
    """The coordinator's phone rings; once it is silent, whoever is free by then is sought."""
    held = replace(BACKUP, held=True)
    assert due(held, leg(wave=1), after=30) == (OpenWave(2),)
    assert tick(held, WAVES[:2], [leg(wave=1)], NOW + 30) == ()
    assert tick(held, WAVES[:2], [leg(LegState.ENDED, wave=1)], NOW + 30) == (Replan(),)


def test_somebody_held_leaves_when_their_time_is_over() -> None:
    """As long as they were told, and no longer."""
    assert tick(HELD, (), (), NOW + 180) == (Leave(),)


# --- the end of the wait


def test_a_wait_ends_at_its_time() -> None:
    """Whatever wave it is: the phones that ring fall silent, and the caller leaves."""
    call = replace(WAITING, until=NOW + 15)
    assert due(call, leg(), after=14) == ()
    assert due(call, leg(), after=15) == (LoseLeg("ana"), Leave())


def test_whoever_picked_up_in_time_may_still_press_1() -> None:
    """The caller stays for one whisper more."""
    call = replace(WAITING, until=NOW + 15)
    assert due(call, leg(LegState.SCREENING), replace(leg(), id="bob"), after=15) == (LoseLeg("bob"),)


def test_a_wait_without_a_known_end_goes_by_its_waves() -> None:
    """A row of the version before."""
    assert due(replace(WAITING, until=0), leg(), after=19) == ()


@pytest.mark.parametrize("state", sorted(set(CallState) - {CallState.WAITING}))
def test_only_a_wait_ends_at_its_time(state: CallState) -> None:
    """Nobody who talks is let go, nor who is being connected."""
    assert Leave() not in due(replace(CLAIMED, state=state, until=NOW), leg(LegState.TALKING), after=HOUR, asked=4)


# --- a carrier that takes no calls


def test_no_wave_waits_for_phones_that_the_carrier_does_not_ring() -> None:
    """The next one opens at once; after the last, the caller leaves: there are other ways to ring for them."""
    refused = leg(LegState.PLACING, unplaced=True)
    assert due(WAITING, refused, after=2) == (OpenWave(1),)
    assert due(LAST, refused, after=2) == (Leave(),)


@pytest.mark.parametrize("state", sorted(ALIVE))
def test_nobody_leaves_a_phone_that_rings_for_want_of_another(state: LegState) -> None:
    """A phone of the wave before may still be answered: it isn't silenced because the next can't be rung."""
    refused = replace(leg(LegState.ENDED, wave=2, unplaced=True), id="bob")
    assert due(LAST, leg(state), refused, after=2) == ()
    assert due(LAST, leg(LegState.ENDED), refused, after=2) == (Leave(),)


# --- a clock set back


def test_a_wave_of_the_future_is_over() -> None:
    """It began before the clock was set back: the next one opens, instead of an hour later."""
    endless = replace(WAITING, queued_at=NOW - HOUR, until=NOW + HOUR)
    assert due(endless, leg(), after=-SKEW_SECONDS) == ()
    assert due(endless, leg(until=NOW - 60), after=-120) == (OpenWave(1),)


def test_a_leg_that_lives_too_long_is_lost() -> None:
    """No leg is given so much time: its instant is one of before the clock was set back."""
    assert due(WAITING, leg(until=NOW + LONGEST_LEG)) == ()
    assert LoseLeg("ana") in due(WAITING, leg(until=NOW + LONGEST_LEG + 1))


# --- lost legs


@pytest.mark.parametrize("state", sorted(ALIVE))
def test_a_leg_is_lost_when_its_time_is_over(state: LegState) -> None:
    """At the instant `until`, and not a second before."""
    assert due(WAITING, leg(state, NOW + 10), after=9) == ()
    assert LoseLeg("ana") in due(WAITING, leg(state, NOW + 10), after=10)


@pytest.mark.parametrize("claimed", [None, "bob"])
def test_somebody_who_is_thanked_is_lost_like_a_phone(claimed: str | None) -> None:
    """Word that they hung up was lost: they can't be busy for ever."""
    held = leg(LegState.HELD, NOW + THANKS_SECONDS)
    assert due(replace(WAITING, claimed_leg=claimed), held, after=THANKS_SECONDS - 1) == (OpenWave(1),)
    assert due(replace(WAITING, claimed_leg=claimed), held, after=THANKS_SECONDS)[0] == LoseLeg("ana")


@pytest.mark.parametrize("current", [True, False])
def test_nobody_is_rung_again_who_is_still_being_thanked(current: bool) -> None:
    """They said no, or had the caller and passed them on: their phone is off the hook for some seconds more."""
    held = leg(LegState.HELD, NOW + 40, current=current)
    assert due(BACKUP, held, after=30) == (() if current else (OpenWave(2),))


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

LATE = {CLAIMED: CLAIM_SECONDS, TALKING: BRIDGE_DOUBT_SECONDS}
"""How long after the claim a caller in the queue shouldn't be there any more."""


def doubted(call: CallFacts, nth: int, after: int) -> CallFacts:
    """The call, which was doubted at document `nth` so long after its claim."""
    return replace(call, doubt=nth, doubt_at=NOW + after)


@pytest.mark.parametrize("call", LATE)
def test_a_claim_has_its_time(call: CallFacts) -> None:
    """While the carrier connects, and a document may still be asked for, nothing else is tried."""
    assert due(call, leg(LegState.TALKING), after=LATE[call] - 1, asked=4) == ()


@pytest.mark.parametrize("call", LATE)
def test_a_caller_who_should_be_talking_makes_us_doubt(call: CallFacts) -> None:
    """One request alone may be a late copy: it releases nothing."""
    assert due(call, leg(LegState.TALKING), after=LATE[call], asked=4) == (Doubt(4),)


@pytest.mark.parametrize("call", LATE)
def test_a_caller_who_asks_on_waits_again(call: CallFacts) -> None:
    """Who talks asks for no wait document: whatever was claimed or announced, there is no bridge."""
    doubt, sure = doubted(call, 4, LATE[call]), LATE[call] + DOUBT_SECONDS
    assert due(doubt, leg(LegState.TALKING), after=sure, asked=following(doubt, 4)) == (Release(),)


@pytest.mark.parametrize("asked", [0, 3, 5, 6, 900])
@pytest.mark.parametrize("call", LATE)
def test_no_old_request_settles_a_doubt(call: CallFacts, asked: int) -> None:
    """Late copies of one document after the other: each is doubted, none was answered with what leads to the next."""
    assert due(doubted(call, 4, LATE[call]), leg(LegState.TALKING), after=HOUR, asked=asked) == (Doubt(asked),)


@pytest.mark.parametrize("asked", [None, 4])
@pytest.mark.parametrize("call", LATE)
def test_the_same_request_again_changes_nothing(call: CallFacts, asked: int | None) -> None:
    """Nor does word from anybody else."""
    assert due(doubted(call, 4, LATE[call]), leg(LegState.TALKING), after=HOUR, asked=asked) == ()


def test_the_next_document_comes_no_sooner_than_it_can_be_played() -> None:
    """Two requests that arrive together are no two documents."""
    doubt = doubted(CLAIMED, 4, CLAIM_SECONDS)
    after = CLAIM_SECONDS + DOUBT_SECONDS - 1
    assert due(doubt, leg(LegState.TALKING), after=after, asked=following(doubt, 4)) == ()


@pytest.mark.parametrize("call", LATE)
def test_nobody_else_doubts_a_claim(call: CallFacts) -> None:
    """A phone's webhook says nothing about where the caller is."""
    assert due(call, leg(LegState.TALKING), after=HOUR) == ()


@pytest.mark.parametrize("back", [60, 600, HOUR])
def test_a_claim_of_the_future_is_in_doubt_like_any_other(back: int) -> None:
    """The clock was set back: a claim is not believed until the old time comes again."""
    assert due(CLAIMED, after=-back, asked=4) == (Doubt(4),)
    sure = doubted(CLAIMED, 4, -back)
    assert due(sure, after=DOUBT_SECONDS - back, asked=following(sure, 4)) == (Release(),)


def test_two_clocks_may_differ_a_little() -> None:
    """The node that claimed is some seconds ahead of the one that is asked."""
    assert due(CLAIMED, after=-SKEW_SECONDS, asked=4) == ()
    assert due(CLAIMED, after=-SKEW_SECONDS - 1, asked=4) == (Doubt(4),)


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


@pytest.mark.parametrize("state", CallState)
def test_a_yes_is_looked_for_as_long_as_the_carriers_dial_waits(state: CallState) -> None:
    """Announced or not; a yes from the future was said before the clock was set back."""
    call = replace(WAITING, state=state, claimed_leg="bob", claimed_at=NOW)
    taken = state in {CallState.CLAIMED, CallState.TALKING}
    assert [is_looked_for(call, NOW + late) for late in (0, CLAIM_SECONDS - 1)] == [taken, taken]
    assert not is_looked_for(call, NOW + CLAIM_SECONDS)
    assert not is_looked_for(call, NOW - HOUR)
