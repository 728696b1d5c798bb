"""What is printed beside a number: the address of its page as a picture that a telephone reads."""

from __future__ import annotations

from functools import cache

from markupsafe import Markup

from helpline.pages.account.picture import drawn


@cache
def code(address: str, name: str) -> Markup:
    """The QR code of a public page's address: inline SVG, without style or script; `name` is whose page it is.

    Drawn once: there is one for each line and language, and nothing a reader sends is in it.
    """
    return drawn(address, f"{name}: {address}")
