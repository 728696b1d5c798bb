"""`rota explain`: why a seat is open."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from itertools import zip_longest

import click

from helpline.cli.context import Context, pass_context
from helpline.cli.rota_proposals import RULES
from helpline.cli.rota_shared import Hand, at_hand, instant
from helpline.lines import Line
from helpline.shifts.editing import WORDS
from helpline.shifts.explaining import Explained, explain, together
from helpline.shifts.proposing import Order
from rota.generate.cpsat import Why
from rota.model import Span
from rota.replacing import Choice

TOGETHER: dict[str, str] = {
    "share": "shares of 0",
    "tier": "tiers",
    "skills": "what it asks for",
    "absent": "absences",
    "overlap": "shifts at the same time",
    "rest": "rest",
    "stretch": "long stretches",
    "week": "full weeks",
    "nights": "nights in a row",
    "needs": "what those on call must be able to do together",
    "seats": "other seats that need somebody",
}
"""Rules that keep a seat open together, in words."""
NAMED = 5
"""People who are named of those who could take a seat."""


@click.command("explain")
@click.option("--line", "name", required=True, help="The line.")
@click.option("--at", required=True, help="A time, ISO 8601; without an offset in the line's zone.")
@click.option("--solve", is_flag=True, help="Also whether others could make room; needs helpline[solver].")
@click.option("--seconds", default=20.0, show_default=True, type=click.FloatRange(0.1, 3600), help="For --solve.")
@click.option("--json", "as_json", is_flag=True)
@pass_context
def explain_command(context: Context, name: str, at: str, seconds: float, *, solve: bool, as_json: bool) -> None:
    """Why seats are open at a time: how many people each rule keeps from them, and who could take them."""
    with at_hand(context) as hand:
        line = hand.line(name)
        moment = instant(at, line)
        with hand.store.read() as connection:
            found = explain(connection, hand.desk, line, moment)
            span = Span(moment, moment + 1)
            order = Order(line, span, "repair", lambda _: True, time.monotonic, "cpsat", seconds)
            why = [together(connection, hand.desk, order, each.seat, hand.now) for each in found] if solve else []
        if as_json:
            every = [_data(hand, line, *pair) for pair in zip_longest(found, why)]
            click.echo(json.dumps(every, ensure_ascii=False, indent=2))
            return
        for each, reason in zip_longest(found, why):
            _tell(hand, line, each)
            if reason:
                _tell_why(hand, reason)
        if not found:
            click.echo(f"no seat of {line.name} is open at {line.local(moment):%a %Y-%m-%d %H:%M}")


def _tell(hand: Hand, line: Line, explained: Explained) -> None:
    seat = explained.seat
    start, end = (f"{line.local(instant):%a %Y-%m-%d %H:%M}" for instant in (seat.start, seat.end))
    asks = (" and " if seat.match == "all" else " or ").join(sorted(seat.skills))
    click.echo(f"{line.name} tier {seat.tier}, {start} to {end}{f', asks for {asks}' if asks else ''}:")
    for rule, count in _by_count(explained.because):
        click.echo(f"  {count} {RULES.get(rule, rule)}")
    for choice in explained.able[:NAMED]:
        click.echo(f"  {hand.name(choice.person)} could take it{_but(choice)}")
    if len(explained.able) > NAMED:
        click.echo(f"  and {len(explained.able) - NAMED} more could")
    if not explained.able:
        click.echo("  nobody could take it")


def _tell_why(hand: Hand, why: Why) -> None:
    if not why.rules:
        click.echo(f"  if others change shifts, {hand.name(why.instead[''])} could take it: helpline rota repair")
        return
    kept = " and ".join(TOGETHER[rule] for rule in why.rules)
    click.echo(f"  whoever changes shifts, it stays open because of {kept}")
    for rule, person in why.instead.items():
        click.echo(f"  but for {TOGETHER[rule]}, {hand.name(person)} could take it")


def _but(choice: Choice) -> str:
    return f", but {' and '.join(WORDS.get(why, why) for why in choice.because)}" if choice.because else ""


def _by_count(because: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(because.items(), key=lambda pair: (-pair[1], pair[0]))


def _data(hand: Hand, line: Line, explained: Explained, why: Why | None) -> dict[str, object]:
    seat = explained.seat
    reason = why and {
        "together": list(why.rules),
        "without": {rule: hand.name(person) for rule, person in why.instead.items()},
    }
    return {
        "line": line.name,
        "tier": seat.tier,
        "start": line.local(seat.start).isoformat(),
        "end": line.local(seat.end).isoformat(),
        "languages": sorted(seat.skills),
        "match": seat.match,
        "because": dict(_by_count(explained.because)),
        "able": [{"person": hand.name(c.person), "but": list(c.because)} for c in explained.able],
        "why": reason,
    }


COMMANDS = (explain_command,)
