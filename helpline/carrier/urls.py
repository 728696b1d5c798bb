"""Every URL we hand out: opaque, bound to its purpose and line, with the carrier's connection settings appended."""

from __future__ import annotations

from dataclasses import dataclass

from helpline.calls.ringing import LegRef
from helpline.carrier.seal import Payload, Seal
from helpline.errors import BadToken
from helpline.lines import Line
from ivr_flows import bringing as bringing_leg
from ivr_flows import service as service_leg
from ivr_flows import standby as pure
from ivr_flows.caller import Place as CallerPlace
from ivr_flows.model import Language, as_language
from ivr_flows.psychologist import Place as LegPlace
from ivr_flows.psychologist import Stage

OVERRIDES = "#ct=1000&rt=2000&rc=1&tt=5000&rp=ct,rt,5xx"
"""Connect 1 s, read 2 s, one retry on either and on a 5xx, 5 s in all: the default is 15 s of silence and no retry."""


@dataclass(frozen=True, slots=True)
class WaitToken:
    """What a wait document's URL knows. `misses` counts answers in a row that the database had no part in.

    `asked`, `nth` and `told` are the pure `ringing.Wait`.
    """

    language: Language
    attempt: int
    crisis: bool = False
    asked: bool = False
    misses: int = 0
    nth: int = 0
    told: int = -1


@dataclass(frozen=True, slots=True)
class RoomToken:
    """What a room's wait document knows: of which call it is, since when (UTC seconds) somebody is in it.

    `kind` and `token` are those of the URL that is asked when they leave.
    """

    call_id: str
    attempt: int
    since: int
    kind: str
    token: str


