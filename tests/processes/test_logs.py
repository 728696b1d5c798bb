"""Log lines: one JSON object each, from an allow-list, whoever wrote them."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from gunicorn.config import Config
from hypothesis import given
from hypothesis import strategies as st

from helpline import logs
from helpline.server import Log

NUMBER = "+33199009999"
FIELDS = {"at", "level", "logger", "event", "exception", "where", *logs.ALLOWED}


def line(name: str, message: object, *arguments: object, **extra: object) -> dict[str, Any]:
    """What a record becomes."""
    record = logging.getLogger(name).makeRecord(name, logging.WARNING, "x.py", 1, message, arguments, None, extra=extra)
    found: dict[str, Any] = json.loads(logs.SafeFormatter().format(record))
    assert set(found) <= FIELDS
    return found


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What a process would write, its logging set up as ours is."""
    root, stream = logging.getLogger(), io.StringIO()
    before, level = root.handlers[:], root.level
    logs.configure()
    (handler,) = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)
    yield stream
    root.handlers[:], root.level = before, level


def test_our_own_lines_hold_allowed_fields() -> None:
    """A fixed word, and what is in the list: a field that isn't in it is left out."""
    found = line("helpline.calls.placing", "leg.not_placed", line="france", reason="429", number=NUMBER, form={"a": 1})
    assert found["event"] == "leg.not_placed"
    assert (found["line"], found["reason"]) == ("france", "429")
    assert NUMBER not in str(found)


def test_a_time_is_in_utc() -> None:
    """To the second, so that lines of several machines can be laid side by side."""
    assert line("helpline.x", "x")["at"].endswith("Z")


@pytest.mark.parametrize("name", ["helpline", "gunicorn.error", "apscheduler.executors", "sqlalchemy.pool", "urllib3"])
@pytest.mark.parametrize(
    ("message", "arguments", "event"),
    [
        ("Exception on %s [%s]", ("/me/1-secret", "POST"), "Exception on %s [%s]"),
        (f"Invalid request from ip=127.0.0.1: {NUMBER}", (), "Invalid request from ip"),
        (ValueError(NUMBER), (), ""),
        ("Error handling request /me/1-secret", (), "Error handling request"),
        ("Worker exiting (pid: %s)", (17,), "Worker exiting (pid: %s)"),
    ],
)
def test_of_others_only_the_words_are_kept(name: str, message: object, arguments: tuple[object], event: str) -> None:
    """Never what they filled in, before or after: an address, a path with a personal link, a number."""
    assert line(name, message, *arguments)["event"] == event


@given(st.text(max_size=60), st.text(max_size=40))
def test_any_message_is_one_line(message: str, value: str) -> None:
    """Whatever is in it, from us or from others."""
    for name in ("helpline.x", "other"):
        record = logging.getLogger(name).makeRecord(name, logging.INFO, "x.py", 1, "%s", (message,), None)
        record.__dict__["reason"] = value
        assert "\n" not in logs.SafeFormatter().format(record)


def test_an_exception_is_its_kind_and_its_places(written: io.StringIO) -> None:
    """Its words and its local variables may hold what a caller keyed in."""
    secret = NUMBER
    try:
        int(f"bad {secret}")
    except ValueError:
        logging.getLogger("helpline.x").exception("broken")
    found = json.loads(written.getvalue())
    assert found["exception"] == "ValueError"
    assert found["where"][-1].endswith("test_an_exception_is_its_kind_and_its_places")
    assert NUMBER not in written.getvalue()


def test_a_crash_of_a_page_does_not_show_its_address(written: io.StringIO) -> None:
    """It may be a personal link."""
    web = Flask("helpline")

    @web.get("/me/<token>")
    def crash(token: str) -> str:
        raise ZeroDivisionError(token)

    assert web.test_client().get("/me/1-secret").status_code == 500
    assert json.loads(written.getvalue())["exception"] == "ZeroDivisionError"
    assert "secret" not in written.getvalue()


def test_the_servers_lines_go_through_the_same_filter(written: io.StringIO) -> None:
    """At the start and after a reload, each once."""
    config = Config()
    log = Log(config)
    log.setup(config)
    filled_in = "Invalid request from ip={ip}: {error}".format(ip="127.0.0.1", error=NUMBER)
    log.warning(filled_in)
    (only,) = written.getvalue().splitlines()
    assert json.loads(only)["event"] == "Invalid request from ip"


@pytest.mark.parametrize("name", ["urllib3.connectionpool", "twilio.http_client", "werkzeug", "alembic.runtime"])
def test_the_talkative_are_told_to_be_quiet(written: io.StringIO, name: str) -> None:
    """Every request would be a line, with its URL."""
    logging.getLogger(name).info("GET https://api.example.org/%s", NUMBER)
    assert written.getvalue() == ""
