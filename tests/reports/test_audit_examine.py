"""The solver part: systems written by hand, and small random ones against every possibility tried in turn."""

from itertools import product

import highspy
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reports.audit.examine import Examined, Finding, Question, examine, why
from reports.audit.system import Range, Relation, System, Trust, Variable, adds_up, at_most, parts
from reports.errors import AuditError

Truths = list[dict[Variable, int]]


def exposed(system: System, *variables: str) -> dict[Variable, tuple[int, int, str]]:
    """What is exposed of these variables, with range and reason."""
    found = examine(system, [Question(one) for one in variables]).findings
    return {one.question.variable: (one.low, one.high, one.why) for one in found}


def truths(system: System) -> Truths:
    """Every point of a small system."""
    names = list(system.ranges)
    spans = [range(low, (high or 0) + 1) for low, high in system.ranges.values()]
    points = (dict(zip(names, values, strict=True)) for values in product(*spans))
    return [point for point in points if system.holds(point)]


@st.composite
def systems(draw: st.DrawFn) -> System:
    """Up to four small numbers with up to three relations of any kind."""
    names = "abcd"[: draw(st.integers(1, 4))]
    ranges: dict[Variable, Range] = {}
    for name in names:
        low = draw(st.integers(0, 8))
        ranges[name] = (low, low + draw(st.integers(0, 6)))
    relations = []
    for _ in range(draw(st.integers(0, 3))):
        terms: dict[Variable, int] = draw(
            st.dictionaries(st.sampled_from(names), st.integers(-3, 3).filter(bool), min_size=1)
        )
        low = draw(st.integers(-12, 12))
        relations.append(Relation(terms, low, low + draw(st.integers(0, 4)), "drawn", Trust.ACROSS))
    return System(ranges, relations)


SEEN_UNKNOWN = System(
    {"a": (0, 1), "b": (0, 2), "c": (0, 1)}, [Relation({"a": -2, "b": 1, "c": 3}, 0, 1, "drawn", Trust.ACROSS)]
)
"""The solver came to no end with it."""


@given(systems())
@example(SEEN_UNKNOWN)
def test_exactly_what_all_possibilities_agree_on_is_exposed(system: System) -> None:
    """Neither more nor less, in whole numbers, and the range that is told holds every possibility."""
    possible = truths(system)
    names = list(system.ranges)
    examined = examine(system, [Question(name) for name in names])
    found = {one.question.variable: one for one in examined.findings}
    if possible:
        assert not examined.given_up
        values = {name: [point[name] for point in possible] for name in names}
        assert set(found) == {name for name in names if why(min(values[name]), max(values[name]))}
        assert all(found[name].low <= min(values[name]) <= max(values[name]) <= found[name].high for name in found)
    else:
        assert examined.given_up


@given(systems())
def test_a_row_is_held_when_every_possibility_says_so(system: System) -> None:
    """Nine tenths or more in each of them, and a row that is always empty isn't held by anybody."""
    possible, names = truths(system), list(system.ranges)
    if len(names) < 2 or not possible:
        return
    found = examine(system, [Question(names[0], names[1])]).findings
    held = all(10 * point[names[0]] >= 9 * point[names[1]] for point in possible)
    assert bool(found) == (held and any(point[names[1]] for point in possible))


def test_fifteen_is_ten_and_three_and_two_hidden_ones() -> None:
    """Cells of 1 to 4 are hidden, the total is not: both are 1."""
    ranges: dict[Variable, Range] = {
        "all": (15, 15),
        "ten": (10, 10),
        "three": (3, 3),
        "x": (1, 4),
        "y": (1, 4),
    }
    system = System(ranges, [adds_up("all", ["ten", "three", "x", "y"], "total")])
    assert exposed(system, "x", "y") == {"x": (1, 1, "exact"), "y": (1, 1, "exact")}


def test_a_lone_hidden_cell_is_its_total_without_the_others() -> None:
    """However wide the range it was hidden behind."""
    system = System({"all": (25, 25), "a": (18, 18), "x": (0, 9)}, [adds_up("all", ["a", "x"], "total")])
    assert exposed(system, "x") == {"x": (7, 7, "exact")}


def test_two_hidden_cells_keep_each_other() -> None:
    """As long as their sum can be had in many ways."""
    system = System(
        {"all": (25, 25), "a": (18, 18), "x": (0, 9), "y": (0, 9)}, [adds_up("all", ["a", "x", "y"], "total")]
    )
    assert exposed(system, "x", "y") == {}


def test_naive_suppression_of_a_two_way_table_is_undone() -> None:
    """Every cell under 5 hidden, all margins printed: rows and columns together give the cells away."""
    table = ((3, 20, 12), (11, 2, 30), (14, 25, 4))
    ranges: dict[Variable, Range] = {}
    relations = []
    for row, col in product(range(3), repeat=2):
        n = table[row][col]
        ranges[row, col] = (n, n) if n >= 5 else (1, 4)
    for line in range(3):
        across, down = [(line, one) for one in range(3)], [(one, line) for one in range(3)]
        for name, cells in (("row", across), ("column", down)):
            total = sum(table[row][col] for row, col in cells)
            ranges[name, line] = (total, total)
            relations.append(adds_up((name, line), cells, name))
    hidden = [(0, 0), (1, 1), (2, 2)]
    found = examine(System(ranges, relations), [Question(cell) for cell in hidden]).findings
    assert [(one.low, one.high) for one in found] == [(3, 3), (2, 2), (4, 4)]


