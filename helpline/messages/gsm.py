"""The alphabet of text messages: within it one holds 160 signs, with a single one from outside only 70."""

from __future__ import annotations

import unicodedata

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("\f^{}\\[~]|€")
"""These count as two."""
ONE_MESSAGE = 160
_INSTEAD = {"’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "–": "-", "—": "-", "…": "..."} | {
    "\u00a0": " ", "\u202f": " ", "œ": "oe", "Œ": "OE", "ĳ": "ij", "ẞ": "SS", "Ł": "L", "ł": "l", "đ": "d", "Đ": "D",
}  # fmt: skip


def in_alphabet(text: str) -> bool:
    """Whether every sign is in the alphabet."""
    return set(text) <= BASIC | EXTENDED


def spelt(text: str) -> str:
    """`text` in the alphabet: signs outside it without their accents, ç as c. What has no such spelling stays."""
    return "".join(_spelt(sign) for sign in unicodedata.normalize("NFC", text))


def length(text: str) -> int:
    """How much of the 160 a text in the alphabet takes."""
    return len(text) + sum(sign in EXTENDED for sign in text)


def _spelt(sign: str) -> str:
    if in_alphabet(sign):
        return sign
    plain = _INSTEAD.get(sign) or "".join(
        part for part in unicodedata.normalize("NFD", sign) if not unicodedata.combining(part)
    )
    return plain if in_alphabet(plain) else sign
