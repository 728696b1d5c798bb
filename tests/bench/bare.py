"""What everything is measured against: a Flask that answers a fixed greeting, under the same server and settings."""

from __future__ import annotations

import sys
from pathlib import Path

from flask import Flask, Response, request

from helpline.server import Server
from helpline.settings import load, read_secrets

HELLO = '<?xml version="1.0" encoding="UTF-8"?><Response><Say>Hello</Say></Response>'


class BareServer(Server):
    """Our server's settings around another app."""

    def load(self) -> Flask:
        """The app."""
        app = Flask("bare")

        @app.post("/voice")
        def hello() -> Response:
            request.form.get("CallSid")
            return Response(HELLO, content_type="text/xml")

        return app


if __name__ == "__main__":
    config = Path(sys.argv[1])
    at = "127.0.0.1", int(sys.argv[2])
    BareServer(load(config), read_secrets(config.parent), at, 1, 8, pages=False).run()
