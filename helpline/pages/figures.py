"""Figures for whoever pays for the line: releases, their files, and what each figure means. Nothing here is live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpline.figures import ordering, shelf
from helpline.figures.shelf import Volume
from helpline.pages.releases_public import ADDRESSES
from helpline.pages.releases_sent import PRIVATE, send_file, send_page
from helpline.pages.releases_shown import Shown, address_in, name_in, page_of, revision_in, slug, title_of
from helpline.pages.routes import COORDINATOR, FUNDER, Route
from helpline.pages.site import Site, Visit, gone
from reports.indicators import indicators
from reports.rounding import LEAST_WHOLE
from reports.words import Language, phrase

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

STATES = {
    "": "",
    "waiting": "figures-state-waiting",
    ordering.EXPOSED: "figures-state-exposed",
    ordering.FAILED: "figures-state-failed",
}
"""What an order has come to, and the text that says so."""
METHODS = ("counts", "apart", "rounding", "shares")
READERS = FUNDER | COORDINATOR


def routes(_site: Site) -> tuple[Route, ...]:
    """`/figures` and below: the list, definitions, each report and its files."""
    return (
        Route("/figures", "figures", show_figures, READERS),
        Route("/figures/definitions", "figures_definitions", show_definitions, READERS),
        Route("/figures/<line>/<period>", "figures_report", show_report, READERS),
        Route("/figures/<line>/<period>/<name>", "figures_file", send, READERS),
    )


@dataclass(frozen=True, slots=True)
class Own:
    """Addresses for whoever signed in. A replaced revision's are its own."""

    visit: Visit

    def report(self, volume: Volume) -> str:
        """The report as a page."""
        return self.visit.url("figures_report", line=slug(volume.line), period=volume.period, revision=_pinned(volume))

    def file(self, volume: Volume, name: str) -> str:
        """One of its files."""
        given = {"line": slug(volume.line), "period": volume.period, "name": name, "revision": _pinned(volume)}
        return self.visit.url("figures_file", **given)


def _pinned(volume: Volume) -> int | None:
    return volume.revision if volume.replaced else None


def shown(visit: Visit) -> Shown:
    """Shows releases to this visitor."""
    return Shown(visit.site.lines, Own(visit), visit.language)


@dataclass(frozen=True, slots=True)
class ToPublish:
    """A closed period that isn't out, as coordinators see it: `state` names the text of an order's state."""

    line: str
    title: str
    url: str
    corrects: bool
    state: str


def show_figures(visit: Visit) -> ResponseReturnValue:
    """What is out, by line and year; for coordinators, what could be."""
    with visit.site.store.read() as connection:
        volumes = shelf.volumes(connection)
        waiting = _to_publish(visit, shelf.not_out(connection), ordering.orders(connection))
    return visit.page(
        "figures.html",
        shelves=shown(visit).shelves(volumes),
        coordinator=visit.me.may(*COORDINATOR),
        waiting=waiting if visit.me.may(*COORDINATOR) else [],
        public=ADDRESSES[visit.language] if any(volume.public for volume in volumes) else "",
    )


def _to_publish(visit: Visit, closed: list[shelf.Closed], orders: list[ordering.Order]) -> list[ToPublish]:
    states = {order.address: order.why or "waiting" for order in orders}
    return [
        ToPublish(
            name_in(visit.site.lines, each.line, visit.language),
            title_of(each.period, visit.language),
            visit.url("figures_release", line=slug(each.line), period=each.period),
            each.corrects,
            STATES[states.get((each.line, each.period, each.revision), "")],
        )
        for each in sorted(closed, key=lambda each: (each.period[:4], each.line, each.period), reverse=True)
    ]


def show_report(visit: Visit, line: str, period: str) -> ResponseReturnValue:
    """A report to be read, in the visitor's language."""
    found = _find(visit, line, period)
    with visit.site.store.read() as connection:
        file = shelf.read(connection, found[:1], page_of(found[0], visit.language) or "")
    if file is None:
        gone()
    bar = visit.site.shell.text(
        "figures_bar.html",
        visit.language,
        entry=shown(visit).entry(file.volume),
        back=visit.url("figures"),
        languages=_in_languages(visit, file.volume),
    )
    return send_page(file, bar, PRIVATE)


def _in_languages(visit: Visit, volume: Volume) -> dict[str, str]:
    address = Own(visit).report(volume)
    joint = "&" if "?" in address else "?"
    return {language: f"{address}{joint}lang={language}" for language in ADDRESSES if page_of(volume, language)}


def send(visit: Visit, line: str, period: str, name: str) -> ResponseReturnValue:
    """A file of a release, as it was stored. One that several revisions have is the newest's, unless one is named."""
    found = _find(visit, line, period)
    with visit.site.store.read() as connection:
        file = shelf.read(connection, found, name)
    if file is None:
        gone()
    return send_file(file, PRIVATE)


def _find(visit: Visit, line: str, period: str) -> list[Volume]:
    address = address_in(line, period)
    if address is None:
        gone()
    with visit.site.store.read() as connection:
        found = shelf.find(connection, *address, revision_in(visit.asked("revision")))
    if not found:
        gone()
    return found


@dataclass(frozen=True, slots=True)
class Defined:
    """A figure of a report, as every report prints it."""

    name: str
    definition: str
    formula: str
    denominator: str


def show_definitions(visit: Visit) -> ResponseReturnValue:
    """How the figures are made, what is never shown, and what each figure counts."""
    language = visit.language
    return visit.page(
        "figures_definitions.html",
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