def test_the_year_to_date_without_last_months_is_this_month() -> None:
    """Releases that hide what is small, one after another."""
    ranges: dict[Variable, Range] = {"to March": (41, 41), "to April": (44, 44), "April": (0, 9)}
    system = System(ranges, [adds_up("to April", ["to March", "April"], "year to date")])
    assert exposed(system, "April") == {"April": (3, 3, "exact")}


def test_all_without_all_but_one_is_that_one() -> None:
    """A table of everybody but those who called about one thing."""
    ranges: dict[Variable, Range] = {"all": (200, 204), "all but": (199, 200), "one": (0, 9)}
    system = System(ranges, [adds_up("all", ["all but", "one"], "all but one"), at_most(["one"], ["all"], "part")])
    assert exposed(system, "one") == {}
    system = System({**ranges, "all": (202, 203)}, system.relations)
    assert exposed(system, "one") == {"one": (2, 4, "few")}


def test_what_only_whole_numbers_give_away_is_found() -> None:
    """Between whole numbers there would be room: x could be 2.5 to 4.5, and is 3 or 4 at most; then only 3 is odd."""
    ranges: dict[Variable, Range] = {"x": (0, 9), "k": (0, 9)}
    relations = [Relation({"x": 2, "k": -4}, 6, 6, "x is odd"), Relation({"x": 2}, 5, 9, "about three")]
    assert set(exposed(System(ranges, relations), "x")) == {"x"}
    relations = [Relation({"x": 3, "k": -5}, 1, 1, "x is 2 or 7"), Relation({"x": 1}, 0, 6, "not 7")]
    assert exposed(System(ranges, relations), "x") == {"x": (2, 2, "exact")}


def test_contradictions_are_given_up_least_sure_first_and_told() -> None:
    """What is defined stays, and still gives the cell away."""
    ranges: dict[Variable, Range] = {"all": (25, 25), "a": (18, 18), "x": (0, 9), "y": (8, 9)}
    relations = [adds_up("all", ["a", "x"], "total"), adds_up("x", ["y"], "x is y", Trust.ASSUMED)]
    found = examine(System(ranges, relations), [Question("x")])
    assert found.given_up == ("x is y",)
    assert [(one.low, one.high) for one in found.findings] == [(7, 7)]


def test_definitions_that_contradict_each_other_stop_the_audit() -> None:
    """Such figures were never printed by this software: nothing is safe."""
    system = System({"all": (25, 26), "a": (10, 11), "x": (0, 9)}, [adds_up("all", ["a", "x"], "total")])
    with pytest.raises(AuditError, match=r"contradict each other: total\. Restore"):
        examine(system, [Question("x")])


def test_an_exact_number_that_everybody_knows_ties_nothing_together() -> None:
    """Two tables of one known total are solved apart."""
    ranges: dict[Variable, Range] = dict.fromkeys("abcd", (0, 9))
    system = System({**ranges, "n": (9, 9)}, [adds_up("n", "ab", "one"), adds_up("n", "cd", "two")])
    assert [set(part.ranges) for part in parts(system, [("a",), ("c",)])] == [{"a", "b", "n"}, {"c", "d", "n"}]
    assert [len(part.relations) for part in parts(system, [("a",)])] == [1]


def test_a_relation_of_something_without_a_range_is_refused() -> None:
    """A name written wrong would loosen the system unseen."""
    with pytest.raises(KeyError):
        System({"a": (0, 9)}, [adds_up("a", ["b"], "wrong")])


@pytest.mark.parametrize("status", ["kNotset", "kTimeLimit", "kUnknown", "kSolveError", "kUnboundedOrInfeasible"])
def test_a_solver_that_says_neither_best_nor_impossible_stops_the_audit(
    status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model that failed in silence leaves zeros, which look like an answer."""
    monkeypatch.setattr(highspy.Highs, "getModelStatus", lambda _: getattr(highspy.HighsModelStatus, status))
    with pytest.raises(AuditError, match="release nothing"):
        examine(System({"x": (0, 9)}, []), [Question("x")])


def test_a_solver_that_does_nothing_stops_the_audit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its status is what it was before the first solve."""
    monkeypatch.setattr(highspy.Highs, "run", lambda _: highspy.HighsStatus.kOk)
    with pytest.raises(AuditError):
        examine(System({"x": (0, 9)}, []), [Question("x")])


def test_a_wrong_answer_of_the_solver_never_makes_a_cell_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its points are checked: one that breaks a relation shows nothing, and the whole model may not give one."""
    system = System({"all": (25, 25), "a": (18, 18), "x": (0, 9)}, [adds_up("all", ["a", "x"], "total")])

    class Wrong:
        col_value = (25.0, 18.0, 0.0)

    monkeypatch.setattr(highspy.Highs, "getSolution", lambda _: Wrong)
    with pytest.raises(AuditError, match="breaks the figures"):
        examine(system, [Question("x")])


def test_progress_reaches_the_number_of_questions() -> None:
    """One step for each."""
    told: list[tuple[int, int]] = []
    examine(System(dict.fromkeys("abc", (0, 9)), []), [Question(one) for one in "abc"], lambda *step: told.append(step))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_nothing_asked_is_nothing_found() -> None:
    """An empty ledger is safe."""
    assert examine(System({}, []), []) == Examined((), ())


def test_a_number_that_may_be_anything_is_safe() -> None:
    """And one that was never hidden in the first place is reported as it is."""
    assert exposed(System({"x": (0, 9), "y": (4, 4)}, []), "x", "y") == {"y": (4, 4, "exact")}
    finding = examine(System({"y": (4, 4)}, []), [Question("y")]).findings
    assert finding == (Finding(Question("y"), 4, 4, "exact"),)
