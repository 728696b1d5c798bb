"""Documents become TwiML, by plain string building: the library's builder costs more than the rest of a webhook.

Tests hold every document we can emit against the white list of verbs and attributes, and against the library's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeVar
from xml.sax.saxutils import escape, quoteattr

from ivr_flows.actions import (
    Action,
    Ask,
    Bridge,
    Conference,
    Document,
    Goto,
    Hangup,
    LeaveQueue,
    Listen,
    Music,
    Pause,
    Phone,
    Queue,
    Say,
    Sound,
)
from ivr_flows.model import Language, Voice
from ivr_flows.prompts import Prompts

HEAD = '<?xml version="1.0" encoding="UTF-8"?><Response>'
TAIL = "</Response>"
EMPTY = HEAD + TAIL
BRIDGE_TIMEOUT = 5
"""Seconds that a claiming psychologist's dial waits for the caller at the front of the queue."""
_UNSPEAKABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML can't hold, not even escaped: a label of the operator's might."""

P = TypeVar("P")


class Renderer:
    """Renders one line's documents. `audio` is the URL of a number of seconds of music."""

    def __init__(self, prompts: Prompts, voices: Mapping[Language, Voice], audio: Callable[[int], str]) -> None:
        self._prompts = prompts
        self._voices = voices
        self._audio = audio
        self._sound = lru_cache(maxsize=4096)(self._render_sound)

    def render(self, document: Document[P], url: Callable[[P], str], extras: Mapping[str, str] | None = None) -> str:
        """TwiML of `document`. `url` gives the URL of a place; `extras` the URLs only the shell knows.

        `extras`: `wait` for a Queue, `announce` and `caller_id` for a Bridge, `caller_id` for a Phone, `room` for a
        Conference: what is asked again and again while nobody else is there.
        """
        extras = extras or {}
        return HEAD + "".join([self._action(action, url, extras) for action in document]) + TAIL

    def sounds(self, *sounds: Sound) -> str:
        """The verbs of some sounds alone, for a document that is put together elsewhere."""
        return "".join([self._sound(sound) for sound in sounds])

    def text(self, say: Say) -> str:
        """What is spoken, its values filled in."""
        values = {name: self._value(value, say.language) for name, value in say.values}
        return self._prompts.text(say.prompt, say.language, **values)

    def _value(self, value: str, language: Language) -> str:
        if value.startswith("@wait:"):
            return spoken_wait(self._prompts, int(value[6:]), language)
        return self._prompts.text(value[1:], language) if value.startswith("@") else value

    def _action(self, action: Action[Any], url: Callable[[Any], str], extras: Mapping[str, str]) -> str:
        match action:
            case Listen(sounds=sounds, then=then, timeout=timeout, digits=digits, finish=finish):
                inner = "".join([self._sound(sound) for sound in sounds])
                return (
                    f'<Gather input="dtmf" numDigits="{digits}" timeout="{timeout}" finishOnKey="{finish}" '
                    f'actionOnEmptyResult="true" method="POST" action={quoteattr(url(then))}>{inner}</Gather>'
                )
            case Ask(sounds=sounds, then=then, timeout=timeout):
                inner = "".join([self._sound(sound) for sound in sounds])
                return (
                    f'<Gather input="dtmf" numDigits="1" timeout="{timeout}" finishOnKey="" '
                    f'actionOnEmptyResult="false" method="POST" action={quoteattr(url(then))}>{inner}</Gather>'
                )
            case Goto(then=then):
                return f'<Redirect method="POST">{escape(url(then))}</Redirect>'
            case Queue(name=name, then=then):
                action_url, wait = quoteattr(url(then)), quoteattr(extras["wait"])
                verb = f'<Enqueue method="POST" action={action_url} waitUrlMethod="POST" waitUrl={wait}>'
                return f"{verb}{escape(name)}</Enqueue>"
            case Bridge(queue=queue, then=then, limit=limit):
                star = _flag(action.star)
                return (
                    f'<Dial method="POST" action={quoteattr(url(then))} timeout="{BRIDGE_TIMEOUT}" timeLimit="{limit}" '
                    f'callerId={quoteattr(extras["caller_id"])} hangupOnStar="{star}" record="do-not-record">'
                    f'<Queue method="POST" url={quoteattr(extras["announce"])}>{escape(queue)}</Queue></Dial>'
                )
            case Conference():
                return _conference(action, url, extras)
            case Phone():
                return _phone(action, url, extras)
            case LeaveQueue():
                return "<Leave/>"
            case Hangup():
                return "<Hangup/>"
        return self._sound(action)

    def _render_sound(self, sound: Sound) -> str:
        match sound:
            case Say(language=language):
                voice = self._voices[language]
                attributes = f"language={quoteattr(voice.locale)} voice={quoteattr(voice.name)}"
                return f"<Say {attributes}>{escape(_UNSPEAKABLE.sub(' ', self.text(sound)))}</Say>"
            case Music(seconds=seconds):
                return f"<Play>{escape(self._audio(seconds))}</Play>"
            case Pause(seconds=seconds):
                return f'<Pause length="{seconds}"/>'


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _conference(room: Conference[P], url: Callable[[P], str], extras: Mapping[str, str]) -> str:
    """Whoever leaves ends it: nobody is ever alone in a room, and each leg's next document comes from us."""
    return (
        f'<Dial method="POST" action={quoteattr(url(room.then))} timeLimit="{room.limit}" '
        f'hangupOnStar="{_flag(room.star)}" record="do-not-record">'
        f'<Conference beep="false" startConferenceOnEnter="{_flag(room.starts)}" endConferenceOnExit="true" '
        f'record="do-not-record" waitMethod="POST" waitUrl={quoteattr(extras["room"])}>'
        f"{escape(room.name)}</Conference></Dial>"
    )


def _phone(phone: Phone[P], url: Callable[[P], str], extras: Mapping[str, str]) -> str:
    """A number to ring; the line's number shows. Screened, the caller hears it ring until somebody pressed 1."""
    screen = "" if phone.screen is None else f' method="POST" url={quoteattr(url(phone.screen))}'
    return (
        f'<Dial method="POST" action={quoteattr(url(phone.then))} timeout="{phone.seconds}" timeLimit="{phone.limit}" '
        f'callerId={quoteattr(extras["caller_id"])} answerOnBridge="true" record="do-not-record">'
        f"<Number{screen}>{escape(phone.number)}</Number></Dial>"
    )


def spoken_wait(prompts: Prompts, seconds: int, language: Language) -> str:
    """A waiting time as one says it: tens of seconds under two minutes, then whole minutes."""
    if seconds < 60:
        return prompts.text("wait-seconds", language, n=str(max(10, seconds // 10 * 10)))
    if seconds < 120:
        return prompts.text("wait-minute", language)
    return prompts.text("wait-minutes", language, n=str(seconds // 60))
