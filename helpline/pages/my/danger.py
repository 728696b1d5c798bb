"""What to do when a life is in danger: one tap away from every page, and nothing on it leads away by accident."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpline.pages.routes import PSYCHOLOGIST, Route
from helpline.pages.site import Visit

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


def show(visit: Visit) -> ResponseReturnValue:
    """Three steps, and what nobody can do."""
    return visit.page("my/danger.html")


ROUTES = (Route("/my/danger", "my_danger", show, PSYCHOLOGIST),)
