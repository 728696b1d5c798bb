"""`rota proposals|proposal|apply`: rotas that an engine proposed, looked at and applied by a person."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict

import click

from helpline.cli.context import Context, pass_context
from helpline.cli.rota_fairness import HEADS, described, spread, table
from helpline.cli.rota_shared import ACTOR, Hand, at_hand, yes
from helpline.lines import Line
from helpline.shifts.proposals import Place, Proposed, apply, read_proposal, read_proposals
from rota.duty import CATEGORIES
from rota.generate.problem import Quality, Unfilled

RULES = {
    "share": "without a share",
    "tier": "not of this tier",
    "skills": "without what it asks for",
    "absent": "away",
    "left": "who have left",
    "overlap": "on call then",
    "rest": "with too little rest",
    "stretch": "too long at work",
    "week": "with a full week",
    "nights": "with too many nights in a row",
    "free": "free, had there been more time",
}
"""Of how many people what is so."""


@click.command()
@click.option("--line", "name", help="One line instead of all.")
@click.option("--json", "as_json", is_flag=True)
@pass_context
def proposals(context: Context, name: str | None, *, as_json: bool) -> None:
    """What was proposed, the newest first."""
    with at_hand(context) as hand, hand.store.read() as connection:
        found = read_proposals(connection, hand.line(name).name if name else None)
        known = [each for each in found if each.line in hand.desk.lines]
        if as_json:
            every = [data(hand, hand.line(each.line), each) for each in known]
            click.echo(json.dumps(every, ensure_ascii=False, indent=2))
            return
        for each in known:
            click.echo(f"{_title(hand.line(each.line), each)}: {', '.join(words(each.body.quality))}; {_state(each)}")
        if not known:
            click.echo("nothing has been proposed")


@click.command()
@click.argument("number", type=int)
@click.option("--json", "as_json", is_flag=True)
@pass_context
def proposal(context: Context, number: int, *, as_json: bool) -> None:
    """Who would be on call otherwise by proposal NUMBER, how that is shared out, and what stays open."""
    with at_hand(context) as hand, hand.store.read() as connection:
        found = read_proposal(connection, number)
        line = hand.line(found.line)
        if as_json:
            click.echo(json.dumps(data(hand, line, found), ensure_ascii=False, indent=2))
            return
        for change in found.differences:
            gone, come = (", ".join(map(hand.name, people)) or "nobody" for people in (change.gone, change.come))
            click.echo(f"  tier {change.tier}  {_when(line, change.start, change.end)}: {gone} -> {come}")
        tell(hand, line, found)
        click.echo(_state(found))


@click.command("apply")
@click.argument("number", type=int)
@yes
@pass_context
def apply_command(context: Context, number: int, *, yes: bool) -> None:
    """Make the rota as proposal NUMBER says; refused if it has changed there since."""
    with at_hand(context) as hand:
        outcome = apply(hand.desk, number, ACTOR, hand.now, dry=not yes)
        with hand.store.read() as connection:
            found = read_proposal(connection, number)
        begun = sum(place.start < hand.now for place in found.body.seats)
        if begun:
            click.echo(f"  {begun} of its seats have begun since: they stay as they are")
        hand.tell(outcome)


def words(quality: Quality) -> list[str]:
    """How good a rota is, the worst first."""
    found = [
        _several(quality.broken, "rule broken", "rules broken"),
        _several(quality.unfilled, "seat open", "seats open") or "every seat filled",
        _several(quality.changes, "change for others", "changes for others"),
        _several(quality.weak, "stretch of weak cover", "stretches of weak cover"),
        f"{quality.excess / 100:.2f} shifts too far from fair" if quality.excess else "fair to within one shift",
        _several(quality.unwished, "against a wish", "against wishes"),
    ]
    return [word for word in found if word]


def _several(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}" if count else ""


def because(unfilled: Unfilled) -> str:
    """Why a seat stays open."""
    ordered = sorted(unfilled.because.items(), key=lambda pair: -pair[1])
    return ", ".join(f"{count} {RULES.get(rule, rule)}" for rule, count in ordered if count) or "nobody is there"


def tell(hand: Hand, line: Line, proposed: Proposed) -> None:
    """Prints how good a proposal is, what stays open and why, and how it is shared out."""
    body = proposed.body
    click.echo(f"{_title(line, proposed)}: {', '.join(words(body.quality))}")
    if body.proven:
        click.echo("  there is no better one")
    elif body.bound:
        click.echo(f"  none can be better than this: {', '.join(words(body.bound))}")
    for each in body.unfilled:
        place = body.seats[each.seat]
        click.echo(f"  open: tier {place.tier}, {_when(line, place.start, place.end)}: {because(each)}")
    for lack in body.unmet:
        skills = lack.skills.replace(" ", " and " if lack.match == "all" else " or ")
        click.echo(f"  fewer than {lack.n} with {skills}: {_when(line, lack.start, lack.end)}")
    for row in table(hand, body.after):
        click.echo(f"  {row}")
    click.echo(f"  {'furthest from shares':<22}{'before':<16}{'as proposed':<16}given skills, tiers and debts")
    for category in CATEGORIES:
        known = [each for each in body.after if each.person in body.fair]
        spreads = (
            spread(each.deviation(category) for each in body.before),
            spread(each.deviation(category) for each in body.after),
            spread(each.held[category] - body.fair[each.person].get(category, 0) for each in known),
        )
        click.echo(f"  {HEADS[category]:<22}{spreads[0]:<16}{spreads[1]:<16}{spreads[2]}")


def _title(line: Line, proposed: Proposed) -> str:
    days = " to ".join(f"{line.local(at):%Y-%m-%d}" for at in (proposed.window.start, proposed.window.end))
    changed = sum(not place.fixed for place in proposed.body.seats)
    return f"proposal {proposed.number} ({proposed.kind}), {line.name}, {days}, {changed} seats"


def _state(proposed: Proposed) -> str:
    if proposed.state == "applied":
        return f"applied by edit {proposed.edit}"
    return "not applied" if proposed.edit is None else f"applied by edit {proposed.edit}, which was undone"


def _when(line: Line, start: int, end: int) -> str:
    return " to ".join(f"{line.local(at):%a %Y-%m-%d %H:%M}" for at in (start, end))


def data(hand: Hand, line: Line, proposed: Proposed) -> dict[str, object]:
    """All of it, for a script."""
    body = proposed.body
    return {
        "proposal": proposed.number,
        "line": line.name,
        "kind": proposed.kind,
        "state": proposed.state,
        "edit": proposed.edit,
        "from": line.local(proposed.window.start).isoformat(),
        "to": line.local(proposed.window.end).isoformat(),
        "engine": body.engine,
        "seed": body.seed,
        "proven": body.proven,
        "quality": asdict(body.quality),
        "bound": asdict(body.bound) if body.bound else None,
        "seats": _seats(hand, line, body.seats),
        "unfilled": [
            {**seat, "because": each.because}
            for each in body.unfilled
            for seat in _seats(hand, line, [body.seats[each.seat]])
        ],
        "before": described(hand, body.before),
        "after": described(hand, body.after),
    }


def _seats(hand: Hand, line: Line, places: Iterable[Place]) -> list[dict[str, object]]:
    return [
        {
            "tier": place.tier,
            "person": None if place.person is None else hand.name(place.person),
            "start": line.local(place.start).isoformat(),
            "end": line.local(place.end).isoformat(),
        }
        for place in places
    ]


COMMANDS = (proposals, proposal, apply_command)
