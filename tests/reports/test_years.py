import csv
import io
from dataclasses import replace
from types import MappingProxyType

import pytest

from reports.build import report_of
from reports.changes import Change
from reports.document import Report, Table, entries
from reports.figures import Figures
from reports.history import Earlier
from reports.render.csv import render_csv
from reports.render.html import render_html
from reports.render.wording import figure, sentence
from reports.rounding import Published, Reported
from reports.words import LANGUAGES, Language
from tests.reports.made import figures, moved, synthetic_figures
from tests.reports.pages import tree

NOW, THEN = synthetic_figures(), synthetic_figures(1650, seed=7, year=2025)
BEFORE_THEN = moved(THEN, 2024)
SOURCE = "Rapport d'activité {2023}, p. 4"
EARLIER = (
    Earlier(2023, "offered", "all", 1213, SOURCE),
    Earlier(2023, "answered", "all", 1103, SOURCE),
    Earlier(2023, "night-share", "all", 28, "Lettre n° 12"),
    Earlier(2023, "main-reason", "burnout", 23, SOURCE),
)


def found(report: Report, table: str) -> Table:
    """A table of the section of years."""
    (section,) = [section for section in report.sections if section.id == "years"]
    return next(one for one in section.tables if one.id == table)


def values(table: Table, row: str) -> dict[str, int | None]:
    """The printed values of a row."""
    (cells,) = [one.cells for one in table.rows if one.code == row]
    return {column.id: cell.value for column, cell in zip(table.columns, cells, strict=True) if cell}


def test_a_first_year_has_no_section_of_years() -> None:
    """There is nothing to go back to."""
    assert all(section.id != "years" for section in report_of(NOW).sections)


def test_each_year_is_a_row() -> None:
    """Oldest first, with what was printed then."""
    table = found(report_of(NOW, years=(THEN, BEFORE_THEN)), "years")
    assert [row.code for row in table.rows] == ["2024", "2025", "2026"]
    assert values(table, "2025") == {
        "offered": THEN.count("calls", "offered").value,
        "answered": THEN.count("calls", "answered").value,
        "answer-rate": 89,
        "mean-talk-time": 29,
        "night-share": 30,
        "orientation-given": 69,
    }


def test_two_years_are_a_table_and_three_a_chart() -> None:
    """Two columns are no trend."""
    assert found(report_of(NOW, years=(THEN,)), "years").chart is None
    assert found(report_of(NOW, years=(THEN, BEFORE_THEN)), "years").chart == "columns"


def test_reasons_are_shown_by_year_from_three_years_up() -> None:
    """In the order of this year's table, which closes with "other" and "not coded"."""
    assert [table.id for table in report_of(NOW, years=(THEN,)).sections[-1].tables] == ["years"]
    report = report_of(NOW, years=(THEN, BEFORE_THEN))
    table = found(report, "reason-years")
    assert [column.id for column in table.columns] == ["2024", "2025", "2026"]
    main = next(one for section in report.sections for one in section.tables if one.id == "main-reason")
    assert [row.code for row in table.rows] == [row.code for row in main.rows]
    assert table.column("2026") == main.column("share")
    assert table.column("2025") == main.column("before")


def test_only_the_latest_years_are_columns_of_reasons() -> None:
    """Six of them fit on a page."""
    years = tuple(moved(THEN, year) for year in range(2015, 2026))
    table = found(report_of(NOW, years=years), "reason-years")
    assert [column.id for column in table.columns] == [str(year) for year in range(2021, 2027)]
    assert len(found(report_of(NOW, years=years), "years").rows) == 12


def test_what_was_published_elsewhere_is_printed_as_it_stood_and_marked() -> None:
    """With an asterisk at the year and its source in a note; exact, because it was public."""
    report = report_of(NOW, years=(THEN,), earlier=EARLIER)
    table = found(report, "years")
    assert [row.label.fr for row in table.rows] == ["2023*", "2025", "2026"]
    assert values(table, "2023") == {"offered": 1213, "answered": 1103, "night-share": 28}
    reasons = found(report, "reason-years")
    assert [column.head.en for column in reasons.columns] == ["2023*", "2025", "2026"]
    assert values(reasons, "burnout")["2023"] == 23
    (note,) = table.notes
    assert "* Figures published before" in sentence(note, "en")
    assert "Lettre n° 12 (2023); Rapport d’activité {2023}, p. 4 (2023)" in sentence(note, "fr")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_and_file_marks_what_was_published_elsewhere(language: Language) -> None:
    """The page by the year and the note, the machine file by the status."""
    report = report_of(NOW, earlier=EARLIER)
    text = tree(render_html(report, language)).text
    assert "2023*" in text
    assert "Rapport d’activité {2023}" in text
    rows = [row for row in csv.DictReader(io.StringIO(render_csv(report))) if row["status"] == "reported"]
    assert {(row["category"], row["measure"], row["value"], row["unit"]) for row in rows} == {
        ("2023", "offered", "1213", "calls"),
        ("2023", "answered", "1103", "calls"),
        ("2023", "night-share", "28", "percent"),
    }


