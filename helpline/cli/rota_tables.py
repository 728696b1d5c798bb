"""`rota import|export`: people, shifts, absences and duty as files."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import click

from helpline.cli.context import Context, pass_context
from helpline.cli.rota_shared import ACTOR, Hand, at_hand, between, instant
from helpline.errors import UsageError
from helpline.lines import Line
from helpline.shifts.editing import WORDS, Outcome
from helpline.shifts.exporting import Table, absences_table, people_table, shifts_calendar, shifts_table
from helpline.shifts.importing import Calendar, Imported, Tables, import_tables
from helpline.shifts.paying import duty_table, months_table
from helpline.shifts.rules import lacking
from rota.model import Span
from rota.sheet import BOM, decode
from rota.staff import DAY
from rota.table import kind_of
from rota.zones import local_to_utc

Command = TypeVar("Command", bound=Callable[..., Any])
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
AHEAD = 366 * DAY
"""Seconds of the rota to come that are exported, unless an end is given."""
SHOWN = 10
"""Gaps that an import tells of."""


@click.command("import")
@click.argument("files", type=FILE, nargs=-1)
@click.option("--ics", type=FILE, help="A calendar whose events are the shifts of one line and tier.")
@click.option("--line", help="The line of the calendar; the clocks of the absences.")
@click.option("--tier", type=click.IntRange(1, 9), help="The tier of the calendar.")
@click.option("--take-off", is_flag=True, help="Whoever is away leaves what they hold then; otherwise it is refused.")
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@pass_context
def import_command(
    context: Context,
    files: Sequence[Path],
    ics: Path | None,
    line: str | None,
    tier: int | None,
    *,
    take_off: bool,
    dry_run: bool,
) -> None:
    """Import tables as CSV: people, shifts and absences, told apart by their headers. All of them or nothing.

    People: name, phone, languages, and perhaps email, tiers, share, region, rest_hours, week, nights. Shifts: line,
    tier, person, start, end. Absences: person, start, end, and perhaps hard.

    Shifts to come within the span of a file become the file's; those that stand already stay, and so does the past.
    """
    texts = _by_kind(files)
    if ics is not None and "shifts" in texts:
        raise UsageError("shifts come from one file at a time: import the calendar after the table")
    if ics is None and not texts:
        raise UsageError("name a file: 'helpline rota import --help' says which there are")
    with at_hand(context) as hand:
        clocks = hand.line(line) if line else next(iter(hand.desk.lines.values()))
        tables = Tables(
            **texts,
            calendar=None if ics is None else _calendar(ics, line, tier),
            clocks=clocks.name,
            take_off=take_off,
        )
        done = import_tables(hand.desk, tables, ACTOR, hand.now, dry=dry_run)
        _tell(replace(hand, staff=done.staff), tables, done)


def _by_kind(files: Iterable[Path]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for path in files:
        text = decode(path.read_bytes())
        if text.lstrip().upper().startswith("BEGIN:VCALENDAR"):
            raise UsageError(f"{path.name} is a calendar: import it with --ics")
        kind = kind_of(text)
        if kind in texts:
            raise UsageError(f"{path.name} is a second table of {kind}: import it after the first")
        texts[kind] = text
    return texts


def _calendar(path: Path, line: str | None, tier: int | None) -> Calendar:
    if not line or not tier:
        raise UsageError("a calendar doesn't say whose shifts it has: add --line and --tier")
    return Calendar(path.read_bytes(), line, tier)


def _tell(hand: Hand, tables: Tables, done: Imported) -> None:
    """What an import came to."""
    outcome = done.outcome
    if tables.people is not None:
        click.echo(f"people: {done.people_new} new, {done.people_changed} changed")
    if tables.shifts is not None or tables.calendar is not None:
        click.echo(f"shifts: {done.shifts_new} new, {done.shifts_removed} replaced")
    if tables.absences is not None:
        click.echo(f"absences: {done.absences_new} new")
    for note in done.notes:
        click.echo(f"  note: {note}")
    if outcome.edit is None:
        _show_changes(hand, outcome)
    for (kind, person), times in Counter((found.kind, found.person) for found in outcome.findings).items():
        click.echo(f"  warning: {hand.name(person)} {WORDS[kind]}" + (f" ({times} times)" if times > 1 else ""))
    for gap in outcome.gaps[:SHOWN]:
        click.echo(f"  warning: {gap.line} would have {lacking(gap)} from {between(hand.desk.lines[gap.line], gap)}")
    if len(outcome.gaps) > SHOWN:
        click.echo(f"  warning: and {len(outcome.gaps) - SHOWN} more gaps: look at 'helpline rota gaps' after it")
    if outcome.edit is None:
        click.echo("nothing was changed; leave out --dry-run to do it")
    else:
        click.echo(f"edit {outcome.edit} (undo it, but not its people, with: helpline rota undo {outcome.edit})")


def _show_changes(hand: Hand, outcome: Outcome) -> None:
    for change in outcome.differences:
        gone, come = (", ".join(map(hand.name, people)) or "nobody" for people in (change.gone, change.come))
        when = between(hand.desk.lines[change.line], change)
        click.echo(f"  {change.line} tier {change.tier}  {when}: {gone} -> {come}")


@click.group("export")
def export() -> None:
    """Write people, shifts, absences, or the duty that was done, as CSV, JSON or a calendar.

    People, shifts and absences can be imported again as they are. A cell that a spreadsheet would take for a formula or
    a number begins with an apostrophe, as telephone numbers do; the import takes it away.
    """


def _to_file(command: Command) -> Command:
    """The options of how and where a table is written."""
    for option in (
        click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A new file, for you alone."),
        click.option(
            "--format", "shape", type=click.Choice(["csv", "excel", "json"]), default="csv", show_default=True
        ),
    ):
        command = option(command)
    return command


def _between(command: Command) -> Command:
    """The options of the stretch of time."""
    for option in (
        click.option("--to", "until", help="A time, ISO 8601; in a year, if not given."),
        click.option("--from", "since", help="A time, ISO 8601; now, if not given."),
    ):
        command = option(command)
    return command


@export.command("people")
@_to_file
@pass_context
def export_people(context: Context, shape: str, output: Path | None) -> None:
    """Everybody, with their numbers: for the coordination's eyes only."""
    with at_hand(context) as hand, hand.store.read() as connection:
        _put(people_table(connection, hand.now), shape, output)


