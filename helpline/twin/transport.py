"""How the twin reaches the product's webhooks: over HTTP, or straight into its WSGI app."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from werkzeug.test import EnvironBuilder, run_wsgi_app

from helpline.twin.urls import Overrides

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

log = logging.getLogger(__name__)

MOST_AT_ONCE = 64
"""Connections kept open to one host."""


class ConnectFailed(Exception):  # noqa: N818 - an outcome of a request, not an error of ours
    """No connection could be made: nothing was delivered."""


class ReadTimedOut(Exception):  # noqa: N818 - an outcome of a request, not an error of ours
    """Connected, but no whole answer in time: it may have been acted upon."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the product answered."""

    status: int
    content_type: str
    body: bytes = b""

    @property
    def media_type(self) -> str:
        """The content type without its parameters, lower case."""
        return self.content_type.partition(";")[0].strip().lower()


class Transport(Protocol):
    """Delivers one request; `form` is None for a GET, whose parameters are in the URL already."""

    def send(
        self,
        method: str,
        url: str,
        form: Mapping[str, str] | None,
        headers: Mapping[str, str],
        limits: Overrides,
    ) -> Answer:
        """The answer; ConnectFailed or ReadTimedOut when there is none within `limits`."""
        ...


class HttpTransport:
    """Sends webhooks over HTTP. `rewrite` maps public URL prefixes to where the product really listens."""

    def __init__(self, rewrite: Mapping[str, str] | None = None) -> None:
        self._session = requests.Session()
        adapter = HTTPAdapter(pool_maxsize=MOST_AT_ONCE)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)
        self._session.trust_env = False  # a proxy of the environment has no place between twin and product
        self._rewrite = dict(rewrite or {})

    def close(self) -> None:
        """Close the pooled connections."""
        self._session.close()

    def send(
        self,
        method: str,
        url: str,
        form: Mapping[str, str] | None,
        headers: Mapping[str, str],
        limits: Overrides,
    ) -> Answer:
        """The answer over a pooled connection."""
        for public, actual in self._rewrite.items():
            if url.startswith(public):
                url = actual + url[len(public) :]
                break
        try:
            answer = self._session.request(
                method,
                url,
                data=None if form is None else dict(form),
                headers=dict(headers),
                timeout=(limits.connect, limits.read),
                allow_redirects=False,
            )
        except requests.ConnectTimeout as error:
            raise ConnectFailed(str(error)) from error
        except requests.ConnectionError as error:
            if "NewConnectionError" in repr(error) or "NameResolutionError" in repr(error):
                raise ConnectFailed(str(error)) from error
            raise ReadTimedOut(str(error)) from error  # reset after sending: it may have been acted upon
        except requests.RequestException as error:
            raise ReadTimedOut(str(error)) from error
        return Answer(answer.status_code, answer.headers.get("Content-Type", ""), answer.content)


@dataclass
class WsgiTransport:
    """Calls a WSGI app in this process, for URLs under `base_url`; any other host can't be connected to."""

    app: WSGIApplication
    base_url: str
    crashes: list[str] = field(default_factory=list)
    """Tracebacks of exceptions the app let through; the carrier saw a 500 each time."""

    def send(
        self,
        method: str,
        url: str,
        form: Mapping[str, str] | None,
        headers: Mapping[str, str],
        limits: Overrides,  # noqa: ARG002 - in place there is no waiting
    ) -> Answer:
        """The app's answer, in place."""
        if not url.startswith(self.base_url):
            raise ConnectFailed(f"no such host: {url}")
        parts = urlsplit(url)
        builder = EnvironBuilder(
            path=parts.path,
            base_url=f"{parts.scheme}://{parts.netloc}/",
            query_string=parts.query,
            method=method,
            data=None if form is None else dict(form),
            headers=[*headers.items()],
        )
        environ = builder.get_environ()
        builder.close()
        environ["RAW_URI"] = environ["REQUEST_URI"] = _raw_path(url)
        try:
            body, status, answered = run_wsgi_app(self.app, environ, buffered=True)
            content = b"".join(body)
        except Exception:  # the process's edge: a server in front of the app would answer 500
            self.crashes.append(traceback.format_exc())
            log.exception("the product crashed on %s %s", method, url)
            return Answer(500, "text/plain", self.crashes[-1].encode())
        return Answer(int(status.split(" ", 1)[0]), answered.get("Content-Type", ""), content)


class Routes:
    """Several products or hosts behind one transport: the first route whose prefix fits takes the request."""

    def __init__(self, routes: Iterable[tuple[str, Transport]]) -> None:
        self._routes = list(routes)

    def send(
        self,
        method: str,
        url: str,
        form: Mapping[str, str] | None,
        headers: Mapping[str, str],
        limits: Overrides,
    ) -> Answer:
        """The answer of the route the URL belongs to."""
        for prefix, transport in self._routes:
            if url.startswith(prefix):
                return transport.send(method, url, form, headers, limits)
        raise ConnectFailed(f"no such host: {url}")


def _raw_path(url: str) -> str:
    rest = url.split("://", 1)[1]
    return "/" + rest.partition("/")[2]
