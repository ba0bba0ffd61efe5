"""What a program changes of the ready roles holds at once, in that program alone; nobody widens the own rights."""

import pytest
from django.test import override_settings

from loyalty.kernel import scope
from loyalty.kernel.access import factors, rights, roles, sessions
from loyalty.kernel.access.ready import KEY_ROLES, MEMBER, OPERATOR, PARTNER_ROLES, ROLES
from loyalty.kernel.errors import Malformed
from loyalty.kernel.models import AuditRecord, RoleRule, User
from loyalty.kernel.pages.right_names import RIGHTS
from tests.browser import people
from tests.kernel.pages.staff import signed_in

pytestmark = pytest.mark.django_db
PAGE = "/admin/roles/"


@pytest.fixture
def two() -> tuple[int, int]:
    return people.make_program("FIRST"), people.make_program("SECOND")


@pytest.fixture
def operator(two):
    client = signed_in(people.make_operator())
    client.post("/admin/program/", {"program": two[0]})
    return client


def ticked(**changes: set[str]) -> list[str]:
    """The grid as it came, with the rights of some roles replaced."""
    return [f"{role}:{right}" for role, ready in ROLES.items() for right in sorted(changes.get(role, ready))]


def save(client, program: int, *, factor: tuple[str, ...] = (), **changes: set[str]):
    return client.post(PAGE, {"right": ticked(**changes), "factor": list(factor), "_program": program})


def test_every_right_of_a_ready_role_has_a_name_and_a_place_in_the_grid():
    named = [code for _title, names in RIGHTS for code in names]

    assert len(named) == len(set(named))
    assert set(named) == rights.KNOWN


def test_the_platforms_own_rights_are_the_operators_alone():
    assert {"programs.edit", "users.edit", "keys.edit", "jobs.view", "partners.edit"} == OPERATOR - rights.KNOWN
    assert {"operator": OPERATOR, "member": MEMBER, **ROLES, **KEY_ROLES, **PARTNER_ROLES}.keys() == {
        "operator", "marketer", "analyst", "agent", "supervisor", "cashier", "member", "administer_portal", "view_portal",
    }  # fmt: skip


def test_without_a_rule_a_role_is_as_it_came(two):
    agent = people.make_staff(two[0], "agent")

    assert roles.permissions_of(agent, two[0]) == ROLES["agent"]
    assert roles.permissions_of(agent, two[1]) == frozenset()


def test_a_right_that_is_given_opens_its_pages_at_once_in_this_program_alone(operator, two):
    analyst = people.make_staff(two[0], "analyst")
    with scope.enter([two[1]], scope.SYSTEM):
        roles.grant_role(analyst, "analyst", two[1])
    client = signed_in(analyst)
    client.post("/admin/program/", {"program": two[0]})
    assert client.get("/admin/loyalty_kernel/auditrecord/").status_code == 403

    save(operator, two[0], analyst=ROLES["analyst"] | {"audit.view"})

    assert client.get("/admin/loyalty_kernel/auditrecord/").status_code == 200
    client.post("/admin/program/", {"program": two[1]})
    assert client.get("/admin/loyalty_kernel/auditrecord/").status_code == 403


def test_a_right_that_is_taken_closes_its_pages_at_once(operator, two):
    client = signed_in(people.make_staff(two[0], "agent"))
    assert client.get("/admin/members/").status_code == 200

    save(operator, two[0], agent=ROLES["agent"] - {"members.find"})

    assert client.get("/admin/members/").status_code == 403


def test_what_changed_is_written_down_right_by_right(operator, two):
    save(operator, two[0], analyst=ROLES["analyst"] - {"reports.schedule"} | {"audit.view"})

    with scope.enter([two[0]], scope.SYSTEM):
        record = AuditRecord.objects.get(action="role.rights_changed")
        rule = RoleRule.objects.get()
    assert (record.object_label, record.actor_label) == ("analyst", "Operator")
    assert record.changes == {"audit.view": [False, True], "reports.schedule": [True, False]}
    assert (rule.added, rule.taken) == (["audit.view"], ["reports.schedule"])


def test_as_they_came_gives_all_roles_their_ready_rights(operator, two):
    save(operator, two[0], analyst={"dashboard.view"}, agent=set())

    operator.post(PAGE, {"deed": "ready", "_program": two[0]})

    with scope.enter([two[0]], scope.SYSTEM):
        assert {role: rights.in_force(two[0], [role])[role] for role in ROLES} == ROLES


