"""The demonstration in the browser: a caller's telephone, the psychologists' telephones, and what goes on between.

The page is drawn by the server in one language; a script keeps it up to date from `/demo/state`, which answers as soon
as anything has changed, and posts what is done at a phone. There is one demonstration: every tab shows the same phones.
"""

from __future__ import annotations

import hashlib
import sys
import threading
from collections.abc import Callable, Collection, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request, url_for
from jinja2 import Environment, PackageLoader, StrictUndefined

from helpline.app import Service
from helpline.demo.actions import Actions, Refusal, guard, read
from helpline.demo.board import SELDOM, STEPS, Board, name_of, waits
from helpline.demo.callers import Callers
from helpline.demo.entrance import Entrance
from helpline.demo.telling import readable
from helpline.demo.texts import speaker
from helpline.demo.yearly import YearlyReport, policy
from helpline.pages.texts import ENDONYMS, Say, known_language
from helpline.twin import Twin
from reports.render.files import media_type
from reports.words import Language

POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
ONE_YEAR = "public, max-age=31536000, immutable"
LONGEST_WAIT = 20.0
"""Seconds that a page is kept waiting for news."""
PATIENCE = 3.0
"""Seconds that the end of the demonstration waits for pages to be sent home."""
ASSETS = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
Act = Callable[[Mapping[str, Any]], dict[str, Any]]


class Waiters:
    """Counts the requests that wait for news, so that the end can wait for them."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self._here = 0
        self._changed = threading.Condition()

    def __enter__(self) -> None:
        with self._changed:
            self._here += 1

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._here -= 1
            self._changed.notify_all()

    def stop(self) -> None:
        """Sends everybody home, and waits until they are gone."""
        self.stopping.set()
        with self._changed:
            self._changed.wait_for(lambda: self._here == 0, PATIENCE)


class DemoPage:
    """The routes of the page. `stop` ends the requests that wait for news."""

    def __init__(self, twin: Twin, service: Service) -> None:
        self._service = service
        self._twin = twin
        self._waiters = Waiters()
        callers = Callers(twin)
        self._board = Board(twin, service, callers, self._waiters.stopping)
        self._actions = Actions(twin, service, callers)
        self._report = YearlyReport(service)
        self._entrance = Entrance(service, self._board)
        self._assets = _assets()
        self._environment = Environment(
            loader=PackageLoader("helpline.demo"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def blueprint(self) -> Blueprint:
        """`/` and `/demo/...`."""
        pages = Blueprint("demo", __name__)
        pages.add_url_rule("/", "show", self.show, methods=["GET"])
        pages.add_url_rule("/demo/assets/<version>.<kind>", "asset", self.asset, methods=["GET"])
        pages.add_url_rule("/demo/state", "state", self.state, methods=["GET"])
        pages.add_url_rule("/demo/report/<name>", "report", self.report, methods=["GET"])
        self._entrance.attach(pages)
        for name, act in self._actions.all().items():
            pages.add_url_rule(f"/demo/{name}", name, _posted(act, self._guard), methods=["POST"])
        pages.register_error_handler(Refusal, _refused)
        pages.after_request(_with_headers)
        return pages

    def stop(self) -> None:
        """Nobody waits for news any more, and nobody will."""
        self._waiters.stop()

    # --- pages

    def show(self) -> Response:
        """The page, as everything stands now."""
        language = _language()
        say = speaker(language)
        facts = self._board.facts()
        text = self._environment.get_template("demo.html").render(
            say=say,
            language=language,
            endonyms=ENDONYMS,
            steps=STEPS,
            script=url_for(".asset", version=self._assets["js"][0], kind="js"),
            stylesheet=url_for(".asset", version=self._assets["css"][0], kind="css"),
            icon=url_for(".asset", version=self._assets["svg"][0], kind="svg"),
            switches=[(code, url_for(".show", lang=code)) for code in ENDONYMS],
            lines=self._lines(language),
            phones=self._phones(say, self._board.cards(facts)),
            logins=self._entrance.logins(facts),
            enter=url_for(".enter", lang=language),
            codes_at=url_for(".codes"),
            state=self._board.state(language, ""),
            colleagues=[(each, waits(each.waiting, say)) for each in facts.colleagues],
            codes=self._codes(language),
            report=self._report,
            command=self._command(),
        )
        return Response(text, content_type="text/html; charset=utf-8")

    def _lines(self, language: Language) -> list[tuple[str, str, str]]:
        """Name, spoken name and number of each line."""
        lines = self._service.lines.items()
        return [(key, line.flow.spoken[language], readable(line.settings.published)) for key, line in lines]

    def _phones(self, say: Say, cards: Collection[str]) -> list[tuple[str, str, str, bool]]:
        """Number, name, initials of each phone to draw, and whether it rings seldom."""
        seen = [phone for phone in self._twin.snapshot()["phones"] if phone["number"] in cards]
        named = [(phone["number"], phone["name"], name_of(phone["name"], say)) for phone in seen]
        return [(number, shown, _initials(shown), name.startswith(SELDOM)) for number, name, shown in named]

    def _codes(self, language: Language) -> list[tuple[str, str]]:
        """Keypad numbers of the reasons, if a line lets its psychologists code by keypad."""
        if not any(line.settings.keypad_coding for line in self._service.lines.values()):
            return []
        return [(term.number, term.label.to(language)) for term in self._service.taxonomy.reasons if term.number]

    def _command(self) -> str:
        """What calls the first line from a terminal, in the folder that the demonstration was started in."""
        program, config = Path(sys.executable).with_name("helpline"), self._service.settings.path("config.toml")
        return f"{_near(program)} --config {_near(config)} call {next(iter(self._service.lines))}"

    def asset(self, version: str, kind: str) -> Response:
        """The stylesheet, the script or the icon: its content is in its address, so it may be kept for good."""
        known_version, content = self._assets.get(kind, ("", b""))
        if not known_version or version != known_version:
            abort(404)
        return Response(content, content_type=ASSETS[kind], headers={"Cache-Control": ONE_YEAR})

    def report(self, name: str) -> Response:
        """One file of the simulated year's report."""
        content = self._report.file(name)
        if content is None:
            abort(404)
        response = Response(content, content_type=media_type(name))
        if name.endswith(".html"):
            response.headers["Content-Security-Policy"] = policy(content)
        return response

    # --- the script's requests

    def state(self) -> Response:
        """Everything as it is, as soon as it is no longer what the page knows, or after `wait` seconds."""
        with self._waiters:
            wait = request.args.get("wait", LONGEST_WAIT, type=float)
            # Whatever isn't a number of seconds that we grant, "nan" included, is the longest.
            self._board.wait(request.args.get("version", ""), wait if 0 <= wait <= LONGEST_WAIT else LONGEST_WAIT)
            if self._waiters.stopping.is_set():
                return _over()
            return jsonify(self._board.state(_language(), request.args.get("call", "")))

    def _guard(self) -> None:
        """Refuses what doesn't come from our own page."""
        public = self._service.settings.service.public_url
        guard(request, (public, public.replace("//localhost:", "//127.0.0.1:")))
        if self._waiters.stopping.is_set():
            abort(_over())


