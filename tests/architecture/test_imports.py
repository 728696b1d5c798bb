"""The direction of imports inside helpline. Between the packages, import-linter holds it: see pyproject.toml."""

import pytest

from tests.architecture.sources import imported, modules

ASSEMBLERS = ("helpline.app", "helpline.worker", "helpline.cli")
MAY_ASSEMBLE = (
    "helpline/app.py",
    "helpline/worker.py",
    "helpline/cli/",
    "helpline/__main__.py",
    "helpline/server.py",
    "helpline/rehearsal.py",
    "helpline/demo/",
)
MAY_START_THE_TWIN = (
    "helpline/cli/",
    "helpline/rehearsal.py",
    "helpline/trial/running.py",
    "helpline/demo/",
    "helpline/twin/",
)


def _within(names: set[str], packages: tuple[str, ...]) -> set[str]:
    return {name for name in names if any(f"{name}.".startswith(f"{package}.") for package in packages)}


@pytest.mark.parametrize("module", [name for name in modules("helpline") if not name.startswith(MAY_ASSEMBLE)])
def test_nothing_imports_what_assembles_the_whole(module: str) -> None:
    """The app factory, the worker and the command line know everything, and nothing knows them."""
    assert not _within(set(imported(module)), ASSEMBLERS)


@pytest.mark.parametrize("module", [name for name in modules("helpline") if not name.startswith(MAY_START_THE_TWIN)])
def test_the_product_does_not_know_the_twin(module: str) -> None:
    """The carrier on this machine is reached by its base URL alone; only what starts it imports it."""
    assert not _within(set(imported(module)), ("helpline.twin",))


@pytest.mark.parametrize("module", modules("helpline/twin"))
def test_the_twin_does_not_know_the_product(module: str) -> None:
    """A carrier that shared our code would share our misreadings; it may ask our clock."""
    ours = _within(set(imported(module)), ("helpline", "ivr_flows", "rota", "reports"))
    assert ours == _within(ours, ("helpline.twin", "helpline.clock"))
