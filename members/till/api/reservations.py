"""Points held for a till or a checkout, for whoever settles the receipt by ``POST /transactions``."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.kernel import clock, money
from loyalty.kernel.api.authentication import holder
from loyalty.kernel.api.idempotency import answer_once, request_key
from loyalty.kernel.api.views import ApiView
from loyalty.kernel.errors import Malformed
from members.activity.api import doors
from members.ledger import holds
from members.ledger.models import Hold
from members.profiles import queries as profiles
from members.till import acts
from members.till.reading import reservation_document
from members.till.serializers import (
    CaptureInputSerializer,
    ReleaseInputSerializer,
    ReservationInputSerializer,
    ReservationSerializer,
)


class ReservationsView(ApiView):
    """Points held for a till."""

    required_scope = "till.use"

    @extend_schema(
        request=ReservationInputSerializer, responses={201: ReservationSerializer}, operation_id="reserve_points"
    )
    def post(self, request: Request) -> Response:
        """Hold points of a member: nobody else can spend them until they are taken, let go, or the time is over."""
        given = ReservationInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return answer_once(request, lambda: self._reserve(request, given.validated_data))

    def _reserve(self, request: Request, given: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
        member = profiles.identify(given["member"]["kind"], given["member"]["value"])
        made = acts.make_hold(
            member, given["points"], code=given.get("type"), minutes=acts.minutes_of_hold(given.get("minutes")),
            key=f"api:{request_key(request)}", source=doors.source_of(holder(request)), till=given["till"],
            now=clock.now(),
        )  # fmt: skip
        return 201, reservation_document(holds.hold_of(made.public_id))


class _EndView(ApiView):
    required_scope = "till.use"

    def _once(self, request: Request, reservation_id: UUID, end: Callable[[Hold, str], Hold]) -> Response:
        def act() -> tuple[int, Mapping[str, Any]]:
            row = holds.hold_of(reservation_id, source=doors.source_of(holder(request)))
            end(row, f"api:{request_key(request)}")
            return 200, reservation_document(holds.hold_of(row.public_id))

        return answer_once(request, act)


class CaptureView(_EndView):
    """Taking what is held."""

    @extend_schema(
        request=CaptureInputSerializer, responses={200: ReservationSerializer}, operation_id="capture_reservation"
    )
    def post(self, request: Request, reservation_id: UUID) -> Response:
        """Spend the held points, or a part of them: the rest is free again."""
        given = CaptureInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        points = given.validated_data.get("points")

        def end(row: Hold, key: str) -> Hold:
            units = None if points is None else money.to_units(points, row.wallet.point_type.decimals, field="points")
            if units == 0:
                raise Malformed(errors=[("points", "out_of_range")])
            return holds.capture_hold(row.pk, amount=units, request_key=key, at=clock.now())

        return self._once(request, reservation_id, end)


class ReleaseView(_EndView):
    """Letting go of what is held."""

    @extend_schema(
        request=ReleaseInputSerializer, responses={200: ReservationSerializer}, operation_id="cancel_reservation"
    )
    def post(self, request: Request, reservation_id: UUID) -> Response:
        """Let the held points go: they return to the lots they came from."""
        given = ReleaseInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        reason = given.validated_data["reason"]

        def end(row: Hold, key: str) -> Hold:
            return holds.release_hold(row.pk, reason=reason, request_key=key, at=clock.now())

        return self._once(request, reservation_id, end)
