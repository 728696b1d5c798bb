"""`rota fairness`: who has had how much beside their share, and how a quarter is closed."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert

from helpline.cli.context import Context
from helpline.store.tables import Shift
from tests.cli.conftest import Run, refused

YEAR = ("--from", "2090-01-01", "--to", "2091-01-01")


@pytest.fixture
def held(helpline: Run, tmp_path: Path) -> Run:
    """Alix has three shifts of a January, Bo one, Zoé, who works half, one; two of them nights."""
    people = ["name,phone,languages,share", "Alix Exemple,+33199000101,fr,100"]
    people += ["Bo Voorbeeld,+33199000102,fr,100", "Zoé Exemple,+33199000103,fr,50"]
    shifts = ["line,tier,person,start,end"]
    for name, start, end in (
        ("Alix Exemple", "2090-01-02T20:00", "2090-01-03T08:00"),
        ("Alix Exemple", "2090-01-04T20:00", "2090-01-05T08:00"),
        ("Alix Exemple", "2090-01-07T08:00", "2090-01-07T20:00"),
        ("Bo Voorbeeld", "2090-01-03T08:00", "2090-01-03T20:00"),
        ("Zoé Exemple", "2090-01-05T08:00", "2090-01-05T20:00"),
    ):
        shifts.append(f"france,1,{name},{start},{end}")
    (tmp_path / "people.csv").write_text("\n".join(people))
    (tmp_path / "shifts.csv").write_text("\n".join(shifts))
    assert helpline("rota", "import", tmp_path / "people.csv", tmp_path / "shifts.csv").code == 0
    return helpline


def test_who_has_had_how_much(held: Run) -> None:
    """A row for each, by name: what they held, and by how much that is more than their share."""
    shown = held("rota", "fairness", "--line", "france", *YEAR)
    assert shown.out.splitlines() == [
        "france, 2090-01-01 00:00 to 2091-01-01 00:00:",
        "                full-time      shifts      nights    weekends    holidays       hours      points",
        "  Alix Exemple      100 %     3  +1.0     2  +1.2     1  +0.6     0  +0.0    36   +12    54   +23",
        "  Bo Voorbeeld      100 %     1  -1.0     0  -0.8     0  -0.4     0  +0.0    12   -12    12   -19",
        "  Zoé Exemple        50 %     1  +0.0     0  -0.4     0  -0.2     0  +0.0    12    +0    12    -4",
    ]


def test_a_script_reads_it(held: Run) -> None:
    """In shifts, hours and points; deviations add up to nothing."""
    found = held("rota", "fairness", *YEAR, "--json").json
    assert set(found) == {"france", "belgium"}
    assert found["belgium"]["people"] == []
    rows = found["france"]["people"]
    assert [row["person"] for row in rows] == ["Alix Exemple", "Bo Voorbeeld", "Zoé Exemple"]
    assert rows[0]["held"] == {"shifts": 3, "nights": 2, "weekends": 1, "holidays": 0, "hours": 36, "points": 54}
    assert rows[2]["share"]["shifts"] == 1
    assert sum(row["deviation"]["nights"] for row in rows) == pytest.approx(0)


def test_this_quarter_is_shown_if_no_time_is_given(held: Run) -> None:
    """Nobody has held anything in it."""
    now = datetime.now(UTC)
    shown = held("rota", "fairness", "--line", "france")
    assert shown.out.startswith(f"france, {now.year}-{(now.month - 1) // 3 * 3 + 1:02}-01 00:00 to ")
    assert "nobody held anything" in shown.out


def test_a_quarter_is_closed_and_carried_on(held: Run, folder: Path) -> None:
    """Once; what it left shows beside later ones, and goes into the next rota."""
    start = int(datetime(2024, 2, 5, 22, tzinfo=UTC).timestamp())
    row = {
        "line": "france",
        "tier": 1,
        "person": 1,
        "source": "import",
        "starts_at": start,
        "ends_at": start + 8 * 3600,
    }
    with Context(folder / "config.toml").store() as store, store.durable() as tx:
        tx.execute(insert(Shift), [row])
    for answer in ("france: 2024-Q1 is closed\n", "france: 2024-Q1 is closed already\n"):
        closed = held("rota", "fairness", "--line", "france", "--close", "2024-Q1")
        assert (closed.code, closed.err) == (0, answer)
        assert closed.out.startswith("france, 2024-01-01 00:00 to 2024-04-01 00:00:")
    later = held("rota", "fairness", "--line", "france", *YEAR).out.splitlines()
    assert later[2].endswith("  before: shifts +0.6, nights +0.6")


def test_what_can_not_be_closed_is_refused(held: Run) -> None:
    """What isn't over, isn't a quarter, or was nobody's."""
    close = ("rota", "fairness", "--line", "france", "--close")
    refused(held(*close, "2090-Q1"), "2090-Q1 isn't over on france: close it after 2090-04-01 00:00")
    refused(held(*close, "winter"), "'winter' isn't a quarter; write it like 2026-Q4")
    refused(held(*close, "2024-Q1"), "nobody was on call for france in 2024-Q1")
    refused(held(*close, "2024-Q1", "--from", "2024-01-01"), "leave out --from and --to")
    refused(held("rota", "fairness", "--line", "spain"), "no line 'spain'")
    refused(held("rota", "fairness", "--from", "2091-01-01", "--to", "2090-01-01"), "isn't after")
