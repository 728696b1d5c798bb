"""The yearly report of the simulated year: drawn from its frozen figures when somebody first asks for it, and kept."""

from __future__ import annotations

import base64
import hashlib
import re
import threading
from collections.abc import Mapping

from helpline.app import Service
from helpline.figures.frozen import closed, latest
from helpline.lines import Line
from reports.build import report_of
from reports.document import Report
from reports.periods import Profile, grain
from reports.render.files import names_of, render_one
from reports.words import LANGUAGES, Language

_STYLE = re.compile(rb"<style>(.*?)</style>", re.DOTALL)
MACHINES = (".csv", ".json")


class YearlyReport:
    """The first line's report of the last year that was published when somebody first asked."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._lock = threading.Lock()
        self._report: Report | None = None
        self._files: dict[str, bytes] = {}

    @property
    def line(self) -> Line:
        """The line that the simulated year is of."""
        return next(iter(self._service.lines.values()))

    @property
    def year(self) -> int:
        """The report's year; before there is one, last year in the line's local time."""
        report = self._find()
        return report.year if report else self.line.local(int(self._service.clock.now())).year - 1

    def pages(self) -> Mapping[Language, str]:
        """The pages' names."""
        pages = [name for name in self._names() if name.endswith(".html")]
        return {language: name for language in LANGUAGES for name in pages if name.endswith(f".{language}.html")}

    def figures(self) -> tuple[str, ...]:
        """The names of the files with the figures for machines."""
        return tuple(name for name in self._names() if name.startswith("figures-") and name.endswith(MACHINES))

    def file(self, name: str) -> bytes | None:
        """One file, or None if the report has no such file. The first reader of each waits a moment."""
        report = self._find()
        if report is None or name not in names_of(report):
            return None
        with self._lock:
            if name not in self._files:
                self._files[name] = render_one(report, name)
            return self._files[name]

    def _names(self) -> tuple[str, ...]:
        report = self._find()
        return names_of(report) if report else ()

    def _find(self) -> Report | None:
        with self._lock:
            if self._report is None:
                with self._service.store.read() as connection:
                    published = [each for each in closed(connection, self.line.name) if each.released_at is not None]
                years = [each.figures for each in latest(published) if grain(each.figures.period) is Profile.YEAR]
                if years:
                    self._report = report_of(years[-1], years=years[:-1])
            return self._report


def policy(page: bytes) -> str:
    """The content policy of a page that brings its own style: that style, and nothing else."""
    hashes = [base64.b64encode(hashlib.sha256(style).digest()).decode() for style in _STYLE.findall(page)]
    styles = " ".join(f"'sha256-{each}'" for each in hashes) or "'none'"
    return f"default-src 'none'; style-src {styles}; base-uri 'none'; frame-ancestors 'none'"
