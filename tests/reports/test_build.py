import dataclasses
import random
from collections.abc import Iterator

import pytest

from helpline.demo.year import synthetic_year
from reports.closing import Line
from reports.document import Listing, Report, entries
from reports.errors import InputError, SecretError
from reports.model import Coverage
from reports.periods import Profile
from reports.rounding import Hours, HoursShare, Minutes, Published, Remainder, Reported, Share
from reports.words import same
from tests.reports.made import YEAR, entry, hourly, made, record, synthetic, value
from tests.reports.made import figures as made_figures


def figures(value: object) -> Iterator[object]:
    """Every figure in a document, and every plain number outside one."""
    if isinstance(value, (Published, Share, Minutes, Hours, HoursShare, Reported, int, float)):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from figures(part)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from figures(getattr(value, field.name))


def made_of(count: Published | Remainder) -> set[Published]:
    """The rounded counts that a count is worked out from: itself, or the two that it is the difference of."""
    return {count.whole, count.part} if isinstance(count, Remainder) else {count}


def rows(report: Report, table: str) -> list[str]:
    """The codes of a table's rows, in order."""
    return [row.code for section in report.sections for one in section.tables if one.id == table for row in one.rows]


def tables(report: Report) -> list[str]:
    """The tables, in order."""
    return [table.id for section in report.sections for table in section.tables]


def test_a_document_holds_no_number_but_published_ones(year: Report) -> None:
    """Besides figures there is only the number of the revision, and yes-or-no."""
    plain = {one for one in figures(year) if isinstance(one, (int, float)) and not isinstance(one, bool)}
    assert plain == {year.revision}


def test_every_share_is_made_of_figures_that_are_printed(year: Report) -> None:
    """A share of something nobody can see couldn't be checked."""
    printed = {one for one in figures(year) if isinstance(one, Published)}
    shares = [one for one in figures(year) if isinstance(one, Share)]
    assert all(made_of(each) <= printed for one in shares for each in (one.part, one.whole))


def test_the_made_up_year_has_the_shares_of_a_carers_line(year: Report) -> None:
    """Burnout 26, orientation 12, hierarchy 11, working conditions 7, health 7 %, to a point."""
    expected = {"burnout": 26, "orientation": 12, "hierarchy-conflict": 11, "working-conditions": 7, "health": 7}
    for reason, percent in expected.items():
        assert abs((value(year, "main-reason", reason, "share") or 0) - percent) <= 1
    assert value(year, "night-share", measure="share") == 30
    assert value(year, "orientation-given", measure="share") == 69
    assert value(year, "mean-talk-time") == 29


def test_the_address_of_a_figure_is_its_own(year: Report) -> None:
    """Section, indicator, category and measure name one figure."""
    addresses = [(one.section, one.indicator, one.category, one.measure) for one in entries(year)]
    assert len(set(addresses)) == len(addresses)


def test_the_order_of_what_is_given_does_not_matter() -> None:
    """A store may answer in any order."""
    records, hours, months = synthetic_year(YEAR, "france", 600, 3)
    first = made(records, hours, months)
    for rows_of in (records, hours, months):
        random.Random(5).shuffle(rows_of)
    assert made(records, hours, months) == first


def test_the_same_conversations_are_the_same_figure_wherever_they_stand(year: Report) -> None:
    """The base of every table of conversations is one number."""
    bases = {
        one.figure.value
        for one in entries(year)
        if one.category == "total" and one.measure == "count" and one.section in {"reasons", "callers", "outcomes"}
    }
    assert bases == {value(year, "contact-kind", "substantive")}


def test_a_year_without_calls_makes_a_report_that_says_so() -> None:
    """Everything is masked, nothing is divided by zero, and the summary has one honest sentence."""
    empty = made()
    assert all(one.figure.value is None for one in entries(empty))
    assert [line.words.en for line in empty.headlines] == [
        "The year has too few calls for sentences with figures that could expose nobody."
    ]
    assert empty.key_figures == ()


