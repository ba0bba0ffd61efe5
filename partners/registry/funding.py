"""Who pays for points, answered to the contexts on the right through the kernel's registry."""

from collections.abc import Iterable, Mapping
from datetime import date

from django.db import connection

from loyalty.kernel import scope
from partners.registry.models import Partner

# Asked on the way of every purchase, so without models.
_PAYERS = """
    SELECT partner_id FROM partners_agreement
    WHERE program_id = ANY(%s) AND funds_base AND starts_date <= %s AND (ends_date IS NULL OR ends_date > %s)
"""


class AgreementFunding:
    """Reads partners and agreements of the program in scope."""

    def partner_ids(self, codes: Iterable[str]) -> Mapping[str, int]:
        """The partners by code; unknown codes are left out."""
        return dict(Partner.objects.filter(code__in=list(codes)).values_list("code", "pk"))

    def partner_names(self, codes: Iterable[str]) -> Mapping[str, str]:
        """What partners are called, by code; unknown codes are left out."""
        return dict(Partner.objects.filter(code__in=list(codes)).values_list("code", "name"))

    def all_names(self) -> Mapping[str, str]:
        """What the partners are called, by code; the archived are left out."""
        return dict(Partner.objects.filter(archived_at__isnull=True).order_by("name").values_list("code", "name"))

    def payers(self, on: date) -> frozenset[int]:
        """The partners who pay for points earned at their locations on that day."""
        with connection.cursor() as cursor:
            cursor.execute(_PAYERS, [list(scope.current().programs), on, on])
            return frozenset(partner_id for (partner_id,) in cursor.fetchall())
