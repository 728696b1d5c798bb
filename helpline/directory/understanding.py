"""What somebody typed into the one field of the search, understood: a place, whom they look for, in which language.

Pure. What is typed tells where a caller is: it is read here, and kept nowhere.

A word counts wherever it stands. Of several names that the words make, the longest are meant ("haute loire" isn't also
"loire"). A word that is no name may begin one ("toulou"), be of an entry's name ("mots"), or be a name mistyped.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import resources
from unicodedata import combining

from helpline.directory.entries import Audience, Entry, Kind
from helpline.directory.phones import is_short
from helpline.directory.territories import COUNTRIES, SMALLEST_MATCH, Place, by_name, place_of, plain
from ivr_flows.model import LANGUAGES, Language

LONGEST, MOST_WORDS = 100, 12
"""Signs and words of a search; what comes after isn't read."""
MOST_PLACES = 4
"""A word that may mean more places than that means none."""
MOST_MEANINGS = 2
ENDING = 2
"""Letters that a word may have after one we know: of a plural, of a feminine form."""
STEM = 5
"""Letters of the shortest word that may have such an ending, or be mistyped."""
ALIKE = 0.84
"""How much of a mistyped word is right, as difflib has it."""
DEPARTMENT = 2
"""Digits up to which a number is a department, whatever short number is the same."""

Meaning = Kind | Audience | Language


@dataclass(frozen=True, slots=True)
class Asked:
    """A search, understood. `names` are words of entries' names, `unknown` what nobody understands; both as typed."""

    places: tuple[Place, ...] = ()
    kinds: frozenset[Kind] = frozenset()
    audiences: frozenset[Audience] = frozenset()
    languages: frozenset[Language] = frozenset()
    names: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Name:
    """A name's words, without those that say nothing, and what it may mean."""

    words: frozenset[str]
    meanings: tuple[Meaning, ...] = ()
    places: tuple[Place, ...] = ()


def understand(text: str, entries: Iterable[Entry]) -> Asked:
    """What `text` asks for, in any of the four languages; `entries` are those that may be called by name."""
    typed = _typed(text)
    named = _Named(tuple(entries))
    numbers, names = _numbers(typed, named), []
    words = [word for word in typed if word not in numbers and word not in named.numbers]
    found: dict[str, list[_Name]] = {word: [numbers[word]] for word in typed if word in numbers}
    names += [word for word in typed if word in named.numbers and word not in numbers]
    for name, used in _whole(words):
        for word in used:
            found.setdefault(word, []).append(name)
    unknown = []
    for word in words:
        if word in found:
            continue
        if word in named.words:
            names.append(word)
        elif guessed := _guess(word):
            found[word] = [guessed]
        elif named.begins(word):
            names.append(word)
        elif meant := _mistyped(word):
            found[word] = [meant]
        else:
            unknown.append(word)
    return _asked(typed, found, names, unknown)


def _asked(
    typed: Mapping[str, str], found: Mapping[str, Sequence[_Name]], names: Sequence[str], unknown: list[str]
) -> Asked:
    meant = {meaning for each in found.values() for name in each for meaning in name.meanings}
    wheres = {name.words: name.places for each in found.values() for name in each if name.places}
    chosen, vague = _choose(wheres)
    unknown += [word for word, each in found.items() if any(name.words in vague for name in each)]
    return Asked(
        chosen,
        frozenset(kind for kind in Kind if kind in meant),
        frozenset(audience for audience in Audience if audience in meant),
        frozenset(language for language in LANGUAGES if language in meant),
        tuple(typed[word] for word in typed if word in names),
        tuple(typed[word] for word in typed if word in unknown),
    )


def _typed(text: str) -> dict[str, str]:
    """Each word as we compare it -> as it was typed, without those that say nothing."""
    apart = "".join(char if char.isalnum() or combining(char) else " " for char in text[:LONGEST])
    pairs = [(word, each) for each in apart.split() for word in plain(each).split()]
    return dict([(word, each) for word, each in pairs if word not in _stop()][:MOST_WORDS])


def _numbers(typed: Iterable[str], named: _Named) -> dict[str, _Name]:
    """The words that are departments or postcodes. A short number of the directory is no postcode: 3114, 1813."""
    found = {}
    for word in typed:
        if word in named.numbers and len(word) > DEPARTMENT:
            continue
        places = tuple(place for country in COUNTRIES if (place := place_of(word, country)))
        if places:
            found[word] = _Name(frozenset({word}), (), places)
    return found


