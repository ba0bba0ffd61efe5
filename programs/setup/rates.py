"""What other currencies are worth in the program's."""

from datetime import date
from decimal import Decimal

from programs.setup.models import CurrencyRate


def rate_of(currency: str, day: date) -> Decimal | None:
    """What one unit of a currency was worth on a day of the program; nothing where no rate had begun."""
    rows = CurrencyRate.objects.filter(currency=currency, since_date__lte=day).order_by("-since_date", "-id")
    found: Decimal | None = rows.values_list("rate", flat=True).first()
    return found
