import re
from unittest.mock import patch

import pytest

from helpline.figures.yearly import build_report
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
    """The first reader waits a second for it; the others get what is there."""
    with patch("helpline.demo.yearly.build_report", wraps=build_report) as build:
        for language in LANGUAGES:
            demo.browser.get(f"/demo/report/rapport-{STEM}.{language}.html")
    assert build.call_count == 1


@pytest.mark.parametrize(
    "name", ["rapport-france-2024.fr.html", "rapport-belgium-2025.fr.html", "config.toml", "..%2Fconfig.toml", "x"]
)
def test_there_is_no_other_file(demo: Demo, name: str) -> None:
    """Only the files of this one report have an address."""
    assert demo.browser.get(f"/demo/report/{name}").status_code == 404
