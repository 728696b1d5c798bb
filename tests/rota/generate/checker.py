"""Reads a finished rota and says what is wrong with it: written from the rules as people know them, and slow.

It shares no code with the engines, with rota.limits or rota.duty: only the values that go in and come out. A night is
somebody's if they are on call when the wall clock first shows 03:00 or later on that day.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import combinations, pairwise
from zoneinfo import ZoneInfo

from rota.generate.problem import Candidate, Problem

Duty = tuple[int, int, str, int | None]
"""Start, end, line, and the seat's number; None for what is held beside the seats."""


def offences(problem: Problem, holders: Sequence[int | None], stood: Collection[int] = ()) -> list[str]:
    """Each rule of a person that is broken, if a seat that the engine gave away has a part in it.

    `stood` are the seats that it left where they were; a rule that only they break was broken before.
    """
    found = []
    given = {n for n in range(len(problem.seats)) if n not in problem.fixed and n not in stood}
    for who in problem.candidates:
        seats = [n for n, holder in enumerate(holders) if holder == who.person]
        duties: list[Duty] = [(problem.seats[n].start, problem.seats[n].end, problem.seats[n].line, n) for n in seats]
        duties += [(h.start, h.end, h.line, None) for h in who.held]
        duties.sort(key=lambda d: (d[0], d[1]))
        for rule, involved in [*_each(problem, who, seats), *_pairs(who, duties), *_rows(problem, who, duties)]:
            if given & set(involved):
                found.append(f"{who.person}: {rule} {sorted(n for n in involved if n is not None)}")
    known = {who.person for who in problem.candidates} | set(problem.fixed.values())
    found += [f"{holder} is unknown" for holder in set(holders) - {None} if holder not in known]
    found += [f"fixed {n}" for n, holder in problem.fixed.items() if holders[n] != holder]
    return found


def unmet(problem: Problem, holders: Sequence[int | None], *, hard: bool) -> list[int]:
    """The needs that aren't met at some instant, by their place."""
    found = []
    people = {who.person: who for who in problem.candidates}
    for place, need in enumerate(problem.needs):
        moments = {need.start} | {s.start for s in problem.seats} | {s.end for s in problem.seats}
        moments |= {edge for who in problem.candidates for h in who.held for edge in (h.start, h.end)}
        for moment in sorted(m for m in moments if need.start <= m < need.end):
            there = [
                people[holder]
                for seat, holder in zip(problem.seats, holders, strict=True)
                if seat.line == need.line and seat.start <= moment < seat.end and holder in people
            ]
            there += [w for w in people.values() for h in w.held if h.line == need.line and h.start <= moment < h.end]
            if sum(_can(need.skills, need.match, who) for who in there) < need.n and need.hard == hard:
                found.append(place)
                break
    return found


def _can(wanted: frozenset[str], match: str, who: Candidate) -> bool:
    have = [skill in who.skills for skill in wanted]
    return not have or (all(have) if match == "all" else any(have))


def _each(problem: Problem, who: Candidate, seats: list[int]) -> list[tuple[str, list[int | None]]]:
    found: list[tuple[str, list[int | None]]] = []
    for n in seats:
        seat = problem.seats[n]
        if who.tiers and seat.tier not in who.tiers:
            found.append(("tier", [n]))
        if not _can(seat.skills, seat.match, who):
            found.append(("skills", [n]))
        if any(away.start < seat.end and seat.start < away.end for away in who.absent):
            found.append(("absent", [n]))
        if who.share <= 0:
            found.append(("share", [n]))
    return found


def _pairs(who: Candidate, duties: list[Duty]) -> list[tuple[str, list[int | None]]]:
    """Overlaps, too little rest, too long without any."""
    found: list[tuple[str, list[int | None]]] = []
    for one, other in combinations(duties, 2):
        if other[0] < one[1]:
            found.append(("overlap", [one[3], other[3]]))
    works = _works(duties)
    for work in works:
        length = max(d[1] for d in work) - work[0][0]
        if len(work) > 1 and length > who.limits.stretch:
            found.append(("stretch", [d[3] for d in work]))
    for before, after in pairwise(works):
        if after[0][0] - max(d[1] for d in before) < who.limits.rest:
            found.append(("rest", [d[3] for d in (*before, *after)]))
    for work in works:
        week = [w for w in works if 0 <= w[0][0] - work[0][0] < 604_800]
        if len(week) > who.limits.week:
            found.append(("week", [d[3] for w in week for d in w]))
    return found


def _works(duties: list[Duty]) -> list[list[Duty]]:
    works: list[list[Duty]] = []
    for duty in duties:
        if works and duty[0] <= max(d[1] for d in works[-1]):
            works[-1].append(duty)
        else:
            works.append([duty])
    return works


def _rows(problem: Problem, who: Candidate, duties: list[Duty]) -> list[tuple[str, list[int | None]]]:
    """Too many nights in a row."""
    nightly: dict[date, list[int | None]] = {}
    waking = {(h.start, h.end, h.line) for h in who.held if h.night}
    for start, end, line, n in duties:
        if n is not None or (start, end, line) in waking:
            for day in night_days(start, end, problem.zones.get(line, ZoneInfo("UTC"))):
                nightly.setdefault(day, []).append(n)
    found: list[tuple[str, list[int | None]]] = []
    for first in nightly:
        row = [first + timedelta(n) for n in range(who.limits.nights + 1)]
        if all(day in nightly for day in row):
            found.append(("nights", [n for day in row for n in nightly[day]]))
    return found


@cache
def night_days(start: int, end: int, zone: ZoneInfo) -> list[date]:
    """The days whose 03:00 somebody on call from `start` to `end` sees, found by looking at the clock every minute."""
    found = []
    for moment in range(start - start % 60, end, 60):
        now, before = (datetime.fromtimestamp(m, UTC).astimezone(zone) for m in (moment, moment - 60))
        if moment >= start and now.hour >= 3 and (before.hour < 3 or before.date() < now.date()):
            day = now.date()
            if day not in found:
                found.append(day)
    return found
