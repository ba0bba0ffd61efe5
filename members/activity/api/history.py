"""``/members/{identity}/history``: every movement of a member's points, with its reason."""

from collections.abc import Sequence
from datetime import datetime
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
from members.activity import events, queries
from members.activity.models import Event
from members.activity.serializers.history import EVENT, HistoryPageSerializer, MovementSerializer
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
        member_id = member_of(identity).pk
        if after is not None and after.instant is None:
            raise Malformed(errors=[("cursor", "invalid_cursor")])
        entries = ledger.entries(profiles.primary_account(member_id)).select_related("reason")
        happened = events.events_of(member_id)
        if after is not None:
            entries = entries.filter(_earlier("effective_at", after))
            happened = happened.filter(_earlier("occurred_at", after))
        rows: list[Entry | Event] = [*entries[:limit], *happened[:limit]]
        page = sorted(rows, key=_place, reverse=True)[:limit]
        last = Position(*_place(page[-1])) if page else None
        documents = _documents([one for one in page if isinstance(one, Entry)])
        shown = [documents[one.pk] if isinstance(one, Entry) else _event_document(one) for one in page]
        return Response(paging.answer([MovementSerializer(one).data for one in shown], limit, last))


def _earlier(instant: str, after: Position) -> Q:
    return Q(**{f"{instant}__lt": after.instant}) | Q(**{instant: after.instant, "pk__lt": after.key})


def _place(one: Entry | Event) -> tuple[datetime, int]:
    """Where a row stands in the history."""
    return (one.effective_at if isinstance(one, Entry) else one.occurred_at), one.pk


def _event_document(event: Event) -> dict[str, Any]:
    return {
        "id": event.public_id, "kind": EVENT, "at": event.occurred_at, "points": {}, "transaction": None, "store": None,
        "reason": None, "reason_name": "", "applied": [], "event": event,
    }  # fmt: skip


def _documents(entries: Sequence[Entry]) -> dict[int, dict[str, Any]]:
    """The entries' documents by key."""
    moved = ledger.movements(entry.pk for entry in entries)
    causes = queries.causes_of(entries)
    decimals = dict(PointType.objects.values_list("code", "decimals"))
    return {
        entry.pk: {
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
            if entry.pk in causes and entry.cause_kind == "purchase"
            else [],
            "event": None,
        }
        for entry in entries
    }
