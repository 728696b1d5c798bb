"""`serve`, `work`, `demo`: the processes that run."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import click

from helpline import logs
from helpline.cli.context import Context, pass_context
from helpline.cli.setting_up import create_folder
from helpline.demo.running import run_demo
from helpline.server import Server
from helpline.store.migrate import require_current
from helpline.store.sessions import Store
from helpline.worker import create_scheduler


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Processes.")
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1, 64), help="Threads in each.")
@pass_context
def serve(context: Context, host: str, port: int, workers: int, threads: int) -> None:
    """Answer the carrier and the psychologists' browsers, behind a proxy that speaks HTTPS."""
    logs.configure()
    settings, secrets = context.settings(), context.secrets()
    context.lines()
    with context.store():
        pass
    Server(settings, secrets, host, port, workers, threads).run()


@click.command()
@pass_context
def work(context: Context) -> None:
    """Run the periodic jobs: erasure, coding deadlines."""
    logs.configure()
    settings, secrets = context.settings(), context.secrets()
    store = Store(settings.database_url)
    require_current(store)
    scheduler = create_scheduler(settings, secrets, store)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    scheduler.start()
    stop.wait()
    scheduler.shutdown()
    store.close()


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--folder", default="var/demo", show_default=True, type=click.Path(file_okay=False, path_type=Path))
def demo(port: int, folder: Path) -> None:
    """A line to dial in the browser, with three psychologists' phones beside it; Ctrl-C ends it."""
    logs.configure()
    config = folder / "config.toml"
    if not config.exists():
        click.echo("making the demonstration: people, rota, a year of calls ...")
        create_folder(folder, demo=True)
    run_demo(config, port, click.echo)


COMMANDS = (serve, work, demo)
