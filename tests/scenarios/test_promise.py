import pytest

from helpline.calls.ringing import PLACING_SECONDS
from helpline.lines import Line
from helpline.twin import Behaviour, busy, decline, ignore, silent, voicemail
from ivr_flows.model import Language
from ivr_flows.ringing import HOLD_MUSIC, SCREEN_SECONDS
from rota.model import OnCall, Person
from rota.plan import Backup, RingPlan, ring_plan
from tests.scenarios.conftest import MakeStage
from tests.scenarios.stage import BACKUP, NIGHT, NOON, PEOPLE, SECOND_BACKUP, Rota, Stage, times


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


TICK = HOLD_MUSIC + 6
"""Seconds: a wait document is never longer."""
SLACK = PLACING_SECONDS + TICK + SCREEN_SECONDS
"""What may come on top of the plan's own seconds: phones that start late, one hold tick, one whisper heard out."""

ROTAS: dict[str, Rota] = {
    "nobody": {},
    "one": {"france": [["Alix"]]},
    "two tiers": {"france": [["Alix"], ["Billie"]]},
    "everybody": {"france": [["Alix", "Billie"], ["Charlie", "Dirk"], ["Greta"]]},
}
DEAF: dict[str, Behaviour] = {
    "ignores": ignore(),
    "voicemail": voicemail(),
    "quick voicemail": voicemail(after=1),
    "silence": silent(after=15),
    "busy": busy(),
    "declines": decline(after=18),
}


def plan_of(line: Line, rota: Rota, language: Language, *, night: bool) -> RingPlan:
    """The plan as the rota alone computes it."""
    on_call = [
        OnCall(Person(number, name, frozenset(PEOPLE[name].languages)), tier, number, 0)
        for tier, names in enumerate(rota.get(line.name, ()), 1)
        for number, name in enumerate(names, 10 * tier)
    ]
    backups = [Backup(index) for index in range(len(line.settings.backup))]
    return ring_plan(on_call, language, backups=backups, night=night, times=line.times)


def waits_at_most(stage: Stage, rota: Rota, *, night: bool = False) -> float:
    """The line's promise: seconds in the queue until a human or a spoken alternative."""
    return plan_of(stage.rehearsal.service.lines["france"], rota, "fr", night=night).seconds + SLACK


@pytest.mark.parametrize("how", DEAF)
@pytest.mark.parametrize("rota", ROTAS)
def test_nobody_waits_longer_than_promised(make_stage: MakeStage, rota: str, how: str) -> None:
    """Whoever is on the rota and whatever their phones do, the spoken alternative comes within the line's promise."""
    stage = make_stage(ROTAS[rota], france={"backup": [BACKUP] if rota != "two tiers" else []})
    for name in PEOPLE:
        stage.phone(name, DEAF[how])
    stage.phone(BACKUP, DEAF[how])
    call = stage.call()
    waited = times(call, "leaves the queue")[0] - times(call, "queued")[0]
    assert waited <= waits_at_most(stage, ROTAS[rota])
    assert stage.says("crisis-france") in call.heard()


@pytest.mark.parametrize("start", [NOON, NIGHT])
def test_the_promise_holds_by_day_and_by_night(make_stage: MakeStage, start: int) -> None:
    """At night, when one phone rings alone first, the wait is longer and still within its promise."""
    rota = ROTAS["everybody"]
    stage = make_stage(rota, start=start, france={"backup": [BACKUP, SECOND_BACKUP]})
    for name in (*PEOPLE, BACKUP, SECOND_BACKUP):
        stage.phone(name, ignore())
    call = stage.call()
    waited = times(call, "leaves the queue")[0] - times(call, "queued")[0]
    assert waited <= waits_at_most(stage, rota, night=start == NIGHT)


def test_the_promise_holds_when_no_phone_ever_reports(make_stage: MakeStage) -> None:
    """All word of the phones is lost: the hold loop alone keeps the promise."""
    rota = ROTAS["two tiers"]
    stage = make_stage(rota)
    stage.twin.faults.script("drop", kind="status", when=lambda request: "/status/" in request.url, times=None)
    stage.phones(Alix=ignore(), Billie=ignore())
    call = stage.call()
    waited = times(call, "leaves the queue")[0] - times(call, "queued")[0]
    assert waited <= waits_at_most(stage, rota) + PLACING_SECONDS
