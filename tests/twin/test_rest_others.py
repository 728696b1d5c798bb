import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from helpline.twin import Twin
from tests.twin.product import ANNE, CALLER_NUMBER, LINE, SHOWN, Product


def test_a_queue_is_listed_and_deleted_when_empty(twin: Twin, product: Product, client: Client) -> None:
    """Queues persist after their last caller, until they are deleted."""
    product.on("/voice", '<Enqueue waitUrl="/wait">room</Enqueue>')
    product.on("/wait", "<Pause length='10'/>")
    twin.dial(CALLER_NUMBER, LINE, hang_up_after=25)
    twin.run_for(5)
    queue = client.queues.list()[0]
    assert (queue.friendly_name, queue.current_size, queue.max_size) == ("room", 1, 1000)
    with pytest.raises(TwilioRestException) as caught:
        client.queues(queue.sid or "").delete()
    assert caught.value.status == 400
    twin.run_until_idle()
    assert client.queues(queue.sid or "").fetch().average_wait_time == 25
    assert client.queues(queue.sid or "").delete()
    assert client.queues.list() == []
    assert twin.violations == []


def test_an_unknown_queue_is_not_found(client: Client) -> None:
    """404, as for calls."""
    with pytest.raises(TwilioRestException) as caught:
        client.queues("QU0").fetch()
    assert caught.value.status == 404


def test_a_message_is_sent_redacted_and_deleted(twin: Twin, client: Client) -> None:
    """What was written can be emptied, then forgotten."""
    sid = client.messages.create(to=ANNE, from_=SHOWN, body="Your shift has ended").sid or ""
    with pytest.raises(TwilioRestException) as caught:
        client.messages(sid).delete()
    assert caught.value.status == 409
    twin.run_for(2)
    assert client.messages(sid).fetch().status == "delivered"
    assert twin.messages[sid].body == "Your shift has ended"
    client.messages(sid).update(body="")
    assert twin.messages[sid].body == ""
    assert len(client.messages.list(to=ANNE)) == 1
    assert client.messages(sid).delete()
    assert twin.messages == {}


@pytest.mark.parametrize("wrong", [{"to": "112"}, {"from_": "+33187999999"}, {"body": ""}])
def test_a_wrong_message_is_refused(client: Client, wrong: dict[str, str]) -> None:
    """Numbers and body are checked."""
    message = {"to": ANNE, "from_": SHOWN, "body": "Hello"} | wrong
    with pytest.raises(TwilioRestException) as caught:
        client.messages.create(**message)
    assert caught.value.status == 400


def test_a_body_cannot_be_rewritten(twin: Twin, client: Client) -> None:
    """Only emptied."""
    sid = client.messages.create(to=ANNE, from_=SHOWN, body="Hello").sid or ""
    with pytest.raises(TwilioRestException):
        client.messages(sid).update(body="Something else")
    assert twin.messages[sid].body == "Hello"
