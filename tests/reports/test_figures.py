import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.changes import Change
from reports.errors import InputError
from reports.figures import Figures, freeze, thaw
from reports.model import Coverage
from reports.periods import Profile
from reports.rounding import Minutes, Published
from reports.taxonomy import Term
from reports.words import Words
from tests.reports.made import synthetic_figures
from tests.reports.test_cells import cells, names

YEAR = synthetic_figures()
texts = st.text("aÉ\u202f'\"\\{}<\n\0", max_size=6)
words = st.builds(Words, texts, texts, texts, texts)
counts = st.builds(Published, st.none() | st.integers(2, 4000).map(lambda n: 5 * n))
terms = st.builds(Term, names, words, st.none() | names)
codes = st.lists(names, min_size=1, max_size=3).map(tuple)
drawn = st.builds(
    Figures,
    line=names,
    name=words,
    zone=st.just("Europe/Paris"),
    period=st.sampled_from(["2026", "2026-Q3", "2026-11"]),
    profile=st.sampled_from(list(Profile)),
    demo=st.booleans(),
    dated=st.dates(date(2020, 1, 1), date(2100, 1, 1)),
    revision=st.integers(1, 9),
    taxonomy=texts,
    lists=st.dictionaries(names, st.lists(terms, max_size=3).map(tuple), max_size=3),
    counts=st.dictionaries(cells, counts, max_size=8),
    mean=st.builds(Minutes, st.none() | st.integers(0, 90)),
    coverage=st.none() | st.builds(Coverage, st.integers(0, 8760), st.just(8760)),
    changes=st.lists(st.builds(Change, texts, names, codes, codes), max_size=2).map(tuple),
)


@given(drawn)
@settings(max_examples=60)
def test_what_was_frozen_is_thawed_as_it_was(figures: Figures) -> None:
    """Whatever the figures, names and lists; and freezing it again gives the same text."""
    again = thaw(freeze(figures))
    assert again == figures
    assert freeze(again) == freeze(figures)


def test_a_year_survives_the_frost() -> None:
    """With its periods, its lists in their order, its coverage."""
    assert thaw(freeze(YEAR)) == YEAR
    assert thaw(freeze(YEAR)).digest() == YEAR.digest()
    assert YEAR.periods()[0] == "2026-01"
    assert replace(YEAR, revision=2).digest() != YEAR.digest()


def test_the_frozen_text_holds_printed_counts_only() -> None:
    """Multiples of five from ten up, or nothing."""
    found = json.loads(freeze(YEAR))["counts"].values()
    assert len(found) > 200
    assert all(count is None or (count >= 10 and count % 5 == 0) for count in found)


@pytest.mark.parametrize("count", [7, 5, 0, -10, 12.5, "10", True, [10]])
def test_a_count_that_is_no_printed_one_is_refused(count: object) -> None:
    """Somebody wrote it there by hand, or the disk did."""
    whole = json.loads(freeze(YEAR))
    whole["counts"]["2026/calls/offered"] = count
    with pytest.raises(InputError, match="damaged"):
        thaw(json.dumps(whole))


@pytest.mark.parametrize("key", json.loads(freeze(YEAR)))
def test_a_text_that_lacks_something_is_refused(key: str) -> None:
    """Rather than completed by a guess."""
    whole = json.loads(freeze(YEAR))
    del whole[key]
    with pytest.raises(InputError, match="restore"):
        thaw(json.dumps(whole))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "7", '{"format": 1}'])
def test_what_was_never_frozen_is_refused(text: str) -> None:
    """It says what to do: restore it."""
    with pytest.raises(InputError, match="restore"):
        thaw(text)


def test_a_text_of_a_later_version_says_so() -> None:
    """It is whole, and this version can't read it."""
    with pytest.raises(InputError, match="need a later version"):
        thaw(freeze(YEAR).replace('"format":1', '"format":2'))


def test_a_count_that_is_not_planned_is_an_error() -> None:
    """A report never prints a hole."""
    assert not YEAR.has("calls", "lost")
    with pytest.raises(KeyError):
        YEAR.count("calls", "lost")
