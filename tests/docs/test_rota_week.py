"""The coordinator's week of docs/rota.md works as written."""

import re
import shlex
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from helpline.cli import cli
from helpline.cli.setting_up import create_folder
from helpline.clock import SystemClock
from tests.architecture.sources import ROOT

TEXT = (ROOT / "docs" / "rota.md").read_text("utf-8")
WEEK = TEXT.partition("## A coordinator's week\n")[2].partition("\n## ")[0]
COMMANDS = re.findall(r"(?m)^\$ helpline (.+)$", WEEK)
THEN = int(datetime(2026, 11, 23, 9, tzinfo=UTC).timestamp())
"""The day on which the document says that it works."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the coordinator sits: the folder of a line with two tiers, on that day."""
    create_folder(tmp_path / "line", demo=False)
    config = tmp_path / "line" / "config.toml"
    text = config.read_text("utf-8")
    head, line, rest = text.partition("[lines.france]")
    config.write_text(head + line + re.sub(r"(?m)^tiers = \d+", "tiers = 2", rest, count=1), encoding="utf-8")
    shutil.copy(ROOT / "docs" / "examples" / "people.csv", tmp_path / "line" / "people.csv")
    monkeypatch.chdir(tmp_path / "line")
    monkeypatch.setattr(SystemClock, "now", lambda _: float(THEN))
    return tmp_path / "line"


def typed(command: str) -> str:
    """What a command prints; it has to work."""
    done = CliRunner().invoke(cli, shlex.split(command))
    assert done.exception is None, f"helpline {command}: {done.output}{done.exception}"
    return done.stdout


def test_the_people_of_the_example_are_37_and_nobody() -> None:
    """Plainly fictitious, with numbers that are never given to anybody."""
    rows = (ROOT / "docs" / "examples" / "people.csv").read_text("utf-8").splitlines()[1:]
    assert len(rows) == 37
    assert all(re.match(r"\S+ (Exemple|Voorbeeld|Beispiel|Example),\+331990001\d\d,", row) for row in rows)


@pytest.mark.slow
def test_the_week_works_as_written(folder: Path) -> None:
    """Every command of it, in its order; and what the text says comes of it does."""
    said = [(command, typed(command)) for command in COMMANDS]

    def answers(start: str) -> list[str]:
        return [text for command, text in said if command.startswith(start)]

    def answer(start: str) -> str:
        (found,) = answers(start)
        return found

    assert answer("people list").count("\n") == 37
    first, last = answers("rota gaps")
    assert "nobody in tier 2" in first
    assert "nobody in tier" not in last
    assert "every seat filled" in answer("rota generate")
    shown, done = answers("rota apply 1")
    assert shown.endswith("nothing was changed; add --yes to do it\n")
    assert shown.splitlines()[:-1] == done.splitlines()[:-1]
    assert answer("rota fairness").count("\n") >= 37
    assert "Greta Beispiel" in answer("rota absence add")
    assert "could take it" in answer("rota explain")
    assert "every seat filled" in answer("rota repair")
    assert "Robin Example" in answer("rota show")
    assert "/feed/" in answer("rota feed")
    assert (folder / "quarter.ics").read_bytes().count(b"BEGIN:VEVENT") >= 90 * 4
    assert "Robin Example" in (folder / "quarter.csv").read_text("utf-8")
    assert "proposal" in answer("rota audit")
