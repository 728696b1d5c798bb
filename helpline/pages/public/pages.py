"""The pages for everybody who needs a number: each line's, the directory, what can be printed and hung up.

Nobody learns who reads them: no session, no cookie, no script, no note of it, and the directory is one page, so that
not even its address tells which region a reader comes from. They answer whatever becomes of the database: numbers are
the configuration's, and for immediate danger those that ship stand in.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, redirect, url_for
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import InternalServerError

from helpline.clock import Clock
from helpline.directory.entries import Entry
from helpline.directory.reading import Shelf
from helpline.directory.seeding import shipped
from helpline.directory.spoken import country_of
from helpline.directory.territories import territories
from helpline.errors import HelplineError
from helpline.lines import Line
from helpline.pages.formats import Formats
from helpline.pages.public import addresses
from helpline.pages.public.about import Danger, calls_back, crisis, directory_key, numbers
from helpline.pages.public.latest import latest
from helpline.pages.public.near import guide
from helpline.pages.public.printing import code
from helpline.pages.public.shown import COSTS, service
from helpline.pages.releases_shown import title_of
from helpline.pages.rendering import ONE_YEAR, Renderer
from helpline.store.deadline import within
from helpline.store.sessions import Store
from reports.errors import InputError
from reports.words import LANGUAGES, Language

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

PATIENCE = 1.0
"""Seconds that the database has, each time it is asked: who needs a number doesn't wait for what stands beside it."""
CARDS = 10
"""On one sheet."""
RECORDS: Mapping[str, str] = MappingProxyType(
    {"month": "aid-kept-record-month", "quarter": "aid-kept-record-quarter", "year": "aid-kept-record-year"}
)
"""What a record of a line holds, by what it says of its time."""
_log = logging.getLogger(__name__)
KEPT = "public, max-age=600"
"""By whoever passes it on, for ten minutes: it is the same for everybody."""


class NoSuchLine(HelplineError):  # noqa: N818 - it is what the address is, and it never leaves the pages
    """No line is called so."""

    def __init__(self, language: Language) -> None:
        super().__init__(language)
        self.language = language


