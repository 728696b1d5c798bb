"""How the cells of a workbook look, and how its numbers are written in a language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from babel import Locale
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook

from reports.periods import LOCALES
from reports.render.csv import DANGEROUS
from reports.rounding import Figure, HoursShare, unit_of
from reports.words import Language

INK, SOFT, LINE, WASH = "#1C2B33", "#566872", "#D5DDE1", "#F3F6F7"
ACCENT, ACCENT_SOFT = "#15566A", "#B9D3DA"
WARN_INK, WARN_PAPER = "#7A3B00", "#FFF3DD"
FONT, SIZE = "Arial", 10
"""A font whose measures every system has, under this name or another's: columns are as wide as its digits."""
TABS = ("#0F4456", "#7FB1BD")
"""Of the sheets of one section, and of the next: they help to find one's way and mean nothing."""
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
Properties = Mapping[str, Any]

_ROW: Properties = {"valign": "vcenter", "bottom": 1, "bottom_color": LINE}
_HEAD: Properties = {
    "bold": True, "text_wrap": True, "valign": "bottom", "bg_color": WASH, "bottom": 2, "bottom_color": ACCENT,
}  # fmt: skip
_TOTAL: Properties = {"bold": True, "top": 1, "top_color": ACCENT}
_RIGHT: Properties = {"align": "right"}
_WRAPPED: Properties = {"text_wrap": True, "valign": "top"}
KINDS: Mapping[str, Properties] = MappingProxyType(
    {
        "title": {"bold": True, "font_size": 16, "font_color": ACCENT},
        "line": {"bold": True, "font_color": ACCENT},
        "soft": {"font_color": SOFT},
        "note": {"font_color": SOFT, **_WRAPPED},
        "prose": _WRAPPED,
        "name": {"bold": True, **_WRAPPED},
        "lead": {"font_size": 11, **_WRAPPED},
        "warning": {"bold": True, "font_color": WARN_INK, "bg_color": WARN_PAPER, **_WRAPPED},
        "heading": {"bold": True, "font_size": 13, "font_color": ACCENT, "bottom": 1, "bottom_color": LINE},
        "link": {"font_color": ACCENT, "underline": 1, "indent": 1},
        "head": _HEAD,
        "head-figure": {**_HEAD, **_RIGHT},
        "label": {**_ROW, "text_wrap": True},
        "inner": {**_ROW, "text_wrap": True, "indent": 2},
        "aside": {**_ROW, "text_wrap": True, "font_color": SOFT},
        "total": {**_ROW, **_TOTAL, "text_wrap": True},
        "figure": {**_ROW, **_RIGHT},
        "total-figure": {**_ROW, **_TOTAL, **_RIGHT},
        "key": {**_ROW, "font_size": 11},
        "key-figure": {**_ROW, **_RIGHT, "bold": True, "font_size": 13, "font_color": ACCENT},
        "definition": {**_ROW, **_WRAPPED},
        "defined": {**_ROW, **_WRAPPED, "bold": True},
    }
)
"""What a cell can be, and XlsxWriter's properties of it."""


class Styles:
    """The formats of one workbook in one language, each made once."""

    __slots__ = ("_book", "_language", "_made")

    def __init__(self, book: Workbook, language: Language) -> None:
        self._book = book
        self._language = language
        self._made: dict[tuple[str, bool, str], Format] = {}

    def text(self, kind: str, text: str) -> Format:
        """Returns the format of a text.

        A text that a spreadsheet would take for a formula as soon as somebody edits the cell is marked as a text.
        """
        return self._format(kind, quoted=text.startswith(DANGEROUS), number="")

    def figure(self, kind: str, value: Figure | None) -> Format:
        """Returns the format of a figure; of a masked one or of none, the same without a number's."""
        number = "" if value is None or value.value is None else number_format(value, self._language)
        return self._format(kind, quoted=False, number=number)

    def _format(self, kind: str, *, quoted: bool, number: str) -> Format:
        key = (kind, quoted, number)
        if key not in self._made:
            extra = {"quote_prefix": True} if quoted else {"num_format": number} if number else {}
            self._made[key] = self._book.add_format({"font_color": INK, **KINDS[kind], **extra})
        return self._made[key]


def number_format(value: Figure, language: Language) -> str:
    """Returns the format a spreadsheet shows a figure with, so that it reads as it is printed in `language`.

    The mark between thousands is the language's, whatever the reader's settings are; that before tenths is theirs.
    """
    group = thousands_mark(language)
    if unit_of(value) == "calls":
        return _whole(group, "")
    if unit_of(value) == "minutes":
        return _whole(group, '"\u00a0min"')
    if unit_of(value) == "hours":
        return _whole(group, '"\u00a0h"')
    space = Locale.parse(LOCALES[language]).percent_formats[None].pattern.rpartition("0")[2].removesuffix("%")
    tenths = isinstance(value, HoursShare) and value.tenths is not None and value.tenths % 10
    return ("0.0" if tenths else "0") + (f'"{space}"' if space else "") + "%"


def thousands_mark(language: Language) -> str:
    """Returns what a language writes between thousands."""
    return str(Locale.parse(LOCALES[language]).number_symbols["latn"]["group"])


def _whole(group: str, unit: str) -> str:
    """Returns the format of a whole number below 10^9: a format holds two conditions and what is left."""
    thousands, millions = f'#"{group}"000', f'#"{group}"000"{group}"000'
    return f"[>=1000000]{millions}{unit};[>=1000]{thousands}{unit};0{unit}"


def number(value: Figure) -> float | None:
    """Returns what the cell of a figure holds: a count, minutes, hours, or a percentage as a fraction."""
    if isinstance(value, HoursShare):
        return None if value.tenths is None else value.tenths / 1000
    if unit_of(value) != "percent" or value.value is None:
        return value.value
    return value.value / 100


def clean(text: str) -> str:
    """Returns a text that XML can hold: control characters become spaces, and there are none at its ends."""
    return CONTROL.sub(" ", text).strip()
