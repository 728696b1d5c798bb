import pytest

from helpline.store.tables import Pooled, WrapUp
from helpline.twin import Behaviour, CallHandle, Outgoing
from tests.scenarios.conftest import MakeStage
from tests.scenarios.stage import Stage, entries


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


CODES = {"keypad_coding": True}
BURNOUT, CONFLICT = "01", "03"
"""Two-digit numbers that the shipped list of reasons has; a test of the list itself is elsewhere."""


def coded(make_stage: MakeStage, *keys: str, talks: float = 90, **behaviour: object) -> tuple[Stage, CallHandle]:
    """A conversation after which Alix, still on the line, keys in `keys`, one item for each question."""
    stage = make_stage(france=CODES)
    stage.phones(Alix=Behaviour(keys=("1", *keys), **behaviour))  # type: ignore[arg-type]
    return stage, stage.call(talks=talks)


def reason(stage: Stage, number: str) -> str:
    """The reason with a number."""
    return stage.rehearsal.service.taxonomy.reason_numbers()[number]


def label(stage: Stage, number: str) -> str:
    """How that reason is read out in French."""
    terms = stage.rehearsal.service.taxonomy.reasons
    return next(term.label.fr for term in terms if term.number == number)


def test_a_reason_keyed_and_confirmed_is_stored(make_stage: MakeStage) -> None:
    """Two digits, read back, 1: the call is coded while the psychologist still holds the phone."""
    stage, call = coded(make_stage, BURNOUT, "1")
    heard = call.heard("Alix")
    assert stage.says("code-reason") in heard
    assert stage.says("code-confirm", reason=label(stage, BURNOUT)) in heard
    assert heard[-1] == stage.says("code-saved")
    assert [(row["reasons"], row["contact"]) for row in stage.rows(Pooled)] == [(reason(stage, BURNOUT), "support")]
    assert stage.rows(WrapUp) == []


def test_only_lines_that_want_it_ask(make_stage: MakeStage) -> None:
    """A line without keypad coding thanks and reminds of the page."""
    stage = make_stage()
    call = stage.call(talks=30)
    assert stage.says("code-reason") not in call.heard("Alix")
    assert call.heard("Alix")[-1] == stage.says("thanks")


def is_keyed(request: Outgoing) -> bool:
    """The psychologist keyed something."""
    return "/leg/" in request.url and bool(request.params.get("Digits"))


@pytest.mark.parametrize("seconds", [0.3, 4.0, 60.0])
def test_a_repeated_confirmation_codes_one_call(make_stage: MakeStage, seconds: float) -> None:
    """The carrier delivers every key twice: one call is coded, and the other one of that day still waits."""
    stage = make_stage(france=CODES)
    stage.phones(Alix=[Behaviour(keys=("1",)), Behaviour(keys=("1", BURNOUT, "1"))])
    stage.call(talks=70)
    stage.twin.faults.script("duplicate", when=is_keyed, times=None, seconds=seconds)
    stage.call(talks=70)
    assert len(stage.rows(Pooled)) == 1
    assert [row["n"] for row in stage.rows(WrapUp)] == [1]


def test_a_number_that_doesnt_exist(make_stage: MakeStage) -> None:
    """An unknown number is told, and asked again; the right one then counts."""
    stage, call = coded(make_stage, "77", BURNOUT, "1")
    heard = call.heard("Alix")
    assert stage.says("code-unknown") in heard
    assert heard[-1] == stage.says("code-saved")
    assert [row["reasons"] for row in stage.rows(Pooled)] == [reason(stage, BURNOUT)]


def test_three_wrong_numbers_are_left_for_later(make_stage: MakeStage) -> None:
    """Nobody is kept on the phone by a keypad: after three tries the call waits on the page."""
    stage, call = coded(make_stage, "77", "78", "79", "80")
    assert call.heard("Alix").count(stage.says("code-unknown")) == 2
    assert call.heard("Alix")[-1] == stage.says("code-later")
    assert [row["n"] for row in stage.rows(WrapUp)] == [1]


def test_a_reason_may_be_corrected(make_stage: MakeStage) -> None:
    """2 after the reading back: keyed anew, and only the corrected reason is stored."""
    stage, call = coded(make_stage, BURNOUT, "2", CONFLICT, "1")
    assert stage.says("code-again") in call.heard("Alix")
    assert [row["reasons"] for row in stage.rows(Pooled)] == [reason(stage, CONFLICT)]


@pytest.mark.parametrize("keys", [(), ("",), (BURNOUT,), (BURNOUT, ""), (BURNOUT, "7")])
def test_whatever_isnt_confirmed_waits_on_the_page(make_stage: MakeStage, keys: tuple[str, ...]) -> None:
    """Silence, one digit, no confirmation: nothing is stored, and the psychologist is told where the call waits."""
    stage, call = coded(make_stage, *keys)
    assert call.heard("Alix")[-1] == stage.says("code-later")
    assert stage.rows(Pooled) == []
    assert [row["n"] for row in stage.rows(WrapUp)] == [1]


def test_hanging_up_instead(make_stage: MakeStage) -> None:
    """A psychologist who hangs up when asked codes it later."""
    stage, call = coded(make_stage, hang_up_after=112)
    assert entries(call, "hangs up", "Alix")
    assert stage.rows(Pooled) == []
    assert [row["n"] for row in stage.rows(WrapUp)] == [1]


def test_a_coordinator_isnt_asked(make_stage: MakeStage) -> None:
    """A backup number belongs to nobody with a page: no question, and the call is recorded as not coded."""
    stage = make_stage({}, france={"keypad_coding": True, "backup": ["+33199000190"]})
    call = stage.call(talks=70)
    assert stage.says("code-reason") not in call.heard("coordinator")
    assert [row["contact"] for row in stage.rows(Pooled)] == ["not-coded"]


def test_one_who_handed_the_caller_over_isnt_asked(make_stage: MakeStage) -> None:
    """The one who talks last is asked for the reason; the one who passed the caller on is just thanked."""
    stage = make_stage({"france": [["Alix"], ["Billie"]]}, france=CODES)
    stage.phones(Alix=Behaviour(keys=("1", "1"), star_after=30), Billie=Behaviour(keys=("1", BURNOUT, "1")))
    call = stage.call(talks=70)
    assert stage.says("code-reason") not in call.heard("Alix")
    assert call.heard("Billie")[-1] == stage.says("code-saved")
    assert len(stage.rows(Pooled)) == 1


def test_a_short_call_is_coded_as_such(make_stage: MakeStage) -> None:
    """Under a minute of talk a support call is recorded as not substantive, however it is coded."""
    stage, _ = coded(make_stage, BURNOUT, "1", talks=20)
    assert [row["substantive"] for row in stage.rows(Pooled)] == [False]
