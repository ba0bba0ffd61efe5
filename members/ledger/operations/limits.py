"""How much one person may correct: by one correction, and in a day."""

from datetime import datetime
from decimal import Decimal

from django.db import connection
from django.db.models import Sum
from django.db.models.functions import Abs

from loyalty.kernel import scope
from loyalty.kernel.errors import Refusal
from members.ledger.models import AdjustmentRequest, Bucket, Entry, EntryKind, Posting, RequestState
from members.ledger.operations.moves import in_points
from programs.rules.dates import start_of
from programs.setup import terms
from programs.setup.models import PointType, Program, ReasonCode


class AboveLimit(Refusal):
    """More than the actor may correct at once with this reason."""

    code = "ledger.above_limit"
    status = 403
    field = "points"


class AboveDailySum(AboveLimit):
    """With this correction the actor would have given and taken more in a day than the program lets one person."""

    code = "ledger.above_daily_sum"


def refuse_above_limit(reason: ReasonCode, amount: int) -> None:
    """Refuse a single correction beyond its reason's limit; ``amount`` smallest units.

    :raises AboveLimit: it is.
    """
    if abs(amount) > reason.agent_limit:
        raise AboveLimit(
            limit=in_points(reason.agent_limit, reason.point_type_id),
            asked=in_points(abs(amount), reason.point_type_id),
        )


def refuse_above_daily_sum(point_type_id: int, amount: int, *, at: datetime) -> None:
    """Refuse a correction with which the actor in scope goes beyond the program's ``correction_daily_points``.

    Given and taken points of all reasons and types count as whole points, from midnight of the program. Counted under a
    lock of the actor, held until the transaction ends: of two at once the second sees the first. What somebody else
    approved is nobody's own. ``amount`` smallest units.

    :raises AboveDailySum: it is.
    """
    program = Program.objects.get()
    most = terms.nearest(terms.CORRECTION_DAILY_POINTS, program)
    if not most:
        return
    actor = scope.actor()
    with connection.cursor() as cursor:
        name = f"corrections:{program.pk}:{actor.kind}:{actor.id}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
    asked = Decimal(abs(amount)).scaleb(-PointType.objects.get(pk=point_type_id).decimals)
    left = Decimal(most) - _corrected_since(start_of(at.astimezone(program.zone).date(), program.zone))
    if asked > left:
        raise AboveDailySum(limit=str(most), left=f"{max(left, Decimal(0)):f}", asked=f"{asked:f}")


def _corrected_since(midnight: datetime) -> Decimal:
    """What the actor in scope gave and took by hand since, in whole points, without what others had asked for."""
    actor = scope.actor()
    who = {"actor_kind": actor.kind, "actor_id": actor.id}
    approved = AdjustmentRequest.objects.filter(
        state=RequestState.APPROVED, decider_kind=actor.kind, decider_id=actor.id, decided_at__gte=midnight
    )
    entries = Entry.objects.filter(kind=EntryKind.ADJUST, effective_at__gte=midnight, **who)
    entries = entries.exclude(pk__in=approved.values("entry_id"))
    moved = Posting.objects.filter(entry__in=entries.values("pk"), wallet__isnull=True, bucket=Bucket.ADJUSTED)
    sums = moved.values_list("point_type__decimals").annotate(total=Sum(Abs("amount")))
    return sum((Decimal(total).scaleb(-decimals) for decimals, total in sums), Decimal(0))
