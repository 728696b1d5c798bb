"""A psychologist brings a service of the directory onto the line, webhook by webhook.

The psychologist's leg while they do, the service's leg, and all three in the room where they meet. Whatever breaks,
whoever is on the line hears a voice, and the caller goes on holding, goes back to the psychologist, or is rung for.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from helpline.calls.advancing import Ticket
from helpline.calls.meeting import Meeting
from helpline.calls.ringing import LegRef, Ringing
from helpline.calls.strays import Strays
from helpline.carrier.hooks import Hook
from helpline.carrier.twiml import EMPTY, Renderer
from helpline.carrier.urls import RoomToken, VoiceUrls
from helpline.errors import BadToken
from helpline.lines import Line
from helpline.store.live_rows import Loaded
from ivr_flows import bringing as bringing_leg
from ivr_flows import caller, psychologist
from ivr_flows import service as service_leg
from ivr_flows.actions import Conference, Document, Hangup, Music, Say
from ivr_flows.directory import Offer
from ivr_flows.model import Language
from ivr_flows.psychologist import TALK_LIMIT
from ivr_flows.ringing import CallState, LegState

log = logging.getLogger(__name__)
WITH_LEG = (CallState.CLAIMED, CallState.TALKING)
ROOM_MUSIC = 3
"""Seconds of a room's wait document: how often whoever waits there is looked after."""
ROOM_SECONDS = 10
"""How long somebody may wait in a room for the others, who are on their way in it by a poll each."""


class Offers(Protocol):
    """Reads the directory."""

    def __call__(self, line: Line, keyed: str, language: Language, now: int) -> tuple[Offer, ...] | None:
        """Who can be called at the place that was keyed, nearest first; None if it is no place.

        `keyed` may be empty, for the whole country. Nothing of it is kept.
        """
        ...

    def anybody(self, line: Line, now: int) -> bool:
        """Whether there is anybody, at whatever place, who can be called."""
        ...


