"""`report operations`: calls, waits and the rota of a line in exact counts, for whoever plans it. No reasons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import click

from helpline.cli.context import Context, pass_context
from helpline.clock import SystemClock
from helpline.figures.operations import LATEST, Period, period_of, read_operations
from helpline.lines import Line
from helpline.pages.operations_shown import Shown
from helpline.shifts.exporting import Table
from reports.erlang import TARGETS, USUAL
from reports.operations import WRAP_UP
from reports.operations_rows import COLUMNS, rows_of

NOTE = "Exact counts, for the coordination: beside a released report they help to subtract. Not to be published."


@click.command("operations")
@click.option("--line", "name", required=True, help="The line's name in the configuration.")
@click.option("--period", "asked", default=LATEST, show_default=True, help="Or 2026, 2026-Q1, 2026-03.")
@click.option("--target", type=click.Choice(list(TARGETS)), default=USUAL, show_default=True, help="Percent-seconds.")
@click.option("--json", "as_json", is_flag=True, help="A figure in an object, as in the page's CSV.")
@pass_context
def operations_command(context: Context, name: str, asked: str, target: str, *, as_json: bool) -> None:
    """Calls, waits, answer rates and the people needed, by month, weekday and hour: exact, and not to be published.

    People are needed so that TARGET is met by Erlang C: 80-20 is 80 % of callers answered within 20 seconds.
    """
    line = context.line(name)
    now = int(SystemClock().now())
    period = period_of(line, asked, now)
    with context.store() as store, store.read() as connection:
        found = read_operations(connection, line, period, now, TARGETS[target])
    if as_json:
        click.echo(Table(COLUMNS, rows_of(found, period.name)).json(), nl=False)
        return
    for row in _written(line, period, target, Shown(found, "en")):
        click.echo(row.rstrip())


def _written(line: Line, period: Period, target: str, shown: Shown) -> Iterator[str]:
    start, end = (f"{line.local(at):%Y-%m-%d %H:%M}" for at in (period.start, max(period.start, period.end)))
    yield f"{line.name}, {start} to {end} ({line.zone})"
    yield NOTE
    formulas = dict(shown.formulas())
    yield from _block("calls", shown.ends())
    yield from _block("rates", [(*row, formulas[row[0]]) for row in shown.rates()])
    yield from _block("waits", [("", "answered", "", "abandoned", ""), *shown.waits()])
    heads = ("", "received", "answered", "abandoned", "answer rate", "in 20 s", "in 60 s")
    yield from _block("months", [heads, *shown.months()])
    yield from _block("rota", [("hours covered", shown.covered)])
    yield from _week(line, period, shown)
    goals = " and ".join(f"{goal.percent} % within {goal.seconds} s" for goal in TARGETS[target])
    yield ""
    yield f"Needed by Erlang C for {goals}, with {shown.talk} of talk on average and {WRAP_UP} s of wrapping up."


def _week(line: Line, period: Period, shown: Shown) -> Iterator[str]:
    since = shown.found.asked.week_from
    if since >= period.end:
        yield ""
        yield f"no weekdays and hours: calls are kept by the hour since {line.local(since):%Y-%m-%d} only"
        return
    hours, days = ("", *map(str, range(24))), shown.week()
    calls = [(day.short, *(hour.calls for hour in day.hours)) for day in days]
    yield from _block(f"calls received per hour, on average since {line.local(since):%Y-%m-%d}", [hours, *calls])
    rates = [(day.short, *(hour.rate for hour in day.hours)) for day in days]
    yield from _block("calls answered, in percent", [hours, *rates])
    staff = [(day.short, *(f"{h.people}/{h.needed}{'!' if h.short else ''}" for h in day.hours)) for day in days]
    yield from _block("people on call / needed, ! where too few", [hours, *staff])


def _block(title: str, rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Rows in columns as wide as they must be, the first to the left, under a title."""
    cells = [[cell.replace("\u00a0", " ") for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    yield ""
    yield f"{title}:"
    for first, *others in cells:
        right = "".join(f"  {cell:>{width}}" for cell, width in zip(others, widths[1:], strict=True))
        yield f"  {first:<{widths[0]}}{right}"


COMMANDS = (operations_command,)
