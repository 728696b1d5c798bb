import itertools

import pytest

from helpline.twin import CallHandle, accept, ignore
from tests.scenarios.conftest import MakeStage
from tests.scenarios.stage import BACKUP, TAKES, Stage, entries, times


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


LONG = 15
"""Seconds: the longest that a wait document may last, for its end is the clock by which everything else moves."""


def in_the_queue(call: CallHandle) -> tuple[float, float]:
    """When the caller joined the queue, and when they left it or were connected."""
    left = [*times(call, "bridged"), *times(call, "leaves the queue")]
    return times(call, "queued")[0], min(left)


def test_the_wait_is_never_silent(make_stage: MakeStage) -> None:
    """Music or words follow each other without a gap in which a caller might think the line is dead."""
    stage = make_stage({"france": [["Alix"], ["Billie"]]}, france={"backup": [BACKUP]})
    stage.phones(Alix=ignore(), Billie=ignore())
    stage.phone(BACKUP, ignore())
    call = stage.call(keys="", hang_up_after=200)
    start, end = in_the_queue(call)
    sounds = sorted(at for event in ("hears", "hears audio") for at in times(call, event) if start <= at < end)
    gaps = [after - before for before, after in zip([start, *sounds], [*sounds, end], strict=True)]
    assert max(gaps) < 11


def test_the_carrier_asks_what_to_play_at_least_every_quarter_of_a_minute(make_stage: MakeStage) -> None:
    """Each wait document ends soon enough for the next step never to be late by more than 15 seconds."""
    stage = make_stage({"france": [["Alix"], ["Billie"]]})
    stage.phones(Alix=ignore(), Billie=ignore())
    call = stage.call(keys="9", hang_up_after=80)
    asked = [exchange.at for exchange in call.call.exchanges if "/wait/" in exchange.url]
    assert len(asked) > 4
    assert max(after - before for before, after in itertools.pairwise(asked)) <= LONG


def test_the_caller_is_told_what_happens_in_varied_words(make_stage: MakeStage) -> None:
    """A long wait says something new now and then, and hardly ever the same thing twice in a row."""
    stage = make_stage({"france": [["Alix"], ["Billie"]]}, france={"backup": [BACKUP]})
    stage.phones(Alix=ignore(), Billie=ignore())
    stage.phone(BACKUP, ignore())
    call = stage.call(hang_up_after=100)
    start, end = in_the_queue(call)
    said = [entry.text for entry in entries(call, "hears") if start <= entry.at < end]
    assert len(said) >= 4
    assert all(before != after for before, after in itertools.pairwise(said))


@pytest.mark.parametrize(
    ("rota", "prompt"),
    [([["Alix"], ["Billie"]], "hold-second"), ([["Alix"]], "hold-again")],
)
def test_a_new_wave_is_announced_once(make_stage: MakeStage, rota: list[list[str]], prompt: str) -> None:
    """When more phones start to ring the caller hears so, once."""
    stage = make_stage({"france": rota})
    stage.phones(Alix=[ignore(), ignore()], Billie=ignore())
    call = stage.call(hang_up_after=50)
    assert call.heard().count(stage.says(prompt)) == 1


def test_the_first_wave_is_not_announced(stage: Stage) -> None:
    """The greeting has said that a psychologist is being called: music follows."""
    call = stage.call(talks=5)
    start, _ = in_the_queue(call)
    assert times(call, "hears audio")[0] < start + 0.2
    assert min(at for at in times(call, "hears") if at > start) > start + 8


def test_the_coordinator_is_announced(make_stage: MakeStage) -> None:
    """The caller is told when the line's coordinator is being called, and whom they are connected to."""
    stage = make_stage({"france": [["Alix"]]}, france={"backup": [BACKUP]})
    stage.phones(Alix=ignore())
    stage.phone(BACKUP, TAKES)
    call = stage.call(talks=30)
    assert call.talked_to == ["coordinator"]
    assert stage.says("hold-backup") in call.heard()
    assert call.heard()[-1] == stage.says("connecting-backup")


def test_words_never_cover_the_psychologists_voice(make_stage: MakeStage) -> None:
    """Once connected the caller hears nothing of the line any more."""
    stage = make_stage()
    stage.phones(Alix=accept(after=12, talks=None))
    call = stage.call(talks=120)
    assert call.bridged_at is not None
    assert max(times(call, "hears") + times(call, "hears audio")) < call.bridged_at
