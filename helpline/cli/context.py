"""What most commands begin with: the configuration, the secrets, the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from helpline.errors import UsageError
from helpline.lines import Line, load_lines
from helpline.settings import Secrets, Settings, load, read_secrets
from helpline.store.migrate import require_current
from helpline.store.sessions import Store


@dataclass(frozen=True, slots=True)
class Context:
    """The configuration's path, given or found; everything is read when a command asks for it."""

    config: Path

    def settings(self) -> Settings:
        """The configuration. Raises `ConfigError`."""
        return load(self.config)

    def secrets(self) -> Secrets:
        """The secrets. Raises `ConfigError`."""
        return read_secrets(self.config.resolve().parent)

    def lines(self) -> dict[str, Line]:
        """Every line, its flow proven safe. Raises `ConfigError`."""
        return load_lines(self.settings())

    def line(self, name: str) -> Line:
        """One line. Raises `UsageError` with the names there are."""
        lines = self.lines()
        if name not in lines:
            raise UsageError(f"there is no line {name!r}; {self.config} has: {', '.join(sorted(lines))}")
        return lines[name]

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The database, at this version's revision. Raises `StoreError`."""
        store = Store(self.settings().database_url)
        try:
            require_current(store)
            yield store
        finally:
            store.close()


pass_context = click.make_pass_decorator(Context)
