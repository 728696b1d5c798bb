import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.workbook import Workbook

from reports.build import report_of
from reports.document import Report
from reports.history import Earlier
from reports.render.wording import MASKED, NOT_GIVEN, figure, words
from reports.render.xlsx import render_xlsx
from reports.render.xlsx_styles import number, number_format
from reports.rounding import Figure, Hours, HoursShare, Minutes, Published, Share
from reports.words import LANGUAGES, Language
from tests.reports.made import figures, hourly, made, record, synthetic
from tests.reports.workbooks import cached, column_width, opened, parts, shown, tables, texts

LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)
COUNTS = st.integers(2, 10**8).map(lambda n: Published(5 * n))


@pytest.fixture(scope="module")
def files(year: Report) -> Mapping[Language, bytes]:
    """The workbook of the made-up year in each language."""
    return {language: render_xlsx(year, language) for language in LANGUAGES}


@pytest.fixture(scope="module")
def books(files: Mapping[Language, bytes]) -> Mapping[Language, Workbook]:
    """The same, opened."""
    return {language: opened(content) for language, content in files.items()}


@LANGUAGE
def test_every_figure_stands_in_its_tables_sheet_as_it_is_printed(
    year: Report, books: Mapping[Language, Workbook], language: Language
) -> None:
    """A number as a number with the format that prints it, what is masked as a text, nothing where nothing applies."""
    _printed_alike(year, books[language], language)


@pytest.mark.parametrize("calls", [0, 250])
def test_so_it_does_of_a_small_line(calls: int) -> None:
    """With most figures masked."""
    report = synthetic(calls)
    _printed_alike(report, opened(render_xlsx(report, "nl")), "nl")


@pytest.mark.parametrize("period", ["2026-03", "2026-Q1"])
def test_so_it_does_of_a_period(period: str) -> None:
    """With the few tables it has."""
    report = report_of(figures(hours=[hourly("answered", 120)], period=period, revision=2))
    book = opened(render_xlsx(report, "fr"))
    _printed_alike(report, book, "fr")
    assert any("Révision n° 2" in text for text in texts(book.worksheets[0]))


def test_so_it_does_over_the_years() -> None:
    """Counted here or published elsewhere."""
    report = over_years(1543)
    book = opened(render_xlsx(report, "de"))
    _printed_alike(report, book, "de")
    assert 1543 in [value for sheet in book for line in sheet.iter_rows(values_only=True) for value in line]


def over_years(reported: int) -> Report:
    """A year's report after one that was counted here and one that was published elsewhere."""
    earlier = [Earlier(2024, name, "all", reported, "Rapport 2024") for name in ("offered", "answered")]
    now, last = (
        figures(hours=[hourly("answered", 120, at=datetime(year, 3, 4, 12))], period=str(year)) for year in (2026, 2025)
    )
    return report_of(now, years=[last], earlier=earlier)


def _printed_alike(report: Report, book: Workbook, language: Language) -> None:
    """Compares each cell of each table, as a reader sees it, with what every other format prints."""
    for table, sheet in zip(tables(report), book.worksheets[1:-2], strict=True):
        (ref,) = (found.ref for found in sheet.tables.values())
        first = sheet[ref][1][0].row
        for down, row in enumerate((*table.rows, *table.totals)):
            label, *cells = sheet[first + down][: len(row.cells) + 1]
            assert label.value == words(row.label, language)
            for cell, value in zip(cells, row.cells, strict=True):
                if value is None:
                    assert cell.value is None
                elif value.value is None:
                    assert cell.value == figure(value, language)
                else:
                    assert as_read(cell.number_format, cell.value, language) == figure(value, language)


def as_read(form: str, value: float, language: Language) -> str:
    """What a reader sees whose settings are the language's: they decide on the mark before tenths, and no other."""
    text = shown(form, value)
    return text.replace("99.9", "99,9") if language != "en" else text


