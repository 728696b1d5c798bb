"""`make soak`: ten thousand sequences of the stateful machine.

`python -m tests.stateful [--sequences 10000] [--seed 1] [--workers 2]`. They come in batches of a hundred, each from a
seed of its own: a failure names its seed, and `--seed N --sequences 100` plays that batch again.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from multiprocessing import get_context

from tests.stateful.batches import run

BATCH = 100
TASKS = 5
"""Batches that one process plays: memory that leaks, leaks no further."""


def say(text: str) -> None:
    """Tells whoever watches."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def play(batches: Sequence[tuple[int, int]], workers: int) -> Iterator[tuple[int, int, str]]:
    """Each batch (seed, sequences) as it is done, with what failed in it, in processes that are renewed now and then.

    Not `concurrent.futures`: on Python 3.11 its pool stands still once its first processes have done their tasks
    (https://github.com/python/cpython/issues/115634).
    """
    with get_context("spawn").Pool(workers, maxtasksperchild=TASKS) as pool:
        yield from pool.imap_unordered(_play, batches)


def _play(batch: tuple[int, int]) -> tuple[int, int, str]:
    return *batch, run(*batch)


def main() -> int:
    """Runs the batches; 1 when one of them failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.stateful")
    parser.add_argument("--sequences", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    sizes = [min(BATCH, asked.sequences - done) for done in range(0, asked.sequences, BATCH)]
    began, done, failed = time.monotonic(), 0, 0
    for number, size, found in play([(asked.seed + i, size) for i, size in enumerate(sizes)], asked.workers):
        done += size
        if found:
            failed += 1
            say(f"seed {number} failed:\n{found}")
        rate = done / (time.monotonic() - began)
        say(f"{done} of {asked.sequences} sequences, {failed} batches failed, {rate:.1f} a second")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
