"""`rota rule add|end|list`: what each line asks of its rota."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, time

import click

from helpline.cli.context import Context, pass_context
from helpline.cli.rota_shared import ACTOR, Hand, at_hand, between, day, yes
from helpline.errors import UsageError
from helpline.lines import Line
from helpline.shifts.rule_edits import Ruled, add_rule, end_rule
from helpline.shifts.rules import lacking, read_rules
from rota.model import LANGUAGES
from rota.staff import HOLIDAY, WEEKDAYS, CoverageRule

SHOWN = 5
"""Gaps of a new rule that are printed."""
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "holidays")


@click.group()
def rule() -> None:
    """What each line asks for: how many people, in which tier, who speak what, when."""


@rule.command("add")
@click.option("--line", "name", required=True)
@click.option("--tier", type=click.IntRange(1, 5), help="In one tier; otherwise those of all tiers together.")
@click.option("--days", default="1-7", show_default=True, help="1 is Monday, 7 Sunday, 8 public holidays: 1-5,8.")
@click.option("--starts", default="00:00", show_default=True, help="Local time.")
@click.option("--ends", default="00:00", show_default=True, help="Local time; not after the start: on the day after.")
@click.option("--n", "-n", default=1, show_default=True, type=click.IntRange(1), help="How many people.")
@click.option("--languages", default="", help="What each of them speaks: 'nl', 'fr nl'.")
@click.option("--any", "any_", is_flag=True, help="One of the languages is enough.")
@click.option("--soft", is_flag=True, help="A gap in it is weak cover, no gap.")
@click.option("--from", "since", help="The first day on which it holds. Today, if not given.")
@click.option("--until", help="The first day on which it holds no more.")
@yes
@pass_context
def add(  # noqa: PLR0913 - a rule has that many parts
    context: Context,
    *,
    name: str,
    tier: int | None,
    days: str,
    starts: str,
    ends: str,
    n: int,
    languages: str,
    since: str | None,
    until: str | None,
    any_: bool,
    soft: bool,
    yes: bool,
) -> None:
    """Ask for so many people at these times."""
    with at_hand(context) as hand:
        line = hand.line(name)
        wanted = CoverageRule(
            0,
            line.name,
            tier,
            days_of(days),
            time_of(starts),
            time_of(ends),
            day(since) if since else line.local(hand.now).date(),
            day(until) if until else None,
            n,
            skills_of(languages),
            "any" if any_ else "all",
            not soft,
        )
        done = add_rule(hand.desk, wanted, ACTOR, hand.now, dry=not yes)
        _tell(line, done, "nobody is missing for it in its first four weeks")


@rule.command("end")
@click.argument("number", type=int)
@click.option("--from", "until", help="The first day on which it holds no more. Today, if not given.")
@yes
@pass_context
def end(context: Context, number: int, until: str | None, *, yes: bool) -> None:
    """Ask for it no more."""
    with at_hand(context) as hand:
        known = {kept.id: kept for kept in _all(hand, hand.desk.lines.values())}
        if number not in known:
            raise UsageError(f"there is no rule {number}: 'helpline rota rule list' shows them")
        line = hand.line(known[number].line)
        last = day(until) if until else line.local(hand.now).date()
        _tell(line, end_rule(hand.desk, number, last, ACTOR, hand.now, dry=not yes))


@rule.command("list")
@click.option("--line", "name", help="One line instead of all.")
@click.option("--json", "as_json", is_flag=True)
@pass_context
def list_command(context: Context, name: str | None, *, as_json: bool) -> None:
    """The rules of each line, and what stands in for those it doesn't have."""
    with at_hand(context) as hand:
        lines = [hand.line(name)] if name else list(hand.desk.lines.values())
        found = _all(hand, lines)
    if as_json:
        click.echo(json.dumps([_as_data(kept) for kept in found], ensure_ascii=False, indent=2))
        return
    for kept in found:
        click.echo(f"{kept.id or '-':>4}  {kept.line}: {words(kept)}")


