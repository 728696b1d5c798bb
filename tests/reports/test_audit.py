"""The auditor on releases: those written by hand that give something away, and made-up years that don't."""

import hashlib
import random
from dataclasses import replace
from datetime import date

import pytest

from reports.audit.ledger import Released
from reports.audit.relations import ledger_of, planned
from reports.audit.solve import Model
from reports.audit.system import System
from reports.audit.verdict import Exposure, Verdict, audit
from reports.cells import Cell
from reports.errors import AuditError, InputError
from reports.figures import TOGETHER, Figures
from reports.model import DURATION_BANDS
from reports.plan import plan
from reports.rounding import Published, Rounder
from reports.taxonomy import default_taxonomy
from tests.reports.printed import printed
from tests.reports.years import all_together, closed_year, exactly_known

TIGHT = {
    "substantive/all": 60,
    "severity/1": 20,
    "severity/2": 20,
    "severity/3": 20,
    "severity/4": 20,
    "severity/5": None,
    "severity/not-graded": None,
}
"""At least 16 in each of four grades, and at most 64 in all: the fifth is empty."""
QUARTERS = {f"2026-Q{quarter}": None if quarter == 4 else 10 for quarter in range(1, 5)}
LATE = 55
"""Of a year: at least 51, of which 14 at most in each of three quarters: 9 in the fourth."""


def cells(verdict: Verdict) -> dict[str, tuple[int, int, str, str]]:
    """What is exposed: range, reason, and to whom."""
    return {str(one.cell): (one.low, one.high, one.why, one.reader) for one in verdict.exposed}


def test_a_table_whose_rounding_leaves_no_room_is_caught() -> None:
    """The masked grades are known to be empty."""
    verdict = audit([printed("2026", TIGHT)])
    assert cells(verdict) == {
        "2026/severity/5": (0, 0, "exact", "anybody"),
        "2026/severity/not-graded": (0, 0, "exact", "anybody"),
    }
    assert not verdict.safe


def test_the_same_table_with_room_passes() -> None:
    """One step of rounding lower."""
    verdict = audit([printed("2026", TIGHT | {"severity/1": 15})])
    assert verdict.safe
    assert verdict.checked == 2


def test_periods_give_away_the_masked_one_together_with_their_year() -> None:
    """Each release alone is harmless; all five are named, since without any one of them nothing is known."""
    quarters = [printed(name, {"substantive/all": value}, dated=date(2026, 12, 1)) for name, value in QUARTERS.items()]
    assert audit(quarters).safe
    year = printed("2026", {"substantive/all": LATE})
    (exposure,) = audit([*quarters, year]).exposed
    assert (str(exposure.cell), exposure.low, exposure.high) == ("2026-Q4/substantive/all", 9, 9)
    assert {one.period for one in exposure.releases} == {*QUARTERS, "2026"}
    assert str(exposure) == (
        "france 2026-Q4/substantive/all is exactly 9 by these releases: "
        "france 2026-Q1; france 2026-Q2; france 2026-Q3; france 2026-Q4; france 2026"
    )


def test_a_release_that_says_it_all_is_blamed_alone() -> None:
    """A year prints its periods again."""
    quarters = [printed(name, {"substantive/all": value}, dated=date(2026, 12, 1)) for name, value in QUARTERS.items()]
    year = printed("2026", {"substantive/all": LATE, **{f"{name}/substantive/all": n for name, n in QUARTERS.items()}})
    (exposure,) = audit([*quarters, year]).exposed
    assert exposure.releases == (Released("france", "2026", 1),)


def test_a_report_of_all_lines_gives_away_the_smallest() -> None:
    """At least 51 together, and 42 at most on the three others."""
    lines = [
        printed("2026", {"substantive/all": n}, line=line) for line, n in zip("abcd", (10, 10, 10, None), strict=True)
    ]
    together = printed("2026", {"substantive/all": LATE}, line=TOGETHER)
    (exposure,) = audit([*lines, together]).exposed
    assert (exposure.line, exposure.low, len(exposure.releases)) == ("d", 9, 5)
    assert "all lines 2026" in str(exposure)


