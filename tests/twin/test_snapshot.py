import json

from twilio.rest import Client

from helpline.twin import Twin, manual
from tests.twin.product import ANNE, BASE, CALLER_NUMBER, LINE, SHOWN, Product


def test_a_snapshot_shows_who_hears_what_and_whether_a_key_is_expected(twin: Twin, product: Product) -> None:
    """Enough for a page to draw a phone and speak what it hears."""
    product.on(
        "/voice",
        '<Gather action="/x" numDigits="1"><Say voice="Polly.Lisa-Neural">Welkom bij de hulplijn</Say></Gather>',
    )
    twin.dial(CALLER_NUMBER, LINE)
    twin.run_for(0.5)
    (caller,) = twin.snapshot()["callers"]
    assert (caller["number"], caller["state"], caller["shows"]) == (CALLER_NUMBER, "connected", LINE)
    assert caller["expects_key"] is True
    assert (caller["hears"]["text"], caller["hears"]["locale"]) == ("Welkom bij de hulplijn", "nl-BE")
    assert caller["hears"]["voice"] == "Polly.Lisa-Neural"
    twin.run_for(2)
    assert twin.snapshot()["callers"][0]["hears"] is None
    json.dumps(twin.snapshot())


def test_a_snapshot_follows_a_phone(twin: Twin, client: Client) -> None:
    """idle, ringing, connected, idle."""
    anne = twin.phone(ANNE, manual(), name="Anne")
    states = [twin.snapshot()["phones"][0]["state"]]
    client.calls.create(to=ANNE, from_=SHOWN, twiml="<Response><Pause length='5'/></Response>")
    twin.run_for(2)
    states.append(twin.snapshot()["phones"][0]["state"])
    anne.pick_up()
    twin.run_for(2)
    states.append(twin.snapshot()["phones"][0]["state"])
    twin.run_until_idle()
    states.append(twin.snapshot()["phones"][0]["state"])
    assert states == ["idle", "ringing", "connected", "idle"]


def test_the_sequence_number_grows_with_changes_only(twin: Twin, product: Product) -> None:
    """A page waits for the next change, and is told when there is none."""
    product.on("/voice", "<Say>Hello</Say>")
    before = twin.snapshot()["seq"]
    assert not twin.wait_for_change(before, 0.01)
    twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert twin.wait_for_change(before, 0.01)
    assert twin.snapshot()["seq"] > before


def test_a_waiting_caller_is_shown_as_queued(twin: Twin, product: Product) -> None:
    """The page can say that somebody waits."""
    product.on("/voice", f'<Enqueue waitUrl="{BASE}/wait">room</Enqueue>')
    product.on("/wait", "<Pause length='10'/>")
    twin.dial(CALLER_NUMBER, LINE)
    twin.run_for(3)
    assert twin.snapshot()["callers"][0]["queued"] is True
