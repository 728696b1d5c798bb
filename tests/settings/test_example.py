"""The example is the template is the model: what an operator reads is what the service understands."""

import tomllib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from helpline.demo.filling import demo_config
from helpline.lines import load_lines
from helpline.settings import (
    _SECRETS,
    Carrier,
    Floods,
    Limits,
    LineRota,
    LineSettings,
    Messages,
    Ringing,
    Service,
    Settings,
    parse,
)
from tests.architecture.sources import ROOT

EXAMPLE = (ROOT / "config.example.toml").read_text(encoding="utf-8")
SECTIONS: dict[str, type[BaseModel]] = {
    "": Settings,
    "service": Service,
    "carrier": Carrier,
    "messages": Messages,
    "limits": Limits,
    "lines.france": LineSettings,
    "lines.france.ringing": Ringing,
    "lines.france.floods": Floods,
    "lines.france.rota": LineRota,
}
NOT_WRITTEN = {("", name) for name in ("service", "carrier", "messages", "limits", "lines", "folder")} | {
    ("lines.france", name) for name in ("ringing", "floods", "rota")
}
"""Tables, which have a heading, and the folder, which is the file's own."""
KEYS = [
    (section, name)
    for section, model in SECTIONS.items()
    for name in model.model_fields
    if (section, name) not in NOT_WRITTEN
]


def explanations(text: str) -> Iterator[tuple[str, str, str]]:
    """Section, key, and the comment that stands right above it, or above the keys that follow each other there."""
    section, comment, fresh = "", "", True
    for line in text.splitlines():
        if line.startswith("#"):
            comment = line if fresh else f"{comment} {line}"
            fresh = False
        elif line.startswith("["):
            section, comment, fresh = line.strip("[]"), "" if fresh else comment, True
        elif not line:
            comment, fresh = "", True
        else:
            fresh = True
            yield section, line.partition("=")[0].strip(), comment


def shown(section: str) -> dict[str, Any]:
    """A section's keys and their values."""
    found: dict[str, Any] = tomllib.loads(EXAMPLE)
    for part in filter(None, section.split(".")):
        found = found[part]
    return found


def test_the_models_are_all_here() -> None:
    """A new table of the configuration is held against the example, too."""

    def nested(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
        yield model
        for field in model.model_fields.values():
            for kind in (field.annotation, *getattr(field.annotation, "__args__", ())):
                if isinstance(kind, type) and issubclass(kind, BaseModel):
                    yield from nested(kind)

    assert set(nested(Settings)) == set(SECTIONS.values())


def test_the_example_is_what_init_writes() -> None:
    """Byte for byte."""
    template = resources.files("helpline").joinpath("config.template.toml").read_bytes()
    assert (ROOT / "config.example.toml").read_bytes() == template


@pytest.mark.parametrize(("section", "name"), KEYS)
def test_every_key_is_explained(section: str, name: str) -> None:
    """Each key of the model stands in the example under a comment."""
    found = {(where, key): comment for where, key, comment in explanations(EXAMPLE)}
    assert found.get((section, name)), (
        f"{section}.{name} stands in config.example.toml without a comment, or not at all"
    )


@pytest.mark.parametrize(("section", "name"), KEYS)
def test_a_key_left_out_has_the_value_shown(section: str, name: str) -> None:
    """Unless its comment says what happens then."""
    field = SECTIONS[section].model_fields[name]
    comment = next(comment for where, key, comment in explanations(EXAMPLE) if (where, key) == (section, name))
    value = shown(section)[name]
    default = field.get_default()
    is_default = (tuple(value) if isinstance(value, list) else value) == default
    assert field.is_required() or is_default or "if left out" in comment


def test_every_key_of_the_example_is_known(tmp_path: Path) -> None:
    """It is a whole configuration, on which the service starts, and so is the demonstration's."""
    for text in (EXAMPLE, demo_config(EXAMPLE)):
        assert set(load_lines(parse(text, "config.example.toml", tmp_path))) == {"france", "belgium"}
    assert {(section, key) for section, key, _ in explanations(EXAMPLE) if "belgium" not in section} == set(KEYS)


@pytest.mark.parametrize("name", _SECRETS)
def test_every_secret_is_named(name: str) -> None:
    """By its variable; the file has the same name in small letters."""
    assert f"HELPLINE_{name.upper()}" in EXAMPLE or f"secrets/{name}" in EXAMPLE
