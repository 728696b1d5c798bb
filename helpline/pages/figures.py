"""Figures for whoever pays for the line: releases, and beside them what each figure means. Nothing here is live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpline.pages.routes import COORDINATOR, FUNDER, Route
from helpline.pages.site import Site, Visit
from reports.indicators import indicators
from reports.rounding import LEAST_WHOLE
from reports.words import Language, phrase

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

METHODS = ("counts", "apart", "rounding", "shares")


def routes(_site: Site) -> tuple[Route, ...]:
    """`/figures`."""
    return (Route("/figures", "figures", show_figures, FUNDER | COORDINATOR),)


@dataclass(frozen=True, slots=True)
class Defined:
    """A figure of a report, as every report prints it."""

    name: str
    definition: str
    formula: str
    denominator: str


def show_figures(visit: Visit) -> ResponseReturnValue:
    """That there is no release yet, how the figures of one are made, and what each of them counts."""
    language = visit.language
    return visit.page(
        "figures.html",
        methods=[phrase(f"method.{key}").fill(least=LEAST_WHOLE).to(language) for key in METHODS],
        legend=phrase("page.legend").to(language),
        title=phrase("page.definitions-title").to(language),
        formula=phrase("page.formula").to(language),
        denominator=phrase("page.denominator").to(language),
        defined=definitions(language),
    )


def definitions(language: Language) -> list[Defined]:
    """Every figure that a report may hold, in the order of its annex."""
    return [
        Defined(
            each.name.to(language),
            each.definition.to(language),
            each.formula.to(language),
            each.denominator.to(language),
        )
        for each in indicators().values()
    ]
