import random

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from helpline.twin import REST_FAULTS, WEBHOOK_FAULTS, Faults, Twin, VirtualClock, WsgiTransport, ignore
from tests.twin.product import ANNE, BASE, CALLER_NUMBER, LINE, SHOWN, Product

EVENTS = ["initiated", "ringing", "answered", "completed"]


def place(client: Client) -> str:
    """Create a leg that tells of everything."""
    order = client.calls.create(
        to=ANNE,
        from_=SHOWN,
        url=f"{BASE}/leg",
        timeout=5,
        status_callback=f"{BASE}/leg-status",
        status_callback_event=EVENTS,
    )
    return order.sid or ""


def statuses(product: Product) -> list[str]:
    """The leg's statuses in the order the product heard of them."""
    return [form["CallStatus"] for form in product.got("/leg-status")]


def test_a_dropped_callback_never_comes(twin: Twin, product: Product, client: Client) -> None:
    """The product hears nothing and the carrier thinks it did."""
    twin.faults.script("drop", kind="status", when=lambda webhook: webhook.params["CallStatus"] == "ringing")
    place(client)
    twin.run_until_idle()
    assert statuses(product) == ["initiated", "no-answer"]


def test_a_duplicated_callback_comes_twice(twin: Twin, product: Product, client: Client) -> None:
    """The copy is the same to the sequence number."""
    twin.faults.script("duplicate", kind="status")
    place(client)
    twin.run_until_idle()
    assert statuses(product) == ["initiated", "initiated", "ringing", "no-answer"]
    assert product.got("/leg-status")[0] == product.got("/leg-status")[1]


def test_a_reordered_callback_comes_after_the_next(twin: Twin, product: Product, client: Client) -> None:
    """What happened first is told second."""
    twin.faults.script("reorder", kind="status")
    place(client)
    twin.run_until_idle()
    assert statuses(product) == ["ringing", "initiated", "no-answer"]


def test_a_delayed_callback_comes_late(twin: Twin, product: Product, client: Client) -> None:
    """Even after the end."""
    twin.faults.script("delay", kind="status", seconds=60)
    place(client)
    twin.run_until_idle()
    assert statuses(product) == ["ringing", "no-answer", "initiated"]


def test_a_duplicated_document_request_is_answered_once(twin: Twin, product: Product) -> None:
    """The copy's answer is thrown away: the caller hears one document."""
    product.on("/voice", "<Say>First</Say><Pause length='3'/>", "<Say>Second</Say>")
    twin.faults.script("duplicate", kind="voice")
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert call.heard() == ["First"]
    assert len(product.got("/voice")) == 2


def test_a_slow_answer_delays_what_is_heard(twin: Twin, product: Product) -> None:
    """Silence on the line for as long."""
    product.on("/voice", "<Say>Hello</Say>")
    twin.faults.script("slow", kind="voice", seconds=1.5)
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert call.first_sound == pytest.approx(1.55)


def test_a_too_slow_answer_is_a_timeout(twin: Twin, product: Product) -> None:
    """Beyond `rt` the carrier asks again, and the product has been asked twice."""
    product.on("/voice", "<Say>Late</Say>", "<Say>In time</Say>")
    twin.faults.script("slow", kind="voice", seconds=10)
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert call.heard() == ["In time"]


def test_a_fault_is_written_beside_the_request(twin: Twin, product: Product) -> None:
    """Whoever reads a failing test sees what was done to it."""
    product.on("/voice", "<Hangup/>")
    twin.faults.script("connect", kind="voice")
    twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert (twin.requests[0].fault, twin.requests[0].failure) == ("connect", "connection failed")
    assert twin.faults.struck == [("connect", "voice")]


def test_scripts_count_down_and_can_be_cleared(twin: Twin, product: Product) -> None:
    """`times` strikes, then everything works; None until cleared."""
    product.on("/voice", "<Hangup/>")
    twin.faults.script("error", kind="voice", times=None)
    for _ in range(2):
        twin.dial(CALLER_NUMBER, LINE)
        twin.run_until_idle()
    twin.faults.clear()
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert call.status == "completed"


def test_unknown_faults_are_refused() -> None:
    """A misspelt fault would test nothing."""
    with pytest.raises(ValueError, match="no webhook fault"):
        Faults().script("dorp")
    with pytest.raises(ValueError, match="no REST fault"):
        Faults().script_rest("dorp")


