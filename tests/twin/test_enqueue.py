import dataclasses

import pytest
from twilio.rest import Client

from helpline.twin import Rules, Twin, VirtualClock, WsgiTransport
from tests.twin.product import BASE, CALLER_NUMBER, LINE, Product

ENQUEUE = '<Enqueue action="/after" waitUrl="/wait">room</Enqueue>'
HOLD = "<Say>Please hold</Say><Pause length='10'/>"


@pytest.fixture
def waiting(product: Product) -> Product:
    """A product that puts every caller into one queue."""
    product.on("/voice", ENQUEUE)
    product.on("/wait", HOLD)
    product.on("/after", "<Say>You have left the queue</Say>")
    return product


def test_the_wait_document_is_asked_for_again_and_again(twin: Twin, waiting: Product) -> None:
    """The hold loop is the product's clock: the same URL each time the document has ended."""
    twin.dial(CALLER_NUMBER, LINE, hang_up_after=35)
    twin.run_until_idle()
    assert len(waiting.got("/wait")) == 4
    assert [form["QueueTime"] for form in waiting.got("/wait")] == ["0", "10", "21", "32"]


def test_the_wait_request_tells_about_the_queue(twin: Twin, waiting: Product) -> None:
    """Position, sizes and times are parameters of every wait request."""
    twin.dial(CALLER_NUMBER, LINE, hang_up_after=5)
    twin.dial("+33698765433", LINE, hang_up_after=5)
    twin.run_until_idle()
    first, second = waiting.got("/wait")
    assert (first["QueuePosition"], second["QueuePosition"]) == ("1", "2")
    assert second["CurrentQueueSize"] == "2"
    assert second["MaxQueueSize"] == "1000"
    assert second["AvgQueueTime"] == "0"
    assert first["QueueSid"].startswith("QU")


def test_leave_goes_on_with_the_action(twin: Twin, waiting: Product) -> None:
    """Leave takes the caller out of the queue at once."""
    waiting.on("/wait", HOLD, "<Leave/>")
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert [form["QueueResult"] for form in waiting.got("/after")] == ["leave"]
    assert call.heard()[-1] == "You have left the queue"
    assert twin.violations == []


def test_hanging_up_while_waiting_is_told_twice(twin: Twin, waiting: Product) -> None:
    """The action gets QueueResult=hangup with a completed call, and the final status comes too."""
    twin.dial(CALLER_NUMBER, LINE, hang_up_after=5)
    twin.run_until_idle()
    assert [(f["QueueResult"], f["CallStatus"]) for f in waiting.got("/after")] == [("hangup", "completed")]
    assert [form["CallStatus"] for form in waiting.got("/status")] == ["completed"]


def test_a_hangup_in_the_wait_document_ends_the_call(twin: Twin, waiting: Product) -> None:
    """The product may hang up on somebody who waits."""
    waiting.on("/wait", "<Say>Closed</Say><Hangup/>")
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert call.status == "completed"
    assert waiting.got("/after")[0]["QueueResult"] == "hangup"


def test_a_key_in_the_wait_document_keeps_the_callers_place(twin: Twin, waiting: Product) -> None:
    """The Gather's action answers with a wait document, and then the loop goes on."""
    waiting.on("/wait", '<Gather action="/key" numDigits="1" timeout="5"><Say>Hold, or 9</Say></Gather>')
    waiting.on("/key", "<Say>Call one one two</Say>")
    call = twin.dial(CALLER_NUMBER, LINE, keys="9", hang_up_after=8)
    twin.run_until_idle()
    assert call.heard() == ["Hold, or 9", "Call one one two", "Hold, or 9"]
    assert waiting.got("/key")[0]["Digits"] == "9"
    assert len(waiting.got("/after")) == 1
    assert twin.violations == []


def test_a_redirect_in_the_wait_document_stays_in_the_queue(twin: Twin, waiting: Product) -> None:
    """Redirect replaces the wait document, not the queue."""
    waiting.on("/wait", '<Redirect method="GET">/other?x=%20y</Redirect>')
    waiting.on("/other", HOLD)
    twin.dial(CALLER_NUMBER, LINE, hang_up_after=15)
    twin.run_until_idle()
    assert len(waiting.got("/other")) == 2
    assert waiting.got("/other")[0]["x"] == " y"
    assert waiting.seen[2].method == "GET"
    assert waiting.got("/after")[0]["QueueResult"] == "hangup"


def test_wait_documents_that_take_no_time_are_refused(twin: Twin, waiting: Product) -> None:
    """Three empty ones in a row would be a flood of requests."""
    waiting.on("/wait", "")
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert "take no time" in twin.violations[0].reason
    assert len(waiting.got("/wait")) == 3
    assert call.status == "failed"


def test_a_failing_wait_document_fails_the_call_over(twin: Twin, waiting: Product) -> None:
    """By default the number's fallback takes over; the caller is out of the queue."""
    twin.own(LINE, f"{BASE}/voice", fallback_url=f"{BASE}/fallback")
    waiting.on("/wait", 500)
    waiting.on("/fallback", "<Say>Fallback</Say>")
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert call.heard() == ["Fallback"]
    assert twin.queues["room"].members == []


def test_the_other_reading_of_a_failing_wait_document(product: Product, waiting: Product) -> None:
    """Where the carrier turns it into a queue result, the action goes on."""
    twin = Twin(WsgiTransport(product, BASE), clock=VirtualClock(), rules=Rules(wait_failure="error"))
    twin.own(LINE, f"{BASE}/voice")
    waiting.on("/wait", 500)
    twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert waiting.got("/after")[0]["QueueResult"] == "error"


def test_a_full_queue_refuses(product: Product, waiting: Product) -> None:
    """QueueResult=queue-full comes at once."""
    twin = Twin(WsgiTransport(product, BASE), clock=VirtualClock(), rules=dataclasses.replace(Rules(), queue_size=1))
    twin.own(LINE, f"{BASE}/voice")
    twin.dial(CALLER_NUMBER, LINE, hang_up_after=60)
    twin.dial("+33698765433", LINE)
    twin.run_until_idle()
    assert waiting.got("/after")[0]["QueueResult"] == "queue-full"


def test_without_an_action_the_next_verb_follows(twin: Twin, waiting: Product) -> None:
    """An Enqueue without action falls through when the caller leaves."""
    waiting.on("/voice", '<Enqueue waitUrl="/wait">room</Enqueue><Say>Next</Say>')
    waiting.on("/wait", "<Leave/>")
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert call.heard() == ["Next"]


def test_without_a_wait_url_music_plays_for_ever(twin: Twin, waiting: Product) -> None:
    """The carrier's own music asks the product nothing."""
    waiting.on("/voice", '<Enqueue action="/after">room</Enqueue>')
    call = twin.dial(CALLER_NUMBER, LINE, hang_up_after=100)
    twin.run_until_idle()
    assert call.first_sound == pytest.approx(0.05)
    assert waiting.got("/wait") == []


def test_a_queued_call_can_be_redirected_by_rest(twin: Twin, waiting: Product, client: Client) -> None:
    """The call goes to the new URL, and the action hears of it aside."""
    waiting.on("/new", "<Say>Elsewhere</Say>")
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_for(5)
    client.calls(call.sid).update(url=f"{BASE}/new")
    twin.run_until_idle()
    assert call.heard()[-1] == "Elsewhere"
    assert waiting.got("/after")[0]["QueueResult"] == "redirected"
