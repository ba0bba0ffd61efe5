"""What is written once: the role that runs the product can neither change nor delete it, whatever the code says."""

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.db.migrations.loader import MigrationLoader

from loyalty.kernel.walls import AppendOnly

# Points, what explains them, what judged them, what was said and who did what.
EXPECTED = {
    "loyalty_kernel.AuditRecord",
    "loyalty_kernel.AuditSeal",
    "members_activity.Evaluation",
    "members_activity.Event",
    "members_activity.Received",
    "members_callers.Look",
    "members_consents.Consent",
    "members_consents.ConsentText",
    "members_ledger.ConversionRate",
    "members_ledger.EndWarned",
    "members_ledger.Entry",
    "members_ledger.EntrySeal",
    "members_ledger.LotEnd",
    "members_ledger.LotUse",
    "members_ledger.Posting",
    "members_ledger.TierCredit",
    "members_segments.PastMask",
    "programs_promotions.LimitUse",
    "programs_promotions.PromotionReview",
    "programs_promotions.Snapshot",
    "programs_setup.CurrencyRate",
    "rewards_vouchers.VoucherUse",
}


def append_only_models() -> list[str]:
    """Every model that a migration made append-only."""
    found = set()
    for (app, _name), migration in MigrationLoader(None).disk_migrations.items():
        for operation in migration.operations:
            if isinstance(operation, AppendOnly):
                found |= {f"{app}.{model}" for model in operation.models}
    return sorted(found)


def test_the_books_are_among_them():
    assert set(append_only_models()) == EXPECTED


@pytest.mark.django_db
@pytest.mark.parametrize("name", append_only_models())
class TestRights:
    def test_rows_are_added_and_read_alone(self, name):
        table = apps.get_model(name)._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT right_name FROM unnest(%s::text[]) AS right_name WHERE has_table_privilege(%s, right_name)",
                [["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"], table],
            )
            assert [row[0] for row in cursor.fetchall()] == ["SELECT", "INSERT"]

    @pytest.mark.parametrize("deed", ["UPDATE {table} SET id = id", "DELETE FROM {table}", "TRUNCATE {table}"])
    def test_the_database_refuses_to_change_them(self, name, deed):
        statement = deed.format(table=apps.get_model(name)._meta.db_table)

        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
