"""Why, who and what followed: everything that comes from records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from babel import Locale

from reports.document import Column, Row, Section, Sentence, Table
from reports.indicators import indicators
from reports.model import NOT_CODED, SUPPORT, Record
from reports.periods import LOCALES, Profile, name_of, periods_of, within
from reports.rounding import Figure, Share
from reports.sections.parts import ALL, Facts, category_table, counted, table
from reports.tables import is_substantive
from reports.taxonomy import Term, codes
from reports.words import LANGUAGES, Words, phrase

SUBSTANTIVE, SUPPORT_SHORT = "substantive", "support-short"
NOT_GRADED, NOT_KEPT, GIVEN = "not-graded", "not-kept", "orientation-given"


def contacts_section(facts: Facts) -> Section:
    """Returns what kind of contact the answered calls were."""
    return Section("contacts", phrase("section.contacts"), (Sentence(phrase("intro.contacts")),), (_kinds(facts),))


def reasons_section(facts: Facts) -> Section:
    """Returns main reasons, all reasons, and families of reasons by the year and by its periods."""
    tables = [
        category_table("main-reason", facts, facts.taxonomy.reasons, lambda record: (main_reason(record),)),
        category_table("all-reasons", facts, facts.taxonomy.reasons, lambda record: record.reasons or (NOT_CODED,)),
        _families(facts),
    ]
    if facts.profile is not Profile.YEAR:
        tables.append(_families_by_period(facts))
    return _section("reasons", facts, tables)


def callers_section(facts: Facts) -> Section:
    """Returns who calls, as they say themselves."""
    lists = facts.taxonomy
    tables = [
        category_table("caller", facts, lists.callers, lambda record: (record.caller,)),
        category_table("status", facts, lists.statuses, lambda record: (record.status,)),
        category_table("speciality", facts, lists.specialities, lambda record: (record.speciality,)),
    ]
    if territories := lists.territories.get(facts.line):
        tables.append(category_table("territory", facts, territories, lambda record: (record.territory,)))
    if facts.contacts.keep_language():
        tables.append(category_table("language", facts, _languages(), lambda record: (record.language or NOT_KEPT,)))
    return _section("callers", facts, tables)


def outcomes_section(facts: Facts) -> Section:
    """Returns orientations and severity."""
    return _section("outcomes", facts, [_orientations(facts), _severity(facts)])


def main_reason(record: Record) -> str:
    """Returns the first reason, or `not-coded`."""
    return record.reasons[0] if record.reasons else NOT_CODED


def _section(name: str, facts: Facts, tables: list[Table]) -> Section:
    intro = Sentence(phrase(f"intro.{name}"), (("base", facts.base),))
    return Section(name, phrase(f"section.{name}"), (intro,), tuple(tables))


def _kind(record: Record) -> str:
    if record.contact != SUPPORT:
        return record.contact
    return SUBSTANTIVE if is_substantive(record) else SUPPORT_SHORT


def _kinds(facts: Facts) -> Table:
    others = tuple(term for term in facts.taxonomy.contacts if term.code != SUPPORT)
    support = tuple(Term(name, phrase(f"row.{name}")) for name in (SUBSTANTIVE, SUPPORT_SHORT))
    terms = (*support, *others)
    counts = facts.contacts.by(lambda record: (_kind(record),), codes(terms), all_contacts=True)
    total = facts.contacts.count(all_contacts=True)
    rows = [Row(term.code, term.label, counted(counts[term.code], total)) for term in terms]
    totals = (Row("total", phrase("row.contacts"), counted(total, total)),)
    defines = ("contact-kind", "substantive", NOT_CODED)
    return table("contact-kind", facts.year, rows, totals=totals, chart="bars", defines=defines)


def _group_of(facts: Facts) -> Mapping[str, str]:
    return {term.code: term.group or "" for term in facts.taxonomy.reasons}


def _families(facts: Facts) -> Table:
    group_of = _group_of(facts)
    return category_table(
        "reason-group", facts, facts.taxonomy.groups, lambda record: (_family(record, group_of),), chart="ribbon"
    )


def _family(record: Record, group_of: Mapping[str, str]) -> str:
    reason = main_reason(record)
    return group_of.get(reason, reason)


def _families_by_period(facts: Facts) -> Table:
    group_of, groups = _group_of(facts), facts.taxonomy.groups
    every = periods_of(facts.year, facts.profile)
    cells = [(period, group) for period in (*every, ALL) for group in (ALL, *codes(groups))]

    def codes_of(record: Record) -> list[str]:
        family = _family(record, group_of)
        periods = (within(record.period, facts.profile), ALL)
        return [f"{period} {group}" for period in periods for group in (ALL, family)]

    counts = facts.contacts.by(codes_of, [f"{period} {group}" for period, group in cells])

    def row(code: str, label: Words, period: str) -> Row:
        return Row(code, label, tuple(counts[f"{period} {group}"] for group in (ALL, *codes(groups))), "reason-group")

    rows = [row(period, name_of(period), period) for period in facts.periods()]
    columns = (Column(ALL, indicators()["substantive"].name), *(Column(group.code, group.label) for group in groups))
    totals = (row("total", phrase("row.year"), ALL),)
    name, defines = "reason-group-periods", ("reason-group",)
    made = table(name, facts.year, rows, columns=(), totals=totals, chart="multiples", defines=defines)
    return replace(made, columns=columns)


def _languages() -> tuple[Term, ...]:
    terms = []
    for code in LANGUAGES:
        names = {language: str(Locale.parse(LOCALES[language]).languages[code]) for language in LANGUAGES}
        terms.append(Term(code, Words(**{key: name[0].upper() + name[1:] for key, name in names.items()})))
    return (*terms, Term(NOT_KEPT, phrase(f"row.{NOT_KEPT}")))


def _orientations(facts: Facts) -> Table:
    kinds = category_table("orientation", facts, facts.taxonomy.orientations, lambda record: record.orientations)
    share = given(facts)
    cells: tuple[Figure, ...] = (share.part, share)
    first = Row(ALL, indicators()[GIVEN].name, cells, GIVEN)
    both = (indicators()[GIVEN], indicators()["orientation"])
    return replace(kinds, rows=(first, *(replace(row, inner=True) for row in kinds.rows)), indicators=both)


def given(facts: Facts) -> Share:
    """Returns the share of conversations with at least one orientation."""
    counts = facts.contacts.by(lambda record: (GIVEN,) if record.orientations else (), (GIVEN,))
    return Share(counts[GIVEN], facts.base)


def _severity(facts: Facts) -> Table:
    terms = (*facts.taxonomy.severities, Term(NOT_GRADED, phrase(f"row.{NOT_GRADED}")))
    return category_table(
        "severity", facts, terms,
        lambda record: (str(record.severity) if record.severity else NOT_GRADED,),
        chart="scale", ranked=False,
    )  # fmt: skip
