import inspect
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from helpline.accounts.model import ROLES, Role
from helpline.pages import bounded
from tests.browser.house import House, furnish, settled
from tests.browser.walking import walk
from tests.conftest import THOROUGH
from tests.pages.crawling import Vandal, read_names

WHO: tuple[Role | None, ...] = (*ROLES, None)
ROUNDS = 12 if THOROUGH else 1
TEXTS = st.lists(st.text(max_size=40), min_size=8, max_size=8)
SEEDS = st.integers(0, 2**32)
# What one round leaves behind the next one meets: an example can't be repeated alone, so it isn't made smaller either.
rounds = settings(
    max_examples=ROUNDS, phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck), database=None
)


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demonstration's folder, to be copied."""
    return furnish(tmp_path_factory.mktemp("crawled"))


@pytest.fixture
def house(furnished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A service of the test's own, with a demonstration's data, and all the time that a busy machine takes."""
    monkeypatch.setattr(bounded, "PAGE_SECONDS", 60.0)
    with settled(furnished, tmp_path / "house") as found:
        yield found


@pytest.mark.timeout(300)
@pytest.mark.parametrize("role", WHO)
def test_no_route_breaks_whatever_it_is_sent(house: House, role: Role | None) -> None:
    """Numbers that are none, dates that never were, nothing, too much: an answer in words each time, never a 500."""
    routes = house.service.routes
    sources = {route.view.__module__: inspect.getsource(sys.modules[route.view.__module__]) for route in routes}
    names = dict(read_names(routes, sources))

    @rounds
    @given(SEEDS, TEXTS)
    def crawl(seed: int, texts: list[str]) -> None:
        vandal = Vandal(house, role, random.Random(seed), texts)
        vandal.blindly(routes, names)
        assert vandal.faults == []

    crawl()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("role", WHO)
def test_no_form_breaks_whatever_is_typed(house: House, role: Role | None) -> None:
    """Every form of every page, as it is and with fields that are wrong, doubled or missing: never a 500.

    And none that changes something forgets the token that tells it from another site's.
    """

    @rounds
    @given(SEEDS, TEXTS)
    def crawl(seed: int, texts: list[str]) -> None:
        vandal = Vandal(house, role, random.Random(seed), texts)
        vandal.spoil([*walk(house, role).kinds.values()])
        assert vandal.faults == []

    crawl()
