from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.targets import SEEDS, TARGETS, TOKENS, kinds


@pytest.mark.parametrize("target", TARGETS)
def test_the_seeds_find_nothing(target: str) -> None:
    """Each target holds for what it begins with, its ends cut off and its halves swapped."""
    for seed in SEEDS[target]:
        for data in (seed, seed[:-1], seed[1:], seed[len(seed) // 2 :] + seed[: len(seed) // 2]):
            TARGETS[target](data)


@pytest.mark.parametrize("target", TARGETS)
@given(data=st.data())
def test_random_bytes_find_nothing(target: str, data: st.DataObject) -> None:
    """And for what is made of its seeds by replacing a part of one; the fuzzer of `make soak` goes much further."""
    seed = data.draw(st.sampled_from(SEEDS[target]))
    start, end = sorted((data.draw(st.integers(0, len(seed))), data.draw(st.integers(0, len(seed)))))
    TARGETS[target](seed[:start] + data.draw(st.binary(max_size=12)) + seed[end:])


def test_each_kind_of_token_is_begun_with() -> None:
    """Of every kind that we hand out one is among the seeds, and every seed but one, which is empty, is of a kind."""
    opened = [kinds(seed) for seed in SEEDS["payload"]]
    assert set().union(*opened) == set(TOKENS)
    assert opened.count(set()) == 1
