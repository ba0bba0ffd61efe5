"""What a program changes of the ready roles: rights added and taken away, and who must have a second factor.

Refused until given: only rights that some ready role of programs has can be added. What opens the platform itself is the
operator's and can be given to no role.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager

from django.db import connection

from loyalty.kernel import audit, scope
from loyalty.kernel.access.ready import OPTIONAL, ROLES
from loyalty.kernel.errors import Malformed, Refusal
from loyalty.kernel.models import RoleRule
from loyalty.kernel.unit_of_work import unit_of_work

KNOWN: frozenset[str] = OPTIONAL.union(*ROLES.values())


class OwnRights(Refusal):
    """Nobody gives more rights to a role that they hold themselves."""

    code = "roles.own_rights"
    status = 409


def in_force(program_id: int, held: Iterable[str]) -> dict[str, frozenset[str]]:
    """The rights of roles in a program, by role."""
    wanted = list(held)
    with _inside([program_id]):
        rules = {rule.role: rule for rule in RoleRule.objects.filter(program_id=program_id, role__in=wanted)}
    return {role: _changed(role, rules.get(role)) for role in wanted}


def _changed(role: str, rule: RoleRule | None) -> frozenset[str]:
    ready = ROLES[role]
    # A right that a release took away is given to nobody, whatever an old row says.
    return ready if rule is None else ((ready | set(rule.added)) - set(rule.taken)) & KNOWN


def with_second_factor(held: Collection[tuple[int, str]]) -> set[tuple[int, str]]:
    """Of pairs of program and role those whose program asks for a second factor."""
    programs = sorted({program for program, _role in held})
    if not programs:
        return set()
    with _inside(programs):
        rows = RoleRule.objects.filter(program_id__in=programs, needs_second_factor=True)
        return set(rows.values_list("program_id", "role"))


def rules() -> dict[str, RoleRule]:
    """What the program in scope says of each ready role; an unsaved row where it says nothing."""
    rows = {rule.role: rule for rule in RoleRule.objects.all()}
    return {role: rows.get(role) or RoleRule(role=role, added=[], taken=[]) for role in ROLES}


def change(wanted: Mapping[str, Collection[str]], with_factor: Collection[str], *, held: Collection[str]) -> list[str]:
    """Give each role of the program in scope exactly the ``wanted`` rights; the roles that changed.

    ``with_factor``: the roles that must have a second factor. ``held``: the roles of whoever asks.

    :raises Malformed: a role or a right that does not exist.
    :raises OwnRights: a role that they hold would get a right that none of their roles has.
    """
    asked: frozenset[str] = frozenset().union(*wanted.values())
    if set(wanted) | set(with_factor) != set(wanted) or set(wanted) - set(ROLES) or asked - KNOWN:
        raise Malformed(errors=[("rights", "out_of_range")])
    with unit_of_work():
        _take_turns()
        before = rules()
        own: frozenset[str] = frozenset().union(*(_changed(role, before[role]) for role in held))
        if any(set(wanted[role]) - own for role in held if role in wanted):
            raise OwnRights()
        return [role for role in wanted if _write(before[role], set(wanted[role]), role in with_factor)]


def _write(rule: RoleRule, wanted: set[str], needs_second_factor: bool) -> bool:
    ready, had, asked = ROLES[rule.role], _changed(rule.role, rule), rule.needs_second_factor
    given, gone = sorted(wanted - had), sorted(had - wanted)
    if not given and not gone and asked == needs_second_factor:
        return False
    rule.added, rule.taken = sorted(wanted - ready), sorted(ready - wanted)
    rule.needs_second_factor = needs_second_factor
    rule.save()
    changes: dict[str, tuple[object, object]] = dict.fromkeys(given, (False, True))
    changes |= dict.fromkeys(gone, (True, False))
    if asked != needs_second_factor:
        changes["needs_second_factor"] = (asked, needs_second_factor)
    audit.record("role.rights_changed", rule, changes=changes)
    return True


def _take_turns() -> None:
    """Let two who change rights of one program at once wait for each other, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('role_rules', %s))", [scope.program_id()])


@contextmanager
def _inside(programs: list[int]) -> Iterator[None]:
    """The scope of the programs: the one in force, where it holds them."""
    if scope.is_entered() and set(programs) <= set(scope.current().programs):
        yield
        return
    with scope.enter(programs, scope.SYSTEM):
        yield
