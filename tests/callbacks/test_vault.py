"""Numbers sealed for the database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.calls.vault import Vault

OLD, NEW = b"an old key of the tests", b"a new key of the tests"
NUMBERS = st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True)


@given(NUMBERS)
def test_a_number_opens_for_its_own_row(number: str) -> None:
    """And for no other: a sealed number that is moved to another row is none."""
    vault = Vault([NEW])
    sealed = vault.close(number, "row")
    assert vault.open(sealed, "row") == number
    assert vault.open(sealed, "another") is None


@given(NUMBERS, NUMBERS)
def test_nothing_shows(number: str, other: str) -> None:
    """Neither digits, nor the length, nor that two numbers are the same."""
    vault = Vault([NEW])
    sealed = vault.close(number, "row")
    assert number.encode()[1:] not in sealed
    assert len(sealed) == len(vault.close(other, "row")) <= 80
    assert sealed != vault.close(number, "row")


def test_after_a_rotation_old_numbers_open() -> None:
    """As long as the old key stands behind the new one; without it they are lost."""
    sealed = Vault([OLD]).close("+33199009055", "row")
    assert Vault([NEW, OLD]).open(sealed, "row") == "+33199009055"
    assert Vault([NEW]).open(sealed, "row") is None


def test_a_vault_needs_a_key() -> None:
    """An empty list is a mistake of whoever wires it."""
    with pytest.raises(ValueError, match="at least one key"):
        Vault([])
