import random
from collections import Counter
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpline.demo.year import synthetic_year
from reports.build import report_of
from reports.cells import ALL, CALLS, CONTACTS, SUBSTANTIVE, Cell
from reports.closing import Frame, Inputs, Line, figures_of, groups_of, together
from reports.document import entries
from reports.errors import InputError
from reports.figures import TOGETHER, Figures
from reports.indicators import INNER_MEASURES
from reports.model import Group, HourlyCount, MonthlyCount, Record
from reports.periods import Profile
from reports.plan import DIMENSIONS, Dimension
from reports.render.naming import stem
from reports.rounding import KEY_SPACE, Published
from reports.taxonomy import default_taxonomy
from tests.reports.made import DATED, NAME, SECRET, YEAR, ZONE, figures, hourly, record

RECORDS, HOURS, MONTHS = synthetic_year(YEAR, "france", 1800, 1)
LISTS = default_taxonomy()
drawn = st.builds(
    record,
    period=st.sampled_from(["2026-01", "2026-02", "2026-12"]),
    contact=st.sampled_from(["support", "silent", "not-coded"]),
    substantive=st.booleans(),
    caller=st.sampled_from(["doctor", "relative"]),
    reasons=st.lists(st.sampled_from(["burnout", "health", "family"]), max_size=3, unique=True).map(tuple),
    orientations=st.sampled_from([(), ("gp",), ("gp", "psychologist")]),
    severity=st.sampled_from([None, 1, 5]),
    language=st.sampled_from([None, "nl"]),
    key=st.integers(0, KEY_SPACE - 1) | st.integers(KEY_SPACE - 3, KEY_SPACE - 1),
)


def counted(groups: Mapping[Dimension, tuple[Group, ...]]) -> Figures:
    """The figures of a year of these groups."""
    frame = Frame("2026", Line("france", NAME, ZONE), LISTS, demo=False, dated=DATED, profile=Profile.MONTH)
    return figures_of(frame, Inputs(groups, (), ()), SECRET)


def added_up(groups: tuple[Group, ...], rng: random.Random) -> tuple[Group, ...]:
    """Groups that are alike added up in any way: all of them, some, none; sums of keys are not cut to 32 bits."""
    heaps: dict[tuple[str, str, bool, str, int], tuple[int, int]] = {}
    for group in groups:
        like = (group.period, group.contact, group.substantive, group.value, rng.randrange(3))
        n, keysum = heaps.get(like, (0, 0))
        heaps[like] = (n + group.n, keysum + group.keysum)
    found = [Group(*like[:4], *sums) for like, sums in heaps.items()]
    rng.shuffle(found)
    return tuple(found)


@given(st.lists(drawn, max_size=60), st.randoms(use_true_random=False))
@settings(max_examples=50)
def test_how_records_are_added_up_does_not_matter(records: list[Record], rng: random.Random) -> None:
    """A store may group them as it likes: the same records give the same figures, past 2^32 too."""
    groups = groups_of(records)
    assert counted({name: added_up(groups[name], rng) for name in DIMENSIONS}) == counted(groups)


def test_a_table_is_a_recount_of_its_records() -> None:
    """Every figure of conversations is within four of a plain count, or masked under ten."""
    found = figures(RECORDS, HOURS, MONTHS)
    heard = [one for one in RECORDS if one.substantive and one.contact == "support"]
    plain = Counter(Cell("2026", "main-reason", one.reasons[0]) for one in heard)
    plain += Counter(Cell("2026", "caller", one.caller) for one in heard)
    plain += Counter(Cell("2026", "territory", one.territory) for one in heard)
    plain += Counter(Cell(one.period, SUBSTANTIVE) for one in heard)
    plain += Counter(Cell("2026", "orientation", kind) for one in heard for kind in one.orientations)
    plain += Counter(Cell("2026", CONTACTS) for _ in RECORDS)
    for cell, n in plain.items():
        printed = found.counts[cell].value
        assert n < 10 if printed is None else abs(printed - n) < 5, cell


def test_a_month_is_calls_and_families_only() -> None:
    """Reasons, callers and outcomes in detail are yearly: over a short period they would almost point at a person."""
    march = figures([one for one in RECORDS if one.period == "2026-03"], HOURS, MONTHS, period="2026-03")
    assert {cell.period for cell in march.counts} == {"2026-03"}
    assert {cell.table for cell in march.counts} == {CALLS, SUBSTANTIVE, "reason-group"}
    assert {cell.category for cell in march.counts if cell.table == SUBSTANTIVE} == {ALL}
    assert (march.mean.value, march.coverage, march.periods()) == (None, None, ())


def test_the_report_of_a_month_is_short() -> None:
    """How calls ended, when they came, families of reasons: nothing that its figures lack."""
    march = figures([one for one in RECORDS if one.period == "2026-03"], HOURS, MONTHS, period="2026-03")
    report = report_of(march)
    assert [[table.id for table in section.tables] for section in report.sections] == [
        ["access", "rates"], ["moments"], ["reason-group"],
    ]  # fmt: skip
    assert {one.figure for one in entries(report) if isinstance(one.figure, Published)} <= set(march.counts.values())
    assert [key.id for key in report.key_figures] == ["offered", "rate", "quick", "night"]
    assert stem(report) == "france-2026-03"


def test_a_month_without_calls_says_so_of_the_month() -> None:
    """Its summary doesn't speak of a year."""
    (line,) = report_of(figures(period="2026-03")).headlines
    assert line.words.en.startswith("This period has too few calls")


