"""Reading REST requests: known parameters only, each checked; lists in pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import request

from helpline.twin.placing import Refused
from helpline.twin.urls import BadUrlError, target

T = TypeVar("T")
MAX_PAGE = 1000


def only(*known: str) -> None:
    """Refuse a request with a parameter not in this list, or with a single one given twice."""
    for name, values in request.values.lists():
        if name not in known:
            raise Refused(400, 20001, f"Unknown parameter {name}")
        if len(values) > 1 and name != "StatusCallbackEvent":
            raise Refused(400, 20001, f"Parameter {name} given twice")


def text(name: str, default: str = "") -> str:
    """A form parameter."""
    return request.form.get(name, default)


def needed(name: str, code: int) -> str:
    """A form parameter that must be there."""
    value = text(name)
    if not value:
        raise Refused(400, code, f"No '{name}' parameter is given")
    return value


def whole(name: str, low: int, high: int, default: int | None) -> int | None:
    """A whole number within bounds."""
    value = text(name)
    if not value:
        return default
    if not value.isdigit() or not low <= int(value) <= high:
        raise Refused(400, 20001, f"{name} must be {low} to {high}")
    return int(value)


def method(name: str) -> str:
    """GET or POST; POST when not given."""
    value = text(name, "POST")
    if value not in ("GET", "POST"):
        raise Refused(400, 20001, f"{name} must be GET or POST")
    return value


def url(name: str) -> str:
    """An absolute URL the carrier could fetch; empty when not given."""
    value = text(name)
    if value:
        try:
            target(value)
        except BadUrlError as error:
            raise Refused(400, 21205, f"{name} is not valid: {error}") from error
    return value


def page(key: str, things: Sequence[T], as_json: Callable[[T], dict[str, Any]]) -> dict[str, Any]:
    """One page of a list, and where the next one is."""
    size = min(int(request.args.get("PageSize", "50")), MAX_PAGE)
    number = int(request.args.get("Page", "0"))
    shown = things[number * size : (number + 1) * size]
    more = len(things) > (number + 1) * size
    return {
        key: [as_json(thing) for thing in shown],
        "end": number * size + max(len(shown) - 1, 0),
        "first_page_uri": _page_uri(0, size),
        "next_page_uri": _page_uri(number + 1, size) if more else None,
        "page": number,
        "page_size": size,
        "previous_page_uri": _page_uri(number - 1, size) if number else None,
        "start": number * size,
        "uri": request.full_path,
    }


def _page_uri(number: int, size: int) -> str:
    filters: Iterable[tuple[str, str]] = [
        (name, value) for name, value in request.args.items() if name not in ("Page", "PageSize", "PageToken")
    ]
    return f"{request.path}?{urlencode([*filters, ('PageSize', size), ('Page', number)])}"
