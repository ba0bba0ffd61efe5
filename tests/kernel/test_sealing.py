"""The chain over the audit trail: what was changed, removed, slipped in or cut off is found."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from loyalty.kernel import audit, clock, jobs, scope, sealing, tasks
from loyalty.kernel.models import AuditRecord, AuditSeal, Job
from loyalty.kernel.sealing import Finding
from programs.setup.models import Program
from tests.browser import people
from tests.kernel.pages.staff import signed_in

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner", "auditor"])


@pytest.fixture
def program() -> int:
    return people.make_program()


def write(program: int, times: int) -> None:
    with scope.enter([program], scope.SYSTEM):
        row = Program.objects.get()
        for number in range(times):
            audit.record("program.changed", row, changes={"name": (number, {"en": "Zażółć", "n": [1, None, True]})})


def sealed(program: int | None) -> int:
    with sealing.enter_trail(program):
        return sealing.seal_due(program)


def findings(program: int | None) -> list[Finding]:
    with sealing.enter_trail(program):
        return [step for step in sealing.verify(program) if isinstance(step, Finding)]


def as_owner(statement: str, *values: object) -> None:
    """What no role of the product may, but an administrator of the database can."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement, values)
        assert cursor.rowcount == 1


def records_of(program: int | None) -> int:
    with sealing.enter_trail(program):
        return AuditRecord.objects.filter(program_id=program).count()


def seal_over(program: int, key: int) -> int:
    """The number of the seal that covers a record."""
    with scope.enter([program], scope.SYSTEM):
        return next(seal.position for seal in AuditSeal.objects.filter(program_id=program) if key in seal.records)


