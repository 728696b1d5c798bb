import re
from pathlib import Path

import pytest

import reports
from reports.indicators import COUNTED, RATES, indicators
from reports.words import LANGUAGES, Words, phrase, phrasebook

ROOT = Path(reports.__path__[0])
SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in sorted(ROOT.rglob("*.py")))
NAMED = re.compile(r'"([a-z-]+\.[a-z.-]+)"')
CALLED = re.compile(r'phrase\(\s*f?"([^"]+)"')


def patterns() -> list[re.Pattern[str]]:
    """What the code asks the phrase book for; a `{...}` in a key stands for any name."""
    keys = [*CALLED.findall(SOURCE), *NAMED.findall(SOURCE)]
    return [re.compile(re.sub(r"\\{[^}]*\\}", "[a-z-]+", re.escape(key))) for key in keys]


def test_no_phrase_is_written_for_nothing() -> None:
    """Every phrase is asked for somewhere."""
    wanted = patterns()
    assert not [key for key in phrasebook("phrases") if not any(one.fullmatch(key) for one in wanted)]


def test_every_phrase_that_is_asked_for_by_name_is_written() -> None:
    """A missing phrase would only show when its section is built."""
    assert not [key for key in CALLED.findall(SOURCE) if "{" not in key and key not in phrasebook("phrases")]


@pytest.mark.parametrize("book", ["phrases", "indicators"])
def test_every_text_has_the_same_places_in_every_language(book: str) -> None:
    """A translation that drops a figure would print a sentence without it."""
    places = re.compile(r"{([a-z_]+)}")
    uneven = [
        key
        for key, words in phrasebook(book).items()
        if len({frozenset(places.findall(words.to(language))) for language in LANGUAGES}) > 1
    ]
    assert uneven == []


@pytest.mark.parametrize("book", ["phrases", "indicators"])
def test_every_text_ends_alike_in_every_language(book: str) -> None:
    """A sentence is a sentence in all four, a label a label; none is empty or has stray spaces."""
    for key, words in phrasebook(book).items():
        texts = [words.to(language) for language in LANGUAGES]
        assert all(text and text == text.strip() and "  " not in text for text in texts), key
        assert len({text.endswith(".") for text in texts}) == 1, key


@pytest.mark.parametrize("id_", sorted(indicators()))
def test_an_indicator_says_what_it_is_in_four_languages(id_: str) -> None:
    """Name, definition, formula and denominator, with every number in place."""
    one = indicators()[id_]
    for words in (one.name, one.definition, one.formula, one.denominator):
        assert all(words.to(language) and "{" not in words.to(language) for language in LANGUAGES)


@pytest.mark.parametrize("id_", sorted(RATES))
def test_a_rate_prints_its_formula_and_its_denominator(id_: str) -> None:
    """Rates of other lines can be compared only by their formulas."""
    assert all("÷" in indicators()[id_].formula.to(language) for language in LANGUAGES)
    assert indicators()[id_].denominator != indicators()["offered"].denominator


@pytest.mark.parametrize("id_", COUNTED)
def test_a_count_says_that_it_has_no_denominator(id_: str) -> None:
    """Rather than leave the reader to look for one."""
    assert indicators()[id_].denominator.en == "none (a count)"


def test_a_place_that_is_not_filled_is_an_error() -> None:
    """A sentence never goes out with a hole."""
    with pytest.raises(KeyError):
        Words("{n}", "{n}", "{n}", "{n}").fill(m=1)
    with pytest.raises(KeyError):
        phrase("page.unheard-of")