@pytest.mark.parametrize(("calls", "profile"), [(250, Profile.YEAR), (600, Profile.QUARTER), (1800, Profile.MONTH)])
def test_the_size_of_a_line_decides_how_finely_it_is_shown(calls: int, profile: Profile) -> None:
    """A small line has no table by period at all."""
    report = synthetic(calls)
    assert report.profile is profile
    assert ("periods" in tables(report)) == ("reason-group-periods" in tables(report)) == (profile is not Profile.YEAR)


def test_records_coded_by_quarter_are_not_shown_by_month() -> None:
    """Even where the calls would allow it, what was never kept can't be printed."""
    records, hours, months = synthetic_year(YEAR, "france", 600, 1)
    assert made(records, hours, months, profile=Profile.MONTH).profile is Profile.QUARTER


def test_a_fixed_profile_is_kept() -> None:
    """A line's profile is fixed for its year, whatever the year brings."""
    records, hours, months = synthetic_year(YEAR, "france", 1800, 1)
    assert rows(made(records, hours, months, profile=Profile.QUARTER), "periods") == [
        f"2026-Q{quarter}" for quarter in range(1, 5)
    ]


def test_only_conversations_are_the_base_of_shares() -> None:
    """Silent, brief and test calls are contacts of their own, with reasons or without."""
    records = [
        *(record() for _ in range(60)),
        *(record(substantive=False) for _ in range(20)),
        *(record(contact="silent", substantive=True, reasons=()) for _ in range(20)),
    ]
    report = made(records)
    assert value(report, "main-reason", "total") == value(report, "contact-kind", "substantive") == 60
    assert value(report, "contact-kind", "support-short") == 20
    assert value(report, "contact-kind", "silent") == 20
    assert value(report, "contact-kind", "total") == 100


def test_a_conversation_without_a_reason_is_not_coded() -> None:
    """Main reasons sum to all conversations."""
    report = made([*(record(reasons=()) for _ in range(20)), *(record() for _ in range(30))])
    assert value(report, "main-reason", "not-coded") == 20
    assert value(report, "all-reasons", "not-coded") == 20


def test_a_wrap_up_nobody_did_is_a_contact_that_is_not_coded() -> None:
    """It is printed, and in no base."""
    report = made(record(contact="not-coded", substantive=False, reasons=()) for _ in range(20))
    assert value(report, "contact-kind", "not-coded") == 20
    assert value(report, "main-reason", "total") is None


def test_the_first_reason_is_the_main_one_and_all_are_counted() -> None:
    """Second and third reasons count among all reasons only."""
    report = made(record(reasons=("health", "burnout", "family")) for _ in range(50))
    assert [value(report, "main-reason", reason) for reason in ("health", "burnout", "family")] == [50, None, None]
    assert [value(report, "all-reasons", reason) for reason in ("health", "burnout", "family")] == [50, 50, 50]


def test_orientation_given_counts_conversations_and_kinds_count_each() -> None:
    """Two orientations in one conversation are one conversation with an orientation."""
    report = made([*(record(orientations=("gp", "psychologist")) for _ in range(60)), *(record() for _ in range(40))])
    assert value(report, "orientation-given", measure="share") == 60
    assert [value(report, "orientation", kind) for kind in ("gp", "psychologist", "legal-aid")] == [60, 60, None]


def test_severity_that_was_not_judged_is_printed() -> None:
    """It stays in the base."""
    report = made([*(record(severity=None) for _ in range(20)), *(record(severity=5) for _ in range(30))])
    assert value(report, "severity", "not-graded") == 20
    assert value(report, "severity", "5", "share") == 60


def test_ranked_tables_put_the_largest_first_and_the_rest_last() -> None:
    """By printed numbers: masked ones keep the list's order, and "other" and "not coded" close the table."""
    report = made([*(record(reasons=("family",)) for _ in range(40)), *(record(reasons=("other",)) for _ in range(90))])
    found = rows(report, "main-reason")
    assert found[:3] == ["family", "burnout", "orientation"]
    assert found[-2:] == ["other", "not-coded"]


