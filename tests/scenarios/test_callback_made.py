"""A callback is made: the psychologist first, then the phone of the person who asked."""

from __future__ import annotations

import logging
import re

import pytest
from sqlalchemy.exc import OperationalError

from helpline.calls.callback import AGAIN_SECONDS, TRIES, WANTED_SECONDS, Callbacks
from helpline.figures import records
from helpline.store.erasures import ERASE_AFTER
from helpline.store.tables import Callback, Erasure, Leg
from helpline.twin import Behaviour, Faults, accept, busy, decline, failed, ignore, reject, silent, voicemail
from tests.scenarios.callbacks import HELLO, Worker, ask, come_on_call, heard_at, outcomes, states, telephone
from tests.scenarios.conftest import MakeStage
from tests.scenarios.stage import CALLER_NUMBER, NIGHT, OTHER_CALLER, PEOPLE, SECRETS, SHOWN, TAKES, Stage

pytestmark = pytest.mark.slow  # in `make check`: `make test` has five minutes

MAKES = Behaviour(keys=("1",))
"""A psychologist who picks up and makes the call."""
TALKS = accept(talks=90)


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What races is in tests/callbacks, on both databases: PostgreSQL's turn comes in `make check`."""
    return either_database_url


@pytest.fixture
def stage(make_stage: MakeStage) -> Stage:
    """Somebody has asked to be called back, and nobody is on call yet."""
    stage = make_stage({})
    asked(stage)
    return stage


def asked(stage: Stage) -> Worker:
    """Somebody asks; Alix and Billie are people who make such calls."""
    worker = Worker(stage)
    stage.phones(Alix=MAKES, Billie=MAKES)
    ask(stage)
    return worker


def alarms(stage: Stage) -> list[str]:
    """Why callbacks expired, as far as it was logged."""
    return [
        str(getattr(record, "reason", ""))
        for record in stage.log
        if record.getMessage() == "callback.expired" and record.levelno == logging.WARNING
    ]


def bridges(stage: Stage) -> list[tuple[str, str]]:
    """Who talked with the phone that was called back."""
    return [
        (entry.who, entry.text)
        for leg in stage.twin.legs()
        for entry in leg.entries
        if entry.event == "bridged" and entry.text == "home"
    ]


def to_code(stage: Stage, name: str) -> int:
    """How many calls somebody has still to code."""
    with stage.store.read() as connection:
        return sum(item.n for item in records.pending(connection, stage.person(name)))


def test_the_psychologist_first_and_then_the_person_who_asked(stage: Stage) -> None:
    """Both press 1, they talk, and nothing is left of it but a call to code and a count."""
    phone = telephone(stage, TALKS)
    come_on_call(stage, "Alix")
    stage.twin.run_for(240)
    assert bridges(stage) == [("Alix", "home")]
    assert (stage.rung("Alix"), phone.rung) == (1, 1)
    assert stage.rows(Callback) == []
    assert stage.rows(Leg) == []
    assert to_code(stage, "Alix") == 1
    assert outcomes(stage) == {"wanted": 1, "connected": 1}
    assert stage.counted() == {"unanswered": 1}


def test_what_the_psychologist_hears(stage: Stage) -> None:
    """Which line, which language, that they should listen first who it is; at the end that a call is to be coded."""
    telephone(stage, TALKS)
    come_on_call(stage, "Alix")
    stage.twin.run_for(240)
    assert heard_at(stage, "Alix") == [
        stage.says("callback-whisper", line="Ligne d’écoute France", language="français"),
        stage.says("callback-calling"),
        stage.says("thanks"),
    ]


def test_what_the_other_phone_hears_and_shows(stage: Stage) -> None:
    """That this is the call that was asked for: no line, no psychologist, and the number that was announced."""
    telephone(stage, TALKS)
    come_on_call(stage, "Alix")
    stage.twin.run_for(240)
    assert heard_at(stage, "home") == [stage.says(HELLO)]
    assert not re.search("médecin|psycholog|écoute|ligne", stage.says(HELLO))
    (leg,) = [leg for leg in stage.twin.legs() if leg.direction == "outbound-dial"]
    assert leg.from_ == SHOWN


