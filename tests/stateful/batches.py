"""Batches of sequences of the stateful machine, in processes of their own."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator, Sequence
from multiprocessing import get_context

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.stateful.machine import STEPS, Helpline

TASKS = 5
"""Batches that one process plays: memory that leaks, leaks no further."""


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


def play(batches: Sequence[tuple[int, int]], workers: int) -> Iterator[tuple[int, int, str]]:
    """Each batch (seed, sequences) as it is done, with what failed in it, in processes that are renewed now and then.

    Not `concurrent.futures`: on Python 3.11 its pool stands still once its first processes have done their tasks
    (https://github.com/python/cpython/issues/115634).
    """
    with get_context("spawn").Pool(workers, maxtasksperchild=TASKS) as pool:
        yield from pool.imap_unordered(_play, batches)


def _play(batch: tuple[int, int]) -> tuple[int, int, str]:
    return *batch, run(*batch)
