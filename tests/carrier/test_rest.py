"""The carrier's REST API as its own client calls it, answered by `responses`."""

import json
from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
import responses
from responses import matchers

from helpline.carrier.rest import PAGE, CarrierApi, CarrierCall, NewLeg
from helpline.errors import CarrierError, ConfigError
from helpline.settings import Carrier, Secrets
from tests.shell import TOKEN, some_secrets

ACCOUNT = "AC00000000000000000000000000000000"
BASE = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}"
LEG = NewLeg(
    "+33199000101", "+33199000401", "https://helpline.example.org/sealed", "https://helpline.example.org/status", 20
)
SECRETS = (LEG.to, LEG.caller_id, "helpline.example.org", "twilio.com", "CA0123", ACCOUNT, TOKEN)


def api(secrets: Secrets | None = None, **settings: Any) -> CarrierApi:  # noqa: ANN401 - settings of every type
    """The API with these settings."""
    return CarrierApi(Carrier(account=ACCOUNT, **settings), secrets or some_secrets())


@pytest.fixture
def carrier() -> Iterator[responses.RequestsMock]:
    """The carrier: whatever isn't expected can't be connected to."""
    with responses.RequestsMock() as mock:
        yield mock


def test_a_leg_is_created_with_all_it_needs(carrier: responses.RequestsMock) -> None:
    """Where to ring, what to show, how long, and where to report: nothing is left to the carrier's defaults."""
    carrier.post(f"{BASE}/Calls.json", json={"sid": "CA0123"}, status=201)
    assert api().create(LEG) == "CA0123"
    asked = parse_qs(str(carrier.calls[0].request.body))
    assert asked == {
        "To": [LEG.to],
        "From": [LEG.caller_id],
        "Url": [LEG.url],
        "Method": ["POST"],
        "Timeout": ["20"],
        "StatusCallback": [LEG.status_url],
        "StatusCallbackEvent": ["ringing", "answered", "completed"],
        "StatusCallbackMethod": ["POST"],
    }


def test_a_ringing_phone_is_silenced(carrier: responses.RequestsMock) -> None:
    """`canceled` ends what rings and leaves alone what has been answered meanwhile."""
    carrier.post(f"{BASE}/Calls/CA0123.json", json={"sid": "CA0123"})
    api().stop_ringing("CA0123")
    assert parse_qs(str(carrier.calls[0].request.body)) == {"Status": ["canceled"]}


def test_a_call_a_queue_and_a_message_are_erased(carrier: responses.RequestsMock) -> None:
    """Deleted, with everything the carrier kept of them."""
    carrier.delete(f"{BASE}/Calls/CA0123.json", status=204)
    carrier.delete(f"{BASE}/Queues/QU0123.json", status=204)
    carrier.delete(f"{BASE}/Messages/SM0123.json", status=204)
    api().erase("CA0123")
    api().erase_queue("QU0123")
    api().erase_text("SM0123")


CALLER = "+33612345678"
SINCE = 1_773_144_000


