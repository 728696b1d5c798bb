"""How releases are sent: a report as a page that may use its own style and nothing else, and files as they were stored.

Whoever has a file already is told so (`ETag`, its SHA-256) and gets no bytes.
"""

from __future__ import annotations

import base64
import hashlib
import re

from flask import Response, request

from helpline.figures.shelf import File
from reports.render.media import media_type

PRIVATE = "private, no-cache"
"""Kept by nobody but the reader, who asks each time whether it is still so."""
_STYLE = re.compile(rb"<style>(.*?)</style>", re.DOTALL)
_TOP = re.compile(rb'<body>\s*(?:<a [^>]*class="skip".*?</a>)?', re.DOTALL)
"""What stays on top: the link that skips what is above the report."""


def policy(page: bytes) -> str:
    """The content policy of a page with styles of its own: exactly those, and nothing else from anywhere."""
    hashes = [base64.b64encode(hashlib.sha256(style).digest()).decode() for style in _STYLE.findall(page)]
    styles = " ".join(f"'sha256-{each}'" for each in hashes) or "'none'"
    return f"default-src 'none'; style-src {styles}; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"


def send_page(file: File, bar: str, kept: str) -> Response:
    """A report to be read, with a bar on top that leads back; `kept` is who may keep it, for how long."""
    page = _TOP.sub(lambda found: found.group() + b"\n" + bar.encode(), file.content, count=1)
    response = Response(page, content_type=media_type(file.name))
    response.headers["Content-Security-Policy"] = policy(page)
    return _kept(response, hashlib.sha256(page).hexdigest(), kept)


def send_file(file: File, kept: str) -> Response:
    """A file to be saved, byte for byte as it was released."""
    response = Response(file.content, content_type=media_type(file.name))
    response.headers["Content-Security-Policy"] = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox"
    response.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return _kept(response, file.sha256, kept)


def _kept(response: Response, etag: str, kept: str) -> Response:
    response.headers["Cache-Control"] = kept
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.set_etag(etag)
    response.make_conditional(request)
    return response
