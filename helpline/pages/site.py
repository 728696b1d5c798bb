"""The pages of whoever signs in: one blueprint made from a table of routes, one guard, one frame around every page.

A view is given a `Visit`: who looks, when, in which language, and what there is to work with. It reads, decides and
answers with `visit.page` or `visit.to`; who may see it is no business of its own.
"""

from __future__ import annotations

import hmac
import logging
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, redirect, request, url_for
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as Redirect

from helpline.accounts.model import Viewer
from helpline.accounts.service import Accounts
from helpline.accounts.sessions import KNOWN, Sessions
from helpline.carrier.hooks import Tally
from helpline.clock import Clock
from helpline.errors import HelplineError
from helpline.lines import Line
from helpline.pages.bounded import bounded
from helpline.pages.formats import Formats
from helpline.pages.navigation import items
from helpline.pages.routes import GUEST, SITE, Route
from helpline.pages.shell import Shell
from helpline.pages.texts import Say, known_language, load_texts, speaker
from helpline.settings import Secrets, Settings
from helpline.shifts.editing import Desk
from helpline.shifts.reading import standard
from helpline.store.sessions import Store
from reports.taxonomy import Taxonomy
from reports.words import LANGUAGES, Language

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

_log = logging.getLogger(__name__)
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
"""What `secrets.token_urlsafe(32)` makes."""
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
MOST_TEXT = 2_000
"""Signs of one field of a form."""
MOST_KEY = 2**63 - 1
"""No row has a larger key, and a database stumbles over one."""


class PageError(HelplineError):
    """A page that can't be shown, or a form that can't be taken. `key` names the text that says why."""

    def __init__(self, status: int, key: str) -> None:
        super().__init__(f"{status} {key}")
        self.status = status
        self.key = key


@dataclass(frozen=True, slots=True)
class Site:
    """What the pages of whoever signs in are made of."""

    settings: Settings
    secrets: Secrets
    store: Store
    lines: Mapping[str, Line]
    clock: Clock
    taxonomy: Taxonomy
    accounts: Accounts
    shell: Shell
    tally: Tally = field(default_factory=Tally)
    """Webhooks that this process refused."""

    @property
    def sessions(self) -> Sessions:
        """Who is signed in."""
        return self.accounts.sessions

    @property
    def desk(self) -> Desk:
        """Where the rota is edited."""
        return Desk(self.store, self.lines, standard(self.settings.limits))

    @property
    def secure(self) -> bool:
        """Whether browsers reach us by https: everywhere but in a demonstration on this machine."""
        return self.settings.service.public_url.startswith("https://")

    @property
    def cookie(self) -> str:
        """The session's cookie, the only one; its prefix binds it to this very host, where that is possible."""
        return "__Host-helpline" if self.secure else "helpline"

    def line(self, name: str) -> Line:
        """A line by the name that an address has. Raises `PageError`."""
        if name not in self.lines:
            raise PageError(404, "error-gone")
        return self.lines[name]

    def keep(self, response: Response | Redirect, token: str) -> None:
        """Gives the browser what it has to keep. For how long it opens anything, the database says."""
        response.set_cookie(
            self.cookie, token, max_age=KNOWN, secure=self.secure, httponly=True, samesite="Lax", path="/"
        )


@dataclass(frozen=True, slots=True)
class Visit:
    """One request: who looks (None: a guest), when (UTC seconds), in which language; `token` is their browser's."""

    site: Site
    viewer: Viewer | None
    now: int
    language: Language
    token: str

    @property
    def me(self) -> Viewer:
        """Whoever is signed in."""
        if self.viewer is None:
            raise PageError(403, "error-forbidden")
        return self.viewer

    @property
    def person(self) -> int:
        """The psychologist whoever looks is (`people.id`). Raises `PageError` for who is none."""
        if self.me.person is None:
            raise PageError(403, "error-forbidden")
        return self.me.person

    @property
    def say(self) -> Say:
        """Says the pages' texts."""
        return speaker(self.language)

    @property
    def formats(self) -> Formats:
        """Writes days, hours and numbers."""
        return Formats(self.language)

    @property
    def address(self) -> str:
        """Where this comes from, if the proxy is known to say so (`[service] address_header`), else ""."""
        header = self.site.settings.service.address_header
        return request.headers.get(header, "").rpartition(",")[2].strip() if header else ""

    @property
    def csrf(self) -> str:
        """What a form must carry."""
        return self.site.sessions.csrf(self.token)

    def field(self, name: str) -> str:
        """What was typed or chosen in a field of the form, without blanks around; "" if nothing. Raises `PageError`."""
        text = request.form.get(name, "").strip()
        if len(text) > MOST_TEXT or "\0" in text:
            raise PageError(400, "error-form")
        return text

    def fields(self, name: str) -> tuple[str, ...]:
        """What was chosen in a field with several answers."""
        return tuple(request.form.getlist(name)[:200])

    def asked(self, name: str) -> str:
        """A value of the address, "" if it isn't there."""
        text = request.args.get(name, "").strip()
        return text if len(text) <= MOST_TEXT and "\0" not in text else ""

    def url(self, endpoint: str, **values: object) -> str:
        """The address of one of our pages; values that are None or "" are left out."""
        given: dict[str, Any] = {name: value for name, value in values.items() if value not in {None, ""}}
        return url_for(f"{SITE}.{endpoint}", **given)

    def to(self, endpoint: str, *, done: str = "", **values: object) -> Redirect:
        """Leads there after a form; `done` is the key of a text, "done-...", that is said on top of that page."""
        return redirect(self.url(endpoint, done=done, **values), 303)

    def page(self, template: str, status: int = 200, **context: object) -> Response:
        """A page in its frame. Beside `context` it has `visit`, `say`, `url`, `fmt`, `csrf` and `done`."""
        done = self.asked("done")
        done = done if done.startswith("done-") and done in load_texts() else ""
        return self.site.shell.page(
            template,
            self.language,
            status,
            **{
                "visit": self,
                "url": self.url,
                "fmt": self.formats,
                "csrf": self.csrf,
                "done": done,
                "nav": items(self.viewer, request.endpoint or "") if self.viewer else [],
                "here": request.full_path.rstrip("?") if request.method == "GET" else "",
                **context,
            },
        )


