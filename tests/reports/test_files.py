import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from helpline.demo.year import synthetic_year
from reports.document import Report, entries
from reports.errors import InputError
from reports.render.csv import HEAD, plain, render_csv
from reports.render.files import MANIFEST, manifest, media_type, names_of, render_all, render_one, versions
from reports.render.json import render_json
from reports.words import LANGUAGES, same
from tests.reports.made import YEAR, made

ROOT = Path(__file__).parents[2]


def lines(report: Report) -> list[dict[str, str]]:
    """The rows of the CSV."""
    return list(csv.DictReader(io.StringIO(render_csv(report))))


@pytest.fixture(scope="module")
def machine_files(year: Report) -> Mapping[str, bytes]:
    """All files of the made-up year but the PDFs, which take a second each."""
    return {name: render_one(year, name) for name in names_of(year) if not name.endswith(".pdf")}


def test_a_release_is_pages_and_tables_in_four_languages_and_what_programs_read(year: Report) -> None:
    """Named after line, period and language."""
    languages = ("fr", "nl", "de", "en")
    documents = [f"rapport-france-2026.{language}.{end}" for end in ("html", "pdf", "xlsx") for language in languages]
    machines = ["figures-france-2026.csv", "figures-france-2026.json", "datapackage.json"]
    assert list(names_of(year)) == documents + machines


def test_a_revision_has_names_of_its_own(year: Report) -> None:
    """So that it can lie beside what it replaces."""
    assert "rapport-france-2026-r2.fr.pdf" in names_of(replace(year, revision=2))


@pytest.mark.slow
def test_all_files_are_the_single_ones_and_their_manifest(year: Report, machine_files: Mapping[str, bytes]) -> None:
    """A page may be made alone."""
    files = render_all(year, made_with={"helpline": "1.2"}, frozen="ab")
    assert set(files) == {*names_of(year), MANIFEST}
    assert {name: files[name] for name in machine_files} == machine_files
    assert files["rapport-france-2026.nl.pdf"] == render_one(year, "rapport-france-2026.nl.pdf")
    assert set(json.loads(files[MANIFEST])["files"]) == set(names_of(year))


def test_the_manifest_names_every_file_and_every_version(year: Report, machine_files: Mapping[str, bytes]) -> None:
    """What was made, from which figures, and with what it can be made again."""
    found = json.loads(manifest(year, machine_files, made_with={"helpline": "1.2", "python": "3.11.9"}, frozen="ab12"))
    assert found["files"] == {
        name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in machine_files.items()
    }
    assert found["figures_sha256"] == "ab12"
    assert found["made_with"] == versions() | {"helpline": "1.2", "python": "3.11.9"}
    assert {"babel", "cldr", "typst", "xlsxwriter", "pikepdf", "qpdf", "zlib"} == set(versions())
    assert all(re.match(r"\d+", version) for version in versions().values())
    assert [found[key] for key in ("line", "period", "revision", "dated", "demo")] == [
        "france", "2026", 1, "2027-01-05", True,
    ]  # fmt: skip


def test_the_manifest_does_not_depend_on_the_order_of_things(year: Report) -> None:
    """Neither of the files nor of the versions."""
    files, made_with = {"a.csv": b"1", "b.csv": b"2"}, {"helpline": "1", "python": "2"}
    turned = dict(reversed(files.items())), dict(reversed(made_with.items()))
    assert manifest(year, files, made_with=made_with, frozen="") == manifest(
        year, turned[0], made_with=turned[1], frozen=""
    )


def test_a_file_that_is_none_of_the_releases_is_refused(year: Report) -> None:
    """With the names of those it has."""
    for name in ("rapport-france-2026.it.html", "rapport-france-2025.fr.html", MANIFEST, "../figures-france-2026.csv"):
        with pytest.raises(InputError, match=r"figures-france-2026\.csv"):
            render_one(year, name)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("rapport-x.fr.html", "text/html; charset=utf-8"),
        ("rapport-x.fr.pdf", "application/pdf"),
        ("rapport-x.fr.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("figures-x.csv", "text/csv; charset=utf-8; header=present"),
        ("datapackage.json", "application/json"),
        (MANIFEST, "application/json"),
    ],
)
def test_each_file_is_sent_as_what_it_is(name: str, kind: str) -> None:
    """By the end of its name."""
    assert media_type(name) == kind


