import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from helpline.twin import Twin
from helpline.twin.signing import signature
from tests.twin.product import BASE, CALLER_NUMBER, LINE, Product

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


def test_the_vector_of_the_design() -> None:
    """The carrier's published example, signed by us, is accepted by its library."""
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    params = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    assert RequestValidator("12345").validate(url, params, signature("12345", url, params))


@given(params=st.dictionaries(texts, texts, max_size=8), token=st.text("abcdef0123456789", min_size=1, max_size=32))
def test_every_signature_is_the_librarys(params: dict[str, str], token: str) -> None:
    """Whatever is posted, our algorithm and the carrier's library agree."""
    url = f"{BASE}/voice/a%2Fb?x=%C3%A9"
    assert signature(token, url, params) == RequestValidator(token).compute_signature(url, params)


def test_the_fragment_is_neither_sent_nor_signed(twin: Twin, product: Product) -> None:
    """Connection overrides are for the carrier alone; the product fixture checks the signature."""
    product.on("/voice", "<Hangup/>")
    twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert "#" not in twin.requests[0].url


@pytest.mark.parametrize("path", ["/voice/a%2Fb", "/voice/%C3%A9?x=%20y", "/voice/~x?a=b&a=c"])
def test_percent_encoding_is_untouched(twin: Twin, product: Product, path: str) -> None:
    """The URL is signed as it was handed out, byte for byte."""
    twin.own(LINE, BASE + path)
    twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert twin.requests[0].url == BASE + path
    assert product.seen != []