@LANGUAGE
def test_numbers_are_shown_as_the_language_writes_them(books: Mapping[Language, Workbook], language: Language) -> None:
    """1 800 and 26 % in French, 1.800 and 26% in Dutch, whatever the reader's own settings."""
    formats = {cell.number_format for sheet in books[language] for row in sheet.iter_rows() for cell in row}
    seen = {shown(each, 1800) for each in formats if each != "General" and "%" not in each}
    assert {"fr": "1\u202f800", "nl": "1.800", "de": "1.800", "en": "1,800"}[language] in seen
    percents = {shown(each, 0.26) for each in formats if each.endswith("%") and "." not in each}
    assert percents == {{"fr": "26\u00a0%", "nl": "26%", "de": "26\u00a0%", "en": "26%"}[language]}


@given(COUNTS, st.sampled_from(LANGUAGES))
def test_a_count_of_any_size_is_shown_as_it_is_printed(count: Published, language: Language) -> None:
    """Up to a thousand million."""
    assert shown(number_format(count, language), count.value or 0) == figure(count, language)


@given(COUNTS, COUNTS, st.sampled_from(LANGUAGES))
def test_a_share_is_shown_as_it_is_printed(part: Published, whole: Published, language: Language) -> None:
    """As a fraction with a percent format."""
    share = Share(part, whole)
    value = number(share)
    if value is not None:
        assert shown(number_format(share, language), value) == figure(share, language)


@pytest.mark.parametrize(
    ("value", "held", "printed"),
    [
        (Minutes(29), 29, "29\u00a0min"),
        (Hours(8752), 8752, "8\u202f752\u00a0h"),
        (HoursShare(Hours(8752), Hours(8760)), 0.999, "99.9\u00a0%"),
        (HoursShare(Hours(8760), Hours(8760)), 1.0, "100\u00a0%"),
        (HoursShare(Hours(0), Hours(0)), None, ""),
        (Share(Published(None), Published(100)), None, ""),
    ],
)
def test_a_cell_holds_the_printed_value(value: Figure, held: float | None, printed: str) -> None:
    """Minutes and hours with their unit, coverage to a tenth and cut, nothing exact behind what is masked."""
    assert number(value) == held
    if held is not None:
        assert shown(number_format(value, "fr"), held) == printed


def test_what_is_masked_is_a_text_on_the_right(books: Mapping[Language, Workbook]) -> None:
    """Where the number would be, and never a number."""
    masked = [cell for sheet in books["fr"] for row in sheet.iter_rows() for cell in row if cell.value == MASKED]
    assert len(masked) > 5
    assert {cell.data_type for cell in masked} == {"s"}
    assert {cell.alignment.horizontal for cell in masked} == {"right"}


@LANGUAGE
def test_sheets_have_names_that_every_spreadsheet_takes(books: Mapping[Language, Workbook], language: Language) -> None:
    """The summary, a sheet for each table, definitions and methods; no two alike."""
    names = books[language].sheetnames
    assert len({name.casefold() for name in names}) == len(names)
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in names)


def test_there_are_no_formulas_and_nothing_is_hidden(
    files: Mapping[Language, bytes], books: Mapping[Language, Workbook]
) -> None:
    """Neither sheets nor rows nor columns; no cells are merged."""
    assert not any(re.search(r"<f[ >]", text) for name, text in parts(files["fr"]).items() if "worksheets" in name)
    for sheet in books["fr"]:
        assert sheet.sheet_state == "visible"
        assert not any(found.hidden for found in (*sheet.row_dimensions.values(), *sheet.column_dimensions.values()))
        assert not sheet.merged_cells.ranges


def test_the_same_report_gives_the_same_bytes(year: Report, files: Mapping[Language, bytes]) -> None:
    """However often it is made."""
    assert render_xlsx(year, "fr") == files["fr"]
    assert files["fr"] != files["nl"]


