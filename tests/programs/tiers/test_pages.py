"""Tier schemes with their tiers on one page."""

import pytest

from loyalty.kernel import registries, scope
from loyalty.kernel.models import AuditRecord
from programs.tiers.models import Tier, TierScheme
from tests.browser import people
from tests.kernel.pages.staff import signed_in

pytestmark = pytest.mark.django_db
SCHEMES = "/admin/programs_tiers/tierscheme/"


@pytest.fixture
def program():
    return people.make_program()


@pytest.fixture
def marketer(program):
    return signed_in(people.make_staff(program, "marketer"))


@pytest.fixture
def scheme(program):
    with scope.enter([program], scope.SYSTEM):
        yield TierScheme.objects.get()


def form(scheme, **tier):
    silver = scheme.tiers.get()
    first = {"id": silver.pk, "scheme": scheme.pk, "rank": "1", "code": "SILVER", "name_en": "Silver",
             "threshold": "1000", "multiplier": "1.00", **tier}  # fmt: skip
    gold = {"id": "", "scheme": scheme.pk, "rank": "2", "code": "GOLD", "name_en": "Gold", "threshold": "5000",
            "multiplier": "1.25"}  # fmt: skip
    rows = {f"tiers-{number}-{name}": value for number, row in enumerate((first, gold)) for name, value in row.items()}
    counts = {"tiers-TOTAL_FORMS": "2", "tiers-INITIAL_FORMS": "1"}
    return {"name_en": "Status", "point_type": scheme.point_type_id, "window": "rolling", "window_months": "12",
            "valid_months": "12", "downgrade": "one", "grace_days": "0", "warn_days": "30", **counts, **rows}  # fmt: skip


def test_tiers_are_changed_and_added_with_their_scheme(
    marketer, scheme, monkeypatch, django_capture_on_commit_callbacks
):
    told = []
    monkeypatch.setattr(registries, "_on_settings_changed", [lambda: told.append(True)])
    with django_capture_on_commit_callbacks(execute=True):
        answer = marketer.post(f"{SCHEMES}{scheme.pk}/change/", form(scheme, threshold="2000"))

    assert answer.status_code == 302
    assert list(scheme.tiers.values_list("code", "threshold")) == [("SILVER", 2000), ("GOLD", 5000)]
    assert AuditRecord.objects.get(action="tier.changed").changes == {"threshold": [1000, 2000]}
    assert AuditRecord.objects.filter(action="tier.created").count() == 1
    assert told == [True]


def test_a_tier_that_takes_points_away_is_refused_and_nothing_changes(marketer, scheme):
    answer = marketer.post(f"{SCHEMES}{scheme.pk}/change/", form(scheme, multiplier="0.50"))

    assert "Give 1 or more." in answer.content.decode()
    assert list(Tier.objects.values_list("code", "multiplier")) == [("SILVER", 1)]


def test_the_page_of_a_new_scheme_opens(marketer):
    assert marketer.get(f"{SCHEMES}add/").status_code == 200


def test_amounts_of_money_are_typed_as_money_and_stored_in_cents(marketer, scheme):
    program = scheme.program_id
    answer = marketer.post(
        f"{SCHEMES}add/",
        {
            "code": "SPENDING", "name_en": "Spending", "measure": "amount", "point_type": "", "window": "calendar",
            "window_months": "12", "valid_months": "12", "downgrade": "earned", "grace_days": "14", "warn_days": "0",
            "tiers-TOTAL_FORMS": "2", "tiers-INITIAL_FORMS": "0",
            "tiers-0-rank": "0", "tiers-0-code": "BASIC", "tiers-0-name_en": "Basic", "tiers-0-threshold": "0",
            "tiers-0-multiplier": "1", "tiers-1-rank": "1", "tiers-1-code": "SILVER", "tiers-1-name_en": "Silver",
            "tiers-1-threshold": "500.50", "tiers-1-retain": "250", "tiers-1-multiplier": "1",
        },
    )  # fmt: skip

    assert answer.status_code == 302, answer.content
    made = TierScheme.objects.get(code="SPENDING", program_id=program)
    assert list(made.tiers.values_list("code", "threshold", "retain")) == [("BASIC", 0, None), ("SILVER", 50050, 25000)]
    assert 'value="500.50"' in marketer.get(f"{SCHEMES}{made.pk}/change/").content.decode()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"window": "calendar", "window_months": "5"}, "A calendar period has 1, 2, 3, 4, 6 or 12 months."),
        ({"window_months": "0"}, "Give 1 to 120 months."),
        ({"tiers-1-threshold": "1000"}, "GOLD must begin above SILVER."),
        ({"tiers-1-retain": "9000"}, "A tier cannot need more to be kept than to be reached."),
        ({"tiers-1-threshold": "5000.5"}, "Give at most 0 decimals."),
    ],
)
def test_terms_that_do_not_fit_are_refused_in_words_and_nothing_changes(marketer, scheme, values, message):
    answer = marketer.post(f"{SCHEMES}{scheme.pk}/change/", {**form(scheme), **values})

    assert message in answer.content.decode()
    assert list(Tier.objects.values_list("code", "threshold")) == [("SILVER", 1000)]
    assert TierScheme.objects.get().window_months == 12
