"""Seeded problems: `quarter(seed)` is what generation is measured with.

- 37 people, plainly numbered; 13 weeks from Monday 22 March 2027 in Paris, with the night in which clocks go forward;
- one line, two tiers, three shifts a day (07-15, 15-23, 23-07): 546 seats, 182 of them nights, 156 of weekends;
- public holidays: 29 March, 1, 6, 8 and 17 May;
- all speak French, 12 Dutch, 8 German, 20 English; somebody who speaks Dutch must be on call in every shift from 07 to
  23, German in those of 07-15 on weekdays, and English should be (a soft need) from 07 to 23;
- 24 have a full share, 7 have 80 %, 6 have 50 %; 4 newcomers, at full share, hold tier 2 only;
- 11 h of rest, five shifts in seven days, three nights in a row; four people two nights only;
- everybody is away one week or two, and would rather not on three days;
- 12 people had a shift in the days before, 8 have one on another line; debts of up to a seat and a half.

Whatever chance decides comes from the seed; the numbers above hold for every seed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from rota.duty import categories, points
from rota.generate.problem import Candidate, Held, Need, Problem, Seat
from rota.model import Span
from rota.staff import Limits
from rota.zones import local_to_utc

PARIS = ZoneInfo("Europe/Paris")
FIRST = date(2027, 3, 22)
WEEKS = 13
HOURS = (7, 15, 23)
HOLIDAYS = (date(2027, 3, 29), date(2027, 5, 1), date(2027, 5, 6), date(2027, 5, 8), date(2027, 5, 17))
SHARES = (*[100] * 24, *[80] * 7, *[50] * 6)
LINE = "france"
DAY = 86_400


def at(day: date, hour: int) -> int:
    """The instant of a full hour in Paris; 24 and more is on the next days."""
    return local_to_utc(datetime.combine(day + timedelta(hour // 24), time(hour % 24)), PARIS)


def seat(span: Span, tier: int, line: str = LINE, skills: frozenset[str] = frozenset()) -> Seat:
    """A seat in Paris, with its categories."""
    kinds = categories(span, PARIS, HOLIDAYS)
    return Seat(span.start, span.end, line, tier, kinds, points(span, kinds), skills)


def quarter(seed: int) -> Problem:
    """The problem that this module describes."""
    random = Random(seed)
    days = [FIRST + timedelta(n) for n in range(7 * WEEKS)]
    spans = [Span(at(day, hour), at(day, hour + 8)) for day in days for hour in HOURS]
    needs = [_need(days[n // 3], span, n % 3) for n, span in enumerate(spans)]
    people = list(range(101, 138))
    skills = {person: {"fr"} for person in people}
    for language, speakers in (("nl", 12), ("de", 8), ("en", 20)):
        for person in random.sample(people, speakers):
            skills[person].add(language)
    shares = random.sample(SHARES, len(SHARES))
    full = [n for n, share in enumerate(shares) if share == 100]
    newcomers, tired = set(random.sample(full, 4)), set(random.sample(range(37), 4))
    before, elsewhere = set(random.sample(range(37), 12)), set(random.sample(range(37), 8))
    return Problem(
        seats=tuple(seat(span, tier) for span in spans for tier in (1, 2)),
        candidates=tuple(
            Candidate(
                person=person,
                skills=frozenset(skills[person]),
                tiers=frozenset({2}) if n in newcomers else frozenset(),
                share=shares[n],
                limits=Limits(nights=2) if n in tired else Limits(),
                absent=_weeks_away(random),
                wishes=tuple(_day(day) for day in sorted(random.sample(days, 3))),
                held=_held(random, early=n in before, elsewhere=n in elsewhere),
                debt={name: random.randint(-150, 150) for name in ("night", "weekend")},
            )
            for n, person in enumerate(people)
        ),
        needs=tuple(need for several in needs for need in several),
        seed=seed,
        zones={LINE: PARIS, "belgique": PARIS},
    )


def _need(day: date, span: Span, part: int) -> list[Need]:
    found = []
    if part < 2:
        found.append(Need(span.start, span.end, LINE, 1, frozenset({"nl"}), "all", hard=True))
        found.append(Need(span.start, span.end, LINE, 1, frozenset({"en"}), "all", hard=False))
    if part == 0 and day.isoweekday() < 6:
        found.append(Need(span.start, span.end, LINE, 1, frozenset({"de"}), "all", hard=True))
    return found


def _day(day: date) -> Span:
    return Span(at(day, 0), at(day, 24))


def _weeks_away(random: Random) -> tuple[Span, ...]:
    first = FIRST + timedelta(7 * random.randrange(WEEKS - 1))
    return (Span(at(first, 0), at(first + timedelta(7 * random.choice((1, 2))), 0)),)


def _held(random: Random, *, early: bool, elsewhere: bool) -> tuple[Held, ...]:
    found = []
    if early:
        found.append((FIRST - timedelta(1), random.choice(HOURS), LINE))
    if elsewhere:
        found.append((FIRST + timedelta(random.randrange(7, 7 * WEEKS)), random.choice(HOURS), "belgique"))
    return tuple(Held(at(day, hour), at(day, hour + 8), hour == 23, line, 1) for day, hour, line in found)


def leave(problem: Problem, holders: tuple[int | None, ...], person: int, first: date, days: int) -> Problem:
    """The repair of an assignment after somebody is away for so many days from a date on; all before stays."""
    away = Span(at(first, 0), at(first + timedelta(days), 0))
    known = {n: holder for n, holder in enumerate(holders) if holder is not None}
    return Problem(
        seats=problem.seats,
        candidates=tuple(c if c.person != person else _with_absence(c, away) for c in problem.candidates),
        needs=problem.needs,
        fixed={n: holder for n, holder in known.items() if problem.seats[n].start < away.start},
        before={n: holder for n, holder in known.items() if problem.seats[n].start >= away.start},
        repair=True,
        seed=problem.seed,
        zones=problem.zones,
    )


def _with_absence(candidate: Candidate, away: Span) -> Candidate:
    return replace(candidate, absent=(*candidate.absent, away))
