"""Somebody whom nobody could answer asks to be called back."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import OperationalError

from helpline.calls.vault import Vault
from helpline.store import callbacks
from helpline.store.tables import Callback
from helpline.twin import Faults
from tests.scenarios.callbacks import OWN_NUMBER, Worker, ask, keyed, outcomes, states
from tests.scenarios.conftest import FRANCE, MakeStage
from tests.scenarios.stage import CALLER_NUMBER, OTHER_CALLER, SECRETS, Stage, entries, times

SHOWN_SPOKEN = "0 1, 9 9, 0 0, 0 4, 0 1"
CALLER_SPOKEN = "0 1, 9 9, 0 0, 9 0, 0 1"


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


@pytest.fixture
def stage(make_stage: MakeStage) -> Stage:
    """Nobody is on call, and the worker is well."""
    stage = make_stage({})
    Worker(stage)
    return stage


def test_on_the_number_they_call_from(stage: Stage) -> None:
    """The number is read back, the one that will show is named, and only then is the wish noted."""
    call = ask(stage)
    assert call.heard()[-4:] == [
        stage.says("callback-choose"),
        stage.says("callback-read-back", number=CALLER_SPOKEN),
        stage.says("callback-consent", number=SHOWN_SPOKEN),
        stage.says("callback-noted"),
    ]
    assert states(stage) == ["wanted"]
    assert outcomes(stage) == {"wanted": 1}
    assert stage.counted() == {"unanswered": 1}


def test_who_presses_nothing_hears_the_offer_and_the_goodbye(stage: Stage) -> None:
    """The crisis numbers, what they can do, and the callback as the last of it: an offer, never a demand."""
    call = ask(stage, ())
    after = [entry.text for entry in entries(call, "hears") if entry.at >= times(call, "leaves the queue")[0]]
    offer = stage.says("callback-offer", key="2")
    assert after == [stage.says("crisis-france"), stage.says("unanswered-menu"), offer, stage.says("goodbye")]
    assert stage.rows(Callback) == []


def test_on_another_number(stage: Stage) -> None:
    """The number they key in is the one that is read back."""
    call = ask(stage, keyed("0199009055"))
    assert stage.says("callback-read-back", number="0 1, 9 9, 0 0, 9 0, 5 5") in call.heard()
    assert states(stage) == ["wanted"]


def test_a_number_is_corrected(stage: Stage) -> None:
    """Who mistyped presses 2 and keys it again; only the last one is kept."""
    call = ask(stage, keyed("0199009054", "0199009055"))
    assert call.heard().count(stage.says("callback-key")) == 2
    assert stage.says("callback-read-back", number="0 1, 9 9, 0 0, 9 0, 5 5") in call.heard()
    assert len(stage.rows(Callback)) == 1


def test_three_numbers_are_enough(stage: Stage) -> None:
    """Who can't give a number that can be called hears so, and the flow goes on to its goodbye."""
    call = ask(stage, ("", "2", "2", "112#", "0826000401#", "0596123456#"))
    assert call.heard().count(stage.says("callback-unusable")) == 2
    assert call.heard()[-2:] == [stage.says("callback-unavailable"), stage.says("goodbye")]
    assert stage.rows(Callback) == []


def test_a_withheld_number_is_not_offered(make_stage: MakeStage) -> None:
    """Who hides their number is asked for one at once."""
    stage = make_stage({})
    Worker(stage)
    call = ask(stage, ("", "2", "0199009055#", "1", "1"), from_="anonymous")
    assert stage.says("callback-choose") not in call.heard()
    assert states(stage) == ["wanted"]


def test_in_the_language_of_the_caller(make_stage: MakeStage) -> None:
    """A Belgian number, keyed the Belgian way by somebody who chose Dutch."""
    stage = make_stage({})
    Worker(stage)
    call = ask(stage, ("2", *keyed("0475123456")), "belgium")
    assert stage.says("callback-read-back", "nl", number="0 4, 7 5, 1 2, 3 4, 5 6") in call.heard()
    assert call.heard()[-1] == stage.says("callback-noted", "nl")


@pytest.mark.parametrize("keys", [OWN_NUMBER[:2], OWN_NUMBER[:3], OWN_NUMBER[:4], (*OWN_NUMBER[:4], "2")])
def test_silence_is_no_consent(stage: Stage, keys: tuple[str, ...]) -> None:
    """Whoever stops answering hears the question twice, then the goodbye; what they gave is forgotten."""
    call = ask(stage, keys)
    assert call.heard()[-1] == stage.says("goodbye")
    assert stage.rows(Callback) == []


@pytest.mark.parametrize("seconds", [14.2, 15.2, 16.2])
def test_who_hangs_up_before_consenting_left_nothing(stage: Stage, seconds: float) -> None:
    """At each of the questions: the number goes with the call."""
    ask(stage, OWN_NUMBER[:-1], hang_up_after=seconds)
    assert stage.rows(Callback) == []


def test_a_number_that_is_never_confirmed_is_forgotten(make_stage: MakeStage) -> None:
    """Even if word of the call's end is lost: ten minutes later the worker deletes it."""
    faults = Faults()
    faults.script("drop", "status", times=None)
    stage = make_stage({}, faults=faults)
    Worker(stage)
    ask(stage, OWN_NUMBER[:-1], hang_up_after=16.2)
    assert states(stage) == ["asked"]
    stage.twin.run_for(600)
    assert stage.rows(Callback) == []


