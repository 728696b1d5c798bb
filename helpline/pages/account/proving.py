"""Proving anew that it is you, before people are exported or changed; then on to where they were going."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Response, redirect
from sqlalchemy import select
from werkzeug.wrappers import Response as Redirect

from helpline.accounts.signing_in import Refusal, prove, prove_with_passkey
from helpline.pages.account.asking import credential, password, refused
from helpline.pages.routes import ANYBODY, Route
from helpline.pages.site import Site, Visit, own_path
from helpline.store.account_tables import Account

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


def routes(_site: Site) -> tuple[Route, ...]:
    """The form and what it sends; a challenge is that of signing in."""
    return (
        Route("/prove", "prove", show, ANYBODY),
        Route("/prove", "prove_post", take, ANYBODY, "POST"),
    )


def show(visit: Visit) -> ResponseReturnValue:
    """Asks for a code, the password or a passkey; whoever proved it a few minutes ago is led on."""
    if visit.me.fresh:
        return _onwards(visit, visit.asked("next"))
    return _form(visit, visit.asked("next"), visit.asked("using"))


def take(visit: Visit) -> ResponseReturnValue:
    """For a quarter of an hour it is them."""
    accounts, me, key = visit.site.accounts, visit.me, credential()
    if key:
        found = prove_with_passkey(accounts, me.account, visit.token, key, visit.now)
    else:
        found = prove(accounts, me.account, visit.token, password("proof"), visit.now)
    if isinstance(found, Refusal):
        text, status = refused(visit, found, "signin-passkey-wrong" if key else "prove-wrong")
        return _form(visit, visit.field("next"), visit.field("using"), status, text)
    return _onwards(visit, visit.field("next"))


def _form(visit: Visit, wanted: str, using: str, status: int = 200, fault: str = "") -> Response:
    with visit.site.store.read() as connection:
        row = connection.execute(
            select(Account.email, Account.totp.is_not(None).label("totp")).where(Account.id == visit.me.account)
        ).one()
        keys = visit.site.accounts.passkeys.of(connection, visit.me.account)
    by_password = using == "password" or not row.totp
    return visit.page(
        "account/prove.html",
        status,
        fault=fault,
        email=row.email,
        next=own_path(wanted),
        using="password" if by_password else "code",
        authenticator=row.totp,
        passkeys=bool(keys),
    )


def _onwards(visit: Visit, wanted: str) -> Redirect:
    return redirect(with_word(own_path(wanted)) or visit.url("account", done="done-proved"), 303)


def with_word(path: str) -> str:
    """`path` as the address of a page that says on top that they may go on: its button has to be pressed again."""
    if not path:
        return ""
    parts = urlsplit(path)
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != "done"]
    return parts._replace(query=urlencode([*query, ("done", "done-proved")])).geturl()
