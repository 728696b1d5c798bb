"""What a page leads to: its links, and its forms as a browser would send them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    """Where a form is sent, how, and what it holds."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)


class _Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes links, forms and what they hold."""
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        elif tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get").upper()))
        elif self.forms:
            form = self.forms[-1]
            self._note(tag, given, form.fields)
            if "formaction" in given:
                self.forms.append(Form(given["formaction"], form.method, form.fields))

    def _note(self, tag: str, given: dict[str, str], fields: dict[str, list[str]]) -> None:
        name, kind = given.get("name", ""), given.get("type", "")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or self._select not in fields):
            fields[self._select] = [given.get("value", "")]
        elif tag == "textarea" and name:
            fields.setdefault(name, [""])
        elif name and (
            tag == "button" or (tag == "input" and (kind not in {"checkbox", "radio"} or "checked" in given))
        ):
            fields.setdefault(name, []).append(given.get("value", ""))


def links_of(html: str) -> list[str]:
    """Where every link of a page leads."""
    return _Page(html).links


def forms_of(html: str) -> list[Form]:
    """Every form of a page."""
    return _Page(html).forms
