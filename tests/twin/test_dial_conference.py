import pytest
from twilio.rest import Client

from helpline.twin import Rules, Twin, VirtualClock, WsgiTransport, accept, manual, scripted
from helpline.twin.handle import CallHandle
from tests.twin.product import ANNE, BASE, CALLER_NUMBER, LINE, RETRY, SHOWN, Product

ROOM = (
    '<Conference beep="false" startConferenceOnEnter="{start}" endConferenceOnExit="{end}" waitUrl="/hold">'
    "r</Conference>"
)
WAITS = f'<Dial action="/after" timeLimit="600">{ROOM.format(start="false", end="true")}</Dial>'
STARTS = f'<Dial action="/over" hangupOnStar="true" timeLimit="600">{ROOM.format(start="true", end="true")}</Dial>'


@pytest.fixture
def room(product: Product) -> Product:
    """A product whose callers wait in a conference that its legs start."""
    product.on("/voice", WAITS)
    product.on("/hold", "<Say>One moment</Say><Pause length='2'/>")
    product.on("/after", "<Say>Goodbye</Say>")
    product.on("/leg", STARTS)
    product.on("/over", "<Say>Thank you</Say>")
    return product


def ring(client: Client) -> str:
    """Create a leg to Anne."""
    return client.calls.create(to=ANNE, from_=SHOWN, url=f"{BASE}/leg", timeout=30).sid or ""


def both(twin: Twin, client: Client, **anne: object) -> CallHandle:
    """A caller who is in the room, and Anne who has come in."""
    twin.phone(ANNE, accept(after=4, talks=None).but(**anne), name="Anne")
    call = twin.dial(CALLER_NUMBER, LINE)
    ring(client)
    twin.run_for(20)
    return call


def events(call: CallHandle, who: str = "caller") -> list[str]:
    """What happened to somebody, without what they heard."""
    return [entry.event for entry in call.transcript if entry.who == who and not entry.event.startswith("hears")]


def test_who_may_not_start_it_waits(twin: Twin, room: Product) -> None:
    """Alone, the caller hears the wait document again and again; nothing has started."""
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_for(20)
    assert call.heard().count("One moment") > 3
    assert not twin.conferences["r"].started
    assert twin.violations == []


def test_it_starts_with_who_may_start_it(twin: Twin, room: Product, client: Client) -> None:
    """The wait document is cut short, and they meet."""
    call = both(twin, client)
    assert twin.conferences["r"].started
    assert [(e.who, e.text) for e in call.transcript if e.event == "meets"] == [("caller", "Anne"), ("Anne", "caller")]
    assert twin.violations == []


def test_a_star_ends_it_for_all(twin: Twin, room: Product, client: Client) -> None:
    """Whoever presses * leaves with their action; who ends the conference on leaving sends the others to theirs."""
    call = both(twin, client, star_after=5)
    twin.run_until_idle()
    assert call.heard()[-1] == "Goodbye"
    assert call.heard("Anne") == ["Thank you"]
    assert [form["DialCallStatus"] for form in (*room.got("/after"), *room.got("/over"))] == ["answered", "answered"]
    assert all("DialBridged" not in form for form in room.got("/after"))
    assert twin.conferences == {}


def test_hanging_up_ends_it_for_all(twin: Twin, room: Product, client: Client) -> None:
    """The other's action is asked, and so is that of who hung up, whose leg is over."""
    call = both(twin, client, talks=5)
    twin.run_until_idle()
    assert call.heard()[-1] == "Goodbye"
    assert [form["CallStatus"] for form in room.got("/over")] == ["completed"]


def test_the_time_limit_ends_it(twin: Twin, room: Product, client: Client) -> None:
    """As a bridge's does."""
    call = both(twin, client)
    twin.run_until_idle()
    left = [e for e in call.transcript if e.event == "leaves the conference"]
    assert {e.text for e in left} == {"time limit", "the conference ended"}


