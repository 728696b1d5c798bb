"""`report release|audit|verify|import|export-history`: closed periods are checked, published, and proven unchanged."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import click

from helpline.cli.context import Context, pass_context
from helpline.clock import SystemClock
from helpline.errors import UsageError
from helpline.figures import history
from helpline.figures.questions import named, told
from helpline.figures.releasing import look, release
from helpline.figures.taxonomies import load_taxonomy
from helpline.figures.verifying import Verified, stored, verify
from reports.errors import InputError
from reports.figures import TOGETHER
from reports.history import history_csv
from reports.periods import grain

Command = TypeVar("Command", bound=Callable[..., Any])
MOST_TOLD = 10
WHAT = {"audit": "checking", "files": "drawing the files"}


class Period(click.ParamType[str]):
    """A year, a quarter or a month: 2026, 2026-Q1, 2026-03."""

    name = "period"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401 - click's
        """The period as it was written; wrong usage if it is none."""
        try:
            grain(str(value))
        except InputError as error:
            self.fail(str(error), param, ctx)
        return str(value)


def whose(command: Command) -> Command:
    """Which line, or all of them together."""
    options = (
        click.option("--line", "name", help="The line's name in the configuration."),
        click.option("--all-lines", "everybody", is_flag=True, help="The combined report of all lines instead."),
    )
    for option in reversed(options):
        command = option(command)
    return command


class _Watch:
    """Tells a person in front of a terminal how far it is; a script and a file hear nothing."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()

    def __call__(self, what: str, done: int, total: int) -> None:
        if self._shown:
            click.echo(f"\r{WHAT[what]}: {done} of {total}".ljust(60), err=True, nl=done == total)


@click.command("release")
@click.argument("period", type=Period())
@whose
@click.option("--public", is_flag=True, help="For everybody, on the page without sign-in; not for funders alone.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Also into a folder, made if need be.")
@pass_context
def release_command(
    context: Context, period: str, name: str | None, out: Path | None, *, everybody: bool, public: bool
) -> None:
    """Publish the closed PERIOD of a line: 2026, 2026-Q1 or 2026-03. It can't be taken back.

    The auditor looks first at everything that is out and at this together; whatever would expose somebody is refused.
    Published again it stays as it is.
    """
    line = _whose(context, name, everybody=everybody)
    with context.store() as store:
        now = int(SystemClock().now())
        done = release(store, context.lines(), line, period, now, public=public, on_progress=_Watch())
        with store.read() as connection:
            files = stored(connection, (line, period, done.revision))
        already = "" if done.new else " already"
        readers = "everybody" if done.public else "funders and coordinators"
        click.echo(
            f"{named(line)} {period} is published{already}, revision {done.revision}, for {readers}: {len(files)} files"
        )
        if out:
            _write(out, files)


def _write(out: Path, files: dict[str, bytes]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for name, content in sorted(files.items()):
        (out / name).write_bytes(content)
        click.echo(str(out / name))


@click.command("audit")
@click.option(
    "--line", "name", help="Tell of one line only; all are looked at, since they are published together, too."
)
@click.option("--json", "as_json", is_flag=True)
@pass_context
def audit_command(context: Context, name: str | None, *, as_json: bool) -> None:
    """Check everything that is published, and every closed period that could be. Exit code 1 if a cell is exposed."""
    if name is not None:
        context.line(name)
    with context.store() as store:
        looked = look(store, context.lines(), on_progress=_Watch())
    found = [each for each in looked.findings if name in {None, each.line}]
    if as_json:
        whole = {
            "checked": looked.checked,
            "out": looked.out,
            "closed": looked.closed,
            "exposed": [*map(asdict, found)],
            "left_out": looked.given_up,
        }
        click.echo(json.dumps(whole, ensure_ascii=False, indent=2))
    else:
        click.echo(
            f"{looked.checked} cells checked, of {looked.out} published releases and {looked.closed} closed periods "
            f"that could be: {len(found) or 'none'} exposed"
        )
        for each in found:
            click.echo(f"  {told(each)}")
        if looked.given_up:
            click.echo(f"{len(looked.given_up)} relations between figures were left out: the figures contradict them")
        for text in looked.given_up[:MOST_TOLD]:
            click.echo(f"  {text}")
        for text in looked.given_up:
            click.echo(f"  left out, because the figures contradict it: {text}")
    if found:
        sys.exit(1)


@click.command("verify")
@click.argument("period", type=Period())
@whose
@click.option("--revision", type=click.IntRange(1), help="Another than the latest.")
@pass_context
def verify_command(context: Context, period: str, name: str | None, revision: int | None, *, everybody: bool) -> None:
    """Draw the published PERIOD of a line anew, and compare every byte. Exit code 1 if one differs."""
    line = _whose(context, name, everybody=everybody)
    with context.store() as store, store.read() as connection:
        found = verify(connection, line, period, revision)
    what = f"{named(line)} {period}, revision {found.revision}"
    if found.well:
        click.echo(f"{what}: {found.files} files, each as it was published")
        return
    raise UsageError(f"{what} isn't what its figures give today:\n" + "\n".join(_faults(found)))


def _faults(found: Verified) -> list[str]:
    faults = [f"  - {name} was damaged: restore table release_files from a backup" for name in found.damaged]
    faults += [f"  - {name} would be drawn otherwise" for name in found.different]
    faults += [f"  - made with {name} {then}, now {now}" for name, then, now in found.versions]
    if found.different and found.versions:
        faults.append("  With the versions of then every byte comes out again; what was published stays as it is.")
    return faults


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--line", "name", required=True, help="The line's name in the configuration.")
@pass_context
def import_command(context: Context, file: Path, name: str) -> None:
    """Bring in yearly figures from before this software counted, for a line's trends: FILE takes the place of the last.

    Columns: year, indicator, category, value, source. They are printed as they are, and marked.
    """
    line, taxonomy = context.line(name), load_taxonomy(context.settings())
    with context.store() as store:
        found = history.bring(store, line, _read(file), taxonomy, int(SystemClock().now()))
    years = sorted({one.year for one in found})
    told_years = f", {years[0]} to {years[-1]}" if years else ""
    click.echo(f"{name}: {len(found)} figures{told_years}; the next yearly reports show them")


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} isn't UTF-8; save it as UTF-8") from error


@click.command("export-history")
@click.option("--line", "name", required=True, help="The line's name in the configuration.")
@pass_context
def export_command(context: Context, name: str) -> None:
    """Print what was imported for a line, as the file that imports it again."""
    line = context.line(name)
    with context.store() as store, store.read() as connection:
        click.echo(history_csv(history.read(connection, line.name)), nl=False)


def _whose(context: Context, name: str | None, *, everybody: bool) -> str:
    if everybody == (name is not None):
        raise click.UsageError("say either --line NAME or --all-lines")
    return TOGETHER if name is None else context.line(name).name


COMMANDS = (release_command, audit_command, verify_command, import_command, export_command)
