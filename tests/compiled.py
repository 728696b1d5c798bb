"""SQL and addresses, compiled once in a process.

Each engine compiles every statement anew, and each service every address: half of what a scenario takes, a third of
what a page does. Engines and services are as many as tests; what they compile is always the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.sql.compiler import Compiled
from werkzeug.routing import Rule

from helpline.store import sessions

MOST = 10_000
"""Statements. Hypothesis makes some that nobody asks for again."""


class Statements(dict[tuple[Any, ...], Compiled]):
    """What engines of one kind have compiled: SQLAlchemy's key begins with the dialect, of which each has its own."""

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:  # noqa: ANN401 - as of a dictionary
        """What was compiled, by whichever engine."""
        return super().get(key[1:], default)

    def __setitem__(self, key: tuple[Any, ...], compiled: Compiled) -> None:
        """Keeps it."""
        if len(self) >= MOST:
            self.clear()
        super().__setitem__(key[1:], compiled)


def share() -> None:
    """Engines and services made from now on use what others like them have compiled."""
    _share_statements()
    _share_addresses()


def _share_statements() -> None:
    kept: dict[str, Statements] = {}

    def made(url: Any, **options: Any) -> Engine:  # noqa: ANN401 - as of create_engine
        engine = create_engine(url, **options)
        engine.update_execution_options(compiled_cache=kept.setdefault(engine.dialect.name, Statements()))
        return engine

    sessions.create_engine = made  # type: ignore[attr-defined]


def _share_addresses() -> None:
    """A rule's two builders: all that a rule says is in its trace, but for what it takes for granted."""
    kept: dict[object, Callable[..., tuple[str, str]]] = {}
    compiles = Rule._compile_builder

    def builder(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (tuple(rule._trace), repr(rule.defaults), append_unknown)
        if key not in kept:
            kept[key] = compiles(rule, append_unknown)
        return kept[key]

    Rule._compile_builder = builder  # type: ignore[assignment, method-assign]
