from reports.indicators import COUNTED, RATES, SHORT_ABANDONS, indicators, measures
from reports.model import APART, OUTCOMES, WAIT_BANDS


def test_no_two_measures_count_the_same_calls() -> None:
    """One selection has one id, or the same calls could be printed as two figures."""
    selections = [(measure.cells, measure.when) for measure in measures().values()]
    assert len(set(selections)) == len(selections)


def test_every_offered_call_is_in_one_outcome() -> None:
    """Offered is every outcome but those for which nobody was sought, unknown ones included."""
    parts = [measures()[name.replace("_", "-")].cells for name in OUTCOMES if name not in APART]
    assert frozenset().union(*parts) == measures()["offered"].cells
    assert sum(map(len, parts)) == len(measures()["offered"].cells)


def test_an_outcome_is_the_sum_of_its_waits() -> None:
    """The wait bands of answered and of abandoned calls leave nothing out."""
    for outcome in ("answered", "abandoned"):
        bands = [measures()[f"{outcome}-wait-{band}"].cells for band in WAIT_BANDS]
        assert frozenset().union(*bands) == measures()[outcome].cells


def test_short_abandons_are_taken_out_on_both_sides() -> None:
    """Out of the abandoned calls and out of the offered ones."""
    short = measures()[SHORT_ABANDONS].cells
    assert measures()["abandoned-without-short"].cells == measures()["abandoned"].cells - short
    assert measures()["offered-without-short"].cells == measures()["offered"].cells - short


def test_a_service_level_leaves_out_who_gave_up_before_its_time() -> None:
    """Answered within T, of all answered and those who gave up after T."""
    base = measures()["service-base-20"].cells
    assert ("abandoned", "5-20") not in base
    assert ("abandoned", "20-60") in base
    assert measures()["answered-within-20"].cells == {("answered", "0-5"), ("answered", "5-20")}
    assert measures()["answered"].cells < base


def test_every_figure_that_is_counted_or_divided_is_an_indicator() -> None:
    """Nothing is printed that isn't defined."""
    assert {*COUNTED, *RATES} <= set(indicators())


def test_a_part_is_inside_its_whole() -> None:
    """No rate can exceed 100 % but by rounding."""
    assert all(measures()[part].cells <= measures()[whole].cells for part, whole in RATES.values())
