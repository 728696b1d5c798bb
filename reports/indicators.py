"""Every indicator, once: what is printed about it, and for counters which calls it counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal

from reports.model import APART, NIGHT_END, NIGHT_START, OUTCOMES, WAIT_BANDS, WAIT_EDGES
from reports.words import Words, phrasebook

SHORT = WAIT_EDGES[0]
SERVICE_LEVELS = (20, 60)
"""Seconds, each an edge of the wait bands."""

OUTSIDE = tuple(outcome.replace("_", "-") for outcome in APART)
COUNTED = ("offered", "answered", "abandoned", "abandoned-short", "unanswered", "failed", "unknown", *OUTSIDE)
"""How calls end, in the order it is printed."""
SHORT_ABANDONS = f"abandoned-wait-{WAIT_BANDS[0]}"
"""The measure of `abandoned-short`."""
RATES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "answer-rate": ("answered", "offered"),
        "abandonment-rate": ("abandoned", "offered"),
        "abandonment-rate-without-short": ("abandoned-without-short", "offered-without-short"),
        **{f"service-level-{t}": (f"answered-within-{t}", f"service-base-{t}") for t in SERVICE_LEVELS},
    }
)
"""Each rate's numerator and denominator, as measures."""
REMAINDERS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {f"{measure}-without-short": (measure, SHORT_ABANDONS) for measure in ("abandoned", "offered")}
)
"""Measures that aren't rounded themselves, but worked out from the two that are: the short abandons are few."""
MOMENTS: Mapping[str, str] = MappingProxyType({"night-share": "offered-night", "weekend-share": "offered-weekend"})
"""Each share of the calls offered, and its measure."""
PERIOD_MEASURES = tuple(
    dict.fromkeys(
        (
            *(SHORT_ABANDONS if name == "abandoned-short" else name for name in COUNTED),
            *(measure for pair in RATES.values() for measure in pair if measure not in REMAINDERS),
            *MOMENTS.values(),
        )
    )
)
"""What is published of a period inside the year, by itself."""
INNER_MEASURES = ("offered", "answered", "abandoned")
"""What is published of it in the report of its year."""

When = Literal["any", "night", "weekend"]
Cell = tuple[str, str]
"""An outcome and a wait band; the band is empty for outcomes that have none."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """What is printed about a figure. `denominator` says that there is none where it is a count."""

    id: str
    name: Words
    definition: Words
    formula: Words
    denominator: Words


@dataclass(frozen=True, slots=True)
class Measure:
    """Which calls a counter counts. Its id is the `indicator` of the keyed rounding: one selection, one id."""

    id: str
    cells: frozenset[Cell]
    when: When = "any"


WAITED = ("answered", "abandoned")
"""The outcomes whose wait is read."""


def normal(outcome: str, band: str) -> Cell:
    """Returns the cell of an hourly counter; only answered and abandoned calls have a wait."""
    return (outcome, band if outcome in WAITED else "")


def _cells(outcomes: Iterable[str], bands: Iterable[str] = WAIT_BANDS) -> frozenset[Cell]:
    kept = tuple(bands)
    return frozenset(normal(outcome, band) for outcome in outcomes for band in kept)


def _bands_before(seconds: int) -> tuple[str, ...]:
    return WAIT_BANDS[: WAIT_EDGES.index(seconds) + 1]


def _bands_after(seconds: int) -> tuple[str, ...]:
    return WAIT_BANDS[WAIT_EDGES.index(seconds) + 1 :]


def _measures() -> Iterable[Measure]:
    reached_ring = tuple(outcome for outcome in OUTCOMES if outcome not in APART)
    others = tuple(outcome for outcome in reached_ring if outcome != "abandoned")
    yield Measure("offered", _cells(reached_ring))
    yield Measure("offered-night", _cells(reached_ring), "night")
    yield Measure("offered-weekend", _cells(reached_ring), "weekend")
    yield Measure("offered-without-short", _cells(others) | _cells(["abandoned"], _bands_after(SHORT)))
    yield Measure("abandoned-without-short", _cells(["abandoned"], _bands_after(SHORT)))
    for outcome in OUTCOMES:
        yield Measure(outcome.replace("_", "-"), _cells([outcome]))
    for outcome in WAITED:
        for band in WAIT_BANDS:
            yield Measure(f"{outcome}-wait-{band}", _cells([outcome], [band]))
    for seconds in SERVICE_LEVELS:
        late = _cells(["abandoned"], _bands_after(seconds))
        yield Measure(f"answered-within-{seconds}", _cells(["answered"], _bands_before(seconds)))
        yield Measure(f"service-base-{seconds}", _cells(["answered"]) | late)


@cache
def measures() -> Mapping[str, Measure]:
    """Returns every counter measure by id; no two select the same calls."""
    return MappingProxyType({measure.id: measure for measure in _measures()})


@cache
def yearly_measures() -> tuple[str, ...]:
    """Returns what is published of a year: every measure that is rounded itself."""
    return tuple(measure for measure in measures() if measure not in REMAINDERS)


@cache
def indicators() -> Mapping[str, Indicator]:
    """Returns every indicator by id, in the order of the methods annex."""
    book = phrasebook("indicators")
    found: dict[str, Indicator] = {}
    for key in dict.fromkeys(key.partition(".")[0] for key in book):
        if key == "service-level":
            for seconds in SERVICE_LEVELS:
                found[f"{key}-{seconds}"] = _indicator(book, key, f"{key}-{seconds}", seconds)
        elif key != "count":
            found[key] = _indicator(book, key, key, 0)
    return MappingProxyType(found)


def _indicator(book: Mapping[str, Words], key: str, id_: str, seconds: int) -> Indicator:
    constants = {"short": SHORT, "night_start": NIGHT_START, "night_end": NIGHT_END, "t": seconds}
    parts = (
        book[f"{key}.name"],
        book[f"{key}.definition"],
        book.get(f"{key}.formula", book["count.formula"]),
        book.get(f"{key}.denominator", book["count.denominator"]),
    )
    name, definition, formula, denominator = (part.fill(**constants) for part in parts)
    return Indicator(id_, name, definition, formula, denominator)
