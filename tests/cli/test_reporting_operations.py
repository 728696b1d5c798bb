"""`report operations`: a line's calls and rota in exact counts, on a terminal and for a script."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert

from helpline.cli import reporting_operations
from helpline.settings import load
from helpline.store.sessions import Store
from helpline.store.tables import HourlyCount, MonthlyCount
from reports.operations_rows import COLUMNS
from tests.cli.conftest import Run, refused
from tests.shell import NOON, SetClock

TEN = int(datetime(2026, 3, 2, 9, tzinfo=UTC).timestamp())
"""Ten o'clock of a Monday in Paris."""


@pytest.fixture
def counted(helpline: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on a Tuesday in March, after four calls on the Monday of the week before."""
    monkeypatch.setattr(reporting_operations, "SystemClock", lambda: SetClock(NOON))
    key = {"line": "france", "hour": TEN}
    store = Store(load(folder / "config.toml").database_url)
    with store.durable() as tx:
        tx.execute(insert(HourlyCount), {**key, "outcome": "answered", "wait_band": "5-20", "n": 3})
        tx.execute(insert(HourlyCount), {**key, "outcome": "abandoned", "wait_band": "60-180", "n": 1})
        row = {"line": "france", "month": "2026-03", "duration_band": "15-30", "n": 3, "talk_seconds": 5_220}
        tx.execute(insert(MonthlyCount), row)
    store.close()
    return helpline


def test_it_is_read_on_a_terminal(counted: Run) -> None:
    """What it is, what it isn't for, each rate with its parts and formula, the week, the formula of the need."""
    done = counted("report", "operations", "--line", "france", "--period", "2026-03")
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0] == "france, 2026-03-01 00:00 to 2026-03-10 13:00 (Europe/Paris)"
    assert "Not to be published" in lines[1]
    (level,) = [line for line in lines if line.strip().startswith("Service level at 20 s")]
    assert re.search(r"75%  3 / 4 +answered in less than 20 s ÷ \(answered \+ abandoned after 20 s or more\)", level)
    assert "calls received per hour, on average since 2026-03-01:" in lines
    assert re.search(r"(?m)^  Mon +(0 +){10}2 +0 ", done.out)
    assert re.search(r"(?m)^  Mon +(–/1 +){10}–/3 ", done.out)
    assert "80 % within 20 s and 90 % within 60 s, with 29 min of talk on average and 120 s" in lines[-1]


def test_it_is_read_by_a_script(counted: Run) -> None:
    """The rows of the page's CSV, as objects."""
    rows = counted("report", "operations", "--line", "france", "--json").json
    assert {tuple(row) for row in rows} == {COLUMNS}
    found = {tuple(row.values())[1:8]: row["value"] for row in rows}
    assert found["13-months", "calls", "", "", "", "offered", ""] == 4
    assert found["13-months", "week", "", 1, 10, "answered", ""] == 3
    assert found["13-months", "week", "", 1, 10, "on-call", ""] is None


def test_the_target_is_chosen_from_a_list(counted: Run) -> None:
    """Another target, another need; any other is wrong usage, with the list."""
    modest = counted("report", "operations", "--line", "france", "--period", "2026-03", "--target", "80-20")
    assert "Needed by Erlang C for 80 % within 20 s, with" in modest.out
    wrong = counted("report", "operations", "--line", "france", "--target", "99-1")
    assert wrong.code == 2
    assert "80-20-90-60" in wrong.err


def test_older_calls_have_no_week(counted: Run) -> None:
    """And the reason is given."""
    done = counted("report", "operations", "--line", "france", "--period", "2024")
    assert done.code == 0
    assert "calls are kept by the hour since 2025-03-01 only" in done.out
    assert "Mon" not in done.out


def test_a_line_without_calls(counted: Run) -> None:
    """Dashes, and nothing divided by nothing."""
    done = counted("report", "operations", "--line", "belgium", "--period", "2026")
    assert done.code == 0
    assert re.search(r"(?m)^  Answer rate +– +0 / 0 ", done.out)


def test_what_is_not_there_is_refused(counted: Run) -> None:
    """A line nobody has, a period to come, and what is no period."""
    refused(counted("report", "operations", "--line", "spain"), "there is no line 'spain'", "belgium, france")
    refused(counted("report", "operations", "--line", "france", "--period", "2027"), "has not begun", "up to 2026-03")
    refused(counted("report", "operations", "--line", "france", "--period", "spring"), "is no period; write 13-months")
