"""A made-up year of a doctors' line, for the demonstration database: nothing in it happened to anybody.

The shares are quotas, not draws, so that the report shows them whatever the seed; the seed decides which call is which.
"""

from __future__ import annotations

import calendar
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from reports.model import (
    NOT_CODED,
    SUPPORT,
    HourlyCount,
    MonthlyCount,
    Record,
    duration_band_of,
    is_night,
    wait_band_of,
)
from reports.periods import Profile, profile_of, within

T = TypeVar("T")
Hour = tuple[int, datetime]
"""UTC epoch seconds of an hour's start, and the same in the line's local time."""

OUTCOMES = {"answered": 0.893, "abandoned": 0.09, "unanswered": 0.009, "failed": 0.003, "unknown": 0.005}
GREETING = 0.06
"""Calls that hang up in the greeting, on top of those that reach the ring."""
NIGHT = 0.3
CONTACTS = {SUPPORT: 0.935, "silent": 0.018, "hang-up": 0.022, "abusive": 0.006, "test": 0.006, NOT_CODED: 0.013}
BRIEF_SUPPORT = 0.03
"""Of support contacts, those under a minute."""
REASONS = {
    "burnout": 0.26, "orientation": 0.12, "hierarchy-conflict": 0.11, "working-conditions": 0.07, "health": 0.07,
    "workload": 0.055, "harassment": 0.045, "colleague-conflict": 0.04, "family": 0.04, "complaint": 0.03,
    "suicidal-thoughts": 0.025, "procedure": 0.025, "training-placement": 0.025, "other": 0.025, "addiction": 0.02,
    "bereavement": 0.015, "financial": 0.015, "violence": 0.01,
}  # fmt: skip
CALLERS = {"doctor": 0.7, "in-training": 0.17, "relative": 0.06, "other-carer": 0.03, "undisclosed": 0.04}
STATUSES = {"salaried": 0.43, "independent": 0.3, "in-training": 0.17, "retired": 0.03, "undisclosed": 0.07}
SPECIALITIES = {
    "general-practice": 0.38, "hospital-medicine": 0.16, "anaesthesia": 0.08, "emergency": 0.08, "psychiatry": 0.07,
    "surgery": 0.07, "women-children": 0.06, "other-speciality": 0.05, "undisclosed": 0.05,
}  # fmt: skip
TERRITORIES: Mapping[str, Mapping[str, float]] = {
    "france": {
        "ile-de-france": 20, "auvergne-rhone-alpes": 13, "occitanie": 9, "nouvelle-aquitaine": 9, "hauts-de-france": 8,
        "provence-alpes-cote-d-azur": 8, "grand-est": 7, "bretagne": 5, "pays-de-la-loire": 5, "normandie": 4,
        "bourgogne-franche-comte": 3, "centre-val-de-loire": 3, "outre-mer": 2, "corse": 0.5, "undisclosed": 3.5,
    },
    "belgium": {
        "antwerpen": 16, "brussels": 14, "oost-vlaanderen": 13, "liege": 11, "hainaut": 10, "vlaams-brabant": 10,
        "west-vlaanderen": 9, "limburg": 6, "namur": 4, "waals-brabant": 3, "luxembourg": 1, "undisclosed": 3,
    },
}  # fmt: skip
LANGUAGES: Mapping[str, Mapping[str | None, float]] = {"belgium": {"nl": 0.53, "fr": 0.42, None: 0.05}}
"""Languages kept, by line; German and English are too rare in Belgium to be kept."""
REORIENTED = 0.69
ORIENTATIONS = {
    "psychologist": 0.34, "association": 0.12, "occupational-health": 0.11, "gp": 0.1, "psychiatrist": 0.09,
    "council": 0.08, "legal-aid": 0.06, "social-service": 0.04, "partner-clinic": 0.03, "emergency": 0.01,
    "other": 0.02,
}  # fmt: skip
SEVERITIES: Mapping[int | None, float] = {1: 0.2, 2: 0.37, 3: 0.29, 4: 0.09, 5: 0.015, None: 0.035}
MONTHS = (1.08, 1.02, 1.06, 0.99, 1.0, 0.98, 0.84, 0.74, 1.03, 1.08, 1.12, 1.06)
WEEKDAYS = (1.15, 1.1, 1.06, 1.03, 0.98, 0.8, 0.88)
DAY_HOURS = {
    7: 0.5, 8: 0.8, 9: 1.1, 10: 1.2, 11: 1.15, 12: 1.0, 13: 1.0, 14: 1.1, 15: 1.1, 16: 1.15, 17: 1.25, 18: 1.4,
    19: 1.5, 20: 1.5, 21: 1.3,
}  # fmt: skip
NIGHT_HOURS = {22: 2.2, 23: 1.8, 0: 1.3, 1: 1.0, 2: 0.8, 3: 0.6, 4: 0.6, 5: 0.6, 6: 0.7}
MEAN_TALK = 29 * 60
"""Seconds, of all answered calls."""
BRIEF_CALLS = 0.08
"""Of answered calls, those under a minute."""
LONGEST_TALK = 2 * 60 * 60


