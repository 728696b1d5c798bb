from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.build import report_of
from reports.cells import Cell
from reports.changes import Change
from reports.comparing import Past, past_years
from reports.document import BEFORE, Report, Table
from reports.figures import TOGETHER, Figures
from reports.periods import Profile
from reports.rounding import Published, Share
from reports.taxonomy import Term
from reports.words import LANGUAGES, same
from tests.reports.made import figures, hourly, moved, synthetic_figures
from tests.reports.test_build import made_of

NOW, THEN = synthetic_figures(), synthetic_figures(1650, seed=7, year=2025)


@pytest.fixture(scope="module")
def both() -> Report:
    """The report of a year with last year beside it."""
    return report_of(NOW, years=(THEN,))


def tables(report: Report) -> dict[str, Table]:
    """The report's tables by id."""
    return {table.id: table for section in report.sections for table in section.tables}


def listed(base: Figures, table: str, *terms: tuple[str, str, int | None]) -> Figures:
    """The same figures with other categories in one table: code, group, printed count."""
    found = tuple(Term(code, same(code), group) for code, group, _ in terms)
    counts = {cell: count for cell, count in base.counts.items() if cell.table != table}
    counts |= {Cell(base.period, table, code): Published(n) for code, _, n in terms}
    return replace(
        base,
        lists=MappingProxyType({**base.lists, table: found}),
        counts=MappingProxyType(counts),
    )


def reasons(base: Figures, *terms: tuple[str, str, int | None]) -> Figures:
    """The same figures with other main reasons."""
    return listed(base, "main-reason", *terms)


def changed(base: Figures, *changes: tuple[str, Iterable[str], Iterable[str]]) -> Figures:
    """The same figures after changes of the lists: list, from, to."""
    made = tuple(Change("2026.2", name, tuple(before), tuple(after)) for name, before, after in changes)
    return replace(base, changes=made)


def test_last_year_stands_beside_this_year(both: Report) -> None:
    """Its printed share, row by row, under a head that says which year."""
    table = tables(both)["main-reason"]
    assert [table.columns[-1].head.to(language) for language in LANGUAGES] == [
        "Part en 2025", "Aandeel in 2025", "Anteil 2025", "Share in 2025",
    ]  # fmt: skip
    for row, cell in zip(table.rows, table.column(BEFORE), strict=True):
        assert cell == Share(THEN.count("main-reason", row.code), THEN.count("substantive"))


def test_what_last_year_says_depends_on_the_table(both: Report) -> None:
    """Calls as numbers, rates as rates, hours of the rota as a share, the mean in minutes."""
    found = tables(both)
    assert found["access"].column(BEFORE)[0] == THEN.count("calls", "offered")
    assert found["rates"].column(BEFORE)[0] == Share(THEN.count("calls", "answered"), THEN.count("calls", "offered"))
    assert found["duration"].totals[-1].cells[-1] == THEN.mean
    assert found["orientation"].rows[0].cells[-1] == Share(
        THEN.count("orientation-given", "orientation-given"), THEN.count("substantive")
    )
    cell = found["coverage"].column(BEFORE)[0]
    assert cell is not None
    assert cell.value == 99


def test_every_row_has_a_cell_for_every_column(both: Report) -> None:
    """With last year's or without."""
    for report in (both, report_of(NOW), report_of(NOW, years=(figures(period="2025", demo=True),))):
        for table in tables(report).values():
            assert {len(row.cells) for row in (*table.rows, *table.totals)} == {len(table.columns)}


def test_tables_by_period_stay_as_they_are(both: Report) -> None:
    """They have columns enough."""
    for name in ("periods", "reason-group-periods"):
        assert tables(both)[name] == tables(report_of(NOW))[name]


def test_page_one_says_what_it_was_last_year(both: Report) -> None:
    """Beside each key figure that was printed."""
    assert [key.before is not None for key in both.key_figures] == [True] * 6
    first = both.key_figures[0].before
    assert first is not None
    assert (first.words.fr, first.values) == ("2025 : {figure}", (("figure", THEN.count("calls", "offered")),))


