"""The last call in ten lines, for whoever wants to know what went on behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from babel.numbers import format_decimal
from sqlalchemy import Connection, func, select

from helpline.lines import Line
from helpline.pages.texts import Say
from helpline.store.tables import Erasure, LiveCall
from helpline.store.tables import Leg as LiveLeg
from helpline.twin import CALLER, CallHandle, Entry, Exchange
from reports.words import Language

Row = tuple[str, str]
"""What it is, and how much."""
TALK_ENDS = frozenset({(CALLER, "hangs up"), (CALLER, "hears"), (CALLER, "hears audio"), ("line", "call ends")})
"""Who and what: the first of these that follows a bridge tells that it is over."""


def in_progress(connection: Connection) -> int:
    """Rows about calls that go on: none is left when the last call has ended.

    A call that is over may wait a minute to be counted, and a psychologist may still be on the phone: neither goes on.
    """
    going_on = LiveCall.carrier_id.not_in(select(Erasure.carrier_id))
    calls = select(func.count()).select_from(LiveCall).where(going_on)
    legs = select(func.count()).select_from(LiveLeg).join(LiveCall, LiveLeg.call_id == LiveCall.id).where(going_on)
    return sum(connection.execute(rows).scalar_one() for rows in (calls, legs))


def ten_lines(
    call: CallHandle, line: Line, refusals: int, rows: int, language: Language, say: Say, called: Callable[[str], str]
) -> list[Row]:
    """`refusals` and `rows` are how often the carrier refused something, and `in_progress`."""
    story, webhooks = call.transcript, call.webhooks
    rung = list(dict.fromkeys(called(entry.who) for entry in story if entry.event == "rings"))
    human = next((called(entry.text) for entry in story if entry.who == CALLER and entry.event == "bridged"), "")
    talks = list(_talks(story))
    return [
        (say("last-line"), line.flow.spoken[language]),
        (say("last-sound"), _after(call.first_sound, language, say)),
        (say("last-ring"), _after(call.first_ring, language, say)),
        (say("last-human"), " · ".join(part for part in (_after(call.bridged_at, language, say), human) if part)),
        (say("last-rung"), ", ".join(rung) or say("last-not-yet")),
        (say("last-talk"), _clock(sum(talks)) if talks else say("last-not-yet")),
        (say("last-webhooks"), _requests(webhooks, say)),
        (say("last-documents"), _documents(webhooks, language, say)),
        (say("last-refused"), str(refusals) if refusals else say("last-nothing")),
        (say("last-rows"), str(rows)),
    ]


def _after(seconds: float | None, language: Language, say: Say) -> str:
    if seconds is None:
        return say("last-not-yet")
    return say("last-after", seconds=format_decimal(round(seconds, 1), format="0.0", locale=language))


def _talks(story: Sequence[Entry]) -> Iterator[float]:
    """Seconds of each stretch of conversation that is over, as the caller lived it."""
    since: float | None = None
    for entry in story:
        if entry.who == CALLER and entry.event == "bridged":
            since = entry.at
        elif since is not None and (entry.who, entry.event) in TALK_ENDS:
            yield entry.at - since
            since = None


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def _requests(webhooks: Sequence[Exchange], say: Say) -> str:
    kinds = Counter(exchange.kind for exchange in webhooks)
    counted = ", ".join(f"{n} {kind}" for kind, n in kinds.most_common())
    return say("last-requests", n=len(webhooks)) + (f" ({counted})" if counted else "")


def _documents(webhooks: Sequence[Exchange], language: Language, say: Say) -> str:
    bodies = [len(exchange.body) for exchange in webhooks if exchange.body]
    size = format_decimal(round(sum(bodies) / 1000, 1), locale=language)
    return say("last-documents-size", n=size, documents=len(bodies)) if bodies else say("last-not-yet")