def test_both_calls_are_erased_at_the_carrier(stage: Stage) -> None:
    """The psychologist's leg and the other phone's, like the call in which it was asked for."""
    telephone(stage, TALKS)
    come_on_call(stage, "Alix")
    stage.twin.run_for(240)
    over = {leg.sid for leg in stage.twin.legs()}
    assert {row["carrier_id"] for row in stage.rows(Erasure)} >= over
    assert all(row["due_at"] <= stage.now + ERASE_AFTER for row in stage.rows(Erasure))


@pytest.mark.parametrize(
    "nobody",
    [ignore(), busy(), reject(), failed(), voicemail(after=8), silent(), decline()],
    ids=["ignored", "busy", "rejected", "failed", "voicemail", "silent", "declined"],
)
def test_nobody_takes_the_call_at_the_other_end(stage: Stage, nobody: Behaviour) -> None:
    """A voicemail, a relative, nobody: nobody is bridged; again after ten minutes, three times, and then an alarm."""
    phone = telephone(stage, nobody)
    come_on_call(stage, "Alix")
    stage.twin.run_for(200)
    assert stage.says("callback-not-reached") in heard_at(stage, "Alix")
    assert phone.rung == 1
    stage.twin.run_for(TRIES * (AGAIN_SECONDS + 200))
    assert phone.rung == TRIES
    assert set(heard_at(stage, "home")) <= {stage.says(HELLO)}
    assert bridges(stage) == []
    assert stage.rows(Callback) == []
    assert alarms(stage) == ["not reached"]
    assert outcomes(stage) == {"wanted": 1, "expired": 1}
    assert to_code(stage, "Alix") == 0


def test_reached_at_the_second_try(stage: Stage) -> None:
    """Who was in a meeting is called again ten minutes later."""
    telephone(stage, ignore(), TALKS)
    come_on_call(stage, "Alix")
    stage.twin.run_for(AGAIN_SECONDS + 400)
    assert bridges(stage) == [("Alix", "home")]
    assert outcomes(stage) == {"wanted": 1, "connected": 1}


@pytest.mark.parametrize(
    "how",
    [decline(), ignore(), voicemail(after=8), busy(), silent()],
    ids=["declined", "ignored", "voicemail", "busy", "silent"],
)
def test_a_psychologist_who_wont_makes_room_for_the_next(stage: Stage, how: Behaviour) -> None:
    """One person at a time; whoever passes, sleeps or is away is followed by the next."""
    telephone(stage, TALKS)
    stage.phones(Alix=how)
    come_on_call(stage, "Alix", "Billie")
    stage.twin.run_for(300)
    assert bridges(stage) == [("Billie", "home")]
    assert stage.rung("Alix") == 1


def test_everybody_passes(stage: Stage) -> None:
    """They are asked again after ten minutes, then twenty: phones don't ring all night."""
    telephone(stage, TALKS)
    stage.phones(Alix=decline(), Billie=decline())
    come_on_call(stage, "Alix", "Billie")
    stage.twin.run_for(500)
    assert (stage.rung("Alix"), stage.rung("Billie")) == (1, 1)
    stage.twin.run_for(600)
    assert (stage.rung("Alix"), stage.rung("Billie")) == (2, 2)
    stage.twin.run_for(600)
    assert (stage.rung("Alix"), stage.rung("Billie")) == (2, 2)


def test_nobody_is_ever_on_call(make_stage: MakeStage) -> None:
    """A day later the number is forgotten, and the coordinator is told."""
    stage = make_stage({})
    worker = asked(stage)
    worker.alive = False  # 8,000 runs that find nobody are as good as none
    stage.twin.run_for(WANTED_SECONDS - 60)
    worker.alive = True
    assert states(stage) == ["wanted"]
    stage.twin.run_for(70)
    assert stage.rows(Callback) == []
    assert alarms(stage) == ["nobody free"]
    assert outcomes(stage) == {"wanted": 1, "expired": 1}


def test_only_in_the_language_that_was_asked_for(stage: Stage) -> None:
    """Who was promised French isn't called in English."""
    come_on_call(stage, "Emma")
    stage.twin.run_for(120)
    assert stage.rung("Emma") == 0
    assert states(stage) == ["wanted"]


