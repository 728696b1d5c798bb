"""What must hold after every call, whatever happened in it."""

from __future__ import annotations

import logging
import re

from helpline.calls.ringing import OFF_THE_PHONE
from helpline.store import live
from helpline.store.tables import HourlyCount, Leg, LiveCall
from tests.scenarios.stage import PEOPLE, Stage

FORBIDDEN = re.compile(
    rb"<(Record|Start|Stream|Siprec|Transcription|Conference|Sip|Connect|Prompt|Pay)\b|speech|transcribe"
    rb'|record="(?!do-not-record")'
)
"""What no document may ever say: nothing records, streams or transcribes a voice."""


def check(stage: Stage) -> None:
    """Nothing was refused, crashed, left over, counted twice or forgotten; no phone rang while it was busy."""
    twin = stage.twin
    assert twin.violations == []
    assert stage.rehearsal.transport.crashes == []
    assert [record.getMessage() for record in stage.log if record.levelno >= logging.ERROR] == []
    assert twin.busy_rings == 0
    assert [leg.sid for leg in twin.legs() if not leg.over] == []
    check_documents(stage)
    check_store(stage)


def check_documents(stage: Stage) -> None:
    """The twin's grammar is the white list; here stands what must not be in a document even if a grammar allowed it."""
    psychologists = {person.phone.encode() for person in PEOPLE.values()}
    for exchange in stage.twin.requests:
        assert not FORBIDDEN.search(exchange.body)
        assert not [number for number in psychologists if number in exchange.body]


def check_store(stage: Stage) -> None:
    """Of a call that is over nothing is left but one count; a leg nobody heard the end of goes a little later."""
    with stage.store.live() as tx:
        live.forget_alone(tx, stage.now + max(OFF_THE_PHONE.values()))
    assert stage.rows(LiveCall) == []
    assert stage.rows(Leg) == []
    dialled = [leg for leg in stage.twin.legs() if leg.direction == "inbound"]
    assert sum(row["n"] for row in stage.rows(HourlyCount)) == len(dialled)