def test_a_file_of_another_kind_is_sent_as_nothing() -> None:
    """A browser must not guess."""
    with pytest.raises(InputError, match="exe"):
        media_type("figures.exe")


def test_the_same_calls_give_the_same_bytes() -> None:
    """Whenever and in whatever order they are read."""
    records, hours, months = synthetic_year(YEAR, "france", 600, 2)
    one, other = made(records, hours, months), made(reversed(records), reversed(hours), reversed(months))
    quick = [name for name in names_of(one) if name.endswith((".fr.html", ".fr.xlsx", ".csv", ".json"))]
    assert {name: render_one(one, name) for name in quick} == {name: render_one(other, name) for name in quick}


@pytest.mark.slow
def test_another_process_in_another_place_makes_the_same_bytes(machine_files: Mapping[str, bytes]) -> None:
    """Whatever its locale, its time zone and the order of its sets; nor does it matter what was made before."""
    script = (
        "import hashlib, json, locale\n"
        "from tests.reports.made import synthetic\n"
        "from reports.render.files import names_of, render_one\n"
        "try: locale.setlocale(locale.LC_ALL, '')\n"
        "except locale.Error: pass\n"
        "year = synthetic()\n"
        "names = [name for name in reversed(names_of(year)) if not name.endswith('.pdf')]\n"
        "print(json.dumps({name: hashlib.sha256(render_one(year, name)).hexdigest() for name in names}))\n"
    )
    here = {name: hashlib.sha256(content).hexdigest() for name, content in machine_files.items()}
    for language, zone, seed in (("de_DE.UTF-8", "Pacific/Auckland", "1"), ("C", "America/New_York", "4711")):
        settings = {"LC_ALL": language, "LANG": language, "TZ": zone, "PYTHONHASHSEED": seed}
        run = subprocess.run(
            [sys.executable, "-W", "error", "-c", script],
            check=True, capture_output=True, text=True, timeout=50, env={**os.environ, **settings}, cwd=ROOT,
        )  # fmt: skip
        assert json.loads(run.stdout) == here


def test_the_texts_are_utf_8(machine_files: Mapping[str, bytes]) -> None:
    """With their accents, and without a byte order mark."""
    for name, content in machine_files.items():
        if not name.endswith(".xlsx"):
            assert "é" in content.decode()
            assert not content.startswith(b"\xef\xbb\xbf")


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
        assert row["status"] in {"rounded", "masked", "exact", "reported"}


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
    assert (row["value"], row["unit"]) == ("26", "percent")
    assert (row["line"], row["period"], row["revision"], row["year"]) == ("france", "2026", "1", "2026")
    assert row["label_fr"] == "Épuisement professionnel"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "＝1", "＠x"])
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


@pytest.mark.parametrize(
    ("text", "kept"),
    [("a;=1", "a;'=1"), ("a\n=1", "a\n'=1"), ("a\t@x", "a\t'@x"), (";-1", ";'-1"), ("=1;=2", "'=1;'=2")],
)
def test_no_part_of_a_cell_is_a_formula(text: str, kept: str) -> None:
    """Nor for a spreadsheet that expects semicolons or tabs, and so makes several cells of it."""
    assert plain(text) == kept


@pytest.mark.parametrize("text", ["0-5", "a; b", "Nom d'une ligne", "a + b", "<10"])
def test_plain_labels_are_left_alone(text: str) -> None:
    """A range of seconds is a text already."""
    assert plain(text) == text


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
    """Line, period, revision and its day, zone, profile and version of the lists."""
    whole = json.loads(render_json(year))
    wanted = {
        "line": "france", "year": 2026, "period": "2026", "revision": 1, "dated": "2027-01-05",
        "time_zone": "Europe/Paris", "profile": "month", "taxonomy": "2026.1",
    }  # fmt: skip
    assert {key: whole[key] for key in wanted} == wanted
