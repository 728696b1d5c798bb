import threading
import unicodedata

import pytest
from argon2 import extract_parameters
from hypothesis import given
from hypothesis import strategies as st

from helpline.accounts.passwords import LONGEST, SHORTEST, Busy, Cost, Fault, Passwords, faults
from tests.accounts.conftest import PASSWORD, QUICK

NAME, EMAIL = "Camille Exemple", "camille@example.org"


def test_a_password_is_kept_as_argon2id_at_the_cost_that_owasp_names() -> None:
    """19 MiB, two passes, one lane; what is kept opens with the password and with no other."""
    passwords = Passwords()
    kept = passwords.hash(PASSWORD)
    found = extract_parameters(kept)
    assert (kept[:10], found.memory_cost, found.time_cost, found.parallelism) == ("$argon2id$", 19_456, 2, 1)
    assert passwords.verify(kept, PASSWORD)
    assert not passwords.verify(kept, PASSWORD + " ")


def test_a_password_hashed_at_another_cost_is_known_and_outdated() -> None:
    """It still opens, and is said to be due."""
    old, new = Passwords(QUICK), Passwords(Cost(16, 1, 1))
    kept = old.hash(PASSWORD)
    assert new.verify(kept, PASSWORD)
    assert (old.outdated(kept), new.outdated(kept)) == (False, True)


@pytest.mark.parametrize("kept", ["", "rubbish", "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$"])
def test_what_is_no_hash_opens_with_nothing(kept: str) -> None:
    """An account without a password, or with a damaged one, is nobody's."""
    assert not Passwords(QUICK).verify(kept, PASSWORD)
    assert not Passwords(QUICK).verify(kept, "")
    assert not Passwords(QUICK).verify(kept, "nobody's")


@given(st.text(min_size=1, max_size=200))
def test_a_password_is_the_same_on_every_keyboard(password: str) -> None:
    """However its accents are put together."""
    passwords = Passwords(QUICK)
    kept = passwords.hash(unicodedata.normalize("NFD", password))
    assert passwords.verify(kept, unicodedata.normalize("NFC", password))


def test_no_more_are_hashed_at_once_than_we_said() -> None:
    """Who comes while all turns are taken is sent away in words, and let in when one is free again."""
    passwords = Passwords(QUICK, at_once=1, patience=0.05)
    inside, leave = threading.Event(), threading.Event()

    def stay() -> None:
        with passwords._turn():
            inside.set()
            leave.wait(10)

    holder = threading.Thread(target=stay)
    holder.start()
    inside.wait(10)
    with pytest.raises(Busy):
        passwords.verify("", PASSWORD)
    with pytest.raises(Busy):
        passwords.hash(PASSWORD)
    leave.set()
    holder.join()
    assert passwords.verify(passwords.hash(PASSWORD), PASSWORD)


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("x" + "yz" * 5, "short"),
        ("agrafe pile " * 11, "long"),
        ("motdepasse2026!", "common"),
        ("Wachtwoord123", "common"),
        ("  P a s s w o r t 1 2", "common"),
        ("123456789012", "common"),
        ("abcabcabcabc", "common"),
        ("azertyuiop12", "common"),
        ("camille  EXEMPLE", "own"),
        ("Camille@example.org", "own"),
    ],
)
def test_a_password_that_is_guessed_first_is_refused(password: str, fault: Fault) -> None:
    """Too short, too long, everybody's, or their own name; and the reason is said."""
    assert faults(password, NAME, EMAIL) == (fault,)


@pytest.mark.parametrize(
    "password", [PASSWORD, "a" * 11 + "é", "ключ от двери дома", "🐢🐇🐢🐢🐇🐇🐢🐇🐢🐢🐇🐢", "x7 Q!9 zz;Kp2"]
)
def test_no_sign_is_asked_for_and_none_forbidden(password: str) -> None:
    """Twelve signs of any kind will do."""
    assert faults(password, NAME, EMAIL) == ()


@given(st.text(max_size=300))
def test_length_is_counted_in_signs(password: str) -> None:
    """As they are kept."""
    found, signs = faults(password, NAME, EMAIL), len(unicodedata.normalize("NFKC", password))
    assert ("short" in found) == (signs < SHORTEST)
    assert ("long" in found) == (signs > LONGEST)
