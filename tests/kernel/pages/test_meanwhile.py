"""Two people with the same form open: the later one is told, and nothing is lost."""

import pytest

from loyalty.kernel import scope
from loyalty.kernel.models import AuditRecord, User
from programs.setup.models import Brand
from programs.tiers.models import Tier, TierScheme
from tests.browser import people
from tests.kernel.pages.staff import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    return people.make_program()


@pytest.fixture
def brand(program):
    with scope.enter([program], scope.SYSTEM):
        yield Brand.objects.get()


@pytest.fixture
def first(program):
    return signed_in(people.make_operator())


@pytest.fixture
def second(program):
    user = User.objects.create_user("second@example.com", people.PASSWORD, name="Second", is_operator=True)
    return signed_in(user)


def address(brand):
    return f"/admin/programs_setup/brand/{brand.pk}/change/"


class TestTwoAtOnce:
    def test_the_later_one_is_refused_and_sees_both(self, first, second, brand):
        opened = second.opened(address(brand))
        first.post(address(brand), {"code": "MAIN", "name_en": "Theirs"})

        answer = second.post(address(brand), {"code": "MAIN", "name_en": "Mine", **opened})

        page = answer.content.decode()
        brand.refresh_from_db()
        assert answer.status_code == 200
        assert str(brand) == "Theirs"
        assert "Operator changed this while you had it open." in page
        assert "{&#x27;en&#x27;: &#x27;Main&#x27;} →" not in page
        assert "Main → Theirs" in page
        assert 'value="Mine"' in page
        assert AuditRecord.objects.filter(action="brand.changed").count() == 1

    def test_saving_once_more_puts_the_own_values_in_place(self, first, second, brand):
        opened = second.opened(address(brand))
        first.post(address(brand), {"code": "MAIN", "name_en": "Theirs"})
        refused = second.post(address(brand), {"code": "MAIN", "name_en": "Mine", **opened}).content.decode()
        again = refused.partition('name="_opened" value="')[2].partition('"')[0]

        answer = second.post(address(brand), {"code": "MAIN", "name_en": "Mine", "_opened": again})

        brand.refresh_from_db()
        assert (answer.status_code, str(brand)) == (302, "Mine")

    def test_a_row_edited_with_it_counts_too(self, first, second, program):
        with scope.enter([program], scope.SYSTEM):
            scheme = TierScheme.objects.get()
        marketer = signed_in(people.make_staff(program, "marketer"))
        page = f"/admin/programs_tiers/tierscheme/{scheme.pk}/change/"
        opened = marketer.opened(page)
        with scope.enter([program], scope.SYSTEM):
            Tier.objects.update(threshold=7777)

        answer = marketer.post(page, {"name_en": "Status", **opened})

        assert "7777" in answer.content.decode()
        assert "Nothing of yours is saved yet." in answer.content.decode()

    def test_a_form_without_its_token_saves_nothing(self, first, brand):
        answer = first.post(address(brand), {"code": "MAIN", "name_en": "Mine", "_opened": ""})

        brand.refresh_from_db()
        assert "This form is incomplete." in answer.content.decode()
        assert str(brand) == "Main"

    def test_a_mistake_elsewhere_keeps_what_was_opened(self, first, second, brand):
        opened = second.opened(address(brand))

        page = second.post(address(brand), {"code": "MAIN", "name_en": "", **opened}).content.decode()

        assert opened["_opened"] in page
