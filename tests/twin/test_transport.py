import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Flask, request
from werkzeug.serving import make_server

from helpline.twin import ConnectFailed, HttpTransport, ReadTimedOut, Routes, Twin, WsgiTransport
from helpline.twin.urls import Overrides
from tests.twin.product import BASE, CALLER_NUMBER, LINE, Product

QUICK = Overrides(connect=0.2, read=0.2)


@pytest.fixture
def app() -> Flask:
    """An app that echoes how it was asked, and one route that crashes."""
    app = Flask(__name__)

    @app.route("/echo", methods=["GET", "POST"])
    def echo() -> str:
        return f"{request.method} {request.url} {request.form.get('a', '')} {request.headers.get('X-Test', '')}"

    return app


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The app on a loopback port."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def http() -> Iterator[Callable[..., HttpTransport]]:
    """Makes transports over HTTP and closes them."""
    made: list[HttpTransport] = []

    def make(**options: dict[str, str]) -> HttpTransport:
        made.append(HttpTransport(**options))
        return made[-1]

    yield make
    for transport in made:
        transport.close()


def test_in_process_the_app_sees_the_public_url(app: Flask) -> None:
    """Host, scheme, path, query, form and headers arrive as over HTTP."""
    answer = WsgiTransport(app, BASE).send("POST", f"{BASE}/echo?x=%20y", {"a": "1"}, {"X-Test": "t"}, QUICK)
    assert answer.body.decode() == f"POST {BASE}/echo?x=%20y 1 t"
    assert (answer.status, answer.media_type) == (200, "text/html")


def test_in_process_other_hosts_do_not_exist(app: Flask) -> None:
    """A URL outside the product can't be connected to."""
    with pytest.raises(ConnectFailed):
        WsgiTransport(app, BASE).send("GET", "https://elsewhere.example/", None, {}, QUICK)


def test_an_app_that_crashes_answered_500() -> None:
    """As behind any server; the traceback is kept for the test."""

    def crash(_environ: object, _start: object) -> list[bytes]:
        raise ZeroDivisionError

    transport = WsgiTransport(crash, BASE)
    assert transport.send("GET", f"{BASE}/", None, {}, QUICK).status == 500
    assert "ZeroDivisionError" in transport.crashes[0]


def test_over_http_public_urls_are_rewritten(address: str, http: Callable[..., HttpTransport]) -> None:
    """The product is reached where it listens, under the name it was configured with."""
    transport = http(rewrite={BASE: address})
    answer = transport.send("POST", f"{BASE}/echo", {"a": "1"}, {"X-Test": "t"}, QUICK)
    assert answer.body.decode() == f"POST {address}/echo 1 t"


def test_over_http_a_closed_port_is_a_connect_error(http: Callable[..., HttpTransport]) -> None:
    """Nothing was delivered."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(ConnectFailed):
        http().send("POST", f"http://127.0.0.1:{port}/", {}, {}, QUICK)


def test_over_http_silence_is_a_read_timeout(http: Callable[..., HttpTransport]) -> None:
    """It may have been acted upon."""
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(ReadTimedOut):
        http().send("POST", f"http://127.0.0.1:{server.getsockname()[1]}/", {}, {}, QUICK)


def test_over_http_a_reset_may_have_been_acted_upon(http: Callable[..., HttpTransport]) -> None:
    """A worker killed in the middle of a request looks like this."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def reset() -> None:
            connection, _ = server.accept()
            connection.recv(1024)
            connection.close()

        thread = threading.Thread(target=reset)
        thread.start()
        with pytest.raises(ReadTimedOut):
            http().send("POST", f"http://127.0.0.1:{server.getsockname()[1]}/", {}, {}, QUICK)
        thread.join()


def test_several_hosts_behind_one_twin(product: Product, app: Flask) -> None:
    """A fallback hosted elsewhere is another route."""
    other = Product()
    other.on("/fallback.xml", "<Say>Fallback</Say>")
    routes = Routes(
        [(BASE, WsgiTransport(product, BASE)), ("https://static.example", WsgiTransport(other, "https://"))]
    )
    twin = Twin(routes)
    twin.own(LINE, f"{BASE}/voice", fallback_url="https://static.example/fallback.xml", fallback_method="GET")
    product.on("/voice", 500)
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert call.heard() == ["Fallback"]
    with pytest.raises(ConnectFailed):
        routes.send("GET", "https://nowhere.example/", None, {}, QUICK)
