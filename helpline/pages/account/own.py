"""What everybody sees and changes of their own account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from flask import Response
from sqlalchemy import select

from helpline.accounts.model import ROLES, Role
from helpline.accounts.passkeys import Key
from helpline.accounts.sessions import Listed
from helpline.accounts.signing_in import check_password, set_password
from helpline.pages.account.asking import password, refused
from helpline.pages.account.choosing import hashed, wrong_with
from helpline.pages.formats import Formats
from helpline.pages.routes import ANYBODY, Route
from helpline.pages.site import Site, Visit, gone
from helpline.store.account_tables import Account

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

ROLE_WORDS: dict[Role, str] = {
    "psychologist": "account-role-psychologist",
    "coordinator": "account-role-coordinator",
    "funder": "account-role-funder",
    "operator": "account-role-operator",
}


@dataclass(frozen=True, slots=True)
class ShownKey:
    """One passkey of the list."""

    id: int
    name: str
    day: str


@dataclass(frozen=True, slots=True)
class ShownSession:
    """One browser of the list."""

    id: str
    device: str
    day: str
    current: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page says; `recovery`: codes that are left."""

    name: str
    email: str
    roles: str
    authenticator: bool
    recovery: int
    passkeys: Sequence[ShownKey]
    sessions: Sequence[ShownSession]


def routes(_site: Site) -> tuple[Route, ...]:
    """The page, the password, and the browsers that are signed in."""
    return (
        Route("/account", "account", show, ANYBODY),
        Route("/account/password", "account_password", show_password, ANYBODY),
        Route("/account/password", "account_password_save", save_password, ANYBODY, "POST"),
        Route("/account/sessions/end", "account_sessions_end", end_others, ANYBODY, "POST"),
        Route("/account/sessions/<id>/end", "account_session_end", end_one, ANYBODY, "POST"),
    )


def show(visit: Visit) -> ResponseReturnValue:
    """Who they are here, how they sign in, and from where they have."""
    return account_page(visit)


def account_page(visit: Visit, status: int = 200, fault: str = "") -> Response:
    """The page as it is now, with what couldn't be done on top."""
    accounts, me = visit.site.accounts, visit.me
    with visit.site.store.read() as connection:
        row = connection.execute(
            select(Account.email, Account.totp.is_not(None).label("totp")).where(Account.id == me.account)
        ).one()
        left = accounts.recovery.left(connection, me.account)
        keys = accounts.passkeys.of(connection, me.account)
        browsers = accounts.sessions.of(connection, me.account, visit.now, visit.token)
    shown = Shown(
        name=me.name,
        email=row.email,
        roles=role_words(visit, me.roles),
        authenticator=row.totp,
        recovery=left,
        passkeys=_keys(keys, visit.formats),
        sessions=_browsers(browsers, visit.formats, visit.say("account-unknown-device")),
    )
    return visit.page("account/account.html", status, shown=shown, fault=fault)


def show_password(visit: Visit) -> ResponseReturnValue:
    """The form that changes the password."""
    return _password_form(visit, {})


def save_password(visit: Visit) -> ResponseReturnValue:
    """A new password for whoever knows the old one; every other browser is out."""
    site, me = visit.site, visit.me
    # The choice is looked at first: whoever typed it badly needn't be counted as guessing.
    if wrong := wrong_with(visit, me.name, _email(visit)):
        return _password_form(visit, wrong, 400)
    if refusal := check_password(site.accounts, me.account, visit.token, password("current"), visit.now):
        text, status = refused(visit, refusal, "password-wrong")
        return _password_form(visit, {"current": text}, status)
    kept = hashed(visit)
    if kept is None:
        return _password_form(visit, {"": visit.say("signin-busy")}, 503)
    with site.store.durable() as tx:
        set_password(tx, me.account, kept)
        site.sessions.revoke_all(tx, me.account, but=visit.token)
    return visit.to("account", done="done-password")


def end_one(visit: Visit, id: str) -> ResponseReturnValue:  # noqa: A002 - as the address calls it
    """Signs another browser of theirs out."""
    with visit.site.store.durable() as tx:
        ended = visit.site.sessions.revoke(tx, visit.me.account, id)
    return visit.to("account", done="done-session-ended") if ended else gone()


def end_others(visit: Visit) -> ResponseReturnValue:
    """Signs all others out, and forgets them."""
    with visit.site.store.durable() as tx:
        visit.site.sessions.revoke_all(tx, visit.me.account, but=visit.token)
    return visit.to("account", done="done-sessions-ended")


def role_words(visit: Visit, roles: frozenset[Role]) -> str:
    """Roles as people read them."""
    return ", ".join(visit.say(ROLE_WORDS[role]) for role in ROLES if role in roles)


def _password_form(visit: Visit, wrong: dict[str, str], status: int = 200) -> Response:
    return visit.page("account/password.html", status, wrong=wrong, email=_email(visit))


def _email(visit: Visit) -> str:
    with visit.site.store.read() as connection:
        return connection.execute(select(Account.email).where(Account.id == visit.me.account)).scalar_one()


def _keys(keys: Sequence[Key], formats: Formats) -> tuple[ShownKey, ...]:
    return tuple(ShownKey(key.id, key.name, formats.date(_date(key.added_day), year=True)) for key in keys)


def _browsers(found: Sequence[Listed], formats: Formats, unknown: str) -> tuple[ShownSession, ...]:
    return tuple(
        ShownSession(each.id, each.device or unknown, formats.date(_date(each.seen_day)), each.current)
        for each in found
    )


def _date(day: int) -> date:
    """A day that a row counts from 1970."""
    return date(1970, 1, 1) + timedelta(days=day)
