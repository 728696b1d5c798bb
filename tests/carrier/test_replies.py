"""Answers to text messages: heeded from psychologists, dropped from everybody else."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, update

from helpline.calls.unheard import About, Unheard, Word
from helpline.carrier.hooks import Hook, Tally, says_yes
from helpline.carrier.replies import ReplyRoutes
from helpline.carrier.signature import Signature
from helpline.carrier.twiml import EMPTY
from helpline.store.erasures import TEXT_AFTER
from helpline.store.rota_tables import Notice
from helpline.store.tables import Erasure
from tests.messages.post import DAY, HOUR, Office, office_in
from tests.shell import ALIX, BORIS, NOON, TOKEN, SetClock, rows_of, signed

ALIXS, BORISS, STRANGER = "+33199000101", "+33199000102", "+33199007381"
FIRST, SECOND, THIRD = (f"SM{number:032x}" for number in (1, 2, 3))
THANKS = "Merci, c'est confirmé: garde"


@pytest.fixture
def office(either_database_url: str, tmp_path: Path) -> Iterator[Office]:
    """As everywhere."""
    with office_in(either_database_url, tmp_path) as office:
        yield office


@pytest.fixture
def tally() -> Tally:
    """What was refused."""
    return Tally()


@pytest.fixture
def texts() -> Unheard:
    """What couldn't be written."""
    return Unheard()


@pytest.fixture
def web(office: Office, tally: Tally, texts: Unheard) -> FlaskClient:
    """The route."""
    app = Flask("helpline", static_folder=None)
    service, signature = office.settings.service, Signature([TOKEN])
    routes = ReplyRoutes(office.store, office.lines, signature, service, SetClock(), tally, texts)
    app.register_blueprint(routes.blueprint())
    return app.test_client(use_cookies=False)


def reminded(office: Office, start: int, person: int = ALIX, line: str = "france", sent: int = NOON - 60) -> int:
    """A shift whose holder was reminded of it by message; its id."""
    shift = office.shift(start, person=person, line=line)
    row = {"key": f"reminder:{shift}", "kind": "reminder", "line": line, "person": person, "shift": shift, "seq": 0}
    with office.store.durable() as tx:
        tx.execute(insert(Notice), row | {"due_at": sent, "state": "sent", "tries": 1, "sent_at": sent})
    return shift


def write(web: FlaskClient, body: str, from_: str = ALIXS, sid: str = FIRST, line: str = "france") -> str:
    """What somebody who writes to the line is answered, "" for nothing."""
    form = {"MessageSid": sid, "From": from_, "To": "+33199000401", "Body": body, "FromCity": "Trifouilly"}
    answer = web.post(f"/sms/{line}", data=form, headers=signed(f"/sms/{line}", form))
    assert answer.status_code == 200
    assert answer.content_type == "text/xml; charset=utf-8"
    if answer.text == EMPTY:
        return ""
    head, _, rest = answer.text.partition("<Response><Message>")
    text, _, tail = rest.partition("</Message></Response>")
    assert (head, tail) == ('<?xml version="1.0" encoding="UTF-8"?>', "")
    return text


def confirmed(office: Office) -> set[object]:
    """The shifts that are."""
    return {shift for shift, at in office.notices("shift", "confirmed_at") if at is not None}


@pytest.mark.parametrize("text", ["1", " 1 ", "Oui", "JA!", "yes", "ok", "1.", "Oui merci", "ja dank je wel", "１"])
def test_yes_confirms(office: Office, web: FlaskClient, text: str) -> None:
    """The key or the word, in any of the languages, and politely."""
    shift = reminded(office, NOON + DAY)
    assert write(web, text) == f"{THANKS} mer 11/03 13:00-21:00."
    assert confirmed(office) == {shift}


@pytest.mark.parametrize(
    "text", ["", "2", "10", "non", "oui mais pas mercredi", "11", "ja maar niet nu", "?", "1" * 101]
)
def test_anything_else_confirms_nothing(office: Office, web: FlaskClient, text: str) -> None:
    """What says more than yes is for a person to read, and the answer says that nobody does."""
    reminded(office, NOON + DAY)
    assert write(web, text).startswith("Répondez 1 pour confirmer. Pour tout le reste, prévenez la coordination")
    assert confirmed(office) == set()
    assert not says_yes(text)


