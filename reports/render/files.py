"""All files of a release: made one by one or together, always the same bytes under the versions the manifest names."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping

import babel
import pikepdf
import typst
import xlsxwriter
from babel.core import get_cldr_version

from reports.document import Report
from reports.errors import InputError
from reports.render.csv import render_csv
from reports.render.html import render_html
from reports.render.json import render_json
from reports.render.media import media_type as media_type  # noqa: PLC0414 - to be had from here, too
from reports.render.naming import stem
from reports.render.package import render_package
from reports.render.pdf import render_pdf
from reports.render.xlsx import render_xlsx
from reports.words import LANGUAGES, Language

PACKAGE, MANIFEST = "datapackage.json", "MANIFEST.json"
DOCUMENTS = ("html", "pdf", "xlsx")
"""One in each language."""


def names_of(report: Report) -> tuple[str, ...]:
    """Returns the names of a release's files but the manifest's: documents by language, and what programs read."""
    name = stem(report)
    documents = [f"rapport-{name}.{language}.{end}" for end in DOCUMENTS for language in LANGUAGES]
    return (*documents, _csv(report), f"figures-{name}.json", PACKAGE)


def render_one(report: Report, name: str) -> bytes:
    """Returns one of the files `names_of` names. InputError for another; ReportError where a page can't be set."""
    if name not in names_of(report):
        raise InputError(f"a release has no file {name!r}; its files are {', '.join(names_of(report))}")
    if name == PACKAGE:
        return render_package(report, _csv(report), render_one(report, _csv(report))).encode()
    if name == _csv(report):
        return render_csv(report).encode()
    end = name.rpartition(".")[2]
    if end not in DOCUMENTS:
        return render_json(report).encode()
    language = next(each for each in LANGUAGES if name.endswith(f".{each}.{end}"))
    return _document(report, end, language)


def _document(report: Report, end: str, language: Language) -> bytes:
    if end == "html":
        return render_html(report, language).encode()
    return render_pdf(report, language) if end == "pdf" else render_xlsx(report, language)


def _csv(report: Report) -> str:
    return f"figures-{stem(report)}.csv"


def render_all(report: Report, *, made_with: Mapping[str, str], frozen: str) -> dict[str, bytes]:
    """Returns file name -> bytes of the whole release, its manifest included. Always the same bytes.

    `made_with` names the versions that only the caller knows, helpline's and Python's; `frozen` is the digest of the
    figures it is drawn from.
    """
    files = {name: render_one(report, name) for name in names_of(report)}
    return files | {MANIFEST: manifest(report, files, made_with=made_with, frozen=frozen)}


def manifest(report: Report, files: Mapping[str, bytes], *, made_with: Mapping[str, str], frozen: str) -> bytes:
    """Returns the manifest of files that were made one by one: what each must be, and under which versions."""
    whole = {
        "line": report.line,
        "period": report.period,
        "revision": report.revision,
        "dated": report.dated.isoformat(),
        "demo": report.demo,
        "figures_sha256": frozen,
        "made_with": dict(sorted((versions() | dict(made_with)).items())),
        "files": {
            name: {"bytes": len(files[name]), "sha256": hashlib.sha256(files[name]).hexdigest()}
            for name in sorted(files)
        },
    }
    return (json.dumps(whole, ensure_ascii=False, indent=2) + "\n").encode()


def versions() -> dict[str, str]:
    """Returns the version of everything outside this package that decides the bytes of a file, by name."""
    return {
        "babel": babel.__version__,
        "cldr": get_cldr_version(),
        "pikepdf": pikepdf.__version__,
        "qpdf": pikepdf.__libqpdf_version__,
        "typst": typst.__version__,  # type: ignore[attr-defined]  # it has one, which its stub forgets
        "xlsxwriter": xlsxwriter.__version__,
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
    }
