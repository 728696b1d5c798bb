from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.carrier.floods import Floods, Limit, Limits, after_one_more, telephone
from tests.privacy.traces import spellings
from tests.shell import CONFIG, NOON, settings_in, together

CALLER, OTHER = "+33199009001", "+33199009002"
USUAL = Limits(Limit(6, 600), Limit(40, 30))
UNLIMITED = Limit(0, 1)
WITHHELD = [
    "", "anonymous", "Anonymous", "Restricted", "unavailable", "+266696687", "+7378742833", "+2562533", "+8656696",
    "+86282452253", "266696687", "sip:doctor@example.org", "+", "+33", "+331990090010", "+33١٩٩٠٠٩٠٠١",
]  # fmt: skip
"""However a network says that a caller hides their number."""


class Telephones:
    """Calls to one line, each with an id of its own unless it is told."""

    def __init__(self, limits: Limits = USUAL) -> None:
        self.floods = Floods({"france": limits, "belgium": limits})
        self.made = 0

    def call(self, number: str = CALLER, at: float = 0, line: str = "france", call: str = "") -> bool:
        """Whether a call is taken that comes so many seconds after noon."""
        self.made += 1
        return self.floods.admits(line, number, call or f"CA{self.made}", NOON + at)

    def calls(self, n: int, number: str = CALLER, at: float = 0) -> int:
        """How many of so many calls at once are taken."""
        return sum(self.call(number, at) for _ in range(n))

    def memory(self) -> bytes:
        """Everything that the processes share, but for the two instants at its head."""
        return bytes(self.floods._memory)[16:]


limits = st.builds(Limit, st.integers(1, 50), st.integers(1, 900))
times = st.lists(st.integers(0, 4_000_000), max_size=120).map(sorted)


def taken(limit: Limit, at: list[int]) -> list[int]:
    """Those of calls at these instants (ms) that a bucket lets through."""
    full_at, found = 0, []
    for now in at:
        then = after_one_more(limit, full_at, now)
        if then is not None:
            full_at = then
            found.append(now)
    return found


@given(limits, times)
def test_a_bucket_never_lets_more_through_than_it_says(limit: Limit, at: list[int]) -> None:
    """In any stretch of time: so many at once, and one more each so many seconds."""
    found = taken(limit, at)
    for first, start in enumerate(found):
        for last, end in enumerate(found[first:], 1):
            assert last <= limit.calls + (end - start) / (1000 * limit.seconds)


@given(limits, times, st.integers(0, 60))
def test_a_bucket_fills_again(limit: Limit, at: list[int], n: int) -> None:
    """After so many times its seconds without a call so many calls are let through at once, and not one more."""
    later = (at[-1] if at else 0) + n * limit.seconds * 1000
    found = taken(limit, at + [later] * 60)
    assert min(n, limit.calls) <= sum(when == later for when in found) <= limit.calls + (n == 0)


@given(limits, times)
def test_whoever_waits_is_let_through(limit: Limit, at: list[int]) -> None:
    """However often somebody was refused: its seconds after the last call let through there is room for another."""
    last = max(taken(limit, at), default=0)
    again = last + limit.seconds * 1000
    assert again in taken(limit, [*(when for when in at if when < again), again])


@given(times, st.integers(0, 10**15))
def test_no_limit_is_no_limit(at: list[int], full_at: int) -> None:
    """0 calls: as many as come."""
    assert taken(UNLIMITED, at) == at
    assert after_one_more(UNLIMITED, full_at, 0) == full_at


def test_a_caller_in_distress_may_call_again_and_again() -> None:
    """Six times at once, and then once each ten minutes."""
    phones = Telephones()
    assert phones.calls(9) == 6
    assert [phones.call(at=seconds) for seconds in (599, 600, 601, 1199, 1200)] == [False, True, False, False, True]


def test_everybody_is_limited_for_themselves() -> None:
    """One telephone's calls take nothing from another's, nor one line's from another's."""
    phones = Telephones()
    phones.calls(9)
    assert phones.call(OTHER)
    assert phones.call(line="belgium")


