"""The rows of a program's small table, by a statement that is made once."""

import pytest

from loyalty.kernel import scope
from loyalty.kernel.models.whole import whole
from programs.setup.models import PointType, Program
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def shops():
    one, other = factories.make_program("ONE"), factories.make_program("OTHER")
    with factories.entered(one):
        PointType.objects.create(
            program_id=one.program_id, code="MILES", name={"en": "miles", "pl": "mile"}, decimals=2, position=3,
            expiry={"after": {"days": 30}},
        )  # fmt: skip
    return one, other


def test_they_are_what_django_reads_in_the_same_order(shops):
    for shop in shops:
        with factories.entered(shop):
            expected = list(PointType.objects.all())
            found = whole(PointType)
            assert [vars(one) | {"_state": None} for one in found] == [vars(one) | {"_state": None} for one in expected]
            assert not found[0]._state.adding
            assert found[0]._state.db == "default"


def test_the_present_program_is_the_one_in_scope(shops):
    for shop in shops:
        with factories.entered(shop):
            assert vars(Program.objects.present()) | {"_state": None} == vars(Program.objects.get()) | {"_state": None}


def test_there_is_one_present_program_or_a_refusal(shops):
    with scope.enter([shop.program_id for shop in shops], scope.SYSTEM), pytest.raises(Program.MultipleObjectsReturned):
        Program.objects.present()
    with scope.enter([1], scope.SYSTEM), pytest.raises(Program.DoesNotExist):
        Program.objects.present()
    with pytest.raises(scope.ScopeMissing):
        whole(PointType)
    assert len(shops) == 2
