"""`rota import|show|gaps`: who is on call, and when nobody is."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import click

from helpline.cli.context import Context, pass_context
from helpline.cli.rota_shared import instant
from helpline.clock import SystemClock
from helpline.lines import Line
from helpline.shifts.importing import import_tables
from helpline.shifts.snapshot import read_roster
from rota.gaps import Gap, gaps
from rota.oncall import who
from rota.sheet import decode

DAY = 86_400
CSV = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def rota() -> None:
    """Who is on call."""


@rota.command("import")
@click.argument("people_csv", type=CSV)
@click.argument("shifts_csv", type=CSV)
@pass_context
def import_command(context: Context, people_csv: Path, shifts_csv: Path) -> None:
    """Import people (name, phone, languages[, email]) and shifts (line, tier, person, start, end).

    Both files are taken whole or refused whole. Shifts to come are replaced within the span of the file.
    """
    lines = context.lines()
    with context.store() as store:
        now = int(SystemClock().now())
        people, shifts = decode(people_csv.read_bytes()), decode(shifts_csv.read_bytes())
        done = import_tables(store, lines, people, shifts, now)
    click.echo(f"people: {done.people_new} new, {done.people_changed} changed")
    click.echo(f"shifts: {done.shifts_new} new, {done.shifts_removed} replaced")


def _chosen(context: Context, name: str | None) -> list[Line]:
    return [context.line(name)] if name else list(context.lines().values())


@rota.command()
@click.option("--at", help="A time, ISO 8601; without an offset in the line's zone. Now, if not given.")
@click.option("--line", "name", help="One line instead of all.")
@click.option("--json", "as_json", is_flag=True)
@pass_context
def show(context: Context, at: str | None, name: str | None, *, as_json: bool) -> None:
    """Who is on call, in the order in which they are rung."""
    lines = _chosen(context, name)
    answer: dict[str, list[dict[str, object]]] = {}
    with context.store() as store, store.read() as connection:
        for line in lines:
            moment = instant(at, line)
            roster = read_roster(connection, moment - DAY, moment + DAY)
            answer[line.name] = [
                {
                    "person": held.person.name,
                    "tier": held.tier,
                    "languages": sorted(held.person.skills),
                    "until": line.local(held.until).isoformat(),
                }
                for held in who(roster, line.name, moment)
            ]
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    for line_name, people in answer.items():
        click.echo(f"{line_name}:")
        for entry in people:
            click.echo(f"  tier {entry['tier']}  {entry['person']}  until {entry['until']}")
        if not people:
            click.echo("  nobody is on call")


@rota.command("gaps")
@click.option("--from", "since", help="A time, ISO 8601. Now, if not given.")
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 400))
@click.option("--line", "name", help="One line instead of all.")
@click.option("--json", "as_json", is_flag=True)
@pass_context
def gaps_command(context: Context, since: str | None, days: int, name: str | None, *, as_json: bool) -> None:
    """When nobody is on call, and when a language of the line is missing."""
    found: list[dict[str, object]] = []
    with context.store() as store, store.read() as connection:
        for line in _chosen(context, name):
            start = instant(since, line)
            end = start + days * DAY
            roster = read_roster(connection, start, end)
            tiers = range(1, line.settings.tiers + 1)
            missing = gaps(roster, line.name, start, end, tiers=tiers, languages=line.flow.languages)
            found += [_described(line, gap) for gap in missing]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for item in found:
        what = f"nobody in tier {item['tier']}" if item["kind"] == "nobody" else f"nobody speaks {item['language']}"
        click.echo(f"{item['line']}: {what} from {item['start']} to {item['end']}")
    if not found:
        click.echo(f"every hour of the next {days} days is covered")


def _described(line: Line, gap: Gap) -> dict[str, object]:
    return {
        "line": line.name,
        "kind": gap.kind,
        "tier": gap.tier,
        "language": gap.language,
        "start": line.local(gap.start).isoformat(),
        "end": line.local(gap.end).isoformat(),
    }


AREAS: tuple[ModuleType, ...] = ()
"""The modules that bring the rota's other commands."""
for area in AREAS:
    for command in area.COMMANDS:
        rota.add_command(command)

COMMANDS = (rota,)
