"""One browser and one furnished house for all; a house of its own for whatever changes something."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

from tests.browser.house import House, furnish, inhabited
from tests.browser.windows import Windows


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demonstration's folder, to be copied."""
    return furnish(tmp_path_factory.mktemp("furnished"))


@pytest.fixture(scope="package")
def house(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A running service that is only looked at. It ends with these tests: others listen to what is logged meanwhile."""
    with inhabited(furnished, tmp_path_factory.mktemp("house")) as found:
        yield found


@pytest.fixture
def own_house(furnished: Path, tmp_path: Path) -> Iterator[House]:
    """A running service that a test may change."""
    with inhabited(furnished, tmp_path / "house") as found:
        yield found


@pytest.fixture(scope="package")
def chromium(playwright: Playwright, chromium_path: str) -> Iterator[Browser]:
    """The browser, started once."""
    browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
    yield browser
    browser.close()


@pytest.fixture
def windows(chromium: Browser, house: House, chromium_path: str) -> Iterator[Windows]:
    """Windows in front of the house that is only looked at; at the end the browser has complained about nothing."""
    yield from _opened(Windows(chromium, house))


@pytest.fixture
def own_windows(chromium: Browser, own_house: House, chromium_path: str) -> Iterator[Windows]:
    """Windows in front of a house of their own."""
    yield from _opened(Windows(chromium, own_house))


def _opened(windows: Windows) -> Iterator[Windows]:
    yield windows
    windows.close()
    assert windows.heard == []
