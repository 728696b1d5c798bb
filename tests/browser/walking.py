"""Every page of a role, found as people find them: from the first page along the links."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from helpline.accounts.model import Role
from helpline.pages.routes import GUEST, SITE
from reports.words import Language
from tests.browser.forms import forms_of, links_of
from tests.browser.house import House

EACH = 2
"""Pages that are asked for of one kind: for one endpoint, with the same names in its query."""
MOST = 150
"""Pages of one role."""


@dataclass
class Walk:
    """The addresses of a role's pages, one for each kind in `kinds`; what is broken on the way; what was reached."""

    pages: list[str] = field(default_factory=list)
    kinds: dict[tuple[str, tuple[str, ...]], str] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    reached: set[str] = field(default_factory=set)


def walk(house: House, role: Role | None, language: Language = "fr") -> Walk:
    """Asks for every page that links lead to, from the role's first page on."""
    client = house.client(role, language)
    seen: set[str] = set()
    asked: Counter[tuple[str, tuple[str, ...]]] = Counter()
    found = Walk()
    waiting = ["/home" if role else "/sign-in"]
    while waiting and len(found.pages) < MOST:
        address = waiting.pop(0)
        key = _key(house, address)
        if key is None or address in seen or asked[key] >= EACH:
            continue
        seen.add(address)
        asked[key] += 1
        answer = client.get(address, base_url=house.base)
        found.reached.add(key[0])
        if answer.status_code in {302, 303}:
            waiting.append(answer.headers["Location"].removeprefix(house.base))
        elif answer.status_code != 200:
            found.broken.append(f"{answer.status_code} {address}")
        elif answer.mimetype == "text/html":
            found.pages.append(address)
            found.kinds.setdefault(key, address)
            waiting += [urljoin(address, link).partition("#")[0] for link in _leads(answer.text)]
    return found


def _leads(html: str) -> list[str]:
    """Where the links of a page lead, and what it asks for."""
    asking = [form for form in forms_of(html) if form.method == "GET"]
    return links_of(html) + [f"{form.action}?{urlencode(form.fields, doseq=True)}" for form in asking]


def _key(house: House, address: str) -> tuple[str, tuple[str, ...]] | None:
    """Which page this is, as far as what it looks like goes; None if it is none of ours."""
    parts = urlsplit(address)
    if parts.scheme or not parts.path.startswith("/"):
        return None
    try:
        endpoint, _ = house.service.web.url_map.bind("localhost").match(parts.path, "GET")
    except (HTTPException, RequestRedirect):
        return "nowhere", (address,)
    area, _, name = str(endpoint).partition(".")
    asked = tuple(sorted({key for key, _ in parse_qsl(parts.query)} - {"lang", "next", "done"}))
    return (name, asked) if area == SITE else None


def expected(house: House, role: Role | None) -> Iterator[str]:
    """The endpoints of the pages that a role may open."""
    for route in house.service.routes:
        if route.method == "GET" and (role in route.roles if role else route.roles == GUEST):
            yield route.endpoint
