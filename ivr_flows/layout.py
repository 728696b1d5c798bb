"""Where the boxes and arrows of a drawn flow go: a layered layout, pure and the same every time.

One row of boxes for each layer: a step stands below everything that leads to it, except where an arrow goes back up.
Arrows run only through the gaps between rows and the lanes on the right, so that they never cross a box.
All lengths are pixels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ivr_flows.check import arrows
from ivr_flows.model import Flow, Step

BOX_WIDTH, BOX_HEIGHT = 300, 92
PORT_WIDTH, PORT_HEIGHT = 84, 24
"""Room that a box has for each arrow on its lower or right edge, so that their labels fit."""
GAP, TRACK, LANE = 64, 16, 22
LETTER = 8
"""More than the width of a letter of a label."""
MARGIN, HEAD, FOOT = 28, 64, 34

Point = tuple[int, int]
Naming = Callable[[Step, str], str]
"""What an arrow of a step says, for a label as `check.arrows` has it; "" where there is nothing to say."""


def as_they_are(_step: Step, label: str) -> str:
    """Arrows say what `check.arrows` calls them."""
    return label


@dataclass(frozen=True, slots=True)
class Box:
    """Where a step stands. `last`: nothing stands to its right, so that arrows may use its right edge."""

    name: str
    row: int
    x: int
    y: int
    width: int
    height: int
    last: bool


@dataclass(frozen=True, slots=True)
class Arrow:
    """Where an arrow runs, corner by corner, and what is written where it leaves its box."""

    label: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """A whole picture. The title has `HEAD` above the boxes, the footnote `FOOT` below them."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    width: int
    height: int


def layout(flow: Flow, naming: Naming = as_they_are) -> Layout:
    """The picture of a flow that has passed `check`. Arrows have the room that what they say needs."""
    rows = _rows(flow)
    ways = _ways(flow, rows, naming)
    plan = _Plan(_placed(flow, rows, ways), ways)
    longest = max((len(way.label) for way in plan.ways if way.lane is not None), default=0)
    right = max(box.x + box.width for box in plan.boxes.values()) + LETTER * (longest + 3)
    arrows_drawn = tuple(Arrow(way.label, tuple(plan.points(way, right))) for way in plan.ways)
    edges = [box.x + box.width for box in plan.boxes.values()]
    widest = max([*edges, *(x for arrow in arrows_drawn for x, _ in arrow.points)])
    bottom = plan.bottom(len(rows) - 1) + TRACK * plan.stretches(len(rows))
    return Layout(tuple(plan.boxes.values()), arrows_drawn, widest + MARGIN, bottom + FOOT + MARGIN)


@dataclass(frozen=True, slots=True)
class _Way:
    """An arrow to the next row, through the gap between, or with `lane` set one that runs on the right."""

    source: str
    label: str
    target: str
    lane: int | None


_End = tuple[_Way, bool]
"""The end of an arrow at its source (False) or at its target (True)."""


def _rows(flow: Flow) -> list[list[str]]:
    """Steps by the length of the longest way to them, arrows that close a circle left out."""
    depth: dict[str, int] = {}
    order: list[str] = []
    path: list[str] = []
    forward: dict[str, list[str]] = {}

    def visit(name: str) -> None:
        path.append(name)
        forward[name] = []
        for _, target in arrows(flow.steps[name]):
            if target not in path:
                forward[name].append(target)
                if target not in forward:
                    visit(target)
        path.pop()
        order.append(name)

    visit(flow.start)
    for name in reversed(order):
        here = depth.setdefault(name, 0)
        for target in forward[name]:
            depth[target] = max(depth.get(target, 0), here + 1)
    names = sorted(depth, key=list(flow.steps).index)
    return [[name for name in names if depth[name] == layer] for layer in range(max(depth.values()) + 1)]


def _placed(flow: Flow, rows: list[list[str]], ways: list[_Way]) -> dict[str, Box]:
    """Every box in its row, rows centred over each other; how high and how far down is still to be found."""
    widths = {name: _width(flow.steps[name], ways) for row in rows for name in row}
    spans = [sum(widths[name] for name in row) + GAP * (len(row) - 1) for row in rows]
    boxes: dict[str, Box] = {}
    for index, row in enumerate(rows):
        x = MARGIN + (max(spans) - spans[index]) // 2
        for name in row:
            boxes[name] = Box(name, index, x, 0, widths[name], BOX_HEIGHT, name == row[-1])
            x += widths[name] + GAP
    return boxes


def _width(step: Step, ways: list[_Way]) -> int:
    """Room for a step's words, and for what its arrows say side by side."""
    labels = [len(way.label) for way in ways if way.source == step.name]
    said = LETTER * (max(labels, default=0) + 1) * (len(labels) + 1)
    return max(BOX_WIDTH, PORT_WIDTH * len(arrows(step)), said)


