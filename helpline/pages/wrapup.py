"""The psychologist's page: how many calls wait to be coded, and a form that codes one in a few taps.

The personal link is the key, and there is no other: no cookie, no session. So nothing here can be forged from another
site: whoever can make a browser post to this address knows the link already, and needs no browser of somebody else's.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, Response, redirect, request, url_for
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as Redirect

from helpline.clock import Clock
from helpline.errors import HelplineError
from helpline.figures import records
from helpline.figures.records import DAY, Coding, Pending
from helpline.lines import Line
from helpline.pages import forms
from helpline.pages.forms import Field, Filled, UnreadableForm
from helpline.pages.rendering import Renderer
from helpline.pages.texts import known_language, speaker
from helpline.people.links import Links
from helpline.shifts.snapshot import read_people
from helpline.store.erasures import once
from helpline.store.sessions import Store
from reports.taxonomy import Taxonomy
from reports.words import LANGUAGES, Language

_log = logging.getLogger(__name__)
MAX_BODY = 8_192
"""Bytes of a posted form: every button of every list at once would be less than half of that."""


class UnknownLink(HelplineError):  # noqa: N818 - it is what the link is, and it never leaves the pages
    """Nobody's link: forged, mistyped, or revoked. The answer is the same for all."""


class _Gone(Exception):  # noqa: N818 - undoes the transaction that it is raised in
    """The call isn't waiting any more."""


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


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many calls of one line wait, and by when the first is due, as a key of the texts."""

    line: str
    n: int
    due: str


@dataclass(frozen=True, slots=True)
class CallForm:
    """The form of one call, as the template shows it."""

    action: str
    id: str
    line: str
    title: str
    call: str
    fields: Mapping[str, Field]


class WrapUpPages:
    """The routes under `/me/<token>`."""

    def __init__(
        self, store: Store, lines: Mapping[str, Line], clock: Clock, taxonomy: Taxonomy, links: Links, *, demo: bool
    ) -> None:
        self._store = store
        self._lines = lines
        self._clock = clock
        self._taxonomy = taxonomy
        self._links = links
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
        return self._page(self._reader(token), notice="thanks" if "saved" in request.args else "")

    def back(self, token: str) -> Redirect:
        """Leads to the page."""
        return redirect(self._reader(token).link(".show"), 303)

    def code(self, token: str) -> Response | Redirect:
        """Codes one call, once however often the form is sent."""
        reader = self._reader(token)
        try:
            filled, line = self._posted()
        except UnreadableForm as error:
            return self._page(reader, error.status, notice="unreadable")
        coding = forms.coding(filled, line)
        wrong = forms.wrongs(filled, coding, self._taxonomy, line, speaker(reader.language))
        if wrong:
            return self._page(reader, 400, filled=filled, wrong=wrong)
        if not self._record(reader.person, line, coding, filled):
            return self._page(reader, 409, notice="gone")
        return redirect(reader.link(".show", saved=True), 303)

    def _posted(self) -> tuple[Filled, Line]:
        """The form in the request and its line. Raises `UnreadableForm`."""
        request.max_content_length = MAX_BODY
        if request.mimetype != "application/x-www-form-urlencoded":
            raise UnreadableForm
        try:
            filled = forms.read(request.form.to_dict(flat=False))
        except RequestEntityTooLarge:
            raise UnreadableForm(413) from None
        if filled.line not in self._lines:
            raise UnreadableForm
        return filled, self._lines[filled.line]

    def _record(self, person: int, line: Line, coding: Coding, filled: Filled) -> bool:
        """Whether the call is coded, now or by the same form before. Form and coding are one transaction."""
        # The tombstone of a form names neither person nor call, and tells the day it was sent but not the time: beside
        # a pool with a single call in it, a time would say when that call was coded.
        end_of_day = (int(self._clock.now()) // DAY + 1) * DAY
        try:
            with self._store.durable() as tx:
                if once(tx, f"form-{filled.form}", "form", end_of_day):
                    waiting = records.pending(tx, person)
                    item = next((item for item in waiting if (item.line, mark(item)) == (line.name, filled.call)), None)
                    if item is None or not records.code_one(tx, line, person, coding, item):
                        raise _Gone  # noqa: TRY301 - to roll back, so that the form may still be used
        except _Gone:
            return False
        return True

    def _reader(self, token: str) -> Reader:
        with self._store.read() as connection:
            person = self._links.person(connection, token)
            found = None if person is None else read_people(connection).get(person)
        if person is None or found is None:
            raise UnknownLink
        chosen = known_language(request.args.get("lang"))
        own = known_language(next(iter(found.languages), None)) or LANGUAGES[0]
        return Reader(person, found.name, token, chosen or own, chosen)

    def _page(
        self,
        reader: Reader,
        status: int = 200,
        *,
        notice: str = "",
        filled: Filled | None = None,
        wrong: Mapping[str, str] | None = None,
    ) -> Response:
        with self._store.read() as connection:
            pending = [item for item in records.pending(connection, reader.person) if item.line in self._lines]
        filled = filled or Filled()
        # A form that comes back codes the call that it was sent for.
        item = next((item for item in pending if mark(item) == filled.call), pending[0] if pending else None)
        return self._renderer.page(
            "wrapup.html",
            reader.language,
            status,
            name=reader.name,
            notice=notice,
            wrong=wrong or {},
            total=sum(item.n for item in pending),
            waiting=self._waiting(pending, reader.language),
            form=self._form(reader, item, filled, wrong or {}) if item else None,
            switches=[(code, url_for(".show", token=reader.token, lang=code)) for code in LANGUAGES],
        )

    def _waiting(self, pending: list[Pending], language: Language) -> list[Waiting]:
        """Line by line, the most urgent first, as `pending` is."""
        now, found = int(self._clock.now()), []
        for name in dict.fromkeys(item.line for item in pending):
            mine = [item for item in pending if item.line == name]
            line = self._lines[name]
            due = due_word(line, mine[0].due_day, now)
            found.append(Waiting(line.flow.spoken[language], sum(item.n for item in mine), due))
        return found

    def _form(self, reader: Reader, item: Pending, filled: Filled, wrong: Mapping[str, str]) -> CallForm:
        line = self._lines[item.line]
        questions = forms.Questions(self._taxonomy, line, reader.language, speaker(reader.language))
        return CallForm(
            reader.link(".code"),
            filled.form or secrets.token_urlsafe(16),
            line.name,
            line.flow.spoken[reader.language],
            mark(item),
            questions.fields(filled, wrong),
        )

    def _unknown(self, _error: UnknownLink) -> Response:
        return self._bilingual("unknown", 404)

    def _unavailable(self, error: SQLAlchemyError) -> Response:
        # The error's own message may hold what was being written, and the request's address is somebody's key.
        _log.error("a page could not use the database: %s", type(error).__name__)
        return self._bilingual("unavailable", 503)

    def _bilingual(self, what: str, status: int) -> Response:
        return self._renderer.page("bilingual.html", "fr", status, what=what, english=speaker("en"))


def mark(item: Pending) -> str:
    """Which of the waiting calls a form is for. No secret: it only has to be matched with what waits."""
    text = f"{item.line} {item.period} {item.night:d} {item.lasted:d} {item.due_day}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def due_word(line: Line, due_day: int, now: int) -> str:
    """By when to code, in whole days of the line's own time: the days of `due_day` are UTC's, and end in our night."""
    last = line.local((due_day + 1) * DAY).date() - timedelta(days=1)
    days = (last - line.local(now).date()).days
    return "due-today" if days <= 0 else "due-tomorrow" if days == 1 else "due-later"
