"""Names, e-mails, phones and card numbers as they are compared. Pure."""

import re
import unicodedata

_PHONE = re.compile(r"\+?[\d\s().-]{5,24}", re.ASCII)
_NOT_LETTERS = re.compile(r"[^\w]+")
_LATIN = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "ß": "ss", "æ": "ae", "ё": "е"})


def search_form(text: str) -> str:
    """A name as it is searched: lower case, without accents, one space between words."""
    plain = unicodedata.normalize("NFKD", text.lower().translate(_LATIN))
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " ".join(_NOT_LETTERS.sub(" ", letters).split())


def email_form(text: str) -> str:
    """An e-mail as it is compared: without spaces around, lower case."""
    return text.strip().lower()


def phone_form(text: str) -> str:
    """A phone as it is compared: its digits with the leading plus, when there is one."""
    digits = re.sub(r"\D", "", text)
    return f"+{digits}" if text.strip().startswith("+") else digits


def looks_like_phone(text: str) -> bool:
    """Whether a text is a phone number as people write it, with at least five digits."""
    return bool(_PHONE.fullmatch(text)) and sum(sign.isdigit() for sign in text) >= 5


def card_form(text: str) -> str:
    """A card number as it is stored: without spaces and dashes."""
    return re.sub(r"[\s-]", "", text)


def looks_like_email(text: str) -> bool:
    """Whether a search text is meant as an e-mail."""
    return "@" in text


def looks_like_number(text: str) -> bool:
    """Whether a search text is meant as a phone or card number."""
    return len(re.sub(r"\D", "", text)) >= 6 and not re.search(r"[^\W\d_]", text)


def luhn_is_valid(number: str) -> bool:
    """Whether the last digit is the check digit of ISO/IEC 7812 (Luhn)."""
    if not number.isdigit() or len(number) < 2:
        return False
    total = 0
    for place, sign in enumerate(reversed(number)):
        digit = int(sign)
        if place % 2:
            digit = digit * 2 - 9 if digit > 4 else digit * 2
        total += digit
    return total % 10 == 0


def ean13_is_valid(number: str) -> bool:
    """Whether the last of thirteen digits is the check digit of EAN-13 (ISO/IEC 15420)."""
    if not number.isdigit() or len(number) != 13:
        return False
    return sum(int(sign) * (3 if place % 2 else 1) for place, sign in enumerate(number)) % 10 == 0


CARD_CHECKS = {"luhn": luhn_is_valid, "ean13": ean13_is_valid, "none": lambda number: bool(number)}


def masked_email(email: str) -> str:
    """An e-mail that its owner recognizes and nobody else learns."""
    name, _at, host = email.partition("@")
    return f"{name[:1]}•••@{host}" if host else ""


def masked_phone(phone: str) -> str:
    """The last two digits of a phone."""
    return f"••• {phone[-2:]}" if phone else ""


def masked_name(name: str) -> str:
    """The first letter of each word of a name: enough to tell apart whom a caller named, not to learn a name."""
    return " ".join(f"{word[:1]}•••" for word in name.split())


def masked_card(number: str) -> str:
    """The last four digits of a card; of a short number the last two."""
    return f"•••• {number[-4:] if len(number) > 8 else number[-2:]}"
