"""How long it takes to find where a rota falls short of its line's rules, and who could help."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time
from functools import partial
from zoneinfo import ZoneInfo

from rota.calendar_days import holidays_of
from rota.coverage import gaps
from rota.gaps import Gap
from rota.model import LANGUAGES, Person, Shift, Span
from rota.oncall import Roster
from rota.replacing import candidates
from rota.staff import HOLIDAY, HOUR, WEEKDAYS, CoverageRule, Staff, standing
from rota.zones import local_to_utc
from tests.bench.lookups import best

LINE, ZONE = "france", ZoneInfo("Europe/Paris")
FIRST = local_to_utc(datetime(2026, 1, 1), ZONE)
SHIFTS, TIERS, PEOPLE = 100_000, 2, 37
YEARS = 12
EMPTY = 0.002
"""The share of seats that nobody holds."""


def print_cover() -> None:
    """Prints the time of a sweep for gaps of 100,000 shifts in two tiers, without rules and with, and of one seat.

    The rota is made up: 37 people of whom all speak French and every second one or two languages more, a hand-off in
    each tier every two hours or so for twelve years, one seat of five hundred empty. The rules: by day and by night one
    in each tier, two on public holidays, and each of four languages better than not by day. The times include what the
    rules are in instants, which is found anew each time the rota is looked at over other days.
    """
    chance = random.Random(1)
    people = [
        Person(n, f"Person {n}", frozenset({"fr", *chance.sample(LANGUAGES, n % 2 * chance.randint(1, 2))}))
        for n in range(PEOPLE)
    ]
    step = YEARS * 365 * 24 * HOUR // (SHIFTS // TIERS)
    shifts = _shifts(chance, step)
    roster, span = Roster.build(shifts, people), Span(FIRST, FIRST + SHIFTS // TIERS * step)
    holidays = holidays_of("FR", range(2025, 2027 + YEARS))
    for name, rules in (("no rules", standing(LINE, (1, 2), LANGUAGES)), ("ten rules", _rules())):
        sweep = partial(gaps, roster, LINE, rules, ZONE, holidays, span)
        print(f"gaps()      {SHIFTS:7,} shifts, {name}: {1000 * best(sweep, 1):6.1f} ms for {len(sweep()):,} gaps")
    print(
        f"candidates()  {PEOPLE} people for one seat: {1000 * best(partial(_choose, people, shifts[:2000]), 5):.1f} ms"
    )


def _shifts(chance: random.Random, step: int) -> list[Shift]:
    made = []
    for n in range(SHIFTS):
        begins = FIRST + n // TIERS * step
        person = None if chance.random() < EMPTY else (7 * n + chance.randint(0, 6)) % PEOPLE
        made.append(Shift(n, LINE, 1 + n % TIERS, person, begins, begins + step))
    return made


def _rules() -> list[CoverageRule]:
    since, day, night = date(2020, 1, 1), (time(8), time(20)), (time(20), time(8))
    made = [
        CoverageRule(0, LINE, tier, days, *hours, since, n=n)
        for tier in (1, 2)
        for days, hours, n in ((WEEKDAYS, day, 1), (WEEKDAYS, night, 1), (frozenset({HOLIDAY}), (time(), time()), 2))
    ]
    made += [CoverageRule(0, LINE, None, WEEKDAYS, *day, since, skills=frozenset({x}), hard=False) for x in LANGUAGES]
    return [replace(rule, id=number) for number, rule in enumerate(made, 1)]


def _choose(people: Sequence[Person], shifts: Sequence[Shift]) -> object:
    staff = {person.id: Staff(person.id, person.name, person.skills) for person in people}
    middle = shifts[len(shifts) // 2].start
    return candidates(Gap(middle, middle + 8 * HOUR, LINE, "nobody", 1), staff, shifts, (), {LINE: ZONE})
