from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from helpline.calls.ending import Ending
from helpline.store.tables import Erasure
from helpline.twin import CallHandle, Faults, ignore
from tests.privacy.traces import hits, quiet, spellings
from tests.scenarios.conftest import MakeStage
from tests.scenarios.stage import CALLER_NUMBER, OTHER_CALLER, TAKES, Stage

pytestmark = pytest.mark.slow  # in `make check`: `make test` has five minutes


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


WITHHELD = ("", "anonymous", "Restricted", "+266696687")
FEW = {"line_calls": 3, "line_seconds": 600}


def turned_away(call: CallHandle, stage: Stage, line: str = "france") -> bool:
    """Whether the caller heard, in every language of the line, what to do instead, and nothing else."""
    flow = stage.rehearsal.service.lines[line].flow
    words = [stage.says(key, spoken) for spoken in flow.languages for key in ("overflow", flow.crisis)]
    return call.heard() == words


def redial(stage: Stage, times: int, from_: str = CALLER_NUMBER) -> list[bool]:
    """Which of so many short calls, one right after the other, were turned away."""
    return [turned_away(stage.call(from_=from_, hang_up_after=200, talks=1), stage) for _ in range(times)]


def test_somebody_in_distress_may_call_again_and_again(stage: Stage) -> None:
    """Six times in a row, each time with a psychologist on the line; the seventh hears the crisis numbers."""
    assert redial(stage, 8) == [False] * 6 + [True] * 2
    assert stage.rung("Alix") == 6
    assert stage.counted() == {"answered": 6, "overflow": 2}


def test_ten_minutes_later_somebody_is_there_again(stage: Stage) -> None:
    """As the announcement says: in a few minutes."""
    redial(stage, 7)
    stage.twin.run_for(600)
    assert redial(stage, 2) == [False, True]


def test_nobody_is_turned_away_for_others_calls(stage: Stage) -> None:
    """Another telephone, or one whose number is withheld, is answered as ever."""
    redial(stage, 7)
    for number in (OTHER_CALLER, *WITHHELD):
        assert redial(stage, 1, number) == [False]


def test_withheld_callers_are_treated_no_worse(stage: Stage) -> None:
    """They have no limit of their own: whoever calls masked is answered as often as the line can."""
    assert redial(stage, 8, "anonymous") == [False] * 8


def test_a_robot_does_not_ring_phones_all_night(make_stage: MakeStage) -> None:
    """A call a minute, each from another number, for an hour: phones ring as often as the line allows."""
    stage = make_stage(france={"floods": FEW})
    stage.phones(Alix=TAKES)
    calls = []
    for minute in range(60):
        stage.at(60 * minute)
        calls.append(stage.dial(from_=f"+331990091{minute:02}", hang_up_after=40))
    stage.twin.run_until_idle()
    assert stage.rung("Alix") == 3 + 5
    assert sum(turned_away(call, stage) for call in calls) == 52
    assert stage.counted()["overflow"] == 52


def test_a_robot_takes_the_lines_place_from_nobody(make_stage: MakeStage) -> None:
    """Turned away because of its own telephone, however often, it leaves the line to others."""
    stage = make_stage(france={"floods": {"caller_calls": 1, **FEW}})
    redial(stage, 20)
    assert redial(stage, 3, "anonymous") == [False, False, True]


def test_each_line_counts_for_itself(make_stage: MakeStage) -> None:
    """Who has called one line too often may call the other, which has its own words in its four languages."""
    stage = make_stage({"france": [["Alix"]], "belgium": [["Billie"]]}, belgium={"floods": {"caller_calls": 1}})
    redial(stage, 7)
    assert stage.call("belgium", "1", talks=1).talked_to == ["Billie"]
    assert turned_away(stage.call("belgium"), stage, "belgium")


def test_no_limit_if_none_is_wanted(make_stage: MakeStage) -> None:
    """0: everybody is let through, always."""
    stage = make_stage(france={"floods": {"caller_calls": 0, "line_calls": 0}})
    assert redial(stage, 12) == [False] * 12


