"""Every page for getting in, and for one's own account."""

from __future__ import annotations

from helpline.pages.account import entry, factors, own, passkeys, proving, signing, welcome
from helpline.pages.routes import Route
from helpline.pages.site import Site


def routes(site: Site) -> tuple[Route, ...]:
    """The rows of all of them."""
    return tuple(
        route for part in (entry, signing, welcome, proving, own, factors, passkeys) for route in part.routes(site)
    )
