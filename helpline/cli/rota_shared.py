"""What the rota's commands have in common: the desk, people by name, local times, edits shown before they are made."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

import click

from helpline.cli.context import Context
from helpline.clock import SystemClock
from helpline.errors import UsageError
from helpline.lines import Line
from helpline.shifts.editing import WORDS, Desk, Edit, Outcome, editing
from helpline.shifts.reading import read_staff, standard
from helpline.shifts.rules import lacking
from helpline.store.sessions import Store
from rota.model import Span, SpanError
from rota.staff import Staff
from rota.table import YEARS
from rota.zones import local_to_utc

Command = TypeVar("Command", bound=Callable[..., Any])
ACTOR = "cli"


def yes(command: Command) -> Command:
    """The option without which an edit is only shown."""
    return click.option("--yes", is_flag=True, help="Do it; otherwise it is only shown.")(command)


@dataclass(frozen=True, slots=True)
class Hand:
    """What a command works with: the desk, everybody by id, and now (UTC seconds)."""

    desk: Desk
    staff: Mapping[int, Staff]
    now: int

    @property
    def store(self) -> Store:
        """The database."""
        return self.desk.store

    def line(self, name: str) -> Line:
        """A line by its name. Raises `UsageError` with the names there are."""
        if name not in self.desk.lines:
            raise UsageError(f"there is no line {name!r}; there are: {', '.join(sorted(self.desk.lines))}")
        return self.desk.lines[name]

    def person(self, name: str) -> int:
        """Somebody's id by their name, however it is written. Raises `UsageError` with the nearest name."""
        known = {same(person.name): person for person in self.staff.values()}
        if same(name) in known:
            return known[same(name)].id
        near = difflib.get_close_matches(same(name), known, n=1)
        hint = f"did you mean {known[near[0]].name!r}?" if near else "'helpline people list' shows everybody"
        raise UsageError(f"nobody is called {name!r}; {hint}")

    def name(self, person: int | None) -> str:
        """Somebody's name."""
        return "nobody" if person is None else self.staff[person].name

    @contextmanager
    def editing(self, kind: str, *, yes: bool, about: Mapping[str, object] | None = None) -> Iterator[Edit]:
        """An edit, made with `yes` and else rehearsed; what it comes to is printed."""
        with editing(self.desk, kind, ACTOR, self.now, about=about, dry=not yes) as edit:
            yield edit
        self.tell(edit.outcome)

    def tell(self, outcome: Outcome) -> None:
        """Prints who is on call otherwise, what is now wrong, and whether it was done."""
        for change in outcome.differences:
            when = between(self.desk.lines[change.line], change)
            gone, come = (", ".join(map(self.name, people)) or "nobody" for people in (change.gone, change.come))
            click.echo(f"  {change.line} tier {change.tier}  {when}: {gone} -> {come}")
        if not outcome.differences:
            click.echo("  no shift changes hands")
        for found in outcome.findings:
            click.echo(f"  warning: {self.name(found.person)} {WORDS[found.kind]}")
        for gap, takers in zip(outcome.gaps, outcome.takers, strict=False):
            when, could = between(self.desk.lines[gap.line], gap), ", ".join(map(self.name, takers)) or "nobody"
            click.echo(f"  warning: {gap.line} would have {lacking(gap)} from {when}; could take it: {could}")
        if len(outcome.gaps) > len(outcome.takers):
            more = len(outcome.gaps) - len(outcome.takers)
            click.echo(f"  warning: and {more} more gaps: look at 'helpline rota gaps' after it")
        if outcome.edit is None:
            click.echo("nothing was changed; add --yes to do it")
        else:
            click.echo(f"edit {outcome.edit} (undo it with: helpline rota undo {outcome.edit})")


@contextmanager
def at_hand(context: Context) -> Iterator[Hand]:
    """The desk of the configured service, now."""
    limits = standard(context.settings().limits)
    with context.store() as store:
        with store.read() as connection:
            staff = read_staff(connection, limits)
        yield Hand(Desk(store, context.lines(), limits), staff, int(SystemClock().now()))


def between(line: Line, span: Span) -> str:
    """From when to when, on the line's clocks."""
    return f"{line.local(span.start):%a %Y-%m-%d %H:%M} to {line.local(span.end):%a %Y-%m-%d %H:%M}"


def instant(text: str | None, line: Line, otherwise: int | None = None) -> int:
    """A time, ISO 8601, as UTC seconds: without an offset on the line's clocks, a date alone at its midnight.

    Without text it is `otherwise`, or now. Raises `UsageError`.
    """
    if text is None:
        return int(SystemClock().now()) if otherwise is None else otherwise
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} isn't a time; write 2026-12-24T22:30 or 2026-12-24T22:30+01:00") from error
    if moment.year not in YEARS:
        raise UsageError(f"{text!r} can't be meant: write a year from {YEARS[0]} to {YEARS[-1]}")
    return int(moment.timestamp()) if moment.tzinfo else local_to_utc(moment, line.zone)


def stretch(since: str | None, until: str, line: Line, now: int) -> Span:
    """From one time (now, if not given) to another. Raises `UsageError` when it ends before it begins."""
    start, end = instant(since, line, now), instant(until, line)
    try:
        return Span(start, end)
    except SpanError as error:
        raise UsageError(f"{until} isn't after {since or 'now'}: write the end after the beginning") from error


def day(text: str) -> date:
    """A day, ISO 8601. Raises `UsageError`."""
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} isn't a day; write it like 2026-12-24") from error
    if found.year not in YEARS:
        raise UsageError(f"{text!r} can't be meant: write a year from {YEARS[0]} to {YEARS[-1]}")
    return found


def same(name: str) -> str:
    """What two spellings of one name have in common."""
    return " ".join(unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold()).split())
