import hashlib
import hmac
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.closing import groups_of
from reports.errors import InputError, SecretError
from reports.model import Group, Record
from reports.plan import Dimension
from reports.rounding import Hours, HoursShare, Minutes, Published, Rounder, Share
from tests.reports.made import SECRET, record

ROUNDER = Rounder(SECRET, "france")
keys = st.integers(min_value=0, max_value=(1 << 32) - 1)


def cell(records: list[Record], rounder: Rounder = ROUNDER) -> int | None:
    """The published count of all of them."""
    return rounder.tabulate(grouped(records, "reasons"), lambda _: ("x",), ("x",))["x"].value


def grouped(records: list[Record], dimension: Dimension) -> tuple[Group, ...]:
    """The same records, as they are counted by one dimension."""
    return groups_of(records)[dimension]


def by_hand(message: str, n: int, secret: bytes = SECRET) -> int | None:
    """The docstring of the module, worked out again."""
    u = int.from_bytes(hmac.new(secret, message.encode(), hashlib.sha256).digest()[:8], "big") / 2**64
    printed = n - n % 5 + (5 if u < (n % 5) / 5 else 0)
    return printed if printed >= 10 else None


@given(st.lists(keys, max_size=60))
def test_a_cell_of_records_is_rounded_as_specified(drawn: list[int]) -> None:
    """HMAC over the sum of the keys, modulo 2^32, and the count."""
    assert cell([record(key=key) for key in drawn]) == by_hand(f"{sum(drawn) % 2**32}:{len(drawn)}", len(drawn))


@given(st.integers(min_value=0, max_value=100_000))
def test_a_counter_is_rounded_as_specified(n: int) -> None:
    """HMAC over line, period, indicator and count."""
    assert ROUNDER.count("2026-03", "offered", n).value == by_hand(f"france\x1f2026-03\x1foffered\x1f{n}", n)


@given(st.integers(min_value=0, max_value=100_000), st.binary(min_size=16, max_size=32))
def test_a_figure_is_a_multiple_of_five_less_than_five_away(n: int, secret: bytes) -> None:
    """Or it is masked, and then the count is under ten."""
    printed = Rounder(secret, "france").count("2026", "offered", n).value
    assert n < 10 if printed is None else printed % 5 == 0 and printed >= 10 and abs(printed - n) < 5


@pytest.mark.parametrize("n", [11, 12, 13, 14, 1237, 1800])
def test_rounding_is_unbiased_over_secrets(n: int) -> None:
    """The mean over 4,000 secrets is the count to within five standard errors."""
    rng = random.Random(n)
    printed = [Rounder(rng.randbytes(16), "x").count("2026", "offered", n).value or 0 for _ in range(4000)]
    assert abs(sum(printed) / len(printed) - n) <= 5 * 2.5 / 4000**0.5


@pytest.mark.parametrize("n", [11, 13])
def test_rounding_is_unbiased_over_keys(n: int) -> None:
    """With one secret, cells of the same size are rounded up as often as they should be."""
    rng = random.Random(n)
    printed = [cell([record(key=rng.getrandbits(32)) for _ in range(n)]) or 0 for _ in range(2000)]
    assert abs(sum(printed) / len(printed) - n) <= 5 * 2.5 / 2000**0.5


@given(st.lists(keys, min_size=5, max_size=40), st.randoms(use_true_random=False))
def test_the_order_of_records_does_not_matter(drawn: list[int], rng: random.Random) -> None:
    """A sum has no order."""
    shuffled = [record(key=key) for key in drawn]
    rng.shuffle(shuffled)
    assert cell(shuffled) == cell([record(key=key) for key in drawn])


def test_the_same_calls_give_the_same_figure_in_every_table() -> None:
    """Whatever the column is called and whatever stands beside it."""
    calls = [record(reasons=("burnout",), caller="doctor", status="retired") for _ in range(23)]
    others = [record(reasons=("health",), caller="relative", status="salaried") for _ in range(31)]
    tables = [
        ROUNDER.tabulate(grouped(calls + others, "reasons"), lambda one: one.codes, ("health", "burnout"))["burnout"],
        ROUNDER.tabulate(grouped(others + calls, "caller"), lambda one: one.codes, ("doctor", "relative"))["doctor"],
        ROUNDER.tabulate(grouped(calls, "status"), lambda one: one.codes, ("retired",))["retired"],
    ]
    assert len(set(tables)) == 1


