"""The picture that an authenticator scans: drawn in the page itself, so that the secret is in no address."""

from __future__ import annotations

import segno
from markupsafe import Markup


def drawn(uri: str, title: str) -> Markup:
    """`uri` as a QR code: SVG without style or script, dark on light in either theme, called `title`."""
    code = segno.make_qr(uri, error="m")
    text = code.svg_inline(dark="#000", light="#fff", title=title, svgclass="qr", lineclass="", omitsize=True)
    # segno escapes the title; the rest are numbers.
    return Markup(text)  # noqa: S704 - drawn here, and its only words are ours, escaped