def _whole(words: Sequence[str]) -> Iterator[tuple[_Name, list[str]]]:
    """The longest names that these words make, in whatever order, each with the words that make it."""
    known = {form: word for word in words for form in _forms(word)}
    matched = [name for name in _vocabulary() if name.words <= known.keys()]
    for name in matched:
        if not any(name.words < other.words for other in matched):
            yield name, [known[each] for each in name.words]


def _forms(word: str) -> Iterator[str]:
    """A word, and without its ending what we know."""
    yield word
    for shorter in range(max(STEM, len(word) - ENDING), len(word)):
        if word[:shorter] in _inflected():
            yield word[:shorter]


def _guess(word: str) -> _Name | None:
    """What a word begins: one or two meanings, else places."""
    if len(word) < SMALLEST_MATCH:
        return None
    begun = [name for name in _vocabulary() if any(each.startswith(word) for each in name.words)]
    meanings = {meaning for name in begun for meaning in name.meanings if len(name.words) == 1}
    if 0 < len(meanings) <= MOST_MEANINGS:
        return _Name(frozenset({word}), tuple(meanings))
    places = dict.fromkeys(place for name in begun for place in name.places)
    return _Name(frozenset({word}), (), tuple(places)) if places else None


def _mistyped(word: str) -> _Name | None:
    """The name that a word of some length is most like."""
    if len(word) < STEM:
        return None
    alone = {next(iter(name.words)): name for name in _vocabulary() if len(name.words) == 1}
    return next((alone[each] for each in get_close_matches(word, sorted(alone), 1, ALIKE)), None)


def _choose(wheres: Mapping[frozenset[str], tuple[Place, ...]]) -> tuple[tuple[Place, ...], set[frozenset[str]]]:
    """The places that are meant: of each name's those that most other names agree with; and the names too vague.

    "Saint-Denis Réunion" is the one of La Réunion, "Toulouse Occitanie" no more than Toulouse.
    """

    def agreeing(place: Place) -> int:
        return sum(any(_holds(other, place) for other in places) for places in wheres.values())

    chosen: dict[Place, None] = {}
    vague = set()
    for name, places in wheres.items():
        most = max(map(agreeing, places))
        best = [place for place in places if agreeing(place) == most]
        if len(best) > MOST_PLACES:
            vague.add(name)
        else:
            chosen |= dict.fromkeys(best)
    nearest = [place for place in chosen if not any(other != place and _holds(place, other) for other in chosen)]
    return tuple(sorted(nearest, key=lambda place: place.tiers)), vague


def _holds(wide: Place, place: Place) -> bool:
    """Whether a place is, or lies in, another."""
    around = {code for tier in place.tiers[1:] for code in tier}
    return set(place.tiers[0]) <= set(wide.tiers[0]) or not around.isdisjoint(wide.tiers[0])


class _Named:
    """The words of entries' names and keys, and their short numbers."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.words = {word for entry in entries for word in words_of(entry)} - _stop()
        self.numbers = {entry.phone for entry in entries if is_short(entry.phone)}

    def begins(self, word: str) -> bool:
        """Whether a word begins one of them."""
        return len(word) >= SMALLEST_MATCH and any(each.startswith(word) for each in self.words)


def words_of(entry: Entry) -> set[str]:
    """The words that an entry may be called by."""
    return {*plain(entry.name).split(), *plain(entry.key).split()}


@cache
def _vocabulary() -> tuple[_Name, ...]:
    """Every name that we know."""
    found: dict[frozenset[str], _Name] = {}
    senses: list[tuple[str, tuple[Meaning, ...], tuple[Place, ...]]] = [
        (name, (), places) for name, places in by_name().items()
    ]
    lists = _data()
    senses += [(name, (Kind(kind),), ()) for kind, names in lists["kinds"].items() for name in names]
    senses += [(name, (Audience(whom),), ()) for whom, names in lists["audiences"].items() for name in names]
    senses += [(name, (language,), ()) for language in LANGUAGES for name in lists["languages"][language]]
    for name, meanings, places in senses:
        words = frozenset(plain(name).split()) - _stop()
        if words:
            before = found.get(words, _Name(words))
            both = tuple(dict.fromkeys((*before.places, *places)))
            found[words] = _Name(words, tuple(dict.fromkeys((*before.meanings, *meanings))), both)
    return tuple(found.values())


@cache
def _inflected() -> frozenset[str]:
    """The words that may have an ending: those of whom we look for, not those of places."""
    return frozenset(word for name in _vocabulary() if name.meanings for word in name.words)


@cache
def _stop() -> frozenset[str]:
    return frozenset(part for word in _data()["stop"] for part in plain(word).split())


@cache
def _data() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(resources.files(__package__).joinpath("search.toml").read_text(encoding="utf-8"))