class HelpPages:
    """A list, and for each line its page, its directory, a poster and cards: each in four languages."""

    def __init__(
        self, store: Store, lines: Mapping[str, Line], clock: Clock, shelf: Shelf, public_url: str, *, demo: bool
    ) -> None:
        self._store = store
        self._lines = lines
        self._clock = clock
        self._shelf = shelf
        self._public_url = public_url
        self._demo = demo
        self._renderer = Renderer(demo=demo)
        self._css = resources.files("helpline.pages").joinpath("static", "public.css").read_bytes()
        self._version = hashlib.sha256(self._css).hexdigest()[:16]

    def blueprint(self) -> Blueprint:
        """`/aide`, `/hulp`, `/hilfe`, `/help` and what is below them, for GET and HEAD."""
        pages = Blueprint("help", __name__)
        for language, base in addresses.HELP.items():
            for name, rule, view in (
                ("list", "", self._list),
                ("line", "/<line>", self._line),
                ("directory", f"/<line>/{addresses.DIRECTORY[language]}", self._directory),
                ("poster", f"/<line>/{addresses.POSTER[language]}", self._poster),
                ("cards", f"/<line>/{addresses.CARDS[language]}", self._cards),
                ("elsewhere", "/<line>/<path:rest>", self._elsewhere),
            ):
                answer = partial(view, language)
                pages.add_url_rule(base + rule, f"{name}_{language}", answer, methods=["GET"], strict_slashes=False)
        pages.register_error_handler(NoSuchLine, self._gone)
        pages.register_error_handler(InternalServerError, self._broken)
        self._renderer.attach(pages)
        pages.add_url_rule("/assets/<version>/public.css", "own_stylesheet", self._own_stylesheet)
        pages.after_request(self._headed)  # what is added last is asked first
        return pages

    def _list(self, language: Language) -> ResponseReturnValue:
        if len(self._lines) == 1:
            return redirect(url_for(f".line_{language}", line=next(iter(self._lines))))
        lines = self._lines.values()
        context = {"lines": self._all(language), "dangers": self._dangers(lines, language, self._entries())}
        return self._page("lines.html", language, "list", None, context)

    def _line(self, language: Language, line: str) -> ResponseReturnValue:
        found = self._find(line, language)
        figures, known = self._latest(line, language)
        context = {
            "default_language": Formats(language).languages(found.flow.languages[:1]),
            "several": len(found.flow.languages) > 1,
            "calls_back": calls_back(found),
            "directory_key": directory_key(found.flow),
            "record": RECORDS[found.settings.period],
            "dangers": self._dangers((found,), language, self._entries()),
            "figures": figures,
            **self._printed(found, language),
        }
        return self._page("line.html", language, "line", found, context, kept=known)

    def _directory(self, language: Language, line: str) -> ResponseReturnValue:
        found = self._find(line, language)
        known = self._entries()
        entries = [entry for entry in known if entry.phone not in found.settings.own]
        today = found.local(int(self._clock.now())).date()
        country = country_of(found)
        context = {
            "guide": guide(entries, country, language),
            "services": {entry.key: service(entry, language, today) for entry in entries},
            "dangers": self._dangers((found,), language, known),
        }
        return self._page("directory.html", language, "directory", found, context, kept=bool(known))

    def _poster(self, language: Language, line: str) -> ResponseReturnValue:
        return self._sheet("poster", language, line)

    def _cards(self, language: Language, line: str) -> ResponseReturnValue:
        return self._sheet("cards", language, line)

    def _elsewhere(self, language: Language, **_where: str) -> ResponseReturnValue:
        raise NoSuchLine(language)

    def _sheet(self, kind: str, language: Language, line: str) -> Response:
        found = self._find(line, language)
        [danger] = self._dangers((found,), language, self._entries())
        context = {
            "crises": [each for each in danger.numbers if language in each.languages or each.national],
            "copies": tuple(range(CARDS)),
            **self._printed(found, language),
        }
        return self._page(f"{kind}.html", language, kind, found, context)

    def _find(self, line: str, language: Language) -> Line:
        if line not in self._lines:
            raise NoSuchLine(language)
        return self._lines[line]

    def _printed(self, line: Line, language: Language) -> dict[str, object]:
        """The address of a line's page for who holds paper: to type, and to scan."""
        address = self._public_url + url_for(f".line_{language}", line=line.name)
        return {"address": address.partition("://")[2], "code": code(address, line.flow.spoken[language])}

    def _all(self, language: Language) -> list[dict[str, object]]:
        return [self._said(line, language) for line in self._lines.values()]

    def _said(self, line: Line, language: Language) -> dict[str, object]:
        found = numbers(line)
        return {
            "name": line.flow.spoken[language],
            "url": url_for(f".line_{language}", line=line.name),
            "country": country_of(line),
            "settings": line.settings,
            "number": found[0],
            "others": found[1:],
            "abroad": next((each for each in found if each.everywhere), None),
            "languages": Formats(language).languages(line.flow.languages),
        }

    def _latest(self, line: str, language: Language) -> tuple[dict[str, object] | None, bool]:
        """The newest public figures, if there are any; and whether that is known."""
        try:
            with within(PATIENCE), self._store.read() as connection:
                found = latest(connection, line, language)
        except (SQLAlchemyError, InputError) as error:
            # The error's own message may hold what was being read.
            _log.error("a public page has no figures: %s", type(error).__name__)
            return None, False
        if found is None:
            return None, True
        volume = found.volume
        url = url_for(f"public.report_{language}", line=volume.line, period=volume.period)
        return {"title": title_of(volume.period, language), "url": url, "figures": found.figures}, True

    def _entries(self) -> tuple[Entry, ...]:
        with within(PATIENCE):
            return self._shelf.entries(self._clock.now())

    def _dangers(self, lines: Iterable[Line], language: Language, known: Iterable[Entry]) -> list[Danger]:
        """Whom to call in danger in these lines' countries; the numbers that ship, where the directory has none."""
        found = {country: crisis(known, country, language) for country in map(country_of, lines)}
        return [
            Danger(territories()[country].names[language], numbers or crisis(self._shipped(), country, language))
            for country, numbers in found.items()
        ]

    def _shipped(self) -> tuple[Entry, ...]:
        return shipped(datetime.fromtimestamp(self._clock.now(), UTC).date())

    def _page(
        self,
        template: str,
        language: Language,
        name: str,
        line: Line | None,
        context: Mapping[str, object],
        *,
        status: int = 200,
        kept: bool = True,
    ) -> Response:
        """One of the pages; `name` is its endpoint without its language. With `kept` anybody may keep it a while."""
        given: dict[str, Any] = {"line": line.name} if line else {}
        answer = self._renderer.page(
            f"public/{template}",
            language,
            status,
            **{
                "line": self._said(line, language) if line else None,
                "languages": {each: url_for(f".{name}_{each}", **given) for each in LANGUAGES},
                "here": {each: url_for(f".{each}_{language}", **given) for each in ("directory", "poster", "cards")}
                if line
                else {},
                "home": url_for(f".list_{language}"),
                "only": len(self._lines) == 1,
                "published": url_for(f"public.list_{language}"),
                "own_stylesheet": url_for(".own_stylesheet", version=self._version),
                "findable": not self._demo and status == 200,
                "costs": COSTS,
                "fmt": Formats(language),
                **context,
            },
        )
        if kept and status == 200:
            answer.headers["Cache-Control"] = KEPT
        return answer

    def _gone(self, error: NoSuchLine) -> Response:
        return self._stranded(error.language, 404, "aid-gone")

    def _broken(self, _error: InternalServerError) -> Response:
        return self._stranded("fr", 500, "unavailable")

    def _stranded(self, language: Language, status: int, what: str) -> Response:
        """Whatever went wrong, here is whom to call."""
        dangers = self._dangers(self._lines.values(), language, ())
        context = {"lines": self._all(language), "dangers": dangers, "what": what}
        return self._page("gone.html", language, "list", None, context, status=status)

    def _own_stylesheet(self, version: str) -> Response:
        # Its content is in its address, as that of the other one is.
        if version != self._version:
            abort(404)
        return Response(self._css, content_type="text/css; charset=utf-8", headers={"Cache-Control": ONE_YEAR})

    def _headed(self, response: Response) -> Response:
        """Search engines may find what is published; a demonstration's numbers they had better not."""
        if not self._demo and response.status_code == 200:
            response.headers["X-Robots-Tag"] = "all"
        return response
