"""People from CSV. A file is taken whole or refused whole, with everything that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from rota.calendar_days import check_region
from rota.cells import SEPARATORS, read_tier, same, squeezed
from rota.model import LANGUAGES, RotaError
from rota.sheet import CellError, Problem, Row, TableError, read_rows

COLUMNS = ("name", "phone", "languages")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_HOURS = re.compile(r"\d{1,2}([.,]\d{1,4})?", re.ASCII)
_WHOLE = re.compile(r"\d{1,3}", re.ASCII)
_WRITE_PHONE = "write it with its country code, as in +33 1 99 00 12 34"


@dataclass(frozen=True, slots=True)
class Kept:
    """What a table says of a column that it leaves out: whatever is stored stays."""


KEPT: Final = Kept()


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person to import. `languages` in the order written: the first is their own. `row` is where it stood.

    What the file has no column for stays as it is stored: `email` None, and anything that is `KEPT`. No `tiers` are
    all of them; `share` is in percent of a full-time rota; `rest` is in seconds, and of limits None is the usual one.
    """

    name: str
    phone: str
    languages: tuple[str, ...]
    email: str | None = None
    row: int = field(default=0, compare=False)
    tiers: tuple[int, ...] | Kept = KEPT
    share: int | Kept = KEPT
    region: str | Kept = KEPT
    rest: int | Kept | None = KEPT
    week: int | Kept | None = KEPT
    nights: int | Kept | None = KEPT


def parse_people(text: str, check_phone: Callable[[str], str]) -> tuple[PersonRow, ...]:
    """The people of a table `name, phone, languages`, and any of `OPTIONAL`'s columns, in file order.

    `check_phone` returns the number as it is to be stored, or raises `ValueError` saying what is wrong with it.
    Raises `TableError`: a cell missing or wrong, two people with one name (however written) or one phone.
    """
    problems: list[Problem] = []
    seen: dict[str, dict[str, int]] = {"name": {}, "phone": {}}
    people = []
    for row in read_rows(text, problems, COLUMNS, tuple(OPTIONAL)):
        name = row.read("name", _name, problems)
        phone = row.read("phone", partial(_phone, check_phone), problems)
        languages = row.read("languages", _languages, problems)
        more: dict[str, Any] = {
            field_name: row.read(column, reader, problems)
            for column, (field_name, reader) in OPTIONAL.items()
            if column in row.given
        }
        for column, value in (("name", name and same(name)), ("phone", phone)):
            if value is not None:
                _refuse_second(row, column, value, seen[column], problems)
        if name is not None and phone is not None and languages is not None:
            people.append(PersonRow(name, phone, languages, row=row.number, **more))
    if problems:
        raise TableError(problems)
    return tuple(people)


def _refuse_second(row: Row, column: str, value: str, seen: dict[str, int], problems: list[Problem]) -> None:
    before = seen.setdefault(value, row.number)
    if before != row.number:
        problems.append(row.problem(column, f"the same {column} as in row {before}", "keep one, or correct it"))


def _name(text: str) -> str:
    name = squeezed(text)
    if not name:
        raise CellError("the name is missing", "write the name that the rota is to show")
    if not name.isprintable():
        raise CellError("the name holds an invisible character", "type it again")
    return name


def _phone(check_phone: Callable[[str], str], text: str) -> str:
    if not text:
        raise CellError("the phone is missing", _WRITE_PHONE)
    try:
        return check_phone(text)
    except ValueError as error:
        raise CellError(str(error), _WRITE_PHONE) from error


def _languages(text: str) -> tuple[str, ...]:
    languages = tuple(dict.fromkeys(filter(None, SEPARATORS.split(text.lower()))))
    unknown = [language for language in languages if language not in LANGUAGES]
    if unknown:
        raise CellError(f"unknown language {unknown[0]!r}", f"use {', '.join(LANGUAGES)}, as in 'fr nl'")
    if not languages:
        raise CellError("no language is given", f"write one or more of {', '.join(LANGUAGES)}, as in 'fr nl'")
    return languages


def _email(text: str) -> str:
    if text and not _EMAIL.fullmatch(text):
        raise CellError("this isn't an e-mail address", "write it as name@example.org, or leave it empty")
    return text


def _tiers(text: str) -> tuple[int, ...]:
    return tuple(sorted({read_tier(tier) for tier in SEPARATORS.split(text) if tier}))


def _share(text: str) -> int:
    percent = text.removesuffix("%").rstrip()
    if percent and not (_WHOLE.fullmatch(percent) and 1 <= int(percent) <= 200):
        raise CellError("this isn't a share", "write percent of a full-time rota, from 1 to 200, or leave it empty")
    return int(percent or 100)


def _region(text: str) -> str:
    region = text.upper()
    try:
        if region:
            check_region(region)
    except RotaError as error:
        raise CellError(str(error), "write the code of a country or a part of it, or leave it empty") from error
    return region


def _rest(text: str) -> int | None:
    if not text:
        return None
    if not _HOURS.fullmatch(text) or float(text.replace(",", ".")) > 72:
        raise CellError("this isn't a rest in hours", "write hours from 0 to 72, as in 11 or 11.5, or leave it empty")
    return round(float(text.replace(",", ".")) * 3600)


def _count(what: str, text: str) -> int | None:
    if not text:
        return None
    if not (_WHOLE.fullmatch(text) and 1 <= int(text) <= 14):
        raise CellError(f"this isn't a number of {what}", "write one from 1 to 14, or leave it empty")
    return int(text)


OPTIONAL: Mapping[str, tuple[str, Callable[[str], Any]]] = MappingProxyType(
    {
        "email": ("email", _email),
        "tiers": ("tiers", _tiers),
        "share": ("share", _share),
        "region": ("region", _region),
        "rest_hours": ("rest", _rest),
        "week": ("week", partial(_count, "shifts a week")),
        "nights": ("nights", partial(_count, "nights in a row")),
    }
)
"""The columns that a file may leave out, by their names: which of `PersonRow`'s they are, and how they are read."""
