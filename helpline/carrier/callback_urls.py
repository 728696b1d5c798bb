"""The URLs of a callback: of whoever asks for one, of the psychologist's leg, and of the phone that is called back."""

from __future__ import annotations

from dataclasses import dataclass

from helpline.carrier.seal import Payload, Seal
from helpline.carrier.urls import OVERRIDES
from helpline.errors import BadToken
from helpline.lines import Line
from ivr_flows import callback, calling_back
from ivr_flows.calling_back import Hello
from ivr_flows.model import Language, as_language


@dataclass(frozen=True, slots=True)
class BackRef:
    """What the URLs of both phones know: which callback, which of our legs, whose. Never a number."""

    callback: str
    leg: str
    person: int
    language: Language
    """Of the person who asked."""


class CallbackUrls:
    """Builds and opens these URLs under `public_url` (no final slash)."""

    def __init__(self, public_url: str, seal: Seal) -> None:
        self._base = public_url
        self._seal = seal

    def _url(self, line: Line, purpose: str, payload: Payload) -> str:
        return f"{self._base}/voice/{line.name}/{purpose}/{self._seal.close(purpose, line.name, payload)}{OVERRIDES}"

    def asking(self, line: Line, place: callback.Place) -> str:
        """Where the leg of whoever asks comes back to."""
        where: Payload = [place.stage, place.step, place.language, place.category]
        return self._url(line, "asking", [*where, place.given, place.repeats, place.crisis])

    def open_asking(self, line: Line, token: str) -> callback.Place:
        """Raises `BadToken`."""
        match self._seal.open("asking", line.name, token):
            case [
                str(stage),
                str(step),
                language,
                str() | None as category,
                int(given),
                int(repeats),
                bool(crisis),
            ] if stage in set(callback.Stage):
                asked = callback.Stage(stage)
                return callback.Place(asked, step, _language(language), category, given, repeats, crisis)
        raise BadToken("asking")

    def calling(self, line: Line, ref: BackRef, place: calling_back.Place) -> str:
        """Where the psychologist's leg comes back to."""
        return self._url(line, "calling", [*_ref(ref), place.stage, place.language, place.nth])

    def open_calling(self, line: Line, token: str) -> tuple[BackRef, calling_back.Place]:
        """Raises `BadToken`."""
        match self._seal.open("calling", line.name, token):
            case [*ref, str(stage), language, int(nth)] if stage in set(calling_back.Stage):
                return _as_ref(ref), calling_back.Place(calling_back.Stage(stage), _language(language), nth)
        raise BadToken("calling")

    def pick_up(self, line: Line, ref: BackRef, language: Language) -> str:
        """What the carrier asks when the psychologist, who is spoken to in `language`, picks up."""
        return self.calling(line, ref, calling_back.Place(calling_back.Stage.PICK_UP, language))

    def called(self, line: Line, ref: BackRef, hello: Hello) -> str:
        """Where the phone that is called back asks what to say."""
        return self._url(line, "called", [*_ref(ref), hello.language, hello.nth])

    def open_called(self, line: Line, token: str) -> tuple[BackRef, Hello]:
        """Raises `BadToken`."""
        match self._seal.open("called", line.name, token):
            case [*ref, language, int(nth)]:
                return _as_ref(ref), Hello(_language(language), nth)
        raise BadToken("called")

    def over(self, line: Line, ref: BackRef) -> str:
        """Where the carrier reports what becomes of the psychologist's leg."""
        return self._url(line, "called-back", [*_ref(ref)])

    def open_over(self, line: Line, token: str) -> BackRef:
        """Raises `BadToken`."""
        return _as_ref(self._seal.open("called-back", line.name, token))


def _language(value: object) -> Language:
    try:
        return as_language(value)
    except ValueError as error:
        raise BadToken("language") from error


def _ref(ref: BackRef) -> Payload:
    return [ref.callback, ref.leg, ref.person, ref.language]


def _as_ref(payload: Payload) -> BackRef:
    match payload:
        case [str(callback_id), str(leg), int(person), language]:
            return BackRef(callback_id, leg, person, _language(language))
    raise BadToken("called-back")
