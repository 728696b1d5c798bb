import pytest

from helpline.twin import (
    Behaviour,
    Rules,
    Twin,
    VirtualClock,
    WsgiTransport,
    accept,
    busy,
    decline,
    failed,
    ignore,
    reject,
    silent,
    voicemail,
)
from tests.twin.product import ANNE, BASE, BORIS, CALLER_NUMBER, LINE, SHOWN, Product

SCREEN = '<Gather action="/screened" numDigits="1" timeout="8"><Say>A caller. Press 1.</Say></Gather><Hangup/>'


def dial(*numbers: str, attributes: str = "", screen: str = 'url="/screen"') -> str:
    """A Dial as the product writes it."""
    nouns = "".join(f"<Number {screen}>{number}</Number>" for number in numbers)
    return f'<Dial action="/dialled" timeout="20" callerId="{SHOWN}" {attributes}>{nouns}</Dial>'


@pytest.fixture
def line(product: Product) -> Product:
    """A product that dials Anne by TwiML and screens whoever picks up."""
    product.on("/voice", f"<Say>One moment</Say>{dial(ANNE)}")
    product.on("/screen", SCREEN)
    product.on("/screened", lambda form: "" if form["Digits"] == "1" else "<Hangup/>")
    product.on("/dialled", "<Say>Goodbye</Say>")
    return product


@pytest.mark.parametrize(
    ("behaviour", "status", "bridged"),
    [
        (accept(talks=30), "completed", "true"),
        (decline(), "completed", "false"),
        (voicemail(), "completed", "false"),
        (ignore(), "no-answer", "false"),
        (busy(), "busy", "false"),
        (reject(), "busy", "false"),
        (failed(), "failed", "false"),
        (silent(), "completed", "false"),
        (silent(hang_up_after=3), "completed", "false"),
    ],
)
def test_what_the_action_is_told(twin: Twin, line: Product, behaviour: Behaviour, status: str, bridged: str) -> None:
    """Connected means DialBridged=true: a voicemail is `completed` too, and bridges nobody."""
    twin.phone(ANNE, behaviour, name="Anne")
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    told = line.got("/dialled")[0]
    assert (told["DialCallStatus"], told["DialBridged"]) == (status, bridged)
    assert call.talked_to == (["Anne"] if bridged == "true" else [])
    assert twin.violations == []


def test_a_phone_rings_five_seconds_longer_than_asked(twin: Twin, line: Product) -> None:
    """The carrier adds them, and a promise of time must count them."""
    twin.phone(ANNE, ignore(), name="Anne")
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    rang = next(e.at for e in call.transcript if e.event == "rings")
    ended = next(e.at for e in call.transcript if e.who == "Anne" and e.event == "call ends")
    assert ended - rang == pytest.approx(25)


def test_the_screening_document_runs_on_the_called_leg(twin: Twin, line: Product) -> None:
    """Its request carries the child's and the parent's ids, and shows the caller id."""
    twin.phone(ANNE, accept(talks=5), name="Anne")
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    asked = line.got("/screen")[0]
    assert asked["ParentCallSid"] == call.sid
    assert (asked["From"], asked["To"], asked["Direction"]) == (SHOWN, ANNE, "outbound-dial")
    assert call.heard("Anne") == ["A caller. Press 1."]
    assert line.got("/dialled")[0]["DialCallSid"] == asked["CallSid"]


def test_without_screening_a_voicemail_takes_the_call(twin: Twin, line: Product) -> None:
    """Whoever picks up is bridged: why a Number always has a url."""
    line.on("/voice", dial(ANNE, screen=""))
    twin.phone(ANNE, voicemail(), name="Anne")
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert call.talked_to == ["Anne"]


def test_a_screening_document_that_just_ends_bridges(twin: Twin, line: Product) -> None:
    """Without a Hangup silence accepts, as at the carrier."""
    line.on("/screen", "<Say>A caller</Say>")
    twin.phone(ANNE, silent(hang_up_after=30), name="Anne")
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert call.talked_to == ["Anne"]


def test_a_screening_document_that_fails_bridges_nobody(twin: Twin, line: Product) -> None:
    """The leg ends, and the action says failed."""
    line.on("/screen", 500)
    twin.phone(ANNE, accept(), name="Anne")
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert line.got("/dialled")[0]["DialCallStatus"] == "failed"
    assert call.talked_to == []


def test_of_several_numbers_the_first_to_pick_up_wins(twin: Twin, line: Product) -> None:
    """The others stop ringing at once, even when the winner is a machine."""
    line.on("/voice", dial(ANNE, BORIS))
    twin.phone(ANNE, accept(after=10), name="Anne")
    twin.phone(BORIS, voicemail(after=5), name="Boris")
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert call.talked_to == []
    assert line.got("/dialled")[0]["DialBridged"] == "false"
    assert "picks up" not in [e.event for e in call.transcript if e.who == "Anne"]


