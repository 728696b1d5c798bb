"""Browser windows in front of the house: signed in as somebody, on a phone or a desk, by day or by night."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page

from helpline.accounts.model import Role
from reports.words import Language
from tests.browser.house import COOKIE, House
from tests.browser.looking import violations, wide

PHONE, DESKTOP = 360, 1440
Theme = Literal["light", "dark"]
_SEEN: set[str] = set()


@dataclass
class Windows:
    """Opens windows; `heard` is what the browser complained about, content policy and missing files included."""

    chromium: Browser
    house: House
    heard: list[str] = field(default_factory=list)

    def guest(
        self, *, scripts: bool = True, width: int = DESKTOP, theme: Theme = "light", language: Language = "fr"
    ) -> Page:
        """A window of somebody who isn't signed in, still empty."""
        context = self.chromium.new_context(
            viewport={"width": width, "height": 740 if width == PHONE else 900},
            java_script_enabled=scripts,
            has_touch=width == PHONE,
            color_scheme=theme,
            reduced_motion="reduce",
            locale=language,
            base_url=self.house.base,
        )
        page = context.new_page()
        page.on("console", lambda message: self.heard.append(f"{page.url}: {message.text}"))
        page.on("pageerror", lambda error: self.heard.append(f"{page.url}: {error}"))
        return page

    def as_role(
        self,
        role: Role,
        *,
        scripts: bool = True,
        width: int = DESKTOP,
        theme: Theme = "light",
        language: Language = "fr",
        name: str = "",
    ) -> Page:
        """The same, signed in; as the person called `name`, if it matters who."""
        page = self.guest(scripts=scripts, width=width, theme=theme, language=language)
        token = self.house.token(role, language, name)
        page.context.add_cookies([{"name": COOKIE, "value": token, "url": self.house.base, "httpOnly": True}])
        return page

    def close(self) -> None:
        """Closes every window."""
        for context in self.chromium.contexts:
            context.close()


@dataclass
class Hand:
    """Somebody at a page, whose taps and clicks are counted; typing and choosing from a list are none.

    With scripts on, each page they come to is looked at: `faults` has what is wrong with it.
    """

    page: Page
    looks: bool
    clicks: int = 0
    faults: list[str] = field(default_factory=list)

    def click(self, target: Locator) -> None:
        """One more, that stays on this page."""
        target.click()
        self.clicks += 1

    def leave(self, target: Locator) -> None:
        """One more, that leads to another page: whatever is read next is read there, however slow the machine is."""
        with self.page.expect_navigation():
            target.click()
        self.clicks += 1
        if self.looks:
            self._look()

    def _look(self) -> None:
        """Once at each kind of page: those that a form answers with are met nowhere else."""
        kind = re.sub(r"\d+", "0", urlsplit(self.page.url).path + self.page.title())
        if kind not in _SEEN:
            _SEEN.add(kind)
            self.faults += [f"{self.page.url}: {each}" for each in violations(self.page) + wide(self.page)]

    def press(self, name: str, within: Locator | None = None) -> None:
        """The button of this name; the first of them, if there are several."""
        self.leave((within or self.page.locator("main")).get_by_role("button", name=name).first)

    def follow(self, name: str, within: Locator | None = None) -> None:
        """The link of this name in the page itself; the first of them, if there are several."""
        self.leave((within or self.page.locator("main")).get_by_role("link", name=name).first)

    def go(self, name: str) -> None:
        """The page of this name in the bar."""
        self.leave(self.page.locator(".bar").get_by_role("link", name=name, exact=True))

    def row(self, *words: str) -> Locator:
        """The row that holds all of these."""
        found = self.page.locator("main .row")
        for word in words:
            found = found.filter(has_text=word)
        return found.first
