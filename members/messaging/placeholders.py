"""Places in texts that are filled in when a message is made or sent: ``{voucher}``. Pure, and nothing is evaluated."""

import re
from collections.abc import Iterator, Mapping

# Filled in when it is sent or shown: what is personal stays in the one table of personal data.
PERSONAL = ("first_name",)
# Filled in when it is made.
FACTS = ("program", "voucher", "missing_amount", "points", "last_day", "receipt", "amount")
KNOWN = (*PERSONAL, *FACTS)

_PLACE = re.compile(r"\{([^{}]*)\}")


def faults(text: str) -> Iterator[str]:
    """What stands in braces and is no placeholder; a lone brace stands for itself as a fault."""
    yield from (name for name in _PLACE.findall(text) if name not in KNOWN)
    rest = _PLACE.sub("", text)
    yield from (sign for sign in "{}" if sign in rest)


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with those places filled that have a value; the others stay as they are."""
    return _PLACE.sub(lambda found: values.get(found[1], found[0]), text)
