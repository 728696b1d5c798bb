"""Elements of HTML and SVG: whatever isn't markup already is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

VOID = {"meta", "br", "hr"}
SHAPES = {"rect", "line"}


class Safe(str):
    """Markup. Only this module makes it, and every text in it has been escaped."""

    __slots__ = ()


def el(tag: str, *children: str, **attributes: str | float | None) -> Safe:
    """Returns an element. Plain strings are escaped, attributes too; an attribute that is None is left out.

    A trailing `_` is dropped from an attribute's name and any other `_` becomes a hyphen.
    """
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    if tag in VOID:
        return Safe(f"<{tag}{written}>")
    if tag in SHAPES:
        return Safe(f"<{tag}{written}/>")
    return Safe(f"<{tag}{written}>{join(children)}</{tag}>")


def join(parts: Iterable[str]) -> Safe:
    """Returns the parts one after the other, plain strings escaped."""
    return Safe("".join(part if isinstance(part, Safe) else escape(part) for part in parts))


def style_sheet(text: str) -> Safe:
    """Returns a style element. ValueError if the text could end it."""
    if "<" in text:
        raise ValueError("a style sheet can't hold '<'")
    return Safe(f"<style>\n{text}</style>")


def document(language: str, head: Safe, body: Safe) -> str:
    """Returns a whole page."""
    return f'<!doctype html>\n<html lang="{escape(language)}">\n{el("head", head)}\n{el("body", body)}\n</html>\n'
