"""What could not be written is kept for a while, in order, and little of it."""

import logging

import pytest
from sqlalchemy.exc import OperationalError

from helpline.calls.unheard import LONGEST_SECONDS, MOST, TEXTS_SECONDS, About, Unheard, Word
from helpline.carrier.hooks import Hook
from tests.shell import NOON, SetClock, together


def word(call: str) -> Word:
    """A caller's call is over."""
    return Word(About.CALL, "france", Hook(call, "completed"), NOON)


def told(unheard: Unheard) -> list[str]:
    """Whatever is told, to whom everything can be told."""
    heard: list[str] = []
    unheard.retell(lambda word: heard.append(word.hook.call))
    return heard


def full() -> Unheard:
    """As many words as are kept."""
    unheard = Unheard(lambda: 0.0)
    for n in range(MOST):
        unheard.remember(word(f"CA{n}"))
    return unheard


def test_words_are_told_in_order_and_once() -> None:
    """As they were heard; then nothing is left."""
    unheard = Unheard()
    for call in ("CAone", "CAtwo", "CAone"):
        unheard.remember(word(call))
    assert [told(unheard), told(unheard), len(unheard)] == [["CAone", "CAtwo", "CAone"], [], 0]


def test_the_first_that_fails_stops_the_telling() -> None:
    """It comes first again, and what was told before isn't told again."""
    unheard, tried = Unheard(), []

    def tell(word: Word) -> None:
        tried.append(word.hook.call)
        if word.hook.call == "CAtwo":
            raise OperationalError("simulated", None, Exception("the database is down"))

    for call in ("CAone", "CAtwo", "CAthree"):
        unheard.remember(word(call))
    with pytest.raises(OperationalError):
        unheard.retell(tell)
    assert tried == ["CAone", "CAtwo"]
    assert told(unheard) == ["CAtwo", "CAthree"]


def test_of_too_many_the_oldest_is_dropped(caplog: pytest.LogCaptureFixture) -> None:
    """The log says on which line and why, and not whose."""
    unheard = full()
    unheard.remember(word("CAlast"))
    assert told(unheard) == [f"CA{n}" for n in range(1, MOST)] + ["CAlast"]
    (record,) = caplog.records
    assert (record.getMessage(), record.levelno) == ("unheard.dropped", logging.WARNING)
    assert [getattr(record, name) for name in ("line", "kind", "reason")] == ["france", "call", "full"]


def test_one_that_fails_makes_no_room_for_itself(caplog: pytest.LogCaptureFixture) -> None:
    """While it was told another came and the memory is full: it is the oldest, so it goes."""
    unheard = full()

    def tell(_word: Word) -> None:
        unheard.remember(word("CAlast"))
        raise OperationalError("simulated", None, Exception("the database is down"))

    with pytest.raises(OperationalError):
        unheard.retell(tell)
    assert [record.getMessage() for record in caplog.records] == ["unheard.dropped"]
    assert told(unheard) == [f"CA{n}" for n in range(1, MOST)] + ["CAlast"]


@pytest.mark.parametrize(("late", "kept"), [(0, ["CAold", "CAnew"]), (1, ["CAnew"])])
def test_what_is_too_old_is_dropped(caplog: pytest.LogCaptureFixture, late: int, kept: list[str]) -> None:
    """By then whoever asks the carrier has its turn."""
    clock = SetClock(0)
    unheard = Unheard(clock.now)
    unheard.remember(word("CAold"))
    clock.at = LONGEST_SECONDS + late
    unheard.remember(word("CAnew"))
    assert told(unheard) == kept
    assert [record.__dict__["reason"] for record in caplog.records] == ["old"] * late


def test_what_nobody_else_finds_is_kept_for_as_long_as_it_is_said() -> None:
    """A text message, for a day."""
    clock = SetClock(0)
    unheard = Unheard(clock.now, longest=TEXTS_SECONDS)
    unheard.remember(word("SMold"))
    clock.at = TEXTS_SECONDS
    assert told(unheard) == ["SMold"]


def test_keys_are_not_kept() -> None:
    """A caller may have keyed in their number."""
    unheard = Unheard()
    kept: list[Word] = []
    unheard.remember(Word(About.CALLER, "france", Hook("CAone", "completed", digits="0199009001"), NOON))
    unheard.retell(kept.append)
    assert [word.hook for word in kept] == [Hook("CAone", "completed")]


def test_all_can_be_given_up() -> None:
    """Whoever stops says how many were lost."""
    unheard = full()
    assert [unheard.give_up(), len(unheard), told(unheard)] == [MOST, 0, []]


def test_threads_remember_at_once() -> None:
    """No word is lost between them, and none is kept twice."""
    unheard, names = Unheard(), [f"CA{n}" for n in range(24)]
    together([lambda call=name: unheard.remember(word(call)) for name in names])  # type: ignore[misc] # each its own
    assert sorted(told(unheard)) == sorted(names)
