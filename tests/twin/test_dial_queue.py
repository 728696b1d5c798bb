import pytest
from twilio.rest import Client

from helpline.twin import Rules, Twin, VirtualClock, WsgiTransport, accept, manual, silent
from helpline.twin.handle import CallHandle
from tests.twin.product import ANNE, BASE, BORIS, CALLER_NUMBER, LINE, SHOWN, Product

ASK = '<Gather action="/claim" numDigits="1" timeout="10"><Say>A caller. Press 1.</Say></Gather>'
TAKE = (
    '<Dial action="/dialled" timeout="5" hangupOnStar="true" timeLimit="600"><Queue url="/announce">room</Queue></Dial>'
)


@pytest.fixture
def line(product: Product) -> Product:
    """A product whose callers wait in one queue and whose legs take its front on a key."""
    product.on("/voice", '<Enqueue action="/after" waitUrl="/wait">room</Enqueue>')
    product.on("/wait", "<Say>Please hold</Say><Pause length='10'/>")
    product.on("/after", "<Say>Goodbye</Say>")
    product.on("/leg", ASK)
    product.on("/claim", TAKE)
    product.on("/announce", "<Say>You are being connected</Say>")
    product.on("/dialled", "<Say>Thank you</Say>")
    return product


def ring(client: Client, number: str = ANNE) -> str:
    """Create a leg to a psychologist."""
    return client.calls.create(to=number, from_=SHOWN, url=f"{BASE}/leg", timeout=30).sid or ""


def talking(twin: Twin, client: Client) -> CallHandle:
    """A call that Anne has taken and that is bridged."""
    call = twin.dial(CALLER_NUMBER, LINE)
    ring(client)
    twin.run_for(30)
    assert call.talked_to == ["Anne"]
    return call


def test_the_front_of_the_queue_is_bridged(twin: Twin, line: Product, client: Client) -> None:
    """The caller hears the announcement, then both talk until the psychologist hangs up."""
    twin.phone(ANNE, accept(talks=60), name="Anne")
    call = twin.dial(CALLER_NUMBER, LINE)
    ring(client)
    twin.run_until_idle()
    assert call.heard() == ["Please hold", "You are being connected", "Goodbye"]
    assert call.bridged_at is not None
    assert [form["QueueResult"] for form in line.got("/after")] == ["bridged"]
    assert line.got("/after")[0]["CallStatus"] == "in-progress"
    assert twin.violations == []


def test_the_announcement_names_both_legs(twin: Twin, line: Product, client: Client) -> None:
    """The Queue url runs on the caller's leg and tells who dequeues it."""
    twin.phone(ANNE, accept(talks=60), name="Anne")
    call = twin.dial(CALLER_NUMBER, LINE)
    leg = ring(client)
    twin.run_until_idle()
    asked = line.got("/announce")[0]
    assert (asked["CallSid"], asked["DequeingCallSid"]) == (call.sid, leg)
    assert asked["QueueSid"] == line.got("/after")[0]["QueueSid"]
    assert int(asked["QueueTime"]) == int(line.got("/after")[0]["QueueTime"])


def test_the_dial_action_tells_how_it_went(twin: Twin, line: Product, client: Client) -> None:
    """A bridge gives its duration and the other leg."""
    twin.phone(ANNE, accept(talks=None), name="Anne")
    call = talking(twin, client)
    started = call.bridged_at
    assert started is not None
    call.hang_up()
    twin.run_until_idle()
    told = line.got("/dialled")[0]
    assert (told["DialCallStatus"], told["DialBridged"], told["DialCallSid"]) == ("completed", "true", call.sid)
    assert int(told["DialCallDuration"]) == pytest.approx(30 - started, abs=1)
    assert told["CallStatus"] == "in-progress"
    assert (line.got("/after")[0]["QueueResult"], line.got("/after")[0]["CallStatus"]) == ("bridged", "completed")


def test_a_psychologist_who_hung_up_still_has_an_action(twin: Twin, line: Product, client: Client) -> None:
    """The Dial action is requested for a leg that is over, saying so."""
    anne = twin.phone(ANNE, accept(talks=None), name="Anne")
    call = talking(twin, client)
    anne.hang_up()
    twin.run_until_idle()
    assert line.got("/dialled")[0]["CallStatus"] == "completed"
    assert call.heard()[-1] == "Goodbye"


