import csv
import os
import shutil
import subprocess
from pathlib import Path

import pikepdf
import pytest

from reports.document import Report
from reports.render.wording import figure, words
from reports.render.xlsx import render_xlsx
from reports.words import LANGUAGES, Language
from tests.reports.workbooks import opened, tables

LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)
CSV_AS_SHOWN = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false,false,-1"
"""Commas, quotes, UTF-8, cells as shown, each sheet in a file. Source: LibreOffice's help, "CSV Filter Options"."""


@pytest.fixture(scope="session")
def soffice_path() -> str:
    """LibreOffice."""
    for name in ("soffice", "libreoffice"):
        if path := shutil.which(name):
            return path
    pytest.skip("no LibreOffice: apt-get install libreoffice-calc-nogui")


@pytest.mark.slow
@LANGUAGE
def test_libreoffice_shows_the_figures(year: Report, soffice_path: str, tmp_path: Path, language: Language) -> None:
    """Every table of the workbook, cell by cell as it is printed."""
    content = render_xlsx(year, language)
    _convert(soffice_path, tmp_path, content, CSV_AS_SHOWN)
    names = opened(content).sheetnames
    for table, name in zip(tables(year), names[1:-2], strict=True):
        with (tmp_path / f"report-{name}.csv").open(encoding="utf-8", newline="") as file:
            seen = [[cell.strip() for cell in line] for line in csv.reader(file)]
        for row in (*table.rows, *table.totals):
            wanted = [figure(cell, language) if cell else "" for cell in row.cells]
            # It runs in its own settings here, and so writes tenths with a point.
            assert [words(row.label, language), *(cell.replace("99,9", "99.9") for cell in wanted)] in seen


@pytest.mark.slow
def test_libreoffice_prints_every_sheet(year: Report, soffice_path: str, tmp_path: Path) -> None:
    """On A4, each sheet at least a page."""
    content = render_xlsx(year, "fr")
    _convert(soffice_path, tmp_path, content, "pdf")
    with pikepdf.open(tmp_path / "report.pdf") as pdf:
        assert len(pdf.pages) >= len(opened(content).sheetnames)
        sizes = {tuple(round(float(side)) for side in page.mediabox[2:]) for page in pdf.pages}
    assert sizes == {(842, 595)}


def _convert(soffice: str, folder: Path, content: bytes, to: str) -> None:
    """Has LibreOffice write the workbook in another format; the profile is its own, so that no other run is met."""
    file = folder / "report.xlsx"
    file.write_bytes(content)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [soffice, profile, "--headless", "--convert-to", to, "--outdir", str(folder), str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=50, env={**os.environ, "HOME": str(folder)})
