"""Page one and the annex: the sentences a journalist can quote, the key figures, how it was all counted."""

from __future__ import annotations

from reports.document import KeyFigure, Listing, Sentence, Table
from reports.model import NIGHT_END, NIGHT_START
from reports.rounding import LEAST_WHOLE, Figure, Share
from reports.sections.calls import rate
from reports.sections.contacts import given
from reports.sections.parts import Facts
from reports.words import Words, phrase

QUOTED = 3
"""How many categories a sentence names."""


def headlines(facts: Facts, reasons: Table, orientations: Table) -> tuple[Sentence, ...]:
    """Returns the summary in sentences; one whose figures are masked is left out, and if all are, it says so."""
    calls = facts.calls
    night, weekend = _share(facts, "offered-night"), _share(facts, "offered-weekend")
    found = (
        _sentence(
            phrase("headline.calls").fill(year=facts.year, offered="{offered}", answered="{answered}", rate="{rate}"),
            offered=calls.of("offered"), answered=calls.of("answered"), rate=rate(facts, "answer-rate"),
        ),
        _sentence(phrase("headline.speed"), quick=quick(facts), abandoned=rate(facts, "abandonment-rate")),
        _sentence(_hours("headline.moments", night="{night}", weekend="{weekend}"), night=night, weekend=weekend),
        _sentence(phrase("headline.talk"), mean=facts.durations.mean),
        _sentence(phrase("headline.reasons"), reasons=top(reasons)),
        _sentence(phrase("headline.orientation"), given=given(facts), kinds=top(orientations)),
    )  # fmt: skip
    return tuple(sentence for sentence in found if sentence) or (Sentence(phrase("headline.small")),)


def key_figures(facts: Facts) -> tuple[KeyFigure, ...]:
    """Returns the figures of page one, masked ones left out."""
    figures: dict[str, Figure] = {
        "offered": facts.calls.of("offered"),
        "rate": rate(facts, "answer-rate"),
        "quick": quick(facts),
        "mean": facts.durations.mean,
        "night": _share(facts, "offered-night"),
        "oriented": given(facts),
    }
    return tuple(
        KeyFigure(name, phrase(f"key.{name}"), figure) for name, figure in figures.items() if figure.value is not None
    )


def quick(facts: Facts) -> Share:
    """Returns the share of answered calls that were answered within a minute."""
    return Share(facts.calls.of("answered-within-60"), facts.calls.of("answered"))


def methods(facts: Facts) -> tuple[Sentence, ...]:
    """Returns how the figures were made, and what is not in them."""
    kinds = facts.contacts.by(lambda record: (record.contact,), _kinds(facts), all_contacts=True)
    missing: tuple[tuple[str, Figure], ...] = (
        ("not_coded", kinds["not-coded"]),
        ("unknown", facts.calls.of("unknown")),
        ("greeting", facts.calls.of("left-in-greeting")),
        ("overflow", facts.calls.of("overflow")),
    )
    return (
        Sentence(phrase("method.counts")),
        Sentence(phrase("method.apart")),
        Sentence(phrase("method.rounding")),
        Sentence(phrase("method.shares").fill(least=LEAST_WHOLE)),
        Sentence(phrase("method.not-coded"), missing),
        Sentence(phrase("method.lists").fill(taxonomy=facts.taxonomy.version)),
    )


def _kinds(facts: Facts) -> tuple[str, ...]:
    return tuple(term.code for term in facts.taxonomy.contacts)


def top(table: Table) -> Listing | None:
    """Returns the first categories of a ranked table with their printed shares, None if there are none."""
    items = [
        (row.label, share)
        for row, share in zip(table.rows, table.column("share"), strict=True)
        if row.indicator is None and not row.aside and share is not None and share.value is not None
    ]
    return Listing(tuple(items[:QUOTED])) if items else None


def _share(facts: Facts, measure: str) -> Share:
    return Share(facts.calls.of(measure), facts.calls.of("offered"))


def _hours(key: str, **places: str) -> Words:
    return phrase(key).fill(night_start=NIGHT_START, night_end=NIGHT_END, **places)


def _sentence(words: Words, **values: Figure | Listing | None) -> Sentence | None:
    given_values = tuple((name, value) for name, value in values.items() if value is not None)
    shown = [value for _, value in given_values if isinstance(value, Listing) or value.value is not None]
    return Sentence(words, given_values) if len(shown) == len(values) else None
