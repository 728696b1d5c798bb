"""The psychologist's page by personal link: how many calls wait to be coded, and a form that codes one in a few taps.

The personal link is the key, and there is no other: no cookie, no session. So nothing here can be forged from another
site: whoever can make a browser post to this address knows the link already, and needs no browser of somebody else's.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, redirect, request, url_for
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as Redirect

from helpline.clock import Clock
from helpline.errors import HelplineError
from helpline.lines import Line
from helpline.pages.coder import MAX_BODY, Answer, Coder
from helpline.pages.forms import UnreadableForm
from helpline.pages.rendering import Renderer
from helpline.pages.texts import known_language, speaker
from helpline.people.links import Links
from helpline.shifts.snapshot import read_people
from helpline.store.sessions import Store
from reports.taxonomy import Taxonomy
from reports.words import LANGUAGES, Language

_log = logging.getLogger(__name__)


class UnknownLink(HelplineError):  # noqa: N818 - it is what the link is, and it never leaves the pages
    """Nobody's link: forged, mistyped, or revoked. The answer is the same for all."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose page it is, and in which language they read it. `chosen` is what they asked for, and links hand it on."""

    person: int
    name: str
    token: str
    language: Language
    chosen: Language | None

    def link(self, endpoint: str, *, saved: bool = False) -> str:
        """The address of one of this person's pages, in the language they chose."""
        return url_for(endpoint, token=self.token, lang=self.chosen, saved="1" if saved else None)


class WrapUpPages:
    """The routes under `/me/<token>`."""

    def __init__(
        self, store: Store, lines: Mapping[str, Line], clock: Clock, taxonomy: Taxonomy, links: Links, *, demo: bool
    ) -> None:
        self._store = store
        self._links = links
        self._clock = clock
        self._coder = Coder(store, lines, clock, taxonomy)
        self._renderer = Renderer(demo=demo)

    def blueprint(self) -> Blueprint:
        """`/me/...` and the stylesheet."""
        pages = Blueprint("wrapup", __name__)
        pages.add_url_rule("/me/<token>", "show", self.show, methods=["GET"])
        pages.add_url_rule("/me/<token>/code", "code", self.code, methods=["POST"])
        # Somebody who reloads or bookmarks an answer of the form gets the page.
        pages.add_url_rule("/me/<token>/code", "back", self.back, methods=["GET"])
        pages.register_error_handler(UnknownLink, self._unknown)
        for unavailable in (OperationalError, InterfaceError, NoConnectionLeft):
            pages.register_error_handler(unavailable, self._unavailable)
        self._renderer.attach(pages)
        return pages

    def show(self, token: str) -> Response:
        """What waits, and the form of the most urgent call."""
        return self._page(self._reader(token), Answer(notice="thanks" if "saved" in request.args else ""))

    def back(self, token: str) -> Redirect:
        """Leads to the page."""
        return redirect(self._reader(token).link(".show"), 303)

    def code(self, token: str) -> Response | Redirect:
        """Codes one call, once however often the form is sent."""
        reader = self._reader(token)
        try:
            answer = self._coder.code(reader.person, reader.language, _posted())
        except UnreadableForm as error:
            answer = Answer(error.status, "unreadable")
        return redirect(reader.link(".show", saved=True), 303) if answer.saved else self._page(reader, answer)

    def _reader(self, token: str) -> Reader:
        with self._store.read() as connection:
            person = self._links.person(connection, token, int(self._clock.now()))
            found = None if person is None else read_people(connection).get(person)
        if person is None or found is None:
            raise UnknownLink
        chosen = known_language(request.args.get("lang"))
        own = known_language(next(iter(found.languages), None)) or LANGUAGES[0]
        return Reader(person, found.name, token, chosen or own, chosen)

    def _page(self, reader: Reader, answer: Answer) -> Response:
        language = reader.language
        return self._renderer.page(
            "wrapup.html",
            language,
            answer.status,
            heading=speaker(language)("hello", name=reader.name),
            switches=[(code, url_for(".show", token=reader.token, lang=code)) for code in LANGUAGES],
            **self._coder.shown(reader.person, language, reader.link(".code"), answer),
        )

    def _unknown(self, _error: UnknownLink) -> Response:
        return self._bilingual("unknown", 404)

    def _unavailable(self, error: SQLAlchemyError) -> Response:
        # The error's own message may hold what was being written, and the request's address is somebody's key.
        _log.error("a page could not use the database: %s", type(error).__name__)
        return self._bilingual("unavailable", 503)

    def _bilingual(self, what: str, status: int) -> Response:
        return self._renderer.page("bilingual.html", "fr", status, what=what, english=speaker("en"))


def _posted() -> Mapping[str, Sequence[str]]:
    """The form in the request. Raises `UnreadableForm`."""
    request.max_content_length = MAX_BODY
    if request.mimetype != "application/x-www-form-urlencoded":
        raise UnreadableForm
    try:
        return request.form.to_dict(flat=False)
    except RequestEntityTooLarge:
        raise UnreadableForm(413) from None