def test_a_year_that_was_counted_here_needs_no_imported_numbers() -> None:
    """They are left out, and so are those of this year and of later ones."""
    others = tuple(Earlier(year, "offered", "all", 17, "x") for year in (2025, 2026, 2027))
    assert report_of(NOW, years=(THEN,), earlier=others) == report_of(NOW, years=(THEN,))


def test_numbers_of_another_year_never_stand_beside_this_one() -> None:
    """Definitions of elsewhere are not ours: what was imported is a trend, not a column."""
    report = report_of(NOW, earlier=(Earlier(2025, "offered", "all", 1500, "x"),))
    assert all(one.measure != "before" for one in entries(report))
    assert all(key.before is None for key in report.key_figures)


def test_a_column_that_no_year_has_is_left_out() -> None:
    """A mean needs a hundred calls, a share fifty."""
    table = found(report_of(figures(), years=(figures(period="2025"),)), "years")
    assert [column.id for column in table.columns][:2] == ["offered", "answered"]
    assert all(cell is None or cell.value is None for row in table.rows for cell in row.cells)


def renamed(base: Figures) -> Figures:
    """The same figures after a reason and another became burnout."""
    changes = (Change("2", "reasons", ("a", "b"), ("burnout",)), Change("2", "reasons", ("c",), ("d", "health")))
    return replace(base, changes=changes)


def test_an_imported_old_code_is_its_successor() -> None:
    """Unless two became one: percentages from elsewhere are not added up; and a split one is nobody's."""
    codes = ("a", "b"), ("a",), ("c",)
    burnout, health = [], []
    for given in codes:
        earlier = [Earlier(year, "main-reason", code, 10, "x") for year in (2022, 2023) for code in given]
        table = found(report_of(renamed(NOW), earlier=earlier), "reason-years")
        burnout.append(values(table, "burnout").get("2023"))
        health.append(values(table, "health").get("2023"))
    assert burnout == [None, 10, None]
    assert health == [None, None, None]


def test_the_chart_of_years_is_drawn_from_printed_numbers() -> None:
    """Imported ones too; a masked year has no mark."""
    quiet = {cell: Published(None) for cell in BEFORE_THEN.counts}
    years = (THEN, replace(BEFORE_THEN, counts=MappingProxyType(quiet)))
    page = tree(render_html(report_of(NOW, years=years, earlier=EARLIER), "en"))
    picture = next(one for one in page.all("svg") if one.attributes.get("aria-labelledby") == "chart-years-title")
    marks = [float(one.attributes["height"]) for one in picture.all("rect") if one.attributes["class"] == "offered"]
    assert marks == [round(190 * n / 1800, 1) for n in (1213, THEN.count("calls", "offered").value or 0, 1800)]
    assert "<10" in picture.text


def test_reported_figures_are_written_as_their_language_writes_numbers() -> None:
    """A number of calls, of minutes, a percentage."""
    assert figure(Reported(1540, "calls"), "fr") == "1\u202f540"
    assert figure(Reported(29, "minutes"), "de") == "29\u00a0min"
    assert figure(Reported(26, "percent"), "nl") == "26%"


def test_the_address_of_every_figure_stays_its_own() -> None:
    """With last year and all years in the report, too."""
    report = report_of(NOW, years=(THEN, BEFORE_THEN), earlier=EARLIER)
    addresses = [(one.section, one.indicator, one.category, one.measure) for one in entries(report)]
    assert len(set(addresses)) == len(addresses)
    listed = {indicator.id for indicator in report.indicators}
    assert {one.indicator for one in entries(report)} <= listed
