"""Closed lists: a coding holds their codes and nothing else, and the lists fit the tables that keep them."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.errors import ConfigError
from helpline.figures.records import Coding, faults
from helpline.figures.taxonomies import load_taxonomy
from helpline.store.tables import Pooled
from reports.model import NOT_CODED, SUPPORT
from reports.packaged import packaged
from reports.taxonomy import UNDISCLOSED, codes, default_taxonomy
from tests.shell import CONFIG, settings_in

TAXONOMY = default_taxonomy()
GOOD = Coding(reasons=("burnout",))
REASONS = tuple(code for code in codes(TAXONOMY.reasons) if code != NOT_CODED)
ORIENTATIONS = codes(TAXONOMY.orientations)
LISTS = {
    "contact": [code for code in codes(TAXONOMY.contacts) if code != NOT_CODED],
    "caller": codes(TAXONOMY.callers),
    "status": codes(TAXONOMY.statuses),
    "speciality": codes(TAXONOMY.specialities),
    "territory": codes(TAXONOMY.territories["france"]),
}
CODINGS = st.builds(
    Coding,
    **{name: st.sampled_from(terms) for name, terms in LISTS.items()},
    reasons=st.lists(st.sampled_from(REASONS), min_size=1, max_size=3, unique=True).map(tuple),
    orientations=st.lists(st.sampled_from(ORIENTATIONS), unique=True).map(tuple),
    severity=st.none() | st.integers(1, 5),
)
BAD: list[tuple[str, Any]] = [
    ("contact", "nonsense"),
    ("contact", NOT_CODED),
    ("contact", UNDISCLOSED),
    ("contact", ""),
    ("caller", "nonsense"),
    ("caller", ""),
    ("status", "doctor"),
    ("speciality", "Surgery"),
    ("territory", "nowhere"),
    ("reasons", ()),
    ("reasons", ("nonsense",)),
    ("reasons", ("burnout", "burnout")),
    ("reasons", ("burnout", "workload", "health", "other")),
    ("reasons", (NOT_CODED,)),
    ("reasons", ("burnout workload",)),
    ("orientations", ("nonsense",)),
    ("orientations", (UNDISCLOSED,)),
    ("severity", 0),
    ("severity", 6),
    ("severity", "3"),
]


@given(CODINGS)
def test_codes_of_the_lists_are_good(coding: Coding) -> None:
    """Any of them, together."""
    assert faults(coding, TAXONOMY, "france") == []


@pytest.mark.parametrize(("name", "value"), BAD)
def test_anything_else_is_a_fault(name: str, value: Any) -> None:  # noqa: ANN401 - values of every type
    """Named by its field, so that the page can show where."""
    assert faults(replace(GOOD, **{name: value}), TAXONOMY, "france") == [name]


@given(st.sampled_from(sorted(LISTS)), st.text(max_size=20))
def test_no_free_text_gets_in(name: str, text: str) -> None:
    """Whatever somebody types into a list's field."""
    known = text in LISTS[name] or (text == UNDISCLOSED and name != "contact")
    changed: dict[str, Any] = {name: text}
    assert (faults(replace(GOOD, **changed), TAXONOMY, "france") == []) is known


def test_every_fault_at_once() -> None:
    """Each field once, in alphabetical order."""
    wrong = Coding("?", "?", "?", "?", "?", ("?",), ("?",), 9)
    assert faults(wrong, TAXONOMY, "france") == sorted(set(LISTS) | {"reasons", "orientations", "severity"})


@pytest.mark.parametrize("contact", [code for code in LISTS["contact"] if code != SUPPORT])
def test_only_support_needs_a_reason(contact: str) -> None:
    """A silent call or a test has none."""
    assert faults(Coding(contact=contact), TAXONOMY, "france") == []


def test_a_line_without_territories_has_one_answer() -> None:
    """Nothing is asked there."""
    assert faults(GOOD, TAXONOMY, "a-third") == []
    assert faults(replace(GOOD, territory=LISTS["territory"][0]), TAXONOMY, "a-third") == ["territory"]


def test_every_field_is_checked_here() -> None:
    """But the language, which the page offers and checks by the line's own."""
    assert {field.name for field in fields(Coding)} == {*LISTS, "reasons", "orientations", "severity", "language"}


def test_the_lists_that_ship_are_the_default(tmp_path: Path) -> None:
    """An empty key means those."""
    assert load_taxonomy(settings_in(tmp_path)) is TAXONOMY


def test_the_operator_may_have_lists_of_their_own(tmp_path: Path) -> None:
    """In a file beside the configuration."""
    (tmp_path / "lists.toml").write_text(packaged("taxonomy.toml").replace('code = "burnout"', 'code = "burn-out"'))
    found = load_taxonomy(settings_in(tmp_path, 'taxonomy = "lists.toml"\n' + CONFIG))
    assert "burn-out" in codes(found.reasons)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('code = "burnout"', 'code = ""', "reasons"),
        ("[[contacts]]", "[[contact]]", "contact"),
        ("\nversion", "\nversio", "version"),
        ("=", "", "TOML"),
        ('code = "burnout"', f'code = "{"x" * 41}"', "longer than 40"),
        ('code = "surgery"', f'code = "{"x" * 41}"', "longer than 40"),
    ],
)
def test_bad_lists_are_refused_at_the_start(tmp_path: Path, old: str, new: str, reason: str) -> None:
    """With the file's name and what is wrong, and not when the first call is coded."""
    (tmp_path / "lists.toml").write_text(packaged("taxonomy.toml").replace(old, new, 1))
    with pytest.raises(ConfigError, match=rf"(?s)lists\.toml.*{reason}"):
        load_taxonomy(settings_in(tmp_path, 'taxonomy = "lists.toml"\n' + CONFIG))


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_lists_that_cannot_be_read_are_refused(tmp_path: Path, content: bytes | None) -> None:
    """A missing file, a wrong encoding."""
    if content is not None:
        (tmp_path / "lists.toml").write_bytes(content)
    with pytest.raises(ConfigError, match=r"lists\.toml"):
        load_taxonomy(settings_in(tmp_path, 'taxonomy = "lists.toml"\n' + CONFIG))


def test_too_many_orientations_are_refused(tmp_path: Path) -> None:
    """All of them together must fit one record."""
    text = packaged("taxonomy.toml")
    block = text[text.index("[[orientations]]") :].split("[[orientations]]")[1]
    label = "\n".join(line for line in block.splitlines() if line[:2] in {"fr", "nl", "de", "en"})
    more = "".join(f'[[orientations]]\ncode = "{"x" * 30}-{number}"\n{label}\n' for number in range(12))
    (tmp_path / "lists.toml").write_text(text.replace("[[orientations]]", more + "[[orientations]]", 1))
    with pytest.raises(ConfigError, match="orientations: all codes together are longer than 400"):
        load_taxonomy(settings_in(tmp_path, 'taxonomy = "lists.toml"\n' + CONFIG))


def test_the_lists_that_ship_fit_the_tables() -> None:
    """Each code, three reasons, and all orientations of one call."""
    columns = Pooled.__table__.c
    widest = sorted(map(len, REASONS))[-3:]
    assert sum(widest) + 2 <= (columns["reasons"].type.length or 0)  # type: ignore[attr-defined] # a String
    assert len(" ".join(ORIENTATIONS)) <= (columns["orientations"].type.length or 0)  # type: ignore[attr-defined]
    for name, terms in LISTS.items():
        assert max(map(len, terms)) <= columns[name].type.length  # type: ignore[attr-defined]
