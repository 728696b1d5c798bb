"""What is fuzzed: functions of bytes that anybody can send, or that we send. A target returns, or its find is raised.

The fuzzer learns from the coverage of `helpline`; `test_targets.py` runs each target over its seeds and random bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, get_args
from urllib.parse import parse_qsl

from helpline.carrier.callback_urls import CallbackUrls
from helpline.carrier.directory_urls import DirectoryUrls
from helpline.carrier.hooks import FIELDS, MAX_FIELDS, Hook, Refused, parse_form, read_hook
from helpline.carrier.seal import Payload, Seal
from helpline.carrier.signature import Signature
from helpline.carrier.try_urls import TryUrls
from helpline.carrier.twiml import Renderer
from helpline.carrier.urls import VoiceUrls
from helpline.errors import BadToken
from helpline.lines import Line
from helpline.twin import twiml
from helpline.twin.grammar import ALLOWED
from helpline.twin.verbs import Context, Gather, Prompt
from helpline.twin.verbs import Say as Said
from ivr_flows.actions import Listen, Say
from tests.shell import lines_in

PUBLIC = "https://helpline.example.org"
KIND = "application/x-www-form-urlencoded"
KEY = b"the seal key of the fuzzer is long enough"
CONTEXTS: tuple[Context, ...] = get_args(Context)
_signature = Signature(("a token of the fuzzer",))
_seal = Seal((KEY,))
_urls, _callback, _directory = VoiceUrls(PUBLIC, _seal), CallbackUrls(PUBLIC, _seal), DirectoryUrls(PUBLIC, _seal)
_try = TryUrls(PUBLIC, _seal)
TOKENS: Mapping[str, Callable[[Line, str], object]] = {
    "accept": _urls.open_accept,
    "asking": _callback.open_asking,
    "bridge": _urls.open_bridge,
    "bring": _urls.open_bringing,
    "called": _callback.open_called,
    "called-back": _callback.open_over,
    "caller": _urls.open_caller,
    "calling": _callback.open_calling,
    "directory": _directory.open,
    "leg": _urls.open_leg,
    "lobby": lambda line, text: _urls.open_room(line, "lobby", text),
    "met": _urls.open_met,
    "room": lambda line, text: _urls.open_room(line, "room", text),
    "screen": _urls.open_screen,
    "service": _urls.open_service,
    "standby": _urls.open_standby,
    "status": _urls.open_leg_status,
    "tried": _try.open_tried,
    "trying": _try.open_trying,
    "wait": _urls.open_wait,
}
"""By purpose: what opens a token of ours."""


@cache
def _line() -> Line:
    return lines_in(Path())["belgium"]


def form(data: bytes) -> None:
    """A form is read as the standard library reads it, and refused where that refuses it."""

    def library(body: bytes) -> list[tuple[str, str]]:
        return parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)

    assert _read(parse_form, data) == _read(library, data)


def _read(reader: Callable[[bytes], list[tuple[str, str]]], data: bytes) -> list[tuple[str, str]] | None:
    try:
        return reader(data)
    except ValueError:
        return None


def hook(data: bytes) -> None:
    """A webhook becomes a `Hook` of the known fields, or is refused in one of a few words; a forged one always is."""
    url = f"{PUBLIC}/voice/france"
    fields = _read(parse_form, data)
    signed = "none" if fields is None else _signature.sign(url, fields)
    try:
        read = read_hook(_signature, url, data, KIND, signed)
    except Refused:
        return
    assert isinstance(read, Hook)
    assert 0 < len(read.call) <= 64
    assert min(read.queued_for, read.talked_for) >= 0
    assert {type(each) for each in (read.over, read.bridged, read.unbridged)} == {bool}
    known = {name: value for name, value in fields or () if name in FIELDS}
    assert {value for value in known.values() if value} <= {getattr(read, field) for field in FIELDS.values()}
    with suppress(Refused):
        forged = read_hook(_signature, url, data, KIND, signed[::-1])
        assert signed == signed[::-1], forged


def token(data: bytes) -> None:
    """A token that we didn't make opens nothing, whatever it is asked for."""
    text = data.decode("utf-8", "replace")
    for kind, opened in TOKENS.items():
        with suppress(BadToken):
            opened(_line(), text)
            raise AssertionError(kind)


def payload(data: bytes) -> None:
    """A token of ours that holds something else than its kind is a bad one too, and one that opens says it again."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return
    if not isinstance(found, list) or not all(isinstance(each, str | int | bool | None) for each in found):
        return
    given: Payload = found
    try:
        text = {kind: _seal.close(kind, _line().name, given) for kind in TOKENS}
    except UnicodeEncodeError:
        return
    for kind, opened in TOKENS.items():
        assert _seal.open(kind, _line().name, text[kind]) == given
        with suppress(BadToken):
            opened(_line(), text[kind])


def kinds(data: bytes) -> set[str]:
    """Of which kinds a token of ours with this payload is a good one."""
    good = set()
    for kind, opened in TOKENS.items():
        with suppress(BadToken):
            opened(_line(), _seal.close(kind, _line().name, json.loads(data)))
            good.add(kind)
    return good


def document(data: bytes) -> None:
    """Whatever a product answers, the twin runs it or says why the carrier wouldn't."""
    for context in CONTEXTS:
        with suppress(twiml.TwimlError):
            read = twiml.parse(data, "text/xml", context, PUBLIC)
            assert {type(verb).__name__ for verb in read.verbs} <= ALLOWED[context]


