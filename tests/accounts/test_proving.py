import pytest

from helpline.accounts import signing_in
from helpline.accounts.passkeys import Owner
from helpline.accounts.signing_in import Refusal, check_password, prove
from helpline.accounts.throttle import LIMITS
from tests.accounts.conftest import PASSWORD, House, Someone, code
from tests.accounts.device import Device
from tests.shell import NOON

WRONG = Refusal("wrong")
DAY = 86_400


def _stale(house: House, someone: Someone) -> str:
    token = house.signed_in(someone.account, NOON - DAY)
    assert not _fresh(house, token)
    return token


def _fresh(house: House, token: str, now: int = NOON) -> bool:
    with house.store.read() as connection:
        viewer = house.accounts.sessions.read(connection, token, now)
    return viewer is not None and viewer.fresh


@pytest.mark.parametrize("kind", ["password", "code", "recovery"])
def test_a_password_or_a_code_proves_it(house: House, kind: str) -> None:
    """For a quarter of an hour; a code is used up by it."""
    someone = house.someone()
    token = _stale(house, someone)
    with house.store.durable() as tx:
        codes = house.accounts.recovery.renew(tx, someone.account)
    proof = {"password": PASSWORD, "code": code(someone.secret, NOON), "recovery": codes[0]}[kind]
    assert prove(house.accounts, someone.account, token, proof, NOON) is None
    assert (_fresh(house, token), _fresh(house, token, NOON + 900)) == (True, False)
    again = prove(house.accounts, someone.account, token, proof, NOON)
    assert again == (None if kind == "password" else WRONG)


def test_few_guesses_prove_nothing(house: House) -> None:
    """Who finds a browser open has five, and then one in ten minutes."""
    someone = house.someone()
    token = _stale(house, someone)
    for _ in range(5):
        assert prove(house.accounts, someone.account, token, "000000", NOON) == WRONG
    assert prove(house.accounts, someone.account, token, PASSWORD, NOON) == Refusal("slow", 600)
    assert not _fresh(house, token)


def test_another_accounts_passkey_proves_nothing(house: House) -> None:
    """Only one of whoever is signed in here."""
    someone, other = house.someone(), house.someone("autre@example.org", "funder")
    token, passkeys = _stale(house, someone), house.accounts.passkeys
    devices = {}
    for each in (someone, other):
        devices[each.account] = device = Device()
        with house.store.durable() as tx:
            owner = Owner(each.account, "Exemple", each.email)
            sent = device.create(passkeys.to_register(tx, owner, token, NOON))
            passkeys.register(tx, each.account, token, sent, "Clé", NOON)
    for account, proven in ((other.account, False), (someone.account, True)):
        answer = devices[account].get(passkeys.to_authenticate(token, NOON))
        found = signing_in.prove_with_passkey(house.accounts, someone.account, token, answer, NOON)
        assert (found is None, _fresh(house, token)) == (proven, proven)


def test_the_old_password_is_checked_without_making_anything_fresh(house: House) -> None:
    """It is asked for where it is changed; guesses are slowed."""
    someone = house.someone()
    token = _stale(house, someone)
    assert check_password(house.accounts, someone.account, token, PASSWORD, NOON) is None
    assert not _fresh(house, token)
    answers = [check_password(house.accounts, someone.account, token, "x", NOON) for _ in range(11)]
    assert answers == [WRONG] * 10 + [Refusal("slow", LIMITS["browser"].seconds)]
