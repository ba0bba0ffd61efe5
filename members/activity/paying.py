"""What points are worth at a till, and how they pay a receipt: as money off or as a means of payment."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from loyalty.kernel.errors import Refusal
from members.activity.intake import DISCOUNT, PAYMENT, PaidPoints
from members.ledger.models import Hold
from programs.setup import terms
from programs.setup.models import PointType, Program

__all__ = [
    "DISCOUNT",
    "PAYMENT",
    "PointsWorthNothing",
    "paid_at_once",
    "paid_of_hold",
    "units_for",
    "value_of",
    "way_of",
]


class PointsWorthNothing(Refusal):
    """The program gives its points no value in money, or points of this type cannot be spent."""

    code = "activity.points_worth_nothing"
    field = "points"


def _unit_value(point_type: PointType, program: Program) -> Decimal:
    """Minor units of money for one smallest unit of the point type.

    :raises PointsWorthNothing: there is no value.
    """
    value = Decimal(program.point_value).scaleb(program.exponent - point_type.decimals)
    if not point_type.is_spendable or value <= 0:
        raise PointsWorthNothing(point_type=point_type.code)
    return value


def value_of(units: int, point_type: PointType, program: Program) -> int:
    """What smallest units of points are worth, minor units, rounded down.

    :raises PointsWorthNothing: there is no value.
    """
    return int((units * _unit_value(point_type, program)).quantize(Decimal(1), ROUND_FLOOR))


def units_for(value: int, point_type: PointType, program: Program) -> int:
    """The fewest smallest units that are worth ``value`` minor units.

    :raises PointsWorthNothing: there is no value.
    """
    return int((value / _unit_value(point_type, program)).quantize(Decimal(1), ROUND_CEILING))


def way_of(program: Program) -> str:
    """Whether points are money off or a means of payment here."""
    return str(terms.nearest(terms.POINTS_AT_TILL, program))


def paid_of_hold(hold: Hold, *, value: int | None, program: Program) -> PaidPoints:
    """A receipt paid with held points: all of them, or as many as ``value`` minor units need."""
    point_type = hold.wallet.point_type
    units = hold.amount if value is None else units_for(value, point_type, program)
    worth = value_of(units, point_type, program) if value is None else value
    return PaidPoints(hold.wallet.point_type_id, point_type.code, units, worth, way_of(program), hold_id=hold.pk)


def paid_at_once(units: int, point_type: PointType, program: Program, *, is_offline: bool = False) -> PaidPoints:
    """A receipt paid with points that nobody held; ``is_offline`` when the goods are gone already."""
    worth = value_of(units, point_type, program)
    return PaidPoints(point_type.pk, point_type.code, units, worth, way_of(program), is_offline=is_offline)
