"""Reads TwiML as strictly as the product deserves: whatever the carrier might not run is a TwimlError.

The grammar is the table in `grammar.py`; here is what reads a document by it, and the checks that need more than one
attribute. What the product must never emit (Record, Stream, speech...) is simply not in the table.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any, cast

from helpline.twin import urls, voices
from helpline.twin.grammar import ALLOWED, GRAMMAR, URLS, Element, Rule
from helpline.twin.verbs import (
    ConferenceNoun,
    Context,
    Dial,
    Document,
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

E164 = re.compile(r"\+[1-9]\d{6,14}\Z")
MAX_BYTES = 64 * 1024
MAX_SAY = 4096
MAX_QUEUE_NAME = 64
MAX_CONFERENCE_NAME = 128
MAX_NUMBERS = 10
CONTENT_TYPES = frozenset({"text/xml", "application/xml"})


class TwimlError(ValueError):
    """A document the carrier would not run, with the carrier's error code and the reason in words."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason


def parse(body: bytes, media_type: str, context: Context, url: str) -> Document:
    """The document in `body`, served from `url`, checked for the context it will run in; or TwimlError."""
    if media_type not in CONTENT_TYPES:
        raise TwimlError(12300, f"content type {media_type!r} instead of text/xml")
    if len(body) > MAX_BYTES:
        raise TwimlError(11750, f"document of {len(body)} bytes")
    if b"<!" in body.replace(b"<!--", b"").replace(b"<![CDATA[", b""):
        raise TwimlError(12100, "a document type declaration")
    try:
        root = ET.fromstring(body)  # noqa: S314 - declarations, all that could harm, were refused above
    except (ET.ParseError, ValueError, LookupError) as error:  # the latter two: an encoding it doesn't know
        raise TwimlError(12100, f"not XML: {error}") from error
    if root.tag != "Response" or root.attrib:
        raise TwimlError(12100, f"the root is <{root.tag}>, not a bare <Response>")
    _no_stray_text(root)
    _fit_for_a_room(root, context)
    verbs = tuple(cast("Verb", _verb(element, ALLOWED[context], url)) for element in root)
    _all_reachable(verbs)
    return Document(url, verbs)


def _fit_for_a_room(root: ET.Element, context: Context) -> None:
    """A conference's wait document has an error of its own for what it may not do."""
    wrong = [element.tag for element in root if element.tag not in ALLOWED[context]]
    if context == "room" and wrong:
        raise TwimlError(13238, f"<{wrong[0]}> in a conference's wait document")


def _verb(element: ET.Element, allowed: frozenset[str], base: str) -> Element:
    tag = element.tag
    if tag not in allowed:
        raise TwimlError(12200, f"<{tag}> is not allowed here")
    rule = GRAMMAR[tag]
    values = _attributes(element, rule, base)
    text = (element.text or "").strip()
    if rule.text:
        if len(element):
            raise TwimlError(12200, f"<{tag}> holds text only")
        values[rule.text] = text
    else:
        _no_stray_text(element)
    if tag == "Gather":
        prompts = frozenset(rule.children) - ({"Pause"} if "Pause" not in allowed else set())
        values["prompts"] = tuple(_verb(child, prompts, base) for child in element)
    elif tag == "Dial":
        values.update(_nouns(element, base))
    elif len(element):
        raise TwimlError(12200, f"<{tag}> holds no elements")
    return _checked(tag, values, base)


def _attributes(element: ET.Element, rule: Rule, base: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, text in element.attrib.items():
        if name not in rule.attributes:
            raise TwimlError(12200, f"<{element.tag}> has no attribute {name!r}")
        field, read = rule.attributes[name]
        try:
            values[field] = urls.resolve(text, base) if field in URLS else read(text)
        except ValueError as error:
            raise TwimlError(12200, f"<{element.tag} {name}={text!r}>: {error}") from error
    values.pop("input", None)  # read only to be refused when it isn't dtmf, as is record
    values.pop("record", None)
    return values


def _nouns(element: ET.Element, base: str) -> dict[str, Any]:
    nouns = [_verb(child, frozenset({"Number", "Queue", "Conference"}), base) for child in element]
    numbers = tuple(noun for noun in nouns if isinstance(noun, Number))
    queues = [noun for noun in nouns if isinstance(noun, QueueNoun)]
    rooms = [noun for noun in nouns if isinstance(noun, ConferenceNoun)]
    if (bool(numbers) + len(queues) + len(rooms)) != 1 or len(numbers) > MAX_NUMBERS:
        raise TwimlError(12200, f"<Dial> takes 1 to {MAX_NUMBERS} <Number>, one <Queue> or one <Conference>")
    return {"numbers": numbers, "queue": queues[0] if queues else None, "conference": rooms[0] if rooms else None}


def _checked(tag: str, values: dict[str, Any], base: str) -> Element:
    """The verb itself, after the checks that need more than one attribute."""
    if tag == "Say":
        _check_say(values)
    elif tag == "Play" and bool(values.get("url")) == bool(values.get("digits")):
        raise TwimlError(12200, "<Play> takes either a URL or digits")
    elif tag in ("Enqueue", "Queue") and not 1 <= len(values["name"]) <= MAX_QUEUE_NAME:
        raise TwimlError(12200, f"a queue's name has 1 to {MAX_QUEUE_NAME} characters")
    elif tag == "Conference" and (not 1 <= len(values["name"]) <= MAX_CONFERENCE_NAME or "/" in values["name"]):
        raise TwimlError(13223, f"a conference's name has 1 to {MAX_CONFERENCE_NAME} characters, no slash")
    elif tag == "Number" and not E164.match(values["number"]):
        raise TwimlError(13224, f"<Number> {values['number']!r} is not in E.164")
    if tag == "Redirect" or (tag == "Play" and values["url"]):
        try:
            values["url"] = urls.resolve(values["url"], base)
        except ValueError as error:
            raise TwimlError(12200, f"<{tag}>: {error}") from error
    return GRAMMAR[tag].make(**values)


def _check_say(values: dict[str, Any]) -> None:
    if not 1 <= len(values["text"]) <= MAX_SAY:
        raise TwimlError(13520, f"<Say> takes 1 to {MAX_SAY} characters")
    if "voice" in values:
        speaks = voices.locale_of(values["voice"])
        if speaks is None:
            raise TwimlError(13510, f"there is no voice {values['voice']!r}")
        if values.setdefault("locale", speaks) != speaks:
            raise TwimlError(13512, f"{values['voice']} speaks {speaks}, not {values['locale']}")


def _no_stray_text(element: ET.Element) -> None:
    stray = [element.text or "", *(child.tail or "" for child in element)]
    if any(text.strip() for text in stray):
        raise TwimlError(12200, f"text directly inside <{element.tag}>")


def _all_reachable(verbs: tuple[Verb, ...]) -> None:
    for position, verb in enumerate(verbs):
        if isinstance(verb, Reject) and position:
            raise TwimlError(12200, "<Reject> must be the first verb")
        if position + 1 < len(verbs) and _never_passed(verb):
            raise TwimlError(12200, f"what follows <{type(verb).__name__}> can never run")


def _never_passed(verb: Verb) -> bool:
    match verb:
        case Redirect() | Leave() | Hangup() | Reject():
            return True
        case Dial() | Enqueue():
            return bool(verb.action)
        case Gather():
            return verb.action_on_empty
        case Say() | Play():
            return verb.loop == 0
        case Pause():
            return False
