"""`helpline directory`: the list, files, what is to be verified, the history."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from helpline.cli import directory
from tests.cli.conftest import Run, refused
from tests.directory.some import HEADER, ROW
from tests.shell import NOON, SetClock


@pytest.fixture(autouse=True)
def _at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands run on the tenth of March 2026."""
    monkeypatch.setattr(directory, "SystemClock", lambda: SetClock(NOON))


def _file(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "some.csv"
    path.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    return path


def test_a_new_installation_knows_the_public_entries(helpline: Run) -> None:
    """All of them to be verified; near a place in the order in which a caller hears them."""
    found = helpline("directory", "list", "--json").json
    assert "mots" in {each["key"] for each in found}
    assert all(each["to_verify"] for each in found)
    near = helpline("directory", "list", "--place", "31", "--json").json
    assert near[0]["key"] == "mots"
    assert near[-1]["kind"] == "crisis"
    assert helpline("directory", "list", "--place", "BE-DE", "--to-verify").out.count("to be verified") == 3


@pytest.mark.slow
def test_a_place_that_is_none_is_refused(helpline: Run) -> None:
    """With how one is written."""
    refused(helpline("directory", "list", "--place", "Atlantide"), "'Atlantide' is no place", "BE-WLG")


def test_an_entry_is_verified(helpline: Run) -> None:
    """Today or on a day; never on one to come, and only one that is there. The history says so."""
    assert helpline("directory", "verify", "mots").out == "mots: verified on 2026-03-10\n"
    assert helpline("directory", "verify", "sps", "--on", "2025-03-01").code == 0
    listed = helpline("directory", "list", "--to-verify").out
    assert "mots" not in listed
    assert "verified 2025-03-01 (to be verified)" in listed
    refused(helpline("directory", "verify", "mots", "--on", "2026-03-11"), "lies in the future")
    refused(helpline("directory", "verify", "nobody"), "there is no entry 'nobody'", "directory list")
    told = helpline("directory", "history", "mots").out.splitlines()
    assert told[0] == "2026-03-10 13:00  cli  mots: verified nothing -> 2026-03-10"
    assert told[1].endswith("mots added")
    assert len(helpline("directory", "history", "--limit", "5").out.splitlines()) == 5


def test_a_file_is_tried_then_taken(helpline: Run, tmp_path: Path) -> None:
    """`--dry-run` only says what would change; `--replace` makes the file the directory."""
    path = _file(tmp_path, ROW)
    tried = helpline("directory", "import", path, "--dry-run").out
    assert "  + service  Service Exemple\n1 new, 0 changed, 0 removed\nnothing was changed" in tried
    assert "service" not in helpline("directory", "list").out
    assert helpline("directory", "import", path).code == 0
    _file(tmp_path, ROW.replace(",31,", ",32,"))
    done = helpline("directory", "import", path, "--replace").out
    assert "  ~ service  territories 31 -> 32\n" in done
    assert "  - mots  MOTS" in done
    assert len(helpline("directory", "list").out.splitlines()) == 1
    assert " new, 0 changed, 0 removed\nnobody has called these numbers" in helpline("directory", "seed").out
    assert helpline("directory", "seed").out == "0 new, 0 changed, 0 removed\n"


def test_a_file_with_faults_is_refused_whole(helpline: Run, tmp_path: Path) -> None:
    """Every row and column, with its remedy; nothing is taken."""
    path = _file(tmp_path, ROW, "Bad,,union,doctor,31,fr,12")
    done = helpline("directory", "import", path)
    refused(done, "row 3, key 'Bad'", "row 3, name", "row 3, phone '12'", "write it as it is dialled")
    assert "service" not in helpline("directory", "list").out


@pytest.mark.slow
def test_what_is_exported_is_imported_as_it_was(helpline: Run, tmp_path: Path) -> None:
    """To standard output or a new file, for scripts or for a spreadsheet."""
    text = helpline("directory", "export").out
    assert len(list(csv.DictReader(io.StringIO(text)))) == len(helpline("directory", "list").out.splitlines())
    path = tmp_path / "out.csv"
    assert helpline("directory", "export", path, "--format", "excel").code == 0
    assert path.read_text(encoding="utf-8").startswith("\ufeffkey;name;")
    assert helpline("directory", "import", path, "--replace").out == "0 new, 0 changed, 0 removed\n"
    refused(helpline("directory", "export", path), "is there already")


@pytest.mark.slow
def test_a_demonstration_has_the_public_entries_too(helpline_demo: Run) -> None:
    """Unverified, like those of everybody."""
    assert helpline_demo("directory", "list", "--place", "31").out.startswith("mots  MOTS")
    assert "never verified" in helpline_demo("directory", "list").out
