"""A flow as a picture, in values: boxes, strokes and where words go. Whoever shows it brings the words and colours.

Where boxes and arrows stand is `layout`'s work: boxes never overlap, arrows never cross one. The same flow and the same
words always give the same picture. All lengths are pixels.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from ivr_flows.layout import FOOT, HEAD, MARGIN, Naming, Point, as_they_are, layout
from ivr_flows.model import Flow, GoodbyeStep, Step

LINE_CHARS, LINES = 38, 2
CORNER = 7
"""Radius of an arrow's turns."""
TIP = 5
"""Half of the width of an arrow's tip; it is twice as long as that."""
TEXT_LEFT, TITLE_DOWN, WORDS_DOWN, LINE_HEIGHT = 14, 25, 50, 19
"""Where a box's words stand, from its upper left corner."""


@dataclass(frozen=True, slots=True)
class DrawnBox:
    """A step. `number` is its place in the order of the picture, from 1; `end`: the call is over after it."""

    step: str
    number: int
    x: int
    y: int
    width: int
    height: int
    end: bool


@dataclass(frozen=True, slots=True)
class Stroke:
    """An arrow: its line and its tip as SVG paths, and its label, if there is one, with the point where it begins."""

    line: str
    tip: str
    label: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Picture:
    """What is drawn, in a frame of `width` x `height` whose upper edge is at `top`."""

    boxes: tuple[DrawnBox, ...]
    strokes: tuple[Stroke, ...]
    width: int
    height: int
    top: int


def picture(flow: Flow, naming: Naming = as_they_are) -> Picture:
    """The picture of a flow that has passed `check`; `naming` says what stands at its arrows."""
    plan = layout(flow, naming)
    boxes = tuple(
        DrawnBox(box.name, number, box.x, box.y, box.width, box.height, isinstance(flow.steps[box.name], GoodbyeStep))
        for number, box in enumerate(plan.boxes, 1)
    )
    strokes = tuple(_stroke(arrow.label, arrow.points) for arrow in plan.arrows)
    # `layout` leaves room for a title above and a footnote below: here they stand outside.
    top = HEAD - MARGIN
    return Picture(boxes, strokes, plan.width, plan.height - top - FOOT, top)


def _stroke(label: str, points: Sequence[Point]) -> Stroke:
    return Stroke(line_of(points), _tip(points), label, *label_at(points))


def line_of(points: Sequence[Point]) -> str:
    """An arrow's line through these corners, each of them rounded, as an SVG path."""
    drawn = [f"M{points[0][0]},{points[0][1]}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        near, far = _towards(corner, before), _towards(corner, after)
        drawn.append(f"L{near[0]},{near[1]} Q{corner[0]},{corner[1]} {far[0]},{far[1]}")
    return " ".join([*drawn, f"L{points[-1][0]},{points[-1][1]}"])


def label_at(points: Sequence[Point]) -> Point:
    """Where an arrow's label begins: beside the place where it leaves its box."""
    (x, y), (_, following) = points[0], points[1]
    return x + 8, y - 6 if following == y else y + 17


def lines_of(words: str, cut: str = "…”") -> list[str]:
    """What a box has room for of these words, line by line; `cut` stands where there are more."""
    return textwrap.wrap(words, LINE_CHARS, max_lines=LINES, placeholder=cut)


def kind(step: Step) -> str:
    """What a step is, as flow files call it: one of `load.KINDS`."""
    return type(step).__name__.removesuffix("Step").lower()


def _tip(points: Sequence[Point]) -> str:
    """A triangle that ends where the arrow does; arrows arrive from above or, on a right edge, from the right."""
    (fro_x, fro_y), (x, y) = points[-2], points[-1]
    if fro_x == x:
        back = y - 2 * TIP if fro_y < y else y + 2 * TIP
        return f"M{x},{y} L{x - TIP},{back} L{x + TIP},{back} z"
    back = x + 2 * TIP if fro_x > x else x - 2 * TIP
    return f"M{x},{y} L{back},{y - TIP} L{back},{y + TIP} z"


def _towards(corner: Point, other: Point) -> Point:
    """The point a corner's radius away from it, or half-way if the other point is nearer."""
    x, y = (one + max(-CORNER, min(CORNER, (two - one) // 2)) for one, two in zip(corner, other, strict=True))
    return x, y
