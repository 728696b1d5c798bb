"""What stands in the calendar's cells: the days of `grid` in the reader's language, with addresses. Loads nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType

import holidays as library

from helpline.lines import Line
from helpline.pages.formats import local
from helpline.pages.rota.cells import Asked
from helpline.pages.rota.grid import Day, Item, weeks
from helpline.pages.rota.outcomes import tongues
from helpline.pages.site import Visit
from reports.words import Language
from rota.calendar_days import check_region
from rota.handoffs import handoffs
from rota.model import Span
from rota.oncall import Roster

Names = Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a cell: what kind ("" for somebody on call), when, in which tier ("" where that says nothing), what.

    `url` leads to its own cell, "" once it is over; `drag` is the shift that a script may move, 0 for none.
    """

    kind: str
    hours: str
    tier: str
    text: str
    url: str
    drag: int = 0


@dataclass(frozen=True, slots=True)
class Cell:
    """A day: `iso` is its date, `marks` its class, `notes` what is said beside its number with its language."""

    iso: str
    number: int
    weekday: str
    marks: str
    notes: tuple[tuple[str, str], ...]
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Week:
    """A week: its days, a row of entries for each tier and one for the whole line, and the hand-offs of each day."""

    days: tuple[Cell, ...]
    rows: tuple[tuple[str, tuple[tuple[Entry, ...], ...]], ...]
    handoffs: tuple[tuple[str, ...], ...]


def short_names(names: Names) -> dict[int, str]:
    """Everybody by as little of their name as tells them apart: `Camille`, or `Camille E.` if there are two."""
    found = {number: name.split() or ["?"] for number, name in names.items()}
    firsts = Counter(words[0] for words in found.values())
    short = {
        number: words[0] if firsts[words[0]] == 1 or len(words) == 1 else f"{words[0]} {words[-1][0]}."
        for number, words in found.items()
    }
    taken = Counter(short.values())
    return {number: text if taken[text] == 1 else names[number] for number, text in short.items()}


def month_cells(visit: Visit, line: Line, days: Sequence[Day], names: Names) -> tuple[tuple[Cell | None, ...], ...]:
    """The weeks of a month, None where a week has days of another."""
    writer = _Writer(visit, line, names, "")
    return tuple(tuple(writer.cell(day) if day else None for day in week) for week in weeks(days))


def week_rows(visit: Visit, line: Line, days: Sequence[Day], names: Names, roster: Roster) -> Week:
    """A week by tiers."""
    writer = _Writer(visit, line, names, "week")
    tiers = {item.tier for day in days for item in day.items if item.tier} | {*range(1, line.settings.tiers + 1)}
    rows = [
        (
            visit.say("calendar-tier", tier=tier) if len(tiers) > 1 else visit.say("calendar-on-call"),
            tuple(writer.entries(day, [i for i in day.items if i.tier == tier], tiers=False) for day in days),
        )
        for tier in sorted(tiers)
    ]
    whole = tuple(writer.entries(day, [i for i in day.items if i.tier is None], tiers=False) for day in days)
    if any(whole):
        rows.append((visit.say("calendar-languages"), whole))
    return Week(
        tuple(writer.cell(day) for day in days),
        tuple(rows),
        tuple(tuple(writer.handoffs(roster, day)) for day in days),
    )


