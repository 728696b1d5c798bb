"""`report build`: the figures of one year of one line."""

from __future__ import annotations

from pathlib import Path

import click

from helpline.cli.context import Context, pass_context
from helpline.clock import SystemClock
from helpline.figures.taxonomies import load_taxonomy
from helpline.figures.yearly import build_report
from reports.render.files import render_all


@click.group()
def report() -> None:
    """Figures fit to be read by anyone."""


@report.command("build")
@click.argument("year", type=click.IntRange(2000, 2100))
@click.option("--line", "name", required=True, help="The line's name in the configuration.")
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="A folder, made if need be."
)
@pass_context
def build_command(context: Context, year: int, name: str, out: Path) -> None:
    """Build the report of YEAR for a line: HTML, CSV and JSON, in four languages."""
    line, settings, secrets = context.line(name), context.settings(), context.secrets()
    with context.store() as store:
        now = int(SystemClock().now())
        built = build_report(
            store, line, year, load_taxonomy(settings), secrets.report_secret, now, demo=settings.service.demo
        )
    out.mkdir(parents=True, exist_ok=True)
    for file, content in render_all(built).items():
        (out / file).write_bytes(content)
        click.echo(str(out / file))


COMMANDS = (report,)