def arrivals(stage: Stage) -> list[set[bytes]]:
    """The answers to each call's first webhook."""
    answers: dict[str, set[bytes]] = {}
    for exchange in stage.twin.requests:
        if exchange.url.partition("#")[0].endswith("/voice/france") and exchange.body:
            answers.setdefault(exchange.params["CallSid"], set()).add(exchange.body)
    return list(answers.values())


@pytest.mark.parametrize("seconds", [0.3, 30.0])
def test_a_repeated_request_is_one_call(make_stage: MakeStage, seconds: float) -> None:
    """The carrier asks twice about each call: the same answer both times, nothing charged twice or counted twice."""
    faults = Faults()
    faults.script("duplicate", kind="voice", times=None, seconds=seconds)
    stage = make_stage(france={"floods": {"caller_calls": 3}}, faults=faults)
    assert redial(stage, 4) == [False] * 3 + [True]
    assert [len(bodies) for bodies in arrivals(stage)] == [1] * 4


@pytest.mark.parametrize("already", [2, 3])
def test_an_answer_that_was_lost_is_given_again(make_stage: MakeStage, already: int) -> None:
    """A yes or a no, whichever it was: the carrier asks once more and the call goes on as it would have."""
    faults = Faults()
    stage = make_stage(france={"floods": {"caller_calls": 3}}, faults=faults)
    redial(stage, already)
    faults.script("lost answer", kind="voice", times=1)
    assert redial(stage, 1) == [already == 3]
    assert redial(stage, 1) == [True]
    assert stage.counted() == {"answered": 3, "overflow": already - 1}


def test_who_hangs_up_during_the_announcement_is_counted_all_the_same(make_stage: MakeStage) -> None:
    """At once, when the call comes: the carrier's last word changes nothing."""
    stage = make_stage(france={"floods": {"caller_calls": 1}})
    redial(stage, 1)
    stage.call(hang_up_after=3)
    assert stage.counted() == {"answered": 1, "overflow": 1}


def test_a_call_turned_away_is_erased_like_any_other(make_stage: MakeStage) -> None:
    """Its tombstone falls due once the carrier has written its events: 15 minutes after its end."""
    stage = make_stage({"belgium": [["Billie"]]}, belgium={"floods": {"line_calls": 1, "line_seconds": 600}})
    stage.call("belgium", hang_up_after=3)
    call = stage.call("belgium")
    (due,) = [row["due_at"] for row in stage.rows(Erasure) if row["carrier_id"] == call.sid]
    assert stage.now + 900 <= due <= stage.now + 1200


def test_without_a_database_the_words_are_the_same(make_stage: MakeStage, monkeypatch: pytest.MonkeyPatch) -> None:
    """They can't be counted at once then, but they are heard."""
    stage = make_stage(france={"floods": {"caller_calls": 1}})
    redial(stage, 1)

    def broken(*_: object) -> None:
        raise OperationalError("INSERT", None, Exception("down"))

    with monkeypatch.context() as patch:
        patch.setattr(Ending, "turned_away", broken)
        assert redial(stage, 1) == [True]
    assert [record.getMessage() for record in quiet(stage)] == ["call.database"]


def test_nothing_of_a_caller_turned_away_is_kept(make_stage: MakeStage, tmp_path: Path) -> None:
    """No number and no trace of one: neither where calls are stored nor where they are counted for the limits."""
    number = "+33199007381"
    stage = make_stage(france={"floods": {"caller_calls": 1}})
    stage.phones(Alix=ignore())
    assert redial(stage, 3, number) == [False, True, True]
    assert hits(stage, tmp_path, spellings(number)) == []


def test_one_caller_leaves_what_another_leaves(make_stage: MakeStage) -> None:
    """The words are the same whoever has called too often, the line's callers together or one of them."""
    stage = make_stage(france={"floods": {"caller_calls": 1, "line_calls": 2, "line_seconds": 600}})
    redial(stage, 1)
    own = stage.call().heard()
    redial(stage, 1, OTHER_CALLER)
    assert stage.call(from_="anonymous").heard() == own
