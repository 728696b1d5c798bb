from pathlib import Path

import pytest

import reports
from reports.errors import TaxonomyError
from reports.taxonomy import Taxonomy, codes, default_taxonomy, parse_taxonomy
from reports.words import LANGUAGES

TEXT = (Path(reports.__path__[0]) / "taxonomy.toml").read_text(encoding="utf-8")
SPS_LIKE = {
    "burnout", "orientation", "hierarchy-conflict", "colleague-conflict", "working-conditions", "workload",
    "harassment",
    "health", "addiction", "suicidal-thoughts", "complaint", "violence", "procedure", "financial", "family",
    "bereavement", "training-placement", "other", "not-coded",
}  # fmt: skip


@pytest.fixture
def taxonomy() -> Taxonomy:
    """The lists that ship."""
    return default_taxonomy()


def test_the_reasons_that_ship_are_those_of_a_carers_line(taxonomy: Taxonomy) -> None:
    """Nineteen reasons, "not coded" among them."""
    assert set(codes(taxonomy.reasons)) == SPS_LIKE


def test_the_contact_kinds_that_ship_are_the_ones_records_hold(taxonomy: Taxonomy) -> None:
    """Support, and what is not a conversation."""
    assert codes(taxonomy.contacts) == ("support", "silent", "hang-up", "abusive", "test", "not-coded")


def test_every_reason_can_be_keyed_in_but_not_coded(taxonomy: Taxonomy) -> None:
    """Two digits lead to one reason; nobody keys in "not coded"."""
    numbers = taxonomy.reason_numbers()
    assert set(numbers.values()) == SPS_LIKE - {"not-coded"}
    assert all(len(number) == 2 and number.isdigit() for number in numbers)


def test_both_lines_that_ship_have_territories(taxonomy: Taxonomy) -> None:
    """France by region, Belgium by province, and in both a caller may keep it to themselves."""
    assert {line: len(terms) for line, terms in taxonomy.territories.items()} == {"france": 15, "belgium": 12}
    assert all("undisclosed" in codes(terms) for terms in taxonomy.territories.values())


def test_labels_start_with_a_capital_or_a_figure_in_every_language(taxonomy: Taxonomy) -> None:
    """A label stands alone in a table or on a button."""
    lists = (taxonomy.contacts, taxonomy.callers, taxonomy.statuses, taxonomy.specialities, taxonomy.reasons)
    labels = [term.label.to(language) for terms in lists for term in terms for language in LANGUAGES]
    assert all(label[0].isupper() or label[0].isdigit() for label in labels)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('version = "2026.1"', "version = 3", "version: missing"),
        ('code = "burnout"', 'code = "Burn out"', r"reasons\[1\].code: 'Burn out' must be lower-case"),
        ('code = "orientation"', 'code = "burnout"', r"reasons\[2\].code: 'burnout' is used twice"),
        ('nl = "Burn-out"', "", r"reasons\[1\].nl: missing"),
        ('nl = "Burn-out"', 'nl = " "', r"reasons\[1\].nl: missing, empty"),
        ('nl = "Burn-out"', 'nl = "Burn\\nout"', r"reasons\[1\].nl: missing, empty or not plain"),
        ('number = "01"', 'number = "1"', r"reasons\[1\].number: must be two digits"),
        ('number = "02"', 'number = "01"', r"reasons\[2\].number: '01' is used twice"),
        ('number = "02"\n', "", r"reasons\[2\].number: every reason has a keypad number"),
        ('group = "exhaustion"', 'group = "nowhere"', r"reasons\[1\].group: must be one of"),
        ('group = "exhaustion"\n', "", r"reasons\[1\].group: must be one of"),
        ('code = "silent"', 'code = "mute"', "contacts: the code 'silent' is missing"),
        ('code = "silent"', 'code = "silent"\ngroup = "health"', r"contacts\[2\].group: only reasons have one"),
        ('code = "silent"', 'code = "silent"\ncolour = "red"', r"contacts\[2\].colour: unknown"),
        ('version = "2026.1"', 'version = "1"\ncolours = []', "colours: unknown"),
        ("[[severities]]", "[[severity]]", "severities: missing or empty"),
    ],
)
def test_a_malformed_list_is_refused_by_its_key(old: str, new: str, problem: str) -> None:
    """Each fault is named with the key it stands at."""
    text = TEXT.replace(old, new) if old.startswith("[[") else TEXT.replace(old, new, 1)
    assert text != TEXT
    with pytest.raises(TaxonomyError, match=problem):
        parse_taxonomy(text)


def test_every_fault_is_named_at_once() -> None:
    """Whoever writes the lists mends them in one go."""
    with pytest.raises(TaxonomyError) as refused:
        parse_taxonomy("")
    assert [problem.partition(":")[0] for problem in refused.value.problems] == [
        "version", "contacts", "callers", "statuses", "specialities", "groups", "reasons", "orientations", "severities",
    ]  # fmt: skip


def test_what_is_not_toml_is_refused() -> None:
    """With the place where reading stopped."""
    with pytest.raises(TaxonomyError, match=r"not TOML.*line 1"):
        parse_taxonomy("reasons: burnout")


@pytest.mark.parametrize("broken", ["territories = 3", "reasons = [1]", "reasons = 'burnout'"])
def test_values_of_the_wrong_shape_are_refused(broken: str) -> None:
    """A list of something else than tables is a fault, not a crash."""
    with pytest.raises(TaxonomyError):
        parse_taxonomy(broken)
