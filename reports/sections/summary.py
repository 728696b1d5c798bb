"""Page one and the annex: the sentences a journalist can quote, the key figures, how it was all counted."""

from __future__ import annotations

from reports.document import KeyFigure, Listing, Sentence, Table
from reports.figures import TOGETHER
from reports.model import NIGHT_END, NIGHT_START, NOT_CODED
from reports.plan import GIVEN
from reports.rounding import LEAST_WHOLE, Figure, Share
from reports.sections.calls import rate
from reports.sections.contacts import given
from reports.sections.parts import Facts
from reports.words import Words, phrase

QUOTED = 3
"""How many categories a sentence names."""


def headlines(facts: Facts, reasons: Table, orientations: Table | None) -> tuple[Sentence, ...]:
    """Returns the summary in sentences; one whose figures are masked is left out, and if all are, it says so.

    `orientations` are missing where the period is shorter than a year.
    """
    calls, yearly = facts.calls, orientations is not None
    night, weekend = _share(facts, "offered-night"), _share(facts, "offered-weekend")
    first = phrase("headline.calls") if yearly else phrase("headline.calls-period")
    if facts.figures.line == TOGETHER:
        first = phrase("headline.calls-together")
    found = [
        _sentence(
            first.fill(year=facts.figures.year, offered="{offered}", answered="{answered}", rate="{rate}"),
            offered=calls("offered"), answered=calls("answered"), rate=rate(facts, "answer-rate"),
        ),
        _sentence(phrase("headline.speed"), quick=quick(facts), abandoned=rate(facts, "abandonment-rate")),
        _sentence(_hours("headline.moments", night="{night}", weekend="{weekend}"), night=night, weekend=weekend),
        _sentence(phrase("headline.talk"), mean=facts.figures.mean),
        _sentence(phrase("headline.reasons"), reasons=top(reasons)),
    ]  # fmt: skip
    if orientations:
        found.append(_sentence(phrase("headline.orientation"), given=given(facts), kinds=top(orientations)))
    small = phrase("headline.small") if yearly else phrase("headline.small-period")
    return tuple(sentence for sentence in found if sentence) or (Sentence(small),)


def key_figures(facts: Facts) -> tuple[KeyFigure, ...]:
    """Returns the figures of page one, masked ones left out, each with last year's where that was printed."""
    now = _keys(facts)
    then = _keys(Facts(facts.past.figures)) if facts.past else {}
    return tuple(
        KeyFigure(name, phrase(f"key.{name}"), figure, _before(facts, then.get(name)))
        for name, figure in now.items()
        if figure.value is not None
    )


def _keys(facts: Facts) -> dict[str, Figure]:
    figures: dict[str, Figure] = {
        "offered": facts.calls("offered"),
        "rate": rate(facts, "answer-rate"),
        "quick": quick(facts),
        "mean": facts.figures.mean,
        "night": _share(facts, "offered-night"),
    }
    if facts.figures.has(GIVEN, GIVEN):
        figures["oriented"] = given(facts)
    return figures


def _before(facts: Facts, figure: Figure | None) -> Sentence | None:
    if figure is None or figure.value is None:
        return None
    words = phrase("key.before").fill(year=facts.figures.year - 1, figure="{figure}")
    return Sentence(words, (("figure", figure),))


def quick(facts: Facts) -> Share:
    """Returns the share of answered calls that were answered within a minute."""
    return Share(facts.calls("answered-within-60"), facts.calls("answered"))


def methods(facts: Facts) -> tuple[Sentence, ...]:
    """Returns how the figures were made, and what is not in them."""
    missing: list[tuple[str, Figure]] = [
        ("unknown", facts.calls("unknown")),
        ("greeting", facts.calls("left-in-greeting")),
        ("overflow", facts.calls("overflow")),
    ]
    coded = facts.figures.has("contact-kind", NOT_CODED)
    if coded:
        missing.insert(0, ("not_coded", facts.figures.count("contact-kind", NOT_CODED)))
    before = (Sentence(phrase("method.before").fill(year=facts.past.year)),) if facts.past else ()
    together = (Sentence(phrase("method.together")),) if facts.figures.line == TOGETHER else ()
    return (
        *together,
        Sentence(phrase("method.counts")),
        Sentence(phrase("method.apart")),
        Sentence(phrase("method.rounding")),
        Sentence(phrase("method.shares").fill(least=LEAST_WHOLE)),
        Sentence(phrase("method.not-coded" if coded else "method.not-counted"), tuple(missing)),
        *before,
        Sentence(phrase("method.lists").fill(taxonomy=facts.figures.taxonomy)),
    )


def top(table: Table) -> Listing | None:
    """Returns the first categories of a ranked table with their printed shares, None if there are none."""
    items = [
        (row.label, share)
        for row, share in zip(table.rows, table.column("share"), strict=True)
        if row.indicator is None and not row.aside and share is not None and share.value is not None
    ]
    return Listing(tuple(items[:QUOTED])) if items else None


def _share(facts: Facts, measure: str) -> Share:
    return Share(facts.calls(measure), facts.calls("offered"))


def _hours(key: str, **places: str) -> Words:
    return phrase(key).fill(night_start=NIGHT_START, night_end=NIGHT_END, **places)


def _sentence(words: Words, **values: Figure | Listing | None) -> Sentence | None:
    given_values = tuple((name, value) for name, value in values.items() if value is not None)
    shown = [value for _, value in given_values if isinstance(value, Listing) or value.value is not None]
    return Sentence(words, given_values) if len(shown) == len(values) else None
