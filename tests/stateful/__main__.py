"""`make soak`: ten thousand sequences of the stateful machine.

`python -m tests.stateful [--sequences 10000] [--seed 1] [--workers 2]`. They come in batches of a hundred, each from a
seed of its own: a failure names its seed, and `--seed N --sequences 100` plays that batch again.
"""

from __future__ import annotations

import argparse
import sys
import time

from tests.stateful.batches import play

BATCH = 100


def say(text: str) -> None:
    """Tells whoever watches."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


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
