import pytest

from helpline.twin import Twin
from helpline.twin.urls import BadUrlError, Overrides, target
from tests.twin.product import BASE, CALLER_NUMBER, LINE, RETRY, Product

TOKEN = "HTTP_I_TWILIO_IDEMPOTENCY_TOKEN"


@pytest.fixture
def hello(product: Product) -> Product:
    """A product that greets and hangs up."""
    product.on("/voice", "<Say>Hello</Say>")
    return product


def test_the_defaults_retry_connect_errors_once(twin: Twin, hello: Product) -> None:
    """Nothing but a failed connection is tried again, after five seconds."""
    twin.own(LINE, f"{BASE}/voice")
    twin.faults.script("connect", kind="voice")
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert call.heard() == ["Hello"]
    assert call.first_sound == pytest.approx(5.05)


def test_a_second_connect_error_is_final(twin: Twin, hello: Product) -> None:
    """One retry, not two: the code of the failure is 11205."""
    twin.own(LINE, f"{BASE}/voice", fallback_url=f"{BASE}/fallback")
    hello.on("/fallback", "<Say>Fallback</Say>")
    twin.faults.script("connect", kind="voice", times=2)
    twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert hello.got("/fallback")[0]["ErrorCode"] == "11205"
    assert twin.violations == []


@pytest.mark.parametrize("fault", ["lost answer", "error"])
def test_by_default_timeouts_and_5xx_are_not_retried(twin: Twin, hello: Product, fault: str) -> None:
    """A URL handed out without overrides loses the call to one bad second."""
    twin.own(LINE, f"{BASE}/voice")
    twin.faults.script(fault, kind="voice")
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert call.status == "failed"
    assert twin.violations == []


@pytest.mark.parametrize(("fault", "seconds"), [("connect", 1.05), ("lost answer", 2.1), ("error", 0.1)])
def test_overrides_retry_what_they_name_and_sooner(twin: Twin, hello: Product, fault: str, seconds: float) -> None:
    """ct, rt and 5xx are retried within the seconds the fragment gives."""
    twin.own(LINE, f"{BASE}/voice{RETRY}")
    twin.faults.script(fault, kind="voice")
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert call.heard() == ["Hello"]
    assert call.first_sound == pytest.approx(seconds, abs=0.06)


def test_a_product_that_answers_5xx_is_asked_again(twin: Twin, hello: Product) -> None:
    """A real 5xx of the product counts as a fault's, and the retry heals it."""
    hello.on("/voice", 503, "<Say>Hello</Say>")
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert call.heard() == ["Hello"]
    assert twin.violations == []


def test_a_4xx_is_not_asked_again(twin: Twin, hello: Product) -> None:
    """The overrides the product uses don't name 4xx."""
    hello.on("/voice", 403)
    twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert len(hello.got("/voice")) == 1


def test_a_retry_repeats_the_request_with_its_token(twin: Twin, hello: Product) -> None:
    """Same parameters, same idempotency token; other requests have others."""
    twin.faults.script("lost answer", kind="voice")
    twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    first, again, status = hello.seen
    assert first.params == again.params
    assert first.headers[TOKEN] == again.headers[TOKEN] != status.headers[TOKEN]


@pytest.mark.parametrize(
    ("fragment", "overrides"),
    [
        ("", Overrides()),
        ("rc=0", Overrides(retries=0)),
        ("ct=100&rt=15000&tt=5000", Overrides(connect=0.1, read=15.0, total=5.0)),
        ("rp=all", Overrides(policy=frozenset({"all"}))),
        ("rc=5&rp=4xx,5xx", Overrides(retries=5, policy=frozenset({"4xx", "5xx"}))),
    ],
)
def test_overrides_are_read(fragment: str, overrides: Overrides) -> None:
    """Milliseconds become seconds."""
    assert target(f"{BASE}/x#{fragment}").overrides == overrides


@pytest.mark.parametrize(
    "fragment", ["ct=99", "ct=10001", "rt=15001", "tt=0", "rc=-1", "rc=x", "rp=", "rp=ct,maybe", "e"]
)
def test_wrong_overrides_are_refused(fragment: str) -> None:
    """Out of bounds or unknown is an error of the product's."""
    with pytest.raises(BadUrlError):
        target(f"{BASE}/x#{fragment}")


@pytest.mark.parametrize("url", ["/voice", "line.example/voice", "ftp://line.example", "https://u:p@line.example/"])
def test_only_absolute_http_urls_without_userinfo_are_fetched(url: str) -> None:
    """Userinfo breaks signature checks; anything else can't be fetched."""
    with pytest.raises(BadUrlError):
        target(url)


def test_a_bad_url_in_the_numbers_configuration_is_a_violation(twin: Twin) -> None:
    """What the operator pasted is checked as well."""
    twin.own(LINE, f"{BASE}/voice#rc=9")
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert call.status == "failed"
    assert "rc must be" in twin.violations[0].reason


def test_the_total_time_bounds_the_retries(twin: Twin, hello: Product) -> None:
    """After `tt` no further attempt is made."""
    twin.own(LINE, f"{BASE}/voice#ct=1000&rc=5&tt=2000")
    twin.faults.script("connect", kind="voice", times=None)
    twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert len([request for request in twin.requests if request.kind == "voice"]) == 2
