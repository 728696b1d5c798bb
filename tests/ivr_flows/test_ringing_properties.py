"""A call in the queue under any order of events and any jumps of the clock: what the pure part promises.

The model applies moves as the shell does. What it does not model is the shell's own guard: conditional UPDATEs.
"""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ivr_flows.ringing import (
    ALIVE,
    BRIDGE_DOUBT_SECONDS,
    CLAIM_SECONDS,
    SCREEN_SECONDS,
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
    tick,
)

TICK = 15
"""The longest wait document, and so the longest time between two ticks of a caller who is still there."""
LONGEST_RING = 60
JUMPS = st.integers(0, TICK) | st.sampled_from([60, 3600])
KINDS = ("first", "second", "backup", "again")


def plan(seconds: list[int]) -> list[WaveFacts]:
    """Waves of these lengths, of every kind in turn."""
    return [WaveFacts(length, kind, "fr") for length, kind in zip(seconds, KINDS, strict=False)]


WAVES = st.lists(st.integers(1, 40), max_size=len(KINDS)).map(plan)
NEXT = {
    LegState.WANTED: [LegState.PLACING, LegState.ENDED],
    LegState.PLACING: [LegState.RINGING, LegState.SCREENING, LegState.ENDED],
    LegState.RINGING: [LegState.SCREENING, LegState.ENDED],
    LegState.SCREENING: [LegState.ENDED],
}
"""What may become of a leg before it claims; a callback that was lost leaves a state out."""


