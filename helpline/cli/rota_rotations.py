"""`rota rotation add|change|end|list`: people who take turns, shown as the shifts to come before anything is done."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import click

from helpline.cli.context import Context, pass_context
from helpline.cli.rota_shared import ACTOR, Command, Hand, at_hand, between, day, yes
from helpline.errors import UsageError
from helpline.lines import Line
from helpline.shifts.rotations import Made, change, create, end
from helpline.shifts.versions import read_rotations
from rota.model import RotaError, Shift, Span
from rota.rotation import SOURCE, timeline, turn
from rota.staff import Rotation

SHOWN = 28
"""So many lines of a kind are shown; the rest is counted."""


@click.group("rotation")
def rotation() -> None:
    """People who take turns."""


def _times(*, required: bool = False) -> Callable[[Command], Command]:
    """The options of when its shifts are and whose turn it is."""
    if_not = ("All, if not given.", "1, if not given.", "Weeks, if not given.") if required else ("", "", "")
    days, every, unit = if_not
    options = (
        click.option("--starts", help="When a shift begins, on the line's clocks, like 20:00.", required=required),
        click.option(
            "--ends", help="When it ends, perhaps on the next day; as it begins: a day later.", required=required
        ),
        click.option("--days", help=f"The days on which one begins, like 1-5 or 6,7: 1 is Monday. {days}"),
        click.option("--every", type=click.IntRange(1, 366), help=f"How many of them a turn lasts. {every}"),
        click.option("--unit", type=click.Choice(["day", "week", "month"]), help=f"How many of what. {unit}"),
        click.option("--anchor", help="A day on which a turn of the first person begins."),
    )

    def with_options(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return with_options


@rotation.command()
@click.argument("line")
@click.argument("name")
@click.argument("people", nargs=-1, required=True)
@click.option("--tier", default=1, show_default=True, type=click.IntRange(1, 9), help="1 rings first.")
@click.option("--from", "since", required=True, help="The first day of a shift.")
@_times(required=True)
@yes
@pass_context
def add(
    context: Context,
    /,
    line: str,
    name: str,
    people: Sequence[str],
    tier: int,
    since: str,
    *,
    yes: bool,
    **times: Any,  # noqa: ANN401 - options
) -> None:
    """Begin a rotation NAME on LINE, of PEOPLE in the order of their turns.

    Its shifts are made 180 days ahead, and go on being made. Somebody's turn while they can't have it is an open seat.
    """
    with at_hand(context) as hand:
        first = day(since)
        given = _given(times)
        values: dict[str, Any] = {"days": frozenset(range(1, 8)), "unit": "week", "every": 1, "anchor": first} | given
        try:
            draft = Rotation(
                0, hand.line(line).name, tier, name.strip(), 0, people=_people(hand, people), since=first, **values
            )
        except RotaError as error:
            raise UsageError(str(error)) from error
        _tell(hand, create(hand.desk, draft, ACTOR, hand.now, dry=not yes))


@rotation.command("change")
@click.argument("line")
@click.argument("name")
@click.argument("people", nargs=-1)
@click.option("--from", "since", required=True, help="The first day on which it is otherwise.")
@_times()
@yes
@pass_context
def change_command(
    context: Context,
    /,
    line: str,
    name: str,
    people: Sequence[str],
    since: str,
    *,
    yes: bool,
    **times: Any,  # noqa: ANN401 - options
) -> None:
    """Go on with rotation NAME of LINE otherwise, with other PEOPLE, hours or turns; what isn't given stays.

    The first of other PEOPLE gets the turn that is under way on that day; without others, whoever has it keeps it.
    Published shifts stay as they are.
    """
    with at_hand(context) as hand:
        changes = _given(times)
        if people:
            changes["people"] = _people(hand, people)
        if not changes:
            raise UsageError(
                "say what is to be otherwise: people, --starts, --ends, --days, --every, --unit or --anchor"
            )
        of = (hand.line(line).name, name.strip())
        _tell(hand, change(hand.desk, of, day(since), changes, ACTOR, hand.now, dry=not yes))


@rotation.command("end")
@click.argument("line")
@click.argument("name")
@click.option("--from", "since", required=True, help="The first day without a shift of it.")
@yes
@pass_context
def end_command(context: Context, line: str, name: str, since: str, *, yes: bool) -> None:
    """End rotation NAME of LINE. Published shifts stay as they are."""
    with at_hand(context) as hand:
        of = (hand.line(line).name, name.strip())
        _tell(hand, end(hand.desk, of, day(since), ACTOR, hand.now, dry=not yes))


@rotation.command("list")
@click.option("--line", "name", help="One line instead of all.")
@click.option("--all", "every", is_flag=True, help="Also what has ended.")
@click.option("--json", "as_json", is_flag=True)
@pass_context
def list_command(context: Context, name: str | None, *, every: bool, as_json: bool) -> None:
    """The rotations, with their people from whose turn it is."""
    with at_hand(context) as hand:
        with hand.store.read() as connection:
            found = read_rotations(connection, line=name and hand.line(name).name)
        versions = [
            version for version in found if version.line in hand.desk.lines and (every or _lasts(hand, version))
        ]
        if as_json:
            click.echo(json.dumps([_described(hand, version) for version in versions], ensure_ascii=False, indent=2))
            return
        for version in versions:
            click.echo(_in_words(hand, version))
        if not versions:
            click.echo("there is no rotation")


def _lasts(hand: Hand, version: Rotation) -> bool:
    today = hand.desk.lines[version.line].local(hand.now).date()
    return version.until is None or version.until > max(today, version.since)


def _described(hand: Hand, version: Rotation) -> dict[str, object]:
    return {
        "line": version.line,
        "name": version.name,
        "version": version.version,
        "tier": version.tier,
        "days": sorted(version.days),
        "starts": f"{version.starts:%H:%M}",
        "ends": f"{version.ends:%H:%M}",
        "every": version.every,
        "unit": version.unit,
        "anchor": version.anchor.isoformat(),
        "people": [hand.name(person) for person in version.people],
        "from": version.since.isoformat(),
        "until": version.until and version.until.isoformat(),
    }


def _in_words(hand: Hand, version: Rotation) -> str:
    at = max(version.since, hand.desk.lines[version.line].local(hand.now).date())
    place = turn(version, at) % len(version.people)
    people = ", ".join(hand.name(person) for person in (*version.people[place:], *version.people[:place]))
    turns = version.unit if version.every == 1 else f"{version.every} {version.unit}s"
    days = "" if len(version.days) == 7 else f" on days {','.join(map(str, sorted(version.days)))}"
    until = f" up to {version.until}" if version.until else ""
    return (
        f"{version.line} tier {version.tier}  {version.name}: {version.starts:%H:%M} to {version.ends:%H:%M}{days}, "
        f"a turn a {turns}, from {version.since}{until}\n  {people}"
    )


def _given(times: dict[str, Any]) -> dict[str, Any]:
    """The options that were given, as fields of a rotation."""
    read = {"starts": _time, "ends": _time, "days": _days, "anchor": day}
    return {key: read.get(key, lambda same: same)(value) for key, value in times.items() if value is not None}


def _people(hand: Hand, names: Iterable[str]) -> tuple[int, ...]:
    return tuple(hand.person(name) for name in names)


def _time(text: str) -> time:
    found = re.fullmatch(r"(\d{1,2}):(\d{2})", text)
    if not found or not (int(found[1]) < 24 and int(found[2]) < 60):
        raise UsageError(f"{text!r} isn't a time of day; write it like 08:00, and midnight as 00:00")
    return time(int(found[1]), int(found[2]))


def _days(text: str) -> frozenset[int]:
    """Raises `UsageError`."""
    days: set[int] = set()
    for part in text.split(","):
        found = re.fullmatch(r"\s*([1-7])\s*(?:-\s*([1-7])\s*)?", part)
        if not found or int(found[2] or 7) < int(found[1]):
            raise UsageError(f"{text!r} aren't days; write them like 1-5 or 6,7: 1 is Monday, 7 Sunday")
        days |= set(range(int(found[1]), int(found[2] or found[1]) + 1))
    return frozenset(days)


def _tell(hand: Hand, made: Made) -> None:
    """Prints what was made, what is open, what stays, and what any edit tells; of many of a kind the first."""
    line = hand.desk.lines[made.rotation.line]
    last = f", the last on {line.local(made.shifts[-1].start):%Y-%m-%d}" if made.shifts else ""
    click.echo(f"{_n(made.shifts)} to come{last}")
    _tell_far(hand, line, made)
    if made.unheld:
        click.echo(f"{_n(made.unheld)} nobody holds, for whose turn it is can't:")
        for new in made.unheld[:SHOWN]:
            click.echo(f"  {between(line, Span(new.start, new.end))}")
        _tell_rest(made.unheld)
    _tell_staying(line, made.staying)
    outcome = made.outcome
    if len(outcome.differences) > SHOWN:
        click.echo(f"who is on call changes {len(outcome.differences)} times; the first {SHOWN}:")
    each = {(found.person, found.kind): found for found in outcome.findings}
    hand.tell(replace(outcome, differences=outcome.differences[:SHOWN], findings=tuple(each.values())))


def _tell_far(hand: Hand, line: Line, made: Made) -> None:
    """Prints the first shifts of a rotation that begins further ahead than there are shifts."""
    since = made.rotation.since
    if not any(line.local(shift.start).date() >= since for shift in made.shifts):
        for new in timeline([made.rotation], line.zone, since, since + timedelta(days=SHOWN))[:SHOWN]:
            click.echo(
                f"  {between(line, Span(new.start, new.end))}  {hand.name(new.person)}, to be made nearer the time"
            )


def _tell_rest(told: Sequence[object]) -> None:
    if len(told) > SHOWN:
        click.echo(f"  and {len(told) - SHOWN} more")


def _tell_staying(line: Line, staying: Sequence[Shift]) -> None:
    published = [shift for shift in staying if shift.source == SOURCE]
    by_hand = [shift for shift in staying if shift.source != SOURCE]
    for shifts, what in ((published, "published"), (by_hand, "changed by a person")):
        if shifts:
            end = max(shift.end for shift in shifts)
            click.echo(f"{_n(shifts, what)} {_stay(shifts)} as they are until {line.local(end):%Y-%m-%d %H:%M}")


def _stay(shifts: Sequence[object]) -> str:
    return "stays" if len(shifts) == 1 else "stay"


def _n(shifts: Sequence[object], what: str = "") -> str:
    return " ".join(filter(None, (str(len(shifts)), what, "shift" if len(shifts) == 1 else "shifts")))


COMMANDS = (rotation,)