@dataclass(frozen=True, slots=True)
class Bringing:
    """The voice routes' use cases. Each takes the line, the URL's token, the webhook and `now` (UTC seconds)."""

    meeting: Meeting
    ringing: Ringing
    strays: Strays
    urls: VoiceUrls
    renderer: Callable[[Line], Renderer]
    offers: Offers

    def possible(self, line: Line, now: int) -> bool:
        """Whether there is anybody whom a psychologist could bring."""
        return self.offers.anybody(line, now)

    # --- the psychologist

    def begin(self, line: Line, ref: LegRef, loaded: Loaded, language: Language, now: int) -> str:
        """The psychologist who has parted from the caller chose to bring a service."""
        self.meeting.stay(ref, now)
        turn = bringing_leg.begin(language, loaded.call.attempt, len(loaded.services))
        return self._play(line, ref, turn.document, loaded.call.language, now)

    def bring(self, line: Line, token: str, hook: Hook, now: int) -> str:
        """A psychologist pressed keys or none, or came out of the room."""
        try:
            ref, place = self.urls.open_bringing(line, token)
        except BadToken:
            return self._not_valid(line, "bring")
        if hook.over:
            return EMPTY
        try:
            return self._bring(line, ref, place, hook, now)
        except SQLAlchemyError as error:
            log.error("leg.database", extra={"line": line.name, "reason": type(error).__name__})
        view = bringing_leg.View(None, queue=self.ringing.queue(ref.call_id, place.attempt))
        return self._play(line, ref, bringing_leg.step_blind(place, view).document, ref.language, now)

    def _bring(self, line: Line, ref: LegRef, place: bringing_leg.Place, hook: Hook, now: int) -> str:
        view = self._view(line, ref, place, hook.digits, self.meeting.load(ref.call_id), now)
        turn = bringing_leg.step(place, hook.digits, view)
        match turn.effect:
            case bringing_leg.Effect.CANCEL:
                view = self._view(line, ref, place, "", self.meeting.call_off(ref, place, now), now)
                turn = bringing_leg.cancelled(place, view)
                self._carry_out(line, ref, place, turn, now)
            case bringing_leg.Effect.CLAIM:
                loaded = self.ringing.claim(ref, now, back=True)
                won = loaded is not None and loaded.call.claimed_leg == ref.leg and loaded.call.state in WITH_LEG
                view = self._view(line, ref, place, "", loaded, now)
                attempt = loaded.call.attempt if loaded is not None else place.attempt
                turn = bringing_leg.claimed(replace(place, attempt=attempt), view, turn, won=won)
            case _:
                self._carry_out(line, ref, place, turn, now)
        return self._play(line, ref, turn.document, ref.language, now)

    def _carry_out(self, line: Line, ref: LegRef, place: bringing_leg.Place, turn: bringing_leg.Turn, now: int) -> None:
        match turn.effect:
            case bringing_leg.Effect.STAY:
                self.meeting.stay(ref, now)
            case bringing_leg.Effect.RING if turn.offer is not None and turn.offer.number is not None:
                self.meeting.call(line, ref, replace(place, tries=place.tries + 1), turn.offer.number, now)
            case bringing_leg.Effect.ENTER:
                self.meeting.enter(ref, now)
            case bringing_leg.Effect.HOLD:
                self.meeting.come_out(ref, now)
            case bringing_leg.Effect.LEAVE:
                self.meeting.leave(ref, now)

    def _view(
        self, line: Line, ref: LegRef, place: bringing_leg.Place, keys: str, loaded: Loaded | None, now: int
    ) -> bringing_leg.View:
        if loaded is None:
            return bringing_leg.View(None)
        call, offers, unknown = loaded.call, tuple[Offer, ...](), False
        if place.stage in {bringing_leg.Stage.ASK, bringing_leg.Stage.OFFER}:
            keyed = keys if place.stage is bringing_leg.Stage.ASK else place.keyed
            found = self.offers(line, keyed, call.language, now)
            unknown = found is None
            offers = found or self.offers(line, "", call.language, now) or ()
        return bringing_leg.View(
            call.state,
            mine=call.claimed_leg == ref.leg,
            attempt=call.attempt,
            queue=self.ringing.queue(call.id, call.attempt),
            room=self.meeting.room(call.id, call.attempt),
            service=self.meeting.service_of(loaded),
            offers=offers,
            unknown=unknown,
        )

    def _play(
        self,
        line: Line,
        ref: LegRef,
        document: Document[bringing_leg.Place | psychologist.Place],
        caller_language: Language,
        now: int,
    ) -> str:
        extras = {
            "announce": self.urls.bridge(line, ref, caller_language),
            "caller_id": line.settings.outbound_caller_id,
        }
        for action in document:
            if isinstance(action, Conference) and isinstance(action.then, bringing_leg.Place):
                then = self.urls.bringing(line, ref, action.then)
                extras["room"] = self._room(line, ref, action.then.attempt, then, now)
        return self.renderer(line).render(document, lambda then: self.urls.bringing(line, ref, then), extras)

    # --- the service

    def service(self, line: Line, token: str, hook: Hook, now: int) -> str:
        """A service picked up, pressed a key or none, or came out of the room or of its talk."""
        try:
            ref, place = self.urls.open_service(line, token)
        except BadToken:
            return self._not_valid(line, "service")
        if hook.over:
            return EMPTY
        try:
            turn = self._service(line, ref, place, hook, now)
        except SQLAlchemyError as error:
            log.error("leg.database", extra={"line": line.name, "reason": type(error).__name__})
            turn = service_leg.step_blind(place)
        extras = {
            "announce": self.urls.bridge(line, ref, ref.language),
            "caller_id": line.settings.outbound_caller_id,
        }
        for action in turn.document:
            if isinstance(action, Conference):
                then = self.urls.service(line, ref, action.then)
                extras["room"] = self._room(line, ref, action.then.attempt, then, now)
        return self.renderer(line).render(turn.document, lambda then: self.urls.service(line, ref, then), extras)

    def _service(self, line: Line, ref: LegRef, place: service_leg.Place, hook: Hook, now: int) -> service_leg.Turn:
        view = self._service_view(ref, hook, self.meeting.load(ref.call_id), now)
        turn = service_leg.step(place, hook.digits, view)
        match turn.effect:
            case service_leg.Effect.ACCEPT:
                loaded = self.meeting.accept(ref, now)
                return service_leg.accepted(place, self._service_view(ref, hook, loaded, now))
            case service_leg.Effect.CLAIM:
                loaded = self.meeting.claim(ref, now)
                return service_leg.claimed(place, self._service_view(ref, hook, loaded, now))
            case service_leg.Effect.SCREEN:
                self.ringing.screen(ref, hook.call, now)
            case service_leg.Effect.DECLINE:
                self.ringing.give_up(line, ref, "silent" if not hook.digits else "declined", now)
            case service_leg.Effect.ALIVE:
                self.meeting.alive(ref, now)
            case service_leg.Effect.ENTER:
                self.meeting.enter(ref, now)
            case service_leg.Effect.HOLD:
                self.meeting.hold(ref, now)
            case service_leg.Effect.END | service_leg.Effect.UNCLAIM:
                self.meeting.end(ref, unbridged=turn.effect is service_leg.Effect.UNCLAIM)
        return turn

    def _service_view(self, ref: LegRef, hook: Hook, loaded: Loaded | None, now: int) -> service_leg.View:
        if loaded is None:
            return service_leg.View(None)
        call, leg = loaded.call, loaded.leg(ref.leg)
        return service_leg.View(
            call.state,
            mine=call.claimed_leg == ref.leg,
            attempt=call.attempt,
            queue=self.ringing.queue(call.id, call.attempt),
            room=self.meeting.room(call.id, call.attempt),
            wanted=leg is not None and leg.state is not LegState.ENDED,
            entered=call.bridged_at > 0,
            left=self.meeting.left(loaded, now),
            bridged=not hook.unbridged,
        )

    # --- the caller

    def join(self, line: Line, place: caller.Place, ticket: Ticket, now: int) -> str:
        """The caller has left the queue for the room in which their psychologist is."""
        then = self.urls.met(line, place, ticket.attempt)
        room = Conference(self.meeting.room(ticket.call_id, ticket.attempt), place, TALK_LIMIT)
        ref = LegRef(ticket.call_id, "", ticket.attempt, None, place.language)
        extras = {"room": self._room(line, ref, ticket.attempt, then, now)}
        document: Document[caller.Place] = (room,)
        return self.renderer(line).render(document, lambda _: then, extras)

    # --- who waits in a room

    def _room(self, line: Line, ref: LegRef, attempt: int, then: str, now: int) -> str:
        """What is asked while they wait; `then` is what is asked when they leave, or are fetched."""
        kind, _, token = then.partition("#")[0].rpartition("/")
        inner = RoomToken(ref.call_id, attempt, now, kind.rpartition("/")[2], token)
        return self.urls.room(line, "lobby" if ref.leg else "room", inner)

    def room(self, line: Line, token: str, hook: Hook, now: int) -> str:
        """The caller waits in a room. If in vain, they are fetched out; one who can't be asks again in a moment."""
        return self._waiting(line, "room", token, hook, now)

    def lobby(self, line: Line, token: str, hook: Hook, now: int) -> str:
        """The same of a psychologist or a service."""
        return self._waiting(line, "lobby", token, hook, now)

    def _waiting(self, line: Line, purpose: str, token: str, hook: Hook, now: int) -> str:
        music: Document[caller.Place] = (Music(ROOM_MUSIC),)
        document = self.renderer(line).render(music, lambda _: "")
        try:
            waits = self.urls.open_room(line, purpose, token)
        except BadToken:
            log.warning("token.unreadable", extra={"line": line.name, "kind": purpose})
            self.strays.add(hook.call, self.urls.unreadable(line, "caller" if purpose == "room" else "leg"))
            return document
        expected = 0 <= now - waits.since < ROOM_SECONDS
        try:
            loaded = self.meeting.load(waits.call_id)
        except SQLAlchemyError as error:
            log.error("room.database", extra={"line": line.name, "reason": type(error).__name__})
        else:
            expected = expected and loaded is not None and self._expected(waits, loaded)
        if not expected:
            self.strays.add(hook.call, self.urls.out_of_room(line, waits))
        return document

    def _expected(self, waits: RoomToken, loaded: Loaded) -> bool:
        """Whether somebody is in the room with whom it starts, or on their way into it."""
        call = loaded.call
        if call.state is not CallState.MEETING or call.attempt != waits.attempt:
            return False
        holder = loaded.leg(call.claimed_leg)
        return holder is not None and holder.state is LegState.TALKING

    def _not_valid(self, line: Line, kind: str) -> str:
        log.warning("token.unreadable", extra={"line": line.name, "kind": kind})
        document: Document[service_leg.Place] = (Say("not-valid", line.flow.default_language), Hangup())
        return self.renderer(line).render(document, lambda _: "")
