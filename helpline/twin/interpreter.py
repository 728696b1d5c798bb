"""Runs TwiML documents on a leg: get, perform verb by verb, follow where they lead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum, auto

from helpline.twin.calls import Call, Goto, Listening, Speech
from helpline.twin.documents import DocumentFailed, Documents
from helpline.twin.media import PlaySeconds, speech_seconds, tone_seconds
from helpline.twin.process import Future, Steps
from helpline.twin.verbs import (
    Context,
    Dial,
    Document,
    Enqueue,
    Gather,
    Hangup,
    Leave,
    Method,
    Pause,
    Play,
    Prompt,
    Redirect,
    Reject,
    Say,
    Verb,
)
from helpline.twin.world import World

ENDLESS = 50
"""Documents in a row that lead to each other without a verb taking time before it counts as a loop."""


class Stop(Enum):
    """Why a chain of documents is over."""

    END = auto()
    HANGUP = auto()
    LEAVE = auto()
    BUSY = auto()
    REJECTED = auto()


Outcome = Goto | Stop | None
"""After a verb: another document, the end, or the next verb."""
Performer = Callable[[Call, Verb], Steps[Outcome]]


class Interpreter:
    """Performs the verbs that concern one leg alone; Dial and Enqueue are added by whoever joins legs."""

    def __init__(self, world: World, documents: Documents, play_seconds: PlaySeconds) -> None:
        self._world = world
        self._documents = documents
        self._play_seconds = play_seconds
        self._joining: dict[type[Dial | Enqueue], Performer] = {}
        self.on_answer: Callable[[Call], None] = lambda _call: None

    def join_with(self, verb: type[Dial | Enqueue], performer: Performer) -> None:
        """Have a verb that joins legs performed by `performer`."""
        self._joining[verb] = performer

    def follow(self, call: Call, goto: Goto, context: Context) -> Steps[Stop]:
        """Run a document and those it leads to until one ends the chain; DocumentFailed when one can't run."""
        idle, spent = 0, call.performed
        while True:
            document = yield from self._documents.get(call, goto, context)
            idle = idle + 1 if call.performed == spent else 0
            spent = call.performed
            if idle > ENDLESS:
                self._world.violate(call.sid, goto.kind, goto.url, "documents lead to each other for ever")
                raise DocumentFailed(12200, goto.url, "endless loop")
            outcome = yield from self._run(call, document, context)
            if isinstance(outcome, Stop):
                return outcome
            goto = outcome

    def _run(self, call: Call, document: Document, context: Context) -> Steps[Goto | Stop]:
        for verb in document.verbs:
            if context == "call" and call.answered is None and _answers(verb):
                self.on_answer(call)
            outcome = yield from self._perform(call, verb, document)
            if outcome is not None:
                return outcome
        return Stop.END

    def _perform(self, call: Call, verb: Verb, document: Document) -> Steps[Outcome]:
        match verb:
            case Say() | Play() | Pause():
                yield from self.prompt(call, verb)
                return None
            case Gather():
                return (yield from self._gather(call, verb, document))
            case Dial() | Enqueue():
                return (yield from self._joining[type(verb)](call, verb))
            case Redirect():
                return Goto(verb.url, "redirect", verb.method)
            case Leave():
                return Stop.LEAVE
            case Hangup():
                return Stop.HANGUP
            case Reject():
                return Stop.BUSY if verb.reason == "busy" else Stop.REJECTED

    # -- sounds --------------------------------------------------------------------------------------------------

    def prompt(self, call: Call, prompt: Prompt, until: Future[None] | None = None) -> Steps[bool]:
        """Let a leg hear a Say, Play or Pause; True when `until` came and cut it short."""
        match prompt:
            case Say():
                once = speech_seconds(prompt.text, self._world.rules.words_per_minute)
                speech = Speech(prompt.text, prompt.locale, prompt.voice, self._world.elapsed(), once)
                return (yield from self._sound(call, "hears", speech, prompt.loop, until))
            case Play():
                return (yield from self._play(call, prompt, until))
            case Pause():
                return (yield from self._spend(call, prompt.seconds, until))

    def _play(self, call: Call, play: Play, until: Future[None] | None) -> Steps[bool]:
        if play.digits:
            call.note("hears tones", play.digits)
            return (yield from self._spend(call, tone_seconds(play.digits) * play.loop, until))
        arrival = self._world.kernel.outside(lambda: self._play_seconds(play.url))
        yield arrival
        if arrival.value is None:
            self._world.violate(call.sid, "media", play.url, "a recording that can't be played")
            return False
        speech = Speech("", "", "", self._world.elapsed(), arrival.value, play.url)
        return (yield from self._sound(call, "hears audio", speech, play.loop, until))

    def _sound(self, call: Call, event: str, speech: Speech, loop: int, until: Future[None] | None) -> Steps[bool]:
        call.saying = speech
        call.note(event, speech.text or speech.audio_url, speech.locale)
        try:
            seconds = None if loop == 0 else speech.seconds * loop
            return (yield from self._spend(call, seconds, until))
        finally:
            call.saying = None
            self._world.touch()

    def _spend(self, call: Call, seconds: float | None, until: Future[None] | None) -> Steps[bool]:
        """Let a verb's seconds pass (None: for ever), unless `until` comes first."""
        began = self._world.elapsed()
        try:
            return (yield from self._world.kernel.wait(until or Future(self._world.kernel), seconds))
        finally:
            call.performed += self._world.elapsed() - began

    # -- keys ----------------------------------------------------------------------------------------------------

    def _gather(self, call: Call, gather: Gather, document: Document) -> Steps[Outcome]:
        listening = Listening(self._world, gather)
        call.listening = listening
        call.party.on_asked(self._first_seconds(gather))
        self._world.touch()
        try:
            yield from self._collect(call, listening)
        finally:
            call.listening = None
            call.party.on_asked_no_more()
            self._world.touch()
        if not listening.digits and not gather.action_on_empty:
            return None
        params = {
            "Digits": listening.digits,
            "FinishedOnKey": listening.finished_on,
            "msg": "Gather End",
        }
        # without an action the carrier asks for the current document again
        return Goto(gather.action or document.url, "gather", gather.method, params)

    def _collect(self, call: Call, listening: Listening) -> Steps[None]:
        """Prompts until the first key, then keys until complete or a timeout's silence."""
        for prompt in listening.gather.prompts:
            yield from self.prompt(call, prompt, listening.pressed)
            if listening.pressed.done:
                break
        while not listening.complete:
            came = yield from self._until_key(call, listening)
            if not came:
                return

    def _until_key(self, call: Call, listening: Listening) -> Steps[bool]:
        began = self._world.elapsed()
        came = yield from self._world.kernel.wait(listening.next_key(), listening.gather.timeout)
        call.performed += self._world.elapsed() - began
        return came

    def _first_seconds(self, gather: Gather) -> float:
        """Seconds until somebody has understood what is asked: to the end of the first Say."""
        seconds = 0.0
        for prompt in gather.prompts:
            if isinstance(prompt, Say):
                return seconds + speech_seconds(prompt.text, self._world.rules.words_per_minute)
            seconds += prompt.seconds if isinstance(prompt, Pause) else 0.0
        return seconds


def _answers(verb: Verb) -> bool:
    """Whether a call that still rings is answered to perform this verb."""
    if isinstance(verb, Dial):
        return not (verb.answer_on_bridge and verb.numbers)
    return not isinstance(verb, Pause | Redirect | Reject)


def then(verb_action: str, method: Method, kind: str, params: Mapping[str, str]) -> Outcome:
    """What follows a verb that may have an action: its document, or the next verb."""
    return Goto(verb_action, kind, method, params) if verb_action else None
