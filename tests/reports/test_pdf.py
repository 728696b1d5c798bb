import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.document import Column, Report, Row, Section, Table
from reports.errors import ReportError
from reports.packaged import packaged
from reports.render.naming import period_line, title
from reports.render.pdf import render_pdf
from reports.render.typst_data import data_of
from reports.render.wording import figure, words
from reports.rounding import Published
from reports.words import same
from tests.reports.made import hourly, made, record
from tests.reports.pdfs import Document, Tag, read

HOSTILE = '#panic("x") $x^2$ *b* _i_ \\ "q" `c` <l> @r // /* ~ -- ... [ ] { } = + a\\#b'
CHARTS = ("ribbon", "scale", "columns")


@pytest.fixture(scope="module")
def french(year: Report) -> Document:
    """The made-up year in French."""
    return read(render_pdf(year, "fr"))


def tables(report: Report) -> list[Table]:
    """Every table, in reading order."""
    return [table for section in report.sections for table in section.tables]


def cells(row: Tag) -> list[Tag]:
    """The cells of a row, heads and figures."""
    return list(row.all("TH", "TD"))


def short(report: Report, *tables_of_it: Table) -> Report:
    """The same report with these tables only, quick to set."""
    section = Section("one", same("One"), (), tables_of_it)
    return replace(report, sections=(section,) if tables_of_it else (), methods=(), indicators=())


def numbers(document: Document) -> set[int]:
    """Every whole number of two digits or more that is printed, spoken, or told of the file."""
    texts = [*document.pages, document.tree.text, *(tag.alt or "" for tag in document.tree.all())]
    texts += [value for name, value in document.info.items() if "Date" not in name]
    return {int(re.sub(r"\D", "", one)) for text in texts for one in re.findall(r"\d[\d\u202f]*\d", text)}


def test_the_file_says_what_it_is(french: Document, year: Report) -> None:
    """PDF/UA-1, tagged, its language, its title with the line's name, and the day its figures were closed."""
    assert "<pdfuaid:part>1</pdfuaid:part>" in french.metadata
    assert french.marked
    assert french.language == "fr"
    assert french.info["/Title"] == "Rapport annuel 2026 – Ligne d’essai – Données de démonstration"
    assert french.info["/CreationDate"] == french.info["/ModDate"] == f"D:{year.dated:%Y%m%d}000000Z"


def test_page_one_says_what_a_journalist_needs(french: Document, year: Report) -> None:
    """Line, title, period, the sentences to quote, the key figures, and that calls aren't callers."""
    first = french.pages[0]
    for text in ("Ligne d’essai", title(year, "fr"), period_line(year, "fr"), "Des appels, pas des personnes"):
        assert text in first
    assert "En 2026, la ligne a reçu 1\u202f800 appels" in first
    assert all(figure(key.figure, "fr") in first for key in year.key_figures)


def test_every_table_of_the_report_is_printed_whole(french: Document, year: Report) -> None:
    """Caption, heads, labels and figures, as the language writes them, and nothing else."""
    printed = list(french.tree.all("Table"))
    assert len(printed) == len(tables(year))
    for table, tag in zip(tables(year), printed, strict=True):
        rows = [[cell.text for cell in cells(row)] for row in tag.all("TR")]
        heads = [words(table.row_head, "fr"), *(words(column.head, "fr") for column in table.columns)]
        body = [
            [words(row.label, "fr"), *("" if cell is None else figure(cell, "fr") for cell in row.cells)]
            for row in (*table.rows, *table.totals)
        ]
        assert rows == [heads, *body]
        assert [caption.text for caption in tag.all("Caption")] == [words(table.caption, "fr")]


def test_every_cell_knows_its_heads(french: Document) -> None:
    """The first row heads columns, the first cell heads its row, and every figure names both."""
    for table in french.tree.all("Table"):
        head, *rows = [cells(row) for row in table.all("TR")]
        assert {(cell.kind, cell.scope) for cell in head} == {("TH", "Column")}
        for first, *others in rows:
            assert (first.kind, first.scope, first.headers) == ("TH", "Row", (head[0].id,))
            assert first.id
            for cell, column in zip(others, head[1:], strict=True):
                assert (cell.kind, cell.headers) == ("TD", (column.id, first.id))


