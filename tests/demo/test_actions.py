import json

import pytest

from helpline.demo.callers import AT_ONCE, REMEMBERED
from tests.demo.conftest import NUMBERS, Demo


@pytest.mark.parametrize(
    ("action", "posted", "status", "error"),
    [
        ("dial", {"line": "spain"}, 404, "no-line"),
        ("dial", {"line": 7}, 400, "not-understood"),
        ("dial", {}, 400, "not-understood"),
        ("dial", {"line": "france", "withheld": "yes"}, 400, "not-understood"),
        ("press", {"phone": NUMBERS["Camille"], "keys": "1"}, 409, "not-calling"),
        ("press", {"phone": "+33199000199", "keys": "1"}, 404, "no-phone"),
        ("press", {"call": "CA00000000000000000000000000000000", "keys": "1"}, 404, "no-phone"),
        ("press", {"phone": NUMBERS["Camille"], "keys": ""}, 400, "not-understood"),
        ("press", {"phone": NUMBERS["Camille"], "keys": "a"}, 400, "not-understood"),
        ("press", {"phone": NUMBERS["Camille"], "keys": "١"}, 400, "not-understood"),
        ("press", {"phone": NUMBERS["Camille"], "keys": "1" * 21}, 400, "not-understood"),
        ("press", {"phone": NUMBERS["Camille"]}, 400, "not-understood"),
        ("press", {"keys": "1"}, 400, "not-understood"),
        ("press", {"call": None, "keys": "1"}, 400, "not-understood"),
        ("pick_up", {"phone": NUMBERS["Camille"]}, 409, "not-ringing"),
        ("pick_up", {"phone": "x"}, 404, "no-phone"),
        ("pick_up", {}, 400, "not-understood"),
        ("hang_up", {"phone": NUMBERS["Camille"]}, 409, "not-calling"),
        ("hang_up", {"call": "x"}, 404, "no-phone"),
    ],
)
def test_what_cannot_be_done_is_said(
    demo: Demo, action: str, posted: dict[str, object], status: int, error: str
) -> None:
    """Each impossible or malformed action is answered with a code, a sentence and a 4xx, and changes nothing."""
    before = demo.state()["version"]
    answer = demo.do(action, **posted)
    assert answer.status_code == status
    assert answer.json is not None
    assert answer.json["error"] == error
    assert answer.json["message"].endswith((".", str(answer.json["message"]).rpartition(": ")[2]))
    assert demo.state()["version"] == before


def test_a_call_that_is_over_takes_no_keys(demo: Demo) -> None:
    """After hanging up, the caller's phone neither presses nor hangs up again."""
    call = demo.dial()
    demo.passes(2)
    assert demo.do("hang_up", call=call).status_code == 200
    demo.passes(1)
    assert demo.do("press", call=call, keys="1").status_code == 409
    assert demo.do("hang_up", call=call).status_code == 409


def test_a_phone_that_stopped_ringing_cannot_be_picked_up(demo: Demo) -> None:
    """The colleague was faster: picking up is refused, gently."""
    call, name = demo.rung()
    demo.do("hang_up", call=call)
    demo.passes(3)
    answer = demo.do("pick_up", phone=NUMBERS[name])
    assert (answer.status_code, answer.json) == (
        409,
        {"error": "not-ringing", "message": "This telephone isn’t ringing."},
    )


def test_the_number_of_callers_is_limited(demo: Demo) -> None:
    """One caller too many is told to wait until somebody has hung up; then there is room again."""
    calls = [demo.dial() for _ in range(AT_ONCE)]
    demo.passes(1)
    answer = demo.do("dial", line="france")
    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["error"] == "too-many"
    assert str(AT_ONCE) in answer.json["message"]
    demo.do("hang_up", call=calls[0])
    demo.passes(1)
    demo.dial()


def test_old_calls_are_forgotten(demo: Demo) -> None:
    """A demonstration that runs for days doesn't remember every call; a page whose call is forgotten is on the hook."""
    first = demo.dial()
    demo.passes(1)
    demo.do("hang_up", call=first)
    for _ in range(REMEMBERED):
        call = demo.dial()
        demo.passes(1)
        demo.do("hang_up", call=call)
    assert demo.do("hang_up", call=first).status_code == 404
    assert demo.state(first)["caller"]["state"] == "idle"


@pytest.mark.parametrize("action", ["dial", "press", "pick_up", "hang_up"])
@pytest.mark.parametrize("body", ["", "{", "[]", '"x"', "7", "null", b"\xff"])
def test_a_body_that_is_no_object_is_refused(demo: Demo, action: str, body: str | bytes) -> None:
    """Whatever isn't a JSON object is answered with 400."""
    answer = demo.browser.post(f"/demo/{action}", data=body, content_type="application/json")
    assert (answer.status_code, answer.content_type) == (400, "application/json")


def test_a_body_that_is_too_long_is_refused(demo: Demo) -> None:
    """More than a page would ever post isn't even read."""
    body = json.dumps({"line": "france", "more": "x" * 2000})
    assert demo.browser.post("/demo/dial", data=body, content_type="application/json").status_code == 413


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_only_json_is_taken(demo: Demo, kind: str) -> None:
    """A form, which any page in the browser could send, does nothing."""
    answer = demo.browser.post("/demo/dial", data='{"line": "france"}', content_type=kind)
    assert answer.status_code == 415
    demo.passes(1)
    assert demo.state()["others"] == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://localhost:8000"}, 200),
        ({"Origin": "http://127.0.0.1:8000"}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://forwarded.example.org"}, 200),
        ({"Origin": "http://localhost:8001"}, 403),
        ({"Origin": "https://localhost:8000"}, 403),
        ({"Origin": "http://evil.example.org:8000"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:8000"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Sec-Fetch-Site": ""}, 403),
    ],
)
def test_another_page_cannot_drive_the_phones(demo: Demo, headers: dict[str, str], status: int) -> None:
    """The browser says where a request comes from; from anywhere but our own page nothing is dialled."""
    answer = demo.browser.post("/demo/dial", json={"line": "france"}, headers=headers)
    assert answer.status_code == status
    demo.passes(1)
    assert len(demo.state()["others"]) == (status == 200)


@pytest.mark.parametrize("action", ["dial", "press", "pick_up", "hang_up"])
def test_nothing_is_done_by_a_link(demo: Demo, action: str) -> None:
    """Actions are posted: an address alone, in an image or a link, does nothing."""
    assert demo.browser.get(f"/demo/{action}").status_code == 405