def test_the_methods_say_what_the_column_means(both: Report) -> None:
    """Only where there is one."""
    assert any("2025" in line.words.en for line in both.methods)
    assert not any("2025" in line.words.en for line in report_of(NOW).methods)


def test_a_year_with_everything_masked_has_no_column() -> None:
    """A column of dashes tells nothing."""
    quiet = figures(period="2025", demo=True)
    found = tables(report_of(NOW, years=(quiet,)))
    assert all(column.id != BEFORE for table in found.values() for column in table.columns)


@pytest.mark.parametrize(
    "other",
    [
        replace(THEN, line="belgium"),
        replace(THEN, line=TOGETHER),
        replace(THEN, demo=False),
        moved(THEN, 2026),
        moved(THEN, 2027),
        replace(THEN, period="2025-12"),
    ],
)
def test_what_is_no_earlier_year_of_this_line_is_left_out(other: Figures) -> None:
    """Another line's, a real one beside made-up figures, this year itself, a later one, a month."""
    assert report_of(NOW, years=(other,)) == report_of(NOW)


def test_the_year_before_last_is_not_last_year() -> None:
    """Where a year is missing, its column is; the years' section has what there is."""
    report = report_of(NOW, years=(moved(THEN, 2024),))
    assert all(column.id != BEFORE for table in tables(report).values() for column in table.columns)
    assert all(key.before is None for key in report.key_figures)


def test_a_replaced_revision_is_not_shown() -> None:
    """In whatever order they are given, the latest counts."""
    counts = {**THEN.counts, Cell("2025", "calls", "offered"): Published(1700)}
    revised = replace(THEN, revision=2, counts=MappingProxyType(counts))
    for years in ((THEN, revised), (revised, THEN)):
        assert tables(report_of(NOW, years=years))["access"].column(BEFORE)[0] == Published(1700)


def test_a_month_has_no_year_beside_it() -> None:
    """Nor a section of years."""
    march = figures(hours=[hourly("answered", 900)], period="2026-03", demo=True)
    assert report_of(march, years=(THEN,)) == report_of(march)


def test_a_category_that_did_not_exist_is_empty() -> None:
    """Not zero, and not masked."""
    now = reasons(NOW, ("old", "x", 100), ("new", "x", 200))
    past = Past(reasons(THEN, ("old", "x", 300)), now)
    assert past.count("main-reason", "old") == Published(300)
    assert past.count("main-reason", "new") is None
    assert past.share("main-reason", "new") is None


def test_a_renamed_code_keeps_its_past() -> None:
    """Through several changes."""
    now = changed(reasons(NOW, ("c", "x", 100)), ("reasons", "a", "b"), ("reasons", "b", "c"))
    assert Past(reasons(THEN, ("a", "x", 300)), now).count("main-reason", "c") == Published(300)


def test_a_merged_code_has_the_sum_of_what_was_printed() -> None:
    """Its own included, where it existed; nothing as soon as one of them was masked."""
    now = changed(reasons(NOW, ("a", "x", 100)), ("reasons", ["a", "b"], "a"))
    assert Past(reasons(THEN, ("a", "x", 300), ("b", "x", 45)), now).count("main-reason", "a") == Published(345)
    assert Past(reasons(THEN, ("a", "x", 300), ("b", "x", None)), now).count("main-reason", "a") is None


def test_categories_that_can_be_chosen_together_are_never_added_up() -> None:
    """A conversation with both reasons would count twice."""
    now = changed(listed(NOW, "all-reasons", ("a", "x", 100)), ("reasons", ["a", "b"], "a"))
    past = Past(listed(THEN, "all-reasons", ("a", "x", 300), ("b", "x", 45)), now)
    assert past.count("all-reasons", "a") is None


