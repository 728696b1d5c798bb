"""The report as one page that needs nothing else: printable, readable by machine voice, in light and dark."""

from __future__ import annotations

from reports.document import BEFORE, KeyFigure, Report, Row, Section, Table
from reports.indicators import Indicator
from reports.packaged import packaged
from reports.render.charts import bar, chart, shade, swatch
from reports.render.markup import Safe, document, el, join, style_sheet
from reports.render.naming import period_line, title
from reports.render.wording import figure, sentence, words
from reports.rounding import Figure
from reports.words import Language, phrase

MANY_COLUMNS = 5
"""From so many columns of figures a table takes the page's width; others stand in pairs."""


def render_html(report: Report, language: Language) -> str:
    """Returns the page in one language. The same report gives the same text."""
    body = [
        el("a", words(phrase("page.skip"), language), class_="skip", href="#main"),
        _banner(report, language),
        _header(report, language),
        el("main", _summary(report, language), _contents(report, language),
           *(_section(section, language) for section in report.sections), _methods(report, language), id="main"),
        _footer(report, language),
    ]  # fmt: skip
    return document(language, _head(report, language), join(part for part in body if part))


def _head(report: Report, language: Language) -> Safe:
    parts = [title(report, language), words(report.line_name, language)]
    if report.demo:
        parts.append(words(phrase("page.demo"), language))
    return join(
        (
            el("meta", charset="utf-8"),
            el("meta", name="viewport", content="width=device-width, initial-scale=1"),
            el("meta", name="color-scheme", content="light dark"),
            el("meta", name="robots", content="noindex") if report.demo else "",
            el("title", " – ".join(parts)),
            style_sheet(packaged("render/report.css")),
        )
    )


def _banner(report: Report, language: Language) -> str:
    """Returns what must be known before any figure is read: that it is made up."""
    if not report.demo:
        return ""
    strong = el("strong", words(phrase("page.demo"), language))
    return el("aside", el("p", strong, " ", words(phrase("page.demo-note"), language)), class_="demo")


def _header(report: Report, language: Language) -> Safe:
    name = el("p", words(report.line_name, language), class_="line")
    period = el("p", period_line(report, language), class_="period")
    return el("header", name, el("h1", title(report, language)), period)


def _summary(report: Report, language: Language) -> Safe:
    heading = el("h2", words(phrase("page.summary"), language), id="summary")
    lines = [el("li", sentence(line, language)) for line in report.headlines]
    keys = [_key(key, language) for key in report.key_figures]
    unseen = el("h3", words(phrase("page.key-figures"), language), class_="unseen")
    figures = join((unseen, el("dl", *keys, class_="keyfigures"))) if keys else ""
    note = el("p", words(phrase("headline.calls-not-callers"), language), class_="note")
    return el("section", heading, el("ul", *lines, class_="headlines"), figures, note,
              class_="summary", aria_labelledby="summary")  # fmt: skip


def _key(key: KeyFigure, language: Language) -> Safe:
    before = [el("dd", sentence(key.before, language), class_="before")] if key.before else []
    return el("div", el("dt", words(key.label, language)), el("dd", figure(key.figure, language)), *before)


def _contents(report: Report, language: Language) -> Safe:
    links = [(section.id, words(section.title, language)) for section in report.sections]
    links.append(("methods", words(phrase("page.methods"), language)))
    items = [el("li", el("a", text, href=f"#{anchor}")) for anchor, text in links]
    links_list = el("nav", el("ul", *items), aria_label=words(phrase("page.contents"), language))
    return join((links_list, el("p", words(phrase("page.legend"), language), class_="note")))


def _section(section: Section, language: Language) -> Safe:
    intro = [el("p", sentence(line, language), class_="intro") for line in section.intro]
    blocks = [_block(table, width, language) for table, width in zip(section.tables, _widths(section), strict=True)]
    return el("section", el("h2", words(section.title, language), id=section.id), *intro,
              el("div", *blocks, class_="blocks"), aria_labelledby=section.id)  # fmt: skip


def _widths(section: Section) -> list[str]:
    """Returns the class of each table's block: `wide` needs the page's width, `lone` is one with nobody beside it."""
    widths: list[str] = []
    for place, table in enumerate(section.tables):
        last = place + 1 == len(section.tables) or _apart(section.tables[place + 1])
        if _wide(table):
            widths.append("wide")
        elif _apart(table):
            widths.append("lone")
        else:
            widths.append("lone" if last and _halves(widths) % 2 == 0 else "half")
    return widths


