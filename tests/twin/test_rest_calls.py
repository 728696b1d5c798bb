import datetime as dt

import pytest
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from helpline.twin import Rules, Twin, VirtualClock, WsgiTransport, accept, ignore, serve, silent
from helpline.twin.placing import Refused
from tests.twin.product import ANNE, BASE, BORIS, CALLER_NUMBER, LINE, SHOWN, Product

LEG = f"{BASE}/leg"


def refusal(client: Client, **changes: object) -> TwilioRestException:
    """The error a creation with these parameters meets."""
    order: dict[str, object] = {"to": ANNE, "from_": SHOWN, "url": LEG} | changes
    with pytest.raises(TwilioRestException) as caught:
        client.calls.create(**order)
    return caught.value


def test_a_created_call_is_queued_then_rings_then_runs_its_document(
    twin: Twin, product: Product, client: Client
) -> None:
    """The real client reads every state of a leg."""
    product.on("/leg", "<Say>Hello</Say>")
    twin.phone(ANNE, accept(after=5), name="Anne")
    sid = client.calls.create(to=ANNE, from_=SHOWN, url=LEG).sid or ""
    states = [client.calls(sid).fetch().status]
    for seconds in (2, 4.5, 5):
        twin.run_for(seconds)
        states.append(client.calls(sid).fetch().status)
    assert states == ["queued", "ringing", "in-progress", "completed"]
    fetched = client.calls(sid).fetch()
    assert (fetched.to, fetched._from, fetched.direction, fetched.duration) == (ANNE, SHOWN, "outbound-api", "1")
    assert fetched.end_time is not None


def test_an_inline_document_needs_no_webhook(twin: Twin, product: Product, client: Client) -> None:
    """`Twiml` is run as it stands."""
    twin.phone(ANNE, accept(), name="Anne")
    client.calls.create(to=ANNE, from_=SHOWN, twiml="<Response><Say>Hello</Say></Response>")
    twin.run_until_idle()
    assert product.seen == []
    assert twin.legs()[0].status == "completed"


def test_timeout_is_exact(twin: Twin, client: Client) -> None:
    """A REST call rings as long as asked, without the carrier's extra seconds."""
    twin.phone(ANNE, ignore(), name="Anne")
    client.calls.create(to=ANNE, from_=SHOWN, url=LEG, timeout=20)
    twin.run_until_idle()
    leg = twin.legs()[0]
    assert leg.status == "no-answer"
    assert leg.entries[-1].at - leg.entries[0].at == pytest.approx(20)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to": "0612345678"}, 21211),
        ({"to": "+33826000401"}, 13224),
        ({"from_": "anonymous"}, 21212),
        ({"from_": LINE}, 21212),
        ({"from_": "+33187999999"}, 21210),
        ({"url": "/leg"}, 21205),
        ({"url": f"{LEG}#ct=1"}, 21205),
        ({"status_callback": "nowhere"}, 21205),
        ({"status_callback_event": ["started"]}, 21626),
        ({"timeout": 601}, 20001),
        ({"method": "PUT"}, 20001),
        ({"record": True}, 20001),
        ({"machine_detection": "Enable"}, 20001),
        ({"twiml": "<Response/>"}, 21218),
    ],
)
def test_a_wrong_creation_is_refused_and_a_violation(
    twin: Twin, client: Client, changes: dict[str, object], code: int
) -> None:
    """The client raises the carrier's error, and the harness can see that the product asked for it."""
    error = refusal(client, **changes)
    assert (error.status, error.code) == (400, code)
    assert [violation.kind for violation in twin.violations] == ["rest"]
    assert twin.legs() == []


@pytest.mark.parametrize("needed", ["to", "from_"])
def test_the_numbers_must_be_given(client: Client, needed: str) -> None:
    """An empty To or From is no call."""
    assert refusal(client, **{needed: ""}).status == 400


def test_a_call_without_a_document_is_refused(client: Client) -> None:
    """Neither Url nor Twiml: nothing to do when somebody picks up."""
    with pytest.raises(TwilioRestException) as caught:
        client.calls.create(to=ANNE, from_=SHOWN)
    assert caught.value.code == 21205


def test_wrong_credentials_are_refused(twin: Twin) -> None:
    """The API asks who is there."""
    with serve(twin.rest) as base_url:
        stranger = Client(twin.account_sid, "wrong")
        stranger.api.base_url = base_url
        with pytest.raises(TwilioRestException) as caught:
            stranger.calls.create(to=ANNE, from_=SHOWN, url=LEG)
        stranger.http_client.session.close()
    assert (caught.value.status, caught.value.code) == (401, 20003)


