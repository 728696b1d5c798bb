"""`rota generate|repair`: an engine proposes a rota."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeVar

import click

from helpline.cli.context import Context, pass_context
from helpline.cli.rota_proposals import data, tell, words
from helpline.cli.rota_shared import ACTOR, at_hand, stretch
from helpline.shifts.proposing import Order, propose
from rota.generate.building import Mode
from rota.generate.problem import Progress

Command = TypeVar("Command", bound=Callable[..., Any])
SELDOM = 5.0
"""Seconds between two lines of progress where they stay on the screen, as in a file."""


class _Watching:
    """Says how it goes on standard error, and stops the engine when told to; what has been found so far is kept."""

    def __init__(self) -> None:
        self.stopped = False
        self._told = -SELDOM
        self._rewrites = sys.stderr.isatty()

    def __call__(self, progress: Progress) -> bool:
        if self._rewrites or progress.spent - self._told >= SELDOM:
            self._told = progress.spent
            text = f"{progress.spent:.0f} s, {progress.left:.0f} s left: {', '.join(words(progress.quality))}"
            click.echo(f"\r{text:<110}" if self._rewrites else text, err=True, nl=not self._rewrites)
        return not self.stopped

    def stop(self, _signal: int, _frame: FrameType | None) -> None:
        """Ctrl-C."""
        self.stopped = True

    @contextmanager
    def listening(self) -> Iterator[_Watching]:
        """While it lasts Ctrl-C stops the engine and not the command."""
        before = signal.signal(signal.SIGINT, self.stop)
        try:
            yield self
        finally:
            signal.signal(signal.SIGINT, before)
            if self._rewrites:
                click.echo(err=True)


def engine(command: Command) -> Command:
    """What all that run an engine are told."""
    options = (
        click.option("--line", "name", required=True, help="The line."),
        click.option("--from", "since", help="A time, ISO 8601: seats that begin from then on. Now, if not given."),
        click.option("--to", "until", required=True, help="A time, ISO 8601: and before then."),
        click.option("--seconds", default=60.0, show_default=True, type=click.FloatRange(0.1, 3600)),
        click.option(
            "--engine", default="annealing", show_default=True, type=click.Choice(["annealing", "cpsat"]), help="Which."
        ),
        click.option("--seed", default=1, show_default=True, help="Another one gives another rota."),
        click.option("--json", "as_json", is_flag=True),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@engine
@click.option("--replace", is_flag=True, help="Make anew, too, what an import, a rotation or a proposal made.")
@pass_context
def generate(context: Context, /, *, replace: bool, **options: Any) -> None:  # noqa: ANN401 - see `engine`
    """Propose who fills the seats that the line's rules ask for; Ctrl-C stops early and keeps the best so far.

    Whoever is on call already stays; with --replace only what a person changed and what has begun does. Nothing is
    changed before 'helpline rota apply'.
    """
    _run(context, "replace" if replace else "fill", **options)


@click.command()
@engine
@pass_context
def repair(context: Context, /, **options: Any) -> None:  # noqa: ANN401 - see `engine`
    """Propose who takes open seats and those of whoever is away or gone, with the fewest changes for others."""
    _run(context, "repair", **options)


def _run(  # noqa: PLR0913 - one argument for each option
    context: Context,
    mode: Mode,
    *,
    name: str,
    since: str | None,
    until: str,
    seconds: float,
    engine: str,
    seed: int,
    as_json: bool,
) -> None:
    with at_hand(context) as hand:
        line = hand.line(name)
        span = stretch(since, until, line, hand.now)
        with _Watching().listening() as watch:
            order = Order(line, span, mode, watch, time.monotonic, engine, seconds, seed)
            proposed = propose(hand.desk, order, ACTOR, hand.now)
        if as_json:
            click.echo(json.dumps(data(hand, line, proposed), ensure_ascii=False, indent=2))
            return
        tell(hand, line, proposed)
        number = proposed.number
        click.echo(
            f"nothing was changed; look: helpline rota proposal {number}; do it: helpline rota apply {number} --yes"
        )


COMMANDS = (generate, repair)
