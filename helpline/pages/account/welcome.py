"""An invitation: a password, then a second factor, then recovery codes, and whoever was invited is in.

Nothing about it is kept in the browser, and each step is a page of its own, so that loading it anew, or coming back
from another app, loses nothing. The password waits in the account's row, where without a second factor it opens
nothing; the authenticator's secret follows from the link (`helpline.pages.account.authenticators`). One transaction
makes the account theirs and uses the link up. Sending that step twice shows codes twice, and the last ones count.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Response, request
from sqlalchemy import select, update

from helpline.accounts import invitations
from helpline.accounts.invitations import Invited
from helpline.accounts.passkeys import Owner, PasskeyRefused
from helpline.accounts.signing_in import enter, set_password
from helpline.accounts.standing import in_force
from helpline.pages.account.asking import credential, this_device
from helpline.pages.account.authenticators import offered, secret_for
from helpline.pages.account.choosing import hashed, wrong_with
from helpline.pages.account.own import role_words
from helpline.pages.routes import GUEST, Route
from helpline.pages.site import PageError, Site, Visit
from helpline.pages.texts import known_language
from helpline.store.account_tables import Account

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


def routes(_site: Site) -> tuple[Route, ...]:
    """Two steps, and the way in."""
    return (
        Route("/welcome/<token>", "welcome", show_first, GUEST),
        Route("/welcome/<token>", "welcome_password", take_password, GUEST, "POST"),
        Route("/welcome/<token>/phone", "welcome_phone", show_second, GUEST),
        Route("/welcome/<token>/phone", "welcome_finish", take_second, GUEST, "POST"),
        Route("/welcome/<token>/challenge", "welcome_challenge", challenge, GUEST, "POST"),
        Route("/welcome/<token>/in", "welcome_in", go_in, GUEST, "POST", entrance=True),
    )


def show_first(visit: Visit, token: str) -> ResponseReturnValue:
    """Who is invited to what, and the choice of a password."""
    invited = _invited(visit, token)
    return _first(_in_their_language(visit, invited), token, invited, {}) if invited else _used(visit)


def take_password(visit: Visit, token: str) -> ResponseReturnValue:
    """Keeps the password that was chosen. It opens nothing before the second step."""
    invited = _invited(visit, token)
    if invited is None:
        return _used(visit)
    visit = _in_their_language(visit, invited)
    if wrong := wrong_with(visit, invited.name, invited.email):
        return _first(visit, token, invited, wrong, 400)
    kept = hashed(visit)
    if kept is None:
        return _first(visit, token, invited, {"": visit.say("signin-busy")}, 503)
    with visit.site.store.durable() as tx:
        if invitations.account_of(tx, token, visit.now) is None:
            return _used(visit)
        set_password(tx, invited.account, kept)
    return visit.to("welcome_phone", token=token, lang=visit.language)


def show_second(visit: Visit, token: str) -> ResponseReturnValue:
    """The authenticator to set up, or a passkey."""
    invited = _invited(visit, token)
    if invited is None:
        return _used(visit)
    with visit.site.store.read() as connection:
        chosen = connection.execute(select(Account.password).where(Account.id == invited.account)).scalar()
    if not chosen:
        return visit.to("welcome", token=token)
    return _second(_in_their_language(visit, invited), token, invited, {})


def take_second(visit: Visit, token: str) -> ResponseReturnValue:
    """Whoever shows that they have the second factor has an account, and is shown their recovery codes."""
    secret, key, invited = _secret(visit, token), credential(), _invited(visit, token)
    right = bool(visit.site.accounts.authenticators.match(secret, visit.field("code"), visit.now))
    if invited is None:
        account = _opened(visit, token, "phone")
        codes = _again(visit, account, secret) if account and right and not key else None
        return _codes(visit, token, account, codes) if account and codes else _used(visit)
    visit = _in_their_language(visit, invited)
    if not key and not right:
        return _second(visit, token, invited, {"code": visit.say("totp-wrong")}, 400)
    try:
        codes = _enrol(visit, token, secret, key)
    except PasskeyRefused:
        return _second(visit, token, invited, {"": visit.say("passkey-again")}, 400)
    return _codes(visit, token, invited.account, codes) if codes else _used(visit)


def challenge(visit: Visit, token: str) -> ResponseReturnValue:
    """What a device makes a passkey from: JSON for `navigator.credentials.create`."""
    with visit.site.store.read() as connection:
        invited = invitations.account_of(connection, token, visit.now)
        if invited is None:
            raise PageError(410, "error-gone")
        owner = Owner(invited.account, invited.name, invited.email)
        text = visit.site.accounts.passkeys.to_register(connection, owner, visit.token, visit.now)
    return Response(text, mimetype="application/json")


def go_in(visit: Visit, token: str) -> ResponseReturnValue:
    """They have kept their codes: they are signed in."""
    account = _opened(visit, token, "in")
    if account is None:
        return _used(visit)
    with visit.site.store.read() as connection:
        if connection.execute(select(Account.id).where(Account.id == account, in_force(visit.now))).first() is None:
            return _used(visit)
    kept = enter(visit.site.accounts, account, visit.token, this_device(), visit.now)
    answer = visit.to("home")
    visit.site.keep(answer, kept)
    return answer


def _enrol(visit: Visit, token: str, secret: str, key: str) -> tuple[str, ...] | None:
    """Makes the account theirs, at once and once; their recovery codes. None when the link was used meanwhile."""
    accounts, now = visit.site.accounts, visit.now
    with visit.site.store.durable() as tx:
        account = invitations.accept(tx, token, now)
        if account is None:
            return None
        if key:
            name = this_device() or visit.say("passkey-mine")
            accounts.passkeys.register(tx, account, visit.token, key, name, now)
        elif not accounts.authenticators.enrol(tx, account, secret, visit.field("code"), now):
            raise PageError(400, "error-form")
        tx.execute(update(Account).where(Account.id == account).values(language=visit.language))
        accounts.sessions.revoke_all(tx, account)
        return accounts.recovery.renew(tx, account)


def _again(visit: Visit, account: int, secret: str) -> tuple[str, ...] | None:
    """New recovery codes for whoever has just enrolled in this browser with this secret, and sent it twice."""
    accounts = visit.site.accounts
    with visit.site.store.durable() as tx:
        sealed = tx.execute(select(Account.totp).where(Account.id == account, in_force(visit.now))).scalar()
        return (
            accounts.recovery.renew(tx, account) if accounts.authenticators.secret(account, sealed) == secret else None
        )


def _invited(visit: Visit, token: str) -> Invited | None:
    with visit.site.store.read() as connection:
        return invitations.account_of(connection, token, visit.now)


def _in_their_language(visit: Visit, invited: Invited) -> Visit:
    """In the language that the account has, unless they chose another on the page."""
    chosen = known_language(request.args.get("lang") or request.form.get("lang"))
    return visit if chosen else replace(visit, language=invited.language)


def _secret(visit: Visit, token: str) -> str:
    return secret_for(visit.site.secrets.link_key, "welcome", token)


def _sealed(visit: Visit, token: str, account: int, step: str) -> str:
    """Whose enrolment a form goes on with when the link no longer says so: in this browser, for this step, an hour."""
    return visit.site.accounts.drafts.close({"account": str(account)}, f"{step} {token} {visit.token}", visit.now)


def _opened(visit: Visit, token: str, step: str) -> int | None:
    found = visit.site.accounts.drafts.open(visit.field("draft"), f"{step} {token} {visit.token}", visit.now)
    return int(found["account"]) if found else None


def _first(visit: Visit, token: str, invited: Invited, wrong: dict[str, str], status: int = 200) -> Response:
    roles = role_words(visit, invited.roles)
    shown = {"token": token, "name": invited.name, "email": invited.email, "roles": roles, "wrong": wrong}
    return visit.page("account/welcome.html", status, **shown)


def _second(visit: Visit, token: str, invited: Invited, wrong: dict[str, str], status: int = 200) -> Response:
    new = offered(visit, _secret(visit, token), invited.email)
    draft = _sealed(visit, token, invited.account, "phone")
    return visit.page("account/second.html", status, token=token, new=new, draft=draft, wrong=wrong)


def _codes(visit: Visit, token: str, account: int, codes: tuple[str, ...]) -> Response:
    return visit.page(
        "account/codes.html",
        said=visit.say("welcome-done"),
        codes=codes,
        onwards=visit.url("welcome_in", token=token),
        draft=_sealed(visit, token, account, "in"),
    )


def _used(visit: Visit) -> Response:
    return visit.page("account/used.html", 410)
