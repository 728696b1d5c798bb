"""Charts of a workbook: each is drawn by the spreadsheet from the printed cells of the table beside it.

A masked cell is a text, which a chart draws as 0; its label says "<10", which it can because no rounded count is 0.
Families of reasons by period have no chart here: lines over one another can't be told apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from xlsxwriter.chart import Chart
from xlsxwriter.workbook import Workbook

from reports.document import Row, Table
from reports.render.wording import MASKED, figure, words
from reports.render.xlsx_styles import ACCENT, ACCENT_SOFT, FONT, INK, LINE, clean, thousands_mark
from reports.rounding import Published, calls_in
from reports.words import Language

DRAWN: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "bars": ("bar", ("count",)),
        "ribbon": ("bar", ("count",)),
        "scale": ("bar", ("count",)),
        "columns": ("column", ("offered", "answered")),
    }
)
"""For each kind of chart, the spreadsheet's own, and the columns it draws."""
WIDTH, BAR, FRAME, TALL = 540, 24, 96, 340
"""Pixels: of any chart, of one bar, of what stands around the bars, of a chart of columns."""


def chart_of(book: Workbook, table: Table, sheet: str, head: int, language: Language) -> Chart | None:
    """Returns the chart of a table whose heads are in row `head` (from 0) of `sheet`.

    None where it has no chart, or no printed count to draw.
    """
    kind, names = DRAWN.get(table.chart or "", ("", ()))
    places = [place for place, column in enumerate(table.columns) if column.id in names]
    drawn = [calls_in(row.cells[place]) for row in table.rows for place in places]
    if len(places) != len(names) or not any(drawn):
        return None
    chart = book.add_chart({"type": kind})
    masked = Published(None) in (row.cells[places[0]] for row in table.rows)
    labels = _labels(max(filter(None, drawn)), language, masked=masked)
    last = head + len(table.rows)
    for nth, place in enumerate(places):
        series = {
            "name": [sheet, head, place + 1],
            "categories": [sheet, head + 1, 0, last, 0],
            "values": [sheet, head + 1, place + 1, last, place + 1],
            # Else XlsxWriter would note a 0 for a masked cell, until the spreadsheet reads the cells itself.
            "values_data": [calls_in(row.cells[place]) for row in table.rows],
            "fill": {"color": ACCENT if nth + 1 == len(places) else ACCENT_SOFT},
            "gap": 45,
            "overlap": 100,
        }
        # The first series stands out over the others: only there is room for a label.
        chart.add_series({**series, "data_labels": labels} if nth == 0 else series)
    _dress(chart, kind, sheet, len(table.rows))
    return chart


def described(table: Table, language: Language) -> str:
    """Returns the chart in words: every category it draws, with its printed figures."""
    _, names = DRAWN[table.chart or ""]
    places = [place for place, column in enumerate(table.columns) if column.id in names]

    def said(row: Row) -> str:
        figures = (figure(cell, language) for place in places if (cell := row.cells[place]) is not None)
        return f"{words(row.label, language)} {' / '.join(figures)}"

    heads = " / ".join(words(table.columns[place].head, language) for place in places)
    listed = ", ".join(said(row) for row in table.rows)
    return clean(f"{words(table.caption, language)}. {heads}: {listed}")


def _labels(most: int, language: Language, *, masked: bool) -> dict[str, Any]:
    """Returns how the bars are labelled: as the language writes figures up to `most`, and "<10" for one that is masked.

    A format holds two conditions and what is left: from a million up, the mark between thousands is the reader's.
    """
    large = "#,##0" if most >= 1_000_000 else f'[>=1000]#"{thousands_mark(language)}"000;0'
    number = f'[=0]"{MASKED}";{large}' if masked else large
    return {"value": True, "num_format": number, "position": "outside_end", "font": _font(9)}


def _font(size: int) -> dict[str, Any]:
    return {"name": FONT, "size": size, "color": INK, "bold": False}


def _dress(chart: Chart, kind: str, sheet: str, rows: int) -> None:
    chart.set_title({"name": [sheet, 1, 0], "name_font": _font(11), "overlay": False})
    categories = {"num_font": _font(9), "line": {"color": LINE}, "major_tick_mark": "none"}
    counts = {"min": 0, "visible": False, "major_gridlines": {"visible": False}}
    if kind == "bar":
        chart.set_y_axis({**categories, "reverse": True})
        chart.set_x_axis(counts)
        chart.set_legend({"none": True})
    else:
        chart.set_x_axis(categories)
        chart.set_y_axis(counts)
        chart.set_legend({"position": "bottom", "font": _font(9)})
    chart.set_chartarea({"border": {"color": LINE}})
    chart.set_size({"width": WIDTH, "height": FRAME + BAR * rows if kind == "bar" else TALL})
