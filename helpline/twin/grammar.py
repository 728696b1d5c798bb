"""TwiML's grammar as a table: each element's attributes, how a value is read, what it holds, where it may stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from helpline.twin import voices
from helpline.twin.verbs import (
    ConferenceNoun,
    Context,
    Dial,
    Enqueue,
    Gather,
    Hangup,
    Leave,
    Number,
    Pause,
    Play,
    QueueNoun,
    Redirect,
    Reject,
    Say,
    Verb,
)

Element = Verb | Number | QueueNoun | ConferenceNoun

# -- values: each reads one attribute's text, ValueError when the carrier wouldn't -----------------------------------


def _integer(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit()) or not low <= int(text) <= high:
            raise ValueError(f"not a whole number from {low} to {high}")
        return int(text)

    return read


def _one_of(*allowed: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"not one of {', '.join(allowed)}")
        return text

    return read


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("not true or false")
    return text == "true"


def _matching(pattern: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)

    def read(text: str) -> str:
        if not compiled.fullmatch(text):
            raise ValueError(f"doesn't match {pattern}")
        return text

    return read


def _events(text: str) -> frozenset[str]:
    events = frozenset(text.split())
    if not events or not events <= {"initiated", "ringing", "answered", "completed"}:
        raise ValueError("not among initiated ringing answered completed")
    return events


def _url(text: str) -> str:
    return text  # resolved against the document's own URL by _attributes


_METHOD = _one_of("GET", "POST")
URLS = frozenset({"action", "url", "wait_url", "status_url"})


@dataclass(frozen=True, slots=True)
class Rule:
    """How one element is read: attribute -> (field, reader), and what it may hold."""

    make: Callable[..., Element]
    attributes: Mapping[str, tuple[str, Callable[[str], Any]]]
    text: str = ""
    children: tuple[str, ...] = ()


_ACTION = {"action": ("action", _url), "method": ("method", _METHOD)}
_PROMPTS = ("Say", "Play", "Pause")

GRAMMAR: Mapping[str, Rule] = {
    "Say": Rule(
        Say,
        {
            "voice": ("voice", str),
            "language": ("locale", _one_of(*sorted(voices.LOCALES))),
            "loop": ("loop", _integer(0, 1000)),
        },
        text="text",
    ),
    "Play": Rule(
        Play, {"loop": ("loop", _integer(0, 1000)), "digits": ("digits", _matching("[0-9*#w]{1,32}"))}, text="url"
    ),
    "Pause": Rule(Pause, {"length": ("seconds", _integer(1, 3600))}),
    "Gather": Rule(
        Gather,
        {
            **_ACTION,
            "input": ("input", _one_of("dtmf")),
            "timeout": ("timeout", _integer(1, 600)),
            "numDigits": ("num_digits", _integer(1, 64)),
            "finishOnKey": ("finish_on_key", _matching("[0-9*#]?")),
            "actionOnEmptyResult": ("action_on_empty", _boolean),
        },
        children=_PROMPTS,
    ),
    "Dial": Rule(
        Dial,
        {
            **_ACTION,
            "timeout": ("timeout", _integer(5, 600)),
            "timeLimit": ("time_limit", _integer(1, 86_400)),
            "callerId": ("caller_id", _matching(r"\+[1-9][0-9]{6,14}")),
            "answerOnBridge": ("answer_on_bridge", _boolean),
            "hangupOnStar": ("hangup_on_star", _boolean),
            "sequential": ("sequential", _boolean),
            "record": ("record", _one_of("do-not-record")),
        },
        children=("Number", "Queue", "Conference"),
    ),
    "Number": Rule(
        Number,
        {
            "url": ("url", _url),
            "method": ("method", _METHOD),
            "statusCallback": ("status_url", _url),
            "statusCallbackMethod": ("status_method", _METHOD),
            "statusCallbackEvent": ("status_events", _events),
        },
        text="number",
    ),
    "Queue": Rule(QueueNoun, {"url": ("url", _url), "method": ("method", _METHOD)}, text="name"),
    "Conference": Rule(
        ConferenceNoun,
        {
            "beep": ("beep", _one_of("true", "false", "onEnter", "onExit")),
            "startConferenceOnEnter": ("start_on_enter", _boolean),
            "endConferenceOnExit": ("end_on_exit", _boolean),
            "waitUrl": ("wait_url", _url),
            "waitMethod": ("wait_method", _METHOD),
            "record": ("record", _one_of("do-not-record")),
        },
        text="name",
    ),
    "Enqueue": Rule(
        Enqueue,
        {**_ACTION, "waitUrl": ("wait_url", _url), "waitUrlMethod": ("wait_method", _METHOD)},
        text="name",
    ),
    "Redirect": Rule(Redirect, {"method": ("method", _METHOD)}, text="url"),
    "Leave": Rule(Leave, {}),
    "Hangup": Rule(Hangup, {}),
    "Reject": Rule(Reject, {"reason": ("reason", _one_of("rejected", "busy"))}),
}

ALLOWED: Mapping[Context, frozenset[str]] = {
    "call": frozenset({"Say", "Play", "Pause", "Gather", "Dial", "Enqueue", "Redirect", "Hangup", "Reject"}),
    "wait": frozenset({"Say", "Play", "Pause", "Gather", "Redirect", "Leave", "Hangup"}),
    "screen": frozenset({"Say", "Play", "Gather", "Hangup"}),
    "whisper": frozenset({"Say", "Play", "Pause"}),
    "room": frozenset({"Say", "Play", "Pause", "Redirect"}),
}
