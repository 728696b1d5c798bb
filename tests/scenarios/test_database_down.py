import logging
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import permutations

import pytest
from sqlalchemy.exc import OperationalError

from helpline.calls.ringing import LegRef
from helpline.calls.unheard import About, Word
from helpline.store.sessions import Store
from helpline.store.tables import Leg, WrapUp
from helpline.twin import accept, ignore
from tests.scenarios.conftest import MakeStage
from tests.scenarios.stage import OTHER_CALLER, TAKES, Stage, times

DOORS = ("read", "single", "live", "durable")
EXPECTED = {"call.database", "leg.database", "bridge.database", "status.database", "directory.database"}


@contextmanager
def database_down(stage: Stage) -> Iterator[None]:
    """The database answers nothing; what the service logs about it is expected."""

    def closed(_store: Store) -> None:
        raise OperationalError("simulated", None, Exception("the database is down"))

    with pytest.MonkeyPatch.context() as patch:
        for door in DOORS:
            patch.setattr(Store, door, closed)
        yield
    assert {record.getMessage() for record in stage.log if record.levelno >= logging.ERROR} <= EXPECTED
    stage.log.clear()


def test_when_the_caller_is_to_be_put_through(stage: Stage) -> None:
    """They are put through by the carrier alone, to whoever is on call; nobody hears an error tone."""
    call = stage.dial(talks=60)
    stage.at(6)
    with database_down(stage):
        stage.twin.run_until_idle()
    assert call.heard()[1:] == [stage.says("degraded")]
    assert call.talked_to == ["Alix"]
    assert not times(call, "error tone", "line")
    assert stage.counted() == {"unknown": 1}  # whether anybody pressed 1 is more than the carrier can say


@pytest.mark.parametrize("seconds", [10, 20])
def test_for_a_while_in_the_queue(make_stage: MakeStage, seconds: float) -> None:
    """Music goes on; when the database is back the caller has kept their place and is answered."""
    stage = make_stage()
    stage.phones(Alix=accept(after=18, talks=None))
    call = stage.dial(talks=40)
    stage.at(14)
    with database_down(stage):
        stage.at(14 + seconds)
    stage.twin.run_until_idle()
    assert call.talked_to == ["Alix"]
    assert len(times(call, "queued")) == 1


def test_for_too_long_in_the_queue(make_stage: MakeStage) -> None:
    """Nobody is kept on hold by a database that doesn't come back: after four documents the carrier alone goes on."""
    stage = make_stage({"france": [["Alix", "Billie"]]})
    stage.phones(Alix=ignore(), Billie=[ignore(), TAKES])
    call = stage.dial(talks=30)
    stage.at(16)
    with database_down(stage):
        stage.twin.run_until_idle()
    assert call.talked_to == ["Billie"]
    assert len(times(call, "queued")) == 1


def test_when_the_psychologist_says_yes(stage: Stage) -> None:
    """The yes can't be recorded: they are connected all the same, because the carrier's queue lets only one in."""
    call = stage.dial(talks=60)
    stage.at(20)
    with database_down(stage):
        stage.at(30)
        assert call.talked_to == ["Alix"]
    stage.twin.run_until_idle()
    assert stage.counted() == {"answered": 1}


@pytest.mark.parametrize("back", [22.85, 23.2, 30.0, 60.0])
def test_nobody_is_rung_while_they_talk_whose_yes_was_not_recorded(make_stage: MakeStage, back: float) -> None:
    """The carrier let them in: that is the claim, be it announced to a database that is back or told to it later."""
    stage = make_stage({"france": [["Alix", "Billie"], ["Charlie"], ["Dirk"]]})
    stage.phones(Alix=accept(after=3, talks=None), Billie=ignore(), Charlie=TAKES, Dirk=TAKES)
    call = stage.dial(talks=400)
    stage.at(22.7)
    with database_down(stage):
        stage.at(back)
    stage.twin.run_until_idle()
    assert call.talked_to == ["Alix"]
    assert [stage.rung(name) for name in ("Alix", "Charlie", "Dirk")] == [1, 0, 0]
    assert stage.counted() == {"answered": 1}
    assert [(row["person"], row["n"]) for row in stage.rows(WrapUp)] == [(stage.person("Alix"), 1)]


def test_nobody_is_rung_for_a_caller_whom_the_carrier_put_through(make_stage: MakeStage) -> None:
    """While the database was down they left the queue: legs that were still wanted are given up, a no opens no wave."""
    stage = make_stage({"france": [["Alix", "Billie", "Charlie"], ["Dirk"]]})
    stage.phones(Alix=[ignore(), TAKES], Billie=ignore(), Charlie=TAKES, Dirk=TAKES)
    call = stage.dial(talks=400)
    stage.at(13.8)
    with database_down(stage):
        stage.at(80)
    assert call.talked_to == ["Alix"]
    rung = {name: stage.rung(name) for name in ("Alix", "Billie", "Charlie", "Dirk")}
    stage.rehearsal.place()
    stage.twin.run_until_idle()
    assert {name: stage.rung(name) for name in rung} == rung


