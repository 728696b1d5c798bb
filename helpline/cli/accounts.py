"""`people invite|reset|accounts|roles|disable|enable`: who signs in to the pages, and the links to begin with.

The first coordinator of a fresh installation comes from here. Whoever may run these may do everything anyway.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import click
from sqlalchemy import Connection, select

from helpline.accounts import invitations, registering
from helpline.accounts.model import ROLES, Role, write_roles
from helpline.accounts.registering import Entry, Wanted
from helpline.cli.context import Context, pass_context
from helpline.clock import SystemClock
from helpline.errors import UsageError
from helpline.store.tables import Person
from reports.words import LANGUAGES, Language


class Roles(click.ParamType[frozenset[Role]]):
    """Roles, with commas between."""

    name = "roles"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> frozenset[Role]:
        """Every role that is named. Wrong usage when one isn't there."""
        if isinstance(value, frozenset):
            return value
        words = {word.strip() for word in str(value).split(",") if word.strip()}
        if unknown := sorted(words.difference(ROLES)):
            self.fail(f"there is no role {unknown[0]!r}; there are: {', '.join(ROLES)}", param, ctx)
        return frozenset(role for role in ROLES if role in words)


@dataclass(frozen=True, slots=True)
class At:
    """One command at work: its transaction, the instant (UTC seconds), and where the pages are."""

    tx: Connection
    now: int
    base: str

    def account(self, email: str) -> Entry:
        """The account of this address. Raises `UsageError` with the addresses there are."""
        entries = registering.read_accounts(self.tx, self.now)
        wanted = registering.find(self.tx, email)
        for entry in entries:
            if entry.id == wanted:
                return entry
        known = ", ".join(entry.email for entry in entries) or "none yet; 'people invite' makes one"
        raise UsageError(f"{email!r} has no account; there are: {known}")

    def tell(self, token: str, entry: Entry) -> None:
        """Prints a link, and what it is for."""
        until = datetime.fromtimestamp(self.now + invitations.WEEK, UTC)
        click.echo(self.base + invitations.path(token))
        click.echo(
            f"for {entry.name} ({', '.join(write_roles(entry.roles).split())}) and nobody else: "
            f"to choose a password and a second factor, once, until {until:%Y-%m-%d %H:%M} UTC",
            err=True,
        )


@contextmanager
def _at_work(context: Context) -> Iterator[At]:
    with context.store() as store, store.durable() as tx:
        yield At(tx, int(SystemClock().now()), context.settings().service.public_url)


@click.command()
@click.argument("name")
@click.option("--email", required=True, help="What they sign in with.")
@click.option("--roles", type=Roles(), required=True, help=f"Some of {','.join(ROLES)}.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Of their pages; a psychologist's own, otherwise fr.")
@pass_context
def invite(context: Context, name: str, email: str, roles: frozenset[Role], language: Language | None) -> None:
    """Print a link with which NAME chooses a password, and make the account if there is none.

    A psychologist must stand in the list of people under this very name.
    """
    with _at_work(context) as at:
        if registering.find(at.tx, email) is None:
            person, own = _psychologist(at.tx, name) if "psychologist" in roles else (None, None)
            wanted = Wanted(name, email, roles, person, language or own or LANGUAGES[0])
            registering.create(at.tx, wanted, at.now)
        entry = at.account(email)
        _refuse_other(entry, name, roles)
        at.tell(invitations.invite(at.tx, entry.id, at.now), entry)


def _psychologist(tx: Connection, name: str) -> tuple[int, Language | None]:
    row = tx.execute(select(Person.id, Person.languages).where(Person.name == name)).first()
    if row is None:
        known = tx.scalars(select(Person.name).order_by(Person.name)).all()
        there = ", ".join(known) or "no people yet; 'rota import' adds them"
        raise UsageError(f"nobody is called {name!r}; there are: {there}")
    return row.id, next((code for code in LANGUAGES if row.languages.split()[:1] == [code]), None)


def _refuse_other(entry: Entry, name: str, roles: frozenset[Role]) -> None:
    """Raises `UsageError` for an account that isn't as it was described, or needs no invitation."""
    if entry.state == "active":
        raise UsageError(f"{entry.email} signs in already; 'people reset {entry.email}' begins anew")
    if entry.state in {"disabled", "left"}:
        raise UsageError(f"{entry.email} is {'disabled' if entry.state == 'disabled' else 'of somebody who has left'}")
    if entry.name != " ".join(name.split()) or entry.roles != roles:
        raise UsageError(
            f"{entry.email} is invited already, as {entry.name} with the roles {write_roles(entry.roles)}: "
            f"say the same, or change them with 'people roles {entry.email} ...'"
        )


@click.command()
@click.argument("email")
@pass_context
def reset(context: Context, email: str) -> None:
    """End what EMAIL signs in with, everywhere, and print a link to choose it anew. Passkeys stay."""
    with _at_work(context) as at:
        entry = at.account(email)
        if entry.state in {"disabled", "left"}:
            raise UsageError(f"{entry.email} can't sign in: {entry.state}")
        at.tell(invitations.reset(at.tx, entry.id, at.now), entry)


@click.command("accounts")
@click.option("--json", "as_json", is_flag=True)
@pass_context
def list_accounts(context: Context, *, as_json: bool) -> None:
    """Everybody who signs in, their roles, and how their account stands."""
    with context.store() as store, store.read() as connection:
        entries = registering.read_accounts(connection, int(SystemClock().now()))
    if as_json:
        click.echo(json.dumps([_as_json(entry) for entry in entries], ensure_ascii=False))
        return
    for entry in entries:
        click.echo(f"{entry.name}  {entry.email}  {write_roles(entry.roles)}  ({entry.state})")


def _as_json(entry: Entry) -> dict[str, object]:
    return {
        "name": entry.name,
        "email": entry.email,
        "roles": write_roles(entry.roles).split(),
        "state": entry.state,
        "second_factor": entry.second_factor,
    }


@click.command()
@click.argument("email")
@click.argument("roles", type=Roles())
@pass_context
def roles(context: Context, email: str, roles: frozenset[Role]) -> None:
    """Give EMAIL these ROLES, with commas between, and no others. They have to sign in anew."""
    with _at_work(context) as at:
        entry = at.account(email)
        person = entry.person
        if "psychologist" in roles and person is None:
            person, _ = _psychologist(at.tx, entry.name)
        registering.change(at.tx, entry.id, Wanted(entry.name, entry.email, roles, person), at.now)
    click.echo(f"{entry.email}: {write_roles(roles)}")


@click.command()
@click.argument("email")
@pass_context
def disable(context: Context, email: str) -> None:
    """Let EMAIL in no more, from this second on."""
    with _at_work(context) as at:
        entry = at.account(email)
        registering.disable(at.tx, entry.id, at.now)
    click.echo(f"{entry.email}: disabled")


@click.command()
@click.argument("email")
@pass_context
def enable(context: Context, email: str) -> None:
    """Let EMAIL in again, with what they signed in with before."""
    with _at_work(context) as at:
        entry = at.account(email)
        registering.enable(at.tx, entry.id)
    click.echo(f"{entry.email}: enabled")


COMMANDS = (invite, reset, list_accounts, roles, disable, enable)
