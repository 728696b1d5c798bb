import threading
import time

import pytest
from sqlalchemy import event, update

from helpline.accounts import registering, signing_in
from helpline.accounts.passkeys import Owner
from helpline.accounts.passwords import Cost, Passwords
from helpline.accounts.signing_in import Attempt, Refusal, enter, sign_in
from helpline.accounts.throttle import LIMITS
from helpline.accounts.totp import STEP
from helpline.store.tables import Person
from tests.accounts.conftest import PASSWORD, QUICK, House, Someone
from tests.accounts.device import Device
from tests.shell import ALIX, NOON, together

WRONG = Refusal("wrong")
HOUR, DAY = 3_600, 86_400
BROWSER = "b" * 43


def _in(house: House, attempt: Attempt, now: int = NOON) -> int | Refusal:
    return sign_in(house.accounts, attempt, now)


def _guess(house: House, someone: Someone, /, **typed: str) -> int | Refusal:
    return _in(house, someone.attempt(**{"password": "another password", **typed}))


def _exhaust(house: House, someone: Someone, **typed: str) -> None:
    for _ in range(LIMITS["stranger"].calls):
        assert _guess(house, someone, **typed) == WRONG


def test_who_knows_all_three_is_in(each_house: House) -> None:
    """However the address is written."""
    someone = each_house.someone()
    assert _in(each_house, someone.attempt(email="  ALIX@Example.org ")) == someone.account


@pytest.mark.parametrize(
    "typed",
    [
        {"email": "nobody@example.org"},
        {"email": ""},
        {"password": PASSWORD + "x"},
        {"password": ""},
        {"code": "000000"},
        {"code": ""},
        {"code": "k7mp-3xqd-w9rt"},
        {"password": "x", "code": ""},
    ],
)
def test_everything_wrong_has_one_answer(house: House, typed: dict[str, str]) -> None:
    """Whichever it was isn't told; and what was right isn't used up by it."""
    someone = house.someone()
    assert _in(house, someone.attempt(**typed)) == WRONG
    assert _in(house, someone.attempt()) == someone.account


def test_a_code_opens_once(each_house: House) -> None:
    """The same password and the same code a moment later are wrong; of many at once one gets in."""
    someone = each_house.someone()
    found = together([lambda: _in(each_house, someone.attempt())] * 4)
    assert found.count(someone.account) == 1
    assert _in(each_house, someone.attempt(), NOON + 1) == WRONG
    assert _in(each_house, someone.attempt(NOON + STEP), NOON + STEP) == someone.account


def test_a_recovery_code_stands_in_for_the_authenticator(house: House) -> None:
    """Once."""
    someone = house.someone()
    with house.store.durable() as tx:
        codes = house.accounts.recovery.renew(tx, someone.account)
    assert _in(house, someone.attempt(code=codes[0].upper())) == someone.account
    assert _in(house, someone.attempt(code=codes[0])) == WRONG


def test_nobody_gets_in_without_a_second_factor(house: House) -> None:
    """A password alone opens nothing, not even where there is no authenticator."""
    account = house.create()
    with house.store.durable() as tx:
        signing_in.set_password(tx, account, house.accounts.passwords.hash(PASSWORD))
    assert _in(house, Attempt("alix@example.org", PASSWORD, "")) == WRONG


def test_who_was_disabled_or_has_left_is_wrong(house: House) -> None:
    """Like everybody who never was, and until they leave they get in."""
    someone, other = house.someone(), house.someone("autre@example.org", "funder")
    with house.store.durable() as tx:
        registering.disable(tx, other.account, NOON)
        tx.execute(update(Person).where(Person.id == ALIX).values(left_at=NOON + STEP))
    assert _in(house, other.attempt()) == WRONG
    assert _in(house, someone.attempt()) == someone.account
    assert _in(house, someone.attempt(NOON + STEP), NOON + STEP) == WRONG


def test_entering_replaces_what_the_browser_held(house: House) -> None:
    """A session that somebody planted there opens nothing; the new one is another."""
    someone, thief = house.someone(), house.someone("autre@example.org", "funder")
    planted = house.signed_in(thief.account)
    token = enter(house.accounts, someone.account, planted, "Firefox, Linux", NOON)
    assert token != planted
    assert (house.is_in(token), house.is_in(planted)) == (True, False)


