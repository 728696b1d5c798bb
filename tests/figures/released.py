"""Closed and published periods for tests: made-up years, frozen, and put out with files that are quickly drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType

from helpline.figures import frozen
from helpline.figures.preparing import Published, prepare, put
from helpline.figures.questions import Made
from helpline.lines import Line
from helpline.store.sessions import Store
from reports.build import report_of
from reports.cells import Cell
from reports.figures import TOGETHER, Figures
from reports.render.files import MANIFEST, manifest, names_of, render_one
from reports.words import Words
from tests.reports.made import synthetic_figures

TOLD = "the fingerprint"
"""Of a secret that nobody has."""


@cache
def _made(calls: int) -> Figures:
    return synthetic_figures(calls, demo=False)


def year_of(year: int, line: str = "france", revision: int = 1, calls: int = 1800) -> Figures:
    """A made-up year, the same one whatever it is called."""
    figures = _made(calls)
    counts = {
        Cell(f"{year}{cell.period[4:]}", cell.table, cell.category): count for cell, count in figures.counts.items()
    }
    name = Words("Ensemble", "Samen", "Zusammen", "Together") if line == TOGETHER else figures.name
    return replace(figures, line=line, period=str(year), revision=revision, name=name, counts=MappingProxyType(counts))


def close(store: Store, *closed: Figures) -> None:
    """Freezes them, as if their periods had been closed."""
    with store.durable() as tx:
        for figures in closed:
            frozen.keep(tx, figures, TOLD)


def drawn(figures: Figures, *, pages: bool = False) -> dict[str, bytes]:
    """The files of its release by their names; with `pages` the pages as they are, else next to nothing in them."""
    report = report_of(figures)
    files = {}
    for name in names_of(report):
        if pages and name.endswith(".html"):
            files[name] = render_one(report, name)
        elif name.endswith(".html"):
            language = name.split(".")[-2]
            files[name] = f'<html lang="{language}"><style>p {{}}</style>\n<body>\n<p>{name}</p></body>'.encode()
        else:
            files[name] = f'{{"name": "{name}", "revision": {figures.revision}}}'.encode()
    return files | {MANIFEST: manifest(report, files, made_with={}, frozen=figures.digest())}


def put_out(
    store: Store, lines: Mapping[str, Line], figures: Figures, now: int, *, public: bool = False, pages: bool = False
) -> Published:
    """Closes a period and publishes it, unaudited."""
    close(store, figures)
    prepared = prepare(store, lines, figures.line, figures.period, now)
    done = put(store, prepared, Made(files=drawn(figures, pages=pages)), now, public=public)
    assert done is not None
    return done
