import threading
from collections.abc import Iterator

import pytest
from twilio.rest import Client

from helpline.twin import RealClock, Twin, WsgiTransport, accept, manual, serve
from tests.twin.product import ANNE, BASE, CALLER_NUMBER, LINE, RETRY, SHOWN, Product

PATIENCE = 60.0


@pytest.fixture
def line(product: Product) -> Product:
    """A product with a queue and a leg that takes its front; the first wait request rings Anne."""
    product.on("/voice", '<Enqueue action="/after" waitUrl="/wait">room</Enqueue>')
    product.on("/wait", '<Say language="fr-FR">Patientez</Say><Pause length="10"/>')
    product.on("/after", '<Say language="fr-FR">Au revoir</Say>')
    product.on("/leg", '<Gather action="/claim" numDigits="1" timeout="60"><Say>A caller</Say></Gather>')
    product.on("/claim", '<Dial action="/dialled" timeout="5"><Queue>room</Queue></Dial>')
    product.on("/dialled", "<Hangup/>")
    return product


@pytest.fixture
def twin(product: Product) -> Iterator[Twin]:
    """A twin on real time, forty times as fast."""
    twin = Twin(WsgiTransport(product, BASE), clock=RealClock(speed=40))
    twin.own(LINE, f"{BASE}/voice", f"{BASE}/status")
    twin.own(SHOWN)
    twin.start()
    yield twin
    twin.stop()


@pytest.fixture
def client(twin: Twin) -> Iterator[Client]:
    """The carrier's own client."""
    with serve(twin.rest) as base_url:
        client = Client(twin.account_sid, twin.auth_token)
        client.api.base_url = base_url
        client.http_client.timeout = 5
        yield client
        client.http_client.session.close()


def until(twin: Twin, number: str, **wanted: object) -> dict[str, object]:
    """Wait until a phone is seen like this; all that the page sees of it then."""
    deadline = threading.Event()
    timer = threading.Timer(PATIENCE, deadline.set)
    timer.start()
    try:
        while not deadline.is_set():
            seen = twin.snapshot()
            for phone in seen["phones"] + seen["callers"]:
                if phone.items() >= {"number": number, **wanted}.items():
                    return dict(phone)
            twin.wait_for_change(seen["seq"], 1.0)
    finally:
        timer.cancel()
    raise AssertionError(f"{number} never was {wanted}: {twin.snapshot()}")


def test_a_whole_call_by_itself(twin: Twin, line: Product, client: Client) -> None:
    """Ring, accept, talk, hang up, goodbye: on threads, in a second or two."""
    twin.phone(ANNE, accept(after=2, talks=10), name="Anne")
    call = twin.dial(CALLER_NUMBER, LINE)
    client.calls.create(to=ANNE, from_=SHOWN, url=f"{BASE}/leg")
    assert call.wait_until_over(PATIENCE)
    assert call.talked_to == ["Anne"]
    assert call.heard()[-1] == "Au revoir"
    assert twin.violations == []


def test_a_whole_call_by_hand(twin: Twin, line: Product, client: Client) -> None:
    """As a person at the demo page: every button from another thread than the twin's."""
    anne = twin.phone(ANNE, manual(), name="Anne")
    call = twin.dial(CALLER_NUMBER, LINE)
    client.calls.create(to=ANNE, from_=SHOWN, url=f"{BASE}/leg", timeout=300)
    assert until(twin, ANNE, state="ringing")["shows"] == SHOWN
    anne.pick_up()
    until(twin, ANNE, state="connected", expects_key=True)
    anne.press("1")
    assert until(twin, CALLER_NUMBER, state="talking")["with"] == "Anne"
    assert until(twin, ANNE, state="talking")["with"] == "caller"
    anne.hang_up()
    until(twin, ANNE, state="idle")
    assert call.wait_until_over(PATIENCE)
    assert twin.violations == []


def test_many_calls_at_once(twin: Twin, line: Product) -> None:
    """Callers on real time don't disturb each other."""
    told = threading.Semaphore(0)

    def final_status(_form: dict[str, str]) -> int:
        told.release()
        return 204

    line.on("/status", final_status)
    calls = [twin.dial(f"+3369876{number:04d}", LINE, hang_up_after=15) for number in range(40)]
    assert all(call.wait_until_over(PATIENCE) for call in calls)
    assert all(told.acquire(timeout=PATIENCE) for _ in calls)
    assert twin.violations == []


def test_a_retry_has_its_time_on_a_fast_clock(twin: Twin, line: Product) -> None:
    """A URL's limits are real seconds: half a second lost is twenty of this clock, and not beyond `tt=5000`."""
    tried = threading.Semaphore(0)

    def slow(_form: dict[str, str]) -> int:
        tried.release()
        threading.Event().wait(0.5)
        return 503

    line.on("/voice", slow)
    twin.own(LINE, f"{BASE}/voice{RETRY}")
    assert twin.dial(CALLER_NUMBER, LINE).wait_until_over(PATIENCE)
    assert [tried.acquire(timeout=PATIENCE) for _ in range(2)] == [True, True]
