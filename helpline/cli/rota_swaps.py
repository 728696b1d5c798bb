"""`rota swap|take`: shifts that people give each other, and open seats that they take."""

from __future__ import annotations

import json

import click

from helpline.cli.context import Context, pass_context
from helpline.cli.rota_shared import ACTOR, Hand, at_hand, between, instant, yes
from helpline.errors import UsageError
from helpline.shifts import swapping
from helpline.shifts.editing import WORDS
from helpline.shifts.offers import could_take, open_seats, read_swaps
from helpline.shifts.reading import read_shifts
from helpline.shifts.swapping import Swapped
from rota.model import Shift
from rota.staff import DAY
from rota.swap import ANY, OPEN, Swap

AHEAD = 180 * DAY
"""Seconds from now in which open seats are looked for."""
NAMED = 3
"""So many people are named who could take an offer."""
WHICH = "a shift: its number, or a time within it"
BY = click.option("--by", help="In whose name; the coordinator's, if not given.")


def chosen(hand: Hand, which: str, person: int | None) -> int:
    """A shift of somebody, or an open seat, by its number or by a time within it. Raises `UsageError`."""
    if which.isdecimal():
        return int(which)
    with hand.store.read() as connection:
        shifts = read_shifts(connection, hand.now)
    lines = hand.desk.lines
    found = [
        s for s in shifts if s.person == person and s.line in lines and s.span.holds(instant(which, lines[s.line]))
    ]
    if len(found) == 1:
        return found[0].id
    if not found:
        # A time that is none is refused as such, not as one at which nobody is on call.
        instant(which, next(iter(lines.values())))
        who = "there is no open seat" if person is None else f"{hand.name(person)} isn't on call"
        raise UsageError(f"{who} at {which}; name {WHICH}")
    raise UsageError(f"several are meant by {which}: write a number, " + "; ".join(seat(hand, s) for s in found))


def seat(hand: Hand, shift: Shift) -> str:
    """A shift in words."""
    line = hand.desk.lines.get(shift.line)
    times = between(line, shift.span) if line else ""
    return f"{shift.id}: {shift.line} tier {shift.tier}, {times}"


@click.group()
def swap() -> None:
    """Shifts offered, taken and given back. A shift is named by its number, or by a time within it."""


@swap.command()
@click.argument("name")
@click.argument("which")
@click.option("--to", help="To NAME alone; to anybody, if not given.")
@click.option("--back", help="For which shift back, or 'any'; for nothing, if not given.")
@yes
@pass_context
def offer(context: Context, name: str, which: str, to: str | None, back: str | None, *, yes: bool) -> None:
    """NAME offers a shift of theirs."""
    with at_hand(context) as hand:
        giver, taker = hand.person(name), hand.person(to) if to else None
        shift = chosen(hand, which, giver)
        if back and back != "any" and taker is None and not back.isdecimal():
            raise UsageError(f"whose shift is to come back at {back}? Say --to NAME, or the shift's number")
        wanted = ANY if back == "any" else chosen(hand, back, taker) if back else None
        _refuse_other(hand, shift, giver)
        done = swapping.offer(hand.desk, shift, taker, wanted, ACTOR, hand.now, dry=not yes)
        if done.swap.taker is None:
            with hand.store.read() as connection:
                _, found = could_take(connection, hand.desk, shift, hand.now)
            able = [hand.name(choice.person) for choice in found if choice.able][:NAMED]
            click.echo(f"could take it: {', '.join(able) or 'nobody'}")
        tell(hand, done)


def _refuse_other(hand: Hand, shift: int, giver: int) -> None:
    with hand.store.read() as connection:
        held = next((each for each in read_shifts(connection, hand.now) if each.id == shift), None)
    if held is not None and held.person != giver:
        raise UsageError(f"shift {shift} is {hand.name(held.person)}'s, not {hand.name(giver)}'s: nothing was offered")


@swap.command()
@click.argument("number", type=int)
@click.argument("name")
@click.option("--back", help="Which shift NAME gives for it.")
@yes
@pass_context
def accept(context: Context, number: int, name: str, back: str | None, *, yes: bool) -> None:
    """NAME takes what swap NUMBER offers."""
    with at_hand(context) as hand:
        taker = hand.person(name)
        given = chosen(hand, back, taker) if back else None
        tell(hand, swapping.accept(hand.desk, number, taker, ACTOR, hand.now, back=given, dry=not yes))


@swap.command()
@click.argument("number", type=int)
@yes
@pass_context
def approve(context: Context, number: int, *, yes: bool) -> None:
    """The coordinator agrees to swap NUMBER."""
    with at_hand(context) as hand:
        tell(hand, swapping.approve(hand.desk, number, ACTOR, hand.now, dry=not yes))


@swap.command()
@click.argument("number", type=int)
@BY
@yes
@pass_context
def refuse(context: Context, number: int, by: str | None, *, yes: bool) -> None:
    """The coordinator, or whom it is offered to, says no to swap NUMBER."""
    with at_hand(context) as hand:
        who = hand.person(by) if by else None
        tell(hand, swapping.refuse(hand.desk, number, ACTOR, hand.now, by=who, dry=not yes))