def as_told(**values: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of every type
    """A call as the carrier tells of it, numbers and all."""
    return {
        "sid": "CA0123",
        "status": "completed",
        "direction": "inbound",
        "parent_call_sid": None,
        "from": CALLER,
        "from_formatted": "06 12 34 56 78",
        "to": LEG.caller_id,
        "caller_name": "DOE JANE",
        "date_created": "Tue, 10 Mar 2026 11:59:58 +0000",
        "start_time": "Tue, 10 Mar 2026 12:00:00 +0000",
        "end_time": "Tue, 10 Mar 2026 12:01:30 +0000",
        "date_updated": "Tue, 10 Mar 2026 12:01:31 +0000",
    } | values


ONE = CarrierCall("CA0123", "completed", "inbound", "", SINCE, SINCE + 90)


def test_a_call_is_looked_up(carrier: responses.RequestsMock) -> None:
    """How it ended, when it began and ended in UTC, and whether it was ever answered."""
    carrier.get(f"{BASE}/Calls/CA0123.json", json=as_told())
    found = api().fetch("CA0123")
    assert found == ONE
    assert (found.over, found.connected) == (True, True)


def test_nothing_of_the_caller_is_read(carrier: responses.RequestsMock) -> None:
    """The answer is full of them; what we keep has no place for a number or a name."""
    carrier.get(f"{BASE}/Calls/CA0123.json", json=as_told())
    assert {field.name for field in fields(CarrierCall)} == {"id", "status", "direction", "parent", "start", "end"}
    assert not [
        told for told in (CALLER, CALLER[4:], "06 12", "DOE", LEG.caller_id) if told in repr(api().fetch("CA0123"))
    ]


@pytest.mark.parametrize("status", ["queued", "ringing", "in-progress"])
def test_a_call_that_goes_on_has_no_end(carrier: responses.RequestsMock, status: str) -> None:
    """When it was last changed is not when it ended."""
    carrier.get(f"{BASE}/Calls/CA0123.json", json=as_told(status=status, end_time=None, start_time=None))
    found = api().fetch("CA0123")
    assert (found.over, found.start, found.end) == (False, SINCE - 2, None)


@pytest.mark.parametrize("status", ["busy", "failed", "no-answer", "canceled"])
def test_a_call_that_was_never_connected(carrier: responses.RequestsMock, status: str) -> None:
    """It has ended, without times of its own: those of its record serve."""
    carrier.get(f"{BASE}/Calls/CA0123.json", json=as_told(status=status, end_time=None, start_time=None))
    found = api().fetch("CA0123")
    assert (found.over, found.connected, found.start, found.end) == (True, False, SINCE - 2, SINCE + 91)


LISTS: dict[str, tuple[Callable[[CarrierApi], list[CarrierCall]], dict[str, str]]] = {
    "to": (lambda it: it.calls_to(LEG.to, SINCE), {"To": LEG.to, "StartTime>": "2026-03-10T12:00:00Z"}),
    "from": (lambda it: it.calls_from(LEG.to, SINCE), {"From": LEG.to, "StartTime>": "2026-03-10T12:00:00Z"}),
    "children": (lambda it: it.children("CA0123"), {"ParentCallSid": "CA0123"}),
}


@pytest.mark.parametrize("what", LISTS)
def test_calls_are_listed_page_after_page(carrier: responses.RequestsMock, what: str) -> None:
    """The carrier chooses them and says where the next page is; it is asked for as many at once as it allows."""
    ask, filters = LISTS[what]
    asked = matchers.query_param_matcher(filters | {"PageSize": str(PAGE)})
    second = f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json?Page=1"
    children = [as_told(), as_told(sid="CA0124", direction="outbound-dial", parent_call_sid="CA0123")]
    carrier.get(f"{BASE}/Calls.json", json={"calls": children, "next_page_uri": second}, match=[asked])
    last = {"calls": [as_told(sid="CA0125")], "next_page_uri": None}
    carrier.get(f"{BASE}/Calls.json", json=last, match=[matchers.query_param_matcher({"Page": "1"})])
    found = ask(api())
    assert [(call.id, call.direction, call.parent) for call in found] == [
        ("CA0123", "inbound", ""),
        ("CA0124", "outbound-dial", "CA0123"),
        ("CA0125", "inbound", ""),
    ]


def test_calls_to_some_numbers_are_left_out(carrier: responses.RequestsMock) -> None:
    """Those that a caller was put through to by their own choice: the number is compared, and not kept."""
    children = [as_told(sid="CA0124", to="+33199005001"), as_told(sid="CA0125", to="+33199005002")]
    carrier.get(f"{BASE}/Calls.json", json={"calls": children, "next_page_uri": None})
    assert [call.id for call in api().children("CA0123", {"+33199005001"})] == ["CA0125"]


LISTED_WRONGLY = {
    "nothing": "",
    "no list": "{}",
    "an error": '{"status": 500}',
    "a call without a status": json.dumps({"calls": [as_told(status=None)]}),
    "a call without an id": json.dumps({"calls": [as_told(sid=None)]}),
    "a call without a shape": json.dumps({"calls": [CALLER]}),
}


@pytest.mark.parametrize("body", LISTED_WRONGLY)
@pytest.mark.parametrize("what", LISTS)
def test_a_malformed_list_is_a_failure_that_may_pass(carrier: responses.RequestsMock, what: str, body: str) -> None:
    """Nothing is made of half a list, and what it held isn't repeated."""
    carrier.get(f"{BASE}/Calls.json", body=LISTED_WRONGLY[body])
    with pytest.raises(CarrierError) as caught:
        LISTS[what][0](api())
    assert not caught.value.permanent
    assert CALLER not in str(caught.value)


@pytest.mark.parametrize("status", [429, 500, 503])
@pytest.mark.parametrize("what", LISTS)
def test_a_list_that_is_refused_may_be_asked_for_again(carrier: responses.RequestsMock, what: str, status: int) -> None:
    """At the first page or the second."""
    ask = LISTS[what][0]
    second = f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json?Page=1"
    carrier.get(f"{BASE}/Calls.json", json={"calls": [as_told()], "next_page_uri": second})
    carrier.get(f"{BASE}/Calls.json", status=status, json={"message": CALLER})
    with pytest.raises(CarrierError) as caught:
        ask(api())
    assert not caught.value.permanent
    assert CALLER not in str(caught.value)


ASKED: dict[str, Callable[[CarrierApi], object]] = {
    "create": lambda it: it.create(LEG),
    "cancel": lambda it: it.stop_ringing("CA0123"),
    "erase": lambda it: it.erase("CA0123"),
    "fetch": lambda it: it.fetch("CA0123"),
    "erase queue": lambda it: it.erase_queue("CA0123"),
    "erase text": lambda it: it.erase_text("CA0123"),
}
FAILURES: dict[str, tuple[dict[str, Any], dict[str, bool]]] = {
    "no connection in time": ({"body": requests.ConnectTimeout(LEG.to)}, {}),
    "no answer in time": ({"body": requests.ReadTimeout(LEG.to)}, {"unknown": True}),
    "the connection broke": ({"body": requests.ConnectionError(LEG.url)}, {"unknown": True}),
    "the answer broke off": ({"body": requests.exceptions.ChunkedEncodingError(LEG.url)}, {"unknown": True}),
    "500": ({"status": 500, "body": f"<html>{LEG.to}</html>"}, {}),
    "503": ({"status": 503, "json": {"code": 20503, "message": LEG.to}}, {}),
    "429": ({"status": 429, "json": {"code": 20429, "message": LEG.to}}, {}),
    "404": ({"status": 404, "json": {"code": 20404, "message": LEG.url}}, {"permanent": True, "gone": True}),
    "400": ({"status": 400, "json": {"code": 21211, "message": LEG.to}}, {"permanent": True}),
    "401": ({"status": 401, "json": {"code": 20003}}, {"permanent": True}),
    "an error without words": ({"status": 400, "body": ""}, {"permanent": True}),
    "an error of another shape": ({"status": 400, "json": [LEG.to]}, {"permanent": True}),
    "an error whose code is none": ({"status": 400, "json": {"code": LEG.to, "message": ""}}, {"permanent": True}),
}


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("what", ASKED)
def test_a_failure_says_whether_to_try_again(carrier: responses.RequestsMock, what: str, failure: str) -> None:
    """One kind of error whatever broke, that knows if asking again may help, and names nobody."""
    answer, flags = FAILURES[failure]
    carrier.add(responses.Response(_method(what), _url(what), **answer))
    error = _fails(what)
    found = {"permanent": error.permanent, "unknown": error.unknown, "gone": error.gone}
    assert {name for name, is_so in found.items() if is_so} == set(flags)


@pytest.mark.parametrize("status", [404, 429, 503])
@pytest.mark.parametrize("what", ASKED)
def test_the_newer_form_of_errors_means_the_same(carrier: responses.RequestsMock, what: str, status: int) -> None:
    """Problem details (RFC 9457), which the library raises as another exception."""
    problem = {"type": LEG.url, "title": LEG.to, "status": status, "code": 20404, "detail": LEG.to}
    carrier.add(responses.Response(_method(what), _url(what), json=problem, status=status))
    error = _fails(what)
    assert (error.permanent, error.unknown, error.gone) == (status == 404, False, status == 404)


@pytest.mark.parametrize(
    "body", ["", "CA0123", "null", "[]", "17", '"CA0123"', "{}", '{"sid": null}', '{"sid": "CA0", "date_created": 17}']
)
def test_a_malformed_answer_leaves_a_creation_unknown(carrier: responses.RequestsMock, body: str) -> None:
    """The phone may ring all the same: it isn't rung a second time, and the placer lives on."""
    carrier.post(_url("create"), body=body, status=201)
    error = _fails("create")
    assert (error.permanent, error.unknown) == (False, True)


def _method(what: str) -> str:
    return {"erase": "DELETE", "erase queue": "DELETE", "erase text": "DELETE", "fetch": "GET"}.get(what, "POST")


def _url(what: str) -> str:
    kinds = {"create": "/Calls", "erase queue": "/Queues/CA0123", "erase text": "/Messages/CA0123"}
    return f"{BASE}{kinds.get(what, '/Calls/CA0123')}.json"


def _fails(what: str) -> CarrierError:
    """The error; neither its message nor what is printed with it names a number, a URL, an id or a secret."""
    with pytest.raises(CarrierError) as caught:
        ASKED[what](api())
    error = caught.value
    assert str(error).startswith(f"{what}: ")
    assert not [secret for secret in SECRETS if secret in str(error)]
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None
    return error


def test_the_timeout_is_ours(carrier: responses.RequestsMock) -> None:
    """The library would wait for ever."""
    asked = matchers.request_kwargs_matcher({"timeout": 2.5})
    carrier.post(f"{BASE}/Calls.json", json={"sid": "CA0123"}, status=201, match=[asked])
    assert api(timeout=2.5).create(LEG) == "CA0123"


def test_nothing_is_asked_twice(carrier: responses.RequestsMock) -> None:
    """A creation is never repeated by itself: it would ring a phone twice."""
    carrier.post(f"{BASE}/Calls.json", status=503)
    _fails("create")
    assert len(carrier.calls) == 1


def test_another_place_that_speaks_the_api(carrier: responses.RequestsMock) -> None:
    """A compatible carrier, or the twin, is reached by the base URL alone."""
    carrier.post(f"http://127.0.0.1:9/2010-04-01/Accounts/{ACCOUNT}/Calls.json", json={"sid": "CA0123"}, status=201)
    assert api(api_base_url="http://127.0.0.1:9").create(LEG) == "CA0123"


def test_a_region_and_an_edge(carrier: responses.RequestsMock) -> None:
    """Data stays in the region that the operator chose."""
    here = f"https://api.dublin.ie1.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    carrier.post(here, json={"sid": "CA0123"}, status=201)
    assert api(region="ie1", edge="dublin").create(LEG) == "CA0123"


def test_we_sign_in_with_the_account(carrier: responses.RequestsMock) -> None:
    """Its auth token is what webhooks are signed with, too."""
    carrier.post(f"{BASE}/Calls.json", json={"sid": "CA0123"}, status=201)
    api().create(LEG)
    basic = requests.Request("GET", BASE, auth=(ACCOUNT, TOKEN)).prepare().headers["Authorization"]
    assert carrier.calls[0].request.headers["Authorization"] == basic


def test_we_sign_in_with_an_api_key(carrier: responses.RequestsMock) -> None:
    """A key has a secret of its own, which signs no webhook."""
    secrets = some_secrets().model_copy(update={"api_secret": "the secret of the key"})
    carrier.post(f"{BASE}/Calls.json", json={"sid": "CA0123"}, status=201)
    api(secrets, api_key="SK0123").create(LEG)
    basic = requests.Request("GET", BASE, auth=("SK0123", "the secret of the key")).prepare().headers["Authorization"]
    assert carrier.calls[0].request.headers["Authorization"] == basic


def test_an_api_key_needs_its_secret() -> None:
    """Found at the start, not at the first call."""
    with pytest.raises(ConfigError, match=r"api_key.*HELPLINE_API_SECRET"):
        api(api_key="SK0123")


def test_nothing_is_logged_of_a_request(carrier: responses.RequestsMock, caplog: pytest.LogCaptureFixture) -> None:
    """The library writes every number into its own log, if it is let."""
    carrier.post(f"{BASE}/Calls.json", body=json.dumps({"sid": "CA0123"}), status=201)
    with caplog.at_level("INFO"):
        api().create(LEG)
    assert not [record for record in caplog.records if LEG.to in record.getMessage()]
