import pytest

from tests.architecture.sources import modules, names

TESTS = [module for module in modules("tests") if module.rpartition("/")[2].startswith(("test_", "conftest"))]


@pytest.mark.parametrize("module", TESTS)
def test_no_test_sleeps(module: str) -> None:
    """A test waits for what it expects, or moves the clock; it never hopes that some seconds are enough."""
    assert not {(line, name) for line, name in names(module) if name == "time.sleep"}
