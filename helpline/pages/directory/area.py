"""The directory of help, as those who keep it see it: the list, one entry, files, the history.

Whoever operates the service may look. Changing what callers are told takes a coordinator who has just proved that it is
them; that somebody called a number and it is right, one tap says.
"""

from __future__ import annotations

from helpline.pages.directory import entry, files, form, listing, past
from helpline.pages.routes import COORDINATOR, OPERATOR, Route
from helpline.pages.site import Site

READERS = COORDINATOR | OPERATOR


def routes(_site: Site) -> tuple[Route, ...]:
    """The rows of this area."""
    one = "/directory/entries/<key>"
    return (
        Route("/directory", "directory", listing.listing, READERS),
        Route("/directory/history", "directory_history", past.history_page, READERS),
        Route("/directory/directory.csv", "directory_export", files.export, READERS),
        Route("/directory/files", "directory_files", files.page, COORDINATOR, fresh=True),
        Route("/directory/files", "directory_import", files.bring, COORDINATOR, "POST", fresh=True, body=files.BODY),
        Route("/directory/new", "directory_new", form.new, COORDINATOR, fresh=True),
        Route("/directory/new", "directory_add", form.add, COORDINATOR, "POST", fresh=True),
        Route(one, "directory_one", entry.show, READERS),
        Route(f"{one}/edit", "directory_edit", form.edit, COORDINATOR, fresh=True),
        Route(f"{one}/edit", "directory_save", form.save, COORDINATOR, "POST", fresh=True),
        Route(f"{one}/verify", "directory_verify", entry.verify, COORDINATOR, "POST"),
        Route(f"{one}/remove", "directory_remove", entry.ask_removal, COORDINATOR, fresh=True),
        Route(f"{one}/remove", "directory_remove_do", entry.take_out, COORDINATOR, "POST", fresh=True),
    )
