"""What a partner reads in the portal: its own purchases and points, counts and sums, never a member."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import QuerySet

from members.activity.models import Purchase
from partners.registry.models import Agreement, Partner
from programs.setup.models import PointType, Program

MOST_PROMOTIONS = 8


@dataclass(frozen=True, slots=True)
class Place:
    """The partner, the program and the point type that a portal page speaks of."""

    partner: Partner
    program: Program
    point_type: PointType

    def start_of(self, day: date) -> datetime:
        """The first instant of a local day of the program."""
        return datetime.combine(day, datetime.min.time(), self.program.zone)


def programs_of(partner_id: int) -> list[int]:
    """The programs that a partner takes part in. Needs no scope."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM loyalty_partner_programs(%s)", [partner_id])
        return [row[0] for row in cursor.fetchall()]


def place_of(partner_id: int) -> Place | None:
    """The place of a partner within the program in scope; nothing when one of its parts is missing."""
    partner = Partner.objects.filter(pk=partner_id, archived_at__isnull=True).first()
    program = Program.objects.first()
    point_type = (
        PointType.objects.filter(is_spendable=True, archived_at__isnull=True).order_by("position", "pk").first()
    )
    if partner is None or program is None or point_type is None:
        return None
    return Place(partner, program, point_type)


def purchases(partner_id: int) -> QuerySet[Purchase]:
    """Purchases at the partner's places. The pages show no column that tells who bought."""
    return Purchase.objects.filter(partner_id=partner_id).select_related("location").order_by("-occurred_at", "-pk")


def points_at(partner_id: int, purchase_ids: list[int]) -> dict[int, int]:
    """By purchase: the points that the partner pays for, net of returns."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT original.cause_id, -sum(p.amount)
            FROM members_entry original
            JOIN members_entry e ON e.id = original.id OR e.reverses_id = original.id
            JOIN members_posting p ON p.entry_id = e.id AND p.bucket = 'issued' AND p.partner_id = %s
            JOIN programs_point_type t ON t.id = p.point_type_id AND t.is_spendable
            WHERE original.kind = 'earn' AND original.request_key = ANY(%s)
            GROUP BY original.cause_id
            """,
            [partner_id, [f"purchase:{key}" for key in purchase_ids]],
        )
        return {row[0]: int(row[1]) for row in cursor.fetchall()}


def by_rule(place: Place, start: datetime, end: datetime) -> list[tuple[str, int, int]]:
    """(code of the rule, purchases, points) of what the partner paid for, the most first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT l.rule, count(DISTINCT l.entry_id), sum(l.amount) FROM members_lot l
            JOIN members_wallet w ON w.id = l.wallet_id
            WHERE l.partner_id = %s AND w.point_type_id = %s AND l.earned_at >= %s AND l.earned_at < %s
            GROUP BY l.rule ORDER BY 3 DESC LIMIT %s
            """,
            [place.partner.pk, place.point_type.pk, start, end, MOST_PROMOTIONS],
        )
        return [(row[0], row[1], int(row[2])) for row in cursor.fetchall()]


def last_day(place: Place, today: date) -> date:
    """The last day on which anything happened at the partner, else today."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT greatest(
              (SELECT max(occurred_date) FROM members_purchase WHERE partner_id = %(partner)s),
              (SELECT max((earned_at AT TIME ZONE %(zone)s)::date) FROM members_lot WHERE partner_id = %(partner)s))
            """,
            {"partner": place.partner.pk, "zone": place.program.timezone},
        )
        return cursor.fetchone()[0] or today


def statement_months(place: Place, today: date) -> list[date]:
    """The first days of the closed months since the first agreement, the newest first."""
    first = (
        Agreement.objects.filter(partner=place.partner)
        .order_by("starts_date")
        .values_list("starts_date", flat=True)
        .first()
    )
    months: list[date] = []
    if first is None:
        return months
    month = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    while month >= first.replace(day=1):
        months.append(month)
        month = (month - timedelta(days=1)).replace(day=1)
    return months