def test_a_line_that_prints_nothing_may_be_in_the_report_of_all() -> None:
    """Then the others are only a part of it."""
    lines = [printed("2026", {"substantive/all": 10}, line=line) for line in "abc"]
    other = printed("2026", {"calls/unknown": 10}, line="d")
    together = printed("2026", {"substantive/all": LATE}, line=TOGETHER)
    assert audit([*lines, other, together]).safe


def test_families_are_sums_of_reasons() -> None:
    """A family of 51 or more, of whose four reasons three are 14 at most and one is masked."""
    groups = dict.fromkeys(("burnout", "workload", "fatigue", "sleep"), "tired")
    reasons = {"main-reason/burnout": 10, "main-reason/workload": 10, "main-reason/fatigue": 10}
    counts = {**reasons, "main-reason/sleep": None, "reason-group/tired": 55}
    assert cells(audit([printed("2026", counts, groups=groups)])) == {
        "2026/main-reason/sleep": (9, 9, "exact", "anybody")
    }


@pytest.mark.parametrize(
    ("whole", "table"),
    [
        ("contacts/all", "contact-kind"),
        ("substantive/all", "caller"),
        ("substantive/all", "all-reasons"),
        ("orientation-given/orientation-given", "orientation"),
    ],
)
def test_parts_cannot_be_fewer_than_their_whole(whole: str, table: str) -> None:
    """At least 51, of which 14 at most in each of three: 9 in the last. Overlapping or not, it can't be fewer."""
    counts = {f"{table}/one": 10, f"{table}/two": 10, f"{table}/three": 10, f"{table}/four": None, whole: 55}
    assert cells(audit([printed("2026", counts)])) == {f"2026/{table}/four": (9, 9, "exact", "anybody")}


def test_measures_are_sums_of_the_same_calls() -> None:
    """Abandons that weren't short are those of the other four bands of waiting."""
    bands = {"5-20": 10, "20-60": 10, "60-180": 10, "180+": None}
    counts = {f"calls/abandoned-wait-{band}": n for band, n in bands.items()}
    found = cells(audit([printed("2026", counts | {"calls/abandoned-without-short": 55})]))
    assert found == {"2026/calls/abandoned-wait-180+": (9, 9, "exact", "anybody")}


def test_talks_add_up() -> None:
    """Figures that don't are none of ours."""
    talks = {f"talks/{band}": 10 for band in DURATION_BANDS}
    with pytest.raises(AuditError, match="contradict each other"):
        audit([printed("2026", talks | {"talks/all": 20, "calls/failed": None})])


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        ("calls/answered", "contacts/all", "calls/answered and contacts/all are one"),
        ("calls/answered", "substantive/all", "a conversation was answered"),
    ],
)
def test_what_calls_tell_of_records_is_used_until_they_contradict(one: str, other: str, told: str) -> None:
    """Less than 10 answered calls can't be 50 conversations; if they are printed so, that is said."""
    verdict = audit([printed("2026", {one: None, other: 50})])
    assert verdict.given_up == (f"france 2026: {told}",)


def test_a_family_that_holds_its_month_is_caught() -> None:
    """56 or more of 59 at most: whoever called in March called about that."""
    counts = {"substantive/all": 55, "reason-group/conflict": 60, "reason-group/health": None}
    found = cells(audit([printed("2026-03", counts)]))
    assert found["2026-03/reason-group/conflict"] == (56, 59, "most", "anybody")


def test_a_family_that_holds_its_year_is_no_secret() -> None:
    """Only a table of two ways singles out whoever is known to have called in a month."""
    counts = {"substantive/all": 55, "reason-group/conflict": 60}
    assert audit([printed("2026", counts)]).safe


