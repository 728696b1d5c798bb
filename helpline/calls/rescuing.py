"""The last edge of a voice route: what is said when something broke that nobody foresaw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from helpline.calls.directory import Orienting
from helpline.calls.standby import StandBy
from helpline.carrier.hooks import Hook
from helpline.carrier.twiml import EMPTY, Renderer
from helpline.carrier.urls import VoiceUrls
from helpline.errors import BadToken
from helpline.lines import Line
from ivr_flows import caller, holding
from ivr_flows.actions import Document, Hangup, LeaveQueue, Music, Say


@dataclass(frozen=True, slots=True)
class Rescuing:
    """Answers for the routes of any leg, of whose URLs `kind` is the one."""

    urls: VoiceUrls
    renderer: Callable[[Line], Renderer]
    standby: StandBy
    orienting: Orienting

    def rescue(self, line: Line, kind: str, token: str, now: int) -> str:
        """What follows when something broke that nobody foresaw: a caller is rung for without whatever it was."""
        opens = {
            "caller": lambda: self.urls.open_caller(line, token)[0],
            "met": lambda: self.urls.open_met(line, token)[0],
            "directory": lambda: self.orienting.came_from(line, token),
        }
        if kind not in opens:
            return self.sorry(line, kind)
        try:
            place = opens[kind]()
        except BadToken:
            place = caller.Place(line.flow.start, line.flow.default_language)
        return self.standby.begin(line, place, Hook(""), now)

    def sorry(self, line: Line, kind: str) -> str:
        """The least that can be said then: a human voice, never the carrier's error tone.

        A waiting caller leaves the queue and is rung for anew; a psychologist is told that the call is gone.
        """
        return EMPTY if kind == "bridge" else self.renderer(line).render(_least(line, kind), str)


def _least(line: Line, kind: str) -> Document[str]:
    language = line.flow.default_language
    match kind:
        case "wait":
            return (LeaveQueue(),)
        case "room" | "lobby":
            # Asked for again in a moment.
            return (Music(holding.MOMENT_MUSIC),)
        case "service":
            return (Say("service-over", language), Hangup())
        case "leg" | "bring" | "screen" | "accept" | "calling":
            return (Say("gone", language), Hangup())
        case "called":
            # Nobody knows who picked up: not a word of whose call it was.
            return (Say("not-valid", language), Hangup())
    return (Say("trouble", language), Say(line.flow.crisis, language), Hangup())
