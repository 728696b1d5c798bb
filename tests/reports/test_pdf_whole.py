"""The PDF of whole reports: every language, every size of line, other processes. All slow."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from helpline.demo.year import synthetic_year
from reports.build import report_of
from reports.document import Report
from reports.render.naming import period_line, title
from reports.render.pdf import render_pdf
from reports.render.wording import figure, sentence, words
from reports.words import LANGUAGES, Language, phrase
from tests.reports.made import YEAR, figures, made, synthetic, synthetic_figures
from tests.reports.pdfs import read

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
OTHERWISE = {
    "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "de_DE.UTF-8",
    "SOURCE_DATE_EPOCH": "1", "TYPST_FONT_PATHS": "/usr/share/fonts",
}  # fmt: skip
"""What another machine might have in its environment."""
DIGEST = (
    "import hashlib; from tests.reports.made import synthetic; from reports.render.pdf import render_pdf;"
    "print(hashlib.sha256(render_pdf(synthetic(), 'de')).hexdigest())"
)
GROWTH = (
    "import re; from pathlib import Path; from tests.reports.made import synthetic;"
    "from reports.render.pdf import render_pdf; year = synthetic();"
    "held = lambda: int(re.search(r'VmRSS:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]) // 1024;"
    "sizes = [(render_pdf(year, language), held())[1] for language in ('fr', 'de', 'nl', 'en', 'fr', 'de')];"
    "print(sizes[-1] - sizes[1])"
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_year_is_printed_whole_in_every_language(year: Report, language: Language) -> None:
    """Its words and every figure as the language writes it; tags say which it is; nothing is left to be filled."""
    document = read(render_pdf(year, language))
    assert document.language == language
    assert document.info["/Title"].startswith(f"{title(year, language)} – {words(year.line_name, language)}")
    assert period_line(year, language) in document.pages[0]
    assert all(words(phrase("page.demo"), language) in page for page in document.pages)
    assert "{" not in document.tree.text
    printed = {cell.text for cell in document.tree.all("TD")}
    expected = {
        figure(cell, language)
        for section in year.sections
        for table in section.tables
        for row in (*table.rows, *table.totals)
        for cell in row.cells
        if cell is not None
    }
    assert printed - {""} == expected


@pytest.mark.parametrize(("calls", "language"), [(0, "nl"), (250, "en"), (600, "de"), (7000, "fr")])
def test_a_line_of_any_size_can_be_printed(calls: int, language: Language) -> None:
    """With most cells masked too: one table each, and a page number on every page."""
    report = synthetic(calls)
    document = read(render_pdf(report, language))
    count = sum(len(section.tables) for section in report.sections)
    assert len(list(document.tree.all("Table"))) == count
    assert all(f"{number} / {len(document.pages)}" in page for number, page in enumerate(document.pages, 1))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_month_that_was_revised_says_so(language: Language) -> None:
    """With its own title and fewer sections."""
    records, hours, months = synthetic_year(YEAR, "france", 1800, 1)
    march = [record for record in records if record.period == f"{YEAR}-03"]
    report = report_of(figures(march, hours, months, period=f"{YEAR}-03", revision=2))
    first = read(render_pdf(report, language)).pages[0]
    assert title(report, language) in first
    assert period_line(report, language) in first


def test_another_process_makes_the_same_bytes() -> None:
    """With another hash seed, time zone, locale, folder and fonts of its own."""
    told = {
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            cwd=folder,
            env=os.environ | added,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for folder, added in ((ROOT, {}), ("/", OTHERWISE))
    }
    assert len(told) == 1


def test_last_year_and_earlier_years_are_printed() -> None:
    """Beside this year's key figures and in a section of their own, with its chart."""
    years = [synthetic_figures(calls, year=year, seed=year) for year, calls in ((2024, 900), (2025, 1400))]
    report = report_of(synthetic_figures(), years=years)
    document = read(render_pdf(report, "fr"))
    befores = [sentence(key.before, "fr") for key in report.key_figures if key.before]
    assert befores
    assert all(text in document.pages[0] for text in befores)
    assert {"2024", "2025", "2026"} <= {cell.text for cell in document.tree.all("TH") if cell.scope == "Row"}


def test_a_file_is_small_enough_to_send(year: Report) -> None:
    """Under half a megabyte."""
    assert len(render_pdf(year, "de")) < 500_000


def test_a_long_line_name_pushes_nothing_off_the_page(year: Report) -> None:
    """It takes a second line in the title and in the foot, and the summary still ends on page one."""
    name = words(year.line_name, "fr")
    longer = replace(year.line_name, fr=" ".join([name] * 8))
    document = read(render_pdf(replace(year, line_name=longer), "fr"))
    assert "Méthode" in document.pages[0]
    assert "Joindre la ligne" in document.pages[1]
    assert all(longer.fr.replace("'", "’") in page for page in document.pages)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from Linux's /proc")
def test_printing_again_and_again_takes_no_more_memory() -> None:
    """Typst keeps 80 MB of each document unless it is made to forget it."""
    grown = subprocess.run(
        [sys.executable, "-c", GROWTH], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert int(grown) < 100


def test_an_empty_report_can_be_printed() -> None:
    """Without sections, methods and definitions."""
    bare = replace(made(), sections=(), methods=(), indicators=(), headlines=())
    assert len(read(render_pdf(bare, "en")).pages) == 2
