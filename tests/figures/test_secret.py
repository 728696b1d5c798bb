"""The rounding secret: told apart from others, never told."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.errors import UsageError
from helpline.figures.secret import Standing, fingerprint, make, standing
from tests.figures.conftest import Desk
from tests.figures.years import BIG, OTHER, SECRET, at, calls, ledger, office, shut


@given(st.binary(min_size=16, max_size=64), st.binary(min_size=16, max_size=64))
def test_a_fingerprint_tells_secrets_apart(one: bytes, other: bytes) -> None:
    """The same for the same, another for another; 16 digits that are not of the secret or its plain hash."""
    assert (fingerprint(one) == fingerprint(other)) is (one == other)
    assert len(fingerprint(one)) == 16
    assert fingerprint(one) not in hashlib.sha256(one).hexdigest()


def test_a_secret_is_never_written_over(tmp_path: Path) -> None:
    """A new one is long, its owner's alone, and another each time."""
    make(tmp_path / "one")
    make(tmp_path / "two")
    one = (tmp_path / "one").read_text()
    assert len(bytes.fromhex(one)) == 32
    assert one != (tmp_path / "two").read_text()
    assert (tmp_path / "one").stat().st_mode & 0o777 == 0o600
    with pytest.raises(UsageError, match="one exists already, and is never written over"):
        make(tmp_path / "one")
    assert (tmp_path / "one").read_text() == one


def test_where_a_secret_stands(sqlite_desk: Desk) -> None:
    """Years it rounded, years another did, and those of them that it can't finish."""
    assert standing(ledger(sqlite_desk), SECRET) == Standing((), (), ())
    for year in (2023, 2024, 2025):
        calls(sqlite_desk.store, at(f"{year}-06-01T12:00"), BIG)
    shut(sqlite_desk, "2023")
    shut(sqlite_desk, "2024", secret=OTHER)
    shut(sqlite_desk, "2025-01", secret=OTHER)
    found = standing(ledger(sqlite_desk), SECRET)
    assert found == Standing((("france", 2023),), (("france", 2024), ("france", 2025)), (("france", 2025),))


def test_an_office_does_not_show_its_secret(sqlite_desk: Desk) -> None:
    """Not in an error, not in a log: by its representation nobody learns it."""
    assert SECRET.decode() not in repr(office(sqlite_desk))
