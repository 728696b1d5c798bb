"""Who has had how much: shifts, nights, weekends, holidays, hours, points, beside what would have been their share.

Everything is in hundredths: of a shift, of an hour, of a point (an ordinary hour's weight, see `rota.duty`).

A share is of what was held, not of what was to be held: an open seat is nobody's. It goes by full-time share and by
presence, among those who may hold a tier in which there was any of it. What somebody had more than that, they are ahead
by; a quarter's end writes it into the ledger, and `carried` is what the next rota starts from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from rota.duty import CATEGORIES, Category, points
from rota.model import Shift, Span
from rota.staff import Absence, Staff

MEASURES: tuple[str, ...] = (*CATEGORIES, "hours", "points")
"""What is counted: shifts of each category, hours, points."""
ONE = 100
MOST_CARRIED = 3 * ONE
"""How much of a debt is carried on at most, either way, in each category: what one quarter can make good. Whoever alone
has a skill is ahead in every quarter; nothing is gained by carrying that on for years."""
Kinds = Callable[[Span], frozenset[Category]]
"""What a shift over this span is; see `rota.duty.categories`."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody held, their share of it, and by how much they were ahead before, each by measure, in hundredths."""

    person: int
    held: Mapping[str, int]
    share: Mapping[str, int]
    debt: Mapping[str, int]

    def deviation(self, measure: str) -> int:
        """By how much they had more than their share; less than zero for less."""
        return self.held[measure] - self.share[measure]


def standings(
    shifts: Iterable[Shift],
    staff: Iterable[Staff],
    absences: Iterable[Absence],
    span: Span,
    kinds: Kinds,
    debts: Mapping[int, Mapping[str, int]],
) -> tuple[Standing, ...]:
    """How one line's shifts that begin in `span` were shared out, by person; the shares add up to what was held.

    Who is in `staff` but could hold none of it, and held none, is left out. A shift cut in two counts for both who held
    it; hours and points say how much it was. Soft absences take nothing off a share. Who joined meanwhile is there
    from then on, or from a shift that they held before.
    """
    every = list(staff)
    counted = [s for s in shifts if s.status != "cancelled" and s.person is not None and span.holds(s.start)]
    measured = [(shift, measures(shift.span, kinds)) for shift in counted]
    known = {person.id: person for person in _here_since(every, counted)}
    held: dict[int, dict[str, int]] = {}
    tiers: dict[str, set[int]] = {measure: set() for measure in MEASURES}
    for shift, amounts in measured:
        own = held.setdefault(shift.person or 0, dict.fromkeys(MEASURES, 0))
        for measure, amount in amounts.items():
            own[measure] += amount
            tiers[measure].add(shift.tier)
    weights = _weights(known, absences, span)
    shares = {measure: _shares(measure, held, tiers[measure], known, weights) for measure in MEASURES}
    people = {*held, *(person for shared in shares.values() for person in shared)}
    return tuple(
        Standing(
            person,
            held.get(person, dict.fromkeys(MEASURES, 0)),
            {measure: shares[measure].get(person, 0) for measure in MEASURES},
            debts.get(person, {}),
        )
        for person in sorted(people)
    )


def measures(span: Span, kinds: Kinds) -> dict[str, int]:
    """What a shift over this span adds to each measure."""
    found = kinds(span)
    return dict.fromkeys(found, ONE) | {"hours": span.seconds * ONE // 3600, "points": points(span, found)}


def weight(person: Staff, away: Iterable[Absence], span: Span) -> int:
    """Full-time share times the seconds of `span` in which somebody is there: employed, and not away (hard)."""
    end = span.end if person.left is None else min(span.end, person.left)
    present, at = 0, span.start if person.joined is None else max(span.start, person.joined)
    for absence in sorted((each for each in away if each.hard), key=lambda each: each.start):
        if absence.start > at:
            present += max(0, min(absence.start, end) - at)
        at = max(at, absence.end)
    return person.share * (present + max(0, end - at))


def carried(closed: Iterable[Mapping[str, tuple[int, int]]]) -> dict[str, int]:
    """By how much somebody is ahead after these quarters, the earliest first: `(held, share)` of each category."""
    debt = dict.fromkeys(CATEGORIES, 0)
    for quarter in closed:
        for category in CATEGORIES:
            held, share = quarter.get(category, (0, 0))
            debt[category] = max(-MOST_CARRIED, min(MOST_CARRIED, debt[category] + held - share))
    return {category: amount for category, amount in debt.items() if amount}


def parts(total: int, weights: Mapping[int, int]) -> dict[int, int]:
    """`total` in whole parts, by weight; they add up to it, and none is off by one or more. Nothing without weights."""
    whole = sum(weights.values())
    if not whole:
        return {}
    shared = {person: total * own // whole for person, own in weights.items()}
    by_rest = sorted(weights, key=lambda person: (-(total * weights[person] % whole), person))
    for person in by_rest[: total - sum(shared.values())]:
        shared[person] += 1
    return shared


def _here_since(staff: Iterable[Staff], shifts: Iterable[Shift]) -> Iterator[Staff]:
    """Everybody, there from the first shift they hold if that is before they joined: tables may tell of the past."""
    first: dict[int, int] = {}
    for shift in shifts:
        if shift.person is not None:
            first[shift.person] = min(shift.start, first.get(shift.person, shift.start))
    for person in staff:
        if person.joined is not None and first.get(person.id, person.joined) < person.joined:
            yield replace(person, joined=first[person.id])
        else:
            yield person


def _weights(staff: Mapping[int, Staff], absences: Iterable[Absence], span: Span) -> dict[int, int]:
    away: dict[int, list[Absence]] = {}
    for absence in absences:
        away.setdefault(absence.person, []).append(absence)
    return {person: weight(each, away.get(person, ()), span) for person, each in staff.items()}


def _shares(
    measure: str,
    held: Mapping[int, Mapping[str, int]],
    tiers: Iterable[int],
    staff: Mapping[int, Staff],
    weights: Mapping[int, int],
) -> dict[int, int]:
    """Each one's share of all that was held of a measure; where nobody could have held it, what they held."""
    able = {
        person: weights[person]
        for person, each in staff.items()
        if weights[person] and any(each.may_hold(tier) for tier in tiers)
    }
    total = sum(own[measure] for own in held.values())
    return parts(total, able) or {person: own[measure] for person, own in held.items()}
