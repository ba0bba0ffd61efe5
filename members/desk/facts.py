"""What the desk knows that a caller can be asked for, beside what the profile holds."""

from datetime import timedelta
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext_lazy as _

from loyalty.kernel import clock
from loyalty.kernel.money import exponent
from members.activity.models import Purchase
from members.callers import operations
from members.profiles.models import Member

LAST_WITHIN = timedelta(days=90)


def _last_amount(member: Member) -> frozenset[str]:
    """What the last purchase of the last three months cost."""
    rows = Purchase.objects.filter(member=member, occurred_at__gt=clock.now() - LAST_WITHIN)
    last = rows.order_by("-occurred_at", "-pk").first()
    return frozenset({_plain(Decimal(last.amount).scaleb(-exponent(last.currency)))} if last is not None else ())


def _as_amount(text: str) -> str:
    try:
        return _plain(Decimal("".join(text.split()).replace(",", ".")))
    except InvalidOperation:
        return ""


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}" if amount.is_finite() else ""


# The page shows it to the agent as well: one of two facts at most.
operations.register_fact(operations.Fact("purchase", _("Amount of the last purchase"), _last_amount, _as_amount, False))