def test_the_report_of_a_quarter_is_that_of_its_three_months() -> None:
    """With its own rounding: a line of this size has no months."""
    records, hours, months = synthetic_year(YEAR, "france", 600, 1)
    second = figures([one for one in records if one.period == "2026-Q2"], hours, months, period="2026-Q2")
    whole = figures(records, hours, months)
    assert second.counts[Cell("2026-Q2", CALLS, "offered")] == whole.counts[Cell("2026-Q2", CALLS, "offered")]
    assert second.count(SUBSTANTIVE) == whole.count(SUBSTANTIVE, period="2026-Q2")
    assert stem(report_of(second)) == "france-2026-Q2"


def test_every_month_prints_in_its_year_what_it_printed_alone() -> None:
    """The rounding is keyed: there is nothing to subtract."""
    whole = figures(RECORDS, HOURS, MONTHS)
    for period in whole.periods():
        alone = figures([one for one in RECORDS if one.period == period], HOURS, MONTHS, period=period)
        shared = set(alone.counts) & set(whole.counts)
        assert {cell.category for cell in shared if cell.table == CALLS} == set(INNER_MEASURES)
        assert {cell for cell in alone.counts if cell.table != CALLS} <= shared
        assert all(alone.counts[cell] == whole.counts[cell] for cell in shared)


def test_what_was_frozen_of_a_month_stays_in_its_year() -> None:
    """Though a call was coded since; the year's own figures are counted anew."""
    frozen = {
        Cell("2026-03", SUBSTANTIVE): Published(35),
        Cell("2026", SUBSTANTIVE): Published(15),
        Cell("2026-03", "caller", "doctor"): Published(20),
    }
    found = figures([record() for _ in range(60)], frozen=frozen, profile=Profile.MONTH)
    assert found.count(SUBSTANTIVE, period="2026-03").value == 35
    assert found.count(SUBSTANTIVE).value == 60
    assert Cell("2026-03", "caller", "doctor") not in found.counts


def test_a_period_finer_than_the_records_is_refused() -> None:
    """What was coded by quarter can't be told apart by month, however many calls there were."""
    records, hours, months = synthetic_year(YEAR, "france", 600, 1)
    second = [one for one in records if one.period == "2026-Q2"]
    with pytest.raises(InputError, match="published by quarter"):
        figures(second, hours, months, period="2026-05")


def test_a_period_finer_than_the_lines_profile_is_refused() -> None:
    """A line that is published by year has no months, whatever its records carry."""
    with pytest.raises(InputError, match="published by year"):
        figures([record()], period="2026-03", profile=Profile.YEAR)


@pytest.mark.parametrize(("period", "of"), [("2026-03", "2026-04"), ("2026-Q1", "2026-04"), ("2026", "2025-12")])
def test_records_of_another_period_are_refused(period: str, of: str) -> None:
    """They would be counted where they don't belong."""
    with pytest.raises(InputError, match=f"{of} doesn't belong to {period}"):
        figures([record(period=of)], period=period)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"period": "2026-13"}, "not a period"),
        ({"contact": "chat"}, "'chat'"),
        ({"severity": 6}, "lacks"),
        ({"key": 1 << 32}, "32 bits"),
        ({"key": -1}, "32 bits"),
    ],
)
def test_an_impossible_record_is_refused(fields: dict, problem: str) -> None:
    """With the period it is of and the code it holds, which is all that may be said."""
    with pytest.raises(InputError, match=problem):
        figures([record(**fields)])


def test_what_holds_records_does_not_show_them() -> None:
    """A traceback or a log line can't spill what was given to be counted."""
    inputs = Inputs(groups_of([record(territory="corse", key=123_456)]), [hourly("answered", 7)], [])
    assert "corse" not in repr(inputs)
    assert "123456" not in repr(inputs) + repr(inputs.groups)


def alone(one: Record) -> Record:
    """The record of a call as it stands among those of all lines."""
    return Record(TOGETHER, *(getattr(one, name) for name in Record.__slots__ if name != "line"))


def test_all_lines_together_make_one_report() -> None:
    """It is called so in four languages, has no territory and no period, and says that sums may differ."""
    records = [alone(one) for one in RECORDS]
    hours = [HourlyCount(TOGETHER, one.hour, one.outcome, one.wait_band, one.n) for one in HOURS]
    months = [MonthlyCount(TOGETHER, one.month, one.talk_seconds, one.duration_band, one.n) for one in MONTHS]
    frame = Frame("2026", together(ZONE), LISTS, demo=True, dated=DATED, profile=Profile.YEAR)
    found = figures_of(frame, Inputs(groups_of(records), hours, months), SECRET)
    report = report_of(found)
    assert "territory" not in found.lists
    assert found.periods() == ()
    assert report.line_name.fr == "Ensemble des lignes"
    assert stem(report) == "ensemble-2026"
    assert report.headlines[0].words.en.startswith("In 2026 the lines received")
    assert report.methods[0].words.en.startswith("This report brings all lines together")


def test_the_same_counter_is_rounded_otherwise_for_all_lines_together() -> None:
    """Only records have keys of their own: a counter's figure is drawn for its line."""
    frame = Frame("2026", together(ZONE), LISTS, demo=False, dated=DATED, profile=Profile.YEAR)

    def of_all(n: int) -> Figures:
        return figures_of(frame, Inputs({}, [hourly("answered", n, line=TOGETHER)], ()), SECRET)

    def of_one(n: int) -> Figures:
        return figures(hours=[hourly("answered", n)])

    assert any(of_one(n).count(CALLS, "answered") != of_all(n).count(CALLS, "answered") for n in range(101, 130))
