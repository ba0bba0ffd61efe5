"""Credit limits over HTTP."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.kernel import clock, money
from loyalty.kernel.api.idempotency import answer_once
from loyalty.kernel.api.views import ApiView
from loyalty.kernel.errors import Malformed
from members.ledger import credit
from members.ledger.serializers import CreditInputSerializer, CreditSerializer
from members.profiles.api import member_of
from programs.setup.models import PointType


class CreditView(ApiView):
    """The credit limit of one member."""

    required_scope = "adjustments.write"

    @extend_schema(request=CreditInputSerializer, responses={200: CreditSerializer}, operation_id="set_credit_limit")
    def put(self, request: Request, identity: str) -> Response:
        """Let the member spend points that are not there yet, up to a limit; 0 ends it.

        What is spent beyond the balance is a debt, which the next points earned repay first. A limit below the present
        debt is refused.
        """
        given = CreditInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return answer_once(request, lambda: self._set(identity, given.validated_data))

    def _set(self, identity: str, given: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
        member = member_of(identity)
        kind = PointType.objects.filter(code=given["type"], archived_at__isnull=True).first()
        if kind is None:
            raise Malformed(errors=[("type", "not_a_choice")])
        limit = money.to_units(given["limit"], kind.decimals, field="limit")
        wallet = credit.set_limit(
            member_id=member.pk, point_type_id=kind.pk, limit=limit, why=given["why"], at=clock.now()
        )
        answer = {
            "type": kind.code,
            "limit": money.to_text(wallet.credit_limit, kind.decimals),
            "debt": money.to_text(wallet.debt, kind.decimals),
        }
        return 200, CreditSerializer(answer).data