def test_language_is_a_table_only_where_it_was_kept() -> None:
    """On a line that keeps none, nothing is said about it."""
    assert "language" not in tables(made([record()]))
    kept = made([*(record(language="nl") for _ in range(60)), *(record() for _ in range(40))])
    assert value(kept, "language", "nl", "share") == 60
    assert value(kept, "language", "not-kept") == 40


def test_rates_follow_their_formulas() -> None:
    """The fixture of the methods: 800 answered, of them 500 in time, 40 short and 60 long abandons, 100 others."""
    hours = [
        hourly("answered", 500, wait="5-20"),
        hourly("answered", 300, wait="20-60"),
        hourly("abandoned", 40, wait="0-5"),
        hourly("abandoned", 20, wait="5-20"),
        hourly("abandoned", 40, wait="60-180"),
        hourly("unanswered", 80),
        hourly("unknown", 20),
        hourly("left_in_greeting", 500),
    ]
    report = made(hours=hours)
    expected = {
        "answer-rate": (800, 1000, 80),
        "abandonment-rate": (100, 1000, 10),
        "abandonment-rate-without-short": (60, 960, 6),
        "service-level-20": (500, 840, 60),
        "service-level-60": (800, 840, 95),
    }
    for name, numbers in expected.items():
        assert tuple(value(report, name, measure=measure) for measure in ("part", "whole", "rate")) == numbers


def test_coverage_is_printed_where_the_rota_is_known() -> None:
    """To a tenth of a percent, and never rounded up to all."""
    assert "coverage" not in tables(made())
    report = made(coverage=Coverage(8759, 8760))
    assert value(report, "coverage", "hours-covered", "hours") == 8759
    assert value(report, "coverage", "hours-covered", "share") == 99


def test_the_leading_reasons_of_the_summary_are_those_of_the_table(year: Report) -> None:
    """Three of them, with the shares the table prints."""
    (listing,) = [item for line in year.headlines for name, item in line.values if name == "reasons"]
    assert isinstance(listing, Listing)
    assert [(label.en, share.value) for label, share in listing.items] == [
        ("Burnout", 26),
        ("Asking where to turn", 12),
        ("Conflict with superiors", 11),
    ]


def test_every_indicator_that_a_table_prints_is_in_the_annex(year: Report) -> None:
    """Each once, in one order."""
    listed = [indicator.id for indicator in year.indicators]
    assert len(set(listed)) == len(listed)
    assert {one.indicator for one in entries(year)} <= set(listed) | {"language"}


def test_a_code_outside_the_lists_is_refused() -> None:
    """Rather than counted nowhere."""
    for fields in ({"reasons": ("boredom",)}, {"caller": "nurse"}, {"territory": "atlantis"}, {"orientations": ("x",)}):
        with pytest.raises(InputError, match="which the taxonomy lacks"):
            made([record(**fields)])


def test_wrong_arguments_are_refused() -> None:
    """Each with what is wrong."""
    with pytest.raises(InputError, match="lower-case"):
        Line("../etc", same("x"), "Europe/Paris")
    with pytest.raises(InputError, match="time zone"):
        Line("france", same("x"), "Europe/Atlantis")
    with pytest.raises(InputError, match="not a period"):
        made_figures(period="2026-13")
    with pytest.raises(SecretError):
        made(secret=b"")


def test_another_secret_prints_other_figures(year: Report) -> None:
    """What is printed depends on the secret, and stays within five of it."""
    records, hours, months = synthetic_year(YEAR, "france", 1800, 1)
    other = made(records, hours, months, secret=b"another secret, as long as needed")
    pairs = [
        (one.figure.value, entry(other, one.indicator, one.category, one.measure).figure.value)
        for one in entries(year)
        if one.measure == "count" and isinstance(one.figure, Published) and one.indicator != "coverage"
    ]
    assert any(one != two for one, two in pairs)
    assert all(abs(one - two) <= 5 for one, two in pairs if one and two)