def synthetic_year(
    year: int, line: str, calls: int, seed: int, zone: str = "Europe/Paris"
) -> tuple[list[Record], list[HourlyCount], list[MonthlyCount]]:
    """Returns records, hourly and monthly counters of `calls` calls that reached the ring; the same for the same seed.

    ValueError if `calls` is negative.
    """
    if calls < 0:
        raise ValueError(f"a year of {calls} calls is impossible")
    rng = random.Random(f"{year}:{line}:{calls}:{seed}")  # noqa: S311 - made-up figures need to repeat, not to be secret
    ends = quota(OUTCOMES, calls, rng)
    hours = _hours(year, ZoneInfo(zone), calls, rng)
    answered = [hour for hour, outcome in zip(hours, ends, strict=True) if outcome == "answered"]
    greeting = _hours(year, ZoneInfo(zone), round(GREETING * calls), rng)
    records = _records(year, line, answered, profile_of(calls), rng)
    return records, _hourly(line, hours, ends, greeting, rng), _monthly(line, answered, rng)


def quota(shares: Mapping[T, float], n: int, rng: random.Random) -> list[T]:
    """Returns `n` values in random order, each as often as its share says to within one."""
    whole = sum(shares.values())
    exact = {value: n * share / whole for value, share in shares.items()}
    counts = {value: int(number) for value, number in exact.items()}
    left = sorted(exact, key=lambda value: counts[value] - exact[value])
    for value in left[: n - sum(counts.values())]:
        counts[value] += 1
    values = [value for value, count in counts.items() for _ in range(count)]
    rng.shuffle(values)
    return values


def _hours(year: int, zone: ZoneInfo, n: int, rng: random.Random) -> list[Hour]:
    """Returns the hours in which `n` calls came in: weighted by month, weekday and hour, NIGHT of them at night."""
    months = dict(zip(range(1, 13), MONTHS, strict=True))
    drawn_months = quota(months, n, rng)
    nights = quota({True: NIGHT, False: 1 - NIGHT}, n, rng)
    return [_hour(year, month, night, zone, rng) for month, night in zip(drawn_months, nights, strict=True)]


def _hour(year: int, month: int, night: bool, zone: ZoneInfo, rng: random.Random) -> Hour:
    days = range(1, calendar.monthrange(year, month)[1] + 1)
    weights = [WEEKDAYS[calendar.weekday(year, month, day)] for day in days]
    hours = NIGHT_HOURS if night else DAY_HOURS
    day = rng.choices(days, weights)[0]
    local = datetime(year, month, day, rng.choices(list(hours), list(hours.values()))[0], tzinfo=zone)
    start = int(local.timestamp())
    # The hour that spring skips is told in the hour after it, as a clock on the wall would.
    return start, datetime.fromtimestamp(start, zone)


def _wait(outcome: str, rng: random.Random) -> float:
    """Returns seconds in the queue: most answers come in half a minute, those who give up do so early or late."""
    if outcome == "answered":
        return 4 + rng.lognormvariate(2.95, 0.75)
    return rng.expovariate(1 / 4) if rng.random() < 0.3 else 5 + rng.expovariate(1 / 55)


def _hourly(
    line: str, hours: Sequence[Hour], ends: Sequence[str], greeting: Sequence[Hour], rng: random.Random
) -> list[HourlyCount]:
    counts: Counter[tuple[int, str, str]] = Counter()
    for (start, _), outcome in zip(hours, ends, strict=True):
        counts[start, outcome, wait_band_of(_wait(outcome, rng))] += 1
    for start, _ in greeting:
        counts[start, "left_in_greeting", wait_band_of(0)] += 1
    return [HourlyCount(line, hour, outcome, band, n) for (hour, outcome, band), n in sorted(counts.items())]


