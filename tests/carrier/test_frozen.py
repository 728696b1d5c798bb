"""The routes on a PostgreSQL server that doesn't answer: whoever is on the line hears a voice, and soon."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from helpline.app import Service, create_service
from helpline.calls.ringing import LegRef
from helpline.carrier.urls import WaitToken
from helpline.pages import bounded
from helpline.twin import twiml as strict
from ivr_flows.caller import Place
from tests.database import PostgresServer
from tests.shell import ALIX, CONFIG, PUBLIC, SetClock, settings_in, signed, some_secrets, with_people
from tests.tables import make_tables

CALL = {"CallSid": "CA0123", "From": "+33199009999", "CallStatus": "in-progress"}
LATEST = 1.5
"""Seconds: the deadline is 0.3, the rest is for a slow machine."""


@pytest.fixture
def service(postgres_server: PostgresServer, tmp_path: Path) -> Iterator[Service]:
    """Impatient, on a server of its own, with connections in its pools."""
    url = postgres_server.empty("line")
    text = CONFIG.replace("[service]", f'[service]\ndatabase_url = "{url}"')
    text = text.replace("database_seconds = 5", "database_seconds = 0.3")
    service = create_service(settings_in(tmp_path, text), some_secrets(), SetClock())
    make_tables(service.store)
    with_people(service.store)
    for path in paths(service).values():
        post(service, path)
    yield service
    service.stop()


def paths(service: Service) -> dict[str, str]:
    """The path of a URL of each kind that uses the database."""
    line, urls, ref = service.lines["france"], service.urls, LegRef("a call", "a leg", 1, 1, "fr")
    found = {
        "caller": urls.caller(line, Place("greeting", "fr")),
        "wait": urls.wait(line, WaitToken("fr", 1)),
        "leg": urls.leg_url(line, ref, "fr"),
        "bridge": urls.bridge(line, ref, "fr"),
        "status": urls.entry_status(line),
        "leg status": urls.leg_status_url(line, ref),
    }
    return {kind: url.removeprefix(PUBLIC).partition("#")[0] for kind, url in found.items()}


def post(service: Service, path: str) -> TestResponse:
    """The answer to a webhook; a call is over when its status is told."""
    form = CALL | ({"CallStatus": "completed"} if "/status" in path else {})
    return service.web.test_client().post(path, data=form, headers=signed(path, form))


def test_every_webhook_is_answered_in_time(service: Service, postgres_server: PostgresServer) -> None:
    """With a document that says something sensible, or with 204, so that nothing is told twice for nothing."""
    contexts = {"wait": "wait", "bridge": "whisper", "caller": "call", "leg": "call"}
    with postgres_server.frozen():
        for kind, path in paths(service).items():
            began = time.monotonic()
            answer = post(service, path)
            assert time.monotonic() - began < LATEST, kind
            if kind in contexts:
                assert answer.status_code == 200
                strict.parse(answer.data, "text/xml", contexts[kind], PUBLIC)  # type: ignore[arg-type] # one of them
            else:
                assert (answer.status_code, answer.data) == (204, b"")


def test_while_it_is_known_to_be_down_answers_are_quick(service: Service, postgres_server: PostgresServer) -> None:
    """A hundred callers don't wait one after another: one webhook in two seconds finds out whether it is back."""
    path = paths(service)["wait"]
    with postgres_server.frozen():
        for _ in range(3):
            post(service, path)
        began = time.monotonic()
        for _ in range(100):
            assert post(service, path).status_code == 200
        assert time.monotonic() - began < 100 * 0.3 / 3


def test_a_page_gives_up_as_well(
    service: Service, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would keep a thread that callers need."""
    monkeypatch.setattr(bounded, "PAGE_SECONDS", 0.3)
    client, link = service.web.test_client(), service.links.path(ALIX, 0)
    assert client.get(link).status_code == 200
    with postgres_server.frozen():
        for _ in range(5):
            began = time.monotonic()
            assert client.get(link).status_code == 503
            assert time.monotonic() - began < LATEST