def test_the_line_has_a_limit_of_its_own() -> None:
    """Forty calls at once from forty telephones, and then two a minute, whoever calls."""
    phones = Telephones()
    assert sum(phones.call(f"+331990090{n:02}") for n in range(60)) == 40
    assert [phones.call(f"+331990091{at:02}", at) for at in (29, 30, 31, 60)] == [False, True, False, True]


def test_a_call_that_is_not_taken_costs_nothing() -> None:
    """A robot that goes on for ever takes the place of nobody else, nor of the same telephone's later calls."""
    phones = Telephones()
    phones.calls(1000)
    assert sum(phones.call(f"+331990090{n:02}") for n in range(10, 60)) == 34
    assert phones.call(at=600)


@pytest.mark.parametrize("number", WITHHELD)
def test_a_withheld_number_is_held_to_the_lines_limit_alone(number: str) -> None:
    """Nobody who hides their number is treated worse for it: they have no bucket together."""
    assert telephone(number) == ""
    assert Telephones().calls(60, number) == 40
    assert Telephones(Limits(Limit(1, 600), UNLIMITED)).calls(60, number) == 60


def test_a_number_is_its_digits() -> None:
    """With a limit for each telephone, a number that can be read is counted."""
    assert telephone(CALLER) == CALLER[1:]


@pytest.mark.parametrize("asks", [2, 5])
def test_a_repeated_webhook_costs_nothing(asks: int) -> None:
    """The carrier asks again for the same call: the same answer, and as many calls are left as before."""
    phones = Telephones()
    assert [phones.call(call="CA-1", at=n) for n in range(asks)] == [True] * asks
    assert phones.calls(9) == 5


def test_a_refusal_is_repeated_too() -> None:
    """Even when there would be room by now: one call hears one thing."""
    phones = Telephones()
    phones.calls(6)
    assert [phones.call(at=at, call="CA-1") for at in (590, 610)] == [False, False]
    assert phones.call(at=610)


def test_an_answer_is_forgotten_after_some_minutes() -> None:
    """No carrier asks again for a call after so long."""
    phones = Telephones()
    phones.calls(5)
    assert [phones.call(at=at, call="CA-1") for at in (0, 360, 361)] == [True, False, False]


@given(st.lists(st.tuples(st.integers(0, 5000), st.booleans()), max_size=30), st.integers(6, 10**6))
def test_a_clock_set_back_locks_nobody_out(calls: list[tuple[int, bool]], back: int) -> None:
    """By however much, and whatever came before: everybody is let through as if they called for the first time."""
    phones, at = Telephones(), 10**6
    for gap, one in calls:
        at += gap
        phones.call(CALLER if one else OTHER, at)
    phones.call(at=at)
    assert phones.calls(9, at=at - back) == 6
    assert phones.calls(9, OTHER, at=at - back) == 6


def test_a_clock_that_trembles_forgets_nothing() -> None:
    """Two threads may read it in one order and come in another."""
    phones = Telephones()
    assert [phones.call(at=-n / 10) for n in range(9)] == [True] * 6 + [False] * 3


def test_a_line_without_limits_remembers_nothing() -> None:
    """Not even that there was a call."""
    phones = Telephones(Limits(UNLIMITED, UNLIMITED))
    assert phones.calls(100) == 100
    assert not any(phones.memory())


def test_each_limit_can_be_lifted_alone() -> None:
    """The line's, or the telephone's."""
    assert Telephones(Limits(Limit(3, 60), UNLIMITED)).calls(100) == 3
    assert Telephones(Limits(UNLIMITED, Limit(7, 60))).calls(100) == 7


def test_who_called_is_not_in_memory() -> None:
    """No spelling of the number, no digest that could be made without the key, no id of the call."""
    phones = Telephones()
    phones.calls(9)
    raw = bytes(phones.floods._memory)
    assert any(phones.memory())
    assert [how for how, needle in spellings(CALLER).items() if needle in raw] == []
    for size in (4, 5, 6, 8):
        value = int(CALLER[1:])
        assert size < 5 or value.to_bytes(size, "little") not in raw
        assert size < 5 or value.to_bytes(size, "big") not in raw
    assert b"CA1" not in raw
    assert CALLER[1:] not in repr(phones.floods)


