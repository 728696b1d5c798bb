"""`/feed/<token>.ics`: calendars for the programs that show them. The address is the key, and there is no other."""

from __future__ import annotations

import logging
import re

from flask import Blueprint, Response, request
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

from helpline.clock import Clock
from helpline.errors import HelplineError
from helpline.pages.rendering import HEADERS
from helpline.pages.texts import known_language
from helpline.people.calendars import Calendars, Wishes
from helpline.people.feeds import Feeds
from helpline.store.sessions import Store

_log = logging.getLogger(__name__)
KEPT = "private, no-cache"
"""Kept by nobody but the subscriber, who asks each time whether it is still so."""
NAME = "helpline.ics"
"""Of the file, for whoever saves it: the address doesn't belong in a folder of downloads."""
MOST_ALARMS = 4
LONGEST_ALARM = 10_080
"""Minutes: a week."""
AGAIN_AFTER = "600"
"""Seconds."""


class UnknownFeed(HelplineError):  # noqa: N818 - it is what the address is, and it never leaves the pages
    """No calendar's address: forged, mistyped, or revoked. The answer is the same for all."""


class UnreadableWish(HelplineError):  # noqa: N818 - it is what the wish is
    """Alarms in an address that can't be read."""


class FeedPages:
    """The one route of calendars."""

    def __init__(self, store: Store, clock: Clock, feeds: Feeds, calendars: Calendars) -> None:
        self._store = store
        self._clock = clock
        self._feeds = feeds
        self._calendars = calendars

    def blueprint(self) -> Blueprint:
        """`/feed/<token>.ics`, for GET and HEAD."""
        pages = Blueprint("feeds", __name__)
        pages.add_url_rule("/feed/<token>.ics", "show", self.show, methods=["GET"])
        pages.register_error_handler(UnknownFeed, _unknown)
        pages.register_error_handler(UnreadableWish, _unreadable)
        for unavailable in (OperationalError, InterfaceError, NoConnectionLeft):
            pages.register_error_handler(unavailable, _unavailable)
        pages.after_request(_with_headers)
        return pages

    def show(self, token: str) -> Response:
        """The calendar, or 304 to whoever has it already."""
        with self._store.read() as connection:
            scope = self._feeds.scope(connection, token, int(self._clock.now()))
            if scope is None:
                raise UnknownFeed
            wishes = Wishes(known_language(request.args.get("lang")), alarms(request.args.get("alarms")))
            found = self._calendars.read(connection, scope, int(self._clock.now()), wishes)
        if found is None:
            raise UnknownFeed
        response = Response(found, content_type="text/calendar; charset=utf-8")
        response.headers["Cache-Control"] = KEPT
        response.headers["Content-Disposition"] = f'attachment; filename="{NAME}"'
        # Of what it holds: whatever changes it (the rota, a name, a setting, the day) changes this.
        response.add_etag()
        response.make_conditional(request)
        return response


def alarms(text: str | None) -> tuple[int, ...] | None:
    """Minutes before a shift, as an address has them: `60,15`; empty for none. Raises `UnreadableWish`."""
    if text is None:
        return None
    if not text:
        return ()
    if not re.fullmatch(r"[0-9]{1,5}(,[0-9]{1,5})*", text):
        raise UnreadableWish
    minutes = tuple(dict.fromkeys(map(int, text.split(","))))
    if len(minutes) > MOST_ALARMS or max(minutes) > LONGEST_ALARM:
        raise UnreadableWish
    return minutes


def _unknown(_error: UnknownFeed) -> Response:
    return _said(404, "Ce calendrier n’existe pas, ou plus.\nThere is no such calendar, or no longer.\n")


def _unreadable(_error: UnreadableWish) -> Response:
    most = f"alarms=60,15: {MOST_ALARMS} x 0..{LONGEST_ALARM}"
    return _said(400, f"Alarmes illisibles, en minutes\u00a0: {most}\nAlarms can't be read, in minutes: {most}\n")


def _unavailable(error: SQLAlchemyError) -> Response:
    # The request's address is somebody's key.
    _log.error("a calendar could not use the database: %s", type(error).__name__)
    response = _said(503, "Réessayez dans dix minutes.\nTry again in ten minutes.\n")
    response.headers["Retry-After"] = AGAIN_AFTER
    return response


def _said(status: int, text: str) -> Response:
    return Response(text, status, content_type="text/plain; charset=utf-8")


def _with_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