def _talks(n: int, rng: random.Random) -> list[int]:
    """Returns the seconds of `n` talks: a few hardly began, the others spread so that the mean of all is MEAN_TALK."""
    brief = [rng.randint(5, 59) for _ in range(round(BRIEF_CALLS * n))]
    drawn = [rng.gammavariate(2.2, 1.0) for _ in range(n - len(brief))]
    scale = (MEAN_TALK * n - sum(brief)) / sum(drawn) if drawn else 0
    talks = brief + [min(LONGEST_TALK, max(60, round(scale * share))) for share in drawn]
    rng.shuffle(talks)
    return talks


def _monthly(line: str, answered: Sequence[Hour], rng: random.Random) -> list[MonthlyCount]:
    counts: Counter[tuple[str, str]] = Counter()
    seconds: Counter[tuple[str, str]] = Counter()
    for (_, local), talk in zip(answered, _talks(len(answered), rng), strict=True):
        cell = (f"{local:%Y-%m}", duration_band_of(talk))
        counts[cell] += 1
        seconds[cell] += talk
    return [MonthlyCount(line, month, seconds[month, band], band, n) for (month, band), n in sorted(counts.items())]


def _records(year: int, line: str, answered: Sequence[Hour], profile: Profile, rng: random.Random) -> list[Record]:
    n = len(answered)
    territories = TERRITORIES.get(line, {"undisclosed": 1})
    languages: Mapping[str | None, float] = LANGUAGES.get(line, {None: 1})
    contacts = quota(CONTACTS, n, rng)
    said = zip(
        quota(CALLERS, n, rng),
        quota(STATUSES, n, rng),
        quota(SPECIALITIES, n, rng),
        quota(territories, n, rng),
        quota(languages, n, rng),
        strict=True,
    )
    talks = iter(_conversations(contacts.count(SUPPORT), rng))
    records = []
    for (_, local), contact, (caller, status, speciality, territory, language) in zip(
        answered, contacts, said, strict=True
    ):
        substantive, reasons, orientations, severity = next(talks) if contact == SUPPORT else (False, (), (), None)
        known = contact == SUPPORT
        records.append(
            Record(
                line=line,
                period=within(f"{year}-{local.month:02}", profile),
                night=is_night(local.hour),
                contact=contact,
                substantive=substantive,
                caller=caller if known else "undisclosed",
                status=status if known else "undisclosed",
                speciality=speciality if known else "undisclosed",
                territory=territory if known else "undisclosed",
                reasons=reasons,
                orientations=orientations,
                severity=severity,
                language=language if known else None,
                key=rng.getrandbits(32),
            )
        )
    rng.shuffle(records)
    return records


Conversation = tuple[bool, tuple[str, ...], tuple[str, ...], int | None]


def _conversations(n: int, rng: random.Random) -> list[Conversation]:
    """Returns `n` support contacts in random order; the shares hold among the substantive ones."""
    brief = round(BRIEF_SUPPORT * n)
    whole = n - brief
    mains, severities = quota(REASONS, whole, rng), quota(SEVERITIES, whole, rng)
    reoriented = quota({True: REORIENTED, False: 1 - REORIENTED}, whole, rng)
    firsts = iter(quota(ORIENTATIONS, sum(reoriented), rng))
    found: list[Conversation] = [(False, (), (), None)] * brief
    for main, severity, given in zip(mains, severities, reoriented, strict=True):
        pointed = _more(next(firsts), ORIENTATIONS, (0.8, 0.2), rng) if given else ()
        found.append((True, _more(main, REASONS, (0.55, 0.33, 0.12), rng), pointed, severity))
    rng.shuffle(found)
    return found


def _more(first: str, shares: Mapping[str, float], how_many: Sequence[float], rng: random.Random) -> tuple[str, ...]:
    """Returns `first` and as many different others as drawn from `how_many`, the chances of 0, 1, 2 ... more."""
    chosen = [first]
    for _ in range(rng.choices(range(len(how_many)), how_many)[0]):
        others = {code: share for code, share in shares.items() if code not in chosen}
        chosen.append(rng.choices(list(others), list(others.values()))[0])
    return tuple(chosen)
