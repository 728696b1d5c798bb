"""What was heard while nobody could write is told again: once, before anything is placed, as of when it was heard."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from helpline.app import Service
from helpline.calls.ringing import LegRef
from helpline.calls.unheard import MOST, About, Unheard, Word
from helpline.carrier.callback_urls import BackRef, CallbackUrls
from helpline.carrier.hooks import Hook
from helpline.carrier.rest import NewLeg
from helpline.carrier.seal import Seal
from helpline.carrier.twiml import EMPTY
from helpline.store.erasures import TEXT_AFTER
from helpline.store.sessions import Store, StoreDown
from helpline.store.tables import Erasure, HourlyCount, Leg, LiveCall
from ivr_flows.caller import Place
from tests.shell import (
    ALIX,
    NOON,
    PUBLIC,
    SetClock,
    live_call,
    live_leg,
    put_live,
    rows_of,
    serving,
    signed,
    some_secrets,
    together,
    with_people,
)

HOUR = 3600
THEIRS = "CAleg"
"""The carrier's id of whatever it rings."""
REF = LegRef("a call that is over", "its leg", 1, ALIX, "fr")
BACK = BackRef("a callback", "a leg", ALIX, "fr")


@dataclass
class Process:
    """A service, the clock it looks at, and the carrier that posts to it."""

    service: Service
    clock: SetClock

    def post(self, path: str, call: str, **fields: str) -> None:
        """A webhook; the carrier gets an answer that satisfies it."""
        form = {"CallSid": call, "CallStatus": "completed", **fields}
        answer = self.service.web.test_client().post(path, data=form, headers=signed(path, form))
        assert answer.status_code in {200, 204}

    def word(self, call: str, heard: int = NOON + 60) -> Word:
        """A caller's call is over."""
        return Word(About.CALL, "france", Hook(call, "completed"), heard)

    @property
    def unheard(self) -> Unheard:
        """What waits to be told."""
        return self.service.retelling.unheard

    @property
    def counts(self) -> list[tuple[str, str, int]]:
        """Outcome, wait band and number of the calls counted."""
        return [(row["outcome"], row["wait_band"], row["n"]) for row in rows_of(self.service.store, HourlyCount)]


@dataclass
class Rings:
    """A carrier that rings whom it is told to."""

    rung: list[NewLeg]

    def create(self, leg: NewLeg) -> str:
        """It rings."""
        self.rung.append(leg)
        return THEIRS

    def stop_ringing(self, carrier_id: str) -> None:
        """Nothing is to be silenced here."""
        raise AssertionError(carrier_id)

    def send_on(self, carrier_id: str, url: str) -> None:
        """Nobody is alone in a room here."""
        raise AssertionError(carrier_id, url)


@pytest.fixture
def process(either_database_url: str, tmp_path: Path) -> Iterator[Process]:
    """One call waits on the French line, and Alix's phone is wanted for it."""
    clock = SetClock(NOON + 60)
    with serving(either_database_url, tmp_path, clock) as service:
        put_live(service.store, [live_call(heartbeat_at=NOON + 50)], [live_leg("leg", until=NOON + 90)])
        yield Process(service, clock)


@contextmanager
def broken(*doors: str, error: type[Exception] = OperationalError) -> Iterator[None]:
    """These doors of the database are closed."""

    def closed(_store: Store) -> None:
        raise StoreDown("simulated") if error is StoreDown else OperationalError("simulated", None, Exception("down"))

    with pytest.MonkeyPatch.context() as patch:
        for door in doors or ("read", "single", "live", "durable"):
            patch.setattr(Store, door, closed)
        yield


def test_a_caller_who_left_is_rung_for_no_more(process: Process) -> None:
    """The leg that was wanted is not placed: the end of the call comes first."""
    with broken():
        process.post("/voice/france/status", "CAcall")
    process.clock.at += 30
    assert process.service.placing.run_once() is None
    assert rows_of(process.service.store, LiveCall) == rows_of(process.service.store, Leg) == []
    assert process.counts == [("abandoned", "60-180", 1)]


def test_the_wait_ended_when_it_was_heard(process: Process) -> None:
    """Not when it could be written, four minutes later."""
    with broken():
        process.post("/voice/france/status", "CAcall")
    process.clock.at += 240
    process.service.placing.run_once()
    assert process.counts == [("abandoned", "60-180", 1)]


def test_the_last_word_of_the_queue_is_kept(process: Process) -> None:
    """The caller hung up in it, which only this webhook tells: without it a call unheard of for long is in doubt."""
    path = process.service.urls.caller(process.service.lines["france"], Place("ring", "fr")).removeprefix(PUBLIC)
    process.clock.at = NOON + 200
    with broken():
        process.post(path.partition("#")[0], "CAcall", QueueResult="hangup", QueueSid="QUone", QueueTime="200")
    process.service.placing.run_once()
    assert process.counts == [("abandoned", "180+", 1)]
    assert [row["carrier_id"] for row in rows_of(process.service.store, Erasure) if row["kind"] == "queue"] == ["QUone"]