class Queue(RuleBasedStateMachine):
    """One caller in the queue, their row, their legs, and everything that was due so far."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1_800_000_000
        self.call = CallFacts(CallState.WAITING, "fr", wave=-1, wave_at=0)
        self.waves: list[WaveFacts] = []
        self.legs: dict[str, LegFacts] = {}
        self.opened: list[int] = []

    def moves(self) -> tuple[Move, ...]:
        """What is due."""
        return tick(self.call, self.waves, list(self.legs.values()), self.now)

    def alive(self) -> list[LegFacts]:
        """The legs of which something may still be heard."""
        return [leg for leg in self.legs.values() if leg.state in ALIVE]

    def answerable(self) -> list[LegFacts]:
        """Those that may still claim the call."""
        return [leg for leg in self.alive() if leg.current]

    def tick_once(self, phones: int = 2) -> None:
        """One request of the hold loop; a wave that opens wants so many phones."""
        for move in self.moves():
            match move:
                case LoseLeg(lost):
                    self.end(lost)
                case Release():
                    self.release()
                case OpenWave(index):
                    self.opened.append(index)
                    self.call = replace(self.call, wave=index, wave_at=self.now)
                    for nth in range(phones):
                        leg = LegFacts(f"{index}-{nth}", index, LegState.WANTED, self.now + LONGEST_RING)
                        self.legs[leg.id] = leg
                case Leave():
                    assert not self.answerable()
                    assert self.opened == list(range(len(self.waves)))
                    self.call = replace(self.call, state=CallState.LEAVING)

    def end(self, leg: str) -> None:
        """A leg is over."""
        self.legs[leg] = replace(self.legs[leg], state=LegState.ENDED)

    def release(self) -> None:
        """The call waits again."""
        assert self.call.claimed_leg is not None
        self.end(self.call.claimed_leg)
        self.call = replace(self.call, state=CallState.WAITING, claimed_leg=None)

    @initialize(waves=WAVES, old=st.booleans())
    def enter(self, waves: list[WaveFacts], old: bool) -> None:
        """The plan is fixed; a phone of an earlier attempt may still be in somebody's hand."""
        self.waves = waves
        if old:
            until = self.now + SCREEN_SECONDS
            self.legs["old"] = LegFacts("old", 0, LegState.SCREENING, until, current=False)

    @rule(seconds=JUMPS, phones=st.integers(0, 3))
    def ask(self, seconds: int, phones: int) -> None:
        """Time passes, and the carrier asks what to play next."""
        self.now += seconds
        if self.call.state is not CallState.LEAVING:
            self.tick_once(phones)

    @precondition(lambda self: bool(self.alive()))
    @rule(data=st.data())
    def hear_of_a_leg(self, data: st.DataObject) -> None:
        """The carrier tells what became of a phone."""
        leg = data.draw(st.sampled_from(self.alive()))
        state = data.draw(st.sampled_from(NEXT[leg.state]))
        until = self.now + SCREEN_SECONDS if state is LegState.SCREENING else leg.until
        self.legs[leg.id] = replace(leg, state=state, until=until)

    @precondition(lambda self: self.call.state is CallState.WAITING and self.answerable())
    @rule(data=st.data())
    def press_1(self, data: st.DataObject) -> None:
        """Somebody claims the call; the other phones fall silent."""
        leg = data.draw(st.sampled_from(self.answerable()))
        for other in self.alive():
            if other.state is not LegState.SCREENING:
                self.end(other.id)
        self.legs[leg.id] = replace(leg, state=LegState.TALKING)
        self.call = replace(self.call, state=CallState.CLAIMED, claimed_leg=leg.id, claimed_at=self.now)

    @precondition(lambda self: self.call.state is CallState.CLAIMED)
    @rule()
    def announce(self) -> None:
        """The carrier says it is connecting them."""
        self.call = replace(self.call, state=CallState.TALKING)

    @invariant()
    def waves_open_in_order_and_once(self) -> None:
        """Nobody is rung for the same wave twice."""
        assert self.opened == list(range(len(self.opened)))

    @invariant()
    def a_leg_is_lost_exactly_when_its_time_is_over(self) -> None:
        """At `until`, whatever the call is doing."""
        lost = {move.leg for move in self.moves() if isinstance(move, LoseLeg)}
        assert lost == {leg.id for leg in self.alive() if leg.until <= self.now}

    @invariant()
    def a_claim_is_released_exactly_when_its_time_is_over(self) -> None:
        """And only a claim."""
        due = {CallState.CLAIMED: CLAIM_SECONDS, CallState.TALKING: BRIDGE_DOUBT_SECONDS}.get(self.call.state)
        late = due is not None and self.now - self.call.claimed_at >= due
        assert (Release() in self.moves()) == late

    @invariant()
    def nobody_leaves_whom_somebody_may_still_answer(self) -> None:
        """A leg of this attempt that wants, rings or screens keeps the caller waiting."""
        moves = self.moves()
        lost = {move.leg for move in moves if isinstance(move, LoseLeg)}
        kept = [leg for leg in self.answerable() if leg.id not in lost]
        assert Leave() not in moves or not kept

    @invariant()
    def the_same_question_has_the_same_answer(self) -> None:
        """A repeated request decides nothing else."""
        assert self.moves() == self.moves()

    def teardown(self) -> None:
        """From wherever this has come to: when nothing more is heard, the caller leaves within the time promised."""
        left = sum(wave.seconds + TICK for wave in self.waves[len(self.opened) :])
        if self.opened:
            left += self.waves[self.opened[-1]].seconds
        again = LONGEST_RING + TICK if len(self.opened) < len(KINDS) else 0
        last = self.now + BRIDGE_DOUBT_SECONDS + left + again + LONGEST_RING + 3 * TICK
        while self.call.state is not CallState.LEAVING:
            assert self.now < last
            self.tick_once()
            self.now += TICK


def test_a_call_in_the_queue_keeps_its_promises() -> None:
    """Whatever the carrier says, in whatever order, and however the clock jumps."""
    run_state_machine_as_test(Queue)


@given(WAVES, st.integers(0, 3), st.integers(1, TICK))
def test_a_caller_whom_nobody_answers_leaves_in_time(waves: list[WaveFacts], phones: int, every: int) -> None:
    """All waves, the life of the phones before the last wave and in it, a tick for each wave and one at the end."""
    queue = Queue()
    queue.waves = waves
    entered = queue.now
    while queue.call.state is CallState.WAITING:
        queue.tick_once(phones)
        queue.now += every
    again = LONGEST_RING if waves[-1:] and waves[-1].kind == "again" else 0
    promised = sum(wave.seconds for wave in waves) + again + LONGEST_RING + every * (len(waves) + 1)
    assert queue.now - entered <= promised + every
    assert queue.opened == list(range(len(waves)))
