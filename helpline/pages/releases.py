"""A coordinator publishes a closed period: sees what it would be, asks for it, and reads what came of that.

The audit takes seconds, so the worker makes what is asked for (`helpline.jobs.releasing`); this page shows no figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpline.errors import UsageError
from helpline.figures import ordering, preparing, shelf
from helpline.figures.ordering import Order
from helpline.figures.questions import Address, Finding
from helpline.pages.formats import Formats
from helpline.pages.releases_shown import address_in, name_in, title_of
from helpline.pages.routes import COORDINATOR, Route
from helpline.pages.site import Site, Visit, gone
from reports.build import report_of
from reports.cells import CALLS, CONTACTS, SUBSTANTIVE, TALKS
from reports.figures import Figures
from reports.indicators import indicators
from reports.periods import full_name_of
from reports.words import Language, phrase, phrasebook

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

LONG = 600
"""Seconds after which somebody had better look whether the worker runs."""


def routes(_site: Site) -> tuple[Route, ...]:
    """Below the address of a report: whoever publishes has just proved that it is them."""
    address = "/figures/<line>/<period>/release"
    return (
        Route(address, "figures_release", show, COORDINATOR, fresh=True),
        Route(address, "figures_release_order", order, COORDINATOR, "POST", fresh=True),
        Route(f"{address}/stop", "figures_release_stop", stop, COORDINATOR, "POST", fresh=True),
    )


@dataclass(frozen=True, slots=True)
class Found:
    """The newest revision of a closed period, whether it is out and for whom, and the order of it, if there is one."""

    address: Address
    figures: Figures
    out: bool
    public: bool
    order: Order | None


def show(visit: Visit, line: str, period: str) -> ResponseReturnValue:
    """What would be published, or how far that is."""
    return _page(visit, line, period, _find(visit, line, period))


def order(visit: Visit, line: str, period: str) -> ResponseReturnValue:
    """Wants it published; what is out already is shown to everybody. As it was looked at, or not at all."""
    found, public = _find(visit, line, period), visit.field("readers") == "everybody"
    if visit.field("revision") != str(found.address[2]):
        return _page(visit, line, period, found, wrong=visit.say("figures-release-changed"))
    if found.out:
        if public:
            preparing.make_public(visit.site.store, found.address)
        return visit.to("figures_release", line=line, period=period, done="done-figures-public" if public else "")
    try:
        ordering.order(visit.site.store, found.address, visit.now, public=public)
    except UsageError:
        return _page(visit, line, period, _find(visit, line, period), wrong=visit.say("figures-release-changed"))
    return visit.to("figures_release", line=line, period=period, done="done-figures-ordered")


def stop(visit: Visit, line: str, period: str) -> ResponseReturnValue:
    """Doesn't want it any more."""
    ordering.withdraw(visit.site.store, _find(visit, line, period).address)
    return visit.to("figures_release", line=line, period=period, done="done-figures-withdrawn")


def _find(visit: Visit, line: str, period: str) -> Found:
    address = address_in(line, period)
    if address is None:
        gone()
    with visit.site.store.read() as connection:
        out = {volume.address: volume for volume in shelf.find(connection, *address)}
        waiting = [each for each in shelf.not_out(connection) if (each.line, each.period) == address]
        revision = waiting[0].revision if waiting else max((number for _, _, number in out), default=0)
        whole = (*address, revision)
        if not revision:
            gone()
        orders = {each.address: each for each in ordering.orders(connection)}
        figures = shelf.figures_of(connection, whole)
    return Found(whole, figures, whole in out, whole in out and out[whole].public, orders.get(whole))


def _page(visit: Visit, line: str, period: str, found: Found, wrong: str = "") -> ResponseReturnValue:
    figures, language, asked = found.figures, visit.language, found.order
    zone = visit.site.lines[figures.line].zone if figures.line in visit.site.lines else None
    return visit.page(
        "figures_release.html",
        409 if wrong else 200,
        wrong=wrong,
        found=found,
        action={"line": line, "period": period},
        line=name_in(visit.site.lines, figures.line, language),
        title=title_of(figures.period, language),
        dated=Formats(language).date(figures.dated, year=True),
        sections=_sections(figures, language),
        time=visit.formats.clock(asked.at, zone or next(iter(visit.site.lines.values())).zone) if asked else "",
        late=bool(asked and not asked.why and visit.now - asked.at > LONG),
        cells=[_cell(visit, figures, each) for each in asked.findings] if asked else [],
    )


def _sections(figures: Figures, language: Language) -> list[tuple[str, list[str]]]:
    """What its report consists of: the title of each part, and of the tables in it."""
    report = report_of(figures)
    return [
        (section.title.to(language), [table.title.to(language) for table in section.tables])
        for section in report.sections
    ]


def _cell(visit: Visit, figures: Figures, finding: Finding) -> str:
    """A cell that could be known, by its names: never with a figure."""
    language = visit.language
    releases = ", ".join(
        f"{name_in(visit.site.lines, line, language)} {full_name_of(period).to(language)}"
        for line, period, _ in finding.releases
    )
    return visit.say(
        "figures-release-cell",
        table=f"{name_in(visit.site.lines, finding.line, language)}, {_table(finding.table, language)}",
        period=full_name_of(finding.period).to(language),
        category=_category(figures, finding, language),
        releases=releases,
    )


def _table(table: str, language: Language) -> str:
    if table in (CONTACTS, SUBSTANTIVE):
        return phrase(f"row.{table}").to(language)
    if table in (CALLS, TALKS):
        return phrase(f"table.{'access' if table == CALLS else 'duration'}.title").to(language)
    key = f"table.{table}.title"
    return phrase(key).to(language) if key in phrasebook("phrases") else table


def _category(figures: Figures, finding: Finding, language: Language) -> str:
    labels = {term.code: term.label for term in figures.lists.get(finding.table, ())}
    labels |= {code: each.name for code, each in indicators().items() if code not in labels}
    return labels[finding.category].to(language) if finding.category in labels else finding.category
