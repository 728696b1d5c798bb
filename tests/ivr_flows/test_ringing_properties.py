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
    DOUBT_SECONDS,
    DOUBTED,
    LONGEST_AFTER,
    LONGEST_LEG,
    SCREEN_SECONDS,
    SKEW_SECONDS,
    THANKS_SECONDS,
    TICK_SECONDS,
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
    tick,
)

LONGEST_RING = 60
MANY = 400
"""More ticks than any wait has."""
FORTH = st.integers(0, TICK_SECONDS) | st.sampled_from([60, 3600])
BACK = st.sampled_from([1, SKEW_SECONDS, 60, 600, 3600])
KINDS = ("first", "second", "backup", "again")


def plan(seconds: list[int]) -> list[WaveFacts]:
    """Waves of these lengths, of every kind in turn."""
    return [WaveFacts(length, kind, "fr") for length, kind in zip(seconds, KINDS, strict=False)]


WAVES = st.lists(st.integers(1, 40), max_size=len(KINDS)).map(plan)
NEXT = {
    LegState.WANTED: [LegState.PLACING, LegState.ENDED],
    LegState.PLACING: [LegState.RINGING, LegState.SCREENING, LegState.ENDED],
    LegState.RINGING: [LegState.SCREENING, LegState.ENDED],
    LegState.SCREENING: [LegState.HELD, LegState.ENDED],
}
"""What may become of a leg before it claims; a callback that was lost leaves a state out."""
UNTIL = {LegState.SCREENING: SCREEN_SECONDS, LegState.HELD: THANKS_SECONDS}