def test_a_session_ends_when_its_psychologist_leaves(house: House) -> None:
    """From that second on, in a browser that is still signed in."""
    token = house.signed_in(house.create())
    with house.store.durable() as tx:
        tx.execute(update(Person).where(Person.id == ALIX).values(left_at=NOON + 60))
    assert (house.is_in(token, NOON + 59), house.is_in(token, NOON + 60)) == (True, False)


# --- strangers


def test_strangers_are_slowed_down(house: House) -> None:
    """After ten wrong guesses, whatever was wrong; the right ones are heard no earlier."""
    someone = house.someone()
    _exhaust(house, someone)
    answer = _in(house, someone.attempt())
    assert answer == Refusal("slow", LIMITS["stranger"].seconds)
    later = NOON + LIMITS["stranger"].seconds
    assert _in(house, someone.attempt(later), later) == someone.account


def test_who_does_not_exist_is_slowed_down_alike(house: House) -> None:
    """Or guesses would tell who has an account."""
    someone = house.someone()
    for email in (someone.email, "nobody@example.org"):
        answers = [_guess(house, someone, email=email) for _ in range(12)]
        assert answers == [WRONG] * 10 + [Refusal("slow", LIMITS["stranger"].seconds)] * 2


def test_strangers_do_not_keep_a_known_browser_out(each_house: House) -> None:
    """Whoever signed in there before gets in while strangers guess; signed out or not."""
    someone = each_house.someone()
    token = each_house.signed_in(someone.account)
    _exhaust(each_house, someone)
    assert isinstance(_in(each_house, someone.attempt()), Refusal)
    assert _in(each_house, someone.attempt(token=token)) == someone.account
    with each_house.store.durable() as tx:
        kept = each_house.accounts.sessions.close(tx, token, NOON)
    assert _in(each_house, someone.attempt(NOON + STEP, token=kept), NOON + STEP) == someone.account


def test_a_known_browser_is_known_for_its_own_account_only(house: House) -> None:
    """Who has an account can't guess at another's more often than strangers can."""
    someone, other = house.someone(), house.someone("autre@example.org", "funder")
    _exhaust(house, someone, token=house.signed_in(other.account))
    assert isinstance(_in(house, someone.attempt()), Refusal)


def test_a_known_browser_is_slowed_down_too(house: House) -> None:
    """Somebody else may sit there; strangers' bucket stays as it was."""
    someone = house.someone()
    token = house.signed_in(someone.account)
    for _ in range(LIMITS["browser"].calls):
        assert _guess(house, someone, token=token) == WRONG
    assert _in(house, someone.attempt(token=token)) == Refusal("slow", LIMITS["browser"].seconds)
    assert _in(house, someone.attempt()) == someone.account


def test_a_network_is_slowed_down_whomever_it_tries(house: House) -> None:
    """Where the proxy tells where a browser is; others aren't."""
    someone = house.someone()
    for n in range(LIMITS["address"].calls):
        assert _guess(house, someone, email=f"a{n}@example.org", address="2001:db8::1") == WRONG
    slow = _in(house, someone.attempt(address="2001:db8::2"))
    assert slow == Refusal("slow", LIMITS["address"].seconds)
    assert _in(house, someone.attempt(address="2001:db8:0:1::1")) == someone.account


def test_who_was_told_to_wait_has_used_nothing_up(house: House) -> None:
    """Guesses that a network's bucket refuses don't empty the account's."""
    someone = house.someone()
    for n in range(LIMITS["address"].calls):
        _guess(house, someone, email=f"a{n}@example.org", address="192.0.2.7")
    for _ in range(30):
        assert isinstance(_guess(house, someone, address="192.0.2.7"), Refusal)
    assert _in(house, someone.attempt()) == someone.account


def test_signing_in_often_slows_nobody_down(house: House) -> None:
    """Only what was wrong counts."""
    someone = house.someone()
    for n in range(1, 30):
        now = NOON + n * STEP
        assert _in(house, someone.attempt(now), now) == someone.account


def test_guesses_at_the_code_are_few(house: House) -> None:
    """Who knows the password has five, and isn't told that it was right; afterwards one in ten minutes."""
    someone = house.someone()
    guesses = [_in(house, someone.attempt(code="000000")) for _ in range(LIMITS["code"].calls)]
    assert guesses == [WRONG] * 5
    assert _in(house, someone.attempt()) == WRONG
    token = house.signed_in(someone.account)
    assert _in(house, someone.attempt(token=token)) == someone.account
    later = NOON + LIMITS["code"].seconds
    assert _in(house, someone.attempt(later), later) == someone.account


