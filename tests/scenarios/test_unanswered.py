import pytest

from helpline.twin import CallHandle, decline, ignore, voicemail
from tests.scenarios.conftest import MakeStage
from tests.scenarios.stage import BACKUP, TAKES, Stage, entries, order_of_rings, times


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


def check_spoken_alternative(stage: Stage, call: CallHandle) -> None:
    """Whoever reaches nobody hears the crisis numbers, the offer of another try, and a goodbye; nothing else is it."""
    after = [entry.text for entry in entries(call, "hears") if entry.at >= times(call, "leaves the queue")[0]]
    assert after == [stage.says("crisis-france"), stage.says("unanswered-menu"), stage.says("goodbye")]
    assert call.status == "completed"
    assert stage.counted() == {"unanswered": 1}


def test_nobody_on_the_rota(make_stage: MakeStage) -> None:
    """The rota has a hole and there is no backup number: the caller isn't kept waiting for nobody."""
    stage = make_stage({})
    call = stage.call()
    check_spoken_alternative(stage, call)
    assert times(call, "leaves the queue")[0] - times(call, "queued")[0] < 1


def test_nobody_on_the_rota_but_a_coordinator(make_stage: MakeStage) -> None:
    """The rota has a hole: the coordinator's phone rings at once, and talks to the caller."""
    stage = make_stage({}, france={"backup": [BACKUP]})
    call = stage.call(talks=60)
    assert call.talked_to == ["coordinator"]
    assert call.first_ring is not None
    assert call.first_ring - times(call, "queued")[0] < 2
    assert stage.counted() == {"answered": 1}


@pytest.mark.parametrize("backup", [[], [BACKUP]])
def test_everybody_ignores_the_phone(make_stage: MakeStage, backup: list[str]) -> None:
    """Every phone rings out, the coordinator's too: in the end the caller hears where else to turn."""
    stage = make_stage({"france": [["Alix"], ["Billie"]]}, france={"backup": backup})
    stage.phones(Alix=ignore(), Billie=ignore())
    stage.phone(BACKUP, ignore())
    call = stage.call()
    check_spoken_alternative(stage, call)
    assert order_of_rings(call) == ["Alix", "Billie", *(["coordinator"] if backup else []), "Alix", "Billie"]


def test_everybodys_voicemail_answers(make_stage: MakeStage) -> None:
    """Machines pick up everywhere and none of them presses 1: none of them gets the caller."""
    stage = make_stage({"france": [["Alix", "Billie"]]}, france={"backup": [BACKUP]})
    stage.phones(Alix=voicemail(after=3), Billie=voicemail(after=12))
    stage.phone(BACKUP, voicemail())
    call = stage.call()
    assert call.talked_to == []
    check_spoken_alternative(stage, call)


def test_everybody_declines(make_stage: MakeStage) -> None:
    """Everybody presses 2: nobody is rung again, and the caller learns within half a minute that nobody can."""
    stage = make_stage({"france": [["Alix"], ["Billie"]]})
    stage.phones(Alix=decline(), Billie=decline())
    call = stage.call()
    check_spoken_alternative(stage, call)
    assert order_of_rings(call) == ["Alix", "Billie"]
    assert times(call, "leaves the queue")[0] - times(call, "queued")[0] < 45


def test_only_people_who_dont_speak_the_language(make_stage: MakeStage) -> None:
    """The line has people on call, none of whom speaks French: as if there were nobody."""
    stage = make_stage({"france": [["Emma"]]})
    call = stage.call()
    check_spoken_alternative(stage, call)
    assert stage.rung("Emma") == 0


def test_the_only_psychologist_talks_to_somebody_else(make_stage: MakeStage) -> None:
    """The second caller isn't put through to a phone that is busy: they are told so, and the coordinator is called."""
    stage = make_stage(france={"backup": [BACKUP]})
    first = stage.dial(talks=120)
    stage.at(60)
    second = stage.dial(from_="+33199009002", talks=30)
    stage.twin.run_until_idle()
    assert first.talked_to == ["Alix"]
    assert second.talked_to == ["coordinator"]
    assert stage.says("hold-busy", wait="3 minutes") in second.heard()
    assert stage.rung("Alix") == 1


def test_the_shift_ends_while_the_caller_waits(make_stage: MakeStage) -> None:
    """Whoever was on call when the wait began is rung to the end of the plan: a hand-off strands nobody."""
    stage = make_stage(on_call=20)
    stage.phones(Alix=[ignore(), TAKES])
    call = stage.call(talks=30)
    assert call.talked_to == ["Alix"]


def test_after_the_shift_nobody_is_rung(make_stage: MakeStage) -> None:
    """A minute after the last shift a psychologist's phone stays silent."""
    stage = make_stage(on_call=60)
    stage.at(60)
    call = stage.call()
    assert stage.rung("Alix") == 0
    check_spoken_alternative(stage, call)
