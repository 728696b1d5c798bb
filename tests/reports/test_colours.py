import re

import pytest

from reports.packaged import packaged

SHEET = packaged("render/report.css")
ROOTS = [dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6})", block)) for block in re.findall(r":root {([^}]*)}", SHEET)]
THEMES = {"light": ROOTS[0], "dark": ROOTS[1], "print": ROOTS[0] | ROOTS[2]}
TEXT = [
    ("ink", "paper"), ("soft", "paper"), ("accent", "paper"), ("warn-ink", "warn-paper"),
    *((f"on-s{shade}", f"s{shade}") for shade in range(7)),
]  # fmt: skip


def brightness(colour: str) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio, 1 to 21."""
    low, high = sorted((brightness(one), brightness(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("text", "ground"), TEXT)
def test_text_is_readable_in_light_in_dark_and_on_paper(theme: str, text: str, ground: str) -> None:
    """At least 4.5 to 1, in tables and on every segment of a chart."""
    assert contrast(THEMES[theme][text], THEMES[theme][ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_bars_stand_out_from_the_paper(theme: str) -> None:
    """A mark that carries meaning has at least 3 to 1."""
    assert contrast(THEMES[theme]["accent"], THEMES[theme]["paper"]) >= 3


def test_the_sheet_asks_for_nothing_outside() -> None:
    """No font, no image, no import."""
    assert not re.search(r"url\(|@import|@font-face", SHEET)
