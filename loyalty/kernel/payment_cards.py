"""Numbers of payment cards that somebody types where words belong: they are refused, so that none is ever kept.

What looks like one is 13 to 19 digits with a check digit (Luhn, ISO/IEC 7812) that begin as payment cards do. A loyalty card
that the program knows is none: the context that keeps those registers itself.
"""

import re
import unicodedata
from collections.abc import Callable

_DIGITS = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)", re.ASCII)
_ISSUED = re.compile(r"3[0-9]|4|5[0-8]|6|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)")

Known = Callable[[str], bool]
_known: list[Known] = []


def register_known(is_known: Known) -> None:
    """Have numbers that ``is_known`` answers for taken for what they are; once, at start."""
    _known.append(is_known)


def holds_payment_card(text: str) -> bool:
    """Whether a text holds what looks like the number of a payment card and is no card of the program in scope."""
    plain = unicodedata.normalize("NFKC", text)
    found = (re.sub(r"[ -]", "", one.group()) for one in _DIGITS.finditer(plain))
    return any(_ISSUED.match(one) and _fits(one) and not any(is_known(one) for is_known in _known) for one in found)


def _fits(number: str) -> bool:
    """Whether the last digit is the check digit of the others."""
    total = 0
    for place, sign in enumerate(reversed(number)):
        digit = int(sign) * (2 if place % 2 else 1)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0