def _wide(table: Table) -> bool:
    return len(table.columns) >= MANY_COLUMNS


def _apart(table: Table) -> bool:
    return table.chart == "columns" or _wide(table)


def _halves(widths: list[str]) -> int:
    """Returns how many halves stand at the end."""
    return next((count for count, width in enumerate(reversed(widths)) if width != "half"), len(widths))


def _block(table: Table, width: str, language: Language) -> Safe:
    heading = el("h3", words(table.title, language), id=f"about-{table.id}")
    notes = [el("p", sentence(note, language), class_="note") for note in table.notes]
    defined = el("div", *notes, _defined(table.indicators, language))
    return el("div", heading, chart(table, language), _table(table, language), defined, class_=f"block {width}")


def _table(table: Table, language: Language) -> Safe:
    heads = [el("th", words(table.row_head, language), scope="col")]
    heads += [el("th", words(column.head, language), scope="col", class_="num") for column in table.columns]
    largest = max((cell.value or 0 for row in table.rows for cell in row.cells[:1] if cell), default=0)
    body = [
        el("tr", _row_head(table, row, place, largest, language), *_cells(table, row, language))
        for place, row in enumerate(table.rows)
    ]
    totals = [
        el("tr", el("th", words(row.label, language), scope="row"), *_cells(table, row, language))
        for row in table.totals
    ]
    whole = el("table", el("caption", words(table.caption, language), id=f"caption-{table.id}"),
               el("thead", el("tr", *heads)), el("tbody", *body), el("tfoot", *totals) if totals else "")  # fmt: skip
    return el("div", whole, class_="scroll", role="region", tabindex="0", aria_labelledby=f"caption-{table.id}")


def _row_head(table: Table, row: Row, place: int, largest: int, language: Language) -> Safe:
    label = words(row.label, language)
    if table.chart in ("ribbon", "scale"):
        return el("th", swatch(shade(table, place)), label, scope="row", class_="keyed")
    name = el("span", label, class_="inner") if row.inner else label
    return el("th", name, bar(row.cells[0], largest) if table.chart == "bars" else "", scope="row")


def _cells(table: Table, row: Row, language: Language) -> list[Safe]:
    return [_cell(value, column.id, language) for column, value in zip(table.columns, row.cells, strict=True)]


def _cell(value: Figure | None, column: str, language: Language) -> Safe:
    if value is None:
        return el("td", class_="num")
    kind = "masked" if value.value is None else "then" if column == BEFORE else "count"
    return el("td", figure(value, language), class_=f"num {kind}")


def _defined(indicators: tuple[Indicator, ...], language: Language) -> Safe:
    """Returns what stands under a table: each definition, and the formula of whatever is a rate."""
    pairs = []
    for indicator in indicators:
        name = el("a", words(indicator.name, language), href=f"#def-{indicator.id}")
        text: list[str] = [words(indicator.definition, language)]
        if indicator.id.startswith(("service-level", "answer-rate", "abandonment")):
            text += [" ", el("span", words(indicator.formula, language), class_="formula")]
        pairs.append(el("div", el("dt", name), el("dd", *text)))
    return el("dl", *pairs, class_="defined")


def _methods(report: Report, language: Language) -> Safe:
    lines = [el("p", sentence(line, language)) for line in report.methods]
    pairs = [_definition(indicator, language) for indicator in report.indicators]
    return el("section", el("h2", words(phrase("page.methods"), language), id="methods"),
              el("div", *lines, class_="prose"),
              el("h3", words(phrase("page.definitions-title"), language)), el("dl", *pairs, class_="annex"),
              class_="methods", aria_labelledby="methods")  # fmt: skip


def _definition(indicator: Indicator, language: Language) -> Safe:
    parts: list[str] = []
    for label, text in (("formula", indicator.formula), ("denominator", indicator.denominator)):
        parts += [el("span", words(phrase(f"page.{label}"), language), class_="label"), f" {words(text, language)}. "]
    return el(
        "div",
        el("dt", words(indicator.name, language), id=f"def-{indicator.id}"),
        el("dd", words(indicator.definition, language)),
        el("dd", *parts),
    )


def _footer(report: Report, language: Language) -> Safe:
    parts = [words(report.line_name, language), title(report, language)]
    if report.demo:
        parts.append(words(phrase("page.demo"), language))
    return el("footer", el("p", " · ".join(parts)))
