import pytest

from helpline.store.tables import LiveCall
from helpline.twin import accept, decline, ignore, voicemail
from tests.scenarios.conftest import MakeStage
from tests.scenarios.stage import BACKUP, NIGHT, SECOND_BACKUP, TAKES, entries, order_of_rings, rings, times


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


def test_the_second_tier_joins_while_the_first_rings_on(make_stage: MakeStage) -> None:
    """After 20 seconds a second psychologist is called as well; the first may still pick up, and does."""
    stage = make_stage({"france": [["Alix"], ["Billie"]]})
    stage.phones(Alix=accept(after=28, talks=None), Billie=ignore())
    call = stage.call(talks=30)
    (_, first), (_, second) = rings(call)
    assert order_of_rings(call) == ["Alix", "Billie"]
    assert 18 <= second - first <= 23
    assert call.talked_to == ["Alix"]


def test_a_wave_noticed_late_takes_nothing_longer(make_stage: MakeStage) -> None:
    """Only the hold loop moves the waves, each time a little late: the third counts from 40 seconds all the same."""
    stage = make_stage({"france": [["Alix"], ["Billie"], ["Charlie"]]})
    stage.phones(Alix=ignore(), Billie=ignore(), Charlie=ignore())
    call = stage.dial()
    stage.at(69)
    (row,) = stage.rows(LiveCall)
    assert (row["wave"], row["wave_at"] - row["queued_at"]) == (2, 40)
    assert rings(call)[2][1] - times(call, "queued")[0] > 41
    stage.twin.run_until_idle()


def test_one_tier_rings_all_at_once(make_stage: MakeStage) -> None:
    """Everybody of the first tier is called in the first seconds, one creation a second, in the rota's order."""
    stage = make_stage({"france": [["Billie", "Alix", "Charlie"]]})
    stage.phones(Alix=TAKES, Billie=ignore(), Charlie=ignore())
    call = stage.call(talks=30)
    assert order_of_rings(call) == ["Billie", "Alix", "Charlie"]
    assert rings(call)[-1][1] - rings(call)[0][1] < 3


def test_who_speaks_the_callers_language_comes_first(make_stage: MakeStage) -> None:
    """A caller in Dutch: the psychologist of the second tier who speaks Dutch rings before those of the first."""
    stage = make_stage({"belgium": [["Billie"], ["Dirk"]]})
    stage.phones(Dirk=ignore(), Billie=TAKES)
    call = stage.call("belgium", "2", talks=30)
    assert order_of_rings(call)[:2] == ["Dirk", "Billie"]


def test_another_language_that_the_line_accepts_is_announced(make_stage: MakeStage) -> None:
    """Nobody speaks Dutch: a psychologist who speaks French is called, and caller and psychologist are told so."""
    stage = make_stage({"belgium": [["Dirk"], ["Billie"]]})
    stage.phones(Dirk=decline(), Billie=TAKES)
    call = stage.call("belgium", "2", talks=30)
    announced = stage.says("hold-accepted", "nl", language=stage.says("language-fr", "nl"))
    assert announced in call.heard()
    assert stage.says("language-fr") in entries(call, "hears", "Billie")[0].text
    assert call.talked_to == ["Billie"]


def test_only_another_language_there_is_announced_at_once(make_stage: MakeStage) -> None:
    """Nobody on call speaks Dutch at all: the first thing the waiting caller hears is which language it will be."""
    stage = make_stage({"belgium": [["Billie"]]})
    call = stage.call("belgium", "2", talks=30)
    heard = [entry.text for entry in entries(call, "hears") if entry.at > times(call, "queued")[0]]
    assert heard[0] == stage.says("hold-accepted", "nl", language=stage.says("language-fr", "nl"))


def test_nobody_is_called_in_a_language_the_line_doesnt_accept(make_stage: MakeStage) -> None:
    """The line accepts no German instead of Dutch: a psychologist who speaks only that isn't woken."""
    stage = make_stage({"belgium": [["Dirk"], ["Emma"]]}, belgium={"accepted_languages": []})
    stage.phones(Dirk=ignore(), Emma=TAKES)
    call = stage.call("belgium", "2")
    assert set(order_of_rings(call)) == {"Dirk"}
    assert stage.counted() == {"unanswered": 1}


