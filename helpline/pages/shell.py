"""How the pages of whoever signs in leave the house: as every page, with an icon and one small script that improves."""

from __future__ import annotations

import hashlib
from importlib import resources

from flask import Blueprint, Response, abort, url_for

from helpline.pages.rendering import HEADERS, ONE_YEAR, Renderer
from reports.words import Language

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


class Shell(Renderer):
    """Renders pages that may load our script, and nothing else that isn't ours."""

    def __init__(self, *, demo: bool) -> None:
        super().__init__(demo=demo)
        self._script = resources.files("helpline.pages").joinpath("static", "helpline.js").read_bytes()
        self._script_version = hashlib.sha256(self._script).hexdigest()[:16]
        self._icon = resources.files("helpline.pages").joinpath("static", "icon.svg").read_bytes()
        self._icon_version = hashlib.sha256(self._icon).hexdigest()[:16]

    def attach(self, pages: Blueprint) -> None:
        """Adds the routes of stylesheet, script and icon, and the headers of every answer."""
        super().attach(pages)
        pages.add_url_rule("/assets/<version>.js", "script", self._send_script)
        pages.add_url_rule("/assets/<version>.svg", "icon", self._send_icon)
        pages.after_request(_with_policy)  # what is added last is asked first: this policy, not that of links' pages

    def page(self, template: str, language: Language, status: int = 200, **context: object) -> Response:
        """A whole page in `language`."""
        script = url_for(".script", version=self._script_version)
        icon = url_for(".icon", version=self._icon_version)
        return super().page(template, language, status, script=script, icon=icon, **context)

    def _send_script(self, version: str) -> Response:
        if version != self._script_version:
            abort(404)
        headers = {"Cache-Control": ONE_YEAR}
        return Response(self._script, content_type="text/javascript; charset=utf-8", headers=headers)

    def _send_icon(self, version: str) -> Response:
        if version != self._icon_version:
            abort(404)
        return Response(self._icon, content_type="image/svg+xml", headers={"Cache-Control": ONE_YEAR})


def _with_policy(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", POLICY)
    # A form's page is told where it was sent from: to lead back there after somebody proved that it is them.
    response.headers.setdefault("Referrer-Policy", "same-origin")
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
