"""Tables in, looked at first and taken whole; tables out, for who has just proved that it is them."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, update
from werkzeug.test import TestResponse

from helpline.store.rota_tables import Absence, Duty, RotaEdit
from helpline.store.tables import Person, Shift
from rota.staff import DAY, HOUR
from tests.pages.signed import HOST, Browser, Office, words
from tests.shell import ALIX, NOON, rows_of

SHIFTS = """line,tier,person,start,end
france,1,Alix Exemple,2026-04-01T08:00,2026-04-01T20:00
france,1,Boris Exemple,2026-04-01T20:00,2026-04-02T08:00
"""
ABSENCES = """person,start,end
Alix Exemple,2026-04-01,2026-04-02
"""
PEOPLE = "name,phone,languages\nDana Exemple,+33199000144,nl fr\n"
CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//tests//EN
BEGIN:VEVENT
UID:1@example.org
DTSTAMP:20260301T000000Z
DTSTART:20260401T060000Z
DTEND:20260401T180000Z
SUMMARY:Alix Exemple
END:VEVENT
END:VCALENDAR
"""


def _bring(browser: Browser, *files: str | bytes, status: int = 200, **fields: Any) -> TestResponse:  # noqa: ANN401
    """Sends files as a browser does."""
    data = [file.encode() if isinstance(file, str) else file for file in files]
    sent = [(io.BytesIO(each), f"table{n}.csv") for n, each in enumerate(data)]
    form: dict[str, Any] = {"csrf": browser.csrf, "files": sent, **fields}
    answer = browser.client.post("/rota/tables", base_url=HOST, data=form, content_type="multipart/form-data")
    assert answer.status_code == status, (answer.status_code, answer.text[:2000])
    return answer