def spoken(data: bytes) -> None:
    """Whatever a label says, our document is one that the carrier runs, and speaks the label."""
    label = data.decode("utf-8", "replace")[:1000].lstrip("@")  # which begins the name of a prompt
    say = Say("whisper-category", "fr", (("category", label),))
    rendered = _renderer().render((say, Listen((say,), "then")), lambda _: f"{PUBLIC}/voice?a=1&b=2")
    first, gather = twiml.parse(rendered.encode(), "text/xml", "call", PUBLIC).verbs
    assert isinstance(gather, Gather)
    said: tuple[Prompt | Any, ...] = (first, *gather.prompts)
    expected = "".join(_plain(_renderer().text(say)).split())
    assert ["".join(each.text.split()) for each in said if isinstance(each, Said)] == [expected, expected]


def _plain(text: str) -> str:
    """Without what XML can't hold."""
    kept = (char for char in text if char in "\t\n\r" or (char >= " " and char not in "\ufffe\uffff"))
    return "".join(kept)


@cache
def _renderer() -> Renderer:
    line = _line()
    return Renderer(line.prompts, line.flow.voices, _urls.audio)


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    each.__name__: each for each in (form, hook, token, payload, document, spoken)
}
_HEAD = b'<?xml version="1.0" encoding="UTF-8"?><Response>'
SEEDS: Mapping[str, tuple[bytes, ...]] = {
    "form": (b"", b"CallSid=CA1&Digits=1", b"a=%C3%A9+b&&c&=d", b"%zz=%&a;b=1", b"a=%ff"),
    "hook": (
        b"CallSid=CA1&CallStatus=in-progress&Digits=1&From=%2B33199009001",
        b"CallSid=CA1&CallStatus=completed&QueueResult=bridged&QueueSid=QU1&QueueTime=12",
        b"CallSid=CA1&DialCallStatus=completed&DialBridged=true&DialCallDuration=60&DialCallSid=CA2",
        b"CallSid=CA1&CallSid=CA2",
        b"CallSid=CA1&QueueTime=" + b"9" * 5000,
    ),
    "token": (b"", b"AAAA", _seal.close("caller", "france", ["greeting", "fr", None, 0, False, 0]).encode()),
    "payload": (
        b'["greeting","fr",null,0,false,1]',
        b'["fr",1,false,false,0,0,-1]',
        b'["call","leg",1,7,"nl","whisper","fr",2,""]',
        b'["call","leg",1,null,"nl"]',
        b'["call","leg",1,null,"nl","de"]',
        b'["ring","fr",null,1773144000,false,"ringing","7","b0",""]',
        b'["fr","nl",true]',
        b'["call","leg",1,7,"nl","offer","fr",2,1,3,"31"]',
        b'["call","leg",0,null,"nl","wait","fr",2,1]',
        b'["ring","fr",null,0,2]',
        b'["call",1,1773144000,"met","a token"]',
        b'["read","orient","fr",null,"31","mots sps",0,false]',
        b'["key","ask","fr",null,7,0,false]',
        b'["back","leg",7,"nl","whisper","fr",1]',
        b'["back","leg",7,"nl","fr",1]',
        b'["back","leg",7,"nl"]',
        b'["leg","fr",1]',
        b'["fr"]',
        b"[]",
    ),
    "document": (
        _HEAD + b"</Response>",
        _HEAD
        + b'<Gather input="dtmf" numDigits="1" timeout="1" finishOnKey="" actionOnEmptyResult="true" method="POST"'
        b' action="https://helpline.example.org/x#rc=1"><Say language="fr-BE">Bonjour</Say></Gather></Response>',
        _HEAD + b'<Enqueue action="/a" waitUrl="/w">queue</Enqueue></Response>',
        _HEAD + b'<Dial callerId="+33199000401" timeout="5"><Queue url="/u">queue</Queue></Dial></Response>',
        _HEAD + b'<Dial callerId="+33199000401"><Number url="/s">+33199000101</Number></Dial><Hangup/></Response>',
        _HEAD + b'<Play>/audio/9.wav</Play><Pause length="1"/><Redirect>/r</Redirect></Response>',
        _HEAD + b"<Leave/></Response>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><Response>&a;</Response>',
        b'<?xml version="1.0" encoding="UTF-7"?><Response/>',
    ),
    "spoken": (b"", "Médecin".encode(), b"<Hangup/>&amp;]]>", b"\x00\x0b\x1f", "\ufffe\U0001f600".encode()),
}
"""What each target begins with."""
