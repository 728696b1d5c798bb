"""`rota show|gaps`: who is on call and who comes next, where the rota falls short, and who could fill it."""

from __future__ import annotations

import json
from collections.abc import Iterable

import click

from helpline.cli.context import Context, pass_context
from helpline.cli.rota_shared import instant
from helpline.lines import Line
from helpline.shifts.editing import WORDS
from helpline.shifts.reading import standard
from helpline.shifts.rules import Bench, Vacancy, lacking, read_gaps
from helpline.shifts.snapshot import read_roster
from rota.gaps import Gap
from rota.handoffs import Handoff, next_on_call
from rota.model import OnCall, Person, Span
from rota.oncall import who
from rota.replacing import Choice
from rota.staff import DAY

SOON = 8 * DAY
"""Seconds over which it is looked who is next."""


def chosen(context: Context, name: str | None) -> list[Line]:
    """One line, or all."""
    return [context.line(name)] if name else list(context.lines().values())


@click.command()
@click.option("--at", help="A time, ISO 8601; without an offset in the line's zone. Now, if not given.")
@click.option("--line", "name", help="One line instead of all.")
@click.option("--json", "as_json", is_flag=True)
@pass_context
def show(context: Context, at: str | None, name: str | None, *, as_json: bool) -> None:
    """Who is on call, in the order in which they are rung, and who comes next."""
    found: list[tuple[Line, tuple[OnCall, ...], tuple[Handoff, ...]]] = []
    with context.store() as store, store.read() as connection:
        for line in chosen(context, name):
            moment = instant(at, line)
            roster = read_roster(connection, moment - DAY, moment + SOON)
            found.append((line, who(roster, line.name, moment), next_on_call(roster, line.name, moment)))
    if as_json:
        answer = {line.name: _as_data(line, now, coming) for line, now, coming in found}
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    for line, now, coming in found:
        click.echo(f"{line.name}:")
        for held in now:
            click.echo(f"  tier {held.tier}  {held.person.name}  until {line.local(held.until).isoformat()}")
        if not now:
            click.echo("  nobody is on call")
        for hand in coming:
            start = line.local(hand.at).isoformat()
            click.echo(f"  next in tier {hand.tier}: {names(hand.come)} from {start}{_for(hand)}")


def _for(hand: Handoff) -> str:
    return f", for {names(hand.gone)}" if hand.gone else ""


def names(people: Iterable[Person]) -> str:
    """People in a sentence."""
    return ", ".join(person.name for person in people)


def _as_data(line: Line, now: Iterable[OnCall], coming: Iterable[Handoff]) -> dict[str, list[dict[str, object]]]:
    return {
        "on_call": [
            {
                "person": held.person.name,
                "tier": held.tier,
                "languages": sorted(held.person.skills),
                "until": line.local(held.until).isoformat(),
            }
            for held in now
        ],
        "next": [
            {
                "tier": hand.tier,
                "from": line.local(hand.at).isoformat(),
                "come": [person.name for person in hand.come],
                "gone": [person.name for person in hand.gone],
            }
            for hand in coming
        ],
    }


@click.command("gaps")
@click.option("--from", "since", help="A time, ISO 8601. Now, if not given.")
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 400))
@click.option("--line", "name", help="One line instead of all.")
@click.option("--json", "as_json", is_flag=True)
@pass_context
def gaps(context: Context, since: str | None, days: int, name: str | None, *, as_json: bool) -> None:
    """Where the rota has less than its rules ask for, and up to three people who could fill each gap.

    A line without rules needs somebody in each tier always, and should have each language of its flow.
    """
    found: list[dict[str, object]] = []
    said: list[str] = []
    lines, limits = context.lines(), standard(context.settings().limits)
    with context.store() as store, store.read() as connection:
        for line in chosen(context, name):
            start = instant(since, line)
            span = Span(start, start + days * DAY)
            bench = Bench.read(connection, limits, lines, span)
            for gap in read_gaps(connection, line, span):
                seat, choices = bench.able(gap)
                found.append(_described(bench, gap, seat, choices))
                said += _said(bench, gap, seat, choices)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for text in said:
        click.echo(text)
    if not found:
        click.echo(f"every hour of the next {days} days is covered")


def _said(bench: Bench, gap: Gap, seat: Vacancy, choices: Iterable[Choice]) -> list[str]:
    """A gap in two lines: what it is, and who could take it, with what speaks against them."""
    line = bench.lines[gap.line]
    start, end = line.local(gap.start).isoformat(), line.local(gap.end).isoformat()
    could = [bench.staff[choice.person].name + _but(choice) for choice in choices]
    first = f" (until {line.local(seat.end).isoformat()})" if seat.end < gap.end else ""
    return [
        f"{gap.line}: {lacking(gap)} from {start} to {end}",
        f"  could take it{first}: {', '.join(could) or 'nobody'}",
    ]


def _but(choice: Choice) -> str:
    """What speaks against somebody who could."""
    return f" ({', '.join(WORDS[kind] for kind in choice.because if kind != 'skills')})" if choice.because else ""


def _described(bench: Bench, gap: Gap, seat: Vacancy, choices: Iterable[Choice]) -> dict[str, object]:
    line = bench.lines[gap.line]
    return {
        "line": line.name,
        "kind": gap.kind,
        "tier": gap.tier,
        "language": gap.language,
        "languages": sorted(gap.skills),
        "missing": gap.missing,
        "rule": gap.rule or None,
        "hard": gap.hard,
        "start": line.local(gap.start).isoformat(),
        "end": line.local(gap.end).isoformat(),
        "could": [{"person": bench.staff[choice.person].name, "but": list(choice.because)} for choice in choices],
        "until": line.local(seat.end).isoformat(),
    }


COMMANDS = (show, gaps)
