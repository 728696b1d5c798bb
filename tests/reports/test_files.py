import csv
import io
import json
import re
from dataclasses import replace

import pytest

from helpline.demo.year import synthetic_year
from reports.document import Report, entries
from reports.render.csv import HEAD, plain, render_csv
from reports.render.files import render_all
from reports.render.json import render_json
from reports.words import LANGUAGES, same
from tests.reports.made import YEAR, made


def lines(report: Report) -> list[dict[str, str]]:
    """The rows of the CSV."""
    return list(csv.DictReader(io.StringIO(render_csv(report))))


def test_a_report_is_six_files(year: Report) -> None:
    """A page in each language, and two for machines."""
    assert sorted(render_all(year)) == [
        "figures-france-2026.csv",
        "figures-france-2026.json",
        "rapport-france-2026.de.html",
        "rapport-france-2026.en.html",
        "rapport-france-2026.fr.html",
        "rapport-france-2026.nl.html",
    ]


def test_the_same_calls_give_the_same_bytes() -> None:
    """Whenever and in whatever order they are read."""
    records, hours, months = synthetic_year(YEAR, "france", 600, 2)
    again = made(reversed(records), reversed(hours), reversed(months))
    assert render_all(made(records, hours, months)) == render_all(again)


def test_the_files_are_utf_8(year: Report) -> None:
    """With their accents."""
    assert all("É" in content.decode() or "é" in content.decode() for content in render_all(year).values())


def test_the_csv_is_one_figure_a_row(year: Report) -> None:
    """As many rows as figures, as many cells as heads."""
    table = list(csv.reader(io.StringIO(render_csv(year))))
    assert table[0] == list(HEAD)
    assert len(table) == 1 + len(list(entries(year)))
    assert {len(row) for row in table} == {len(HEAD)}


def test_a_value_is_an_integer_or_empty_where_it_is_masked(year: Report) -> None:
    """A program never meets "<10"."""
    for row in lines(year):
        assert (row["value"] == "") == (row["status"] == "masked")
        assert re.fullmatch(r"\d*", row["value"])
        assert row["unit"] in {"calls", "percent", "minutes", "hours"}
        assert row["status"] in {"rounded", "masked", "exact"}


def test_counts_of_calls_are_rounded_in_machine_files_too(year: Report) -> None:
    """The same printed numbers as on the page."""
    assert all(int(row["value"]) % 5 == 0 for row in lines(year) if row["unit"] == "calls" and row["value"])


def test_a_row_is_found_by_its_address(year: Report) -> None:
    """Section, indicator, category, measure; labels in four languages."""
    (row,) = [
        row
        for row in lines(year)
        if (row["section"], row["indicator"], row["category"], row["measure"])
        == ("reasons", "main-reason", "burnout", "share")
    ]
    assert (row["value"], row["unit"], row["line"], row["year"]) == ("26", "percent", "france", "2026")
    assert row["label_fr"] == "Épuisement professionnel"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx"])
def test_no_cell_is_a_formula(text: str) -> None:
    """A spreadsheet shows it and does nothing."""
    assert plain(text) == f"'{text}"


def test_labels_from_outside_cannot_be_formulas(year: Report) -> None:
    """Lists come from a configuration file."""
    section = year.sections[0]
    table = section.tables[0]
    evil = replace(table, rows=(replace(table.rows[0], label=same("=cmd|' /C calc'!A0")),))
    report = replace(year, sections=(replace(section, tables=(evil,)),))
    assert all(row["label_fr"].startswith("'=") for row in lines(report))


def test_plain_labels_are_left_alone() -> None:
    """A range of seconds is a text already."""
    assert plain("0-5") == "0-5"


def test_made_up_figures_are_marked_in_machine_files(year: Report) -> None:
    """Every row of the CSV and the frame of the JSON say it, and a real report's don't."""
    real = replace(year, demo=False)
    assert {row["origin"] for row in lines(year)} == {"demonstration data"}
    assert {row["origin"] for row in lines(real)} == {"line data"}
    assert json.loads(render_json(year))["notice"]["fr"] == "Données de démonstration"
    assert "notice" not in json.loads(render_json(real))
    assert "demonstration" not in render_csv(real) + render_json(real).lower()


def test_the_json_holds_the_figures_of_the_csv(year: Report) -> None:
    """And every definition, in four languages."""
    whole = json.loads(render_json(year))
    assert [("" if one["value"] is None else str(one["value"])) for one in whole["figures"]] == [
        row["value"] for row in lines(year)
    ]
    assert len(whole["definitions"]) == len(year.indicators)
    for one in whole["definitions"]:
        for part in ("name", "definition", "formula", "denominator"):
            assert set(one[part]) == set(LANGUAGES)


def test_the_json_says_whose_figures_they_are(year: Report) -> None:
    """Line, year, zone, profile and version of the lists."""
    whole = json.loads(render_json(year))
    assert [whole[key] for key in ("line", "year", "time_zone", "profile", "taxonomy", "through")] == [
        "france", 2026, "Europe/Paris", "month", "2026.1", None,
    ]  # fmt: skip
