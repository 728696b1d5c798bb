"""`report release|audit|verify|import|export-history`: what they do, print, refuse, and exit with."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpline.figures import releasing, verifying
from helpline.figures.questions import Finding, Made, Question
from helpline.figures.releasing import Looked
from helpline.settings import load
from helpline.store.sessions import Store
from reports.figures import TOGETHER, thaw
from tests.cli.conftest import Run, refused
from tests.figures.released import close, drawn, year_of

BURNOUT = Finding("france", "2025", "main-reason", "burnout", (("france", "2024", 1), ("france", "2025", 1)))
HISTORY = """year,indicator,category,value,source
2020,offered,all,900,Rapport 2020
2020,main-reason,burnout,24,Rapport 2020
"""


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    """The folder's database."""
    opened = Store(load(folder / "config.toml").database_url)
    yield opened
    opened.close()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The auditor agrees, and files are drawn by their names alone."""

    def make(question: Question, _on_progress: object) -> Made:
        return Made(files=drawn(thaw(question.sources.figures)))

    monkeypatch.setattr(releasing, "make", make)
    monkeypatch.setattr(verifying, "draw", lambda sources: drawn(thaw(sources.figures)))


@pytest.mark.usefixtures("quick")
def test_a_period_is_published(helpline: Run, store: Store, tmp_path: Path) -> None:
    """It says so, for whom, and writes the files that it stored."""
    close(store, year_of(2025))
    done = helpline("report", "release", "2025", "--line", "france", "--out", tmp_path / "out")
    assert done.code == 0
    head, *files = done.out.splitlines()
    assert head == "france 2025 is published, revision 1, for funders and coordinators: 17 files"
    assert {str(path) for path in (tmp_path / "out").iterdir()} == set(files)
    again = helpline("report", "release", "2025", "--line", "france", "--public")
    assert again.out == "france 2025 is published already, revision 1, for everybody: 17 files\n"


@pytest.mark.usefixtures("quick")
def test_all_lines_together(helpline: Run, store: Store) -> None:
    """Are published like a line."""
    close(store, year_of(2025, TOGETHER))
    done = helpline("report", "release", "2025", "--all-lines")
    assert done.out.startswith("all lines 2025 is published, revision 1")
    assert helpline("report", "verify", "2025", "--all-lines").code == 0


def test_what_is_not_closed_is_refused(helpline: Run) -> None:
    """With the command that closes it."""
    done = helpline("report", "release", "2025", "--line", "france")
    refused(done, "france 2025 isn't closed", "helpline report close 2025 --line france")


@pytest.mark.parametrize(
    "arguments",
    [
        ("2025",),
        ("2025", "--line", "france", "--all-lines"),
        ("soon", "--line", "france"),
        ("2025-13", "--line", "france"),
    ],
)
def test_wrong_usage(helpline: Run, arguments: tuple[str, ...]) -> None:
    """A line or all of them, and a period that is one."""
    assert helpline("report", "release", *arguments).code == 2


def test_an_unknown_line(helpline: Run) -> None:
    """With the names there are."""
    refused(helpline("report", "release", "2025", "--line", "spain"), "there is no line 'spain'", "belgium, france")


def test_the_auditors_refusal(helpline: Run, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names the cell and the releases, and what helps; no figure."""
    close(store, year_of(2025))
    monkeypatch.setattr(releasing, "make", lambda *_: Made((BURNOUT,)))
    done = helpline("report", "release", "2025", "--line", "france")
    refused(done, "table main-reason: burnout (from france 2024 and france 2025)", "Leave 2025 unpublished")


def test_audit_tells_what_was_looked_at(helpline: Run, store: Store) -> None:
    """Nothing closed: nothing to find, and that is well."""
    done = helpline("report", "audit")
    assert (done.code, done.out) == (
        0,
        "0 cells checked, of 0 published releases and 0 closed periods that could be: none exposed\n",
    )


def test_audit_fails_where_a_cell_is_exposed(helpline: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 1, by name; of one line only, if asked; as JSON for a script."""
    looked = Looked(476, 2, 1, (BURNOUT,), ("france 2025: offered adds up over its periods",))
    monkeypatch.setattr("helpline.cli.reporting_releases.look", lambda *_, **__: looked)
    done = helpline("report", "audit", "--line", "france")
    assert done.code == 1
    assert "476 cells checked, of 2 published releases and 1 closed periods that could be: 1 exposed" in done.out
    assert "  france, 2025, table main-reason: burnout" in done.out
    assert "1 relations between figures were left out" in done.out
    assert helpline("report", "audit", "--line", "belgium").code == 0
    told = helpline("report", "audit", "--json").json
    assert (told["checked"], told["exposed"][0]["category"]) == (476, "burnout")


@pytest.mark.usefixtures("quick")
def test_verify_says_that_all_is_well_or_what_is_not(
    helpline: Run, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 0 or 1, with the file's name."""
    close(store, year_of(2025))
    refused(helpline("report", "verify", "2025", "--line", "france"), "isn't published", "helpline report list")
    helpline("report", "release", "2025", "--line", "france")
    done = helpline("report", "verify", "2025", "--line", "france")
    assert (done.code, done.out) == (0, "france 2025, revision 1: 17 files, each as it was published\n")
    monkeypatch.setattr(verifying, "draw", lambda _: drawn(year_of(2025)) | {"figures-france-2025.csv": b"other"})
    refused(
        helpline("report", "verify", "2025", "--line", "france"), "figures-france-2025.csv would be drawn otherwise"
    )


def test_history_goes_in_and_comes_out(helpline: Run, tmp_path: Path) -> None:
    """What is exported imports again."""
    (tmp_path / "history.csv").write_text(HISTORY)
    done = helpline("report", "import", tmp_path / "history.csv", "--line", "france")
    assert done.out == "france: 2 figures, 2020 to 2020; the next yearly reports show them\n"
    out = helpline("report", "export-history", "--line", "france").out
    assert [*csv.reader(io.StringIO(out))] == [*csv.reader(io.StringIO(HISTORY))]
    (tmp_path / "again.csv").write_text(out)
    assert helpline("report", "import", tmp_path / "again.csv", "--line", "france").code == 0


def test_history_that_is_wrong_is_refused_whole(helpline: Run, tmp_path: Path) -> None:
    """Row, column and what would help; nothing is brought in."""
    (tmp_path / "history.csv").write_text(HISTORY + "2020,colour,all,3,Rapport\n")
    done = helpline("report", "import", tmp_path / "history.csv", "--line", "france")
    refused(done, "row 4, indicator", "'colour' is unknown")
    assert len(helpline("report", "export-history", "--line", "france").out.splitlines()) == 1
    (tmp_path / "latin.csv").write_bytes(HISTORY.replace("Rapport", "Année").encode("latin-1"))
    refused(helpline("report", "import", tmp_path / "latin.csv", "--line", "france"), "isn't UTF-8; save it as UTF-8")
    assert helpline("report", "import", tmp_path / "none.csv", "--line", "france").code == 2
