"""What a page needs to draw every phone as it is now."""

from __future__ import annotations

from typing import Any

from helpline.twin.calls import Call
from helpline.twin.phones import CallerPhone, Party
from helpline.twin.world import World


def snapshot(world: World) -> dict[str, Any]:
    """All phones and all callers' calls that go on; `seq` grows with every change."""
    callers = [call for call in world.calls.values() if isinstance(call.party, CallerPhone) and not call.over]
    return {
        "seq": world.sequence,
        "now": world.now(),
        "phones": [_phone(world, phone) for phone in world.phones.values()],
        "callers": [_phone(world, call.party) for call in callers],
    }


def _phone(world: World, party: Party) -> dict[str, Any]:
    call = party.call
    seen: dict[str, Any] = {"number": party.number, "name": party.name, "state": _state(party, call)}
    if call is None:
        return seen
    partner = None if call.bridge is None else call.bridge.dialler
    if call.bridge is not None and partner is call:
        partner = call.bridge.other
    seen |= {
        "call": call.sid,
        "shows": call.to if isinstance(party, CallerPhone) else call.from_,
        "seconds": round(world.elapsed() - (call.created if call.answered is None else call.answered), 1),
        "queued": bool(call.queue_name) and call.bridge is None,
        "with": None if partner is None else partner.party.name,
        "expects_key": call.listening is not None and not call.listening.complete,
        "hears": None,
    }
    if call.saying is not None:
        seen["hears"] = {
            "id": f"{call.sid}-{call.saying.since:.3f}",
            "text": call.saying.text,
            "locale": call.saying.locale,
            "voice": call.saying.voice,
            "audio_url": call.saying.audio_url,
            "since": round(world.elapsed() - call.saying.since, 2),
            "seconds": round(call.saying.seconds, 2),
        }
    return seen


def _state(party: Party, call: Call | None) -> str:
    """idle, ringing, calling (a caller before the answer), connected (to the line) or talking (to somebody)."""
    if call is None:
        return "idle"
    if call.bridge is not None or (call.room is not None and call.room.room.started):
        return "talking"
    if call.answered is not None:
        return "connected"
    return "calling" if isinstance(party, CallerPhone) else "ringing"
