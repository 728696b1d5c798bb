"""Codes that were renamed, merged or split: in the file of the lists, in what is offered, in what is counted."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import reports
from helpline.figures.records import Coding, faults
from reports.build import report_of
from reports.changes import Change, successor, successors
from reports.document import entries
from reports.errors import InputError, TaxonomyError
from reports.taxonomy import Taxonomy, codes, parse_taxonomy
from tests.reports.made import figures, record

TEXT = (Path(reports.__path__[0]) / "taxonomy.toml").read_text(encoding="utf-8")
RENAMED = """
[[changes]]
version = "2027.1"
list = "reasons"
from = ["exhaustion"]
to = ["burnout"]
"""
MERGED = """
[[changes]]
version = "2027.1"
list = "reasons"
from = ["fatigue", "workload"]
to = ["workload"]

[[changes]]
version = "2027.1"
list = "territories.france"
from = ["alsace", "lorraine"]
to = ["grand-est"]
"""
SPLIT = """
[[changes]]
version = "2027.1"
list = "reasons"
from = ["bullying"]
to = ["harassment", "violence"]

[[retired.reasons]]
code = "bullying"
group = "conflict"
fr = "Intimidation"
nl = "Intimidatie"
de = "Einschüchterung"
en = "Bullying"
"""
TWO_STEPS = """
[[changes]]
version = "2027.1"
list = "reasons"
from = ["intimidation"]
to = ["bullying"]
"""


def lists(*more: str) -> Taxonomy:
    """The lists that ship, after changes."""
    return parse_taxonomy(TEXT + "".join(more))


def count(taxonomy: Taxonomy, table: str, code: str, **fields: object) -> int | None:
    """What is printed of a code, where twenty records were coded so."""
    found = figures([record(**fields) for _ in range(20)], taxonomy=taxonomy)  # type: ignore[arg-type] # a record's own
    return found.count(table, code).value


def test_a_renamed_code_is_counted_under_its_new_name() -> None:
    """As the main reason, among all reasons, and in its family."""
    taxonomy = lists(RENAMED)
    assert count(taxonomy, "main-reason", "burnout", reasons=("exhaustion",)) == 20
    assert count(taxonomy, "all-reasons", "burnout", reasons=("health", "exhaustion")) == 20
    assert count(taxonomy, "reason-group", "exhaustion", reasons=("exhaustion",)) == 20


def test_merged_codes_are_one() -> None:
    """A conversation that had both counts once, and keeps its main reason."""
    taxonomy = lists(MERGED)
    assert count(taxonomy, "all-reasons", "workload", reasons=("fatigue", "workload", "health")) == 20
    assert count(taxonomy, "main-reason", "workload", reasons=("fatigue", "workload")) == 20
    assert count(taxonomy, "territory", "grand-est", territory="lorraine") == 20


def test_renamed_calls_are_the_same_figure() -> None:
    """The rounding is of the calls, not of what they are called."""
    for n in range(10, 30):
        old = [record(reasons=("exhaustion",), key=key) for key in range(n)]
        new = [record(reasons=("burnout",), key=key) for key in range(n)]
        assert figures(old, taxonomy=lists(RENAMED)).counts == figures(new, taxonomy=lists(RENAMED)).counts


def test_a_split_code_stays_what_it_was() -> None:
    """Nobody can say which part it would be; it is printed under its own name, in its family, and at the end."""
    found = figures([record(reasons=("bullying",)) for _ in range(60)], taxonomy=lists(SPLIT))
    assert [found.count("main-reason", code).value for code in ("bullying", "harassment")] == [60, None]
    assert found.count("reason-group", "conflict").value == 60
    labels = [one.label.en for one in entries(report_of(found)) if one.indicator == "main-reason"]
    assert "Bullying (old code)" in labels
    assert labels.index("Bullying (old code)") > labels.index("Addiction")


def test_a_code_renamed_before_it_was_split_ends_where_the_split_was() -> None:
    """Its successor is the code that was split."""
    assert count(lists(TWO_STEPS, SPLIT), "main-reason", "bullying", reasons=("intimidation",)) == 20


def test_a_code_that_is_in_no_list_any_more_is_refused() -> None:
    """A split one whose old code was taken out too early, and one whose change was never written."""
    without = SPLIT.partition("[[retired")[0]
    for taxonomy in (lists(without), lists()):
        with pytest.raises(InputError, match="bullying"):
            figures([record(reasons=("bullying",))], taxonomy=taxonomy)


def test_only_codes_of_today_are_offered() -> None:
    """On the keypad, on the page, and to whoever records a conversation."""
    taxonomy = lists(RENAMED, MERGED, SPLIT)
    old = {"bullying", "exhaustion", "fatigue"}
    assert old.isdisjoint(codes(taxonomy.reasons))
    assert old.isdisjoint(taxonomy.reason_numbers().values())
    assert all(faults(Coding(reasons=(code,)), taxonomy, "france") == ["reasons"] for code in old)
    assert faults(Coding(reasons=("burnout",), territory="lorraine"), taxonomy, "france") == ["territory"]


def test_what_had_changed_is_frozen_with_the_figures() -> None:
    """So that a later year can tell what is new in its own lists."""
    assert figures(taxonomy=lists(RENAMED)).changes == (Change("2027.1", "reasons", ("exhaustion",), ("burnout",)),)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[[changes]]\nversion = "2"', r"changes\[1\]: must be a table with exactly version, list, from, to"),
        ("changes = 3\n", "changes: must be"),
        (RENAMED.replace('"reasons"', '"colours"'), r"changes\[1\].list: 'colours' is unknown"),
        (RENAMED.replace('"reasons"', '"contacts"'), r"changes\[1\].list: 'contacts' is unknown"),
        (RENAMED.replace('"reasons"', '"territories.mars"'), r"changes\[1\].list: 'territories.mars' is unknown"),
        (RENAMED.replace('["exhaustion"]', '"exhaustion"'), r"changes\[1\].from: must be a list of codes"),
        (RENAMED.replace('["burnout"]', "[]"), r"changes\[1\].to: must be a list of codes"),
        (RENAMED.replace('["burnout"]', '["Burn out"]'), r"changes\[1\].to: must be a list of codes"),
        (RENAMED.replace('"2027.1"', "2027"), r"changes\[1\].version: missing"),
        (RENAMED.replace("exhaustion", "health"), r"changes\[1\].from: 'health' is still in reasons"),
        (RENAMED.replace("burnout", "boredom"), r"changes\[1\].to: 'boredom' is not in reasons"),
        (SPLIT.replace('["harassment", "violence"]', '["bullying", "violence"]'), r"changes\[1\].to: what was split"),
        (SPLIT.replace("bullying", "health"), "retired.reasons: 'health' is still in reasons"),
        (SPLIT.replace('code = "bullying"', 'code = "boredom"'), "retired.reasons: no change splits 'boredom'"),
        (SPLIT.replace('group = "conflict"', ""), r"retired.reasons\[1\].group: must be one of"),
        (SPLIT + 'number = "98"\n', r"retired.reasons\[1\].number: nobody"),
        (SPLIT.replace("[[retired.reasons]]", "[[retired.colours]]"), "retired.colours: unknown"),
        (SPLIT.replace("[[retired.reasons]]", "[[retired.groups]]"), "retired.groups: unknown"),
        (SPLIT.replace("[[retired.reasons]]", "[[retired.callers]]"), r"retired.callers\[1\].group: only reasons"),
    ],
)
def test_a_malformed_change_is_refused_by_its_key(text: str, problem: str) -> None:
    """Each fault is named with the key it stands at."""
    whole = text + TEXT if text.startswith("changes =") else TEXT + text
    with pytest.raises(TaxonomyError, match=problem):
        parse_taxonomy(whole)


def test_a_file_may_hold_the_changes_of_many_years() -> None:
    """Each leads to the codes of its time, and the last to those of today."""
    later = TWO_STEPS.replace("intimidation", "old").replace('"bullying"', '"intimidation"').replace("2027", "2026")
    taxonomy = lists(later, TWO_STEPS, SPLIT)
    assert successor(taxonomy.changes, "reasons", "old") == "bullying"
    assert successors(taxonomy.changes, "reasons", "old") == {"harassment", "violence"}


letters = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=3).map(tuple)
histories = st.lists(st.builds(Change, st.just("1"), st.sampled_from(["x", "y"]), letters, letters), max_size=6)


@given(histories, st.sampled_from("abcdef"))
def test_a_way_without_a_split_has_one_end(changes: list[Change], code: str) -> None:
    """Where nothing was split on the way, the two ways of following a code agree; following always ends."""
    ends = successors(changes, "x", code)
    assert ends
    if not any(change.split for change in changes if change.list == "x"):
        assert ends == {successor(changes, "x", code)}
