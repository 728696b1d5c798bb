from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conftest import THOROUGH
from tests.stateful.batches import TASKS, play
from tests.stateful.machine import STEPS, Helpline

SOME = settings(
    max_examples=120 if THOROUGH else 16,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
"""As many sequences as `make test` has time for, or `make check`; ten thousand are `make soak`'s."""


@pytest.mark.timeout(300)
def test_no_caller_is_stranded() -> None:
    """Whatever happens in whatever order: what is promised to callers and psychologists holds."""
    run_state_machine_as_test(Helpline, settings=SOME)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_no_caller_is_stranded_on_postgresql(request: pytest.FixtureRequest) -> None:
    """The same on the other database, which each sequence finds empty."""
    url = request.getfixturevalue("postgres_url")
    machine = type("OnPostgresql", (Helpline,), {"url": url})
    run_state_machine_as_test(machine, settings=settings(SOME, max_examples=SOME.max_examples // 4))


@pytest.mark.slow
def test_a_soak_goes_on_when_its_processes_are_renewed() -> None:
    """More batches than the first processes may play: each is played once, to the last."""
    batches = [(number, 1) for number in range(TASKS + 2)]
    assert sorted(number for number, _, _ in play(batches, 1)) == list(range(TASKS + 2))
