"""Charts as SVG that a screen reader, a printer and a 360-pixel screen can read.

Every mark is drawn from the published cells of the chart's own table. Widths are percentages, so that a chart fits
any screen while its text keeps its size; a masked cell has no mark.
"""

from __future__ import annotations

from collections.abc import Sequence

from reports.document import Table
from reports.periods import short_name_of
from reports.render.markup import Safe, el
from reports.render.wording import figure, words
from reports.rounding import Figure, Share, calls_in, unit_of
from reports.words import Language, phrase

SHADES = 6
"""Tints of one colour, from pale to dark."""
LABELLED_FROM = 8
"""Percent of a ribbon below which a segment has no room for its label."""
TALL, SMALL, HEADROOM = 190, 84, 16
"""Pixels of the tallest column, large and small, and of the room over it for its figure."""
GAP = 0.16
"""Of a column's slot, free on each side."""
FEW = 4
"""Columns up to which there is room for more than an initial."""

Cells = Sequence[Figure | None]


def chart(table: Table, language: Language) -> Safe:
    """Returns the chart that stands before a table, nothing where its chart is the bars in its rows."""
    if table.chart in ("ribbon", "scale"):
        return _ribbon(table, language)
    if table.chart == "columns":
        return _columns(table, language)
    return _multiples(table, language) if table.chart == "multiples" else Safe("")


def bar(value: Figure | None, largest: int) -> Safe:
    """Returns the bar of one row, its published count against the largest.

    It is hidden from screen readers, because the number stands beside it.
    """
    n = calls_in(value)
    mark = el("rect", class_="fill", width=_percent(n or 0, largest), height=6) if n else ""
    track = el("rect", class_="track", width="100%", height=6)
    return el("svg", track, mark, class_="bar", width="100%", height=6, aria_hidden="true", focusable="false")


def swatch(kind: str) -> Safe:
    """Returns the little square that ties a word to the marks of class `kind`."""
    square = el("rect", class_=kind, width=10, height=10)
    return el("svg", square, class_="swatch", width=10, height=10, aria_hidden="true", focusable="false")


def shade(table: Table, place: int) -> str:
    """Returns the class of the segment of row 0, 1 ...: a scale darkens, a ribbon pales, what is aside is grey."""
    if table.rows[place].aside:
        return "s0"
    if table.chart == "ribbon":
        return f"s{SHADES - place % SHADES}"
    steps = sum(not row.aside for row in table.rows)
    return f"s{SHADES - (steps - 1 - place) % SHADES}"


def _percent(n: float, whole: float) -> str:
    return f"{100 * n / whole:.2f}%" if whole else "0%"


def _picture(name: str, title: str, description: str, marks: Sequence[Safe], height: int) -> Safe:
    """Returns an SVG with its title and description."""
    named = (el("title", title, id=f"{name}-title"), el("desc", description, id=f"{name}-desc"))
    return el(
        "svg", *named, *marks,
        role="img", aria_labelledby=f"{name}-title", aria_describedby=f"{name}-desc", width="100%", height=height,
    )  # fmt: skip


def _ribbon(table: Table, language: Language) -> Safe:
    shares = table.column("share")
    counts, whole = lengths(table)
    marks = [el("rect", class_="track", width="100%", height=44)]
    start = 0
    for place, (n, share) in enumerate(zip(counts, shares, strict=True)):
        if n:
            label = figure(share, language) if share and share.value is not None else ""
            marks += _segment(shade(table, place), (start, n, whole), label)
        start += n
    picture = _picture(f"chart-{table.id}", words(table.caption, language), listed(table, language), marks, 44)
    return el("div", picture, class_="chart")


def lengths(table: Table) -> tuple[list[int], int]:
    """Returns the printed counts of a ribbon's rows, 0 for a masked one, and what its whole length stands for."""
    counts = [calls_in(cell) or 0 for cell in table.column("count")]
    wholes = [share.whole.value or 0 for share in table.column("share") if isinstance(share, Share)]
    return counts, max(sum(counts), *wholes, 0)


def listed(table: Table, language: Language) -> str:
    """Returns a ribbon in words: each row's label and share."""
    named = zip(table.rows, table.column("share"), strict=True)
    return ", ".join(f"{words(row.label, language)} {figure(share, language)}" for row, share in named if share)