def test_at_night_one_psychologist_is_woken_first(make_stage: MakeStage) -> None:
    """At three in the morning one phone rings alone for 25 seconds; only then the others of the tier."""
    stage = make_stage({"france": [["Alix", "Billie", "Charlie"]]}, start=NIGHT)
    stage.phones(Alix=ignore(), Billie=ignore(), Charlie=TAKES)
    call = stage.call(talks=30)
    names, starts = zip(*rings(call), strict=True)
    assert names == ("Alix", "Billie", "Charlie")
    assert 23 <= starts[1] - starts[0] <= 36
    assert starts[2] - starts[1] < 2


def test_by_day_they_ring_together(make_stage: MakeStage) -> None:
    """The same tier at noon: nobody rings alone."""
    stage = make_stage({"france": [["Alix", "Billie"]]})
    stage.phones(Alix=ignore(), Billie=TAKES)
    call = stage.call(talks=30)
    assert rings(call)[1][1] - rings(call)[0][1] < 2


def test_backup_numbers_ring_when_no_psychologist_answers(make_stage: MakeStage) -> None:
    """Nobody of the rota picks up: the coordinators are called, and reaching one is an answered call."""
    stage = make_stage({"france": [["Alix"]]}, france={"backup": [BACKUP, SECOND_BACKUP]})
    stage.phones(Alix=ignore())
    stage.phone(BACKUP, voicemail())
    stage.phone(SECOND_BACKUP, accept(after=10, talks=None))
    call = stage.call(talks=30)
    assert order_of_rings(call) == ["Alix", "coordinator", "coordinator"]
    assert call.talked_to == ["coordinator"]
    assert stage.counted() == {"answered": 1}


def test_whoever_didnt_answer_is_called_once_more(make_stage: MakeStage) -> None:
    """At the end everybody who didn't pick up rings a second time, and the caller is told."""
    stage = make_stage({"france": [["Alix"], ["Billie"]]})
    stage.phones(Alix=[ignore(), TAKES], Billie=ignore())
    call = stage.call(talks=30)
    assert order_of_rings(call) == ["Alix", "Billie", "Alix", "Billie"]
    assert stage.says("hold-again") in call.heard()
    assert call.talked_to == ["Alix"]


def test_whoever_declined_is_left_alone(make_stage: MakeStage) -> None:
    """A psychologist who pressed 2 isn't called a second time for the same caller."""
    stage = make_stage({"france": [["Alix"], ["Billie"]]})
    stage.phones(Alix=[decline(), TAKES], Billie=ignore())
    call = stage.call()
    assert order_of_rings(call) == ["Alix", "Billie", "Billie"]
    assert stage.counted() == {"unanswered": 1}


def test_a_wave_whose_phones_are_all_done_isnt_waited_out(make_stage: MakeStage) -> None:
    """The only psychologist of the first tier passes after 10 seconds: the second tier rings at once, not at 20."""
    stage = make_stage({"france": [["Alix"], ["Billie"]]})
    stage.phones(Alix=decline(after=2))
    call = stage.call(talks=30)
    passed = times(call, "presses", "Alix")[0]
    assert rings(call)[1][1] - passed < 2.5


@pytest.mark.parametrize("start", [NIGHT, NIGHT + 10 * 3600])
def test_nobody_rings_twice_at_once(make_stage: MakeStage, start: int) -> None:
    """Someone with a place in two tiers has one phone: it rings once, and once more at the end."""
    stage = make_stage({"france": [["Alix"], ["Alix", "Billie"]]}, start=start)
    stage.phones(Alix=ignore(), Billie=ignore())
    call = stage.call()
    assert sorted(order_of_rings(call)) == ["Alix", "Alix", "Billie", "Billie"]


def test_somebody_elses_line_isnt_touched(make_stage: MakeStage) -> None:
    """A caller of the French line never rings those on call for Belgium alone."""
    stage = make_stage({"france": [["Alix"]], "belgium": [["Billie", "Dirk"]]})
    stage.phones(Alix=ignore())
    stage.call()
    assert (stage.rung("Billie"), stage.rung("Dirk")) == (0, 0)
