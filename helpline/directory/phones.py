"""Numbers of the directory: how they are written, printed and spoken, and which a caller may be put through to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType, shortnumberinfo

from helpline.directory.territories import Country

CONNECTABLE = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.VOIP,
    }
)
"""Carriers refuse to dial premium and shared-cost numbers (error 13224), and reach few toll-free ones from abroad."""
SPECIAL = "+338"
"""How French numbers of a special cost begin, the free ones included."""
LONGEST_SHORT = 6
OVERSEAS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("0262", "0263", "0692", "0693"), "RE"),
        **dict.fromkeys(("0269", "0639"), "YT"),
        **dict.fromkeys(("0590", "0690", "0691"), "GP"),
        **dict.fromkeys(("0594", "0694"), "GF"),
        **dict.fromkeys(("0596", "0696", "0697"), "MQ"),
        "0508": "PM",
    }
)
"""How a French number begins that is dialled like the others and is of another numbering plan: the library takes some
of them, 0596 and 0269, for numbers of the mainland."""
_WRITTEN = re.compile(r"\+?[0-9 .()/\u00a0\u202f\u2011-]*\Z")
_NAMES = {"FR": "French", "BE": "Belgian"}


class PhoneFault(ValueError):  # noqa: N818 - a fault in a row, told by whoever reads the row
    """A number that can't be one; says why and how one is written."""


def normal(text: str, country: Country) -> str:
    """`text` as E.164, or a short number as its digits. Raises `PhoneFault`.

    It is read as it is dialled in `country`, 0596 and the like as overseas; a + or 00 begins one of elsewhere.
    """
    if not _WRITTEN.match(text.strip()):
        raise PhoneFault(f"{text!r} holds more than a number; write digits alone, like 3114 or 02 538 73 65")
    digits = "".join(filter(str.isdigit, text))
    if text.strip().startswith("+") or digits.startswith("00"):
        return _long("+" + digits.removeprefix("00"), country, text)
    if len(digits) <= LONGEST_SHORT:
        return _short(digits, country, text)
    return _long(digits, country, text)


def _short(digits: str, country: Country, text: str) -> str:
    if len(digits) > 1:  # the library doesn't even read one digit
        number = phonenumbers.parse(digits, country)
        if shortnumberinfo.is_valid_short_number_for_region(number, country):
            return digits
    raise PhoneFault(f"{text!r} is no {_NAMES[country]} short number; write it as it is dialled, like 3114 or 112")


def _long(digits: str, country: Country, text: str) -> str:
    try:
        plan = OVERSEAS.get(digits[:4], country) if country == "FR" else country
        number = phonenumbers.parse(digits, plan)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        example = "01 99 00 12 34" if country == "FR" else "02 538 73 65"
        raise PhoneFault(f"{text!r} is no number that can be dialled; write it like {example}, or with + and a country")
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def is_short(phone: str) -> bool:
    """Whether it is a short number, dialled as it is."""
    return not phone.startswith("+")


def connectable(phone: str) -> bool:
    """Whether a carrier can dial it: an ordinary number, neither short nor of a shared or special cost."""
    return not is_short(phone) and phonenumbers.number_type(phonenumbers.parse(phone)) in CONNECTABLE


def printed(phone: str, country: Country) -> str:
    """As one writes it in `country`: a special French number as those who have one publish it, 0826 000 401."""
    if is_short(phone):
        return phone
    number = phonenumbers.parse(phone)
    home = phonenumbers.country_code_for_region(country) == number.country_code
    if home and country == "FR" and phone.startswith(SPECIAL):
        digits = "0" + phone.removeprefix("+33")
        return f"{digits[:4]} {digits[4:7]} {digits[7:]}"
    form = PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, form)


def link(phone: str) -> str:
    """The address that dials it."""
    return f"tel:{phone}"


def spoken(phone: str, country: Country) -> str:
    """For a voice: as it is dialled in `country`, in pairs of digits, with a breath between them."""
    if is_short(phone):
        return phone if len(phone) <= len("112") else f"{phone[:2]} {phone[2:]}"
    number = phonenumbers.parse(phone)
    if phonenumbers.country_code_for_region(country) == number.country_code:
        text = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    else:
        text = "00" + phone.removeprefix("+")
    digits = "".join(filter(str.isdigit, text))
    return ", ".join(" ".join(digits[at : at + 2]) for at in range(0, len(digits), 2))