class Queue(RuleBasedStateMachine):
    """One caller in the queue, their row, their legs, and everything that was due so far."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1_800_000_000
        self.call = CallFacts(CallState.WAITING, "fr", wave=-1, wave_at=0, queued_at=self.now)
        self.waves: list[WaveFacts] = []
        self.legs: dict[str, LegFacts] = {}
        self.opened: list[int] = []
        self.nth = 0
        self.asked: list[int] = []

    def moves(self, asked: int | None = None) -> tuple[Move, ...]:
        """What is due."""
        return tick(self.call, self.waves, list(self.legs.values()), self.now, asked)

    def alive(self) -> list[LegFacts]:
        """The legs of which something may still be heard."""
        return [leg for leg in self.legs.values() if leg.state in ALIVE]

    def answerable(self) -> list[LegFacts]:
        """Those that may still claim the call."""
        return [leg for leg in self.alive() if leg.current]

    def tick_once(self, phones: int = 2, free: int = 0, asked: int | None = None) -> None:
        """One request; a wave that opens wants so many phones, `free` is how many have become so meanwhile."""
        for move in self.moves(asked):
            match move:
                case LoseLeg(lost):
                    self.end(lost)
                case Doubt(nth):
                    self.call = replace(self.call, doubt=nth, doubt_at=self.now)
                case Release():
                    self.release()
                case OpenWave(index):
                    self.open(index, phones)
                case Replan():
                    assert self.call.held
                    assert not self.answerable()
                    self.replan(free)
                case Leave():
                    assert not self.answerable()
                    self.call = replace(self.call, state=CallState.LEAVING)

    def ask(self, phones: int = 2, free: int = 0) -> None:
        """The caller asks for their next document; most moves follow from others, as in the shell's rounds."""
        for _ in range(4):
            if self.call.state is not CallState.LEAVING:
                self.tick_once(phones, free, self.nth)
        self.asked.append(self.nth)
        self.nth = following(self.call, self.nth)

    def open(self, index: int, phones: int) -> None:
        """A wave's phones are wanted."""
        self.opened.append(index)
        self.call = replace(self.call, wave=index, wave_at=self.now)
        for nth in range(phones):
            leg = LegFacts(f"{len(self.legs)}-{nth}", index, LegState.WANTED, self.now + LONGEST_RING)
            self.legs[leg.id] = leg

    def replan(self, free: int) -> None:
        """Whoever is free makes a plan, from which a new wait counts; nobody makes none."""
        if free:
            self.waves, self.opened = plan([20] * min(free, len(KINDS))), []
            self.call = replace(self.call, wave=-1, held=False, queued_at=self.now, until=self.now + 300)

    def end(self, leg: str) -> None:
        """A leg is over."""
        self.legs[leg] = replace(self.legs[leg], state=LegState.ENDED)

    def release(self) -> None:
        """The call waits again, and the wave whose phones the claim silenced is opened once more."""
        assert self.call.claimed_leg is not None
        self.end(self.call.claimed_leg)
        wave = max(-1, self.call.wave - 1)
        self.opened = list(range(wave + 1))
        self.call = replace(self.call, state=CallState.WAITING, claimed_leg=None, wave=wave)

    @initialize(waves=WAVES, old=st.booleans(), held=st.booleans(), until=st.none() | st.integers(1, 300))
    def enter(self, waves: list[WaveFacts], old: bool, held: bool, until: int | None) -> None:
        """The plan is fixed, and when the wait ends; a phone of an earlier attempt may still be in somebody's hand."""
        self.waves = waves
        known = until is not None or held
        self.call = replace(self.call, held=held, until=self.now + (until or 180) if known else 0)
        if old:
            self.legs["old"] = LegFacts("old", 0, LegState.SCREENING, self.now + SCREEN_SECONDS, current=False)

    @rule(seconds=FORTH, phones=st.integers(0, 3), free=st.integers(0, 2))
    def next_document(self, seconds: int, phones: int, free: int) -> None:
        """Time passes, and the carrier asks what to play next."""
        self.now += seconds
        self.ask(phones, free)

    @rule(seconds=FORTH, phones=st.integers(0, 3))
    def hear_from_elsewhere(self, seconds: int, phones: int) -> None:
        """A phone's webhook moves the waves too."""
        self.now += seconds
        if self.call.state is not CallState.LEAVING:
            self.tick_once(phones)

    @rule(seconds=BACK)
    def set_back(self, seconds: int) -> None:
        """The clock is set back."""
        self.now -= seconds

    @precondition(lambda self: bool(self.alive()))
    @rule(data=st.data())
    def hear_of_a_leg(self, data: st.DataObject) -> None:
        """The carrier tells what became of a phone."""
        leg = data.draw(st.sampled_from(self.alive()))
        state = data.draw(st.sampled_from(NEXT[leg.state]))
        until = self.now + UNTIL[state] if state in UNTIL else leg.until
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
        self.call = replace(self.call, state=CallState.CLAIMED, claimed_leg=leg.id, claimed_at=self.now, doubt_at=0)

    @precondition(lambda self: self.call.state is CallState.CLAIMED)
    @rule()
    def announce(self) -> None:
        """The carrier says it is connecting them."""
        self.call = replace(self.call, state=CallState.TALKING)

    @precondition(lambda self: self.asked)
    @rule(data=st.data())
    def late_copy(self, data: st.DataObject) -> None:
        """An old request arrives once more, its answer is played to nobody: no caller is taken from who they talk to.

        But for a copy of what was asked when an earlier claim had come to nothing.
        """
        nth = data.draw(st.sampled_from(self.asked))
        assert Release() not in self.moves(nth) or nth >= DOUBTED
        if nth < DOUBTED and self.call.state is not CallState.LEAVING:
            self.tick_once(asked=nth)

    @invariant()
    def waves_open_in_order_and_once(self) -> None:
        """Nobody is rung for the same wave twice, but after a claim that came to nothing."""
        assert self.opened == list(range(len(self.opened)))

    @invariant()
    def a_leg_is_lost_exactly_when_its_time_is_over(self) -> None:
        """At `until`, whatever the call is doing; or when the call's time is, or when nobody can tell."""
        lost = {move.leg for move in self.moves() if isinstance(move, LoseLeg)}
        due = {leg.id for leg in self.alive() if not 0 < leg.until - self.now <= LONGEST_LEG}
        assert due <= lost
        assert lost <= due | self.given_up() | {leg.id for leg in self.legs.values() if leg.state is LegState.HELD}

    def given_up(self) -> set[str]:
        """The phones that fall silent when the caller's time is over."""
        over = self.call.until and not self.call.queued_at - SKEW_SECONDS <= self.now < self.call.until
        return {leg.id for leg in self.alive() if leg.state is not LegState.SCREENING} if over else set()

    @invariant()
    def a_claim_is_doubted_exactly_when_its_time_is_over(self) -> None:
        """And only a claim, and only by the caller who asks for more."""
        due = {CallState.CLAIMED: CLAIM_SECONDS, CallState.TALKING: BRIDGE_DOUBT_SECONDS}.get(self.call.state)
        since = self.now - self.call.claimed_at
        late = due is not None and (since >= due or since < -SKEW_SECONDS)
        asked = following(self.call, self.call.doubt)
        sure = self.now - self.call.doubt_at >= DOUBT_SECONDS or self.now - self.call.doubt_at < -SKEW_SECONDS
        assert (Doubt(asked) in self.moves(asked)) == (late and not self.call.doubt_at)
        assert (Doubt(asked + 1) in self.moves(asked + 1)) == late
        assert (Release() in self.moves(asked)) == (late and self.call.doubt_at > 0 and sure)
        assert not {Doubt, Release} & set(map(type, self.moves()))

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
        """From wherever this has come to: when nothing more is heard, the caller leaves by `until` and a little."""
        # A bridge that the carrier never made is found out first.
        found = 0 if self.call.state is CallState.WAITING else BRIDGE_DOUBT_SECONDS + SKEW_SECONDS + 3 * TICK_SECONDS
        left = self.now + found + (self.by_its_end() if self.call.until else self.by_the_waves())
        for _ in range(MANY):
            if self.call.state is CallState.LEAVING:
                return
            assert self.now <= left
            self.ask()
            self.now += TICK_SECONDS
        raise AssertionError("a caller waits for ever")

    def by_its_end(self) -> int:
        """Seconds until this wait is over. One that began in the future is: the clock has been set back."""
        counts = self.now >= self.call.queued_at - SKEW_SECONDS
        return LONGEST_AFTER + (max(0, self.call.until - self.now) if counts else 0)

    def by_the_waves(self) -> int:
        """The same of a wait whose end isn't known."""
        return sum(wave.seconds + TICK_SECONDS for wave in self.waves) + 2 * LONGEST_LEG + LONGEST_AFTER


def test_a_call_in_the_queue_keeps_its_promises() -> None:
    """Whatever the carrier says, in whatever order, and however the clock jumps."""
    run_state_machine_as_test(Queue)


@given(WAVES, st.integers(0, 3), st.integers(1, TICK_SECONDS))
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


@given(st.integers(1, 900), st.integers(1, TICK_SECONDS))
def test_a_caller_for_whom_nobody_becomes_free_leaves_when_told(seconds: int, every: int) -> None:
    """At the first document after it."""
    queue = Queue()
    queue.call = replace(queue.call, held=True, until=queue.now + seconds)
    ends = queue.call.until
    while queue.call.state is CallState.WAITING:
        queue.now += every
        queue.ask()
    assert ends <= queue.now < ends + every
