"""The REST API as a WSGI app: who may ask, what goes wrong on purpose, and errors as the carrier words them."""

from __future__ import annotations

import contextlib
import hmac
import socket
import threading
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException
from werkzeug.serving import WSGIRequestHandler, make_server

from helpline.twin.faults import Faults, Incoming, Strike
from helpline.twin.placing import Placing, Refused
from helpline.twin.rest_calls import calls_blueprint
from helpline.twin.rest_others import messages_blueprint, queues_blueprint
from helpline.twin.world import World

MORE_INFO = "https://www.twilio.com/docs/errors/"

MAY_HAPPEN = frozenset({21220, 22002})
"""Refusals a correct product can meet by bad luck: a call that has just ended, a queue that has just filled."""


def make_rest(world: World, placing: Placing, faults: Faults) -> Flask:
    """The app; its handlers may run in any thread, in the middle of a webhook or of a hook."""
    app = Flask("helpline.twin.rest")
    # the carrier answers unknown hosts' ids with 404, not with a redirect to a slash
    app.url_map.strict_slashes = False
    prefix = f"/2010-04-01/Accounts/{world.account_sid}"

    @app.before_request
    def admit() -> Response | None:
        _check_credentials(world)
        strike = faults.strike_rest(Incoming(request.method, request.path, request.values.to_dict()))
        g.strike = strike
        return None if strike is None else _suffer(strike)

    @app.after_request
    def lose(response: Response) -> Response:
        strike: Strike | None = g.get("strike")
        if strike is not None and strike.name == "lost answer":
            _cut()
        return response

    @app.errorhandler(Refused)
    def refused(error: Refused) -> tuple[Response, int]:
        if error.status == 400 and error.code not in MAY_HAPPEN:
            world.violate("", "rest", f"{request.method} {request.path}", f"{error.code}: {error.message}")
        return _error(error.status, error.code, error.message)

    @app.errorhandler(HTTPException)
    def unknown(error: HTTPException) -> tuple[Response, int]:
        status = error.code or 500
        return _error(status, {404: 20404, 405: 20004}.get(status, 20001), f"{request.path}: {error.name}")

    app.register_blueprint(calls_blueprint(world, placing), url_prefix=prefix)
    app.register_blueprint(queues_blueprint(world), url_prefix=prefix)
    app.register_blueprint(messages_blueprint(world), url_prefix=prefix)
    return app


def _check_credentials(world: World) -> None:
    given = request.authorization
    keys = {world.account_sid: world.auth_token, **world.api_keys}
    user = (given.username or "") if given is not None else ""
    password = (given.password or "") if given is not None else ""
    if user not in keys or not hmac.compare_digest(password.encode(), keys[user].encode()):
        raise Refused(401, 20003, "Authenticate")


def _suffer(strike: Strike) -> Response | None:
    """A scripted or random fault: an answer to give at once, or None to go on."""
    match strike.name:
        case "500":
            raise Refused(500, 20500, "Internal Server Error")
        case "429":
            raise Refused(429, 20429, "Too Many Requests")
        case "refuse":
            raise Refused(409, 20009, "Call is in progress and can't be deleted.")
        case "cut":
            _cut()
            return Response(status=500)
        case "hang":
            threading.Event().wait(strike.seconds)
            _cut()
            return Response(status=500)
    return None


def _cut() -> None:
    """Close the client's connection under its feet; without a socket (a WSGI test) nothing is cut."""
    connection: socket.socket | None = request.environ.get("werkzeug.socket")
    if connection is not None:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


def _error(status: int, code: int, message: str) -> tuple[Response, int]:
    body: dict[str, Any] = {"code": code, "message": message, "more_info": f"{MORE_INFO}{code}", "status": status}
    assert HTTPStatus(status)  # noqa: S101 - only statuses that exist
    return jsonify(body), status


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """A test's output has no room for a line per request."""


@contextlib.contextmanager
def serve(app: Flask, port: int = 0) -> Iterator[str]:
    """The app on a loopback port (0: a free one) in a thread; yields its base URL."""
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