def middle(program: int) -> int:
    with scope.enter([program], scope.SYSTEM):
        of_program = AuditRecord.objects.filter(program_id=program)
        keys = list(of_program.order_by("pk").values_list("pk", flat=True))
    return keys[len(keys) // 2]


class TestSealing:
    def test_covers_each_record_once_in_blocks(self, program, monkeypatch):
        monkeypatch.setattr(sealing, "LARGEST_BLOCK", 4)
        write(program, 13 - records_of(program))

        assert (sealed(program), sealed(program)) == (13, 0)
        write(program, 2)
        assert sealed(program) == 2

        with scope.enter([program], scope.SYSTEM):
            seals = list(AuditSeal.objects.order_by("position"))
            state = sealing.state_of(program)
            records = set(AuditRecord.objects.filter(program_id=program).values_list("pk", flat=True))
        assert [len(seal.records) for seal in seals] == [4, 4, 4, 1, 2]
        assert sorted(key for seal in seals for key in seal.records) == sorted(records)
        assert (state.seals, state.records, state.waiting) == (5, 15, 0)
        assert findings(program) == []

    def test_a_record_that_was_committed_late_is_covered_too(self, program):
        write(program, 1)
        with scope.enter([program], scope.SYSTEM):
            first = AuditRecord.objects.order_by("pk").first()
        sealed(program)
        # The key of a transaction that began before the ones already sealed.
        with scope.enter([program], scope.SYSTEM):
            late = AuditRecord.objects.get(pk=first.pk)
            late.pk = first.pk - 1
            late.save(force_insert=True)

        assert sealed(program) == 1
        assert findings(program) == []

    def test_the_platform_s_own_trail_is_one_of_its_own(self, program):
        with scope.enter([], scope.SYSTEM, is_operator=True):
            audit.record("user.password_set", people.make_operator())

        tasks.sweep_audit()

        assert records_of(None) >= 1
        for trail in (program, None):
            with sealing.enter_trail(trail):
                assert sealing.state_of(trail).records == records_of(trail)
            assert findings(trail) == []

    def test_programs_have_chains_of_their_own(self, program):
        other = people.make_program("OTHER")
        write(other, 3)
        assert records_of(other) == records_of(program) + 3
        tasks.sweep_audit()

        for trail in (program, other):
            with sealing.enter_trail(trail):
                assert sealing.state_of(trail).records == records_of(trail)


class TestChecking:
    @pytest.fixture
    def trail(self, program, monkeypatch) -> int:
        monkeypatch.setattr(sealing, "LARGEST_BLOCK", 3)
        write(program, 8)
        sealed(program)
        assert findings(program) == []
        assert seal_over(program, middle(program)) > 1
        return program

    @pytest.mark.parametrize(
        "change",
        ["actor_label = 'nobody'", "changes = '{}'", "recorded_at = recorded_at - interval '1 day'", "reason = 'x'"],
    )
    def test_a_changed_record_breaks_its_seal(self, trail, change):
        as_owner(f"UPDATE loyalty_audit_record SET {change} WHERE id = %s", middle(trail))

        assert findings(trail) == [Finding("broken", seal_over(trail, middle(trail)))]

    def test_a_removed_record_is_missed(self, trail):
        gone = middle(trail)
        as_owner("DELETE FROM loyalty_audit_record WHERE id = %s", gone)

        assert findings(trail) == [Finding("missing", gone)]

    def test_a_removed_record_taken_from_its_seal_breaks_the_seal(self, trail):
        gone = middle(trail)
        seal = seal_over(trail, gone)
        as_owner("DELETE FROM loyalty_audit_record WHERE id = %s", gone)
        as_owner(
            "UPDATE loyalty_audit_seal SET records = array_remove(records, %s::bigint) WHERE %s = ANY (records)",
            gone,
            gone,
        )

        assert findings(trail) == [Finding("broken", seal)]

    def test_a_removed_seal_leaves_a_gap_and_breaks_the_next(self, trail):
        as_owner("DELETE FROM loyalty_audit_seal WHERE program_id = %s AND position = 2", trail)

        assert findings(trail)[:2] == [Finding("gap", 2), Finding("broken", 3)]

    def test_a_record_slipped_in_is_found_as_never_sealed(self, trail):
        key = middle(trail)
        with scope.enter([trail], scope.SYSTEM):
            row = AuditRecord.objects.get(pk=key)
            row.pk = key - (5 << 42)  # long before
            row.recorded_at = clock.now().replace(year=2020)
            row.save(force_insert=True)

        assert findings(trail) == [Finding("unsealed", row.pk)]

    def test_a_seal_made_without_the_key_does_not_fit(self, trail, settings):
        settings.FIELD_KEYS = ["YW5vdGhlci1rZXktYW5vdGhlci1rZXktYW5vdGhlci0="]
        sealing.secrecy._keys.cache_clear()
        try:
            assert findings(trail)[0] == Finding("broken", 1)
        finally:
            sealing.secrecy._keys.cache_clear()


class TestCommand:
    def test_says_what_is_sealed_and_ends_well(self, program):
        out = StringIO()
        call_command("verify_audit", "--seal", stdout=out)

        assert f"program {program}: {records_of(program)} records under 1 seals" in out.getvalue()

    def test_ends_with_a_fault_when_anything_does_not_fit(self, program):
        sealed(program)
        as_owner("UPDATE loyalty_audit_record SET reason = 'x' WHERE id = %s", middle(program))
        told = StringIO()

        with pytest.raises(CommandError):
            call_command("verify_audit", stdout=StringIO(), stderr=told)
        assert f"program {program}: broken 1" in told.getvalue()


class TestPage:
    def test_the_check_is_a_job_that_tells_what_it_found(self, program):
        client = signed_in(people.make_staff(program, "supervisor"))
        sealed(program)
        assert "has not been checked yet" in client.get("/admin/audit-chain/").content.decode()

        def check() -> str:
            client.post("/admin/audit-chain/", {"_program": program})
            with scope.enter([program], scope.SYSTEM):
                assert jobs.run(Job.objects.filter(kind=sealing.JOB_KIND).latest("pk").pk)
            return client.get("/admin/audit-chain/").content.decode()

        assert "records are as they were written" in check()
        as_owner("UPDATE loyalty_audit_record SET reason = 'x' WHERE id = %s", middle(program))
        assert "A seal does not fit its records" in check()

    def test_is_for_who_may_see_the_trail(self, program):
        assert signed_in(people.make_staff(program, "agent")).get("/admin/audit-chain/").status_code == 403

    def test_before_the_first_program_it_shows_the_platform_alone(self):
        client = signed_in(people.make_operator())

        page = client.get("/admin/audit-chain/")
        assert page.status_code == 200
        assert "Check now" not in page.content.decode()
        assert client.post("/admin/audit-chain/").status_code == 404

    def test_the_list_leads_to_it(self, program):
        client = signed_in(people.make_staff(program, "supervisor"))

        page = client.get("/admin/loyalty_kernel/auditrecord/")
        assert client.get("/admin/loyalty_kernel/auditrecord/seals/").headers["Location"] == "/admin/audit-chain/"
        assert "/admin/loyalty_kernel/auditrecord/seals" in page.content.decode()
