import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.cells import Cell
from reports.errors import InputError
from reports.periods import Profile, periods_of

names = st.text("abz059-+", min_size=1, max_size=6)
periods = st.sampled_from([period for profile in Profile for period in periods_of(2026, profile)])
cells = st.builds(Cell, periods, names, names)


@given(cells)
def test_an_address_is_read_as_it_was_written(cell: Cell) -> None:
    """In a frozen text, in a ledger, in a refusal."""
    assert Cell.parse(str(cell)) == cell


def test_an_address_reads_like_a_path() -> None:
    """From the coarse to the fine; the whole of a table is `all`."""
    assert str(Cell("2026-03", "calls", "offered")) == "2026-03/calls/offered"
    assert str(Cell("2026", "substantive")) == "2026/substantive/all"


@pytest.mark.parametrize("text", ["", "2026", "2026/calls", "2026/calls/", "//", "2026/a/b/c", "2026-13/calls/offered"])
def test_what_is_no_address_is_refused(text: str) -> None:
    """With how to write one, or what is wrong with its period."""
    with pytest.raises(InputError, match="write"):
        Cell.parse(text)
