"""`make soak`: each target under a coverage-guided fuzzer for a while.

`python -m tests.fuzz [--seconds 300] [target ...]`. What was found to be of interest is kept in `.hypothesis/fuzz`, and
the next run begins with it; a failing input lies there as `crash-...`.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import subprocess
import sys
from pathlib import Path

KEPT = Path(".hypothesis", "fuzz")
NAMES = ("form", "hook", "token", "payload", "document", "spoken")
REMEDY = "no atheris: Linux on x86_64, and .venv/bin/python -m pip install --require-hashes -r .lock/soak.txt\n"


def fuzz(name: str, seconds: int) -> None:
    """One target in this process, which ends with it."""
    atheris = importlib.import_module("atheris")  # it exists on one platform only
    with atheris.instrument_imports(include=["helpline", "ivr_flows"]):
        from tests.fuzz import targets  # noqa: PLC0415 - instrumented as it is imported

    corpus = KEPT / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(targets.SEEDS[name]):
        (corpus / f"seed-{number}").write_bytes(seed)
    arguments = [f"-max_total_time={seconds}", f"-artifact_prefix={KEPT}/", "-print_final_stats=1", "-verbosity=0"]
    atheris.Setup([sys.argv[0], *arguments, str(corpus)], targets.TARGETS[name])
    atheris.Fuzz()


def main() -> int:
    """Each target in a process of its own; 1 when one of them found something."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--here", action="store_true", help="one target, in this process")
    parser.add_argument("targets", nargs="*", metavar="target", help=", ".join(NAMES))
    asked = parser.parse_args()
    names = asked.targets or list(NAMES)
    if unknown := set(names) - set(NAMES):
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    if importlib.util.find_spec("atheris") is None:
        sys.stderr.write(REMEDY)
        return 1
    if asked.here:
        fuzz(names[0], asked.seconds)
        return 0
    failed = []
    for name in names:
        command = [sys.executable, "-m", "tests.fuzz", "--here", "--seconds", str(asked.seconds), name]
        done = subprocess.run(command, check=False, timeout=asked.seconds + 120)
        sys.stdout.write(f"{name}: {'found something' if done.returncode else 'nothing found'}\n")
        failed += [name] if done.returncode else []
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
