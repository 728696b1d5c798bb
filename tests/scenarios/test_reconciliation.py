import logging
from collections.abc import Callable

import pytest

from helpline.carrier import rest
from helpline.store.erasures import ERASE_AFTER
from helpline.store.tables import Erasure, HourlyCount, LiveCall, MonthlyCount, WrapUp
from helpline.twin import Behaviour, CallHandle, accept, ignore
from helpline.twin.transport import Answer, ConnectFailed
from tests.scenarios.conftest import MakeStage
from tests.scenarios.stage import HOUR, NOON, OTHER_CALLER, SHOWN, TAKES, Stage
from tests.scenarios.test_erasure import erase_for, kept_at_the_carrier

MINUTE = 60


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


def deaf(stage: Stage, *, when: Callable[[str], bool] = lambda _: True) -> None:
    """Status callbacks to these URLs never reach us."""
    stage.twin.faults.script("drop", kind="status", when=lambda request: when(request.url), times=None)


def is_callers(url: str) -> bool:
    """Whether this URL tells of a caller's call."""
    return url.endswith("/status")


# --- the end of a caller's call is never told


@pytest.mark.parametrize(
    ("seconds", "outcome"), [(0.02, "failed"), (5, "left_in_greeting"), (12.2, "left_in_greeting")]
)
def test_a_caller_who_left_in_the_greeting(stage: Stage, seconds: float, outcome: str) -> None:
    """Counted a minute later, as what the carrier says it was."""
    deaf(stage)
    stage.call(hang_up_after=seconds)
    assert stage.rows(Erasure) == []
    assert stage.counted() == {outcome: 1}


def test_a_greeting_belongs_to_its_hour(make_stage: MakeStage) -> None:
    """Dialled a moment before one o'clock and counted after it: the hour of the call."""
    stage = make_stage(start=NOON + HOUR - 4)
    stage.call(hang_up_after=2)
    assert stage.rows(HourlyCount) == []
    assert stage.counted() == {"left_in_greeting": 1}
    assert [row["hour"] for row in stage.rows(HourlyCount)] == [NOON]


def test_a_caller_who_gave_up(stage: Stage) -> None:
    """Neither the queue's end nor the call's was told: the carrier tells how long they waited."""
    stage.phones(Alix=ignore())
    stage.twin.faults.script("drop", kind="enqueue", times=None)
    deaf(stage)
    stage.call(hang_up_after=25)
    assert len(stage.rows(LiveCall)) == 1
    assert stage.counted() == {"abandoned": 1}
    assert stage.wait_bands("abandoned") == {"5-20": 1}


def test_a_conversation(stage: Stage) -> None:
    """Its seconds are those the carrier tells, and the psychologist has it to code."""
    stage.twin.faults.script("drop", kind="enqueue", times=None)
    stage.twin.faults.script("drop", kind="dial", times=None)
    deaf(stage)
    stage.call(talks=100)
    assert stage.counted() == {"answered": 1}
    (month,) = stage.rows(MonthlyCount)
    assert month["talk_seconds"] == pytest.approx(100, abs=4)
    assert [row["person"] for row in stage.rows(WrapUp)] == [stage.person("Alix")]


def test_a_callback_that_comes_after_all(stage: Stage) -> None:
    """Late by hours, and repeated: the call was counted and stays counted once."""
    stage.twin.faults.script("delay", kind="status", seconds=3 * HOUR, when=lambda request: is_callers(request.url))
    stage.dial(hang_up_after=5)
    stage.twin.run_for(5 * MINUTE)
    stage.rehearsal.count()
    assert stage.rows(Erasure) != []
    stage.twin.run_until_idle(limit=4 * HOUR)
    assert stage.counted() == {"left_in_greeting": 1}


def test_nothing_is_counted_while_a_call_goes_on(stage: Stage) -> None:
    """Every minute of a long conversation the carrier lists it, and it isn't over."""
    stage.dial(talks=600)
    for _ in range(8):
        stage.twin.run_for(MINUTE)
        stage.rehearsal.count()
        assert stage.rows(HourlyCount) == []
        assert len(stage.rows(LiveCall)) == 1
    stage.twin.run_until_idle()
    assert stage.counted() == {"answered": 1}
    assert sum(row["talk_seconds"] for row in stage.rows(MonthlyCount)) == pytest.approx(600, abs=4)


