"""What must hold after every call, whatever happened in it."""

from __future__ import annotations

import logging
import re

from helpline.store.tables import Erasure, HourlyCount, Leg, LiveCall
from tests.scenarios.stage import PEOPLE, Stage

FORBIDDEN = re.compile(
    rb"<(Record|Start|Stream|Siprec|Transcription|Sip|Connect|Prompt|Pay)\b|speech|transcribe"
    rb'|record="(?!do-not-record")'
)
"""What no document may ever say: nothing records, streams or transcribes a voice."""


def check(stage: Stage) -> None:
    """Nothing was refused, crashed, left over, counted twice or forgotten; no phone rang while it was busy."""
    twin = stage.twin
    stage.rehearsal.settle()
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
        # One phone, where the carrier is to ring it alone.
        rings = re.findall(rb"<Number [^>]*>([^<]*)<", exchange.body)
        assert len(rings) <= 1
        assert [number for number in psychologists if number in exchange.body] == [
            number for number in psychologists if number in rings
        ]


def check_store(stage: Stage) -> None:
    """Of a call that is over nothing is left but one count, and the carrier will be asked to forget every leg."""
    assert stage.rows(LiveCall) == []
    assert stage.rows(Leg) == []
    buried = {row["carrier_id"]: row["uncounted"] for row in stage.rows(Erasure)}
    assert not any(buried.values())
    assert stage.twin.calls.keys() <= buried.keys()
    dialled = [leg for leg in stage.twin.legs() if leg.direction == "inbound"]
    assert sum(row["n"] for row in stage.rows(HourlyCount)) == len(dialled)
