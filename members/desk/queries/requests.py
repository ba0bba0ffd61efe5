"""Requests for corrections as the supervisor reads them."""

from uuid import UUID

from django.db.models import QuerySet

from loyalty.kernel.errors import NotFound
from members.ledger.models import AdjustmentRequest, RequestState, Wallet

DECIDED_SHOWN = 10


def _all() -> QuerySet[AdjustmentRequest]:
    return AdjustmentRequest.objects.select_related("member__personal", "point_type", "reason")


def waiting() -> QuerySet[AdjustmentRequest]:
    """Requests that nobody has decided."""
    return _all().filter(state=RequestState.WAITING)


def decided_last() -> list[AdjustmentRequest]:
    """What was decided last."""
    return list(_all().exclude(state=RequestState.WAITING).order_by("-decided_at", "-pk")[:DECIDED_SHOWN])


def request_of(public_id: UUID) -> AdjustmentRequest:
    """One request.

    :raises NotFound: no such request here.
    """
    found = _all().filter(public_id=public_id).first()
    if found is None:
        raise NotFound()
    return found


def balance(asked: AdjustmentRequest) -> int:
    """What the account shows now of the request's point type: active less debt."""
    wallet = Wallet.objects.filter(account_id=asked.account_id, point_type_id=asked.point_type_id).first()
    return wallet.active - wallet.debt if wallet else 0
