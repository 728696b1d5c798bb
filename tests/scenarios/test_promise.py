import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpline.calls.planning import PLACING_SECONDS, longest_wait
from helpline.lines import Line
from helpline.twin import Behaviour, busy, decline, failed, ignore, silent, voicemail
from ivr_flows.model import Language
from ivr_flows.ringing import LONGEST_AFTER
from rota.model import OnCall, Person
from rota.plan import Backup, RingPlan, Target, Wave, ring_plan
from tests.scenarios.conftest import MakeStage
from tests.scenarios.making import staged
from tests.scenarios.stage import BACKUP, NIGHT, NOON, PEOPLE, SECOND_BACKUP, Rota, Stage, times

pytestmark = pytest.mark.slow  # in `make check`: `make test` has five minutes


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


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
    "wrong number": failed(),
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
    line = stage.rehearsal.service.lines["france"]
    return longest_wait(plan_of(line, rota, "fr", night=night), line.settings.ringing.busy) + LONGEST_AFTER


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
    assert waited <= waits_at_most(stage, rota)


names = st.lists(st.sampled_from(sorted(PEOPLE)), max_size=3, unique=True)
deaf = st.sampled_from(sorted(DEAF))


@given(
    tiers=st.lists(names, max_size=3),
    phones=st.lists(deaf, min_size=len(PEOPLE) + 2, max_size=len(PEOPLE) + 2),
    backups=st.sampled_from([[], [BACKUP], [BACKUP, SECOND_BACKUP]]),
    night=st.booleans(),
    lost=st.sampled_from(["", "/status/", "/leg/"]),
)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_rota_and_no_phones_keep_a_caller_longer(
    tmp_path: Path, tiers: list[list[str]], phones: list[str], backups: list[str], night: bool, lost: str
) -> None:
    """Any people in any tiers, whatever their phones do but take the call, heard of or not."""
    rota = {"france": tiers}
    with (
        tempfile.TemporaryDirectory(dir=tmp_path) as folder,
        staged(
            f"sqlite:///{folder}/helpline.db",
            Path(folder),
            rota,
            start=NIGHT if night else NOON,
            france={"backup": backups},
        ) as stage,
    ):
        for name, how in zip((*PEOPLE, BACKUP, SECOND_BACKUP), phones, strict=True):
            stage.phone(name, DEAF[how])
        if lost:
            stage.twin.faults.script("drop", kind="status", when=lambda request: lost in request.url, times=None)
        call = stage.call()
        waited = times(call, "leaves the queue")[0] - times(call, "queued")[0]
        assert waited <= waits_at_most(stage, rota, night=night)
        assert stage.says("crisis-france") in call.heard()
        assert stage.twin.busy_rings == 0


@given(
    waves=st.lists(st.tuples(st.integers(1, 60), st.lists(st.integers(1, 60), min_size=1, max_size=4)), max_size=5),
    busy=st.booleans(),
    seconds=st.integers(60, 900),
)
def test_a_wait_is_longer_than_its_plan(waves: list[tuple[int, list[int]]], busy: bool, seconds: int) -> None:
    """Never cut short: each phone has its seconds, however late it starts; where all are busy, what was said."""
    plan = RingPlan(
        tuple(
            Wave(tuple(Target(place, None, "fr", ring) for place, ring in enumerate(rings)), length, "exact", 1)
            for length, rings in waves
        ),
        busy_held=busy,
    )
    assert longest_wait(plan, seconds) >= plan.seconds + (PLACING_SECONDS if waves else 0)
    assert longest_wait(plan, seconds) >= (seconds if busy else 0)
    assert longest_wait(RingPlan(()), seconds) == 0
