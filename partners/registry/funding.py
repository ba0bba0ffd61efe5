"""Who pays for points, answered to the contexts on the right through the kernel's registry."""

from collections.abc import Iterable, Mapping
from datetime import date

from django.db.models import Q

from partners.registry.models import Agreement, Partner


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
        holding = Q(starts_date__lte=on) & (Q(ends_date__isnull=True) | Q(ends_date__gt=on))
        return frozenset(Agreement.objects.filter(holding, funds_base=True).values_list("partner_id", flat=True))
