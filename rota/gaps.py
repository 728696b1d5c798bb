"""Where a line has less than its rules ask for: gaps where it must not be, weak cover where it should not.

Here rules are stretches of time already (`rota.coverage` makes them of days and local times), so this is one sweep
over instants, whatever asks: the line's rules, or plainly somebody in each tier and each language spoken.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, takewhile
from typing import Literal

from rota.model import OnCall, Person, Span
from rota.oncall import NO_SKILLS, Roster, Track
from rota.staff import CoverageRule, standing


@dataclass(frozen=True, slots=True)
class Window(Span):
    """A stretch over which a rule asks for its people."""

    rule: CoverageRule


@dataclass(frozen=True, slots=True)
class Gap(Span):
    """A stretch of a line in which `missing` people are missing that `rule` asks for (0: the line has none of its own).

    nobody     nobody at all is on call in `tier`, or on the line if `tier` is None
    few        somebody is, but fewer than asked for, or fewer who have all or any (`match`) of `skills`
    language   enough are on call on the line, but too few of them speak what `skills` says

    Not `hard`: weak cover.
    """

    line: str
    kind: Literal["nobody", "few", "language"]
    tier: int | None = None
    skills: frozenset[str] = NO_SKILLS
    match: Literal["all", "any"] = "all"
    missing: int = 1
    rule: int = 0
    hard: bool = True

    @property
    def language(self) -> str | None:
        """The one language that is missing, if it is one."""
        return next(iter(self.skills)) if len(self.skills) == 1 else None


Lack = tuple[int, Literal["nobody", "few", "language"]]
"""How many people are missing, and of what kind the gap is."""
Lacks = Mapping[int, Lack]
"""That of each rule that isn't kept, by its place among those of its tier."""
NOTHING: Lacks = {}


def sweep(roster: Roster, line: str, windows: Iterable[Window], span: Span, *, aloud: bool = False) -> tuple[Gap, ...]:
    """Every gap and all weak cover of `line` in `span`, each as long as the same is missing, by start and tier.

    The rules of a tier ask for people of their own: one who is on call takes one seat of it, however many shifts they
    hold, and the seats are given so that hard rules want for nobody before soft ones do. Rules of all tiers count
    everybody on call on the line. A soft one is silent while nobody at all is, unless `aloud`: the tiers say it.
    """
    asked: dict[int | None, list[Window]] = {}
    for window in windows:
        if window.start < span.end and span.start < window.end:
            asked.setdefault(window.rule.tier, []).append(window)
    found = []
    for tier, own in sorted(asked.items(), key=lambda item: (item[0] is None, item[0] or 0)):
        rules, numbered = _numbered(own)
        found += [
            Gap(start, end, line, kind, tier, rules[n].skills, rules[n].match, missing, rules[n].id, rules[n].hard)
            for start, end, n, (missing, kind) in _unkept(
                _states(roster.track(line, tier), rules, numbered, span, aloud)
            )
        ]
    return tuple(sorted(found, key=_order))


def gaps(
    roster: Roster, line: str, start: int, end: int, *, tiers: Iterable[int] = (1,), languages: Iterable[str] = ()
) -> tuple[Gap, ...]:
    """Every gap of `line` within `[start, end)` if it needs somebody in each tier, and should have each language.

    Raises `SpanError` when `end` isn't after `start`.
    """
    span = Span(start, end)
    rules = standing(line, tiers, languages)
    return sweep(roster, line, [Window(start, end, rule) for rule in rules], span)


def opened(before: Iterable[Gap], after: Iterable[Gap]) -> tuple[Gap, ...]:
    """The parts of gaps in which more is missing than before, by the same rule. Both in order, as `sweep` has them."""
    known: dict[object, list[Gap]] = {}
    for gap in before:
        known.setdefault(_what(gap), []).append(gap)
    ends = {what: [gap.end for gap in own] for what, own in known.items()}
    found = []
    for gap in after:
        what, start = _what(gap), gap.start
        own = known.get(what, [])
        for old in takewhile(gap.overlaps, islice(own, bisect_right(ends.get(what, ()), start), None)):
            if old.missing >= gap.missing:
                if start < old.start:
                    found.append(replace(gap, start=start, end=old.start))
                start = old.end
        if start < gap.end:
            found.append(replace(gap, start=start))
    return tuple(sorted(found, key=_order))


def _order(gap: Gap) -> tuple[int, bool, int, list[str]]:
    """By start; of those that start together a tier's before those of all tiers, and skills by their names."""
    return gap.start, gap.tier is None, gap.tier or 0, sorted(gap.skills)


def _what(gap: Gap) -> object:
    return gap.line, gap.rule, gap.tier, gap.skills, gap.match


