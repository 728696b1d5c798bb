"""`people list|link`: who answers, and their personal links; who signs in is in `helpline.cli.accounts`."""

from __future__ import annotations

import json

import click
from sqlalchemy import select, update

from helpline.cli import accounts
from helpline.cli.context import Context, pass_context
from helpline.errors import UsageError
from helpline.people.links import Links
from helpline.store.tables import Person


@click.group()
def people() -> None:
    """The psychologists, and whoever signs in."""


@people.command("list")
@click.option("--json", "as_json", is_flag=True)
@pass_context
def list_people(context: Context, *, as_json: bool) -> None:
    """Everybody, with their languages."""
    with context.store() as store, store.read() as connection:
        rows = connection.execute(select(Person.name, Person.languages).order_by(Person.name)).all()
    if as_json:
        click.echo(
            json.dumps([{"name": row.name, "languages": row.languages.split()} for row in rows], ensure_ascii=False)
        )
        return
    for row in rows:
        click.echo(f"{row.name}  ({row.languages})")


@people.command()
@click.argument("name")
@click.option("--new", is_flag=True, help="Make the old link useless and a new one.")
@pass_context
def link(context: Context, name: str, *, new: bool) -> None:
    """Print the personal link of NAME, to be given to nobody else."""
    settings, secrets = context.settings(), context.secrets()
    with context.store() as store, store.durable() as tx:
        if new:
            tx.execute(update(Person).where(Person.name == name).values(link_version=Person.link_version + 1))
        row = tx.execute(select(Person.id, Person.link_version).where(Person.name == name)).first()
        known = tx.scalars(select(Person.name).order_by(Person.name)).all()
    if row is None:
        raise UsageError(f"nobody is called {name!r}; there are: {', '.join(known) or 'no people yet'}")
    click.echo(Links(secrets.link_key, settings.service.public_url).url(row.id, row.link_version))


for command in accounts.COMMANDS:
    people.add_command(command)
COMMANDS = (people,)
