"""The rota's values refuse what can't be, and spans are half-open."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.model import OnCall, Person, PlanError, RosterError, RotaError, Segment, Shift, Span, SpanError, ZoneError
from rota.sheet import TableError
from tests.rota.strategies import ALIX

SPANS = st.tuples(st.integers(0, 30), st.integers(1, 30)).map(lambda pair: Span(pair[0], sum(pair)))


@pytest.mark.parametrize("error", [SpanError, RosterError, PlanError, ZoneError, TableError])
def test_whatever_the_rota_refuses_is_a_rota_error(error: type[Exception]) -> None:
    """One `except RotaError` catches all that a person can put right."""
    assert issubclass(error, RotaError)
    assert issubclass(error, ValueError)


@pytest.mark.parametrize("end", [5, 4])
def test_a_span_can_be_neither_empty_nor_reversed(end: int) -> None:
    """A span without a second in it is refused."""
    with pytest.raises(SpanError, match="must end after it starts"):
        Span(5, end)


@given(SPANS, st.integers(-1, 61))
def test_a_span_holds_its_start_and_not_its_end(span: Span, instant: int) -> None:
    """An instant is inside exactly when it is one of the span's seconds."""
    assert span.holds(instant) == (instant in range(span.start, span.end))


@given(SPANS, SPANS)
def test_spans_overlap_when_they_share_a_second(one: Span, other: Span) -> None:
    """Two spans that only touch, as at a hand-off, don't overlap."""
    shared = set(range(one.start, one.end)) & set(range(other.start, other.end))
    assert one.overlaps(other) == other.overlaps(one) == bool(shared)


@given(SPANS)
def test_a_spans_length_is_the_number_of_its_seconds(span: Span) -> None:
    """The length is in real seconds."""
    assert span.seconds == len(range(span.start, span.end))


def test_a_shift_that_ends_before_it_starts_is_refused_by_its_id() -> None:
    """The message says which shift it is."""
    with pytest.raises(SpanError, match="shift 7 must end"):
        Shift(7, "france", 1, 1, start=10, end=10)


def test_tiers_count_from_one() -> None:
    """A shift in tier 0 is refused."""
    with pytest.raises(RosterError, match="shift 7 has tier 0"):
        Shift(7, "france", 0, 1, start=10, end=20)


def test_a_shift_knows_its_span() -> None:
    """The span of a shift is when its seat is held."""
    assert Shift(7, "france", 1, None, start=10, end=20).span == Span(10, 20)


@pytest.mark.parametrize(
    "value", [Span(1, 2), ALIX, Shift(1, "france", 1, 1, 1, 2), OnCall(ALIX, 1, 1, 2), Segment(1, 2, ())]
)
def test_values_are_frozen_and_slotted(value: Span | Person | Shift | OnCall) -> None:
    """No value can be changed or grow a field after it was made."""
    field = dataclasses.fields(value)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, field, 0)
    assert not hasattr(value, "__dict__")