def test_a_passkey_is_slowed_down_by_nobody(house: House) -> None:
    """Not by strangers who guess at the password, nor by those who guess at the code."""
    someone, device, passkeys = house.someone(), Device(), house.accounts.passkeys
    with house.store.durable() as tx:
        owner = Owner(someone.account, "Alix Exemple", someone.email)
        sent = device.create(passkeys.to_register(tx, owner, BROWSER, NOON))
        passkeys.register(tx, someone.account, BROWSER, sent, "Téléphone", NOON)
    _exhaust(house, someone)
    answer = device.get(passkeys.to_authenticate(BROWSER, NOON))
    assert signing_in.sign_in_with_passkey(house.accounts, BROWSER, answer, NOON) == someone.account
    assert signing_in.sign_in_with_passkey(house.accounts, BROWSER, answer, NOON) == WRONG


# --- the time it takes


def test_one_duration_for_everything_that_is_wrong(house: House) -> None:
    """The same statements are asked, none of them writes, and one password is hashed, whatever was wrong."""
    someone, gone = house.someone(), house.someone("parti@example.org", "funder")
    with house.store.durable() as tx:
        registering.disable(tx, gone.account, NOON)
    hashed, asked = _Counting(), []
    house.accounts.passwords._hasher = hashed  # type: ignore[assignment] # counts in its place
    for engine in (house.store._single, house.store._durable):
        event.listen(engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    seen = []
    for typed in ({"email": "nobody@example.org"}, {"email": "parti@example.org"}, {"password": "x"}, {"code": "1"}):
        asked.clear()
        hashed.times = 0
        assert _in(house, someone.attempt(**typed)) == WRONG
        seen.append((tuple(asked), hashed.times))
    assert all(each == seen[0] for each in seen)
    assert seen[0][1] == 1
    assert all(statement.startswith("SELECT") for statement in seen[0][0])


class _Counting:
    """Hashes nothing and counts."""

    times = 0

    def verify(self, _kept: str, password: str) -> None:
        """Whether it is the right one."""
        self.times += 1
        if password != PASSWORD:
            from argon2.exceptions import VerifyMismatchError  # noqa: PLC0415 - of this stand-in alone

            raise VerifyMismatchError

    def check_needs_rehash(self, _kept: str) -> bool:
        """No."""
        return False


@pytest.mark.slow
def test_one_duration_as_measured(house: House) -> None:
    """With real hashing, the fastest of each kind differ by less than a third."""
    house.accounts.passwords._hasher = Passwords()._hasher
    someone = house.someone()
    house.accounts.passwords._nobodys = house.accounts.passwords._hasher.hash("nobody's")
    kinds = ({"email": "nobody@example.org"}, {"password": "wrong password"}, {"code": "000000"})
    taken: list[list[float]] = [[] for _ in kinds]
    for n in range(15):
        now = NOON + n * HOUR
        for each, typed in zip(taken, kinds, strict=True):
            begun = time.perf_counter()
            assert _in(house, someone.attempt(now, **typed), now) == WRONG
            each.append(time.perf_counter() - begun)
    fastest = sorted(min(each) for each in taken)
    assert fastest[-1] < 1.3 * fastest[0]


def test_who_comes_while_too_many_are_hashed_is_asked_to_come_again(house: House) -> None:
    """That isn't a guess: it costs nothing."""
    someone = house.someone()
    house.accounts.passwords._turns = threading.BoundedSemaphore(1)
    house.accounts.passwords._patience = 0.0
    with house.accounts.passwords._turn():
        answers = [_in(house, someone.attempt()) for _ in range(30)]
    assert answers == [Refusal("busy")] * 30
    assert _in(house, someone.attempt()) == someone.account


def test_a_password_hashed_at_an_old_cost_is_hashed_anew(house: House) -> None:
    """When its owner signs in; it still opens."""
    someone = house.someone()
    before = house.row(someone.account)["password"]
    house.accounts.passwords._hasher = Passwords(Cost(16, 1, 1))._hasher
    assert _in(house, someone.attempt()) == someone.account
    after = house.row(someone.account)["password"]
    assert (before == after, "m=16" in str(after)) == (False, True)
    assert _in(house, someone.attempt(NOON + STEP), NOON + STEP) == someone.account


def test_quick_hashing_is_for_tests_alone() -> None:
    """What these tests hash with isn't what passwords are kept with."""
    assert Passwords().outdated(Passwords(QUICK).hash(PASSWORD))
