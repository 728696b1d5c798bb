"""A batch of sequences of the stateful machine, in whatever process asks for it."""

from __future__ import annotations

import logging
import traceback

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.stateful.machine import STEPS, Helpline


def run(number: int, sequences: int) -> str:
    """One batch: what failed, with the shortest sequence that does, or ""."""
    some = settings(
        max_examples=sequences,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )

    logging.getLogger().addHandler(logging.NullHandler())  # or Python says every warning of the service aloud

    @seed(number)
    class Machine(Helpline):
        """Of this batch."""

    try:
        run_state_machine_as_test(Machine, settings=some)
    except Exception:  # the batch's edge: whatever was found is told  # noqa: BLE001
        return traceback.format_exc()
    return ""
