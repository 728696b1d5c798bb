"""What callers hear: each line's flow as a picture and in words, and a call to try it on."""

from __future__ import annotations

from helpline.pages.flows import listing, one, trying
from helpline.pages.routes import Route
from helpline.pages.site import Site


def routes(site: Site) -> tuple[Route, ...]:
    """The rows of these pages."""
    return (*listing.routes(site), *one.routes(site), *trying.routes(site))
