"""Small random problems, crowded: also those that can't be solved, and those whose fixed seats break rules."""

from __future__ import annotations

from typing import Literal
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from rota.duty import categories, nights, points
from rota.generate.problem import Candidate, Held, Need, Problem, Seat
from rota.model import LANGUAGES, Span
from rota.staff import Limits
from tests.rota.strategies import DAY, HOUR, ZONES, utc

SPRING, AUTUMN = utc(2027, 3, 26), utc(2027, 10, 29)
"""Shortly before the clocks change in Paris and Brussels."""
GRID = 2 * HOUR
SKILLS: st.SearchStrategy[frozenset[str]] = st.one_of(
    st.just(frozenset()), st.frozensets(st.sampled_from(LANGUAGES), max_size=2)
)
MATCHES: st.SearchStrategy[Literal["all", "any"]] = st.sampled_from(("all", "any"))
LINES = st.sampled_from(("france", "france", "belgique"))


@st.composite
def problems(draw: st.DrawFn, most: int = 18) -> Problem:
    """Up to `most` seats over a few days or two weeks, and up to four people with limits that are soon reached."""
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    first = draw(st.sampled_from((SPRING, AUTUMN)))
    days = draw(st.sampled_from((3, 5, 12)))
    length = draw(st.sampled_from((0, 4, 8, 12)))
    seats = draw(st.lists(_seats(first, zone, days, length), max_size=most))
    seats.sort(key=lambda s: (s.start, s.tier, s.line))
    people = draw(st.sampled_from((2, 1, 3, 4, 0)))
    candidates = tuple(draw(_candidates(first, person, zone, days)) for person in range(1, people + 1))
    holders = st.sampled_from([*(c.person for c in candidates), 77])
    fixed = st.dictionaries(st.sampled_from(range(len(seats))), holders, max_size=3) if seats else st.just({})
    return Problem(
        seats=tuple(seats),
        candidates=candidates,
        needs=tuple(draw(st.lists(_needs(first, days), max_size=4))),
        fixed=draw(st.one_of(st.just({}), fixed)),
        seed=draw(st.integers(0, 3)),
        zones={"france": zone, "belgique": zone},
    )


@st.composite
def spans(draw: st.DrawFn, first: int, days: int, longest: int = 12) -> Span:
    """Some hours in these days, from one full even hour to another."""
    start = first + draw(st.integers(0, days * DAY // GRID - 1)) * GRID
    return Span(start, start + draw(st.integers(1, longest // 2)) * GRID)


@st.composite
def _seats(draw: st.DrawFn, first: int, zone: ZoneInfo, days: int, length: int) -> Seat:
    """Of any length, or as most lines have it: all of one length, one after another."""
    span = draw(spans(first, days))
    if length:
        start = first + draw(st.integers(0, days * 24 // length - 1)) * length * HOUR
        span = Span(start, start + length * HOUR)
    kinds = categories(span, zone)
    skills, match, tier = draw(SKILLS), draw(MATCHES), draw(st.integers(1, 2))
    return Seat(span.start, span.end, draw(LINES), tier, kinds, points(span, kinds), skills, match)


@st.composite
def _candidates(draw: st.DrawFn, first: int, person: int, zone: ZoneInfo, days: int) -> Candidate:
    limits = Limits(
        rest=draw(st.sampled_from((0, 4, 8, 12))) * HOUR,
        stretch=draw(st.sampled_from((13, 8, 20))) * HOUR,
        week=draw(st.integers(2, 6)),
        nights=draw(st.integers(1, 3)),
    )
    held = draw(st.lists(spans(first - DAY, days), max_size=2))
    return Candidate(
        person=person,
        skills=draw(st.frozensets(st.sampled_from(LANGUAGES), min_size=2)),
        tiers=draw(st.sampled_from((frozenset(), frozenset({1, 2}), frozenset({1})))),
        share=draw(st.sampled_from((100, 100, 100, 50, 50, 0))),
        limits=limits,
        absent=tuple(draw(st.lists(spans(first, days, 24), max_size=2))),
        wishes=tuple(draw(st.lists(spans(first, days, 24), max_size=1))),
        held=tuple(Held(s.start, s.end, bool(nights(s, zone)), draw(LINES), 1) for s in held),
        debt=draw(st.dictionaries(st.sampled_from(("shift", "night", "weekend")), st.integers(-300, 300), max_size=2)),
    )


@st.composite
def _needs(draw: st.DrawFn, first: int, days: int) -> Need:
    span = draw(spans(first, days, 48))
    skills = draw(st.frozensets(st.sampled_from(LANGUAGES), min_size=1, max_size=2))
    return Need(span.start, span.end, draw(LINES), draw(st.integers(1, 2)), skills, draw(MATCHES), draw(st.booleans()))
