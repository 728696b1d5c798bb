"""The form parameters of webhooks: those always sent, those the network adds, those of status callbacks."""

from __future__ import annotations

import datetime as dt
import email.utils
import random

from helpline.twin.calls import Call

CANARY_CITY = "Trifouilly-les-Canaris"
"""Every city the twin tells of: a test finds it at once where it must not be."""
CANARY_NAME = "MME CANARI SECRETE"
"""Every caller's name the twin tells of."""
WITHHELD = frozenset({"", "anonymous", "Anonymous", "Restricted", "unavailable", "+266696687", "+7378742833"})
API_VERSION = "2010-04-01"


def leg_params() -> dict[str, str]:
    """What the network tells of a leg the carrier dialled."""
    told = {"ParameterNobodyKnows": "canary-parameter"}
    for place in ("From", "Caller", "To", "Called"):
        told |= _place(place)
    return told


def network_params(from_: str, rng: random.Random) -> dict[str, str]:
    """What the network tells of an inbound caller, generously, with a parameter nobody has heard of."""
    told = {
        "StirVerstat": "TN-Validation-Passed-C",
        "CallToken": f"{rng.getrandbits(256):064x}",
        "ParameterNobodyKnows": "canary-parameter",
    }
    if from_ in WITHHELD:
        return told
    told |= {"CallerName": CANARY_NAME, "ForwardedFrom": from_}
    for place in ("From", "Caller"):
        told |= _place(place)
    return told | _place("To") | _place("Called")


def _place(prefix: str) -> dict[str, str]:
    return {
        f"{prefix}City": CANARY_CITY,
        f"{prefix}State": "Canarie",
        f"{prefix}Zip": "99666",
        f"{prefix}Country": "FR",
    }


def call_params(call: Call, status: str = "") -> dict[str, str]:
    """What every webhook of a leg carries."""
    params = {
        "AccountSid": call.world.account_sid,
        "ApiVersion": API_VERSION,
        "CallSid": call.sid,
        "CallStatus": status or call.status,
        "Called": call.to,
        "Caller": call.from_,
        "Direction": call.direction,
        "From": call.from_,
        "To": call.to,
    }
    if call.parent_sid:
        params["ParentCallSid"] = call.parent_sid
    return {**params, **call.extra}


def status_params(call: Call, event: str) -> dict[str, str]:
    """What a status callback adds; `event` is initiated, ringing, answered or completed."""
    status = call.status if event == "completed" else {"answered": "in-progress"}.get(event, event)
    params = call_params(call, status) | {
        "Timestamp": rfc2822(call.world.now()),
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(call.callbacks),
    }
    if status == "completed":
        params |= {"CallDuration": str(call.duration), "Duration": str(-(-call.duration // 60))}
    return params


def text_params(account_sid: str, sid: str, from_: str, to: str, body: str) -> dict[str, str]:
    """What the webhook of an incoming text message carries."""
    told = {
        "AccountSid": account_sid,
        "ApiVersion": API_VERSION,
        "Body": body,
        "From": from_,
        "MessageSid": sid,
        "NumMedia": "0",
        "NumSegments": "1",
        "ParameterNobodyKnows": "canary-parameter",
        "SmsMessageSid": sid,
        "SmsSid": sid,
        "SmsStatus": "received",
        "To": to,
    }
    return told | _place("From") | _place("To")


def rfc2822(wall: float) -> str:
    """An instant as the carrier writes it: `Tue, 10 Aug 2027 08:02:17 +0000`."""
    return email.utils.format_datetime(dt.datetime.fromtimestamp(int(wall), dt.UTC))
