from functools import cache
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.calls.ringing import LegRef
from helpline.carrier.seal import Payload, Seal
from helpline.carrier.urls import OVERRIDES, RoomToken, VoiceUrls, WaitToken
from helpline.errors import BadToken
from helpline.lines import Line
from ivr_flows import bringing, service, standby
from ivr_flows.caller import Place as CallerPlace
from ivr_flows.model import LANGUAGES
from ivr_flows.psychologist import Place as LegPlace
from ivr_flows.psychologist import Stage
from tests.shell import PUBLIC, lines_in

SEAL = Seal([b"a seal key of these tests"])
URLS = VoiceUrls(PUBLIC, SEAL)
WORDS = st.text(max_size=20)
COUNTS = st.integers(0, 2**40)
SPOKEN = st.sampled_from(LANGUAGES)
PLACES = st.builds(CallerPlace, WORDS, SPOKEN, st.none() | WORDS, COUNTS, st.booleans())
WAITS = st.builds(WaitToken, SPOKEN, COUNTS, st.booleans(), st.booleans(), COUNTS)
REFS = st.builds(LegRef, WORDS, WORDS, st.integers(1, 2**40), st.none() | COUNTS, SPOKEN)
SERVICES = st.builds(LegRef, WORDS, WORDS, st.just(0), st.none(), SPOKEN)
BRINGINGS = st.builds(bringing.Place, st.sampled_from(bringing.Stage), SPOKEN, COUNTS, COUNTS, COUNTS, WORDS)
HELPERS = st.builds(service.Place, st.sampled_from(service.Stage), SPOKEN, COUNTS, COUNTS)
ROOMS = st.builds(RoomToken, WORDS, COUNTS, COUNTS, st.sampled_from(["met", "bring", "service"]), st.just("token"))
LEGS = st.builds(LegPlace, st.sampled_from(Stage), SPOKEN, COUNTS, WORDS)
IDS = st.lists(st.from_regex(r"(b|)[0-9]{1,9}", fullmatch=True), max_size=8).map(tuple)
AT_RING = st.builds(CallerPlace, WORDS, SPOKEN, st.none() | WORDS)
STANDBYS = st.builds(
    standby.Place, AT_RING, COUNTS, st.sampled_from(standby.Stage), st.just("") | WORDS, IDS, IDS, st.booleans()
)
PAYLOADS: st.SearchStrategy[Payload] = st.lists(st.one_of(st.none(), st.booleans(), COUNTS, WORDS, SPOKEN), max_size=10)


@cache
def line() -> Line:
    """The French line."""
    return lines_in(Path())["france"]


def token(url: str, purpose: str) -> str:
    """The token of one of our URLs, which has our address, our line, this purpose, and the connection settings."""
    bare, fragment = urldefrag(url)
    assert "#" + fragment == OVERRIDES
    head, _, sealed = bare.rpartition("/")
    assert head == f"{PUBLIC}/voice/france/{purpose}"
    return sealed


@given(PLACES, COUNTS)
def test_a_callers_place_travels_in_its_url(place: CallerPlace, attempt: int) -> None:
    """Before ringing, the URL is the call's memory."""
    assert URLS.open_caller(line(), token(URLS.caller(line(), place, attempt), "caller")) == (place, attempt)


@given(WAITS)
def test_a_wait_travels_in_its_url(wait: WaitToken) -> None:
    """The hold loop knows its language and attempt without the database."""
    assert URLS.open_wait(line(), token(URLS.wait(line(), wait), "wait")) == wait


@given(REFS, LEGS)
def test_a_leg_travels_in_its_url(ref: LegRef, place: LegPlace) -> None:
    """Whose leg it is, and how far it has come."""
    assert URLS.open_leg(line(), token(URLS.leg(line(), ref, place), "leg")) == (ref, place)


@given(REFS, SPOKEN)
def test_a_picked_up_leg_starts_at_the_beginning(ref: LegRef, language: str) -> None:
    """The first URL of a leg says that somebody picked up, and how they are to be spoken to."""
    spoken = next(each for each in LANGUAGES if each == language)
    opened = URLS.open_leg(line(), token(URLS.leg_url(line(), ref, spoken), "leg"))
    assert opened == (ref, LegPlace(Stage.PICK_UP, spoken))


@given(REFS, BRINGINGS)
def test_a_psychologist_who_brings_a_service_travels_in_their_url(ref: LegRef, place: bringing.Place) -> None:
    """With what they keyed, which is nowhere else."""
    assert URLS.open_bringing(line(), token(URLS.bringing(line(), ref, place), "bring")) == (ref, place)


@given(REFS, LEGS)
def test_back_to_the_first_question(ref: LegRef, place: LegPlace) -> None:
    """A place of the psychologist's own leg has that leg's URL."""
    assert URLS.bringing(line(), ref, place) == URLS.leg(line(), ref, place)


