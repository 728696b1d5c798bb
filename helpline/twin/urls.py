"""Webhook URLs: relative ones resolved, connection overrides taken off the fragment, GET parameters added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit

RETRY_POLICIES = frozenset({"4xx", "5xx", "ct", "rt", "all"})
_LIMITS = {"ct": (100, 10_000), "rt": (100, 15_000), "tt": (100, 15_000), "rc": (0, 5)}


class BadUrlError(ValueError):
    """A URL, or its connection overrides, that the carrier refuses."""


@dataclass(frozen=True, slots=True)
class Overrides:
    """How one URL is fetched: seconds to connect, to read and in all; retries, and after which failures."""

    connect: float = 5.0
    read: float = 15.0
    total: float = 15.0
    retries: int = 1
    policy: frozenset[str] = frozenset({"ct"})

    def retry_after(self, failure: str) -> bool:
        """Whether a failure (`ct`, `rt`, `4xx`, `5xx`) is one to try again after."""
        return failure in self.policy or "all" in self.policy


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes (no fragment) and how."""

    url: str
    overrides: Overrides


def resolve(url: str, base: str) -> str:
    """An absolute URL from what a document of `base` says; BadUrlError when the carrier couldn't fetch it."""
    if not url or url != url.strip() or any(c.isspace() for c in url):
        raise BadUrlError(f"not a URL: {url!r}")
    absolute = urljoin(base, url)
    target(absolute)
    return absolute


def target(url: str) -> Target:
    """Split a URL into what is requested and its connection overrides; BadUrlError when either is wrong."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadUrlError(f"not an absolute http(s) URL: {url!r}")
    if parts.username is not None or parts.password is not None:
        raise BadUrlError("userinfo in a URL breaks signature checks")
    if not url.isascii():
        raise BadUrlError(f"not percent-encoded: {url!r}")
    bare = urlunsplit(parts._replace(fragment=""))
    return Target(bare, _overrides(parts.fragment))


def with_query(url: str, params: Mapping[str, str]) -> str:
    """The URL of a GET webhook: its parameters follow those the URL already has."""
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, urlencode(params)) if part)
    return urlunsplit(parts._replace(query=query))


def _overrides(fragment: str) -> Overrides:
    if not fragment:
        return Overrides()
    given: dict[str, str] = {}
    for pair in fragment.split("&"):
        name, equals, value = pair.partition("=")
        if not equals or name in given:
            raise BadUrlError(f"connection override given twice or without a value: {pair!r}")
        given[name] = value
    policy = frozenset(given.pop("rp", "ct").split(","))
    if not policy <= RETRY_POLICIES:
        raise BadUrlError(f"unknown retry policy: {sorted(policy - RETRY_POLICIES)}")
    numbers = {name: _number(name, value) for name, value in given.items()}
    return Overrides(
        connect=numbers.get("ct", 5_000) / 1000,
        read=numbers.get("rt", 15_000) / 1000,
        total=numbers.get("tt", 15_000) / 1000,
        retries=numbers.get("rc", 1),
        policy=policy,
    )


def _number(name: str, value: str) -> int:
    if name not in _LIMITS:
        raise BadUrlError(f"unknown connection override: {name!r}")
    low, high = _LIMITS[name]
    if not (value.isascii() and value.isdigit()) or not low <= int(value) <= high:
        raise BadUrlError(f"connection override {name} must be {low} to {high}, not {value!r}")
    return int(value)
