"""The one place that reads the package's own data files."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def packaged(name: str) -> str:
    """Returns the text of a file of this package, as `taxonomy.toml`. FileNotFoundError if there is none."""
    return resources.files("reports").joinpath(*name.split("/")).read_text(encoding="utf-8")