def test_callers_come_first(make_stage: MakeStage) -> None:
    """While somebody waits nobody is rung for a callback, not even whose phone is silent; afterwards they are."""
    stage = make_stage({}, start=NIGHT)
    worker = asked(stage)
    telephone(stage, TALKS)
    stage.phones(Alix=ignore(), Billie=[TAKES, MAKES])
    worker.alive = False  # until the caller is in the queue
    come_on_call(stage, "Alix", "Billie")
    waiting = stage.dial(from_=OTHER_CALLER, talks=60)
    stage.twin.run_for(14)
    worker.alive = True
    stage.twin.run_for(60)
    assert waiting.talked_to == ["Billie"]
    assert bridges(stage) == []
    stage.twin.run_for(300)
    assert bridges(stage) == [("Billie", "home")]


def test_whoever_makes_a_callback_is_busy(stage: Stage) -> None:
    """A caller who dials meanwhile isn't put through to them: a second call doesn't beep into the conversation."""
    telephone(stage, accept(talks=900))
    come_on_call(stage, "Alix")
    stage.twin.run_for(60)
    assert states(stage) == ["talking"]
    for _ in range(2):
        stage.dial(from_=OTHER_CALLER, hang_up_after=40)
        stage.twin.run_for(400)
    assert stage.rung("Alix") == 1
    stage.twin.run_for(200)


@pytest.mark.parametrize("seconds", [2, 12, 20, 28])
def test_the_psychologist_hangs_up_too_early(stage: Stage, seconds: float) -> None:
    """During the words, or while the other phone rings: nothing is lost, the call is made all the same."""
    telephone(stage, TALKS)
    stage.phones(Alix=[MAKES.but(hang_up_after=seconds), MAKES])
    come_on_call(stage, "Alix", "Billie")
    stage.twin.run_for(AGAIN_SECONDS + 400)
    assert len(bridges(stage)) == 1
    assert outcomes(stage) == {"wanted": 1, "connected": 1}


def test_the_psychologist_hangs_up_first(stage: Stage) -> None:
    """A conversation ended by the psychologist is as much a conversation."""
    telephone(stage, accept(talks=None))
    stage.phones(Alix=MAKES.but(talks=80))
    come_on_call(stage, "Alix")
    stage.twin.run_for(240)
    assert outcomes(stage) == {"wanted": 1, "connected": 1}
    assert to_code(stage, "Alix") == 1


@pytest.mark.parametrize("kind", ["dial", "status"])
def test_word_of_the_end_is_lost(make_stage: MakeStage, kind: str) -> None:
    """Of the two things the carrier tells at the end of a conversation one is enough."""
    faults = Faults()
    stage = make_stage({}, faults=faults)
    asked(stage)
    faults.script("drop", kind, when=lambda out: "/calling/" in out.url or "/called-back/" in out.url, times=None)
    telephone(stage, TALKS)
    come_on_call(stage, "Alix")
    stage.twin.run_for(300)
    assert outcomes(stage) == {"wanted": 1, "connected": 1}
    assert to_code(stage, "Alix") == 1


def test_every_webhook_may_come_twice(make_stage: MakeStage) -> None:
    """Repeated, late and out of order: one call, one wrap-up, one count."""
    faults = Faults()
    stage = make_stage({}, faults=faults)
    asked(stage)
    faults.script("duplicate", when=lambda out: "call" in out.url and not out.attempt, times=None, seconds=1.5)
    phone = telephone(stage, TALKS)
    come_on_call(stage, "Alix", "Billie")
    stage.twin.run_for(300)
    assert (stage.rung("Alix"), stage.rung("Billie"), phone.rung) == (1, 0, 1)
    assert outcomes(stage) == {"wanted": 1, "connected": 1}
    assert to_code(stage, "Alix") == 1