@pytest.mark.parametrize(
    "value", ["analyst:users.edit", "analyst:keys.edit", "analyst:no.such", "operator:audit.view", "x"]
)
def test_what_no_role_of_programs_has_is_given_to_none(operator, two, value):
    operator.post(PAGE, {"right": [*ticked(), value], "_program": two[0]})

    with scope.enter([two[0]], scope.SYSTEM):
        assert not RoleRule.objects.exists()
        assert not AuditRecord.objects.filter(action="role.rights_changed").exists()


def test_an_old_row_gives_no_right_of_the_platform(two):
    agent = people.make_staff(two[0], "agent")
    with scope.enter([two[0]], scope.SYSTEM):
        RoleRule.objects.create(role="agent", added=["users.edit", "gone.right"], taken=[])

    assert roles.permissions_of(agent, two[0]) == ROLES["agent"]


def test_nobody_gives_the_own_role_more_rights(operator, two):
    boss = User.objects.get(email=people.OPERATOR)
    with scope.enter([two[0]], scope.SYSTEM):
        roles.grant_role(boss, "agent", two[0])

    answer = operator.post(
        PAGE, {"right": ticked(agent=ROLES["agent"] | {"adjustments.decide"}), "_program": two[0]}, follow=True
    )

    assert "You hold this role yourself" in answer.content.decode()
    with scope.enter([two[0]], scope.SYSTEM):
        assert not RoleRule.objects.exists()
        with pytest.raises(Malformed):
            rights.change({"agent": ["users.edit"]}, [], held=[])


def test_an_operator_with_a_role_grants_no_points_all_the_same(two):
    boss = people.make_operator()
    with scope.enter([two[0]], scope.SYSTEM):
        roles.grant_role(boss, "supervisor", two[0])

    assert roles.permissions_of(boss, two[0]) == OPERATOR
    assert signed_in(boss).get("/admin/members/").status_code == 403


def test_the_password_is_asked_for_before(operator, two):
    session = operator.session
    del session[sessions.PROVED]
    session.save()

    for answer in (operator.get(PAGE), save(operator, two[0], agent=set())):
        assert answer.headers["Location"].startswith("/admin/security/prove/")
    with scope.enter([two[0]], scope.SYSTEM):
        assert not RoleRule.objects.exists()


@pytest.mark.parametrize("role", list(ROLES))
def test_the_page_is_the_operators(two, role):
    client = signed_in(people.make_staff(two[0], role))

    assert client.get(PAGE).status_code == save(client, two[0]).status_code == 403


class TestSecondFactor:
    def test_a_program_asks_a_role_for_it(self, operator, two):
        agent, analyst = people.make_staff(two[0], "agent"), people.make_staff(two[0], "analyst")

        save(operator, two[0], factor=("agent",))

        assert (factors.is_demanded(agent), factors.is_demanded(analyst)) == (True, False)
        answer = signed_in(agent).get("/admin/members/")
        assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/security/second-factor/")

    def test_another_program_does_not(self, operator, two):
        agent = people.make_staff(two[1], "agent")

        save(operator, two[0], factor=("agent",))

        assert not factors.is_demanded(agent)

    @override_settings(SECOND_FACTOR_OF=["analyst"])
    def test_a_program_cannot_ask_for_less_than_the_platform(self, operator, two):
        analyst = people.make_staff(two[0], "analyst")

        save(operator, two[0])

        assert factors.is_demanded(analyst)


class TestPeople:
    def form(self, user: User, *grants: str, **values: str) -> dict[str, object]:
        return {
            "email": user.email, "name": user.name, "new_password": "", "is_active": "on", "language": "en",
            "timezone": "UTC", "grants": list(grants), **values,
        }  # fmt: skip

    def test_nobody_gives_a_role_to_themselves(self, operator, two):
        boss = User.objects.get(email=people.OPERATOR)

        answer = operator.post(
            f"/admin/loyalty_kernel/user/{boss.pk}/change/", self.form(boss, f"{two[0]}:agent", is_operator="on")
        )

        assert "An operator runs the platform and holds no role." in answer.content.decode()
        assert roles.roles_of(boss, two[0]) == []

    def test_who_has_a_role_does_not_become_operator_beside_it(self, operator, two):
        agent = people.make_staff(two[0], "agent")

        answer = operator.post(
            f"/admin/loyalty_kernel/user/{agent.pk}/change/", self.form(agent, f"{two[0]}:agent", is_operator="on")
        )

        agent.refresh_from_db()
        assert "An operator runs the platform and holds no role." in answer.content.decode()
        assert not agent.is_operator
