import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.demo.year import CONTACTS, REASONS, quota, synthetic_year
from reports.model import Record
from reports.taxonomy import codes, default_taxonomy

RECORDS, HOURS, MONTHS = synthetic_year(2026, "france", 1800, 1)


def share(of: list[Record], reason: str) -> float:
    """The share of conversations with a main reason."""
    conversations = [record for record in of if record.substantive]
    return sum(record.reasons[0] == reason for record in conversations) / len(conversations)


def test_a_seed_gives_one_year() -> None:
    """The demonstration is the same on every machine; another seed, line or year is another."""
    assert synthetic_year(2026, "france", 1800, 1) == (RECORDS, HOURS, MONTHS)
    assert synthetic_year(2026, "france", 1800, 2) != (RECORDS, HOURS, MONTHS)


@pytest.mark.parametrize("calls", [0, 1, 7, 250, 1800])
@pytest.mark.parametrize("year", [2026, 2028])
def test_every_call_is_counted_once(calls: int, year: int) -> None:
    """Offered calls are as many as asked for; answered ones, talks and records agree."""
    records, hours, months = synthetic_year(year, "belgium", calls, 3, "Europe/Brussels")
    outcomes: Counter[str] = Counter()
    for count in hours:
        outcomes[count.outcome] += count.n
    assert sum(n for outcome, n in outcomes.items() if outcome != "left_in_greeting") == calls
    assert outcomes["answered"] == len(records) == sum(count.n for count in months)


@pytest.mark.parametrize(
    ("reason", "percent"),
    [("burnout", 26), ("orientation", 12), ("hierarchy-conflict", 11), ("working-conditions", 7), ("health", 7)],
)
def test_reasons_have_the_shares_of_a_first_year(reason: str, percent: int) -> None:
    """To a tenth of a point."""
    assert abs(100 * share(RECORDS, reason) - percent) < 0.1


def test_the_year_looks_like_a_carers_line() -> None:
    """Nine percent abandoned, thirty at night, twenty-nine minutes, sixty-nine percent re-oriented."""
    conversations = [record for record in RECORDS if record.substantive]
    abandoned = sum(count.n for count in HOURS if count.outcome == "abandoned")
    minutes = sum(count.talk_seconds for count in MONTHS) / sum(count.n for count in MONTHS) / 60
    assert abandoned == 162
    assert 28.5 < minutes < 29.5
    assert abs(sum(record.night for record in RECORDS) / len(RECORDS) - 0.3) < 0.03
    assert abs(sum(bool(record.orientations) for record in conversations) / len(conversations) - 0.69) < 0.001


def test_codes_are_those_of_the_lists() -> None:
    """The report would refuse any other."""
    lists = default_taxonomy()
    assert set(REASONS) == set(codes(lists.reasons)) - {"not-coded"}
    assert set(CONTACTS) == set(codes(lists.contacts))
    for line in ("france", "belgium"):
        used = {record.territory for record in synthetic_year(2026, line, 1800, 1)[0]}
        assert used <= set(codes(lists.territories[line]))


def test_records_of_small_lines_carry_coarser_periods() -> None:
    """As on a real line."""
    assert {record.period for record in synthetic_year(2026, "france", 250, 1)[0]} == {"2026"}
    assert {record.period for record in synthetic_year(2026, "france", 600, 1)[0]} == {
        f"2026-Q{n}" for n in range(1, 5)
    }


def test_a_conversation_has_one_to_three_different_reasons() -> None:
    """And what isn't a conversation has none."""
    for record in RECORDS:
        assert len(set(record.reasons)) == len(record.reasons) <= 3
        assert bool(record.reasons) == record.substantive


@given(st.integers(0, 500), st.lists(st.floats(0.01, 1), min_size=1, max_size=8))
def test_a_quota_is_met_to_within_one(n: int, shares: list[float]) -> None:
    """Each value comes as often as its share says, and all together are as many as asked for."""
    wanted = dict(enumerate(shares))
    found = Counter(quota(wanted, n, random.Random(1)))
    assert found.total() == n
    assert all(abs(found[value] - n * part / sum(shares)) < 1 + 1e-6 for value, part in wanted.items())


def test_a_negative_year_is_refused() -> None:
    """Nobody was called less than never."""
    with pytest.raises(ValueError, match="impossible"):
        synthetic_year(2026, "france", -1, 1)
