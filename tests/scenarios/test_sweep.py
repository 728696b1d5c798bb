import pytest

from helpline.jobs.sweeping import SILENT_SECONDS
from helpline.store.tables import Erasure, Leg, LiveCall, MonthlyCount, WrapUp
from helpline.twin import accept, ignore
from tests.scenarios.conftest import MakeStage
from tests.scenarios.stage import OTHER_CALLER, TAKES, Stage
from tests.scenarios.test_database_down import database_down
from tests.scenarios.test_reconciliation import deaf


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


def talked(stage: Stage) -> list[tuple[int, str]]:
    """Seconds of talk by month, with how many calls."""
    return [(row["n"], row["duration_band"]) for row in stage.rows(MonthlyCount)]


def test_a_long_conversation_is_looked_after(stage: Stage) -> None:
    """Nothing is heard of it for half an hour: the carrier says every five minutes that it goes on."""
    stage.dial(talks=1700)
    heartbeats = set()
    for _ in range(28):
        stage.twin.run_for(60)
        stage.rehearsal.count()
        (row,) = stage.rows(LiveCall)
        heartbeats.add(row["heartbeat_at"])
    assert max(heartbeats) > stage.now - SILENT_SECONDS - 60
    assert 5 <= len(heartbeats) <= 8
    stage.twin.run_until_idle()
    assert stage.counted() == {"answered": 1}


def test_a_caller_in_the_queue_whom_the_carrier_lost(stage: Stage) -> None:
    """Its whole account of the call is gone: finished as what the row says, and nobody is kept busy."""
    stage.phones(Alix=ignore())
    deaf(stage)
    stage.twin.faults.script("drop", kind="enqueue", times=None)
    stage.call(hang_up_after=20)
    stage.twin.calls.clear()  # type: ignore[attr-defined] # the carrier's own memory
    assert len(stage.rows(LiveCall)) == 1
    assert stage.counted() == {"abandoned": 1}
    assert stage.rows(Leg) == []


# --- calls of the degraded flow


def test_a_conversation_of_the_degraded_flow(stage: Stage) -> None:
    """The database is back when it ends: answered, with its seconds and a wrap-up for whoever took it."""
    call = stage.dial(talks=100)
    stage.at(6)
    with database_down(stage):
        stage.at(60)
    stage.twin.run_until_idle()
    assert call.talked_to == ["Alix"]
    assert stage.counted() == {"answered": 1}
    assert talked(stage) == [(1, "1-5")]
    assert [row["person"] for row in stage.rows(WrapUp)] == [stage.person("Alix")]


@pytest.mark.parametrize("seconds", [5, 30])
def test_the_final_status_overtakes_the_end_of_the_dial(stage: Stage, seconds: float) -> None:
    """The carrier says first that the call is over, then that somebody talked: still one answered call."""
    call = stage.dial(talks=100)
    stage.at(6)
    with database_down(stage):
        stage.at(60)
    stage.twin.faults.script("delay", kind="dial", seconds=seconds)
    stage.twin.run_until_idle()
    assert call.talked_to == ["Alix"]
    assert stage.counted() == {"answered": 1}
    assert talked(stage) == [(1, "1-5")]


@pytest.mark.parametrize("talks", [250, 280, 300, 330, 420])
def test_the_sweeper_makes_no_old_wait_believed(stage: Stage, talks: float) -> None:
    """Whoever waited when the database went, and talks now, is looked up all along: answered, whenever they hang up."""
    stage.phones(Alix=[ignore(), accept(after=4, talks=None)])
    call = stage.dial(talks=talks)
    stage.at(16)
    with database_down(stage):
        stage.at(110)
    stage.twin.faults.script("delay", kind="dial", seconds=5)
    stage.twin.every(60, stage.rehearsal.count)
    stage.twin.run_until_idle()
    assert call.talked_to == ["Alix"]
    assert stage.counted() == {"answered": 1}
    assert [row["person"] for row in stage.rows(WrapUp)] == [stage.person("Alix")]


def test_whoever_is_reached_without_the_database_is_not_rung_for_another(make_stage: MakeStage) -> None:
    """The phone that rang when the database went is the one they talk on: the sweeper leaves its row as it is."""
    stage = make_stage({"france": [["Alix", "Billie"]]})
    stage.phones(Alix=ignore(), Billie=[ignore(), accept(after=4, talks=None)])
    stage.dial(talks=600)
    stage.at(16)
    with database_down(stage):
        stage.at(125)
    stage.twin.every(60, stage.rehearsal.count)
    stage.at(450)
    stage.dial(from_=OTHER_CALLER, hang_up_after=30)
    stage.twin.run_until_idle()
    assert stage.rung("Billie") == 2
    assert stage.counted() == {"answered": 1, "abandoned": 1}


def test_a_long_talk_that_nobody_could_note_may_still_be_cut_off(make_stage: MakeStage) -> None:
    """The yes found no database: the row says that they wait, the sweeper leaves it so, and they are rung for again."""
    stage = make_stage()
    stage.phones(Alix=[accept(talks=400), TAKES])
    call = stage.dial(talks=500)
    stage.at(20)
    with database_down(stage):
        stage.at(30)
    stage.twin.every(60, stage.rehearsal.count)
    stage.twin.run_until_idle()
    assert stage.says("cut-off") in call.heard()
    assert call.talked_to == ["Alix", "Alix"]
    assert stage.counted() == {"answered": 1}


def test_a_degraded_call_that_nobody_could_note(stage: Stage) -> None:
    """The database comes back after it is over: unknown, and never answered or left in the greeting."""
    call = stage.dial(talks=30)
    stage.at(6)
    with database_down(stage):
        stage.twin.run_until_idle()
    assert call.talked_to == ["Alix"]
    assert stage.rows(Erasure) == []
    assert stage.counted() == {"unknown": 1}


@pytest.mark.parametrize("hang_up_after", [95, None])
def test_a_wait_that_went_on_without_the_database(stage: Stage, hang_up_after: float | None) -> None:
    """Its row stopped at the moment the database went: it isn't believed, and nothing of it is left."""
    stage.phones(Alix=ignore())
    call = stage.dial(hang_up_after=hang_up_after)
    stage.at(16)
    with database_down(stage):
        stage.at(92)
        assert [entry.who for entry in call.transcript if entry.event == "rings"].count("Alix") > 1
    stage.twin.run_until_idle()
    assert stage.counted() == {"unknown": 1}


def test_both_jobs_run_all_along(make_stage: MakeStage) -> None:
    """Every minute through calls of every kind: they change nothing of what is going on, and count each once."""
    stage = make_stage({"france": [["Alix"], ["Billie"]]})
    stage.phones(Alix=[accept(talks=60), ignore(), ignore()], Billie=[accept(talks=None), ignore()])
    stage.twin.every(60, stage.rehearsal.count)
    stage.dial(talks=400)
    stage.twin.run_for(900)
    stage.dial(hang_up_after=5)
    stage.twin.run_for(300)
    stage.dial()
    stage.twin.run_for(900)
    assert stage.counted() == {"answered": 1, "left_in_greeting": 1, "unanswered": 1}
