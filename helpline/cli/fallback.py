"""`fallback`: the static files that answer a line's calls when this service is down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import click
from pydantic import TypeAdapter, ValidationError

from helpline.carrier.fallback import Fallback, Spare, stem
from helpline.carrier.seal import Seal
from helpline.cli.context import Context, pass_context
from helpline.clock import SystemClock
from helpline.errors import UsageError
from helpline.lines import Line
from helpline.settings import BaseUrlOrNone
from helpline.shifts.standby import contents
from ivr_flows.standby import own_language


@click.command()
@click.option("--line", "name", required=True, help="The line.")
@click.option(
    "--out",
    default="fallback",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the files are written.",
)
@click.option("--on-call", is_flag=True, help="Ring who is on call now, too; export again at each change of shift.")
@click.option("--base-url", default="", help="Where they will be hosted: https://HOST/FOLDER.")
@pass_context
def fallback(context: Context, name: str, out: Path, *, on_call: bool, base_url: str) -> None:
    """Write the files that ring a line's backup numbers while this service is down, and say where to put them."""
    line = context.line(name)
    phones = [*(_on_call(context, line) if on_call else ()), *_backups(line)]
    if not phones:
        raise UsageError(
            f"line {name} has no backup number{' and nobody is on call' if on_call else ''}: give it one "
            f"(backup = [...] under [lines.{name}]){'' if on_call else ', or add --on-call'}"
        )
    made = Fallback(line, stem(line, Seal(context.secrets().seal_keys)), _checked(base_url))
    files = made.files(phones)
    _write(out, files, made)
    rings = "one phone" if len(phones) == 1 else f"{len(phones)} phones, one after the other"
    click.echo(f"wrote {len(files)} files to {out}, which ring {rings}")
    for step in _steps(line, made, base_url):
        click.echo(step)


def _checked(base_url: str) -> str:
    try:
        return TypeAdapter(BaseUrlOrNone).validate_python(base_url)
    except ValidationError as error:
        raise UsageError(
            f"--base-url {base_url!r}: {error.errors()[0]['msg'].removeprefix('Value error, ')}"
        ) from error


def _on_call(context: Context, line: Line) -> list[Spare]:
    """Who is on call now, in ring order."""
    now = int(SystemClock().now())
    with context.store() as store, store.read() as connection:
        standing = contents(connection, [line.name], now).who(line.name, now) or ()
    seconds = line.times.night_wave if line.is_night(now) else line.times.wave
    return [Spare(each.phone, own_language(each.languages, line.flow.default_language), seconds) for each in standing]


def _backups(line: Line) -> list[Spare]:
    return [Spare(number, line.flow.default_language, line.times.backup) for number in line.settings.backup]


def _write(out: Path, files: Mapping[str, str], made: Fallback) -> None:
    """Each whole or not at all; what an earlier export left of this line, and perhaps of who has left it, goes."""
    out.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        fresh = out / f".{name}"
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(out / name)
    for old in out.glob(f"{made.name}*.xml"):
        if old.name not in files:
            old.unlink()


def _steps(line: Line, made: Fallback, base_url: str) -> Iterator[str]:
    yield "1. Put them where the carrier can fetch them by GET, as text/xml, on another machine than this service."
    yield "   Without an access log there: the carrier sends the caller's number in the query. Their names are secret,"
    yield "   for they hold telephone numbers: no listing of the folder, no link to it."
    yield f"2. At the carrier, as the fallback URL (GET) of {', '.join(line.settings.dialled)}:"
    yield f"   {made.url() if base_url else 'https://HOST/FOLDER/' + made.url()}"
    yield f"3. Check at the carrier that {line.settings.outbound_caller_id}, which the phones show, is yours there."
    yield "4. Export again when numbers or people change; the URL stays the same while the seal key does."


COMMANDS = (fallback,)