def test_cells_are_written_in_the_font_their_room_was_reckoned_for(files: Mapping[Language, bytes]) -> None:
    """And not in the theme's, which would take its place."""
    styles = parts(files["fr"])["xl/styles.xml"]
    assert set(re.findall(r'<name val="([^"]+)"', styles)) == {"Arial"}
    assert "<scheme" not in styles


def test_the_file_says_nothing_of_who_wrote_it_or_when(year: Report, books: Mapping[Language, Workbook]) -> None:
    """It is the line's, of the day the figures were closed, and says in its properties that they are made up."""
    properties = books["en"].properties
    assert properties.created == properties.modified == datetime.combine(year.dated, datetime.min.time())
    assert properties.creator == properties.lastModifiedBy == "Test line"
    assert properties.title == "Annual report 2026 – Test line – Demonstration data"
    assert "Calls, not callers" in (properties.description or "")


def test_no_raw_count_is_anywhere_in_the_file() -> None:
    """Not in a cell, a chart, a description or a property, in no spelling; nor 37 where 35 or 40 is printed."""
    months = [f"2026-{month:02}" for month in range(1, 13)]
    records = [record(period=months[n % 12]) for n in range(37)]
    report = made(records, [hourly("answered", 4737), hourly("abandoned", 37)])
    content = render_xlsx(report, "fr")
    inside = " ".join(parts(content).values())
    assert not re.search(r"4\W?737", inside)
    values = [cell.value for sheet in opened(content) for row in sheet.iter_rows() for cell in row]
    assert {35, 40} & {value for value in values if isinstance(value, int)}
    assert not {37, 0.37} & {value for value in values if isinstance(value, int | float)}
    assert not any(re.search(r"(?<![\d])37(?![\d])", value) for value in values if isinstance(value, str))
    assert not any("37" in drawn for _, drawn in cached(content))


def test_charts_draw_printed_counts_and_nothing_else(
    year: Report, files: Mapping[Language, bytes], books: Mapping[Language, Workbook]
) -> None:
    """Each series refers to cells of a table, and the file remembers just what they hold; of masked ones, nothing."""
    series = list(cached(files["fr"]))
    assert len(series) == 17
    for place, drawn in series:
        sheet, _, cells = place.replace("$", "").rpartition("!")
        held = [cell.value for (cell,) in books["fr"][sheet.strip("'").replace("''", "'")][cells]]
        assert drawn == [str(value) for value in held if not isinstance(value, str)]
        assert all(value in {MASKED, NOT_GIVEN} for value in held if isinstance(value, str))


@LANGUAGE
def test_every_chart_is_told_in_words(files: Mapping[Language, bytes], language: Language) -> None:
    """With each category and its printed figure."""
    told = [text for name, text in parts(files[language]).items() if re.fullmatch(r"xl/drawings/drawing\d+\.xml", name)]
    assert len(told) == 16
    assert all(re.search(r'descr="[^"]*: [^"]*\d', text) for text in told)
    burnout = {"fr": "Épuisement professionnel 380", "nl": "Burn-out 380", "de": "Burn-out 380", "en": "Burnout 380"}
    assert any(burnout[language] in text for text in told)


def test_a_chart_says_below_ten_of_masked_figures_only() -> None:
    """And not of a 0 that was published elsewhere."""
    inside = parts(render_xlsx(over_years(0), "fr"))
    (chart,) = [text for name, text in inside.items() if name.startswith("xl/charts/") and "2024*" in text]
    assert "&lt;10" not in chart
    assert 'formatCode="[=0]&quot;&lt;10&quot;;[&gt;=1000]#&quot;\u202f&quot;000;0"' in inside["xl/charts/chart1.xml"]


def test_a_table_whose_figures_are_all_masked_has_no_chart() -> None:
    """There would be nothing to see in it."""
    assert not list(cached(render_xlsx(synthetic(0), "fr")))


