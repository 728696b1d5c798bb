import re
from pathlib import Path

import pytest

import helpline.pages

CSS = (Path(helpline.pages.__file__).parent / "static" / "helpline.css").read_text()
TEXT = [
    ("ink", "ground"),
    ("ink", "surface"),
    ("ink", "soft"),
    ("ink", "danger-soft"),
    ("quiet", "ground"),
    ("quiet", "surface"),
    ("accent", "ground"),
    ("accent", "surface"),
    ("on-accent", "accent"),
    ("surface", "ink"),
    ("danger", "surface"),
    ("danger", "danger-soft"),
    ("on-demo", "demo"),
]
SHAPES = [("edge", "surface"), ("accent", "soft"), ("focus", "ground"), ("focus", "surface"), ("danger", "ground")]


def _tokens(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", css))


def _luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_whatever_is_read_stands_out(theme: str) -> None:
    """Text has a contrast of 4.5 and more, borders and focus rings 3 and more, in both themes (WCAG 2.2 AA)."""
    light, dark = CSS.split("@media (prefers-color-scheme: dark)")
    tokens = _tokens(light) if theme == "light" else {**_tokens(light), **_tokens(dark)}
    faint = {pair: _contrast(tokens[pair[0]], tokens[pair[1]]) for pair in TEXT}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < 4.5} == {}
    faint = {pair: _contrast(tokens[pair[0]], tokens[pair[1]]) for pair in SHAPES}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < 3} == {}


def test_both_themes_name_the_same_colours() -> None:
    """A colour that one theme forgets would be the other theme's."""
    light, dark = CSS.split("@media (prefers-color-scheme: dark)")
    assert set(_tokens(light)) == set(_tokens(dark))


def test_colours_are_named_once() -> None:
    """Below the two lists of names no colour is written out."""
    rules = CSS[CSS.index("*,\n::before") :]
    assert not re.search(r"#[0-9a-f]{3,8}\b|rgb|hsl", rules)