def _all(hand: Hand, lines: Iterable[Line]) -> list[CoverageRule]:
    with hand.store.read() as connection:
        return [kept for line in lines for kept in read_rules(connection, line)]


def _tell(line: Line, done: Ruled, kept: str = "") -> None:
    click.echo(f"  {done.rule.line}: {words(done.rule)}")
    for text in done.warnings:
        click.echo(f"  warning: {text}")
    for gap in done.gaps[:SHOWN]:
        click.echo(f"  missing: {lacking(gap)} from {between(line, gap)}")
    if len(done.gaps) > SHOWN:
        click.echo(f"  and {len(done.gaps) - SHOWN} more in its first four weeks")
    if kept and not done.gaps:
        click.echo(f"  {kept}")
    if done.edit is None:
        click.echo("nothing was changed; add --yes to do it")
    else:
        click.echo(f"rule {done.rule.id}, edit {done.edit} (undo it with: helpline rota undo {done.edit})")


def words(kept: CoverageRule) -> str:
    """A rule in a sentence."""
    tongues = (" and " if kept.match == "all" else " or ").join(x for x in LANGUAGES if x in kept.skills)
    who = f"{kept.n} in tier {kept.tier}" if kept.tier else f"{kept.n} on call"
    speak = f" who speak{'s' if kept.n == 1 else ''} {tongues}" if tongues else ""
    whole = kept.starts == kept.ends == time()
    hours = "all day" if whole else f"{kept.starts:%H:%M}-{kept.ends:%H:%M}"
    when = "every day" if kept.days >= WEEKDAYS else ", ".join(DAYS[number - 1] for number in sorted(kept.days))
    since = "" if kept.since == date.min else f", from {kept.since}"
    until = f" until {kept.until}" if kept.until else ""
    stands = "" if kept.id or kept.since > date.min else ", while there is no rule of this kind"
    return f"{who}{speak}, {hours} {when}{since}{until}{'' if kept.hard else ', better than not'}{stands}"


def _as_data(kept: CoverageRule) -> dict[str, object]:
    return {
        "rule": kept.id or None,
        "line": kept.line,
        "tier": kept.tier,
        "days": sorted(kept.days),
        "starts": f"{kept.starts:%H:%M}",
        "ends": f"{kept.ends:%H:%M}",
        "from": None if kept.since == date.min else kept.since.isoformat(),
        "until": kept.until and kept.until.isoformat(),
        "n": kept.n,
        "languages": sorted(kept.skills),
        "match": kept.match,
        "hard": kept.hard,
    }


def days_of(text: str) -> frozenset[int]:
    """`1-5,8` as days. Raises `UsageError`."""
    found: set[int] = set()
    for part in text.replace(",", " ").split():
        first, dash, last = part.partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()):
            raise UsageError(f"{part!r} isn't a day or a range of days; write 1 for Monday, 7 for Sunday: 1-5,8")
        found |= set(range(int(first), int(last or first) + 1))
    if not found or not found <= WEEKDAYS | {HOLIDAY}:
        raise UsageError(f"{text!r} names no days; write 1 for Monday to 7 for Sunday, 8 for public holidays: 1-5,8")
    return frozenset(found)


def time_of(text: str) -> time:
    """`20:00`, or `24:00` for midnight. Raises `UsageError`."""
    try:
        return time() if text == "24:00" else time.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} isn't a time of day; write it like 20:00") from error


def skills_of(text: str) -> frozenset[str]:
    """`fr nl` as languages. Raises `UsageError`."""
    found = frozenset(text.replace(",", " ").lower().split())
    unknown = sorted(found - set(LANGUAGES))
    if unknown:
        raise UsageError(f"unknown language {unknown[0]!r}: there are {' '.join(LANGUAGES)}")
    return found


COMMANDS = (rule,)
