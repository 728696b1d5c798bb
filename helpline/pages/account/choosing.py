"""Choosing a password: typed twice, and what is wrong with it in words."""

from __future__ import annotations

from helpline.accounts.passwords import Busy, Fault, faults
from helpline.pages.account.asking import password
from helpline.pages.site import Visit

WORDS: dict[Fault, str] = {
    "short": "password-short",
    "long": "password-long",
    "common": "password-common",
    "own": "password-own",
}


def wrong_with(visit: Visit, *own: str) -> dict[str, str]:
    """Field -> what is wrong with the password that was typed in "password" and "again"; `own`: name and e-mail."""
    chosen = password("password")
    if found := faults(chosen, *own):
        return {"password": visit.say(WORDS[found[0]])}
    return {} if chosen == password("again") else {"again": visit.say("password-differs")}


def hashed(visit: Visit) -> str | None:
    """What to keep of the password that was typed; None when too many are hashed at this moment."""
    try:
        return visit.site.accounts.passwords.hash(password("password"))
    except Busy:
        return None