def test_an_empty_queue_is_waited_for(twin: Twin, line: Product, client: Client) -> None:
    """A late caller is bridged if they come before the Dial's timeout."""
    twin.phone(ANNE, accept(talks=20), name="Anne")
    twin.dial(BORIS, LINE, hang_up_after=2)  # makes the queue
    ring(client)
    twin.run_for(9)
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert call.talked_to == ["Anne"]


def test_an_empty_queue_ends_with_no_answer(twin: Twin, line: Product, client: Client) -> None:
    """After the timeout the action says that nobody was there."""
    twin.phone(ANNE, accept(), name="Anne")
    twin.dial(CALLER_NUMBER, LINE, hang_up_after=2)
    ring(client)
    start = twin.clock.now()
    twin.run_until_idle()
    told = line.got("/dialled")[0]
    assert (told["DialCallStatus"], told["DialBridged"]) == ("no-answer", "false")
    waited = next(r.at for r in twin.requests if r.kind == "dial") - start
    claimed = next(r.at for r in twin.requests if r.url.endswith("/claim")) - start
    assert waited - claimed == pytest.approx(5.05)


def test_a_deleted_queue_is_an_error_at_once(twin: Twin, line: Product, client: Client) -> None:
    """Dialling a queue that doesn't exist fails without waiting."""
    twin.phone(ANNE, accept(), name="Anne")
    ring(client)
    twin.run_until_idle()
    assert line.got("/dialled")[0]["DialCallStatus"] == "failed"


def test_the_other_reading_of_a_missing_queue(product: Product, line: Product) -> None:
    """Where the carrier waits on it as on an empty one, the answer is no-answer."""
    twin = Twin(WsgiTransport(product, BASE), clock=VirtualClock(), rules=Rules(missing_queue="wait"))
    twin.own(LINE, f"{BASE}/take")
    product.on("/take", TAKE)
    twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert line.got("/dialled")[0]["DialCallStatus"] == "no-answer"


def test_only_one_of_two_can_take_a_caller(twin: Twin, line: Product, client: Client) -> None:
    """The queue is the lock: two who press in the same instant get one caller between them."""
    twin.phone(ANNE, accept(talks=30), name="Anne")
    twin.phone(BORIS, accept(after=3.0, talks=30), name="Boris")  # a second later placed, a second sooner up
    call = twin.dial(CALLER_NUMBER, LINE)
    ring(client)
    ring(client, BORIS)
    twin.run_until_idle()
    assert len(call.talked_to) == 1
    assert sorted(form["DialBridged"] for form in line.got("/dialled")) == ["false", "true"]


def test_star_hands_the_caller_over(twin: Twin, line: Product, client: Client) -> None:
    """With hangupOnStar the psychologist's * ends the bridge, and both calls go on."""
    twin.phone(ANNE, accept(talks=None).but(star_after=15), name="Anne")
    call = twin.dial(CALLER_NUMBER, LINE)
    ring(client)
    twin.run_until_idle()
    assert call.heard()[-1] == "Goodbye"
    assert call.heard("Anne")[-1] == "Thank you"
    assert line.got("/dialled")[0]["CallStatus"] == "in-progress"


def test_the_callers_star_means_nothing(twin: Twin, line: Product, client: Client) -> None:
    """Only the leg whose Dial it is can end the bridge by a key."""
    twin.phone(ANNE, accept(talks=None), name="Anne")
    call = talking(twin, client)
    call.press("*")
    twin.run_for(30)
    assert line.got("/after") == []


def test_the_time_limit_ends_the_talk(twin: Twin, line: Product, client: Client) -> None:
    """The limit counts from the bridge."""
    twin.phone(ANNE, accept(talks=None), name="Anne")
    twin.dial(CALLER_NUMBER, LINE)
    ring(client)
    twin.run_until_idle()
    assert line.got("/dialled")[0]["DialCallDuration"] == "600"


@pytest.mark.parametrize("reading", ["bridging-in-process", "bridged", "error"])
def test_a_dialler_gone_before_the_bridge_frees_the_caller(product: Product, line: Product, reading: str) -> None:
    """The caller's Enqueue action is requested with what the rules say."""
    twin = Twin(WsgiTransport(product, BASE), clock=VirtualClock(), rules=Rules(dialler_gone=reading))  # type: ignore[arg-type]
    twin.own(LINE, f"{BASE}/voice")
    twin.own("+33187000402", f"{BASE}/take")
    product.on("/take", TAKE)
    product.on("/announce", f"<Say>{'word ' * 25}</Say>")
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_for(3)
    twin.dial(BORIS, "+33187000402", hang_up_after=5)
    twin.run_until_idle()
    assert line.got("/after")[0]["QueueResult"] == reading
    assert call.talked_to == []
    assert call.heard()[-1] == "Goodbye"