def test_a_key_signs_in_beside_the_account(twin: Twin) -> None:
    """`Client(key, secret, account)` is how a product signs in for real."""
    twin.api_key("SK1", "secret")
    with serve(twin.rest) as base_url:
        keyed = Client("SK1", "secret", twin.account_sid)
        keyed.api.base_url = base_url
        assert keyed.calls.list() == []
        keyed.http_client.session.close()


def test_an_unknown_call_is_not_found(client: Client) -> None:
    """404, with the carrier's code."""
    with pytest.raises(TwilioRestException) as caught:
        client.calls("CA0").fetch()
    assert (caught.value.status, caught.value.code) == (404, 20404)


def test_creations_beyond_the_rate_are_queued(twin: Twin, client: Client) -> None:
    """One call a second leaves the carrier; the others wait, they are not refused."""
    for number in (ANNE, BORIS, "+33612345670"):
        client.calls.create(to=number, from_=SHOWN, url=LEG, timeout=5)
    twin.run_for(1.5)
    assert [leg.status for leg in twin.legs()] == ["ringing", "queued", "queued"]
    twin.run_until_idle()
    rang = [leg.entries[0].at for leg in twin.legs()]
    assert rang == pytest.approx([1.0, 2.0, 3.0])


def test_an_account_may_refuse_excess_instead(product: Product) -> None:
    """In 429 mode the second creation within a second fails."""
    twin = Twin(WsgiTransport(product, BASE), clock=VirtualClock(), rules=Rules(excess_creations="429"))
    twin.own(SHOWN)
    twin.rest.testing = True
    with serve(twin.rest) as base_url:
        client = Client(twin.account_sid, twin.auth_token)
        client.api.base_url = base_url
        client.calls.create(to=ANNE, from_=SHOWN, url=LEG)
        assert refusal(client).status == 429
        client.http_client.session.close()
    assert twin.violations == []


@pytest.mark.parametrize("status", ["canceled", "completed"])
def test_a_queued_call_can_be_stopped_before_it_rings(twin: Twin, client: Client, status: str) -> None:
    """Nobody is rung at night for a caller who left."""
    twin.phone(ANNE, accept(), name="Anne")
    sid = client.calls.create(to=ANNE, from_=SHOWN, url=LEG).sid or ""
    client.calls(sid).update(status=status)
    twin.run_until_idle()
    assert twin.legs()[0].status == "canceled"
    assert twin.phones[ANNE].rung == 0


@pytest.mark.parametrize("status", ["canceled", "completed"])
def test_a_ringing_call_can_be_stopped(twin: Twin, product: Product, client: Client, status: str) -> None:
    """The phone falls silent, and the callback says canceled."""
    twin.phone(ANNE, ignore(), name="Anne")
    sid = client.calls.create(to=ANNE, from_=SHOWN, url=LEG, status_callback=f"{BASE}/leg-status").sid or ""
    twin.run_for(5)
    client.calls(sid).update(status=status)
    twin.run_until_idle()
    assert [form["CallStatus"] for form in product.got("/leg-status")] == ["canceled"]
    assert twin.phones[ANNE].call is None


def test_canceled_does_not_touch_an_answered_leg(twin: Twin, product: Product, client: Client) -> None:
    """Only `completed` ends it."""
    product.on("/leg", "<Pause length='60'/>")
    twin.phone(ANNE, silent(), name="Anne")
    sid = client.calls.create(to=ANNE, from_=SHOWN, url=LEG).sid or ""
    twin.run_for(10)
    client.calls(sid).update(status="canceled")
    twin.run_for(1)
    assert client.calls(sid).fetch().status == "in-progress"
    client.calls(sid).update(status="completed")
    twin.run_for(1)
    assert client.calls(sid).fetch().status == "completed"


def test_what_a_completed_ringing_leg_becomes_is_a_rule(product: Product) -> None:
    """One of the things to observe on a real account."""
    twin = Twin(WsgiTransport(product, BASE), clock=VirtualClock(), rules=Rules(completed_on_ringing="no-answer"))
    twin.own(SHOWN)
    with serve(twin.rest) as base_url:
        client = Client(twin.account_sid, twin.auth_token)
        client.api.base_url = base_url
        sid = client.calls.create(to=ANNE, from_=SHOWN, url=LEG).sid or ""
        twin.run_for(5)
        client.calls(sid).update(status="completed")
        twin.run_until_idle()
        client.http_client.session.close()
    assert twin.legs()[0].status == "no-answer"


