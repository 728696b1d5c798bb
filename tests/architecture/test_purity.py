import sys

import pytest

from tests.architecture.sources import PURE, calls_at_import, imported, modules, names

LIBRARIES: dict[str, set[str]] = {
    "ivr_flows": set(),
    "rota": {"dateutil", "holidays", "icalendar"},
    "reports": {"babel", "highspy", "numpy", "pikepdf", "typst", "xlsxwriter"},
}
LOADERS = {"ivr_flows/load.py", "reports/packaged.py"}
"""Read their own package's data, and nothing else."""
IN_MEMORY = {("reports/render/row_heads.py", "pikepdf.Pdf.open")}
"""Named like a reader, and given bytes."""

CLOCKS = {
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "time.gmtime",
    "time.localtime",
    "time.monotonic",
    "time.monotonic_ns",
    "time.perf_counter",
    "time.sleep",
    "time.time",
    "time.time_ns",
}
# `import random; random.Random(seed)` is repeatable and allowed, the module's own functions are not.
CHANCES = {f"random.{name}" for name in ("choice", "choices", "randint", "random", "sample", "shuffle", "uniform")}
WORLD = {"breakpoint", "input", "io.open", "open", "print"}
READERS = {"exists", "glob", "is_file", "iterdir", "open", "read_bytes", "read_text", "write_bytes", "write_text"}
MADE_BY_ASSEMBLY = {
    "create_engine",
    "sessionmaker",
    "scoped_session",
    "Flask",
    "BackgroundScheduler",
    "BlockingScheduler",
    "Client",
    "Thread",
}


@pytest.mark.parametrize("module", modules(*PURE))
def test_a_pure_module_takes_now_as_an_argument_and_opens_nothing(module: str) -> None:
    """A pure package asks neither clock nor chance nor disk; only the loader of flows reads, and only its own files."""
    used = list(names(module))
    impure = {(line, name) for line, name in used if name in CLOCKS | CHANCES | WORLD}
    if module not in LOADERS:
        impure |= {
            (line, name)
            for line, name in used
            if name.rpartition(".")[2] in READERS and (module, name) not in IN_MEMORY
        }
        impure |= {(line, name) for line, name in used if name.startswith("importlib.resources")}
    assert not impure


@pytest.mark.parametrize("module", modules(*PURE))
def test_a_pure_module_imports_its_own_package_and_few_libraries(module: str) -> None:
    """Besides the standard library and itself, a pure package imports what docs/architecture.md allows."""
    package = module.partition("/")[0]
    tops = {name.partition(".")[0] for name in imported(module)}
    assert tops - sys.stdlib_module_names - {package} <= LIBRARIES[package]


@pytest.mark.parametrize("module", modules("helpline"))
def test_nothing_is_created_at_import(module: str) -> None:
    """Importing a module makes no engine, no application, no scheduler, no client and no thread."""
    assert not {call for call in calls_at_import(module) if call[1].rpartition(".")[2] in MADE_BY_ASSEMBLY}


@pytest.mark.parametrize("module", modules("helpline", *PURE))
def test_only_the_clock_module_reads_the_clock(module: str) -> None:
    """One module of helpline says what time it is, so that a test can say it instead."""
    allowed = module in {"helpline/clock.py", "helpline/twin/clock.py"}
    telling = CLOCKS - {"time.sleep", "time.monotonic", "time.perf_counter"}
    assert allowed or not {(line, name) for line, name in names(module) if name in telling}
