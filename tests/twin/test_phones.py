import pytest
from twilio.rest import Client

from helpline.twin import HANG_UP, Twin, accept, decline, ignore, manual, reject, scripted, silent, voicemail
from tests.twin.product import ANNE, BASE, CALLER_NUMBER, LINE, SHOWN, Product

WHISPER = "France helpline, a caller in French. One to take the call, two to pass."
ASK = f'<Gather action="/claim" numDigits="1" timeout="10"><Say>{WHISPER}</Say><Say>{WHISPER}</Say></Gather>'


@pytest.fixture
def line(product: Product) -> Product:
    """A product whose legs ask for a key."""
    product.on("/leg", ASK)
    product.on("/claim", "<Say>Thank you</Say>")
    return product


def ring(client: Client) -> None:
    """Create a leg to Anne."""
    client.calls.create(to=ANNE, from_=SHOWN, url=f"{BASE}/leg", timeout=30)


def events(twin: Twin) -> list[tuple[float, str, str]]:
    """What happened at Anne's phone, to the tenth of a second."""
    return [(round(entry.at, 1), entry.event, entry.text) for entry in twin.legs()[0].entries]


def test_accepting_hears_the_whisper_out_then_presses(twin: Twin, line: Product, client: Client) -> None:
    """A psychologist listens to the first sentence, thinks a second, and presses 1."""
    twin.phone(ANNE, accept(after=5), name="Anne")
    ring(client)
    twin.run_until_idle()
    happened = events(twin)
    assert [event for _, event, _ in happened[:5]] == ["rings", "picks up", "hears", "hears", "presses"]
    assert happened[1][0] - happened[0][0] == 5
    assert happened[4][0] == pytest.approx(happened[3][0] + 1, abs=0.1)
    assert line.got("/claim")[0]["Digits"] == "1"


def test_declining_presses_two(twin: Twin, line: Product, client: Client) -> None:
    """The other key."""
    twin.phone(ANNE, decline())
    ring(client)
    twin.run_until_idle()
    assert line.got("/claim")[0]["Digits"] == "2"


def test_a_voicemail_greets_presses_nothing_and_hangs_up(twin: Twin, line: Product, client: Client) -> None:
    """It picks up late and talks over the whisper."""
    line.on("/leg", ASK, "<Hangup/>")
    twin.phone(ANNE, voicemail(after=17, lasts=15))
    ring(client)
    twin.run_until_idle()
    happened = [event for _, event, _ in events(twin)]
    assert (18.0, "picks up", "") in events(twin)
    assert (33.0, "hangs up", "") in events(twin)
    assert "says" in happened
    assert "presses" not in happened
    assert line.got("/claim") == []


def test_a_phone_nobody_put_there_rings_out(twin: Twin, client: Client) -> None:
    """An unknown number is ignored, not an error."""
    ring(client)
    twin.run_until_idle()
    assert twin.legs()[0].status == "no-answer"


def test_rejecting_is_busy(twin: Twin, client: Client) -> None:
    """Refusing a call that rings ends it at once."""
    twin.phone(ANNE, reject(after=3))
    ring(client)
    twin.run_until_idle()
    assert twin.legs()[0].status == "busy"
    assert events(twin)[1] == (4.0, "refuses", "")


def test_behaviours_serve_one_call_each_and_the_last_for_ever(twin: Twin, line: Product, client: Client) -> None:
    """Somebody may sleep through the first ring and take the second."""
    twin.phone(ANNE, ignore(), accept())
    for _ in range(3):
        ring(client)
        twin.run_until_idle()
    assert [leg.status for leg in twin.legs()] == ["no-answer", "completed", "completed"]


def test_a_behaviour_can_be_changed(twin: Twin, line: Product, client: Client) -> None:
    """From the next call on."""
    anne = twin.phone(ANNE, ignore())
    anne.behave(decline())
    ring(client)
    twin.run_until_idle()
    assert line.got("/claim")[0]["Digits"] == "2"


def test_a_script_is_followed_come_what_may(twin: Twin, line: Product, client: Client) -> None:
    """Seconds after picking up."""
    twin.phone(ANNE, scripted([(2, "5"), (20, HANG_UP)], after=1))
    line.on("/claim", "<Pause length='60'/>")
    ring(client)
    twin.run_until_idle()
    assert line.got("/claim")[0]["Digits"] == "5"
    assert events(twin)[-2] == (22.0, "hangs up", "")


def test_a_phone_worked_by_hand(twin: Twin, line: Product, client: Client) -> None:
    """Pick up, press, hang up: as a person at the demo page does."""
    anne = twin.phone(ANNE, manual())
    ring(client)
    twin.run_for(3)
    anne.pick_up()
    twin.run_for(1)
    anne.press("1")
    twin.run_for(0.2)
    anne.hang_up()
    twin.run_until_idle()
    assert [event for _, event, _ in events(twin)] == [
        "rings",
        "picks up",
        "hears",
        "presses",
        "hears",
        "hangs up",
        "call ends",
    ]


def test_working_an_idle_phone_does_nothing(twin: Twin) -> None:
    """Keys and buttons without a call are harmless; what isn't a key is refused."""
    anne = twin.phone(ANNE, manual())
    anne.pick_up()
    anne.press("1")
    anne.hang_up()
    twin.run_until_idle()
    with pytest.raises(ValueError, match="not a key"):
        anne.press("a")


def test_a_phone_in_a_call_is_busy_and_the_harness_is_told(twin: Twin, line: Product, client: Client) -> None:
    """A second call must not beep into a conversation."""
    line.on("/leg", "<Pause length='60'/>")
    twin.phone(ANNE, silent(after=1))
    ring(client)
    twin.run_for(5)
    ring(client)
    twin.run_until_idle()
    assert [leg.status for leg in twin.legs()] == ["completed", "busy"]
    assert twin.busy_rings == 1
    assert twin.phones[ANNE].rung == 2


def test_a_second_ring_does_not_disturb_the_first(twin: Twin, line: Product, client: Client) -> None:
    """The refused call leaves the ringing phone as it was."""
    twin.phone(ANNE, accept(after=10))
    ring(client)
    ring(client)
    twin.run_until_idle()
    assert [leg.status for leg in twin.legs()] == ["completed", "busy"]


def test_dialling_a_number_that_is_no_line_is_an_error(twin: Twin) -> None:
    """A test that dials nowhere is wrong."""
    with pytest.raises(ValueError, match="own"):
        twin.dial(CALLER_NUMBER, SHOWN)


def test_a_caller_presses_while_being_spoken_to(twin: Twin, product: Product) -> None:
    """A second after the speech begins, without hearing it out."""
    product.on("/voice", f'<Gather action="/claim" numDigits="1"><Say>{WHISPER}</Say></Gather>')
    product.on("/claim", "<Hangup/>")
    call = twin.dial(CALLER_NUMBER, LINE, keys="2")
    twin.run_until_idle()
    assert next(e.at for e in call.transcript if e.event == "presses") == pytest.approx(1.05)