def test_a_caller_gone_before_the_bridge_frees_the_dialler(twin: Twin, line: Product, client: Client) -> None:
    """Hanging up during the announcement leaves the psychologist with no-answer."""
    line.on("/announce", f"<Say>{'word ' * 25}</Say>")
    twin.phone(ANNE, accept(), name="Anne")
    twin.dial(CALLER_NUMBER, LINE, hang_up_after=12)
    ring(client)
    twin.run_until_idle()
    assert line.got("/announce") != []
    assert (line.got("/dialled")[0]["DialCallStatus"], line.got("/dialled")[0]["DialBridged"]) == ("no-answer", "false")


def test_a_failing_announcement_does_not_cost_the_caller(twin: Twin, line: Product, client: Client) -> None:
    """The bridge is made even when the Queue url can't be had; the harness sees the violation."""
    line.on("/announce", 500)
    twin.phone(ANNE, accept(talks=10), name="Anne")
    call = twin.dial(CALLER_NUMBER, LINE)
    ring(client)
    twin.run_until_idle()
    assert call.talked_to == ["Anne"]
    assert [violation.kind for violation in twin.violations] == ["whisper"]


def test_the_wait_document_is_cut_when_the_caller_is_taken(twin: Twin, line: Product, client: Client) -> None:
    """What was being said stops in the middle."""
    line.on("/wait", f"<Say>{'word ' * 250}</Say>")
    twin.phone(ANNE, accept(talks=10), name="Anne")
    call = twin.dial(CALLER_NUMBER, LINE)
    ring(client)
    twin.run_until_idle()
    assert call.bridged_at is not None
    assert call.bridged_at < 30


def test_ending_a_talking_leg_by_rest_ends_the_bridge(twin: Twin, line: Product, client: Client) -> None:
    """`completed` hangs up one side; the other goes on with its action."""
    twin.phone(ANNE, accept(talks=None), name="Anne")
    call = twin.dial(CALLER_NUMBER, LINE)
    leg = ring(client)
    twin.run_for(30)
    client.calls(leg).update(status="completed")
    twin.run_until_idle()
    assert call.heard()[-1] == "Goodbye"


def test_redirecting_a_talking_caller_ends_the_bridge(twin: Twin, line: Product, client: Client) -> None:
    """The caller goes to the new document, the psychologist's leg to its action."""
    line.on("/new", "<Say>Elsewhere</Say>")
    twin.phone(ANNE, accept(talks=None), name="Anne")
    call = talking(twin, client)
    client.calls(call.sid).update(url=f"{BASE}/new")
    twin.run_until_idle()
    assert call.heard()[-1] == "Elsewhere"
    assert line.got("/after")[0]["QueueResult"] == "redirected-from-bridged"
    assert line.got("/dialled")[0]["CallStatus"] == "in-progress"


def test_a_dialler_who_hangs_up_while_waiting_is_told_canceled(twin: Twin, line: Product, client: Client) -> None:
    """The action aside says that nothing came of it."""
    twin.dial(CALLER_NUMBER, LINE, hang_up_after=2)
    anne = twin.phone(ANNE, accept(), name="Anne")
    ring(client)
    twin.run_for(10)
    anne.hang_up()
    twin.run_until_idle()
    assert line.got("/dialled")[0]["DialCallStatus"] == "canceled"


def test_the_same_leg_can_take_a_second_caller(twin: Twin, line: Product, client: Client) -> None:
    """After a bridge the leg's action may dial the queue again."""
    line.on("/dialled", TAKE, "<Hangup/>")
    twin.phone(ANNE, silent().but(keys=("1",)), name="Anne")
    first = twin.dial(CALLER_NUMBER, LINE, hang_up_after=30)
    second = twin.dial("+33698765433", LINE, hang_up_after=60)
    ring(client)
    twin.run_until_idle()
    assert (first.talked_to, second.talked_to) == (["Anne"], ["Anne"])
    assert twin.violations == []


def test_nobody_presses_and_the_caller_stays(twin: Twin, line: Product, client: Client) -> None:
    """A phone picked up by hand takes nobody until a key is pressed."""
    anne = twin.phone(ANNE, manual(), name="Anne")
    call = twin.dial(CALLER_NUMBER, LINE)
    ring(client)
    twin.run_for(5)
    anne.pick_up()
    twin.run_for(3)
    assert call.talked_to == []
    anne.press("1")
    twin.run_for(10)
    assert call.talked_to == ["Anne"]
