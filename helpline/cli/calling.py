"""`call`: dial a line on the twin from a terminal, and read the conversation."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from sqlalchemy import insert, select

from helpline.calls.placing import SERVE
from helpline.cli.context import Context, pass_context
from helpline.clock import SystemClock
from helpline.errors import UsageError
from helpline.rehearsal import Rehearsal, phones, rehearse
from helpline.settings import NOT_SET_UP, Settings
from helpline.shifts.snapshot import read_people
from helpline.store.beats import is_fresh
from helpline.store.migrate import migrate, require_current
from helpline.store.sessions import Store
from helpline.store.tables import HourlyCount, Person, Shift
from helpline.twin import BY_NAME, Behaviour, CallHandle, render

OUTCOMES = {
    "answered": "talked",
    "abandoned": "abandoned",
    "unanswered": "unanswered",
    "left_in_greeting": "left_in_greeting",
    "failed": "failed",
    "unknown": "unknown",
}
TALKS = 90.0
"""Seconds a caller talks before hanging up, if nobody says otherwise."""


@click.command()
@click.argument("line")
@click.option("--keys", default="", help="Keys the caller presses, one for each question.")
@click.option("--from", "from_", default="+33199009999", help="The caller's number, or 'anonymous'.")
@click.option(
    "--hang-up-after", type=click.FloatRange(min=0.1), metavar="S", help="Seconds after which the caller hangs up."
)
@click.option(
    "--answer", "answers", multiple=True, metavar="WHO=HOW", help=f"How a phone is treated: {', '.join(BY_NAME)}."
)
@click.option("--json", "as_json", is_flag=True)
@pass_context
def call(
    context: Context,
    line: str,
    keys: str,
    from_: str,
    hang_up_after: float | None,
    answers: tuple[str, ...],
    *,
    as_json: bool,
) -> None:
    """Dial LINE on the carrier in this process, on a virtual clock, and print the conversation.

    Phones answer and accept unless --answer says otherwise (WHO is a name, backup-1, or * for everybody). Before the
    service is set up the call is counted like any other; afterwards, or while it runs, it happens on a copy.
    """
    context.line(line)
    settings, secrets = context.settings(), context.secrets()
    with _database(settings) as chosen, rehearse(chosen, secrets, SystemClock().now()) as stage:
        _put_phones(stage, _behaviours(answers))
        before = _counted(stage)
        handle = stage.call(line, from_, keys=keys, hang_up_after=hang_up_after, talks=TALKS)
        stage.settle()
        result = _result(stage, handle, before)
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False, indent=2))
    else:
        click.echo(render(handle.transcript))
        click.echo(_summary(result))
    if stage.twin.violations:
        raise UsageError("the carrier refused: " + "; ".join(str(item) for item in stage.twin.violations))


@contextmanager
def _database(settings: Settings) -> Iterator[Settings]:
    """These settings, or a copy's: a line in service, or one that is being served, is only rehearsed on."""
    store = Store(settings.database_url)
    try:
        require_current(store)
        serving = is_fresh(store, SERVE, int(SystemClock().now()))
        in_service = settings.carrier.account != NOT_SET_UP and not settings.service.demo
        if not serving and not in_service:
            yield settings
            return
        with tempfile.TemporaryDirectory(prefix="rehearsal-", dir=settings.folder) as folder:
            click.echo("the service is set up or running: this call happens on a copy and isn't counted", err=True)
            url = f"sqlite:///{Path(folder) / 'copy.sqlite3'}"
            _copy(store, url)
            yield settings.model_copy(update={"service": settings.service.model_copy(update={"database_url": url})})
    finally:
        store.close()


def _copy(source: Store, url: str) -> None:
    """The people and the rota, and nothing else."""
    target = Store(url)
    migrate(target)
    with source.read() as connection, target.durable() as tx:
        for table in (Person, Shift):
            rows = [dict(row) for row in connection.execute(select(*table.__table__.c)).mappings()]
            if rows:
                tx.execute(insert(table), rows)
    target.close()


def _behaviours(answers: tuple[str, ...]) -> dict[str, list[Behaviour]]:
    found: dict[str, list[Behaviour]] = {}
    for answer in answers:
        who, _, how = answer.rpartition("=")
        if not who or how not in BY_NAME:
            raise UsageError(f"--answer {answer!r}: write WHO=HOW, with HOW one of {', '.join(BY_NAME)}")
        found.setdefault(who.casefold(), []).append(BY_NAME[how])
    return found


def _put_phones(stage: Rehearsal, behaviours: Mapping[str, list[Behaviour]]) -> None:
    with stage.service.store.read() as connection:
        people = {person.name: person.phone for person in read_people(connection).values()}
    names = phones(stage.service.settings, people)
    used = set()
    for name, number in names.items():
        key = next((key for key in behaviours if key == name.casefold() or name.casefold().startswith(f"{key} ")), "*")
        used.add(key)
        stage.twin.phone(number, *behaviours.get(key, [BY_NAME["accept"].but(talks=None)]), name=name)
    if unknown := sorted(set(behaviours) - used - {"*"}):
        raise UsageError(f"--answer: nobody is called {', '.join(unknown)}; there are: {', '.join(names)}")


def _counted(stage: Rehearsal) -> dict[tuple[str, int, str, str], int]:
    with stage.service.store.read() as connection:
        rows = connection.execute(select(*HourlyCount.__table__.c))
        return {(row.line, row.hour, row.outcome, row.wait_band): row.n for row in rows}


def _result(stage: Rehearsal, handle: CallHandle, before: Mapping[tuple[str, int, str, str], int]) -> dict[str, Any]:
    grown = [key[2] for key, n in _counted(stage).items() if n > before.get(key, 0)]
    outcome = OUTCOMES.get(grown[0], "failed") if len(grown) == 1 else "failed"
    return {
        "outcome": outcome,
        "webhooks": len(handle.webhooks),
        "seconds_to_first_sound": _rounded(handle.first_sound),
        "seconds_to_first_ring": _rounded(handle.first_ring),
        "seconds_to_human": _rounded(handle.bridged_at),
        "answered_by_wave": stage.waves.get(handle.sid),
        "transcript": [entry.as_dict() for entry in handle.transcript],
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 2)


def _summary(result: Mapping[str, Any]) -> str:
    human = result["seconds_to_human"]
    reached = f"a human after {human} s (wave {result['answered_by_wave']})" if human is not None else "no human"
    return f"-- {result['outcome']}; {reached}; {result['webhooks']} webhooks"


COMMANDS = (call,)