def test_keys_wrap_around() -> None:
    """Sums go round at 2^32, so a cell's key has no more digits than a record's."""
    whole = [record(key=(1 << 32) - 1), record(key=1), *(record(key=0) for _ in range(20))]
    assert cell(whole) == cell([record(key=0) for _ in range(22)])


def test_another_line_or_secret_rounds_differently() -> None:
    """Figures of one line teach nothing about another's."""
    figures = [(Rounder(SECRET, line).count("2026", "offered", n)) for line in ("a", "b") for n in range(100, 160)]
    assert figures[:60] != figures[60:]
    assert [cell([record(key=k)] * 12, Rounder(bytes([k] * 16), "a")) for k in range(40)].count(10) not in {0, 40}


def test_a_code_given_twice_counts_once() -> None:
    """A conversation is one conversation however often a reason was tapped."""
    calls = [record(reasons=("burnout", "burnout")) for _ in range(20)]
    found = ROUNDER.tabulate(grouped(calls, "reasons"), lambda one: one.codes, ("burnout",))
    assert found["burnout"].value == 20


def test_a_code_that_is_not_listed_is_refused() -> None:
    """Rather than left out of a table in silence."""
    with pytest.raises(InputError, match="'unheard-of'"):
        ROUNDER.tabulate(grouped([record()], "reasons"), lambda _: ("unheard-of",), ("burnout",))


@pytest.mark.parametrize("value", [0, 5, 7, -10, 12, 1801])
def test_an_exact_count_cannot_be_published(value: int) -> None:
    """A document can't hold what wasn't rounded."""
    with pytest.raises(ValueError, match="round it first"):
        Published(value)


def test_a_masked_count_says_so() -> None:
    """It has no value and the status `masked`."""
    assert [ROUNDER.count("2026", "x", n).status for n in (0, 1, 4, 5)] == ["masked"] * 4
    assert Published(10).status == "rounded"


@pytest.mark.parametrize(
    ("part", "whole", "percent"),
    [(380, 1455, 26), (10, 400, 3), (55, 50, 100), (50, 50, 100), (None, 100, None), (20, None, None), (20, 45, None)],
)
def test_a_share_is_whole_percent_of_printed_numbers(part: int | None, whole: int | None, percent: int | None) -> None:
    """Halves round up, 100 is the most, and under 50 there is none."""
    assert Share(Published(part), Published(whole)).value == percent


@pytest.mark.parametrize(
    ("seconds", "n", "printed", "minutes"),
    [
        (29 * 60 * 200, 200, 200, 29),
        (2970, 99, 100, 1),
        (60 * 150, 100, 100, 2),
        (9000, 100, 95, None),
        (0, 0, None, None),
    ],
)
def test_a_mean_is_to_the_minute_from_a_hundred_calls_up(
    seconds: int, n: int, printed: int | None, minutes: int | None
) -> None:
    """Half a minute rounds up; fewer than a hundred printed calls have no mean."""
    assert ROUNDER.mean_minutes(seconds, n, Published(printed)) == Minutes(minutes)


def test_hours_that_lack_a_little_are_never_all_hours() -> None:
    """Coverage is cut, not rounded."""
    assert HoursShare(Hours(8759), Hours(8760)).tenths == 999
    assert HoursShare(Hours(0), Hours(0)).value is None


def test_a_short_secret_is_refused_without_being_told() -> None:
    """The message says how long it must be, and nothing of what it is."""
    with pytest.raises(SecretError) as refused:
        Rounder(b"hunter2", "france")
    assert "16" in str(refused.value)
    assert "hunter2" not in str(refused.value) + repr(ROUNDER)


def test_a_negative_counter_is_refused() -> None:
    """Counters only grow."""
    with pytest.raises(InputError, match="negative"):
        ROUNDER.count("2026", "offered", -1)
