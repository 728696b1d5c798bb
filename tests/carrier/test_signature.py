import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from helpline.carrier.signature import Signature

URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
VECTOR = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+14158675309"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
]
NAMES = st.one_of(st.sampled_from(["CallSid", "Digits", "From", "To", ""]), st.text(max_size=12))
FORMS = st.lists(st.tuples(NAMES, st.text(max_size=20)), max_size=12)
TOKENS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=64)
URLS = st.text(st.characters(min_codepoint=33, max_codepoint=255), max_size=60).map(
    lambda rest: f"https://h.example/{rest}"
)


def library(token: str, url: str, form: list[tuple[str, str]]) -> str:
    """What the carrier's own library computes."""
    return str(RequestValidator(token).compute_signature(url, MultiDict(form)))


@given(TOKENS, URLS, FORMS)
def test_we_sign_as_the_carrier_does(token: str, url: str, form: list[tuple[str, str]]) -> None:
    """Any form: names given twice, empty values, every alphabet; and our check takes what the library signed."""
    theirs = library(token, url, form)
    assert Signature([token]).sign(url, form) == theirs
    assert Signature([token]).matches(url, form, theirs)


@given(TOKENS, FORMS, st.randoms())
def test_the_order_of_fields_does_not_matter(token: str, form: list[tuple[str, str]], chance: object) -> None:
    """The carrier sorts them before it signs."""
    shuffled = sorted(form, key=lambda field: (len(field[1]), field), reverse=True)
    assert Signature([token]).sign(URL, shuffled) == Signature([token]).sign(URL, form)


def test_the_published_example() -> None:
    """The one in the carrier's documentation, whose caller is also its sender."""
    known = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    assert library("12345", URL, VECTOR) == known
    assert Signature(["12345"]).sign(URL, VECTOR) == known
    assert Signature(["12345"]).matches(URL, VECTOR, known)


@given(FORMS, NAMES, st.text(max_size=20))
def test_one_field_more_is_another_request(form: list[tuple[str, str]], name: str, value: str) -> None:
    """What wasn't signed isn't accepted."""
    assume((name, value) not in form)
    assume(name + value)
    signature = Signature([TOKEN])
    assert not signature.matches(URL, [*form, (name, value)], signature.sign(URL, form))


@given(FORMS, st.text(max_size=40))
def test_an_invented_signature_is_refused(form: list[tuple[str, str]], given_: str) -> None:
    """Also one that no header could hold."""
    signature = Signature([TOKEN])
    assume(given_ != signature.sign(URL, form))
    assert not signature.matches(URL, form, given_)


def test_another_url_is_refused() -> None:
    """A request can't be replayed to another of our URLs."""
    signature = Signature([TOKEN])
    assert not signature.matches(URL + "#fragment", VECTOR, signature.sign(URL, VECTOR))


@pytest.mark.parametrize("used", ["the new token", "the old token"])
def test_two_tokens_are_taken_while_one_is_rotated(used: str) -> None:
    """The carrier changes over at a moment of its own; we sign with the first."""
    both = Signature(["the new token", "the old token"])
    assert both.matches(URL, VECTOR, library(used, URL, VECTOR))
    assert both.sign(URL, VECTOR) == library("the new token", URL, VECTOR)
    assert not both.matches(URL, VECTOR, library("a third token", URL, VECTOR))


def test_a_signature_needs_a_token() -> None:
    """Without one everything would be refused, or worse."""
    with pytest.raises(ValueError, match="at least one auth token"):
        Signature([])


TOKEN = "a token of these tests"
