"""`rota override|off|absence|leave|undo|audit`: who is on call otherwise, and who changed that."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from helpline.cli.context import Context, pass_context
from helpline.cli.rota_shared import ACTOR, Hand, at_hand, between, instant, stretch, yes
from helpline.errors import UsageError
from helpline.lines import Line
from helpline.shifts import absences, overriding
from helpline.shifts.auditing import Entry, read_audit
from helpline.shifts.editing import undo_edit
from helpline.shifts.reading import read_absences
from rota.staff import DAY, Absence

LINE = click.option("--line", "line_name", help="Whose clocks the times are on; the first line's, if not given.")


def clocks(hand: Hand, name: str | None) -> Line:
    """The line whose clocks a time without an offset is on."""
    return hand.line(name) if name else next(iter(hand.desk.lines.values()))


@click.command()
@click.option("--line", "line_name", required=True)
@click.option("--tier", type=click.IntRange(1, 9), help="This tier alone.")
@click.option("--from", "since", help="A time, ISO 8601. Now, if not given.")
@click.option("--to", "until", required=True, help="The first moment after it; a date alone is its midnight.")
@click.option("--remove", help="Whom to take out. Nobody: --add is there beside the others.")
@click.option("--add", help="Whom to put in. Nobody: the seat is open.")
@yes
@pass_context
def override(  # noqa: PLR0913 - one argument for each option
    context: Context,
    line_name: str,
    tier: int | None,
    since: str | None,
    until: str,
    remove: str | None,
    add: str | None,
    *,
    yes: bool,
) -> None:
    """Put somebody in for somebody who is on call, for a while."""
    with at_hand(context) as hand:
        line = hand.line(line_name)
        out, into = (hand.person(name) if name else None for name in (remove, add))
        span = stretch(since, until, line, hand.now)
        outcome = overriding.override(
            hand.desk, line, span, ACTOR, hand.now, tier=tier, remove=out, add=into, dry=not yes
        )
        if into is None:
            click.echo("  warning: the seat is open: nobody is put in")
        hand.tell(outcome)


@click.command()
@click.argument("name")
@click.option("--minutes", default=60, show_default=True, type=click.IntRange(1, 1440))
@click.option("--even-alone", is_flag=True, help="Though nobody would be left.")
@yes
@pass_context
def off(context: Context, name: str, minutes: int, *, even_alone: bool, yes: bool) -> None:
    """Take NAME off from now on, for an hour, say; afterwards they are back by themselves."""
    with at_hand(context) as hand:
        person = hand.person(name)
        hand.tell(overriding.off(hand.desk, person, minutes * 60, ACTOR, hand.now, even_alone=even_alone, dry=not yes))


@click.group()
def absence() -> None:
    """Who is away when; never why."""


@absence.command("add")
@click.argument("name")
@click.option("--from", "since", help="A time, ISO 8601. Now, if not given.")
@click.option("--to", "until", required=True, help="When they are back; a date alone is its midnight.")
@click.option("--wish", is_flag=True, help="They would rather not be on call, and keep their shifts.")
@LINE
@yes
@pass_context
def add_absence(
    context: Context, name: str, since: str | None, until: str, line_name: str | None, *, wish: bool, yes: bool
) -> None:
    """NAME is away: what they hold becomes open seats, and what that opens is said."""
    with at_hand(context) as hand:
        line, person = clocks(hand, line_name), hand.person(name)
        span = stretch(since, until, line, hand.now)
        done = absences.add_absence(hand.desk, person, span, ACTOR, hand.now, hard=not wish, dry=not yes)
        for each in done.added:
            number = f"absence {each.id}: " if yes else ""
            click.echo(number + _words(hand, each, line))
        hand.tell(done.outcome)


def _words(hand: Hand, absence: Absence, line: Line) -> str:
    what = "is away" if absence.hard else "would rather be off"
    return f"{hand.name(absence.person)} {what}, {between(line, absence)}"


@absence.command("remove")
@click.argument("number", type=int)
@yes
@pass_context
def remove_absence(context: Context, number: int, *, yes: bool) -> None:
    """Absence NUMBER is no more; the shifts that it took stay as they are."""
    with at_hand(context) as hand:
        done = absences.end_absence(hand.desk, number, ACTOR, hand.now, dry=not yes)
        click.echo(f"{hand.name(done.absence.person)} isn't away any more")
        if done.took is not None:
            click.echo(f"  no shift comes back by that; 'helpline rota undo {done.took}' gives the shifts back as well")
        click.echo("nothing was changed; add --yes to do it" if done.outcome.edit is None else "done")


@absence.command("list")
@click.argument("name", required=False)
@LINE
@click.option("--json", "as_json", is_flag=True)
@pass_context
def list_absences(context: Context, name: str | None, line_name: str | None, *, as_json: bool) -> None:
    """Who is away now or later; or when NAME is."""
    with at_hand(context) as hand:
        line, person = clocks(hand, line_name), hand.person(name) if name else None
        with hand.store.read() as connection:
            found = [each for each in read_absences(connection, hand.now) if person in {None, each.person}]
        if as_json:
            told = [
                {
                    "absence": each.id,
                    "person": hand.name(each.person),
                    "start": line.local(each.start).isoformat(),
                    "end": line.local(each.end).isoformat(),
                    "hard": each.hard,
                }
                for each in found
            ]
            click.echo(json.dumps(told, ensure_ascii=False, indent=2))
            return
        for each in found:
            click.echo(f"absence {each.id}: {_words(hand, each, line)}")
        if not found:
            click.echo("nobody is away")


@click.command()
@click.argument("name")
@click.option("--at", help="A time, ISO 8601. Now, if not given.")
@click.option("--stay", is_flag=True, help="They stay after all.")
@LINE
@yes
@pass_context
def leave(context: Context, name: str, at: str | None, line_name: str | None, *, stay: bool, yes: bool) -> None:
    """NAME leaves for good: what they hold from then on becomes open seats, what they held stays theirs."""
    if stay and at:
        raise UsageError("--at is when they leave: leave it out with --stay")
    with at_hand(context) as hand:
        moment = None if stay else instant(at, clocks(hand, line_name), hand.now)
        done = absences.leave(hand.desk, hand.person(name), moment, ACTOR, hand.now, dry=not yes)
        for rotation in done.rotations:
            click.echo(f"  warning: the rotation {rotation} still counts on them: change it")
        hand.tell(done.outcome)


@click.command()
@click.argument("edit", type=int)
@yes
@pass_context
def undo(context: Context, edit: int, *, yes: bool) -> None:
    """Take back, from now on, what edit EDIT did."""
    with at_hand(context) as hand:
        hand.tell(undo_edit(hand.desk, edit, ACTOR, hand.now, dry=not yes))


@click.command()
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 400))
@click.option("--json", "as_json", is_flag=True)
@pass_context
def audit(context: Context, days: int, *, as_json: bool) -> None:
    """Who changed the rota, what and when, the newest first."""
    with at_hand(context) as hand:
        with hand.store.read() as connection:
            entries = read_audit(connection, hand.desk, hand.now - days * DAY)
        line = clocks(hand, None)
    if as_json:
        told = [asdict(entry) | {"at": line.local(entry.at).isoformat()} for entry in entries]
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    for entry in entries:
        click.echo(f"{entry.id}  {line.local(entry.at):%Y-%m-%d %H:%M}  {entry.actor}  {entry.words}{_came_to(entry)}")
    if not entries:
        click.echo(f"the rota wasn't changed in the last {days} days")


def _came_to(entry: Entry) -> str:
    counts = {"new": entry.added, "taken away": entry.cancelled, "shortened": entry.shortened}
    shifts = ", ".join(f"{n} {what}" for what, n in counts.items() if n)
    undone = f"; taken back by edit {entry.undone_by}" if entry.undone_by else ""
    return (f" (shifts: {shifts})" if shifts else "") + undone


COMMANDS = (override, off, absence, leave, undo, audit)
