"""`report build`: the figures of one year of one line, as files."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.conftest import Run, refused

LAST_YEAR = datetime.now(UTC).year - 1  # the demonstration's calls are of the real last year
LANGUAGES = ("fr", "nl", "de", "en")
DEMONSTRATION = {
    "fr": "données de démonstration",
    "nl": "demonstratiegegevens",
    "de": "demonstrationsdaten",
    "en": "demonstration data",
}


def test_a_report_is_a_folder(helpline_demo: Run, tmp_path: Path) -> None:
    """Page, tables and data, in four languages; what is printed is the files' names."""
    out = tmp_path / "new" / "report"
    done = helpline_demo("report", "build", LAST_YEAR, "--line", "france", "--out", out)
    assert done.code == 0
    files = {path.name for path in out.iterdir()}
    assert {str(out / name) for name in files} == set(done.out.splitlines())
    assert {Path(name).suffix for name in files} >= {".html", ".csv", ".json"}
    for language in LANGUAGES:
        assert [name for name in files if name.endswith(".html") and f"{language}." in name]


def test_a_demonstration_says_so_everywhere(helpline_demo: Run, tmp_path: Path) -> None:
    """In every language's page, and in the data."""
    helpline_demo("report", "build", LAST_YEAR, "--line", "france", "--out", tmp_path)
    pages = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.glob("*.html")}
    assert len(pages) >= len(LANGUAGES)
    for language in LANGUAGES:
        (page,) = (text for name, text in pages.items() if name.endswith(f"{language}.html"))
        assert DEMONSTRATION[language] in page.casefold()
    for path in tmp_path.glob("*.json"):
        assert "demo" in path.read_text(encoding="utf-8").lower()


def test_the_files_can_be_read(helpline_demo: Run, tmp_path: Path) -> None:
    """By the programs they are for: no empty one, no broken one."""
    helpline_demo("report", "build", LAST_YEAR, "--line", "france", "--out", tmp_path)
    for path in tmp_path.glob("*.json"):
        assert json.loads(path.read_text(encoding="utf-8"))
    for path in tmp_path.glob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
        assert len(rows) > 1
        assert len({len(row) for row in rows}) == 1


def test_the_same_report_again(helpline_demo: Run, tmp_path: Path) -> None:
    """Byte for byte, over the old one."""
    arguments = ("report", "build", LAST_YEAR, "--line", "france", "--out", tmp_path)
    helpline_demo(*arguments)
    before = {path.name: path.read_bytes() for path in tmp_path.glob("*.*")}
    helpline_demo(*arguments)
    assert {path.name: path.read_bytes() for path in tmp_path.glob("*.*")} == before


def test_a_line_without_calls_has_a_report(helpline: Run, tmp_path: Path) -> None:
    """It says that there were none, and isn't marked as a demonstration."""
    done = helpline("report", "build", LAST_YEAR, "--line", "belgium", "--out", tmp_path / "out")
    assert done.code == 0
    (page,) = (tmp_path / "out").glob("*fr.html")
    assert DEMONSTRATION["fr"] not in page.read_text(encoding="utf-8").casefold()


def test_an_unknown_line_is_refused(helpline: Run, tmp_path: Path) -> None:
    """And no folder is made."""
    done = helpline("report", "build", LAST_YEAR, "--line", "spain", "--out", tmp_path / "out")
    refused(done, "there is no line 'spain'", "belgium, france")
    assert not (tmp_path / "out").exists()


def test_a_year_to_come_is_refused(helpline: Run, tmp_path: Path) -> None:
    """With the latest that there is."""
    done = helpline("report", "build", LAST_YEAR + 5, "--line", "france", "--out", tmp_path / "out")
    refused(done, "has not begun", str(LAST_YEAR + 1))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("year", ["1999", "soon", "-1"])
def test_a_year_that_is_none(helpline: Run, tmp_path: Path, year: str) -> None:
    """Wrong usage."""
    assert helpline("report", "build", year, "--line", "france", "--out", tmp_path).code == 2


def test_a_folder_that_cannot_be_made(helpline: Run, tmp_path: Path) -> None:
    """In words, with its name."""
    (tmp_path / "file").write_text("")
    done = helpline("report", "build", LAST_YEAR, "--line", "france", "--out", tmp_path / "file" / "out")
    refused(done, str(tmp_path / "file"))
