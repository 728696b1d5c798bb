"""`directory list|import|export|seed|verify|history`: who may help, as it is read out, searched and printed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import click

from helpline.cli.context import Context, pass_context
from helpline.clock import SystemClock
from helpline.directory.editing import Changed, Edit, compare, history, mark, put, save
from helpline.directory.entries import Entry, out_of_date
from helpline.directory.nearest import nearest
from helpline.directory.phones import printed
from helpline.directory.reading import read_all
from helpline.directory.seeding import seed
from helpline.directory.table import COLUMNS, cells, parse, write
from helpline.directory.territories import Place, named, place, territories
from helpline.errors import UsageError
from helpline.lines import Line
from helpline.store.sessions import Store
from rota.sheet import BOM, decode

ACTOR = "cli"
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
TO_VERIFY = "to be verified"


@dataclass(frozen=True, slots=True)
class Hand:
    """What a command works with: the database, now (UTC seconds), and the line on whose clocks days are."""

    store: Store
    now: int
    line: Line

    @property
    def today(self) -> date:
        """The day it is."""
        return self.line.local(self.now).date()

    def entries(self) -> tuple[Entry, ...]:
        """Every entry."""
        with self.store.read() as connection:
            return read_all(connection)

    def entry(self, key: str) -> Entry:
        """One of them. Raises `UsageError`."""
        found = next((entry for entry in self.entries() if entry.key == key), None)
        if found is None:
            raise UsageError(f"there is no entry {key!r}; 'helpline directory list' shows the keys there are")
        return found


@contextmanager
def _at_hand(context: Context) -> Iterator[Hand]:
    with context.store() as store:
        yield Hand(store, int(SystemClock().now()), next(iter(context.lines().values())))


@click.group()
def directory() -> None:
    """The directory of help: who may help a caller near where they are."""


@directory.command("list")
@click.option("--place", "where", help="Only who serves it, the nearest first: 31, 2A, 31000, 4000, BE-WLG, a name.")
@click.option("--to-verify", is_flag=True, help="Only those never verified, or over a year ago.")
@click.option("--json", "as_json", is_flag=True)
@pass_context
def list_entries(context: Context, where: str | None, *, to_verify: bool, as_json: bool) -> None:
    """Everybody in it, by key; near a place, as a caller there hears them in French."""
    with _at_hand(context) as hand:
        found = hand.entries()
        if where is not None:
            found = nearest(found, _place(where), "fr")
        found = tuple(entry for entry in found if not to_verify or out_of_date(entry, hand.today))
        if as_json:
            rows = [{**cells(entry), "to_verify": out_of_date(entry, hand.today)} for entry in found]
            click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
            return
        for entry in found:
            click.echo(_told(entry, hand.today))


def _place(text: str) -> Place:
    if text.upper() in territories():
        return place(text.upper())
    if found := named(text):
        return found[0]
    raise UsageError(f"{text!r} is no place; write a department like 31 or 2A, a postcode, a code like BE-WLG, a name")


def _told(entry: Entry, today: date) -> str:
    sure = f"verified {entry.verified}" if entry.verified else "never verified"
    stale = f" ({TO_VERIFY})" if out_of_date(entry, today) else ""
    where = " ".join(entry.territories)
    return f"{entry.key}  {entry.name}; {entry.kind}; {where}; {printed(entry.phone, entry.country)}; {sure}{stale}"


@directory.command("import")
@click.argument("file", type=FILE)
@click.option("--replace", "whole", is_flag=True, help="The file is the whole directory: what isn't in it goes.")
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@pass_context
def import_command(context: Context, file: Path, *, whole: bool, dry_run: bool) -> None:
    """Add and change entries by the key, from a CSV file. All of it or nothing.

    docs/directory.md explains its columns. One that the file leaves out stays as it is for an entry that is there.
    """
    with _at_hand(context) as hand:
        there = hand.entries()
        entries = parse(decode(file.read_bytes()), hand.today, there)
        changes = compare(there, entries, only=whole)
        if not dry_run:
            with hand.store.durable() as tx:
                save(tx, entries, ACTOR, hand.now, only=whole, seen=changes.mark)
        _tell(changes)
        if dry_run:
            click.echo("nothing was changed; leave out --dry-run to do it")


def _tell(changes: Changed) -> None:
    for entry in changes.added:
        click.echo(f"  + {entry.key}  {entry.name}")
    for before, after in changes.changed:
        click.echo(f"  ~ {after.key}  {'; '.join(_differences(cells(before), cells(after)))}")
    for entry in changes.removed:
        click.echo(f"  - {entry.key}  {entry.name}")
    click.echo(f"{len(changes.added)} new, {len(changes.changed)} changed, {len(changes.removed)} removed")


def _differences(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for column in COLUMNS:
        old, new = before.get(column, ""), after.get(column, "")
        if old != new:
            yield f"{column} {old or 'nothing'} -> {new or 'nothing'}"


@directory.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--format", "shape", type=click.Choice(["csv", "excel"]), default="csv", show_default=True)
@pass_context
def export(context: Context, file: Path | None, shape: str) -> None:
    """Write it as CSV, to a new FILE or to standard output: 'import' reads it back.

    For a spreadsheet in French, Dutch or German ("excel") cells are parted by semicolons.
    """
    with _at_hand(context) as hand:
        text = BOM + write(hand.entries(), ";") if shape == "excel" else write(hand.entries())
    if file is None:
        click.echo(text, nl=False)
        return
    try:
        with file.open("x", encoding="utf-8", newline="") as output:
            output.write(text)
    except FileExistsError as error:
        raise UsageError(f"{file} is there already: choose another name, or remove it") from error


@directory.command("seed")
@pass_context
def seed_command(context: Context) -> None:
    """Add the public entries that come with the product, where no entry has their key. All are to be verified."""
    with _at_hand(context) as hand, hand.store.durable() as tx:
        changes = seed(tx, ACTOR, hand.now)
    _tell(changes)
    if changes.added:
        click.echo("nobody has called these numbers: verify each ('helpline directory list --to-verify')")


@directory.command()
@click.argument("key")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day, like 2026-01-31; today, if not given.")
@pass_context
def verify(context: Context, key: str, day: date | None) -> None:
    """Note that somebody has called KEY, or asked, and that all it says is right."""
    with _at_hand(context) as hand:
        entry = hand.entry(key)
        on = date(day.year, day.month, day.day) if day else hand.today
        if on > hand.today:
            raise UsageError(f"{on} lies in the future: write the day on which somebody called or asked")
        with hand.store.durable() as tx:
            put(tx, replace(entry, verified=on), mark(entry), ACTOR, hand.now)
    click.echo(f"{key}: verified on {on}")


@directory.command("history")
@click.argument("key", required=False)
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@pass_context
def history_command(context: Context, key: str | None, limit: int) -> None:
    """Who changed what and when, the newest first: of one entry or of all. It is kept for a year."""
    with _at_hand(context) as hand, hand.store.read() as connection:
        for edit in history(connection, key, limit):
            click.echo(_edit(edit, hand.line))


def _edit(edit: Edit, line: Line) -> str:
    head = f"{line.local(edit.at):%Y-%m-%d %H:%M}  {edit.actor}  {edit.entry}"
    if edit.before is None:
        return f"{head} added"
    if edit.after is None:
        return f"{head} removed"
    return f"{head}: {'; '.join(_differences(edit.before, edit.after))}"


COMMANDS = (directory,)
