"""What happens on a line, in exact counts, for whoever plans its rota: no reasons, nothing of any conversation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Response

from helpline.errors import UsageError
from helpline.figures.operations import (
    LATEST,
    Period,
    period_of,
    periods_begun,
    read_operations,
    years_counted,
)
from helpline.lines import Line
from helpline.pages.operations_shown import BARS, Shown
from helpline.pages.rota.outcomes import line_name
from helpline.pages.routes import COORDINATOR, Route
from helpline.pages.site import Site, Visit, gone
from helpline.shifts.exporting import Table
from reports.erlang import TARGETS, USUAL, Target
from reports.indicators import SERVICE_LEVELS
from reports.operations import WRAP_UP, Operations
from reports.operations_rows import COLUMNS, rows_of
from reports.periods import Profile, full_name_of, short_name_of

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

FORMULAS = (
    "A = \u03bb \u00b7 h / 3600",
    "B(0) = 1, B(k) = A \u00b7 B(k\u22121) / (k + A \u00b7 B(k\u22121))",
    "C = m \u00b7 B(m) / (m \u2212 A \u00b7 (1 \u2212 B(m)))",
    "P(T) = 1 \u2212 C \u00b7 exp(\u2212(m \u2212 A) \u00b7 T / h)",
)
"""Erlang C, as `reports.erlang` reckons it."""


def routes(_site: Site) -> tuple[Route, ...]:
    """The report, and its download: whoever takes data away has just proved that it is them."""
    return (
        Route("/figures/operations", "activity", page, COORDINATOR),
        Route("/figures/operations.csv", "activity_csv", download, COORDINATOR, fresh=True),
    )


@dataclass(frozen=True, slots=True)
class Link:
    """One choice: the words, the address that chooses it, and whether it is chosen."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; an unknown value is an address that isn't there."""

    visit: Visit
    line: Line
    period: Period
    target: str

    @classmethod
    def of(cls, visit: Visit) -> Asked:
        """Reads the address. Raises `PageError`."""
        name, period, target = (visit.asked(key) for key in ("line", "period", "target"))
        line = visit.site.line(name) if name else next(iter(visit.site.lines.values()))
        if target and target not in TARGETS:
            gone()
        try:
            return cls(visit, line, period_of(line, period or LATEST, visit.now), target or USUAL)
        except UsageError:
            gone()

    def url(self, endpoint: str = "activity", **other: str) -> str:
        """The address of this, or of what differs from it in `other`."""
        target = "" if self.target == USUAL else self.target
        chosen = {"line": self.line.name, "period": self.period.name, "target": target}
        return self.visit.url(endpoint, **(chosen | other))

    def link(self, label: str, **other: str) -> Link:
        """A choice, beside what is chosen already."""
        now = {"line": self.line.name, "period": self.period.name, "target": self.target}
        return Link(label, self.url(**other), all(now[key] == value for key, value in other.items()))


def page(visit: Visit) -> ResponseReturnValue:
    """One line's period: the last thirteen months, if the address names none."""
    asked = Asked.of(visit)
    with visit.site.store.read() as connection:
        found = read_operations(connection, asked.line, asked.period, visit.now, TARGETS[asked.target])
        years = years_counted(connection, asked.line, visit.now)
    lines = visit.site.lines
    return visit.page(
        "operations.html",
        asked=asked,
        shown=Shown(found, visit.language),
        lines=[asked.link(line_name(visit, each), line=each) for each in lines] if len(lines) > 1 else [],
        periods=[
            asked.link(visit.say("activity-latest"), period=LATEST),
            *(asked.link(str(each), period=str(each)) for each in years),
        ],
        within=list(_within(asked)),
        title=_title(asked),
        when=_When.of(asked, found),
        within_seconds=[visit.say("activity-within-seconds", t=seconds) for seconds in SERVICE_LEVELS],
        bars=BARS,
        targets=[asked.link(goals(visit, target), target=name) for name, target in TARGETS.items()],
        formulas=FORMULAS,
        wrap_up=WRAP_UP,
    )


def download(visit: Visit) -> ResponseReturnValue:
    """The same as CSV, a figure in a row."""
    asked = Asked.of(visit)
    with visit.site.store.read() as connection:
        found = read_operations(connection, asked.line, asked.period, visit.now, TARGETS[asked.target])
    data = Table(COLUMNS, rows_of(found, asked.period.name)).csv()
    headers = {"Content-Disposition": f'attachment; filename="operations-{asked.line.name}-{asked.period.name}.csv"'}
    return Response(data, content_type="text/csv; charset=utf-8", headers=headers)


def goals(visit: Visit, target: Target) -> str:
    """`80 % en 20 s et 90 % en 60 s`."""
    said = [
        visit.say("activity-goal", percent=visit.formats.percent(goal.percent / 100), seconds=goal.seconds)
        for goal in target
    ]
    return said[0] if len(said) == 1 else visit.say("activity-and", one=said[0], other=said[1])


def _title(asked: Asked) -> str:
    name = asked.period.name
    if name == LATEST:
        return asked.visit.say("activity-latest")
    words = full_name_of(name).to(asked.visit.language)
    return words[0].upper() + words[1:]


@dataclass(frozen=True, slots=True)
class _When:
    """The first and the last day; the clock up to which it goes, "" if it is over.

    `since`: from when on calls are known by the hour, "" if none are; `cut`: whether that is later than the period
    begins; `rota`: from when on the rota is known, "" if it is all of the period.
    """

    first: str
    last: str
    until: str
    since: str
    cut: bool
    rota: str

    @classmethod
    def of(cls, asked: Asked, found: Operations) -> _When:
        formats, period, zone = asked.visit.formats, asked.period, asked.line.zone
        since = found.asked.week_from
        return cls(
            formats.day(period.start, zone, year=True),
            formats.day(max(period.start, period.end - 1), zone, year=True),
            "" if period.over else formats.clock(period.end, zone),
            formats.day(since, zone, year=True) if since < period.end else "",
            since > period.start,
            formats.day(found.asked.rota_from, zone, year=True) if found.asked.rota_from > period.start else "",
        )


def _within(asked: Asked) -> Iterator[Link]:
    """The quarters and months of the year that is looked at."""
    if asked.period.name == LATEST:
        return
    year, visit = int(asked.period.name[:4]), asked.visit
    for profile in (Profile.QUARTER, Profile.MONTH):
        for name in periods_begun(year, profile, asked.line, visit.now):
            yield asked.link(short_name_of(name).to(visit.language), period=name)
