"""Calls.json: create, read, list, change, delete, and the events a leg leaves behind."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from flask import Blueprint, Response, g, jsonify, request

from helpline.twin import rest_forms as forms
from helpline.twin.calls import FINAL, Call, Goto
from helpline.twin.documents import UNDIALLABLE
from helpline.twin.faults import Strike
from helpline.twin.placing import Order, Placing, Refused
from helpline.twin.rest_json import call_json, event_json
from helpline.twin.twiml import E164
from helpline.twin.world import World

EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
_PAGING = ("Page", "PageSize", "PageToken")
_TIMES = ("StartTime", "StartTime<", "StartTime>", "EndTime", "EndTime<", "EndTime>")
_HEARD = ("Url", "Method", "Twiml", "FallbackUrl", "FallbackMethod", "StatusCallback", "StatusCallbackMethod")


def calls_blueprint(world: World, placing: Placing) -> Blueprint:
    """The routes under `/Calls`."""
    routes = Blueprint("calls", __name__)
    lock = world.kernel.changed

    @routes.post("/Calls.json")
    def create() -> tuple[Response, int]:
        forms.only("To", "From", "Timeout", "TimeLimit", "StatusCallbackEvent", *_HEARD)
        with lock:
            call = placing.create(_order(world), _held())
            return jsonify(call_json(call)), 201

    @routes.get("/Calls.json")
    def listed() -> Response:
        forms.only("To", "From", "ParentCallSid", "Status", *_TIMES, *_PAGING)
        if request.args.get("Status", "queued") not in FINAL | {"queued", "ringing", "in-progress"}:
            raise Refused(400, 20001, f"Invalid Status: {request.args['Status']}")
        with lock:
            fitting = [call for call in reversed(world.calls.values()) if _fits(call)]
            return jsonify(forms.page("calls", fitting, call_json))

    @routes.get("/Calls/<sid>.json")
    def fetch(sid: str) -> Response:
        with lock:
            return jsonify(call_json(_known(world, sid)))

    @routes.post("/Calls/<sid>.json")
    def update(sid: str) -> Response:
        forms.only("Status", *_HEARD)
        with lock:
            call = _known(world, sid)
            _update(placing, call)
            return jsonify(call_json(call))

    @routes.delete("/Calls/<sid>.json")
    def delete(sid: str) -> tuple[str, int]:
        with lock:
            placing.delete(_known(world, sid))
        return "", 204

    @routes.get("/Calls/<sid>/Events.json")
    def events(sid: str) -> Response:
        forms.only(*_PAGING)
        with lock:
            call = _known(world, sid)
            ready = call.ended is not None and world.elapsed() - call.ended >= world.rules.events_after
            return jsonify(forms.page("events", call.exchanges if ready else [], event_json))

    return routes


def _known(world: World, sid: str) -> Call:
    call = world.calls.get(sid)
    if call is None:
        raise Refused(404, 20404, f"The requested resource {request.path} was not found")
    return call


def _held() -> float:
    strike: Strike | None = g.get("strike")
    return strike.seconds if strike is not None and strike.name == "queue" else 0.0


def _order(world: World) -> Order:
    to, from_ = forms.needed("To", 21201), forms.needed("From", 21213)
    if not E164.match(to):
        raise Refused(400, 21211, f"Invalid 'To' Phone Number: {to}")
    if UNDIALLABLE.match(to):
        raise Refused(400, 13224, f"{to} can't be dialled out to")
    if not E164.match(from_) or UNDIALLABLE.match(from_):
        raise Refused(400, 21212, f"Invalid 'From' Phone Number: {from_}")
    if from_ not in world.owned:
        raise Refused(400, 21210, f"'From' phone number not verified: {from_}")
    goto = _goto()
    if goto is None:
        raise Refused(400, 21205, "Url or Twiml parameter is required")
    events = frozenset(request.form.getlist("StatusCallbackEvent"))
    if not events <= EVENTS:
        raise Refused(400, 21626, f"Invalid StatusCallbackEvent: {', '.join(sorted(events - EVENTS))}")
    fallback = forms.url("FallbackUrl")
    limit = forms.whole("TimeLimit", 1, 86_400, None)
    return Order(
        to,
        from_,
        goto,
        timeout=float(forms.whole("Timeout", 1, 600, 60) or 0),
        status_url=forms.url("StatusCallback"),
        status_method=forms.method("StatusCallbackMethod"),
        status_events=events or frozenset({"completed"}),
        fallback=Goto(fallback, "fallback", forms.method("FallbackMethod")) if fallback else None,
        time_limit=None if limit is None else float(limit),
    )


def _goto() -> Goto | None:
    """The document a request names, by URL or inline."""
    url, twiml = forms.url("Url"), forms.text("Twiml")
    if url and twiml:
        raise Refused(400, 21218, "Url and Twiml can't both be given")
    if twiml:
        return Goto("", "inline", body=twiml.encode())
    return Goto(url, "voice", forms.method("Method")) if url else None


def _update(placing: Placing, call: Call) -> None:
    status, goto = forms.text("Status"), _goto()
    if status not in ("", "canceled", "completed"):
        raise Refused(400, 21218, f"Invalid Status: {status}")
    if call.over:
        raise Refused(400, 21220, "Call is not in-progress. Cannot redirect.")
    if forms.text("StatusCallback"):
        call.status_url, call.status_method = forms.url("StatusCallback"), forms.method("StatusCallbackMethod")
    if status == "canceled":
        placing.cancel(call)
    elif status == "completed":
        placing.complete(call)
    elif goto is not None:
        placing.redirect(call, goto)


# -- filters of the list ---------------------------------------------------------------------------------------------


def _fits(call: Call) -> bool:
    asked = request.args
    plain = {"To": call.to, "From": call.from_, "ParentCallSid": call.parent_sid, "Status": call.status}
    if any(name in asked and asked[name] != value for name, value in plain.items()):
        return False
    times = {"StartTime": call.created_wall, "EndTime": call.ended_wall}
    return all(_in_time(name, wall) for name, wall in times.items())


_COMPARISONS: dict[str, Callable[[float, tuple[float, float]], bool]] = {
    "": lambda wall, day: day[0] <= wall < day[1],
    "<": lambda wall, day: wall < day[1],
    ">": lambda wall, day: wall >= day[0],
}


def _in_time(name: str, wall: float | None) -> bool:
    for sign, fits in _COMPARISONS.items():
        value = request.args.get(name + sign)
        if value and (wall is None or not fits(wall, _span(value))):
            return False
    return True


def _span(value: str) -> tuple[float, float]:
    """A day, or an instant to the second, as [start, end) in seconds since the epoch."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        start = dt.datetime.fromisoformat(value).replace(tzinfo=dt.UTC).timestamp()
        return start, start + 86_400
    try:
        start = dt.datetime.fromisoformat(value).timestamp()
    except ValueError as error:
        raise Refused(400, 20001, f"Invalid time: {value}") from error
    return start, start + 1
