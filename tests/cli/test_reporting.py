"""`report close|list|secret`: periods become figures, and nothing tells the secret."""

import secrets
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete

from helpline.settings import load
from helpline.store.figure_tables import Release
from helpline.store.sessions import Store
from tests.cli.conftest import Run, refused

THIS_YEAR = datetime.now(UTC).year
BEFORE_LAST = THIS_YEAR - 2
"""A year of the demonstration that is certainly closed."""


def forget_closings(folder: Path) -> None:
    """As if nobody had closed anything."""
    store = Store(load(folder / "config.toml").database_url)
    with store.durable() as tx:
        tx.execute(delete(Release))
    store.close()


def test_a_year_is_closed_with_its_periods(helpline_demo: Run, demo: Path) -> None:
    """Each is named as it is closed; closed again it says when that was."""
    forget_closings(demo)
    done = helpline_demo("report", "close", BEFORE_LAST, "--line", "france")
    assert done.code == 0
    assert done.out.splitlines() == [
        *(f"closed france {BEFORE_LAST}-{month:02}" for month in range(1, 13)),
        f"closed france {BEFORE_LAST}",
    ]
    again = helpline_demo("report", "close", BEFORE_LAST, "--line", "france")
    assert again.out.startswith(f"france {BEFORE_LAST} was closed already, on {THIS_YEAR}-")


def test_what_is_closed_is_listed(helpline_demo: Run) -> None:
    """With its day and its readers; the same for programs; a line that has nothing says what closes it."""
    done = helpline_demo("report", "list", "--line", "france")
    assert f"france {BEFORE_LAST}: closed on {BEFORE_LAST + 1}-01-04, published on {BEFORE_LAST + 1}-01-05" in done.out
    rows = helpline_demo("report", "list", "--json").json
    whole = next(row for row in rows if row["period"] == str(BEFORE_LAST))
    assert (whole["revision"], whole["readers"], whole["records"]) == (1, "everybody", "deleted")
    assert "nothing is closed yet" in helpline_demo("report", "list", "--line", "belgium").out


def test_an_open_period_is_refused(helpline_demo: Run) -> None:
    """With the day from which it can be closed."""
    done = helpline_demo("report", "close", THIS_YEAR, "--line", "france")
    refused(done, f"{THIS_YEAR} isn't over on the line france", f"{THIS_YEAR + 1}-01-04 00:00")


def test_all_lines_together_need_each_other(helpline_demo: Run) -> None:
    """A year of theirs, of which the records are there."""
    refused(
        helpline_demo("report", "close", f"{BEFORE_LAST}-03", "--all-lines"), f"by the year only: close {BEFORE_LAST}"
    )
    refused(helpline_demo("report", "close", BEFORE_LAST, "--all-lines"), f"the records of {BEFORE_LAST}", "are gone")


@pytest.mark.parametrize(
    "arguments", [("2025",), ("2025", "--line", "france", "--all-lines"), ("soon", "--line", "france"), ("2025-13",)]
)
def test_what_is_asked_for_must_be_clear(helpline: Run, arguments: tuple[str, ...]) -> None:
    """One line or all, and a period: anything else is wrong usage."""
    assert helpline("report", "close", *arguments).code == 2


def test_an_unknown_line_is_refused(helpline: Run) -> None:
    """With those there are."""
    for command in (("close", "2025"), ("list",)):
        refused(helpline("report", *command, "--line", "spain"), "there is no line 'spain'", "belgium, france")


def test_the_secret_at_hand_is_told_by_what_it_rounded(helpline_demo: Run, demo: Path) -> None:
    """Never shown; another one is found out, and the exit code says that a year can't go on with it."""
    path = demo / "secrets" / "report_secret"
    done = helpline_demo("report", "secret")
    assert done.code == 0
    assert f"rounded with the secret at hand: france {BEFORE_LAST}, france {BEFORE_LAST + 1}" in done.out
    path.write_text(secrets.token_hex(32))
    other = helpline_demo("report", "secret")
    assert f"rounded with another secret: france {BEFORE_LAST}" in other.out
    stuck = "not wholly closed" in other.out
    assert other.code == int(stuck)
    for said in (done, other):
        assert path.read_text().strip() not in said.out + said.err


def test_before_anything_is_closed_any_secret_will_do(helpline: Run) -> None:
    """It says so."""
    assert "any secret will do" in helpline("report", "secret").out


def test_a_new_secret_is_written_where_there_is_none(
    helpline: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nowhere else: not over an old one, and not where the environment has one."""
    path = folder / "secrets" / "report_secret"
    old = path.read_text()
    refused(helpline("report", "secret", "--make"), str(path), "never written over")
    path.unlink()
    monkeypatch.setenv("HELPLINE_REPORT_SECRET", "a secret of the environment")
    refused(helpline("report", "secret", "--make"), "HELPLINE_REPORT_SECRET is set")
    monkeypatch.delenv("HELPLINE_REPORT_SECRET")
    done = helpline("report", "secret", "--make")
    assert done.code == 0
    assert path.read_text().strip() not in {old.strip(), "", *done.out.split()}