def test_no_two_cells_have_the_same_id(french: Document) -> None:
    """A cell that names its heads names no other."""
    ids = [cell.id for cell in french.tree.all("TH")]
    assert all(ids)
    assert len(set(ids)) == len(ids)


def test_every_chart_is_told_in_words(french: Document, year: Report) -> None:
    """One picture for a ribbon, a scale or columns, one for each group of a multiple; all with another text."""
    shown = [table for table in tables(year) if table.chart in (*CHARTS, "multiples")]
    told = [tag.alt or "" for tag in french.tree.all("Figure")]
    expected = [words(table.caption, "fr") for table in shown if table.chart in CHARTS]
    expected += [
        words(column.head, "fr") for table in shown if table.chart == "multiples" for column in table.columns[1:]
    ]
    assert sorted(text.partition(". ")[0] for text in told) == sorted(expected)
    assert len(set(told)) == len(told)


def test_headings_go_down_one_step_at_a_time(french: Document, year: Report) -> None:
    """A section for each of the report's, between the summary and the methods; a heading for each table."""
    headings = [(int(tag.kind[1]), tag.text) for tag in french.tree.all("H1", "H2", "H3")]
    assert all(after <= before + 1 for (before, _), (after, _) in pairwise(headings))
    sections = [words(section.title, "fr") for section in year.sections]
    assert [text for level, text in headings if level == 1] == ["L’essentiel", *sections, "Méthode"]
    assert {words(table.title, "fr") for table in tables(year)} <= {text for level, text in headings if level == 2}


def test_every_page_says_what_it_is_of(french: Document) -> None:
    """Line and title, its number and how many there are, that the figures are made up, and what <10 means."""
    count = len(french.pages)
    for number, page in enumerate(french.pages, 1):
        assert "Données de démonstration" in page
        assert "Ligne d’essai · Rapport annuel 2026" in page
        assert f"{number} / {count}" in page
        assert "de 0 à 9, non précisé pour protéger les personnes" in page


def test_every_indicator_is_defined(french: Document, year: Report) -> None:
    """In the annex with its formula and denominator, and those of a table under it."""
    text = french.tree.text
    assert text.count("Formule\u00a0:") == text.count("Dénominateur\u00a0:") == len(year.indicators)
    assert all(text.count(words(one.definition, "fr")) >= 2 for one in year.indicators)


def test_a_real_report_says_nothing_of_demonstration(year: Report) -> None:
    """Neither in print nor in what is told of the file."""
    document = read(render_pdf(short(replace(year, demo=False)), "fr"))
    assert "démonstration" not in " ".join([*document.pages, document.metadata, *document.info.values()])


def test_the_same_report_gives_the_same_bytes(year: Report) -> None:
    """Nothing of the moment is in them."""
    report = short(year, *tables(year)[:3])
    assert render_pdf(report, "nl") == render_pdf(report, "nl")


def test_a_line_s_name_is_printed_as_written(year: Report) -> None:
    """Whatever it holds that Typst could take for an instruction, on the page and in the file's title."""
    document = read(render_pdf(short(replace(year, line_name=same(HOSTILE))), "en"))
    assert HOSTILE in document.pages[0]
    assert f"{HOSTILE} · Annual report 2026" in document.pages[0]
    assert HOSTILE in document.info["/Title"]


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x17F, exclude_categories=["Cc", "Cf"])))
def test_any_latin_name_is_printed_as_written(name: str) -> None:
    """No letter of it is lost, turned or obeyed."""
    whole = same(f"A{name}Z")
    document = read(render_pdf(short(replace(made(), line_name=whole)), "en"))
    tight = re.sub(r"\s", "", document.tree.text)
    assert re.sub(r"\s", "", words(whole, "en")) in tight


def test_a_letter_that_no_font_has_is_an_error_that_names_it(year: Report) -> None:
    """It isn't printed as an empty box, and the next report can still be set."""
    with pytest.raises(ReportError, match=r"PDF of france-2026 in fr can't be made: .*龍.*change it where"):
        render_pdf(short(replace(year, line_name=same("龍"))), "fr")
    assert render_pdf(short(year), "fr")


