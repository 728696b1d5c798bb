"""Which numbers a line may call back, and how a number is spoken. Nothing here keeps or logs one."""

from __future__ import annotations

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from helpline.lines import Line

ORDINARY = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.VOIP,
    }
)
"""Everything else costs whoever calls it, can't be called from abroad, or is nobody's telephone."""
NOWHERE = "001"
"""The library's region of satellite and other numbers without a country: ten times the price of any other."""
FRANCE = 33
OVERSEAS = (
    *("262", "263", "269", "508", "590", "594", "596", "639"),
    *("690", "691", "692", "693", "694", "696", "697", "976"),
)
"""How French overseas numbers begin after their 0. Keyed without their own country code, some of them are taken for
numbers of the mainland, and others for none at all: whoever answered would be somebody else."""


def dialable(text: str, line: Line) -> str | None:
    """`text` as E.164 if the line may call it back, else None.

    It is what somebody keyed, in the national form of the line's country or with 00 and a country code, or a caller's
    number as the network shows it.
    """
    try:
        number = phonenumbers.parse(_international(text), _country(line))
    except phonenumbers.NumberParseException:
        return None
    national = phonenumbers.national_significant_number(number)
    if number.country_code == FRANCE and national.startswith(OVERSEAS):
        return None
    region = phonenumbers.region_code_for_number(number)
    usable = phonenumbers.is_valid_number(number) and phonenumbers.number_type(number) in ORDINARY
    found = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return found if usable and region != NOWHERE and found not in line.settings.own else None


def spoken(number: str, line: Line) -> str:
    """A number (E.164) for a voice: digit by digit, in pairs, as one dials it in the line's country."""
    parsed = phonenumbers.parse(number)
    if parsed.country_code == phonenumbers.parse(line.settings.published).country_code:
        digits = _digits(parsed)
    else:
        digits = "00" + number.removeprefix("+")
    return ", ".join(" ".join(digits[at : at + 2]) for at in range(0, len(digits), 2))


def _digits(number: PhoneNumber) -> str:
    text = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    return "".join(filter(str.isdigit, text))


def _international(text: str) -> str:
    """Only ASCII digits after one + or 00: no letters, which the library would take for the keys they stand on."""
    digits = text.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        return ""
    return f"+{text[2:]}" if text.startswith("00") else text


def _country(line: Line) -> str:
    return phonenumbers.region_code_for_country_code(phonenumbers.parse(line.settings.published).country_code or 0)
