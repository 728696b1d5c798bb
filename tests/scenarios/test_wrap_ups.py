import pytest

from helpline.store.tables import Pooled, WrapUp
from helpline.twin import ignore
from tests.scenarios.conftest import MakeStage
from tests.scenarios.stage import BACKUP, NIGHT, NOON, Stage


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


DAY = 86_400


def test_a_conversation_waits_to_be_coded_by_whoever_held_it(stage: Stage) -> None:
    """One call more on Alix's page, due the day after tomorrow; nothing says when it was."""
    stage.call(talks=90)
    (row,) = stage.rows(WrapUp)
    assert row == {
        "person": stage.person("Alix"),
        "line": "france",
        "period": "2026-03",
        "night": False,
        "lasted": True,
        "due_day": NOON // DAY + 2,
        "n": 1,
    }


def test_calls_that_look_alike_are_one_number(stage: Stage) -> None:
    """Three conversations of a day are a three, not three rows."""
    for _ in range(3):
        stage.call(talks=70)
    assert [row["n"] for row in stage.rows(WrapUp)] == [3]


@pytest.mark.parametrize(("start", "night"), [(NOON, False), (NIGHT, True)])
def test_night_and_day_are_told_apart(make_stage: MakeStage, start: int, night: bool) -> None:
    """The record will say whether it was at night, which nobody remembers two days later."""
    stage = make_stage(start=start)
    stage.call(talks=70)
    assert [row["night"] for row in stage.rows(WrapUp)] == [night]


@pytest.mark.parametrize(("talks", "lasted"), [(30, False), (90, True)])
def test_a_call_under_a_minute_is_told_apart(stage: Stage, talks: float, lasted: bool) -> None:
    """A minute of talk makes a support contact substantive; the length itself is kept nowhere."""
    stage.call(talks=talks)
    assert [row["lasted"] for row in stage.rows(WrapUp)] == [lasted]


def test_the_belgian_line_counts_in_quarters(make_stage: MakeStage) -> None:
    """A line with fewer calls says less of their time."""
    stage = make_stage({"belgium": [["Billie"]]}, belgium={"period": "quarter"})
    stage.call("belgium", talks=70)
    assert [row["period"] for row in stage.rows(WrapUp)] == ["2026-Q1"]


@pytest.mark.parametrize("hang_up_after", [5, 20, None])
def test_without_a_conversation_there_is_nothing_to_code(stage: Stage, hang_up_after: float | None) -> None:
    """A call that reached nobody waits on nobody's page."""
    stage.phones(Alix=ignore())
    stage.call(hang_up_after=hang_up_after)
    assert stage.rows(WrapUp) == []
    assert stage.rows(Pooled) == []


def test_a_backup_numbers_call_is_recorded_as_not_coded(make_stage: MakeStage) -> None:
    """A coordinator has no page: the conversation is in the figures all the same, as "not coded"."""
    stage = make_stage({}, france={"backup": [BACKUP]})
    stage.call(talks=90)
    (row,) = stage.rows(Pooled)
    assert (row["contact"], row["reasons"], row["line"]) == ("not-coded", "", "france")
    assert stage.rows(WrapUp) == []
