"""Text messages that people write to a line."""

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from helpline.twin import Twin
from tests.twin.product import ANNE, BASE, SHOWN, Product, Raw


@pytest.fixture
def written_to(twin: Twin) -> Twin:
    """Its caller id can be written to."""
    twin.own(SHOWN, sms_url=f"{BASE}/sms")
    return twin


def test_a_message_is_told_and_the_answer_is_sent(written_to: Twin, product: Product) -> None:
    """With who wrote and what; each <Message> goes back to them."""
    product.on("/sms", "<Message>Thank you &amp; goodbye</Message>")
    written_to.text(ANNE, SHOWN, "Oui é")
    written_to.run_for(1)
    params = product.got("/sms")[0]
    assert (params["From"], params["To"], params["Body"]) == (ANNE, SHOWN, "Oui é")
    assert params["MessageSid"] in written_to.messages
    answer = next(message for message in written_to.messages.values() if message.direction == "outbound-reply")
    assert (answer.from_, answer.to, answer.body) == (SHOWN, ANNE, "Thank you & goodbye")
    assert written_to.violations == []


def test_an_empty_document_answers_nothing(written_to: Twin, product: Product) -> None:
    """Which is no fault."""
    product.on("/sms", "")
    written_to.text(ANNE, SHOWN, "Hello")
    written_to.run_for(1)
    assert [message.direction for message in written_to.messages.values()] == ["inbound"]
    assert written_to.violations == []


@pytest.mark.parametrize(
    "answer",
    ["<Say>Hello</Say>", "<Message/>", "<Message to='+33'>Hello</Message>", 500, 204, Raw(b"nonsense"), Raw(b"<x/>")],
)
def test_what_cannot_be_sent_is_a_violation(written_to: Twin, product: Product, answer: str | int | Raw) -> None:
    """Anything but plain messages in a document."""
    product.on("/sms", answer)
    written_to.text(ANNE, SHOWN, "Hello")
    written_to.run_for(10)
    assert len(written_to.violations) == 1
    assert [message.direction for message in written_to.messages.values()] == ["inbound"]


def test_a_number_that_cannot_be_written_to_is_a_mistake_of_the_harness(twin: Twin) -> None:
    """Said at once."""
    with pytest.raises(ValueError, match="own"):
        twin.text(ANNE, SHOWN, "Hello")


def test_a_message_that_comes_in_is_deleted_once_it_is_answered(
    written_to: Twin, product: Product, client: Client
) -> None:
    """While the product has it in hand it is on its way, and the carrier refuses; the second time it knows of none."""
    product.on("/sms", "")
    written_to.text(ANNE, SHOWN, "Hello")
    (sid,) = written_to.messages
    with pytest.raises(TwilioRestException) as caught:
        client.messages(sid).delete()
    assert (caught.value.status, caught.value.code) == (409, 20009)
    assert client.messages(sid).fetch().status == "receiving"
    written_to.run_for(1)
    assert client.messages(sid).fetch().status == "received"
    assert client.messages(sid).delete()
    assert written_to.messages == {}
    with pytest.raises(TwilioRestException) as caught:
        client.messages(sid).delete()
    assert caught.value.status == 404


def test_a_message_nobody_answered_for_is_deleted_too(written_to: Twin, product: Product, client: Client) -> None:
    """It has come in all the same."""
    product.on("/sms", 500)
    written_to.text(ANNE, SHOWN, "Hello")
    written_to.run_for(30)
    (sid,) = written_to.messages
    assert client.messages(sid).delete()
