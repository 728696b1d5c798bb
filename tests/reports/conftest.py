"""One made-up year for all tests that only read it."""

import pytest

from reports.document import Report
from tests.reports.made import synthetic


@pytest.fixture(scope="session")
def year() -> Report:
    """The report of 1,800 made-up calls."""
    return synthetic()
