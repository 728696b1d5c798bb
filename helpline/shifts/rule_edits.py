"""Adding a coverage rule and ending one: an edit like any other, which can be undone, and changes no shift."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from sqlalchemy import insert, update

from helpline.errors import UsageError
from helpline.lines import Line
from helpline.shifts.editing import Desk, Edit, editing
from helpline.shifts.rules import holidays_in, stored_rules
from helpline.store.rota_tables import CoverageRule as RuleRow
from rota.coverage import asked
from rota.gaps import Gap, sweep
from rota.model import LANGUAGES, Person, Span
from rota.oncall import Roster
from rota.staff import DAY, HOLIDAY, WEEKDAYS, CoverageRule, Staff
from rota.zones import local_to_utc, utc_to_local

AHEAD = 28 * DAY
"""Seconds from now on, or from a rule's beginning, over which it is said where it isn't kept."""
MOST = 20
"""People that a rule can ask for."""


@dataclass(frozen=True, slots=True)
class Ruled:
    """What adding or ending a rule came to: the rule, the edit's number (None when it was only tried).

    `warnings` are sentences; `gaps` where the rule isn't kept in the first four weeks in which it holds.
    """

    rule: CoverageRule
    edit: int | None
    warnings: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()


def add_rule(desk: Desk, rule: CoverageRule, actor: str, now: int, *, dry: bool = False) -> Ruled:
    """Keeps a rule; it gets its number. Raises `UsageError` for what no line can ask for."""
    line = _line(desk, rule.line)
    _refuse(rule, line)
    with editing(desk, "rule", actor, now, dry=dry) as edit:
        kept = stored_rules(edit.tx, line.name)
        warnings = tuple(_warnings(rule, kept, edit.staff.values()))
        number = edit.tx.execute(insert(RuleRow).returning(RuleRow.id), _row(rule)).scalar_one()
        added = replace(rule, id=number)
        edit.tell({"rule": number})
        found = _unkept(edit, added, line, now)
    return Ruled(added, edit.outcome.edit, warnings, found)


def end_rule(desk: Desk, number: int, until: date, actor: str, now: int, *, dry: bool = False) -> Ruled:
    """Ends a rule: it holds for no day from `until` on. Raises `UsageError` when there is none, or for the past."""
    with editing(desk, "rule-end", actor, now, dry=dry) as edit:
        rule = next((rule for rule in stored_rules(edit.tx) if rule.id == number), None)
        if rule is None:
            raise UsageError(f"there is no rule {number}: 'helpline rota rule list' shows them")
        line = _line(desk, rule.line)
        if rule.until is not None and rule.until <= until:
            raise UsageError(f"rule {number} ends on {rule.until} already")
        if until < utc_to_local(now, line.zone).date():
            raise UsageError(f"rule {number} can't end in the past, on {until}: write today or a later day")
        if until < rule.since:
            raise UsageError(f"rule {number} begins on {rule.since} only: let it end then or later")
        edit.tx.execute(update(RuleRow).where(RuleRow.id == number).values(until=until.isoformat()))
        edit.tell({"rule": number, "was": rule.until and rule.until.isoformat()})
        left = [other for other in stored_rules(edit.tx, line.name) if other.until is None or other.until > until]
    return Ruled(replace(rule, until=until), edit.outcome.edit, _unasked(line, rule, left, until))


def _unasked(line: Line, rule: CoverageRule, left: Sequence[CoverageRule], until: date) -> tuple[str, ...]:
    """What the line asks for no more, or anew, when only these rules are left."""
    if not any((other.tier is None) == (rule.tier is None) for other in left):
        what = "one person in each tier, always" if rule.tier else "each language of its flow, better than not"
        return (f"{line.name} has no such rule any more from {until} on; it asks for {what}",)
    if rule.tier is None:
        return ()
    if not any(other.tier == rule.tier and other.days >= rule.days for other in left):
        return (f"from {until} on nothing asks for anybody in tier {rule.tier} on these days: no gap will show there",)
    hours = f"{rule.starts:%H:%M} to {rule.ends:%H:%M}"
    return (f"from {until} on {line.name} may ask for nobody from {hours}: look at 'helpline rota rule list'",)


def _line(desk: Desk, name: str) -> Line:
    if name not in desk.lines:
        raise UsageError(f"there is no line {name!r}; there are: {', '.join(sorted(desk.lines))}")
    return desk.lines[name]


def _refuse(rule: CoverageRule, line: Line) -> None:
    if rule.tier is not None and rule.tier > line.settings.tiers:
        raise UsageError(
            f"{line.name} has no tier {rule.tier}: its tiers are 1 to {line.settings.tiers} (lines.{line.name}.tiers)"
        )
    if rule.n > MOST:
        raise UsageError(f"a rule can't ask for {rule.n} people: write at most {MOST}")
    unknown = sorted(rule.skills - set(LANGUAGES))
    if unknown:
        raise UsageError(f"unknown language {unknown[0]!r}: there are {' '.join(LANGUAGES)}")
    if rule.tier is None and not rule.skills and not rule.hard:
        raise UsageError("a soft rule of all tiers without a language says nothing: name a tier, or languages")
    if rule.until is not None and rule.until <= rule.since:
        raise UsageError(f"the rule would end on {rule.until}, before it begins on {rule.since}")
    if HOLIDAY in rule.days and not line.settings.rota.region:
        raise UsageError(f'{line.name} knows no public holidays: set lines.{line.name}.rota.region, such as "FR"')


def _warnings(rule: CoverageRule, kept: Iterable[CoverageRule], staff: Iterable[Staff]) -> Iterable[str]:
    """What is probably not meant."""
    others = list(kept)
    for other in others:
        if same_people(rule, other) and _together(rule, other):
            how = "their seats add up" if rule.tier else "one of them is enough"
            yield f"rule {other.id} asks for the same people at some of the same times: {how}"
    fit = sum(
        person.left is None and rule.suits(person.skills) and (rule.tier is None or person.may_hold(rule.tier))
        for person in staff
    )
    if fit < rule.n:
        yield f"it asks for {rule.n}, and only {fit} of the people there are can ever be that"
    if not any((other.tier is None) == (rule.tier is None) for other in others):
        what = "one person in each tier, always" if rule.tier else "each language of its flow"
        yield f"until now {rule.line} asked for {what}; from {rule.since} on, only for what rules of this kind say"


def same_people(one: CoverageRule, two: CoverageRule) -> bool:
    """Whether two rules ask for the same kind of people."""
    return (one.tier, one.skills, one.match) == (two.tier, two.skills, two.match)


def _together(one: CoverageRule, two: CoverageRule) -> bool:
    """Whether two rules hold at the same local time of some week."""
    if (one.until is not None and one.until <= two.since) or (two.until is not None and two.until <= one.since):
        return False
    if HOLIDAY in one.days & two.days:
        return _meet(_minutes(one), _minutes(two))
    weeks = [
        [(day * 1440 + start, day * 1440 + end) for day in rule.days & WEEKDAYS for start, end in [_minutes(rule)]]
        for rule in (one, two)
    ]
    week = 7 * 1440
    return any(_meet(a, (b[0] + shift, b[1] + shift)) for a in weeks[0] for b in weeks[1] for shift in (-week, 0, week))


def _minutes(rule: CoverageRule) -> tuple[int, int]:
    start, end = minute(rule.starts), minute(rule.ends)
    return start, end if end > start else end + 1440


def _meet(one: tuple[int, int], two: tuple[int, int]) -> bool:
    return one[0] < two[1] and two[0] < one[1]


def _unkept(edit: Edit, rule: CoverageRule, line: Line, now: int) -> tuple[Gap, ...]:
    begins = local_to_utc(datetime.combine(rule.since, time()), line.zone)
    span = Span(max(now, begins), max(now, begins) + AHEAD)
    people = [Person(person.id, person.name, person.skills) for person in edit.staff.values()]
    roster = Roster.build([shift for shift in edit.shifts if shift.line == line.name], people)
    return sweep(roster, line.name, asked([rule], line.zone, holidays_in(line, span), span), span)


def _row(rule: CoverageRule) -> dict[str, object]:
    return {
        "line": rule.line,
        "tier": rule.tier,
        "days": " ".join(map(str, sorted(rule.days))),
        "starts": minute(rule.starts),
        "ends": minute(rule.ends),
        "since": rule.since.isoformat(),
        "until": rule.until and rule.until.isoformat(),
        "n": rule.n,
        "skills": " ".join(language for language in LANGUAGES if language in rule.skills),
        "match": rule.match,
        "hard": rule.hard,
    }


def minute(at: time) -> int:
    """A time of day as minutes since midnight. Raises `UsageError` for one with seconds."""
    if at.second or at.microsecond or at.tzinfo:
        raise UsageError(f"a rule's times are of whole minutes on the line's clocks, not {at.isoformat()}")
    return at.hour * 60 + at.minute