@pytest.mark.parametrize("seconds", [0, 15, 30, 60])
def test_the_worker_dies_in_the_middle(make_stage: MakeStage, seconds: float) -> None:
    """Whatever it had begun goes on by itself or is taken up by the next worker; nothing rings for ever."""
    stage = make_stage({})
    worker = asked(stage)
    telephone(stage, TALKS)
    come_on_call(stage, "Alix")
    stage.twin.run_for(10 + seconds)
    worker.alive = False
    stage.twin.run_for(400)
    worker.alive = True
    stage.twin.run_for(400)
    assert len(bridges(stage)) == 1
    assert outcomes(stage) == {"wanted": 1, "connected": 1}


@pytest.mark.parametrize("fault", ["500", "429", "lost answer", "cut", "queue"])
def test_the_carrier_doesnt_place_the_call(make_stage: MakeStage, fault: str) -> None:
    """It is tried again, and a call that was placed without our knowing is adopted when it rings."""
    faults = Faults()
    stage = make_stage({}, faults=faults)
    asked(stage)
    faults.script_rest(fault, "POST", "Calls.json")
    telephone(stage, TALKS)
    come_on_call(stage, "Alix")
    stage.twin.run_for(AGAIN_SECONDS + 300)
    assert len(bridges(stage)) == 1
    assert stage.says("gone") not in heard_at(stage, "Alix")
    assert outcomes(stage) == {"wanted": 1, "connected": 1}


@pytest.mark.parametrize("seconds", [15, 24, 32])
def test_urls_of_a_key_that_is_gone(make_stage: MakeStage, seconds: float) -> None:
    """Kind words that tell nobody whose call it was; the number can't be opened any more, and somebody is told."""
    stage = make_stage({})
    asked(stage)
    telephone(stage, TALKS)
    come_on_call(stage, "Alix")
    stage.twin.run_for(seconds)
    stage.replace(secrets=SECRETS.model_copy(update={"seal_keys": (b"another seal key of the scenarios",)}))
    stage.twin.run_for(AGAIN_SECONDS + 600)
    assert set(heard_at(stage, "home")) <= {stage.says(HELLO), stage.says("not-valid")}
    assert alarms(stage) == ["key gone"]
    assert stage.rows(Callback) == []


def test_a_bug_tells_a_relative_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever picked up where a callback was asked for hears no word of whose call it was, and no error tone."""

    def broken(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr(Callbacks, "accept", broken)
    telephone(stage, TALKS)
    come_on_call(stage, "Alix")
    stage.twin.run_for(100)
    assert heard_at(stage, "home") == [stage.says(HELLO), stage.says("not-valid")]
    assert stage.says("callback-not-reached") in heard_at(stage, "Alix")
    stage.log.clear()


def test_the_database_is_down_when_they_press_1(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """They asked for this call and took it: they are connected, and the carrier's word for it counts."""

    def broken(*_: object) -> None:
        raise OperationalError("UPDATE", {}, Exception())

    monkeypatch.setattr(Callbacks, "accept", broken)
    telephone(stage, TALKS)
    come_on_call(stage, "Alix")
    stage.twin.run_for(240)
    assert bridges(stage) == [("Alix", "home")]
    assert outcomes(stage) == {"wanted": 1, "connected": 1}
    stage.log.clear()


def test_a_key_that_is_rotated_changes_nothing(make_stage: MakeStage) -> None:
    """The old key stands behind the new one for a while: numbers sealed with it are called."""
    stage = make_stage({})
    asked(stage)
    stage.replace(secrets=SECRETS.model_copy(update={"seal_keys": (b"another seal key", *SECRETS.seal_keys)}))
    telephone(stage, TALKS)
    come_on_call(stage, "Alix")
    stage.twin.run_for(240)
    assert bridges(stage) == [("Alix", "home")]


def test_only_the_documents_that_need_it_hold_the_number(stage: Stage) -> None:
    """One reads it back, one dials it; no URL does."""
    telephone(stage, TALKS)
    come_on_call(stage, "Alix")
    stage.twin.run_for(240)
    holding = [exchange for exchange in stage.twin.requests if CALLER_NUMBER.encode() in exchange.body]
    assert ["/calling/" in exchange.url for exchange in holding] == [True]
    assert not [exchange.url for exchange in stage.twin.requests if CALLER_NUMBER[1:] in exchange.url]
    assert PEOPLE["Alix"].phone.encode() not in b"".join(exchange.body for exchange in stage.twin.requests)
