"""A product, a twin on a virtual clock, and the real client of the carrier's REST API."""

from collections.abc import Iterator

import pytest
from twilio.rest import Client

from helpline.twin import Twin, VirtualClock, WsgiTransport, serve
from tests.twin.product import BASE, LINE, RETRY, SHOWN, Product


@pytest.fixture
def product() -> Iterator[Product]:
    """A product; whatever the test does, each request it gets must be rightly signed."""
    product = Product()
    yield product
    assert product.unsigned == []


@pytest.fixture
def twin(product: Product) -> Twin:
    """A twin with one line and one caller id."""
    twin = Twin(WsgiTransport(product, BASE), clock=VirtualClock(1_767_261_600.0))
    twin.own(LINE, f"{BASE}/voice{RETRY}", f"{BASE}/status{RETRY}")
    twin.own(SHOWN)
    return twin


@pytest.fixture
def client(twin: Twin) -> Iterator[Client]:
    """The carrier's own client, talking to the twin over loopback."""
    with serve(twin.rest) as base_url:
        client = Client(twin.account_sid, twin.auth_token)
        client.api.base_url = base_url
        client.http_client.timeout = 5
        yield client
        client.http_client.session.close()