def test_no_exact_number_is_in_the_file() -> None:
    """37 calls of 37 records are printed as 35 or 40, in tables, in charts, aloud and in the file's description."""
    records = [record(reasons=("workload",), orientations=("psychologist",)) for _ in range(37)]
    document = read(render_pdf(made(records, [hourly("answered", 37)]), "fr"))
    assert 37 not in numbers(document)
    assert numbers(document) & {35, 40}


def test_lengths_are_those_of_printed_numbers(year: Report) -> None:
    """Bars against the longest, ribbons against their whole, columns against the tallest."""
    by_id = {table.id: table for table in tables(year)}
    drawn = {one["caption"]: one for one in drawings(data_of(year, "fr"))}
    bars = [cell.value or 0 for cell in by_id["main-reason"].column("count") if isinstance(cell, Published)]
    rows = drawn[words(by_id["main-reason"].caption, "fr")]["rows"]
    assert [row["bar"] for row in rows] == [round(n / max(bars), 4) for n in bars]
    offered = [cell.value or 0 for cell in by_id["periods"].column("offered") if isinstance(cell, Published)]
    chart = drawn[words(by_id["periods"].caption, "fr")]["chart"]
    assert [column["back"] for column in chart["columns"]] == [round(n / max(offered), 4) for n in offered]


def drawings(data: dict) -> Iterator[dict]:
    """Every table as the template gets it."""
    for section in data["sections"]:
        yield from section["tables"]


def test_a_masked_cell_has_no_mark() -> None:
    """A line without calls has neither charts nor bars, and every cell is <10 or a dash."""
    report = made()
    drawn = list(drawings(data_of(report, "fr")))
    assert not [one for one in drawn if one["chart"]]
    assert not [row for one in drawn for row in one["rows"] if row["bar"]]
    document = read(render_pdf(short(report, *tables(report)[:2]), "fr"))
    assert {cell.text for cell in document.tree.all("TD")} == {"<10", "–", ""}
    assert not list(document.tree.all("Figure"))


def of_width(count: int, rows: int) -> Table:
    """A table of numbers of some size."""
    return Table(
        id="any",
        title=same("Any"),
        caption=same("Any table"),
        row_head=same("Row"),
        columns=tuple(Column(f"c{place}", same(f"Persönliche Schwierigkeiten {place}")) for place in range(count)),
        rows=tuple(Row(f"r{place}", same(f"Row {place}"), (Published(1800),) * count) for place in range(rows)),
        indicators=(),
    )


def test_a_long_table_keeps_its_heads_on_every_page() -> None:
    """They are printed again, and told aloud once."""
    document = read(render_pdf(short(made(), of_width(2, 100)), "de"))
    printed = [page for page in document.pages if "Persönliche Schwierigkeiten 1" in page]
    assert len(printed) == sum("1.800" in page for page in document.pages) >= 3
    assert len(list(document.tree.all("THead"))) == 1
    assert len(list(document.tree.all("TR"))) == 101


def test_a_very_wide_table_lies_on_its_side() -> None:
    """On a page of its own, with all its figures; the other pages stand."""
    document = read(render_pdf(short(made(), of_width(2, 2), of_width(14, 3), of_width(6, 2)), "de"))
    lying = [width > height for width, height in document.sizes]
    assert sum(lying) == 1
    assert document.pages[lying.index(True)].count("1.800") == 14 * 3


def test_the_colours_are_those_of_the_page_on_paper() -> None:
    """One palette, whose contrast is tested with the style sheet."""
    used = set(re.findall(r"#[0-9a-f]{6}", packaged("render/report.typ")))
    assert used <= set(re.findall(r"#[0-9a-f]{6}", packaged("render/report.css")))


def test_the_template_reads_nothing() -> None:
    """No file, no package, no plugin: its only input is data."""
    code = re.sub(r"//.*", "", packaged("render/report.typ"))
    assert not re.search(r"\b(import|include|read|image|plugin|csv|yaml|toml|xml|cbor|eval)\b *[(\"@]", code)
    assert code.count("json(") == 1