def test_key_9_speaks_the_crisis_numbers_and_asks_again(stage: Stage) -> None:
    """At a question and while a number is keyed; nothing given is lost."""
    call = ask(stage, ("", "2", "9", "2", "9#", "0199009055#", "9", "1", "1"))
    assert call.heard().count(stage.says("crisis-france")) == 4
    assert states(stage) == ["wanted"]


def test_without_a_worker_nothing_is_promised(make_stage: MakeStage) -> None:
    """The process that would make the call is dead: the callback isn't offered, and its key is like any other."""
    stage = make_stage({})
    worker = Worker(stage)
    worker.alive = False
    stage.at(60)
    call = ask(stage)
    assert stage.says("callback-offer", key="2") not in call.heard()
    assert stage.says("not-understood") in call.heard()
    assert stage.rows(Callback) == []


def test_a_line_may_do_without(make_stage: MakeStage) -> None:
    """`callback = false`: the offer isn't made."""
    stage = make_stage({}, france={"callback": False})
    Worker(stage)
    call = ask(stage, ())
    assert stage.says("callback-offer", key="2") not in call.heard()


def test_no_more_is_promised_than_can_be_kept(make_stage: MakeStage) -> None:
    """With as many open requests as the line allows nobody else is offered one."""
    stage = make_stage({}, france={"callbacks_open": 1})
    Worker(stage)
    ask(stage)
    call = ask(stage, (), from_=OTHER_CALLER)
    assert stage.says("callback-offer", key="2") not in call.heard()


def test_two_who_consent_to_the_last_one(make_stage: MakeStage) -> None:
    """Both were offered it; the slower one hears that it can't be noted, and no number of theirs stays."""
    stage = make_stage({}, france={"callbacks_open": 1})
    Worker(stage)
    stage.dial(keys=OWN_NUMBER)
    stage.twin.run_for(0.5)
    slower = stage.dial(keys=OWN_NUMBER, from_=OTHER_CALLER)
    stage.twin.run_for(120)
    assert slower.heard()[-2:] == [stage.says("callback-unavailable"), stage.says("goodbye")]
    assert states(stage) == ["wanted"]


def test_asking_again_for_the_same_number_is_one_request(stage: Stage) -> None:
    """Who calls a second time and asks again isn't called twice."""
    ask(stage)
    ask(stage, keyed("0199009001"), from_=OTHER_CALLER)
    assert states(stage) == ["wanted"]
    assert outcomes(stage) == {"wanted": 1}


@pytest.mark.parametrize("fault", ["duplicate", "lost answer", "slow"])
def test_every_webhook_may_come_twice(make_stage: MakeStage, fault: str) -> None:
    """Repeated requests get the same answer: one request, of the number that was corrected."""
    faults = Faults()
    stage = make_stage({}, faults=faults)
    Worker(stage)
    for kind in ("gather", "redirect"):
        faults.script(fault, kind, when=lambda out: "/asking/" in out.url and not out.attempt, times=None)
    call = ask(stage, keyed("0199009054", "0199009055"))
    assert call.heard()[-1] == stage.says("callback-noted")
    assert faults.struck
    assert outcomes(stage) == {"wanted": 1}


def test_a_late_copy_of_a_corrected_number_changes_nothing(make_stage: MakeStage) -> None:
    """The wrong number arrives once more after the right one was given: what was read back last is what is called."""
    faults = Faults()
    faults.script("duplicate", "gather", when=lambda out: out.params.get("Digits") == "0199009054", seconds=6)
    stage = make_stage({}, faults=faults)
    Worker(stage)
    ask(stage, keyed("0199009054", "0199009055"))
    (row,) = stage.rows(Callback)
    assert row["given"] == 1
    assert row["state"] == "wanted"
    assert Vault(SECRETS.seal_keys).open(row["sealed"], row["id"]) == "+33199009055"


def test_a_rotated_key_leads_to_the_ring(make_stage: MakeStage) -> None:
    """Somebody whose place can't be read any more is rung for, not thrown out."""
    stage = make_stage({})
    Worker(stage)
    call = stage.dial(keys=OWN_NUMBER[:2])
    stage.at(16)
    stage.replace(secrets=SECRETS.model_copy(update={"seal_keys": (b"another seal key of the scenarios",)}))
    stage.twin.run_for(120)
    assert len(times(call, "queued")) == 2


def test_a_database_that_breaks_in_the_middle(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """They hear that it can't be noted, and the goodbye; no error tone."""

    def broken(*_: object) -> None:
        raise OperationalError("UPDATE", {}, Exception())

    monkeypatch.setattr(callbacks, "want", broken)
    call = ask(stage)
    assert call.heard()[-2:] == [stage.says("callback-unavailable"), stage.says("goodbye")]
    stage.log.clear()


def test_who_is_answered_is_never_asked(make_stage: MakeStage) -> None:
    """A call that somebody takes has nothing to do with any of this."""
    stage = make_stage(FRANCE)
    Worker(stage)
    stage.dial(talks=30, from_=CALLER_NUMBER)
    stage.twin.run_for(120)
    assert stage.rows(Callback) == []
    assert stage.counted() == {"answered": 1}
