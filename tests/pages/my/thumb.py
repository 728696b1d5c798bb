"""A thumb on a telephone without scripts: it reads a page, taps links, buttons and answers, and counts its taps."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from werkzeug.test import TestResponse

from tests.pages.signed import HOST, Browser, words


@dataclass
class Form:
    """A form: where it is sent, what it holds untouched, and the first answer of each label (name, value, kind)."""

    action: str
    method: str
    held: dict[str, list[str]] = field(default_factory=dict)
    answers: dict[str, tuple[str, str, str]] = field(default_factory=dict)


@dataclass
class Control:
    """A link or a button: what it is called, and where it leads or what it sends."""

    name: str
    href: str = ""
    form: Form | None = None
    value: tuple[str, str] | None = None


class Page(HTMLParser):
    """What can be tapped on a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.controls: list[Control] = []
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._open: Control | None = None
        self._choice: tuple[str, str, str] | None = None
        self._label: list[str] | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes links, forms and what is in them."""
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(found["action"], found.get("method", "get"))
            self.forms.append(self._form)
        elif tag == "label":
            self._label, self._choice = [], None
        elif tag == "a" and "href" in found:
            self._open = Control(found.get("aria-label", ""), found["href"])
        elif tag == "button":
            value = (found["name"], found["value"]) if "name" in found else None
            self._open = Control(found.get("aria-label", ""), "", self._form, value)
        elif tag == "input" and self._form is not None:
            self._input(found, self._form)

    def _input(self, found: dict[str, str], form: Form) -> None:
        kind = found.get("type", "text")
        if kind in {"radio", "checkbox"}:
            self._choice = (found["name"], found["value"], kind)
            if "checked" not in found:
                return
        form.held.setdefault(found["name"], []).append(found.get("value", ""))

    def handle_data(self, data: str) -> None:
        """Adds to what the open link, button or label is called."""
        if self._open is not None:
            self._open.name += data
        if self._label is not None:
            self._label.append(data)

    def handle_endtag(self, tag: str) -> None:
        """A link, button, label or form is over."""
        if tag in {"a", "button"} and self._open is not None:
            self._open.name = re.sub(r"\s+", " ", self._open.name).strip()
            self.controls.append(self._open)
            self._open = None
        elif tag == "label":
            if self._choice is not None and self._form is not None:
                label = re.sub(r"\s+", " ", "".join(self._label or [])).strip()
                self._form.answers.setdefault(label, self._choice)
            self._label = None
        elif tag == "form":
            self._form = None


@dataclass
class Thumb:
    """Somebody with a telephone in one hand."""

    browser: Browser
    html: str = ""
    status: int = 0
    taps: int = 0
    answered: dict[str, list[str]] = field(default_factory=dict)

    @property
    def says(self) -> str:
        """What the page says."""
        return words(self.html)

    def open(self, path: str) -> Thumb:
        """Looks at a page; that is no tap."""
        self._went(self.browser.client.get(path, base_url=HOST, follow_redirects=True))
        return self

    def choose(self, label: str) -> Thumb:
        """Taps an answer of a form: the only one of that name on the page, in whichever form."""
        name, value, kind = next(form.answers[label] for form in Page(self.html).forms if label in form.answers)
        before = self.answered.get(name, []) if kind == "checkbox" else []
        self.answered[name] = [*before, value]
        self.taps += 1
        return self

    def type(self, **fields: str) -> Thumb:
        """Writes into fields; that is no tap."""
        self.answered |= {name: [text] for name, text in fields.items()}
        return self

    def tap(self, name: str) -> Thumb:
        """Taps the first link or button that is called so, and sees where it leads."""
        control = next(each for each in Page(self.html).controls if name in each.name)
        self.taps += 1
        self._send(control)
        return self

    def again(self, name: str, times: int = 2) -> Thumb:
        """Taps a button so often before the next page is there."""
        control = next(each for each in Page(self.html).controls if name in each.name)
        answered = dict(self.answered)
        for _ in range(times):
            self.answered = dict(answered)
            self._send(control)
        return self

    def _send(self, control: Control) -> None:
        client, form = self.browser.client, control.form
        if form is None:
            self._went(client.get(control.href, base_url=HOST, follow_redirects=True))
            return
        data = {**form.held, **self.answered}
        if control.value is not None:
            data[control.value[0]] = [control.value[1]]
        self._went(client.post(form.action, base_url=HOST, data=data, follow_redirects=True))

    def _went(self, answer: TestResponse) -> None:
        self.html, self.status = answer.text, answer.status_code
        self.answered = {}
