"""`serve`, `work`, `demo`: the processes that run."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path

import click

from helpline import logs
from helpline.app import create_service
from helpline.cli.context import Context, pass_context
from helpline.cli.setting_up import create_folder
from helpline.demo.running import run_demo
from helpline.errors import UsageError
from helpline.server import Server
from helpline.signals import until_stopped
from helpline.worker import create_scheduler


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Processes.")
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1, 64), help="Threads in each.")
@click.option("--voice-only", is_flag=True, help="Answer the carrier alone: pages are another service's.")
@pass_context
def serve(context: Context, host: str, port: int, workers: int, threads: int, *, voice_only: bool) -> None:
    """Answer the carrier and people's browsers, behind a proxy that speaks HTTPS."""
    logs.configure()
    settings, secrets = context.settings(), context.secrets()
    with context.store():
        pass
    # Made once here, too: what is wrong is said in words, and not by workers that can't start.
    create_service(settings, secrets).store.close()
    Server(settings, secrets, (host, port), workers, threads, pages=not voice_only).run()


@click.command()
@pass_context
def work(context: Context) -> None:
    """Run the periodic jobs: erasure, coding deadlines."""
    logs.configure()
    settings, secrets = context.settings(), context.secrets()
    with until_stopped() as wait, context.store() as store:
        scheduler = create_scheduler(settings, secrets, store)
        scheduler.start()
        wait()
        scheduler.shutdown()


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--folder", default="var/demo", show_default=True, type=click.Path(file_okay=False, path_type=Path))
def demo(port: int, folder: Path) -> None:
    """A line to dial in the browser, with the phones of who is on call beside it; Ctrl-C ends it."""
    # What the rota lacks is on its pages: on a terminal it would only be in the way of what to open.
    logs.configure(logging.ERROR)
    config = folder / "config.toml"
    if not config.exists():
        click.echo("making the demonstration: people, rota, a year of calls ...")
        _make_demo(folder)
    run_demo(config, port, click.echo)


def _make_demo(folder: Path) -> None:
    """Makes `folder`, whole or not at all: one that Ctrl-C left half-made would be refused ever after."""
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} holds something else than a demonstration; name an empty or a new folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as fresh:
        create_folder(Path(fresh) / "demo", demo=True)
        (Path(fresh) / "demo").replace(folder)


COMMANDS = (serve, work, demo)
