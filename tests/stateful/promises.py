"""What is promised to every caller and every psychologist, checked on what the twin saw."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator

from helpline.app import Service
from helpline.calls.promise import promise
from helpline.errors import BadToken
from helpline.store.tables import Erasure, Leg, LiveCall
from helpline.twin import CALLER, CallHandle
from helpline.twin.calls import Call
from tests.scenarios.checks import check_documents
from tests.scenarios.stage import Stage

KEYS = 30.0
"""What a caller's own keys may add to the line's promise: a menu heard twice, the crisis numbers."""
RINGS_ON = 10.0
"""Longest time, in seconds, that a phone may ring for a caller who left, with one webhook in the way of a fault."""


def crisis_words(stage: Stage) -> frozenset[str]:
    """Every sentence that names the crisis numbers."""
    return frozenset(
        line.prompts.text(line.flow.crisis, language)
        for line in stage.rehearsal.service.lines.values()
        for language in line.flow.languages
    )


def waits(call: Call, crisis: frozenset[str]) -> Iterator[float]:
    """How long this caller was without a human and without a spoken alternative, each time.

    The crisis numbers heard in the queue don't count: the caller asked for them and goes on waiting for a human.
    """
    since, queued, bridged = call.created, False, False
    for entry in call.entries:
        if bridged and entry.event != "presses":
            bridged, since = False, entry.at
        if entry.event == "queued":
            queued = True
        elif entry.event == "leaves the queue":
            queued = False
        elif entry.event in {"bridged", "meets"}:
            yield entry.at - since
            bridged = True
        elif entry.event == "call ends" or (entry.event == "hears" and not queued and entry.text in crisis):
            yield entry.at - since
            since = entry.at


def stranded(handle: CallHandle, crisis: frozenset[str], promised: float) -> str:
    """Why this caller was let down, or "". `promised`: seconds until a human or a spoken alternative."""
    events = {(entry.who, entry.event) for entry in handle.call.entries}
    heard = {entry.text for entry in handle.call.entries if entry.who == CALLER and entry.event == "hears"}
    longest = max(waits(handle.call, crisis), default=0.0)
    if not handle.over:
        return "the call never ends"
    if ("line", "error tone") in events:
        return "an error tone"
    if (CALLER, "hangs up") not in events and not heard & crisis and (CALLER, "bridged") not in events:
        return "let go without a human and without the crisis numbers"
    if longest > promised:
        return f"without a human or a spoken alternative for {longest:.0f} s"
    return ""


def check_callers(stage: Stage, calls: Iterable[CallHandle], *, late: float = 0.0) -> None:
    """Nobody was let down: each line kept its promise, `late` seconds later where things went wrong."""
    crisis, let_down = crisis_words(stage), []
    for handle in calls:
        lines = stage.rehearsal.service.lines.values()
        line = next(line for line in lines if handle.call.to in {line.settings.published, *line.settings.inbound})
        if why := stranded(handle, crisis, promise(line).seconds_busy + KEYS + late):
            let_down.append((handle.sid, why))
    assert not let_down, let_down


def check_answers(stage: Stage) -> None:
    """Every webhook was answered with a document of the white list, or with 204; nothing was an error."""
    twin = stage.twin
    said = [record.getMessage() for record in stage.log if record.levelno >= logging.ERROR]
    assert not said, said
    assert not twin.violations, twin.violations
    assert not stage.rehearsal.transport.crashes, stage.rehearsal.transport.crashes
    statuses = {exchange.status for exchange in twin.requests}
    assert statuses <= {200, 204, None}, statuses
    check_documents(stage)


def check_phones(stage: Stage, excuses: Iterable[float] = ()) -> None:
    """No phone was rung while it was busy, and none is off the hook any more.

    Excused is what happened without a database, or while a clock was set or a database broken: `excuses`, in elapsed
    seconds. Nobody can know then who is on the phone.
    """
    excuses = list(excuses)
    legs = {leg.sid: leg for leg in stage.twin.legs()}
    unexpected = []
    for rung in stage.twin._world.busy_rings:
        new = legs[rung.call_sid]
        there = [leg for leg in legs.values() if leg.to == new.to and leg.created <= rung.at <= (leg.ended or rung.at)]
        since = min(leg.created for leg in there)
        blind = any(leg.direction == "outbound-dial" for leg in there)
        if not blind and not any(since <= at <= rung.at for at in excuses):
            unexpected.append(rung)
    assert not unexpected, unexpected
    endless = [leg.sid for leg in legs.values() if not leg.over]
    assert not endless, endless


def check_silence(stage: Stage, services: Iterable[Service], mended: float, longest: float = RINGS_ON) -> None:
    """No phone rings on for a caller who left: `longest` seconds after that at most, or after all was `mended`."""
    services = list(services)
    callers = {
        service.urls._seal.name("call", leg.sid): leg
        for leg in stage.twin.legs()
        if leg.direction == "inbound"
        for service in services
    }
    for leg in stage.twin.legs():
        caller = callers.get(_call_of(leg, services)) if leg.direction == "outbound-api" else None
        if caller is None:
            continue
        silent = leg.ended if leg.answered is None else leg.answered
        assert silent is not None
        assert caller.ended is not None
        assert silent - max(caller.ended, mended, leg.created) <= longest, f"{leg.sid} rang on for {caller.sid}"


def _call_of(leg: Call, services: Iterable[Service]) -> str:
    parts = leg.status_url.partition("#")[0].rsplit("/", 3)
    for service in services:
        try:
            return service.urls.open_leg_status(service.lines[parts[1]], parts[3]).call_id
        except (BadToken, KeyError):
            continue
    return ""


def check_figures(stage: Stage) -> None:
    """Where nothing went wrong the figures are true: as many calls were answered as callers talked to somebody."""
    callers = [leg for leg in stage.twin.legs() if leg.direction == "inbound"]
    talked = sum(any(entry.event == "bridged" for entry in leg.entries) for leg in callers)
    assert stage.counted()["answered"] == talked, stage.counted()


def check_rows(stage: Stage) -> None:
    """Every call was counted once, and nothing else is left of it."""
    left = stage.rows(LiveCall) + stage.rows(Leg)
    assert not left, left
    uncounted = [row for row in stage.rows(Erasure) if row["uncounted"] is not None]
    assert not uncounted, uncounted
    dialled = [leg for leg in stage.twin.legs() if leg.direction == "inbound"]
    assert stage.counted().total() == len(dialled), stage.counted()
