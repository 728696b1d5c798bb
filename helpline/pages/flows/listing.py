"""Every line: the number people dial, its languages, and for how long somebody may wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import phonenumbers

from helpline.calls.promise import Promise, promise
from helpline.lines import Line
from helpline.pages.routes import COORDINATOR, OPERATOR, Route
from helpline.pages.site import Site, Visit
from helpline.pages.texts import ENDONYMS, Say
from reports.words import Language

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

READERS = COORDINATOR | OPERATOR
STALE_DAYS = 183
"""After half a year the crisis numbers should be dialled again, to see that they are still the right ones."""


def routes(_site: Site) -> tuple[Route, ...]:
    """`/flows`."""
    return (Route("/flows", "flows", show_lines, READERS),)


@dataclass(frozen=True, slots=True)
class Card:
    """A line. `promise` and `busy` are sentences; `stale`: its crisis numbers weren't looked at for long."""

    id: str
    name: str
    number: str
    dial: str
    languages: tuple[tuple[Language, str], ...]
    promise: str
    busy: str
    verified: str
    stale: bool
    url: str
    try_url: str


def show_lines(visit: Visit) -> ResponseReturnValue:
    """The lines, side by side."""
    return visit.page("flows/lines.html", cards=[card(visit, line) for line in visit.site.lines.values()])


def card(visit: Visit, line: Line) -> Card:
    """What is to be known of a line before its flow."""
    kept, flow = promise(line), line.flow
    verified = date.fromisoformat(flow.crisis_verified)
    today = line.local(visit.now).date()
    return Card(
        line.name,
        flow.spoken[visit.language],
        readable(line.settings.published),
        line.settings.published,
        tuple((language, ENDONYMS[language]) for language in flow.languages),
        promised(visit.say, kept),
        visit.say("flows-promise-busy", time=spell(kept.seconds_busy)),
        visit.formats.long_date(verified),
        (today - verified).days > STALE_DAYS,
        visit.url("flow", line=line.name),
        visit.url("flow_try", line=line.name),
    )


def promised(say: Say, kept: Promise) -> str:
    """For how long whoever presses nothing may wait, in words."""
    return say("flows-promise", time=spell(kept.seconds), to_ring=spell(kept.to_ring), ringing=spell(kept.ringing))


def spell(seconds: float) -> str:
    """`1 min 32 s`, which reads alike in the four languages."""
    whole = round(seconds)
    parts = [f"{whole // 60}\u00a0min"] if whole >= 60 else []
    parts += [f"{whole % 60}\u00a0s"] if whole % 60 or not parts else []
    return "\u00a0".join(parts)


def readable(number: str) -> str:
    """A number as it is written in its country."""
    form = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(phonenumbers.parse(number), form)