def test_a_telephone_that_answers_by_itself_is_told_once(office: Office, web: FlaskClient) -> None:
    """It isn't talked with for ever."""
    reminded(office, NOON + DAY)
    assert write(web, "Je conduis", sid=FIRST) != ""
    assert write(web, "Je conduis", sid=SECOND) == ""


def test_one_answer_confirms_one_shift(office: Office, web: FlaskClient) -> None:
    """The last they were reminded of; the answer names the next."""
    first = reminded(office, NOON + DAY, sent=NOON - HOUR)
    second = reminded(office, NOON + 3 * DAY, sent=NOON - 60)
    assert (
        write(web, "1", sid=FIRST)
        == f"{THANKS} ven 13/03 13:00-21:00. Pour celle du mer 11/03 13:00, répondez encore 1."
    )
    assert confirmed(office) == {second}
    assert write(web, "1", sid=SECOND) == f"{THANKS} mer 11/03 13:00-21:00."
    assert confirmed(office) == {first, second}
    assert write(web, "1", sid=THIRD) == "Il n'y a rien à confirmer."


def test_a_message_that_is_delivered_twice_is_heeded_once(office: Office, web: FlaskClient) -> None:
    """A second delivery doesn't confirm the next shift."""
    for day in (1, 3):
        reminded(office, NOON + day * DAY)
    assert write(web, "1") != ""
    assert write(web, "1") == ""
    assert len(confirmed(office)) == 1


@pytest.mark.parametrize(
    "values",
    [{"status": "cancelled"}, {"person": BORIS}, {"seq": 1}, {"starts_at": NOON - HOUR}],
    ids=["cancelled", "given away", "changed", "begun"],
)
def test_what_is_no_longer_theirs_is_not_confirmed(office: Office, web: FlaskClient, values: dict[str, object]) -> None:
    """Nor what has changed or begun since."""
    office.change(reminded(office, NOON + DAY), **values)
    assert write(web, "1") == "Il n'y a rien à confirmer."
    assert confirmed(office) == set()


@pytest.mark.parametrize("text", ["1", "je suis malade"])
def test_a_psychologists_message_is_erased_like_any_other(office: Office, web: FlaskClient, text: str) -> None:
    """Heeded or not, and delivered twice: the row is the one that a stranger leaves."""
    reminded(office, NOON + DAY)
    for _ in range(2):
        write(web, text)
    assert rows_of(office.store, Erasure) == [TO_ERASE]


def test_people_answer_for_themselves_in_their_language(office: Office, web: FlaskClient) -> None:
    """Boris's yes is for Boris's shift."""
    office.person(BORIS, languages="nl fr")
    reminded(office, NOON + DAY)
    shift = reminded(office, NOON + 2 * DAY, BORIS)
    assert write(web, "ja", BORISS) == "Bedankt, bevestigd: dienst do 12/03 13:00-21:00."
    assert confirmed(office) == {shift}


def test_an_answer_is_for_the_line_whose_number_it_was_sent_to(office: Office, web: FlaskClient) -> None:
    """A reminder of another line came from another number."""
    reminded(office, NOON + DAY, line="belgium")
    assert write(web, "1") == "Il n'y a rien à confirmer."
    assert write(web, "1", sid=SECOND, line="belgium") != ""


TO_ERASE = {"carrier_id": FIRST, "kind": "text", "hangup": False, "due_at": NOON + TEXT_AFTER}
TO_ERASE |= {"erased_at": None, "uncounted": None}


@pytest.mark.parametrize("text", ["1", "Aidez-moi", ""])
@pytest.mark.parametrize("from_", [STRANGER, "", "anonymous", "+33 1 99 00 01 01", "33199000101", "Alix Exemple"])
def test_a_stranger_is_answered_nothing_and_leaves_their_messages_id(
    office: Office, web: FlaskClient, caplog: pytest.LogCaptureFixture, from_: str, text: str
) -> None:
    """Whatever they write: the empty document, the name of what is to be erased, no log line."""
    office.person(BORIS, phone="")
    reminded(office, NOON + DAY)
    before = office.notices("id", "state", "confirmed_at")
    with caplog.at_level(logging.DEBUG):
        assert write(web, text, from_) == ""
    assert office.notices("id", "state", "confirmed_at") == before
    assert rows_of(office.store, Erasure) == [TO_ERASE]
    assert "99007381" not in caplog.text
    assert "Aidez" not in caplog.text