def _initials(name: str) -> str:
    """Two letters for a name."""
    return "".join(word[0] for word in name.split() if word[0].isalnum())[:2].upper()


def _posted(act: Act, check: Callable[[], None]) -> Callable[[], Response]:
    def view() -> Response:
        check()
        return jsonify(act(read(request)))

    return view


def _refused(error: Refusal) -> tuple[Response, int]:
    message = speaker(_language())(error.reason, **error.values)
    if request.mimetype != "application/json" and request.endpoint == "demo.enter":
        return Response(message, content_type="text/plain; charset=utf-8"), error.status
    return jsonify(error=error.reason, message=message), error.status


def _over() -> Response:
    response = jsonify(error="over")
    response.status_code = 503
    response.headers["Connection"] = "close"
    return response


def _near(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _language() -> Language:
    return known_language(request.args.get("lang")) or "fr"


SIGNED_IN = b"/* --- "
"""Where the shared stylesheet goes on to what only the pages of whoever signs in need."""


def _assets() -> dict[str, tuple[str, bytes]]:
    """Kind -> version and content. The pages' stylesheet comes first: its colours and its type are ours too."""
    static = resources.files("helpline.demo").joinpath("static")
    shared = resources.files("helpline.pages").joinpath("static", "helpline.css").read_bytes()
    contents = {kind: static.joinpath(f"demo.{kind}").read_bytes() for kind in ASSETS}
    contents["css"] = shared.partition(SIGNED_IN)[0] + contents["css"]
    return {kind: (hashlib.sha256(content).hexdigest()[:16], content) for kind, content in contents.items()}


def _with_headers(response: Response) -> Response:
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": POLICY,
        "Referrer-Policy": "no-referrer",  # the page shows personal links
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex, nofollow",
    }
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    return response
