"""Reading a workbook back, as another program sees it."""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree as ET

import openpyxl
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from reports.document import Report, Table

DRAWN = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


def opened(content: bytes) -> Workbook:
    """The workbook."""
    return openpyxl.load_workbook(io.BytesIO(content))


def parts(content: bytes) -> dict[str, str]:
    """Every file inside it, by name."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def rows(sheet: Worksheet) -> list[tuple[object, ...]]:
    """The values of a sheet's Excel table, its heads first."""
    (table,) = sheet.tables.values()
    return [tuple(cell.value for cell in row) for row in sheet[table.ref]]


def texts(sheet: Worksheet) -> list[str]:
    """Every text of a sheet, row by row."""
    return [cell.value for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]


def cached(content: bytes) -> Iterator[tuple[str, list[str]]]:
    """What each series of each chart draws: the cells it refers to, and what the file remembers of them."""
    for name, text in parts(content).items():
        if not re.fullmatch(r"xl/charts/chart\d+\.xml", name):
            continue
        for series in ET.fromstring(text).iter(f"{DRAWN}val"):  # noqa: S314 - we wrote it a moment ago
            place = series.findtext(f".//{DRAWN}f") or ""
            yield place, [value.text or "" for value in series.iter(f"{DRAWN}v")]


def shown(form: str, value: float) -> str:
    """What a spreadsheet shows of a number from 0 up under a number format: conditions, literals, digits, percent."""
    for section in form.split(";"):
        condition = re.fullmatch(r"\[>=(\d+)\](.*)", section)
        if condition is None or value >= int(condition[1]):
            return _filled(condition[2] if condition else section, value)
    raise AssertionError(form)


def _filled(form: str, value: float) -> str:
    marks = re.findall(r'"[^"]*"|[#0.%]', form)
    left = str(round(value * (100 if "%" in marks else 1) * (10 if "." in marks else 1))).rjust(marks.count("0"), "0")
    found = ""
    for mark in reversed(marks):
        if mark in {"#", "0"}:
            found, left = left[-1:] + found, left[:-1]
        else:
            found = mark.strip('"') + found
    return left + found


def tables(report: Report) -> list[Table]:
    """Every table, in reading order."""
    return [table for section in report.sections for table in section.tables]


def column_width(dimensions: Mapping[str, object], place: int) -> float:
    """The width of a column, 1 being A; like ones are kept together."""
    found = [each.width for each in dimensions.values() if each.min <= place <= each.max]  # type: ignore[attr-defined]  # openpyxl has no types
    return float(found[0])
