"""`report ...`: figures from closing a period to its publication. One module for each part of it."""

from __future__ import annotations

import click

from helpline.cli import reporting_closing, reporting_operations, reporting_releases


@click.group()
def report() -> None:
    """Figures fit to be read by anyone."""


for part in (reporting_closing, reporting_releases, reporting_operations):
    for command in part.COMMANDS:
        report.add_command(command)

COMMANDS = (report,)