@given(SERVICES, HELPERS)
def test_a_service_travels_in_its_url(ref: LegRef, place: service.Place) -> None:
    """Whose leg it is, and how far it has come."""
    assert URLS.open_service(line(), token(URLS.service(line(), ref, place), "service")) == (ref, place)


@given(SERVICES, SPOKEN)
def test_a_service_that_is_picked_up_is_screened(ref: LegRef, language: str) -> None:
    """It never hears what a psychologist hears."""
    spoken = next(each for each in LANGUAGES if each == language)
    opened = URLS.open_service(line(), token(URLS.leg_url(line(), ref, spoken), "service"))
    assert opened == (ref, service.Place(service.Stage.PICK_UP, spoken))


@given(AT_RING, COUNTS)
def test_a_caller_in_a_room_travels_in_their_url(place: CallerPlace, attempt: int) -> None:
    """Where they come back to."""
    assert URLS.open_met(line(), token(URLS.met(line(), place, attempt), "met")) == (place, attempt)


@given(ROOMS, st.sampled_from(["room", "lobby"]))
def test_who_waits_in_a_room_travels_in_their_url(room: RoomToken, purpose: str) -> None:
    """And where they are fetched to."""
    assert URLS.open_room(line(), purpose, token(URLS.room(line(), purpose, room), purpose)) == room
    assert token(URLS.out_of_room(line(), room), room.kind) == room.token


@given(REFS)
def test_a_legs_status_url_knows_its_leg(ref: LegRef) -> None:
    """So that what becomes of it is known even if its creation was never confirmed."""
    assert URLS.open_leg_status(line(), token(URLS.leg_status_url(line(), ref), "status")) == ref


@given(REFS, SPOKEN)
def test_a_bridge_travels_in_its_url(ref: LegRef, language: str) -> None:
    """Which leg is being connected, and in which language the caller hears so."""
    spoken = next(each for each in LANGUAGES if each == language)
    assert URLS.open_bridge(line(), token(URLS.bridge(line(), ref, spoken), "bridge")) == (ref, spoken)


@given(STANDBYS)
def test_a_place_in_the_degraded_flow_travels_in_its_url(place: standby.Place) -> None:
    """Who was rung, who is being rung: nothing else remembers it."""
    assert URLS.open_standby(line(), token(URLS.standby(line(), place), "standby")) == place


@given(st.builds(standby.Screen, SPOKEN, SPOKEN, st.booleans()))
def test_a_screening_travels_in_its_url(place: standby.Screen) -> None:
    """Which languages, and whether they have been cut off; the answer knows its language."""
    assert URLS.open_screen(line(), token(URLS.standby(line(), place), "screen")) == place
    accept = standby.Accept(place.language)
    assert URLS.open_accept(line(), token(URLS.standby(line(), accept), "accept")) == accept


@given(AT_RING)
def test_the_degraded_flow_leads_back_to_the_callers_own(place: CallerPlace) -> None:
    """What follows an unanswered ring is the flow's, and comes back to its route."""
    assert URLS.standby(line(), place) == URLS.caller(line(), place)


@given(PAYLOADS)
def test_a_token_with_other_contents_is_refused(payload: Payload) -> None:
    """Sealed by us but meaning nothing here, as after an update: a bad token, never another error."""
    readers = {
        "caller": URLS.open_caller,
        "wait": URLS.open_wait,
        "leg": URLS.open_leg,
        "status": URLS.open_leg_status,
        "bridge": URLS.open_bridge,
        "standby": URLS.open_standby,
        "screen": URLS.open_screen,
        "accept": URLS.open_accept,
    }
    for purpose, read in readers.items():
        try:
            found = read(line(), SEAL.close(purpose, line().name, payload))
        except BadToken:
            continue
        assert found is not None


@given(PLACES)
def test_a_token_of_another_line_is_refused(place: CallerPlace) -> None:
    """Each line opens its own."""
    belgium = lines_in(Path())["belgium"]
    with pytest.raises(BadToken):
        URLS.open_caller(belgium, token(URLS.caller(line(), place), "caller"))


def test_what_the_operator_pastes() -> None:
    """Two URLs a line, with the connection settings that spare a caller 15 seconds of silence."""
    assert URLS.entry(line()) == f"{PUBLIC}/voice/france#ct=1000&rt=2000&rc=1&tt=5000&rp=ct,rt,5xx"
    assert URLS.entry_status(line()) == f"{PUBLIC}/voice/france/status#ct=1000&rt=2000&rc=1&tt=5000&rp=ct,rt,5xx"


def test_music_has_a_url_without_secrets() -> None:
    """The carrier keeps it: the same for every call."""
    assert URLS.audio(9) == f"{PUBLIC}/audio/9.wav"


@given(REFS, PLACES)
def test_a_url_fits(ref: LegRef, place: CallerPlace) -> None:
    """However long what it carries, it stays far below what carriers and proxies accept."""
    for url in (URLS.leg_status_url(line(), ref), URLS.caller(line(), place)):
        assert len(url) < 2000
        assert not urlsplit(url).query