def test_two_servers_keep_one_number_in_different_places() -> None:
    """The key is drawn at each start: what one has counted means nothing to another."""
    one, other = Telephones(), Telephones()
    assert one.call()
    assert other.call()
    assert one.memory() != other.memory()


@pytest.mark.parametrize("call_comes", [True, False])
def test_a_bucket_that_is_full_again_is_wiped(call_comes: bool) -> None:
    """By the next call, or by whoever looks after the server: then nothing tells that there ever was a call."""
    phones = Telephones()
    phones.calls(9)
    assert any(phones.memory())
    if call_comes:
        phones.call("anonymous", 4000)
        phones.floods.forget(NOON + 9000)
    else:
        phones.floods.forget(NOON + 3601)
    assert not any(phones.memory())


def test_memory_does_not_grow() -> None:
    """However many telephones call in three minutes: as large as at the start, and a new caller is let through."""
    phones = Telephones(Limits(Limit(6, 600), UNLIMITED))
    size = len(phones.memory())
    assert all(phones.call(f"+336{n:08}", n / 100) for n in range(20_000))
    assert len(phones.memory()) == size < 400_000
    assert phones.call(at=200)


def test_a_neighbour_of_robots_is_let_through() -> None:
    """As many robots as may call in an hour have emptied their buckets: of 300 other telephones hardly one is hit."""
    phones = Telephones(Limits(Limit(1, 3600), UNLIMITED))
    for n in range(200):
        phones.call(f"+336{n:08}")
    assert sum(phones.call(f"+337{n:08}") for n in range(300)) >= 297


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_is_answered(number: str, call: str) -> None:
    """Whatever a network or a carrier sends: yes or no, and no error."""
    floods = Floods({"france": USUAL})
    assert floods.admits("france", number, call, NOON)


def test_threads_share_the_buckets() -> None:
    """Sixteen at once: exactly six are let through."""
    admits = Telephones().floods.admits
    assert sum(together([partial(admits, "france", CALLER, f"CA-{n}", NOON) for n in range(16)])) == 6


PROCESSES = """
import os, signal
from helpline.carrier.floods import Floods, Limit, Limits
floods = Floods({"france": Limits(Limit(100, 3600), Limit(0, 1))})
def call(who, n):
    return floods.admits("france", "+33199009001", f"CA-{who}-{n}", 1e9)
victim = os.fork()
if not victim:
    while True:
        call("victim", 0)
readers = []
for who in range(3):
    reader, writer = os.pipe()
    if not os.fork():
        os.write(writer, b"%d" % sum(call(who, n) for n in range(400)))
        os._exit(0)
    os.close(writer)
    readers.append(reader)
os.kill(victim, signal.SIGSTOP)
print(*[int(os.read(reader, 20)) for reader in readers], int(call("parent", 0)))
os.kill(victim, signal.SIGKILL)
"""


def test_processes_share_the_buckets_and_wait_for_nobody() -> None:
    """What one has let through counts for all; one that was stopped in the middle holds up no other.

    Only while one is stopped in the middle may two that decide within the same microseconds count one call.
    """
    ran = subprocess.run([sys.executable, "-c", PROCESSES], capture_output=True, text=True, timeout=60, check=True)
    *admitted, late = map(int, ran.stdout.split())
    assert 99 <= sum(admitted) <= 110
    assert late == 0


def test_the_configuration_sets_the_limits(tmp_path: Path) -> None:
    """Line by line; a line that says nothing has the usual ones."""
    text = CONFIG.replace("[lines.belgium]", "[lines.france.floods]\ncaller_calls = 2\n[lines.belgium]")
    floods = Floods.of(settings_in(tmp_path, text).lines)
    admitted = [sum(floods.admits(line, CALLER, f"CA{n}", NOON) for n in range(9)) for line in ("france", "belgium")]
    assert admitted == [2, 6]
