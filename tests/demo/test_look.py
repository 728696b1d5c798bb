import re
from pathlib import Path

import pytest

import helpline.demo
import helpline.pages

SHARED = (Path(helpline.pages.__file__).parent / "static" / "helpline.css").read_text()
CSS = (Path(helpline.demo.__file__).parent / "static" / "demo.css").read_text()
DARK = "@media (prefers-color-scheme: dark) {\n  :root {"
TEXT = [
    ("surface", "go"),
    ("surface", "danger"),
    ("surface", "accent"),
    ("on-accent", "accent"),
    ("ink", "go-soft"),
    ("ink", "bell-soft"),
    ("ink", "soft"),
    ("ink", "ground"),
    ("quiet", "ground"),
    ("quiet", "surface"),
    ("quiet", "soft"),
    ("surface", "ink"),
]
SHAPES = [("go", "surface"), ("bell", "surface"), ("accent", "surface"), ("go", "go-soft"), ("bell", "bell-soft")]


def _tokens(css: str, *, dark: bool) -> dict[str, str]:
    light, _, rest = css.partition(DARK)
    part = light + (rest.partition("}")[0] if dark else "")
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", part))


def _luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_whatever_is_read_stands_out(*, dark: bool) -> None:
    """Text has a contrast of 4.5 and more, what tells a phone's state 3 and more, in both themes (WCAG 2.2 AA)."""
    tokens = _tokens(SHARED, dark=dark) | _tokens(CSS, dark=dark)
    faint = {pair: _contrast(tokens[pair[0]], tokens[pair[1]]) for pair in TEXT}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < 4.5} == {}
    faint = {pair: _contrast(tokens[pair[0]], tokens[pair[1]]) for pair in SHAPES}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < 3} == {}


def test_both_themes_name_the_same_colours() -> None:
    """A colour that one theme forgets would be the other theme's."""
    light, dark = CSS.split(DARK)
    names = [set(re.findall(r"--([a-z-]+): #", part)) for part in (light, dark.partition("}")[0])]
    assert names[0] == names[1]


def test_colours_are_named_once() -> None:
    """Below the two lists of names no colour is written out."""
    rules = CSS[CSS.index("main,\n") :]
    assert not re.search(r"#[0-9a-f]{3,8}\b|rgb|hsl", rules)


def test_nothing_moves_for_whoever_does_not_want_it() -> None:
    """Every animation is inside the question whether movement is welcome."""
    calm = re.sub(r"@media \(prefers-reduced-motion: no-preference\) \{.*?\n\}\n", "", CSS, flags=re.DOTALL)
    assert re.findall(r"animation: (\w+)", calm) == []