@pytest.mark.parametrize(("fault", "status"), [("500", 500), ("429", 429)])
def test_a_failing_rest_request_does_nothing(twin: Twin, client: Client, fault: str, status: int) -> None:
    """The client raises, and no call exists."""
    twin.faults.script_rest(fault, "POST", "Calls.json")
    with pytest.raises(TwilioRestException) as caught:
        place(client)
    assert caught.value.status == status
    assert twin.legs() == []
    assert place(client) != ""
    assert twin.violations == []


def test_a_lost_rest_answer_leaves_a_call_nobody_knows_of(twin: Twin, client: Client) -> None:
    """Accepted, but the connection is cut: the product can't know whether the phone will ring."""
    twin.phone(ANNE, ignore())
    twin.faults.script_rest("lost answer", "POST", "Calls.json")
    with pytest.raises(requests.ConnectionError):
        place(client)
    twin.run_until_idle()
    assert twin.phones[ANNE].rung == 1


def test_a_cut_rest_request_did_nothing(twin: Twin, client: Client) -> None:
    """The same for the client; but nothing rings."""
    twin.faults.script_rest("cut", "POST", "Calls.json")
    with pytest.raises(requests.ConnectionError):
        place(client)
    assert twin.legs() == []


def test_a_hanging_rest_request_times_out(twin: Twin, client: Client) -> None:
    """In real time, bounded by the client's own timeout."""
    client.http_client.timeout = 0.1
    twin.faults.script_rest("hang", "POST", "Calls.json", seconds=0.5)
    with pytest.raises(requests.Timeout):
        place(client)
    assert twin.legs() == []


def test_a_refused_delete_can_be_tried_again(twin: Twin, product: Product, client: Client) -> None:
    """As while in progress, though the call is over."""
    product.on("/voice", "<Hangup/>")
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    twin.faults.script_rest("refuse", "DELETE")
    with pytest.raises(TwilioRestException) as caught:
        client.calls(call.sid).delete()
    assert caught.value.status == 409
    assert client.calls(call.sid).delete()


def test_a_created_call_may_stay_queued(twin: Twin, client: Client) -> None:
    """The carrier holds it back, up to a day."""
    twin.faults.script_rest("queue", "POST", "Calls.json", seconds=300)
    sid = place(client)
    twin.run_for(299)
    assert client.calls(sid).fetch().status == "queued"
    twin.run_until_idle()
    assert client.calls(sid).fetch().status == "no-answer"


def test_random_faults_are_the_same_for_the_same_seed(product: Product) -> None:
    """A failing sequence of a stateful test can be played again."""
    struck = []
    for _ in range(2):
        rates = dict.fromkeys(WEBHOOK_FAULTS, 0.1)
        faults = Faults(random.Random(5), rates=rates, rest_rates=dict.fromkeys(REST_FAULTS, 0.1))
        twin = Twin(WsgiTransport(product, BASE), clock=VirtualClock(), faults=faults)
        twin.own(LINE, f"{BASE}/voice", f"{BASE}/status")
        product.on("/voice", "<Say>Hello</Say>")
        for _call in range(20):
            twin.dial(CALLER_NUMBER, LINE)
            twin.run_until_idle()
        struck.append(faults.struck)
    assert struck[0] == struck[1]
    assert {name for name, _ in struck[0]} > {"delay", "duplicate"}


def test_a_random_fault_spares_the_retry(product: Product) -> None:
    """However bad the network, a product that asks for one retry is served."""
    faults = Faults(random.Random(1), rates={"connect": 0.5, "lost answer": 0.3, "error": 0.2})
    twin = Twin(WsgiTransport(product, BASE), clock=VirtualClock(), faults=faults)
    twin.own(LINE, f"{BASE}/voice#ct=1000&rt=2000&rc=1&tt=5000&rp=ct,rt,5xx")
    product.on("/voice", "<Say>Hello</Say>")
    calls = [twin.dial(CALLER_NUMBER, LINE) for _ in range(20)]
    twin.run_until_idle()
    assert {call.status for call in calls} == {"completed"}


def test_a_clock_jump_moves_the_wall_clock_alone(twin: Twin, product: Product) -> None:
    """Events keep their distances, time stamps don't."""
    product.on("/voice", "<Say>Hello</Say><Pause length='30'/>")
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_for(10)
    before = twin.clock.now()
    twin.clock.jump(-3600)
    assert twin.clock.now() == before - 3600
    twin.run_until_idle()
    assert call.call.duration == 30
