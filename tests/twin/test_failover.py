from helpline.twin import Twin
from tests.twin.product import BASE, CALLER_NUMBER, LINE, Product


def test_a_failing_document_goes_to_the_numbers_fallback(twin: Twin, product: Product) -> None:
    """The fallback request says which error and which URL."""
    twin.own(LINE, f"{BASE}/voice", fallback_url=f"{BASE}/fallback?line=x", fallback_method="GET")
    product.on("/voice", 500)
    product.on("/fallback", "<Say>Fallback</Say>")
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    asked = product.got("/fallback")[0]
    assert (asked["ErrorCode"], asked["ErrorUrl"], asked["line"]) == ("11200", f"{BASE}/voice", "x")
    assert call.heard() == ["Fallback"]
    assert call.status == "completed"


def test_a_failure_in_the_middle_fails_over_too(twin: Twin, product: Product) -> None:
    """Whatever document of the call fails, the fallback is asked."""
    twin.own(LINE, f"{BASE}/voice", fallback_url=f"{BASE}/fallback")
    product.on("/voice", "<Say>Hello</Say><Redirect>/next</Redirect>")
    product.on("/next", "<Nonsense/>")
    product.on("/fallback", "<Say>Fallback</Say>")
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert call.heard() == ["Hello", "Fallback"]
    assert product.got("/fallback")[0]["ErrorCode"] == "12200"


def test_without_a_fallback_the_caller_hears_an_error_and_is_cut(twin: Twin, product: Product) -> None:
    """What must never happen to a caller, and what the harness can see."""
    product.on("/voice", 500)
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert "error tone" in [entry.event for entry in call.transcript]
    assert call.status == "failed"
    assert product.got("/status")[0]["CallStatus"] == "failed"


def test_a_fallback_that_fails_is_not_asked_again(twin: Twin, product: Product) -> None:
    """The carrier fails over once."""
    twin.own(LINE, f"{BASE}/voice", fallback_url=f"{BASE}/fallback")
    product.on("/voice", 500)
    product.on("/fallback", 500)
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert len(product.got("/fallback")) == 1
    assert call.status == "failed"


def test_hanging_up_during_the_error_tone_is_fine(twin: Twin, product: Product) -> None:
    """The call ends, once."""
    product.on("/voice", 500)
    call = twin.dial(CALLER_NUMBER, LINE, hang_up_after=1)
    twin.run_until_idle()
    assert len(product.got("/status")) == 1
    assert call.over
