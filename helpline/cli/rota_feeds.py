"""`rota feed`: the addresses that calendar programs subscribe to."""

from __future__ import annotations

import click

from helpline.cli.context import Context, pass_context
from helpline.cli.rota_shared import Hand, at_hand
from helpline.errors import UsageError
from helpline.people.feeds import Feeds, Scope, issue, revoke, valid


@click.command("feed")
@click.argument("name", required=False)
@click.option("--line", help="The calendar of a whole line, instead of a person's.")
@click.option("--new", is_flag=True, help="Make the old address useless and a new one.")
@click.option("--revoke", "gone", is_flag=True, help="Make the address useless.")
@pass_context
def feed_command(context: Context, name: str | None, line: str | None, *, new: bool, gone: bool) -> None:
    """Print the calendar address of NAME, or of a line, to be given to nobody else.

    It begins to work when it is printed for the first time. Whoever subscribes may add ?alarms=60,15 (minutes before a
    shift; nothing behind the = for none) and lang=fr, nl, de or en.
    """
    if new and gone:
        raise UsageError("--new and --revoke contradict each other: choose one")
    secrets = context.secrets()
    with at_hand(context) as hand:
        scope = _scope(hand, name, line)
        whose = scope.line or hand.name(scope.person)
        with hand.store.durable() as tx:
            if gone:
                if not revoke(tx, scope):
                    raise UsageError(f"{whose} has no calendar address")
                version = None
            else:
                _refuse_left(hand, scope)
                version = None if new else valid(tx, scope)
                version = issue(tx, scope) if version is None else version
    if version is None:
        click.echo(f"the calendar address of {whose} shows nothing any more")
    else:
        click.echo(Feeds(secrets.link_key, context.settings().service.public_url).url(scope, version))


def _scope(hand: Hand, name: str | None, line: str | None) -> Scope:
    """What the calendar shows. Raises `UsageError`."""
    if (name is None) == (line is None):
        raise UsageError("name a person, or a line with --line: one of them")
    if line is not None:
        return Scope(line=hand.line(line).name)
    return Scope(person=hand.person(str(name)))


def _refuse_left(hand: Hand, scope: Scope) -> None:
    left = hand.staff[scope.person].left if scope.person else None
    if left is not None and left <= hand.now:
        raise UsageError(f"{hand.name(scope.person)} is here no more: their calendar shows nothing")


COMMANDS = (feed_command,)