@export.command("shifts")
@click.option("--line", "name", help="One line instead of all.")
@_between
@click.option("--tier", type=click.IntRange(1, 9), help="One tier instead of all, in a calendar.")
@click.option("--format", "shape", type=click.Choice(["csv", "excel", "json", "ics"]), default="csv", show_default=True)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A new file, for you alone.")
@pass_context
def export_shifts(
    context: Context,
    name: str | None,
    since: str | None,
    until: str | None,
    tier: int | None,
    shape: str,
    output: Path | None,
) -> None:
    """The shifts that touch a stretch of time; without a person they are open seats."""
    with at_hand(context) as hand, hand.store.read() as connection:
        lines = _chosen(hand, name)
        span = _to_come(lines[0], since, until, hand.now)
        if shape != "ics" and tier is None:
            _put(shifts_table(connection, lines, span), shape, output)
        elif shape == "ics" and name:
            host = urlsplit(context.settings().service.public_url).hostname or ""
            _write(shifts_calendar(connection, lines[0], span, host, hand.now, tier).decode(), output)
        else:
            raise UsageError("a calendar holds the shifts of one line: add --line; --tier is for calendars")


@export.command("absences")
@click.option("--line", "name", help="The line on whose clocks they are written, instead of the first.")
@_between
@_to_file
@pass_context
def export_absences(
    context: Context, name: str | None, since: str | None, until: str | None, shape: str, output: Path | None
) -> None:
    """Who is away when, and who would rather not be on call (not hard)."""
    with at_hand(context) as hand, hand.store.read() as connection:
        clocks = _chosen(hand, name)[0]
        _put(absences_table(connection, clocks, _to_come(clocks, since, until, hand.now)), shape, output)


@export.command("duty")
@click.option("--line", "name", help="One line instead of all.")
@click.option("--month", help="Such as 2026-11; last month, if not given.")
@click.option("--sums", is_flag=True, help="Only the sums of each person.")
@click.option("--night", default="21:00-06:00", show_default=True, help="The local hours that count as night.")
@_to_file
@pass_context
def export_duty(
    context: Context, name: str | None, month: str | None, night: str, shape: str, output: Path | None, *, sums: bool
) -> None:
    """Who was on call when in a month, for pay: hours, nights, Sundays, public holidays."""
    with at_hand(context) as hand, hand.store.read() as connection:
        lines = _chosen(hand, name)
        span = _month(month, lines[0], hand.now)
        _put((months_table if sums else duty_table)(connection, lines, span, _night(night)), shape, output)
        if span.end > hand.now - DAY:
            click.echo("shifts that ended less than a day ago aren't in it yet: export it again later", err=True)
        for line in lines:
            if not line.settings.rota.region:
                click.echo(f"{line.name} has no region: public holidays are those of each person's own", err=True)


def _chosen(hand: Hand, name: str | None) -> list[Line]:
    return [hand.line(name)] if name else list(hand.desk.lines.values())


def _to_come(line: Line, since: str | None, until: str | None, now: int) -> Span:
    start = instant(since, line, now)
    end = instant(until, line, start + AHEAD)
    if end <= start:
        raise UsageError(f"{until} isn't after {since or 'now'}: write the end after the beginning")
    return Span(start, end)


def _month(text: str | None, line: Line, now: int) -> Span:
    """A local month of the line; the last one before `now` without text."""
    if text is None:
        first = (line.local(now).replace(day=1, tzinfo=None) - timedelta(days=1)).replace(day=1)
    else:
        try:
            first = datetime.strptime(text, "%Y-%m")  # noqa: DTZ007 - local to the line
        except ValueError as error:
            raise UsageError(f"{text!r} isn't a month; write it like 2026-11") from error
    first = datetime.combine(first, time())
    following = (first + timedelta(days=31)).replace(day=1)
    return Span(local_to_utc(first, line.zone), local_to_utc(following, line.zone))


def _night(text: str) -> tuple[time, time]:
    try:
        begins, ends = map(time.fromisoformat, text.split("-"))
    except ValueError as error:
        raise UsageError(f"{text!r} isn't a night; write it like 21:00-06:00") from error
    if begins == ends:
        raise UsageError(f"{text!r} is no time at all; write it like 21:00-06:00")
    return begins, ends


def _put(table: Table, shape: str, output: Path | None) -> None:
    """Writes a table. For a spreadsheet in French, Dutch or German cells are parted by semicolons."""
    match shape:
        case "json":
            _write(table.json(), output)
        case "excel":
            _write(BOM + table.csv(";"), output)
        case _:
            _write(table.csv(), output)


def _write(text: str, output: Path | None) -> None:
    """To a new file that nobody else can read, or to standard output."""
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        handle = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise UsageError(f"{output} is there already: choose another name, or remove it") from error
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        file.write(text)


COMMANDS = (import_command, export)
