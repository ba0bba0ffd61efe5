import re
from collections import Counter
from datetime import date

import pytest

from loyalty.demo.journey.people import card_number, person, phone, read_people

pytestmark = pytest.mark.pure


@pytest.fixture(scope="module")
def people():
    return list(read_people())


def test_each_household_is_one_member(people):
    assert len(people) == 2469
    assert [made.household_id for made in people] == sorted({made.household_id for made in people})


@pytest.mark.parametrize("field", ["email", "phone", "card_number"])
def test_no_two_members_share_an_identifier(people, field):
    assert len({getattr(made, field) for made in people}) == 2469


def test_a_member_is_the_same_each_time_and_another_for_another_seed():
    assert person(42) == person(42)
    assert person(42) != person(42, seed="another")
    # Identifiers hang on the household alone.
    assert person(42).card_number == person(42, seed="another").card_number
    assert person(42).phone == person(42, seed="another").phone


def test_the_first_member_is_pinned():
    first = person(1)
    assert (first.first_name, first.last_name, first.email) == (
        "Caleb",
        "Potatoson",
        "caleb.potatoson.0001@example.org",
    )
    assert (first.phone, first.card_number, first.city) == ("+12125550100", "2901000000015", "New York")


def test_telephones_are_of_the_numbers_kept_for_fiction(people):
    assert all(re.fullmatch(r"\+1[2-9]\d\d55501\d\d", made.phone) for made in people)


def test_every_possible_household_has_a_telephone_of_its_own():
    assert len({phone(number) for number in range(1, 2501)}) == 2500


@pytest.mark.parametrize("household_id", [0, 2501])
def test_there_is_no_member_beyond_the_telephones(household_id):
    with pytest.raises(AssertionError):
        person(household_id)


@pytest.mark.parametrize(
    ("household_id", "expected"), [(1, "2901000000015"), (42, "2901000000428"), (2500, "2901000025001")]
)
def test_a_card_ends_with_the_check_digit_of_ean_13(household_id, expected):
    assert card_number(household_id) == expected


def test_every_card_adds_up_to_a_multiple_of_ten(people):
    for made in people:
        digits = [int(digit) for digit in made.card_number]
        assert len(digits) == 13
        assert (sum(digits[0::2]) + 3 * sum(digits[1::2])) % 10 == 0


def test_mail_goes_to_example_domains_in_plain_letters(people):
    pattern = re.compile(r"[a-z]+\.[a-z]+\.\d{4}@example\.(com|org)")
    assert [made.email for made in people if not pattern.fullmatch(made.email)] == []


def test_languages_and_consents_are_spread_as_weighted(people):
    languages = Counter(made.language for made in people)
    assert set(languages) == {"en", "pl", "ru"}
    assert 0.68 < languages["en"] / 2469 < 0.76
    assert 0.13 < languages["pl"] / 2469 < 0.19
    assert 0.09 < languages["ru"] / 2469 < 0.15
    assert 0.66 < sum(made.has_email_consent for made in people) / 2469 < 0.74
    assert 0.41 < sum(made.has_sms_consent for made in people) / 2469 < 0.49
    assert 0.56 < sum(made.has_profiling_consent for made in people) / 2469 < 0.64


def test_names_agree_in_gender_and_alphabet(people):
    russian = [made for made in people if made.language == "ru"]
    assert all(re.fullmatch(r"[А-Яа-яЁё]+", made.first_name + made.last_name) for made in russian)
    assert all((made.first_name[-1] in "ая") == made.last_name.endswith("а") for made in russian)
    polish = [made for made in people if made.language == "pl"]
    changing = [made for made in polish if re.search(r"(sk|ck)[ia]$", made.last_name)]
    assert changing
    assert all((made.first_name[-1] == "a") == (made.last_name[-1] == "a") for made in changing)


def test_every_member_is_grown_up(people):
    assert min(made.birthday for made in people) >= date(1941, 1, 1)
    assert max(made.birthday for made in people) <= date(2004, 12, 31)
