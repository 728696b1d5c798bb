"""A flow as a picture and as a plain-text tree, for people who will never read the file.

The same flow, prompts and language always give the same bytes. Where things stand is `layout`'s work.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from ivr_flows.check import arrows
from ivr_flows.layout import LETTER, MARGIN, Arrow, Box, layout
from ivr_flows.model import EMERGENCY_KEY, CallbackStep, Flow, Language, LanguageStep, RingStep, Step
from ivr_flows.picture import (
    LINE_CHARS,
    LINE_HEIGHT,
    LINES,
    TEXT_LEFT,
    TITLE_DOWN,
    WORDS_DOWN,
    label_at,
    line_of,
    lines_of,
)
from ivr_flows.picture import kind as _kind
from ivr_flows.prompts import Prompts

OUTLINE_CHARS = 64

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
    "directory": "#fbe9f0",
    "forward": "#fbe9f0",
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
    line = line_of(arrow.points)
    yield f'<path d="{line}" fill="none" stroke="{QUIET}" stroke-width="1.5" marker-end="url(#tip)"/>'
    yield _text(*label_at(arrow.points), arrow.label, 'font-weight="600"')


def _box(step: Step, box: Box, prompts: Prompts, language: Language) -> Iterator[str]:
    kind = _kind(step)
    yield (
        f'<rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="8" fill="{FILLS[kind]}" '
        f'stroke="{INK}" stroke-width="1.2"/>'
    )
    yield _text(box.x + TEXT_LEFT, box.y + TITLE_DOWN, step.name, 'font-size="15" font-weight="600"')
    yield _text(box.x + box.width - TEXT_LEFT, box.y + TITLE_DOWN, kind, f'text-anchor="end" fill="{QUIET}"')
    words = _quoted(step, prompts, language, LINE_CHARS * LINES)
    for index, line in enumerate(lines_of(words)):
        yield _text(box.x + TEXT_LEFT, box.y + WORDS_DOWN + LINE_HEIGHT * index, line)


def _text(x: int, y: int, words: str, style: str = "") -> str:
    colour = "" if "fill=" in style else f' fill="{INK}"'
    return f'<text x="{x}" y="{y}"{colour}{" " if style else ""}{style}>{escape(words)}</text>'
