from datetime import UTC, datetime

import pytest

from helpline.store.tables import HourlyCount, MonthlyCount
from helpline.twin import Behaviour, accept, ignore
from tests.scenarios.conftest import MakeStage
from tests.scenarios.stage import BACKUP, HOUR, NOON, OTHER_CALLER, TAKES, Stage


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


QUICK = Behaviour(after=0.5, keys=("1",), listens=False, hesitates=0.2)
"""Knows the whisper: presses 1 at once."""


def at(*moment: int) -> int:
    """UTC seconds of a UTC moment."""
    return int(datetime(*moment, tzinfo=UTC).timestamp())  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("hang_up_after", "outcome"), [(5, "left_in_greeting"), (20, "abandoned"), (None, "unanswered")]
)
def test_a_call_without_a_conversation(stage: Stage, hang_up_after: float | None, outcome: str) -> None:
    """Left during the greeting, given up while waiting, or reached nobody: each is counted as what it was."""
    stage.phones(Alix=ignore())
    stage.call(hang_up_after=hang_up_after)
    assert stage.counted() == {outcome: 1}
    assert stage.rows(MonthlyCount) == []


def test_every_call_is_counted_and_none_twice(make_stage: MakeStage) -> None:
    """Four calls, four ways to end: four counts."""
    stage = make_stage({"france": [["Alix"], ["Billie"]]})
    stage.phones(Alix=[TAKES, ignore(), ignore(), ignore()], Billie=[ignore(), ignore()])
    stage.dial(talks=60)
    stage.twin.run_until_idle()
    stage.call(hang_up_after=5)
    stage.call(hang_up_after=25)
    stage.call()
    assert stage.counted() == {"answered": 1, "left_in_greeting": 1, "abandoned": 1, "unanswered": 1}


@pytest.mark.parametrize(
    ("alix", "band"),
    [
        (QUICK, "0-5"),
        (TAKES, "5-20"),
        (accept(after=15, talks=None), "20-60"),
    ],
)
def test_the_wait_is_counted_in_bands(stage: Stage, alix: Behaviour, band: str) -> None:
    """From the end of the greeting to the psychologist's voice: 0-5, 5-20, 20-60 seconds, and so on."""
    stage.phones(Alix=alix)
    stage.call(talks=30)
    assert stage.wait_bands() == {band: 1}


def test_a_long_wait_is_counted_as_one(make_stage: MakeStage) -> None:
    """Somebody answers at the very end of a long plan: the band says over a minute."""
    stage = make_stage({"france": [["Alix"], ["Billie"]]}, france={"backup": [BACKUP]})
    stage.phones(Alix=[ignore(), TAKES], Billie=ignore())
    stage.phone(BACKUP, ignore())
    stage.call(talks=30)
    assert stage.wait_bands() == {"60-180": 1}


def test_the_wait_of_those_who_gave_up_is_counted_too(stage: Stage) -> None:
    """Abandoned after eight seconds in the queue."""
    stage.phones(Alix=ignore())
    stage.call(hang_up_after=20.4)
    assert stage.wait_bands("abandoned") == {"5-20": 1}


def test_the_wait_ends_with_the_first_psychologist(make_stage: MakeStage) -> None:
    """Cut off and called back: the wait counted is that for the first of them."""
    stage = make_stage()
    stage.phones(Alix=[accept(talks=60), TAKES])
    stage.call(talks=60)
    assert stage.wait_bands() == {"5-20": 1}


def test_a_call_belongs_to_the_hour_in_which_it_began_to_wait(make_stage: MakeStage) -> None:
    """Dialled at one minute to one, answered after one: counted at noon, to which the service owed an answer."""
    stage = make_stage(start=NOON + HOUR - 20)
    stage.call(talks=200)
    assert [(row["hour"], row["n"]) for row in stage.rows(HourlyCount)] == [(NOON, 1)]


@pytest.mark.parametrize(
    ("start", "month"),
    [(at(2026, 12, 31, 22, 58), "2026-12"), (at(2026, 12, 31, 23, 1), "2027-01"), (at(2026, 7, 31, 22, 1), "2026-08")],
)
def test_the_month_is_the_lines_own(make_stage: MakeStage, start: int, month: str) -> None:
    """Around midnight of the month's end: Paris decides, not Greenwich."""
    stage = make_stage(start=start)
    stage.phones(Alix=[ignore(), TAKES])
    stage.call(talks=30)
    assert [row["month"] for row in stage.rows(MonthlyCount)] == [month]


@pytest.mark.parametrize(("talks", "band"), [(30, "0-1"), (200, "1-5"), (400, "5-15")])
def test_the_talk_is_added_up(stage: Stage, talks: float, band: str) -> None:
    """Seconds of talk and their band, by month."""
    stage.call(talks=talks)
    (row,) = stage.rows(MonthlyCount)
    assert row["talk_seconds"] == pytest.approx(talks, abs=4)
    assert (row["duration_band"], row["n"]) == (band, 1)


def test_talks_of_a_month_are_one_row(stage: Stage) -> None:
    """Two talks of the same length: one row, the sum of both, and no way to tell them apart."""
    stage.call(talks=100)
    stage.call(from_=OTHER_CALLER, talks=100)
    (row,) = stage.rows(MonthlyCount)
    assert row["n"] == 2
    assert row["talk_seconds"] == pytest.approx(200, abs=8)


def test_each_line_counts_for_itself(make_stage: MakeStage) -> None:
    """A call to Belgium and one to France: a count each."""
    stage = make_stage({"france": [["Alix"]], "belgium": [["Billie"]]})
    stage.call(talks=30)
    stage.call("belgium", talks=30)
    assert sorted((row["line"], row["n"]) for row in stage.rows(HourlyCount)) == [("belgium", 1), ("france", 1)]


def test_whoever_only_talks_again_after_an_unanswered_ring_counts_as_answered(stage: Stage) -> None:
    """Unanswered at first, answered at the second try: the call was answered, after all that wait."""
    stage.phones(Alix=[ignore(), ignore(), TAKES])
    call = stage.dial(talks=30)
    stage.at(85)
    call.press("1")
    stage.twin.run_until_idle()
    assert stage.counted() == {"answered": 1}
    assert stage.wait_bands() == {"60-180": 1}