FORM = {"MessageSid": FIRST, "From": ALIXS, "Body": "1"}


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"From": ALIXS, "Body": "1"}, 400),
        ({**FORM, "MessageSid": "SM" + "1" * 33}, 400),
        ({**FORM, "MessageSid": FIRST[:-1] + "\n"}, 400),
        ({**FORM, "MessageSid": FIRST + "\n"}, 400),
        ({**FORM, "MessageSid": FIRST[:-3] + "/.."}, 400),
        ({**FORM, "MessageSid": "CA" + FIRST[2:]}, 400),
        ({**FORM, "Body": "1" * 40_000}, 400),
    ],
    ids=["no id", "long id", "odd id", "a line more", "a path", "a call", "huge"],
)
def test_what_the_carrier_never_sends_is_refused(
    office: Office, web: FlaskClient, tally: Tally, form: dict[str, str], status: int
) -> None:
    """Counted, and nothing happens."""
    reminded(office, NOON + DAY)
    assert web.post("/sms/france", data=form, headers=signed("/sms/france", form)).status_code == status
    assert sum(tally.counts.values()) == 1
    assert confirmed(office) == set()
    assert rows_of(office.store, Erasure) == []


def test_two_senders_are_none(office: Office, web: FlaskClient) -> None:
    """The signature folds doubles: either could have been slipped in."""
    reminded(office, NOON + DAY)
    body = f"MessageSid={FIRST}&From=%2B33199000101&From=%2B33199000102&Body=1"
    fields = [("MessageSid", FIRST), ("From", ALIXS), ("From", BORISS), ("Body", "1")]
    signature = Signature([TOKEN]).sign("https://helpline.example.org/sms/france", fields)
    kind = "application/x-www-form-urlencoded"
    answer = web.post("/sms/france", data=body, content_type=kind, headers={"X-Twilio-Signature": signature})
    assert answer.status_code == 400
    assert confirmed(office) == set()


@pytest.mark.parametrize("header", [{}, {"X-Twilio-Signature": "forged"}], ids=["unsigned", "forged"])
def test_nobody_but_the_carrier_is_heard(office: Office, web: FlaskClient, header: dict[str, str]) -> None:
    """Without the carrier's signature it is 403."""
    reminded(office, NOON + DAY)
    assert web.post("/sms/france", data=FORM, headers=header).status_code == 403
    assert confirmed(office) == set()


def test_an_unknown_line_is_not_found(web: FlaskClient) -> None:
    """404, whoever signs."""
    assert web.post("/sms/spain", data=FORM, headers=signed("/sms/spain", FORM)).status_code == 404


@pytest.mark.parametrize("table", ["people", "erasures"])
def test_without_a_database_everybody_is_answered_alike(
    office: Office, web: FlaskClient, texts: Unheard, caplog: pytest.LogCaptureFixture, table: str
) -> None:
    """The empty document, a line in the log that says nothing of who wrote, and what is to be erased is remembered."""
    reminded(office, NOON + DAY)
    with office.store.durable() as tx:
        tx.exec_driver_sql(f"ALTER TABLE {table} RENAME TO gone")
    assert [write(web, "1", from_) for from_ in (ALIXS, STRANGER)] == ["", ""]
    assert [record.getMessage() for record in caplog.records] == ["reply.database"] * 2
    assert "199" not in caplog.text
    assert confirmed(office) == set()
    words: list[Word] = []
    texts.retell(words.append)
    assert words == [Word(About.TEXT, "france", Hook(FIRST), NOON)] * 2


def test_a_reminder_that_was_not_sent_is_not_confirmed(office: Office, web: FlaskClient) -> None:
    """One can only answer what has arrived."""
    reminded(office, NOON + DAY)
    with office.store.durable() as tx:
        tx.execute(update(Notice).values(state="failed"))
    assert write(web, "1") == "Il n'y a rien à confirmer."