def test_who_was_not_rung_is_free_for_the_next_caller(make_stage: MakeStage) -> None:
    """A caller whom the carrier put through keeps nobody busy whose phone hadn't been called when the database went."""
    stage = make_stage({"france": [["Alix", "Billie", "Charlie"]]})
    stage.phones(Alix=[ignore(), TAKES], Billie=ignore(), Charlie=accept(after=4, talks=None))
    stage.dial(talks=1500)
    stage.at(13.8)
    with database_down(stage):
        stage.at(80)
    second = stage.dial(from_=OTHER_CALLER, talks=60)
    stage.twin.run_until_idle()
    assert second.talked_to == ["Charlie"]
    assert stage.rung("Alix") == 2


def test_whose_phone_was_hung_up_is_free_for_the_next_caller(make_stage: MakeStage) -> None:
    """Word of it came while the database was down: the sweeper asks the carrier, and who talks isn't disturbed."""
    stage = make_stage({"france": [["Alix", "Billie"]]})
    stage.phones(Alix=[ignore(), TAKES], Billie=[ignore(), accept(after=4, talks=None)])
    stage.dial(talks=1500)
    stage.at(16)
    with database_down(stage):
        stage.at(80)
    stage.twin.every(60, stage.rehearsal.count)
    stage.at(700)
    second = stage.dial(from_=OTHER_CALLER, talks=60)
    stage.twin.run_until_idle()
    assert second.talked_to == ["Billie"]
    assert (stage.rung("Alix"), stage.rung("Billie")) == (2, 2)


def test_word_of_another_phone_comes_before_that_of_the_bridge(make_stage: MakeStage) -> None:
    """To another process, when the database is back: who talks isn't lost for it, and nobody else gets the caller."""
    stage = make_stage({"france": [["Alix", "Billie"], ["Charlie"], ["Dirk"]]})
    stage.phones(Alix=accept(after=3, talks=None), Billie=ignore(), Charlie=TAKES, Dirk=TAKES)
    call = stage.dial(talks=400)
    stage.at(22.7)
    with database_down(stage):
        stage.at(55)
    (leg,) = [row for row in stage.rows(Leg) if row["person"] == stage.person("Billie")]
    ref = LegRef(leg["call_id"], leg["id"], 1, leg["person"], "fr")
    service = stage.rehearsal.service
    service.placing.ringing.leg_over(service.lines["france"], ref, leg["carrier_id"], "no-answer", stage.now)
    stage.twin.run_until_idle()
    assert call.talked_to == ["Alix"]
    assert stage.counted() == {"answered": 1}
    assert [(row["person"], row["n"]) for row in stage.rows(WrapUp)] == [(stage.person("Alix"), 1)]


@pytest.mark.parametrize("order", list(permutations([About.BRIDGED, About.CALLER, About.CALL])))
def test_a_talk_within_an_outage_is_answered_whoever_tells_of_it_first(
    make_stage: MakeStage, order: tuple[About, ...]
) -> None:
    """Each word was heard by a process of its own. That of the caller's own call doesn't say who talked to them."""
    stage = make_stage({"france": [["Alix", "Billie"], ["Charlie"]]})
    stage.phones(Alix=accept(after=3, talks=None), Billie=ignore(), Charlie=TAKES)
    call = stage.dial(talks=100)
    stage.at(22.7)
    with database_down(stage):
        stage.at(160)
    unheard = stage.rehearsal.service.retelling.unheard
    words: list[Word] = []
    unheard.retell(words.append)
    assert {word.about for word in words} == set(order)
    for word in sorted(words, key=lambda word: order.index(word.about)):
        unheard.remember(word)
    stage.twin.run_until_idle()
    assert call.talked_to == ["Alix"]
    assert stage.counted() == {"answered": 1}
    known = order.index(About.BRIDGED) < order.index(About.CALLER)
    assert [(row["person"], row["n"]) for row in stage.rows(WrapUp)] == [(stage.person("Alix"), 1)] * known


def test_while_they_talk(stage: Stage) -> None:
    """A conversation needs no database: it goes on, and is counted as answered if the end is told later."""
    stage.phones(Alix=TAKES)
    call = stage.dial(talks=60)
    stage.at(40)
    with database_down(stage):
        stage.at(60)
    stage.twin.run_until_idle()
    assert call.talked_to == ["Alix"]
    assert stage.counted() == {"answered": 1}


def test_when_a_conversation_ends(make_stage: MakeStage) -> None:
    """Nobody can say why: the caller is asked, and whoever stays on the line is rung for by the carrier alone."""
    stage = make_stage()
    stage.phones(Alix=[accept(talks=30), TAKES])
    call = stage.dial(talks=50)
    stage.at(35)
    with database_down(stage):
        stage.twin.run_until_idle()
    assert call.talked_to == ["Alix", "Alix"]
    assert call.heard()[-2:] == [stage.says("cut-off"), stage.says("degraded")]


def test_a_conversation_that_simply_ended(make_stage: MakeStage) -> None:
    """Whoever hangs up when they are asked disturbs nobody."""
    stage = make_stage()
    stage.phones(Alix=accept(talks=30))
    call = stage.dial(hang_up_after=62)
    stage.at(35)
    with database_down(stage):
        stage.twin.run_until_idle()
    assert call.heard()[-1] == stage.says("cut-off")
    assert stage.rung("Alix") == 1
