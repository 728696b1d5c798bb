"""`rota fairness`: who has had how much beside their share, and the ledger that carries it on."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence

import click

from helpline.cli.context import Context, pass_context
from helpline.cli.rota_shared import Hand, at_hand, stretch
from helpline.errors import UsageError
from helpline.lines import Line
from helpline.shifts.fairness import close, quarter, read_standings
from rota.duty import CATEGORIES
from rota.fairness import MEASURES, Standing
from rota.model import Span

HEADS = {
    "shift": "shifts",
    "night": "nights",
    "weekend": "weekends",
    "holiday": "holidays",
    "hours": "hours",
    "points": "points",
}


@click.command("fairness")
@click.option("--line", "name", help="One line instead of all.")
@click.option("--from", "since", help="A time, ISO 8601. The beginning of this quarter, if not given.")
@click.option("--to", "until", help="A time, ISO 8601. The end of this quarter, if not given.")
@click.option("--close", "period", help="Write a quarter that is over, such as 2026-Q4, into the ledger.")
@click.option("--json", "as_json", is_flag=True)
@pass_context
def fairness_command(
    context: Context, name: str | None, since: str | None, until: str | None, period: str | None, *, as_json: bool
) -> None:
    """Shifts, nights, weekends, holidays, hours and points of everybody, and by how much that is beyond their share.

    A share goes by full-time share and presence, among those who may hold a tier in which there was any. What a closed
    quarter left somebody ahead or behind by, the next generation makes good.
    """
    if period and (since or until):
        raise UsageError("--close takes a whole quarter: leave out --from and --to")
    with at_hand(context) as hand:
        lines = [hand.line(name)] if name else list(hand.desk.lines.values())
        found = [(line, *_found(hand, line, since, until, period)) for line in lines]
        if as_json:
            data = {
                line.name: {
                    "from": line.local(span.start).isoformat(),
                    "to": line.local(span.end).isoformat(),
                    "people": described(hand, standings),
                }
                for line, span, standings in found
            }
            click.echo(json.dumps(data, ensure_ascii=False, indent=2))
            return
        for line, span, standings in found:
            start, end = (f"{line.local(at):%Y-%m-%d %H:%M}" for at in (span.start, span.end))
            click.echo(f"{line.name}, {start} to {end}:")
            for row in table(hand, standings):
                click.echo(f"  {row}")


def _found(
    hand: Hand, line: Line, since: str | None, until: str | None, period: str | None
) -> tuple[Span, tuple[Standing, ...]]:
    """The stretch that was asked for, and how it was shared out; closes the quarter if that was asked."""
    now = line.local(hand.now)
    span = quarter(period or f"{now.year}-Q{(now.month + 2) // 3}", line)
    if period:
        closed = close(hand.desk, line, period, hand.now)
        click.echo(f"{line.name}: {period} is closed" + ("" if closed else " already"), err=True)
    elif since or until:
        start, end = (line.local(at).isoformat() for at in (span.start, span.end))
        span = stretch(since or start, until or end, line, hand.now)
    with hand.store.read() as connection:
        return span, read_standings(connection, hand.desk, line, span)


def table(hand: Hand, standings: Sequence[Standing]) -> Iterable[str]:
    """A row for each person, by name: of each measure what they held, and by how much that is beyond their share."""
    if not standings:
        yield "nobody held anything"
        return
    width = max(len(hand.name(each.person)) for each in standings)
    yield " " * width + "  full-time" + "".join(f"{HEADS[measure]:>12}" for measure in MEASURES)
    for each in in_order(hand, standings):
        cells = "".join(f"{each.held[m] // 100:>6}{_more(each.deviation(m), m):>6}" for m in MEASURES)
        ahead = [f"{HEADS[c]} {each.debt[c] / 100:+.1f}" for c in CATEGORIES if each.debt.get(c)]
        before = f"  before: {', '.join(ahead)}" if ahead else ""
        yield f"{hand.name(each.person):<{width}}  {hand.staff[each.person].share:>7} %{cells}{before}"


def spread(deviations: Iterable[int]) -> str:
    """The furthest below and above, of hundredths: `-1.2 to +0.8`."""
    found = list(deviations) or [0]
    return f"{min(found) / 100:+.1f} to {max(found) / 100:+.1f}"


def in_order(hand: Hand, standings: Iterable[Standing]) -> list[Standing]:
    """By name, accents aside."""
    return sorted(standings, key=lambda each: unicodedata.normalize("NFD", hand.name(each.person)))


def described(hand: Hand, standings: Iterable[Standing]) -> list[dict[str, object]]:
    """The same for a script: shifts, hours and points, not hundredths."""
    return [
        {
            "person": hand.name(each.person),
            "full_time": hand.staff[each.person].share,
            "held": {HEADS[m]: each.held[m] / 100 for m in MEASURES},
            "share": {HEADS[m]: each.share[m] / 100 for m in MEASURES},
            "deviation": {HEADS[m]: each.deviation(m) / 100 for m in MEASURES},
            "ahead_before": {HEADS[m]: amount / 100 for m, amount in each.debt.items()},
        }
        for each in in_order(hand, standings)
    ]


def _more(hundredths: int, measure: str) -> str:
    return f"{hundredths / 100:+.0f}" if measure in {"hours", "points"} else f"{hundredths / 100:+.1f}"


COMMANDS = (fairness_command,)
