"""Writing into a workbook: rows of cells, each as what it is, and names that spreadsheets accept."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import wrap

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from reports.render.wording import figure, words
from reports.render.xlsx_styles import KINDS, SIZE, Styles, clean, number
from reports.rounding import Figure
from reports.words import Language, Words, phrase

LONGEST_NAME = 31
"""Characters of a sheet's name, as spreadsheets count them: in UTF-16."""
FORBIDDEN = str.maketrans("[]:*?/\\", "       ")
RESERVED = {"history"}
LEADING, AROUND = 1.3, 3.5
"""Height of a line of text in letter sizes, and what a row has besides, in points."""
BOLD = 0.92
"""How much of a text fits when it is bold."""
Cell = tuple[str | Figure | None, str]
"""What a cell holds, and its kind."""


class Page:
    """A sheet that is written downwards, row by row.

    Rows are as high as their texts need: a spreadsheet other than Excel doesn't find out by itself.
    """

    __slots__ = ("_styles", "_widths", "language", "row", "sheet")

    def __init__(self, sheet: Worksheet, styles: Styles, language: Language, widths: Iterable[int]) -> None:
        self.sheet = sheet
        self.language = language
        self.row = 0
        """The next row, from 0."""
        self._styles = styles
        self._widths = tuple(widths)
        for column, width in enumerate(self._widths):
            sheet.set_column(column, column, width)

    def write(self, *cells: Cell) -> None:
        """Writes the next row."""
        heights = []
        for column, (content, kind) in enumerate(cells):
            if isinstance(content, str):
                self._text(column, clean(content), kind)
                heights.append(self._height(content, kind, self._widths[column]))
            else:
                self._figure(column, content, kind)
                heights.append(self._height("", kind, self._widths[column]))
        self.sheet.set_row(self.row, max(heights))
        self.row += 1

    def lines(self, lines: Iterable[tuple[str, str]]) -> None:
        """Writes texts, each with its kind, one under another in the first column."""
        for line in lines:
            self.write(line)

    def link(self, text: str, place: str) -> None:
        """Writes a link to another place of the workbook."""
        self.sheet.write_url(self.row, 0, f"internal:{place}", self._styles.text("link", clean(text)), clean(text))
        self.row += 1

    def skip(self) -> None:
        """Leaves a row free."""
        self.row += 1

    def to(self, text: Words) -> str:
        """Returns a text in the sheet's language."""
        return words(text, self.language)

    def said(self, key: str) -> str:
        """Returns one of the phrases."""
        return self.to(phrase(key))

    def style(self, kind: str, text: str) -> Format:
        """Returns how a text of a kind looks."""
        return self._styles.text(kind, text)

    def _text(self, column: int, text: str, kind: str) -> None:
        self.sheet.write_string(self.row, column, text, self._styles.text(kind, text))

    def _figure(self, column: int, value: Figure | None, kind: str) -> None:
        """Writes a number, a text where the figure has no value, an empty cell for None."""
        style = self._styles.figure(kind, value)
        if value is None:
            self.sheet.write_blank(self.row, column, None, style)
        elif (known := number(value)) is None:
            self.sheet.write_string(self.row, column, figure(value, self.language), style)
        else:
            self.sheet.write_number(self.row, column, known, style)

    def _height(self, text: str, kind: str, width: int) -> float:
        """Returns the points a text needs in a column `width` characters wide."""
        size: int = KINDS[kind].get("font_size", SIZE)
        letters = int(width * SIZE / size * (BOLD if KINDS[kind].get("bold") else 1))
        count = len(wrap(text, letters)) if KINDS[kind].get("text_wrap") else 1
        return round(max(count, 1) * size * LEADING + AROUND, 2)


def sheet_names(heads: Iterable[str]) -> tuple[str, ...]:
    """Returns a name for each sheet: no two alike, none longer or other than a spreadsheet allows."""
    names: list[str] = []
    taken = set(RESERVED)
    for head in heads:
        plain = " ".join(clean(head).translate(FORBIDDEN).split()).strip("' ") or "–"
        name, nth = cut(plain, LONGEST_NAME), 1
        while name.casefold() in taken:
            nth += 1
            name = cut(plain, LONGEST_NAME - len(f" ({nth})")) + f" ({nth})"
        taken.add(name.casefold())
        names.append(name)
    return tuple(names)


def distinct(heads: Iterable[str]) -> tuple[str, ...]:
    """Returns the heads of a table, a second one of a name numbered: a spreadsheet's table has no two alike."""
    texts: list[str] = []
    for head in heads:
        text, nth = clean(head) or "–", 1
        while (tried := text if nth == 1 else f"{text} ({nth})").lower() in map(str.lower, texts):
            nth += 1
        texts.append(tried)
    return tuple(texts)


def cut(text: str, most: int) -> str:
    """Returns the text, or as much of it as `most` units of UTF-16 hold, with an ellipsis."""
    if len(text.encode("utf-16-le")) <= 2 * most:
        return text
    kept = text.encode("utf-16-le")[: 2 * (most - 1)].decode("utf-16-le", "ignore")
    return kept.rstrip("' ") + "…"