def test_changing_a_call_that_is_over_is_refused_but_no_violation(twin: Twin, client: Client) -> None:
    """A race the product can lose: error 21220."""
    sid = client.calls.create(to=ANNE, from_=SHOWN, url=LEG, timeout=2).sid or ""
    twin.run_until_idle()
    with pytest.raises(TwilioRestException) as caught:
        client.calls(sid).update(status="completed")
    assert (caught.value.status, caught.value.code) == (400, 21220)
    assert twin.violations == []


def test_redirecting_a_ringing_call_is_refused(twin: Twin, client: Client) -> None:
    """There is nobody to hear the new document."""
    sid = client.calls.create(to=ANNE, from_=SHOWN, url=LEG).sid or ""
    twin.run_for(3)
    with pytest.raises(TwilioRestException) as caught:
        client.calls(sid).update(url=f"{BASE}/new")
    assert caught.value.code == 21220


def test_a_talking_call_is_redirected_at_once(twin: Twin, product: Product, client: Client) -> None:
    """What was being said is cut; inline documents work too."""
    product.on("/voice", "<Say loop='0'>Hold</Say>")
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_for(3)
    client.calls(call.sid).update(twiml="<Response><Say>Elsewhere</Say></Response>")
    twin.run_until_idle()
    assert call.heard() == ["Hold", "Elsewhere"]
    assert call.call.duration < 5


def test_a_time_limit_ends_a_created_call(twin: Twin, product: Product, client: Client) -> None:
    """TimeLimit counts from the creation."""
    product.on("/leg", "<Pause length='600'/>")
    twin.phone(ANNE, silent(), name="Anne")
    client.calls.create(to=ANNE, from_=SHOWN, url=LEG, time_limit=30)
    twin.run_until_idle()
    assert twin.legs()[0].duration == 25


def test_a_legs_own_fallback(twin: Twin, product: Product, client: Client) -> None:
    """FallbackUrl serves the leg whose document fails."""
    product.on("/leg", 500)
    product.on("/fallback", "<Say>Sorry</Say>")
    twin.phone(ANNE, silent(), name="Anne")
    client.calls.create(to=ANNE, from_=SHOWN, url=LEG, fallback_url=f"{BASE}/fallback")
    twin.run_until_idle()
    assert "Sorry" in [entry.text for entry in twin.legs()[0].entries]


def test_calls_are_listed_by_status_time_and_number(twin: Twin, product: Product, client: Client) -> None:
    """Reconciliation asks for what ended in a window."""
    product.on("/voice", "<Say>Hello</Say>")
    began = dt.datetime.fromtimestamp(twin.clock.now(), dt.UTC)
    for minute in range(3):
        twin.dial(f"+3369876540{minute}", LINE)
        twin.run_for(60)
    twin.dial(CALLER_NUMBER, LINE)
    assert len(client.calls.list()) == 4
    assert len(client.calls.list(status="completed")) == 3
    assert [call._from for call in client.calls.list(from_=CALLER_NUMBER)] == [CALLER_NUMBER]
    later = client.calls.list(start_time_after=began + dt.timedelta(seconds=30), status="completed")
    assert [call._from for call in later] == ["+33698765402", "+33698765401"]
    assert len(client.calls.list(end_time_before=began + dt.timedelta(seconds=90))) == 2
    assert client.calls.list(start_time_before=began.date() - dt.timedelta(days=1)) == []


def test_long_lists_come_in_pages(twin: Twin, client: Client) -> None:
    """The client follows the pages to the end."""
    for number in range(7):
        client.calls.create(to=f"+3361234500{number}", from_=SHOWN, url=LEG)
    assert len(client.calls.list(page_size=3)) == 7
    assert len(client.calls.list(limit=2)) == 2
    assert {call.sid for call in client.calls.stream(page_size=2)} == set(twin.calls)


def test_an_unknown_filter_is_refused(client: Client) -> None:
    """A list with a wrong status is an error, not an empty list."""
    with pytest.raises(TwilioException):
        client.calls.list(status="asleep")


def test_placing_is_strict_without_http_too(twin: Twin) -> None:
    """The rule lives below the routes."""
    call = twin.dial(CALLER_NUMBER, LINE)
    with pytest.raises(Refused):
        twin.placing.delete(call.call)
