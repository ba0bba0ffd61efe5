"""``/members/{identity}/history``: every movement of a member's points, with its reason."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.kernel import money
from loyalty.kernel.api import paging
from loyalty.kernel.api.paging import Position
from loyalty.kernel.api.views import ApiView
from loyalty.kernel.errors import Malformed
from members.activity import queries
from members.activity.serializers.history import HistoryPageSerializer, MovementSerializer
from members.ledger import queries as ledger
from members.ledger.models import Entry
from members.profiles import queries as profiles
from members.profiles.api import member_of
from programs.setup.models import PointType


class HistoryView(ApiView):
    """The history of one member."""

    required_scope = "members.read"

    @extend_schema(responses=HistoryPageSerializer, parameters=paging.PARAMETERS, operation_id="list_history")
    def get(self, request: Request, identity: str) -> Response:
        """What moved the member's points, the newest first, and why."""
        limit, after = paging.limit_of(request), paging.position_of(request)
        entries = ledger.entries(profiles.primary_account(member_of(identity).pk))
        if after is not None and after.instant is None:
            raise Malformed(errors=[("cursor", "invalid_cursor")])
        if after is not None:
            entries = entries.filter(
                Q(effective_at__lt=after.instant) | Q(effective_at=after.instant, pk__lt=after.key)
            )
        page = list(entries.select_related("reason")[:limit])
        last = Position(page[-1].effective_at, page[-1].pk) if page else None
        rows = [MovementSerializer(document).data for document in _documents(page)]
        return Response(paging.answer(rows, limit, last))


def _documents(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    moved = ledger.movements(entry.pk for entry in entries)
    causes = queries.causes_of(entries)
    decimals = dict(PointType.objects.values_list("code", "decimals"))
    return [
        {
            "id": entry.public_id,
            "kind": entry.kind,
            "at": entry.effective_at,
            "points": {code: money.to_text(amount, decimals[code]) for code, amount in moved.get(entry.pk, {}).items()},
            "transaction": causes[entry.pk].external_id if entry.pk in causes else None,
            "store": causes[entry.pk].location if entry.pk in causes else None,
            "reason": entry.reason.code if entry.reason else None,
            "reason_name": str(entry.reason.name) if entry.reason else "",
            "applied": [
                {
                    "rule": rule.rule,
                    "name": rule.name,
                    "points": causes[entry.pk].points_text(rule.points),
                    "why": rule.why,
                }
                for rule in causes[entry.pk].applied
            ]
            if entry.pk in causes and entry.kind == "earn"
            else [],
        }
        for entry in entries
    ]