def _numbered(windows: Sequence[Window]) -> tuple[list[CoverageRule], list[tuple[int, int, int]]]:
    """The rules of a tier, the most important first, and the windows as start, end and the place of their rule."""
    alike = {id(window.rule): window.rule for window in windows}  # a rule takes long to hash
    rules = sorted(set(alike.values()), key=_importance)
    places = {number: rules.index(rule) for number, rule in alike.items()}
    return rules, [(window.start, window.end, places[id(window.rule)]) for window in windows]


def _importance(rule: CoverageRule) -> tuple[object, ...]:
    """Hard before soft, and who asks for skills before who takes anybody: it settles who gets a seat."""
    return not rule.hard, not rule.skills, sorted(rule.skills), rule.id, rule.starts, rule.ends


def _unkept(states: Iterable[tuple[int, Lacks]]) -> Iterator[tuple[int, int, int, Lack]]:
    """Start, end, place and lack of each stretch, as long as it lasts."""
    since: dict[int, int] = {}
    before = NOTHING
    for start, lacks in states:
        if lacks is before or lacks == before:
            continue
        for place, lack in before.items():
            if lacks.get(place) != lack:
                yield since[place], start, place, lack
        for place, lack in lacks.items():
            if before.get(place) != lack:
                since[place] = start
        before = lacks


def _states(
    track: Track, rules: Sequence[CoverageRule], windows: Sequence[tuple[int, int, int]], span: Span, aloud: bool
) -> Iterator[tuple[int, Lacks]]:
    """What is lacking from which instant on, wherever that may change; at the end of the span nothing is."""
    answers: dict[tuple[int, ...], dict[tuple[int, ...], Lacks]] = {}
    for piece, places in _demands(windows, len(rules), span):
        if not places:
            yield piece.start, NOTHING
            continue
        known = answers.setdefault(places, {})
        chosen = [(place, rules[place]) for place in places]
        if len(chosen) == 1 and _is_anybody(chosen[0][1]):
            at, nobody = piece.start, _lacks(chosen, (), aloud=aloud)
            for gap in track.unheld(piece):  # the commonest rule
                if at < gap.start:
                    yield at, NOTHING
                yield gap.start, nobody
                at = gap.end
            if at < piece.end:
                yield at, NOTHING
            continue
        for start, _, row in track.pieces(piece):
            there = tuple([held.person.id for held in row])
            lacks = known.get(there)
            if lacks is None:  # few combinations of people, many hand-offs
                lacks = known[there] = _lacks(chosen, row, aloud=aloud)
            yield start, lacks
    yield span.end, NOTHING


def _is_anybody(rule: CoverageRule) -> bool:
    """Whether it asks for no more than somebody in a tier."""
    return rule.n == 1 and not rule.skills and rule.tier is not None


def _demands(windows: Sequence[tuple[int, int, int]], rules: int, span: Span) -> Iterator[tuple[Span, tuple[int, ...]]]:
    """The span cut where other rules hold, with the places of those."""
    steps: dict[int, list[tuple[int, int]]] = {span.end: []}
    for start, end, place in windows:
        steps.setdefault(max(start, span.start), []).append((place, 1))
        steps.setdefault(min(end, span.end), []).append((place, -1))
    counts = [0] * rules
    at, now = span.start, [0] * rules
    for instant in sorted(steps):
        for place, step in steps[instant]:
            counts[place] += step
        if counts == now and instant < span.end:
            continue
        if at < instant:
            yield Span(at, instant), tuple([place for place, count in enumerate(now) if count])
        at, now = instant, counts.copy()


def _lacks(rules: Sequence[tuple[int, CoverageRule]], row: Sequence[OnCall], *, aloud: bool) -> Lacks:
    """What these people leave unkept of these rules (by place), which are all of one tier or all of none."""
    people = {held.person.id: held.person for held in row}
    if rules[0][1].tier is not None:
        kind: Literal["nobody", "few"] = "few" if people else "nobody"
        taken = _seated(rules, people)
        return {place: (rule.n - taken[place], kind) for place, rule in rules if taken[place] < rule.n}
    found: dict[int, Lack] = {}
    for place, rule in rules:
        missing = rule.n - sum(rule.suits(person.skills) for person in people.values())
        if missing > 0 and (people or rule.hard or aloud):
            found[place] = (missing, "nobody" if not people else "language" if rule.skills else "few")
    return found


def _seated(rules: Sequence[tuple[int, CoverageRule]], people: Mapping[int, Person]) -> Mapping[int, int]:
    """How many seats of each rule can be filled at once; a rule gets what those before it leave."""
    seats: dict[int, CoverageRule] = {}
    taken = {place: 0 for place, _ in rules}

    def find(rule: CoverageRule, tried: set[int]) -> bool:
        for person in people:
            if person in tried or not rule.suits(people[person].skills):
                continue
            tried.add(person)
            if person not in seats or find(seats[person], tried):  # whoever sits there may have another seat
                seats[person] = rule
                return True
        return False

    for place, rule in rules:
        taken[place] = sum(find(rule, set()) for _ in range(rule.n))
    return taken
