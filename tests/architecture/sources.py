"""Reads our own source as syntax trees, for the tests that guard how it is written."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PURE = ("ivr_flows", "rota", "reports")


def modules(*packages: str) -> list[str]:
    """The paths of the packages' modules, as seen from the top of the checkout."""
    return sorted(str(path.relative_to(ROOT)) for package in packages for path in (ROOT / package).rglob("*.py"))


@cache
def tree(module: str) -> ast.Module:
    """A module's syntax."""
    return ast.parse((ROOT / module).read_text(encoding="utf-8"), filename=module)


@cache
def _nodes(module: str) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(tree(module)))


@cache
def imported(module: str) -> tuple[str, ...]:
    """Full names of whatever a module imports, wherever in the file: `from a.b import c` gives `a.b.c`."""
    found: list[str] = []
    for node in _nodes(module):
        if isinstance(node, ast.Import):
            found += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found += (f"{node.module}.{alias.name}" for alias in node.names)
    return tuple(found)


@cache
def names(module: str) -> tuple[tuple[int, str], ...]:
    """Line and full name of each name a module uses: after `import time as t`, `t.time` is `time.time`."""
    nodes = (node for node in _nodes(module) if isinstance(node, ast.Name | ast.Attribute))
    return tuple((node.lineno, _full_name(module, node)) for node in nodes)


def calls_at_import(module: str) -> Iterator[tuple[int, str]]:
    """Line and full name of whatever is called when a module is imported."""
    for node in _at_import(tree(module)):
        if isinstance(node, ast.Call):
            yield node.lineno, _full_name(module, node.func)


def _full_name(module: str, node: ast.expr) -> str:
    first, dot, rest = ast.unparse(node).partition(".")
    return _meanings(module).get(first, first) + dot + rest


@cache
def _meanings(module: str) -> dict[str, str]:
    meaning: dict[str, str] = {}
    for node in _nodes(module):
        if isinstance(node, ast.Import):
            meaning |= {alias.asname: alias.name for alias in node.names if alias.asname}
        elif isinstance(node, ast.ImportFrom):
            meaning |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return meaning


def _at_import(node: ast.AST) -> Iterator[ast.AST]:
    """What runs when a module is imported: everything but the bodies of functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            for outside in (*child.decorator_list, *child.args.defaults, *filter(None, child.args.kw_defaults)):
                yield from (outside, *_at_import(outside))
        elif not isinstance(child, ast.Lambda):
            yield child
            yield from _at_import(child)