def test_the_parts_of_a_split_code_have_no_past() -> None:
    """The old one keeps its own, as long as it is printed."""
    now = changed(reasons(NOW, ("b", "x", 100), ("c", "x", 50), ("a", "x", 20)), ("reasons", "a", ["b", "c"]))
    past = Past(reasons(THEN, ("a", "x", 300)), now)
    assert [past.count("main-reason", code) for code in "bca"] == [None, None, Published(300)]


def test_a_year_in_which_a_code_was_split_is_no_past_of_its_parts() -> None:
    """They were in use for a part of it; from the year after, they are."""
    split = ("reasons", "a", ["b", "c"])
    now = changed(reasons(NOW, ("b", "x", 100), ("c", "x", 50)), split)
    half = changed(reasons(THEN, ("b", "x", 60), ("c", "x", 50), ("a", "x", 200)), split)
    whole = changed(reasons(THEN, ("b", "x", 60), ("c", "x", 50)), split)
    assert Past(half, now).count("main-reason", "b") is None
    assert Past(whole, now).count("main-reason", "b") == Published(60)


def test_a_change_of_another_list_changes_nothing() -> None:
    """Codes are a list's own: `other` is a reason and an orientation."""
    now = changed(NOW, ("orientations", ["other"], ["gp", "burnout"]), ("territories.belgium", "bretagne", "corse"))
    past, plain = Past(THEN, now), Past(THEN, NOW)
    for code in ("burnout", "other"):
        assert past.count("main-reason", code) == plain.count("main-reason", code) is not None
    assert past.count("territory", "corse") == plain.count("territory", "corse")
    assert past.count("orientation", "gp") is None


def families(base: Figures, groups: Mapping[str, int], members: Mapping[str, str]) -> Figures:
    """The same figures with other families, and the family of each reason."""
    found = reasons(base, *((reason, group, 100) for reason, group in members.items()))
    return listed(found, "reason-group", *((group, "", n) for group, n in groups.items()))


def test_a_family_has_a_past_only_with_the_same_reasons() -> None:
    """A reason that moved makes the family it left and the one it joined another thing; the third is untouched."""
    then = families(THEN, {"x": 300, "y": 200, "z": 50}, {"a": "x", "b": "x", "c": "y", "d": "z"})
    now = families(NOW, {"x": 300, "y": 200, "z": 50}, {"a": "x", "b": "y", "c": "y", "d": "z"})
    past = Past(then, now)
    assert [past.count("reason-group", family) for family in "xyz"] == [None, None, Published(50)]


def test_a_family_survives_a_split_inside_it_and_a_new_name() -> None:
    """The same conversations are in it."""
    then = families(THEN, {"x": 300}, {"a": "x", "b": "x"})
    now = changed(
        families(NOW, {"z": 300}, {"a": "z", "c": "z", "d": "z"}), ("reasons", "b", ["c", "d"]), ("groups", "x", "z")
    )
    assert Past(then, now).count("reason-group", "z") == Published(300)


def test_nothing_of_a_past_year_is_printed_that_was_not_printed_then() -> None:
    """Every figure of the column is one of last year's, or made of some."""
    report = report_of(NOW, years=(THEN,))
    known = set(THEN.counts.values())
    for table in tables(report).values():
        if table.columns[-1].id == BEFORE:
            for cell in table.column(BEFORE):
                assert not isinstance(cell, Published) or cell in known
                assert not isinstance(cell, Share) or made_of(cell.part) | made_of(cell.whole) <= known


@given(st.permutations([THEN, moved(THEN, 2024), moved(THEN, 2023), replace(THEN, revision=2)]))
def test_the_order_in_which_years_are_given_does_not_matter(years: list[Figures]) -> None:
    """A store may answer in any order."""
    assert [(past.year, past.figures.revision) for past in past_years(NOW, years)] == [(2023, 1), (2024, 1), (2025, 2)]


def test_a_line_that_is_published_by_year_compares_as_any_other() -> None:
    """Small lines need last year more than others."""
    report = report_of(synthetic_figures(250), years=(synthetic_figures(230, year=2025, seed=4),))
    assert report.profile is Profile.YEAR
    assert tables(report)["access"].columns[-1].id == BEFORE
