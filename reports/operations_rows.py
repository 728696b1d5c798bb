"""The operational report as a table for machines: a figure in a row, the same in every language."""

from __future__ import annotations

from collections.abc import Iterator

from reports.indicators import COUNTED, RATES, SHORT_ABANDONS, WAITED
from reports.model import WAIT_BANDS
from reports.operations import Operations, Slot, Tally

COLUMNS = ("line", "period", "table", "month", "weekday", "hour", "indicator", "category", "value")
"""`weekday` is 1 for Monday to 7, `hour` 0 to 23, local time. A value that can't be worked out is empty."""
Value = int | float | str | None
Row = list[Value]


def rows_of(found: Operations, period: str) -> list[Row]:
    """Returns a row for each figure, in the order of COLUMNS; rates are fractions of 1, to four digits."""
    head: Row = [found.asked.line, period]
    return [[*head, *row] for row in _rows(found)]


def _rows(found: Operations) -> Iterator[Row]:
    for table, pairs in (("calls", _calls(found.total)), ("talk", _talk(found)), ("rota", _rota(found))):
        for name, value in pairs:
            yield [table, "", "", "", name, "", value]
    for outcome in WAITED:
        for band in WAIT_BANDS:
            yield ["waits", "", "", "", outcome, band, found.total.of(f"{outcome}-wait-{band}")]
    for month, tally in found.months.items():
        for name, value in _calls(tally):
            yield ["months", month, "", "", name, "", value]
    for day, slots in enumerate(found.week, 1):
        for hour, slot in enumerate(slots):
            for name, value in _slot(slot):
                yield ["week", "", day, hour, name, "", value]


def _talk(found: Operations) -> Iterator[tuple[str, Value]]:
    yield "answered", found.talks
    yield "mean-talk-seconds", None if found.talk is None else round(found.talk)
    yield "handling-seconds", None if found.handling is None else round(found.handling)


def _rota(found: Operations) -> Iterator[tuple[str, Value]]:
    yield "hours", found.hours
    yield "hours-with-rota", found.covered.whole
    yield "hours-covered", found.covered.part if found.covered.whole else None


def _calls(tally: Tally) -> Iterator[tuple[str, Value]]:
    for name in COUNTED:
        yield name, tally.of(SHORT_ABANDONS if name == "abandoned-short" else name)
    for name in RATES:
        share = tally.rate(name).share
        yield name, None if share is None else round(share, 4)


def _slot(slot: Slot) -> Iterator[tuple[str, Value]]:
    yield "hours", slot.hours
    yield "offered", slot.calls.of("offered")
    yield "answered", slot.calls.of("answered")
    yield "hours-with-rota", slot.kept
    yield "on-call", None if slot.tenths is None else slot.tenths / 10
    yield "needed", slot.needed