@swap.command()
@click.argument("number", type=int)
@BY
@yes
@pass_context
def withdraw(context: Context, number: int, by: str | None, *, yes: bool) -> None:
    """Whoever offered swap NUMBER, or accepted it, would rather not."""
    with at_hand(context) as hand:
        who = hand.person(by) if by else None
        tell(hand, swapping.withdraw(hand.desk, number, ACTOR, hand.now, by=who, dry=not yes))


@swap.command("give-back")
@click.argument("number", type=int)
@click.option("--by", help="Who would give it back: the other one is asked. Not given: it is undone at once.")
@yes
@pass_context
def give_back(context: Context, number: int, by: str | None, *, yes: bool) -> None:
    """Swap NUMBER was made, and both shall have again what they had."""
    with at_hand(context) as hand:
        who = hand.person(by) if by else None
        tell(hand, swapping.give_back(hand.desk, number, ACTOR, hand.now, by=who, dry=not yes))


@swap.command("list")
@click.option("--days", default=90, show_default=True, type=click.IntRange(1, 400), help="Offered in so many days.")
@click.option("--all", "also_over", is_flag=True, help="Also those that are over.")
@click.option("--json", "as_json", is_flag=True)
@pass_context
def list_swaps(context: Context, days: int, *, also_over: bool, as_json: bool) -> None:
    """The swaps that wait for somebody."""
    with at_hand(context) as hand:
        since = hand.now - days * DAY
        with hand.store.read() as connection:
            swaps = [s for s in read_swaps(connection, hand.now, since) if also_over or s.state in OPEN]
            shifts = {s.id: s for s in read_shifts(connection, since, cancelled=True)}
        if as_json:
            click.echo(json.dumps([_plain(hand, each) for each in swaps], ensure_ascii=False, indent=2))
            return
        for each in swaps:
            click.echo(words(hand, each))
            for number in each.shifts:
                if number in shifts:
                    click.echo(f"  {seat(hand, shifts[number])}")
        if not swaps:
            click.echo("no swaps" if also_over else "no swap waits for anybody")


def _plain(hand: Hand, swap: Swap) -> dict[str, object]:
    return {
        "swap": swap.id,
        "state": swap.state,
        "shift": swap.shift,
        "giver": hand.name(swap.giver),
        "taker": None if swap.taker is None else hand.name(swap.taker),
        "back": "any" if swap.back == ANY else swap.back,
    }


def words(hand: Hand, swap: Swap) -> str:
    """A swap in a sentence."""
    to = "anybody" if swap.taker is None else hand.name(swap.taker)
    back = {None: "", ANY: " for a shift back"}.get(swap.back, f" for shift {swap.back}")
    number = f"swap {swap.id}" if swap.id else "swap"
    return f"{number}, {swap.state}: {hand.name(swap.giver)} gives shift {swap.shift} to {to}{back}"


def tell(hand: Hand, done: Swapped) -> None:
    """What a step came to: who is on call otherwise, or what would be wrong once it is done."""
    click.echo(words(hand, done.swap))
    if done.outcome.change:
        hand.tell(done.outcome)
        return
    for found in done.warnings:
        click.echo(f"  warning: {hand.name(found.person)} {WORDS[found.kind]}")
    if done.swap.state == "accepted":
        click.echo("  no shift has changed hands yet: the coordinator has to approve it")
    click.echo("nothing was changed; add --yes to do it" if done.outcome.edit is None else "done")


@swap.command("candidates")
@click.argument("which")
@click.option("--of", "name", help="Whose shift it is, when it is named by a time; an open seat, if not given.")
@click.option("--json", "as_json", is_flag=True)
@pass_context
def candidates(context: Context, which: str, name: str | None, *, as_json: bool) -> None:
    """Who could have a shift instead, the best first; and what keeps the others."""
    with at_hand(context) as hand:
        shift = chosen(hand, which, hand.person(name) if name else None)
        with hand.store.read() as connection:
            held, found = could_take(connection, hand.desk, shift, hand.now)
        if as_json:
            told = [{"person": hand.name(c.person), "able": c.able, "because": c.because} for c in found]
            click.echo(json.dumps(told, ensure_ascii=False, indent=2))
            return
        click.echo(f"{seat(hand, held)}: {hand.name(held.person)}")
        for choice in found:
            because = "; ".join(WORDS.get(why, why) for why in choice.because)
            click.echo(f"  {'could' if choice.able else 'can not'}  {hand.name(choice.person)}  {because}".rstrip())


@click.command()
@click.argument("name")
@click.argument("which", required=False)
@yes
@pass_context
def take(context: Context, name: str, which: str | None, *, yes: bool) -> None:
    """NAME takes an open seat, by its number or a time within it; without one, the open seats are listed."""
    with at_hand(context) as hand:
        person = hand.person(name)
        if which is not None:
            hand.tell(swapping.take(hand.desk, chosen(hand, which, None), person, ACTOR, hand.now, dry=not yes))
            return
        with hand.store.read() as connection:
            seats = open_seats(connection, hand.now, hand.now + AHEAD)
        for each in seats:
            click.echo(seat(hand, each))
        if not seats:
            click.echo("no seat is open")


COMMANDS = (swap, take)
