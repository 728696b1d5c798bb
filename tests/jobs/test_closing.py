"""A quarter is closed by itself."""

from pathlib import Path

import pytest

from helpline.jobs import closing
from helpline.shifts.editing import Desk
from helpline.store.rota_tables import FairnessEntry
from rota.staff import DAY, HOUR, Limits
from tests.shell import lines_in, opened, rows_of
from tests.shifts.planning import add_shifts, add_team, utc


@pytest.mark.parametrize("month", [1, 4, 7, 10])
def test_the_quarter_before_this_one_is_closed_once_it_is_over(
    either_database_url: str, tmp_path: Path, month: int
) -> None:
    """On each line that had one, once, when its last shift has ended; the quarter that goes on stays open."""
    start = utc(month, 1)
    with opened(either_database_url) as store:
        add_team(store)
        add_shifts(store, [(1, start - DAY, start + 8 * HOUR), (2, start + 8 * HOUR, start + 9 * HOUR)])
        desk = Desk(store, lines_in(tmp_path), Limits())
        assert [closing.run(desk, start + hours * HOUR) for hours in (1, 7, 8, 9, 80 * 24)] == [0, 0, 1, 0, 0]
        name = {1: "2025-Q4", 4: "2026-Q1", 7: "2026-Q2", 10: "2026-Q3"}[month]
        assert {(row["line"], row["period"]) for row in rows_of(store, FairnessEntry)} == {("france", name)}
