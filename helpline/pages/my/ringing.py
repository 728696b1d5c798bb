"""Ring me to test my phone: one tap; the page then says whether the 1 was heard."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpline.calls.trying import NotRung, Trying, Why
from helpline.carrier.rest import CarrierApi
from helpline.carrier.seal import Seal
from helpline.carrier.try_urls import TryUrls
from helpline.pages.my.away import own_line
from helpline.pages.routes import PSYCHOLOGIST, Route
from helpline.pages.site import Site, Visit

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

LEG = re.compile(r"[0-9a-f]{32}")
"""What a tried leg is called."""
NOT_RUNG: Mapping[Why, str] = {
    "soon": "my-ring-soon",
    "busy": "my-ring-busy",
    "callers": "my-ring-callers",
    "carrier": "my-ring-carrier",
}
STATES = {"ringing": "my-ring-ringing", "heard": "my-ring-heard", "over": "my-ring-over"}


@dataclass(frozen=True, slots=True)
class RingPages:
    """The page, and its one button."""

    trying: Trying

    def show(self, visit: Visit) -> ResponseReturnValue:
        """What has become of the last try, as its address knows it."""
        leg = visit.asked("try")
        state = self.trying.state(leg, visit.person) if LEG.fullmatch(leg) else ""
        return visit.page("my/ring.html", state=state, said=STATES.get(state, ""), leg=leg)

    def ring(self, visit: Visit) -> ResponseReturnValue:
        """Rings, or says why not."""
        try:
            leg = self.trying.ring(own_line(visit), visit.person)
        except NotRung as error:
            return visit.page("my/ring.html", 409, state="not", said=NOT_RUNG[error.why], leg="")
        return visit.to("my_phone_ring", **{"try": leg})


def routes(site: Site) -> tuple[Route, ...]:
    """Two rows; the carrier is asked as the placer asks it."""
    carrier, seal = site.settings.carrier, Seal(site.secrets.seal_keys)
    urls = TryUrls(site.settings.service.public_url, seal)
    api, key = CarrierApi(carrier, site.secrets), site.secrets.link_key
    pages = RingPages(Trying(site.store, site.clock, api, urls, key, carrier.creations_per_second))
    return (
        Route("/my/phone/ring", "my_phone_ring", pages.show, PSYCHOLOGIST),
        Route("/my/phone/ring", "my_phone_ring_now", pages.ring, PSYCHOLOGIST, "POST"),
    )
