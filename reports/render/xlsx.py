"""The report as a workbook: for whoever wants to sort, copy or draw the figures.

The summary comes first, then one sheet for each table with its chart and its definitions, then all definitions and the
methods. A number is a number, shown as the language writes it; what is masked is a text. There are no formulas: every
cell is written as what it is, and one that a spreadsheet might take for a formula when it is edited is marked as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time
from io import BytesIO

from xlsxwriter.utility import quote_sheetname
from xlsxwriter.workbook import Workbook

from reports.document import Report, Row, Table
from reports.indicators import Indicator
from reports.render.naming import period_line, title
from reports.render.wording import figure, sentence, words
from reports.render.xlsx_charts import chart_of, described
from reports.render.xlsx_pen import Cell, Page, cut, distinct, sheet_names
from reports.render.xlsx_styles import FONT, SIZE, TABS, Styles, clean
from reports.words import Language, phrase, phrasebook

OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
A4 = 9
PICTURE = re.compile(r"&(?=G|\[)")
SUMMARY_WIDTHS, DEFINITION_WIDTHS, PROSE_WIDTH = (92, 18), (30, 62, 46, 34), 120
"""Characters."""
LABELS, FIGURES = (46, 56), (13, 24)
"""The narrowest and the widest column of labels, and of figures."""
LINE_LETTERS = 90
"""Of the line's name, in a page's header, which holds 255 in all."""


@dataclass(frozen=True, slots=True)
class Binder:
    """A workbook in the making."""

    report: Report
    language: Language
    book: Workbook
    styles: Styles
    names: Iterator[str]
    """Of the sheets that are still to be made."""

    def page(self, widths: Iterable[int], tab: str | None = None) -> Page:
        """Returns the next sheet, ready to be printed on A4 as wide as a page."""
        sheet = self.book.add_worksheet(next(self.names))
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.set_margins(left=0.5, right=0.5, top=0.8, bottom=0.7)
        sheet.fit_to_pages(1, 0)
        if tab:
            sheet.set_tab_color(tab)
        line = _printable(cut(clean(words(self.report.line_name, self.language)), LINE_LETTERS))
        notice = _printable(words(phrase("page.demo"), self.language)) if self.report.demo else ""
        sheet.set_header(f"&L{line}&R{notice}")
        sheet.set_footer(f"&L{_printable(title(self.report, self.language))}&R&P / &N")
        return Page(sheet, self.styles, self.language, widths)


def render_xlsx(report: Report, language: Language) -> bytes:
    """Returns the workbook in one language. The same report gives the same bytes under one XlsxWriter and one zlib."""
    file = BytesIO()
    # Given a dict of its own: XlsxWriter writes into it. Without "none", the theme's font would be shown instead.
    letters = {"font_name": FONT, "font_size": SIZE, "font_scheme": "none"}
    book = Workbook(file, {**OPTIONS, "default_format_properties": letters})
    book.set_properties(_properties(report, language))
    tables = [table.title for section in report.sections for table in section.tables]
    heads = (phrase("page.summary"), *tables, phrase("workbook.definitions"), phrase("page.methods"))
    names = sheet_names(words(head, language) for head in heads)
    binder = Binder(report, language, book, Styles(book, language), iter(names))
    _summary(binder, names)
    place = 1
    for nth, section in enumerate(report.sections):
        for table in section.tables:
            _table_sheet(binder, table, f"table_{place}", TABS[nth % len(TABS)])
            place += 1
    _definitions(binder)
    _methods(binder)
    book.close()
    return file.getvalue()


def _properties(report: Report, language: Language) -> dict[str, object]:
    """Returns what the file says of itself: of the report, and nothing of who or what wrote it, or when."""
    name = clean(words(report.line_name, language))
    notice = words(phrase("page.demo"), language) if report.demo else ""
    counts = words(phrase("headline.calls-not-callers"), language)
    return {
        "title": clean(" – ".join(part for part in (title(report, language), name, notice) if part)),
        "subject": clean(period_line(report, language)),
        "author": name,
        "comments": clean(f"{notice}. {counts}" if notice else counts),
        "created": datetime.combine(report.dated, time()),
    }


def _printable(text: str) -> str:
    """Returns a text whose ampersands are no codes of a page's header, nor look like a picture's to XlsxWriter."""
    return PICTURE.sub("& ", text).replace("&", "&&")


def _summary(binder: Binder, names: tuple[str, ...]) -> None:
    """Writes the first sheet: whose figures, of when, the sentences, the key figures, and where everything is."""
    report, page = binder.report, binder.page(SUMMARY_WIDTHS)
    page.lines([(title(report, page.language), "title"), (page.to(report.line_name), "line"),
                (period_line(report, page.language), "soft")])  # fmt: skip
    if report.demo:
        page.write((f"{page.said('page.demo')}. {page.said('page.demo-note')}", "warning"), ("", "warning"))
    page.skip()
    page.lines((sentence(line, page.language), "lead") for line in report.headlines)
    page.skip()
    if report.key_figures:
        page.write((page.said("page.key-figures"), "heading"), ("", "heading"))
        for key in report.key_figures:
            page.write((page.to(key.label), "key"), (key.figure, "key-figure"))
        page.skip()
    page.lines([(page.said("headline.calls-not-callers"), "name"), (page.said("page.legend"), "note")])
    page.skip()
    _contents(report, page, iter(names[1:]))


def _contents(report: Report, page: Page, names: Iterator[str]) -> None:
    """Writes the list of the sheets, each a link to it."""
    page.write((page.said("page.contents"), "heading"), ("", "heading"))
    for section in report.sections:
        page.write((page.to(section.title), "name"))
        page.lines((sentence(line, page.language), "note") for line in section.intro)
        for table in section.tables:
            page.link(page.to(table.title), f"{quote_sheetname(next(names))}!A1")
    for key in ("page.definitions-title", "page.methods"):
        page.link(page.said(key), f"{quote_sheetname(next(names))}!A1")


def _table_sheet(binder: Binder, table: Table, name: str, tab: str) -> None:
    """Writes one table, its chart beside it, and under it what its figures mean."""
    page = binder.page(_widths(table, binder.language), tab)
    # The caption is in the second row: it is also the chart's title.
    page.lines([(page.to(table.title), "title"), (page.to(table.caption), "soft")])
    if binder.report.demo:
        page.write((page.said("page.demo"), "warning"))
    head = page.row
    _heads(page, table, name)
    for row in table.rows:
        page.write(*_cells(page, row, "inner" if row.inner else "aside" if row.aside else "label", "figure"))
    for row in table.totals:
        page.write(*_cells(page, row, "total", "total-figure"))
    page.sheet.freeze_panes(head + 1, 1)
    page.sheet.repeat_rows(0, head)
    page.sheet.ignore_errors({"number_stored_as_text": f"A1:A{page.row}"})
    chart = chart_of(binder.book, table, page.sheet.get_name(), head, page.language)
    if chart:
        alternative = {"description": described(table, page.language), "object_position": 2}
        # Below the heads, which are printed again on every page.
        page.sheet.insert_chart(head + 1, len(table.columns) + 2, chart, alternative)
    page.skip()
    _explain(page, table)


def _widths(table: Table, language: Language) -> tuple[int, ...]:
    """Returns the width of each column: what must not be cut is a figure, and the longest word of a head."""
    rows = (*table.rows, *table.totals)
    labels = max((len(words(row.label, language)) for row in rows), default=0)
    widths = [min(max(labels + 4, LABELS[0]), LABELS[1])]
    for place, column in enumerate(table.columns):
        texts = words(column.head, language).split()
        texts += [figure(cell, language) for row in rows if (cell := row.cells[place]) is not None]
        widths.append(min(max(max(map(len, texts), default=0) + 3, FIGURES[0]), FIGURES[1]))
    return tuple(widths)


def _cells(page: Page, row: Row, label: str, kind: str) -> list[Cell]:
    return [(page.to(row.label), label), *((cell, kind) for cell in row.cells)]


def _heads(page: Page, table: Table, name: str) -> None:
    """Writes the heads, and makes head and rows a table that a screen reader knows as one."""
    texts = distinct(page.to(head) for head in (table.row_head, *(column.head for column in table.columns)))
    kinds = ("head", *("head-figure" for _ in table.columns))
    place = page.row
    page.write(*zip(texts, kinds, strict=True))
    if not table.rows:
        return
    columns = [
        {"header": text, "header_format": page.style(kind, text)} for text, kind in zip(texts, kinds, strict=True)
    ]
    options = {
        "name": name, "columns": columns, "style": None, "banded_rows": False, "autofilter": False,
        "first_column": True, "title": clean(page.to(table.title)), "description": clean(page.to(table.caption)),
    }  # fmt: skip
    page.sheet.add_table(place, 0, place + len(table.rows), len(table.columns), options)


def _explain(page: Page, table: Table) -> None:
    """Writes the notes of a table, the legend, and what its figures mean; that a count is a count stays unsaid."""
    page.lines((sentence(note, page.language), "note") for note in table.notes)
    page.write((page.said("page.legend"), "note"))
    for indicator in table.indicators:
        name, definition, formula, denominator = _defined(page, indicator)
        page.lines([(name, "name"), (definition, "prose")])
        if indicator.denominator != phrasebook("indicators")["count.denominator"]:
            calculated = f"{page.said('page.formula')} – {formula}. {page.said('page.denominator')} – {denominator}."
            page.write((calculated, "note"))


def _defined(page: Page, indicator: Indicator) -> tuple[str, str, str, str]:
    """Returns an indicator's name, definition, formula and denominator."""
    return (
        page.to(indicator.name),
        page.to(indicator.definition),
        page.to(indicator.formula),
        page.to(indicator.denominator),
    )


def _definitions(binder: Binder) -> None:
    page = binder.page(DEFINITION_WIDTHS)
    page.write((page.said("page.definitions-title"), "title"))
    head = page.row
    keys = ("head.indicator", "workbook.definition", "page.formula", "page.denominator")
    page.write(*((page.said(key), "head") for key in keys))
    for indicator in binder.report.indicators:
        name, *rest = _defined(page, indicator)
        page.write((name, "defined"), *((text, "definition") for text in rest))
    page.sheet.freeze_panes(head + 1, 1)
    page.sheet.repeat_rows(0, head)


def _methods(binder: Binder) -> None:
    page = binder.page((PROSE_WIDTH,))
    page.lines([(page.said("page.methods"), "title"), (period_line(binder.report, page.language), "soft")])
    page.lines((sentence(line, page.language), "prose") for line in binder.report.methods)