def _ways(flow: Flow, rows: list[list[str]], naming: Naming) -> list[_Way]:
    """Every arrow: those of a step from left to right, then its lanes. Keys that lead to one step share an arrow."""
    place = {name: (index, across) for index, row in enumerate(rows) for across, name in enumerate(row)}
    ways: list[_Way] = []
    lanes = 0
    for name, (row, _) in place.items():
        labels: dict[str, list[str]] = {}
        for label, target in arrows(flow.steps[name]):
            labels.setdefault(target, []).append(naming(flow.steps[name], label))
        near = sorted((target for target in labels if place[target][0] == row + 1), key=lambda target: place[target])
        ways += [_Way(name, _joined(labels[target]), target, None) for target in near]
        for target, its in labels.items():
            if target not in near:
                ways.append(_Way(name, _joined(its), target, lanes))
                lanes += 1
    return ways


def _joined(labels: list[str]) -> str:
    return ", ".join(label for label in labels if label)


class _Plan:
    """Boxes and arrows while they are being laid out."""

    def __init__(self, boxes: dict[str, Box], ways: list[_Way]) -> None:
        self.boxes = boxes
        self.ways = ways
        self._ports = self._spread()
        self._tracks = self._bundle()
        self._lower()

    def stretches(self, gap: int) -> int:
        """How many arrows run sideways in a gap; gap 0 is above the first row."""
        return sum(its == gap for its, _ in self._tracks.values())

    def bottom(self, row: int) -> int:
        """The lower edge of a row's highest box; of the title for the row above the first."""
        return max((box.y + box.height for box in self.boxes.values() if box.row == row), default=HEAD - GAP)

    def _lower(self) -> None:
        """Moves every row down to where the gap above it is wide enough for the arrows that run sideways in it."""
        for name, box in self.boxes.items():
            y = self.bottom(box.row - 1) + GAP + TRACK * self.stretches(box.row)
            self.boxes[name] = replace(box, y=y)

    def points(self, way: _Way, right: int) -> list[Point]:
        """The corners of an arrow; lanes begin to the right of `right`."""
        out, into = (way, False), (way, True)
        first, last = self._at(out), self._at(into)
        if way.lane is None:
            return [first, *((x, self._level(out)) for x in (first[0], last[0]) if out in self._tracks), last]
        lane = right + LANE * way.lane
        leaves, arrives = self._level(out), self._level(into)
        corners = [first, (first[0], leaves), (lane, leaves), (lane, arrives), (last[0], arrives), last]
        return [corner for index, corner in enumerate(corners) if index == 0 or corner != corners[index - 1]]

    def _box(self, end: _End) -> Box:
        return self.boxes[end[0].target if end[1] else end[0].source]

    def _sideways(self, end: _End) -> bool:
        """Whether this end is on the right edge of its box."""
        return end[0].lane is not None and self._box(end).last

    def _spread(self) -> dict[_End, int]:
        """For each end how far along its edge it lies; ends are spread evenly, lanes to the right of the others."""
        edges: dict[tuple[str, str], list[_End]] = {}
        for end in ((way, into) for way in self.ways for into in (False, True)):
            edge = "right" if self._sideways(end) else "top" if end[1] else "bottom"
            edges.setdefault((self._box(end).name, edge), []).append(end)
        ports: dict[_End, int] = {}
        for (name, edge), ends in edges.items():
            box = self.boxes[name]
            if edge == "right":
                box = self.boxes[name] = replace(box, height=max(BOX_HEIGHT, PORT_HEIGHT * (len(ends) + 1)))
            if edge == "top":
                ends.sort(key=lambda end: (end[0].lane is not None, self.boxes[end[0].source].x))
            length = box.height if edge == "right" else box.width
            ports |= {end: length * (index + 1) // (len(ends) + 1) for index, end in enumerate(ends)}
        return ports

    def _bundle(self) -> dict[_End, tuple[int, int]]:
        """For each end that runs sideways in a gap: which gap, and its place there from above."""
        tracks: dict[_End, tuple[int, int]] = {}
        for end in ((way, into) for way in self.ways for into in (False, True)):
            way, into = end
            in_lane = way.lane is not None and not self._sideways(end)
            bent = way.lane is None and not into and self._at(end)[0] != self._at((way, True))[0]
            if in_lane or bent:
                gap = self._box(end).row + (not into)
                tracks[end] = gap, sum(its == gap for its, _ in tracks.values())
        return tracks

    def _at(self, end: _End) -> Point:
        """Where an arrow touches its box."""
        box, along = self._box(end), self._ports[end]
        if self._sideways(end):
            return box.x + box.width, box.y + along
        return box.x + along, box.y + (0 if end[1] else box.height)

    def _level(self, end: _End) -> int:
        """The height at which an arrow runs sideways from or to this end."""
        if end not in self._tracks:
            return self._at(end)[1]
        gap, place = self._tracks[end]
        return self.bottom(gap - 1) + GAP // 2 + TRACK * place
