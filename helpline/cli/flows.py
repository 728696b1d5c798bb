"""`flows check|draw`: what a flow file says, and whether it can strand a caller."""

from __future__ import annotations

from pathlib import Path

import click

from helpline.calls.promise import Promise, promise
from helpline.cli.context import Context, pass_context
from helpline.errors import UsageError
from ivr_flows.check import FlowError
from ivr_flows.draw import draw, outline
from ivr_flows.load import load_flow, shipped_flow, shipped_names, shipped_prompts
from ivr_flows.model import Flow

Files = tuple[str, ...]


def _flow(name: str, folder: Path = Path()) -> Flow:
    """A flow that ships, or the one in a file; a relative path starts at `folder`."""
    prompts = shipped_prompts()
    if name in shipped_names():
        return shipped_flow(name, prompts)
    path = folder / name
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        shipped = ", ".join(shipped_names())
        raise UsageError(f"{path} can't be read ({error.strerror}), and isn't a flow that ships: {shipped}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} isn't UTF-8; save it as UTF-8") from error
    return load_flow(text, path.name, prompts)


@click.group()
def flows() -> None:
    """Flow files: what callers hear, and the proof that nobody is stranded."""


@flows.command("check")
@click.argument("names", nargs=-1)
@pass_context
def check_flows(context: Context, names: Files) -> None:
    """Prove flow files safe: NAMES of files or of flows that ship; without any, those of the configured lines.

    For a configured line it says how long a caller waits at most.
    """
    refused, folder, configured = 0, Path(), not names
    if configured:
        settings = context.settings()
        names, folder = tuple(sorted({line.flow for line in settings.lines.values()})), settings.folder
    for name in names:
        try:
            flow = _flow(name, folder)
        except (FlowError, UsageError) as error:
            click.echo(str(error), err=True)
            refused += 1
            continue
        click.echo(f"{name}: safe; {len(flow.steps)} steps, {' '.join(flow.languages)}")
    if refused:
        raise SystemExit(1)
    if configured:
        for name, line in sorted(context.lines().items()):
            click.echo(f"line {name}: {_promised(promise(line))}")


def _promised(kept: Promise) -> str:
    """The promise as a sentence."""
    return (
        f"a person answers, or other numbers are spoken, within {_spell(kept.seconds)} of the first word "
        f"({_spell(kept.to_ring)} to the ring, {_spell(kept.ringing)} there); "
        f"where everybody is on the phone, within {_spell(kept.seconds_busy)}"
    )


def _spell(seconds: int) -> str:
    return f"{seconds // 60} min {seconds % 60} s" if seconds >= 60 else f"{seconds} s"


@flows.command("draw")
@click.argument("name")
@click.option("--language", default="fr", type=click.Choice(["fr", "nl", "de", "en"]), show_default=True)
@click.option("--svg", is_flag=True, help="As a picture instead of an outline.")
def draw_flow(name: str, language: str, *, svg: bool) -> None:
    """Draw a flow as an outline, or as an SVG picture."""
    flow, prompts = _flow(name), shipped_prompts()
    chosen = next(spoken for spoken in ("fr", "nl", "de", "en") if spoken == language)
    click.echo((draw if svg else outline)(flow, prompts, chosen))


COMMANDS = (flows,)
