"""How a process of many threads is asked to end, and hears of it whichever thread the kernel tells."""

import signal
import subprocess
import sys

import pytest

from tests.shell import PATIENCE

STOPPED_BESIDE = """
import signal, sys, threading
beside = threading.Event()
thread = threading.Thread(target=beside.wait)
thread.start()  # before: as the threads that a library of arithmetic starts while it is imported
from helpline.signals import until_stopped
with until_stopped() as wait:
    signal.pthread_kill(thread.ident, int(sys.argv[1]))
    wait()
    print("in order")
beside.set()
thread.join()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_another_thread_gets_ends_it_in_order(number: signal.Signals) -> None:
    """A thread that was there before takes the signal: the process neither dies of it nor waits for ever."""
    command = [sys.executable, "-c", STOPPED_BESIDE, str(int(number))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "in order\n", "")
