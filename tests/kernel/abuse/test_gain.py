"""Who goes round in circles gains nothing, and who looks where personal data pass finds none in clear."""

import logging

import pytest
from cryptography.exceptions import InvalidTag
from django.db import connection

from loyalty.kernel import clock, outbox, scope, secrecy
from loyalty.kernel.wall_checks import walled_models
from rewards.catalog.models import Reward
from tests import factories
from tests.factories import NOON

CARD = "79927398713"
SCOPES = ("purchases.write", "members.read", "members.write", "redemptions.write")
EMAIL, PHONE = "kanarek.w.logach@example.com", "+48600123987"


@pytest.mark.django_db
def test_earning_spending_and_giving_back_in_circles_brings_one_debt_and_no_second_reward():
    shop = factories.make_program()
    factories.make_member(shop, card=CARD)
    with factories.entered(shop):
        points = shop.point_types["POINTS"]
        Reward.objects.create(code="MUG", name={"en": "Mug"}, description={}, point_type_id=points, price=100)
        factories.Category.objects.create(program_id=shop.program_id, code="all", name="All")
    factories.make_product(shop, "A", category="all")
    api, member, got = factories.client(shop, *SCOPES), {"kind": "card", "value": CARD}, []
    with clock.fixed(NOON):
        for number in range(12):
            bought = api.post(
                "/api/v1/transactions",
                {
                    "external_id": f"R-{number}", "member": member, "at": NOON.isoformat(), "currency": "USD",
                    "lines": [{"sku": "A", "unit_price": "100.00"}],
                },
            )  # fmt: skip
            assert bought.status_code == 201, bought.content
            got.append(
                api.post(
                    "/api/v1/redemptions", {"member": member, "reward": "MUG"}, HTTP_IDEMPOTENCY_KEY=f"{number}"
                ).status_code
            )
            back = {"external_id": f"B-{number}", "lines": [{"line_id": "1", "qty": 1}]}
            assert api.post(f"/api/v1/transactions/R-{number}/returns", back).status_code == 201
        balance = api.get(f"/api/v1/members/card:{CARD}/balance").json()["balance"]["POINTS"]

    assert got == [201] + [409] * 11
    assert (balance["active"], balance["debt"]) == ("0", "100")


@pytest.mark.django_db
def test_a_contact_stands_in_clear_in_no_table_and_in_no_log(caplog):
    shop = factories.make_program()
    api = factories.client(shop, *SCOPES)
    with caplog.at_level(logging.DEBUG):
        joined = api.post(
            "/api/v1/members", {"email": EMAIL, "phone": PHONE, "cards": [CARD]}, HTTP_IDEMPOTENCY_KEY="join"
        )
        assert joined.status_code == 201, joined.content
        api.patch(f"/api/v1/members/card:{CARD}", {"email": f"x{EMAIL}"}, HTTP_IDEMPOTENCY_KEY="change")
        assert api.get(f"/api/v1/members/email:x{EMAIL}").status_code == 200
        with scope.enter([shop.program_id], scope.SYSTEM):
            outbox.deliver_due()
            found = [model._meta.db_table for model in walled_models() if _holds(model._meta.db_table)]

    assert found == []
    assert EMAIL not in caplog.text
    assert PHONE[-9:] not in caplog.text


def _holds(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT EXISTS (SELECT FROM "{table}" t WHERE t::text LIKE %s OR t::text LIKE %s)',
            [f"%{EMAIL}%", f"%{PHONE[-9:]}%"],
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.pure
def test_what_is_sealed_for_one_opens_for_no_other():
    one, two = 11, 12
    sealed = secrecy.seal(EMAIL, program_id=one)

    assert secrecy.unseal(sealed, program_id=one) == EMAIL
    assert sealed != secrecy.seal(EMAIL, program_id=one), "the same text twice is told apart by nobody"
    for wrong in (
        lambda: secrecy.unseal(sealed, program_id=two),
        lambda: secrecy.unseal(sealed[:-1] + b"x", program_id=one),
    ):
        with pytest.raises((InvalidTag, AssertionError)):
            wrong()
