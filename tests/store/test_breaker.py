"""The circuit breaker by itself, on instants that are given."""

import pytest

from helpline.store.breaker import FAILURES, PAUSE_SECONDS, Breaker
from tests.shell import together


def opened_at(now: float) -> Breaker:
    """One that has just been opened."""
    breaker = Breaker()
    assert [breaker.failed(now) for _ in range(FAILURES)] == [*[False] * (FAILURES - 1), True]
    return breaker


def test_a_failure_or_two_open_nothing() -> None:
    """A connection may break; in a row with an answer in between they are forgotten."""
    breaker = Breaker()
    for _ in range(5):
        for _ in range(FAILURES - 1):
            assert not breaker.failed(7)
            assert breaker.allows(7)
        assert not breaker.worked()


def test_it_tells_how_it_is() -> None:
    """Doubted from the first failure, open from the third, neither after an answer."""
    breaker, told = Breaker(), []
    for _ in range(FAILURES):
        told.append((breaker.is_doubted, breaker.is_open))
        breaker.failed(7)
    told.append((breaker.is_doubted, breaker.is_open))
    breaker.worked()
    told.append((breaker.is_doubted, breaker.is_open))
    assert told == [(False, False), *[(True, False)] * (FAILURES - 1), (True, True), (False, False)]


def test_while_open_nobody_asks() -> None:
    """Until two seconds after the last failure."""
    breaker = opened_at(100)
    assert not breaker.allows(100)
    assert not breaker.allows(100 + PAUSE_SECONDS - 0.001)
    assert breaker.allows(100 + PAUSE_SECONDS)


def test_one_probe_asks() -> None:
    """Of all threads that come at the same moment exactly one."""
    breaker = opened_at(100)
    asked = together([lambda: breaker.allows(105)] * 16)
    assert sum(asked) == 1


def test_a_probe_that_works_closes() -> None:
    """Everybody may ask again, and three more failures are needed to open it."""
    breaker = opened_at(100)
    assert breaker.allows(105)
    assert breaker.worked()
    assert not breaker.worked()
    assert breaker.allows(105)
    assert not breaker.failed(105)
    assert breaker.allows(105)


def test_a_probe_that_fails_leaves_it_open() -> None:
    """For two seconds from then on; that isn't told again."""
    breaker = opened_at(100)
    assert breaker.allows(105)
    assert not breaker.failed(105.8)
    assert not breaker.allows(105.8 + PAUSE_SECONDS - 0.001)
    assert breaker.allows(105.8 + PAUSE_SECONDS)


def test_a_probe_nobody_hears_of_is_followed_by_another() -> None:
    """Its thread may have died: that mustn't keep the breaker open for ever."""
    breaker = opened_at(100)
    assert breaker.allows(105)
    assert not breaker.allows(105 + PAUSE_SECONDS - 0.001)
    assert breaker.allows(105 + PAUSE_SECONDS)


@pytest.mark.parametrize("late", [100.1, 101])
def test_somebody_who_asked_before_it_opened_may_close_it(late: float) -> None:
    """An answer is an answer."""
    breaker = opened_at(100)
    assert not breaker.allows(late)
    assert breaker.worked()
    assert breaker.allows(late)
