"""Balance, lots, corrections, transfers and the export over HTTP."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.kernel import clock, money, replica
from loyalty.kernel.api import paging
from loyalty.kernel.api.authentication import KeyHolder, entered, holder
from loyalty.kernel.api.idempotency import answer_once, request_key
from loyalty.kernel.api.paging import Position
from loyalty.kernel.api.serializers import accept
from loyalty.kernel.api.views import ApiView
from loyalty.kernel.errors import Malformed
from members.ledger import exports, past, queries, requests, services, transfers
from members.ledger.models import AdjustmentRequest, Lot
from members.ledger.serializers import (
    AdjustmentInputSerializer,
    AdjustmentRequestSerializer,
    AdjustmentSerializer,
    BalanceQuerySerializer,
    BalanceSerializer,
    ExportQuerySerializer,
    LotPageSerializer,
    LotSerializer,
    TransferInputSerializer,
    TransferSerializer,
)
from members.profiles import queries as profiles
from members.profiles.api import identity_of, member_of
from programs.setup.models import PointType, ReasonCode


def balance_document(account_id: int) -> dict[str, Any]:
    """What an account holds of every point type of the program, as decimal texts."""
    return _document(queries.balances(account_id))


def buckets_of(held: Sequence[queries.Balance]) -> dict[str, dict[str, str]]:
    """What is held by point type and bucket, as decimal texts."""
    return {
        one.point_type: {
            "active": money.to_text(one.active, one.decimals),
            "pending": money.to_text(one.pending, one.decimals),
            "reserved": money.to_text(one.reserved, one.decimals),
            "debt": money.to_text(one.debt, one.decimals),
        }
        for one in held
    }


def _document(held: Sequence[queries.Balance]) -> dict[str, Any]:
    return {
        "balance": buckets_of(held),
        "shown": {one.point_type: money.to_text(one.shown, one.decimals) for one in held},
    }


def _standing_document(account_id: int) -> dict[str, Any]:
    """What :class:`BalanceSerializer` makes of the balances of now: the same fields in the same order, texts already."""
    held = queries.standing(account_id)
    limits = {one.point_type: money.to_text(limit, one.decimals) for one, limit in held if one.is_spendable}
    return {**_document([one for one, _limit in held]), "credit_limit": limits}


class BalanceView(ApiView):
    """The balance of one member."""

    required_scope = "members.read"

    @extend_schema(parameters=[BalanceQuerySerializer], responses=BalanceSerializer, operation_id="get_balance")
    def get(self, request: Request, identity: str) -> Response:
        """How many points of each type the member's account holds, now or as of a past instant.

        ``as_of`` asks by when a fact counts, ``known_at`` leaves out what was recorded later. The answer names both.
        """
        asked: dict[str, datetime] = accept(BalanceQuerySerializer, request.query_params.dict())
        account_id = profiles.identified(*identity_of(identity)).account_id
        if not asked:
            return Response(_standing_document(account_id))
        as_of = asked.get("as_of", clock.now())
        held = past.balances_at(account_id, as_of, known_at=asked.get("known_at"))
        return Response(BalanceSerializer({**_document(held), "as_of": as_of, **asked}).data)


class LotsView(ApiView):
    """The lots of one member."""

    required_scope = "members.read"

    @extend_schema(responses=LotPageSerializer, parameters=paging.PARAMETERS, operation_id="list_lots")
    def get(self, request: Request, identity: str) -> Response:
        """Points that are still there, by earning, first expiring first."""
        limit, after = paging.limit_of(request), paging.position_of(request)
        lots = queries.lots(profiles.primary_account(member_of(identity).pk))
        page = list((lots_after(lots, after) if after else lots)[:limit])
        last = Position(page[-1].expires_at, page[-1].pk) if page else None
        return Response(paging.answer([LotSerializer(lot_document(lot)).data for lot in page], limit, last))


def lots_after(lots: QuerySet[Lot], after: Position) -> QuerySet[Lot]:
    """Lots in the order of expiry, those without an end last, after one of them."""
    if after.instant is None:
        return lots.filter(expires_at__isnull=True, pk__gt=after.key)
    return lots.filter(
        Q(expires_at__gt=after.instant) | Q(expires_at=after.instant, pk__gt=after.key) | Q(expires_at__isnull=True)
    )


def lot_document(lot: Lot) -> dict[str, Any]:
    """One lot as the API shows it."""
    kind = lot.wallet.point_type
    return {
        "type": kind.code,
        "amount": money.to_text(lot.amount, kind.decimals),
        "remaining": money.to_text(lot.remaining, kind.decimals),
        "state": "pending" if lot.is_pending else "active",
        "earned_at": lot.earned_at,
        "activates_at": lot.activates_at,
        "awaits": lot.awaits if lot.is_pending else "",
        "expires_at": lot.expires_at,
        "rule": lot.rule,
    }


class AdjustmentsView(ApiView):
    """Corrections by hand."""

    required_scope = "adjustments.write"

    @extend_schema(
        request=AdjustmentInputSerializer,
        responses={201: AdjustmentSerializer, 202: AdjustmentRequestSerializer},
        operation_id="adjust_points",
    )
    def post(self, request: Request) -> Response:
        """Give or take points for a reason of the program.

        Above the reason's limit for one correction it is filed as a request (202): a supervisor decides, nothing moves
        until then.
        """
        given = AdjustmentInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return answer_once(request, lambda: self._adjust(request, given.validated_data))

    def _adjust(self, request: Request, given: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
        member = profiles.identify(given["member"]["kind"], given["member"]["value"])
        kind = PointType.objects.filter(code=given["type"], archived_at__isnull=True).first()
        reason = ReasonCode.objects.filter(code=given["reason"], archived_at__isnull=True).first()
        if kind is None or reason is None:
            wrong = [(field, "not_a_choice") for field, found in (("type", kind), ("reason", reason)) if found is None]
            raise Malformed(errors=wrong)
        account_id = profiles.primary_account(member.pk)
        amount = money.to_units(given["points"], kind.decimals, field="points")
        wanted = {
            "point_type_id": kind.pk, "amount": amount, "reason_id": reason.pk, "note": given["note"],
            "request_key": request_key(request), "at": clock.now(),
        }  # fmt: skip
        try:
            entry = services.adjust_points(account_id=account_id, is_unlimited=False, **wanted)
        except services.AboveLimit:
            asked = requests.request_adjustment(member_id=member.pk, **wanted)
            return 202, AdjustmentRequestSerializer(request_document(asked)).data
        answer = {
            "id": entry.public_id,
            "type": kind.code,
            "points": money.to_text(queries.movements([entry.pk])[entry.pk][kind.code], kind.decimals),
            "reason": reason.code,
            "at": entry.effective_at,
            "balance": balance_document(account_id)["balance"],
        }
        return 201, AdjustmentSerializer(answer).data


def request_document(asked: AdjustmentRequest) -> dict[str, Any]:
    """A filed request as the API shows it."""
    return {
        "request": asked.public_id,
        "state": asked.state,
        "type": asked.point_type.code,
        "points": money.to_text(asked.amount, asked.point_type.decimals),
        "reason": asked.reason.code,
        "requested_at": asked.recorded_at,
    }


class TransfersView(ApiView):
    """Points that move between members."""

    required_scope = "transfers.write"

    @extend_schema(request=TransferInputSerializer, responses={201: TransferSerializer}, operation_id="transfer_points")
    def post(self, request: Request) -> Response:
        """Move points from one member to another, with their end or a new one as the program says."""
        given = TransferInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return answer_once(request, lambda: self._transfer(request, given.validated_data))

    def _transfer(self, request: Request, given: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
        sender, recipient = (profiles.identify(**given[name]) for name in ("sender", "recipient"))
        kind = PointType.objects.filter(code=given["type"], archived_at__isnull=True).first()
        if kind is None:
            raise Malformed(errors=[("type", "not_a_choice")])
        done = transfers.transfer_points(
            sender_id=sender.pk,
            recipient_id=recipient.pk,
            point_type_id=kind.pk,
            amount=money.to_units(given["points"], kind.decimals, field="points"),
            note=given["note"],
            request_key=request_key(request),
            at=clock.now(),
        )
        answer = {
            "id": done.out.public_id,
            "type": kind.code,
            "points": money.to_text(done.amount, kind.decimals),
            "fee": money.to_text(done.fee, kind.decimals),
            "received": money.to_text(done.received, kind.decimals),
            "at": done.out.effective_at,
            "balance": balance_document(done.out.account_id)["balance"],
        }
        return 201, TransferSerializer(answer).data


class CsvRenderer(BaseRenderer):
    """Lets a caller ask for CSV; the rows themselves are streamed past it."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        # Only problems come this way: they are JSON whatever was asked for.
        return bytes(JSONRenderer().render(data, accepted_media_type, renderer_context))


class LedgerExportView(ApiView):
    """The ledger as a file."""

    required_scope = "exports.read"
    renderer_classes = [JSONRenderer, CsvRenderer]

    @extend_schema(
        parameters=[ExportQuerySerializer],
        responses={(200, "text/csv"): OpenApiTypes.BINARY},
        operation_id="export_ledger",
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """Every posting of the ledger as CSV, streamed; ``since`` and ``until`` bound the effective time."""
        given = ExportQuerySerializer(data=request.query_params.dict())
        given.is_valid(raise_exception=True)
        rows = _within_scope(holder(request), given.validated_data.get("since"), given.validated_data.get("until"))
        return StreamingHttpResponse(
            rows,
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="ledger.csv"'},
        )


def _within_scope(key: KeyHolder, since: datetime | None, until: datetime | None) -> Iterator[bytes]:
    # The view's own scope has ended when the server asks for the first chunk.
    with entered(key), replica.reads_may_lag():
        yield from exports.ledger_csv(since=since, until=until)
