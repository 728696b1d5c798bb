"""`init`, `migrate`, `check`: from an empty folder to a service that can start; and `backup`."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

import click

from helpline.accounts.service import make_accounts
from helpline.carrier.rest import CarrierApi
from helpline.cli.context import Context, pass_context
from helpline.clock import SystemClock
from helpline.demo.accounts import furnish
from helpline.demo.filling import demo_config, fill
from helpline.directory.seeding import seed
from helpline.errors import HelplineError, UsageError
from helpline.figures.closing import Office
from helpline.figures.taxonomies import load_taxonomy
from helpline.lines import load_lines
from helpline.settings import load, read_secrets
from helpline.store.backup import back_up
from helpline.store.migrate import current, head, migrate
from helpline.store.sessions import Store

SECRET_NAMES = ("auth_token", "seal_key", "link_key", "report_secret")


def create_folder(folder: Path, *, demo: bool) -> Path:
    """Makes `folder` with configuration, secrets and database; the configuration's path.

    Raises `UsageError` when there is a configuration already: nothing of it is touched.
    """
    config = folder / "config.toml"
    if config.exists():
        raise UsageError(f"{config} exists already; take another folder, or remove it first")
    # For its owner alone: the database holds the psychologists' numbers.
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / "secrets").mkdir(mode=0o700, exist_ok=True)
    template = resources.files("helpline").joinpath("config.template.toml").read_text(encoding="utf-8")
    config.write_text(demo_config(template) if demo else template, encoding="utf-8")
    for name in SECRET_NAMES:
        path = folder / "secrets" / name
        if not path.exists():
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(32) + "\n")
    settings = load(config)
    store = Store(settings.database_url)
    try:
        migrate(store)
        now = int(SystemClock().now())
        if demo:
            known = read_secrets(folder, {})
            fill(Office.of(settings, known, store), load_lines(settings), now)
            furnish(make_accounts(settings, known, store))
        else:
            with store.durable() as tx:
                seed(tx, "cli", now)
    finally:
        store.close()
    return config


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--demo", is_flag=True, help="With fictitious people, a rota and a simulated year of calls.")
def init(folder: Path, *, demo: bool) -> None:
    """Make FOLDER with a configuration, secrets and a database."""
    config = create_folder(folder, demo=demo)
    click.echo(f"made {config}")
    if not demo:
        click.echo("next: read it and fill in your numbers, put the carrier's auth token in secrets/auth_token,")
        click.echo(f"then: helpline --config {config} rota import people.csv shifts.csv")
        click.echo("the directory of help has the public entries that we know, none of them verified:")
        click.echo(f"call each number before you open: helpline --config {config} directory list --to-verify")


@click.command("migrate")
@pass_context
def migrate_command(context: Context) -> None:
    """Bring the database to this version's tables."""
    store = Store(context.settings().database_url)
    try:
        before = current(store)
        migrate(store)
    finally:
        store.close()
    click.echo(f"the database was at {before or 'nothing'}, and is at {head()}")


@click.command()
@pass_context
def check(context: Context) -> None:
    """Check the configuration, the secrets, every flow and the database; say all that is wrong."""
    faults: list[str] = []
    with _noting(faults):
        context.secrets()
    with _noting(faults):
        settings = context.settings()
        for look in (load_lines, load_taxonomy):
            with _noting(faults):
                look(settings)
        with _noting(faults), context.store():
            pass
        if not faults:
            CarrierApi(settings.carrier, context.secrets())
    if faults:
        raise UsageError("\n".join(faults))
    click.echo(f"{context.config}: all is well; lines: {', '.join(context.lines())}")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@pass_context
def backup(context: Context, file: Path) -> None:
    """Copy the database to FILE, without what may not outlive its purpose; calls go on meanwhile.

    Calls in progress, promised callbacks, what waits to be coded or to enter the records, and who is signed in are left
    out. The secrets aren't in it: keep them apart.
    """
    with context.store() as store:
        back_up(store, file)
    click.echo(f"{file}: copied")


@contextmanager
def _noting(faults: list[str]) -> Iterator[None]:
    """What is wrong inside is noted, so that the rest is looked at too."""
    try:
        yield
    except HelplineError as error:
        faults.append(str(error))


COMMANDS = (init, migrate_command, check, backup)
