"""The yearly report of the simulated year: built when somebody first asks for it, and kept."""

from __future__ import annotations

import base64
import hashlib
import re
import threading
from collections.abc import Mapping

from helpline.app import Service
from helpline.figures.yearly import build_report
from helpline.lines import Line
from reports.render.files import render_all
from reports.words import LANGUAGES, Language

KINDS = {
    "html": "text/html; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}
_STYLE = re.compile(rb"<style>(.*?)</style>", re.DOTALL)


class YearlyReport:
    """The first line's report of last year."""

    def __init__(self, service: Service, secret: bytes) -> None:
        self._service = service
        self._secret = secret
        self._lock = threading.Lock()
        self._files: Mapping[str, bytes] = {}

    @property
    def line(self) -> Line:
        """The line that the simulated year is of."""
        return next(iter(self._service.lines.values()))

    @property
    def year(self) -> int:
        """Last year, in the line's local time."""
        return self.line.local(int(self._service.clock.now())).year - 1

    def page(self, language: Language) -> str:
        """The name of the page in this language."""
        return f"rapport-{self.line.name}-{self.year}.{language}.html"

    def pages(self) -> dict[Language, str]:
        """The pages' names."""
        return {language: self.page(language) for language in LANGUAGES}

    def figures(self) -> tuple[str, ...]:
        """The names of the files for machines."""
        return tuple(f"figures-{self.line.name}-{self.year}.{kind}" for kind in ("csv", "json"))

    def file(self, name: str) -> bytes | None:
        """One file, or None if the report has no such file. The first one takes a second."""
        if name not in {*self.pages().values(), *self.figures()}:
            return None
        with self._lock:
            if name not in self._files:
                self._files = self._build()
            return self._files[name]

    def _build(self) -> Mapping[str, bytes]:
        service = self._service
        now, demo = int(service.clock.now()), service.settings.service.demo
        report = build_report(service.store, self.line, self.year, service.taxonomy, self._secret, now, demo=demo)
        return render_all(report)


def policy(page: bytes) -> str:
    """The content policy of a page that brings its own style: that style, and nothing else."""
    hashes = [base64.b64encode(hashlib.sha256(style).digest()).decode() for style in _STYLE.findall(page)]
    styles = " ".join(f"'sha256-{each}'" for each in hashes) or "'none'"
    return f"default-src 'none'; style-src {styles}; base-uri 'none'; frame-ancestors 'none'"
