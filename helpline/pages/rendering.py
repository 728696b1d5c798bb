"""How a page leaves the house: its template, its stylesheet, and the headers that keep it to itself."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources

from flask import Blueprint, Response, abort, url_for
from jinja2 import Environment, PackageLoader, StrictUndefined

from helpline.pages.texts import ENDONYMS, speaker
from reports.words import Language

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",  # the address of a personal page is its key
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}
ONE_YEAR = "public, max-age=31536000, immutable"


@cache
def _templates() -> Environment:
    """One for all renderers of a process: what it keeps is templates, made ready at their first use."""
    environment = Environment(
        loader=PackageLoader("helpline.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.clear()
    return environment


class Renderer:
    """Renders templates that reach nothing but what they are given: no request, no configuration, no session."""

    def __init__(self, *, demo: bool) -> None:
        self._demo = demo
        self._css = resources.files("helpline.pages").joinpath("static", "helpline.css").read_bytes()
        self._version = hashlib.sha256(self._css).hexdigest()[:16]

    def attach(self, pages: Blueprint) -> None:
        """Adds the stylesheet's route to a blueprint, and the headers to whatever it answers."""
        pages.add_url_rule("/assets/<version>.css", "stylesheet", self._stylesheet)
        pages.after_request(_with_headers)

    def page(self, template: str, language: Language, status: int = 200, **context: object) -> Response:
        """A whole page in `language`."""
        stylesheet = url_for(".stylesheet", version=self._version)
        text = self.text(template, language, **context, stylesheet=stylesheet)
        return Response(text, status, content_type="text/html; charset=utf-8")

    def text(self, template: str, language: Language, **context: object) -> str:
        """A template in `language`, to be a page or a part of one."""
        words = {"say": speaker(language), "language": language, "endonyms": ENDONYMS, "demo": self._demo}
        return _templates().get_template(template).render(context, **words)

    def _stylesheet(self, version: str) -> Response:
        # Its content is in its address, so it may be kept for good; an older address is answered by nobody.
        if version != self._version:
            abort(404)
        return Response(self._css, content_type="text/css; charset=utf-8", headers={"Cache-Control": ONE_YEAR})


def _with_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
