import mmap
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.accounts.throttle import LIMITS, Throttle, network
from helpline.carrier.floods import Limit
from tests.shell import NOON, together

limits = st.builds(Limit, st.integers(1, 20), st.integers(1, 900))
times = st.lists(st.integers(0, 20_000), min_size=1, max_size=150).map(sorted)


@given(limits, times)
def test_over_any_time_at_most_so_many_are_heard(limit: Limit, times: list[int]) -> None:
    """`n + t / s` in every stretch of `t` seconds; and who is told to wait is heard after that wait, not before."""
    throttle = Throttle({**LIMITS, "stranger": limit})
    heard = []
    for at in times:
        wait = throttle.spend("stranger", "a", now=NOON + at)
        if not wait:
            heard.append(at)
        else:
            assert Throttle.spend(throttle, "stranger", "a", now=NOON + at) == wait
    for first, begin in enumerate(heard):
        for last in range(first, len(heard)):
            assert last - first + 1 <= limit.calls + (heard[last] - begin) / limit.seconds


@given(limits)
def test_the_wait_that_is_told_is_the_wait(limit: Limit) -> None:
    """One second earlier is too early."""
    throttle = Throttle({**LIMITS, "stranger": limit})
    assert not any(throttle.spend("stranger", "a", now=NOON) for _ in range(limit.calls))
    wait = throttle.spend("stranger", "a", now=NOON)
    assert wait == limit.seconds
    assert throttle.spend("stranger", "a", now=NOON + wait - 1) == 1
    assert throttle.spend("stranger", "a", now=NOON + wait) == 0


def test_a_bucket_is_one_names(capsys: pytest.CaptureFixture[str]) -> None:
    """What strangers use up at one account, or of one kind, is still there for others."""
    throttle = Throttle()
    while not throttle.spend("stranger", "a@example.org", now=NOON):
        pass
    assert throttle.spend("stranger", "b@example.org", now=NOON) == 0
    assert throttle.spend("browser", "a@example.org", now=NOON) == 0
    assert throttle.spend("stranger", "a@example.org", now=NOON) > 0


@given(st.integers(1, 50))
def test_what_is_given_back_was_never_spent(times: int) -> None:
    """Who gets in again and again is never slowed."""
    throttle = Throttle()
    for _ in range(times):
        assert throttle.spend("browser", 1, "token", now=NOON) == 0
        throttle.give_back("browser", 1, "token")
    limit = LIMITS["browser"].calls
    assert [throttle.spend("browser", 1, "token", now=NOON) == 0 for _ in range(limit + 1)] == [True] * limit + [False]


def test_giving_back_what_was_not_spent_earns_nothing() -> None:
    """A bucket holds what it holds."""
    throttle = Throttle()
    for _ in range(5):
        throttle.give_back("once", "x")
    assert [throttle.spend("once", "x", now=NOON) == 0 for _ in range(2)] == [True, False]


def test_many_at_once_get_no_more(capsys: pytest.CaptureFixture[str]) -> None:
    """Threads of one process share the bucket exactly."""
    throttle = Throttle()
    found = together([lambda: throttle.spend("stranger", "a", now=NOON)] * 30)
    assert found.count(0) == LIMITS["stranger"].calls


def test_a_clock_that_is_set_back_locks_nobody_out() -> None:
    """By an hour: everything begins anew."""
    throttle = Throttle()
    while not throttle.spend("stranger", "a", now=NOON + 3_600):
        pass
    assert throttle.spend("stranger", "a", now=NOON) == 0


def test_what_is_full_again_is_wiped() -> None:
    """After a while nothing in memory says that anybody guessed."""
    throttle = Throttle()
    throttle.spend("stranger", "a", now=NOON)
    throttle.forget(NOON + 700)
    assert not any(bytes(throttle._memory)[16:])


def test_processes_share_the_buckets() -> None:
    """What a worker heard counts in its sister, because the memory was made before them."""
    program = (
        "import os\n"
        "from helpline.accounts.throttle import Throttle\n"
        "throttle = Throttle()\n"
        "for _ in range(2):\n"
        "    if not (child := os.fork()):\n"
        "        [throttle.spend('stranger', 'a', now=1000) for _ in range(5)]\n"
        "        os._exit(0)\n"
        "    os.waitpid(child, 0)\n"
        "print(throttle.spend('stranger', 'a', now=1000) > 0, throttle.spend('stranger', 'b', now=1000))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.split() == ["True", "0"]


def test_it_takes_little_memory() -> None:
    """For ever, and for however many names."""
    memory: mmap.mmap = Throttle()._memory
    assert len(memory) < 200_000


@pytest.mark.parametrize(
    ("address", "counts_as"),
    [
        ("192.0.2.7", "192.0.2.7"),
        (" 192.0.2.7 ", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unix:", ""),
        ("", ""),
        ("192.0.2.7:4711", ""),
    ],
)
def test_a_network_is_what_one_household_has(address: str, counts_as: str) -> None:
    """An IPv4 address, or the 64 bits that a provider gives; what is neither counts nowhere."""
    assert network(address) == counts_as
