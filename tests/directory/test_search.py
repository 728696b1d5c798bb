"""The psychologist's one field: what is typed in it is understood, and never finds nobody."""

from __future__ import annotations

import datetime as dt
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.directory.entries import Audience, Entry, Kind
from helpline.directory.search import Facet, Where, search
from helpline.directory.seeding import shipped
from helpline.directory.territories import Level, by_name, place, territories
from helpline.directory.understanding import understand
from ivr_flows.model import LANGUAGES, Language

SHIPPED = shipped(dt.date(2026, 3, 10))
NAMES = sorted(by_name())
WORDS = (
    "clinique",
    "interne",
    "étudiante",
    "Ärztekammer",
    "juridisch",
    "deutsch",
    "suicide",
    "MOTS",
    "zzz",
    "31",
    "4700",
)
TYPED = st.one_of(
    st.lists(st.sampled_from([*WORDS, *NAMES]), max_size=4).map(" ".join),
    st.text(max_size=60),
    st.text("0123 a-é", max_size=9),
)
CODES = sorted(territories())


@st.composite
def directories(draw: st.DrawFn) -> list[Entry]:
    """A directory of one entry or more, of any kinds and places."""
    found = []
    for number in range(draw(st.integers(1, 8))):
        country = draw(st.sampled_from(["FR", "BE"]))
        here = [code for code in CODES if territories()[code].country == country]
        codes = draw(st.lists(st.sampled_from(here), min_size=1, max_size=3, unique=True))
        kind, whom = draw(st.sampled_from(Kind)), draw(st.sampled_from(Audience))
        spoken = draw(st.sampled_from(LANGUAGES))
        found.append(Entry(f"entry-{number}", "Un", kind, frozenset({whom}), tuple(codes), (spoken,), "+33199001234"))
    return found


def without_accents(text: str) -> str:
    """The same, as a hurried thumb types it."""
    return "".join(each for each in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(each))


def places(text: str) -> tuple[str, ...]:
    """Where somebody is who types this, in French."""
    return tuple(found.name("fr") for found in understand(text, SHIPPED).places)


@given(directories(), TYPED, st.sampled_from(LANGUAGES))
def test_nobody_is_sent_away(entries: list[Entry], typed: str, language: Language) -> None:
    """Whatever is typed, whoever is in the directory: somebody is found, each once."""
    found = [entry.key for _, part in search(entries, typed, language).parts for entry in part]
    assert found
    assert len(found) == len(set(found))


@given(directories(), st.sampled_from([code for code in CODES if territories()[code].level is Level.PLACE]))
def test_the_nearest_come_first(entries: list[Entry], code: str) -> None:
    """Of the place, then what holds it, then the country, crisis lines in a part of their own behind."""
    here = place(code)
    typed = territories()[code].names["fr"] if code.startswith("BE") else code
    found = search(entries, typed, "fr")
    if found.without:
        return
    distances = [
        here.distance(entry.territories) for where, part in found.parts if where is not Where.CRISIS for entry in part
    ]
    assert distances == sorted(far for far in distances if far is not None)
    assert all((entry.kind is Kind.CRISIS) == (where is Where.CRISIS) for where, part in found.parts for entry in part)
    assert list(dict(found.parts)) == [where for where in Where if where in dict(found.parts)]


@given(
    st.lists(st.sampled_from(WORDS), max_size=5, unique=True).flatmap(
        lambda some: st.tuples(st.just(some), st.permutations(some))
    )
)
def test_the_order_of_words_does_not_matter(pair: tuple[list[str], list[str]]) -> None:
    """A clinic in 31 and 31 with a clinic are one question."""
    one, other = (search(SHIPPED, " ".join(words), "fr") for words in pair)
    assert one.parts == other.parts
    assert one.without == other.without


@given(st.sampled_from(NAMES).flatmap(lambda name: st.permutations(name.split())), st.sampled_from(WORDS))
def test_nor_does_it_within_a_name(name: list[str], word: str) -> None:
    """Garonne (Haute-) is Haute-Garonne, whatever stands before or behind."""
    together = understand(f"{' '.join(name)} {word}", ())
    assert understand(f"{word} {' '.join(reversed(name))}", ()).places == together.places


@given(
    st.lists(st.sampled_from([*WORDS, "Île-de-France", "Liège", "La Réunion", "Évreux", "Löwen"]), max_size=4).map(
        " ".join
    )
)
def test_accents_and_capitals_do_not_matter(typed: str) -> None:
    """Typed in a hurry, on a telephone, on a keyboard of another country."""
    plain, loud = without_accents(typed), typed.upper()
    assert search(SHIPPED, plain, "fr").parts == search(SHIPPED, typed, "fr").parts == search(SHIPPED, loud, "fr").parts


@given(st.sampled_from(NAMES))
def test_every_name_is_understood(name: str) -> None:
    """Territories, towns and what else people call them: alone, each is where it says, and no word is left over."""
    asked = understand(name, ())
    assert asked.unknown == ()
    assert {code for found in asked.places for code in found.tiers[0]} <= {
        code for found in by_name()[name] for code in found.tiers[0]
    }