def test_a_revision_is_counted_anew() -> None:
    """Its figures are no second look at the same numbers, whatever they say."""
    first = printed("2026", TIGHT | {"severity/1": 15})
    second = printed("2026", dict.fromkeys(TIGHT, 100) | {"substantive/all": 600}, revision=2, dated=date(2028, 3, 31))
    verdict = audit([first, second])
    assert verdict.safe
    assert not verdict.given_up


def test_a_revision_may_change_some_figures_of_a_period_and_keep_others() -> None:
    """What it leaves may have been counted anew or not: a reader can't tell, and the audit doesn't stumble."""
    released = closed_year(600)
    year = released[-1]
    names = ("offered", "answered", "health")
    changed = {cell: year.counts[cell] for cell in year.counts if cell.period != year.period and cell.category in names}
    changed = {cell: Published((figure.value or 0) + 20) for cell, figure in changed.items()}
    revised = replace(year, counts={**year.counts, **changed}, revision=2, dated=date(2027, 3, 31))
    verdict = audit([*released, revised], exactly_known(released, 600))
    assert verdict.safe
    assert verdict.checked > 150


def test_counts_that_contradict_each_other_are_told_and_nothing_else_is_given_up() -> None:
    """A year that was counted with calls its months didn't have yet, and a table that still gives a grade away."""
    months = {f"2026-Q{quarter}/substantive/all": 10 for quarter in range(1, 5)}
    verdict = audit([printed("2026", TIGHT | months | {"substantive/all": 60})])
    assert verdict.given_up == ("france 2026: substantive/all adds up over quarters",)
    assert set(cells(verdict)) == {"2026/severity/5", "2026/severity/not-graded"}


def test_a_coordinator_who_sees_the_calls_can_know_more() -> None:
    """Exactly 23 answered: 14 conversations at most leave 9 others."""
    release = printed(
        "2026",
        {
            "calls/answered": 25, "contacts/all": 25, "substantive/all": 10,
            "contact-kind/substantive": 10, "contact-kind/silent": None,
        },
    )  # fmt: skip
    assert audit([release]).safe
    known = {("france", Cell("2026", "calls", "answered")): 23}
    assert cells(audit([release], known)) == {"2026/contact-kind/silent": (9, 9, "exact", "coordinator")}


def test_what_the_calls_tell_without_any_release_is_not_the_releases_doing() -> None:
    """No call was answered, so there was no conversation."""
    release = printed("2026", {"calls/answered": None, "substantive/all": None, "reason-group/health": None})
    known = {("france", Cell("2026", "calls", "answered")): 0}
    assert audit([release], known).safe


def test_a_counter_that_moved_since_it_was_printed_is_told() -> None:
    """It isn't the count behind the figure, so it isn't used as that."""
    known = {("france", Cell("2026", "calls", "answered")): 40, ("france", Cell("2026", "calls", "failed")): 3}
    verdict = audit([printed("2026", {"calls/answered": 25, "substantive/all": None})], known)
    assert verdict.given_up == ("france 2026/calls/answered: was counted otherwise when it was printed",)


def test_nobody_knows_records_exactly() -> None:
    """A caller of the auditor who says so is wrong."""
    with pytest.raises(AuditError, match="comes from records"):
        audit([printed("2026", TIGHT)], {("france", Cell("2026", "severity", "1")): 3})


def test_the_ledger_must_make_sense() -> None:
    """Two releases of one name, a table or a measure nobody planned."""
    with pytest.raises(InputError, match="two different releases called france 2026"):
        audit([printed("2026", TIGHT), printed("2026", {"substantive/all": 10})])
    with pytest.raises(AuditError, match="the table shoe-size"):
        audit([printed("2026", {"shoe-size/42": 10})])
    with pytest.raises(AuditError, match="the measure calls-by-owls"):
        audit([printed("2026", {"calls/calls-by-owls": 10})])


def test_every_planned_table_has_its_relations() -> None:
    """The auditor reads from the plan what adds up."""
    tables = plan(default_taxonomy(), "france", language=True)
    assert {table.id: (table.exclusive, table.base) for table in tables} == {
        name: (table.exclusive, table.base) for name, table in planned().items()
    }