def test_nobody_else_is_sent_out_without_the_attribute(twin: Twin, room: Product, client: Client) -> None:
    """Then the one left behind is alone in a conference that goes on: what must never happen."""
    room.on("/leg", STARTS.replace('endConferenceOnExit="true"', 'endConferenceOnExit="false"'))
    call = both(twin, client, talks=5)
    twin.run_for(20)
    assert not call.over
    assert [violation.reason for violation in twin.violations] == ["alone in a conference that has started"]
    call.hang_up()


def test_alone_is_waiting_or_silence(product: Product, room: Product) -> None:
    """Whether one who may start it hears the wait document alone is a habit of the carrier's."""
    room.on("/voice", STARTS)
    heard = {}
    for lone_starter in ("waits", "starts"):
        twin = Twin(WsgiTransport(product, BASE), clock=VirtualClock(), rules=Rules(lone_starter=lone_starter))
        twin.own(LINE, f"{BASE}/voice{RETRY}")
        call = twin.dial(CALLER_NUMBER, LINE)
        twin.run_for(20)
        heard[lone_starter] = len(call.heard()), [violation.reason for violation in twin.violations]
        call.hang_up()
        twin.run_until_idle()
    assert heard["waits"][0] > 3
    assert heard["starts"] == (0, ["alone in a conference that has started"])


def test_somebody_is_fetched_out_by_rest(twin: Twin, room: Product, client: Client) -> None:
    """A redirect takes a leg from the room to another document; the Dial's action isn't asked."""
    room.on("/out", "<Say>Here you are</Say>")
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_for(5)
    client.calls(call.sid).update(url=f"{BASE}/out", method="POST")
    twin.run_until_idle()
    assert call.heard()[-1] == "Here you are"
    assert room.got("/after") == []


def test_a_key_other_than_the_star_means_nothing(twin: Twin, room: Product, client: Client) -> None:
    """Nobody listens for keys in a room; the caller's Dial doesn't heed the star either."""
    twin.phone(ANNE, scripted([(5, "1")]), name="Anne")
    call = twin.dial(CALLER_NUMBER, LINE)
    ring(client)
    twin.run_for(15)
    call.press("*")
    twin.run_for(2)
    assert events(call)[-1] == "presses"
    assert "r" in twin.conferences


@pytest.mark.parametrize("verb", ["<Gather/>", "<Hangup/>", "<Leave/>", "<Dial><Queue>q</Queue></Dial>"])
def test_what_a_wait_document_may_not_hold(twin: Twin, room: Product, verb: str) -> None:
    """The carrier's error 13238: it knows Say, Play, Pause and Redirect there."""
    room.on("/hold", verb)
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_for(3)
    assert twin.violations[0].reason.startswith("13238")
    assert not call.over


def test_a_wait_document_that_takes_no_time(twin: Twin, room: Product) -> None:
    """It would be asked for as fast as the network allows."""
    room.on("/hold", "")
    twin.dial(CALLER_NUMBER, LINE)
    twin.run_for(3)
    assert twin.violations[0].reason == "a conference's wait document takes no time"


@pytest.mark.parametrize(
    "noun",
    [
        '<Conference record="record-from-start">r</Conference>',
        "<Conference>a/b</Conference>",
        "<Conference/>",
        '<Conference statusCallback="/x">r</Conference>',
        "<Conference>r</Conference><Queue>q</Queue>",
    ],
)
def test_strictness(twin: Twin, product: Product, noun: str) -> None:
    """Recording, a nameless room, whatever we don't use, and two nouns at once are refused."""
    product.on("/voice", f'<Dial action="/after">{noun}</Dial>')
    twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert twin.violations != []


def test_a_phone_rung_by_hand_can_join(twin: Twin, room: Product, client: Client) -> None:
    """Three and more may meet: each is told to each."""
    twin.phone(ANNE, manual(), name="Anne")
    call, other = twin.dial(CALLER_NUMBER, LINE), twin.dial("+33698765433", LINE)
    ring(client)
    twin.run_for(4)
    twin.phones[ANNE].pick_up()
    twin.run_for(5)
    assert sum(entry.event == "meets" for leg in twin.legs() for entry in leg.entries) == 6
    call.hang_up()
    twin.run_until_idle()
    assert other.over
