import re
from pathlib import Path

import pytest

import helpline.pages

STATIC = Path(helpline.pages.__file__).parent / "static"
CSS = (STATIC / "helpline.css").read_text()
SCRIPT = (STATIC / "helpline.js").read_text()
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
    ("accent", "soft"),
    ("surface", "danger"),
    ("ink", "good-soft"),
    ("good", "good-soft"),
    ("ink", "warn-soft"),
    ("warn", "warn-soft"),
    ("quiet", "soft"),
    ("quiet", "warn-soft"),
    ("quiet", "danger-soft"),
]
SHAPES = [
    ("edge", "surface"),
    ("edge", "ground"),
    ("focus", "ground"),
    ("focus", "surface"),
    ("danger", "ground"),
    ("good", "ground"),
    ("warn", "ground"),
]
MOST_CSS, MOST_SCRIPT = 24_500, 6_000
"""Bytes."""


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


def test_what_every_page_loads_is_small() -> None:
    """One stylesheet and one script, which a slow telephone reads in no time; the passkeys' part comes on top."""
    assert len(CSS.encode()) < MOST_CSS
    assert len(SCRIPT.partition("// --- passkeys")[0].encode()) < MOST_SCRIPT


def test_paper_is_light() -> None:
    """The dark theme is the screen's alone: whoever prints at night gets black on white."""
    assert "@media screen {\n@media (prefers-color-scheme: dark) {" in CSS


def test_nothing_moves_for_whoever_does_not_want_it() -> None:
    """Every transition is inside the question whether movement is welcome."""
    calm = re.sub(r"@media \(prefers-reduced-motion: no-preference\) \{.*?\n\}\n", "", CSS, flags=re.DOTALL)
    assert not re.search(r"(transition|animation):", calm)


def test_the_script_asks_nobody_and_pops_up_nothing() -> None:
    """No address but our own, no dialog, and nothing that a policy without inline script and style would refuse."""
    assert not re.search(r"https?://|\b(alert|confirm|prompt|eval)\(|innerHTML|\.style\b|setAttribute\(.style", SCRIPT)
