"""A live call from every side."""

from __future__ import annotations

from dataclasses import dataclass

from helpline.calls.bringing import Bringing
from helpline.calls.caller import CallerSide
from helpline.calls.calling_back import CallingBack
from helpline.calls.holding import Holding
from helpline.calls.psychologist import PsychologistSide
from helpline.calls.rescuing import Rescuing
from helpline.calls.standby import StandBy
from helpline.calls.unheard import Unheard


@dataclass(frozen=True, slots=True)
class Conversation:
    """Who answers which of its webhooks; each of them sees to it that whoever is on the line hears a voice."""

    caller: CallerSide
    holding: Holding
    psychologist: PsychologistSide
    bringing: Bringing
    """The psychologist while they bring a service, the service, and whoever waits in the room where they meet."""
    standby: StandBy
    """Callers put through by the carrier alone, and the phones that ring for them."""
    calling_back: CallingBack
    rescuing: Rescuing
    unheard: Unheard
    """What couldn't be written."""
