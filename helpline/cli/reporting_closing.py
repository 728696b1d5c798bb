"""`report close|list|secret`: periods become figures that never change, and the secret that they are rounded with."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

from helpline.cli.context import Context, pass_context
from helpline.cli.reporting_releases import Period, whose
from helpline.clock import SystemClock
from helpline.errors import UsageError
from helpline.figures.closing import Office, close
from helpline.figures.frozen import Frozen, closed
from helpline.figures.secret import Standing, make, standing
from helpline.figures.settling import together
from helpline.lines import Line
from reports.figures import TOGETHER
from reports.periods import Profile, grain

SECRET = "HELPLINE_REPORT_SECRET"  # noqa: S105 - the name of a variable

OTHER = "What is closed of it stays as it is, and is never rounded again or corrected"
STUCK = (
    "Put that secret back. If it is lost, what is closed of these years is all that there will be of them, and the next"
    " year begins anew"
)


@click.command("close")
@click.argument("period", type=Period())
@whose
@pass_context
def close_command(context: Context, period: str, name: str | None, *, everybody: bool) -> None:
    """Close PERIOD of a line, 72 hours after its end at the earliest: 2026, 2026-Q1 or 2026-03.

    Its figures are rounded and never change again; a year is closed with its periods. 'helpline work' does so by
    itself every day. Closed again it stays as it is.
    """
    if everybody == (name is not None):
        raise click.UsageError("say either --line NAME or --all-lines")
    line = context.line(name) if name is not None else None
    with context.store() as store:
        office, now = Office.of(context.settings(), context.secrets(), store), int(SystemClock().now())
        if line is not None:
            done = close(office, line, period, now, _tell)
        elif grain(period) is Profile.YEAR:
            done = together(office, context.lines(), int(period), now, _tell)
        else:
            raise UsageError(f"all lines together are closed by the year only: close {period[:4]}")
    for each in done.made:
        click.echo(f"closed {name or 'all lines'} {each}")
    if not done.made:
        dated = done.frozen.figures.dated.isoformat()
        click.echo(f"{name or 'all lines'} {period} was closed already, on {dated}; it stays as it is")


@click.command("list")
@click.option("--line", "name", help="Of one line only.")
@click.option("--json", "as_json", is_flag=True)
@pass_context
def list_command(context: Context, name: str | None, *, as_json: bool) -> None:
    """List what is closed, and what of it is published."""
    lines = context.lines() if name is None else {name: context.line(name)}
    with context.store() as store, store.read() as connection:
        rows = [_row(each, lines) for each in closed(connection, name)]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        state = f"published on {row['released']}, for {row['readers']}" if row["released"] else "not published"
        revised = f", revision {row['revision']}" if row["revision"] != 1 else ""
        click.echo(f"{row['line']} {row['period']}{revised}: closed on {row['dated']}, {state}")
    if not rows:
        click.echo("nothing is closed yet: 'helpline work' closes a period 72 hours after its end")


@click.command("secret")
@click.option("--make", "new", is_flag=True, help="Write a new one, where there is none.")
@pass_context
def secret_command(context: Context, *, new: bool) -> None:
    """Say whether the rounding secret is the one that closed periods were rounded with. It is never shown.

    Keep a copy apart from the database. Exit code 1 if a year that was begun can't be closed with it.
    """
    if new:
        _make(context)
        return
    with context.store() as store, store.read() as connection:
        found = standing(closed(connection), context.secrets().report_secret)
    for line in _told(found):
        click.echo(line)
    if found.stuck:
        sys.exit(1)


def _make(context: Context) -> None:
    if os.environ.get(SECRET):
        raise UsageError(f"{SECRET} is set and comes before any file: unset it, or change it where it is set")
    path = Path(os.environ.get(f"{SECRET}_FILE", context.config.resolve().parent / "secrets" / "report_secret"))
    make(path)
    click.echo(f"made {path}; keep a copy apart from the database")


def _told(found: Standing) -> list[str]:
    if not found.same and not found.other:
        return ["nothing is closed yet: any secret will do, and the first period that is closed binds its year to it"]
    told = []
    if found.same:
        told.append(f"rounded with the secret at hand: {_years(found.same)}")
    if found.other:
        told.append(f"rounded with another secret: {_years(found.other)}. {OTHER}")
    if found.stuck:
        told.append(f"begun with another secret, and not wholly closed: {_years(found.stuck)}. {STUCK}")
    return told


def _years(pairs: tuple[tuple[str, int], ...]) -> str:
    return ", ".join(f"{_name(line)} {year}" for line, year in pairs)


def _name(line: str) -> str:
    return "all lines" if line == TOGETHER else line


def _row(frozen: Frozen, lines: dict[str, Line]) -> dict[str, object]:
    figures, at = frozen.figures, frozen.released_at
    line = lines.get(figures.line) or next(iter(lines.values()))
    return {
        "line": _name(figures.line),
        "period": figures.period,
        "revision": figures.revision,
        "dated": figures.dated.isoformat(),
        "released": None if at is None else line.local(at).date().isoformat(),
        "readers": "everybody" if frozen.public else "funders and coordinators",
        "records": "deleted" if frozen.final else "kept",
        "digest": frozen.digest,
    }


def _tell(done: int, total: int) -> None:
    """To a person in front of a terminal; a script and a file hear nothing."""
    if sys.stderr.isatty():
        click.echo(f"\rcounting: {done} of {total}".ljust(60), err=True, nl=done == total)


COMMANDS = (close_command, list_command, secret_command)
