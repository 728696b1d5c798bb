"""What the tests of the directory's pages share: entries to begin with, what there is, files that are sent."""

from __future__ import annotations

import io
import re
from typing import Any

from werkzeug.test import TestResponse

from helpline.directory.editing import Edit, history, save
from helpline.directory.entries import Entry
from helpline.directory.reading import read_all
from helpline.directory.table import cells
from tests.pages.signed import HOST, Browser, Office
from tests.shell import NOON

SEVERAL = ("audiences", "languages", "territories")


def put(site: Office, *entries: Entry) -> None:
    """These are in the directory."""
    with site.service.store.durable() as tx:
        save(tx, entries, "cli", NOON)


def there(site: Office) -> dict[str, Entry]:
    """What is in it, by key."""
    with site.service.store.read() as connection:
        return {entry.key: entry for entry in read_all(connection)}


def edits(site: Office) -> tuple[Edit, ...]:
    """Its history."""
    with site.service.store.read() as connection:
        return history(connection)


def typed(entry: Entry, **fields: str | list[str]) -> dict[str, str | list[str]]:
    """What the form of an entry sends, some fields typed otherwise."""
    row = cells(entry)
    sent: dict[str, str | list[str]] = {
        name: text.split() if name in SEVERAL else text for name, text in row.items() if name != "key"
    }
    return {**sent, **fields}


def hidden(html: str, name: str = "seen") -> str:
    """A hidden field of a page's form."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)">', html)
    assert found, name
    return found[1]


def bring(browser: Browser, file: str | bytes | None, status: int = 200, **fields: str) -> TestResponse:
    """Sends a file as a browser does."""
    data = file.encode() if isinstance(file, str) else file
    sent = {} if data is None else {"files": (io.BytesIO(data), "directory.csv")}
    form: dict[str, Any] = {"csrf": browser.csrf, **sent, **fields}
    answer = browser.client.post("/directory/files", base_url=HOST, data=form, content_type="multipart/form-data")
    assert answer.status_code == status, (answer.status_code, answer.text[:2000])
    return answer