@LANGUAGE
def test_every_table_keeps_its_heads_in_sight_and_prints_on_a4(
    books: Mapping[Language, Workbook], language: Language
) -> None:
    """Frozen on the screen, repeated on paper, as wide as a page, with numbered pages."""
    for sheet in books[language]:
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.oddFooter.right.text == "&P / &N"
    for sheet in books[language].worksheets[1:-2]:
        (table,) = sheet.tables.values()
        head = int(re.findall(r"\d+", table.ref)[0])
        assert sheet.freeze_panes == f"B{head + 1}"
        assert sheet.print_title_rows == f"$1:${head}"
        assert sheet.cell(head, 1).font.bold


@LANGUAGE
def test_no_figure_is_wider_than_its_column(
    year: Report, books: Mapping[Language, Workbook], language: Language
) -> None:
    """A spreadsheet would show ### instead."""
    for table, sheet in zip(tables(year), books[language].worksheets[1:-2], strict=True):
        widths = [column_width(sheet.column_dimensions, place) for place in range(2, len(table.columns) + 2)]
        for row in (*table.rows, *table.totals):
            for cell, width in zip(row.cells, widths, strict=True):
                assert cell is None or len(figure(cell, language)) + 1 < width


def test_the_summary_says_what_must_be_known_first(books: Mapping[Language, Workbook], year: Report) -> None:
    """Title, line, period, that it is made up, the sentences, the key figures, and that calls aren't callers."""
    sheet = books["fr"].worksheets[0]
    found = texts(sheet)
    assert found[:2] == ["Rapport annuel 2026", "Ligne d’essai"]
    assert found[3].startswith("Données de démonstration")
    assert any(text.startswith("En 2026, la ligne a reçu 1\u202f800 appels") for text in found)
    assert any(text.startswith("Des appels, pas des personnes") for text in found)
    keys = {row[0].value: row[1].value for row in sheet.iter_rows(max_col=2) if isinstance(row[1].value, int | float)}
    assert list(keys.values()) == [number(key.figure) for key in year.key_figures]


def test_the_contents_lead_to_every_sheet(books: Mapping[Language, Workbook]) -> None:
    """Each line is a link to one that exists."""
    book = books["fr"]
    links = [cell.hyperlink for row in book.worksheets[0].iter_rows() for cell in row if cell.hyperlink]
    places = [re.sub(r"'!A1$|!A1$", "", link.location).lstrip("'").replace("''", "'") for link in links]
    assert places == book.sheetnames[1:]
    assert all(link.target is None for link in links)


def test_made_up_figures_are_marked_on_every_sheet(year: Report, books: Mapping[Language, Workbook]) -> None:
    """In the header of each page and over each table; a real report's aren't."""
    assert all(sheet.oddHeader.right.text == "Demonstration data" for sheet in books["en"])
    assert all("Demonstration data" in texts(sheet) for sheet in books["en"].worksheets[1:-2])
    real = render_xlsx(replace(year, demo=False), "en")
    assert "emonstration" not in " ".join(parts(real).values())


@LANGUAGE
def test_every_definition_is_printed(year: Report, books: Mapping[Language, Workbook], language: Language) -> None:
    """Beside its table, and with formula and denominator on a sheet of all."""
    book = books[language]
    for table, sheet in zip(tables(year), book.worksheets[1:-2], strict=True):
        assert {words(each.definition, language) for each in table.indicators} <= set(texts(sheet))
    listed = [[cell.value for cell in row] for row in book.worksheets[-2].iter_rows(min_row=3)]
    wanted = [
        [words(text, language) for text in (each.name, each.definition, each.formula, each.denominator)]
        for each in year.indicators
    ]
    assert listed == wanted


def test_texts_have_room(books: Mapping[Language, Workbook]) -> None:
    """A wrapped text's row is as high as its lines: not every spreadsheet finds out by itself."""
    for sheet in books["de"]:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.alignment.wrap_text:
                    width = column_width(sheet.column_dimensions, cell.column)
                    lines = -(-len(cell.value) // int(1.1 * width))
                    assert (sheet.row_dimensions[cell.row].height or 15) >= 12 * lines
