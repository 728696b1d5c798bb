"""`rota notices` and `rota test-message`: what was told to whom, and whether messages arrive at all."""

from __future__ import annotations

import json

import click

from helpline.cli.context import Context, pass_context
from helpline.cli.rota_shared import Hand, at_hand
from helpline.errors import UsageError
from helpline.messages import notices
from helpline.messages.message import Message, NotSent, read_reader
from helpline.messages.notices import DROPPED, FAILED, SENT, WANTED, Wanted
from helpline.messages.sending import make_ways
from helpline.messages.texts import say
from helpline.store.rota_tables import Notice

DAY = 86_400


@click.command("notices")
@click.option("--line", "name", help="One line instead of all.")
@click.option("--person", help="What one person was told.")
@click.option("--state", type=click.Choice([WANTED, SENT, FAILED, DROPPED]), help="Only those that are so.")
@click.option("--days", default=7, show_default=True, type=click.IntRange(1, 90), help="How far to look back.")
@click.option("--json", "as_json", is_flag=True)
@pass_context
def notices_command(
    context: Context, name: str | None, person: str | None, state: str | None, days: int, *, as_json: bool
) -> None:
    """What psychologists and coordinators were told, or will be: reminders, changes, alarms. The newest last."""
    with at_hand(context) as hand:
        where = [Notice.due_at > hand.now - days * DAY]
        if name is not None:
            where.append(Notice.line == hand.line(name).name)
        if person is not None:
            where.append(Notice.person == hand.person(person))
        if state is not None:
            where.append(Notice.state == state)
        with hand.store.read() as connection:
            found = notices.read(connection, *where)
        described = [_described(hand, notice) for notice in found]
    if as_json:
        click.echo(json.dumps(described, ensure_ascii=False, indent=2))
        return
    for item in described:
        confirmed = f", confirmed {item['confirmed']}" if item["confirmed"] else ""
        click.echo(f"{item['due']}  {item['line']}  {item['kind']}  {item['to']}: {item['state']}{confirmed}")
    if not described:
        click.echo("nobody was told anything, and nobody waits to be")


def _described(hand: Hand, notice: Wanted) -> dict[str, object]:
    line = hand.desk.lines.get(notice.line)

    def time(at: int | None) -> str | None:
        if at is None or line is None:
            return None
        return line.local(at).isoformat(timespec="minutes")

    known = notice.person in hand.staff
    return {
        "id": notice.id,
        "line": notice.line,
        "kind": notice.kind,
        "to": "coordinators" if notice.person is None else hand.name(notice.person) if known else "somebody who left",
        "shift": notice.shift,
        "due": time(notice.due_at),
        "state": notice.state,
        "tries": notice.tries,
        "sent": time(notice.sent_at),
        "confirmed": time(notice.confirmed_at),
    }


@click.command("test-message")
@click.argument("person")
@click.option("--line", "name", required=True, help="The line that it comes from.")
@pass_context
def test_message(context: Context, person: str, name: str) -> None:
    """Send PERSON a message that says it is a test, in every way that is configured."""
    ways = make_ways(context.settings(), context.secrets())
    if not ways.any:
        raise UsageError("no way to send messages is configured: set smtp_host and sender, or sms, in [messages]")
    with at_hand(context) as hand:
        line = hand.line(name)
        with hand.store.read() as connection:
            reader = read_reader(connection, hand.person(person), line)
        if reader is None:
            raise UsageError(f"{person!r} has just been removed")
        values = {"line": line.flow.spoken[reader.language], "name": reader.name}
        text, subject, body = (say(reader.language, key, **values) for key in ("sms-test", "test-subject", "test"))
        addresses = ways.reach(reader.addresses)
        if not addresses:
            raise UsageError(f"{reader.name} has no e-mail address: import it, or set sms = true in [messages]")
        failed = False
        for to in addresses:
            what = "e-mail" if to.way == "mail" else "text message"
            try:
                ways.send(Message(text, subject, body), to, line, f"test-{hand.now}", hand.now)
            except NotSent as error:
                failed = True
                click.echo(f"{what}: {error}")
            else:
                click.echo(f"{what}: taken; ask {reader.name} whether it has arrived")
    if failed:
        raise UsageError("not everything was taken; helpline's log and the mail server's say more")


COMMANDS = (notices_command, test_message)
