import csv
import io
import re
from unittest.mock import patch

import pytest
from sqlalchemy import select

from helpline.figures.frozen import closed
from helpline.store.tables import CallRecord
from reports.build import report_of
from reports.render.files import render_one
from reports.words import LANGUAGES, Language
from tests.demo.conftest import Demo

STEM = "france-2025"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_simulated_year_can_be_read(demo: Demo, language: Language) -> None:
    """Last year's report in each language, marked as demonstration data, with a style of its own and no script."""
    answer = demo.browser.get(f"/demo/report/rapport-{STEM}.{language}.html")
    assert answer.status_code == 200
    assert answer.content_type == "text/html; charset=utf-8"
    assert f'<html lang="{language}">' in answer.text
    assert "2025" in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]{44}'; base-uri 'none'; frame-ancestors 'none'", policy
    )
    assert not re.search(r"<script|style=", answer.text)


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_the_figures_can_be_had_for_machines(demo: Demo, kind: str) -> None:
    """The same figures as CSV and JSON."""
    answer = demo.browser.get(f"/demo/report/figures-{STEM}.{kind}")
    assert answer.status_code == 200
    assert kind in answer.content_type
    assert answer.data


def test_the_report_is_built_once(demo: Demo) -> None:
    """The first reader of a page waits for it; the others get what is there."""
    with (
        patch("helpline.demo.yearly.report_of", wraps=report_of) as build,
        patch("helpline.demo.yearly.render_one", wraps=render_one) as draw,
    ):
        for language in LANGUAGES * 2:
            demo.browser.get(f"/demo/report/rapport-{STEM}.{language}.html")
    assert (build.call_count, draw.call_count) == (1, len(LANGUAGES))


SHARES = {"burnout": 26, "orientation": 12, "hierarchy-conflict": 11, "working-conditions": 7, "health": 7}
"""Of the SPS's first year, in percent."""


def test_the_shares_are_those_of_a_real_line(demo: Demo) -> None:
    """Within what rounding to 5 may do to a share, in what programs read; last year stands beside."""
    lines = csv.DictReader(io.StringIO(demo.browser.get(f"/demo/report/figures-{STEM}.csv").data.decode("utf-8-sig")))
    rows = [row for row in lines if row["indicator"] == "main-reason" and row["measure"] == "share"]
    found = {row["category"]: int(row["value"]) for row in rows if row["category"] in SHARES}
    assert found.keys() == SHARES.keys()
    assert all(abs(found[reason] - share) <= 1 for reason, share in SHARES.items())


def test_two_years_are_out_and_this_one_is_closed_as_it_goes(demo: Demo) -> None:
    """The years before are published with their months; of this one its months are closed, and only closed."""
    with demo.store.read() as connection:
        ledger = closed(connection, "france")
    out = {each.figures.period for each in ledger if each.released_at is not None}
    months = {f"{year}-{month:02}" for year in (2024, 2025) for month in range(1, 13)}
    assert out == {"2024", "2025"} | months
    assert [each.figures.period for each in ledger if each.released_at is None] == ["2026-01", "2026-02"]
    assert {each.figures.year for each in ledger if each.final} == {2024}
    with demo.store.read() as connection:
        kept = connection.scalars(select(CallRecord.period).distinct()).all()
    assert {period[:4] for period in kept} == {"2025", "2026"}


@pytest.mark.parametrize(
    "name", ["rapport-france-2024.fr.html", "rapport-belgium-2025.fr.html", "config.toml", "..%2Fconfig.toml", "x"]
)
def test_there_is_no_other_file(demo: Demo, name: str) -> None:
    """Only the files of this one report have an address."""
    assert demo.browser.get(f"/demo/report/{name}").status_code == 404