def test_sequential_numbers_ring_one_after_another(twin: Twin, line: Product) -> None:
    """The second rings when the first has rung out."""
    line.on("/voice", dial(ANNE, BORIS, attributes='sequential="true"'))
    twin.phone(ANNE, ignore(), name="Anne")
    twin.phone(BORIS, accept(talks=5), name="Boris")
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    rings = [(e.who, round(e.at)) for e in call.transcript if e.event == "rings"]
    assert [who for who, _ in rings] == ["Anne", "Boris"]
    assert rings[1][1] - rings[0][1] == 26
    assert call.talked_to == ["Boris"]


def test_all_numbers_failing_gives_one_status(twin: Twin, line: Product) -> None:
    """no-answer outweighs busy, which outweighs failed."""
    line.on("/voice", dial(ANNE, BORIS))
    twin.phone(ANNE, busy(), name="Anne")
    twin.phone(BORIS, failed(), name="Boris")
    twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert line.got("/dialled")[0]["DialCallStatus"] == "busy"


def test_a_caller_who_hangs_up_stops_the_ringing(twin: Twin, line: Product) -> None:
    """The phone called falls silent, and the action aside says canceled."""
    twin.phone(ANNE, ignore(), name="Anne")
    call = twin.dial(CALLER_NUMBER, LINE, hang_up_after=8)
    twin.run_until_idle()
    assert line.got("/dialled")[0]["DialCallStatus"] == "canceled"
    assert ("Anne", "canceled") in [(e.who, e.text) for e in call.transcript if e.event == "call ends"]


def test_a_caller_who_hangs_up_during_screening_ends_it(twin: Twin, line: Product) -> None:
    """Nobody is left listening to a whisper about a caller who is gone."""
    twin.phone(ANNE, silent(after=2), name="Anne")
    call = twin.dial(CALLER_NUMBER, LINE, hang_up_after=6)
    twin.run_until_idle()
    ended = [round(e.at) for e in call.transcript if e.event == "call ends"]
    assert ended == [6, 6]


def test_the_callee_hanging_up_lets_the_caller_go_on(twin: Twin, line: Product) -> None:
    """The action's document is what the caller hears next."""
    twin.phone(ANNE, accept(talks=20), name="Anne")
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert call.heard()[-1] == "Goodbye"
    assert line.got("/dialled")[0]["DialCallDuration"] == "20"


def test_the_callers_hanging_up_ends_the_callees_leg(twin: Twin, line: Product) -> None:
    """Both legs end together."""
    twin.phone(ANNE, accept(talks=None), name="Anne")
    call = twin.dial(CALLER_NUMBER, LINE, talks=20)
    twin.run_until_idle()
    assert [leg.status for leg in call.legs()] == ["completed", "completed"]
    assert line.got("/dialled")[0]["CallStatus"] == "completed"


def test_answer_on_bridge_keeps_an_unanswered_call_ringing(twin: Twin, line: Product) -> None:
    """A call whose first verb is such a Dial is answered only when it is bridged."""
    line.on("/voice", dial(ANNE, attributes='answerOnBridge="true"'))
    twin.phone(ANNE, accept(talks=10), name="Anne")
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_for(5)
    assert call.status == "ringing"
    twin.run_until_idle()
    assert call.call.duration == pytest.approx(12, abs=2)


def test_status_callbacks_of_a_number(twin: Twin, line: Product) -> None:
    """A Number's own callbacks tell of the events asked for."""
    screen = 'url="/screen" statusCallback="/leg" statusCallbackEvent="ringing answered completed"'
    line.on("/voice", dial(ANNE, screen=screen))
    twin.phone(ANNE, accept(talks=10), name="Anne")
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert [form["CallStatus"] for form in line.got("/leg")] == ["ringing", "in-progress", "completed"]
    assert {form["ParentCallSid"] for form in line.got("/leg")} == {call.sid}


def test_without_an_action_the_next_verb_follows(twin: Twin, line: Product) -> None:
    """A Dial without action falls through."""
    line.on("/voice", f'<Dial callerId="{SHOWN}"><Number>{ANNE}</Number></Dial><Say>Next</Say>')
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert call.heard() == ["Next"]


def test_the_action_after_a_hang_up_can_be_switched_off(product: Product, line: Product) -> None:
    """The product must not depend on a last request that may not come."""
    twin = Twin(WsgiTransport(product, BASE), clock=VirtualClock(), rules=Rules(action_after_hangup=False))
    twin.own(LINE, f"{BASE}/voice")
    twin.own(SHOWN)
    twin.dial(CALLER_NUMBER, LINE, hang_up_after=8)
    twin.run_until_idle()
    assert line.got("/dialled") == []
