from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from reports.document import Report
from reports.render.html import render_html
from reports.words import LANGUAGES


@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_scrolls_sideways(
    year: Report, playwright: Playwright, chromium_path: str, tmp_path: Path, width: int
) -> None:
    """On a telephone and on a desk, in every language; a wide table scrolls in its own frame."""
    browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
    page = browser.new_page(viewport={"width": width, "height": 900})
    for language in LANGUAGES:
        file = tmp_path / f"{language}.html"
        file.write_text(render_html(year, language), encoding="utf-8")
        page.goto(file.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") == width
    browser.close()
