"""The web server: gunicorn with our settings, each worker with a service and a placer thread of its own."""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.config import Config
from gunicorn.glogging import Logger

from helpline.accounts.throttle import Throttle
from helpline.app import Service, create_service
from helpline.carrier.floods import Floods
from helpline.settings import Secrets, Settings

log = logging.getLogger(__name__)


class Log(Logger):  # type: ignore[misc] # gunicorn has no types
    """gunicorn's own lines go where ours go, and through the same filter: some name an address or a request."""

    def setup(self, cfg: Config) -> None:
        """Takes away the handlers that gunicorn adds, at the start and at each HUP."""
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            log.handlers.clear()
            log.propagate = True


class Server(BaseApplication):  # type: ignore[misc] # gunicorn has no types
    """Serves until SIGTERM or SIGINT; HUP replaces the workers one by one."""

    def __init__(
        self, settings: Settings, secrets: Secrets, at: tuple[str, int], workers: int, threads: int, *, pages: bool
    ) -> None:
        self._settings = settings
        self._secrets = secrets
        self._pages = pages
        self._service: Service | None = None
        # Before the workers are made: all of them count calls, and guesses, in the same memory.
        self._floods = Floods.of(settings.lines)
        self._throttle = Throttle()
        run = settings.path("run")
        run.mkdir(exist_ok=True)
        self._options: dict[str, Any] = {
            "bind": f"{at[0]}:{at[1]}",
            "workers": workers,
            "threads": threads,
            "worker_class": "helpline.gathering.Worker",
            "worker_connections": 800,
            "limit_request_fields": 64,
            "timeout": 30,
            "graceful_timeout": 15,
            # A connection ends with its answer: one that is kept dies with its server, and a retry may take another of
            # those before its client knows (docs/decisions/0024-a-connection-for-each-request.md).
            "keepalive": 0,
            "worker_tmp_dir": str(run),
            "control_socket_disable": True,
            "accesslog": None,
            "errorlog": "-",
            "logger_class": Log,
            "worker_exit": self._worker_exit,
            "proc_name": "helpline",
        }
        super().__init__()

    def load_config(self) -> None:
        """Gives gunicorn our settings; it reads no file and no command line."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """One worker's service: made after the fork, because connections and threads don't survive it."""
        self._service = create_service(
            self._settings, self._secrets, floods=self._floods, throttle=self._throttle, pages=self._pages
        )
        self._service.start()
        log.info("worker.ready")
        return self._service.web

    def _worker_exit(self, _server: object, _worker: object) -> None:
        if self._service is not None:
            self._service.stop()