class VoiceUrls:
    """Builds and opens the URLs of the voice routes under `public_url` (no final slash)."""

    def __init__(self, public_url: str, seal: Seal) -> None:
        self._base = public_url
        self._seal = seal

    def _url(self, line: Line, purpose: str, payload: Payload) -> str:
        return f"{self._base}/voice/{line.name}/{purpose}/{self._seal.close(purpose, line.name, payload)}{OVERRIDES}"

    def audio(self, seconds: int) -> str:
        """The URL of some seconds of music."""
        return f"{self._base}/audio/{seconds}.wav"

    def entry(self, line: Line) -> str:
        """What the operator pastes at the carrier for the number."""
        return f"{self._base}/voice/{line.name}{OVERRIDES}"

    def entry_status(self, line: Line) -> str:
        """What the operator pastes at the carrier for the number's status callback."""
        return f"{self._base}/voice/{line.name}/status{OVERRIDES}"

    def caller(self, line: Line, place: CallerPlace, attempt: int = 0) -> str:
        """Where the caller's leg comes back to; `attempt` once there is a queue."""
        payload: Payload = [place.step, place.language, place.category, place.repeats, place.crisis, attempt]
        return self._url(line, "caller", payload)

    def open_caller(self, line: Line, token: str) -> tuple[CallerPlace, int]:
        """The place and attempt of a caller's URL. Raises `BadToken`."""
        match self._seal.open("caller", line.name, token):
            case [str(step), language, str() | None as category, int(repeats), bool(crisis), int(attempt)]:
                return CallerPlace(step, _language(language), category, repeats, crisis), attempt
        raise BadToken("caller")

    def wait(self, line: Line, token: WaitToken) -> str:
        """Where the hold loop asks what to play next."""
        known: Payload = [token.language, token.attempt, token.crisis, token.asked, token.misses]
        return self._url(line, "wait", [*known, token.nth, token.told])

    def open_wait(self, line: Line, token: str) -> WaitToken:
        """Raises `BadToken`."""
        match self._seal.open("wait", line.name, token):
            case [language, int(attempt), bool(crisis), bool(asked), int(misses), int(nth), int(told)]:
                return WaitToken(_language(language), attempt, crisis, asked, misses, nth, told)
        raise BadToken("wait")

    def leg(self, line: Line, ref: LegRef, place: LegPlace) -> str:
        """Where a psychologist's leg comes back to."""
        return self._url(line, "leg", [*_ref(ref), place.stage, place.language, place.nth, place.code])

    def open_leg(self, line: Line, token: str) -> tuple[LegRef, LegPlace]:
        """Raises `BadToken`."""
        match self._seal.open("leg", line.name, token):
            case [*ref, str(stage), language, int(nth), str(code)] if stage in set(Stage):
                return _as_ref(ref), LegPlace(Stage(stage), _language(language), nth, code)
        raise BadToken("leg")

    def bringing(self, line: Line, ref: LegRef, place: bringing_leg.Place | LegPlace) -> str:
        """Where a psychologist's leg comes back to while they bring a service onto the line."""
        if isinstance(place, LegPlace):
            return self.leg(line, ref, place)
        known: Payload = [place.stage, place.language, place.attempt, place.tries, place.nth, place.keyed]
        return self._url(line, "bring", [*_ref(ref), *known])

    def open_bringing(self, line: Line, token: str) -> tuple[LegRef, bringing_leg.Place]:
        """Raises `BadToken`."""
        match self._seal.open("bring", line.name, token):
            case [*ref, str(stage), language, int(attempt), int(tries), int(nth), str(keyed)] if stage in set(
                bringing_leg.Stage
            ):
                at = bringing_leg.Place(bringing_leg.Stage(stage), _language(language), attempt, tries, nth, keyed)
                return _as_ref(ref), at
        raise BadToken("bring")

    def service(self, line: Line, ref: LegRef, place: service_leg.Place) -> str:
        """Where a service's leg comes back to."""
        return self._url(line, "service", [*_ref(ref), place.stage, place.language, place.nth, place.attempt])

    def open_service(self, line: Line, token: str) -> tuple[LegRef, service_leg.Place]:
        """Raises `BadToken`."""
        match self._seal.open("service", line.name, token):
            case [*ref, str(stage), language, int(nth), int(attempt)] if stage in set(service_leg.Stage):
                return _as_ref(ref), service_leg.Place(service_leg.Stage(stage), _language(language), nth, attempt)
        raise BadToken("service")

    def met(self, line: Line, place: CallerPlace, attempt: int) -> str:
        """Where the caller comes back to from the room that they entered from the queue of `attempt`."""
        return self._url(line, "met", [place.step, place.language, place.category, place.repeats, attempt])

    def open_met(self, line: Line, token: str) -> tuple[CallerPlace, int]:
        """Raises `BadToken`."""
        match self._seal.open("met", line.name, token):
            case [str(step), language, str() | None as category, int(repeats), int(attempt)]:
                return CallerPlace(step, _language(language), category, repeats), attempt
        raise BadToken("met")

    def room(self, line: Line, purpose: str, token: RoomToken) -> str:
        """What is asked again and again while somebody waits in a room: of the caller a `room`, of a leg a `lobby`."""
        return self._url(line, purpose, [token.call_id, token.attempt, token.since, token.kind, token.token])

    def open_room(self, line: Line, purpose: str, token: str) -> RoomToken:
        """Raises `BadToken`."""
        match self._seal.open(purpose, line.name, token):
            case [str(call), int(attempt), int(since), str(kind), str(inner)]:
                return RoomToken(call, attempt, since, kind, inner)
        raise BadToken(purpose)

    def out_of_room(self, line: Line, token: RoomToken) -> str:
        """Where somebody is fetched to who would wait in vain: what they would be asked when they leave."""
        return f"{self._base}/voice/{line.name}/{token.kind}/{token.token}{OVERRIDES}"

    def unreadable(self, line: Line, purpose: str) -> str:
        """Where somebody goes of whose place nothing is known: a caller is rung for, a leg is told that it's over."""
        return f"{self._base}/voice/{line.name}/{purpose}/unreadable{OVERRIDES}"

    def leg_url(self, line: Line, ref: LegRef, language: Language) -> str:
        """What the carrier asks when the psychologist, or the service, picks up."""
        if ref.is_service:
            return self.service(line, ref, service_leg.Place(service_leg.Stage.PICK_UP, language))
        return self.leg(line, ref, LegPlace(Stage.PICK_UP, language))

    def leg_status_url(self, line: Line, ref: LegRef) -> str:
        """Where the carrier reports what becomes of a leg."""
        return self._url(line, "status", [*_ref(ref)])

    def open_leg_status(self, line: Line, token: str) -> LegRef:
        """Raises `BadToken`."""
        return _as_ref(self._seal.open("status", line.name, token))

    def bridge(self, line: Line, ref: LegRef, language: Language) -> str:
        """What the carrier plays to the caller, in their language, as the bridge is made."""
        return self._url(line, "bridge", [*_ref(ref), language])

    def open_bridge(self, line: Line, token: str) -> tuple[LegRef, Language]:
        """Raises `BadToken`."""
        match self._seal.open("bridge", line.name, token):
            case [*ref, language]:
                return _as_ref(ref), _language(language)
        raise BadToken("bridge")

    def standby(self, line: Line, place: pure.Then) -> str:
        """Where a leg of the degraded flow comes back to: the caller's, or that of a phone that is being screened."""
        match place:
            case pure.Place(caller=at, stage=stage, rung=rung, cut_off=cut_off):
                known: Payload = [at.step, at.language, at.category, place.entered_at, cut_off, stage, rung]
                return self._url(line, "standby", [*known, " ".join(place.tried), " ".join(place.skip)])
            case pure.Screen(language, held_in, again):
                return self._url(line, "screen", [language, held_in, again])
            case pure.Accept(language):
                return self._url(line, "accept", [language])
        return self.caller(line, place)

    def open_standby(self, line: Line, token: str) -> pure.Place:
        """Raises `BadToken`."""
        match self._seal.open("standby", line.name, token):
            case [str(step), language, str() | None as category, int(since), bool(cut_off), *rest]:
                at = CallerPlace(step, _language(language), category)
            case _:
                raise BadToken("standby")
        match rest:
            case [str(stage), str(rung), str(tried), str(skip)] if stage in set(pure.Stage):
                ids = tuple(tried.split()), tuple(skip.split())
                return pure.Place(at, since, pure.Stage(stage), rung, *ids, cut_off)
        raise BadToken("standby")

    def open_screen(self, line: Line, token: str) -> pure.Screen:
        """Raises `BadToken`."""
        match self._seal.open("screen", line.name, token):
            case [language, held_in, bool(again)]:
                return pure.Screen(_language(language), _language(held_in), again)
        raise BadToken("screen")

    def open_accept(self, line: Line, token: str) -> pure.Accept:
        """Raises `BadToken`."""
        match self._seal.open("accept", line.name, token):
            case [language]:
                return pure.Accept(_language(language))
        raise BadToken("accept")


def _language(value: object) -> Language:
    try:
        return as_language(value)
    except ValueError as error:
        raise BadToken("language") from error


def _ref(ref: LegRef) -> Payload:
    return [ref.call_id, ref.leg, ref.attempt, ref.person, ref.language]


def _as_ref(payload: Payload) -> LegRef:
    match payload:
        case [str(call), str(leg), int(attempt), int() | None as person, language]:
            return LegRef(call, leg, attempt, person, _language(language))
    raise BadToken("leg")
