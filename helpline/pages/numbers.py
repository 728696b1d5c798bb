"""Numbers of rows, as an address or a form has them."""

from __future__ import annotations

LONGEST = 11
"""Digits that one may have: a database stumbles over a number that it can't hold."""


def row_number(text: str) -> int | None:
    """The number of a row, None for what can't be one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST else None
