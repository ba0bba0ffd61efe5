"""Reads of the terms of return."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Q, QuerySet

from programs.returns.models import ReturnTerms
from programs.setup.models import Program


def documents(program: Program, oldest: date) -> list[dict[str, Any]]:
    """The terms of the program in scope as a snapshot holds them; those that ended by the day ``oldest`` are left out."""
    return [_document(row, program) for row in not_ended(oldest)]


def not_ended(day: date) -> QuerySet[ReturnTerms]:
    """The terms that hold on a day or later, in the order in which they were added."""
    rows = ReturnTerms.objects.filter(Q(until_date__isnull=True) | Q(until_date__gt=day))
    return rows.select_related("category", "tier__scheme", "bonus_type").order_by("pk")


def _document(row: ReturnTerms, program: Program) -> dict[str, Any]:
    return {
        "id": row.pk,
        "category": None if row.category is None else row.category.code,
        "tier": None if row.tier is None else [row.tier.scheme.code, row.tier.code],
        "channel": row.channel,
        "since": row.since_date.isoformat(),
        "until": None if row.until_date is None else row.until_date.isoformat(),
        "days": row.days,
        "mode": row.points_mode,
        "gives_money": row.gives_money,
        "bonus": _bonus(row, program),
    }


def _bonus(row: ReturnTerms, program: Program) -> Mapping[str, Any] | None:
    """Points for a smallest unit of money, as an exact fraction; nothing where such points are given no more."""
    if row.bonus_type is None or row.bonus_percent is None:
        return None
    if row.bonus_type.archived_at is not None or not program.point_value:
        return None
    worth = Fraction(Decimal(program.point_value).scaleb(program.exponent - row.bonus_type.decimals))
    each = Fraction(row.bonus_percent, 100) / worth
    return {"type": row.bonus_type.code, "percent": row.bonus_percent, "each": str(each)}