def _hidden(html: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(seen|sealed)" value="([^"]*)">', html))


def _download(browser: Browser, path: str) -> TestResponse:
    answer = browser.client.get(path, base_url=HOST)
    assert answer.status_code == 200, answer.text[:500]
    return answer


def _utc(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%MZ")


def _held(site: Office) -> list[int | None]:
    return [row["person"] for row in rows_of(site.service.store, Shift) if row["status"] != "cancelled"]


def test_a_table_is_looked_at_then_taken(either_site: Office) -> None:
    """What it would change is shown, and nothing is done; one button does it, however often it is tapped."""
    browser = either_site.browser("coordinator")
    shown = _bring(browser, SHIFTS).text
    assert "Gardes : 2 nouvelles, 0 remplacées" in words(shown)
    assert _held(either_site) == []
    for _ in range(2):
        browser.post("/rota/tables", 303, **_hidden(shown), go="yes")
    assert "C’est importé." in words(browser.get("/rota/tables?done=done-tables"))
    assert _held(either_site) == [1, 2]
    assert [row["kind"] for row in rows_of(either_site.service.store, RotaEdit)] == ["import"]


def test_several_tables_come_together(site: Office) -> None:
    """People and their shifts in one go: told apart by their columns."""
    browser = site.browser("coordinator")
    shown = _bring(browser, SHIFTS.replace("Alix", "Dana"), PEOPLE).text
    assert "Personnes : 1 nouvelles, 0 modifiées" in words(shown)
    browser.post("/rota/tables", 303, **_hidden(shown), go="yes")
    assert [row["name"] for row in rows_of(site.service.store, Person)][-1] == "Dana Exemple"
    assert len(_held(site)) == 2


@pytest.mark.slow
def test_a_calendar_names_its_line_and_tier(site: Office) -> None:
    """Its events become shifts."""
    browser = site.browser("coordinator")
    shown = _bring(browser, CALENDAR, line="france", tier="1").text
    browser.post("/rota/tables", 303, **_hidden(shown), go="yes")
    assert _held(site) == [ALIX]


def test_what_is_wrong_is_said_row_by_row(site: Office) -> None:
    """Row, column, value, and how to mend it, in the reader's language; nothing is taken."""
    bad = (
        SHIFTS.replace("Boris", "Bors").replace("2026-04-01T08:00", "tomorrow").replace("france,1,Alix", "mars,1,Alix")
    )
    answer = _bring(site.browser("coordinator"), bad, status=400)
    shown = words(answer.text)
    assert "À corriger : 3" in shown.replace("\u00a0", " ")
    assert "3 person Bors Exemple Personne inconnue" in shown
    assert "Est-ce Boris Exemple ?" in shown
    assert "2 start tomorrow Écrivez une date et une heure" in shown
    assert "Cette ligne n’est pas connue." in shown
    assert 'lang="en"' not in answer.text.split("<main")[1].split("</main>")[0]
    assert _held(site) == []


def test_whatever_a_file_holds_is_answered_in_words(site: Office) -> None:
    """No file, another encoding, no table at all, quotes that don't close, two of one kind."""
    browser = site.browser("coordinator")
    cases: tuple[tuple[tuple[str | bytes, ...], str], ...] = (
        ((), "Choisissez un fichier."),
        (("é".encode("latin-1"),), "Le fichier n’est pas en UTF-8"),
        (("",), "ne contient rien à importer"),
        (('line,tier,person,start,end\n"',), "fermez les guillemets"),
        (("what,ever\n1,2\n",), "Cette colonne manque."),
        ((SHIFTS, SHIFTS), "Un seul fichier de chaque sorte"),
        ((SHIFTS, CALENDAR), "Un seul fichier de chaque sorte"),
        (("BEGIN:VCALENDAR\nrubbish",), "fichier CSV ou calendrier lisible"),
        (("\x00\x01\x02",), ""),
    )
    for files, said in cases:
        assert said in words(_bring(browser, *files, status=400).text), files


def test_an_absence_is_refused_or_takes_off(site: Office) -> None:
    """As it is ticked: whoever is on call then is named by the row, or leaves an open seat."""
    browser = site.browser("coordinator")
    browser.post("/rota/tables", 303, **_hidden(_bring(browser, SHIFTS).text), go="yes")
    assert "La personne est absente pendant une garde" in words(_bring(browser, ABSENCES, status=400).text)
    shown = _bring(browser, ABSENCES, take_off="yes").text
    assert "Absences : 1 nouvelles" in words(shown)
    browser.post("/rota/tables", 303, **_hidden(shown), go="yes")
    assert None in _held(site)


def test_the_rota_that_moved_meanwhile_is_shown_anew(site: Office) -> None:
    """What was shown no longer is what it comes to: nothing is done, the new outcome is shown."""
    browser = site.browser("coordinator")
    shown = _bring(browser, SHIFTS).text
    other = site.browser("coordinator", "operator")
    other.post("/rota/tables", 303, **_hidden(_bring(other, SHIFTS.replace("Alix", "Charlie")).text), go="yes")
    answer = browser.post("/rota/tables", 409, **_hidden(shown), go="yes")
    assert "1 nouvelles, 1 remplacées" in words(answer.text)


@pytest.mark.slow
def test_what_was_sealed_opens_for_its_owner_and_for_an_hour(site: Office) -> None:
    """A form of somebody else, an old one, one that was changed: refused, nothing done."""
    browser = site.browser("coordinator")
    hidden = _hidden(_bring(browser, SHIFTS).text)
    site.browser("coordinator", "operator").post("/rota/tables", 400, **hidden, go="yes")
    browser.post("/rota/tables", 400, **{**hidden, "sealed": hidden["sealed"][:-8] + "AAAAAAA="}, go="yes")
    site.clock.at += 2 * HOUR
    again = site.browser("coordinator")
    again.post("/rota/tables", 400, **hidden, go="yes")
    assert _held(site) == []


def test_a_file_is_limited(site: Office) -> None:
    """Two megabytes: more is refused before it is read."""
    browser = site.browser("coordinator")
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.csv"\r\n\r\n'
    body, kind = head + b"x" * 2_300_000 + b"\r\n--x--\r\n", "multipart/form-data; boundary=x"
    answer = browser.client.post("/rota/tables", base_url=HOST, data=body, content_type=kind)
    assert answer.status_code == 413
    assert "C’est trop à la fois." in words(answer.text)


@pytest.mark.slow
def test_a_years_table_fits_into_its_form(site: Office) -> None:
    """Four shifts a day for a year come back sealed with the form."""
    times = [NOON + DAY * 50 + n * 6 * HOUR for n in range(1400)]
    rows = [f"france,1,,{_utc(at)},{_utc(at + 6 * HOUR)}" for at in times]
    answer = _bring(site.browser("coordinator"), "line,tier,person,start,end\n" + "\n".join(rows))
    assert len(answer.data) < 120_000


def test_exports_are_downloads_that_come_back_in(site: Office) -> None:
    """Named by the day, kept by no cache; what goes out comes in again as it was."""
    browser = site.browser("coordinator")
    browser.post("/rota/tables", 303, **_hidden(_bring(browser, SHIFTS).text), go="yes")
    answer = _download(browser, "/rota/tables/shifts.csv?shape=csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="shifts-2026-03-10.csv"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.text.splitlines()[1] == "france,1,Alix Exemple,2026-04-01T08:00+02:00,2026-04-01T20:00+02:00"
    assert "Gardes : 0 nouvelles, 0 remplacées" in words(_bring(browser, answer.data).text)


def test_an_export_for_a_spreadsheet_is_one(site: Office) -> None:
    """Marked as UTF-8, parted by semicolons, and no cell is a formula, whatever somebody is called."""
    with site.service.store.durable() as tx:
        tx.execute(update(Person).where(Person.id == ALIX).values(name="=HYPERLINK(1)"))
    answer = _download(site.browser("coordinator"), "/rota/tables/people.csv")
    assert answer.data.startswith(b"\xef\xbb\xbfname;phone;languages")
    cells = [cell for row in csv.reader(io.StringIO(answer.text), delimiter=";") for cell in row]
    assert "'=HYPERLINK(1)" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


@pytest.mark.slow
def test_shifts_of_some_days_and_of_one_line(site: Office) -> None:
    """Both days included; a day that is none is said."""
    browser = site.browser("coordinator")
    browser.post("/rota/tables", 303, **_hidden(_bring(browser, SHIFTS).text), go="yes")
    assert len(_download(browser, "/rota/tables/shifts.csv?first=2026-04-02&last=2026-04-02").text.splitlines()) == 2
    assert len(_download(browser, "/rota/tables/shifts.csv?line=belgium").text.splitlines()) == 1
    browser.get("/rota/tables/shifts.csv?first=soon", 400)
    browser.get("/rota/tables/absences.csv?first=2026-04-02&last=2026-04-01", 400)


def test_a_line_goes_out_as_a_calendar(site: Office) -> None:
    """With names, for a calendar program."""
    browser = site.browser("coordinator")
    browser.post("/rota/tables", 303, **_hidden(_bring(browser, SHIFTS).text), go="yes")
    answer = _download(browser, "/rota/tables/shifts.ics?line=france")
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert answer.text.count("BEGIN:VEVENT") == 2
    assert "SUMMARY:Alix Exemple" in answer.text


def test_hours_go_out_by_month(site: Office) -> None:
    """Last month's, unless another is chosen: totals, and day by day."""
    held = {"shift": 1, "line": "france", "tier": 1, "person": ALIX}
    february = NOON - 20 * DAY
    with site.service.store.durable() as tx:
        tx.execute(insert(Duty), {**held, "starts_at": february, "ends_at": february + 8 * HOUR})
        tx.execute(insert(Absence), {"person": ALIX, "starts_at": NOON, "ends_at": NOON + DAY, "hard": True})
    browser = site.browser("coordinator")
    assert "Alix Exemple,france,2026-02,1,8" in _download(browser, "/rota/tables/hours.csv?shape=csv").text
    assert len(_download(browser, "/rota/tables/duty.csv?month=2026-02").text.splitlines()) == 2
    assert len(_download(browser, "/rota/tables/duty.csv?month=2026-01").text.splitlines()) == 1
    assert "Alix Exemple" in _download(browser, "/rota/tables/absences.csv").text


def test_exports_ask_for_proof(site: Office) -> None:
    """And lead to what was asked for, once that is given."""
    browser = site.browser("coordinator", fresh=False)
    site.clock.at += 20 * 60
    answer = browser.client.get("/rota/tables/people.csv?shape=csv", base_url=HOST)
    assert answer.headers["Location"] == "/prove?next=/rota/tables/people.csv?shape%3Dcsv"
