"""What a program needs to read the CSV by itself: a tabular data package.

Source: Data Package, Tabular Data Resource and Table Schema, version 1 (specs.frictionlessdata.io). They know one
language of titles and descriptions, which is French here; `translations` beside them, which they allow, has the others.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, get_args

from reports.document import Report, entries
from reports.render.csv import DEMO, HEAD, REAL, origin
from reports.render.naming import stem, title
from reports.render.wording import words
from reports.rounding import Status, Unit
from reports.words import LANGUAGES, Language, Words, phrase

ORIGINAL: Language = "fr"
PERIOD = r"\d{4}(-Q[1-4]|-(0[1-9]|1[0-2]))?"
KEY = ("line", "period", "revision", "section", "indicator", "category", "measure")
"""One figure of one release: files of several may be put under one another."""
OPTIONAL = {"value"}
Descriptor = dict[str, Any]


def render_package(report: Report, path: str, content: bytes) -> str:
    """Returns `datapackage.json` for the CSV `content`, which lies beside it in the file `path`."""
    name = f"figures-{stem(report)}".lower()
    titles = Words(**{each: f"{words(report.line_name, each)} – {title(report, each)}" for each in LANGUAGES})
    whole: Descriptor = {
        "profile": "tabular-data-package",
        "name": name,
        **_said(title=titles, description=_described(report)),
        "version": str(report.revision),
        "created": f"{report.dated.isoformat()}T00:00:00Z",
        "line": report.line,
        "period": report.period,
        "revision": report.revision,
        "time_zone": report.zone,
        "taxonomy": report.taxonomy,
        "origin": origin(report),
        "licenses": [{"name": "other", **_said(title=phrase("package.licence"))}],
        "sources": [_said(title=phrase("package.source"))],
        "contributors": [{"role": "publisher", **_said(title=report.line_name)}],
        "resources": [_resource(report, name, path, content)],
    }
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def _described(report: Report) -> Words:
    description = phrase("package.description")
    if not report.demo:
        return description
    notice = phrase("page.demo-note")
    return Words(**{each: f"{notice.to(each)} {description.to(each)}" for each in LANGUAGES})


def _said(**texts: Words) -> Descriptor:
    """Returns properties in French, and the same in the other languages under `translations`."""
    others = {each: {name: words(text, each) for name, text in texts.items()} for each in LANGUAGES if each != ORIGINAL}
    return {**{name: words(text, ORIGINAL) for name, text in texts.items()}, "translations": others}


def _resource(report: Report, name: str, path: str, content: bytes) -> Descriptor:
    return {
        "profile": "tabular-data-resource",
        "name": name,
        "path": path,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "dialect": {
            "delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "doubleQuote": True,
            "skipInitialSpace": False, "header": True, "caseSensitiveHeader": True,
        },
        "schema": {
            "fields": [_field(report, column) for column in HEAD],
            "missingValues": [""],
            "primaryKey": list(KEY),
        },
    }  # fmt: skip


def _field(report: Report, column: str) -> Descriptor:
    kind = "integer" if column in {"year", "revision", "value"} else "string"
    key = "label" if column.startswith("label_") else column
    constraints = {} if column in OPTIONAL else {"required": True}
    return {
        "name": column,
        "type": kind,
        **_said(description=phrase(f"package.field.{key}")),
        "constraints": constraints | _allowed(report, column),
    }


def _allowed(report: Report, column: str) -> Descriptor:
    """Returns which values a column may have."""
    listed = {
        "section": tuple(dict.fromkeys(entry.section for entry in entries(report))),
        "unit": get_args(Unit),
        "status": get_args(Status),
        "origin": (REAL, DEMO),
    }
    if column in listed:
        return {"enum": list(listed[column])}
    bounds: Descriptor = {"period": {"pattern": PERIOD}, "value": {"minimum": 0}, "revision": {"minimum": 1}}
    return dict(bounds.get(column, {}))
