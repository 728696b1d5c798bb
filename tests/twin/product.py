"""A product made of canned answers, and the names every test of the twin uses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from twilio.request_validator import RequestValidator

from helpline.twin import AUTH_TOKEN

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

BASE = "https://line.example"
LINE = "+33826000401"
SHOWN = "+33187000401"
CALLER_NUMBER = "+33698765432"
ANNE = "+33612345678"
BORIS = "+33612345679"
RETRY = "#ct=1000&rt=2000&rc=1&tt=5000&rp=ct,rt,5xx"


@dataclass(frozen=True)
class Raw:
    """An answer as it is, for what a well-behaved product would never send."""

    body: bytes
    content_type: str = "text/xml"
    status: int = 200


@dataclass(frozen=True)
class Seen:
    """One request the product got."""

    path: str
    method: str
    params: dict[str, str]
    headers: dict[str, str]


Answer = str | int | Raw
Answering = Answer | Callable[[dict[str, str]], Answer]
"""What is inside <Response>, a bare status, raw bytes, or a function of the request's parameters."""


class Product:
    """Answers each path with its answers in turn, the last one for ever; everything else with 204."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.unsigned: list[str] = []
        self._answers: dict[str, list[Answering]] = {}

    def on(self, path: str, *answers: Answering) -> None:
        """Say what a path answers."""
        self._answers[path] = list(answers)

    def got(self, path: str) -> list[dict[str, str]]:
        """The parameters of each request to a path, in order."""
        return [seen.params for seen in self.seen if seen.path == path]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The WSGI app; every signature is checked by the library the carrier publishes."""
        form = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode()
        query = environ.get("QUERY_STRING", "")
        posted = dict(parse_qsl(form, keep_blank_values=True))
        headers = {name: value for name, value in environ.items() if name.startswith("HTTP_")}
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        url = BASE + environ["RAW_URI"]
        if not RequestValidator(AUTH_TOKEN).validate(url, posted, headers.get("HTTP_X_TWILIO_SIGNATURE", "")):
            self.unsigned.append(url)
        params = posted | dict(parse_qsl(query, keep_blank_values=True))
        self.seen.append(Seen(path, method, params, headers))
        raw = self._answer(path, params)
        start_response(f"{raw.status} X", [("Content-Type", raw.content_type)])
        return [raw.body]

    def _answer(self, path: str, params: dict[str, str]) -> Raw:
        answers = self._answers.get(path, [204])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if callable(answer):
            answer = answer(params)
        if isinstance(answer, str):
            return Raw(f"<Response>{answer}</Response>".encode())
        return Raw(b"", "text/plain", answer) if isinstance(answer, int) else answer
