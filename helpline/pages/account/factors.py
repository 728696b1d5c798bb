"""The second factor of one's own account: another authenticator, new recovery codes. Only for who just proved it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response
from sqlalchemy import select

from helpline.pages.account.authenticators import offered, secret_for
from helpline.pages.routes import ANYBODY, Route
from helpline.pages.site import Site, Visit
from helpline.store.account_tables import Account

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


def routes(_site: Site) -> tuple[Route, ...]:
    """Two pages, and what each does."""
    return (
        Route("/account/authenticator", "account_authenticator", show, ANYBODY, fresh=True),
        Route("/account/authenticator", "account_authenticator_save", save, ANYBODY, "POST", fresh=True),
        Route("/account/recovery", "account_recovery", show_recovery, ANYBODY, fresh=True),
        Route("/account/recovery", "account_recovery_new", renew_recovery, ANYBODY, "POST", fresh=True),
    )


def show(visit: Visit) -> ResponseReturnValue:
    """An authenticator to set up in place of the one there is."""
    return _form(visit, {})


def save(visit: Visit) -> ResponseReturnValue:
    """It replaces the other once a code shows that they have it; every other browser is out."""
    site, me = visit.site, visit.me
    _, secret, _ = _offer(visit)
    with site.store.durable() as tx:
        right = site.accounts.authenticators.enrol(tx, me.account, secret, visit.field("code"), visit.now)
        if right:
            site.sessions.revoke_all(tx, me.account, but=visit.token)
    if not right:
        return _form(visit, {"code": visit.say("totp-wrong")}, 400)
    return visit.to("account", done="done-authenticator")


def show_recovery(visit: Visit) -> ResponseReturnValue:
    """How many codes are left, and what new ones do to them."""
    with visit.site.store.read() as connection:
        left = visit.site.accounts.recovery.left(connection, visit.me.account)
    return visit.page("account/recovery.html", left=left)


def renew_recovery(visit: Visit) -> ResponseReturnValue:
    """Shows ten new codes, once. Sent twice, the last ones count."""
    with visit.site.store.durable() as tx:
        codes = visit.site.accounts.recovery.renew(tx, visit.me.account)
    return visit.page("account/codes.html", said=visit.say("codes-new"), codes=codes)


def _form(visit: Visit, wrong: dict[str, str], status: int = 200) -> Response:
    email, secret, replaces = _offer(visit)
    new = offered(visit, secret, email)
    return visit.page("account/authenticator.html", status, new=new, replaces=replaces, wrong=wrong)


def _offer(visit: Visit) -> tuple[str, str, bool]:
    """Their address, the secret to set up - another one as soon as this one is in use - and whether it replaces one."""
    with visit.site.store.read() as connection:
        row = connection.execute(select(Account.email, Account.totp).where(Account.id == visit.me.account)).one()
    used = (row.totp or b"").hex()
    secret = secret_for(visit.site.secrets.link_key, "account", str(visit.me.account), visit.token, used)
    return row.email, secret, bool(used)
