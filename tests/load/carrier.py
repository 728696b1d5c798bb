"""Just enough of the carrier's REST API: calls are created, ended and deleted; who made one is told."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

Created = Callable[[str, Mapping[str, str]], None]
"""Is given a new call's id and what it was asked for."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    ids = itertools.count()
    created: Created

    def do_POST(self) -> None:
        """A call to create, or one to end."""
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        if self.path.endswith("/Calls.json"):
            sid = f"CL{next(self.ids):032x}"
            self._answer(201, {"sid": sid, "status": "queued"})
            type(self).created(sid, dict(parse_qsl(body)))
        else:
            self._answer(200, {"sid": self.path.rsplit("/", 1)[1].removesuffix(".json"), "status": "canceled"})

    def do_DELETE(self) -> None:
        """Something to forget."""
        self._answer(204, None)

    def _answer(self, status: int, content: Mapping[str, str] | None) -> None:
        data = b"" if content is None else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nothing: a line a request would be more work than the request."""


@contextmanager
def carrier(created: Created) -> Iterator[str]:
    """Its base URL."""
    handler = type("Handler", (_Handler,), {"created": staticmethod(created)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
