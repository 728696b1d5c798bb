import logging
from collections.abc import Iterator

import pytest

from tests.scenarios.conftest import make_stage, stage

__all__ = ["make_stage", "stage"]


@pytest.fixture(autouse=True)
def _everything_is_logged() -> Iterator[None]:
    """The most talkative that any library can be: what isn't said then is never said."""
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.DEBUG)
    yield
    root.setLevel(level)
