from functools import partial

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.accounts.totp import STEP, Authenticators
from tests.accounts.conftest import House, code
from tests.shell import NOON, together

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def _check(house: House, account: int, typed: str, now: int = NOON) -> bool:
    with house.store.durable() as tx:
        return house.accounts.authenticators.check(tx, account, typed, now)


def test_a_code_works_once(each_house: House) -> None:
    """The same digits a second later open nothing, nor do those of an earlier half minute."""
    someone = each_house.someone()
    assert _check(each_house, someone.account, code(someone.secret, NOON))
    assert not _check(each_house, someone.account, code(someone.secret, NOON), NOON + 1)
    assert not _check(each_house, someone.account, code(someone.secret, NOON - STEP))
    assert _check(each_house, someone.account, code(someone.secret, NOON + STEP), NOON + STEP)


def test_of_many_who_send_the_same_code_at_once_one_gets_in(each_house: House) -> None:
    """However the threads meet."""
    someone = each_house.someone()
    for n in range(3):
        now = NOON + n * STEP
        typed = code(someone.secret, now)
        assert sum(together([partial(_check, each_house, someone.account, typed, now)] * 6)) == 1


@given(st.integers(-5, 5))
def test_clocks_may_differ_by_one_step(off: int) -> None:
    """Half a minute more or less; beyond, a code is wrong."""
    found = Authenticators.match(SECRET, code(SECRET, NOON + off * STEP), NOON)
    assert (found is not None) == (abs(off) <= 1)


def test_digits_may_be_grouped() -> None:
    """As apps show them."""
    digits = code(SECRET, NOON)
    assert Authenticators.match(SECRET, f" {digits[:3]} {digits[3:]} ", NOON)


@given(st.text(max_size=12))
def test_whatever_is_typed_is_a_code_or_not(typed: str) -> None:
    """Nothing else happens."""
    right = {code(SECRET, NOON + off * STEP) for off in (-1, 0, 1)}
    assert (Authenticators.match(SECRET, typed, NOON) is not None) == ("".join(typed.split()) in right)


def test_a_secret_is_sealed_for_its_account(house: House) -> None:
    """The database doesn't hold it in clear, and another account's row can't use it."""
    someone = house.someone()
    sealed = house.row(someone.account)["totp"]
    assert isinstance(sealed, bytes)
    authenticators = house.accounts.authenticators
    assert authenticators.secret(someone.account, sealed) == someone.secret
    assert authenticators.secret(someone.account + 1, sealed) is None
    assert Authenticators(b"another key").secret(someone.account, sealed) is None
    assert someone.secret.encode() not in sealed


def test_only_who_has_the_secret_enrols(house: House) -> None:
    """A wrong code keeps the authenticator that was there; the right one is used up by enrolling."""
    someone = house.someone()
    fresh, before = Authenticators.new_secret(), house.row(someone.account)
    with house.store.durable() as tx:
        assert not house.accounts.authenticators.enrol(tx, someone.account, fresh, "000000", NOON)
    assert house.row(someone.account) == before
    with house.store.durable() as tx:
        assert house.accounts.authenticators.enrol(tx, someone.account, fresh, code(fresh, NOON), NOON)
    assert not _check(house, someone.account, code(fresh, NOON))
    assert _check(house, someone.account, code(fresh, NOON + STEP), NOON + STEP)
    assert not _check(house, someone.account, code(someone.secret, NOON + STEP), NOON + STEP)


def test_who_has_no_authenticator_has_no_code(house: House) -> None:
    """Not even an empty one."""
    account = house.create()
    assert not _check(house, account, "")
    assert not _check(house, account, code(SECRET, NOON))


@pytest.mark.parametrize("email", ["alix@example.org", "a b&c?d=e@example.org"])
def test_apps_can_read_what_they_scan(email: str) -> None:
    """The address parses back to the secret, the account and the line's host."""
    uri = Authenticators(b"a key", "helpline.example.org").uri(SECRET, email)
    parsed = pyotp.parse_uri(uri)
    assert (parsed.secret, parsed.name, parsed.issuer) == (SECRET, email, "helpline.example.org")
