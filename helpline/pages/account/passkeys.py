"""Passkeys of one's own account: add, rename, remove. Making one takes our script; everything else works without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response
from sqlalchemy import select

from helpline.accounts.passkeys import LONGEST_NAME, Owner, PasskeyRefused
from helpline.pages.account.asking import credential, this_device
from helpline.pages.account.own import account_page
from helpline.pages.routes import ANYBODY, Route
from helpline.pages.site import Site, Visit, gone
from helpline.store.account_tables import Account

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


def routes(_site: Site) -> tuple[Route, ...]:
    """The page that makes one, what the device is asked, and the list's two actions."""
    return (
        Route("/account/passkeys/new", "account_passkey_new", show, ANYBODY, fresh=True),
        Route("/account/passkeys/new", "account_passkey_add", add, ANYBODY, "POST", fresh=True),
        Route("/account/passkeys/challenge", "account_passkey_challenge", challenge, ANYBODY, "POST", fresh=True),
        Route("/account/passkeys/<int:id>/name", "account_passkey_rename", rename, ANYBODY, "POST"),
        Route("/account/passkeys/<int:id>/remove", "account_passkey_remove", remove, ANYBODY, "POST", fresh=True),
    )


def show(visit: Visit) -> ResponseReturnValue:
    """What a passkey is, and the button that makes one."""
    return _form(visit, this_device())


def challenge(visit: Visit) -> ResponseReturnValue:
    """What a device makes a passkey from: JSON for `navigator.credentials.create`."""
    me = visit.me
    with visit.site.store.read() as connection:
        email = connection.execute(select(Account.email).where(Account.id == me.account)).scalar_one()
        owner = Owner(me.account, me.name, email)
        text = visit.site.accounts.passkeys.to_register(connection, owner, visit.token, visit.now)
    return Response(text, mimetype="application/json")


def add(visit: Visit) -> ResponseReturnValue:
    """Keeps what the device made."""
    name = visit.field("name")[:LONGEST_NAME] or visit.say("passkey-mine")
    try:
        with visit.site.store.durable() as tx:
            key = credential()
            visit.site.accounts.passkeys.register(tx, visit.me.account, visit.token, key, name, visit.now)
    except PasskeyRefused:
        return _form(visit, name, visit.say("passkey-again"), 400)
    return visit.to("account", done="done-passkey-added")


def rename(visit: Visit, id: int) -> ResponseReturnValue:  # noqa: A002 - as the address calls it
    """Another name in the list; without one it keeps its own."""
    if not visit.field("name"):
        return visit.to("account")
    with visit.site.store.durable() as tx:
        done = visit.site.accounts.passkeys.rename(tx, visit.me.account, id, visit.field("name"))
    return visit.to("account", done="done-passkey-renamed") if done else gone()


def remove(visit: Visit, id: int) -> ResponseReturnValue:  # noqa: A002 - as the address calls it
    """It opens nothing any more; unless it is the only second factor they have."""
    passkeys, account = visit.site.accounts.passkeys, visit.me.account
    with visit.site.store.durable() as tx:
        # The row is held: of two keys that go at the same moment, the last one stays.
        totp = tx.execute(select(Account.totp).where(Account.id == account).with_for_update()).scalar()
        last = totp is None and [key.id for key in passkeys.of(tx, account)] == [id]
        done = not last and passkeys.remove(tx, account, id)
    if last:
        return account_page(visit, 409, visit.say("passkey-last"))
    return visit.to("account", done="done-passkey-removed") if done else gone()


def _form(visit: Visit, name: str, fault: str = "", status: int = 200) -> Response:
    return visit.page("account/passkey_new.html", status, name=name, fault=fault)
