"""The deadline of a thread's database work."""

import threading

import pytest

from helpline.store.deadline import remaining, within
from tests.shell import together


def test_there_is_none_unless_somebody_sets_one() -> None:
    """Jobs and commands take their time."""
    assert remaining() is None
    with within(5):
        assert remaining() is not None
    assert remaining() is None


def test_time_runs_out() -> None:
    """What is left grows less, and never less than nothing."""
    with within(5):
        first = remaining()
        threading.Event().wait(0.01)
        second = remaining()
    assert first is not None
    assert second is not None
    assert 0 < second < first <= 5
    with within(0):
        assert remaining() == 0
    with within(-1):
        assert remaining() == 0


@pytest.mark.parametrize(("outer", "inner"), [(5, 500), (500, 5)])
def test_of_two_deadlines_the_sooner_holds(outer: float, inner: float) -> None:
    """Nobody gives themselves more time than they were given."""
    with within(outer):
        with within(inner):
            left = remaining()
        after = remaining()
    assert left is not None
    assert left <= 5
    assert after is not None
    assert (after > 5) == (outer > 5)


def test_it_ends_with_an_error_too() -> None:
    """The next request of this thread starts anew."""
    with pytest.raises(ZeroDivisionError), within(5):
        raise ZeroDivisionError
    assert remaining() is None


def test_each_thread_has_its_own() -> None:
    """The deadline of one request isn't another's, nor its placer's."""
    with within(5):
        assert together([remaining, remaining]) == [None, None]