@pytest.mark.parametrize(
    ("typed", "where"),
    [
        ("toulouse", ("Haute-Garonne",)),
        ("TOULOU", ("Haute-Garonne",)),
        ("toulose", ("Haute-Garonne",)),
        ("31000", ("Haute-Garonne",)),
        ("garonne haute", ("Haute-Garonne",)),
        ("loire", ("Loire",)),
        ("haute loire", ("Haute-Loire",)),
        ("Eupen", ("Communauté germanophone",)),
        ("luik", ("Liège",)),
        ("Gand", ("Flandre-Orientale",)),
        ("brussel", ("Bruxelles",)),
        ("1000", ("Bruxelles",)),
        ("vienne", ("Isère", "Vienne")),
        ("saint-denis", ("Seine-Saint-Denis", "La Réunion")),
        ("saint denis reunion", ("La Réunion",)),
        ("toulouse occitanie", ("Haute-Garonne",)),
        ("aix provence", ("Bouches-du-Rhône",)),
        ("2a", ("Corse-du-Sud",)),
        ("20", ("Corse-du-Sud / Haute-Corse",)),
        ("15", ("Cantal",)),
        ("988", ("Nouvelle-Calédonie",)),
        ("saint", ()),
        ("zzz", ()),
    ],
)
def test_a_place_is_understood(typed: str, where: tuple[str, ...]) -> None:
    """A number, a postcode, a name or its beginning, a slip of the thumb; of two alike both, of many none."""
    assert places(typed) == where


@pytest.mark.parametrize(
    ("typed", "kinds", "audiences", "languages"),
    [
        ("31 clinique", {Kind.CLINIC}, set(), set()),
        ("toulouse interne", set(), {Audience.TRAINING}, set()),
        ("juridique eupen deutsch", {Kind.LEGAL}, set(), {"de"}),
        ("étudiante", set(), {Audience.TRAINING}, set()),
        ("in opleiding gent", set(), {Audience.TRAINING}, set()),
        ("Assistenzärztinnen", set(), {Audience.TRAINING}, set()),
        ("resident lawyer", {Kind.LEGAL}, {Audience.TRAINING}, set()),
        ("médecin du travail", {Kind.OCCUPATIONAL}, set(), set()),
        ("médecin", set(), {Audience.DOCTOR}, set()),
        ("sage-femme", set(), {Audience.CARER}, set()),
        ("ma femme", set(), {Audience.RELATIVE}, set()),
        ("vakbond nederlands", {Kind.UNION}, set(), {"nl"}),
        ("clin", {Kind.CLINIC}, set(), set()),
    ],
)
def test_a_word_is_understood(typed: str, kinds: set[Kind], audiences: set[Audience], languages: set[Language]) -> None:
    """Whom, what help, in which language, in the words that people have for it; the longest name is meant."""
    asked = understand(typed, SHIPPED)
    assert (set(asked.kinds), set(asked.audiences), set(asked.languages)) == (kinds, audiences, languages)


@pytest.mark.parametrize(
    ("typed", "key"), [("mots", "mots"), ("SPS", "sps"), ("3114", "france-3114"), ("mots 75", "mots")]
)
def test_somebody_called_by_name_is_found_anywhere(typed: str, key: str) -> None:
    """Also where they don't serve; a short number is a name, not a postcode."""
    assert search(SHIPPED, typed, "fr").parts[0][1][0].key == key


def test_what_nobody_fits_is_left_out_and_said() -> None:
    """No clinic, so whoever there is near; the place stays."""
    found = search(SHIPPED, "toulouse clinique", "fr")
    assert found.without == {Facet.KINDS}
    assert found.part(Where.NEAR)[0].key == "mots"


def test_without_a_place_whole_countries_come_first() -> None:
    """The line's own country before the other; then what is in one region."""
    found = search(SHIPPED, "association", "fr", ("BE",))
    assert [entry.country for entry in found.part(Where.NATION)] == ["BE", "FR", "FR"]
    assert {entry.key for entry in found.part(Where.ELSEWHERE)} == {"mots", "modes"}


def test_a_region_is_asked_for_whole() -> None:
    """What serves one department of it is near, too."""
    local = Entry("local", "Un", Kind.CLINIC, frozenset({Audience.DOCTOR}), ("81",), ("fr",), "+33199001234")
    assert local in search([*SHIPPED, local], "occitanie", "fr").part(Where.NEAR)
    assert local not in search([*SHIPPED, local], "toulouse", "fr").part(Where.NEAR)


def test_somebody_for_all_who_care_is_for_doctors() -> None:
    """Doctors, trained or not yet, are among them; relatives aren't."""
    carers = Entry("carers", "Un", Kind.CLINIC, frozenset({Audience.CARER}), ("31",), ("fr",), "+33199001234")
    assert carers in search([*SHIPPED, carers], "interne clinique 31", "fr").part(Where.NEAR)
    assert search([*SHIPPED, carers], "conjoint clinique 31", "fr").without


@pytest.mark.parametrize("typed", ["", "toulouse", "31 clinique", "mots"])
def test_crisis_lines_are_there_whatever_is_asked(typed: str) -> None:
    """Behind everybody else, those of the country; alone, if the directory has nobody else."""
    where, part = search(SHIPPED, typed, "fr", ("FR",)).parts[-1]
    assert where is Where.CRISIS
    assert [entry.key for entry in part][:3] == ["france-3114", "france-15", "france-112"]
    only = [entry for entry in SHIPPED if entry.kind is Kind.CRISIS]
    assert search(only, typed, "fr").part(Where.CRISIS)
