import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from helpline.twin import CANARY_CITY, CANARY_NAME, Twin
from tests.twin.product import CALLER_NUMBER, LINE, Product

QUARTER = 15 * 60


@pytest.fixture
def ended(twin: Twin, product: Product) -> str:
    """A call that is over: its id."""
    product.on("/voice", '<Gather action="/menu" numDigits="1"><Say>Which?</Say></Gather>')
    product.on("/menu", "<Say>Goodbye</Say>")
    call = twin.dial(CALLER_NUMBER, LINE, keys="7")
    twin.run_until_idle()
    return call.sid


def test_events_keep_every_parameter_and_answer(twin: Twin, client: Client, ended: str) -> None:
    """A quarter of an hour after the end, keyed digits and documents can be read at the carrier."""
    twin.run_for(QUARTER)
    events = client.calls(ended).events.list()
    asked = [event.request or {} for event in events]
    told = [str(event.response) for event in events]
    assert [parameters["digits"] for parameters in (r["parameters"] for r in asked) if "digits" in parameters] == ["7"]
    assert "Goodbye" in "".join(told)
    assert CALLER_NUMBER in str(asked)
    assert CANARY_CITY in str(asked)
    assert CANARY_NAME in str(asked)


def test_events_come_late(client: Client, ended: str) -> None:
    """Right after the end there is nothing yet: erasing too early would be no erasing."""
    assert client.calls(ended).events.list() == []


def test_a_deleted_call_and_its_events_are_gone(twin: Twin, client: Client, ended: str) -> None:
    """DELETE answers 204, and then the carrier knows nothing."""
    twin.run_for(QUARTER)
    assert client.calls(ended).delete()
    assert ended not in twin.calls
    with pytest.raises(TwilioRestException) as caught:
        client.calls(ended).fetch()
    assert caught.value.status == 404
    with pytest.raises(TwilioRestException) as caught:
        client.calls(ended).delete()
    assert caught.value.status == 404


def test_a_call_in_progress_cannot_be_deleted(twin: Twin, product: Product, client: Client) -> None:
    """The error says so, and a later try succeeds."""
    product.on("/voice", "<Pause length='60'/>")
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_for(5)
    with pytest.raises(TwilioRestException) as caught:
        client.calls(call.sid).delete()
    assert (caught.value.status, caught.value.code) == (409, 20009)
    twin.run_until_idle()
    assert client.calls(call.sid).delete()


def test_a_harness_still_knows_what_was_deleted(twin: Twin, client: Client, ended: str) -> None:
    """A transcript can be printed after the erasure."""
    client.calls(ended).delete()
    assert [leg.sid for leg in twin.legs()] == [ended]
