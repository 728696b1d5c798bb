"""The attacker at work: on tables that others publish, where it succeeds, and on everything this helpline releases."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import pytest

from helpline.demo.year import synthetic_year
from reports.audit.verdict import audit
from reports.build import report_of
from reports.cells import CALLS, Cell
from reports.closing import groups_of
from reports.figures import Figures
from reports.model import Group
from reports.periods import Profile, periods_of
from reports.render.csv import render_csv
from reports.rounding import Published, Rounder
from reports.taxonomy import default_taxonomy
from tests.attacker.arithmetic import ContradictionError, Sums
from tests.attacker.attack import Loot, quick, thorough
from tests.attacker.reading import Name, read, understood
from tests.reports.made import SECRET, YEAR
from tests.reports.years import closed_year

FAMILIES = {term.code: term.group or term.code for term in default_taxonomy().reasons}
"""The public list."""
YEARS = (2024, 2025, 2026)


def files(released: Iterable[Figures]) -> list[str]:
    """What is published of these figures for programs."""
    return [render_csv(report_of(figures)) for figures in released]


def naive(year: int = 2026, threshold: int = 5) -> tuple[Sums[Name], dict[Name, int]]:
    """What a line publishes that hides cells under a threshold: reasons and the year to date, month by month.

    Totals are printed, and so is what isn't small. Returns that, and what was hidden.
    """
    records = [record for record in synthetic_year(year, "france", 1200, 1)[0] if record.substantive]
    truth: Counter[Name] = Counter()
    reasons = sorted({record.reasons[0] for record in records})
    for record in records:
        for period in (record.period, *(f"to {later}" for later in _months(year) if later >= record.period)):
            for what in (record.reasons[0], "all"):
                truth["france", period, what] += 1
    sums: Sums[Name] = Sums()
    hidden: dict[Name, int] = {}
    for period in (*_months(year), *(f"to {month}" for month in _months(year))):
        for what in (*reasons, "all"):
            n = truth["france", period, what]
            small = 0 < n < threshold
            sums.quantity(("france", period, what), *((1, threshold - 1) if small else (n, n)))
            if small:
                hidden["france", period, what] = n
        sums.equal(("france", period, "all"), [("france", period, what) for what in reasons])
    for place, month in enumerate(_months(year)):
        for what in (*reasons, "all"):
            until = [("france", f"to {before}", what) for before in _months(year)[place - 1 : place] if place]
            sums.equal(("france", f"to {month}", what), [*until, ("france", month, what)])
    return sums, hidden


def _months(year: int) -> list[str]:
    return [f"{year}-{month:02}" for month in range(1, 13)]


def test_naive_suppression_is_undone() -> None:
    """Most of what was hidden under a threshold is told exactly, and truly, by totals and the year to date."""
    sums, hidden = naive()
    loot = quick(sums, hidden)
    exact = {cell: low for cell, (low, high) in loot.told.items() if low == high}
    assert len(hidden) > 100
    assert len(exact) > len(hidden) / 2
    assert all(hidden[cell] == n for cell, n in exact.items())


def test_fifteen_is_ten_and_three_and_two_hidden_ones() -> None:
    """Each of them is 1."""
    sums: Sums[str] = Sums()
    for name, low, high in (("all", 15, 15), ("ten", 10, 10), ("three", 3, 3), ("x", 1, 4), ("y", 1, 4)):
        sums.quantity(name, low, high)
    sums.equal("all", ("ten", "three", "x", "y"))
    assert quick(sums, "xy").told == {"x": (1, 1), "y": (1, 1)}


def test_all_but_one_is_undone() -> None:
    """Everybody, and everybody but those who called about one thing, both exact."""
    sums: Sums[str] = Sums()
    for name, low, high in (("all", 103, 103), ("all but", 100, 100), ("one", 0, 9)):
        sums.quantity(name, low, high)
    sums.equal("all", ("all but", "one"))
    assert quick(sums, ["one"]).told == {"one": (3, 3)}


def test_what_cannot_be_is_noticed() -> None:
    """Numbers that contradict each other are no knowledge."""
    sums: Sums[str] = Sums()
    sums.quantity("all", 30, 40)
    sums.quantity("part", 0, 9)
    sums.equal("all", ["part"])
    with pytest.raises(ContradictionError):
        quick(sums, ["part"])


def test_cases_are_tried_where_one_sum_at_a_time_says_nothing() -> None:
    """Two sums that only together leave one way: x + y is 4 or more, x - y is 0, so x is 2, 3 or 4."""
    sums: Sums[str] = Sums()
    sums.quantity("x", 0, 4)
    sums.quantity("y", 0, 4)
    sums.between(4, {"x": 1, "y": 1}, 8)
    sums.between(0, {"x": 1, "y": -1}, 0)
    sums.narrow()
    assert sums.range("x") == (0, 4)
    assert quick(sums, ["x"]).told == {"x": (2, 4)}


def test_every_number_of_calls_in_the_files_is_read() -> None:
    """Each once: what a file prints twice, it prints alike."""
    (year,) = closed_year(250)
    names = [one.name for one in read(render_csv(report_of(year)))]
    told = {cell for cell in year.counts if cell.table != "calls"}
    assert len({name for name in names if "/" in name[2]}) > len(told) - 10
    assert ("france", "2026", "offered") in names


@pytest.mark.parametrize("calls", [250, pytest.param(600, marks=pytest.mark.slow)])
def test_a_year_of_releases_gives_nothing_away(calls: int) -> None:
    """No cell exactly below 10, none certainly 1 to 4; and for every one that isn't told there are two worlds."""
    sums = understood(files(closed_year(calls)), FAMILIES)
    assert thorough(sums, tuple(sums.place)) == Loot({}, ())


