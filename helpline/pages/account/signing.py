"""Signing in: one form for everything, one sentence for everything that is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, redirect
from werkzeug.wrappers import Response as Redirect

from helpline.accounts.signing_in import Attempt, Refusal, enter, sign_in, sign_in_with_passkey
from helpline.pages.account.asking import credential, password, refused, this_device
from helpline.pages.public.addresses import HELP
from helpline.pages.routes import GUEST, Route
from helpline.pages.site import Site, Visit, own_path

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


def routes(_site: Site) -> tuple[Route, ...]:
    """The form, what it sends, and what a device is asked to sign."""
    return (
        Route("/sign-in", "sign_in", show, GUEST),
        Route("/sign-in", "sign_in_post", take, GUEST, "POST", entrance=True),
        Route("/sign-in/challenge", "sign_in_challenge", challenge, GUEST, "POST"),
    )


def show(visit: Visit) -> ResponseReturnValue:
    """The form; whoever is signed in already is led on."""
    if visit.viewer is not None:
        return _onwards(visit, visit.asked("next"))
    return _form(visit, own_path(visit.asked("next")), using=visit.asked("using"))


def take(visit: Visit) -> ResponseReturnValue:
    """Lets in who has an e-mail, a password and a code that belong together, or a passkey."""
    key = credential()
    found = _by_passkey(visit, key) if key else _by_code(visit)
    if isinstance(found, Refusal):
        text, status = refused(visit, found, "signin-passkey-wrong" if key else "signin-wrong")
        answer = _form(visit, own_path(visit.field("next")), status, fault=text, using=visit.field("using"))
        if found.seconds:
            answer.headers["Retry-After"] = str(found.seconds)
        return answer
    token = enter(visit.site.accounts, found, visit.token, this_device(), visit.now)
    led = _onwards(visit, visit.field("next"))
    visit.site.keep(led, token)
    return led


def challenge(visit: Visit) -> ResponseReturnValue:
    """What a device is asked to sign: JSON for `navigator.credentials.get`."""
    return Response(visit.site.accounts.passkeys.to_authenticate(visit.token, visit.now), mimetype="application/json")


def _by_code(visit: Visit) -> int | Refusal:
    typed = visit.field("email"), password("password"), visit.field("code")
    attempt = Attempt(*typed, visit.token, visit.address)
    return sign_in(visit.site.accounts, attempt, visit.now)


def _by_passkey(visit: Visit, key: str) -> int | Refusal:
    return sign_in_with_passkey(visit.site.accounts, visit.token, key, visit.now)


def _form(visit: Visit, onwards: str, status: int = 200, *, fault: str = "", using: str = "") -> Response:
    shown = {"fault": fault, "email": visit.field("email"), "next": onwards, "recovery": using == "recovery"}
    return visit.page("account/sign_in.html", status, help=HELP[visit.language], **shown)


def _onwards(visit: Visit, wanted: str) -> Redirect:
    """To where they wanted to go, if that is a page of ours, else to their first."""
    return redirect(own_path(wanted) or visit.url("home"), 303)
