import pytest

from helpline.twin import Twin
from tests.twin.product import CALLER_NUMBER, LINE, Product

LONG = "word " * 50  # 20 seconds


def test_a_key_cuts_the_prompt_and_reaches_the_action(twin: Twin, product: Product) -> None:
    """Somebody who knows the menu need not hear it out."""
    product.on("/voice", f'<Gather action="/menu" numDigits="1"><Say>{LONG}</Say></Gather>')
    product.on("/menu", "<Say>Chosen</Say>")
    call = twin.dial(CALLER_NUMBER, LINE, keys="2")
    twin.run_until_idle()
    assert [form["Digits"] for form in product.got("/menu")] == ["2"]
    assert call.call.duration < 5
    assert call.heard()[-1] == "Chosen"


def test_the_timeout_counts_from_the_end_of_the_prompts(twin: Twin, product: Product) -> None:
    """Silence is silence only once everything was said."""
    product.on("/voice", f'<Gather action="/menu" timeout="4" actionOnEmptyResult="true"><Say>{LONG}</Say></Gather>')
    product.on("/menu", "<Hangup/>")
    twin.dial(CALLER_NUMBER, LINE)
    start = twin.clock.now()
    twin.run_until_idle()
    asked = next(request for request in twin.requests if request.kind == "gather")
    assert asked.at - start == pytest.approx(0.05 + 20 + 4)
    assert asked.params["Digits"] == ""


def test_without_action_on_empty_silence_falls_through(twin: Twin, product: Product) -> None:
    """The next verb runs when nobody pressed anything."""
    product.on("/voice", '<Gather action="/menu" timeout="1"/><Say>Nothing heard</Say>')
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert call.heard() == ["Nothing heard"]
    assert product.got("/menu") == []


@pytest.mark.parametrize(
    ("attributes", "typed", "digits"),
    [
        ('numDigits="4"', "123456", "1234"),
        ("", "12#34", "12"),
        ('finishOnKey="*"', "1#2*", "1#2"),
        ('finishOnKey="" numDigits="3"', "1#*", "1#*"),
        ('timeout="2"', "12", "12"),
    ],
)
def test_keys_are_collected_as_the_attributes_say(
    twin: Twin, product: Product, attributes: str, typed: str, digits: str
) -> None:
    """numDigits, finishOnKey and the timeout between keys decide when an entry is complete."""
    product.on("/voice", f'<Gather action="/menu" {attributes}><Say>Type</Say></Gather>')
    product.on("/menu", "<Hangup/>")
    twin.dial(CALLER_NUMBER, LINE, keys=(typed,))
    twin.run_until_idle()
    assert [form["Digits"] for form in product.got("/menu")] == [digits]


def test_keys_nobody_listens_for_are_lost(twin: Twin, product: Product) -> None:
    """Speech outside a Gather hears no keys, as at the carrier."""
    product.on("/voice", f'<Say>{LONG}</Say><Gather action="/menu" timeout="2"/><Say>Lost</Say>')
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_for(5)
    call.press("1")
    twin.run_until_idle()
    assert call.heard()[-1] == "Lost"
    assert "1 (nobody listens)" in [entry.text for entry in call.transcript]


def test_one_key_is_given_to_each_gather(twin: Twin, product: Product) -> None:
    """A caller's keys answer one question each, in order."""
    menu = '<Gather action="{}" numDigits="1"><Say>Which?</Say></Gather>'
    product.on("/voice", menu.format("/first"))
    product.on("/first", menu.format("/second"))
    product.on("/second", "<Hangup/>")
    twin.dial(CALLER_NUMBER, LINE, keys="31")
    twin.run_until_idle()
    assert product.got("/first")[0]["Digits"] == "3"
    assert product.got("/second")[0]["Digits"] == "1"


def test_a_caller_may_stay_silent_through_one_question(twin: Twin, product: Product) -> None:
    """An empty item of keys lets one Gather pass."""
    menu = '<Gather action="{}" numDigits="1" timeout="2" actionOnEmptyResult="true"><Say>Which?</Say></Gather>'
    product.on("/voice", menu.format("/first"))
    product.on("/first", menu.format("/second"))
    product.on("/second", "<Hangup/>")
    twin.dial(CALLER_NUMBER, LINE, keys=("", "1"))
    twin.run_until_idle()
    assert product.got("/first")[0]["Digits"] == ""
    assert product.got("/second")[0]["Digits"] == "1"


def test_without_an_action_the_same_document_is_asked_for(twin: Twin, product: Product) -> None:
    """The carrier's default is a loop, and the twin has it too."""
    product.on("/voice", '<Gather numDigits="1"><Say>Which?</Say></Gather>', "<Hangup/>")
    twin.dial(CALLER_NUMBER, LINE, keys="5")
    twin.run_until_idle()
    assert [form.get("Digits") for form in product.got("/voice")] == [None, "5"]
