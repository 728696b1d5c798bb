"""Pages give up on the database, too: without that, a few of them would hold every thread that answers callers."""

from __future__ import annotations

from contextlib import ExitStack

from flask import Blueprint, g

from helpline.store.deadline import within

PAGE_SECONDS = 5.0
"""A person waits longer than a caller may: this is how long one writer waits for another."""


def bounded(pages: Blueprint) -> Blueprint:
    """`pages`, each request of which has a deadline for its database work."""

    def begin() -> None:
        g.deadline = ExitStack()
        g.deadline.enter_context(within(PAGE_SECONDS))

    def end(_error: BaseException | None) -> None:
        g.deadline.close()

    pages.before_request(begin)
    pages.teardown_request(end)
    return pages
