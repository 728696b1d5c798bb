"""The command line: assembles, runs, prints. One module for each group of commands.

Exit codes: 0 done; 1 refused, with the reason on standard error; 2 wrong usage; 3 nobody is at the other end.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

import click
from sqlalchemy.exc import SQLAlchemyError

from helpline.cli import calling, directory, fallback, flows, people, reporting, rota, serving, setting_up
from helpline.cli.context import Context
from helpline.errors import HelplineError
from ivr_flows.check import FlowError
from reports.errors import ReportError
from rota.model import RotaError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="HELPLINE_CONFIG",
    default="config.toml",
    show_default=True,
    help="The configuration; also HELPLINE_CONFIG.",
)
@click.version_option(package_name="helpline")
@click.pass_context
def cli(context: click.Context, config: Path) -> None:
    """A confidential 24/7 helpline for doctors: calls, rota, anonymous figures."""
    context.obj = Context(config)


for group in (setting_up, serving, calling, fallback, flows, people, rota, directory, reporting):
    for command in group.COMMANDS:
        cli.add_command(command)


def main() -> None:
    """The console script: what went wrong is said in words, without a traceback."""
    try:
        cli(prog_name="helpline")
    except (HelplineError, FlowError, RotaError, ReportError) as error:
        _refuse(str(error))
    except SQLAlchemyError as error:
        _refuse(f"the database failed ({type(error).__name__}); 'helpline check' says more")
    except OSError as error:
        _refuse(f"{error.strerror}: {error.filename}")


def _refuse(reason: str) -> NoReturn:
    click.echo(f"helpline: {reason}", err=True)
    sys.exit(1)
