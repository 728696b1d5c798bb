import pytest
from twilio.rest import Client

from helpline.twin import CALLER, Entry, Twin, VirtualClock, WsgiTransport, accept, ignore, render
from tests.twin.product import ANNE, BASE, BORIS, CALLER_NUMBER, LINE, SHOWN, Product


@pytest.fixture
def line(product: Product) -> Product:
    """A product with a queue that Anne's leg takes callers from."""
    product.on("/voice", '<Enqueue action="/after" waitUrl="/wait">room</Enqueue>')
    product.on("/wait", '<Say language="fr-FR">Patientez</Say><Pause length="10"/>')
    product.on("/after", '<Say language="fr-FR">Au revoir</Say>')
    product.on("/leg", '<Gather action="/claim" numDigits="1"><Say>A caller</Say></Gather>')
    product.on("/claim", '<Dial action="/dialled" timeout="5"><Queue>room</Queue></Dial>')
    product.on("/dialled", "<Hangup/>")
    return product


def ring(client: Client, number: str) -> None:
    """Create a leg."""
    client.calls.create(to=number, from_=SHOWN, url=f"{BASE}/leg", timeout=10)


def test_a_calls_transcript_includes_the_legs_rung_for_it(twin: Twin, line: Product, client: Client) -> None:
    """In order of time, counted from dialling, with those who didn't answer."""
    twin.phone(ANNE, accept(talks=20), name="Anne")
    twin.phone(BORIS, ignore(), name="Boris")
    twin.run_for(100)
    call = twin.dial(CALLER_NUMBER, LINE)
    ring(client, BORIS)
    ring(client, ANNE)
    twin.run_until_idle()
    told = [(entry.who, entry.event) for entry in call.transcript]
    assert told[0] == (CALLER, "dials")
    assert {("Boris", "rings"), ("Anne", "rings"), ("Anne", "bridged"), (CALLER, "bridged")} <= set(told)
    assert [entry.at for entry in call.transcript] == sorted(entry.at for entry in call.transcript)
    assert call.transcript[0].at == 0
    assert len(call.webhooks) == twin.webhook_count


def test_the_times_of_a_call(twin: Twin, line: Product, client: Client) -> None:
    """First sound, first ring, bridge: what a promise of time is held against."""
    twin.phone(ANNE, accept(talks=20), name="Anne")
    call = twin.dial(CALLER_NUMBER, LINE)
    assert (call.first_sound, call.first_ring, call.bridged_at) == (None, None, None)
    ring(client, ANNE)
    twin.run_until_idle()
    assert call.first_sound == pytest.approx(0.1)
    assert call.first_ring == pytest.approx(1.0)
    assert call.bridged_at == pytest.approx(1 + 4 + 0.05 + 0.8 + 1 + 0.05)
    assert call.talked_to == ["Anne"]


def test_another_callers_legs_are_left_out(twin: Twin, line: Product, client: Client) -> None:
    """A leg that talked to one caller is not in another's transcript."""
    twin.phone(ANNE, accept(talks=20), name="Anne")
    first = twin.dial(CALLER_NUMBER, LINE, hang_up_after=60)
    second = twin.dial("+33698765433", LINE, hang_up_after=60)
    ring(client, ANNE)
    twin.run_until_idle()
    assert len(first.legs()) == 2
    assert len(second.legs()) == 1


def test_rendering_shows_time_person_event_and_language() -> None:
    """One line each, for people."""
    said = render([Entry(12.34, "Anne", "hears", "Bonjour", "fr-FR"), Entry(13, CALLER, "presses", "1")])
    assert said.splitlines() == [
        "   12.3  Anne           hears         [fr-FR] Bonjour",
        "   13.0  caller         presses       1",
    ]


def test_an_entry_as_json() -> None:
    """at, who, event, text; the locale where something was said."""
    assert Entry(1.239, "Anne", "rings").as_dict() == {"at": 1.24, "who": "Anne", "event": "rings", "text": ""}
    assert Entry(1, "Anne", "hears", "Dag", "nl-BE", "CA1").as_dict()["locale"] == "nl-BE"


@pytest.mark.parametrize(("seed", "same"), [(3, True), (4, False)])
def test_the_same_seed_gives_the_same_transcript(product: Product, line: Product, seed: int, same: bool) -> None:
    """To the ids; another seed has other ids and the same events."""
    seen = []
    for used in (3, seed):
        twin = Twin(WsgiTransport(product, BASE), clock=VirtualClock(), seed=used)
        twin.own(LINE, f"{BASE}/voice", f"{BASE}/status")
        call = twin.dial(CALLER_NUMBER, LINE, hang_up_after=30)
        twin.run_until_idle()
        seen.append((call.transcript, [dict(request.headers) for request in twin.requests]))
    assert (seen[0] == seen[1]) is same
    assert render(seen[0][0]) == render(seen[1][0])


def test_records_can_be_bounded_for_long_runs(product: Product) -> None:
    """`keep` limits what the harness remembers, not what the carrier does."""
    twin = Twin(WsgiTransport(product, BASE), clock=VirtualClock(), keep=3)
    twin.own(LINE, f"{BASE}/voice")
    product.on("/voice", "<Say>Hello</Say>")
    for _ in range(5):
        twin.dial(CALLER_NUMBER, LINE)
        twin.run_until_idle()
    assert (len(twin.requests), len(twin.legs()), len(twin.calls), twin.webhook_count) == (3, 3, 5, 5)