def test_what_a_psychologists_phone_said_is_not_kept(process: Process) -> None:
    """Told late it would open the next wave for a caller who may be rung for by the carrier alone by then."""
    path = process.service.urls.leg_status_url(process.service.lines["france"], REF).removeprefix(PUBLIC)
    with broken():
        process.post(path.partition("#")[0], THEIRS, CallStatus="busy")
    assert not process.unheard


def test_what_the_phone_of_somebody_who_calls_back_said_is_kept(process: Process) -> None:
    """It is erased at the carrier, and whoever asked is called by somebody else."""
    urls = CallbackUrls(PUBLIC, Seal(some_secrets().seal_keys))
    path = urls.over(process.service.lines["france"], BACK).removeprefix(PUBLIC)
    with broken():
        process.post(path.partition("#")[0], "CAback")
    process.service.retelling.run(NOON + 70)
    assert [row["carrier_id"] for row in rows_of(process.service.store, Erasure)] == ["CAback"]


def test_a_text_message_is_erased_whenever_the_database_comes_back(process: Process) -> None:
    """However many calls there are to tell of, since nobody else finds it."""
    form = {"MessageSid": f"SM{1:032x}", "From": "+33199007381", "To": "+33199000401", "Body": "Aidez-moi"}
    with broken():
        answer = process.service.web.test_client().post("/sms/france", data=form, headers=signed("/sms/france", form))
        for number in range(MOST + 1):
            process.unheard.remember(process.word(f"CA{number}"))
    assert (answer.status_code, answer.text) == (200, EMPTY)
    process.service.retelling.run(NOON + HOUR)
    (row,) = [row for row in rows_of(process.service.store, Erasure) if row["kind"] == "text"]
    assert (row["carrier_id"], row["due_at"]) == (form["MessageSid"], NOON + 60 + TEXT_AFTER)


def test_told_by_two_processes_it_counts_once(process: Process) -> None:
    """The carrier told both, or told one and then the other: whoever is first counts."""
    first = process.service.retelling
    second = replace(first, unheard=Unheard())
    for retelling in (first, second):
        retelling.unheard.remember(process.word("CAcall"))
        retelling.unheard.remember(process.word("CAcall"))
    together([lambda: first.run(NOON + 70), lambda: second.run(NOON + 70)])
    assert [len(first.unheard), len(second.unheard)] == [0, 0]
    assert process.counts == [("abandoned", "60-180", 1)]


def test_a_clock_set_back_puts_no_end_into_the_future(process: Process) -> None:
    """What was heard an hour from now was heard now."""
    process.unheard.remember(process.word("CAcall", NOON + HOUR))
    process.service.retelling.run(NOON + 70)
    assert process.counts == [("abandoned", "60-180", 1)]


def test_nothing_is_placed_while_the_database_is_not_asked(process: Process) -> None:
    """The breaker lets nobody ask yet: the placer, which would ask all the same, puts its turn off."""
    process.unheard.remember(process.word("CAcall"))
    with broken("durable", error=StoreDown), pytest.raises(StoreDown):
        process.service.placing.run_once()
    (leg,) = rows_of(process.service.store, Leg)
    assert (leg["state"], len(process.unheard)) == ("wanted", 1)


def test_the_breaker_is_asked(process: Process) -> None:
    """A database that is known to be down isn't asked for every word."""
    for breaker in process.service.store._breakers.values():
        for _ in range(3):
            breaker.failed(1e12)
    process.unheard.remember(process.word("CAcall"))
    with pytest.raises(StoreDown):
        process.service.retelling.run(NOON + 70)


def test_a_word_that_cannot_be_written_keeps_nobody_waiting(process: Process) -> None:
    """If nothing else is wrong, phones are rung: the placer's turn goes on to the leg that is wanted."""
    process.unheard.remember(process.word("CAother"))
    with_people(process.service.store)
    api = Rings([])
    with broken("durable"):
        assert replace(process.service.placing, api=api).run_once() == 0.0
    assert len(api.rung) == len(process.unheard) == 1


def test_whoever_stops_tries_once_more(process: Process) -> None:
    """What the database takes is written."""
    process.unheard.remember(process.word("CAcall"))
    process.service.retelling.end(NOON + 70)
    assert process.counts == [("abandoned", "60-180", 1)]


@pytest.mark.parametrize("error", [OperationalError, StoreDown])
def test_whoever_stops_does_not_wait(
    process: Process, caplog: pytest.LogCaptureFixture, error: type[Exception]
) -> None:
    """What it doesn't take is lost to this process, which says how much it was."""
    process.unheard.remember(process.word("CAcall"))
    with broken("durable", error=error):
        process.service.retelling.end(NOON + 70)
    (record,) = [record for record in caplog.records if record.getMessage() == "unheard.lost"]
    assert (record.__dict__["n"], len(process.unheard), process.counts) == (1, 0, [])
