"""One page, one button: a psychologist confirms a shift. The address in the reminder is the key, as in `wrapup`.

Only the button confirms: mail servers and telephones open links before anybody reads them.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from flask import Blueprint, Response, redirect, request, url_for
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from werkzeug.wrappers import Response as Redirect

from helpline.clock import Clock
from helpline.errors import HelplineError
from helpline.lines import Line
from helpline.messages.confirming import Reminder, ShiftLinks, State, confirm
from helpline.messages.message import read_reader
from helpline.messages.texts import when, where
from helpline.pages.rendering import Renderer
from helpline.pages.texts import known_language, speaker
from helpline.store.sessions import Store
from reports.words import LANGUAGES

_log = logging.getLogger(__name__)
NOTICES: Mapping[State, str] = {
    "open": "",
    "confirmed": "shift-already",
    "begun": "shift-begun",
    "changed": "shift-changed",
}


class UnknownShift(HelplineError):  # noqa: N818 - it is what the link is, and it never leaves the page
    """No reminder's link, or that of a shift that is over. The answer is the same for all."""


class ConfirmPages:
    """The routes under `/shift/<token>`."""

    def __init__(self, store: Store, lines: Mapping[str, Line], clock: Clock, links: ShiftLinks, *, demo: bool) -> None:
        self._store = store
        self._lines = lines
        self._clock = clock
        self._links = links
        self._renderer = Renderer(demo=demo)

    def blueprint(self) -> Blueprint:
        """`/shift/...`."""
        pages = Blueprint("shift", __name__)
        pages.add_url_rule("/shift/<token>", "show", self.show, methods=["GET"])
        pages.add_url_rule("/shift/<token>", "confirm", self.confirm, methods=["POST"])
        pages.register_error_handler(UnknownShift, self._unknown)
        for unavailable in (OperationalError, InterfaceError, NoConnectionLeft):
            pages.register_error_handler(unavailable, self._unavailable)
        self._renderer.attach(pages)
        return pages

    def show(self, token: str) -> Response:
        """The shift, and the button if it can be confirmed."""
        now = int(self._clock.now())
        with self._store.read() as connection:
            reminder, line = self._found(self._links.reminder(connection, token, now))
            reader = read_reader(connection, reminder.person, line)
        if reader is None:
            raise UnknownShift
        chosen = known_language(request.args.get("lang"))
        language = chosen or reader.language
        thanks = reminder.state == "confirmed" and "done" in request.args
        changed = reminder.state == "changed"
        return self._renderer.page(
            "confirm.html",
            language,
            notice="shift-thanks" if thanks else NOTICES[reminder.state],
            # Of a shift that is somebody else's now, nothing is shown.
            when="" if changed else when(line, reminder.start, reminder.end, language),
            where="" if changed else where(line, reminder.tier, language),
            action=url_for(".confirm", token=token, lang=chosen) if reminder.state == "open" else "",
            switches=[(code, url_for(".show", token=token, lang=code)) for code in LANGUAGES],
        )

    def confirm(self, token: str) -> Redirect:
        """Confirms it, once however often the button is tapped, and leads to the page."""
        now = int(self._clock.now())
        with self._store.durable() as tx:
            reminder, _ = self._found(self._links.reminder(tx, token, now))
            done = reminder.state == "open" and confirm(tx, reminder, now)
        chosen = known_language(request.args.get("lang"))
        return redirect(url_for(".show", token=token, lang=chosen, done="1" if done else None), 303)

    def _found(self, reminder: Reminder | None) -> tuple[Reminder, Line]:
        if reminder is None or reminder.line not in self._lines:
            raise UnknownShift
        return reminder, self._lines[reminder.line]

    def _unknown(self, _error: UnknownShift) -> Response:
        return self._bilingual("unknown", 404)

    def _unavailable(self, error: SQLAlchemyError) -> Response:
        # The error's own message may hold what was being written, and the request's address is somebody's key.
        _log.error("a page could not use the database: %s", type(error).__name__)
        return self._bilingual("unavailable", 503)

    def _bilingual(self, what: str, status: int) -> Response:
        return self._renderer.page("bilingual.html", "fr", status, what=what, english=speaker("en"))
