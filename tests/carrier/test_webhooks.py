"""The voice routes over HTTP: what is refused, what is answered, and in which form."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from helpline.app import Service
from helpline.calls.ringing import LegRef
from helpline.carrier.hooks import MAX_BODY
from helpline.carrier.urls import WaitToken
from helpline.store.tables import Base
from helpline.twin import twiml as strict
from ivr_flows import standby
from ivr_flows.caller import Place
from tests.shell import PUBLIC, TOKEN, SetClock, rows_of, serving, signed

FORM = "application/x-www-form-urlencoded"
CALL = {"CallSid": "CA0123", "From": "+33199009999", "CallStatus": "ringing"}
REF = LegRef("a call", "a leg", 1, 1, "fr")


@dataclass
class Carrier:
    """Posts to the service as the carrier would."""

    service: Service

    def post(self, path: str, form: Mapping[str, str] = CALL, token: str = TOKEN, **more: Any) -> TestResponse:  # noqa: ANN401
        """The answer to a rightly signed webhook."""
        headers = signed(path, form, token)
        return self.service.web.test_client().post(path, data=dict(form), headers=headers, **more)

    def path(self, kind: str) -> str:
        """The path of a URL that we would have handed out."""
        line, urls = self.service.lines["france"], self.service.urls
        place = Place("greeting", "fr")
        url = {
            "arrive": urls.entry(line),
            "call status": urls.entry_status(line),
            "caller": urls.caller(line, place),
            "wait": urls.wait(line, WaitToken("fr", 1)),
            "leg": urls.leg_url(line, REF, "fr"),
            "bridge": urls.bridge(line, REF, "fr"),
            "standby": urls.standby(line, standby.Place(place, 0)),
            "screen": urls.standby(line, standby.Screen("fr", "fr")),
            "accept": urls.standby(line, standby.Accept("fr")),
            "leg status": urls.leg_status_url(line, REF),
        }[kind]
        return url.removeprefix(PUBLIC).partition("#")[0]

    def refused(self) -> dict[str, int]:
        """What the health page says of refusals."""
        health = self.service.web.test_client().get("/health/live")
        assert health.json is not None
        return dict(health.json["refused"])

    def stored(self) -> dict[str, Any]:
        """The whole database."""
        tables = [mapper.class_ for mapper in Base.registry.mappers]
        return {table.__tablename__: rows_of(self.service.store, table) for table in tables}


@pytest.fixture
def carrier(sqlite_url: str, tmp_path: Path) -> Iterator[Carrier]:
    """A service with a database of its own."""
    with serving(sqlite_url, tmp_path, SetClock()) as service:
        service.web.testing = True
        yield Carrier(service)


KINDS = ["arrive", "call status", "caller", "wait", "leg", "bridge", "leg status", "standby", "screen", "accept"]
DOCUMENTS = ["arrive", "caller", "wait", "leg", "bridge", "standby", "screen", "accept"]
ENDED = CALL | {"CallStatus": "completed"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("given_", ["none", "empty", "another token's", "another URL's"])
def test_an_unsigned_webhook_changes_nothing(carrier: Carrier, kind: str, given_: str) -> None:
    """403, and it is counted."""
    path, before = carrier.path(kind), carrier.stored()
    headers = {
        "none": {},
        "empty": {"X-Twilio-Signature": ""},
        "another token's": signed(path, ENDED, "another token"),
        "another URL's": signed(path + "x", ENDED),
    }[given_]
    answer = carrier.service.web.test_client().post(path, data=ENDED, headers=headers)
    assert (answer.status_code, answer.text) == (403, "refused: signature\n")
    assert carrier.stored() == before
    assert carrier.refused() == {"signature": 1}


BAD: dict[str, tuple[str, str]] = {
    "given-twice": ("CallSid=CA0123&CallSid=CA0123", FORM),
    "field": ("CallStatus=completed", FORM),
    "malformed": ("CallSid=CA%ff", FORM),
    "content-type": ('{"CallSid": "CA0123"}', "application/json"),
    "oversized": ("CallSid=CA0123&x=" + "x" * MAX_BODY, FORM),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("reason", BAD)
def test_a_bad_webhook_changes_nothing(carrier: Carrier, kind: str, reason: str) -> None:
    """400 and its reason, and it is counted, although it is signed as well as it can be."""
    path, before = carrier.path(kind), carrier.stored()
    body, content_type = BAD[reason]
    headers = signed(path, {"CallSid": "CA0123"} if reason == "given-twice" else {"CallStatus": "completed"})
    answer = carrier.service.web.test_client().post(path, data=body, headers=headers, content_type=content_type)
    assert (answer.status_code, answer.text) == (400, f"refused: {reason}\n")
    assert carrier.stored() == before
    assert carrier.refused() == {reason: 1}


def test_a_body_of_unknown_length_is_read_to_the_limit(carrier: Carrier) -> None:
    """Chunked, as HTTP allows: no more of it is taken into memory than a webhook has."""
    stream = BytesIO(b"CallSid=CA0123&x=" + b"x" * 10 * MAX_BODY)
    answer = carrier.service.web.test_client().post(
        carrier.path("arrive"),
        input_stream=stream,
        content_type=FORM,
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert (answer.status_code, answer.text) == (400, "refused: oversized\n")
    assert stream.tell() <= MAX_BODY + 1


@pytest.mark.parametrize(
    "path", ["/voice/spain", "/voice/spain/status", "/voice/spain/wait/x", "/voice/spain/status/x"]
)
def test_an_unknown_line_is_not_found(carrier: Carrier, path: str) -> None:
    """404, whatever is signed, and it is counted."""
    assert carrier.post(path).status_code == 404
    assert carrier.refused() == {"line": 1}


@pytest.mark.parametrize("path", ["/voice/france/menu/x", "/voice", "/voice/france/", "/voice/france/wait", "/"])
def test_an_unknown_kind_is_not_found(carrier: Carrier, path: str) -> None:
    """There are no other routes."""
    assert carrier.post(path).status_code in {404, 405}
    assert carrier.post("/voice/france/menu/x").status_code == 404


def test_voice_routes_take_posts_only(carrier: Carrier) -> None:
    """A link that somebody follows changes nothing."""
    routes = [rule for rule in carrier.service.web.url_map.iter_rules() if rule.rule.startswith("/voice")]
    assert {method for rule in routes for method in rule.methods or ()} == {"POST", "OPTIONS"}
    for kind in KINDS:
        assert carrier.service.web.test_client().get(carrier.path(kind)).status_code == 405


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_document_is_xml_that_nobody_keeps(carrier: Carrier, kind: str) -> None:
    """The content type that the carrier asks for, no cache on the way, and TwiML without a fault."""
    answer = carrier.post(carrier.path(kind))
    assert answer.status_code == 200
    assert answer.content_type == "text/xml; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    context = {"wait": "wait", "bridge": "whisper"}.get(kind, "call")
    strict.parse(answer.data, "text/xml", context, PUBLIC)  # type: ignore[arg-type] # one of its contexts


@pytest.mark.parametrize("kind", ["call status", "leg status"])
@pytest.mark.parametrize("status", ["ringing", "completed"])
def test_a_status_is_answered_without_words(carrier: Carrier, kind: str, status: str) -> None:
    """204: the carrier expects no document."""
    answer = carrier.post(carrier.path(kind), CALL | {"CallStatus": status})
    assert (answer.status_code, answer.data) == (204, b"")


def test_a_repeated_webhook_is_answered_alike(carrier: Carrier) -> None:
    """Byte for byte, before ringing and while it rings."""
    for kind in ("arrive", "caller"):
        first, second = carrier.post(carrier.path(kind)), carrier.post(carrier.path(kind))
        assert first.data == second.data


UNREADABLE = {"caller": "<Enqueue", "wait": "<Leave/>", "leg": "<Hangup/>", "bridge": "<Response></Response>"}


@given(st.sampled_from([*UNREADABLE, "status"]), st.text(min_size=1, max_size=60).filter(lambda text: "/" not in text))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_unreadable_token_throws_nobody_out(carrier: Carrier, kind: str, token: str) -> None:
    """A rotated key, an edited flow: callers go to the ring or leave the queue for it, phones hear a kind word."""
    path = f"/voice/france/{kind}/{quote(token, safe='')}"
    if token in {".", ".."}:
        return
    answer = carrier.post(path)
    if kind == "status":
        assert answer.status_code == 204
    else:
        assert answer.status_code == 200
        assert UNREADABLE[kind] in answer.text


def test_the_signature_is_of_the_path_as_it_came(carrier: Carrier) -> None:
    """Percent-encoding and query untouched, whatever host the proxy names: what counts is our public URL."""
    path = "/voice/france/status/%41%2d?a=%20&b"
    assert carrier.post(path, base_url="http://10.0.0.7:8000").status_code == 204
    decoded = signed("/voice/france/status/A-?a= &b", CALL)
    assert carrier.service.web.test_client().post(path, data=CALL, headers=decoded).status_code == 403


def test_unknown_fields_are_ignored_over_http_too(carrier: Carrier) -> None:
    """The carrier adds some without notice: in any alphabet, empty or long."""
    more = CALL | {"Nouveauté": "é" * 500, "Empty": "", "StirVerstat": "TN-Validation-Passed-A"}
    assert carrier.post(carrier.path("arrive"), more).status_code == 200
    assert carrier.refused() == {}


def test_refusals_are_told_apart(carrier: Carrier) -> None:
    """The health page counts each reason for itself, and says nothing else."""
    for path, form in (("arrive", "x=1"), ("arrive", "CallSid=%ff"), ("wait", "x=1")):
        carrier.service.web.test_client().post(carrier.path(path), data=form, content_type=FORM)
    assert carrier.refused() == {"signature": 2, "malformed": 1}
    assert set(carrier.service.web.test_client().get("/health/live").json or {}) == {"status", "refused"}


@pytest.mark.parametrize("seconds", [1, 9, 15])
def test_music_is_fetched_and_kept(carrier: Carrier, seconds: int) -> None:
    """Whoever asks: there is nothing secret in it, and the carrier may keep it for a week."""
    answer = carrier.service.web.test_client().get(f"/audio/{seconds}.wav")
    assert answer.status_code == 200
    assert answer.content_type == "audio/wav"
    assert answer.headers["Cache-Control"] == "public, max-age=604800"
    assert answer.data.startswith(b"RIFF")


@pytest.mark.parametrize("name", ["0.wav", "16.wav", "100000000000.wav", "-1.wav", "9.mp3", "x.wav", "9", ""])
def test_no_other_music(carrier: Carrier, name: str) -> None:
    """Nobody can make the service compute an hour of it, or send more at once than a client can leave unread."""
    assert carrier.service.web.test_client().get(f"/audio/{name}").status_code == 404
    assert carrier.service.web.test_client().post("/audio/9.wav").status_code == 405


@given(st.binary(max_size=80), st.sampled_from(KINDS), st.sampled_from([FORM, "", "text/plain"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_garbage_is_refused(carrier: Carrier, body: bytes, kind: str, content_type: str) -> None:
    """Any bytes at any route: 400 or 403, and never a fault of ours."""
    answer = carrier.service.web.test_client().post(
        carrier.path(kind), data=body, content_type=content_type, headers={"X-Twilio-Signature": "x"}
    )
    assert answer.status_code in {400, 403}


def test_every_call_status_is_counted_once_over_http(carrier: Carrier) -> None:
    """The carrier may repeat its last word as often as it likes."""
    path, ended = carrier.path("call status"), CALL | {"CallStatus": "canceled"}
    for _ in range(3):
        body = urlencode(ended)
        answer = carrier.service.web.test_client().post(path, data=body, content_type=FORM, headers=signed(path, ended))
        assert answer.status_code == 204
    (count,) = carrier.stored()["hourly_counts"]
    assert (count["outcome"], count["n"]) == ("failed", 1)
