import csv
import hashlib
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reports.build import report_of
from reports.document import Report
from reports.history import Earlier
from reports.render.csv import HEAD, render_csv
from reports.render.package import KEY, render_package
from reports.words import LANGUAGES
from tests.reports.made import figures, synthetic

VALIDATE = """
import json, sys, warnings
warnings.simplefilter("ignore")
import frictionless
report = frictionless.validate(sys.argv[1])
print(json.dumps({"valid": report.valid, "errors": report.flatten(["type", "fieldName"])}))
"""
"""Frictionless warns of its own dependencies: it has a process to itself."""


def described(report: Report) -> dict[str, Any]:
    """The package of a report's CSV."""
    loaded: dict[str, Any] = json.loads(render_package(report, "figures.csv", render_csv(report).encode()))
    return loaded


def resource(report: Report) -> dict[str, Any]:
    """Its only file."""
    (found,) = described(report)["resources"]
    assert isinstance(found, dict)
    return found


KINDS: Mapping[str, Callable[[], Report]] = {
    "large": lambda: synthetic(1200),
    "small": lambda: synthetic(250, demo=False),
    "empty": lambda: synthetic(0),
    "month": lambda: report_of(figures(period="2026-03")),
    "quarter": lambda: report_of(figures(period="2026-Q1", revision=2)),
    "years": lambda: report_of(
        figures(),
        years=[figures(period="2025")],
        earlier=[Earlier(2021, "offered", "all", 1543, "Rapport 2021"), Earlier(2021, "answered", "all", 0, "2021")],
    ),
}
"""One of every kind: large, small, empty, a period's, revised, with earlier years and imported ones."""


@pytest.fixture(params=KINDS)
def report(request: pytest.FixtureRequest) -> Report:
    """Each of them."""
    return KINDS[request.param]()


def allowed(field: dict[str, Any], text: str) -> bool:
    """Whether a field may hold a text, by its type and constraints."""
    limits = field["constraints"]
    if text == "":
        return "required" not in limits
    if field["type"] == "integer" and not re.fullmatch(r"\d+", text):
        return False
    return (
        ("enum" not in limits or text in limits["enum"])
        and ("pattern" not in limits or bool(re.fullmatch(limits["pattern"], text)))
        and ("minimum" not in limits or int(text) >= limits["minimum"])
    )


def test_every_row_is_what_the_schema_says(report: Report) -> None:
    """Columns in their order, each value of its type and among what is allowed, no two rows of one key."""
    schema = resource(report)["schema"]
    assert [field["name"] for field in schema["fields"]] == list(HEAD)
    rows = list(csv.DictReader(io.StringIO(render_csv(report))))
    wrong = [
        (row, field["name"]) for row in rows for field in schema["fields"] if not allowed(field, row[field["name"]])
    ]
    assert not wrong
    assert {(row["line"], row["period"], row["revision"]) for row in rows} == {
        (report.line, report.period, str(report.revision))
    }
    assert schema["primaryKey"] == list(KEY)
    assert len({tuple(row[name] for name in KEY) for row in rows}) == len(rows) > 10


def test_a_masked_value_is_missing_and_nothing_else_is(year: Report) -> None:
    """The value is an integer or missing; its status is always there."""
    schema = resource(year)["schema"]
    fields = {field["name"]: field for field in schema["fields"]}
    assert schema["missingValues"] == [""]
    assert fields["value"]["type"] == "integer"
    assert [name for name, field in fields.items() if "required" not in field["constraints"]] == ["value"]
    assert set(fields["status"]["constraints"]["enum"]) == {"rounded", "masked", "exact", "reported"}


def test_the_file_is_known_by_its_digest_and_size(year: Report) -> None:
    """So that a copy can be checked."""
    content = render_csv(year).encode()
    found = resource(year)
    assert found["hash"] == "sha256:" + hashlib.sha256(content).hexdigest()
    assert found["bytes"] == len(content)
    assert (found["path"], found["encoding"], found["dialect"]["delimiter"]) == ("figures.csv", "utf-8", ",")


def test_the_package_says_whose_figures_they_are_and_of_when(year: Report) -> None:
    """Line, period, revision, the day they were closed; licence and source, both the line's."""
    found = described(replace(year, revision=2))
    assert found["profile"] == "tabular-data-package"
    assert found["name"] == "figures-france-2026-r2"
    assert [found[key] for key in ("line", "period", "revision", "version")] == ["france", "2026", 2, "2"]
    assert found["created"] == "2027-01-05T00:00:00Z"
    assert [licence["name"] for licence in found["licenses"]] == ["other"]
    assert found["contributors"][0]["title"] == "Ligne d’essai"


def test_a_name_has_no_capitals() -> None:
    """Nor a quarter's."""
    assert described(KINDS["quarter"]())["name"] == "figures-france-2026-q1-r2"


def test_titles_are_french_and_translated_beside(year: Report) -> None:
    """Of the package and of every column."""
    found = described(year)
    assert found["title"] == "Ligne d’essai – Rapport annuel 2026"
    assert found["translations"]["de"]["title"] == "Testtelefon – Jahresbericht 2026"
    for one in (found, *resource(year)["schema"]["fields"]):
        assert set(one["translations"]) == set(LANGUAGES) - {"fr"}
        assert len({one["description"], *(each["description"] for each in one["translations"].values())}) >= 3


def test_made_up_figures_are_marked_in_the_package(year: Report) -> None:
    """Before anything else is said of them."""
    assert described(year)["description"].startswith("Tous les chiffres de ce document sont inventés")
    assert described(year)["origin"] == "demonstration data"
    real = described(replace(year, demo=False))
    assert real["description"].startswith("Chaque ligne est un chiffre")
    assert real["origin"] == "line data"


@pytest.mark.slow
def test_frictionless_validates_the_package(report: Report, tmp_path: Path) -> None:
    """As another program would: profile, types, constraints, key, size and digest."""
    assert validated(report, render_csv(report), tmp_path) == {"valid": True, "errors": []}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        (",1800,rounded,", ",1803,rounded,", "hash"),
        (",rounded,", ",guessed,", "constraint"),
        (",1800,rounded,", ",<10,rounded,", "type"),
    ],
)
def test_frictionless_finds_a_file_that_was_changed(
    year: Report, tmp_path: Path, old: str, new: str, error: str
) -> None:
    """A digit, a status that doesn't exist, a text for a number."""
    changed = render_csv(year).replace(old, new, 1)
    found = validated(year, changed, tmp_path)
    assert not found["valid"]
    assert any(error in kind for kind, _ in found["errors"])


def validated(report: Report, content: str, folder: Path) -> dict[str, Any]:
    """What frictionless says of a report's package beside a CSV."""
    (folder / "figures.csv").write_text(content, encoding="utf-8", newline="")
    package = folder / "datapackage.json"
    package.write_text(render_package(report, "figures.csv", render_csv(report).encode()), encoding="utf-8")
    command = [sys.executable, "-c", VALIDATE, package.name]
    run = subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder, timeout=50)
    found: dict[str, Any] = json.loads(run.stdout)
    return found