def _segment(tint: str, extent: tuple[int, int, int], label: str) -> list[Safe]:
    """Returns a segment, `extent` being where it starts, how long it is, and how long the whole ribbon is."""
    start, n, whole = extent
    marks = [el("rect", class_=f"{tint} seg", x=_percent(start, whole), width=_percent(n, whole), height=44)]
    if label and 100 * n >= LABELLED_FROM * whole:
        middle = _percent(start + n / 2, whole)
        marks.append(el("text", label, class_=f"on-{tint}", x=middle, y=27, text_anchor="middle"))
    return marks


def _columns(table: Table, language: Language) -> Safe:
    offered, answered = table.column("offered"), table.column("answered")
    highest = tallest(offered)
    marks = _bars(offered, highest, TALL, "offered") + _bars(answered, highest, TALL, "answered")
    marks += _values(offered, highest, TALL, language) + _ticks(table, language, TALL + 34)
    text = described(table, offered, language)
    picture = _picture(f"chart-{table.id}", words(table.caption, language), text, marks, TALL + 42)
    keys = [el("span", swatch(kind), words(phrase(f"column.{kind}"), language)) for kind in ("offered", "answered")]
    return el("div", el("p", *keys, class_="keys"), picture, class_="chart")


def _multiples(table: Table, language: Language) -> Safe:
    columns = [(column, table.column(column.id)) for column in table.columns[1:]]
    highest = max((tallest(cells) for _, cells in columns), default=0)
    panels = []
    for column, cells in columns:
        head = words(column.head, language)
        marks = _bars(cells, highest, SMALL, "answered") + _values(cells, highest, SMALL, language)
        marks += _ticks(table, language, SMALL + 30, initials=True)
        text = described(table, cells, language)
        picture = _picture(f"chart-{table.id}-{column.id}", head, text, marks, SMALL + 36)
        panels.append(el("div", el("p", head, class_="panel", aria_hidden="true"), picture))
    return el("div", *panels, class_="chart multiples")


def tallest(cells: Cells) -> int:
    """Returns the largest printed count, 0 if all are masked."""
    return max((calls_in(cell) or 0 for cell in cells), default=0)


def _middle(place: int, count: int) -> str:
    return _percent(place + 0.5, count)


def _bars(cells: Cells, highest: int, height: int, kind: str) -> list[Safe]:
    """Returns the columns, the highest `height` pixels tall; they stand 16 pixels below the picture's top."""
    foot, count = height + HEADROOM, len(cells)
    marks = [el("line", class_="foot", x1="0%", x2="100%", y1=foot, y2=foot)]
    for place, cell in enumerate(cells):
        if n := calls_in(cell):
            tall = round(height * n / highest, 1)
            x, width = _percent(place + GAP, count), _percent(1 - 2 * GAP, count)
            marks.append(el("rect", class_=kind, x=x, width=width, y=round(foot - tall, 1), height=tall))
    return marks


def _values(cells: Cells, highest: int, height: int, language: Language) -> list[Safe]:
    """Returns the figure over each column."""
    marks = []
    for place, cell in enumerate(cells):
        if cell is not None and unit_of(cell) == "calls":
            tall = height * (cell.value or 0) / highest if highest else 0
            y, x = round(height + HEADROOM - tall - 4, 1), _middle(place, len(cells))
            marks.append(el("text", figure(cell, language), class_="value", x=x, y=y, text_anchor="middle"))
    return marks


def _ticks(table: Table, language: Language, y: int, *, initials: bool = False) -> list[Safe]:
    """Returns the name under each column, of months the first letter only where there is no room."""
    marks = []
    for place, row in enumerate(table.rows):
        text = words(short_name_of(row.code), language)
        if initials and len(table.rows) > FEW:
            text = text[:1]
        marks.append(el("text", text, class_="tick", x=_middle(place, len(table.rows)), y=y, text_anchor="middle"))
    return marks


def described(table: Table, cells: Cells, language: Language) -> str:
    """Returns a column chart in words: its highest and its lowest printed value."""
    known = [
        (cell, words(row.label, language))
        for row, cell in zip(table.rows, cells, strict=True)
        if cell is not None and calls_in(cell) is not None
    ]
    if not known:
        return words(phrase("chart.columns-none"), language)
    high, highest = max(known, key=_size)
    low, lowest = min(known, key=_size)
    values = {"high": highest, "high_n": figure(high, language), "low": lowest, "low_n": figure(low, language)}
    return words(phrase("chart.columns"), language).format_map(values)


def _size(named: tuple[Figure, str]) -> int:
    return named[0].value or 0
