"""Codes that nobody guesses and that a till can check for a slip of the finger. Pure."""

import secrets

# Letters and digits that nobody confuses on a screen or on the phone; their number is a prime, so that the check sign
# finds every single wrong sign and every two neighbors swapped.
SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
RANDOM_SIGNS = 10


def new_code(prefix: str) -> str:
    """A fresh code: the prefix, ten random signs (about 49 bits), and the check sign."""
    body = "".join(secrets.choice(SIGNS) for _place in range(RANDOM_SIGNS))
    return f"{prefix}{body}{check_sign(body)}"


def check_sign(body: str) -> str:
    """The sign that makes the weighted sum of the whole divide by the number of signs."""
    total = sum(place * SIGNS.index(sign) for place, sign in enumerate(reversed(body), start=2))
    return SIGNS[-total % len(SIGNS)]


def is_intact(code: str) -> bool:
    """Whether a generated code, without its prefix, was read without a slip."""
    body, sign = code[:-1], code[-1:]
    return bool(body) and all(each in SIGNS for each in code) and check_sign(body) == sign


def plain(code: str) -> str:
    """A code as it is stored, however it was typed."""
    return code.strip().replace(" ", "").upper()
