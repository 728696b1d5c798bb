import email.utils

import pytest
from twilio.rest import Client

from helpline.twin import CANARY_CITY, CANARY_NAME, Twin, accept, busy, failed
from tests.twin.product import ANNE, BASE, CALLER_NUMBER, LINE, SHOWN, Product

ALWAYS = {"CallSid", "AccountSid", "From", "To", "CallStatus", "ApiVersion", "Direction"}
EVENTS = ["initiated", "ringing", "answered", "completed"]


def test_every_request_carries_what_the_carrier_always_sends(twin: Twin, product: Product) -> None:
    """And generously what it sometimes sends, with one parameter nobody has heard of."""
    product.on("/voice", "<Say>Hello</Say>")
    twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    form = product.got("/voice")[0]
    assert form.keys() > ALWAYS
    assert (form["CallStatus"], form["Direction"], form["From"], form["To"]) == (
        "ringing",
        "inbound",
        CALLER_NUMBER,
        LINE,
    )
    assert (form["FromCity"], form["CallerCity"], form["CallerName"]) == (CANARY_CITY, CANARY_CITY, CANARY_NAME)
    assert "ParameterNobodyKnows" in form
    assert form["ForwardedFrom"] == CALLER_NUMBER


@pytest.mark.parametrize("withheld", ["", "anonymous", "+266696687"])
def test_a_withheld_caller_is_told_nothing_about(twin: Twin, product: Product, withheld: str) -> None:
    """No name, no city; the line is dialled all the same."""
    product.on("/voice", "<Say>Hello</Say>")
    call = twin.dial(withheld, LINE)
    twin.run_until_idle()
    form = product.got("/voice")[0]
    assert form["From"] == withheld
    assert not form.keys() & {"CallerName", "FromCity", "ForwardedFrom"}
    assert call.status == "completed"


def test_the_final_status_of_an_inbound_call(twin: Twin, product: Product) -> None:
    """Once, with duration, time stamp and sequence number."""
    product.on("/voice", "<Say>Hello</Say><Pause length='75'/>")
    twin.dial(CALLER_NUMBER, LINE, hang_up_after=70)
    twin.run_until_idle()
    (form,) = product.got("/status")
    assert (form["CallStatus"], form["CallDuration"], form["SequenceNumber"]) == ("completed", "70", "0")
    stamp = email.utils.parsedate_to_datetime(form["Timestamp"]).timestamp()
    assert stamp == pytest.approx(twin.clock.now(), abs=1)
    assert form["CallbackSource"] == "call-progress-events"


def test_a_caller_gone_before_the_answer_is_no_answer(twin: Twin, product: Product) -> None:
    """A Pause at the beginning rings on: a call left then was never answered."""
    product.on("/voice", "<Pause length='75'/><Say>Hello</Say>")
    twin.dial(CALLER_NUMBER, LINE, hang_up_after=70)
    twin.run_until_idle()
    (form,) = product.got("/status")
    assert form["CallStatus"] == "no-answer"
    assert "CallDuration" not in form


def test_a_leg_tells_of_the_events_asked_for_in_order(twin: Twin, product: Product, client: Client) -> None:
    """SequenceNumber counts a leg's callbacks from 0."""
    product.on("/leg", "<Say>Hello</Say>")
    twin.phone(ANNE, accept(), name="Anne")
    client.calls.create(
        to=ANNE,
        from_=SHOWN,
        url=f"{BASE}/leg",
        status_callback=f"{BASE}/leg-status",
        status_callback_event=EVENTS,
    )
    twin.run_until_idle()
    told = product.got("/leg-status")
    assert [form["CallStatus"] for form in told] == ["initiated", "ringing", "in-progress", "completed"]
    assert [form["SequenceNumber"] for form in told] == ["0", "1", "2", "3"]
    assert ["CallDuration" in form for form in told] == [False, False, False, True]


def test_without_events_only_the_end_is_told(twin: Twin, product: Product, client: Client) -> None:
    """The default is `completed`."""
    client.calls.create(to=ANNE, from_=SHOWN, url=f"{BASE}/leg", status_callback=f"{BASE}/leg-status", timeout=5)
    twin.run_until_idle()
    (form,) = product.got("/leg-status")
    assert form["CallStatus"] == "no-answer"
    assert "CallDuration" not in form


@pytest.mark.parametrize(("behaviour", "status"), [(busy(), "busy"), (failed(), "failed")])
def test_every_way_of_ending_counts_as_completed(
    twin: Twin, product: Product, client: Client, behaviour: object, status: str
) -> None:
    """busy, failed, no-answer and canceled come with the `completed` event."""
    twin.phone(ANNE, behaviour)  # type: ignore[arg-type]
    client.calls.create(to=ANNE, from_=SHOWN, url=f"{BASE}/leg", status_callback=f"{BASE}/leg-status")
    twin.run_until_idle()
    assert [form["CallStatus"] for form in product.got("/leg-status")] == [status]


def test_a_get_callback_has_its_parameters_in_the_query(twin: Twin, product: Product, client: Client) -> None:
    """The signature then covers the whole URL; the product fixture checks it."""
    client.calls.create(
        to=ANNE,
        from_=SHOWN,
        url=f"{BASE}/leg",
        timeout=5,
        status_callback=f"{BASE}/leg-status?a=1",
        status_callback_method="GET",
    )
    twin.run_until_idle()
    assert product.seen[-1].method == "GET"
    assert product.seen[-1].params["a"] == "1"
    assert product.seen[-1].params["CallStatus"] == "no-answer"
