"""What the page of a proposal shows, built from the proposal and people's names. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from helpline.lines import Line
from helpline.pages.rota.outcomes import difference, line_name, place, tongues, when
from helpline.pages.site import Visit
from helpline.shifts.proposals import Body, Proposed
from rota.duty import CATEGORIES
from rota.edit import Difference
from rota.fairness import Standing
from rota.generate.problem import Unfilled

ONE = 100
"""Everything is in hundredths."""
NEAR = 1.0
"""Seats from a fair share that nobody can do anything about."""
MOST = 20
"""Open seats, and stretches of missing skills, that are named."""
MEASURES: Mapping[str, str] = {
    "shift": "proposal-shifts",
    "night": "proposal-nights",
    "weekend": "proposal-weekends",
    "holiday": "proposal-holidays",
    "hours": "proposal-hours",
}
"""What is compared -> the heading of its column."""
BECAUSE: Mapping[str, str] = {
    "share": "because-share",
    "tier": "because-tier",
    "skills": "because-skills",
    "absent": "because-absent",
    "left": "because-left",
    "overlap": "because-overlap",
    "rest": "because-rest",
    "stretch": "because-stretch",
    "week": "because-week",
    "nights": "because-nights",
    "free": "because-free",
}
"""A rule that keeps people from a seat -> how many people it is so of."""


@dataclass(frozen=True, slots=True)
class Cell:
    """How much of one measure somebody would have: before, then, and fair; `off` is how far from fair, in words."""

    before: str
    after: str
    fair: str
    off: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody's."""

    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Week:
    """A week of the proposal: how many changes it has, and whether it is the one that is shown."""

    key: str
    label: str
    changes: int
    shown: bool


@dataclass(frozen=True, slots=True)
class View:
    """All of the page."""

    quality: tuple[tuple[str, str], ...]
    """A badge's kind, and what it says."""
    heads: tuple[str, ...]
    before: bool
    """Whether anybody has anything yet: otherwise what was before needs no column."""
    rows: tuple[Row, ...]
    open: tuple[tuple[str, str], ...]
    """When, and why nobody could be found."""
    unmet: tuple[str, ...]
    more_open: int
    weeks: tuple[Week, ...]
    changes: tuple[str, ...]


def view(visit: Visit, line: Line, proposed: Proposed, names: Mapping[int, str], week: str) -> View:
    """The page, with the changes of one week (its Monday, ISO 8601): the first that has any, if there is none such."""
    body = proposed.body
    seen = [each for each in MEASURES if any(row.held[each] or row.share[each] for row in (*body.before, *body.after))]
    counts = Counter(_monday(line, each.start) for each in proposed.differences)
    shown = week if week in counts else min(counts, default="")
    return View(
        tuple(_quality(visit, body)),
        tuple(visit.say(MEASURES[each]) for each in seen),
        any(each.held[measure] for each in body.before for measure in seen),
        tuple(_rows(visit, body, seen, names)),
        tuple(_open(visit, line, body, each) for each in body.unfilled[:MOST]),
        tuple(_unmet(visit, line, body)),
        len(body.unfilled[MOST:]),
        tuple(
            Week(key, visit.formats.date(date.fromisoformat(key)), counts[key], key == shown) for key in sorted(counts)
        ),
        tuple(_change(visit, line, e, names) for e in proposed.differences if _monday(line, e.start) == shown),
    )


def _change(visit: Visit, line: Line, each: Difference, names: Mapping[int, str]) -> str:
    """A change without the name of the line, which the whole page is about."""
    text, name = difference(visit, each, names), line_name(visit, line.name)
    return text.removeprefix(f"{name}, ").removeprefix(f"{name}\u00a0\u00b7 ")


def _quality(visit: Visit, body: Body) -> list[tuple[str, str]]:
    """How good it is, the gravest first: what is well is said, too."""
    found, say = body.quality, visit.say
    told = [
        ("bad", say("quality-open", n=found.unfilled)) if found.unfilled else ("good", say("quality-full")),
        ("bad", say("quality-broken", n=found.broken)) if found.broken else ("good", say("quality-kept")),
    ]
    if found.weak:
        told.append(("warn", say("quality-weak", n=found.weak)))
    if found.excess:
        told.append(("warn", say("quality-unfair", n=visit.formats.number(round(found.excess / ONE, 1)))))
    else:
        told.append(("good", say("quality-fair")))
    if found.unwished:
        told.append(("warn", say("quality-unwished", n=found.unwished)))
    if found.changes:
        told.append(("plain", say("quality-changes", n=found.changes)))
    return told


def _rows(visit: Visit, body: Body, seen: Sequence[str], names: Mapping[int, str]) -> list[Row]:
    before = {each.person: each for each in body.before}
    rows = [
        Row(
            names.get(after.person, "?"),
            tuple(_cell(visit, measure, before.get(after.person), after, body.fair) for measure in seen),
        )
        for after in body.after
    ]
    return sorted(rows, key=lambda row: row.name.casefold())


def _cell(
    visit: Visit, measure: str, before: Standing | None, after: Standing, fair: Mapping[int, Mapping[str, int]]
) -> Cell:
    share = after.share[measure]
    if measure in CATEGORIES and after.person in fair:
        share = fair[after.person].get(measure, 0)
    number, held = visit.formats.number, after.held[measure] / ONE
    digits = 0 if measure == "hours" else 1
    off = round(held - share / ONE, 1)
    words = ""
    if measure != "hours" and abs(off) > NEAR:
        words = visit.say("share-more" if off > 0 else "share-less", n=number(abs(off)))
    was = 0.0 if before is None else before.held[measure] / ONE
    return Cell(number(round(was, digits)), number(round(held, digits)), number(round(share / ONE, digits)), words)


def _open(visit: Visit, line: Line, body: Body, unfilled: Unfilled) -> tuple[str, str]:
    seat = body.seats[unfilled.seat]
    where = place(visit, line.name, seat.tier)
    times = when(visit, seat.start, seat.end, line.zone)
    ordered = sorted(unfilled.because.items(), key=lambda pair: (-pair[1], pair[0]))
    why = ", ".join(visit.say(BECAUSE[rule], n=count) for rule, count in ordered if count and rule in BECAUSE)
    return (f"{times} \u00b7 {where}" if where else times), why or visit.say("because-nobody")


def _unmet(visit: Visit, line: Line, body: Body) -> list[str]:
    return [
        visit.say(
            "proposal-unmet",
            when=when(visit, each.start, each.end, line.zone),
            n=each.n,
            languages=tongues(visit, each.skills.split(), one_of=each.match == "any"),
        )
        for each in body.unmet[:MOST]
    ]


def _monday(line: Line, at: int) -> str:
    day = line.local(at).date()
    return (day - timedelta(days=day.weekday())).isoformat()
