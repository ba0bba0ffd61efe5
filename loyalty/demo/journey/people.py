"""Members made up for the households: plainly synthetic, always the same for the same household and seed.

Family names are made of groceries in English, Polish and Russian. Mail goes to example.com and example.org, which
RFC 2606 keeps for examples. Telephones are the numbers 555-0100 to 555-0199 of the North American plan, kept for
fiction in every area code: 100 numbers in each of 25 area codes give each of up to 2,500 households its own. Cards are
EAN-13 in the range 2901, which GS1 leaves to a shop's own use.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import TypeVar

from loyalty.demo.journey import source
from loyalty.demo.journey.name_lists import CITIES, CYRILLIC, FIRST_NAMES, LAST_NAMES

T = TypeVar("T")

SEED = "complete-journey"
CARD_PREFIX = "2901"
NUMBERS_AN_AREA = 100
MAXIMUM_HOUSEHOLD_ID = len(CITIES) * NUMBERS_AN_AREA
# Percent of the members.
LANGUAGES = (("en", 72), ("pl", 16), ("ru", 12))
EMAIL_CONSENT = 70
SMS_CONSENT = 45
PROFILING_CONSENT = 60
FIRST_BIRTHDAY = date(1941, 1, 1)
LAST_BIRTHDAY = date(2004, 12, 31)


@dataclass(frozen=True, slots=True)
class Person:
    """The member made up for a household. `phone` is E.164, `card_number` an EAN-13, `language` en, pl or ru."""

    household_id: int
    first_name: str
    last_name: str
    email: str
    phone: str
    card_number: str
    birthday: date
    city: str
    language: str
    has_email_consent: bool
    has_sms_consent: bool
    has_profiling_consent: bool


def read_people(seed: str = SEED) -> Iterator[Person]:
    """A member for each household that ever bought, in the order of their ids.

    :raises loyalty.demo.journey.source.DataPackageMissing: the data are not installed.
    """
    for household_id in sorted(source.distinct("transactions", "household_id")):
        yield person(household_id, seed)


def person(household_id: int, seed: str = SEED) -> Person:
    """The member of one household, 1 to 2,500."""
    assert 1 <= household_id <= MAXIMUM_HOUSEHOLD_ID
    draw = _Draw(seed, household_id)
    language = _weighted(draw.below("language", 100))
    is_woman = draw.below("gender", 2) == 1
    first_name = draw.one_of("first name", FIRST_NAMES[language][is_woman])
    last_name = draw.one_of("last name", LAST_NAMES[language])[is_woman]
    days = (LAST_BIRTHDAY - FIRST_BIRTHDAY).days + 1
    domain = draw.one_of("domain", ("example.com", "example.org"))
    return Person(
        household_id=household_id,
        first_name=first_name,
        last_name=last_name,
        email=f"{_latin(first_name)}.{_latin(last_name)}.{household_id:04}@{domain}",
        phone=phone(household_id),
        card_number=card_number(household_id),
        birthday=FIRST_BIRTHDAY + timedelta(days=draw.below("birthday", days)),
        city=CITIES[(household_id - 1) % len(CITIES)][1],
        language=language,
        has_email_consent=draw.below("e-mail consent", 100) < EMAIL_CONSENT,
        has_sms_consent=draw.below("text consent", 100) < SMS_CONSENT,
        has_profiling_consent=draw.below("profiling consent", 100) < PROFILING_CONSENT,
    )


def phone(household_id: int) -> str:
    """The reserved test number of a household, in the area code of its city."""
    number, area = divmod(household_id - 1, len(CITIES))
    assert number < NUMBERS_AN_AREA
    return f"+1{CITIES[area][0]}55501{number:02}"


def card_number(household_id: int) -> str:
    """The card of a household: the range, its number in eight digits, the check digit of EAN-13."""
    payload = f"{CARD_PREFIX}{household_id:08}"
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(payload))
    return f"{payload}{-weighted % 10}"


@dataclass(frozen=True, slots=True)
class _Draw:
    """Numbers that hang on seed, household and purpose only: a new purpose changes none of the others."""

    seed: str
    household_id: int

    def below(self, purpose: str, count: int) -> int:
        text = f"{self.seed}:{self.household_id}:{purpose}"
        return int.from_bytes(sha256(text.encode()).digest()[:8]) % count

    def one_of(self, purpose: str, choices: Sequence[T]) -> T:
        return choices[self.below(purpose, len(choices))]


def _weighted(percent: int) -> str:
    for language, share in LANGUAGES:
        if percent < share:
            return language
        percent -= share
    raise AssertionError("the shares of the languages are 100 percent")


def _latin(name: str) -> str:
    spelled = "".join(CYRILLIC.get(letter, letter) for letter in name.lower()).replace("ł", "l")
    return unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
