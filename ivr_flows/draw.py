"""A flow as a picture and as a plain-text tree, for people who will never read the file.

The same flow, prompts and language always give the same bytes. Where things stand is `layout`'s work.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from html import escape

from ivr_flows.check import arrows
from ivr_flows.layout import LETTER, MARGIN, Arrow, Box, Point, layout
from ivr_flows.model import EMERGENCY_KEY, CallbackStep, Flow, Language, LanguageStep, RingStep, Step
from ivr_flows.prompts import Prompts

LINE_CHARS, LINES = 38, 2
OUTLINE_CHARS = 64
CORNER = 7
"""Radius of an arrow's turns, in pixels."""

FONT = 'font-family="system-ui, sans-serif" font-size="13"'
TIP = 'markerWidth="9" markerHeight="8" refX="8" refY="4" orient="auto"'
INK, QUIET, PAPER = "#1c2430", "#4a5568", "#ffffff"
FILLS = {
    "say": "#eaf2fb",
    "language": "#eaf2fb",
    "menu": "#fdf4e0",
    "ask": "#fdf4e0",
    "ring": "#e2f4e8",
    "callback": "#fbe9f0",
    "goodbye": "#f0eef4",
}


def outline(flow: Flow, prompts: Prompts, language: Language) -> str:
    """The flow as an indented tree for a terminal, each step written out where it is met first."""
    lines = [_headline(flow), _footnote(flow), ""]
    written: set[str] = set()

    def write(name: str, lead: str, indent: str) -> None:
        if name in written:
            lines.append(f"{lead}{name} (above)")
            return
        written.add(name)
        step = flow.steps[name]
        lines.append(f"{lead}{name}: {_kind(step)}, {_quoted(step, prompts, language, OUTLINE_CHARS)}")
        leading = arrows(step)
        for label, target in leading:
            last = target == leading[-1][1] and label == leading[-1][0]
            write(target, f"{indent}{'└─' if last else '├─'} {label} → ", indent + ("   " if last else "│  "))

    write(flow.start, "", "")
    return "\n".join(lines) + "\n"


def draw(flow: Flow, prompts: Prompts, language: Language) -> str:
    """The flow as a standalone SVG: no script, no outside font, colours of its own, and a text for those who listen.

    The flow must have passed `check`. Prompts are quoted in `language`.
    """
    plan = layout(flow)
    width, height = max(plan.width, 2 * MARGIN + LETTER * len(_footnote(flow))), plan.height
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    tip = f'<path d="M0,0 L9,4 L0,8 z" fill="{QUIET}"/>'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title desc" {FONT}>',
        f'<title id="title">{escape(_headline(flow))}</title>',
        f'<desc id="desc">{escape(_told(flow, prompts, language))}</desc>',
        f'<defs><marker id="tip" {TIP}>{tip}</marker></defs>',
        f'<rect width="{width}" height="{height}" rx="12" fill="{PAPER}"/>',
        _text(MARGIN, MARGIN + 10, _headline(flow), 'font-size="17" font-weight="600"'),
        *(part for arrow in plan.arrows for part in _arrow(arrow)),
        *(part for box in plan.boxes for part in _box(flow.steps[box.name], box, prompts, language)),
        _text(MARGIN, height - MARGIN, _footnote(flow), f'fill="{QUIET}"'),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _headline(flow: Flow) -> str:
    return f"Flow {flow.name} ({', '.join(flow.languages)})"


def _footnote(flow: Flow) -> str:
    numbers = f"Crisis numbers ({flow.crisis}, verified {flow.crisis_verified})"
    return f"{numbers}: key {EMERGENCY_KEY} at any time, and after an unanswered ring."


def _kind(step: Step) -> str:
    return type(step).__name__.removesuffix("Step").lower()


def _quoted(step: Step, prompts: Prompts, language: Language, most: int) -> str:
    """The first words of a step's prompt, or what a ring or a callback does."""
    if isinstance(step, RingStep):
        return "psychologists are called while the caller waits"
    if isinstance(step, CallbackStep):
        return "the caller may leave a number, if callbacks are possible"
    if isinstance(step, LanguageStep):
        words = " ".join(prompts.text(step.prompt, offered, key=key) for key, offered in step.keys.items())
    else:
        words = prompts.text(step.prompt, language)
    return f"“{_cut(words, most)}”"


def _cut(text: str, most: int) -> str:
    """At most so many characters, ended at a word where there is one."""
    if len(text) <= most:
        return text
    end = text.rfind(" ", 0, most)
    return text[: end if end > 0 else most - 1].rstrip(" ,.:") + "…"


def _told(flow: Flow, prompts: Prompts, language: Language) -> str:
    """The picture in sentences."""
    sentences = [f"The call starts at {flow.start}."]
    for name, step in flow.steps.items():
        ways = ", ".join(f"{label} leads to {target}" for label, target in arrows(step)) or "the call ends"
        sentences.append(f"{name}, {_kind(step)}: {_quoted(step, prompts, language, OUTLINE_CHARS)}; {ways}.")
    return " ".join([*sentences, _footnote(flow)])


def _arrow(arrow: Arrow) -> Iterator[str]:
    """A line with rounded corners and a tip, and its label beside the place where it leaves its box."""
    points = arrow.points
    drawn = [f"M{points[0][0]},{points[0][1]}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        near, far = _towards(corner, before), _towards(corner, after)
        drawn.append(f"L{near[0]},{near[1]} Q{corner[0]},{corner[1]} {far[0]},{far[1]}")
    drawn.append(f"L{points[-1][0]},{points[-1][1]}")
    yield f'<path d="{" ".join(drawn)}" fill="none" stroke="{QUIET}" stroke-width="1.5" marker-end="url(#tip)"/>'
    (x, y), (_, following) = points[0], points[1]
    yield _text(x + 8, y - 6 if following == y else y + 17, arrow.label, 'font-weight="600"')


def _towards(corner: Point, other: Point) -> Point:
    """The point a corner's radius away from it, or half-way if the other point is nearer."""
    x, y = (one + max(-CORNER, min(CORNER, (two - one) // 2)) for one, two in zip(corner, other, strict=True))
    return x, y


def _box(step: Step, box: Box, prompts: Prompts, language: Language) -> Iterator[str]:
    kind = _kind(step)
    yield (
        f'<rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="8" fill="{FILLS[kind]}" '
        f'stroke="{INK}" stroke-width="1.2"/>'
    )
    yield _text(box.x + 14, box.y + 25, step.name, 'font-size="15" font-weight="600"')
    yield _text(box.x + box.width - 14, box.y + 25, kind, f'text-anchor="end" fill="{QUIET}"')
    words = _quoted(step, prompts, language, LINE_CHARS * LINES)
    for index, line in enumerate(textwrap.wrap(words, LINE_CHARS, max_lines=LINES, placeholder="…”")):
        yield _text(box.x + 14, box.y + 50 + 19 * index, line)


def _text(x: int, y: int, words: str, style: str = "") -> str:
    colour = "" if "fill=" in style else f' fill="{INK}"'
    return f'<text x="{x}" y="{y}"{colour}{" " if style else ""}{style}>{escape(words)}</text>'