def test_all_callbacks_are_lost_for_a_morning(make_stage: MakeStage) -> None:
    """Calls of every kind on both lines, whose ends nobody told us: each is counted, as what it was."""
    stage = make_stage({"france": [["Alix"]], "belgium": [["Billie"]]})
    stage.phones(Alix=[ignore(), ignore(), ignore(), TAKES], Billie=TAKES)
    deaf(stage)
    for line, hang_up_after in (("france", 5), ("france", 20), ("france", None), ("belgium", 3)):
        stage.call(line, hang_up_after=hang_up_after)
    for _ in range(2):
        stage.call(talks=30)
        stage.call("belgium", keys="1", talks=30)
    counted = stage.counted()
    assert counted == {"left_in_greeting": 2, "abandoned": 1, "unanswered": 1, "answered": 4}


# --- phones rung by TwiML

HOST = "https://fallback.example.org"
FILES = {
    "/entry": f"""<Response><Dial action="{HOST}/end" callerId="{SHOWN}" timeout="10" record="do-not-record">
        <Number url="{HOST}/yes">+33199000101</Number></Dial></Response>""",
    "/yes": "<Response/>",
    "/end": "<Response><Hangup/></Response>",
}
"""What an operator hosts elsewhere, for when we are down."""


def by_static_files(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> CallHandle:
    """The service is down: the carrier's fallback dials a psychologist without us, and no callback arrives."""

    def send(_method: str, url: str, *_: object) -> Answer:
        if not url.startswith(HOST):
            raise ConnectFailed("the service is down")
        return Answer(200, "text/xml", FILES[url.removeprefix(HOST).partition("?")[0]].encode())

    monkeypatch.setattr(stage.rehearsal.transport, "send", send)
    line, urls = stage.rehearsal.service.lines["france"], stage.rehearsal.service.urls
    fallback = f"{HOST}/entry"
    stage.twin.own(line.settings.published, urls.entry(line), urls.entry_status(line), fallback, fallback_method="GET")
    return stage.call(talks=30)


def test_a_call_served_by_static_files(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can know what became of it: unknown, once; both its legs are erased in their time."""
    stage.phones(Alix=Behaviour(talks=40))
    with monkeypatch.context() as patch:
        call = by_static_files(stage, patch)
    assert call.talked_to == ["Alix"]
    stage.twin.violations.clear()
    assert stage.counted() == {"unknown": 1}
    assert len(stage.rows(Erasure)) == 2


# --- legs nobody told us of


def test_legs_whose_end_was_lost(make_stage: MakeStage) -> None:
    """Erased sixteen minutes after their own end all the same."""
    stage = make_stage({"france": [["Alix", "Billie"]]})
    stage.phones(Alix=ignore(), Billie=accept(after=8, talks=None))
    deaf(stage, when=lambda url: not is_callers(url))
    stage.call(talks=30)
    erase_for(stage, ERASE_AFTER + 7 * MINUTE)
    assert kept_at_the_carrier(stage) == (0, 0)


@pytest.mark.parametrize("fault", ["lost answer", "cut"])
def test_a_creation_we_never_heard_the_answer_of(stage: Stage, fault: str) -> None:
    """The phone may have rung: whatever the carrier made of it is erased."""
    stage.twin.faults.script_rest(fault, "POST", "/Calls.json", times=1)
    ends = {"CallStatus": "no-answer"}.items()
    stage.twin.faults.script("drop", kind="status", when=lambda asked: ends <= asked.params.items(), times=None)
    stage.phones(Alix=ignore())
    stage.call()
    erase_for(stage, ERASE_AFTER + 5 * MINUTE)
    assert kept_at_the_carrier(stage)[0] == 0


# --- the carrier's API


@pytest.mark.parametrize("fault", ["500", "429", "cut", "lost answer"])
def test_the_carrier_does_not_list_for_a_while(stage: Stage, fault: str) -> None:
    """Asked again a minute later, until it answers; the erasure waits for the count."""
    stage.twin.faults.script_rest(fault, "GET", "/Calls", times=3)
    deaf(stage)
    stage.call(hang_up_after=5)
    stage.call(from_=OTHER_CALLER, talks=30)
    assert stage.counted() == {"left_in_greeting": 1, "answered": 1}
    warned = {record.getMessage() for record in stage.log if record.levelno == logging.WARNING}
    assert "reconciliation.postponed" in warned


def test_a_long_list_comes_in_pages(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two calls a page: none is missed."""
    monkeypatch.setattr(rest, "PAGE", 2)
    deaf(stage)
    for _ in range(5):
        stage.call(hang_up_after=4)
    assert stage.counted() == {"left_in_greeting": 5}


def test_counting_comes_before_erasing(stage: Stage) -> None:
    """Both jobs every minute, in any order: what the carrier alone can tell is asked before it is deleted."""
    stage.call(hang_up_after=5)
    stage.twin.run_for(ERASE_AFTER + MINUTE)
    erase_for(stage, 2 * MINUTE)
    assert kept_at_the_carrier(stage) == (0, 0)
    assert stage.counted() == {"left_in_greeting": 1}