@pytest.fixture
def exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures that hold the true counts, to look at relations with."""

    def publish(_self: Rounder, n: int, _message: str) -> Published:
        figure = Published(None)
        object.__setattr__(figure, "value", n)
        return figure

    monkeypatch.setattr(Rounder, "_publish", publish)


@pytest.mark.usefixtures("exact")
@pytest.mark.parametrize("calls", [0, 3, 60, 600, pytest.param(1800, marks=pytest.mark.slow)])
def test_what_the_auditor_assumes_is_true_of_every_made_up_year(calls: int) -> None:
    """All relations hold when every printed count is replaced by the true one: no false one exposes or hides a cell."""
    ledger = ledger_of(closed_year(calls))
    values = {count: view.figures.counts[cell].value for view in ledger.views for cell, count in view.counts.items()}
    truth = {count: (n, n) for count, n in values.items() if n is not None}
    assert len(truth) == len(ledger.sources)
    assert Model(System(ledger.ranges | truth, ledger.relations), whole=False).least({}) is not None


@pytest.mark.parametrize("calls", [0, 250])
def test_a_made_up_year_passes_for_both_readers(calls: int) -> None:
    """Its periods and the year itself, with all counters known exactly."""
    released = closed_year(calls)
    verdict = audit(released, exactly_known(released, calls))
    assert verdict.exposed == ()
    assert verdict.given_up == ()
    assert verdict.checked > 50


@pytest.mark.slow
@pytest.mark.parametrize(("calls", "seeds"), [(250, 20), (400, 6), (1000, 3), (1800, 3), (7000, 2)])
def test_ordinary_years_pass(calls: int, seeds: int) -> None:
    """Two years of a line at its profile, for both readers; other calls and another key each time.

    Not every one does: one monthly year in 700 is refused because calls with and without short abandons, rounded apart,
    leave too few short ones. Nothing that comes from records was ever seen refused.
    """
    refused: list[Exposure] = []
    for seed in range(seeds):
        secret = hashlib.sha256(f"{seed}".encode()).digest()
        released: list[Figures] = []
        known: dict[tuple[str, Cell], int] = {}
        for year in (2025, 2026):
            closed = closed_year(calls, seed=seed, year=year, secret=secret)
            known |= exactly_known(closed, calls, seed=seed, year=year)
            released += closed
        verdict = audit(released, known)
        assert verdict.given_up == ()
        refused += verdict.exposed
    assert {exposure.cell.category for exposure in refused} <= {"abandoned-wait-0-5"}
    assert len(refused) <= 1


@pytest.mark.slow
def test_lines_and_the_report_of_all_of_them_pass() -> None:
    """A yearly, a quarterly and a monthly line; what is printed of all together is rounded for itself."""
    sizes = {"a": 250, "b": 600, "c": 1800}
    released: list[Figures] = []
    known: dict[tuple[str, Cell], int] = {}
    for line, calls in sizes.items():
        closed = closed_year(calls, line=line)
        known |= exactly_known(closed, calls, line=line)
        released += closed
    verdict = audit([*released, all_together(sizes)], known)
    assert verdict.exposed == ()
    assert verdict.given_up == ()


def test_the_verdict_does_not_depend_on_order_and_is_the_same_twice() -> None:
    """A store may answer in any order."""
    released = [*closed_year(250), printed("2027", TIGHT)]
    first = audit(released)
    random.Random(3).shuffle(released)
    assert audit(released) == first
    assert not first.safe


def test_progress_goes_up_to_the_number_of_cells() -> None:
    """Over both readers."""
    told: list[tuple[int, int]] = []
    released = closed_year(250)
    verdict = audit(released, exactly_known(released, 250), on_progress=lambda *step: told.append(step))
    assert [done for done, _ in told] == list(range(1, verdict.checked + 1))
    assert {of for _, of in told} == {verdict.checked}
