"""Why, who and what followed: everything that comes from records."""

from __future__ import annotations

from dataclasses import replace

from reports.cells import ALL, CONTACTS, SUBSTANTIVE
from reports.comparing import Past
from reports.document import BEFORE, Column, Row, Section, Sentence, Table
from reports.indicators import indicators
from reports.model import NOT_CODED
from reports.periods import name_of
from reports.plan import GIVEN, SAID
from reports.rounding import Figure, Share
from reports.sections.parts import Facts, beside, category_table, counted, table
from reports.words import Words, phrase


def contacts_section(facts: Facts) -> Section:
    """Returns what kind of contact the answered calls were."""
    return Section("contacts", phrase("section.contacts"), (Sentence(phrase("intro.contacts")),), (_kinds(facts),))


def reasons_section(facts: Facts) -> Section:
    """Returns main reasons, all reasons, and families of reasons by the year and by its periods.

    Of a period inside the year there are families only.
    """
    tables = [category_table(name, facts) for name in ("main-reason", "all-reasons") if name in facts.figures.lists]
    tables.append(category_table("reason-group", facts, chart="ribbon"))
    if facts.figures.periods():
        tables.append(_families_by_period(facts))
    return _section("reasons", facts, tables)


def callers_section(facts: Facts) -> Section:
    """Returns who calls, as they say themselves."""
    names = (*SAID, "territory", "language")
    return _section("callers", facts, [category_table(name, facts) for name in names if name in facts.figures.lists])


def outcomes_section(facts: Facts) -> Section:
    """Returns orientations and severity."""
    severity = category_table("severity", facts, chart="scale", ranked=False)
    return _section("outcomes", facts, [_orientations(facts), severity])


def given(facts: Facts) -> Share:
    """Returns the share of conversations with at least one orientation."""
    return Share(facts.figures.count(GIVEN, GIVEN), facts.base)


def given_then(past: Past) -> Share | None:
    """Returns the same of an earlier year."""
    given, base = past.of(GIVEN, GIVEN), past.of(SUBSTANTIVE)
    return Share(given, base) if given and base else None


def _section(name: str, facts: Facts, tables: list[Table]) -> Section:
    intro = Sentence(phrase(f"intro.{name}"), (("base", facts.base),))
    return Section(name, phrase(f"section.{name}"), (intro,), tuple(tables))


def _kinds(facts: Facts) -> Table:
    total, name = facts.figures.count(CONTACTS), "contact-kind"

    def cells(code: str) -> tuple[Figure | None, ...]:
        then = facts.then(lambda past: past.share(name, code))
        return counted(facts.figures.count(name, code), total) + then

    rows = [Row(term.code, term.label, cells(term.code)) for term in facts.figures.lists[name]]
    whole = facts.then(lambda past: past.part(CONTACTS, ALL, ALL))
    totals = (Row("total", phrase("row.contacts"), counted(total, total) + whole),)
    defines = (name, SUBSTANTIVE, NOT_CODED)
    return beside(table(name, facts, rows, totals=totals, chart="bars", defines=defines), facts)


def _families_by_period(facts: Facts) -> Table:
    groups = facts.figures.lists["reason-group"]

    def row(code: str, label: Words, period: str | None) -> Row:
        first = facts.figures.count(SUBSTANTIVE, period=period)
        families = (facts.figures.count("reason-group", group.code, period) for group in groups)
        return Row(code, label, (first, *families), "reason-group")

    rows = [row(period, name_of(period), period) for period in facts.figures.periods()]
    columns = (Column(ALL, indicators()[SUBSTANTIVE].name), *(Column(group.code, group.label) for group in groups))
    totals = (row("total", phrase("row.year"), None),)
    name, defines = "reason-group-periods", ("reason-group",)
    made = table(name, facts, rows, columns=(), totals=totals, chart="multiples", defines=defines)
    return replace(made, columns=columns)


def _orientations(facts: Facts) -> Table:
    kinds = category_table("orientation", facts)
    share = given(facts)
    cells: tuple[Figure | None, ...] = (share.part, share)
    if kinds.columns[-1].id == BEFORE:
        cells += facts.then(given_then)
    first = Row(ALL, indicators()[GIVEN].name, cells, GIVEN)
    both = (indicators()[GIVEN], indicators()["orientation"])
    return replace(kinds, rows=(first, *(replace(row, inner=True) for row in kinds.rows)), indicators=both)