@pytest.mark.slow
@pytest.mark.parametrize("calls", [250, 400, 1000, 1800, 7000])
def test_three_years_of_releases_give_nothing_away(calls: int) -> None:
    """All of them at once, months and years."""
    texts = files(figures for year in YEARS for figures in closed_year(calls, year=year))
    sums = understood(texts, FAMILIES)
    assert len(sums.place) > 3 * 100
    assert thorough(sums, tuple(sums.place)) == Loot({}, ())


@pytest.mark.parametrize("calls", [600, pytest.param(1800, marks=pytest.mark.slow)])
def test_differences_of_what_is_released_give_nothing_away(calls: int) -> None:
    """Neither the year to date, nor that without last month's, nor everybody but those who called about one thing."""
    sums = understood(files(closed_year(calls)), FAMILIES)
    before = dict(sums.place)
    periods = sorted({period for _, period, _ in before if len(period) > 4})
    for what in sorted({what for _, period, what in before if period == periods[0]}):
        for place, period in enumerate(periods):
            name = ("france", f"to {period}", what)
            sums.quantity(name)
            sums.equal(name, [("france", one, what) for one in periods[: place + 1]])
    for line, period, what in before:
        if what.startswith("reason-group/"):
            sums.quantity((line, period, f"all but {what}"))
            sums.equal((line, period, "conversations"), [(line, period, what), (line, period, f"all but {what}")])
    assert len(sums.place) > len(before) + 50
    assert quick(sums, tuple(sums.place)).told == {}


@pytest.mark.slow
def test_even_tables_that_are_never_released_would_give_nothing_away() -> None:
    """Families for the year to date, and everybody but those of one family, rounded by the same key as all the rest."""
    records = [record for record in synthetic_year(YEAR, "france", 1800, 1)[0] if record.substantive]
    months = periods_of(YEAR, Profile.MONTH)
    codes = sorted(set(FAMILIES.values()))

    def cells_of(group: Group) -> list[Name]:
        mine = FAMILIES[group.codes[0]]
        others = [f"all but {code}" for code in codes if code != mine]
        later = [f"to {month}" for month in months if month >= group.period]
        return [
            ("france", period, what) for period in (group.period, *later) for what in (f"reason-group/{mine}", *others)
        ]

    parts: dict[Name, dict[Name, int]] = {}
    for code in codes:
        for place, month in enumerate(months):
            family = ("france", month, f"reason-group/{code}")
            parts["france", month, f"all but {code}"] = {("france", month, "conversations"): 1, family: -1}
            until = [("france", one, f"reason-group/{code}") for one in months[: place + 1]]
            parts["france", f"to {month}", f"reason-group/{code}"] = dict.fromkeys(until, 1)
            until = [("france", one, f"all but {code}") for one in months[: place + 1]]
            parts["france", f"to {month}", f"all but {code}"] = dict.fromkeys(until, 1)
    names = [*parts, *(("france", month, f"reason-group/{code}") for month in months for code in codes)]
    tables = Rounder(SECRET, "france").tabulate(groups_of(records)["reasons"], cells_of, names)
    more = [(name, tables[name].value, parts[name]) for name in parts]
    sums = understood(files(closed_year(1800)), FAMILIES, more)
    assert quick(sums, tuple(sums.place)).told == {}


def test_the_attacker_and_the_auditor_find_the_same() -> None:
    """A month whose calls with and without short abandons, rounded apart, leave 2 or 3 short ones."""
    month = closed_year(1000)[-2]
    calls = {
        "offered": 85, "answered": 70, "abandoned": 20, "abandoned-wait-0-5": None, "unanswered": None, "failed": None,
        "unknown": None, "abandoned-without-short": 10, "offered-without-short": 90, "service-base-20": 80,
        "service-base-60": 75, "answered-within-20": 40, "answered-within-60": 65,
    }  # fmt: skip
    leaking = {Cell(month.period, CALLS, measure): Published(value) for measure, value in calls.items()}
    month = replace(month, counts={**month.counts, **leaking})

    def name(what: str) -> Name:
        return "france", month.period, what

    apart = {whole: f"{whole}-without-short" for whole in ("abandoned", "offered")}
    more = [(name(rest), calls[rest], {name(whole): 1, name("abandoned-short"): -1}) for whole, rest in apart.items()]
    sums = understood(files([month]), FAMILIES, more)
    assert quick(sums, tuple(sums.place)).told == {name("abandoned-short"): (2, 3)}
    (exposure,) = audit([month]).exposed
    assert (exposure.cell.category, exposure.low, exposure.high) == ("abandoned-wait-0-5", 2, 3)