class _Writer:
    """Writes the cells of one line."""

    def __init__(self, visit: Visit, line: Line, names: Names, back: str) -> None:
        self._visit, self._line, self._names = visit, line, names
        self._back = back
        # An address is made once, not for each of two hundred shifts.
        base = visit.url("rota_cell", shift=0, back=back)
        self._before, _, self._after = base.partition("0")
        self._tiers = line.settings.tiers > 1

    def cell(self, day: Day) -> Cell:
        """A day with everything in it."""
        return Cell(
            day.date.isoformat(),
            day.date.day,
            self._visit.formats.weekday(day.date),
            "today" if day.today else "past" if day.past else "",
            tuple(self._notes(day)),
            self.entries(day, day.items, tiers=self._tiers),
        )

    def entries(self, day: Day, items: Iterable[Item], *, tiers: bool) -> tuple[Entry, ...]:
        """What a day shows of these: of weak cover each thing that is missing once, and not what is over."""
        found: list[Entry] = []
        weak: dict[object, list[Item]] = {}
        for item in items:
            if item.kind != "weak":
                found.append(self._entry(day, item, tiers=tiers))
            elif item.end > self._visit.now:
                weak.setdefault((item.tier, item.skills), []).append(item)
        return (*found, *(self._weak(day, parts) for parts in weak.values()))

    def _weak(self, day: Day, parts: Sequence[Item]) -> Entry:
        first = parts[0]
        when = ", ".join(filter(None, (hours(part.start, part.end, day, self._line) for part in parts)))
        return Entry("weak", when, "", self._text(first), self._mend(replace(first, end=parts[-1].end)))

    def _entry(self, day: Day, item: Item, *, tiers: bool) -> Entry:
        kind = "" if item.kind == "held" else "weak" if item.kind == "open" else item.kind
        when = hours(item.start, item.end, day, self._line)
        where = self._visit.say("calendar-tier-short", tier=item.tier) if tiers and (item.tier or 0) > 1 else ""
        if item.end <= self._visit.now:
            return Entry(kind and "past", when, where, self._text(item), "")
        if item.shift is not None:
            url = f"{self._before}{item.shift}{self._after}"
            return Entry(kind, when, where, self._text(item), url, 0 if item.person is None else item.shift)
        return Entry(kind, when, where, self._text(item), self._mend(item))

    def handoffs(self, roster: Roster, day: Day) -> Iterable[str]:
        """Who hands over to whom on a day, and when."""
        for hand in handoffs(roster, self._line.name, Span(day.start, day.end)):
            gone, come = (
                ", ".join(self._names.get(person.id, "?") for person in side) or self._visit.say("calendar-nobody")
                for side in (hand.gone, hand.come)
            )
            yield f"{self._visit.formats.clock(hand.at, self._line.zone)}\u00a0\u00b7 {gone} \u2192 {come}"

    def _notes(self, day: Day) -> Iterable[tuple[str, str]]:
        say, fmt = self._visit.say, self._visit.formats
        if day.today:
            yield say("calendar-today"), ""
        if day.holiday:
            named = _holidays(self._line.settings.rota.region, day.date.year, self._visit.language)
            yield named.get(day.date, (say("calendar-holiday"), ""))
        if day.turned:
            yield say("calendar-turned", hours=fmt.number(round(day.seconds / 3600, 2))), ""

    def _mend(self, item: Item) -> str:
        fields = Asked(item.start, item.end, self._line, item.tier, item.skills, self._back).fields
        return self._visit.url("rota_cell_gap", back=self._back, **dict(fields))

    def _text(self, item: Item) -> str:
        say = self._visit.say
        if item.person is not None:
            return self._names.get(item.person, "?")
        spoken = tongues(self._visit, item.skills)
        if item.kind == "open":
            return say("calendar-open")
        if item.kind == "weak":
            return say("calendar-without", languages=spoken) if spoken else say("calendar-few")
        text = say("calendar-gap") if item.missing < 2 else say("calendar-gaps", n=item.missing)
        return say("calendar-gap-who", what=text, languages=spoken) if spoken else text


def hours(start: int, end: int, day: Day, line: Line) -> str:
    """`08–20`, `08:30–20`, on the line's clocks; `…–08` for what has begun before the day; "" for all of it."""
    if (start, end) == (day.start, day.end):
        return ""
    first = "\u2026" if start < day.start else _clock(start, line)
    return f"{first}\u2013{'24' if end == day.end else _clock(end, line)}"


def _clock(at: int, line: Line) -> str:
    shown = local(at, line.zone)
    return f"{shown:%H:%M}" if shown.minute else f"{shown:%H}"


@lru_cache(maxsize=64)
def _holidays(region: str, year: int, language: Language) -> Mapping[object, tuple[str, str]]:
    """What the public holidays of a year are called, with the language of it where that isn't the reader's."""
    country, part = check_region(region)
    known = library.country_holidays(country, subdiv=part or None, years=year)
    wanted = "en_US" if language == "en" else language
    if wanted in known.supported_languages:
        named = library.country_holidays(country, subdiv=part or None, years=year, language=wanted)
        return MappingProxyType({day: (name, "") for day, name in named.items()})
    own = (known.default_language or "").partition("_")[0]
    named = library.country_holidays(country, subdiv=part or None, years=year, language=known.default_language)
    return MappingProxyType({day: (name, own) for day, name in named.items()})
