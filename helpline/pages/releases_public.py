"""The page for everybody: releases that are public, without sign-in, cookie, script, or a note of who reads.

One address for each language; what it shows may be kept by anybody for a while.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request, url_for
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

from helpline.errors import HelplineError
from helpline.figures import shelf
from helpline.figures.shelf import Volume
from helpline.lines import Line
from helpline.pages.public.addresses import HELP
from helpline.pages.releases_sent import send_file, send_page
from helpline.pages.releases_shown import Shown, address_in, page_of, revision_in, slug
from helpline.pages.rendering import Renderer
from helpline.pages.texts import speaker
from helpline.store.sessions import Store
from reports.words import LANGUAGES, Language

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

_log = logging.getLogger(__name__)
ADDRESSES: Mapping[Language, str] = MappingProxyType(
    {"fr": "/chiffres", "nl": "/cijfers", "de": "/zahlen", "en": "/published"}
)
KEPT = "public, max-age=600"
"""By whoever passes it on, for ten minutes: a release never changes, but another one may come beside it."""


class NotPublic(HelplineError):  # noqa: N818 - it is what the address is, and it never leaves the pages
    """No such release, or not for everybody. The answer is the same."""

    def __init__(self, language: Language) -> None:
        super().__init__(language)
        self.language = language


@dataclass(frozen=True, slots=True)
class Open:
    """Addresses for everybody, in a language. A replaced revision's are its own."""

    language: Language

    def report(self, volume: Volume) -> str:
        """The report as a page."""
        return url_for(f".report_{self.language}", **_address(volume))

    def file(self, volume: Volume, name: str) -> str:
        """One of its files."""
        return url_for(f".file_{self.language}", **_address(volume), name=name)


def _address(volume: Volume) -> dict[str, Any]:
    address = {"line": slug(volume.line), "period": volume.period}
    return {**address, "revision": volume.revision} if volume.replaced else address


class PublicPages:
    """A list, a report and its files under each address."""

    def __init__(self, store: Store, lines: Mapping[str, Line], *, demo: bool) -> None:
        self._store = store
        self._lines = lines
        self._demo = demo
        self._renderer = Renderer(demo=demo)

    def blueprint(self) -> Blueprint:
        """`/chiffres`, `/cijfers`, `/zahlen` and `/published`, for GET and HEAD."""
        pages = Blueprint("public", __name__)
        for language, address in ADDRESSES.items():
            for name, rule, view in (
                ("list", "", self._list),
                ("report", "/<line>/<period>", self._report),
                ("file", "/<line>/<period>/<name>", self._file),
            ):
                pages.add_url_rule(address + rule, f"{name}_{language}", partial(view, language), methods=["GET"])
        pages.register_error_handler(NotPublic, self._gone)
        for unavailable in (OperationalError, InterfaceError, NoConnectionLeft):
            pages.register_error_handler(unavailable, self._unavailable)
        self._renderer.attach(pages)
        pages.after_request(self._headed)  # what is added last is asked first
        return pages

    def _list(self, language: Language) -> ResponseReturnValue:
        with self._store.read() as connection:
            volumes = shelf.volumes(connection, public=True)
        answer = self._renderer.page(
            "public.html",
            language,
            shelves=Shown(self._lines, Open(language), language).shelves(volumes),
            languages={code: url_for(f".list_{code}") for code in LANGUAGES},
            help=HELP[language],
            findable=not self._demo,
        )
        answer.headers["Cache-Control"] = KEPT
        return answer

    def _report(self, language: Language, line: str, period: str) -> ResponseReturnValue:
        found = self._find(language, line, period)
        with self._store.read() as connection:
            file = shelf.read(connection, found[:1], page_of(found[0], language) or "")
        if file is None:
            raise NotPublic(language)
        bar = self._renderer.text(
            "figures_bar.html",
            language,
            entry=Shown(self._lines, Open(language), language).entry(file.volume),
            back=url_for(f".list_{language}"),
            languages={code: Open(code).report(file.volume) for code in LANGUAGES if page_of(file.volume, code)},
        )
        return send_page(file, bar, KEPT)

    def _file(self, language: Language, line: str, period: str, name: str) -> ResponseReturnValue:
        found = self._find(language, line, period)
        with self._store.read() as connection:
            file = shelf.read(connection, found, name)
        if file is None:
            raise NotPublic(language)
        return send_file(file, KEPT)

    def _find(self, language: Language, line: str, period: str) -> list[Volume]:
        address = address_in(line, period)
        revision = revision_in(request.args.get("revision", ""))
        if address is not None:
            with self._store.read() as connection:
                found = shelf.find(connection, *address, revision, public=True)
            if found:
                return found
        raise NotPublic(language)

    def _gone(self, error: NotPublic) -> Response:
        return self._renderer.page("bilingual.html", error.language, 404, what="error-gone", english=speaker("en"))

    def _unavailable(self, error: SQLAlchemyError) -> Response:
        _log.error("a page could not use the database: %s", type(error).__name__)
        return self._renderer.page("bilingual.html", "fr", 503, what="unavailable", english=speaker("en"))

    def _headed(self, response: Response) -> Response:
        """Search engines may find what is published; made-up figures they had better not."""
        if not self._demo and response.status_code in {200, 304}:
            response.headers["X-Robots-Tag"] = "all"
        return response