def make_blueprint(site: Site, routes: Iterable[Route]) -> Blueprint:
    """The blueprint of these routes, each behind the guard; every request has a deadline for its database work."""
    pages = Blueprint(SITE, __name__)
    for route in routes:
        pages.add_url_rule(route.rule, route.endpoint, _guarded(site, route), methods=[route.method])
    site.shell.attach(pages)
    pages.register_error_handler(PageError, lambda error: _failed(site, error.status, error.key))
    pages.register_error_handler(RequestEntityTooLarge, lambda _: _failed(site, 413, "error-large"))
    for unavailable in (OperationalError, InterfaceError, NoConnectionLeft):
        pages.register_error_handler(unavailable, lambda error: _unavailable(site, error))
    return bounded(pages)


def _guarded(site: Site, route: Route) -> Callable[..., ResponseReturnValue]:
    def view(**values: Any) -> ResponseReturnValue:  # noqa: ANN401 - whatever the address holds
        request.max_content_length = route.body
        now = int(site.clock.now())
        token = request.cookies.get(site.cookie, "")
        token = token if TOKEN.fullmatch(token) else ""
        viewer = _viewer(site, token, now)
        visit = Visit(site, viewer, now, _language(viewer), token or secrets.token_urlsafe(32))
        g.visit = visit
        if refused := _refused(visit, route):
            return refused
        if route.method == "POST":
            if route.entrance and viewer is not None and not _shown_here(visit):
                return visit.to("home")
            _check_form(visit)
        if any(isinstance(value, int) and value > MOST_KEY for value in values.values()):
            gone()
        answer = route.view(visit, **values)
        if not token and route.roles == GUEST and isinstance(answer, Response):
            site.keep(answer, visit.token)
        return answer

    return view


def _refused(visit: Visit, route: Route) -> Redirect | None:
    """Where whoever may not is led, None for who may. Raises `PageError` for who has no such role."""
    if route.roles == GUEST:
        return None
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    if visit.viewer is None:
        language = known_language(request.args.get("lang"))
        return redirect(visit.url("sign_in", next=wanted or _referrer(visit), lang=language), 303)
    if not visit.viewer.may(*route.roles):
        raise PageError(403, "error-forbidden")
    if route.fresh and not visit.viewer.fresh:
        return redirect(visit.url("prove", next=wanted or _referrer(visit)), 303)
    return None


def _viewer(site: Site, token: str, now: int) -> Viewer | None:
    if not token:
        return None
    with site.store.read() as connection:
        found = site.sessions.read(connection, token, now)
    if found is not None and found.seen_day != now // 86_400:
        with site.store.durable() as tx:
            site.sessions.see(tx, token, now)
    return found


def _language(viewer: Viewer | None) -> Language:
    chosen = known_language(request.args.get("lang") or request.form.get("lang"))
    if chosen or viewer:
        return chosen or (viewer.language if viewer else LANGUAGES[0])
    return known_language(request.accept_languages.best_match(LANGUAGES)) or LANGUAGES[0]


def _check_form(visit: Visit) -> None:
    """Raises `PageError` unless this form was shown by us, to this browser."""
    if request.mimetype not in FORMS:
        raise PageError(400, "error-form")
    if not _shown_here(visit):
        raise PageError(400, "error-stale")


def _shown_here(visit: Visit) -> bool:
    return hmac.compare_digest(request.form.get("csrf", "").encode(), visit.csrf.encode())


def own_path(text: str) -> str:
    """`text` if it is a path of ours that a browser can't take for anything else, else ""."""
    parts = urlsplit(text) if text.startswith("/") and not re.search(r"[\\\x00-\x20\x7f]", text) else None
    return text if parts and not text.startswith("//") and not parts.netloc and not parts.scheme else ""


def _referrer(visit: Visit) -> str | None:
    found = request.referrer or ""
    base = visit.site.settings.service.public_url
    return own_path(found.removeprefix(base)) or None if found.startswith(base + "/") else None


def _failed(site: Site, status: int, key: str) -> Response:
    visit: Visit | None = g.get("visit")
    if visit is None:
        visit = Visit(site, None, int(site.clock.now()), "fr", "")
    return visit.page("error.html", status, what=key)


def _unavailable(site: Site, error: SQLAlchemyError) -> Response:
    # The error's own message may hold what was being written.
    _log.error("a page could not use the database: %s", type(error).__name__)
    return _failed(site, 503, "unavailable")


def gone() -> NoReturn:
    """What this address or form is about isn't there, or no longer. Raises `PageError`."""
    raise PageError(404, "error-gone")
