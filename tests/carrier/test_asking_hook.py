"""The one webhook of which the caller's number is read: they chose the callback by a key."""

from urllib.parse import urlencode

import pytest

from helpline.carrier.hooks import Refused, read_asking
from helpline.carrier.signature import Signature

URL = "https://helpline.example.org/voice/france/asking/token"
SIGNATURE = Signature(["a token of the tests"])
KIND = "application/x-www-form-urlencoded"
NUMBER = "+33199009001"


def read(*fields: tuple[str, str], signed: bool = True) -> tuple[str, str]:
    """What is read of a form: the keys, and the number."""
    form = [("CallSid", "CA1"), ("Digits", "1"), *fields]
    given = SIGNATURE.sign(URL, form) if signed else "no signature"
    hook, number = read_asking(SIGNATURE, URL, urlencode(form).encode(), KIND, given)
    assert NUMBER not in repr(hook)
    return hook.digits, number


def test_the_number_is_read_beside_the_webhook() -> None:
    """It isn't part of what is handed on as the webhook."""
    assert read(("From", NUMBER), ("Caller", NUMBER)) == ("1", NUMBER)


def test_without_a_number_there_is_none() -> None:
    """A network that tells nothing."""
    assert read() == ("1", "")


def test_of_two_numbers_neither_is_believed() -> None:
    """The signature folds doubles: one of them could have been slipped in."""
    assert read(("From", NUMBER), ("From", "+33199009002")) == ("1", "")


def test_nobody_but_the_carrier_is_believed() -> None:
    """Unsigned, it is refused like any other."""
    with pytest.raises(Refused):
        read(("From", NUMBER), signed=False)
