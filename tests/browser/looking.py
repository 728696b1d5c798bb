"""What is looked for on a page in a window: accessibility, sideways scrolling, targets that a finger misses."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from playwright.sync_api import Page

SMALLEST, FINGER = 24, 44
"""CSS pixels: the least of WCAG 2.2 AA, and what a finger at three in the morning needs for what does something."""
TOLD = """const told = (each) =>
  `${each.tagName.toLowerCase()}.${each.getAttribute("class")} "${each.textContent.trim().slice(0, 40)}"`;"""
SMALL = """([least, finger]) => { %s
  const aim = "button, .button, .lifeline, select, input:not([type=checkbox], [type=radio])";
  return [...document.querySelectorAll("a, button, summary, input, select, textarea, .choice")]
    .filter((each) => each.type !== "hidden" && !each.closest(".choice :scope, .skip") && each.checkVisibility())
    .filter((each) => !each.closest(".choice") || each.matches(".choice"))
    .filter((each) => {
      const text = each.matches("p a, li a, td a, th a, dt a, dd a, caption a, h2 a, h3 a");
      const { width, height } = each.getBoundingClientRect();
      const inside = text && getComputedStyle(each).display === "inline";
      return !inside && (height < (each.matches(aim) ? finger : least) || width < least);
    })
    .map(told);
}""".replace("%s", TOLD)
WIDE = """() => { %s
  const most = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= most) return [];
  return [...document.querySelectorAll("body *")]
    .filter((each) => each.getBoundingClientRect().right > most + 1)
    .filter((each) => !each.closest(".scroll, .bar ul, .picture, .skip"))
    .slice(0, 3).map(told).concat("scrolls sideways");
}""".replace("%s", TOLD)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@cache
def _axe() -> str:
    return resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong in the page as it is shown, by every rule it has for WCAG 2.2 AA and good practice."""
    return _run(page, {"runOnly": {"type": "tag", "values": RULES}})


def faint(page: Page) -> list[str]:
    """What is too faint to be read in the theme that is shown."""
    return _run(page, {"runOnly": ["color-contrast"]})


def _run(page: Page, options: dict[str, Any]) -> list[str]:
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(_axe())
    found = page.evaluate("options => axe.run(document, {...options, resultTypes: ['violations']})", options)
    return [
        f"{each['id']}: {node['html'][:160]} ({node['failureSummary'].splitlines()[-1].strip()})"
        for each in found["violations"]
        for node in each["nodes"][:3]
    ]


def small(page: Page) -> list[str]:
    """What is smaller than whoever taps it needs. A link within a sentence may be as high as its line."""
    return list(page.evaluate(SMALL, [SMALLEST, FINGER]))


def wide(page: Page) -> list[str]:
    """What makes the page scroll sideways."""
    return list(page.evaluate(WIDE))
