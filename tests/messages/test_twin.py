"""Text messages as they really travel: through the carrier's library, to a telephone, and back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from helpline.calls.unheard import Unheard
from helpline.carrier.hooks import Tally
from helpline.carrier.replies import ReplyRoutes
from helpline.carrier.rest import CarrierApi
from helpline.carrier.signature import Signature
from helpline.errors import CarrierError
from helpline.jobs import reminding
from helpline.jobs.telling import Telling
from helpline.messages.composing import Composer
from helpline.messages.sending import make_ways
from helpline.settings import Secrets
from helpline.twin import Twin, VirtualClock, WsgiTransport, serve
from tests.messages.post import DAY, KEY, WITH_COORDINATOR, Office, office_in
from tests.shell import NOON, PUBLIC

SHOWN, ALIXS = "+33199000401", "+33199000101"


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    """As everywhere."""
    with office_in(sqlite_url, tmp_path, WITH_COORDINATOR) as office:
        yield office


@pytest.fixture
def twin(office: Office) -> Iterator[Twin]:
    """A carrier in front of the line's text messages."""
    app, clock = Flask("helpline", static_folder=None), VirtualClock(NOON)
    twin = Twin(WsgiTransport(app, PUBLIC), clock=clock)
    routes = ReplyRoutes(
        office.store, office.lines, Signature([twin.auth_token]), office.settings.service, clock, Tally(), Unheard()
    )
    app.register_blueprint(routes.blueprint())
    twin.own(SHOWN, sms_url=f"{PUBLIC}/sms/france")
    yield twin
    assert twin.violations == []


def api_of(office: Office, twin: Twin, base_url: str) -> CarrierApi:
    """The carrier's library, which talks to the twin."""
    carrier = office.settings.carrier.model_copy(update={"account": twin.account_sid, "api_base_url": base_url})
    return CarrierApi(
        carrier, Secrets(auth_tokens=(twin.auth_token,), seal_keys=(KEY,), link_key=KEY, report_secret=KEY)
    )


def test_a_reminder_is_answered_with_one(office: Office, twin: Twin) -> None:
    """The message goes out, the answer comes back, the shift is confirmed and the psychologist hears so."""
    office.shift(NOON + DAY)
    reminding.run(office.store, office.lines, office.messages, NOON)
    with serve(twin.rest) as base_url:
        api = api_of(office, twin, base_url)
        ways = make_ways(office.settings, api_secrets(twin), api)
        assert Telling(office.store, office.lines, Composer(office.links), ways).run(NOON) == 1
        sent = [message for message in twin.messages.values() if message.to == ALIXS]
        assert sent[0].from_ == SHOWN
        assert sent[0].body.startswith("Garde mer 11/03 13:00-21:00")
        twin.text(ALIXS, SHOWN, "1")
        twin.run_for(5)
    answers = [message.body for message in twin.messages.values() if message.direction == "outbound-reply"]
    assert answers == ["Merci, c'est confirmé: garde mer 11/03 13:00-21:00."]
    assert office.notices("confirmed_at") == [(NOON,)]


def api_secrets(twin: Twin) -> Secrets:
    """Secrets that are none."""
    return Secrets(auth_tokens=(twin.auth_token,), seal_keys=(KEY,), link_key=KEY, report_secret=KEY)


def test_a_key_that_is_not_accepted_is_no_fault_of_the_message(office: Office, twin: Twin) -> None:
    """Somebody mends the configuration, and it goes out: it isn't given up like a number that doesn't exist."""
    with serve(twin.rest) as base_url:
        carrier = office.settings.carrier.model_copy(update={"account": twin.account_sid, "api_base_url": base_url})
        wrong = Secrets(auth_tokens=("another token",), seal_keys=(KEY,), link_key=KEY, report_secret=KEY)
        with pytest.raises(CarrierError, match="doesn't let us in") as refused:
            CarrierApi(carrier, wrong).send_message(ALIXS, SHOWN, "Hello")
    assert not refused.value.permanent


def test_a_stranger_gets_no_answer(office: Office, twin: Twin) -> None:
    """Whoever isn't a psychologist, perhaps a caller, is answered nothing."""
    twin.text("+33199007381", SHOWN, "1")
    twin.run_for(5)
    assert [message.direction for message in twin.messages.values()] == ["inbound"]


def test_a_refusal_of_the_carrier_names_no_number(office: Office, twin: Twin) -> None:
    """What it says of a message it won't send is a number of its own."""
    with serve(twin.rest) as base_url, pytest.raises(CarrierError) as refused:
        api_of(office, twin, base_url).send_message("112", SHOWN, "Hello")
    assert str(refused.value) == "message: the carrier answered 400 (code 21211)"
    assert refused.value.permanent
    twin.violations.clear()
