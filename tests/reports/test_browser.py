from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from reports.build import report_of
from reports.document import Report
from reports.history import Earlier
from reports.render.html import render_html
from reports.words import LANGUAGES
from tests.reports.made import moved, synthetic_figures

EARLIER = (Earlier(2020, "offered", "all", 910, "Rapport d'activité de l'association, 2020, pages 4 à 12"),)


@pytest.fixture(scope="module")
def years() -> Report:
    """A year beside six earlier ones."""
    before = tuple(moved(synthetic_figures(1650, seed=7), number) for number in range(2021, 2026))
    return report_of(synthetic_figures(), years=before, earlier=EARLIER)


@pytest.mark.parametrize("name", ["year", "years"])
@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_scrolls_sideways(
    name: str, request: pytest.FixtureRequest, playwright: Playwright, chromium_path: str, tmp_path: Path, width: int
) -> None:
    """On a telephone and on a desk, in every language; a wide table scrolls in its own frame."""
    report = request.getfixturevalue(name)
    browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
    page = browser.new_page(viewport={"width": width, "height": 900})
    for language in LANGUAGES:
        file = tmp_path / f"{language}.html"
        file.write_text(render_html(report, language), encoding="utf-8")
        page.goto(file.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") == width
    browser.close()
